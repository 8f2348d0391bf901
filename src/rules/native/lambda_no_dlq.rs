//! A function whose failed events go nowhere.

use crate::analysis::functions::Facts;
use crate::analysis::graph::{RoleOf, function_of};
use crate::analysis::identity;
use crate::resolve::{Case, Text, Under};
use crate::rules::{Context, Hit, Rule, Sink};
use crate::template::Resource;

/// Where failed events may go.
pub(super) const CATCHES: &[&[&str]] = &[&["DeadLetterConfig", "TargetArn"]];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (at, function) in facts.functions() {
        let triggers = cx.triggers().get(&at).map_or(&[][..], Vec::as_slice);
        // Whoever calls a function and waits sees its error; so do queues, streams and custom resources.
        let called = || !triggers.is_empty() || is_called(&facts, at);
        let waited_for = triggers.iter().all(|t| !t.asynchronous) && called();
        let custom = facts
            .graph
            .referred(at)
            .filter_map(|other| facts.at(other))
            .any(|other| other.property("ServiceToken").is_some());
        if waited_for || custom || is_answered(cx, at, function) {
            continue;
        }
        if let Some(under) = lost(cx, at, CATCHES) {
            out.report(Hit::resource(function).under(&under));
        }
    }
}

/// Types that name a function to call it and wait for the answer.
const CALLERS: &[&str] = &[
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Integration",
    "AWS::AppSync::DataSource",
    "AWS::AppSync::GraphQLApi",
    "AWS::CloudFront::Distribution",
    "AWS::Cognito::UserPool",
    "AWS::Lambda::Url",
    "AWS::StepFunctions::StateMachine",
];

/// Whether it is called, from outside the template, by who waits: CodeDeploy by its hooks, CloudFront at its edges, and a pool of
/// users that was there before.
fn is_answered<'a>(cx: &Context<'_, 'a>, at: usize, function: &Resource<'a>) -> bool {
    let facts = cx.facts();
    let names = cx.resolver.property(function, &["FunctionName"]);
    let hook = names
        .iter()
        .any(|case| case.present().is_some_and(|name| Text::of(&name).starts_with("CodeDeployHook_").yes()));
    let edge = || {
        let at_edges =
            |role: &RoleOf<'a>| matches!(role, RoleOf::Here(role) if identity::trusts(&facts, *role, "edgelambda"));
        cx.roles_of(function).iter().any(|(role, ..)| at_edges(role))
    };
    let pool = || {
        cx.resources("Custom::CognitoUserPool").any(|pool| {
            let name = pool.property("FunctionName");
            name.and_then(|name| function_of(cx.template, cx.resolver, cx.graph(), &name.value)) == Some(at)
        })
    };
    hook || edge() || pool()
}

/// Types that leave an event with it and go on.
const SENDERS: &[&str] = &[
    "AWS::Events::Rule",
    "AWS::IoT::TopicRule",
    "AWS::Logs::SubscriptionFilter",
    "AWS::Pipes::Pipe",
    "AWS::S3::Bucket",
    "AWS::SES::ReceiptRule",
    "AWS::SNS::Subscription",
    "AWS::Scheduler::Schedule",
];

/// Whether others name a function, or an alias or a version of it, and all of them wait for its answer.
fn is_called(facts: &Facts<'_, '_, '_>, at: usize) -> bool {
    let kind = |other: usize| facts.at(other).map_or("", |resource| resource.kind);
    let published = |other: &usize| matches!(kind(*other), "AWS::Lambda::Alias" | "AWS::Lambda::Version");
    let doors = std::iter::once(at).chain(facts.graph.referred(at).filter(published));
    let users: Vec<&str> = doors.flat_map(|door| facts.graph.referred(door)).map(kind).collect();
    users.iter().any(|kind| CALLERS.contains(kind)) && !users.iter().any(|kind| SENDERS.contains(kind))
}

/// Where failed events go nowhere; `None` when they always go somewhere, and when that cannot be known.
pub(super) fn lost(cx: &Context<'_, '_>, at: usize, places: &[&[&str]]) -> Option<Under> {
    let facts = cx.facts();
    let function = facts.at(at).filter(|_| !cx.incomplete())?;
    let mut under = cx.under(function)?;
    for keys in places {
        let cases = cx.resolver.property(function, keys);
        if !cases.iter().all(Case::is_nothing) {
            // A queue that one has to ask for is none for whoever does not.
            let none = cases.iter().find(|case| case.is_nothing())?;
            under = cx.resolver.both(&under, &none.under)?;
        }
    }
    let caught = cx.resources("AWS::Lambda::EventInvokeConfig").any(|config| {
        let of_this =
            config.property("FunctionName").and_then(|e| function_of(cx.template, cx.resolver, cx.graph(), &e.value));
        let on_failure = cx.resolver.property(config, &["DestinationConfig", "OnFailure", "Destination"]);
        of_this == Some(at) && on_failure.iter().any(|case| !case.is_nothing())
    });
    (!caught).then_some(under)
}
