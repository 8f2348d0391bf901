//! `cloudwatchEvent` and `cloudwatchLog`: events of the account, and lines of other logs.

use super::super::read;
use super::super::service::{Event, Function, Service};
use super::super::stack::{Draft, Stack};
use super::schedule::{input, state, transformer};
use crate::template::Value;

/// Makes the rules, filters and permissions of all functions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    for function in &service.functions {
        for (number, event) in function.events.iter().filter(|e| e.kind == "cloudwatchEvent").enumerate() {
            rule(service, stack, function, event, number + 1);
        }
    }
    for function in &service.functions {
        let logs: Vec<_> = function.events.iter().filter(|e| e.kind == "cloudwatchLog").collect();
        for (number, event) in logs.iter().enumerate() {
            filter(service, stack, function, event, number + 1, &logs[..=number]);
        }
    }
}

fn rule<'a>(service: &Service<'a>, stack: &mut Stack<'a>, function: &Function<'a>, event: &Event<'a>, number: usize) {
    let build = service.build;
    let cause = function.event_cause(build, "rule", event);
    let make = service.make(cause.origin);
    let given = |key: &str| read::given(event.value, key);
    let id = function.owned(build, &format!("EventsRuleCloudWatchEvent{number}"));
    let mut target = Vec::new();
    target.extend(given("input").map(|v| ("Input", input(service, v))));
    target.extend(given("inputPath").map(|v| ("InputPath", v)));
    target.extend(given("inputTransformer").map(|v| ("InputTransformer", transformer(service, v))));
    target.push(("Arn", function.target(make)));
    target.push(("Id", make.written(format_args!("{}CloudWatchEvent", function.key))));
    stack.add(
        Draft::new(id, "AWS::Events::Rule", cause)
            .maybe("EventPattern", read::get(event.value, "event"))
            .set("State", state(service, event))
            .maybe("Description", given("description"))
            .maybe("Name", given("name"))
            .set("Targets", make.list(&[make.map(&target)]))
            .after_alias(make, function),
    );
    let permission = function.owned(build, &format!("LambdaPermissionEventsRuleCloudWatchEvent{number}"));
    let cause = function.event_cause(build, "permission", event);
    stack.permit(permission, cause, function, "events.amazonaws.com", Some(make.att(id, "Arn")));
}

/// A subscription; one permission serves all of the function's, so it names what they have in common.
fn filter<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    function: &Function<'a>,
    event: &Event<'a>,
    number: usize,
    so_far: &[&Event<'a>],
) {
    let build = service.build;
    let cause = function.event_cause(build, "subscription filter", event);
    let make = service.make(cause.origin);
    let group = |event: &Event<'a>| read::get(event.value, "logGroup").unwrap_or(event.value);
    let permission = function.owned(build, "LambdaPermissionLogsSubscriptionFilterCloudWatchLog");
    stack.add(
        Draft::new(
            function.owned(build, &format!("LogsSubscriptionFilterCloudWatchLog{number}")),
            "AWS::Logs::SubscriptionFilter",
            cause,
        )
        .set("LogGroupName", group(event))
        .set("FilterPattern", read::given(event.value, "filter").unwrap_or_else(|| make.text("")))
        .set("DestinationArn", function.target(make))
        .after(&[make.text(permission)])
        .after_alias(make, function),
    );
    let names: Vec<Value<'a>> = so_far.iter().map(|e| group(e)).collect();
    let name = match names.as_slice() {
        [only] => *only,
        many => {
            let texts: Vec<&str> = many.iter().map(|n| read::plain(build, *n)).collect();
            make.written(format_args!("{}*", common(&texts).trim_end_matches('*')))
        }
    };
    let cause = function.event_cause(build, "permission", event);
    let source = make.arn("logs", &[make.text("log-group:"), name, make.text(":*")]);
    stack.permit(permission, cause, function, "", Some(source));
    if let Some(draft) = stack.draft(permission) {
        draft.put(
            "Principal",
            make.join("", &[make.text("logs."), make.reference("AWS::Region"), make.text(".amazonaws.com")]),
        );
    }
}

fn common(texts: &[&str]) -> String {
    let Some((first, rest)) = texts.split_first() else { return String::new() };
    let mut length = first.chars().count();
    for text in rest {
        let same = first.chars().zip(text.chars()).take_while(|(a, b)| a == b).count();
        // Running out of the shorter text is no difference to the framework when it is the later one.
        length = length.min(same);
    }
    first.chars().take(length).collect()
}
