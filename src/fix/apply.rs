//! Puts changes into a text.

use std::ops::Range;

use super::Change;

/// Two changes want the same bytes, or one of them does not fit the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the change of bytes {}..{} cannot be made", .0.start, .0.end)]
pub struct Overlap(pub Range<u32>);

/// The text with all changes made, in whatever order they come.
///
/// # Errors
/// When two changes overlap, or one lies outside the text or inside a character.
pub fn apply(text: &str, changes: &[Change]) -> Result<String, Overlap> {
    let mut order: Vec<&Change> = changes.iter().collect();
    order.sort_by_key(|(range, _)| (range.start, range.end));
    let mut out = String::with_capacity(text.len() + changes.iter().map(|(_, new)| new.len()).sum::<usize>());
    let mut at = 0;
    for (range, new) in order {
        let (start, end) = (range.start as usize, range.end as usize);
        let (Some(before), Some(_)) = (text.get(at..start), text.get(start..end)) else {
            return Err(Overlap(range.clone()));
        };
        out.push_str(before);
        out.push_str(new);
        at = end;
    }
    out.push_str(text.get(at..).unwrap_or(""));
    Ok(out)
}

/// Which of many fixes of one text can be made together: indices, in order; the earlier fix wins.
///
/// Two fixes that insert at the same place are not made together, as neither knew of the other: make the
/// first, look at the new text, and compose again. A fix that says the same as an earlier one is left out.
#[must_use]
pub fn select(fixes: &[&[Change]]) -> Vec<usize> {
    let mut taken: std::collections::BTreeMap<u32, u32> = std::collections::BTreeMap::new();
    let mut chosen = Vec::new();
    for (index, fix) in fixes.iter().enumerate() {
        let free = |range: &Range<u32>| {
            let before = taken.range(..=range.end).next_back();
            before.is_none_or(|(_, &end)| end < range.start)
        };
        if fix.is_empty() || !fix.iter().all(|(range, _)| free(range)) {
            continue;
        }
        for (range, _) in *fix {
            let end = taken.entry(range.start).or_insert(range.end);
            *end = (*end).max(range.end);
        }
        chosen.push(index);
    }
    chosen
}
