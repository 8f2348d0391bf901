//! `.env` files: names and values, each with its place.

use crate::source::{Arena, FileId, Span};

/// One variable of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its value; `None` when it depends on the environment of whoever reads it.
    pub value: Option<&'a str>,
    /// The bytes of the value, quotes excluded.
    pub span: Span,
}

/// The last value of a name: it is the one that counts.
pub(super) fn find<'l, 'a>(lines: &'l [Line<'a>], name: &str) -> Option<&'l Line<'a>> {
    lines.iter().rev().find(|line| line.name == name)
}

/// Reads `NAME=value` lines; what is no such line is passed over, as the framework does.
pub(super) fn parse<'a>(arena: &'a Arena, file: FileId, text: &'a str) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let length = rest.find('\n').map_or(rest.len(), |end| end + 1);
        let mut next = at + length;
        let line = rest.get(..length).unwrap_or(rest);
        if let Some((name, behind)) = assignment(line) {
            let start = at + behind + blanks(line.get(behind..).unwrap_or(""));
            let (range, quote) = extent(text, start, at + length);
            next = next.max(range.end);
            let raw = text.get(range.clone()).unwrap_or("");
            // `$NAME` is replaced by the environment, save between single quotes.
            let value = match quote {
                Some('\'') => Some(raw),
                _ if raw.contains('$') => None,
                Some('"') if raw.contains("\\n") => Some(&*arena.alloc_str(&raw.replace("\\n", "\n"))),
                Some(_) | None => Some(raw),
            };
            if let (Ok(start), Ok(end)) = (u32::try_from(range.start), u32::try_from(range.end)) {
                lines.push(Line { name, value, span: Span::new(file, start, end) });
            }
        }
        at = next;
    }
    lines
}

/// The name, and where what is assigned begins.
fn assignment(line: &str) -> Option<(&str, usize)> {
    let equals = line.find('=')?;
    let name = line.get(..equals)?.trim();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let fits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    fits.then_some((name, equals + 1))
}

fn blanks(text: &str) -> usize {
    text.len() - text.trim_start_matches([' ', '\t']).len()
}

/// The bytes of a value that begins at `start` in a line that ends at `end`; quotes may span lines.
fn extent(text: &str, start: usize, end: usize) -> (std::ops::Range<usize>, Option<char>) {
    let line = text.get(start..end).unwrap_or("");
    if let Some(quote) = line.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))
        && let Some(length) = text.get(start + 1..).and_then(|rest| rest.find(quote))
    {
        return (start + 1..start + 1 + length, Some(quote));
    }
    let bare = line.split('#').next().unwrap_or("").trim_end();
    (start..start + bare.len(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Comments, quotes, `export` and blank lines are read as the framework reads them.
    #[test]
    fn lines_are_read() {
        let arena = Arena::new();
        let text = "# c\nA=one\nexport B = 'two # x'\nC=\"three\\nx\" # y\n\nD=four # z\nE=$HOME/x\nF=\nG='$x'\nnot a line\nH=\"a\nb\"\nA=last";
        let lines = parse(&arena, FileId(0), text);
        let value = |name| find(&lines, name).map(|l| l.value);
        assert_eq!(value("A"), Some(Some("last")));
        assert_eq!(value("B"), Some(Some("two # x")));
        assert_eq!(value("C"), Some(Some("three\nx")));
        assert_eq!(value("D"), Some(Some("four")));
        assert_eq!(value("E"), Some(None));
        assert_eq!(value("F"), Some(Some("")));
        assert_eq!(value("G"), Some(Some("$x")));
        assert_eq!(value("H"), Some(Some("a\nb")));
        assert_eq!(value("not a line"), None);
        let span = find(&lines, "D").expect("D is there").span;
        assert_eq!(&text[span.range()], "four");
    }
}
