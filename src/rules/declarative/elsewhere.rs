//! Who else has a secret that a fix takes away: they would go on using what no longer works.

use std::collections::BTreeSet;

use crate::analysis::graph::references;
use crate::analysis::walk::Part;
use crate::resolve::Text;
use crate::rulebook::{EditSpec, FixSpec};
use crate::rules::{Context, Spot};
use crate::template::Resource;

/// Shorter texts stand in many others by chance.
const SHORTEST: usize = 4;

/// Whether another resource, or an output, has what a fix removes from a resource.
pub(super) fn uses<'a>(cx: &Context<'_, 'a>, fix: &FixSpec, own: &Resource<'a>, spot: &Spot<'a>) -> bool {
    let removed = fix.edits.iter().find_map(|edit| match edit {
        EditSpec::Remove(path) => own.property(path.keys().next()?),
        EditSpec::Set(..) | EditSpec::Append(..) | EditSpec::Replace(_) => None,
    });
    let Some(removed) = removed else { return false };
    let mut known = false;
    if let Some(text) = spot.value.and_then(|value| Text::of(&value).known()).filter(|text| text.len() >= SHORTEST) {
        cx.texts(&mut |found| {
            let elsewhere = match found.part {
                Part::Property(resource) | Part::Attribute(resource) => resource.id != own.id,
                Part::Output(_) => true,
                Part::Metadata | Part::Parameter(_) | Part::Mapping => false,
            };
            known |= elsewhere && found.text.contains(&*text);
        });
    }
    let mut parameters = BTreeSet::new();
    references(&removed.value, &mut parameters);
    parameters.retain(|id| cx.template.parameter(id).is_some());
    if parameters.is_empty() {
        return known;
    }
    let mut others = BTreeSet::new();
    let resources = cx.template.resources.iter().filter(|resource| resource.id != own.id);
    resources.for_each(|resource| references(&resource.properties, &mut others));
    cx.template.outputs.iter().for_each(|output| references(&output.value, &mut others));
    known || !parameters.is_disjoint(&others)
}
