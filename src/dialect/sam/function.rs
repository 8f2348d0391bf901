//! `AWS::Serverless::Function`: the function itself; its role, version, URL and events come from their own files.

use super::expansion::{Expansion, filled, given, is_no_value};
use super::make::Make;
use super::policies::Policies;
use super::read::{self, truthy};
use super::{events, invoke_config, role, url, version};
use crate::template::{Entry, Kind, Resource, Value};

/// Expands a function and all that it brings.
pub(super) fn expand<'a>(expansion: &mut Expansion<'a>, function: &Resource<'a>) {
    let mut role = role::of(expansion, function);
    deploy(expansion, function, role.arn);
    version::expand(expansion, function);
    let make = expansion.make(function.key);
    let alias = expansion.alias(function.id);
    let name = make.reference(alias.unwrap_or(function.id));
    let arn = alias.map_or_else(|| make.att(function.id, "Arn"), |id| make.reference(id));
    url::expand(expansion, function, name);
    let mut granted = Policies::default();
    invoke_config::expand(expansion, function, &mut granted);
    if let Some(made) = &mut role.made {
        begin(expansion, function, &mut made.policies, granted, made.id);
    }
    events::expand(expansion, function, name, arn, role.made.as_mut().map(|m| &mut m.policies));
    if let Some(made) = role.made {
        let make = expansion.cause(function, "this role", function.key);
        let trust = given(function.properties, "AssumeRolePolicyDocument")
            .unwrap_or_else(|| make.trust(make.texts(&["lambda.amazonaws.com"])));
        role::emit(expansion, function, made, trust, tags(make, function));
    }
}

/// What the role holds before the events add to it.
fn begin<'a>(
    expansion: &Expansion<'a>,
    function: &Resource<'a>,
    role: &mut Policies<'a>,
    granted: Policies<'a>,
    id: &str,
) {
    let properties = function.properties;
    let make = expansion.cause(function, "this role", function.key);
    let basic = match filled(properties, "DurableConfig") {
        Some(_) => "service-role/AWSLambdaBasicDurableExecutionRolePolicy",
        None => "service-role/AWSLambdaBasicExecutionRole",
    };
    role.manage(make, basic);
    if let Some(tracing) = traced(expansion, function) {
        role.manage(make.at(tracing.value.origin), "AWSXrayWriteOnlyAccess");
    }
    // SAM only asks whether something stands there, be it `AWS::NoValue`.
    if let Some(vpc) = function.property("VpcConfig").filter(|e| truthy(e.value)) {
        role.manage(make.at(vpc.key_origin), "service-role/AWSLambdaVPCAccessExecutionRole");
    }
    if let Some(queue) = given(properties, "DeadLetterQueue")
        && let Some(target) = given(queue, "TargetArn")
    {
        let topic = given(queue, "Type").and_then(|t| expansion.known(t).as_text()) == Some("SNS");
        let make = make.at(queue.origin);
        let action = if topic { "sns:Publish" } else { "sqs:SendMessage" };
        role.add(make, "DeadLetterQueuePolicy", &[make.allow(&[action], target)]);
    }
    role.inline.extend(granted.inline);
    if let Some(policies) = given(properties, "Policies").filter(|p| truthy(*p)) {
        role.read(expansion, id, policies);
    }
}

/// `Tracing`, unless it says that nothing is traced.
fn traced<'a>(expansion: &Expansion<'a>, function: &Resource<'a>) -> Option<Entry<'a>> {
    let said = function.property("Tracing").filter(|e| truthy(e.value)).copied();
    said.filter(|e| expansion.known(e.value).as_text() != Some("Disabled"))
}

