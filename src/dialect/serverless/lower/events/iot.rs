//! `iot` and `iotFleetProvisioning`: things that speak to a function.

use super::super::read;
use super::super::service::Service;
use super::super::stack::{Draft, Stack};
use super::schedule::input;

/// Makes the rules, templates and permissions of all functions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    for function in &service.functions {
        for (number, event) in function.events.iter().filter(|e| e.kind == "iot").enumerate() {
            let build = service.build;
            let cause = function.event_cause(build, "topic rule", event);
            let make = service.make(cause.origin);
            let given = |key: &str| read::given(event.value, key);
            let off = read::get(event.value, "enabled").filter(|e| e.as_bool() == Some(false));
            let lambda = make.map(&[("FunctionArn", function.target(make))]);
            let mut payload = vec![
                ("RuleDisabled", make.at(off.map_or(make.origin, |v| v.origin)).bool(off.is_some())),
                ("Actions", make.list(&[make.map(&[("Lambda", lambda)])])),
            ];
            for (key, name) in [("sql", "Sql"), ("description", "Description"), ("sqlVersion", "AwsIotSqlVersion")] {
                payload.extend(given(key).map(|v| (name, v)));
            }
            let id = function.owned(build, &format!("IotTopicRule{}", number + 1));
            stack.add(
                Draft::new(id, "AWS::IoT::TopicRule", cause)
                    .maybe("RuleName", given("name"))
                    .set("TopicRulePayload", make.map(&payload))
                    .after_alias(make, function),
            );
            let permission = function.owned(build, &format!("LambdaPermissionIotTopicRule{}", number + 1));
            let source = make.arn("iot", &[make.text("rule/"), make.reference(id)]);
            let cause = function.event_cause(build, "permission", event);
            stack.permit(permission, cause, function, "iot.amazonaws.com", Some(source));
        }
    }
    for (_, function, event) in service.events("iotFleetProvisioning") {
        let build = service.build;
        let cause = function.event_cause(build, "provisioning template", event);
        let make = service.make(cause.origin);
        let permission = function.owned(build, "LambdaPermissionIotProvisioningTemplate");
        stack.add(
            Draft::new(function.owned(build, "IotProvisioningTemplate"), "AWS::IoT::ProvisioningTemplate", cause)
                .set("Enabled", read::get(event.value, "enabled").unwrap_or_else(|| make.bool(true)))
                .set("PreProvisioningHook", make.map(&[("TargetArn", function.target(make))]))
                .maybe("ProvisioningRoleArn", read::get(event.value, "provisioningRoleArn"))
                .maybe("TemplateBody", read::get(event.value, "templateBody").map(|b| input(service, b)))
                .maybe("TemplateName", read::given(event.value, "templateName"))
                .after(&[make.text(permission)])
                .after_alias(make, function),
        );
        let cause = function.event_cause(build, "permission", event);
        stack.permit(permission, cause, function, "iot.amazonaws.com", None);
    }
}
