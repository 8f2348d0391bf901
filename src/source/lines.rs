//! Bytes to lines and columns, and back.

use std::sync::OnceLock;

/// A place as people count: 1-based line, 1-based column in Unicode scalar values, 0-based byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column, counting Unicode scalar values.
    pub column: u32,
    /// Byte offset in the text.
    pub offset: u32,
}

/// The byte offsets at which lines begin; LF, CRLF and lone CR all end a line.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
    /// What stands before every [`STRIDE`]th byte, once somebody asks for a place far into a line: minified JSON is one line
    /// of a megabyte with thousands of places in it.
    before: OnceLock<Vec<Width>>,
}

/// How many bytes are counted anew for each question.
const STRIDE: usize = 512;

/// How long a piece of a text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Width {
    /// In Unicode scalar values.
    pub characters: u32,
    /// In units of UTF-16: what lies beyond the first plane counts twice.
    pub units: u32,
}

impl Width {
    fn of(bytes: &[u8]) -> Self {
        // Each character has one byte that continues none, and is long when that byte says so.
        let characters = bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count();
        let long = bytes.iter().filter(|byte| **byte >= 0xF0).count();
        let [characters, units] = [characters, characters + long].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        Self { characters, units }
    }

    const fn and(self, other: Self) -> Self {
        Self {
            characters: self.characters.saturating_add(other.characters),
            units: self.units.saturating_add(other.units),
        }
    }
}

impl LineIndex {
    /// The index of a text.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        // Most lines have more than thirty characters.
        let mut starts = Vec::with_capacity(bytes.len() / 32 + 8);
        starts.push(0);
        if memchr::memchr(b'\r', bytes).is_none() {
            starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| u32::try_from(at + 1).unwrap_or(u32::MAX)));
            return Self { starts, before: OnceLock::new() };
        }
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let crlf = bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
            if !crlf {
                starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
            }
        }
        Self { starts, before: OnceLock::new() }
    }

    /// How many lines there are; a text that ends in a line break has an empty last line.
    #[must_use]
    pub fn count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// The 1-based line that holds a byte.
    #[must_use]
    pub fn line(&self, offset: u32) -> u32 {
        u32::try_from(self.starts.partition_point(|&s| s <= offset)).unwrap_or(u32::MAX)
    }

    /// The first byte of a 1-based line; the last line's for lines past the end.
    #[must_use]
    pub fn start(&self, line: u32) -> u32 {
        let at = (line.max(1) as usize - 1).min(self.starts.len() - 1);
        self.starts[at]
    }

    /// The bytes of a 1-based line of `text`, without its line break.
    #[must_use]
    pub fn content<'t>(&self, text: &'t str, line: u32) -> &'t str {
        let from = self.start(line) as usize;
        let to = self.starts.get(line as usize).map_or(text.len(), |&s| s as usize);
        text.get(from..to).unwrap_or("").trim_end_matches(['\n', '\r'])
    }

    /// How long the piece of `text` between two bytes is.
    #[must_use]
    pub fn width(&self, text: &str, from: u32, to: u32) -> Width {
        let bytes = text.as_bytes();
        let (from, to) = (from as usize, (to as usize).min(bytes.len()));
        if to.saturating_sub(from) <= STRIDE {
            return Width::of(bytes.get(from..to).unwrap_or_default());
        }
        let before = self.before.get_or_init(|| {
            let widths = bytes.chunks(STRIDE).scan(Width::default(), |all, chunk| {
                *all = all.and(Width::of(chunk));
                Some(*all)
            });
            std::iter::once(Width::default()).chain(widths).collect()
        });
        let until = |at: usize| {
            let mark = at / STRIDE;
            let known = before.get(mark).copied().unwrap_or_default();
            known.and(Width::of(bytes.get(mark * STRIDE..at).unwrap_or_default()))
        };
        let (first, last) = (until(from), until(to));
        Width { characters: last.characters - first.characters, units: last.units - first.units }
    }

    /// The place of a byte of `text`.
    #[must_use]
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.line(offset);
        let start = self.start(line);
        let column = self.width(text, visible(text, start), offset).characters.saturating_add(1);
        Position { line, column, offset }
    }
}

/// Where what can be seen of a line begins: a byte order mark cannot.
pub(super) fn visible(text: &str, line_start: u32) -> u32 {
    let marks = if line_start == 0 { text.len() - text.trim_start_matches('\u{feff}').len() } else { 0 };
    line_start + u32::try_from(marks).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::super::Source;

    /// Columns count characters, those of UTF-16 an emoji twice, and neither a byte order mark.
    #[test]
    fn columns() {
        let text = "\u{feff}k: 😀é x";
        let source = Source::new("a", text);
        let at = u32::try_from(text.find('x').expect("there is one")).expect("small");
        assert_eq!(source.position_in_utf16(at), (1, 8));
        assert_eq!(source.position(at).column, 7);
    }

    /// Far into a long line columns are what counting from its beginning says.
    #[test]
    fn columns_of_a_long_line() {
        let text = format!("é\n{}\nx", "ab😀é\u{feff}cde\u{800}".repeat(2_000));
        let source = Source::new("a", text.as_str());
        let (mut characters, mut units) = (1, 1);
        for (at, c) in text.char_indices().skip(2).take_while(|(_, c)| *c != '\n') {
            let at = u32::try_from(at).expect("small");
            assert_eq!((source.position(at).column, source.position_in_utf16(at)), (characters, (2, units)), "{at}");
            characters += 1;
            units += if c.len_utf16() == 2 { 2 } else { 1 };
        }
        assert!(characters > 4 * 4_096);
    }

    /// The end of a text is a place, too, however long the text is.
    #[test]
    fn columns_of_the_end() {
        for length in [super::STRIDE, 2 * super::STRIDE - 1, 2 * super::STRIDE, 4 * super::STRIDE] {
            let text = "k".repeat(length);
            let source = Source::new("a", text.as_str());
            let end = u32::try_from(length).expect("small");
            assert_eq!(
                (source.position(end).column, source.position_in_utf16(end)),
                (end + 1, (1, end + 1)),
                "{length}"
            );
        }
    }
}
