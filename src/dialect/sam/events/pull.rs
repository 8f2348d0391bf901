//! Events that Lambda fetches itself: event source mappings, and what the role needs to read the source.

use super::super::expansion::{Expansion, entry, given, is_nothing};
use super::super::invoke_config::grant;
use super::super::policies::Policies;
use super::{Event, brokers};
use crate::template::{Entry, Value};

/// Makes the mapping of a queue, stream, cluster or broker.
pub(super) fn expand<'a>(expansion: &mut Expansion<'a>, event: &Event<'a>, kind: &str, role: &mut Policies<'a>) {
    let what = "this event source mapping";
    let make = event.make(expansion, what);
    let mut properties = vec![make.entry("FunctionName", event.name.with_origin(make.origin))];
    let mut kafka = Vec::new();
    for entry in event.properties.entries() {
        if is_nothing(&entry.value) {
            continue;
        }
        match (entry.key, kind) {
            ("Queue", "SQS")
            | ("Stream", "Kinesis" | "DynamoDB" | "MSK")
            | ("Broker", "MQ")
            | ("Cluster", "DocumentDB") => {
                properties.push(Entry { key: "EventSourceArn", ..*entry });
            }
            ("DatabaseName" | "CollectionName" | "FullDocument", "DocumentDB") => {}
            ("KafkaBootstrapServers", _) => {
                let at = make.around(entry.value.origin);
                let servers = at.map(&[("KafkaBootstrapServers", entry.value)]);
                properties.push(Entry {
                    key: "SelfManagedEventSource",
                    value: at.map(&[("Endpoints", servers)]),
                    ..*entry
                });
            }
            ("ConsumerGroupId" | "SchemaRegistryConfig", "MSK" | "SelfManagedKafka") => kafka.push(*entry),
            ("SecretsManagerKmsKeyId" | "DynamicPolicyName", _) => {}
            ("DestinationConfig", _) => properties.push(Entry { value: untyped(expansion, entry.value), ..*entry }),
            (_, _) => properties.push(*entry),
        }
    }
    if kind == "DocumentDB" {
        let names = event.passed(&["DatabaseName", "CollectionName", "FullDocument"]);
        properties.push(make.entry("DocumentDBEventSourceConfig", make.entries(&names)));
    }
    if let Some(first) = kafka.first() {
        let key =
            if kind == "MSK" { "AmazonManagedKafkaEventSourceConfig" } else { "SelfManagedKafkaEventSourceConfig" };
        properties.push(Entry {
            key,
            key_origin: first.key_origin,
            value: make.around(first.value.origin).entries(&kafka),
        });
    }
    event.emit(expansion, event.id, "AWS::Lambda::EventSourceMapping", what, make.entries(&properties));

    let make = event.make(expansion, "this grant");
    match kind {
        "SQS" => role.manage(make, "service-role/AWSLambdaSQSQueueExecutionRole"),
        "Kinesis" => role.manage(make, "service-role/AWSLambdaKinesisExecutionRole"),
        "DynamoDB" => role.manage(make, "service-role/AWSLambdaDynamoDBExecutionRole"),
        "MSK" => role.manage(make, "service-role/AWSLambdaMSKExecutionRole"),
        _ => {}
    }
    brokers::grant(expansion, event, kind, role);
    destination(expansion, event, kind, role);
}

/// `DestinationConfig` without `Type`, which only SAM reads.
fn untyped<'a>(expansion: &Expansion<'a>, config: Value<'a>) -> Value<'a> {
    let Some(failure) = entry(config, "OnFailure").filter(|f| f.value.get("Type").is_some()) else { return config };
    let make = expansion.make(failure.value.origin);
    let kept: Vec<_> = failure.value.entries().iter().filter(|e| e.key != "Type").copied().collect();
    let failure = Entry { value: make.entries(&kept), ..failure };
    let others = config.entries().iter().map(|e| if e.key == "OnFailure" { failure } else { *e });
    expansion.make(config.origin).entries(&others.collect::<Vec<_>>())
}

/// Where batches that failed go.
fn destination<'a>(expansion: &Expansion<'a>, event: &Event<'a>, kind: &str, role: &mut Policies<'a>) {
    let Some(failure) = event.get("DestinationConfig").and_then(|c| given(c, "OnFailure")) else { return };
    let (Some(sort), Some(target)) = (given(failure, "Type"), given(failure, "Destination")) else { return };
    let Some(sort) = expansion.known(sort).as_text() else { return };
    if kind == "SelfManagedKafka" && sort == "Kafka" {
        return;
    }
    let make = event.make(expansion, "this grant").at(failure.origin);
    grant(make, role, event.id, sort, target);
}

/// The mapping of a queue that SAM itself put between a topic and the function.
pub(super) fn queue<'a>(
    expansion: &mut Expansion<'a>,
    event: &Event<'a>,
    arn: Value<'a>,
    batch: Option<Value<'a>>,
    role: &mut Policies<'a>,
) {
    let what = "this event source mapping";
    let make = event.make(expansion, what);
    let batch = batch.unwrap_or_else(|| make.build.number(10, make.origin));
    let id = expansion.id(&[event.id, "EventSourceMapping"]);
    let properties = make.map(&[
        ("FunctionName", event.name.with_origin(make.origin)),
        ("EventSourceArn", arn),
        ("BatchSize", batch),
        ("Enabled", make.bool(true)),
    ]);
    event.emit(expansion, id, "AWS::Lambda::EventSourceMapping", what, properties);
    role.manage(event.make(expansion, "this grant"), "service-role/AWSLambdaSQSQueueExecutionRole");
}
