//! What wildcards and policies amount to, in the words of messages.

use crate::analysis::iam::actions::{self, Action};
use crate::analysis::iam::{EVERYTHING, Summary, managed};
use crate::analysis::memo::Memo;
use crate::analysis::policy::is_a;
use crate::rulebook::Sort;

/// What a wildcard action, or a policy of AWS's, amounts to.
pub(super) fn expansion(text: &str) -> String {
    kept(None, text, counted)
}

/// Counting is slow and templates repeat each other.
fn kept(sort: Option<Sort>, text: &str, make: impl Fn(&str) -> String) -> String {
    static SENTENCES: Memo<(Option<Sort>, String), String> = Memo::new(10_000);
    SENTENCES.answer(&(sort, text.to_owned()), |_| 1, || make(text))
}

fn counted(text: &str) -> String {
    if text == "*" {
        return EVERYTHING.to_owned();
    }
    if text.contains(":iam::aws:policy/") {
        let told = managed::of_arn(text).and_then(|policy| policy.summary());
        return told.unwrap_or("AWS decides what it allows").to_owned();
    }
    Summary::of(actions::expand(text)).to_string()
}

/// An action as a message names it: of a wildcard how many of its actions are of a sort, and one that people know.
pub(super) fn named(pattern: &str, sort: Sort) -> String {
    if pattern.contains(['*', '?']) {
        kept(Some(sort), pattern, |pattern| meant(pattern, sort))
    } else {
        format!("`{pattern}`")
    }
}

fn meant(pattern: &str, sort: Sort) -> String {
    let all: Vec<&'static Action> = actions::expand(pattern).filter(|a| is_a(sort, a)).collect();
    // What reads is named by what reads, although other actions of the sort may change more.
    let reading = || all.iter().copied().find(|a| !a.level.changes());
    let changing = || Summary::of(all.iter().copied()).example;
    let known = match sort {
        Sort::Data | Sort::Credentials | Sort::Scopable => reading().or_else(changing),
        Sort::Permissions | Sort::Write => changing(),
    };
    let name = |action: &Action| if pattern.starts_with('*') { action.to_string() } else { action.name.to_owned() };
    match (known, all.len()) {
        (Some(one), 1) => format!("`{pattern}` (`{}`)", name(one)),
        (Some(one), count) => format!("`{pattern}` (`{}` and {} more)", name(one), count - 1),
        (None, _) => format!("`{pattern}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A wildcard says what it means of the sort that is asked about.
    #[test]
    fn wildcards_say_what_they_mean() {
        assert_eq!(named("s3:GetObject", Sort::Data), "`s3:GetObject`");
        assert_eq!(
            named("dynamodb:Delete*Policy", Sort::Permissions),
            "`dynamodb:Delete*Policy` (`DeleteResourcePolicy`)"
        );
        // What reads data is named by what reads, what may be limited as well.
        let read = named("dynamodb:*Item", Sort::Data);
        assert!(read.starts_with("`dynamodb:*Item` (`BatchGetItem`"), "{read}");
        let all = named("s3:*", Sort::Write);
        assert!(all.starts_with("`s3:*` (`DeleteBucket` and ") && all.ends_with(" more)"), "{all}");
    }

    /// A policy of AWS's that leaves something out allows everything else.
    #[test]
    fn policies_that_leave_something_out() {
        let power = expansion("arn:aws:iam::aws:policy/PowerUserAccess");
        assert!(power.starts_with("everything but ") && power.contains("`iam:*`"), "{power}");
        assert!(expansion("arn:*:iam::aws:policy/AmazonS3FullAccess").contains("among them `s3:DeleteBucket`"));
    }
}
