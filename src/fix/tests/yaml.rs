//! Fixes of YAML.

use super::super::{Operation, Refusal, verify};
use super::{append, assert_fixed, changes, lead, map, path, remove, set, text};
use crate::rulebook::Literal;

const TRUE: Literal = Literal::Bool(true);

/// A missing property comes behind the last one, as deep, and comments stay with their lines.
#[test]
fn set_adds_behind_the_last() {
    let before = "R:\n  B:\n    Type: X # type\n    Properties:\n      A: 1 # a\n      # about nothing\n\n  C: 2\n";
    assert_fixed(
        before,
        "R.B",
        &[set("Properties.Enc.Active", TRUE), set("Properties.Name", text("nn"))],
        "R:\n  B:\n    Type: X # type\n    Properties:\n      A: 1 # a\n      Enc:\n        Active: true\n      Name: nn\n      # about nothing\n\n  C: 2\n",
    );
}

/// Missing mappings on the way are made once, however many values come below them.
#[test]
fn set_makes_the_way() {
    let block = |key: &str| set(&format!("Properties.Block.{key}"), TRUE);
    assert_fixed(
        "B:\n  Type: X",
        "B",
        &[block("P"), block("Q")],
        "B:\n  Type: X\n  Properties:\n    Block:\n      P: true\n      Q: true",
    );
    assert_fixed(
        "B:\n    Properties: # none\nC: 1\n",
        "B",
        &[block("P")],
        "B:\n    Properties: # none\n        Block:\n            P: true\nC: 1\n",
    );
    assert_fixed("B:\n  Properties: {}\n", "B", &[block("P")], "B:\n  Properties:\n    Block:\n      P: true\n");
    assert_fixed(
        "B:\n  Properties: null # c\n",
        "B",
        &[block("P")],
        "B:\n  Properties: # c\n    Block:\n      P: true\n",
    );
}

/// A value that is there is replaced with its own quotes; the comment behind it stays.
#[test]
fn set_replaces() {
    for (before, value, after) in [
        ("a: false # c\nb: 1\n", TRUE, "a: true # c\nb: 1\n"),
        ("a: 'x' # c\n", text("y"), "a: 'y' # c\n"),
        ("a: \"x\"\n", text("it's"), "a: \"it's\"\n"),
        ("a: x\n", text("true"), "a: \"true\"\n"),
        ("a: |\n  x\n  y\n\nb: 1\n", text("z"), "a: z\n\nb: 1\n"),
        ("a: # c\n  k: 1\n  l: 2 # d\nb: 1\n", text("z"), "a: z # c # d\nb: 1\n"),
        ("a:\n- 1\n- 2\nb: 1\n", Literal::Null, "a: null\nb: 1\n"),
        ("a: x # c\nb: 1\n", map(&[("k", TRUE)]), "a: # c\n  k: true\nb: 1\n"),
        ("a: [1, 2]\nb: 1\n", Literal::List(vec![text("x")]), "a:\n  - x\nb: 1\n"),
        ("a:\n  k: 1\nb: 1\n", map(&[("l", map(&[]))]), "a:\n  l: {}\nb: 1\n"),
        ("a:\nb: 1\n", text("x"), "a: x\nb: 1\n"),
        ("a: ~\n", Literal::Number("10".to_owned()), "a: 10\n"),
    ] {
        assert_fixed(before, "a", &[Operation::Set { path: Vec::new(), value }], after);
    }
}

/// What the text says already is left alone, whatever its spelling.
#[test]
fn set_leaves_what_is_right() {
    let same = [
        ("a: True\n", TRUE),
        ("a: {k: [x, 'y']}\n", map(&[("k", Literal::List(vec![text("x"), text("y")]))])),
        ("a: !GetAtt Q.Arn\n", text("!GetAtt Q.Arn")),
        ("a: {\"Fn::GetAtt\": [Q, Arn]}\n", text("!GetAtt Q.Arn")),
        ("a: {Ref: Q}\n", text("!Ref Q")),
        ("a: '10'\n", text("10")),
    ];
    for (before, value) in same {
        assert_eq!(changes(before, "a", &[set("", value)]), Ok(Vec::new()), "{before}");
    }
    assert_fixed("a: 10\n", "a", &[set("", text("10"))], "a: \"10\"\n");
}

