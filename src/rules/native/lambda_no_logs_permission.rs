//! A function that may not write its own logs fails in silence.

use crate::rules::{Context, Hit, Rule, Sink};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (_, function) in facts.all_functions() {
        for case in facts.role_cases(function) {
            let Some(role) = case.present().and_then(|v| facts.role_of(&v)) else { continue };
            let grants = facts.grants(role);
            let missing: Vec<&str> = ["logs:CreateLogStream", "logs:PutLogEvents"]
                .into_iter()
                .filter(|action| !grants.allows(action))
                .collect();
            let (true, false, Some(resource)) = (grants.complete, missing.is_empty(), facts.at(role)) else { continue };
            // A role that the framework makes for its own functions is not the user's to mend.
            if resource.made_by.is_some() {
                continue;
            }
            let message = format!("role of function lacks {}: it fails without a trace", missing.join(" and "));
            out.report(Hit::resource(function).under(&case.under).message(message).related(resource.key, "its role"));
        }
    }
}
