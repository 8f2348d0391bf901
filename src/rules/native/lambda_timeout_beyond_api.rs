//! A function that works on when its caller has long been told that it failed.

use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    // Some regions and accounts allow more, and then a method says so.
    if cx.resources("AWS::ApiGateway::Method").any(raised) || cx.incomplete() {
        return;
    }
    for (at, function) in facts.functions() {
        // What something else invokes as well may need the time for that.
        let triggers = cx.triggers().get(&at).map_or(&[][..], Vec::as_slice);
        if triggers.is_empty() || !triggers.iter().all(|trigger| trigger.service.starts_with("apigateway.")) {
            continue;
        }
        let http = |t: &crate::analysis::graph::Trigger<'_>| {
            t.source.and_then(|s| facts.at(s)).is_some_and(|r| r.kind == "AWS::ApiGatewayV2::Api")
        };
        let limit = if triggers.iter().any(http) { 30.0 } else { 29.0 };
        for case in cx.resolver.property(function, &["Timeout"]) {
            let Some(value) = case.present() else { continue };
            let Some(seconds) = value.as_number().filter(|seconds| *seconds > limit) else { continue };
            let message = format!(
                "function may run for {seconds} s, but API Gateway answers with an error after {limit} s, and the function goes on unseen"
            );
            let spot = Spot::of(&case);
            let hit =
                Hit::new(spot).of(function).under(&case.under).message(message).label("longer than the API waits");
            out.report(hit.help(format!(
                "Set `Timeout: {limit}` or less, or answer at once and work in a queue or a state machine."
            )));
        }
    }
}

/// Whether a method's integration waits longer than is usual.
fn raised(method: &Resource<'_>) -> bool {
    let timeout: Option<Value<'_>> = method.properties.at(&["Integration", "TimeoutInMillis"]);
    timeout.is_some_and(|timeout| timeout.as_number().is_none_or(|millis| millis > 29_000.0))
}
