//! `sns`: topics that the framework makes, subscriptions to others, and where undelivered messages go.

use super::super::make::{Make, told};
use super::super::naming;
use super::super::read;
use super::super::service::{Event, Function, Service};
use super::super::stack::{Draft, Stack};
use crate::template::{Intrinsic, Value};

/// Makes the topics, subscriptions and permissions of all functions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    for (_, function, event) in service.events("sns") {
        subscribe(service, stack, function, event);
    }
}

fn subscribe<'a>(service: &Service<'a>, stack: &mut Stack<'a>, function: &Function<'a>, event: &Event<'a>) {
    let build = service.build;
    let field = |key: &str| read::given(event.value, key);
    let own_text = event.value.as_map().is_none().then_some(event.value);
    let arn = field("arn").or(own_text.filter(|v| super::super::service::is_arn(v)));
    let tail = arn.map(|a| read::plain(build, a)).map(|t| t.rsplit(':').next().unwrap_or(t));
    let named = field("topicName").or(own_text.filter(|_| arn.is_none()));
    let name = named.map(|n| read::plain(build, n)).or(tail).unwrap_or("");
    let normal = naming::alnum(name);

    let cause = function.event_cause(build, "subscription", event);
    let make = service.make(cause.origin);
    let redrive =
        field("redrivePolicy").map(|policy| dead_letters(service, stack, function, event, policy, &normal, arn));
    let subscription = function.owned(build, &format!("SnsSubscription{normal}"));
    let draft = || {
        Draft::new(subscription, "AWS::SNS::Subscription", cause)
            .set("Protocol", make.text("lambda"))
            .set("Endpoint", function.target(make))
            .maybe("FilterPolicy", field("filterPolicy"))
            .maybe("FilterPolicyScope", field("filterPolicyScope"))
            .maybe("RedrivePolicy", redrive)
    };
    let source = match arn {
        Some(arn) => {
            // An ARN that stands alone is not looked into.
            let region = arn.as_text().filter(|_| own_text.is_none()).and_then(|t| t.split(':').nth(3));
            let elsewhere = region.filter(|r| !r.is_empty() && *r != service.region);
            stack.add(
                draft()
                    .set("TopicArn", arn)
                    .maybe("Region", elsewhere.map(|r| make.at(arn.origin).text(r)))
                    .after_alias(make, function),
            );
            arn
        }
        None => {
            let topic = told(build, format_args!("SNSTopic{normal}"));
            let name = named.unwrap_or(event.value);
            if !stack.has(topic) {
                let cause = function.event_cause(build, "topic", event);
                let fresh = Draft::new(topic, "AWS::SNS::Topic", cause).set("TopicName", name);
                stack.add(fresh.maybe("DisplayName", field("displayName")).after_alias(make, function));
            }
            if field("filterPolicy").is_some() || redrive.is_some() {
                stack.add(draft().set("TopicArn", make.reference(topic)));
            } else if let Some(topic) = stack.draft(topic) {
                let mut all = topic.property("Subscription").map(|s| s.items()).unwrap_or_default();
                all.push(make.map(&[("Endpoint", function.target(make)), ("Protocol", make.text("lambda"))]));
                topic.put("Subscription", make.list(&all));
            }
            make.arn("sns", &[name])
        }
    };
    let permission = function.owned(build, &format!("LambdaPermission{normal}SNS"));
    let cause = function.event_cause(build, "permission", event);
    stack.permit(permission, cause, function, "sns.amazonaws.com", Some(source));
}

/// The policy that lets the topic write to the queue, and the redrive policy itself.
fn dead_letters<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    function: &Function<'a>,
    event: &Event<'a>,
    policy: Value<'a>,
    topic: &str,
    source: Option<Value<'a>>,
) -> Value<'a> {
    let build = service.build;
    let cause = function.cause_at(build, "queue policy", policy.origin, event.guard);
    let make = service.make(cause.origin);
    let (arn, url) = queue(service, make, policy);
    // A topic that the framework makes has no ARN yet at this point, and the condition stays empty.
    let equals: Vec<_> = source.map(|s| ("aws:SourceArn", s)).into_iter().collect();
    let statement = make.map(&[
        ("Effect", make.text("Allow")),
        ("Principal", make.map(&[("Service", make.text("sns.amazonaws.com"))])),
        ("Action", make.text("sqs:SendMessage")),
        ("Resource", arn),
        ("Condition", make.map(&[("ArnEquals", make.map(&equals))])),
    ]);
    let id = told(build, format_args!("{topic}To{}DLQPolicy", function.normal));
    let document = make.map(&[
        ("Version", make.text("2012-10-17")),
        ("Id", make.text(id)),
        ("Statement", make.list(&[statement])),
    ]);
    stack.add(
        Draft::new(id, "AWS::SQS::QueuePolicy", cause).set("PolicyDocument", document).set("Queues", make.list(&[url])),
    );
    make.map(&[("deadLetterTargetArn", arn)])
}

fn queue<'a>(service: &Service<'a>, make: Make<'a>, policy: Value<'a>) -> (Value<'a>, Value<'a>) {
    if let Some(arn) = read::given(policy, "deadLetterTargetArn") {
        let parts: Vec<&str> = arn.as_text().unwrap_or("").split(':').collect();
        let [.., region, account, name] = parts.as_slice() else {
            return (arn, service.build.unknown("the URL of a queue that is not known", arn.origin));
        };
        let make = make.at(arn.origin);
        let head = make.written(format_args!("https://sqs.{region}."));
        return (
            arn,
            make.join("", &[head, make.reference("AWS::URLSuffix"), make.written(format_args!("/{account}/{name}"))]),
        );
    }
    if let Some(reference) = read::given(policy, "deadLetterTargetRef")
        && let Some(id) = reference.as_text()
    {
        let make = make.at(reference.origin);
        return (make.att(id, "Arn"), make.reference(id));
    }
    let import = |key: &str| {
        let name = read::at(policy, &["deadLetterTargetImport", key]).unwrap_or(policy);
        make.at(name.origin).intrinsic(Intrinsic::ImportValue(name))
    };
    (import("arn"), import("url"))
}
