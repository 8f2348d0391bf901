//! Functions that anyone reaches and that may do nearly anything: the whole way of an attack.

use std::collections::BTreeMap;

use super::{Context, Rule, Sink};
use crate::analysis::graph::{RoleOf, function_of, references};
use crate::analysis::iam::power::Power;
use crate::analysis::policy::Statement;
use crate::resolve::{Known, Text, Truth};
use crate::rulebook::{Narrowing, Sort, Width};
use crate::rules::{Hit, Spot};
use crate::template::{Origin, Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (at, (origin, door, entry)) in doors(cx) {
        let Some(function) = cx.template.resources.get(at) else { continue };
        for (role, under, _) in cx.roles_of(function, "Role") {
            let RoleOf::Here(role) = role else { continue };
            let Some(carrier) = cx.template.resources.get(role).filter(|r| r.kind == "AWS::IAM::Role") else { continue };
            let statements = cx.statements_of(role);
            let power = super::iam_privilege_escalation::power_of(cx, role, carrier, &statements);
            let Some((might, place)) = privilege(cx, &statements, &power, &under) else { continue };
            let message = format!("anyone reaches `{}` through {door}, and its role {might}", function.written_id);
            let hit = Hit::new(Spot::missing(origin)).of(entry).under(&under).message(message);
            out.report(hit.related(function.key, "this function is reached").related(place, format!("its role {might}")));
            break;
        }
    }
}

type Door<'t, 'a> = (Origin<'a>, &'static str, &'t Resource<'a>);

/// The functions that are reached without authentication, each with the first way in.
fn doors<'t, 'a>(cx: &Context<'t, 'a>) -> BTreeMap<usize, Door<'t, 'a>> {
    let mut found: BTreeMap<usize, Door<'t, 'a>> = BTreeMap::new();
    let target = |value: &Value<'a>| function_of(cx.template, cx.resolver, cx.graph(), value);
    for url in cx.resources("AWS::Lambda::Url") {
        let function = url.property("TargetFunctionArn").and_then(|e| target(&e.value));
        if let (Some(origin), Some(function)) = (is(cx, url, "AuthType", "NONE"), function) {
            found.entry(function).or_insert((origin, "a function URL without authentication", url));
        }
    }
    for permission in cx.resources("AWS::Lambda::Permission") {
        let closed = ["SourceAccount", "SourceArn", "PrincipalOrgID", "FunctionUrlAuthType"].iter().any(|p| permission.property(p).is_some());
        let function = permission.property("FunctionName").and_then(|e| target(&e.value));
        if let (Some(origin), Some(function), false) = (is(cx, permission, "Principal", "*"), function, closed) {
            found.entry(function).or_insert((origin, "a permission for everyone", permission));
        }
    }
    for method in cx.resources("AWS::ApiGateway::Method") {
        let keyed = cx.resolver.property(method, &["ApiKeyRequired"]).iter().any(|c| c.present().is_some_and(|v| v.as_bool() != Some(false)));
        let uri = method.properties.at(&["Integration", "Uri"]).and_then(|v| target(&v));
        let preflight = is(cx, method, "HttpMethod", "OPTIONS").is_some();
        let closed = keyed || preflight || method.property("RestApiId").is_some_and(|e| private(cx, &e.value));
        if let (Some(origin), Some(function), false) = (is(cx, method, "AuthorizationType", "NONE"), uri, closed) {
            found.entry(function).or_insert((origin, "an API method without authentication", method));
        }
    }
    for route in cx.resources("AWS::ApiGatewayV2::Route") {
        let open = match route.property("AuthorizationType") {
            None => Some(route.key),
            Some(_) => is(cx, route, "AuthorizationType", "NONE"),
        };
        let integration = route.property("Target").and_then(|e| {
            let mut ids = std::collections::BTreeSet::new();
            references(&e.value, &mut ids, 0);
            ids.into_iter().find_map(|id| cx.template.resource(id).filter(|r| r.kind == "AWS::ApiGatewayV2::Integration"))
        });
        let function = integration.and_then(|i| i.property("IntegrationUri")).and_then(|e| target(&e.value));
        if let (Some(origin), Some(function)) = (open, function) {
            found.entry(function).or_insert((origin, "an API route without authentication", route));
        }
    }
    for api in ["AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api", "AWS::Serverless::Api"].iter().flat_map(|k| cx.resources(k)) {
        let closed = api.property("Policy").is_some() || private_api(api);
        for (uri, origin) in open_operations(cx, api).into_iter().filter(|_| !closed) {
            if let Some(function) = target(&uri) {
                found.entry(function).or_insert((origin, "an API method without authentication", api));
            }
        }
    }
    found
}

/// The integrations of an API's own definition that ask for no security.
fn open_operations<'a>(cx: &Context<'_, 'a>, api: &Resource<'a>) -> Vec<(Value<'a>, Origin<'a>)> {
    let mut all = Vec::new();
    let Some(body) = cx.resolver.property(api, &["Body"]).iter().find_map(|c| c.present()) else { return all };
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

fn private(cx: &Context<'_, '_>, id: &Value<'_>) -> bool {
    let mut ids = std::collections::BTreeSet::new();
    references(id, &mut ids, 0);
    ids.into_iter().any(|id| cx.template.resources.iter().any(|r| r.id == id && (r.property("Policy").is_some() || private_api(r))))
}

fn private_api(api: &Resource<'_>) -> bool {
    let types = api.properties.at(&["EndpointConfiguration", "Types"]);
    let types = types.or_else(|| api.properties.at(&["EndpointConfiguration"]));
    types.is_some_and(|t| t.items().iter().any(|i| Text::of(i).known().is_some_and(|t| t == "PRIVATE")))
}

/// The place of a property that certainly is a text.
fn is<'a>(cx: &Context<'_, 'a>, resource: &Resource<'a>, property: &str, wanted: &str) -> Option<Origin<'a>> {
    let cases = cx.resolver.property(resource, &[property]);
    cases.iter().find_map(|case| match case.value {
        Known::Present(value) => (Text::of(&value).is(wanted) == Truth::Yes).then_some(case.place),
        Known::Absent | Known::Unknown(_) => None,
    })
}

/// What makes a role strong, in words, and where it says so.
fn privilege<'a>(
    cx: &Context<'_, 'a>,
    statements: &[&Statement<'a>],
    power: &Power<'a>,
    under: &crate::resolve::Under,
) -> Option<(String, Origin<'a>)> {
    for statement in statements {
        let asked = statement.asked(cx.resolver);
        let whole = asked.any_resource().iter().any(|a| a.truth.yes());
        let certain = |all: Vec<crate::analysis::policy::Answer<'a>>| all.iter().any(|a| a.truth.yes());
        if !whole || !asked.effect("Allow").yes() || asked.narrowed(Narrowing::Anything) != Truth::No {
            continue;
        }
        if certain(asked.wildcard_action(Width::Everything)) {
            return Some(("may do everything".to_owned(), statement.origin));
        }
        if certain(asked.wildcard_action(Width::Service)) {
            return Some(("may do all of a service on every resource".to_owned(), statement.origin));
        }
        if certain(asked.allows_a(Sort::Data)) {
            return Some(("may read all data of a sort".to_owned(), statement.origin));
        }
    }
    let ways = power.ways(under);
    let (way, all) = ways.first()?;
    let source = all.iter().find_map(|a| a.source)?;
    Some((format!("can {}", way.how), source.statement))
}
