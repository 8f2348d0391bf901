//! `schedule`: rules of EventBridge, or schedules of its scheduler.

use super::super::read;
use super::super::role;
use super::super::service::{Event, Function, Service};
use super::super::stack::{Draft, Feature, Grant, Stack};
use crate::template::{Kind, Value};

/// Makes the rules and schedules of all functions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    for (at, function) in service.functions.iter().enumerate() {
        let mut number = 0;
        let mut scheduler = None;
        for event in function.events.iter().filter(|e| e.kind == "schedule") {
            let rates = read::get(event.value, "rate").map_or_else(|| vec![event.value], read::items);
            for rate in rates {
                number += 1;
                if read::text(event.value, "method") == Some("scheduler") {
                    schedule(service, stack, function, event, rate, number);
                    scheduler.get_or_insert(event);
                } else {
                    rule(service, stack, function, event, rate, number);
                }
            }
        }
        let Some(event) = scheduler else { continue };
        let make = service.make(event.origin);
        let arn = |tail| make.arn("lambda", &[make.text("function:"), function.name, make.text(tail)]);
        let value = make.allow(&["lambda:InvokeFunction"], make.list(&[arn(""), arn(":*")]));
        stack.grants.push(Grant { function: at, feature: Feature::Scheduler, value, guard: event.guard });
    }
}

fn rule<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    function: &Function<'a>,
    event: &Event<'a>,
    rate: Value<'a>,
    number: usize,
) {
    let build = service.build;
    let cause = function.event_cause(build, "rule", event);
    let make = service.make(cause.origin);
    let id = function.owned(build, &format!("EventsRuleSchedule{number}"));
    let field = |key: &str| read::given(event.value, key);
    let mut target =
        vec![("Arn", function.target(make)), ("Id", make.written(format_args!("{}Schedule", function.key)))];
    target.extend(field("input").map(|v| ("Input", input(service, v))));
    target.extend(field("inputPath").map(|v| ("InputPath", v)));
    target.extend(field("inputTransformer").map(|v| ("InputTransformer", transformer(service, v))));
    stack.add(
        Draft::new(id, "AWS::Events::Rule", cause)
            .set("ScheduleExpression", rate)
            .set("State", state(service, event))
            .maybe("Name", field("name"))
            .maybe("Description", field("description"))
            .set("Targets", make.list(&[make.map(&target)]))
            .after_alias(make, function),
    );
    let permission = function.owned(build, &format!("LambdaPermissionEventsRuleSchedule{number}"));
    let cause = function.event_cause(build, "permission", event);
    stack.permit(permission, cause, function, "events.amazonaws.com", Some(make.att(id, "Arn")));
}

fn schedule<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    function: &Function<'a>,
    event: &Event<'a>,
    rate: Value<'a>,
    number: usize,
) {
    let build = service.build;
    let cause = function.event_cause(build, "schedule", event);
    let make = service.make(cause.origin);
    let field = |key: &str| read::given(event.value, key);
    let role = role::of_function(service, function, make).value;
    let mut target = vec![("Arn", function.target(make)), ("RoleArn", role)];
    target.extend(field("input").map(|v| ("Input", input(service, v))));
    stack.add(
        Draft::new(function.owned(build, &format!("SchedulerSchedule{number}")), "AWS::Scheduler::Schedule", cause)
            .set("ScheduleExpression", rate)
            .set("State", state(service, event))
            .set("Target", make.map(&target))
            .set("FlexibleTimeWindow", make.map(&[("Mode", make.text("OFF"))]))
            .maybe("Name", field("name"))
            .maybe("Description", field("description"))
            .maybe("ScheduleExpressionTimezone", field("timezone"))
            .after_alias(make, function),
    );
}

/// `ENABLED`, unless the event says otherwise.
pub(super) fn state<'a>(service: &Service<'a>, event: &Event<'a>) -> Value<'a> {
    match read::get(event.value, "enabled") {
        Some(off) if off.as_bool() == Some(false) => service.make(off.origin).text("DISABLED"),
        Some(_) | None => service.make(event.origin).text("ENABLED"),
    }
}

/// An input: text as it is, anything else as JSON.
pub(super) fn input<'a>(service: &Service<'a>, value: Value<'a>) -> Value<'a> {
    match value.kind {
        Kind::Map(_) | Kind::List(_) => match read::json(value) {
            Some(json) => service.make(value.origin).made(&json),
            None => service.build.unknown("an input with parts that are not known", value.origin),
        },
        Kind::Text(_) | Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => value,
    }
}

/// An input transformer with CloudFormation's names.
pub(super) fn transformer<'a>(service: &Service<'a>, value: Value<'a>) -> Value<'a> {
    let make = service.make(value.origin);
    let mut out = Vec::new();
    out.extend(read::get(value, "inputTemplate").map(|v| ("InputTemplate", v)));
    out.extend(read::get(value, "inputPathsMap").map(|v| ("InputPathsMap", v)));
    make.map(&out)
}
