//! From bytes of a scalar's value back to bytes of the text it was written in.

use std::ops::Range;

use super::{Data, Node, Style};
use crate::source::{FileId, Span};

/// Where each byte of a scalar's value was written.
///
/// Escapes, doubled quotes, folded lines and the indentation of block scalars are undone.
#[derive(Debug)]
pub struct Inside<'v> {
    value: &'v str,
    file: FileId,
    parts: Vec<Part>,
    /// Behind the last byte.
    end: Option<usize>,
}

impl<'v> Inside<'v> {
    /// `None` when the node is no scalar, and when value and text cannot be brought into line: a place that is told is right.
    #[must_use]
    pub fn of(text: &str, node: &Node<'v>) -> Option<Self> {
        let node = node.target();
        let Data::Scalar(value, style) = node.data else { return None };
        let from = node.span.start as usize;
        let written = text.get(node.span.range())?;
        // Most texts stand there as they are.
        let body = match style {
            Style::SingleQuoted | Style::DoubleQuoted => written.get(1..written.len().checked_sub(1)?)?,
            Style::Plain | Style::Literal | Style::Folded => written,
        };
        let mut seek = Seek { value, at: 0, parts: Vec::new(), end: None };
        if body == value && !matches!(style, Style::Literal | Style::Folded) {
            let start = from + usize::from(body.len() < written.len());
            seek.at_end(start);
            seek.same(body, start)?;
        } else {
            match style {
                Style::Plain => folded(&mut seek, written, from, style)?,
                Style::SingleQuoted | Style::DoubleQuoted => folded(&mut seek, body, from + 1, style)?,
                Style::Literal | Style::Folded => block(&mut seek, text, from)?,
            }
        }
        Some(Self { value, file: node.span.file, parts: seek.parts, end: seek.end })
    }

    /// The bytes of the text that a range of bytes of the value was written as; `None` when the range does not lie in
    /// the value on character boundaries.
    #[must_use]
    pub fn place(&self, range: Range<usize>) -> Option<Span> {
        self.value.get(range.clone())?;
        let first = self.parts.partition_point(|part| part.value.end <= range.start);
        let source = match self.parts.get(first).filter(|part| part.value.start <= range.start) {
            Some(part) if part.same => Some(part.written.start + range.start - part.value.start),
            Some(part) => Some(part.written.start),
            None => self.end.filter(|_| range.start == self.value.len()),
        };
        let last = self.parts.partition_point(|part| part.value.end < range.end);
        let end = match self.parts.get(last).filter(|part| part.value.start < range.end) {
            Some(part) if part.same => Some(part.written.start + range.end - part.value.start),
            Some(part) => Some(part.written.end),
            None => None,
        };
        let [start, end] = [source?, end.or(source)?].map(|i| u32::try_from(i).ok());
        Some(Span::new(self.file, start?, end?.max(start?)))
    }
}

/// Bytes of a value, and where they stand in the text.
#[derive(Debug)]
struct Part {
    value: Range<usize>,
    written: Range<usize>,
    /// Whether they stand there as they are.
    same: bool,
}

/// Walks value and text side by side, and remembers what was written where.
struct Seek<'v> {
    value: &'v str,
    at: usize,
    parts: Vec<Part>,
    end: Option<usize>,
}

impl<'v> Seek<'v> {
    fn rest(&self) -> &'v str {
        self.value.get(self.at..).unwrap_or("")
    }

    /// Bytes that stand in the text as they are in the value.
    fn same(&mut self, bytes: &str, from: usize) -> Option<()> {
        self.part(bytes, from..from + bytes.len(), true)
    }

    /// Bytes of the value that the text says in other words.
    fn other(&mut self, bytes: &str, written: Range<usize>) -> Option<()> {
        self.part(bytes, written, false)
    }

    fn part(&mut self, bytes: &str, written: Range<usize>, same: bool) -> Option<()> {
        self.rest().starts_with(bytes).then_some(())?;
        let past = self.at + bytes.len();
        let end = written.end;
        if !bytes.is_empty() {
            self.parts.push(Part { value: self.at..past, written, same });
        }
        self.at = past;
        self.at_end(end);
        Some(())
    }

    /// An empty range behind the last byte.
    fn at_end(&mut self, written: usize) {
        if self.at == self.value.len() {
            self.end.get_or_insert(written);
        }
    }
}

