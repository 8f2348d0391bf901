//! Places as editors count them: lines from 0, columns in bytes or in UTF-16 units, as was agreed.

use lsp_types::{Position, PositionEncodingKind, Range};

use crate::finding::Place;
use crate::source::Source;

/// What columns count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, which every editor knows.
    Utf16,
}

impl Encoding {
    /// The word in the protocol.
    pub(super) const fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
        }
    }

    /// Where a byte of a text is.
    pub(super) fn position(self, source: &Source, offset: u32) -> Position {
        let lines = source.lines();
        let line = lines.line(offset);
        let start = lines.start(line);
        let column = match self {
            Self::Utf8 => offset - start,
            Self::Utf16 => lines.width(source.text(), start, offset).units,
        };
        Position::new(line.saturating_sub(1), column)
    }

    /// The byte of a text at a position; what is past the end of a line or of the text is there.
    pub(super) fn offset(self, source: &Source, position: Position) -> u32 {
        let lines = source.lines();
        if position.line >= lines.count() {
            return u32::try_from(source.text().len()).unwrap_or(u32::MAX);
        }
        let line = position.line + 1;
        let content = lines.content(source.text(), line);
        let mut left = position.character as usize;
        let mut bytes = 0;
        for c in content.chars() {
            let width = match self {
                Self::Utf8 => c.len_utf8(),
                Self::Utf16 => c.len_utf16(),
            };
            // A position inside a character is before it.
            if left < width {
                break;
            }
            left -= width;
            bytes += c.len_utf8();
        }
        lines.start(line) + u32::try_from(bytes).unwrap_or(0)
    }

    /// The range of a place.
    pub(super) fn range(self, place: &Place) -> Range {
        Range::new(self.position(&place.source, place.start), self.position(&place.source, place.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a: 1\r\nb: \"🦀東é\" x\n\nlast";

    /// Columns count bytes or UTF-16 units, and every position leads back to its byte.
    #[test]
    fn columns_are_counted_as_agreed() {
        let source = Source::new("t", TEXT);
        let x = u32::try_from(TEXT.find(" x").expect("there") + 1).expect("short");
        assert_eq!(Encoding::Utf16.position(&source, x), Position::new(1, 10));
        assert_eq!(Encoding::Utf8.position(&source, x), Position::new(1, 15));
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for (at, _) in TEXT.char_indices().filter(|(_, c)| !matches!(c, '\r' | '\n')) {
                let at = u32::try_from(at).expect("short");
                assert_eq!(encoding.offset(&source, encoding.position(&source, at)), at, "{encoding:?}");
            }
        }
    }

    /// Positions that are nowhere are clamped: to the line, to the text, to the character before.
    #[test]
    fn positions_are_clamped() {
        let source = Source::new("t", TEXT);
        let at = |line, column| Encoding::Utf16.offset(&source, Position::new(line, column)) as usize;
        assert_eq!(at(0, 99), 4, "the end of the line, before its break");
        assert_eq!(at(99, 0), TEXT.len());
        assert_eq!(at(3, 99), TEXT.len());
        assert_eq!(at(1, 5), at(1, 4), "in the middle of a surrogate pair");
        assert_eq!(at(2, 1), at(2, 0));
    }
}
