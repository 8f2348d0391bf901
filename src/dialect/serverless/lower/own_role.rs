//! A role for one function alone: the plugin's way, and version 4's.

use super::super::config::Version;
use super::make::Make;
use super::read::{self, truthy};
use super::role;
use super::service::{Function, Service};
use super::stack::{Draft, Feature, Grant, Stack, is_empty};
use crate::template::Value;

const PLUGIN: &str = "serverless-iam-roles-per-function";

/// True when the function has a role of its own.
pub(super) fn has(service: &Service<'_>, function: &Function<'_>) -> bool {
    if read::given(function.body, "role").is_some() {
        return false;
    }
    let statements = read::entry(function.body, "iamRoleStatements").is_some();
    if service.roles_plugin {
        return statements;
    }
    service.version == Version::V4
        && (statements
            || per_function(service)
            || ["statements", "managedPolicies"]
                .iter()
                .any(|key| read::at(function.body, &["iam", "role", key]).is_some_and(|v| !is_empty(&v))))
}

/// The permissions boundary that the plugin puts on every role.
pub(super) fn global_boundary<'a>(service: &Service<'a>) -> Option<Value<'a>> {
    setting(service, "iamGlobalPermissionsBoundary").filter(|_| service.roles_plugin).filter(truthy)
}

/// Makes the roles of single functions.
pub(super) fn each<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    for (at, function) in service.functions.iter().enumerate().filter(|(_, f)| has(service, f)) {
        let cause = role::own_cause(service, function);
        let make = service.make(cause.origin);
        let grants: Vec<_> = stack.grants.iter().filter(|g| g.function == at).copied().collect();
        let draft = Draft::new(function.owned(service.build, role::SHARED), "AWS::IAM::Role", cause);
        stack.add(if service.roles_plugin {
            let everyones: Vec<Feature> = stack.grants.iter().map(|g| g.feature).collect();
            by_plugin(service, function, make, draft, &grants, &everyones)
        } else {
            by_version_4(service, function, make, draft, &grants)
        });
    }
}

/// The plugin copies the shared role and writes its statements anew.
fn by_plugin<'a>(
    service: &Service<'a>,
    function: &Function<'a>,
    make: Make<'a>,
    draft: Draft<'a>,
    grants: &[Grant<'a>],
    everyones: &[Feature],
) -> Draft<'a> {
    let body = function.body;
    let here = make.at(function.origin);
    let actions = ["logs:CreateLogStream", "logs:CreateLogGroup", "logs:PutLogEvents"];
    let mut statements = vec![here.allow(&actions, here.list(&[role::log_arn(here, function.name, ":*:*")]))];
    let copied = |g: &&Grant<'a>| matches!(g.feature, Feature::Stream | Feature::Queue) && !is_failure_target(&g.value);
    let own = grants.iter().filter(copied).map(|g| Grant { value: without_consumers(here, g.value), ..*g });
    let own: Vec<Grant<'a>> = own.collect();
    statements.extend(role::granted(service, make, &own, true));
    if let Some(target) = read::given(body, "onError") {
        let make = make.at(target.origin);
        statements.push(make.allow(&["sns:Publish"], target));
    }
    if inherits(service, function) {
        // The old list is only looked at when there is no `iam` at all.
        let list = match read::get(service.provider, "iam") {
            Some(iam) => read::at(iam, &["role", "statements"]),
            None => service.provided("iamRoleStatements"),
        };
        statements.extend(list.map(|l| role::statements(make, l)).unwrap_or_default());
    }
    statements.extend(read::get(body, "iamRoleStatements").map(|l| role::statements(make, l)).unwrap_or_default());

    let networked = [read::get(body, "vpc"), service.provided("vpc")].into_iter().flatten().find(|v| !is_empty(v));
    let managed: Vec<_> = networked.map(|v| role::vpc_policy(make.at(v.origin))).into_iter().collect();
    let boundary = read::given(body, "iamPermissionsBoundary").or_else(|| global_boundary(service));
    draft
        .set(
            "AssumeRolePolicyDocument",
            role::trust(make, everyones.contains(&Feature::Scheduler), everyones.contains(&Feature::Edge)),
        )
        .set("Policies", role::policies(service, make, &statements))
        .set("Path", role::path(service, make))
        .set(
            "RoleName",
            read::given(body, "iamRoleStatementsName")
                .unwrap_or_else(|| role::role_name(service, make, Some(function.key))),
        )
        .maybe("Tags", make.tags(&[service.provider_at(&["iam", "role", "tags"])]))
        .maybe("PermissionsBoundary", boundary.or_else(|| role::boundary(service)))
        .set("ManagedPolicyArns", make.list(&managed))
}

