//! Where the outcome of an asynchronous call goes, and how often it is tried.

use super::make::Make;
use super::read;
use super::role;
use super::service::{Function, Service};
use super::stack::{Draft, Feature, Grant, Stack};
use crate::template::Value;

/// Makes a function's `AWS::Lambda::EventInvokeConfig`.
pub(super) fn invoke_config<'a>(service: &Service<'a>, stack: &mut Stack<'a>, at: usize, function: &Function<'a>) {
    let body = function.body;
    let destinations = read::given(body, "destinations");
    let age = read::given(body, "maximumEventAge");
    let retries = read::get(body, "maximumRetryAttempts");
    let Some(first) = destinations.or(age).or(retries) else { return };
    let cause = function.cause_at(service.build, "invoke configuration", first.origin, function.guard);
    let make = service.make(cause.origin);
    let mut config = Vec::new();
    for (key, name) in [("onSuccess", "OnSuccess"), ("onFailure", "OnFailure")] {
        let Some(target) = destinations.and_then(|d| read::given(d, key)) else { continue };
        let make = make.at(target.origin);
        config.push((name, make.map(&[("Destination", arn(service, make, target))])));
        let shared = role::written(service, function).is_none() && function.guard.is_none();
        let again = shared && target.as_text().is_some_and(|text| !stack.destinations.insert(text));
        if let Some(value) = grant(service, make, target).filter(|_| !again) {
            stack.grants.push(Grant { function: at, feature: Feature::Destination, value, guard: function.guard });
        }
    }
    let qualifier = function.alias.map_or("$LATEST", |(name, _)| name);
    stack.add(
        Draft::new(function.owned(service.build, "LambdaEvConf"), "AWS::Lambda::EventInvokeConfig", cause)
            .set("FunctionName", make.reference(function.id))
            .set("DestinationConfig", make.map(&config))
            .set("Qualifier", make.text(qualifier))
            .maybe("MaximumEventAgeInSeconds", age)
            .maybe("MaximumRetryAttempts", retries)
            .after_alias(make, function),
    );
}

/// The ARN of a target: written, of a map, or of a function of this service.
fn arn<'a>(service: &Service<'a>, make: Make<'a>, target: Value<'a>) -> Value<'a> {
    match local(service, target) {
        Some(function) => function.target(make),
        None => read::get(target, "arn").unwrap_or(target),
    }
}

fn grant<'a>(service: &Service<'a>, make: Make<'a>, target: Value<'a>) -> Option<Value<'a>> {
    let kind = match read::text(target, "type") {
        Some("function") => "lambda:InvokeFunction",
        Some("sqs") => "sqs:SendMessage",
        Some("sns") => "sns:Publish",
        Some("eventBus") => "events:PutEvents",
        Some(_) => return None,
        None => match target.as_text()? {
            text if !text.starts_with("arn:") || text.contains(":function:") => "lambda:InvokeFunction",
            text if text.contains(":sqs:") => "sqs:SendMessage",
            text if text.contains(":sns:") => "sns:Publish",
            text if text.contains(":event-bus/") => "events:PutEvents",
            _ => return None,
        },
    };
    // By name, not by reference: the target may have the same role.
    let resource = match local(service, target) {
        Some(function) => make.arn("lambda", &[make.text("function:"), function.name]),
        None => read::get(target, "arn").unwrap_or(target),
    };
    Some(make.map(&[("Effect", make.text("Allow")), ("Action", make.text(kind)), ("Resource", resource)]))
}

fn local<'s, 'a>(service: &'s Service<'a>, target: Value<'a>) -> Option<&'s Function<'a>> {
    target.as_text().filter(|t| !t.starts_with("arn:")).and_then(|key| service.find(key))
}
