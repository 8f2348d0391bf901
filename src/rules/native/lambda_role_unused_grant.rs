//! Rights on a thing that the function never names.

use std::collections::BTreeSet;

use crate::analysis::graph::references;
use crate::analysis::sharing::{NAMED, known_to};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    let shared: BTreeSet<Option<usize>> = facts.shared_roles().iter().map(|s| s.role).collect();
    for (at, function) in facts.all_functions() {
        // Without variables the code has other ways to learn the names of things.
        if facts.environment(function).is_empty() {
            continue;
        }
        for case in facts.role_cases(function) {
            let Some(role) =
                case.present().and_then(|v| facts.role_of(&v)).filter(|role| !shared.contains(&Some(*role)))
            else {
                continue;
            };
            let known = known_to(&facts, cx.names(), at);
            for statement in cx.statements_of(role) {
                let mut named = BTreeSet::new();
                if let Some(entry) = statement.value.get("Resource") {
                    references(&entry.value, &mut named);
                }
                let unused = named.into_iter().filter_map(|id| cx.resolver.resource(id)).find(|r| {
                    NAMED.iter().any(|(kind, _)| *kind == r.kind) && !known.contains(r.id) && r.id != function.id
                });
                if let Some(other) = unused {
                    let message = format!(
                        "role of function `{}` grants rights on `{}`, which the function never names",
                        function.written_id, other.written_id
                    );
                    out.report(
                        Hit::new(Spot::missing(statement.origin))
                            .of(function)
                            .under(&statement.under)
                            .message(message)
                            .related(other.key, "never named by the function"),
                    );
                }
            }
        }
    }
}
