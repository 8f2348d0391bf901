//! A place cut to one line, counted in the units that each format counts in.

use crate::finding::{Finding, Place};
use crate::source::Source;

/// A range of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OneLine {
    /// 1-based line.
    pub line: u32,
    /// 1-based column of the first character, in Unicode scalar values.
    pub from: u32,
    /// The column after the last character.
    pub to: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl OneLine {
    /// The first line of a place: what is larger than the change is not shown beside it by code review.
    pub(super) fn of(place: &Place) -> Self {
        let source = &place.source;
        let from = source.position(place.start);
        let line_end = line_end(source, from.line);
        let end = place.end.clamp(place.start, line_end.max(place.start));
        let to = source.position(end);
        Self { line: from.line, from: from.column, to: to.column.max(from.column), start: place.start, end }
    }
}

/// What is shown beside code: a file, and the line and columns of it.
pub(super) struct Beside<'f> {
    pub file: &'f str,
    pub line: u32,
    pub from: u32,
    pub to: u32,
}

impl<'f> Beside<'f> {
    /// The place of a finding. A synthesised template is in no repository; the app that makes it is.
    pub(super) fn of(finding: &'f Finding) -> Self {
        match finding.made() {
            Some((file, line, column)) => Self { file, line: *line, from: *column, to: *column },
            None => {
                let OneLine { line, from, to, .. } = OneLine::of(&finding.place);
                Self { file: finding.place.file(), line, from, to }
            }
        }
    }
}

/// The byte after the last character of a line, its line break not counted.
pub(super) fn line_end(source: &Source, line: u32) -> u32 {
    let length = source.lines().content(source.text(), line).len();
    source.lines().start(line).saturating_add(u32::try_from(length).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    /// A place of several lines ends with its first one, before the line break.
    #[test]
    fn several_lines_become_one() {
        let source = Arc::new(Source::new("a", "x: |\r\n  one\r\n  two\r\n"));
        let line = OneLine::of(&Place::new(Arc::clone(&source), 3, 18));
        assert_eq!((line.line, line.from, line.to), (1, 4, 5));
        let line = OneLine::of(&Place::new(source, 8, 8));
        assert_eq!((line.line, line.from, line.to, line.end), (2, 3, 3, 8));
    }
}
