//! The ways from outside into functions that ask nobody who he is.

use std::collections::{BTreeMap, BTreeSet};

use super::balancers;
use super::functions::Facts;
use super::graph::{function_of, references};
use super::routes::{Guard, Route, fenced, routes};
use crate::resolve::{Case, Text, Truth, Under};
use crate::rulebook::{Narrowing, Who};
use crate::template::{Origin, Resource};

/// A way in.
#[derive(Debug, Clone)]
pub struct Door<'a> {
    /// What says that nobody is asked.
    pub origin: Origin<'a>,
    /// In words: "a function URL without authentication".
    pub how: &'static str,
    /// The resource that opens it.
    pub by: Resource<'a>,
    /// The assumption under which it is there.
    pub under: Under,
}

/// The functions that are reached without authentication, each with the first way in, of those that are always there if one is.
#[must_use]
pub fn doors<'a>(facts: &Facts<'_, '_, 'a>) -> BTreeMap<usize, Door<'a>> {
    let mut found: BTreeMap<usize, Door<'a>> = BTreeMap::new();
    let mut open = |functions: Vec<(usize, Under)>, origin: Origin<'a>, how: &'static str, by: Resource<'a>| {
        for (function, under) in functions {
            if found.get(&function).is_none_or(|known| !known.under.is_always() && under.is_always()) {
                found.insert(function, Door { origin, how, by, under });
            }
        }
    };
    for url in of(facts, "AWS::Lambda::Url") {
        for (origin, under) in are(facts, url, "AuthType", "NONE") {
            let functions = functions(facts, url, &["TargetFunctionArn"], &under);
            open(functions, origin, "a function URL without authentication", *url);
        }
    }
    for permission in of(facts, "AWS::Lambda::Permission") {
        let unfenced = |under: Under, fence: &&str| {
            let cases = facts.resolver.at(&permission.properties, &[fence], &under);
            cases.into_iter().filter(Case::is_nothing).map(|case| case.under).collect::<Vec<_>>()
        };
        for (origin, under) in are(facts, permission, "Principal", "*") {
            let left = FENCES
                .iter()
                .fold(vec![under], |open, fence| open.into_iter().flat_map(|under| unfenced(under, fence)).collect());
            for under in left {
                let named = functions(facts, permission, &["FunctionName"], &under);
                open(named, origin, "a permission for everyone", *permission);
            }
        }
    }
    for statement in facts.statements {
        let Some(policy) = facts.at(statement.owner).filter(|r| r.kind == "AWS::Lambda::ResourcePolicy") else {
            continue;
        };
        let asked = statement.asked(facts.resolver);
        let invokes = ["lambda:InvokeFunction".to_owned()];
        if asked.narrowed(Narrowing::Any) != Truth::No || !asked.allows(&invokes).iter().any(|a| a.truth.yes()) {
            continue;
        }
        for anyone in asked.principal(Who::Anyone, &[]).into_iter().filter(|a| a.truth.yes()) {
            let named = functions(facts, policy, &["ResourceArn"], &anyone.under);
            open(named, anyone.place.unwrap_or(statement.origin), "a policy for everyone", *policy);
        }
    }
    for endpoint in of(facts, "AWS::Lambda::WebFunctionEndpoint") {
        for (origin, under) in are(facts, endpoint, "AuthType", "ApplicationManaged") {
            open(revisions(facts, endpoint, &under), origin, "an endpoint that asks nobody", *endpoint);
        }
    }
    for forward in balancers::forwards(facts) {
        open(vec![forward.function], forward.place, "a load balancer on the internet", forward.by);
    }
    for route in routes(facts).iter().filter(|route| route.guard == Guard::Open) {
        if route.api.is_some_and(|api| fenced(facts, &api)) {
            continue;
        }
        let how = match (route.resource.kind, route.operation) {
            ("AWS::ApiGatewayV2::Route", _) => "an API route without authentication",
            _ => "an API method without authentication",
        };
        open(behind(facts, route), route.place, how, route.resource);
    }
    found
}

/// What keeps a permission for everyone from being one.
const FENCES: [&str; 4] = ["SourceAccount", "SourceArn", "PrincipalOrgID", "FunctionUrlAuthType"];

