//! Spaces put before lines of quoted scalars that granit-parser wants deeper and every other loader takes as they are.
//!
//! Leading blanks of a continuation line are folded away, so the value stays the same; what has to be
//! undone is only the shift of every place behind them.

use std::borrow::Cow;

const BLANKS: &str = "                                                                ";
const MAX_LINES: usize = 64;
/// How many bytes may be read again on account of this: keeps a large hostile text from costing 64 readings.
const MAX_WORK: usize = 16 << 20;

/// The lines that get extra blanks, by the bytes they begin at in the real text, in order.
#[derive(Default)]
pub(super) struct Padding {
    lines: Vec<usize>,
    work: usize,
}

impl Padding {
    pub(super) const fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The first line that was padded.
    pub(super) fn first(&self) -> Option<usize> {
        self.lines.first().copied()
    }

    /// Pads the line that holds a byte of the real text; false when there was enough of it.
    pub(super) fn add(&mut self, text: &str, at: usize) -> bool {
        let before = text.as_bytes().get(..at).unwrap_or_default();
        let line = before.iter().rposition(|b| matches!(b, b'\n' | b'\r')).map_or(0, |i| i + 1);
        let index = self.lines.partition_point(|&l| l < line);
        self.lines.insert(index, line);
        self.work += line;
        self.lines.len() < MAX_LINES && self.work < MAX_WORK
    }

    /// The text with the blanks in it.
    pub(super) fn apply<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.lines.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut padded = String::with_capacity(text.len() + self.lines.len() * BLANKS.len());
        let mut from = 0;
        for &line in &self.lines {
            padded.push_str(text.get(from..line).unwrap_or(""));
            padded.push_str(BLANKS);
            from = line;
        }
        padded.push_str(text.get(from..).unwrap_or(""));
        Cow::Owned(padded)
    }

    /// The byte of the real text for a byte of the padded one.
    pub(super) fn original(&self, at: usize) -> usize {
        let mut shift = 0;
        for &line in &self.lines {
            if at <= line + shift {
                break;
            }
            if at < line + shift + BLANKS.len() {
                return line;
            }
            shift += BLANKS.len();
        }
        at - shift
    }
}
