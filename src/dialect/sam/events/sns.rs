//! Topics that a function subscribes to, directly or through a queue.

use super::super::expansion::{Expansion, given};
use super::super::policies::Policies;
use super::{Event, pull, queue};
use crate::template::{Entry, Intrinsic, Kind, Value};

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
        (Some(arn), url) => {
            (arn, url.unwrap_or_else(|| make.build.unknown("the queue's address is missing", through.value.origin)))
        }
        (None, _) => {
            let id = expansion.id(&[event.id, "Queue"]);
            let fifo = ordered(expansion, topic).map(|yes| ("FifoQueue", yes));
            event.emit(expansion, id, "AWS::SQS::Queue", "this queue", make.map(fifo.as_slice()));
            (make.att(id, "Arn"), make.reference(id))
        }
    };
    subscribe(expansion, event, "sqs", arn);
    let policy = field("QueuePolicyLogicalId")
        .and_then(|id| id.as_text())
        .unwrap_or_else(|| expansion.id(&[event.id, "QueuePolicy"]));
    queue::policy(expansion, event, policy, make.text("*"), url, arn, topic);
    pull::queue(expansion, event, arn, field("BatchSize"), role);
}

/// `FifoTopic` of a topic of this template: its queue must keep the order too.
fn ordered<'a>(expansion: &Expansion<'a>, topic: Value<'a>) -> Option<Value<'a>> {
    let Kind::Intrinsic(Intrinsic::Ref(id)) = topic.kind else { return None };
    let fifo = given(expansion.written(id)?.properties, "FifoTopic")?;
    (expansion.known(fifo).as_bool() == Some(true)).then_some(fifo)
}

fn subscribe<'a>(expansion: &mut Expansion<'a>, event: &Event<'a>, protocol: &'a str, endpoint: Value<'a>) {
    let make = event.make(expansion, "this subscription");
    let mut properties =
        vec![make.entry("Endpoint", endpoint.with_origin(make.origin)), make.entry("Protocol", make.text(protocol))];
    properties.extend(event.entry("Topic").map(|e| Entry { key: "TopicArn", ..e }));
    properties.extend(event.passed(&["FilterPolicy", "FilterPolicyScope", "RedrivePolicy", "Region"]));
    event.emit(expansion, event.id, "AWS::SNS::Subscription", "this subscription", make.entries(&properties));
}
