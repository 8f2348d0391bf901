//! `Auth.UsagePlan`: the key that callers of a REST API need, and how much it allows.

use super::super::expansion::Expansion;
use super::super::make::Make;
use super::super::read::{field, text};
use super::super::references::Renamed;
use super::Api;
use crate::template::{Resource, Value};

/// Makes the plan, its key and the tie between them.
pub(super) fn plan<'a>(x: &mut Expansion<'a>, make: Make<'a>, api: &Api<'a>, stage: &'a str) {
    let Some(written) = api.auth.and_then(|a| field(a, "UsagePlan")) else { return };
    let make = make.because(written.origin);
    let id = api.resource.id;
    let stages = make.map(&[("ApiId", make.reference(id)), ("Stage", make.reference(stage))]);
    let keys = make.map(&[("RestApiId", make.reference(id)), ("StageName", make.reference(stage))]);
    let (plan, key, tie) = match text(written, "CreateUsagePlan") {
        Some("PER_API") => (x.id(&[id, "UsagePlan"]), x.id(&[id, "ApiKey"]), x.id(&[id, "UsagePlanKey"])),
        Some("SHARED") => ("ServerlessUsagePlan", "ServerlessApiKey", "ServerlessUsagePlanKey"),
        Some(_) | None => return,
    };
    for (word, to) in [(".UsagePlan", plan), (".ApiKey", key), (".UsagePlanKey", tie)] {
        x.renamed.push(Renamed { from: x.id(&[id, word]), to });
    }
    let stages = grown(x, make, plan, "ApiStages", stages);
    let keys = grown(x, make, key, "StageKeys", keys);
    let properties = make.some(&[
        ("ApiStages", Some(stages)),
        ("UsagePlanName", field(written, "UsagePlanName")),
        ("Description", field(written, "Description")),
        ("Quota", field(written, "Quota")),
        ("Tags", field(written, "Tags")),
        ("Throttle", field(written, "Throttle")),
    ]);
    // A plan that several APIs share is there as soon as one of them is.
    let shared = x.deployed(plan).copied();
    let of = Resource {
        condition: shared.map_or(api.resource.condition, |s| {
            s.condition.filter(|c| Some(c.0) == api.resource.condition.map(|c| c.0))
        }),
        ..api.resource
    };
    x.emit(&of, plan, "AWS::ApiGateway::UsagePlan", "this usage plan", written.origin, properties);
    let properties = make.map(&[("Enabled", make.bool(true)), ("StageKeys", keys)]);
    x.emit(&of, key, "AWS::ApiGateway::ApiKey", "this API key", written.origin, properties);
    let properties = make.map(&[
        ("KeyId", make.reference(key)),
        ("KeyType", make.text("API_KEY")),
        ("UsagePlanId", make.reference(plan)),
    ]);
    x.emit(&of, tie, "AWS::ApiGateway::UsagePlanKey", "this usage plan key", written.origin, properties);
}

/// The list that another API has begun, with one more in it.
fn grown<'a>(x: &mut Expansion<'a>, make: Make<'a>, id: &str, key: &str, one: Value<'a>) -> Value<'a> {
    let before = x.deployed(id).and_then(|r| field(r.properties, key));
    let mut all = before.map_or_else(Vec::new, |v| v.items());
    all.push(one);
    make.list(&all)
}
