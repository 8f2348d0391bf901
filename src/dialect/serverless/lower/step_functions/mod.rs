//! State machines of the plugin `serverless-step-functions`, and the roles it makes for them.

use super::make::{Make, told};
use super::naming;
use super::read;
use super::service::{Cause, Service};
use super::stack::{Draft, Stack, is_empty};
use crate::template::{Entry, Intrinsic, Kind, Map, Value};

mod events;
mod permissions;

/// A state machine, read.
struct Machine<'a> {
    key: &'a str,
    body: Value<'a>,
    id: &'a str,
    cause: Cause<'a>,
}

/// Makes the state machines when the plugin is loaded.
pub(super) fn machines<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let Some(section) =
        read::get(service.root, "stepFunctions").filter(|_| service.plugin("serverless-step-functions"))
    else {
        return;
    };
    let written = read::get(section, "stateMachines");
    let maps: Vec<Map<'a>> =
        written.map(read::items).unwrap_or_default().iter().filter_map(|v| read::settle(*v).as_map()).collect();
    let entries = maps.iter().flat_map(|m| m.entries).filter(|e| !e.value.is_null());
    let machines: Vec<Machine<'a>> = entries.map(|e| machine(service, e)).collect();
    for machine in &machines {
        make_machine(service, stack, machine);
    }
    for activity in read::get(section, "activities").map(read::items).unwrap_or_default() {
        let name = read::plain(service.build, activity);
        let made_by = told(service.build, format_args!("serverless-step-functions makes this activity `{name}`"));
        let cause = Cause {
            written_id: name,
            origin: service.build.derived(activity.origin, made_by, None),
            made_by,
            guard: None,
        };
        let id = told(service.build, format_args!("{}StepFunctionsActivity", naming::normal(name)));
        stack.add(Draft::new(id, "AWS::StepFunctions::Activity", cause).set("Name", activity));
    }
    events::events(service, stack, &machines);
}

impl<'a> Machine<'a> {
    /// Why something of the machine's is made.
    fn cause(&self, service: &Service<'a>, what: &str, at: crate::template::Origin<'a>) -> Cause<'a> {
        let made_by =
            told(service.build, format_args!("serverless-step-functions makes this {what} for `{}`", self.key));
        Cause { written_id: self.key, origin: service.build.derived(at, made_by, None), made_by, guard: None }
    }
}

fn machine<'a>(service: &Service<'a>, entry: &Entry<'a>) -> Machine<'a> {
    let body = read::settle(entry.value);
    let own = read::given(body, "id").or_else(|| read::given(body, "name")).map(|n| read::plain(service.build, n));
    let id = match own {
        Some(name) => naming::normal(name),
        None => format!("{}StepFunctionsStateMachine", naming::normal(entry.key)),
    };
    let made_by =
        told(service.build, format_args!("serverless-step-functions makes this state machine for `{}`", entry.key));
    let cause = Cause {
        written_id: entry.key,
        origin: service.build.derived(entry.key_origin, made_by, None),
        made_by,
        guard: None,
    };
    Machine { key: entry.key, body, id: service.build.str(&id), cause }
}

fn make_machine<'a>(service: &Service<'a>, stack: &mut Stack<'a>, machine: &Machine<'a>) {
    let body = machine.body;
    let make = service.make(machine.cause.origin);
    let given = |key: &str| read::given(body, key);
    let role_id = told(service.build, format_args!("{}Role", machine.id));
    let role = given("role");
    if role.is_none() {
        make_role(service, stack, machine, role_id);
    }
    let mut waits: Vec<Value<'a>> = if role.is_none() { vec![make.text(role_id)] } else { Vec::new() };
    waits.extend(given("dependsOn").map(read::items).unwrap_or_default());
    let logging = given("loggingConfig").map(|config| {
        let make = make.at(config.origin);
        let field = |key: &str| read::get(config, key);
        let mut out = Vec::new();
        out.extend(field("level").map(|v| ("Level", v)));
        out.extend(field("includeExecutionData").map(|v| ("IncludeExecutionData", v)));
        if let Some(destinations) = field("destinations").filter(|d| !is_empty(d)) {
            let groups = read::items(destinations).into_iter().map(|arn| {
                let make = make.at(arn.origin);
                make.map(&[("CloudWatchLogsLogGroup", make.map(&[("LogGroupArn", arn)]))])
            });
            out.push(("Destinations", make.list(&groups.collect::<Vec<_>>())));
        }
        make.map(&out)
    });
    let tracing = given("tracingConfig").map(|config| {
        let enabled = read::get(config, "enabled").unwrap_or_else(|| make.at(config.origin).bool(false));
        make.at(config.origin).map(&[("Enabled", enabled)])
    });
    let encryption = given("encryptionConfig").map(|config| {
        let key = read::get(config, "KmsKeyId").map(|k| substituted(service, k));
        let key = key.map(|k| make.at(k.origin).map(&[("KmsKeyId", k)]));
        make.assign(&[Some(config), key]).unwrap_or(config)
    });
    let inherited = service.provided("tags").filter(|_| read::boolean(body, "inheritGlobalTags") != Some(false));
    let mut draft = Draft::new(machine.id, "AWS::StepFunctions::StateMachine", machine.cause)
        .maybe("DefinitionString", given("definition").map(|d| definition(service, stack, d)))
        .set("RoleArn", role.unwrap_or_else(|| make.att(role_id, "Arn")))
        .maybe("StateMachineType", given("type"))
        .maybe("LoggingConfiguration", logging)
        .maybe("TracingConfiguration", tracing)
        .maybe("EncryptionConfiguration", encryption)
        .maybe("StateMachineName", given("name"))
        .maybe("Tags", make.tags(&[inherited, given("tags")]))
        .after(&waits);
    if let Some(retain) = given("retain") {
        draft = draft.attribute("DeletionPolicy", make.at(retain.origin).text("Retain"));
    }
    stack.add(draft);
    stack.output(service, make, told(service.build, format_args!("{}Arn", machine.id)), make.reference(machine.id));
}

