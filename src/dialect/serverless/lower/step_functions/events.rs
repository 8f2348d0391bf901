//! What starts a state machine: schedules, rules and routes, each with a role that may start it.

use super::super::make::told;
use super::super::naming;
use super::super::read;
use super::super::rest::{self, Foreign};
use super::super::service::{Cause, Event, Service};
use super::super::stack::{Draft, Stack};
use super::Machine;
use crate::template::Value;

const TO_MACHINES: &str = "ApigatewayToStepFunctionsRole";

/// Makes what starts the state machines.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>, machines: &[Machine<'a>]) {
    let mut routes = Vec::new();
    for machine in machines {
        let (mut schedules, mut rules) = (0, 0);
        for item in read::get(machine.body, "events").map(read::items).unwrap_or_default() {
            for entry in read::settle(item).entries().iter().filter(|entry| read::truthy(&entry.value)) {
                let value = read::settle(entry.value);
                let event = Event { kind: entry.key, origin: entry.key_origin, value, position: 0, guard: None };
                match entry.key {
                    "schedule" => {
                        schedules += 1;
                        schedule(service, stack, machine, &event, schedules);
                    }
                    "cloudwatchEvent" | "eventBridge" => {
                        rules += 1;
                        rule(service, stack, machine, &event, rules);
                    }
                    "http" => routes.push(route(service, machine, &event)),
                    _ => {}
                }
            }
        }
    }
    let Some(first) = routes.first() else { return };
    if routes.iter().any(|r| read::get(r.setting, "iamRole").is_none()) {
        let cause = Cause { made_by: "serverless-step-functions makes this role for the API", ..first.cause };
        let mut actions = vec!["states:StartExecution"];
        for action in routes.iter().filter_map(|r| read::text(r.setting, "action")) {
            let action = told(service.build, format_args!("states:{action}"));
            if !actions.contains(&action) {
                actions.push(action);
            }
        }
        let make = service.make(cause.origin);
        start_role(
            service,
            stack,
            TO_MACHINES,
            cause,
            "apigateway.amazonaws.com",
            &actions,
            make.text("*"),
            make.text("apigatewaytostepfunctions"),
        );
    }
    rest::foreign(service, stack, &routes);
}

#[expect(clippy::too_many_arguments, reason = "a role is that much")]
fn start_role<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    id: &'a str,
    cause: Cause<'a>,
    principal: &'a str,
    actions: &[&'a str],
    machine: Value<'a>,
    name: Value<'a>,
) {
    let make = service.make(cause.origin);
    let document = make.policy(&[make.allow(actions, machine)]);
    stack.add(
        Draft::new(id, "AWS::IAM::Role", cause)
            .set("AssumeRolePolicyDocument", make.trust(make.text(principal)))
            .set("Policies", make.list(&[make.map(&[("PolicyName", name), ("PolicyDocument", document)])]))
            .maybe("Path", service.provider_at(&["iam", "role", "path"]).filter(read::truthy)),
    );
}

fn policy_name<'a>(service: &Service<'a>, machine: &Machine<'a>, tail: &str) -> Value<'a> {
    let make = service.make(machine.cause.origin);
    let head = make.written(format_args!("{}-{}-", service.stage, service.region));
    make.concat(&[head, service.name.with_origin(make.origin), make.written(format_args!("-{}-{tail}", machine.key))])
}

