//! `DependsOn` that says what a reference says already.

use std::collections::BTreeSet;

use crate::analysis::graph;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for resource in cx.template.resources.iter().filter(|r| r.made_by.is_none()) {
        let Some(entry) = resource.attribute("DependsOn") else { continue };
        let mut ids = BTreeSet::new();
        graph::references(&resource.properties, &mut ids, 0);
        for item in entry.value.items() {
            if let Some(id) = item.as_text().filter(|id| ids.contains(id)) {
                let message = format!("`{id}` is referred to in the properties, which is enough");
                out.report(Hit::new(Spot::at(item)).of(resource).message(message));
            }
        }
    }
}
