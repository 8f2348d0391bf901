//! A place cut to one line, counted in the units that each format counts in.

use std::sync::Arc;

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

    /// What a person sees best of a place: its first line, and where that is a mere bracket, the key before it
    /// (`"CidrIp": {`) or, without one, the next line.
    pub(super) fn drawn(place: &Place) -> Self {
        let first = Self::of(place);
        let text = |from: u32, to: u32| place.source.text().get(from as usize..to as usize).unwrap_or("");
        let says = |from: u32, to: u32| text(from, to).contains(char::is_alphanumeric);
        if !matches!(text(first.start, first.end).trim_end(), "{" | "[" | "|" | ">") {
            return first;
        }
        let from = |from: u32, to: u32| Self::of(&Place::new(Arc::clone(&place.source), from, to));
        let before = text(place.source.lines().start(first.line), first.start);
        let key = before.rsplit(['{', '[', ',']).next().unwrap_or(before).trim_start_matches([' ', '\t', '-']);
        let key = first.start.saturating_sub(u32::try_from(key.len()).unwrap_or(u32::MAX));
        if says(key, first.start) {
            return from(key, first.end);
        }
        let next = place.source.lines().start(first.line + 1);
        let end = line_end(&place.source, first.line + 1);
        let indented = text(next, end).trim_start().len();
        let next = end.saturating_sub(u32::try_from(indented).unwrap_or(u32::MAX));
        if next > first.end && says(next, end) { from(next, end) } else { first }
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

    /// A bracket alone says nothing.
    #[test]
    fn a_bracket_is_drawn_with_its_key_or_what_it_holds() {
        let drawn = |text: &str, from: &str, to: &str| {
            let source = Arc::new(Source::new("a", text));
            let [start, last] = [text.find(from), text.rfind(to)].map(Option::unwrap);
            let end = u32::try_from(last + to.len()).unwrap();
            let line = OneLine::drawn(&Place::new(source, u32::try_from(start).unwrap(), end));
            (line.line, text[line.start as usize..line.end as usize].to_owned())
        };
        let at = |line: u32, text: &str| (line, text.to_owned());
        assert_eq!(drawn("{\"A\": 1, \"B\": {\n  \"Ref\": \"C\"\n}}", "{\n", "}"), at(1, "\"B\": {"));
        assert_eq!(drawn("- A: [\n    b ]", "[", "]"), at(1, "A: ["));
        assert_eq!(drawn("A: [\n  {\n    B: c\n  }\n]", "{", "}"), at(3, "B: c"));
        assert_eq!(drawn("A: [\r\n  {\r\n    B: c }\r\n]", "{", "{"), at(3, "B: c }"));
        assert_eq!(drawn("A: >\n  b\n", ">", "b"), at(1, "A: >"));
        assert_eq!(drawn("A:\n  - b\n  - c\n", "- b", "c"), at(2, "- b"));
        assert_eq!(drawn("A: { B: c }", "{", "}"), at(1, "{ B: c }"));
        assert_eq!(drawn("[\n\n[\n1]]", "[\n\n", "]"), at(1, "["));
    }
}
