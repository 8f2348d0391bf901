//! The bytes of a run that no report shows, whoever else points at the same line.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::finding::Run;
use crate::source::Source;

/// The secrets of a run, by file.
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
            ranges.dedup();
        }
        Self { files }
    }

    /// True when some of a range of a text is part of a secret.
    pub(super) fn touch(&self, source: &Source, range: &Range<u32>) -> bool {
        let ranges = self.files.get(source.path()).map(Vec::as_slice).unwrap_or_default();
        ranges.iter().any(|(start, end)| *start < range.end && range.start < *end)
    }

    /// The end of the secret that a byte of a text is part of.
    pub(super) fn end(&self, source: &Source, at: u32) -> Option<u32> {
        let ranges = self.files.get(source.path())?;
        // Few files have more than a handful, and they may overlap.
        ranges.iter().filter(|(start, end)| (*start..*end).contains(&at)).map(|(_, end)| *end).max()
    }
}