fn make_role<'a>(service: &Service<'a>, stack: &mut Stack<'a>, machine: &Machine<'a>, id: &'a str) {
    let cause = machine.cause(service, "role", machine.cause.origin);
    let make = service.make(cause.origin);
    let statements = permissions::statements(service, stack, make, machine);
    let name = make.concat(&[
        make.written(format_args!("{}-", service.stage)),
        service.name.with_origin(make.origin),
        make.text("-statemachine"),
    ]);
    let policy = make.map(&[("PolicyName", name), ("PolicyDocument", make.policy(&statements))]);
    let states = make.join("", &[make.text("states."), make.reference("AWS::Region"), make.text(".amazonaws.com")]);
    stack.add(
        Draft::new(id, "AWS::IAM::Role", cause)
            .set("AssumeRolePolicyDocument", make.trust(states))
            .set("Policies", make.list(&[policy]))
            .maybe("PermissionsBoundary", service.provided("rolePermissionsBoundary"))
            .maybe("Path", service.provider_at(&["iam", "role", "path"]).filter(read::truthy)),
    );
}

/// A text as `Fn::Sub`, as the plugin makes of some settings.
fn substituted<'a>(service: &Service<'a>, value: Value<'a>) -> Value<'a> {
    match value.kind {
        Kind::Text(text) => service.build.sub(text, value.origin),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => value,
    }
}

/// The definition as JSON; what CloudFormation must fill in becomes a variable of `Fn::Sub`.
fn definition<'a>(service: &Service<'a>, stack: &Stack<'a>, value: Value<'a>) -> Value<'a> {
    let mut variables = Vec::new();
    let marked = marked(service, stack, value, &mut variables);
    let Some(json) = read::json(marked) else {
        return service.build.unknown("a definition with parts that are not known", value.origin);
    };
    if variables.is_empty() {
        return service.make(value.origin).made(&json);
    }
    let map = service.build.arena.alloc_slice_copy(&variables);
    service.build.sub_with(&json, Map { entries: map }, value.origin)
}

fn marked<'a>(service: &Service<'a>, stack: &Stack<'a>, value: Value<'a>, variables: &mut Vec<Entry<'a>>) -> Value<'a> {
    let make = service.make(value.origin);
    match value.kind {
        Kind::Intrinsic(_) => {
            let key = told(make.build, format_args!("value{}", variables.len() + 1));
            variables.push(make.entry(key, translated(service, stack, value)));
            make.written(format_args!("${{{key}}}"))
        }
        Kind::List(items) => {
            let items: Vec<_> = items.iter().map(|i| marked(service, stack, *i, variables)).collect();
            make.list(&items)
        }
        Kind::Map(map) => {
            let entries: Vec<_> =
                map.entries.iter().map(|e| Entry { value: marked(service, stack, e.value, variables), ..*e }).collect();
            make.entries(&entries)
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => value,
    }
}

/// A reference by a function's key becomes one to its logical id.
fn translated<'a>(service: &Service<'a>, stack: &Stack<'a>, value: Value<'a>) -> Value<'a> {
    let make: Make<'a> = service.make(value.origin);
    let local = |id: &str| if stack.has(id) { None } else { service.find(id).map(|f| f.id) };
    match value.kind {
        Kind::Intrinsic(Intrinsic::Ref(id)) => local(id).map_or(value, |id| make.reference(id)),
        Kind::Intrinsic(Intrinsic::GetAtt(id, attribute)) => {
            local(id).map_or(value, |id| make.intrinsic(Intrinsic::GetAtt(id, *attribute)))
        }
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => value,
    }
}
