//! A permission for something of this template that does not call the function.

use crate::analysis::functions::Facts;
use crate::analysis::graph::{Named, function_of, named};
use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink};
use crate::template::Resource;

/// What calls functions by naming them in its own properties.
const CALLERS: &[&str] =
    &["AWS::S3::Bucket", "AWS::Events::Rule", "AWS::Logs::LogGroup", "AWS::Cognito::UserPool", "AWS::SNS::Topic"];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    if cx.incomplete() {
        return;
    }
    for permission in cx.resources("AWS::Lambda::Permission") {
        let sources = cx.resolver.property(permission, &["SourceArn"]);
        for (source, under) in sources.iter().filter_map(|case| Some((case.present()?, &case.under))) {
            let bucket = || named(Named::Bucket, cx.template, cx.resolver, cx.graph(), &Text::of(&source));
            let target = cx.resolver.target(&source).or_else(|| cx.template.resources.get(bucket()?));
            let Some(source) = target.filter(|r| CALLERS.contains(&r.kind)) else { continue };
            for function in cx.resolver.at(&permission.properties, &["FunctionName"], under) {
                let called = function.present().and_then(|v| function_of(cx.template, cx.resolver, cx.graph(), &v));
                if let Some(called) = called.filter(|called| !calls(&facts, source, permission, *called)) {
                    let target = facts.at(called).map_or("the function", |f| f.written_id);
                    let message =
                        format!("permission lets `{}` invoke `{target}`, which it does not do", source.written_id);
                    let hit = Hit::resource(permission).under(&function.under).message(message);
                    out.report(hit.related(source.key, "never names the function"));
                }
            }
        }
    }
}

/// Whether something that a permission lets in does call the function, at a position: itself, or what is attached to it, a
/// subscription, a filter, a notification.
fn calls(facts: &Facts<'_, '_, '_>, source: &Resource<'_>, permission: &Resource<'_>, function: usize) -> bool {
    let Some(at) = facts.graph.position(source.id) else { return true };
    let attached = |other: &usize| {
        facts
            .at(*other)
            .is_some_and(|r| r.id != permission.id && r.kind != "AWS::IAM::Role" && r.kind != "AWS::Lambda::Permission")
    };
    facts.graph.reach(at).contains(&function)
        || facts
            .graph
            .referred(at)
            .filter(attached)
            .any(|other| other == function || facts.graph.reach(other).contains(&function))
}
