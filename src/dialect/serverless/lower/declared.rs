//! What the user declared in serverless.yml's own language, for rules about what CloudFormation never sees.

use super::make::Make;
use super::read;
use super::service::{Function, Service};
use crate::template::{Entry, Kind, Map, Resource, Value};

/// What a function inherits from the provider when it says nothing itself.
const INHERITED: [&str; 9] = [
    "runtime",
    "memorySize",
    "timeout",
    "architecture",
    "kmsKeyArn",
    "layers",
    "logRetentionInDays",
    "logDataProtectionPolicy",
    "runtimeManagement",
];

/// One resource for the service, and one for each function.
pub(super) fn resources<'a>(service: &Service<'a>) -> Vec<Resource<'a>> {
    let mut out = Vec::with_capacity(service.functions.len() + 1);
    out.push(Resource {
        id: "service",
        written_id: service.name.as_text().unwrap_or("service"),
        key: service.key,
        kind: "Serverless::Service",
        kind_origin: service.key,
        properties: service.root,
        condition: None,
        attributes: Map::EMPTY,
        made_by: None,
    });
    out.extend(service.functions.iter().map(|function| Resource {
        id: function.key,
        written_id: function.key,
        key: function.origin,
        kind: "Serverless::Function",
        kind_origin: function.origin,
        properties: inherit(service, function),
        condition: function.guard.map(|g| (g, function.origin)),
        attributes: Map::EMPTY,
        made_by: None,
    }));
    out
}

fn inherit<'a>(service: &Service<'a>, function: &Function<'a>) -> Value<'a> {
    let Some(map) = function.body.as_map() else { return function.body };
    let mut entries = map.entries.to_vec();
    let make = service.make(function.body.origin);
    let inherited = |value: Value<'a>| {
        let origin = service.build.derived(value.origin, "inherited from `provider`", Some(function.origin.span));
        value.with_origin(origin)
    };
    let own = |key: &str| map.get(key).map(|e| e.value);
    let mut add = |key: &'static str, value: Value<'a>, key_origin| {
        entries.retain(|e: &Entry<'a>| e.key != key);
        entries.push(Entry { key, key_origin, value });
    };
    for key in INHERITED {
        if own(key).is_none_or(|v| !read::truthy(&v))
            && let Some(entry) = read::entry(service.provider, key)
        {
            add(key, inherited(entry.value), entry.key_origin);
        }
    }
    for key in ["environment", "tags", "vpc"] {
        let Some(entry) = read::entry(service.provider, key).filter(|e| read::truthy(&e.value)) else { continue };
        let mine = own(key);
        if key == "vpc" && mine.is_some_and(|v| matches!(v.kind, Kind::Null | Kind::Bool(false))) {
            continue;
        }
        if let Some(both) = both(make, entry.value, mine) {
            let value = if mine.is_some() { both } else { inherited(both) };
            add(key, value, map.get(key).map_or(entry.key_origin, |e| e.key_origin));
        }
    }
    if own("tracing").is_none_or(|v| !read::truthy(&v))
        && let Some(tracing) = service.provider_at(&["tracing", "lambda"])
    {
        add("tracing", inherited(tracing), tracing.origin);
    }
    make.entries(&entries)
}

fn both<'a>(make: Make<'a>, provider: Value<'a>, own: Option<Value<'a>>) -> Option<Value<'a>> {
    make.assign(&[Some(provider), own])
}
