//! `DependsOn` that names nothing.

use super::template_depends_on_redundant::without;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Value;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    if cx.incomplete() {
        return;
    }
    let nothing = |item: &Value<'a>| {
        item.as_text().is_some_and(|id| {
            let declared = cx.template.declared.iter().any(|r| r.id == id || r.written_id == id);
            // What is put together from variables may name what a framework makes: `ApiGatewayDeployment${sls:instanceId}`.
            cx.resolver.resource(id).is_none() && !declared && !id.contains("${")
        })
    };
    for resource in cx.template.resources.iter().filter(|r| r.made_by.is_none()) {
        let Some(entry) = resource.attribute("DependsOn") else { continue };
        let fix = without(&entry.value, nothing);
        for item in entry.value.items().into_iter().filter(nothing) {
            let message = format!("`{}` is no resource of this template", item.as_text().unwrap_or_default());
            let mut hit = Hit::new(Spot::at(item)).of(resource).message(message);
            if let Some(fix) = &fix {
                hit = hit.fix("remove what is not there", true, vec![fix.clone()]);
            }
            out.report(hit);
        }
    }
}