/// Plain and quoted scalars: line breaks fold, and the two quotes escape in their own ways.
fn folded(seek: &mut Seek<'_>, body: &str, from: usize, style: Style) -> Option<()> {
    seek.at_end(from);
    let mut at = 0;
    // What is written otherwise than it is meant, beside line breaks.
    let special = match style {
        Style::DoubleQuoted => b'\\',
        Style::SingleQuoted => b'\'',
        Style::Plain | Style::Literal | Style::Folded => b'\n',
    };
    while at < body.len() {
        let rest = body.get(at..)?;
        let run = memchr::memchr3(b'\n', b'\r', special, rest.as_bytes()).unwrap_or(rest.len());
        let (plain, next) = rest.split_at(run);
        let breaks = next.starts_with(['\n', '\r']);
        // Blanks before a line break are folded away with it.
        let plain = if breaks { plain.trim_end_matches([' ', '\t']) } else { plain };
        if !plain.is_empty() {
            seek.same(plain, from + at)?;
        }
        let fold = at + plain.len();
        at += run;
        if breaks {
            let blank = next.len() - next.trim_start_matches([' ', '\t', '\n', '\r']).len();
            let lines = count_breaks(next.get(..blank)?);
            let value = if lines == 1 { " ".to_owned() } else { "\n".repeat(lines - 1) };
            seek.other(&value, from + fold..from + at + blank)?;
            at += blank;
        } else if next.starts_with('\\') {
            let (value, length) = escape(next)?;
            match value {
                Some(c) => seek.other(c.encode_utf8(&mut [0; 4]), from + at..from + at + length)?,
                None => {
                    // A line break that is escaped: nothing, but blank lines behind it count.
                    let blank = next.get(length..)?;
                    let blank = blank.len() - blank.trim_start_matches([' ', '\t', '\n', '\r']).len();
                    let lines = count_breaks(next.get(length..length + blank)?);
                    if lines > 0 {
                        seek.other(&"\n".repeat(lines), from + at..from + at + length + blank)?;
                    }
                    at += blank;
                }
            }
            at += length;
        } else if next.starts_with("''") {
            seek.other("'", from + at..from + at + 2)?;
            at += 2;
        } else if !next.is_empty() {
            seek.same(next.get(..1)?, from + at)?;
            at += 1;
        }
    }
    (seek.at == seek.value.len()).then_some(())
}

/// Block scalars: line by line, without the indentation; between lines stands what the value says.
fn block(seek: &mut Seek<'_>, text: &str, from: usize) -> Option<()> {
    if seek.rest().trim_end().is_empty() {
        return None;
    }
    let indent = from - text.get(..from)?.rfind(['\n', '\r']).map_or(0, |i| i + 1);
    let mut line = from - indent;
    // Blank lines before the first one that says something.
    let blank = seek.rest().len() - seek.rest().trim_start_matches('\n').len();
    if blank > 0 {
        seek.other(&"\n".repeat(blank), line..from)?;
    }
    loop {
        let rest = text.get(line..)?;
        let length = line_length(rest);
        let content = line + indent.min(length);
        let words = text.get(content..line + length)?;
        seek.same(words, content)?;
        let next = rest.get(length..)?;
        let mut past = line + length + break_length(next);
        let left = seek.rest();
        if left.is_empty() {
            return Some(());
        }
        // Blank lines and the fold belong together; a line of blanks only is one that says nothing.
        let newlines = left.len() - left.trim_start_matches('\n').len();
        let said = left.get(newlines..)?;
        let mut lines = 0;
        while let Some(more) = text.get(past..)
            && !more.is_empty()
        {
            let length = line_length(more);
            let words = more.get(indent.min(length)..length)?;
            if !words.is_empty() && !said.is_empty() {
                break;
            }
            lines += 1;
            let wide = break_length(more.get(length..)?);
            if said.is_empty() && (wide == 0 || lines >= newlines) {
                break;
            }
            past += length + wide;
        }
        let between = if newlines > 0 { newlines } else { usize::from(left.starts_with(' ')) };
        if between == 0 {
            return None;
        }
        seek.other(left.get(..between)?, line + length..past)?;
        if said.is_empty() {
            return Some(());
        }
        line = past;
    }
}

/// What an escape stands for and how long it is; `None` for an escaped line break.
fn escape(written: &str) -> Option<(Option<char>, usize)> {
    let kind = written.chars().nth(1)?;
    let hex = |from: usize, digits: usize| u32::from_str_radix(written.get(from..from + digits)?, 16).ok();
    let simple = match kind {
        '0' => '\0',
        'a' => '\x07',
        'b' => '\x08',
        't' | '\t' => '\t',
        'n' => '\n',
        'v' => '\x0b',
        'f' => '\x0c',
        'r' => '\r',
        'e' => '\x1b',
        ' ' | '"' | '/' | '\\' => kind,
        'N' => '\u{85}',
        '_' => '\u{a0}',
        'L' => '\u{2028}',
        'P' => '\u{2029}',
        'x' => return Some((Some(char::from_u32(hex(2, 2)?)?), 4)),
        'U' => return Some((Some(char::from_u32(hex(2, 8)?)?), 10)),
        'u' => {
            let first = hex(2, 4)?;
            if !(0xd800..0xdc00).contains(&first) {
                return Some((Some(char::from_u32(first)?), 6));
            }
            let second = hex(8, 4)?.checked_sub(0xdc00)?;
            return Some((Some(char::from_u32(0x10000 + ((first - 0xd800) << 10) + second)?), 12));
        }
        '\n' | '\r' => {
            let wide = 1 + break_length(written.get(1..)?);
            let blank = written.get(wide..)?;
            return Some((None, wide + blank.len() - blank.trim_start_matches([' ', '\t']).len()));
        }
        _ => return None,
    };
    Some((Some(simple), 1 + kind.len_utf8()))
}

/// How long the first line is, without its break.
fn line_length(text: &str) -> usize {
    memchr::memchr2(b'\n', b'\r', text.as_bytes()).unwrap_or(text.len())
}

fn break_length(text: &str) -> usize {
    if text.starts_with("\r\n") { 2 } else { usize::from(text.starts_with(['\n', '\r'])) }
}

fn count_breaks(blank: &str) -> usize {
    blank.matches('\n').count() + blank.matches('\r').count() - blank.matches("\r\n").count()
}
