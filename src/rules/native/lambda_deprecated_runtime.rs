//! Runtimes that AWS patches no longer, by the day of the scan.

use crate::analysis::knowledge::runtimes::State;
use crate::rulebook::{EditSpec, Literal, Severity};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (_, function) in facts.all_functions() {
        for (runtime, value, under) in facts.runtimes(function) {
            let name = runtime.name;
            let since = |day: Option<&str>| day.map_or_else(String::new, |day| format!(" since {day}"));
            let (what, severity) = match runtime.state(cx.today) {
                State::Supported => continue,
                State::Deprecated => {
                    (format!("gets no security patches{}", since(runtime.deprecated)), Severity::Medium)
                }
                State::NoCreate => (
                    format!("is deprecated, and no function can be created with it{}", since(runtime.no_create)),
                    Severity::High,
                ),
                State::NoUpdate => (
                    format!("is deprecated, and no function can be updated with it{}", since(runtime.no_update)),
                    Severity::High,
                ),
            };
            let mut hit = Hit::new(Spot::at(value)).of(function).under(&under).severity(severity);
            hit = hit.message(format!("runtime {name} {what}")).label("deprecated");
            // The framework writes the code of its own functions as well, and a newer version of it another runtime.
            if function.id.starts_with("CustomDashresource") {
                out.report(hit.severity(Severity::Info));
                continue;
            }
            if let Some(next) = runtime.successor {
                hit = hit.help(format!("Set `Runtime: {next}`"));
                let edits = vec![EditSpec::Replace(Literal::Text(next.to_owned()))];
                hit = hit.fix(format!("use {next}"), false, edits);
            }
            out.report(hit);
        }
    }
}
