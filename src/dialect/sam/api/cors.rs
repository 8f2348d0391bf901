//! `Cors` of REST and HTTP APIs: which other sites may read what the API answers.

use std::collections::BTreeSet;

use super::super::make::Make;
use super::definition::{Definition, INTEGRATION};
use super::routes::ANY;
use super::tree::{Open, Part};
use crate::template::{Entry, Kind, Value};

/// The key under which an HTTP API keeps its rules.
const HTTP_CORS: &str = "x-amazon-apigateway-cors";

/// Adds the method that browsers ask first to every path of a REST API that has none.
pub(super) fn preflight<'a>(make: Make<'a>, definition: &mut Definition<'a>, cors: Value<'a>) {
    let make =
        make.at(make.build.derived(cors.origin, "SAM adds this method for browsers that ask before they call", None));
    let field = |key: &str| cors.get(key).map(|e| e.value).filter(|v| !v.is_null());
    let map = cors.as_map().is_some();
    let origin = if map { field("AllowOrigin").unwrap_or_else(|| make.text("'*'")) } else { cors };
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for (path, items) in definition.each_mut() {
        let bare = if path == "/" { path } else { path.trim_end_matches('/') };
        if !seen.insert(bare) {
            continue;
        }
        for item in items {
            if item.get("options").is_some() {
                continue;
            }
            let methods = field("AllowMethods").unwrap_or_else(|| make.made(&format!("'{}'", methods(item))));
            let credentials = field("AllowCredentials").and_then(|v| v.as_bool()) == Some(true);
            let headers = make.some(&[
                ("method.response.header.Access-Control-Allow-Origin", Some(origin)),
                ("method.response.header.Access-Control-Allow-Headers", field("AllowHeaders")),
                ("method.response.header.Access-Control-Allow-Methods", Some(methods)),
                ("method.response.header.Access-Control-Max-Age", field("MaxAge")),
                ("method.response.header.Access-Control-Allow-Credentials", credentials.then(|| make.text("'true'"))),
            ]);
            item.put("options", make.origin, Part::open(method(make, headers), 1));
        }
    }
}

/// The mock that answers.
fn method<'a>(make: Make<'a>, headers: Value<'a>) -> Value<'a> {
    let answer = make.map(&[("statusCode", make.text("200")), ("responseParameters", headers)]);
    let template = make.map(&[("application/json", make.text("{\n  \"statusCode\" : 200\n}\n"))]);
    let integration = make.map(&[
        ("type", make.text("mock")),
        ("requestTemplates", template),
        ("responses", make.map(&[("default", answer)])),
    ]);
    let described = make.map(&[("description", make.text("Default response for CORS method"))]);
    make.map(&[
        ("summary", make.text("CORS support")),
        (INTEGRATION, integration),
        ("responses", make.map(&[("200", described)])),
    ])
}

/// The methods of a path, as the header lists them.
fn methods(item: &Open<'_>) -> String {
    if item.get(ANY).is_some() {
        return "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT".to_owned();
    }
    let mut all: Vec<String> = item.entries.iter().map(|(key, ..)| key.to_ascii_uppercase()).collect();
    all.push("OPTIONS".to_owned());
    all.sort();
    all.dedup();
    all.join(",")
}

/// Writes an HTTP API's rules into its definition.
pub(super) fn of_http<'a>(make: Make<'a>, definition: &mut Definition<'a>, cors: Value<'a>) {
    const NAMES: [(&str, &str); 6] = [
        ("AllowOrigins", "allowOrigins"),
        ("AllowHeaders", "allowHeaders"),
        ("AllowMethods", "allowMethods"),
        ("ExposeHeaders", "exposeHeaders"),
        ("MaxAge", "maxAge"),
        ("AllowCredentials", "allowCredentials"),
    ];
    let make = make.because(cors.origin);
    let Some(map) = cors.as_map() else {
        if cors.as_bool() == Some(true) {
            merge(make, definition, &[("allowOrigins", make.texts(&["*"]))]);
        } else if cors.as_bool().is_none() {
            definition.root().put(HTTP_CORS, make.origin, Part::Leaf(cors));
        }
        return;
    };
    let spelled = |e: &Entry<'a>| NAMES.iter().find(|(sam, _)| *sam == e.key).map(|(_, api)| (*api, e.value));
    let fields: Vec<_> = map
        .entries
        .iter()
        .filter_map(spelled)
        .filter(|(name, v)| !v.is_null() && (*name != "allowCredentials" || matches!(v.kind, Kind::Bool(true))))
        .collect();
    merge(make, definition, &fields);
}

fn merge<'a>(make: Make<'a>, definition: &mut Definition<'a>, fields: &[(&'a str, Value<'a>)]) {
    for rules in definition.root().make(HTTP_CORS, make.origin).maps_mut() {
        for (key, value) in fields {
            rules.put(key, value.origin, Part::Leaf(*value));
        }
    }
}
