//! Queues that SAM makes for an event: dead letters, and what stands between a topic and a function.

use super::super::expansion::{Expansion, given};
use super::Event;
use crate::template::{Entry, Value};

/// The `DeadLetterConfig` of a target; with `Type: SQS` the queue is made, and a policy when `source` sends to it.
pub(super) fn dead_letters<'a>(
    expansion: &mut Expansion<'a>,
    event: &Event<'a>,
    source: Option<Value<'a>>,
) -> Option<Entry<'a>> {
    let config = event.entry("DeadLetterConfig")?;
    if let Some(arn) = super::super::expansion::entry(config.value, "Arn") {
        return Some(Entry { value: expansion.make(config.value.origin).entries(&[arn]), ..config });
    }
    let make = event.make(expansion, "this dead letter queue").at(config.value.origin);
    let id = given(config.value, "QueueLogicalId")
        .and_then(|id| id.as_text())
        .unwrap_or_else(|| expansion.id(&[event.id, "Queue"]));
    event.emit(expansion, id, "AWS::SQS::Queue", "this dead letter queue", make.map(&[]));
    let arn = make.att(id, "Arn");
    if let Some(source) = source {
        let principal = make.map(&[("Service", make.text("events.amazonaws.com"))]);
        policy(expansion, event, expansion.id(&[event.id, "QueuePolicy"]), principal, make.reference(id), arn, source);
    }
    Some(Entry { value: make.map(&[("Arn", arn)]), ..config })
}

/// Lets a principal send to a queue, for messages of one source.
pub(super) fn policy<'a>(
    expansion: &mut Expansion<'a>,
    event: &Event<'a>,
    id: &'a str,
    principal: Value<'a>,
    url: Value<'a>,
    arn: Value<'a>,
    source: Value<'a>,
) {
    let make = event.make(expansion, "this queue policy");
    let equals = make.map(&[("aws:SourceArn", source)]);
    let statement = make.map(&[
        ("Action", make.text("sqs:SendMessage")),
        ("Effect", make.text("Allow")),
        ("Principal", principal),
        ("Resource", arn),
        ("Condition", make.map(&[("ArnEquals", equals)])),
    ]);
    let document = make.policy(&[statement]);
    let properties = make.map(&[("PolicyDocument", document), ("Queues", make.list(&[url]))]);
    event.emit(expansion, id, "AWS::SQS::QueuePolicy", "this queue policy", properties);
}
