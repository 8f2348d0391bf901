//! Where the parts of a document stand that is written in a text.
//!
//! [`syntax::Inside`](crate::syntax::Inside) does the same for a scalar whose node is at hand, byte for byte. Here a text may be put
//! together from pieces, and of what the user wrote only the bytes are known.

use crate::source::Span;

/// What the number of a piece stands between: letters that no text has.
pub(super) const MARKS: [char; 2] = ['\u{E000}', '\u{E001}'];

/// Where each byte of a text was written: of a scalar in whatever style, with the holes of `Fn::Sub`.
#[derive(Debug)]
pub(super) struct Places {
    whole: Span,
    /// By byte of the text: how far into the scalar.
    offsets: Vec<u32>,
}

impl Places {
    /// Brings a text in line with what stands at its place; `None` when they cannot be.
    pub(super) fn of(text: &str, written: &str, whole: Span) -> Option<Self> {
        // Before it may stand a quote, or the tag and the indicator of a block.
        let word = text.split_whitespace().next()?;
        let begin = if word.starts_with('{') { "{" } else { word };
        let mut source = Source { written, at: written.find(begin)? };
        let mut offsets = vec![0; text.len() + 1];
        let mut left = text.char_indices().peekable();
        while let Some((at, c)) = left.next() {
            if c.is_whitespace() {
                source.blanks();
                continue;
            }
            source.blanks();
            let start = u32::try_from(source.at).ok()?;
            let end = if c == MARKS[0] {
                source.hole()?;
                left.find(|(_, c)| *c == MARKS[1])?;
                left.peek().map_or(text.len(), |(next, _)| *next)
            } else {
                source.same(c)?;
                at + c.len_utf8()
            };
            offsets.get_mut(at..end)?.fill(start);
            *offsets.get_mut(end)? = u32::try_from(source.at).ok()?;
        }
        Some(Self { whole, offsets })
    }

    /// Where a part of the text was written: one of its values or keys.
    pub(super) fn span(&self, part: Span) -> Option<Span> {
        let offset = |at: u32| self.offsets.get(at as usize).copied().filter(|offset| *offset > 0 || at == 0);
        let (start, end) = (offset(part.start)?, offset(part.end)?);
        let at = |offset: u32| self.whole.start.checked_add(offset);
        Some(Span::new(self.whole.file, at(start)?, at(end.max(start))?))
    }
}

/// What the user wrote, read along.
struct Source<'w> {
    written: &'w str,
    at: usize,
}

impl Source<'_> {
    fn rest(&self) -> &str {
        self.written.get(self.at..).unwrap_or("")
    }

    /// Blanks mean nothing between the parts of a document, and in its texts they are as many as one likes.
    fn blanks(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start().len();
            // In double quotes a line break is an escape.
            let escape = ["\\n", "\\r", "\\t"].iter().any(|escape| rest.starts_with(escape));
            match (blank, escape) {
                (0, false) => return,
                (0, true) => self.at += 2,
                (more, _) => self.at += more,
            }
        }
    }

    fn hole(&mut self) -> Option<()> {
        let end = self.rest().strip_prefix("${")?.find('}')?;
        self.at += end + 3;
        Some(())
    }

    fn same(&mut self, c: char) -> Option<()> {
        let rest = self.rest();
        let escaped = || rest.strip_prefix('\\').is_some_and(|rest| rest.starts_with(c));
        self.at += match () {
            () if rest.starts_with(c) => c.len_utf8(),
            () if escaped() => 1 + c.len_utf8(),
            () => return None,
        };
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn found<'w>(text: &str, written: &'w str, part: &str) -> Option<&'w str> {
        let whole = Span::new(FileId(0), 100, 100 + u32::try_from(written.len()).ok()?);
        let start = u32::try_from(text.find(part)?).ok()?;
        let part = Span::new(FileId(0), start, start + u32::try_from(part.len()).ok()?);
        let span = Places::of(text, written, whole)?.span(part)?;
        written.get(span.start as usize - 100..span.end as usize - 100)
    }

    /// Parts are found in block scalars, in quotes and beside holes; what cannot be brought in line is not found.
    #[test]
    fn parts_of_a_text() {
        let text = "{\n  \"Action\": \"s3:*\",\n  \"B\": \"\u{E000}1\u{E001}/*\"\n}\n";
        let block = "!Sub |\n        {\n          \"Action\": \"s3:*\",\n          \"B\": \"${Arn}/*\"\n        }\n";
        assert_eq!(found(text, block, "\"s3:*\""), Some("\"s3:*\""));
        assert_eq!(found(text, block, "\"\u{E000}1\u{E001}/*\""), Some("\"${Arn}/*\""));
        let steps = "schemaVersion: '2.2'\nmainSteps:\n  - \u{E000}1\u{E001}\n";
        let block = "!Sub |\n        schemaVersion: '2.2'\n        mainSteps:\n          - ${Step}\n";
        assert_eq!(found(steps, block, "'2.2'"), Some("'2.2'"));
        assert_eq!(found(steps, block, "\u{E000}1\u{E001}"), Some("${Step}"));
        let quoted = "\"{\\n  \\\"Action\\\": \\\"s3:*\\\",\\n  \\\"B\\\": \\\"${Arn}/*\\\"\\n}\\n\"";
        assert_eq!(found(text, quoted, "\"s3:*\""), Some("\\\"s3:*\\\""));
        assert_eq!(found(text, "{\"Action\": \"s3:*\"}", "\"s3:*\""), None);
        assert_eq!(found(text, "!Ref Text", "\"s3:*\""), None);
    }
}
