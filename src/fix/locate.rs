//! Finds the value that a fix starts from, and tells when its text is not its own.

use crate::source::Span;
use crate::syntax::{Data, Document, Node, Pair};

use super::Refusal;

/// How a value stands in its text: what an edit around it has to know.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot<'a> {
    /// A document of its own.
    Root,
    /// Behind a key; with the mapping.
    Value(&'a Pair<'a>, Node<'a>),
    /// An item of a list; with the list.
    Item(Node<'a>),
}

/// A value and how it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub(super) node: Node<'a>,
    pub(super) slot: Slot<'a>,
}

/// The value behind the key at `anchor`, or the value at `anchor`; and the collection it stands in.
pub(super) fn base<'a>(document: &Document<'a>, anchor: Span) -> Result<(Found<'a>, Option<Found<'a>>), Refusal> {
    let root = document.roots.iter().find(|root| root.span.contains(anchor)).ok_or(Refusal::Nowhere)?;
    let mut at = Found { node: *root, slot: Slot::Root };
    let (mut above, mut last) = (None, None);
    loop {
        if at.node.span == anchor {
            last = Some((at, above));
        }
        let next = match at.node.data {
            Data::Mapping(pairs, _) => {
                // Pairs stand in the order of the text: the one around a place is the last that begins before its end.
                let near = pairs.partition_point(|p| p.key.span.start < anchor.end);
                let near = pairs.get(near.saturating_sub(2)..(near + 1).min(pairs.len())).unwrap_or_default();
                if let Some(pair) = near.iter().find(|p| p.key.span == anchor) {
                    return Ok((Found { node: pair.value, slot: Slot::Value(pair, at.node) }, Some(at)));
                }
                let pair = near.iter().find(|p| p.value.span.contains(anchor));
                pair.map(|p| Found { node: p.value, slot: Slot::Value(p, at.node) })
            }
            Data::Sequence(items, _) => {
                let near = items.partition_point(|i| i.span.start < anchor.end);
                let near = items.get(near.saturating_sub(2)..(near + 1).min(items.len())).unwrap_or_default();
                let item = near.iter().find(|i| i.span.contains(anchor));
                item.map(|i| Found { node: *i, slot: Slot::Item(at.node) })
            }
            Data::Scalar(..) | Data::Alias(_) => None,
        };
        match next {
            Some(found) => (above, at) = (Some(at), found),
            None => return last.ok_or(Refusal::Nowhere),
        }
    }
}

/// The spans that aliases somewhere in the document stand for, each once.
pub(super) fn anchored(document: &Document<'_>, text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let possible = memchr::memchr(b'&', bytes).is_some() && memchr::memchr(b'*', bytes).is_some();
    let mut spans = Vec::new();
    for root in document.roots.iter().filter(|_| possible) {
        anchored_below(root, &mut spans);
    }
    spans.sort_unstable();
    spans.dedup();
    spans
}

fn anchored_below(node: &Node<'_>, spans: &mut Vec<Span>) {
    match node.data {
        Data::Scalar(..) => {}
        Data::Sequence(items, _) => items.iter().for_each(|item| anchored_below(item, spans)),
        Data::Mapping(pairs, _) => pairs.iter().for_each(|p| {
            anchored_below(&p.key, spans);
            anchored_below(&p.value, spans);
        }),
        Data::Alias(to) => spans.push(to.span),
    }
}

/// True when one of the spans that aliases stand for holds this one, or lies in it.
pub(super) fn shared(anchored: &[Span], span: Span) -> bool {
    anchored.iter().any(|to| to.contains(span) || span.contains(*to))
}

/// The function that computes a value, when one does.
pub(super) fn intrinsic<'a>(node: &Node<'a>) -> Option<&'a str> {
    if let Some(tag) = node.tag
        && tag.name.starts_with('!')
        && tag.name.len() > 1
    {
        return Some(tag.name);
    }
    let Data::Mapping(pairs, _) = node.data else { return None };
    let is_function =
        |name: &str| name.starts_with("Fn::") && name != "Fn::Transform" && !name.starts_with("Fn::ForEach");
    match pairs {
        [pair] => pair.name().filter(|&name| name == "Ref" || is_function(name)),
        _ => pairs.iter().filter_map(Pair::name).find(|name| is_function(name)),
    }
}
