//! Schedules of EventBridge Scheduler, which invoke with a role instead of a permission.

use super::super::expansion::{Expansion, given};
use super::super::read::truthy;
use super::{Event, queue};
use crate::template::Entry;

/// Makes the schedule of an event and the role it invokes the function with.
pub(super) fn expand<'a>(expansion: &mut Expansion<'a>, event: &Event<'a>) {
    let make = event.make(expansion, "this schedule");
    let passed = [
        "ScheduleExpression",
        "ScheduleExpressionTimezone",
        "StartDate",
        "EndDate",
        "State",
        "GroupName",
        "Description",
        "KmsKeyArn",
    ];
    let mut properties = event.passed(&passed);
    let window = event.entry("FlexibleTimeWindow");
    properties
        .push(window.unwrap_or_else(|| make.entry("FlexibleTimeWindow", make.map(&[("Mode", make.text("OFF"))]))));
    match event.entry("Name") {
        Some(name) => properties.push(name),
        None if event.get("OmitName").and_then(|o| o.as_bool()) == Some(true) => {}
        None => properties.push(make.entry("Name", make.text(event.id))),
    }
    let arn = event.arn.with_origin(make.origin);
    let mut target = vec![make.entry("Arn", arn)];
    target.extend(event.passed(&["Input", "RetryPolicy"]));
    let dead = queue::dead_letters(expansion, event, None);
    target.extend(dead);
    // `AWS::NoValue` counts as a role: none is made.
    match event.properties.get("RoleArn").filter(|e| truthy(e.value)) {
        Some(role) => target.push(*role),
        None => {
            let what = "this schedule role";
            let make = event.make(expansion, what);
            let id = expansion.id(&[event.id, "Role"]);
            let invoke = make.allow(&["lambda:InvokeFunction"], arn);
            let mut policies = vec![make.inline(&format!("{}LambdaPolicy", event.id), make.statements(&[invoke]))];
            if let Some(queue) = dead.and_then(|d| given(d.value, "Arn")) {
                let send = make.at(queue.origin).allow(&["sqs:SendMessage"], queue);
                policies.push(make.inline(&format!("{}SQSPolicy", event.id), make.statements(&[send])));
            }
            let mut entries = vec![
                make.entry("AssumeRolePolicyDocument", make.trust(make.texts(&["scheduler.amazonaws.com"]))),
                make.entry("Policies", make.list(&policies)),
            ];
            entries.extend(event.entry("PermissionsBoundary"));
            event.emit(expansion, id, "AWS::IAM::Role", what, make.entries(&entries));
            target.push(make.entry("RoleArn", make.att(id, "Arn")));
        }
    }
    properties.push(Entry { key: "Target", key_origin: make.origin, value: make.entries(&target) });
    event.emit(expansion, event.id, "AWS::Scheduler::Schedule", "this schedule", make.entries(&properties));
}
