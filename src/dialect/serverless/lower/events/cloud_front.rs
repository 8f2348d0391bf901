//! `cloudFront`: functions at the edge, and the distribution that runs them.

use super::super::make::{Make, told};
use super::super::naming;
use super::super::read;
use super::super::service::{Event, Service};
use super::super::stack::{Draft, Feature, Grant, Stack};
use crate::template::{Entry, Intrinsic, Kind, Value};

const DISTRIBUTION: &str = "CloudFrontDistribution";

/// What the framework takes when no cache policy is written: AWS's `CachingOptimized`.
const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

/// A behaviour of the distribution while it is put together.
struct Behaviour<'a> {
    pattern: Option<Value<'a>>,
    origin_id: Value<'a>,
    entries: Vec<Entry<'a>>,
    functions: Vec<Value<'a>>,
}

/// Makes the distribution and its permissions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    cache_policies(service, stack);
    if !service.has_event("cloudFront") {
        return;
    }
    let cause = service.cause("distribution", &[&["cloudFront"]]);
    let make = service.make(cause.origin);
    let mut origins: Vec<(Value<'a>, Value<'a>)> = Vec::new();
    let mut behaviours: Vec<Behaviour<'a>> = Vec::new();
    let mut default = None;
    for (at, function, event) in service.events("cloudFront") {
        let here = make.at(event.origin);
        let origin = origin(here, event);
        let id = read::get(origin, "Id").unwrap_or(origin);
        if !origins.iter().any(|(known, _)| known.as_text() == id.as_text()) {
            origins.push((id, origin));
        }
        if read::flag(event.value, "isDefaultOrigin") {
            default = Some(id);
        }
        let version = function.owned(service.build, "LambdaVersion");
        let mut association = vec![("LambdaFunctionARN", here.reference(version))];
        association.extend(read::get(event.value, "eventType").map(|v| ("EventType", v)));
        association.extend(read::get(event.value, "includeBody").map(|v| ("IncludeBody", v)));
        let association = here.map(&association);
        let pattern = read::given(event.value, "pathPattern");
        let same = |b: &&mut Behaviour<'a>| {
            b.pattern.and_then(|p| p.as_text()) == pattern.and_then(|p| p.as_text())
                && b.origin_id.as_text() == id.as_text()
        };
        match behaviours.iter_mut().find(same) {
            Some(behaviour) => behaviour.functions.push(association),
            None => behaviours.push(Behaviour {
                pattern,
                origin_id: id,
                entries: behaviour(service, here, event),
                functions: vec![association],
            }),
        }
        let permission = function.owned(service.build, "LambdaFunctionInvokePermission");
        let cause = function.event_cause(service.build, "permission", event);
        let parts = [
            here.text(":cloudfront::"),
            here.reference("AWS::AccountId"),
            here.text(":distribution/"),
            here.reference(DISTRIBUTION),
        ];
        stack.permit(permission, cause, function, "edgelambda.amazonaws.com", Some(here.partition_arn(&parts)));
        if let Some(draft) = stack.draft(permission) {
            draft.put("FunctionName", here.reference(version));
        }
        let actions = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents", "logs:TagResource"];
        let value = here.allow(&actions, here.list(&[here.partition_arn(&[here.text(":logs:*:*:*")])]));
        stack.grants.push(Grant { function: at, feature: Feature::Edge, value, guard: event.guard });
    }
    behaviours.sort_by_key(|b| b.pattern.is_some());
    let mut finished: Vec<_> = behaviours.iter().map(|b| finish(make, b)).collect();
    if let Some(first) = behaviours.first().filter(|b| b.pattern.is_some()) {
        let origin_id = default.or_else(|| origins.first().map(|(id, _)| *id)).unwrap_or(first.origin_id);
        let plain = Behaviour { pattern: None, origin_id, entries: first.entries.clone(), functions: Vec::new() };
        finished.insert(0, finish(make, &plain));
    }
    let Some((first, rest)) = finished.split_first() else { return };
    let origins: Vec<_> = origins.iter().map(|(_, origin)| *origin).collect();
    let comment =
        make.concat(&[service.name.with_origin(make.origin), make.written(format_args!(" {}", service.stage))]);
    let mut config = vec![
        ("Comment", comment),
        ("Enabled", make.bool(true)),
        ("DefaultCacheBehavior", *first),
        ("Origins", make.list(&origins)),
    ];
    if !rest.is_empty() {
        config.push(("CacheBehaviors", make.list(rest)));
    }
    stack.add(
        Draft::new(DISTRIBUTION, "AWS::CloudFront::Distribution", cause).set("DistributionConfig", make.map(&config)),
    );
}

