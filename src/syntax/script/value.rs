//! The expressions of a script: literals become nodes, everything else becomes code.

use super::lex::{Kind, Token};
use super::{Binding, CODE, IMPORT, MAX_TEXT, MAX_WRITTEN, PIECES, Script, text};
use crate::source::Span;
use crate::syntax::{Data, Layout, MAX_DEPTH, MAX_EXPANDED, Node, Pair, Style, Tag};

/// A value that was read.
#[derive(Clone, Copy)]
pub(super) struct Parsed<'a> {
    pub node: Node<'a>,
    /// How many nodes it stands for.
    pub size: u64,
    /// How deep it is nested.
    pub height: usize,
}

/// A node of a word that is not in quotes.
pub(super) const fn plain<'a>(span: Span, text: &'a str) -> Node<'a> {
    Node { span, tag: None, data: Data::Scalar(text, Style::Plain) }
}

impl<'a> Script<'a> {
    /// What a name of this file stands for, for the token that names it.
    pub(super) fn named(&mut self, name: &'a str, at: usize) -> Parsed<'a> {
        let used = self.span(self.start(at), self.end_before(at + 1));
        let parsed = match self.names.get(name).copied() {
            Some(Binding::Read(parsed)) => parsed,
            Some(Binding::Import(path, name)) => return self.imported(path, name, at, at + 1),
            Some(Binding::At(from, changed)) => {
                self.names.insert(name, Binding::Open);
                let statement = std::mem::replace(&mut self.statement, true);
                let mut parsed = self.expression(from).0;
                self.statement = statement;
                if changed {
                    parsed = self.open_ended(parsed);
                }
                self.names.insert(name, Binding::Read(parsed));
                parsed
            }
            Some(Binding::Open | Binding::Lost) | None => return code(used),
        };
        self.size = self.size.saturating_add(parsed.size);
        if self.depth + parsed.height > MAX_DEPTH || self.size > MAX_EXPANDED {
            self.limited.get_or_insert(used.start);
            return code(used);
        }
        match parsed.node.data {
            Data::Mapping(..) | Data::Sequence(..) => {
                let node = Node { span: used, tag: None, data: Data::Alias(self.arena.alloc(parsed.node)) };
                Parsed { node, ..parsed }
            }
            Data::Scalar(..) | Data::Alias(_) => parsed,
        }
    }

    pub(super) fn imported(&mut self, path: &str, name: &str, from: usize, to: usize) -> Parsed<'a> {
        let span = self.span(self.start(from), self.end_before(to));
        let text = self.arena.alloc_str(&format!("{path}#{name}"));
        let tag = Some(Tag { name: IMPORT, span: self.span(span.start, span.start) });
        leaf(Node { span, tag, data: Data::Scalar(text, Style::DoubleQuoted) })
    }

