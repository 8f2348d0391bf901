//! Events of state machines: what starts them, and the role with which it may.

use super::expansion::{ApiEvent, Expansion};
use super::make::Make;
use super::read::{field, text, truthy};
use crate::template::{Kind, Map, Origin, Resource, Value};

/// An event of a state machine.
#[derive(Clone, Copy)]
struct Event<'a> {
    machine: Resource<'a>,
    /// The logical id of what the event makes.
    id: &'a str,
    origin: Origin<'a>,
    properties: Value<'a>,
    /// The machine's ARN, or its alias's.
    target: Value<'a>,
}

/// Expands the events of a state machine; `target` is what they start.
pub(super) fn expand<'a>(x: &mut Expansion<'a>, machine: &Resource<'a>, target: Value<'a>) {
    let events = field(machine.properties, "Events").and_then(|e| e.as_map()).unwrap_or(Map::EMPTY);
    for entry in events.entries {
        let properties =
            field(entry.value, "Properties").unwrap_or_else(|| Value::new(Kind::Map(Map::EMPTY), entry.key_origin));
        let id = x.id(&[machine.id, entry.key]);
        let event = Event { machine: *machine, id, origin: entry.key_origin, properties, target };
        match text(entry.value, "Type") {
            Some("Schedule") => rule(x, &event, true),
            Some("CloudWatchEvent" | "EventBridgeRule") => rule(x, &event, false),
            Some("ScheduleV2") => schedule(x, &event),
            Some("Api") => {
                role(x, &event, "apigateway.amazonaws.com", field(machine.properties, "PermissionsBoundary"), None);
                x.api_events.push(ApiEvent {
                    owner: *machine,
                    id: entry.key,
                    kind: "Api",
                    origin: entry.key_origin,
                    properties,
                    target,
                });
            }
            Some(_) | None => {}
        }
    }
}

/// The role with which a service starts the machine: its logical id.
fn role<'a>(
    x: &mut Expansion<'a>,
    event: &Event<'a>,
    service: &'a str,
    boundary: Option<Value<'a>>,
    queue: Option<Value<'a>>,
) -> Value<'a> {
    let make = x.cause(&event.machine, "this role", event.origin);
    let id = x.id(&[event.id, "Role"]);
    let start = make.statements(&[make.allow(&["states:StartExecution"], event.target)]);
    // SAM names the policies of a schedule of the newer kind after the event, all others after the role.
    let named = if service == "scheduler.amazonaws.com" { event.id } else { id };
    let mut policies = vec![make.inline(&format!("{named}StartExecutionPolicy"), start)];
    if let Some(queue) = queue {
        let send = make.statements(&[make.allow(&["sqs:SendMessage"], queue)]);
        policies.push(make.inline(&format!("{named}SQSPolicy"), send));
    }
    let properties = make.some(&[
        ("AssumeRolePolicyDocument", Some(make.trust(make.texts(&[service])))),
        ("Policies", Some(make.list(&policies))),
        ("PermissionsBoundary", boundary),
    ]);
    x.emit(&event.machine, id, "AWS::IAM::Role", "this role", event.origin, properties);
    make.att(id, "Arn")
}

/// The queue that takes what could not be delivered: the one given, or one that SAM makes.
fn dead_letters<'a>(x: &mut Expansion<'a>, event: &Event<'a>, ruled: bool) -> Option<Value<'a>> {
    let config = field(event.properties, "DeadLetterConfig")?;
    if let Some(arn) = field(config, "Arn") {
        return Some(arn);
    }
    let make = x.cause(&event.machine, "this queue", config.origin);
    let id = text(config, "QueueLogicalId").unwrap_or_else(|| x.id(&[event.id, "Queue"]));
    x.emit(&event.machine, id, "AWS::SQS::Queue", "this queue", config.origin, make.map(&[]));
    let arn = make.att(id, "Arn");
    if ruled {
        let equals = make.map(&[("aws:SourceArn", make.att(event.id, "Arn"))]);
        let statement = make.map(&[
            ("Effect", make.text("Allow")),
            ("Principal", make.map(&[("Service", make.text("events.amazonaws.com"))])),
            ("Action", make.text("sqs:SendMessage")),
            ("Resource", arn),
            ("Condition", make.map(&[("ArnEquals", equals)])),
        ]);
        let properties =
            make.map(&[("PolicyDocument", make.policy(&[statement])), ("Queues", make.list(&[make.reference(id)]))]);
        let policy = x.id(&[event.id, "QueuePolicy"]);
        x.emit(&event.machine, policy, "AWS::SQS::QueuePolicy", "this queue policy", config.origin, properties);
    }
    Some(arn)
}