fn schedule<'a>(service: &Service<'a>, stack: &mut Stack<'a>, machine: &Machine<'a>, event: &Event<'a>, number: usize) {
    let cause = machine.cause(service, "schedule", event.origin);
    let make = service.make(cause.origin);
    let given = |key: &str| read::given(event.value, key);
    let normal = naming::normal(machine.key);
    let own = given("role");
    let role_id = told(service.build, format_args!("{normal}ScheduleToStepFunctionsRole"));
    let role = own.unwrap_or_else(|| make.att(role_id, "Arn"));
    let rate = read::get(event.value, "rate").unwrap_or(event.value);
    let off = read::boolean(event.value, "enabled") == Some(false);
    let state = make.text(if off { "DISABLED" } else { "ENABLED" });
    let mut target = vec![("Arn", make.reference(machine.id)), ("RoleArn", role)];
    target.extend(given("input").map(|i| ("Input", i)));
    let scheduler = read::text(event.value, "method") == Some("scheduler");
    let draft = if scheduler {
        let id = told(service.build, format_args!("{normal}StepFunctionsSchedulerSchedule{number}"));
        Draft::new(id, "AWS::Scheduler::Schedule", cause)
            .set("Target", make.map(&target))
            .set("FlexibleTimeWindow", make.map(&[("Mode", make.text("OFF"))]))
            .maybe("ScheduleExpressionTimezone", given("timezone"))
    } else {
        target.push(("Id", make.written(format_args!("{}StepFunctionsSchedule", machine.key))));
        target.extend(given("inputPath").map(|i| ("InputPath", i)));
        let id = told(service.build, format_args!("{normal}StepFunctionsEventsRuleSchedule{number}"));
        Draft::new(id, "AWS::Events::Rule", cause).set("Targets", make.list(&[make.map(&target)]))
    };
    stack.add(
        draft
            .set("ScheduleExpression", rate)
            .set("State", state)
            .maybe("Name", given("name"))
            .maybe("Description", given("description")),
    );
    if own.is_none() {
        let cause = machine.cause(service, "role", event.origin);
        let principal = if scheduler { "scheduler.amazonaws.com" } else { "events.amazonaws.com" };
        let name = policy_name(service, machine, "schedule");
        start_role(
            service,
            stack,
            role_id,
            cause,
            principal,
            &["states:StartExecution"],
            make.reference(machine.id),
            name,
        );
    }
}

fn rule<'a>(service: &Service<'a>, stack: &mut Stack<'a>, machine: &Machine<'a>, event: &Event<'a>, number: usize) {
    let cause = machine.cause(service, "rule", event.origin);
    let make = service.make(cause.origin);
    let given = |key: &str| read::given(event.value, key);
    let normal = naming::normal(machine.key);
    let own = given("iamRole");
    let role_id = told(service.build, format_args!("{normal}EventToStepFunctionsRole"));
    let role = own.unwrap_or_else(|| make.att(role_id, "Arn"));
    let off = read::boolean(event.value, "enabled") == Some(false);
    let mut target = vec![
        ("Arn", make.reference(machine.id)),
        ("Id", make.written(format_args!("{}CloudWatchEvent", machine.key))),
        ("RoleArn", role),
    ];
    target.extend(given("input").map(|i| ("Input", i)));
    target.extend(given("inputPath").map(|i| ("InputPath", i)));
    target.extend(given("deadLetterConfig").map(|d| ("DeadLetterConfig", make.at(d.origin).map(&[("Arn", d)]))));
    let id = told(service.build, format_args!("{normal}EventsRuleCloudWatchEvent{number}"));
    stack.add(
        Draft::new(id, "AWS::Events::Rule", cause)
            .maybe("EventBusName", given("eventBusName"))
            .maybe("EventPattern", read::get(event.value, "event"))
            .set("State", make.text(if off { "DISABLED" } else { "ENABLED" }))
            .maybe("Description", given("description"))
            .maybe("Name", given("name"))
            .set("Targets", make.list(&[make.map(&target)])),
    );
    if own.is_none() {
        let cause = machine.cause(service, "role", event.origin);
        let name = policy_name(service, machine, "event");
        start_role(
            service,
            stack,
            role_id,
            cause,
            "events.amazonaws.com",
            &["states:StartExecution"],
            make.reference(machine.id),
            name,
        );
    }
}

fn route<'a>(service: &Service<'a>, machine: &Machine<'a>, event: &Event<'a>) -> Foreign<'a> {
    let cause = machine.cause(service, "API method", event.origin);
    let make = service.make(cause.origin);
    let role = read::get(event.value, "iamRole").unwrap_or_else(|| make.att(TO_MACHINES, "Arn"));
    let action = read::text(event.value, "action").unwrap_or("StartExecution");
    let uri = [
        make.text(":apigateway:"),
        make.reference("AWS::Region"),
        make.written(format_args!(":states:action/{action}")),
    ];
    Foreign::to_aws(service, cause, event.value, role, &uri)
}
