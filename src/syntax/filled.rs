//! Text that a `Fn::Sub` fills in: where it does, and the tree of such a text when it is read before that.
//! <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html>

use std::ops::Range;

use foldhash::{HashMap, HashMapExt};

use super::{Data, Document, Inside, Layout, Node, PIECES, Pair, Style, Tag};
use crate::source::{Arena, Span};

/// The tag of a scalar that is filled in before the text is read: what will stand there is not known.
pub const FILLED: &str = "filled:";

/// A part of a text of `Fn::Sub`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubPart<'t> {
    /// Stays as it is written.
    Text(&'t str),
    /// `${Name}`: what is called so is put in.
    Name(&'t str),
    /// `${!Name}`: stays, without the sign.
    Escaped(&'t str),
}

/// The parts of a text of `Fn::Sub`, in order, each with its bytes.
pub fn sub_parts(text: &str) -> impl Iterator<Item = (Range<usize>, SubPart<'_>)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let open = rest.find("${").filter(|open| rest[*open..].contains('}'));
        let (length, part) = match (open, rest.split_once('}')) {
            (Some(0), Some((name, _))) => {
                let bare = name.get(2..).unwrap_or("").trim();
                (name.len() + 1, bare.strip_prefix('!').map_or(SubPart::Name(bare), SubPart::Escaped))
            }
            _ => {
                let text = rest.get(..open.unwrap_or(rest.len())).unwrap_or(rest);
                (text.len(), SubPart::Text(text))
            }
        };
        at += length;
        Some((at - length..at, part))
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
        let piece = |(range, part)| {
            let span = place(range);
            let (tag, text) = match part {
                SubPart::Text(text) => (None, text),
                SubPart::Escaped(name) => (None, &*self.arena.alloc_str(&format!("${{{name}}}"))),
                SubPart::Name(_) => (tag(FILLED, span), ""),
            };
            Node { span, tag, data: Data::Scalar(text, style) }
        };
        let pieces: Vec<Node<'a>> = sub_parts(text).map(piece).collect();
        match pieces.as_slice() {
            all if all.iter().all(|piece| piece.tag.is_none()) => {
                let text: String = all.iter().filter_map(Node::text).collect();
                Node { data: Data::Scalar(self.arena.alloc_str(&text), style), ..*node }
            }
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
    fn parts_are_found() {
        use SubPart::{Escaped, Name, Text};
        let found = |text| sub_parts(text).map(|(range, part)| (range.start, part)).collect::<Vec<_>>();
        assert_eq!(
            found("a${B}c${!D}${ E.F }"),
            [(0, Text("a")), (1, Name("B")), (5, Text("c")), (6, Escaped("D")), (11, Name("E.F"))]
        );
        assert_eq!(found("$a {b} ${c"), [(0, Text("$a {b} ${c"))]);
        assert_eq!(found("}${}"), [(0, Text("}")), (1, Name(""))]);
        assert_eq!(found(""), []);
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
