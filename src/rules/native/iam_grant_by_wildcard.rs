//! Wildcards that nobody wrote: what a grant of the CDK is synthesised to.

use super::iam_partial_wildcard_action::{each_allowed, is_grant};
use super::{Context, Rule, Sink};
use crate::rules::{Hit, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    each_allowed(cx, &mut |statement, case, text| {
        if is_grant(cx, statement, text, &case.under) {
            let hit = Hit::new(Spot::in_statement(statement, case)).of(cx.owner(statement)).under(&case.under);
            out.report(hit.message(format!("a grant of the CDK allows `{text}`")));
        }
    });
}
