//! Whether a value of the text already says what a fix would write.

use crate::rulebook::Literal;
use crate::source::{Arena, FileId};
use crate::syntax::{Data, Node, Style, parse};

use super::write::short_form;

/// True when nothing has to be written.
pub(super) fn same(node: &Node<'_>, literal: &Literal) -> bool {
    if matches!(node.data, Data::Alias(_)) {
        return same(node.target(), literal);
    }
    match (literal, node.data) {
        (Literal::Text(text), _) if short_form(text).is_some() => {
            let arena = Arena::new();
            let wanted = parse(&arena, FileId(0), text);
            wanted.root().is_some_and(|wanted| alike(node, wanted))
        }
        (Literal::Null, Data::Scalar(text, Style::Plain)) => is_null(text) && node.tag.is_none(),
        (Literal::Bool(wanted), Data::Scalar(text, Style::Plain)) => {
            node.tag.is_none() && text.eq_ignore_ascii_case(if *wanted { "true" } else { "false" })
        }
        (Literal::Number(wanted), Data::Scalar(text, Style::Plain)) => node.tag.is_none() && text == wanted,
        (Literal::Text(wanted), Data::Scalar(text, style)) => {
            node.tag.is_none() && text == wanted && (style != Style::Plain || super::write::reads_as_text(text))
        }
        (Literal::List(wanted), Data::Sequence(items, _)) => {
            node.tag.is_none() && items.len() == wanted.len() && items.iter().zip(wanted).all(|(a, b)| same(a, b))
        }
        (Literal::Map(wanted), Data::Mapping(pairs, _)) => {
            node.tag.is_none()
                && pairs.len() == wanted.len()
                && wanted.iter().all(|(key, value)| node.get(key).is_some_and(|found| same(found, value)))
        }
        (
            Literal::Null
            | Literal::Bool(_)
            | Literal::Number(_)
            | Literal::Text(_)
            | Literal::List(_)
            | Literal::Map(_),
            Data::Scalar(..) | Data::Sequence(..) | Data::Mapping(..) | Data::Alias(_),
        ) => false,
    }
}

pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// Whether two values are the same; long and short forms of one function are.
fn alike(a: &Node<'_>, b: &Node<'_>) -> bool {
    let (a, b) = (a.target(), b.target());
    match (long_name(a), long_name(b)) {
        (Some((x, left)), Some((y, right))) => {
            return x == y
                && (alike_untagged(&left, &right) || attribute(&left) == attribute(&right) && x == "Fn::GetAtt");
        }
        (None, None) => {}
        (Some(_), None) | (None, Some(_)) => return false,
    }
    alike_untagged(a, b)
}

fn alike_untagged(a: &Node<'_>, b: &Node<'_>) -> bool {
    match (a.data, b.data) {
        (Data::Scalar(x, _), Data::Scalar(y, _)) => x == y,
        (Data::Sequence(x, _), Data::Sequence(y, _)) => x.len() == y.len() && x.iter().zip(y).all(|(a, b)| alike(a, b)),
        (Data::Mapping(x, _), Data::Mapping(y, _)) => {
            x.len() == y.len() && x.iter().zip(y).all(|(a, b)| a.name() == b.name() && alike(&a.value, &b.value))
        }
        (Data::Scalar(..) | Data::Sequence(..) | Data::Mapping(..) | Data::Alias(_), _) => false,
    }
}

/// `Fn::GetAtt`'s argument as text with a dot, whichever way it is written.
fn attribute(node: &Node<'_>) -> Option<String> {
    match node.data {
        Data::Scalar(text, _) => Some(text.to_owned()),
        Data::Sequence(items, _) => {
            let parts: Option<Vec<_>> = items.iter().map(Node::text).collect();
            Some(parts?.join("."))
        }
        Data::Mapping(..) | Data::Alias(_) => None,
    }
}

/// A function's long name and its argument.
fn long_name<'a>(node: &Node<'a>) -> Option<(String, Node<'a>)> {
    if let Some(tag) = node.tag.and_then(|tag| tag.name.strip_prefix('!')) {
        return Some((long_form(tag), Node { tag: None, ..*node }));
    }
    match node.data {
        Data::Mapping([pair], _) => {
            let name = pair.name()?;
            (name == "Ref" || name == "Condition" || name.starts_with("Fn::")).then(|| (name.to_owned(), pair.value))
        }
        Data::Mapping(..) | Data::Scalar(..) | Data::Sequence(..) | Data::Alias(_) => None,
    }
}

/// The key that a short form's tag, without its `!`, stands for.
pub(super) fn long_form(tag: &str) -> String {
    if tag == "Ref" || tag == "Condition" { tag.to_owned() } else { format!("Fn::{tag}") }
}
