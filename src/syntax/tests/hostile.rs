//! No text costs more than a bounded time, depth or memory.

use std::fmt::Write as _;

use super::super::{Data, MAX_DEPTH, MAX_EXPANDED, Node, ProblemKind, parse};
use super::problems;
use crate::source::{Arena, FileId};

/// How deep a walk that follows aliases goes, and how many nodes it meets.
fn measure(node: &Node<'_>) -> (usize, u64) {
    let children: Vec<&Node<'_>> = match node.target().data {
        Data::Mapping(pairs, _) => pairs.iter().flat_map(|p| [&p.key, &p.value]).collect(),
        Data::Sequence(items, _) => items.iter().collect(),
        Data::Scalar(..) | Data::Alias(_) => return (0, 1),
    };
    children.into_iter().map(measure).fold((1, 1), |(deep, count), (d, c)| (deep.max(d + 1), count + c))
}

/// Deep nesting of every sort ends at the limit, and what is above it is kept.
#[test]
fn depth_is_bounded() {
    let many = 100_000;
    let maps: String = (0..2_000).fold(String::new(), |mut text, i| {
        let _ = writeln!(text, "{}k:", " ".repeat(i));
        text
    });
    let texts =
        ["[".repeat(many), "{\"a\": ".repeat(many), "[{a: ".repeat(many), "- ".repeat(many), "? ".repeat(many), maps];
    for text in texts {
        let told = problems(&text);
        let start: String = text.chars().take(12).collect();
        assert!(told.iter().any(|p| p.0 == ProblemKind::Limit), "{start:?}: {told:?}");
        let arena = Arena::new();
        let document = parse(&arena, FileId(0), &text);
        // The parser looks ahead through brackets: it may stop before it tells of the first.
        let deep = document.root().map_or(0, |root| measure(root).0);
        assert!(deep <= MAX_DEPTH, "{start:?} is {deep} deep");
    }
}

/// Aliases of aliases of aliases stop at the number of values they stand for, or at the depth.
#[test]
fn aliases_are_bounded() {
    let mut wide = String::from("a0: &a0 [1, 2, 3, 4, 5, 6, 7, 8, 9]\n");
    let mut deep = format!("a0: &a0 {}{}\n", "[".repeat(100), "]".repeat(100));
    for i in 1..12 {
        let _ = writeln!(wide, "a{i}: &a{i} [{}]", format!("*a{}, ", i - 1).repeat(9));
        let _ = writeln!(deep, "a{i}: &a{i} {}*a{}{}", "[".repeat(60), i - 1, "]".repeat(60));
    }
    for text in [wide, deep] {
        let told = problems(&text);
        assert_eq!(told.iter().filter(|p| p.0 == ProblemKind::Limit).count(), 1, "{told:?}");
        let arena = Arena::new();
        let document = parse(&arena, FileId(0), &text);
        let (deep, count) = measure(document.root().expect("it was read"));
        assert!(deep <= MAX_DEPTH && count <= MAX_EXPANDED, "{deep} deep, {count} values");
    }
}

/// A huge scalar, in any style, is read.
#[test]
fn huge_scalars_are_read() {
    let size = 4 << 20;
    for (text, length) in [
        (format!("a: {}", "x".repeat(size)), size),
        (format!("a: \"{}\"", "\\n".repeat(size / 2)), size / 2),
        (format!("a: |\n{}", "  line\n".repeat(size / 8)), size / 8 * 5),
        (format!("{{\"a\": \"{}\"}}", "y".repeat(size)), size),
    ] {
        let arena = Arena::new();
        let document = parse(&arena, FileId(0), &text);
        assert_eq!(document.root().and_then(|r| r.get("a")).and_then(|a| a.text()).map(str::len), Some(length));
    }
}

/// A key too long for YAML is fine in JSON, and a mistake with a place in YAML.
#[test]
fn long_keys() {
    let key = "k".repeat(5_000);
    assert_eq!(problems(&format!("{{\"{key}\": 1}}")), Vec::new());
    assert!(problems(&format!("{key}: 1\n")).iter().any(|p| p.0 == ProblemKind::Syntax));
}

/// Thousands of comments in a row are read; more than the parser can hold cost the comments, not the values.
#[test]
fn many_comments() {
    for (count, kept) in [(5_000, 5_000), (30_000, 0)] {
        let text = format!("a:\n{}  b: 1\n", "  # c\n".repeat(count));
        let arena = Arena::new();
        let document = parse(&arena, FileId(0), &text);
        assert_eq!(document.root().and_then(|r| r.get("a")).map(Node::is_mapping), Some(true));
        assert_eq!((document.comments.len(), document.broken()), (kept, false));
    }
}

/// Thousands of duplicate keys are told of, up to a number nobody reads to the end.
#[test]
fn many_problems() {
    let told = problems(&"k: 1\n".repeat(20_000));
    assert_eq!(told.len(), 1_000);
}

/// Every beginning of a text, and the text with any one byte dropped, is read without a panic.
#[test]
fn torn_texts() {
    let yaml = "%YAML 1.2\n---\nA: &a !Sub \"x ${Y}\\\n  z\" # c\nb: [1, {c: *a}, 'd''e']\ne: |2-\n   f\n\ng: >+\n  h\n? i\n: - j\n...\n";
    let json = "{\"a\": [1.5e3, true, null, \"\\u00e9\\n\"], \"b\": {\"c\": {}}}";
    for text in [yaml, json] {
        for at in 0..text.len() {
            let _ = problems(&text[..at]);
            let _ = problems(&format!("{}{}", &text[..at], &text[at + 1..]));
            let _ = problems(&format!("{}\u{e9}{}", &text[..at], &text[at..]));
        }
    }
}

/// Texts of nothing have no roots and no problems.
#[test]
fn empty_texts() {
    for text in ["", "\u{feff}", "  \n\n", "# c\n", "---\n", "\r\n"] {
        let arena = Arena::new();
        let document = parse(&arena, FileId(0), text);
        assert!(document.roots.is_empty() && document.problems.is_empty(), "{text:?}: {:?}", document.problems);
    }
}
