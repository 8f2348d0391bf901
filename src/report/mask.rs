//! The bytes of a run that no report shows, whoever else points at the same line.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::finding::Run;
use crate::source::Source;

/// The secrets of a run, by file: where each begins, and the furthest end of those that begin no later.
pub(super) struct Masks {
    files: BTreeMap<String, Vec<(u32, u32)>>,
}

impl Masks {
    /// The secrets that findings point at, silenced ones included.
    pub(super) fn of(run: &Run) -> Self {
        let mut files: BTreeMap<String, Vec<(u32, u32)>> = BTreeMap::new();
        for finding in &run.findings {
            for place in finding.secrets() {
                files.entry(place.file().to_owned()).or_default().push((place.start, place.end));
            }
        }
        for ranges in files.values_mut() {
            ranges.sort_unstable();
            let mut furthest = 0;
            for (_, end) in ranges {
                furthest = furthest.max(*end);
                *end = furthest;
            }
        }
        Self { files }
    }

    /// True when some of a range of a text is part of a secret.
    pub(super) fn touch(&self, source: &Source, range: &Range<u32>) -> bool {
        self.furthest(source, range.end).is_some_and(|end| range.start < end)
    }

    /// The end of the secret that a byte of a text is part of.
    pub(super) fn end(&self, source: &Source, at: u32) -> Option<u32> {
        self.furthest(source, at.saturating_add(1)).filter(|end| at < *end)
    }

    /// The furthest end of those that begin before a byte.
    fn furthest(&self, source: &Source, before: u32) -> Option<u32> {
        let ranges = self.files.get(source.path())?;
        let at = ranges.partition_point(|(start, _)| *start < before);
        ranges.get(at.checked_sub(1)?).map(|(_, end)| *end)
    }
}
