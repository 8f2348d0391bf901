//! Authorizers whose remembered yes for one route is the yes for others.

use std::sync::LazyLock;

use crate::analysis::routes::{Route, routes};
use crate::resolve::{Case, Text, Truth, Under};
use crate::rulebook::{EditSpec, Expression, Literal, Path};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for authorizer in cx.resources("AWS::ApiGatewayV2::Authorizer") {
        let Some(under) = cx.under(authorizer) else { continue };
        let keys = ["EnableSimpleResponses", "IdentitySource", "AuthorizerResultTtlInSeconds"];
        let asked = || {
            let of_this = |route: &&Route<'a>| {
                let named = route.resource.property("AuthorizerId").and_then(|entry| cx.resolver.target(&entry.value));
                named.is_some_and(|named| named.id == authorizer.id)
            };
            routes(&cx.facts()).iter().filter(of_this).collect()
        };
        for kept in remembered(cx, &authorizer.properties, keys, &under) {
            if has_others(cx, authorizer, asked) {
                let zero = EditSpec::Set(Path::property(keys[2]), Literal::Number("0".to_owned()));
                out.report(hit(authorizer, &kept).fix("ask the authorizer every time", true, vec![zero]));
            }
        }
    }
    for api in cx.resources("AWS::ApiGatewayV2::Api") {
        for body in cx.resolver.property(api, &["Body"]) {
            let Some(definition) = body.present() else { continue };
            let schemes =
                definition.at(&["components", "securitySchemes"]).map(|schemes| schemes.entries()).unwrap_or_default();
            for scheme in schemes {
                let Some(authorizer) = scheme.value.get("x-amazon-apigateway-authorizer") else { continue };
                let keys = ["enableSimpleResponses", "identitySource", "authorizerResultTtlInSeconds"];
                let asked = || {
                    let of_this =
                        |route: &&Route<'a>| route.resource.id == api.id && demands(route, &definition, scheme.key);
                    routes(&cx.facts()).iter().filter(of_this).collect()
                };
                for kept in remembered(cx, &authorizer.value, keys, &body.under) {
                    if has_others(cx, api, asked) {
                        out.report(hit(api, &kept));
                    }
                }
            }
        }
    }
}

fn hit<'a>(resource: &Resource<'a>, kept: &Case<'a>) -> Hit<'a> {
    let spot = Spot::of(kept);
    Hit::new(spot).of(resource).under(&kept.under)
}

/// How long an authorizer's simple yes is remembered, where it is and without the route.
fn remembered<'a>(cx: &Context<'_, 'a>, authorizer: &Value<'a>, keys: [&str; 3], under: &Under) -> Vec<Case<'a>> {
    static ROUTE: LazyLock<Expression> = LazyLock::new(|| Expression::new(r"context\.(routeKey|path|httpMethod)"));
    let [simple, source, kept] = keys;
    let mut all = Vec::new();
    for simple in cx.resolver.get(authorizer, simple, under) {
        if !simple.present().is_some_and(|value| Text::of(&value).is("true").yes()) {
            continue;
        }
        for sources in cx.resolver.get(authorizer, source, &simple.under) {
            let items = sources.present().map(|value| cx.resolver.items(&value, &sources.under)).unwrap_or_default();
            let without =
                |item: &Case<'a>| item.present().is_some_and(|value| Text::of(&value).matches(&ROUTE) == Truth::No);
            if !items.is_empty() && items.iter().all(without) {
                let above = |case: &Case<'a>| {
                    case.present().and_then(|value| value.as_number()).is_some_and(|seconds| seconds > 0.0)
                };
                all.extend(cx.resolver.get(authorizer, kept, &sources.under).into_iter().filter(above));
            }
        }
    }
    all
}

/// Whether an authorizer may be asked for more than one route. The template shows all routes of an API only where it shows
/// the API, and a route of several methods or paths is as many.
fn has_others<'a, 'r>(cx: &Context<'_, 'a>, resource: &Resource<'a>, asked: impl FnOnce() -> Vec<&'r Route<'a>>) -> bool
where
    'a: 'r,
{
    let api = resource.property("ApiId").map(|entry| cx.resolver.target(&entry.value));
    let here = api.is_none_or(|api| api.is_some());
    if cx.incomplete() || !here {
        return true;
    }
    let several = |name: &str| name.starts_with("ANY ") || name == "$default" || name.contains("+}");
    match asked().as_slice() {
        [only] => only.name.as_deref().is_none_or(several),
        [] | [_, ..] => true,
    }
}

/// Whether an operation, or the definition for all of them, asks a security scheme.
fn demands(route: &Route<'_>, definition: &Value<'_>, scheme: &str) -> bool {
    let own = route.operation.and_then(|operation| operation.get("security")).map(|entry| entry.value);
    let list = own.or_else(|| definition.get("security").map(|entry| entry.value));
    // What is chosen by a condition may be that.
    list.is_none_or(|list| {
        list.as_list().is_none_or(|all| all.iter().any(|item| item.as_map().is_none() || item.get(scheme).is_some()))
    })
}
