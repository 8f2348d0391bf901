//! `stream`: streams of DynamoDB and Kinesis.

use super::super::make::{Make, told};
use super::super::naming;
use super::super::read;
use super::super::role;
use super::super::service::{Event, Function, Service};
use super::super::stack::{Draft, Feature, Grant, Stack};
use crate::template::{Intrinsic, Kind, Value};

/// What a function may do with a kind of source, and the sources.
struct Reads<'a> {
    actions: &'static [&'static str],
    resources: Vec<Value<'a>>,
}

/// The statements of a function, in the framework's order.
const STATEMENTS: [&[&str]; 6] = [
    &["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream", "dynamodb:ListStreams"],
    &["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStream", "kinesis:ListStreams"],
    &["kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:DescribeStreamSummary", "kinesis:ListShards"],
    &["kinesis:SubscribeToShard"],
    &["sns:Publish"],
    &["sqs:ListQueues", "sqs:SendMessage"],
];
const DYNAMODB: usize = 0;
const KINESIS: usize = 1;
const KINESIS_WITH_CONSUMER: usize = 2;
const CONSUMER: usize = 3;
const FAILED_TO_SNS: usize = 4;
const FAILED_TO_SQS: usize = 5;

/// Makes the mappings of all functions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    for (at, function) in service.functions.iter().enumerate() {
        let mut reads = STATEMENTS.map(|actions| Reads { actions, resources: Vec::new() });
        for event in function.events.iter().filter(|e| e.kind == "stream") {
            mapping(service, stack, function, event, &mut reads);
        }
        for read in &reads {
            let Some(first) = read.resources.first() else { continue };
            let make = service.make(first.origin);
            let value = make.allow(read.actions, make.list(&read.resources));
            stack.grants.push(Grant { function: at, feature: Feature::Stream, value, guard: function.guard });
        }
    }
}

fn mapping<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    function: &Function<'a>,
    event: &Event<'a>,
    reads: &mut [Reads<'a>; 6],
) {
    let build = service.build;
    let cause = function.event_cause(build, "event source mapping", event);
    let make = service.make(cause.origin);
    let field = |key: &str| read::get(event.value, key);
    let given = |key: &str| read::given(event.value, key);
    let arn = field("arn").unwrap_or(event.value);
    let plain = read::plain(build, arn);
    let kind = read::text(event.value, "type").unwrap_or_else(|| part(plain, 2));
    let name = stream_name(arn, plain);
    let consumer = given("consumer").filter(|_| kind == "kinesis");
    let guarded = |value| make.guarded(event.guard, value);

    let reader = match (kind, consumer) {
        ("dynamodb", _) => DYNAMODB,
        (_, Some(_)) => KINESIS_WITH_CONSUMER,
        (_, None) => KINESIS,
    };
    reads[reader].resources.push(guarded(arn));
    let target = read::at(event.value, &["destinations", "onFailure"]);
    let failed = target.map(|t| read::get(t, "arn").unwrap_or(t));
    if let (Some(target), Some(arn)) = (target, failed) {
        let kind = read::text(target, "type").unwrap_or_else(|| part(read::plain(build, arn), 2));
        reads[if kind == "sns" { FAILED_TO_SNS } else { FAILED_TO_SQS }].resources.push(guarded(arn));
    }
    let mut wait = waits(service, make, function);
    let source = match consumer {
        Some(consumer) if consumer.as_bool() == Some(true) => {
            let name = consumer_name(service, function, name);
            let id = told(build, format_args!("{}StreamConsumer", naming::normal(name)));
            let cause = function.event_cause(build, "stream consumer", event);
            stack.add(
                Draft::new(id, "AWS::Kinesis::StreamConsumer", cause)
                    .set("StreamARN", arn)
                    .set("ConsumerName", make.text(name)),
            );
            wait.push(make.text(id));
            make.at(consumer.origin).reference(id)
        }
        Some(consumer) => consumer,
        None => arn,
    };
    if consumer.is_some() {
        reads[CONSUMER].resources.push(guarded(source));
    }
    let id = function.owned(build, &format!("EventSourceMapping{}{}", naming::upper_first(kind), naming::alnum(name)));
    stack.merge(
        Draft::new(id, "AWS::Lambda::EventSourceMapping", cause)
            .set("BatchSize", given("batchSize").unwrap_or_else(|| make.number(10)))
            .set("Enabled", field("enabled").unwrap_or_else(|| make.bool(true)))
            .set("EventSourceArn", source)
            .set("FunctionName", function.target(make))
            .maybe("ParallelizationFactor", given("parallelizationFactor"))
            .set("StartingPosition", given("startingPosition").unwrap_or_else(|| make.text("TRIM_HORIZON")))
            .maybe("StartingPositionTimestamp", given("startingPositionTimestamp").filter(|_| consumer.is_some()))
            .maybe("MaximumBatchingWindowInSeconds", field("batchWindow"))
            .maybe("MaximumRetryAttempts", field("maximumRetryAttempts"))
            .maybe("BisectBatchOnFunctionError", field("bisectBatchOnFunctionError"))
            .maybe("FunctionResponseTypes", field("functionResponseType").map(|t| make.at(t.origin).list(&[t])))
            .maybe("MaximumRecordAgeInSeconds", given("maximumRecordAgeInSeconds"))
            .maybe("TumblingWindowInSeconds", field("tumblingWindowInSeconds"))
            .maybe(
                "DestinationConfig",
                failed.map(|arn| {
                    let make = make.at(arn.origin);
                    make.map(&[("OnFailure", make.map(&[("Destination", arn)]))])
                }),
            )
            .maybe("FilterCriteria", filters(service, event))
            .after(&wait),
    );
}

/// `FilterCriteria`: every pattern as JSON.
pub(super) fn filters<'a>(service: &Service<'a>, event: &Event<'a>) -> Option<Value<'a>> {
    let patterns = read::given(event.value, "filterPatterns")?;
    let filters: Vec<_> = read::items(patterns)
        .into_iter()
        .map(|pattern| {
            let make = service.make(pattern.origin);
            let text = read::json(pattern).map(|json| make.made(&json));
            let text =
                text.unwrap_or_else(|| service.build.unknown("a filter with parts that are not known", pattern.origin));
            make.map(&[("Pattern", text)])
        })
        .collect();
    let make = service.make(patterns.origin);
    Some(make.map(&[("Filters", make.list(&filters))]))
}

/// What a mapping waits for: the function's role and its alias.
pub(super) fn waits<'a>(service: &Service<'a>, make: Make<'a>, function: &Function<'a>) -> Vec<Value<'a>> {
    let ids = [role::resource(service, function), function.alias.map(|(_, id)| id)];
    ids.into_iter().flatten().map(|id| make.text(id)).collect()
}

/// A part of an ARN, from 0.
pub(super) fn part(arn: &str, number: usize) -> &str {
    arn.split(':').nth(number).unwrap_or("")
}

fn stream_name<'a>(arn: Value<'a>, plain: &'a str) -> &'a str {
    match arn.kind {
        Kind::Text(_) => plain.split('/').nth(1).unwrap_or(""),
        Kind::Intrinsic(Intrinsic::Join(..)) => plain.rsplit('/').next().unwrap_or(plain),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => plain,
    }
}

fn consumer_name<'a>(service: &Service<'a>, function: &Function<'a>, stream: &str) -> &'a str {
    let long = service.provider_at(&["kinesis", "consumerNamingMode"]).is_some();
    let rest = if long { format!("{}{}", service.name.as_text().unwrap_or(""), service.stage) } else { String::new() };
    told(service.build, format_args!("{}{stream}{rest}Consumer", function.key))
}
