//! Proves that changes of a text changed only the values they touch.

use std::ops::Range;

use foldhash::HashSet;

use crate::source::{Arena, FileId};
use crate::syntax::{Data, Document, Node, Pair, ProblemKind, Style, parse};

use super::{Change, apply};

/// Why a changed text must not be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfaithful {
    /// The changes do not fit the text.
    #[error("the changes overlap")]
    Overlap,
    /// The new text has mistakes that the old one had not.
    #[error("the changed text cannot be read: {0}")]
    Broken(String),
    /// A value that no change touches is different; the byte is of the old text.
    #[error("the value at byte {0} would change too")]
    Changed(u32),
}

/// Makes the changes and compares the two trees: whatever no change touches must be there, and the same.
///
/// # Errors
/// Why the result must not be written.
pub fn verify(before: &str, changes: &[Change]) -> Result<String, Unfaithful> {
    let after = apply(before, changes).map_err(|_| Unfaithful::Overlap)?;
    let arena = Arena::new();
    let old = parse(&arena, FileId(0), before);
    let new = parse(&arena, FileId(0), &after);
    for kind in [ProblemKind::Syntax, ProblemKind::Limit, ProblemKind::DuplicateKey, ProblemKind::NotStrictJson] {
        if count(&new, kind) > count(&old, kind) {
            let problem = new.problems.iter().rev().find(|p| p.kind == kind);
            return Err(Unfaithful::Broken(problem.map_or_else(String::new, |p| p.message.clone())));
        }
    }
    let check = Check::new(before, changes);
    if old.roots.len() != new.roots.len() {
        return Err(Unfaithful::Changed(0));
    }
    old.roots.iter().zip(&new.roots).try_for_each(|(a, b)| check.below(a, b)).map_err(Unfaithful::Changed)?;
    Ok(after)
}

fn count(document: &Document<'_>, kind: ProblemKind) -> usize {
    document.problems.iter().filter(|p| p.kind == kind).count()
}

struct Check<'t> {
    before: &'t str,
    /// The signs that end lines, by where they stand.
    breaks: Vec<usize>,
    /// Where each change begins, and the furthest end of those that begin no later.
    ranges: Vec<Range<u32>>,
}

impl<'t> Check<'t> {
    fn new(before: &'t str, changes: &[Change]) -> Self {
        let mut ranges: Vec<Range<u32>> = changes.iter().map(|(range, _)| range.clone()).collect();
        ranges.sort_by_key(|range| range.start);
        let mut furthest = 0;
        for range in &mut ranges {
            furthest = furthest.max(range.end.max(range.start + 1));
            range.end = furthest;
        }
        Self { before, breaks: memchr::memchr2_iter(b'\n', b'\r', before.as_bytes()).collect(), ranges }
    }

    /// True when some change reaches into these bytes, or adds to them at their end.
    fn touched(&self, start: u32, end: u32) -> bool {
        let at = self.ranges.partition_point(|range| range.start <= end);
        at.checked_sub(1).and_then(|at| self.ranges.get(at)).is_some_and(|range| start < range.end)
    }

    /// Compares a value that a change may touch; `Err` with the place of what differs without leave.
    fn below(&self, old: &Node<'_>, new: &Node<'_>) -> Result<(), u32> {
        match (old.data, new.data) {
            (Data::Mapping(a, _), Data::Mapping(b, _)) if tag(old) == tag(new) => self.pairs(a, b),
            (Data::Sequence(a, _), Data::Sequence(b, _)) if tag(old) == tag(new) => self.items(a, b),
            _ if equal(old, new) || self.touched(self.line_start(old), self.line_end(old.span.end)) => Ok(()),
            _ => Err(old.span.start),
        }
    }

