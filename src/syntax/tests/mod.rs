//! What every reader of a tree relies on: places, values, bounds.

mod hostile;
mod inside;
mod mistakes;
mod places;

use super::{Data, Document, Node, ProblemKind, parse};
use crate::source::{Arena, FileId};

/// A tree in words, one line a node: depth, the bytes of its span, its tag and what it is.
fn outline(text: &str, document: &Document<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for root in &document.roots {
        describe(text, root, 0, &mut lines);
    }
    lines
}

fn describe(text: &str, node: &Node<'_>, depth: usize, lines: &mut Vec<String>) {
    let written = text.get(node.span.range()).expect("a span lies in its text");
    let tag = node.tag.map(|t| format!("{} ", text.get(t.span.range()).expect("so does a tag's"))).unwrap_or_default();
    let what = match node.data {
        Data::Scalar(value, style) => format!("{style:?} {value:?}"),
        Data::Sequence(items, layout) => format!("{layout:?} sequence of {}", items.len()),
        Data::Mapping(pairs, layout) => format!("{layout:?} mapping of {}", pairs.len()),
        Data::Alias(to) => format!("alias of {:?}", text.get(to.span.range()).expect("so does an anchor's")),
    };
    lines.push(format!("{}{tag}{written:?} is {what}", "  ".repeat(depth)));
    match node.data {
        Data::Sequence(items, _) => items.iter().for_each(|item| describe(text, item, depth + 1, lines)),
        Data::Mapping(pairs, _) => pairs.iter().for_each(|pair| {
            describe(text, &pair.key, depth + 1, lines);
            describe(text, &pair.value, depth + 2, lines);
        }),
        Data::Scalar(..) | Data::Alias(_) => {}
    }
}

/// The problems in words: kind, the bytes they point at, the message.
fn problems(text: &str) -> Vec<(ProblemKind, String, String)> {
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    let told = document.problems.iter();
    told.map(|p| (p.kind, text.get(p.span.range()).expect("a span lies in its text").to_owned(), p.message.clone()))
        .collect()
}

/// Asserts the outline of a text that has no problems.
fn assert_outline(text: &str, expected: &[&str]) {
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    assert_eq!(document.problems, Vec::new(), "in {text:?}");
    assert_eq!(outline(text, &document), expected, "in {text:?}");
}
