//! `EventInvokeConfig`: where results of asynchronous calls go, and the queues and topics made for them.

use super::expansion::{Expansion, entry, filled, given, is_no_value};
use super::make::Make;
use super::policies::Policies;
use super::read::parameters;
use super::references::Renamed;
use super::role;
use crate::template::{Entry, Intrinsic, Kind, Resource, Value};

/// Makes the configuration of a function and notes what its role must be allowed.
pub(super) fn expand<'a>(expansion: &mut Expansion<'a>, function: &Resource<'a>, role: &mut Policies<'a>) {
    let Some(config) = filled(function.properties, "EventInvokeConfig") else { return };
    let make = expansion.cause(function, "this invoke configuration", config.key_origin);
    let id = expansion.id(&[function.id, "EventInvokeConfig"]);
    let qualifier =
        given(function.properties, "AutoPublishAlias").map_or_else(|| make.text("$LATEST"), |a| expansion.known(a));
    let mut properties =
        vec![make.entry("FunctionName", make.reference(function.id)), make.entry("Qualifier", qualifier)];
    for key in ["MaximumEventAgeInSeconds", "MaximumRetryAttempts"] {
        properties.extend(entry(config.value, key).map(|e| Entry { value: parameters(expansion, e.value), ..e }));
    }
    if let Some(destinations) = entry(config.value, "DestinationConfig") {
        let mut made = Vec::new();
        for side in ["OnSuccess", "OnFailure"] {
            let Some(destination) = entry(destinations.value, side) else { continue };
            let target = destination_of(expansion, function, id, &destination, role);
            let value = make.at(destination.value.origin).map(&[("Destination", target)]);
            made.push(Entry { value, ..destination });
        }
        properties.push(Entry { value: make.at(destinations.value.origin).entries(&made), ..destinations });
    }
    let value = make.at(config.value.origin).entries(&properties);
    expansion.emit(
        function,
        id,
        "AWS::Lambda::EventInvokeConfig",
        "this invoke configuration",
        config.key_origin,
        value,
    );
}

/// The ARN of a destination; a queue or topic is made where none is given.
fn destination_of<'a>(
    expansion: &mut Expansion<'a>,
    function: &Resource<'a>,
    config: &'a str,
    side: &Entry<'a>,
    role: &mut Policies<'a>,
) -> Value<'a> {
    let kind = given(side.value, "Type").map(|t| expansion.known(t)).and_then(|t| t.as_text()).unwrap_or("");
    let make = expansion.cause(function, "this grant", side.value.origin);
    // `AWS::NoValue` counts as a destination: nothing is made for it.
    let written = side.value.get("Destination").map(|e| parameters(expansion, e.value)).filter(|d| !d.is_null());
    let open = match written.map(|w| w.kind) {
        None => Some((None, None)),
        Some(Kind::Intrinsic(Intrinsic::If(condition, then, otherwise))) => {
            match (is_no_value(then), is_no_value(otherwise)) {
                (true, true) => None,
                (true, false) => Some((Some(*condition), Some(*otherwise))),
                (false, true) => {
                    let condition = role::opposite(expansion, condition, side.value.origin);
                    Some((Some(condition), Some(*then)))
                }
                (false, false) => None,
            }
        }
        Some(_) => None,
    };
    let name = expansion.id(&[config, side.key]);
    let target = match (open, kind) {
        (Some((condition, other)), "SQS" | "SNS") => {
            let (suffix, resource, what) = if kind == "SQS" {
                ("Queue", "AWS::SQS::Queue", "this queue")
            } else {
                ("Topic", "AWS::SNS::Topic", "this topic")
            };
            let id = expansion.id(&[name, suffix]);
            expansion.renamed.push(Renamed { from: expansion.id(&[function.id, ".Destination", suffix]), to: id });
            let owner = Resource { condition: both(expansion, function, condition, side), ..*function };
            let at = expansion.cause(function, what, side.key_origin);
            expansion.emit(&owner, id, resource, what, side.key_origin, at.map(&[]));
            let arn = if kind == "SQS" { at.att(id, "Arn") } else { at.reference(id) };
            match (condition, other) {
                (Some(condition), Some(other)) => at.choose(condition, arn, other),
                (_, _) => arn,
            }
        }
        (_, _) => match written {
            Some(written) => written,
            None => return make.build.unknown("the destination is missing", side.value.origin),
        },
    };
    grant(make, role, name, kind, target);
    target
}

/// The condition of what is made only when a function and a condition of its own hold.
fn both<'a>(
    expansion: &mut Expansion<'a>,
    function: &Resource<'a>,
    condition: Option<&'a str>,
    side: &Entry<'a>,
) -> Option<(&'a str, crate::template::Origin<'a>)> {
    let at = side.value.origin;
    match (function.condition, condition) {
        (Some((own, _)), Some(other)) => {
            let build = expansion.build;
            let parts = [own, other].map(|name| build.intrinsic(Intrinsic::Condition(name), at));
            let and = build.intrinsic(Intrinsic::And(build.arena.alloc_slice_copy(&parts)), at);
            Some((expansion.condition(&format!("{own}AND{other}"), and), at))
        }
        (None, Some(other)) => Some((other, at)),
        (own, None) => own,
    }
}

/// What a role must be allowed to send to a destination.
pub(super) fn grant<'a>(make: Make<'a>, role: &mut Policies<'a>, name: &str, kind: &str, target: Value<'a>) {
    let allow = |action: &'a str| make.allow(&[action], target);
    match kind {
        "SQS" => role.add(make, &format!("{name}SQSPolicy"), &[allow("sqs:SendMessage")]),
        "SNS" => role.add(make, &format!("{name}SNSPolicy"), &[allow("sns:publish")]),
        "EventBridge" => role.add(make, &format!("{name}EventBridgePolicy"), &[allow("events:PutEvents")]),
        "Lambda" => role.add(make, &format!("{name}LambdaPolicy"), &[allow("lambda:InvokeFunction")]),
        "S3Bucket" | "S3" => {
            let objects = make.build.join("/", [target, make.text("*")], make.origin);
            let statements = [make.allow(&["s3:PutObject"], objects), allow("s3:ListBucket")];
            role.add(make, &format!("{name}S3Policy"), &statements);
        }
        _ => {}
    }
}