/// The revisions of a web function that an endpoint serves: those that it names, or all of the function's when it names none.
fn revisions<'a>(facts: &Facts<'_, '_, 'a>, endpoint: &Resource<'a>, under: &Under) -> Vec<(usize, Under)> {
    let named = |resource: &Resource<'a>, property: &str| {
        let mut ids = BTreeSet::new();
        if let Some(entry) = resource.property(property) {
            references(&entry.value, &mut ids);
        }
        ids.retain(|id| facts.graph.position(id).is_some());
        ids
    };
    let (weights, function) = (named(endpoint, "RevisionWeights"), named(endpoint, "FunctionName"));
    let revisions = || facts.all_functions().filter(|(_, r)| r.kind == "AWS::Lambda::WebFunctionRevision");
    let chosen = endpoint.property("RevisionWeights").is_some();
    let serves = |revision: &Resource<'a>| {
        if chosen { weights.contains(revision.id) } else { !function.is_disjoint(&named(revision, "FunctionName")) }
    };
    let served = revisions().filter(|(_, revision)| serves(revision));
    served.filter_map(|(at, r)| Some((at, facts.resolver.under_of(r)?.and(under)?))).collect()
}

/// The functions that a route calls.
fn behind<'a>(facts: &Facts<'_, '_, 'a>, route: &Route<'a>) -> Vec<(usize, Under)> {
    match (route.operation, route.resource.kind) {
        (Some(operation), _) => {
            let uris = facts.resolver.at(&operation, &["x-amazon-apigateway-integration", "uri"], &route.under);
            uris.iter().filter_map(|case| function(facts, case)).collect()
        }
        (None, "AWS::ApiGateway::Method") => functions(facts, &route.resource, &["Integration", "Uri"], &route.under),
        (None, "AWS::ApiGatewayV2::Api") => functions(facts, &route.resource, &["Target"], &route.under),
        // Who may connect to a WebSocket API may send whatever it takes.
        (None, _) if route.name.as_deref() == Some("$connect") => {
            let api = route.api.map(|api| api.id);
            let of_api = |other: &&Resource<'a>| {
                let cases = facts.resolver.property(other, &["ApiId"]);
                let target = cases.iter().find_map(|case| facts.resolver.target(&case.present()?));
                api.is_some() && target.map(|target| target.id) == api
            };
            let all = of(facts, "AWS::ApiGatewayV2::Route").filter(of_api);
            all.flat_map(|other| integrated(facts, other, &route.under)).collect()
        }
        (None, _) => integrated(facts, &route.resource, &route.under),
    }
}

/// The functions that the integration of a route calls.
fn integrated<'a>(facts: &Facts<'_, '_, 'a>, route: &Resource<'a>, under: &Under) -> Vec<(usize, Under)> {
    let mut all = Vec::new();
    for case in facts.resolver.at(&route.properties, &["Target"], under) {
        let Some(target) = case.present() else { continue };
        let mut ids = BTreeSet::new();
        references(&target, &mut ids);
        let integrations = ids.into_iter().filter_map(|id| facts.resolver.resource(id));
        for integration in integrations.filter(|r| r.kind == "AWS::ApiGatewayV2::Integration") {
            all.extend(functions(facts, integration, &["IntegrationUri"], &case.under));
        }
    }
    all
}

/// The functions that a property of a resource names, in every case.
fn functions<'a>(
    facts: &Facts<'_, '_, 'a>,
    resource: &Resource<'a>,
    path: &[&str],
    under: &Under,
) -> Vec<(usize, Under)> {
    let cases = facts.resolver.at(&resource.properties, path, under);
    cases.iter().filter_map(|case| function(facts, case)).collect()
}

fn function<'a>(facts: &Facts<'_, '_, 'a>, case: &Case<'a>) -> Option<(usize, Under)> {
    let function = function_of(facts.template, facts.resolver, facts.graph, &case.present()?)?;
    Some((function, case.under.clone()))
}

/// Where a property certainly is a text, and when.
fn are<'a>(
    facts: &Facts<'_, '_, 'a>,
    resource: &Resource<'a>,
    property: &str,
    wanted: &str,
) -> Vec<(Origin<'a>, Under)> {
    let cases = facts.resolver.property(resource, &[property]).into_iter();
    let is = |case: Case<'a>| (Text::of(&case.present()?).is(wanted) == Truth::Yes).then_some((case.place, case.under));
    cases.filter_map(is).collect()
}

/// The resources of a type, those declared in the user's own language included.
fn of<'t, 'a>(facts: &Facts<'_, 't, 'a>, kind: &'static str) -> impl Iterator<Item = &'t Resource<'a>> + use<'t, 'a> {
    let all = facts.template.resources.iter().chain(&facts.template.declared);
    all.filter(move |r| r.kind == kind)
}