/// Text that YAML would read as something else is quoted, with the quotes of the file.
#[test]
fn text_is_quoted_when_it_must_be() {
    for (value, written) in [
        ("plain text", "plain text"),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/*"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("2012-10-17", "'2012-10-17'"),
        ("2012-10-17T00:00:00Z", "'2012-10-17T00:00:00Z'"),
        ("yes", "'yes'"),
        ("Off", "'Off'"),
        ("0777", "'0777'"),
        ("1e3", "'1e3'"),
        ("12:30", "'12:30'"),
        ("3.12", "'3.12'"),
        ("python3.12", "python3.12"),
        ("*", "'*'"),
        ("", "''"),
        ("- x", "'- x'"),
        ("a: b", "'a: b'"),
        ("a #b", "'a #b'"),
        ("it's", "it's"),
        ("'x", "'''x'"),
        ("!", "'!'"),
        ("two\nlines", "\"two\\nlines\""),
        ("${X}", "${X}"),
        ("{{resolve:ssm:x}}", "'{{resolve:ssm:x}}'"),
    ] {
        assert_fixed(
            "z: 'q'\na: {k: v}\n",
            "",
            &[set("b", text(value))],
            &format!("z: 'q'\na: {{k: v}}\nb: {written}\n"),
        );
    }
}

/// Short forms of functions are written as they are; their argument is quoted where brackets ask for it.
#[test]
fn functions_are_written_raw() {
    assert_fixed("a:\n  b: 1\n", "a", &[set("q", text("!GetAtt Queue.Arn"))], "a:\n  b: 1\n  q: !GetAtt Queue.Arn\n");
    assert_fixed("a: {b: 1}\n", "a", &[set("q", text("!Sub ${Q},x"))], "a: {b: 1, q: !Sub \"${Q},x\"}\n");
    assert_fixed("a:\n  b: 1\n", "a", &[set("q", text("!If [C, x, !Ref Y]"))], "a:\n  b: 1\n  q: !If [C, x, !Ref Y]\n");
}

/// Lists: with dashes where the file puts them, or between brackets.
#[test]
fn append_adds_an_item() {
    assert_fixed("a:\n- x # c\n# d\nb: 1\n", "a", &[append("", text("yy"))], "a:\n- x # c\n- yy\n# d\nb: 1\n");
    assert_fixed(
        "a:\n  - k: 1\n    l: 2\nb: 1\n",
        "a",
        &[append("", map(&[("k", text("yy")), ("l", TRUE)]))],
        "a:\n  - k: 1\n    l: 2\n  - k: yy\n    l: true\nb: 1\n",
    );
    assert_fixed("a: [x]\n", "a", &[append("", text("y,z")), append("", TRUE)], "a: [x, \"y,z\", true]\n");
    assert_fixed("a: []\n", "a", &[append("", text("yy"))], "a:\n  - yy\n");
    assert_fixed(
        "c:\n- 1\na:\n  b: 1\n",
        "a",
        &[append("l.m", text("yy"))],
        "c:\n- 1\na:\n  b: 1\n  l:\n    m:\n    - yy\n",
    );
    assert_fixed("a: [\n  x, # c\n  y # d\n]\n", "a", &[append("", text("z"))], "a: [\n  x, # c\n  y, # d\n  z\n]\n");
    assert_fixed("a: [\n  x,\n  y, # d\n]\n", "a", &[append("", text("z"))], "a: [\n  x,\n  y, # d\n  z\n]\n");
}

/// Inside brackets a pair comes behind the last, on the same line or on its own.
#[test]
fn set_inside_brackets() {
    assert_fixed("a: {k: 1} # c\n", "a", &[set("l.m", TRUE)], "a: {k: 1, l: {m: true}} # c\n");
    assert_fixed("a: {k: }\n", "a", &[set("l", TRUE)], "a: {k:, l: true }\n");
    assert_fixed("a: {k: , l: 1}\n", "a", &[set("k", TRUE)], "a: {k: true , l: 1}\n");
    assert_fixed("a: {\n  k: 1,\n  l: 2\n}\n", "a", &[set("m", TRUE)], "a: {\n  k: 1,\n  l: 2,\n  m: true\n}\n");
    assert_fixed("a: {b: {}}\n", "a", &[set("b.c", TRUE)], "a: {b: {c: true}}\n");
    assert_fixed("a: [b: 1, {}]\n", "a", &[set("1.c", TRUE)], "a: [b: 1, {c: true}]\n");
}

/// Removing takes the whole line, or the item with its comma, and leaves an empty collection behind.
#[test]
fn remove_takes_lines() {
    assert_fixed("a:\n  k: 1\n  l:\n    m: 2\n  n: 3\n", "a", &[remove("l")], "a:\n  k: 1\n  n: 3\n");
    assert_fixed("a:\n  k: 1\n  l: 2", "a", &[remove("l")], "a:\n  k: 1");
    assert_fixed("a:\n  k: 1\nb: 2\n", "a", &[remove("k")], "a: {}\nb: 2\n");
    assert_fixed("- k: 1\n  l: 2\n- m\n", "0", &[remove("k")], "- l: 2\n- m\n");
    assert_fixed("- k: 1\n- m\n", "0", &[remove("k")], "- {}\n- m\n");
    let list = "a:\n- 1\n- 2\n- 3\n";
    let made = changes(list, "a", &[remove("1")]).expect("it is possible");
    assert_eq!(verify(list, &made), Ok("a:\n- 1\n- 3\n".to_owned()));
    assert_fixed("a: {k: 1, l: 2, m: 3}\n", "a", &[remove("k"), remove("m")], "a: {l: 2}\n");
    assert_fixed("a: {k: 1, l: 2, m: 3}\n", "a", &[remove("l"), remove("m")], "a: {k: 1}\n");
    assert_fixed("a: {k: 1}\n", "a", &[remove("k")], "a: {}\n");
    assert_fixed("a:\n  k: 1\n", "a", &[remove("x.y")], "a:\n  k: 1\n");
}

/// What is set while the last property is removed takes its place.
#[test]
fn remove_and_set_together() {
    assert_fixed("a:\n  k: 1\n  l: 2\nb: 1\n", "a", &[remove("l"), set("m", TRUE)], "a:\n  k: 1\n  m: true\nb: 1\n");
    assert_fixed("a:\n  k: 1\n  l: 2\nb: 1\n", "a", &[remove("k"), set("m", TRUE)], "a:\n  l: 2\n  m: true\nb: 1\n");
    assert_fixed("a: {k: 1}\n", "a", &[remove("k"), set("m", TRUE)], "a: {m: true}\n");
    assert_fixed("a:\n  k:\n    x: 1\n", "a", &[remove("k"), set("m.o", TRUE)], "a:\n  m:\n    o: true\n");
}

/// Two changes that end on the same line come in the order of their depth.
#[test]
fn inner_before_outer() {
    assert_fixed(
        "a:\n  b:\n    c: 1\n",
        "a",
        &[set("x", TRUE), set("b.z", TRUE)],
        "a:\n  b:\n    c: 1\n    z: true\n  x: true\n",
    );
    assert_fixed(
        "a:\n  b: 1\n",
        "a",
        &[set("x", TRUE), set("b", map(&[("c", TRUE)]))],
        "a:\n  b:\n    c: true\n  x: true\n",
    );
}

/// Windows line breaks, a byte order mark and a block of text at the end stay what they are.
#[test]
fn line_breaks_and_marks() {
    assert_fixed(
        "\u{feff}a:\r\n  k: 1\r\n",
        "a",
        &[set("l.m", TRUE)],
        "\u{feff}a:\r\n  k: 1\r\n  l:\r\n    m: true\r\n",
    );
    assert_fixed(
        "a:\n  k: |\n    x\n\n    y\n\nb: 1\n",
        "a",
        &[set("l", TRUE)],
        "a:\n  k: |\n    x\n\n    y\n  l: true\n\nb: 1\n",
    );
    assert_fixed("a:\n  k: |+\n    x\n\n\nb: 1\n", "a", &[set("l", TRUE)], "a:\n  k: |+\n    x\n\n\n  l: true\nb: 1\n");
    assert_fixed("a:\n  k: |\n    x", "a", &[set("l", TRUE)], "a:\n  k: |\n    x\n  l: true");
}

/// An item of a list can be the place where a fix starts.
#[test]
fn items_are_anchors() {
    assert_fixed(
        "l:\n  - a: 1\n    b: 2\n  - a: 3\n",
        "l.0",
        &[set("c", TRUE)],
        "l:\n  - a: 1\n    b: 2\n    c: true\n  - a: 3\n",
    );
    assert_fixed("l:\n  - x\n", "l.0", &[set("", text("yy"))], "l:\n  - yy\n");
    assert_fixed("l:\n  - x # c\n  - '*'\n", "l.1", &[set("", text("!Ref A"))], "l:\n  - x # c\n  - !Ref A\n");
}

/// Values that are made elsewhere are not edited.
#[test]
fn refusals_say_why() {
    let refused = |before: &str, anchor: &str, operation: Operation| {
        changes(before, anchor, &[operation]).expect_err("it is refused")
    };
    let name = |n: &str| n.to_owned();
    assert_eq!(refused("b: &b {x: 1}\na: *b\n", "a", set("x", TRUE)), Refusal::Alias(name("this value")));
    assert_eq!(refused("b: &b {x: 1}\na: *b\n", "b", set("x", TRUE)), Refusal::Shared(name("x")));
    assert_eq!(refused("b: &b {x: {}}\na:\n  <<: *b\n", "a", set("x.y", TRUE)), Refusal::Merged(name("x")));
    assert_eq!(
        refused("a: !If [C, {}, {}]\n", "a", set("x", TRUE)),
        Refusal::Computed(name("this value"), name("!If"))
    );
    assert_eq!(
        refused("a: {k: {\"Fn::If\": [C, {}, {}]}}\n", "a", set("k.x", TRUE)),
        Refusal::Computed(name("k"), name("Fn::If"))
    );
    assert_eq!(refused("a: {k: !Ref P}\n", "a", set("k", TRUE)), Refusal::Computed(name("k"), name("!Ref")));
    assert_eq!(refused("a: text\n", "a", set("k", TRUE)), Refusal::Shape(name("this value"), "mapping"));
    assert_eq!(refused("a: text\n", "a", append("", TRUE)), Refusal::Shape(name("this value"), "list"));
    assert_eq!(refused("a: [1]\n", "a", set("3.k", TRUE)), Refusal::Missing(name("3")));
    assert_eq!(refused("a: [1\n", "a", Operation::Remove { path: path("x") }), Refusal::Broken);
    assert_eq!(changes("a: {k: 1}\n", "a", &[set("k", TRUE), set("k", text("x"))]), Err(Refusal::Conflict));
}

/// What people write first comes first, unless a comment or a removal is in the way.
#[test]
fn what_leads_comes_first() {
    let version = lead("P.Version", text("2012"));
    for (before, after) in [
        ("B:\n  P:\n    S: 1\n    T: 2\n", "B:\n  P:\n    Version: \"2012\"\n    S: 1\n    T: 2\n"),
        ("B:\r\n  P:\r\n    S: 1\r\n", "B:\r\n  P:\r\n    Version: \"2012\"\r\n    S: 1\r\n"),
        ("B:\n  P: # why\n    S: 1\n", "B:\n  P: # why\n    Version: \"2012\"\n    S: 1\n"),
        ("B:\n  P:\n    # of S\n    S: 1\n", "B:\n  P:\n    # of S\n    S: 1\n    Version: \"2012\"\n"),
        ("B:\n  P: {S: 1}\n", "B:\n  P: {Version: \"2012\", S: 1}\n"),
        ("B:\n  P: {\n    S: 1\n  }\n", "B:\n  P: {\n    Version: \"2012\",\n    S: 1\n  }\n"),
        ("B:\n  P: {}\n", "B:\n  P:\n    Version: \"2012\"\n"),
        ("B:\n  P:\n    S: 1\n    Version: \"2008\"\n", "B:\n  P:\n    S: 1\n    Version: \"2012\"\n"),
        ("B: {}\n", "B:\n  P:\n    Version: \"2012\"\n"),
    ] {
        assert_fixed(before, "B", std::slice::from_ref(&version), after);
    }
    assert_fixed("B:\n  - S: 1\n    T: 2\n", "B.0", &[lead("V", text("x"))], "B:\n  - V: x\n    S: 1\n    T: 2\n");
    assert_fixed("B:\n  - - S: 1\n", "B.0.0", &[lead("V", text("x"))], "B:\n  - - V: x\n      S: 1\n");
    assert_fixed(
        "B:\n  S: 1\n  T: 2\n",
        "B",
        &[lead("V", text("x")), set("U", text("z"))],
        "B:\n  V: x\n  S: 1\n  T: 2\n  U: z\n",
    );
    assert_fixed("B:\n  S: 1\n  T: 2\n", "B", &[lead("V", text("x")), remove("S")], "B:\n  T: 2\n  V: x\n");
}
