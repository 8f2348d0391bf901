//! `AWS::Serverless::StateMachine`: the machine, its role, its version and alias; its events come from their own file.

use super::expansion::Expansion;
use super::make::Make;
use super::read::{field, truthy};
use super::references::Renamed;
use super::{machine_events, role};
use crate::template::{Entry, Kind, Resource, Value};

/// Expands a state machine.
pub(super) fn expand<'a>(x: &mut Expansion<'a>, machine: &Resource<'a>) {
    let given = |key: &str| field(machine.properties, key);
    let make = x.cause(machine, "this state machine", machine.key);
    let mut role = role::of(x, machine);
    let tags = make.pairs(given("Tags"), Some(("stateMachine:createdBy", "SAM")));
    let uri = given("DefinitionUri");
    let properties = make.some(&[
        ("Definition", given("Definition")),
        ("DefinitionS3Location", uri.map(|u| location(make.because(u.origin), u))),
        ("DefinitionSubstitutions", given("DefinitionSubstitutions").filter(|d| truthy(*d))),
        ("RoleArn", Some(role.arn)),
        ("StateMachineName", given("Name")),
        ("StateMachineType", given("Type")),
        ("LoggingConfiguration", given("Logging")),
        ("TracingConfiguration", given("Tracing")),
        ("Tags", Some(tags)),
    ]);
    x.become_kind(machine, "AWS::StepFunctions::StateMachine", properties);
    if let Some(mut made) = role.made.take() {
        let make = x.cause(machine, "this role", machine.key);
        if let Some(policies) = given("Policies") {
            made.policies.read(x, made.id, policies);
        }
        // A tracing that is a choice or a parameter counts as none here, unlike for functions.
        let traced = given("Tracing").and_then(|t| field(t, "Enabled")).filter(|e| matches!(e.kind, Kind::Bool(true)));
        if let Some(traced) = traced {
            made.policies.manage(make.because(traced.origin), "AWSXrayWriteOnlyAccess");
        }
        let tags = make.pairs(given("Tags"), Some(("stateMachine:createdBy", "SAM")));
        role::emit(x, machine, made, make.trust(make.texts(&["states.amazonaws.com"])), Some(tags));
    }
    let mut target = make.reference(machine.id);
    if let Some(alias) = alias(x, machine)
        && given("UseAliasAsEventTarget").is_some_and(truthy)
    {
        target = make.reference(alias);
    }
    machine_events::expand(x, machine, target);
}

/// The version and the alias that the machine publishes; the alias's logical id.
fn alias<'a>(x: &mut Expansion<'a>, machine: &Resource<'a>) -> Option<&'a str> {
    let written = field(machine.properties, "AutoPublishAlias")?;
    let name = x.known(written);
    let make = x.cause(machine, "this version", written.origin);
    let version = x.id(&[machine.id, "Version"]);
    let properties = make.map(&[
        ("StateMachineArn", make.reference(machine.id)),
        ("StateMachineRevisionId", make.att(machine.id, "StateMachineRevisionId")),
    ]);
    let retain = |key: &'a str| machine.attribute(key).copied().unwrap_or_else(|| make.entry(key, make.text("Retain")));
    let kept = [retain("DeletionPolicy"), retain("UpdateReplacePolicy")];
    let of =
        Resource { attributes: crate::template::Map { entries: x.build.arena.alloc_slice_copy(&kept) }, ..*machine };
    x.emit(&of, version, "AWS::StepFunctions::StateMachineVersion", "this version", written.origin, properties);
    let preference = field(machine.properties, "DeploymentPreference").and_then(|p| p.as_map());
    let mut preference: Vec<Entry<'a>> = match preference {
        Some(map) => map.entries.to_vec(),
        None => vec![make.entry("Type", make.text("ALL_AT_ONCE"))],
    };
    preference.push(make.entry("StateMachineVersionArn", make.reference(version)));
    let properties = make.map(&[("Name", name), ("DeploymentPreference", make.entries(&preference))]);
    let alias = x.id(&[machine.id, "Alias", name.as_text().unwrap_or("")]);
    x.emit(machine, alias, "AWS::StepFunctions::StateMachineAlias", "this alias", written.origin, properties);
    x.renamed.push(Renamed { from: x.id(&[machine.id, ".Version"]), to: version });
    x.renamed.push(Renamed { from: x.id(&[machine.id, ".Alias"]), to: alias });
    Some(alias)
}

fn location<'a>(make: Make<'a>, uri: Value<'a>) -> Value<'a> {
    let Kind::Text(text) = uri.kind else { return uri };
    match text.strip_prefix("s3://").and_then(|rest| rest.split_once('/')) {
        Some((bucket, key)) => make.map(&[("Bucket", make.made(bucket)), ("Key", make.made(key))]),
        None => uri,
    }
}
