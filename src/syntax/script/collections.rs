//! Objects and lists of a script, and what is spread into them.

use super::lex::{Kind, Token};
use super::value::{Parsed, collected, literal, plain};
use super::{IMPORT, SPREAD, Script};
use crate::syntax::{Data, Layout, Node, Pair, Tag};

/// How many parts of literals may be spread into others.
const MAX_COPIED: usize = 100_000;

impl<'a> Script<'a> {
    /// Whether so many more parts may be spread into other literals.
    fn may_copy(&mut self, parts: usize) -> bool {
        self.copied = self.copied.saturating_add(parts);
        self.copied <= MAX_COPIED
    }

    pub(super) fn array(&mut self, at: usize) -> Parsed<'a> {
        let end = self.past(at).saturating_sub(1);
        let statement = std::mem::replace(&mut self.statement, false);
        let mut items: Vec<Parsed<'a>> = Vec::new();
        let mut next = at + 1;
        while next < end {
            if self.is_mark(next, b',') {
                next += 1;
                continue;
            }
            let spread = self.kind(next) == Some(Kind::Spread);
            let (item, past) = self.expression(if spread { next + 1 } else { next });
            match item.node.target().data {
                Data::Sequence(inner, _)
                    if spread && item.node.target().tag.is_none() && self.may_copy(inner.len()) =>
                {
                    // What they come to together is counted once.
                    let part = |(n, node): (usize, &Node<'a>)| Parsed {
                        node: *node,
                        size: if n == 0 { item.size } else { 0 },
                        ..item
                    };
                    items.extend(inner.iter().enumerate().map(part));
                }
                Data::Scalar(..) if spread && item.node.tag.is_some_and(|tag| tag.name == IMPORT) => {
                    let tag = Some(Tag { name: SPREAD, span: self.span(item.node.span.start, item.node.span.start) });
                    let node = Node { tag, data: Data::Alias(self.arena.alloc(item.node)), ..item.node };
                    items.push(Parsed { node, ..item });
                }
                Data::Mapping(..) | Data::Sequence(..) | Data::Scalar(..) | Data::Alias(_) if spread => {
                    items.push(self.code(next, past));
                }
                Data::Mapping(..) | Data::Sequence(..) | Data::Scalar(..) | Data::Alias(_) => items.push(item),
            }
            next = past.max(next + 1);
            // Whatever this was, it is over at the next comma.
            while next < end && !self.is_mark(next, b',') {
                next = self.past(next);
            }
        }
        self.statement = statement;
        let nodes: Vec<Node<'a>> = items.iter().map(|p| p.node).collect();
        let span = self.span(self.start(at), self.end_before(end + 1));
        let data = Data::Sequence(self.arena.alloc_slice_copy(&nodes), Layout::Flow);
        collected(Node { span, tag: None, data }, items.iter())
    }

    pub(super) fn object(&mut self, at: usize) -> Parsed<'a> {
        let end = self.past(at).saturating_sub(1);
        let statement = std::mem::replace(&mut self.statement, false);
        let mut members = Members { pairs: Vec::new(), size: 1, height: 0 };
        let mut next = at + 1;
        while next < end {
            if self.is_mark(next, b',') {
                next += 1;
                continue;
            }
            let past = self.member(next, &mut members);
            next = past.max(next + 1);
            while next < end && !self.is_mark(next, b',') {
                next = self.past(next);
            }
        }
        self.statement = statement;
        let span = self.span(self.start(at), self.end_before(end + 1));
        let data = Data::Mapping(self.arena.alloc_slice_copy(&members.pairs), Layout::Flow);
        Parsed { node: Node { span, tag: None, data }, size: members.size, height: members.height + 1 }
    }

    /// One member of an object; with the token behind it.
    fn member(&mut self, at: usize, members: &mut Members<'a>) -> usize {
        if self.kind(at) == Some(Kind::Spread) {
            let (value, past) = self.expression(at + 1);
            match value.node.target().data {
                Data::Mapping(pairs, _) if self.may_copy(pairs.len()) => {
                    for pair in pairs {
                        members.replace(*pair);
                    }
                    members.note(&value);
                }
                Data::Mapping(..) | Data::Sequence(..) | Data::Scalar(..) | Data::Alias(_) => {
                    let more = self.code(at, past).node;
                    let imported = value.node.tag.is_some_and(|tag| tag.name == IMPORT);
                    members.open(more, if imported { value.node } else { more });
                }
            }
            return past;
        }
        let mut at = at;
        let modifier = matches!(self.word(at), Some("get" | "set" | "async"))
            && matches!(self.kind(at + 1), Some(Kind::Word | Kind::Text | Kind::Open(b'[') | Kind::Mark(b'*')));
        at += usize::from(modifier);
        at += usize::from(self.is_mark(at, b'*'));
        let (key, past) = match self.token(at) {
            Some(token @ Token { kind: Kind::Text, .. }) => (Some(self.string(token).node), at + 1),
            Some(Token { kind: Kind::Word, start, end, .. }) => {
                let span = self.span(start, end);
                (self.text.get(span.range()).map(|text| plain(span, text)), at + 1)
            }
            Some(Token { kind: Kind::Number, start, end, .. }) => {
                (self.number(at, "").map(|text| plain(self.span(start, end), text)), at + 1)
            }
            Some(Token { kind: Kind::Open(b'['), .. }) => {
                let past = self.past(at);
                let (key, stopped) = self.expression(at + 1);
                let key = (stopped + 1 == past).then_some(key.node).filter(|k| literal(k).is_some());
                (key, past)
            }
            Some(_) | None => (None, at + 1),
        };
        let Some(key) = key else {
            let end = self.end_of_expression(past);
            let more = self.code(at, end).node;
            members.open(more, more);
            return end;
        };
        let (value, past) = if self.is_mark(past, b':') {
            self.expression(past + 1)
        } else if matches!(self.kind(past), Some(Kind::Open(_) | Kind::Mark(b'<'))) {
            // A method.
            let end = self.end_of_expression(past);
            (self.code(at, end), end)
        } else {
            match self.word(at) {
                Some(name) => (self.named(name, at), past),
                None => (self.code(at, past), past),
            }
        };
        members.replace(Pair { key, value: value.node });
        members.note(&value);
        past
    }
}

/// The members of an object so far.
struct Members<'a> {
    pairs: Vec<Pair<'a>>,
    size: u64,
    height: usize,
}

impl<'a> Members<'a> {
    /// A later member takes the place of an earlier one of the same name.
    fn replace(&mut self, pair: Pair<'a>) {
        // In long objects the reader of values sees to it.
        let known = |p: &Pair<'a>| p.key.tag.is_none() && p.name() == pair.name();
        match self.pairs.iter_mut().take(200).find(|p| known(p)).filter(|_| pair.key.tag.is_none()) {
            Some(old) => *old = pair,
            None => self.pairs.push(pair),
        }
    }

    /// There may be more members than are written.
    fn open(&mut self, key: Node<'a>, value: Node<'a>) {
        self.pairs.push(Pair { key, value });
        self.size += 2;
        self.height = self.height.max(1);
    }

    fn note(&mut self, value: &Parsed<'a>) {
        self.size = self.size.saturating_add(value.size).saturating_add(1);
        self.height = self.height.max(value.height);
    }
}