    /// The same value, of which more is made elsewhere in the file.
    fn open_ended(&self, parsed: Parsed<'a>) -> Parsed<'a> {
        let span = self.span(parsed.node.span.start, parsed.node.span.start);
        let more = code(span).node;
        let data = match parsed.node.data {
            Data::Mapping(pairs, layout) => {
                let mut pairs = pairs.to_vec();
                pairs.push(Pair { key: more, value: more });
                Data::Mapping(self.arena.alloc_slice_copy(&pairs), layout)
            }
            Data::Sequence(items, layout) if parsed.node.tag.is_none() => {
                let mut items = items.to_vec();
                items.push(more);
                Data::Sequence(self.arena.alloc_slice_copy(&items), layout)
            }
            Data::Sequence(..) | Data::Scalar(..) | Data::Alias(_) => return code(parsed.node.span),
        };
        Parsed { node: Node { data, ..parsed.node }, size: parsed.size + 2, height: parsed.height.max(1) }
    }

    /// Reads an expression; with the token behind it.
    pub(super) fn expression(&mut self, at: usize) -> (Parsed<'a>, usize) {
        if self.depth >= MAX_DEPTH || self.size > MAX_EXPANDED {
            self.limited.get_or_insert(self.start(at));
            let end = self.end_of_expression(at);
            return (self.code(at, end), end);
        }
        self.depth += 1;
        let read = self.operand(at).and_then(|(first, next)| self.operators(at, first, next));
        self.depth -= 1;
        self.size += 1;
        read.unwrap_or_else(|| {
            let end = self.end_of_expression(at);
            (self.code(at, end), end)
        })
    }

    /// What stands behind an operand; `None` when the whole is code.
    fn operators(&mut self, at: usize, first: Parsed<'a>, next: usize) -> Option<(Parsed<'a>, usize)> {
        let mut next = self.past_assertions(next);
        if self.ends(next) {
            return Some((first, next));
        }
        if self.is_mark(next, b'+') {
            let mut pieces = vec![first];
            while self.is_mark(next, b'+') {
                let (piece, past) = self.operand(next + 1)?;
                pieces.push(piece);
                next = self.past_assertions(past);
            }
            return (self.ends(next)).then(|| self.joined(&pieces, at, next)).flatten().map(|joined| (joined, next));
        }
        // `process.env.STAGE || 'dev'`: what is written is what is deployed unless somebody says otherwise.
        let otherwise = self.is_operator(next, "||") || self.is_operator(next, "??");
        let of_environment = self.text.get(first.node.span.range()).is_some_and(|t| t.starts_with("process.env"));
        if otherwise && of_environment {
            let (second, past) = self.expression(next + 1);
            return Some((second, past));
        }
        None
    }

    /// `as const`, `as T`, `satisfies T`, `!`.
    fn past_assertions(&self, mut at: usize) -> usize {
        loop {
            let same_line = !self.statement || !self.after_break(at);
            if same_line && (self.is_word(at, "as") || self.is_word(at, "satisfies")) {
                at = self.past_type(at + 1);
            } else if self.is_mark(at, b'!') {
                at += 1;
            } else {
                return at;
            }
        }
    }

    /// True where an expression ends.
    pub(super) fn ends(&self, at: usize) -> bool {
        match self.kind(at) {
            None | Some(Kind::Close(_) | Kind::Mark(b',' | b';')) => true,
            Some(Kind::Word | Kind::Text | Kind::Number | Kind::Mark(b'@')) => {
                self.statement && self.after_break(at) && !self.goes_on(at)
            }
            Some(_) => false,
        }
    }

    /// True when what stands before a token wants an operand.
    fn goes_on(&self, at: usize) -> bool {
        match at.checked_sub(1).and_then(|before| self.kind(before)) {
            Some(Kind::Mark(mark)) => mark != b'!',
            Some(Kind::Operator | Kind::Arrow | Kind::Spread | Kind::Open(_)) => true,
            Some(
                Kind::Word | Kind::Number | Kind::Text | Kind::Template | Kind::Chunk | Kind::Pattern | Kind::Close(_),
            )
            | None => false,
        }
    }

    /// The token that ends the expression which begins at one.
    pub(super) fn end_of_expression(&self, mut at: usize) -> usize {
        let first = at;
        while !self.ends(at) || at == first && matches!(self.kind(at), Some(Kind::Word | Kind::Text | Kind::Number)) {
            at = self.past(at);
        }
        at
    }

    pub(super) fn code(&self, from: usize, to: usize) -> Parsed<'a> {
        code(self.span(self.start(from), self.end_before(to)))
    }

    /// A literal, a name, a member of one, a call; `None` for what begins an expression of another sort.
    fn operand(&mut self, at: usize) -> Option<(Parsed<'a>, usize)> {
        let token = self.token(at)?;
        let span = self.span(token.start, token.end);
        let (parsed, next) = match token.kind {
            Kind::Text => (self.string(token), at + 1),
            Kind::Number => (leaf(plain(span, self.number(at, "")?)), at + 1),
            Kind::Mark(b'-') => {
                let whole = self.span(token.start, self.end_before(at + 2));
                (leaf(plain(whole, self.number(at + 1, "-")?)), at + 2)
            }
            Kind::Template => (self.template(at)?, self.past(at)),
            Kind::Open(b'{') => (self.object(at), self.past(at)),
            Kind::Open(b'[') => (self.array(at), self.past(at)),
            Kind::Open(_) => {
                let past = self.past(at);
                if matches!(self.kind(past), Some(Kind::Arrow | Kind::Mark(b':'))) {
                    return None;
                }
                let statement = std::mem::replace(&mut self.statement, false);
                let (inner, end) = self.expression(at + 1);
                self.statement = statement;
                if end + 1 != past {
                    return None;
                }
                (inner, past)
            }
            Kind::Mark(b'<') => {
                let past = self.past_angles(at);
                if self.depth >= MAX_DEPTH {
                    return None;
                }
                self.depth += 1;
                let read = self.operand(past);
                self.depth -= 1;
                return read;
            }
            Kind::Word => self.name(at)?,
            Kind::Chunk
            | Kind::Pattern
            | Kind::Spread
            | Kind::Arrow
            | Kind::Operator
            | Kind::Close(_)
            | Kind::Mark(_) => return None,
        };
        Some(self.members(at, parsed, next))
    }

