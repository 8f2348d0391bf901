//! The role that the functions of a service share, and which role a function has.

use super::super::config::Version;
use super::make::Make;
use super::own_role;
use super::read::{self, truthy};
use super::service::{Cause, Function, Service, is_arn, is_string};
use super::stack::{Draft, Feature, Grant, Stack};
use crate::template::{Intrinsic, Kind, Value};

/// The logical id of the shared role.
pub(super) const SHARED: &str = "IamRoleLambdaExecution";

/// What a function's `Role` is.
pub(super) struct Role<'a> {
    /// The value.
    pub value: Value<'a>,
    /// The resource of this stack that the function must wait for.
    pub resource: Option<&'a str>,
}

/// The role of a function: its own, the provider's, or the shared one.
pub(super) fn of_function<'a>(service: &Service<'a>, function: &Function<'a>, make: Make<'a>) -> Role<'a> {
    if own_role::has(service, function) {
        let id = function.owned(service.build, SHARED);
        return Role { value: make.att(id, "Arn"), resource: Some(id) };
    }
    let Some(role) = written(service, function) else { return Role { value: make.att(SHARED, "Arn"), resource: None } };
    match role.kind {
        Kind::Text(text) if text.starts_with("arn:") => Role { value: role, resource: None },
        Kind::Text(id) => {
            let id = if id == SHARED { None } else { Some(id) };
            let name = id.unwrap_or(SHARED);
            Role { value: make.at(role.origin).att(name, "Arn"), resource: id }
        }
        Kind::Intrinsic(Intrinsic::GetAtt(id, _)) => Role { value: role, resource: Some(id) },
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => Role { value: role, resource: None },
    }
}

/// The role written for a function, its own or the provider's.
pub(super) fn written<'a>(service: &Service<'a>, function: &Function<'a>) -> Option<Value<'a>> {
    read::given(function.body, "role").or_else(|| provider_reference(service)).or_else(|| service.provided("role"))
}

/// The resource that event source mappings of the function wait for.
pub(super) fn resource<'a>(service: &Service<'a>, function: &Function<'a>) -> Option<&'a str> {
    let id = |make| of_function(service, function, make).resource;
    let make = service.make(function.origin);
    id(make).or_else(|| written(service, function).is_none().then_some(SHARED))
}

/// `provider.iam.role` when it names a role instead of describing one.
fn provider_reference<'a>(service: &Service<'a>) -> Option<Value<'a>> {
    let role = service.provider_at(&["iam", "role"])?;
    // A `Ref` is no role to the framework: it looks for `::` in the function's name.
    let function = matches!(role.kind, Kind::Intrinsic(i) if !matches!(i, Intrinsic::Ref(_) | Intrinsic::If(..)));
    (function || is_string(&role) || is_arn(&role)).then_some(role)
}

/// True when the framework makes the shared role.
pub(super) fn is_shared(service: &Service<'_>) -> bool {
    let every_one_has = service.functions.iter().all(|f| read::entry(f.body, "role").is_some());
    // Version 4 makes none when it makes one for each function, nor when nobody would use it.
    let has_one = |f: &Function<'_>| read::entry(f.body, "role").is_some() || own_role::has(service, f);
    let all_their_own =
        service.version == Version::V4 && (own_role::per_function(service) || service.functions.iter().all(has_one));
    !service.functions.is_empty()
        && provider_reference(service).is_none()
        && read::entry(service.provider, "role").is_none()
        && !every_one_has
        && !all_their_own
}

/// Where the shared role is written, the most exact first.
const WRITTEN: &[&[&str]] = &[
    &["iam", "role", "statements"],
    &["iam", "role", "managedPolicies"],
    &["iam"],
    &["iamRoleStatements"],
    &["iamManagedPolicies"],
];

