//! What a fix does to a text, and what it leaves alone.

mod applying;
mod generated;
mod json;
mod yaml;

use super::{Change, Operation, Refusal, compose, verify};
use crate::rulebook::Literal;
use crate::source::{Arena, FileId, Source};
use crate::syntax::{Node, parse};

fn text(value: &str) -> Literal {
    Literal::Text(value.to_owned())
}

fn map(pairs: &[(&str, Literal)]) -> Literal {
    Literal::Map(pairs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect())
}

fn path(dotted: &str) -> Vec<String> {
    dotted.split('.').filter(|step| !step.is_empty()).map(str::to_owned).collect()
}

fn set(at: &str, value: Literal) -> Operation {
    Operation::Set { path: path(at), value }
}

fn lead(at: &str, value: Literal) -> Operation {
    Operation::Lead { path: path(at), value }
}

fn append(at: &str, value: Literal) -> Operation {
    Operation::Append { path: path(at), value }
}

fn remove(at: &str) -> Operation {
    Operation::Remove { path: path(at) }
}

/// Composes from the key at a dotted path; numbers are items of lists.
fn changes(before: &str, anchor: &str, operations: &[Operation]) -> Result<Vec<Change>, Refusal> {
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), before);
    let mut node: Node<'_> = *document.root().expect("the text has a root");
    let mut span = node.span;
    for step in path(anchor) {
        if let Some(pair) = node.pairs().iter().rev().find(|p| p.name() == Some(&step)) {
            (node, span) = (pair.value, pair.key.span);
        } else {
            node = node.items()[step.parse::<usize>().expect("a number where there is no such key")];
            span = node.span;
        }
    }
    compose(&document, &Source::new("t.yaml", before), span, operations)
}

/// The text after the operations; doing them again must change nothing.
fn fixed(before: &str, anchor: &str, operations: &[Operation]) -> String {
    let made = changes(before, anchor, operations).expect("the fix is possible");
    let after = verify(before, &made).unwrap_or_else(|error| panic!("{error}: {made:?} of\n{before}"));
    let again = changes(&after, anchor, operations).expect("the fix is possible again");
    assert_eq!(again, Vec::new(), "a second time, of\n{after}");
    after
}

#[track_caller]
fn assert_fixed(before: &str, anchor: &str, operations: &[Operation], after: &str) {
    assert_eq!(fixed(before, anchor, operations), after);
}
