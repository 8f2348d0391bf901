//! Log filters, IoT rules and Alexa skills: one resource at most, and a permission.

use super::super::expansion::Expansion;
use super::Event;
use crate::template::Entry;

/// A subscription to a log group.
pub(super) fn logs<'a>(expansion: &mut Expansion<'a>, event: &Event<'a>) {
    let make = event.make(expansion, "this subscription filter");
    let mut properties = event.passed(&["LogGroupName", "FilterPattern"]);
    properties.push(make.entry("DestinationArn", event.arn.with_origin(make.origin)));
    event.emit(
        expansion,
        event.id,
        "AWS::Logs::SubscriptionFilter",
        "this subscription filter",
        make.entries(&properties),
    );
    let make = event.make(expansion, "this permission");
    let group =
        event.get("LogGroupName").unwrap_or_else(|| make.build.unknown("the log group is missing", event.origin));
    let arn = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${__LogGroupName__}:*";
    let source = make.at(group.origin).sub_with(arn, &[("__LogGroupName__", group)]);
    event.permit(expansion, "", "logs.amazonaws.com", &[("SourceArn", source)]);
}

/// A rule on messages of things.
pub(super) fn iot<'a>(expansion: &mut Expansion<'a>, event: &Event<'a>) {
    let make = event.make(expansion, "this topic rule");
    let mut payload = event.passed(&["Sql", "AwsIotSqlVersion"]);
    payload.push(make.entry("RuleDisabled", make.bool(false)));
    let lambda = make.map(&[("FunctionArn", event.arn.with_origin(make.origin))]);
    payload.push(make.entry("Actions", make.list(&[make.map(&[("Lambda", lambda)])])));
    let properties = make.map(&[("TopicRulePayload", make.entries(&payload))]);
    event.emit(expansion, event.id, "AWS::IoT::TopicRule", "this topic rule", properties);
    let make = event.make(expansion, "this permission");
    let rule =
        make.sub(&format!("arn:${{AWS::Partition}}:iot:${{AWS::Region}}:${{AWS::AccountId}}:rule/${{{}}}", event.id));
    let account = make.reference("AWS::AccountId");
    event.permit(expansion, "", "iot.amazonaws.com", &[("SourceArn", rule), ("SourceAccount", account)]);
}

/// A skill of Alexa's.
pub(super) fn alexa<'a>(expansion: &mut Expansion<'a>, event: &Event<'a>) {
    let skill = event.entry("SkillId").map(|Entry { value, .. }| ("EventSourceToken", value));
    event.permit(expansion, "", "alexa-appkit.amazon.com", skill.as_slice());
}
