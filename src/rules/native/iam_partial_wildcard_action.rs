//! Wildcards in the name of an action, and what they come to.

use super::{Context, Rule, Sink};
use crate::analysis::iam::{Summary, actions};
use crate::analysis::policy::width_of;
use crate::resolve::Text;
use crate::rulebook::{PolicyKind, Severity, Width};
use crate::rules::{Hit, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity) {
        let asked = statement.asked(cx.resolver);
        if !asked.effect("Allow").yes() {
            continue;
        }
        for case in asked.items("Action") {
            let Some(text) = case.present().and_then(|v| Text::of(&v).known()) else { continue };
            let meant: Vec<_> = actions::expand(&text).collect();
            if width_of(&text) != Some(Width::Partial) || meant.is_empty() {
                continue;
            }
            let summary = Summary::of(meant.iter().copied());
            let mut hit = Hit::new(Spot::in_statement(statement, &case)).of(cx.owner(statement)).under(&case.under);
            hit = hit.message(format!("policy allows `{text}`: {summary}"));
            if summary.changing() == 0 {
                hit = hit.severity(Severity::Low);
            }
            if meant.len() <= 6 {
                let names: Vec<_> = meant.iter().map(ToString::to_string).collect();
                hit = hit.help(format!("Write them out: `{}`.", names.join(", ")));
            }
            out.report(hit);
        }
    }
}