    fn pairs(&self, old: &[Pair<'_>], new: &[Pair<'_>]) -> Result<(), u32> {
        let mut rest = new.iter();
        let mut added = 0;
        let names: HashSet<&str> = new.iter().filter_map(|pair| word(&pair.key)).collect();
        for pair in old {
            let touched = self.touched(pair.key.span.start, self.line_end(pair.value.span.end));
            // Many may have been removed: those need not be looked for.
            let gone = word(&pair.key).is_some_and(|name| !names.contains(name));
            let skipped = if gone { None } else { rest.clone().position(|p| equal(&p.key, &pair.key)) };
            match skipped.and_then(|n| Some((n, rest.nth(n)?))) {
                Some((n, found)) => {
                    added += n;
                    if !equal(&found.value, &pair.value) {
                        if !touched {
                            return Err(pair.value.span.start);
                        }
                        self.below(&pair.value, &found.value)?;
                    }
                }
                None if touched => {}
                None => return Err(pair.key.span.start),
            }
        }
        // New pairs come behind the old ones, or in the place of removed ones.
        let grown = added + rest.len();
        if grown > 0 && self.ranges.is_empty() { Err(0) } else { Ok(()) }
    }

    fn items(&self, old: &[Node<'_>], new: &[Node<'_>]) -> Result<(), u32> {
        let mut rest = new.iter();
        let touched = |item: &Node<'_>| self.touched(item.span.start.saturating_sub(2), self.line_end(item.span.end));
        let mut wanted = old.iter().filter(|item| !touched(item)).count();
        for item in old {
            if touched(item) {
                // Changed in its place, unless the rest are all wanted by items behind it: then it was removed.
                let Some(found) = rest.clone().next().filter(|_| rest.len() > wanted) else { continue };
                if equal(item, found) || self.below(item, found).is_ok() {
                    rest.next();
                }
            } else {
                wanted -= 1;
                if !rest.any(|found| equal(item, found)) {
                    return Err(item.span.start);
                }
            }
        }
        Ok(())
    }

    fn line_start(&self, node: &Node<'_>) -> u32 {
        let start = node.tag.map_or(node.span.start, |tag| tag.span.start);
        let behind = self.breaks.partition_point(|at| *at < start as usize);
        let line = behind.checked_sub(1).and_then(|at| self.breaks.get(at)).map_or(0, |at| at + 1);
        u32::try_from(line).unwrap_or(start)
    }

    /// Where the line ends that holds a byte, or the last blank line behind it.
    fn line_end(&self, at: u32) -> u32 {
        let next = self.breaks.partition_point(|end| *end < at as usize);
        let end = self.breaks.get(next).copied().unwrap_or(self.before.len()).max(at as usize);
        let line = end - at as usize;
        let behind = self.before.get(end..).unwrap_or("");
        let blank = behind.len() - behind.trim_start().len();
        let breaks = behind.get(..blank).and_then(|b| b.rfind(['\n', '\r'])).unwrap_or(0);
        at + u32::try_from(line + breaks).unwrap_or(0)
    }
}

/// A key that is a word: equal keys are the same words then.
fn word<'a>(key: &Node<'a>) -> Option<&'a str> {
    match key.data {
        Data::Scalar(text, style) if !matches!(style, Style::Literal | Style::Folded) => Some(text),
        _ => None,
    }
}

fn tag<'a>(node: &Node<'a>) -> Option<&'a str> {
    node.tag.map(|tag| tag.name)
}

/// Equal but for places and quotes.
fn equal(a: &Node<'_>, b: &Node<'_>) -> bool {
    tag(a) == tag(b)
        && match (a.data, b.data) {
            (Data::Scalar(x, s), Data::Scalar(y, t)) => {
                // A block of text at the very end gains its line break when something is put behind it.
                let block = matches!(s, Style::Literal | Style::Folded);
                s == t && (x == y || (block && y.strip_suffix('\n') == Some(x)))
            }
            (Data::Sequence(x, _), Data::Sequence(y, _)) => {
                x.len() == y.len() && x.iter().zip(y).all(|(a, b)| equal(a, b))
            }
            (Data::Mapping(x, _), Data::Mapping(y, _)) => {
                x.len() == y.len() && x.iter().zip(y).all(|(a, b)| equal(&a.key, &b.key) && equal(&a.value, &b.value))
            }
            (Data::Alias(x), Data::Alias(y)) => tag(x) == tag(y),
            _ => false,
        }
}
