//! `DependsOn` that says what a reference says already.

use std::collections::BTreeSet;

use crate::analysis::graph;
use crate::rulebook::{EditSpec, Literal, Path};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Value;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for resource in cx.template.resources.iter().filter(|r| r.made_by.is_none()) {
        let Some(entry) = resource.attribute("DependsOn") else { continue };
        let mut ids = BTreeSet::new();
        graph::references(&resource.properties, &mut ids);
        let needless = |item: &Value<'a>| item.as_text().is_some_and(|id| ids.contains(id));
        let fix = without(&entry.value, needless);
        for item in entry.value.items().into_iter().filter(needless) {
            let message =
                format!("`{}` is referred to in the properties, which is enough", item.as_text().unwrap_or_default());
            let mut hit = Hit::new(Spot::at(item)).of(resource).message(message);
            if let Some(fix) = &fix {
                hit = hit.fix("leave it to the reference", true, vec![fix.clone()]);
            }
            out.report(hit);
        }
    }
}

/// The edit that takes ids out of a `DependsOn`; all of them at once, for two edits of one list would be in each
/// other's way.
pub(super) fn without<'a>(list: &Value<'a>, needless: impl Fn(&Value<'a>) -> bool) -> Option<EditSpec> {
    let kept = list.items().into_iter().filter(|item| !needless(item));
    let kept: Vec<Literal> = kept.map(|item| Some(Literal::Text(item.as_text()?.to_owned()))).collect::<Option<_>>()?;
    let path = Path::attribute("DependsOn");
    Some(if kept.is_empty() { EditSpec::Remove(path) } else { EditSpec::Set(path, Literal::List(kept)) })
}
