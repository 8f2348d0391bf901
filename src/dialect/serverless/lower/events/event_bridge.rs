//! `eventBridge`: rules of event buses, made natively or by the framework's helper.

use super::super::super::config::Version;
use super::super::custom_resource::{self, Helper};
use super::super::make::{Make, told};
use super::super::md5;
use super::super::naming;
use super::super::read;
use super::super::service::{Event, Function, Service};
use super::super::stack::{Draft, Stack};
use super::schedule::{input, state};
use crate::template::{Entry, Kind, Value};

/// Makes the buses, rules and permissions of all functions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let native = match service.provided("eventBridge") {
        Some(options) => read::flag(options, "useCloudFormation"),
        None => service.version >= Version::V3,
    };
    let mut buses = false;
    let mut first = None;
    for (_, function, event) in service.events("eventBridge") {
        if native {
            rule(service, stack, function, event);
        } else {
            first.get_or_insert_with(|| function.event_cause(service.build, "helper function", event));
            buses |= custom(service, stack, function, event);
        }
    }
    let Some(cause) = first else { return };
    let make = service.make(cause.origin);
    let arn = |kind: &'static str, rest: &'static str| make.arn(kind, &[make.text(rest)]);
    let mut statements = Vec::new();
    if buses {
        statements.push(make.allow(&["events:CreateEventBus", "events:DeleteEventBus"], arn("events", "event-bus/*")));
    }
    let rules = ["events:PutRule", "events:RemoveTargets", "events:PutTargets", "events:DeleteRule"];
    statements.push(make.allow(&rules, arn("events", "rule/*")));
    statements.push(make.allow(&["lambda:AddPermission", "lambda:RemovePermission"], arn("lambda", "function:*")));
    custom_resource::helper(service, stack, Helper::EventBus, cause, &statements);
}

/// The bus by its name: its own, or the one at the end of its ARN; and whether the framework makes it.
fn bus<'a>(service: &Service<'a>, event: &Event<'a>) -> (Option<Value<'a>>, bool) {
    let Some(bus) = read::given(event.value, "eventBus") else { return (None, false) };
    match bus.kind {
        Kind::Text(arn) if arn.starts_with("arn") => {
            let name = arn.split_once('/').map_or(arn, |(_, name)| name);
            (Some(service.make(bus.origin).text(name)), false)
        }
        Kind::Text("default") => (Some(bus), false),
        Kind::Text(_) => (Some(bus), true),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => (Some(bus), false),
    }
}

fn rule_name<'a>(service: &Service<'a>, function: &Function<'a>, event: &Event<'a>) -> Value<'a> {
    if let Some(name) = read::given(event.value, "name") {
        return name;
    }
    let make = service.make(event.origin);
    let name = make.concat(&[function.name, make.written(format_args!("-rule-{}", event.position))]);
    shortened(make, name, &format!("rule-{}", event.position))
}

/// A name of more than 64 characters gives way to its digest; what it ends with stays.
fn shortened<'a>(make: Make<'a>, name: Value<'a>, tail: &str) -> Value<'a> {
    let Some(long) = name.as_text().filter(|t| t.len() > 64) else { return name };
    let head = long.get(..31_usize.saturating_sub(tail.len())).unwrap_or("");
    make.written(format_args!("{head}{}-{tail}", md5::hex(long)))
}

