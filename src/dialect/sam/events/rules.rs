//! Schedules and patterns of EventBridge that invoke a function.

use super::super::expansion::Expansion;
use super::{Event, queue};
use crate::template::{Entry, Value};

/// Makes the rule of an event and lets it invoke the function.
pub(super) fn expand<'a>(expansion: &mut Expansion<'a>, event: &Event<'a>, kind: &str) {
    let make = event.make(expansion, "this rule");
    let mut properties: Vec<Entry<'a>> =
        event.passed(&["Description", "EventBusName", "EventPattern", "Name", "State", "RoleArn"]);
    properties.extend(event.entry("Pattern").map(|e| Entry { key: "EventPattern", ..e }));
    properties.extend(event.entry("RuleName").map(|e| Entry { key: "Name", ..e }));
    if kind == "Schedule" {
        properties.extend(event.entry("Schedule").map(|e| Entry { key: "ScheduleExpression", ..e }));
    }
    if let Some(enabled) = event.entry("Enabled") {
        properties.push(Entry { key: "State", value: state(expansion, enabled.value), ..enabled });
    }
    let named = event.get("Target").and_then(|t| t.get("Id")).map(|e| e.value);
    let name = named.unwrap_or_else(|| make.made(&target_id(event.id)));
    let mut target = vec![make.entry("Arn", event.arn.with_origin(make.origin)), make.entry("Id", name)];
    target.extend(event.passed(&["Input", "InputPath", "InputTransformer", "RetryPolicy"]));
    let rule = make.att(event.id, "Arn");
    target.extend(queue::dead_letters(expansion, event, Some(rule)));
    properties.push(make.entry("Targets", make.list(&[make.entries(&target)])));
    event.emit(expansion, event.id, "AWS::Events::Rule", "this rule", make.entries(&properties));
    event.permit(expansion, "", "events.amazonaws.com", &[("SourceArn", rule)]);
}

/// EventBridge takes 64 characters.
fn target_id(event: &str) -> String {
    let suffix = "LambdaTarget";
    let room = 64 - suffix.len();
    format!("{}{suffix}", event.get(..room).unwrap_or(event))
}

/// `Enabled` as the state that EventBridge knows.
pub(super) fn state<'a>(expansion: &Expansion<'a>, enabled: Value<'a>) -> Value<'a> {
    let make = expansion.make(enabled.origin);
    match enabled.as_bool() {
        Some(false) => make.text("DISABLED"),
        // SAM does not read choices and parameters here: whatever stands there enables.
        Some(true) | None => make.text("ENABLED"),
    }
}
