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
                if let Some(pair) = pairs.iter().find(|p| p.key.span == anchor) {
                    return Ok((Found { node: pair.value, slot: Slot::Value(pair, at.node) }, Some(at)));
                }
                let pair = pairs.iter().find(|p| p.value.span.contains(anchor));
                pair.map(|p| Found { node: p.value, slot: Slot::Value(p, at.node) })
            }
            Data::Sequence(items, _) => {
                let item = items.iter().find(|i| i.span.contains(anchor));
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

/// True when an alias somewhere in the document stands for text that holds this span.
pub(super) fn shared(document: &Document<'_>, text: &str, span: Span) -> bool {
    let bytes = text.as_bytes();
    let possible = memchr::memchr(b'&', bytes).is_some() && memchr::memchr(b'*', bytes).is_some();
    possible && document.roots.iter().any(|root| shared_below(root, span))
}

fn shared_below(node: &Node<'_>, span: Span) -> bool {
    match node.data {
        Data::Scalar(..) => false,
        Data::Sequence(items, _) => items.iter().any(|item| shared_below(item, span)),
        Data::Mapping(pairs, _) => pairs.iter().any(|p| shared_below(&p.key, span) || shared_below(&p.value, span)),
        Data::Alias(to) => to.span.contains(span) || span.contains(to.span),
    }
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