fn deploy<'a>(expansion: &mut Expansion<'a>, function: &Resource<'a>, role: Value<'a>) {
    let make = expansion.make(function.properties.origin);
    let mut properties = Vec::new();
    let Some(written) = function.properties.as_map() else {
        expansion.become_kind(function, "AWS::Lambda::Function", function.properties);
        return;
    };
    let mut code: Vec<Entry<'a>> = Vec::new();
    let mut code_key = None;
    for entry in written.entries {
        let renamed = |key: &'a str, inside: &'a str, entry: Entry<'a>| {
            let make = make.around(entry.value.origin);
            Entry { key, key_origin: entry.key_origin, value: make.entries(&[Entry { key: inside, ..entry }]) }
        };
        match entry.key {
            "CodeUri" | "ImageUri" | "InlineCode" | "SourceKMSKeyArn" => {
                code_key.get_or_insert(entry.key_origin);
                code.extend(sources(make, entry));
            }
            "Tracing" => {
                if traced(expansion, function).is_some() {
                    let mode = Entry { value: read::inside(expansion, entry.value), ..*entry };
                    properties.push(renamed("TracingConfig", "Mode", mode));
                }
            }
            "DeadLetterQueue" => {
                let target = entry.value.get("TargetArn").copied();
                let value = make.around(entry.value.origin).entries(target.as_slice());
                if truthy(entry.value) && !is_no_value(&entry.value) {
                    properties.push(Entry { key: "DeadLetterConfig", value, ..*entry });
                }
            }
            "CapacityProviderConfig" => {
                let value = capacity(make, entry.value);
                properties.push(Entry { value, ..*entry });
            }
            // These speak about what SAM makes beside the function, or are set below.
            "Role"
            | "Policies"
            | "Events"
            | "AutoPublishAlias"
            | "AutoPublishAliasAllProperties"
            | "AutoPublishCodeSha256"
            | "DeploymentPreference"
            | "RolePath"
            | "PermissionsBoundary"
            | "AssumeRolePolicyDocument"
            | "Tags"
            | "PropagateTags"
            | "ProvisionedConcurrencyConfig"
            | "EventInvokeConfig"
            | "FunctionUrlConfig"
            | "VersionDescription"
            | "VersionDeletionPolicy" => {}
            // An explicit `null` only switches Globals off.
            _ if entry.value.is_null() => {}
            _ => properties.push(*entry),
        }
    }
    if let Some(key_origin) = code_key {
        let value = match code.as_slice() {
            // A folder on disk: what `package` will upload from.
            [only] if only.key == "CodeUri" => only.value,
            several => make.around(several.first().map_or(make.origin, |e| e.value.origin)).entries(several),
        };
        properties.push(Entry { key: "Code", key_origin, value });
    }
    properties.push(make.entry("Role", role));
    let written_tags = function.property("Tags");
    let at = expansion.cause(function, "this tag", written_tags.map_or(function.key, |e| e.key_origin));
    properties.extend(tags(at, function).map(|value| Entry { key: "Tags", key_origin: at.origin, value }));
    let value = make.entries(&properties);
    expansion.become_kind(function, "AWS::Lambda::Function", value);
}

/// The function's tags as a list.
fn tags<'a>(make: Make<'a>, function: &Resource<'a>) -> Option<Value<'a>> {
    let own = given(function.properties, "Tags");
    Some(role::tags(make, "lambda:createdBy", own))
}

/// The entries of `Code` for one of the properties that say where the code is.
fn sources<'a>(make: Make<'a>, entry: &Entry<'a>) -> Vec<Entry<'a>> {
    let at = make.at(entry.value.origin);
    match (entry.key, entry.value.kind) {
        ("InlineCode", _) => vec![Entry { key: "ZipFile", ..*entry }],
        ("CodeUri", Kind::Text(text)) => match text.strip_prefix("s3://").and_then(|rest| rest.split_once('/')) {
            Some((bucket, key)) => vec![at.entry("S3Bucket", at.made(bucket)), at.entry("S3Key", at.made(key))],
            None => vec![*entry],
        },
        ("CodeUri", Kind::Map(map)) => {
            let names = [("Bucket", "S3Bucket"), ("Key", "S3Key"), ("Version", "S3ObjectVersion")];
            names.iter().filter_map(|(from, to)| map.get(from).map(|e| Entry { key: to, ..*e })).collect()
        }
        _ => vec![*entry],
    }
}

fn capacity<'a>(make: Make<'a>, config: Value<'a>) -> Value<'a> {
    let Some(map) = config.as_map() else { return config };
    let make = make.around(config.origin);
    let rename = |e: &Entry<'a>| Entry { key: if e.key == "Arn" { "CapacityProviderArn" } else { e.key }, ..*e };
    let inner: Vec<_> = map.entries.iter().map(rename).collect();
    make.map(&[("LambdaManagedInstancesCapacityProviderConfig", make.entries(&inner))])
}