fn cache_policies<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let policies = service.provider_at(&["cloudFront", "cachePolicies"]).map(|p| p.entries()).unwrap_or_default();
    for entry in policies {
        let cause = service.cause("cache policy", &[&["cloudFront", "cachePolicies", entry.key]]);
        let make = service.make(cause.origin);
        let id = told(service.build, format_args!("CloudFrontCachePolicy{}", naming::normal(entry.key)));
        let name = make.map(&[("Name", service.named(make.origin, &format!("-{}", entry.key)))]);
        let config = make.assign(&[Some(entry.value), Some(name)]).unwrap_or(name);
        stack.add(Draft::new(id, "AWS::CloudFront::CachePolicy", cause).set("CachePolicyConfig", config));
    }
}

/// An origin: a URL taken apart, or a map as written.
fn origin<'a>(make: Make<'a>, event: &Event<'a>) -> Value<'a> {
    let written = read::get(event.value, "origin").unwrap_or(event.value);
    let make = make.at(written.origin);
    let Kind::Text(url) = written.kind else {
        let domain = read::get(written, "DomainName").map_or("", |d| domain_id(make, d));
        let kind = if read::get(written, "S3OriginConfig").is_some() { "s3" } else { "custom" };
        let path = read::text(written, "OriginPath").unwrap_or("");
        let id = make.map(&[("Id", make.written(format_args!("{kind}/{domain}{path}")))]);
        return make.assign(&[Some(written), Some(id)]).unwrap_or(written);
    };
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    // The framework leaves the port out.
    let host = make.keep(&host.split(':').next().unwrap_or("").to_lowercase());
    let s3 = scheme == "s3";
    let mut entries = vec![("DomainName", make.text(host))];
    let path = if path.len() > 1 { path } else { "" };
    if !path.is_empty() {
        entries.push(("OriginPath", make.text(path)));
    }
    if s3 {
        entries.push(("S3OriginConfig", make.map(&[])));
    } else {
        entries.push(("CustomOriginConfig", make.map(&[("OriginProtocolPolicy", make.text("match-viewer"))])));
    }
    entries.push(("Id", make.written(format_args!("{}/{host}{path}", if s3 { "s3" } else { "custom" }))));
    make.map(&entries)
}

/// A domain in an origin's id: of a function all its letters, name first.
fn domain_id<'a>(make: Make<'a>, domain: Value<'a>) -> &'a str {
    match domain.kind {
        Kind::Intrinsic(Intrinsic::GetAtt(id, name)) => {
            told(make.build, format_args!("FnGetAtt{id}{}", name.as_text().unwrap_or("")))
        }
        Kind::Intrinsic(Intrinsic::Ref(id)) => told(make.build, format_args!("Ref{id}")),
        _ => read::plain(make.build, domain),
    }
}

/// What is written of a behaviour, over the framework's defaults.
fn behaviour<'a>(service: &Service<'a>, make: Make<'a>, event: &Event<'a>) -> Vec<Entry<'a>> {
    let mut entries = vec![make.entry("ViewerProtocolPolicy", make.text("allow-all"))];
    let mut cached = false;
    for entry in read::get(event.value, "behavior").map(|b| b.entries()).unwrap_or_default() {
        entries.retain(|e| e.key != entry.key);
        entries.push(*entry);
        cached |= matches!(entry.key, "CachePolicyId" | "ForwardedValues" | "MaxTTL" | "MinTTL" | "DefaultTTL");
    }
    if let Some(policy) = read::given(event.value, "cachePolicy") {
        let make = make.at(policy.origin);
        let named = read::text(policy, "name")
            .map(|n| make.reference(told(service.build, format_args!("CloudFrontCachePolicy{}", naming::normal(n)))));
        entries.extend(read::given(policy, "id").or(named).map(|id| make.entry("CachePolicyId", id)));
    } else if !cached {
        entries.push(make.entry("CachePolicyId", make.text(CACHING_OPTIMIZED)));
    }
    entries
}

fn finish<'a>(make: Make<'a>, behaviour: &Behaviour<'a>) -> Value<'a> {
    let mut entries = behaviour.entries.clone();
    entries.push(make.entry("TargetOriginId", behaviour.origin_id));
    if !behaviour.functions.is_empty() {
        entries.push(make.entry("LambdaFunctionAssociations", make.list(&behaviour.functions)));
    }
    entries.extend(behaviour.pattern.map(|p| make.entry("PathPattern", p)));
    make.entries(&entries)
}
