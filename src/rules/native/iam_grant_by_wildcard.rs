//! Wildcards that nobody wrote: what a grant of the CDK is synthesised to.

use super::iam_partial_wildcard_action::is_grant;
use super::{Context, Rule, Sink};
use crate::resolve::Text;
use crate::rulebook::PolicyKind;
use crate::rules::{Hit, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity) {
        let asked = statement.asked(cx.resolver);
        if !asked.effect("Allow").yes() {
            continue;
        }
        for case in asked.items("Action") {
            let Some(text) = case.present().and_then(|v| Text::of(&v).known()) else { continue };
            if is_grant(cx, statement, &text, &case.under) {
                let hit = Hit::new(Spot::in_statement(statement, &case)).of(cx.owner(statement)).under(&case.under);
                out.report(hit.message(format!("a grant of the CDK allows `{text}`")));
            }
        }
    }
}
