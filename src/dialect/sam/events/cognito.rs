//! Triggers of a user pool: the pool's own declaration grows.

use super::super::expansion::Expansion;
use super::Event;
use super::s3::with;
use crate::template::{Entry, Intrinsic, Kind, Value};

/// Lets the user pool invoke the function and adds the triggers to it.
pub(super) fn expand<'a>(expansion: &mut Expansion<'a>, event: &Event<'a>) {
    let pool = event.get("UserPool").map(|p| p.kind);
    let Some(Kind::Intrinsic(Intrinsic::Ref(pool))) = pool else { return };
    let make = event.make(expansion, "this trigger");
    // One for all pools and triggers of a function, or of its alias.
    let owner = expansion.alias(event.function.id).unwrap_or(event.function.id);
    let id = expansion.id(&[owner, "CognitoPermission"]);
    event.permit_as(expansion, id, "cognito-idp.amazonaws.com", &[("SourceArn", make.att(pool, "Arn"))]);
    let triggers = event.get("Trigger").map(|t| t.items()).unwrap_or_default();
    let Some(resource) = expansion.deployed(pool).filter(|r| r.kind == "AWS::Cognito::UserPool") else { return };
    let old = resource.property("LambdaConfig").copied();
    let mut config = old.map_or_else(|| make.map(&[]), |e| e.value);
    let arn: Value<'a> = event.arn.with_origin(make.origin);
    for trigger in triggers {
        let Some(name) = trigger.as_text() else { continue };
        let at = make.at(trigger.origin);
        let value = match (name, event.get("TriggerLambdaVersion").or_else(|| event.get("LambdaVersion"))) {
            ("CustomSMSSender" | "CustomEmailSender", version) => {
                let version = version.unwrap_or_else(|| at.text("V1_0"));
                at.map(&[("LambdaArn", arn), ("LambdaVersion", version)])
            }
            (_, _) => arn,
        };
        config = with(make, config, at.entry(name, value));
    }
    let key_origin = old.map_or(make.origin, |e| e.key_origin);
    resource.properties = with(make, resource.properties, Entry { key: "LambdaConfig", key_origin, value: config });
}
