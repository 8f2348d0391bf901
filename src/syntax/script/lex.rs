//! A script's text as tokens: enough to tell strings, brackets and comments apart, brackets paired.

use std::ops::Range;

/// One token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
    /// Of an opening bracket: where in the list its closing one is, and the other way round.
    pub partner: u32,
}

/// The sorts of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Word,
    /// A number.
    Number,
    /// Text in `'` or `"`.
    Text,
    /// The first or the last backquote of a template.
    Template,
    /// Literal text of a template.
    Chunk,
    /// A regular expression.
    Pattern,
    /// `...`.
    Spread,
    /// `=>`.
    Arrow,
    /// An operator of more than one character.
    Operator,
    /// `{`, `[` or `(`; in a template `${`.
    Open(u8),
    /// `}`, `]` or `)`.
    Close(u8),
    /// Any other character.
    Mark(u8),
}

/// The tokens of a text, and the bytes of its comments.
pub(super) struct Lexed {
    pub tokens: Vec<Token>,
    pub comments: Vec<Range<u32>>,
}

/// Operators of several characters, the longer first. Shifts are not among them: `>>` closes two types.
const OPERATORS: [&str; 22] = [
    "===", "!==", "**=", "&&=", "||=", "??=", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "**", "++", "--", "+=",
    "-=", "*=", "/=", "%=",
];

/// Words behind which a `/` begins a regular expression.
const BEFORE_PATTERN: [&str; 12] =
    ["return", "typeof", "case", "in", "of", "delete", "void", "throw", "new", "else", "do", "await"];

