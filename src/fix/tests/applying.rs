//! Many changes of one text.

use super::super::{Change, Unfaithful, apply, diff, select, verify};

fn change(start: u32, end: u32, text: &str) -> Change {
    (start..end, text.to_owned())
}

/// Changes are made together, in whatever order they come; overlaps and places outside are refused.
#[test]
fn changes_are_made_together() {
    assert_eq!(apply("abcdef", &[change(4, 5, "E"), change(0, 1, ""), change(2, 2, "-")]), Ok("b-cdEf".to_owned()));
    assert!(apply("abcdef", &[change(0, 3, ""), change(2, 4, "")]).is_err());
    assert!(apply("abc", &[change(2, 9, "")]).is_err());
    assert!(apply("é", &[change(1, 2, "")]).is_err());
}

/// The earlier fix wins; one at the same place has to wait; others are made.
#[test]
fn fixes_are_selected_in_order() {
    let fixes = [
        vec![change(10, 12, "a")],
        vec![change(0, 2, "b"), change(11, 13, "c")],
        vec![change(5, 5, "d")],
        vec![change(5, 5, "d")],
        vec![],
        vec![change(20, 22, "e")],
        vec![change(15, 30, "f")],
    ];
    let fixes: Vec<&[Change]> = fixes.iter().map(Vec::as_slice).collect();
    assert_eq!(select(&fixes), [0, 2, 5]);
}

/// A change that reaches further than it says is found out.
#[test]
fn unfaithful_changes_are_refused() {
    let before = "a:\n  b: 1\nc: 2\n";
    assert_eq!(verify(before, &[change(8, 9, "3")]), Ok("a:\n  b: 3\nc: 2\n".to_owned()));
    assert!(matches!(verify(before, &[change(8, 9, "[")]), Err(Unfaithful::Broken(_))));
    assert!(matches!(verify(before, &[change(9, 9, "\nc: 3")]), Err(Unfaithful::Broken(_))));
    assert_eq!(verify("- 1\n- 2\n", &[change(2, 4, "1 ")]), Err(Unfaithful::Changed(6)));
    assert_eq!(verify("a: 1\nb: 2\n", &[change(0, 4, "a: 1 #"), change(4, 5, " ")]), Err(Unfaithful::Changed(5)));
}

/// A unified diff has three lines of context, and joins changes that are close.
#[test]
fn diffs_are_unified() {
    let before: String = (1..=20).map(|i| format!("l{i}\n")).collect();
    let after = before.replace("l5\n", "L5\nnew\n").replace("l9\n", "").replace("l20\n", "l20");
    let expected = "--- a/t.yaml\n+++ b/t.yaml\n@@ -2,11 +2,11 @@\n l2\n l3\n l4\n-l5\n+L5\n+new\n l6\n l7\n l8\n-l9\n l10\n l11\n l12\n@@ -17,4 +17,4 @@\n l17\n l18\n l19\n-l20\n+l20\n\\ No newline at end of file\n";
    assert_eq!(diff("t.yaml", &before, &after), expected);
    assert_eq!(diff("t.yaml", "", "a\n"), "--- a/t.yaml\n+++ b/t.yaml\n@@ -0,0 +1 @@\n+a\n");
    assert_eq!(diff("t.yaml", &before, &before), "");
}

/// Texts with nothing in common are shown as replaced, in bounded time.
#[test]
fn diffs_are_bounded() {
    let before: String = (0..5_000).map(|i| format!("a{i}\n")).collect();
    let after: String = (0..5_000).map(|i| format!("b{i}\n")).collect();
    let shown = diff("t", &before, &after);
    assert_eq!(shown.lines().filter(|l| l.starts_with("-a")).count(), 5_000);
    assert_eq!(shown.lines().filter(|l| l.starts_with("+b")).count(), 5_000);
}
