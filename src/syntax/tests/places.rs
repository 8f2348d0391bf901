//! Every node knows its bytes.

use super::super::{Notation, Style, parse};
use super::{assert_outline, outline};
use crate::source::{Arena, FileId};

/// Keys, values, tags, quotes and brackets have the bytes a person would mark.
#[test]
fn yaml_nodes_have_exact_bytes() {
    assert_outline(
        "a: !Sub \"x${Y}\"\nb:\n- 1\n- !Ref é\nc: {k: 'it''s', l: [1, 2]}\n",
        &[
            r#""a: !Sub \"x${Y}\"\nb:\n- 1\n- !Ref é\nc: {k: 'it''s', l: [1, 2]}" is Block mapping of 3"#,
            r#"  "a" is Plain "a""#,
            r#"    !Sub "\"x${Y}\"" is DoubleQuoted "x${Y}""#,
            r#"  "b" is Plain "b""#,
            r#"    "1\n- !Ref é" is Block sequence of 2"#,
            r#"      "1" is Plain "1""#,
            r#"      !Ref "é" is Plain "é""#,
            r#"  "c" is Plain "c""#,
            r#"    "{k: 'it''s', l: [1, 2]}" is Flow mapping of 2"#,
            r#"      "k" is Plain "k""#,
            r#"        "'it''s'" is SingleQuoted "it's""#,
            r#"      "l" is Plain "l""#,
            r#"        "[1, 2]" is Flow sequence of 2"#,
            r#"          "1" is Plain "1""#,
            r#"          "2" is Plain "2""#,
        ],
    );
}

/// An empty value stands right behind its key, or behind its tag; `~` is a word.
#[test]
fn empty_values_stand_behind_their_key() {
    let text = "a:\nb: !Ref\nc: ~\nd: [x: ]\n";
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    let root = document.root().expect("there is a root");
    let place = |key: &str| root.get(key).map(|n| (n.span.start, n.span.end, n.is_empty()));
    assert_eq!(place("a"), Some((1, 1, true)));
    assert_eq!(place("b"), Some((10, 10, true)));
    assert_eq!(place("c"), Some((14, 15, false)));
    let list = "- # c\n- !T # d\n-\n";
    let items = parse(&arena, FileId(0), list);
    let ends: Vec<_> =
        items.root().expect("there is a root").items().iter().map(|i| (i.span.start, i.span.end)).collect();
    assert_eq!(ends, [(1, 1), (10, 10), (16, 16)]);
    let pair = &root.get("d").expect("d is there").items()[0].pairs()[0];
    assert_eq!((pair.value.span.start, pair.value.span.end), (21, 21));
}

/// Anchors and aliases: the alias has its own bytes and the anchored node's content; merge keys are keys.
#[test]
fn aliases_share_the_anchored_node() {
    assert_outline(
        "base: &b {k: v}\nuse:\n  <<: *b\n  n: 1\n",
        &[
            r#""base: &b {k: v}\nuse:\n  <<: *b\n  n: 1" is Block mapping of 2"#,
            r#"  "base" is Plain "base""#,
            r#"    "{k: v}" is Flow mapping of 1"#,
            r#"      "k" is Plain "k""#,
            r#"        "v" is Plain "v""#,
            r#"  "use" is Plain "use""#,
            r#"    "<<: *b\n  n: 1" is Block mapping of 2"#,
            r#"      "<<" is Plain "<<""#,
            r#"        "*b" is alias of "{k: v}""#,
            r#"      "n" is Plain "n""#,
            r#"        "1" is Plain "1""#,
        ],
    );
}

/// A block scalar covers its content from the first to the last line that says something.
#[test]
fn block_scalars_cover_their_content() {
    assert_outline(
        "a: |\n\n  one\n   two\n\n\n# c\nb: >-\n  x\n  y\n\n  z\nc: |2\n   in\nd: |+ # keep\n\ne: |\n  end",
        &[
            r##""a: |\n\n  one\n   two\n\n\n# c\nb: >-\n  x\n  y\n\n  z\nc: |2\n   in\nd: |+ # keep\n\ne: |\n  end" is Block mapping of 5"##,
            r#"  "a" is Plain "a""#,
            r#"    "one\n   two" is Literal "\none\n two\n""#,
            r#"  "b" is Plain "b""#,
            r#"    "x\n  y\n\n  z" is Folded "x y\nz""#,
            r#"  "c" is Plain "c""#,
            r#"    " in" is Literal " in\n""#,
            r#"  "d" is Plain "d""#,
            r#"    "" is Literal "\n""#,
            r#"  "e" is Plain "e""#,
            r#"    "end" is Literal "end""#,
        ],
    );
}

