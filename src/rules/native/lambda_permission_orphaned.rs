//! A permission for something of this template that does not call the function.

use crate::analysis::graph::function_of;
use crate::rules::{Context, Hit, Rule, Sink};

/// What calls functions by naming them in its own properties.
const CALLERS: &[&str] =
    &["AWS::S3::Bucket", "AWS::Events::Rule", "AWS::Logs::LogGroup", "AWS::Cognito::UserPool", "AWS::SNS::Topic"];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    if cx.incomplete() {
        return;
    }
    for permission in cx.resources("AWS::Lambda::Permission") {
        let (Some(source), Some(name), Some(under)) =
            (permission.property("SourceArn"), permission.property("FunctionName"), cx.under(permission))
        else {
            continue;
        };
        let Some(source) = cx.resolver.target(&source.value).filter(|r| CALLERS.contains(&r.kind)) else { continue };
        let Some(function) = function_of(cx.template, cx.resolver, cx.graph(), &name.value) else { continue };
        let Some(at) = facts.graph.position(source.id) else { continue };
        // The source itself, or what is attached to it: a subscription, a filter, a notification.
        let calls = facts.graph.reach(at).contains(&function)
            || facts
                .graph
                .referred(at)
                .filter(|other| {
                    facts.at(*other).is_some_and(|r| {
                        r.id != permission.id && r.kind != "AWS::IAM::Role" && r.kind != "AWS::Lambda::Permission"
                    })
                })
                .any(|other| other == function || facts.graph.reach(other).contains(&function));
        if !calls {
            let target = facts.at(function).map_or("the function", |f| f.written_id);
            let message = format!("permission lets `{}` invoke `{target}`, which it does not do", source.written_id);
            out.report(
                Hit::resource(permission)
                    .under(&under)
                    .message(message)
                    .related(source.key, "never names the function"),
            );
        }
    }
}