fn rule<'a>(x: &mut Expansion<'a>, event: &Event<'a>, scheduled: bool) {
    let given = |key: &str| field(event.properties, key);
    let boundary = field(event.machine.properties, "PermissionsBoundary");
    let written = event.properties.get("RoleArn").map(|e| e.value).filter(|v| scheduled && truthy(*v));
    let role = match written {
        Some(role) => role,
        None => role(x, event, "events.amazonaws.com", boundary, None),
    };
    let queue = dead_letters(x, event, true);
    let make = x.cause(&event.machine, "this rule", event.origin);
    let id = given("Target").and_then(|t| field(t, "Id"));
    let target = make.some(&[
        ("Arn", Some(event.target)),
        ("Id", id.or_else(|| Some(make.made(&format!("{}StepFunctionsTarget", event.id))))),
        ("RoleArn", Some(role)),
        ("Input", given("Input")),
        ("InputPath", given("InputPath")),
        ("DeadLetterConfig", queue.map(|q| make.map(&[("Arn", q)]))),
        ("RetryPolicy", given("RetryPolicy")),
        ("InputTransformer", given("InputTransformer")),
    ]);
    let properties = make.some(&[
        ("ScheduleExpression", given("Schedule").filter(|_| scheduled)),
        ("EventBusName", given("EventBusName")),
        ("EventPattern", given("Pattern")),
        ("Name", given(if scheduled { "Name" } else { "RuleName" })),
        ("Description", given("Description").filter(|_| scheduled)),
        ("State", given("State").or_else(|| given("Enabled").map(|e| enabled(make, e)))),
        ("Targets", Some(make.list(&[target]))),
    ]);
    x.emit(&event.machine, event.id, "AWS::Events::Rule", "this rule", event.origin, properties);
}

fn enabled<'a>(make: Make<'a>, written: Value<'a>) -> Value<'a> {
    let make = make.because(written.origin);
    make.text(if written.as_bool() == Some(false) { "DISABLED" } else { "ENABLED" })
}

fn schedule<'a>(x: &mut Expansion<'a>, event: &Event<'a>) {
    let given = |key: &str| field(event.properties, key);
    let queue = dead_letters(x, event, false);
    // The machine's boundary is not passed on: only the event's own counts here.
    let role = match event.properties.get("RoleArn").map(|e| e.value).filter(|v| truthy(*v)) {
        Some(role) => role,
        None => role(x, event, "scheduler.amazonaws.com", given("PermissionsBoundary"), queue),
    };
    let make = x.cause(&event.machine, "this schedule", event.origin);
    let target = make.some(&[
        ("Arn", Some(event.target)),
        ("RoleArn", Some(role)),
        ("Input", given("Input")),
        ("DeadLetterConfig", queue.map(|q| make.map(&[("Arn", q)]))),
        ("RetryPolicy", given("RetryPolicy")),
    ]);
    let unnamed = given("OmitName").is_some_and(|v| v.as_bool() == Some(true));
    let window = given("FlexibleTimeWindow").unwrap_or_else(|| make.map(&[("Mode", make.text("OFF"))]));
    let properties = make.some(&[
        ("ScheduleExpression", given("ScheduleExpression")),
        ("State", given("State")),
        ("Name", given("Name").or_else(|| (!unnamed).then(|| make.text(event.id)))),
        ("Description", given("Description")),
        ("FlexibleTimeWindow", Some(window)),
        ("StartDate", given("StartDate")),
        ("EndDate", given("EndDate")),
        ("ScheduleExpressionTimezone", given("ScheduleExpressionTimezone")),
        ("GroupName", given("GroupName")),
        ("KmsKeyArn", given("KmsKeyArn")),
        ("Target", Some(target)),
    ]);
    x.emit(&event.machine, event.id, "AWS::Scheduler::Schedule", "this schedule", event.origin, properties);
}