/// CRLF, a byte order mark and multi-byte text shift nothing.
#[test]
fn line_ends_and_marks_shift_nothing() {
    assert_outline(
        "\u{feff}k\u{1f600}: 'ü\r\n  b'\r\nt: |\r\n  l1\r\n  l2\r\nz: x\r\n",
        &[
            "\"k\u{1f600}: 'ü\\r\\n  b'\\r\\nt: |\\r\\n  l1\\r\\n  l2\\r\\nz: x\" is Block mapping of 3",
            "  \"k\u{1f600}\" is Plain \"k\u{1f600}\"",
            r#"    "'ü\r\n  b'" is SingleQuoted "ü b""#,
            r#"  "t" is Plain "t""#,
            r#"    "l1\r\n  l2" is Literal "l1\nl2\n""#,
            r#"  "z" is Plain "z""#,
            r#"    "x" is Plain "x""#,
        ],
    );
    assert_outline(
        "\u{feff}{\"a\": 1}",
        &[r#""{\"a\": 1}" is Flow mapping of 1"#, r#"  "\"a\"" is DoubleQuoted "a""#, r#"    "1" is Plain "1""#],
    );
}

/// A lone CR ends a line as it does in YAML.
#[test]
fn lone_cr_ends_a_line() {
    assert_outline(
        "a: 1\rb: 2",
        &[
            r#""a: 1\rb: 2" is Block mapping of 2"#,
            r#"  "a" is Plain "a""#,
            r#"    "1" is Plain "1""#,
            r#"  "b" is Plain "b""#,
            r#"    "2" is Plain "2""#,
        ],
    );
}

/// Comments have their bytes, in order, wherever they stand; a `#` in a text is none.
#[test]
fn comments_have_exact_bytes() {
    let text = "# top\na: 'x # y' # é\nb:\n  # in\n  - 1 # one\nc: | # head\n  # text\n# end";
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    let comments: Vec<_> = document.comments.iter().map(|c| (c.text, &text[c.span.range()])).collect();
    let expected = ["# top", "# é", "# in", "# one", "# head", "# end"];
    assert_eq!(comments, expected.map(|c| (c, c)));
}

/// Tags: short ones as written, `!!` and verbatim ones spelt out.
#[test]
fn tags_are_named() {
    let text = "- !GetAtt a.b\n- !!str 1\n- !<tag:x,1:y> z\n- ! p\n";
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    let items = document.root().expect("there is a root").items();
    let tags: Vec<_> = items.iter().filter_map(|i| i.tag).map(|t| (t.name, &text[t.span.range()])).collect();
    let expected =
        [("!GetAtt", "!GetAtt"), ("tag:yaml.org,2002:str", "!!str"), ("tag:x,1:y", "!<tag:x,1:y>"), ("!", "!")];
    assert_eq!(tags, expected);
}

/// Several documents are several roots; empty ones are left out; keys need not be scalars.
#[test]
fn documents_and_odd_keys() {
    let text = "---\n---\na: 1\n...\n---\n[1, 2]: {x: y}\n? k\n: v\n---\n# only this\n";
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    assert_eq!(document.roots.len(), 2);
    assert!(document.problems.is_empty());
    let names: Vec<_> = document.roots[1].pairs().iter().map(|p| p.name()).collect();
    assert_eq!(names, [None, Some("k")]);
}

/// JSON read as JSON and the same text read as YAML give the same nodes at the same places.
#[test]
fn json_and_yaml_agree() {
    let text = "{\"a\\u00e9\": [1, -2.5e3, true, null, \"x\\\\\\n\\ud83d\\ude00\"],\n \"é\": {}, \"\": [ ],\"o\": {\"p\": \"q\"} }\n";
    let arena = Arena::new();
    let json = parse(&arena, FileId(0), text);
    let yaml = super::super::yaml::parse(&arena, FileId(0), text);
    assert_eq!((json.notation, yaml.notation), (Notation::Json, Notation::Yaml));
    assert!(json.problems.is_empty() && yaml.problems.is_empty());
    assert_eq!(outline(text, &json), outline(text, &yaml));
    assert_eq!(json.root().and_then(|r| r.get("é")).map(|n| text.get(n.span.range())), Some(Some("{}")));
}

/// Text is borrowed from the source where it says the same there.
#[test]
fn text_is_borrowed() {
    let text = "a: plain\nb: 'single'\nc: \"double\"\n".to_owned();
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), &text);
    let inside = text.as_bytes().as_ptr_range();
    for pair in document.root().expect("there is a root").pairs() {
        let value = pair.value.text().expect("all are scalars");
        assert!(inside.contains(&value.as_ptr()), "{value} was copied");
    }
}

/// A quoted text whose next line is not indented, as CloudFormation takes it, is read and pointed at exactly.
#[test]
fn under_indented_quotes_are_read() {
    let text = "Policy: !Sub '{\n\"a\": 1,\n  \"b\": 2\n}'\nnext: [x]\n";
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), text);
    assert!(!document.broken());
    let root = document.root().expect("there is a root");
    assert_eq!(root.get("Policy").and_then(|n| n.text()), Some("{ \"a\": 1, \"b\": 2 }"));
    assert_eq!(&text[root.get("Policy").expect("it is there").span.range()], "'{\n\"a\": 1,\n  \"b\": 2\n}'");
    assert_eq!(&text[root.get("next").expect("it is there").span.range()], "[x]");
    assert_eq!(document.problems.len(), 1);
    assert!(matches!(root.get("Policy").map(|n| n.data), Some(super::super::Data::Scalar(_, Style::SingleQuoted))));
}
