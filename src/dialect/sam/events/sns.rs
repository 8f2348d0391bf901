//! Topics that a function subscribes to, directly or through a queue.

use super::super::expansion::{Expansion, given};
use super::super::policies::Policies;
use super::{Event, pull, queue};
use crate::template::{Entry, Value};

/// Subscribes the function.
pub(super) fn expand<'a>(expansion: &mut Expansion<'a>, event: &Event<'a>, role: &mut Policies<'a>) {
    let make = event.make(expansion, "this permission");
    let topic = event.get("Topic").unwrap_or_else(|| make.build.unknown("the topic is missing", event.origin));
    let through = event.entry("SqsSubscription").filter(|e| e.value.as_bool() != Some(false));
    let Some(through) = through else {
        subscribe(expansion, event, "lambda", event.arn);
        event.permit(expansion, "", "sns.amazonaws.com", &[("SourceArn", topic)]);
        return;
    };
    let make = event.make(expansion, "this queue").at(through.value.origin);
    let field = |key: &str| given(through.value, key);
    let (arn, url) = match (field("QueueArn"), field("QueueUrl")) {
        (Some(arn), url) => (arn, url.unwrap_or_else(|| make.build.unknown("the queue's address is missing", through.value.origin))),
        (None, _) => {
            let id = expansion.id(&[event.id, "Queue"]);
            event.emit(expansion, id, "AWS::SQS::Queue", "this queue", make.map(&[]));
            (make.att(id, "Arn"), make.reference(id))
        }
    };
    subscribe(expansion, event, "sqs", arn);
    let policy = field("QueuePolicyLogicalId").and_then(|id| id.as_text()).unwrap_or_else(|| expansion.id(&[event.id, "QueuePolicy"]));
    queue::policy(expansion, event, policy, make.text("*"), url, arn, topic);
    pull::queue(expansion, event, arn, field("BatchSize"), role);
}

fn subscribe<'a>(expansion: &mut Expansion<'a>, event: &Event<'a>, protocol: &'a str, endpoint: Value<'a>) {
    let make = event.make(expansion, "this subscription");
    let mut properties = vec![make.entry("Endpoint", endpoint.with_origin(make.origin)), make.entry("Protocol", make.text(protocol))];
    properties.extend(event.entry("Topic").map(|e| Entry { key: "TopicArn", ..e }));
    properties.extend(event.passed(&["FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "Region"]));
    event.emit(expansion, event.id, "AWS::SNS::Subscription", "this subscription", make.entries(&properties));
}
