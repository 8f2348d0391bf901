//! All variables of a function together may have 4 KB.

use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const LIMIT: usize = 4096;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (_, function) in facts.functions() {
        let mut names = std::collections::BTreeSet::new();
        // Of a variable with several values the shortest counts: only what is certain is too much.
        let mut sizes: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
        for variable in facts.environment(function) {
            names.insert(variable.name);
            let text = variable.case.present().map(|v| Text::of(&v).literals().map(str::len).sum()).unwrap_or(0);
            sizes.entry(variable.name).and_modify(|size| *size = text.min(*size)).or_insert(text);
        }
        let total: usize = names.iter().map(|n| n.len()).sum::<usize>() + sizes.values().sum::<usize>();
        let (true, Some(entry), Some(under)) = (total > LIMIT, function.property("Environment"), cx.under(function))
        else {
            continue;
        };
        let message = format!("variables have {total} bytes, and {LIMIT} are allowed");
        out.report(Hit::new(Spot::missing(entry.key_origin)).of(function).under(&under).message(message));
    }
}