    pub(super) fn number(&self, at: usize, sign: &str) -> Option<&'a str> {
        let written = self.of(at, Kind::Number)?;
        let digits = text::number(written)?;
        Some(if digits == written && sign.is_empty() {
            written
        } else {
            self.arena.alloc_str(&format!("{sign}{digits}"))
        })
    }

    fn name(&mut self, at: usize) -> Option<(Parsed<'a>, usize)> {
        let word = self.word(at)?;
        let span = self.span(self.start(at), self.end_before(at + 1));
        match word {
            "true" | "false" | "null" => return Some((leaf(plain(span, word)), at + 1)),
            "undefined" => return Some((leaf(plain(span, "null")), at + 1)),
            "async" | "function" | "class" | "new" | "await" | "typeof" | "delete" | "void" | "yield" => return None,
            _ => {}
        }
        if self.kind(at + 1) == Some(Kind::Arrow) {
            return None;
        }
        if let Some(path) = self.required(at) {
            return Some((self.imported(path, "*", at, at + 4), at + 4));
        }
        Some((self.named(word, at), at + 1))
    }

    /// `.name`, `['name']`, `(…)` behind an operand: a part of a literal is a literal, anything else code.
    fn members(&mut self, at: usize, first: Parsed<'a>, from: usize) -> (Parsed<'a>, usize) {
        let (mut parsed, mut next) = (first, from);
        loop {
            if self.statement && self.ends(next) {
                return (parsed, next);
            }
            let (key, past) = match self.kind(next) {
                Some(Kind::Mark(b'.')) => (self.word(next + 1), next + 2),
                Some(Kind::Operator) if self.is_operator(next, "?.") => (self.word(next + 1), next + 2),
                Some(Kind::Open(b'[')) => {
                    let past = self.past(next);
                    (self.quoted(next + 1).filter(|_| past == next + 3), past)
                }
                Some(Kind::Open(b'(') | Kind::Template) => (None, self.past(next)),
                Some(Kind::Mark(b'!')) if matches!(self.kind(next + 1), Some(Kind::Mark(b'.'))) => {
                    next += 1;
                    continue;
                }
                _ => return (parsed, next),
            };
            let is_code = |node: &Node<'_>| node.tag.is_some_and(|tag| tag.name == CODE);
            let part = key.and_then(|key| match parsed.node.tag {
                // A member of all that a file exports is what it exports under that name.
                Some(tag) if tag.name == IMPORT => {
                    let (path, name) = parsed.node.text()?.split_once('#')?;
                    let (path, name) = (path.to_owned(), name.to_owned());
                    let deeper = if name == "*" { key.to_owned() } else { format!("{name}.{key}") };
                    Some(self.imported(&path, &deeper, at, past))
                }
                Some(_) => None,
                None => {
                    // What is written later wins, and so may what is not known.
                    let open = parsed.node.pairs().iter().any(|p| is_code(&p.key));
                    let node = parsed.node.get(key).copied().filter(|_| !open)?;
                    Some(Parsed { node, ..parsed })
                }
            });
            parsed = part.unwrap_or_else(|| self.code(at, past));
            next = past;
        }
    }

    pub(super) fn string(&self, token: Token) -> Parsed<'a> {
        let span = self.span(token.start, token.end);
        let written = self.text.get(span.range()).unwrap_or("");
        let style = if written.starts_with('\'') { Style::SingleQuoted } else { Style::DoubleQuoted };
        let inner = written.get(1..written.len().saturating_sub(1)).unwrap_or("");
        leaf(Node { span, tag: None, data: Data::Scalar(self.unescaped(inner), style) })
    }

    fn unescaped(&self, written: &'a str) -> &'a str {
        text::unescaped(written).map_or(written, |text| self.arena.alloc_str(&text))
    }

    /// A template: text, or the pieces of one.
    fn template(&mut self, at: usize) -> Option<Parsed<'a>> {
        let end = self.past(at).checked_sub(1)?;
        let mut pieces = Vec::new();
        let mut next = at + 1;
        while next < end {
            match self.token(next)? {
                token @ Token { kind: Kind::Chunk, .. } => {
                    let span = self.span(token.start, token.end);
                    let text = self.unescaped(self.text.get(span.range()).unwrap_or(""));
                    if !text.is_empty() {
                        // Of a style that never makes a number or a boolean of it.
                        pieces.push(leaf(Node { span, tag: None, data: Data::Scalar(text, Style::Literal) }));
                    }
                    next += 1;
                }
                Token { kind: Kind::Open(_), .. } => {
                    let past = self.past(next);
                    let statement = std::mem::replace(&mut self.statement, false);
                    let (piece, stopped) = self.expression(next + 1);
                    self.statement = statement;
                    pieces.push(if stopped + 1 == past { piece } else { self.code(next + 1, past - 1) });
                    next = past;
                }
                _ => return None,
            }
        }
        let texts: Option<Vec<&str>> = pieces.iter().map(|p| literal(&p.node)).collect();
        let span = self.span(self.start(at), self.end_before(end + 1));
        let Some(texts) = texts else { return Some(self.pieces(&pieces, span)) };
        let text = match texts.as_slice() {
            [] => "",
            [one] => one,
            more => match self.concat(more) {
                Some(text) => text,
                None => return Some(code(span)),
            },
        };
        Some(leaf(Node { span, tag: None, data: Data::Scalar(text, Style::DoubleQuoted) }))
    }

    /// Texts put one behind the other with `+`; `None` when it may be an addition.
    fn joined(&mut self, pieces: &[Parsed<'a>], from: usize, to: usize) -> Option<Parsed<'a>> {
        let quoted = |p: &Parsed<'a>| {
            let is_pieces = p.node.tag.is_some_and(|tag| tag.name == PIECES);
            is_pieces || p.node.tag.is_none() && matches!(p.node.data, Data::Scalar(_, style) if style != Style::Plain)
        };
        // Numbers in front of the first text would be added up.
        let first = pieces.iter().position(quoted)?;
        if first > 1 || pieces.iter().any(|p| p.node.is_mapping()) {
            return None;
        }
        let span = self.span(self.start(from), self.end_before(to));
        let texts: Option<Vec<&str>> = pieces.iter().map(|p| literal(&p.node)).collect();
        Some(match texts {
            Some(texts) => match self.concat(&texts) {
                Some(text) => leaf(Node { span, tag: None, data: Data::Scalar(text, Style::DoubleQuoted) }),
                None => code(span),
            },
            None => self.pieces(pieces, span),
        })
    }

    /// Texts as one, unless that would be too long.
    fn concat(&mut self, texts: &[&str]) -> Option<&'a str> {
        let length = texts.iter().fold(0_usize, |sum, text| sum.saturating_add(text.len()));
        self.written = self.written.saturating_add(length);
        (length <= MAX_TEXT && self.written <= MAX_WRITTEN).then(|| &*self.arena.alloc_str(&texts.concat()))
    }

    fn pieces(&self, pieces: &[Parsed<'a>], span: Span) -> Parsed<'a> {
        let nodes: Vec<Node<'a>> = pieces.iter().map(|p| p.node).collect();
        let data = Data::Sequence(self.arena.alloc_slice_copy(&nodes), Layout::Flow);
        let tag = Some(Tag { name: PIECES, span: Span { end: span.start, ..span } });
        collected(Node { span, tag, data }, pieces.iter())
    }
}

/// The text of a literal; `None` for code, imports and what has parts.
pub(super) fn literal<'a>(node: &Node<'a>) -> Option<&'a str> {
    node.tag.is_none().then(|| node.text()).flatten()
}

pub(super) const fn leaf(node: Node<'_>) -> Parsed<'_> {
    // A long text that many names stand for is read as often.
    let size = match node.data {
        Data::Scalar(text, _) => 1 + text.len() as u64 / 64,
        Data::Sequence(..) | Data::Mapping(..) | Data::Alias(_) => 1,
    };
    Parsed { node, size, height: 0 }
}

pub(super) fn code<'a>(span: Span) -> Parsed<'a> {
    let tag = Some(Tag { name: CODE, span: Span { end: span.start, ..span } });
    leaf(Node { span, tag, data: Data::Scalar("", Style::Plain) })
}

pub(super) fn collected<'p, 'a: 'p>(node: Node<'a>, parts: impl Iterator<Item = &'p Parsed<'a>>) -> Parsed<'a> {
    let (size, height) =
        parts.fold((1_u64, 0), |(size, height), p| (size.saturating_add(p.size), height.max(p.height)));
    Parsed { node, size, height: height + 1 }
}
