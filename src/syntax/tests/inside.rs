//! A place inside a value is a place in the text.

use super::super::{Inside, parse};
use crate::source::{Arena, FileId};

/// The bytes that stand for `part` of the value of key `a`.
fn find(text: &str, part: &str) -> Option<String> {
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    assert!(!document.broken(), "{text:?}");
    let node = document.root().and_then(|r| r.get("a")).expect("a is there");
    let at = node.text().and_then(|t| t.find(part)).expect("the value has it");
    let span = Inside::of(text, node)?.place(at..at + part.len())?;
    Some(text.get(span.range()).expect("the span lies in the text").to_owned())
}

/// In every style, `${X}` of the value is found where it is written.
#[test]
fn holes_are_found_in_every_style() {
    for text in [
        "a: !Sub x${X}y",
        "a: x\n  y\n\n  z ${X}",
        "a: 'it''s ''${X}'''",
        "a: 'é\n\n\n   ${X} '",
        "a: \"\\u00e9\\n\\\"${X}\"",
        "a: \"one\\\n     two ${X}\"",
        "a: \"one \\\n\n  \\ two ${X}\"",
        "a: |\n  one\n\n    two ${X}\n",
        "a: |\r\n  one\r\n  ${X}\r\n",
        "a: |2-\n\n    one ${X}\n\n",
        "a: |\n  ${X}",
        "a: |+\n\n\n  x\n  \n  ${X}\n\n\n",
        "a: >\n  one\n  two ${X}\n",
        "a: >-\n  one\n\n  two\n   more\n  less ${X}\n",
        "a: >\n\n  one\n  \n\n  ${X}\n\n\nb: 1\n",
        "{\"a\": \"x\\/\\ud83d\\ude00${X}\"}",
        "a: 'open\n${X}'",
    ] {
        assert_eq!(find(text, "${X}").as_deref(), Some("${X}"), "in {text:?}");
    }
}

/// What is written in other words is found as those words.
#[test]
fn escapes_are_found_whole() {
    assert_eq!(find("a: \"x\\u00e9y\"", "é").as_deref(), Some("\\u00e9"));
    assert_eq!(find("a: 'it''s'", "'").as_deref(), Some("''"));
    assert_eq!(find("{\"a\": \"x\\ud83d\\ude00\"}", "\u{1f600}").as_deref(), Some("\\ud83d\\ude00"));
    assert_eq!(find("a: one\n  two", "one two").as_deref(), Some("one\n  two"));
    assert_eq!(find("a: |\n  one\n  two\n", "e\nt").as_deref(), Some("e\n  t"));
}

/// The ends of a value are places too; what lies outside, or cuts a character, is not.
#[test]
fn ends_and_outsides() {
    let text = "a: 'xé'\nb: ''\nc:\n";
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    let root = document.root().expect("there is a root");
    let at = |key: &str, range| {
        Inside::of(text, root.get(key).expect("it is there")).and_then(|it| it.place(range)).map(|s| (s.start, s.end))
    };
    assert_eq!(at("a", 0..0), Some((4, 4)));
    assert_eq!(at("a", 3..3), Some((7, 7)));
    assert_eq!(at("a", 0..3), Some((4, 7)));
    assert_eq!(at("a", 1..2), None);
    assert_eq!(at("a", 3..4), None);
    assert_eq!(at("b", 0..0), Some((13, 13)));
    assert_eq!(at("c", 0..0), Some((16, 16)));
    assert!(Inside::of(text, root).is_none());
}
