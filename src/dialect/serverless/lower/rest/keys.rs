//! API keys, usage plans, and which key belongs to which plan.

use super::super::super::config::Version;
use super::super::make::told;
use super::super::naming;
use super::super::read::{self, truthy};
use super::super::service::Service;
use super::super::stack::{Draft, Stack};
use super::{DEPLOYMENT, api_id};
use crate::template::{Entry, Value};

/// Makes the keys and plans.
pub(super) fn keys<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    // Before version 3 they stood on the provider itself.
    let old = |key: &str| service.provided(key).filter(|_| service.version <= Version::V2);
    let setting = |key: &str| service.provider_at(&["apiGateway", key]).or_else(|| old(key)).filter(truthy);
    let plan = setting("usagePlan").map(read::settle);
    let keys = setting("apiKeys").map(read::items).unwrap_or_default();
    let named: Vec<Entry<'a>> =
        plan.and_then(|p| p.as_list()).unwrap_or(&[]).iter().flat_map(|p| p.entries()).copied().collect();
    let mut number = 0;
    for item in keys.iter().take(read::MAX_ITEMS) {
        let group = item.as_map().and_then(|m| m.entries.first()).filter(|e| named.iter().any(|n| n.key == e.key));
        match group {
            Some(entry) => {
                for (at, one) in read::items(entry.value).iter().enumerate() {
                    key(service, stack, *one, Some(entry.key), at + 1);
                }
                number = read::items(entry.value).len();
            }
            None => {
                number += 1;
                key(service, stack, *item, None, number);
            }
        }
    }
    if named.is_empty() {
        if plan.is_some() || !keys.is_empty() {
            usage_plan(service, stack, None, plan);
        }
    } else {
        for entry in &named {
            usage_plan(service, stack, Some(entry.key), Some(entry.value));
        }
    }
}

fn key<'a>(service: &Service<'a>, stack: &mut Stack<'a>, written: Value<'a>, group: Option<&str>, number: usize) {
    let build = service.build;
    let mut cause = service.cause("API key", &[&["apiGateway", "apiKeys"], &["apiKeys"]]);
    cause.origin = build.derived(written.origin, cause.made_by, None);
    let make = service.make(cause.origin);
    let field = |key: &str| read::get(written, key);
    let plain = written.as_map().is_none().then_some(written);
    let tail = format!("{}{number}", group.map(naming::upper_first).unwrap_or_default());
    let id = told(build, format_args!("ApiGatewayApiKey{tail}"));
    let stage = make.map(&[("RestApiId", api_id(service, make)), ("StageName", make.text(service.stage))]);
    stack.add(
        Draft::new(id, "AWS::ApiGateway::ApiKey", cause)
            .set("Enabled", field("enabled").unwrap_or_else(|| make.bool(true)))
            .maybe("Name", plain.or_else(|| field("name")))
            .maybe("Value", read::given(written, "value"))
            .maybe("Description", field("description"))
            .maybe("CustomerId", field("customerId"))
            .set("StageKeys", make.list(&[stage]))
            .after(&[make.text(DEPLOYMENT)]),
    );
    let plan = told(build, format_args!("ApiGatewayUsagePlan{}", group.map(naming::upper_first).unwrap_or_default()));
    stack.add(
        Draft::new(told(build, format_args!("ApiGatewayUsagePlanKey{tail}")), "AWS::ApiGateway::UsagePlanKey", cause)
            .set("KeyId", make.reference(id))
            .set("KeyType", make.text("API_KEY"))
            .set("UsagePlanId", make.reference(plan)),
    );
}

fn usage_plan<'a>(service: &Service<'a>, stack: &mut Stack<'a>, name: Option<&str>, plan: Option<Value<'a>>) {
    let build = service.build;
    let cause =
        service.cause("usage plan", &[&["apiGateway", "usagePlan"], &["usagePlan"], &["apiGateway", "apiKeys"]]);
    let make = service.make(cause.origin);
    let id = told(build, format_args!("ApiGatewayUsagePlan{}", name.map(naming::upper_first).unwrap_or_default()));
    let stage = make.map(&[("ApiId", api_id(service, make)), ("Stage", make.text(service.stage))]);
    let full = match name {
        Some(name) => make
            .concat(&[service.name.with_origin(make.origin), make.written(format_args!("-{name}-{}", service.stage))]),
        None => service.named(make.origin, ""),
    };
    let limits = |key: &str, names: &[(&str, &'a str)]| {
        let written = read::given(plan?, key)?;
        let fields: Vec<_> = names.iter().filter_map(|(from, to)| Some((*to, read::get(written, from)?))).collect();
        Some(make.at(written.origin).map(&fields))
    };
    let quota = limits("quota", &[("limit", "Limit"), ("offset", "Offset"), ("period", "Period")]);
    let throttle = limits("throttle", &[("burstLimit", "BurstLimit"), ("rateLimit", "RateLimit")]);
    stack.add(
        Draft::new(id, "AWS::ApiGateway::UsagePlan", cause)
            .set("ApiStages", make.list(&[stage]))
            .set("UsagePlanName", full)
            .maybe("Quota", quota)
            .maybe("Throttle", throttle)
            .after(&[make.text(DEPLOYMENT)]),
    );
}
