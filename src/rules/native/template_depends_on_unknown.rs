//! `DependsOn` that names nothing.

use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    if cx.incomplete() {
        return;
    }
    for resource in cx.template.resources.iter().filter(|r| r.made_by.is_none()) {
        let items = resource.attribute("DependsOn").map(|entry| entry.value.items()).unwrap_or_default();
        for item in items {
            let Some(id) = item.as_text() else { continue };
            let declared = cx.template.declared.iter().any(|r| r.id == id || r.written_id == id);
            if cx.template.resource(id).is_none() && !declared {
                let message = format!("`{id}` is no resource of this template");
                out.report(Hit::new(Spot::at(item)).of(resource).message(message));
            }
        }
    }
}
