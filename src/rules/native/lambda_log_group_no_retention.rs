//! Logs that nobody deletes.

use crate::analysis::functions::LogGroup;
use crate::resolve::Known;
use crate::rules::{Context, Hit, Rule, Sink};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (_, function) in facts.all_functions() {
        let Some(under) = cx.under(function) else { continue };
        match facts.log_group(function) {
            LogGroup::Unknown => {}
            LogGroup::Made => {
                let message =
                    "function has no log group here: Lambda makes one at the first call, and it keeps logs for ever";
                out.report(Hit::resource(function).under(&under).message(message));
            }
            LogGroup::Here(at) => {
                let Some(group) = facts.at(at) else { continue };
                for case in cx.resolver.property(group, &["RetentionInDays"]) {
                    if matches!(case.value, Known::Absent) {
                        let message = format!("log group of function `{}` keeps logs for ever", function.written_id);
                        out.report(
                            Hit::resource(group)
                                .under(&case.under)
                                .message(message)
                                .related(function.key, "the function"),
                        );
                    }
                }
            }
        }
    }
}