/// Makes the shared role, once all events are known.
pub(super) fn shared<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    if !is_shared(service) {
        return;
    }
    let cause = service.cause("role", WRITTEN);
    let make = service.make(cause.origin);
    let counts = |at: usize| {
        service.functions.get(at).is_some_and(|f| service.version != Version::V4 || !own_role::has(service, f))
    };
    let grants: Vec<_> = stack.grants.iter().filter(|g| counts(g.function)).copied().collect();
    let has = |feature| grants.iter().any(|g| g.feature == feature);

    let mut statements = logs(service, make);
    statements.extend(own_statements(service, make));
    statements.extend(granted(service, make, &grants, false));
    let mut managed = service
        .provider_at(&["iam", "role", "managedPolicies"])
        .or_else(|| service.provided("iamManagedPolicies"))
        .map(read::items)
        .unwrap_or_default();
    managed.extend(network(service).map(|origin| vpc_policy(make.at(origin))));

    let mut draft = Draft::new(SHARED, "AWS::IAM::Role", cause)
        .set("AssumeRolePolicyDocument", trust(make, has(Feature::Scheduler), has(Feature::Edge)))
        .set("Policies", policies(service, make, &statements))
        .set("Path", path(service, make))
        .set(
            "RoleName",
            service
                .provider_at(&["iam", "role", "name"])
                .filter(truthy)
                .unwrap_or_else(|| role_name(service, make, None)),
        )
        .maybe("Tags", make.tags(&[service.provider_at(&["iam", "role", "tags"])]))
        .maybe("PermissionsBoundary", boundary(service));
    if !managed.is_empty() {
        draft = draft.set("ManagedPolicyArns", make.list(&managed));
    }
    if let Some(global) = own_role::global_boundary(service)
        && service.functions.iter().any(|f| own_role::has(service, f))
    {
        draft.put("PermissionsBoundary", global);
    }
    stack.add(draft);
}

/// The trust policy of a function's role.
pub(super) fn trust<'a>(make: Make<'a>, scheduler: bool, edge: bool) -> Value<'a> {
    let mut services = vec!["lambda.amazonaws.com"];
    if scheduler {
        services.push("scheduler.amazonaws.com");
    }
    if edge {
        services.push("edgelambda.amazonaws.com");
    }
    make.trust(make.texts(&services))
}

/// `Path`.
pub(super) fn path<'a>(service: &Service<'a>, make: Make<'a>) -> Value<'a> {
    service.provider_at(&["iam", "role", "path"]).filter(truthy).unwrap_or_else(|| make.text("/"))
}

/// `Policies`: the one inline policy of a function's role.
pub(super) fn policies<'a>(service: &Service<'a>, make: Make<'a>, statements: &[Value<'a>]) -> Value<'a> {
    let name = make.join("-", &[service.name.with_origin(make.origin), make.text(service.stage), make.text("lambda")]);
    make.list(&[make.map(&[("PolicyName", name), ("PolicyDocument", make.policy(statements))])])
}

/// `RoleName`, of the shared role or of a function's own.
pub(super) fn role_name<'a>(service: &Service<'a>, make: Make<'a>, function: Option<&'a str>) -> Value<'a> {
    let mut parts = vec![service.name.with_origin(make.origin), make.text(service.stage)];
    parts.extend(function.map(|f| make.text(f)));
    parts.push(make.reference("AWS::Region"));
    let length = service.name.as_text().unwrap_or("").len()
        + service.stage.len()
        + service.region.len()
        + function.unwrap_or("").len();
    // A role's name has at most 64 characters.
    if function.is_none() || length + "lambdaRole".len() + 4 <= 64 {
        parts.push(make.text("lambdaRole"));
    }
    make.join("-", &parts)
}

/// The provider's permissions boundary.
pub(super) fn boundary<'a>(service: &Service<'a>) -> Option<Value<'a>> {
    service
        .provider_at(&["iam", "role", "permissionsBoundary"])
        .filter(truthy)
        .or_else(|| service.provider_at(&["iam", "role", "permissionBoundary"]).filter(truthy))
        .or_else(|| service.provided("rolePermissionsBoundary"))
}

/// The managed policy that lets a function into a network.
pub(super) fn vpc_policy<'a>(make: Make<'a>) -> Value<'a> {
    make.partition_arn(&[make.text(":iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole")])
}

/// The statements the user wrote for the shared role: the old list only counts when there is no new one.
pub(super) fn own_statements<'a>(service: &Service<'a>, make: Make<'a>) -> Vec<Value<'a>> {
    let new = service.provider_at(&["iam", "role", "statements"]);
    let list = new.or_else(|| service.provided("iamRoleStatements"));
    let mut all = list.map(|list| statements(make, list)).unwrap_or_default();
    all.extend_from_slice(&service.granted);
    all
}

/// The items of a list of statements, choices included.
pub(super) fn statements<'a>(make: Make<'a>, list: Value<'a>) -> Vec<Value<'a>> {
    let Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)) = list.kind else { return list.items() };
    let make = make.at(list.origin);
    let nothing = make.reference("AWS::NoValue");
    let mut out = Vec::new();
    for statement in statements(make, *then) {
        out.push(make.intrinsic(Intrinsic::If(condition, statement, nothing)));
    }
    for statement in statements(make, *otherwise) {
        out.push(make.intrinsic(Intrinsic::If(condition, nothing, statement)));
    }
    out
}

