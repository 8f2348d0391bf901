//! What wildcards and policies amount to, in the words of messages.

use crate::analysis::iam::actions::{self, Action, ResourceType};
use crate::analysis::iam::arn::Arn;
use crate::analysis::iam::wildcard::Glob;
use crate::analysis::iam::{EVERYTHING, Summary, managed};
use crate::analysis::memo::Memo;
use crate::analysis::policy::is_a;
use crate::resolve::Truth;
use crate::rulebook::Sort;

/// What a wildcard action, or a policy of AWS's, amounts to; of an action that is allowed on some resources only, what
/// can be done to those.
pub(super) fn expansion(text: &str, on: &[Glob<'_>]) -> String {
    if on.is_empty() {
        return kept(None, text, counted);
    }
    let key = on.iter().fold(text.to_owned(), |key, glob| format!("{key}\n{}", glob.to_text()));
    kept(None, &key, |_| counted_on(text, on))
}

fn counted_on(text: &str, on: &[Glob<'_>]) -> String {
    let arns: Vec<_> = on.iter().map(|glob| (glob.to_text().contains('/'), Arn::parse(glob))).collect();
    let reached = |kind: &ResourceType| {
        let own = kind.parts();
        arns.iter().any(|(deep, arn)| {
            // What is in a bucket is no bucket, although the pattern of buckets would say so.
            let outside = *deep && kind.arn() == BUCKET;
            let meets = arn.as_ref().zip(own).is_none_or(|(arn, own)| arn.intersects(own) != Truth::No);
            meets && !outside
        })
    };
    let applies = |action: &&'static Action| action.resources().any(reached);
    let summary = if text == "*" {
        let services: Option<Vec<_>> =
            arns.iter().map(|(_, arn)| actions::service(&arn.as_ref()?.service.to_text())).collect();
        let Some(mut services) = services else { return "every action on what it names".to_owned() };
        services.sort_unstable_by_key(|service| service.prefix);
        services.dedup_by_key(|service| service.prefix);
        Summary::of(services.into_iter().flat_map(|service| service.actions()).filter(applies))
    } else {
        Summary::of(actions::expand(text).filter(applies))
    };
    // Nothing of it can be done to what is named: then the name is probably wrong.
    if summary.total == 0 { counted(text) } else { summary.to_string() }
}

/// What S3 calls a bucket.
const BUCKET: &str = "arn:${Partition}:s3:::${BucketName}";

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
        let power = expansion("arn:aws:iam::aws:policy/PowerUserAccess", &[]);
        assert!(power.starts_with("everything but ") && power.contains("`iam:*`"), "{power}");
        assert!(expansion("arn:*:iam::aws:policy/AmazonS3FullAccess", &[]).contains("among them `s3:DeleteBucket`"));
    }

    /// Of a wildcard counts what can be done to what is named.
    #[test]
    fn scoped() {
        let on = |action: &str, arn: &'static str| expansion(action, &[Glob::resource(arn)]);
        let objects = on("s3:*", "arn:aws:s3:::files/uploads/*");
        assert!(objects.ends_with("among them `DeleteObject`"), "{objects}");
        assert!(on("s3:*", "arn:aws:s3:::files").ends_with("among them `DeleteBucket`"));
        let table = on("*", "arn:aws:dynamodb:eu-west-1:*:table/orders");
        assert!(table.ends_with("among them `DeleteTable`"), "{table}");
        assert_eq!(on("dynamodb:*", "arn:aws:s3:::files"), expansion("dynamodb:*", &[]));
    }
}