/// Version 4 gives the function all that it needs.
fn by_version_4<'a>(
    service: &Service<'a>,
    function: &Function<'a>,
    make: Make<'a>,
    draft: Draft<'a>,
    grants: &[Grant<'a>],
) -> Draft<'a> {
    let body = function.body;
    let here = make.at(function.origin);
    let own = |key: &str| read::at(body, &["iam", "role", key]);
    let providers = |key: &str| service.provider_at(&["iam", "role", key]);
    let has = |feature| grants.iter().any(|g| g.feature == feature);
    let mut statements = Vec::new();
    if function.logs() {
        statements.push(
            here.allow(role::log_actions(service.version), here.list(&[role::log_arn(here, function.name, ":*")])),
        );
        statements.push(here.allow(&["logs:PutLogEvents"], here.list(&[role::log_arn(here, function.name, ":*:*")])));
    } else {
        statements.push(here.map(&[
            ("Effect", here.text("Deny")),
            ("Action", here.text("logs:PutLogEvents")),
            ("Resource", role::log_arn(here, function.name, ":*")),
        ]));
    }
    if inherits(service, function) {
        statements.extend(role::own_statements(service, make));
    }
    let written = own("statements").or_else(|| read::get(body, "iamRoleStatements"));
    statements.extend(written.map(|l| role::statements(make, l)).unwrap_or_default());
    statements.extend(role::granted(service, make, grants, true));

    let inherited = providers("managedPolicies").filter(|_| per_function(service));
    let mut managed = own("managedPolicies").or(inherited).map(read::items).unwrap_or_default();
    let networked = [read::get(body, "vpc"), service.provided("vpc")].into_iter().flatten().find(|v| !is_empty(v));
    managed.extend(networked.map(|v| role::vpc_policy(make.at(v.origin))));
    let boundary = own("permissionsBoundary").or_else(|| read::given(body, "iamPermissionsBoundary"));
    let name = own("name").or_else(|| read::given(body, "iamRoleStatementsName"));
    let mut draft = draft
        .set("AssumeRolePolicyDocument", role::trust(make, has(Feature::Scheduler), has(Feature::Edge)))
        .set("Policies", role::policies(service, make, &statements))
        .set("Path", own("path").unwrap_or_else(|| role::path(service, make)))
        .set("RoleName", name.unwrap_or_else(|| role::role_name(service, make, Some(function.key))))
        .maybe("Tags", make.tags(&[providers("tags"), own("tags")]))
        .maybe("PermissionsBoundary", boundary.or_else(|| role::boundary(service)));
    if !managed.is_empty() {
        draft = draft.set("ManagedPolicyArns", make.list(&managed));
    }
    draft
}

/// True when version 4 is told to make a role for each function.
pub(super) fn per_function(service: &Service<'_>) -> bool {
    service.version == Version::V4
        && service.provider_at(&["iam", "role", "mode"]).and_then(|v| v.as_text()) == Some("perFunction")
}

/// True when the provider's statements are added to the function's own.
fn inherits(service: &Service<'_>, function: &Function<'_>) -> bool {
    let default = setting(service, "defaultInherit").is_some_and(|v| truthy(&v));
    let flag = read::boolean(function.body, "iamRoleStatementsInherit");
    if service.version == Version::V4 && !service.roles_plugin {
        let new = read::at(function.body, &["iam", "inheritStatements"]).and_then(|v| v.as_bool());
        return new.or(flag).unwrap_or(default || per_function(service));
    }
    flag.unwrap_or(default)
}

fn setting<'a>(service: &Service<'a>, key: &str) -> Option<Value<'a>> {
    read::at(service.root, &["custom", PLUGIN, key])
}

/// Where a stream sends what failed is not copied by the plugin.
fn is_failure_target(statement: &Value<'_>) -> bool {
    let actions = statement.at(&["Action"]).map(|a| a.items()).unwrap_or_default();
    actions.iter().any(|a| matches!(a.as_text(), Some("sns:Publish" | "sqs:SendMessage" | "kinesis:SubscribeToShard")))
}

/// The plugin does not know consumers: the function may read a stream of Kinesis as if it had none.
fn without_consumers<'a>(make: Make<'a>, statement: Value<'a>) -> Value<'a> {
    let action = |n: usize| statement.at(&["Action"]).and_then(|a| a.items().get(n).and_then(|a| a.as_text()));
    match (action(2), statement.at(&["Resource"])) {
        (Some("kinesis:DescribeStreamSummary"), Some(streams)) => {
            let actions = ["GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"];
            let actions = actions.map(|a| make.keep(&format!("kinesis:{a}")));
            make.at(statement.origin).allow(&actions, streams)
        }
        _ => statement,
    }
}
