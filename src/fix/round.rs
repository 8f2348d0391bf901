//! One round of mending: the fixes of many findings that can be made together, as new texts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Change, select, verify};
use crate::finding::{Finding, Fix, Safety};
use crate::source::Source;

/// How many fixes are tried one by one where all together do harm: each costs another look at the whole text.
const TRIED: usize = 30;

/// A text after one round of mending.
#[derive(Debug, Clone)]
pub struct Round {
    /// The text before.
    pub source: Arc<Source>,
    /// What was changed, in the order of the text.
    pub changes: Vec<Change>,
    /// The text after.
    pub text: String,
    /// How many fixes were made.
    pub count: usize,
}

/// The texts that change when the best fix of every finding is made, as far as they go together; with `all`,
/// fixes that are not safe count too. A fix that would change more than it says is left out.
#[must_use]
pub fn round<'f>(findings: impl IntoIterator<Item = &'f Finding>, all: bool) -> Vec<Round> {
    let wanted = |fix: &&Fix| all || fix.safety == Safety::Safe;
    // By name, not by address: one text may have been read for several templates.
    let mut texts: BTreeMap<&str, (&Arc<Source>, Vec<Vec<Change>>)> = BTreeMap::new();
    for finding in findings {
        let Some(fix) = finding.fixes.iter().find(wanted) else { continue };
        let Some(first) = fix.edits.first() else { continue };
        // A fix of several texts would have to be made in all of them or in none; none is, so far.
        if fix.edits.iter().any(|edit| edit.place.file() != first.place.file()) {
            continue;
        }
        let changes = fix.edits.iter().map(|edit| (edit.place.start..edit.place.end, edit.text.clone())).collect();
        texts.entry(first.place.file()).or_insert_with(|| (&first.place.source, Vec::new())).1.push(changes);
    }
    texts.into_values().filter_map(|(source, fixes)| mended(source, &fixes)).collect()
}

fn mended(source: &Arc<Source>, fixes: &[Vec<Change>]) -> Option<Round> {
    let slices: Vec<&[Change]> = fixes.iter().map(Vec::as_slice).collect();
    let chosen: Vec<&Vec<Change>> = select(&slices).into_iter().filter_map(|at| fixes.get(at)).collect();
    let made = |mut changes: Vec<Change>, count: usize| {
        let text = verify(source.text(), &changes).ok()?;
        changes.sort_by_key(|(range, _)| (range.start, range.end));
        Some(Round { source: Arc::clone(source), changes, text, count })
    };
    let together = chosen.iter().flat_map(|changes| changes.iter().cloned()).collect();
    // One of them does harm: the first that does none is made, and the next round sees to the others.
    let round = made(together, chosen.len())
        .or_else(|| chosen.iter().take(TRIED).find_map(|changes| made((*changes).clone(), 1)))?;
    (round.text != source.text()).then_some(round)
}
