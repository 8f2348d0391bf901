//! Text that a `Fn::Sub` fills in: where it does, and the tree of such a text when it is read before that.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html>

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};

use super::{Data, Document, Inside, Layout, Node, PIECES, Pair, Style, Tag};
use crate::source::{Arena, Span};

/// The tag of a scalar that is filled in before the text is read: what will stand there is not known.
pub const FILLED: &str = "filled:";

/// Something in a text of `Fn::Sub` that does not stay as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling<'t> {
    /// `${Name}`: what is called so is put in.
    Name(&'t str),
    /// `${!Name}`: stays, without the sign.
    Escaped(&'t str),
}

/// What a text of `Fn::Sub` has filled in, in order, each with its bytes.
pub fn fillings(text: &str) -> impl Iterator<Item = (Range<usize>, Filling<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let open = at + text.get(at..)?.find("${")?;
        let close = open + text.get(open..)?.find('}')?;
        at = close + 1;
        let name = text.get(open + 2..close)?.trim();
        Some((open..at, name.strip_prefix('!').map_or(Filling::Name(name), Filling::Escaped)))
    })
}

/// What a text means that a `Fn::Sub` around it fills in: what it fills in has the tag [`FILLED`], alone or among
/// [`PIECES`], and what it leaves stands without its sign. Keys stay as they are written.
pub fn fill<'a>(arena: &'a Arena, text: &str, document: &mut Document<'a>) {
    let mut filler = Filler { arena, text, shared: HashMap::new() };
    document.roots.iter_mut().for_each(|root| *root = filler.node(root));
}

struct Filler<'a, 't> {
    arena: &'a Arena,
    text: &'t str,
    /// What aliases stand for, by address: each is looked at once.
    shared: HashMap<usize, &'a Node<'a>>,
}

impl<'a> Filler<'a, '_> {
    fn node(&mut self, node: &Node<'a>) -> Node<'a> {
        let data = match node.data {
            Data::Scalar(text, style) if text.contains("${") => return self.scalar(node, text, style),
            Data::Scalar(..) => node.data,
            Data::Sequence(items, layout) => {
                let items: Vec<_> = items.iter().map(|item| self.node(item)).collect();
                Data::Sequence(self.arena.alloc_slice_copy(&items), layout)
            }
            Data::Mapping(pairs, layout) => {
                let pairs: Vec<_> = pairs.iter().map(|p| Pair { value: self.node(&p.value), ..*p }).collect();
                Data::Mapping(self.arena.alloc_slice_copy(&pairs), layout)
            }
            Data::Alias(target) => Data::Alias(self.target(target)),
        };
        Node { data, ..*node }
    }

    fn target(&mut self, target: &'a Node<'a>) -> &'a Node<'a> {
        let at = std::ptr::from_ref(target).addr();
        if let Some(known) = self.shared.get(&at) {
            return known;
        }
        let filled = &*self.arena.alloc(self.node(target));
        self.shared.insert(at, filled);
        filled
    }

    fn scalar(&self, node: &Node<'a>, text: &'a str, style: Style) -> Node<'a> {
        let inside = Inside::of(self.text, node);
        let place = |range| inside.as_ref().and_then(|inside| inside.place(range)).unwrap_or(node.span);
        let tag = |name, span: Span| Some(Tag { name, span: Span { end: span.start, ..span } });
        let piece = |range: Range<usize>, tag, text| Node { span: place(range), tag, data: Data::Scalar(text, style) };
        let mut pieces = Vec::new();
        let mut whole = String::with_capacity(text.len());
        let (mut from, mut known) = (0, true);
        for (range, filling) in fillings(text) {
            let before = text.get(from..range.start).unwrap_or("");
            if !before.is_empty() {
                pieces.push(piece(from..range.start, None, before));
                whole.push_str(before);
            }
            from = range.end;
            match filling {
                Filling::Escaped(name) => {
                    let left = &*self.arena.alloc_str(&format!("${{{name}}}"));
                    pieces.push(piece(range, None, left));
                    whole.push_str(left);
                }
                Filling::Name(_) => {
                    known = false;
                    pieces.push(piece(range.clone(), tag(FILLED, place(range)), ""));
                }
            }
        }
        let rest = text.get(from..).unwrap_or("");
        if !rest.is_empty() {
            pieces.push(piece(from..text.len(), None, rest));
            whole.push_str(rest);
        }
        match pieces.as_slice() {
            _ if known => Node { data: Data::Scalar(self.arena.alloc_str(&whole), style), ..*node },
            [one] => Node { span: node.span, ..*one },
            // What a function is given is no text of its own.
            _ if node.tag.is_some() => Node { tag: tag(FILLED, node.span), data: Data::Scalar("", style), ..*node },
            all => {
                let data = Data::Sequence(self.arena.alloc_slice_copy(all), Layout::Flow);
                Node { tag: tag(PIECES, node.span), data, ..*node }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    /// What is filled in is found as AWS reads it, and a sign that is not closed is text.
    #[test]
    fn fillings_are_found() {
        let found = |text| fillings(text).map(|(range, filling)| (range.start, filling)).collect::<Vec<_>>();
        assert_eq!(
            found("a${B}c${!D}${ E.F }"),
            [(1, Filling::Name("B")), (6, Filling::Escaped("D")), (11, Filling::Name("E.F"))]
        );
        assert_eq!(found("$a {b} ${c"), []);
    }

    /// Scalars are taken apart where they are filled in, with their places; keys and everything else stay.
    #[test]
    fn trees_are_filled() {
        let shown = |text: &str| {
            let arena = Arena::new();
            let mut document = super::super::parse(&arena, FileId(0), text);
            fill(&arena, text, &mut document);
            document.root().map(|root| show(root, text)).unwrap_or_default()
        };
        assert_eq!(shown("a: x\n${b}: ${c}\n"), "{a: x, ${b}: <${c}>}");
        assert_eq!(shown("- a-${b}-'c'\n- '${!d}'\n- \"\\t${e}\"\n"), "[(a-|<${b}>|-'c'), ${d}, (\t|<${e}>)]");
        assert_eq!(shown("- !Sub '${!a}/b'\n- !Sub 'x/${a}'\n- !Ref ${a}\n"), "[!Sub ${a}/b, <'x/${a}'>, <${a}>]");
        assert_eq!(
            shown("a: &x [$, '${b}']\nc: *x\nd: |\n  e ${f}\n"),
            "{a: [$, <'${b}'>], c: [$, <'${b}'>], d: (e |<${f}>|\n)}"
        );
    }

    fn show(node: &Node<'_>, text: &str) -> String {
        let all = |nodes: &[Node<'_>]| nodes.iter().map(|node| show(node, text)).collect::<Vec<_>>();
        match (node.tag.map(|tag| tag.name), node.data) {
            (Some(FILLED), _) => format!("<{}>", &text[node.span.range()]),
            (Some(PIECES), Data::Sequence(items, _)) => format!("({})", all(items).join("|")),
            (_, Data::Sequence(items, _)) => format!("[{}]", all(items).join(", ")),
            (_, Data::Mapping(pairs, _)) => {
                let pair = |pair: &Pair<'_>| format!("{}: {}", show(&pair.key, text), show(&pair.value, text));
                format!("{{{}}}", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
            }
            (_, Data::Alias(target)) => show(target, text),
            (tag, Data::Scalar(scalar, _)) => tag.map_or_else(String::new, |tag| format!("{tag} ")) + scalar,
        }
    }
}
