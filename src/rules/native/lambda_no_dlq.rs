//! A function whose failed events go nowhere.

use crate::analysis::graph::function_of;
use crate::rules::{Context, Hit, Rule, Sink};

/// Where failed events may go.
pub(super) const CATCHES: &[&[&str]] = &[&["DeadLetterConfig", "TargetArn"]];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (at, function) in facts.functions() {
        let triggers = cx.triggers().get(&at).map_or(&[][..], Vec::as_slice);
        // Whoever calls a function and waits sees its error; so do queues, streams and custom resources.
        let waited_for = !triggers.is_empty() && triggers.iter().all(|t| !t.asynchronous);
        let custom = facts
            .graph
            .referred(at)
            .filter_map(|other| facts.at(other))
            .any(|other| other.property("ServiceToken").is_some());
        let Some(under) = cx.under(function) else { continue };
        if !waited_for && !custom && !catches_failures(cx, at, CATCHES) {
            out.report(Hit::resource(function).under(&under));
        }
    }
}

/// Whether failed events go somewhere, or whether that cannot be known.
pub(super) fn catches_failures(cx: &Context<'_, '_>, at: usize, places: &[&[&str]]) -> bool {
    let facts = cx.facts();
    let Some(function) = facts.at(at) else { return true };
    let there = |keys: &[&str]| cx.resolver.property(function, keys).iter().any(|case| !case.is_nothing());
    if cx.incomplete() || places.iter().any(|keys| there(keys)) {
        return true;
    }
    cx.resources("AWS::Lambda::EventInvokeConfig").any(|config| {
        let of_this =
            config.property("FunctionName").and_then(|e| function_of(cx.template, cx.resolver, cx.graph(), &e.value));
        let on_failure = cx.resolver.property(config, &["DestinationConfig", "OnFailure", "Destination"]);
        of_this == Some(at) && on_failure.iter().any(|case| !case.is_nothing())
    })
}