/// What the functions' features ask for, in the framework's order and as often as it says it.
pub(super) fn granted<'a>(
    service: &Service<'a>,
    make: Make<'a>,
    grants: &[Grant<'a>],
    any_target: bool,
) -> Vec<Value<'a>> {
    let mut out = Vec::new();
    let mut queues: Vec<Value<'a>> = Vec::new();
    let mut once: Vec<(Feature, &str)> = Vec::new();
    for grant in grants {
        let value = grant.value;
        let mut first = |key: &'a str| {
            let new = !once.contains(&(grant.feature, key));
            once.push((grant.feature, key));
            new
        };
        let wanted = match grant.feature {
            Feature::Queue => {
                queues.push(make.guarded(grant.guard, value));
                false
            }
            // An intrinsic target gets nothing in the shared role: the framework only looks at texts.
            Feature::DeadLetter => {
                any_target || value.at(&["Resource"]).is_some_and(|r| r.items().iter().all(is_string))
            }
            Feature::Key => {
                let target = value.at(&["Resource"]).map(|r| r.items()).unwrap_or_default();
                first(target.first().and_then(Value::as_text).unwrap_or(""))
            }
            Feature::Tracing | Feature::WebSocket | Feature::Edge => first(""),
            Feature::Destination => {
                service.functions.get(grant.function).is_some_and(|f| written(service, f).is_none())
            }
            Feature::FileSystem | Feature::Scheduler | Feature::Stream | Feature::Broker => true,
        };
        if wanted {
            out.push(make.guarded(grant.guard, value));
        }
    }
    if let Some(first) = queues.first() {
        let make = make.at(first.origin);
        let actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
        out.push(make.allow(&actions, make.list(&queues)));
    }
    out
}

/// The ARN of a log group of functions, and what comes after its name.
pub(super) fn log_arn<'a>(make: Make<'a>, name: Value<'a>, tail: &'a str) -> Value<'a> {
    make.arn("logs", &[make.text("log-group:/aws/lambda/"), name, make.text(tail)])
}

/// True for why `functions` of this service need the network policy.
fn network<'a>(service: &Service<'a>) -> Option<crate::template::Origin<'a>> {
    let own = service.functions.iter().find_map(|f| read::entry(f.body, "vpc")).map(|e| e.key_origin);
    own.or_else(|| service.provided("vpc").map(|v| v.origin))
}

/// What lets the functions write their logs.
fn logs<'a>(service: &Service<'a>, make: Make<'a>) -> Vec<Value<'a>> {
    let prefix = service.named(make.origin, "");
    let canonical = |f: &Function<'a>| match (f.name.as_text(), prefix.as_text()) {
        (Some(name), Some(prefix)) => name.starts_with(prefix),
        _ => read::given(f.body, "name").is_none(),
    };
    let (mut create, mut put, mut denied) = (Vec::new(), Vec::new(), Vec::new());
    let mut any = false;
    let shared = |f: &&Function<'a>| service.version != Version::V4 || !own_role::has(service, f);
    for function in service.functions.iter().filter(shared) {
        let make = make.at(function.origin);
        match (canonical(function), function.logs()) {
            (true, true) => any = true,
            (true, false) => denied.push(log_arn(make, function.name, ":*")),
            (false, true) => {
                create.push(log_arn(make, function.name, ":*"));
                put.push(log_arn(make, function.name, ":*:*"));
            }
            (false, false) => {}
        }
    }
    if any {
        create.push(log_arn(make, prefix, "*:*"));
        put.push(log_arn(make, prefix, "*:*:*"));
    }
    let mut statements = vec![
        make.allow(log_actions(service.version), make.list(&create)),
        make.allow(&["logs:PutLogEvents"], make.list(&put)),
    ];
    if any && !denied.is_empty() {
        statements.push(make.map(&[
            ("Effect", make.text("Deny")),
            ("Action", make.text("logs:PutLogEvents")),
            ("Resource", make.list(&denied)),
        ]));
    }
    statements
}

/// What opens a log stream, by version.
pub(super) const fn log_actions(version: Version) -> &'static [&'static str] {
    match version {
        Version::V1 | Version::V2 => &["logs:CreateLogStream", "logs:CreateLogGroup"],
        Version::V3 | Version::V4 => &["logs:CreateLogStream", "logs:CreateLogGroup", "logs:TagResource"],
    }
}

/// Why a role is made for one function.
pub(super) fn own_cause<'a>(service: &Service<'a>, function: &Function<'a>) -> Cause<'a> {
    let keys = ["iamRoleStatements", "iam"];
    let written = keys.iter().find_map(|k| read::entry(function.body, k)).map(|e| e.key_origin);
    function.cause_at(service.build, "role", written.unwrap_or(function.origin), function.guard)
}