/// What is never closed, or closes nothing, and where it is.
pub(super) type Broken = (usize, &'static str);

/// Reads a text's tokens, unless a string, a comment or a bracket is never closed.
pub(super) fn lex(text: &str) -> Result<Lexed, Broken> {
    let mut lexer = Lexer {
        text,
        at: 0,
        tokens: Vec::with_capacity(text.len() / 6),
        comments: Vec::new(),
        open: Vec::new(),
        broken: None,
    };
    if text.starts_with("#!") {
        lexer.at = text.find('\n').unwrap_or(text.len());
    }
    while lexer.at < text.len() {
        if lexer.token().is_none() {
            return Err(lexer.broken.unwrap_or((lexer.at, "this cannot be read as a script from here on")));
        }
    }
    match lexer.open.last().and_then(|open| lexer.tokens.get(*open)) {
        Some(open) => Err((open.start as usize, "this bracket is never closed")),
        None => Ok(Lexed { tokens: lexer.tokens, comments: lexer.comments }),
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    comments: Vec<Range<u32>>,
    /// The brackets that are open, by their place in the list.
    open: Vec<usize>,
    /// What ended the reading.
    broken: Option<Broken>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn byte(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at + ahead).copied()
    }

    /// Reads one token, comment or run of blanks.
    fn token(&mut self) -> Option<()> {
        let byte = self.byte(0)?;
        let start = self.at;
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
            b'/' if self.byte(1) == Some(b'/') => {
                self.at = self.rest().find(['\n', '\r']).map_or(self.text.len(), |end| start + end);
                self.comment(start);
            }
            b'/' if self.byte(1) == Some(b'*') => {
                let end = self.text.get(start + 2..)?.find("*/");
                self.at = start + 2 + self.or(end, start, "this comment is never closed")? + 2;
                self.comment(start);
            }
            b'"' | b'\'' => {
                let closed = self.quoted(byte);
                self.or(closed, start, "this text is not closed on its line")?;
                self.push(Kind::Text, start);
            }
            b'`' => {
                self.open.push(self.tokens.len());
                self.at += 1;
                self.push(Kind::Template, start);
                self.chunk()?;
            }
            b'{' | b'[' | b'(' => {
                self.open.push(self.tokens.len());
                self.at += 1;
                self.push(Kind::Open(byte), start);
            }
            b'}' | b']' | b')' => self.close(byte)?,
            b'0'..=b'9' => self.number(),
            b'.' if self.byte(1).is_some_and(|b| b.is_ascii_digit()) => self.number(),
            b'.' if self.rest().starts_with("...") => self.operator(3, Kind::Spread),
            b'=' if self.byte(1) == Some(b'>') => self.operator(2, Kind::Arrow),
            b'/' if self.pattern_may_begin() && self.pattern() => self.push(Kind::Pattern, start),
            _ => self.word_or_mark(byte),
        }
        Some(())
    }

    /// The same; where it is nothing, that is why the reading ends.
    fn or<T>(&mut self, found: Option<T>, at: usize, why: &'static str) -> Option<T> {
        if found.is_none() {
            self.broken.get_or_insert((at, why));
        }
        found
    }

    fn word_or_mark(&mut self, byte: u8) {
        let start = self.at;
        let in_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '#' | '@' | '\\');
        if let Some(length) = self.rest().find(|c| !in_word(c)).or(Some(self.rest().len())).filter(|n| *n > 0) {
            self.at += length;
            return self.push(Kind::Word, start);
        }
        if let Some(operator) = OPERATORS.iter().find(|o| self.rest().starts_with(**o)) {
            return self.operator(operator.len(), Kind::Operator);
        }
        let character = self.rest().chars().next().map_or(1, char::len_utf8);
        self.at += character;
        // Odd blanks and the byte order mark are no tokens.
        if byte.is_ascii_graphic() {
            self.push(Kind::Mark(byte), start);
        }
    }

    fn operator(&mut self, length: usize, kind: Kind) {
        let start = self.at;
        self.at += length;
        self.push(kind, start);
    }

    fn number(&mut self) {
        let start = self.at;
        let mut before = b' ';
        while let Some(byte) = self.byte(0) {
            let sign =
                matches!(byte, b'+' | b'-') && matches!(before, b'e' | b'E') && !self.slice(start).starts_with("0x");
            if !(byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_') || sign) {
                break;
            }
            before = byte;
            self.at += 1;
        }
        self.push(Kind::Number, start);
    }

    fn slice(&self, start: usize) -> &str {
        self.text.get(start..self.at).unwrap_or("")
    }

    fn quoted(&mut self, quote: u8) -> Option<()> {
        self.at += 1;
        loop {
            match self.byte(0)? {
                b'\\' => self.skip(2),
                b'\n' => return None,
                byte if byte == quote => {
                    self.at += 1;
                    return Some(());
                }
                _ => self.at += 1,
            }
        }
    }

    /// Literal text of a template, to its end or to the next `${`.
    fn chunk(&mut self) -> Option<()> {
        let start = self.at;
        let template = self.open.last().and_then(|open| self.tokens.get(*open)).map_or(start, |t| t.start as usize);
        loop {
            let byte = self.byte(0);
            match self.or(byte, template, "this template is never closed")? {
                b'\\' => self.skip(2),
                b'`' => {
                    self.push(Kind::Chunk, start);
                    let end = self.at;
                    self.at += 1;
                    self.push(Kind::Template, end);
                    return self.pair();
                }
                b'$' if self.byte(1) == Some(b'{') => {
                    self.push(Kind::Chunk, start);
                    self.open.push(self.tokens.len());
                    let hole = self.at;
                    self.at += 2;
                    self.push(Kind::Open(b'{'), hole);
                    return Some(());
                }
                _ => self.at += 1,
            }
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.text.len());
    }

    fn close(&mut self, byte: u8) -> Option<()> {
        let start = self.at;
        let open = self.open.last().and_then(|open| self.tokens.get(*open)).copied();
        let open = self.or(open, start, "there is nothing that this bracket closes")?;
        let wanted = match open.kind {
            Kind::Open(b'{') => b'}',
            Kind::Open(b'[') => b']',
            Kind::Open(b'(') => b')',
            _ => b' ',
        };
        if byte != wanted {
            return self.or(None, start, "another bracket is to be closed first");
        }
        // A `${` is two bytes; behind its end the template goes on.
        let in_template = open.end - open.start == 2;
        self.at += 1;
        self.push(Kind::Close(byte), start);
        self.pair()?;
        if in_template { self.chunk() } else { Some(()) }
    }

    /// Makes the last token the partner of the bracket that was opened last.
    fn pair(&mut self) -> Option<()> {
        let open = self.open.pop()?;
        let close = self.tokens.len() - 1;
        self.tokens.get_mut(open)?.partner = u32::try_from(close).ok()?;
        self.tokens.get_mut(close)?.partner = u32::try_from(open).ok()?;
        Some(())
    }

    /// True where an operand is due: there a `/` does not divide.
    fn pattern_may_begin(&self) -> bool {
        let Some(last) = self.tokens.last() else { return true };
        match last.kind {
            Kind::Word => {
                let word = self.text.get(last.start as usize..last.end as usize).unwrap_or("");
                BEFORE_PATTERN.contains(&word)
            }
            Kind::Number | Kind::Text | Kind::Template | Kind::Chunk | Kind::Pattern | Kind::Close(_) => false,
            Kind::Spread | Kind::Arrow | Kind::Operator | Kind::Open(_) | Kind::Mark(_) => true,
        }
    }

    /// Reads a regular expression; false when it does not end on its line.
    fn pattern(&mut self) -> bool {
        let start = self.at;
        let (mut in_class, mut at) = (false, start + 1);
        let bytes = self.text.as_bytes();
        loop {
            match bytes.get(at) {
                None | Some(b'\n') => return false,
                Some(b'\\') => at += 1,
                Some(b'[') => in_class = true,
                Some(b']') => in_class = false,
                Some(b'/') if !in_class => break,
                Some(_) => {}
            }
            at += 1;
        }
        at += 1;
        while bytes.get(at).is_some_and(u8::is_ascii_alphabetic) {
            at += 1;
        }
        self.at = at;
        true
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let [start, end] = [start, self.at].map(|i| u32::try_from(i).unwrap_or(u32::MAX));
        self.tokens.push(Token { kind, start, end, partner: 0 });
    }

    /// Notes a comment; one of several lines is one for each of them.
    fn comment(&mut self, start: usize) {
        let mut from = start;
        for line in self.text.get(start..self.at).unwrap_or("").split_inclusive('\n') {
            let body = line.trim();
            let indent = line.len() - line.trim_start().len();
            if !body.is_empty() {
                let [start, end] =
                    [from + indent, from + indent + body.len()].map(|i| u32::try_from(i).unwrap_or(u32::MAX));
                self.comments.push(start..end);
            }
            from += line.len();
        }
    }
}
