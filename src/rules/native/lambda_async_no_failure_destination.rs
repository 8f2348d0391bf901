//! Events that nobody waits for are lost when the function fails on them.

use super::lambda_no_dlq::{CATCHES, lost};
use crate::rules::{Context, Hit, Rule, Sink};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (at, function) in facts.functions() {
        let Some(triggers) = cx.triggers().get(&at) else { continue };
        let Some(trigger) = triggers.iter().find(|t| t.asynchronous) else { continue };
        let Some(under) = lost(cx, at, CATCHES) else { continue };
        let service = trigger.service.split('.').next().unwrap_or(&trigger.service);
        let message = format!("{service} invokes function asynchronously, and an event that fails three times is gone");
        let from = trigger.source.and_then(|s| facts.at(s)).map_or(trigger.origin, |source| source.key);
        out.report(
            Hit::resource(function).under(&under).message(message).related(from, format!("{service} invokes it")),
        );
    }
}
