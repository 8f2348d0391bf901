//! The ways from outside into functions that ask nobody who he is.

use std::collections::{BTreeMap, BTreeSet};

use super::functions::Facts;
use super::graph::{function_of, references};
use super::routes::fenced;
use crate::resolve::{Known, Text, Truth};
use crate::template::{Origin, Resource, Value};

/// A way in.
#[derive(Debug, Clone, Copy)]
pub struct Door<'a> {
    /// What says that nobody is asked.
    pub origin: Origin<'a>,
    /// In words: "a function URL without authentication".
    pub how: &'static str,
    /// The resource that opens it.
    pub by: Resource<'a>,
}

/// The functions that are reached without authentication, each with the first way in.
#[must_use]
pub fn doors<'a>(facts: &Facts<'_, '_, 'a>) -> BTreeMap<usize, Door<'a>> {
    let mut found: BTreeMap<usize, Door<'a>> = BTreeMap::new();
    let target = |value: &Value<'a>| function_of(facts.template, facts.resolver, facts.graph, value);
    for url in of(facts, "AWS::Lambda::Url") {
        let function = url.property("TargetFunctionArn").and_then(|e| target(&e.value));
        if let (Some(origin), Some(function)) = (is(facts, url, "AuthType", "NONE"), function) {
            found.entry(function).or_insert(Door { origin, how: "a function URL without authentication", by: *url });
        }
    }
    for permission in of(facts, "AWS::Lambda::Permission") {
        let closed = ["SourceAccount", "SourceArn", "PrincipalOrgID", "FunctionUrlAuthType"]
            .iter()
            .any(|p| permission.property(p).is_some());
        let function = permission.property("FunctionName").and_then(|e| target(&e.value));
        if let (Some(origin), Some(function), false) = (is(facts, permission, "Principal", "*"), function, closed) {
            found.entry(function).or_insert(Door { origin, how: "a permission for everyone", by: *permission });
        }
    }
    for method in of(facts, "AWS::ApiGateway::Method") {
        let keyed = facts
            .resolver
            .property(method, &["ApiKeyRequired"])
            .iter()
            .any(|c| c.present().is_some_and(|v| v.as_bool() != Some(false)));
        let uri = method.properties.at(&["Integration", "Uri"]).and_then(|v| target(&v));
        let preflight = is(facts, method, "HttpMethod", "OPTIONS").is_some();
        let closed = keyed || preflight || method.property("RestApiId").is_some_and(|e| private(facts, &e.value));
        if let (Some(origin), Some(function), false) = (is(facts, method, "AuthorizationType", "NONE"), uri, closed) {
            found.entry(function).or_insert(Door { origin, how: "an API method without authentication", by: *method });
        }
    }
    for route in of(facts, "AWS::ApiGatewayV2::Route") {
        let open = match route.property("AuthorizationType") {
            None => Some(route.key),
            Some(_) => is(facts, route, "AuthorizationType", "NONE"),
        };
        let integration = route.property("Target").and_then(|e| {
            let mut ids = BTreeSet::new();
            references(&e.value, &mut ids);
            ids.into_iter()
                .find_map(|id| facts.resolver.resource(id).filter(|r| r.kind == "AWS::ApiGatewayV2::Integration"))
        });
        let function = integration.and_then(|i| i.property("IntegrationUri")).and_then(|e| target(&e.value));
        if let (Some(origin), Some(function)) = (open, function) {
            found.entry(function).or_insert(Door { origin, how: "an API route without authentication", by: *route });
        }
    }
    for api in ["AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::Serverless::Api"]
        .into_iter()
        .flat_map(|k| of(facts, k))
    {
        let closed = fenced(facts.resolver, api);
        for (uri, origin) in open_operations(facts, api).into_iter().filter(|_| !closed) {
            if let Some(function) = target(&uri) {
                found.entry(function).or_insert(Door { origin, how: "an API method without authentication", by: *api });
            }
        }
    }
    found
}

/// The integrations of an API's own definition that ask for no security.
fn open_operations<'a>(facts: &Facts<'_, '_, 'a>, api: &Resource<'a>) -> Vec<(Value<'a>, Origin<'a>)> {
    let mut all = Vec::new();
    let Some(body) = facts.resolver.property(api, &["Body"]).iter().find_map(|c| c.present()) else { return all };
    let secured = |value: &Value<'a>| value.get("security").is_some_and(|e| !matches!(e.value.as_list(), Some([])));
    let paths = body.get("paths").and_then(|e| e.value.as_map()).map_or(&[][..], |m| m.entries);
    for operation in paths.iter().flat_map(|p| p.value.as_map().map_or(&[][..], |m| m.entries)) {
        let own = operation.value.get("security").is_some();
        let safe = if own { secured(&operation.value) } else { secured(&body) };
        if operation.key.eq_ignore_ascii_case("options") || safe {
            continue;
        }
        if let Some(uri) = operation.value.at(&["x-amazon-apigateway-integration", "uri"]) {
            all.push((uri, operation.key_origin));
        }
    }
    all
}

/// Whether an API of the template is out of the public's reach.
fn private(facts: &Facts<'_, '_, '_>, id: &Value<'_>) -> bool {
    let mut ids = BTreeSet::new();
    references(id, &mut ids);
    let mut apis = ids.into_iter().filter_map(|id| facts.graph.position(id));
    apis.any(|at| facts.kept.fenced.answer(at, || facts.at(at).is_some_and(|api| fenced(facts.resolver, api))))
}

/// The place of a property that certainly is a text.
fn is<'a>(facts: &Facts<'_, '_, 'a>, resource: &Resource<'a>, property: &str, wanted: &str) -> Option<Origin<'a>> {
    let cases = facts.resolver.property(resource, &[property]);
    cases.iter().find_map(|case| match case.value {
        Known::Present(value) => (Text::of(&value).is(wanted) == Truth::Yes).then_some(case.place),
        Known::Absent | Known::Unknown(_) => None,
    })
}

/// The resources of a type, those declared in the user's own language included.
fn of<'t, 'a>(facts: &Facts<'_, 't, 'a>, kind: &'static str) -> impl Iterator<Item = &'t Resource<'a>> + use<'t, 'a> {
    let all = facts.template.resources.iter().chain(&facts.template.declared);
    all.filter(move |r| r.kind == kind)
}
