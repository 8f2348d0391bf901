//! A function that may write to what triggers it can call itself for ever.

use std::collections::BTreeSet;
use std::rc::Rc;

use crate::analysis::grants::Pairs;
use crate::analysis::policy::covers;
use crate::resolve::Text;
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink};

/// What writes to a source, so that it triggers again, and where the source has its name.
const WRITES: &[(&str, &str, &[&str])] = &[
    ("AWS::S3::Bucket", "BucketName", &["s3:PutObject"]),
    ("AWS::SQS::Queue", "QueueName", &["sqs:SendMessage"]),
    ("AWS::SNS::Topic", "TopicName", &["sns:Publish"]),
    ("AWS::DynamoDB::Table", "TableName", &["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:BatchWriteItem"]),
    ("AWS::Kinesis::Stream", "Name", &["kinesis:PutRecord", "kinesis:PutRecords"]),
];

/// Where Lambda notices that a function goes round in circles, and stops it after some sixteen rounds.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>
const STOPPED: &[&str] = &["AWS::S3::Bucket", "AWS::SQS::Queue", "AWS::SNS::Topic"];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    // A right that another function of the same role needs is for `lambda-shared-role` to tell.
    let shared: BTreeSet<usize> = facts.shared_roles().iter().flat_map(|s| s.users.iter().map(|u| u.at)).collect();
    for (at, triggers) in cx.triggers() {
        let Some(function) = facts.at(*at).filter(|_| !shared.contains(at)) else { continue };
        let grants = facts.grants_of_function(function);
        for trigger in triggers {
            let (Some(source), Some(by)) = (trigger.source.and_then(|s| facts.at(s)), facts.at(trigger.by)) else {
                continue;
            };
            let Some((kind, name, actions)) = WRITES.iter().find(|(kind, ..)| *kind == source.kind) else { continue };
            let id = format!("${{{}", source.id);
            let names = cx.resolver.property(source, &[*name]).into_iter().filter_map(|case| case.present());
            let names: Vec<String> = names.filter_map(|value| Text::of(&value).identity()).collect();
            let writes = |pattern: &&String| actions.iter().any(|w| covers(pattern, w));
            // A write to one prefix of a bucket is separated from what triggers, if it is not everything.
            let wide = |on: &&String| (on.contains(&id) && !narrow(on)) || names.iter().any(|name| is_all_of(on, name));
            let written = |pairs: Rc<Pairs>| {
                let action = pairs.actions.iter().find(writes)?.clone();
                Some((action, pairs.resources.iter().find(wide)?.clone()))
            };
            let mut writing = grants.pairs(kind, |pairs| pairs.actions.iter().any(|pattern| writes(&pattern)));
            let Some((action, on)) = writing.find_map(written) else { continue };
            let filtered = by.property("FilterCriteria").is_some()
                || (source.kind == "AWS::S3::Bucket" && text_of(source).contains("Filter"));
            let Some(under) = cx.under(function).filter(|_| !filtered) else { continue };
            let endless = !STOPPED.contains(&source.kind) || may_go_on(cx, function);
            let how_long = if endless { "for ever" } else { "until Lambda stops it" };
            let message = format!(
                "function may call `{action}` on `{}`, which triggers it: one write too many and it calls itself {how_long}",
                source.written_id
            );
            let hit = Hit::resource(function)
                .under(&under)
                .message(message)
                .related(source.key, format!("triggers the function, which may write to {on}"));
            out.report(if endless { hit.severity(Severity::High) } else { hit });
        }
    }
}

/// Whether somebody has told Lambda not to stop it.
fn may_go_on<'a>(cx: &Context<'_, 'a>, function: &crate::template::Resource<'a>) -> bool {
    let cases = cx.resolver.property(function, &["RecursiveLoop"]);
    cases.iter().any(|case| case.present().is_some_and(|value| Text::of(&value).is("Allow").yes()))
}

/// Whether a resource names a part of a bucket: `${Bucket.Arn}/out/*`.
fn narrow(resource: &str) -> bool {
    resource.rsplit_once('}').is_some_and(|(_, rest)| rest.len() > 2 && rest.starts_with('/') && rest != "/*")
}

/// Whether an ARN names what goes by a name, and for a bucket everything in it.
fn is_all_of(resource: &str, name: &str) -> bool {
    let before = resource.strip_suffix("/*").unwrap_or(resource).strip_suffix(name);
    before.is_some_and(|before| before.ends_with([':', '/']))
}

/// The names of what stands in a bucket's notifications.
fn text_of(bucket: &crate::template::Resource<'_>) -> String {
    let lists = bucket
        .properties
        .at(&["NotificationConfiguration", "LambdaConfigurations"])
        .map(|v| v.items())
        .unwrap_or_default();
    let all_filtered = !lists.is_empty() && lists.iter().all(|item| item.get("Filter").is_some());
    if all_filtered { "Filter".to_owned() } else { String::new() }
}