fn rule<'a>(service: &Service<'a>, stack: &mut Stack<'a>, function: &Function<'a>, event: &Event<'a>) {
    let build = service.build;
    let cause = function.event_cause(build, "rule", event);
    let make = service.make(cause.origin);
    let given = |key: &str| read::given(event.value, key);
    let (bus, new) = bus(service, event);
    let mut waits = Vec::new();
    if let Some(name) = bus.filter(|_| new) {
        let id = told(build, format_args!("{}EventBridgeEventBus", naming::normal(read::plain(build, name))));
        let cause = function.event_cause(build, "event bus", event);
        stack.add(Draft::new(id, "AWS::Events::EventBus", cause).set("Name", name));
        waits.push(make.text(id));
    }
    let name = rule_name(service, function, event);
    let mut target = vec![
        ("Arn", function.target(make)),
        ("Id", shortened(make, make.concat(&[name, make.text("-target")]), "target")),
    ];
    if let Some(retry) = given("retryPolicy") {
        let make = make.at(retry.origin);
        let mut policy = Vec::new();
        policy.extend(read::get(retry, "maximumEventAge").map(|v| ("MaximumEventAgeInSeconds", v)));
        policy.extend(read::get(retry, "maximumRetryAttempts").map(|v| ("MaximumRetryAttempts", v)));
        target.push(("RetryPolicy", make.map(&policy)));
    }
    target.extend(given("deadLetterQueueArn").map(|v| ("DeadLetterConfig", make.at(v.origin).map(&[("Arn", v)]))));
    target.extend(given("input").map(|v| ("Input", input(service, v))));
    target.extend(given("inputPath").map(|v| ("InputPath", v)));
    target.extend(given("inputTransformer").map(|v| ("InputTransformer", capitalised(service, v))));
    let stub = format!("{}-rule-{}", read::plain(build, function.name), event.position);
    let draft =
        Draft::new(told(build, format_args!("{}EventBridgeRule", naming::alnum(&stub))), "AWS::Events::Rule", cause)
            .maybe("Description", given("description"))
            .maybe("EventBusName", bus.filter(|b| b.as_text() != Some("default")))
            .maybe("EventPattern", given("pattern"))
            .set("Name", name)
            .maybe("ScheduleExpression", given("schedule"))
            .set("State", state(service, event))
            .set("Targets", make.list(&[make.map(&target)]));
    stack.add(if waits.is_empty() { draft.after_alias(make, function) } else { draft.after(&waits) });
    let mut path = vec![make.text("rule")];
    path.extend(bus);
    path.push(name);
    let source = make.arn("events", &[make.join("/", &path)]);
    let permission = function.owned(build, &format!("EventBridgeLambdaPermission{}", event.position));
    let cause = function.event_cause(build, "permission", event);
    stack.permit(permission, cause, function, "events.amazonaws.com", Some(source));
}

/// The rule as the helper makes it; true when it may have to make the bus as well.
fn custom<'a>(service: &Service<'a>, stack: &mut Stack<'a>, function: &Function<'a>, event: &Event<'a>) -> bool {
    let build = service.build;
    let cause = function.event_cause(build, "custom resource", event);
    let make = service.make(cause.origin);
    let helper = Helper::EventBus.id(service);
    let mut config = vec![("RuleName", rule_name(service, function, event)), ("State", state(service, event))];
    for (key, name) in [
        ("eventBus", "EventBus"),
        ("schedule", "Schedule"),
        ("pattern", "Pattern"),
        ("input", "Input"),
        ("inputPath", "InputPath"),
    ] {
        config.extend(read::get(event.value, key).map(|v| (name, v)));
    }
    config.extend(read::get(event.value, "inputTransformer").map(|v| ("InputTransformer", capitalised(service, v))));
    stack.add(
        Draft::new(
            function.owned(build, &format!("CustomEventBridge{}", event.position)),
            "Custom::EventBridge",
            cause,
        )
        .set("ServiceToken", make.att(helper, "Arn"))
        .set("FunctionName", function.name)
        .set("EventBridgeConfig", make.map(&config))
        .after(&[make.text(function.id), make.text(helper)]),
    );
    let (bus, _) = bus(service, event);
    bus.is_some_and(|b| b.as_text() != Some("default"))
}

fn capitalised<'a>(service: &Service<'a>, value: Value<'a>) -> Value<'a> {
    let Some(map) = value.as_map() else { return value };
    let entries: Vec<_> =
        map.entries.iter().map(|e| Entry { key: service.build.str(&naming::upper_first(e.key)), ..*e }).collect();
    service.make(value.origin).entries(&entries)
}
