//! One round of mending: the fixes of many findings that can be made together, as new texts.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Change, select, verify};
use crate::finding::{Finding, Fix, Safety};
use crate::source::Source;

/// How often it is tried which fixes can be made where all together do harm: each try is another look at the whole text.
const TRIES: usize = 40;

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
    let mut left = TRIES;
    let chosen = harmless(source, &chosen, &mut left);
    let round = made(all(&chosen), chosen.len())?;
    (round.text != source.text()).then_some(round)
}

/// The fixes that can be made together: where all of them do harm, those of each half that do none. What there are no
/// tries left for waits for the next round.
fn harmless<'c>(source: &Source, fixes: &[&'c Vec<Change>], left: &mut usize) -> Vec<&'c Vec<Change>> {
    if fixes.is_empty() || fine(source, fixes, left) {
        return fixes.to_vec();
    }
    if fixes.len() == 1 || *left == 0 {
        return Vec::new();
    }
    let (first, second) = fixes.split_at(fixes.len() / 2);
    let (first, second) = (harmless(source, first, left), harmless(source, second, left));
    if first.is_empty() {
        return second;
    }
    let both = [first.as_slice(), &second].concat();
    if second.is_empty() || !fine(source, &both, left) { first } else { both }
}

fn fine(source: &Source, fixes: &[&Vec<Change>], left: &mut usize) -> bool {
    let Some(less) = left.checked_sub(1) else { return false };
    *left = less;
    verify(source.text(), &all(fixes)).is_ok()
}

fn all(fixes: &[&Vec<Change>]) -> Vec<Change> {
    fixes.iter().flat_map(|changes| changes.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One fix that does harm keeps none of the others from being made.
    #[test]
    fn one_that_does_harm_is_left_out() {
        let text: String = (0..20).map(|i| format!("k{i}: 0\n")).collect();
        let source = Arc::new(Source::new("t.yaml", text.as_str()));
        let value = |i: usize| {
            u32::try_from(text.find(&format!("k{i}:")).expect("it is there") + i.to_string().len() + 3).expect("small")
        };
        for harmful in 0..20 {
            let new = |i| if i == harmful { "[" } else { "1" };
            let fixes: Vec<Vec<Change>> = (0..20).map(|i| vec![(value(i)..value(i) + 1, new(i).to_owned())]).collect();
            let round = mended(&source, &fixes).expect("there is something to mend");
            assert_eq!(round.count, 19, "{harmful}");
            assert_eq!(round.text.matches(": 1").count(), 19, "{harmful}");
        }
    }
}
