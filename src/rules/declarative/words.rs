//! What wildcards and policies amount to, in the words of messages.

use std::collections::BTreeSet;

use crate::analysis::iam::actions::{self, Action, ResourceType, Service};
use crate::analysis::iam::arn::Arn;
use crate::analysis::iam::wildcard::Glob;
use crate::analysis::iam::{EVERYTHING, Summary, managed, worst};
use crate::analysis::memo::Memo;
use crate::analysis::policy::of_sort;
use crate::resolve::Truth;
use crate::rulebook::Sort;

/// How many resources of a statement, and how long a text of each, are compared with what actions accept.
const MAX_NAMED: usize = 10;
const MAX_TEXT: usize = 300;

/// What a wildcard action, or a policy of AWS's, amounts to; of an action that is allowed on some resources only, what
/// can be done to those.
pub(super) fn expansion(text: &str, on: &[Glob<'_>]) -> String {
    let named: Vec<String> = on.iter().take(MAX_NAMED + 1).map(Glob::to_text).collect();
    if on.is_empty() || named.len() > MAX_NAMED || named.iter().any(|named| named.len() > MAX_TEXT) {
        return kept(None, text, counted);
    }
    kept(None, &format!("{text}\n{}", named.join("\n")), |_| counted_on(text, on, &named))
}

fn counted_on(text: &str, on: &[Glob<'_>], named: &[String]) -> String {
    let arns: Vec<_> = on.iter().zip(named).map(|(glob, text)| (text.contains('/'), Arn::parse(glob))).collect();
    let own = text.split_once(':').map_or(text, |(service, _)| service);
    let services: Option<Vec<&'static Service>> = match own.contains(['*', '?']) {
        true => arns.iter().map(|(_, arn)| actions::service(&arn.as_ref()?.service.to_text())).collect(),
        false => actions::service(own).map(|service| vec![service]),
    };
    let Some(mut services) = services else {
        return if text == "*" { "every action on what it names".to_owned() } else { kept(None, text, counted) };
    };
    services.sort_unstable_by_key(|service| service.prefix);
    services.dedup_by_key(|service| service.prefix);
    let mut all: Vec<&'static Action> = Vec::new();
    for service in services {
        let reached = |kind: &&ResourceType| {
            arns.iter().any(|(deep, arn)| {
                // What is in a bucket is no bucket, although the pattern of buckets would say so.
                let outside = *deep && kind.arn() == BUCKET;
                !outside && arn.as_ref().zip(kind.parts()).is_none_or(|(arn, own)| arn.intersects(own) != Truth::No)
            })
        };
        let kinds: BTreeSet<&str> = service.resources().iter().filter(reached).map(|kind| kind.name).collect();
        let applies = |action: &&'static Action| {
            action.resources().any(|kind| kinds.contains(kind.name)) && actions::means(text, action)
        };
        all.extend(service.actions().iter().filter(applies));
    }
    // Nothing of it can be done to what is named: then the name is probably wrong.
    if all.is_empty() { kept(None, text, counted) } else { Summary::of(all).to_string() }
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

/// Whether a pattern means every action there is.
fn is_all(pattern: &str) -> bool {
    matches!(pattern, "*" | "*:*")
}

/// An action as a message names it: of a wildcard how many of its actions are of a sort, and one that people know.
pub(super) fn named(pattern: &str, sort: Sort) -> String {
    if is_all(pattern) {
        // Counting them would read what every service has, for a number that says no more.
        format!("`{pattern}` (every action)")
    } else if pattern.contains(['*', '?']) {
        kept(Some(sort), pattern, |pattern| meant(pattern, sort))
    } else {
        format!("`{pattern}`")
    }
}

fn meant(pattern: &str, sort: Sort) -> String {
    let all = of_sort(sort, pattern);
    let known = typical(&all, sort);
    let name = |action: &Action| if pattern.starts_with('*') { action.to_string() } else { action.name.to_owned() };
    match (known, all.len()) {
        (Some(one), 1) => format!("`{pattern}` (`{}`)", name(one)),
        (Some(one), count) => format!("`{pattern}` (`{}` and {} more)", name(one), count - 1),
        (None, _) => format!("`{pattern}`"),
    }
}

/// Of the actions that a wildcard means of a sort the one that people know: what reads data is named by what reads, although other
/// actions of the sort may change more, and what changes permissions by what gives some.
fn typical(all: &[&'static Action], sort: Sort) -> Option<&'static Action> {
    let reading = || all.iter().copied().find(|a| !a.level.changes());
    let changing = || worst(all.iter().copied());
    match sort {
        Sort::Data | Sort::Credentials => reading().or_else(changing),
        Sort::Permissions => worst(all.iter().copied().filter(|a| !takes_away(a))).or_else(changing),
        Sort::Write => changing(),
        Sort::Scopable => changing().or_else(reading),
    }
}

/// Whether an action does less harm than its neighbours in a list of a sort: it reads where others change, or takes permissions
/// away where others give some.
pub(super) fn is_mild(pattern: &str, sort: Sort) -> bool {
    if is_all(pattern) {
        return false;
    }
    let all = of_sort(sort, pattern);
    match sort {
        Sort::Permissions => all.iter().all(|action| takes_away(action)),
        Sort::Scopable => all.iter().all(|action| !action.level.changes()),
        Sort::Data | Sort::Credentials | Sort::Write => false,
    }
}

fn takes_away(action: &Action) -> bool {
    ["Delete", "Deactivate", "Detach", "Disassociate", "Remove", "Revoke"]
        .iter()
        .any(|verb| action.name.starts_with(verb))
}

/// The ARN of something that an action can be limited to; of a wildcard, one of those that it means of a sort.
pub(super) fn example(pattern: &str, sort: Sort) -> Option<String> {
    if pattern.starts_with('*') {
        return None;
    }
    let all: Vec<_> =
        of_sort(sort, pattern).iter().copied().filter(|action| action.resources().next().is_some()).collect();
    let action = typical(&all, sort).or_else(|| all.first().copied())?;
    let name = action.name.to_ascii_lowercase();
    // What the action is called after, then what others stand below: that has the shortest name.
    let rank = |kind: &&ResourceType| {
        let last = kind.name.rsplit('-').next().unwrap_or(kind.name).to_ascii_lowercase();
        (!name.contains(&last), kind.arn().len())
    };
    let kind = action.required().min_by_key(rank).or_else(|| action.resources().min_by_key(rank))?;
    let arn = kind.arn();
    let mut out = String::with_capacity(arn.len());
    for (at, part) in arn.split("${").enumerate() {
        match part.split_once('}').filter(|_| at > 0) {
            Some(("Partition", rest)) => out.extend(["aws", rest]),
            Some(("Region" | "Account", rest)) => out.extend(["*", rest]),
            Some((name, rest)) => out.extend([name, rest]),
            None => out.push_str(part),
        }
    }
    Some(out)
}

/// Whether an action, or each that a wildcard means, can be limited to no resource at all.
pub(super) fn takes_none(pattern: &str) -> bool {
    let mut all = actions::expand(pattern).peekable();
    !pattern.starts_with('*') && all.peek().is_some() && all.all(|action| action.resources().next().is_none())
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
        let example = |pattern| example(pattern, Sort::Scopable);
        assert_eq!(example("bedrock:InvokeModel").as_deref(), Some("arn:aws:bedrock:*::foundation-model/ResourceId"));
        assert_eq!(example("sqs:*Message").as_deref(), Some("arn:aws:sqs:*:*:QueueName"));
        assert_eq!(example("dynamodb:GetItem").as_deref(), Some("arn:aws:dynamodb:*:*:table/TableName"));
        assert_eq!(example("xray:PutTraceSegments"), None);
        assert_eq!(named("*", Sort::Data), "`*` (every action)");
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
