//! Gradual deployments: CodeDeploy's application, its groups, and the role that shifts the traffic.

use super::expansion::{Expansion, entry, filled, given, is_nothing};
use super::make::Make;
use crate::template::{Entry, Intrinsic, Kind, Map, Resource, Value};

const APPLICATION: &str = "ServerlessDeploymentApplication";
const ROLE: &str = "CodeDeployServiceRole";

/// Makes what the functions with a deployment preference need, and the update policies of their aliases.
pub(super) fn expand<'a>(expansion: &mut Expansion<'a>, functions: &[Resource<'a>]) {
    let wanted: Vec<_> = functions.iter().filter_map(|f| preference(expansion, f).map(|p| (*f, p))).collect();
    let Some((first, preference)) = wanted.first() else { return };
    // What all share exists as soon as one of them does.
    let same = wanted.iter().all(|(f, _)| f.condition.map(|c| c.0) == first.condition.map(|c| c.0));
    let owner = Resource { condition: first.condition.filter(|_| same), attributes: Map::EMPTY, ..*first };
    let at = preference.key_origin;
    let make = expansion.cause(&owner, "this deployment", at);
    let properties = make.map(&[("ComputePlatform", make.text("Lambda"))]);
    expansion.emit(&owner, APPLICATION, "AWS::CodeDeploy::Application", "this deployment", at, properties);
    if wanted.iter().any(|(_, p)| given(p.value, "Role").is_none()) {
        let make = expansion.cause(&owner, "this deployment role", at);
        let properties = make.map(&[
            ("AssumeRolePolicyDocument", make.trust(make.texts(&["codedeploy.amazonaws.com"]))),
            ("ManagedPolicyArns", make.list(&[make.managed("service-role/AWSCodeDeployRoleForLambda")])),
        ]);
        expansion.emit(&owner, ROLE, "AWS::IAM::Role", "this deployment role", at, properties);
    }
    for (function, preference) in &wanted {
        group(expansion, function, preference);
    }
}

/// The preference of a function, unless it is switched off.
fn preference<'a>(expansion: &Expansion<'a>, function: &Resource<'a>) -> Option<Entry<'a>> {
    let preference = filled(function.properties, "DeploymentPreference")?;
    let enabled = given(preference.value, "Enabled").map(|e| expansion.known(e));
    (enabled.and_then(|e| e.as_bool()) != Some(false)).then_some(preference)
}

fn group<'a>(expansion: &mut Expansion<'a>, function: &Resource<'a>, preference: &Entry<'a>) {
    let what = "this deployment group";
    let make = expansion.cause(function, what, preference.key_origin);
    let field = |key: &str| entry(preference.value, key);
    let role = field("Role").map_or_else(|| make.att(ROLE, "Arn"), |r| r.value);
    let failures = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"];
    let rollback = make.map(&[("Enabled", make.bool(true)), ("Events", make.texts(&failures))]);
    let style = [("DeploymentType", make.text("BLUE_GREEN")), ("DeploymentOption", make.text("WITH_TRAFFIC_CONTROL"))];
    let mut properties = vec![
        make.entry("ApplicationName", make.reference(APPLICATION)),
        make.entry("AutoRollbackConfiguration", rollback),
        make.entry("DeploymentStyle", make.map(&style)),
        make.entry("ServiceRoleArn", role),
    ];
    if let Some(kind) = field("Type") {
        let value = each(make, kind.value, &|name| config_name(expansion, expansion.known(name)));
        properties.push(Entry { key: "DeploymentConfigName", value, ..kind });
    }
    if let Some(alarms) = field("Alarms") {
        let at = make.at(alarms.value.origin);
        let value = each(at, alarms.value, &|list| {
            let named = |alarm: Value<'a>| at.at(alarm.origin).map(&[("Name", alarm)]);
            let list: Vec<_> = list.items().into_iter().filter(|a| !is_nothing(a)).map(named).collect();
            at.map(&[("Alarms", at.list(&list)), ("Enabled", at.bool(true))])
        });
        properties.push(Entry { key: "AlarmConfiguration", value, ..alarms });
    }
    properties.extend(field("TriggerConfigurations"));
    let id = expansion.id(&[function.id, "DeploymentGroup"]);
    expansion.emit(
        function,
        id,
        "AWS::CodeDeploy::DeploymentGroup",
        what,
        preference.key_origin,
        make.entries(&properties),
    );

    let mut update = vec![
        make.entry("ApplicationName", make.reference(APPLICATION)),
        make.entry("DeploymentGroupName", make.reference(id)),
    ];
    if let Some(hooks) = field("Hooks") {
        for (from, to) in [("PreTraffic", "BeforeAllowTrafficHook"), ("PostTraffic", "AfterAllowTrafficHook")] {
            update.extend(entry(hooks.value, from).map(|e| Entry { key: to, ..e }));
        }
    }
    let policy = make.map(&[("CodeDeployLambdaAliasUpdate", make.entries(&update))]);
    let Some(alias) = expansion.alias(function.id) else { return };
    if let Some(alias) = expansion.deployed(alias) {
        let attributes: Vec<_> =
            alias.attributes.entries.iter().copied().chain([make.entry("UpdatePolicy", policy)]).collect();
        alias.attributes = Map { entries: make.build.arena.alloc_slice_copy(&attributes) };
    }
}

/// What a change makes of a value, or of each branch of a choice.
fn each<'a>(make: Make<'a>, value: Value<'a>, change: &dyn Fn(Value<'a>) -> Value<'a>) -> Value<'a> {
    if let Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)) = value.kind {
        return make.at(value.origin).choose(condition, each(make, *then, change), each(make, *otherwise, change));
    }
    if is_nothing(&value) { value } else { change(value) }
}

/// The full name of a configuration that CodeDeploy knows; any other name as it is.
fn config_name<'a>(expansion: &Expansion<'a>, kind: Value<'a>) -> Value<'a> {
    let known = |name: &str| {
        let shift = |prefix: &str| {
            name.starts_with(prefix) && name.contains("Percent") && name.trim_end_matches('s').ends_with("Minute")
        };
        name == "AllAtOnce" || shift("Canary") || shift("Linear")
    };
    match kind.as_text() {
        Some(name) if known(name) => expansion.make(kind.origin).made(&format!("CodeDeployDefault.Lambda{name}")),
        Some(_) | None => kind,
    }
}
