//! A function that several services call does several things.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::graph::function_of;
use crate::resolve::Case;
use crate::rules::{Context, Hit, Rule, Sink};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let mut callers: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    for permission in cx.resources("AWS::Lambda::Permission") {
        let Some(entry) = permission.property("FunctionName") else { continue };
        let Some(function) = function_of(cx.template, cx.resolver, cx.graph(), &entry.value) else { continue };
        let principals = cx.resolver.property(permission, &["Principal"]);
        let known = principals.iter().filter_map(Case::text);
        callers.entry(function).or_default().extend(known);
    }
    for (at, principals) in callers.into_iter().filter(|(_, principals)| principals.len() > 1) {
        let Some(function) = cx.template.resources.get(at) else { continue };
        let Some(under) = cx.under(function) else { continue };
        let names = principals.into_iter().collect::<Vec<_>>().join(", ");
        out.report(
            Hit::resource(function)
                .under(&under)
                .message(format!("function is invoked by several principals: {names}")),
        );
    }
}
