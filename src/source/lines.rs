//! Bytes to lines and columns, and back.

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
            return Self { starts };
        }
        for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let crlf = bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
            if !crlf {
                starts.push(u32::try_from(at + 1).unwrap_or(u32::MAX));
            }
        }
        Self { starts }
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

    /// The place of a byte of `text`.
    #[must_use]
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let line = self.line(offset);
        let start = self.start(line);
        let before = text.get(start as usize..offset as usize).unwrap_or("");
        let before = if start == 0 { before.trim_start_matches('\u{feff}') } else { before };
        let column = u32::try_from(before.chars().count() + 1).unwrap_or(u32::MAX);
        Position { line, column, offset }
    }
}
