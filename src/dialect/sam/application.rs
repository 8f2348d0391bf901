//! `AWS::Serverless::Application`: another template, as a nested stack.

use super::expansion::Expansion;
use super::read::field;
use crate::template::{Kind, Resource};

/// Expands an application; a location on disk stays where the nested stack's template is looked for.
pub(super) fn expand<'a>(x: &mut Expansion<'a>, application: &Resource<'a>) {
    let make = x.cause(application, "this nested stack", application.key);
    let given = |key: &str| field(application.properties, key);
    let location = given("Location");
    let template = location.map(|l| match l.kind {
        Kind::Map(_) => make.build.unknown("an application of the Serverless Application Repository", l.origin),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => l,
    });
    let properties = make.some(&[
        ("TemplateURL", template),
        ("Parameters", given("Parameters")),
        ("NotificationARNs", given("NotificationARNs")),
        ("TimeoutInMinutes", given("TimeoutInMinutes")),
        ("Tags", Some(make.pairs(given("Tags"), Some(("lambda:createdBy", "SAM"))))),
    ]);
    x.become_kind(application, "AWS::CloudFormation::Stack", properties);
}
