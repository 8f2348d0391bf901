//! `cognitoUserPool`: triggers of user pools, made here or existing already.

use super::super::custom_resource::{self, Helper};
use super::super::make::told;
use super::super::naming;
use super::super::read;
use super::super::service::{Event, Function, Service};
use super::super::stack::{Draft, Stack};
use crate::template::Value;

/// Makes the pools, custom resources and permissions of all functions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let (existing, new): (Vec<_>, Vec<_>) =
        service.events("cognitoUserPool").partition(|(_, _, e)| read::flag(e.value, "existing"));
    let mut pools: Vec<&str> = Vec::new();
    for (_, _, event) in &new {
        let name = pool(service, event);
        if !pools.contains(&name) {
            pools.push(name);
            make_pool(service, stack, name, &new);
        }
    }
    use_existing(service, stack, &existing);
}

fn pool<'a>(service: &Service<'a>, event: &Event<'a>) -> &'a str {
    read::get(event.value, "pool").map_or("", |p| read::plain(service.build, p))
}

fn sends(trigger: &str) -> bool {
    matches!(trigger, "CustomSMSSender" | "CustomEmailSender")
}

fn make_pool<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    name: &'a str,
    all: &[(usize, &Function<'a>, &Event<'a>)],
) {
    let build = service.build;
    let normal = naming::alnum(name);
    let id = told(build, format_args!("CognitoUserPool{normal}"));
    let mut triggers: Vec<(&'a str, Value<'a>)> = Vec::new();
    let mut waits = Vec::new();
    let mut first = None;
    for (_, function, event) in all.iter().filter(|(_, _, e)| pool(service, e) == name) {
        let cause = function.event_cause(build, "permission", event);
        let make = service.make(cause.origin);
        first.get_or_insert_with(|| (function.event_cause(build, "user pool", event), read::get(event.value, "pool")));
        let trigger = read::text(event.value, "trigger").unwrap_or("");
        let target = function.target(make);
        if sends(trigger) {
            let version = read::given(event.value, "lambdaVersion").unwrap_or_else(|| make.text("V1_0"));
            triggers.push((trigger, make.map(&[("LambdaArn", target), ("LambdaVersion", version)])));
            triggers.extend(read::get(event.value, "kmsKeyId").map(|k| ("KMSKeyID", k)));
        } else {
            triggers.push((trigger, target));
        }
        waits.push(make.text(function.alias.map_or(function.id, |(_, id)| id)));
        let permission = format!("LambdaPermissionCognitoUserPool{normal}TriggerSource{}", naming::alnum(trigger));
        let permission = function.owned(build, &permission);
        stack.permit(permission, cause, function, "cognito-idp.amazonaws.com", Some(make.att(id, "Arn")));
    }
    let Some((cause, name)) = first else { return };
    let make = service.make(cause.origin);
    stack.add(
        Draft::new(id, "AWS::Cognito::UserPool", cause)
            .maybe("UserPoolName", name)
            .set("LambdaConfig", make.map(&triggers))
            .after(&waits),
    );
}

fn use_existing<'a>(service: &Service<'a>, stack: &mut Stack<'a>, events: &[(usize, &Function<'a>, &Event<'a>)]) {
    let Some((_, first, first_event)) = events.first() else { return };
    let build = service.build;
    let helper = Helper::UserPool.id(service);
    let mut statements = Vec::new();
    for (at, function) in service.functions.iter().enumerate() {
        let own: Vec<_> = events.iter().filter(|(i, ..)| *i == at).map(|(.., e)| *e).collect();
        let Some(event) = own.first() else { continue };
        let cause = function.event_cause(build, "custom resource", event);
        let make = service.make(cause.origin);
        let mut configurations = Vec::new();
        for event in &own {
            let trigger = read::get(event.value, "trigger").unwrap_or(event.value);
            let mut config = vec![("Trigger", trigger)];
            if sends(trigger.as_text().unwrap_or("")) {
                let version = read::given(event.value, "lambdaVersion").unwrap_or_else(|| make.text("V1_0"));
                config.push(("LambdaVersion", version));
                config.extend(read::get(event.value, "kmsKeyId").map(|k| ("KMSKeyID", k)));
            }
            configurations.push(make.map(&config));
        }
        if let Some(key) =
            read::get(event.value, "kmsKeyId").filter(|_| sends(read::text(event.value, "trigger").unwrap_or("")))
        {
            statements.push(make.at(key.origin).allow(&["kms:CreateGrant"], key));
        }
        stack.add(
            Draft::new(function.owned(build, "CustomCognitoUserPool1"), "Custom::CognitoUserPool", cause)
                .set("ServiceToken", make.att(helper, "Arn"))
                .set("FunctionName", function.name)
                .maybe("UserPoolName", read::get(event.value, "pool"))
                .set("UserPoolConfigs", make.list(&configurations))
                .after(&[make.text(function.id), make.text(helper)]),
        );
        let actions = ["cognito-idp:ListUserPools", "cognito-idp:DescribeUserPool", "cognito-idp:UpdateUserPool"];
        statements.push(make.allow(&actions, make.text("*")));
        let arn = make.partition_arn(&[make.text(":lambda:*:*:function:"), function.name]);
        statements.push(make.allow(&["lambda:AddPermission", "lambda:RemovePermission"], arn));
    }
    let cause = first.event_cause(build, "helper function", first_event);
    let make = service.make(cause.origin);
    statements.push(make.allow(&["iam:PassRole"], make.partition_arn(&[make.text(":iam::*:role/*")])));
    custom_resource::helper(service, stack, Helper::UserPool, cause, &statements);
}
