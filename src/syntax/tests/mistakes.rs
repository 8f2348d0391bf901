//! A mistake has a place and a sentence, and what is around it is still read.

use super::super::{Notation, ProblemKind, parse};
use super::{outline, problems};
use crate::source::{Arena, FileId};

/// The first problem of a text: kind, the bytes it points at, and a word its message has.
fn assert_problem(text: &str, kind: ProblemKind, at: &str, word: &str) {
    let told = problems(text);
    let (first, place, message) = told.first().expect("there is a problem");
    assert_eq!((*first, place.as_str()), (kind, at), "in {text:?}: {message}");
    assert!(message.contains(word), "in {text:?}: {message}");
    assert!(!message.ends_with('.') && !message.starts_with(char::is_uppercase), "{message}");
}

/// Common slips in YAML are told at their place, in words.
#[test]
fn yaml_slips_have_a_place() {
    use ProblemKind::Syntax;
    assert_problem("a: \"open\nb: 1\nc: \"x\"\n", Syntax, "\"", "not closed");
    assert_problem("a: 'open\n", Syntax, "'", "not closed");
    assert_problem("a: [1, 2\nb: 3\n", Syntax, ":", "closing bracket");
    assert_problem("a: [1, 2", Syntax, "[", "never closed");
    assert_problem("a: {x: 1", Syntax, "{", "never closed");
    assert_problem("a:\n\tb: 1\n", Syntax, "\t", "tab");
    assert_problem("a: b: c\n", Syntax, ":", "quotes");
    assert_problem("a: @x\n", Syntax, "@", "quotes");
    assert_problem("a: `x`\n", Syntax, "`", "quotes");
    assert_problem("a: *\n", Syntax, "*", "quotes");
    assert_problem("a: ]\n", Syntax, "]", "bracket");
    assert_problem("a: [}\n", Syntax, "[", "closed by `}`");
    assert_problem("a: \"\\q\"\n", Syntax, "\\", "escape");
    assert_problem("a: x\n b: y\n", Syntax, "b", "deeper");
    assert_problem("a: [b, , c]\n", Syntax, ",", "before this");
    assert_problem("a: \0\n", Syntax, "\0", "U+0000");
    // What is filled in before it is YAML, and what CloudFormation fills in.
    assert_problem("a:\n  b: {{Prefix}}.0/16\n  c: 1\n", Syntax, "{{", "template engine");
    assert_problem("a:\n  b: c\n  {%- if d %}\n  e: f\n  {%- endif %}\n", Syntax, "{%", "exclude");
    assert_problem("a:\n  b: {{resolve:ssm:c}}:d\n", Syntax, "{{", "needs quotes");
    assert_problem("a: {{b}}\n", Syntax, "{{", "template engine");
    assert_problem("a: {{resolve:ssm:b}}\n", Syntax, "{{", "needs quotes");
    assert_problem("a: 'x' {{b}}\n", Syntax, "{", "closing quote");
}

/// What stands before the mistake is kept, open collections are closed, and the next document is read.
#[test]
fn the_rest_is_kept() {
    let text = "a: {k: [1, 2}\nb: 1\n---\nc: 3\n";
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    assert!(document.broken());
    assert_eq!(document.roots.len(), 2);
    let a = document.roots[0].get("a").expect("a was read");
    assert_eq!(a.get("k").map(|k| k.items().len()), Some(1));
    assert_eq!(document.roots[1].get("c").and_then(|c| c.text()), Some("3"));
}

/// The same key twice is told of the second, with the first beside it, in short and in long mappings.
#[test]
fn duplicate_keys_are_told() {
    let long: String = (0..40).map(|i| format!("k{i}: 1\n")).collect();
    for text in ["k7: 1\nx: 2\nk7: 3\n".to_owned(), format!("{long}k7: 2\n"), "{\"k7\": 1, \"k7\": 2}".to_owned()] {
        let arena = Arena::new();
        let document = parse(&arena, FileId(0), &text);
        let [problem] = &document.problems[..] else { panic!("one problem in {text}") };
        assert_eq!(problem.kind, ProblemKind::DuplicateKey);
        let first = problem.other.expect("the first is named");
        assert!(text[problem.span.range()].contains("k7") && text[first.range()].contains("k7"));
        assert!(first.start < problem.span.start);
        assert!(!document.broken());
    }
    assert_eq!(problems("x: &x {}\ny: &y {}\nz:\n  <<: *x\n  <<: *y\n"), Vec::new());
}

/// JSON with a slip that YAML forgives is read, and its slip is told.
#[test]
fn almost_json_is_read() {
    for (text, at, word) in [
        ("{\"a\": [1, 2,]}", ",", "comma"),
        ("{\"a\": 1,}", ",", "comma"),
        ("{\"a\": 'x'}", "'", "double quotes"),
        ("{\"a\": 1, # why\n \"b\": 2}", "#", "double quotes"),
        ("{\"a\": \"x\ty\"}", "\t", "escaped"),
    ] {
        let arena = Arena::new();
        let document = parse(&arena, FileId(0), text);
        assert_eq!(document.notation, Notation::Json, "{text}");
        assert_problem(text, ProblemKind::NotStrictJson, at, word);
        assert_eq!(document.problems.len(), 1, "{text}");
        assert!(document.root().is_some_and(|r| r.get("a").is_some()), "{text}");
    }
}

/// JSON that YAML cannot read either is told in JSON's words, at JSON's place.
#[test]
fn broken_json_is_told_once() {
    use ProblemKind::Syntax;
    for (text, at, word) in [
        ("{\"a\": 1\n \"b\": 2}", "\"", "`,` or `}`"),
        ("{\"a\": [1, 2}", "}", "`,` or `]`"),
        ("{\"a\": \"x}", "\"", "never closed"),
        ("{\"a\": }x", "}", "value"),
        ("{\"a\": {\"b\": 1}", "", "ends before `}`"),
    ] {
        let told = problems(text);
        assert_eq!(told.iter().filter(|p| p.0.breaks()).count(), 1, "{text}: {told:?}");
        assert_problem(text, Syntax, at, word);
    }
}

/// Bare words between brackets are YAML, not bad JSON.
#[test]
fn yaml_in_brackets_is_yaml() {
    let text = "{a: 1, b: [x, y]}\n";
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    assert_eq!((document.notation, document.problems.len()), (Notation::Yaml, 0));
    assert_eq!(outline(text, &document).len(), 7);
}

/// An alias of nothing, and one of itself, are told; the rest is read.
#[test]
fn bad_aliases_are_told() {
    let text = "a: &a [*a, *q]\nb: *a\n";
    assert_eq!(
        problems(text).iter().map(|p| (p.0, p.1.as_str())).collect::<Vec<_>>(),
        [(ProblemKind::Syntax, "*a"), (ProblemKind::Syntax, "*q")]
    );
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    let b = document.root().and_then(|r| r.get("b")).expect("b was read");
    assert_eq!(b.items().len(), 2);
}
