//! Gradual deployments: CodeDeploy's application, its groups, and the role that shifts the traffic.

use super::expansion::{Expansion, entry, filled, given, is_nothing};
use super::make::Make;
use super::read::{parameters, truthy};
use crate::template::{Entry, Intrinsic, Kind, Map, Origin, Resource, Value};

const APPLICATION: &str = "ServerlessDeploymentApplication";
pub(super) const ROLE: &str = "CodeDeployServiceRole";

/// Makes what the functions with a deployment preference need, and the update policies of their aliases.
pub(super) fn expand<'a>(expansion: &mut Expansion<'a>, functions: &[Resource<'a>]) {
    let wanted: Vec<_> = functions.iter().filter_map(|f| preference(expansion, f).map(|p| (*f, p))).collect();
    let Some((first, preference)) = wanted.first() else { return };
    let at = preference.key_origin;
    // What all share exists as soon as one of them does.
    let make = expansion.cause(first, "this deployment", at);
    let guards: Vec<_> = wanted.iter().map(|(f, p)| guard(expansion, f, p)).collect();
    let shared = expansion.any(make, "ServerlessCodeDeployCondition", &guards);
    let owner = Resource { condition: shared.map(|name| (name, at)), attributes: Map::EMPTY, ..*first };
    let tags = super::tags::merged(make, wanted.iter().flat_map(|(f, _)| super::tags::passed_on(f)).copied());
    let properties = make.some(&[("ComputePlatform", Some(make.text("Lambda"))), ("Tags", tags)]);
    expansion.emit(&owner, APPLICATION, "AWS::CodeDeploy::Application", "this deployment", at, properties);
    if wanted.iter().any(|(_, p)| role(p).is_none()) {
        let make = expansion.cause(&owner, "this deployment role", at);
        let trust = make.trust(make.texts(&["codedeploy.amazonaws.com"]));
        let properties = make.some(&[
            ("AssumeRolePolicyDocument", Some(trust)),
            ("ManagedPolicyArns", Some(make.list(&[make.managed("service-role/AWSCodeDeployRoleForLambda")]))),
            ("Tags", tags),
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
    let enabled = preference.value.get("Enabled").map(|e| expansion.known(e.value));
    let off = enabled.is_some_and(|e| !truthy(e) || matches!(e.as_text(), Some("false" | "False")));
    (!off).then_some(preference)
}

/// The condition of what a preference makes: the function's, if the preference asks for it.
fn guard<'a>(expansion: &Expansion<'a>, of: &Resource<'a>, preference: &Entry<'a>) -> Option<(&'a str, Origin<'a>)> {
    let asked = given(preference.value, "PassthroughCondition").map(|p| expansion.known(p))?;
    of.condition.filter(|_| matches!(asked.as_text(), Some("true" | "True")) || asked.as_bool() == Some(true))
}

/// The role that a preference brings itself; `AWS::NoValue` counts.
fn role<'a>(preference: &Entry<'a>) -> Option<Value<'a>> {
    preference.value.get("Role").map(|e| e.value).filter(|v| truthy(*v))
}

fn group<'a>(expansion: &mut Expansion<'a>, function: &Resource<'a>, preference: &Entry<'a>) {
    let what = "this deployment group";
    let make = expansion.cause(function, what, preference.key_origin);
    let field = |key: &str| entry(preference.value, key);
    let role = role(preference).unwrap_or_else(|| make.att(ROLE, "Arn"));
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
        let kind = Entry { value: parameters(expansion, kind.value), ..kind };
        let value = each(make, kind.value, &|name| config_name(expansion, expansion.known(name)));
        properties.push(Entry { key: "DeploymentConfigName", value, ..kind });
    }
    if let Some(alarms) = field("Alarms").filter(|a| truthy(a.value)) {
        let at = make.at(alarms.value.origin);
        let value = each(at, alarms.value, &|list| {
            let named = |alarm: Value<'a>| at.at(alarm.origin).map(&[("Name", alarm)]);
            let list: Vec<_> = list.items().into_iter().filter(|a| !is_nothing(a)).map(named).collect();
            if list.is_empty() {
                return at.map(&[]);
            }
            at.map(&[("Alarms", at.list(&list)), ("Enabled", at.bool(true))])
        });
        properties.push(Entry { key: "AlarmConfiguration", value, ..alarms });
    }
    properties.extend(field("TriggerConfigurations"));
    let id = expansion.id(&[function.id, "DeploymentGroup"]);
    let owner = Resource { condition: guard(expansion, function, preference), attributes: Map::EMPTY, ..*function };
    expansion.emit(
        &owner,
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
