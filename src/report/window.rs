//! A few lines of a text made safe to show, with places moved along.
//!
//! Renderers index whatever they are given, so they are given a few lines; and they trust it, so hidden
//! characters are escaped and secrets masked before. Both change lengths: a [`Window`] remembers how.

use std::ops::Range;

use crate::finding;
use crate::source::Source;

use super::lines::line_end;
use super::mask::Masks;

/// Lines longer than this are cut around what is pointed at: minified JSON is one line of a megabyte.
const LONG: usize = 600;
/// How much of a long line is kept before and after the place that is pointed at.
const AROUND: (usize, usize) = (160, 320);

/// A range of lines as it may be shown.
pub(super) struct Window {
    /// The text, lines joined by `\n`.
    pub text: String,
    /// The 1-based number of its first line.
    pub first: u32,
    /// True when a line was too long to be shown whole.
    pub cut: bool,
    // Where stretches of the source begin, here and there; sorted both ways.
    stretches: Vec<(u32, usize)>,
}

impl Window {
    /// The lines `first..=last` of a text; `points` are the places that must not be cut away.
    pub(super) fn new(source: &Source, first: u32, last: u32, points: &[Range<u32>], masks: &Masks) -> Self {
        let lines = source.lines();
        let mut window = Self { text: String::new(), first, cut: false, stretches: Vec::new() };
        for line in first..=last.min(lines.count()) {
            if line > first {
                window.text.push('\n');
            }
            window.line(source, line, points, masks);
        }
        window
    }

    fn line(&mut self, source: &Source, line: u32, points: &[Range<u32>], masks: &Masks) {
        let (start, end) = (source.lines().start(line), line_end(source, line));
        let kept = kept(source, start..end, points);
        self.cut |= kept != (start..end);
        self.stretches.push((start, self.text.len()));
        if kept.start > start {
            self.text.push('…');
            self.stretches.push((kept.start, self.text.len()));
        }
        let text = source.text().get(kept.start as usize..kept.end as usize).unwrap_or("");
        // Most lines have nothing to hide.
        if !masks.touch(source, &kept) && harmless(text) {
            self.text.push_str(text);
            if kept.end < end {
                self.text.push('…');
            }
            self.stretches.push((end, self.text.len()));
            return;
        }
        let mut at = kept.start;
        let mut hidden_until = 0;
        for c in text.chars() {
            let next = at + u32::try_from(c.len_utf8()).unwrap_or(1);
            if at >= hidden_until
                && let Some(until) = masks.end(source, at)
            {
                hidden_until = until;
                if matches!(c, '"' | '\'') {
                    self.text.push(c);
                }
                self.text.push_str("********");
                let secret = source.text().get(at as usize..until as usize).unwrap_or("");
                self.text.extend(secret.chars().last().filter(|last| *last == c && matches!(c, '"' | '\'')));
                self.stretches.push((until.min(kept.end), self.text.len()));
            }
            if at >= hidden_until {
                if at == 0 && c == '\u{feff}' {
                    self.stretches.push((next, self.text.len()));
                } else if (finding::hidden(c) && c != '\t') || (c == '[' && finding::commands(&self.text)) {
                    self.text.extend(c.escape_unicode());
                    self.stretches.push((next, self.text.len()));
                } else {
                    self.text.push(c);
                }
            }
            at = next;
        }
        if kept.end < end {
            self.text.push('…');
        }
        self.stretches.push((end, self.text.len()));
    }

    /// Where a byte of the source is in the window; the nearest one when it was cut away.
    pub(super) fn at(&self, offset: u32) -> usize {
        let i = self.stretches.partition_point(|(from, _)| *from <= offset);
        let Some((from, here)) = i.checked_sub(1).and_then(|i| self.stretches.get(i)) else { return 0 };
        let limit = self.stretches.get(i).map_or(self.text.len(), |(_, next)| *next);
        let mut at = here.saturating_add((offset - from) as usize).min(limit).min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// A range of the source in the window.
    pub(super) fn range(&self, range: &Range<u32>) -> Range<usize> {
        let start = self.at(range.start);
        start..self.at(range.end).max(start)
    }
}

/// True for a text in which every byte is what it looks like.
fn harmless(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'\t' | b' '..=b'~')) && !(text.contains('[') && text.contains("##"))
}

/// The part of a line that is shown: all of it, unless it is very long.
fn kept(source: &Source, line: Range<u32>, points: &[Range<u32>]) -> Range<u32> {
    if (line.end - line.start) as usize <= LONG {
        return line;
    }
    let point = points.iter().map(|p| p.start).filter(|p| (line.start..=line.end).contains(p)).min();
    let point = point.unwrap_or(line.start) as usize;
    let from = point.saturating_sub(AROUND.0).max(line.start as usize);
    let to = (point + AROUND.1).min(line.end as usize);
    let text = source.text();
    // A character has four bytes at most.
    let from = (from..from + 4).find(|&i| text.is_char_boundary(i)).unwrap_or(from);
    let to = (to..to + 4).find(|&i| text.is_char_boundary(i)).unwrap_or(to);
    let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    narrow(from)..narrow(to.min(line.end as usize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Run;

    fn window(text: &str, point: Range<u32>) -> Window {
        let run = Run::default();
        let source = Source::new("a", text);
        Window::new(&source, 1, source.lines().count(), &[point], &Masks::of(&run))
    }

    /// Places after an escaped character point at what they pointed at.
    #[test]
    fn places_move_along() {
        let text = "\u{feff}a: \x1bé \"b\"\r\nc: \u{202e}d\n";
        let w = window(text, 0..1);
        assert_eq!(w.text, "a: \\u{1b}é \"b\"\nc: \\u{202e}d\n");
        for word in ["\"b\"", "é", "d", "c:"] {
            let at = u32::try_from(text.find(word).expect("there")).expect("small");
            let range = w.range(&(at..at + u32::try_from(word.len()).expect("small")));
            assert_eq!(&w.text[range], word);
        }
        let end = u32::try_from(text.len()).expect("small");
        assert_eq!(w.at(end), w.text.len());
        assert_eq!(w.at(u32::MAX), w.text.len());
    }

    /// A very long line is cut around the place, which stays where it was.
    #[test]
    fn long_lines_are_cut() {
        let text = format!("{}needle{}", "é".repeat(5_000), "x".repeat(50_000));
        let w = window(&text, 10_000..10_006);
        assert!(w.text.len() < 700 && w.text.starts_with('…') && w.text.ends_with('…'));
        assert_eq!(&w.text[w.range(&(10_000..10_006))], "needle");
        assert_eq!(w.range(&(3..5)), w.range(&(3..5)));
    }
}
