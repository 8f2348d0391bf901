//! Integrations that hand what the caller sends to a service of AWS, as the request itself.

use super::{Context, Rule, Sink, public_privileged_function};
use crate::analysis::routes::{Guard, Route, fenced, routes};
use crate::resolve::{Case, Text};
use crate::rulebook::Severity;
use crate::rules::{Hit, Spot};
use crate::template::Value;

/// What is asked by a path and takes its whole request, the action among it, from the body.
const ASKED_IN_BODY: [&str; 2] = ["sns", "sqs"];

/// The keys of an integration, in a method and in a definition.
struct Keys {
    sort: &'static str,
    uri: &'static str,
    credentials: &'static str,
    passthrough: &'static str,
    templates: &'static str,
    parameters: &'static str,
}

const OF_METHOD: Keys = Keys {
    sort: "Type",
    uri: "Uri",
    credentials: "Credentials",
    passthrough: "PassthroughBehavior",
    templates: "RequestTemplates",
    parameters: "RequestParameters",
};

const OF_OPERATION: Keys = Keys {
    sort: "type",
    uri: "uri",
    credentials: "credentials",
    passthrough: "passthroughBehavior",
    templates: "requestTemplates",
    parameters: "requestParameters",
};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for route in routes(&facts) {
        // Who reads sends nothing but the path.
        let name = route.name.as_deref();
        if name.is_some_and(|name| name.starts_with("GET ") || name.starts_with("HEAD ")) {
            continue;
        }
        let (integrations, keys) = match (&route.operation, route.resource.kind) {
            (Some(operation), "AWS::ApiGateway::RestApi") => {
                (cx.resolver.get(operation, "x-amazon-apigateway-integration", &route.under), &OF_OPERATION)
            }
            (None, "AWS::ApiGateway::Method") => {
                (cx.resolver.at(&route.resource.properties, &["Integration"], &route.under), &OF_METHOD)
            }
            _ => continue,
        };
        for integration in integrations {
            judge(cx, route, &integration, keys, out);
        }
    }
}

fn judge<'a>(cx: &Context<'_, 'a>, route: &Route<'a>, integration: &Case<'a>, keys: &Keys, out: &mut Sink<'a>) {
    // What SAM writes starts one state machine, and its author cannot write it otherwise.
    let Some(value) = integration.present().filter(|value| value.origin.is_written()) else { return };
    let aws = cx.resolver.get(&value, keys.sort, &integration.under);
    if !aws.iter().any(|sort| sort.text().is_some_and(|sort| sort.eq_ignore_ascii_case("AWS"))) {
        return;
    }
    for address in cx.resolver.get(&value, keys.uri, &integration.under) {
        let Some(service) = address.present().and_then(|uri| asked(&uri)) else { continue };
        for passes in cx.resolver.get(&value, keys.passthrough, &address.under) {
            if in_query(cx, &value, &passes, keys) {
                continue;
            }
            if lets_through(cx, &value, &passes, keys) {
                tell(cx, route, &value, (&address, &passes), &service, keys, out);
            } else if let Some(template) = handing_on(cx, &value, &passes, keys) {
                tell(cx, route, &value, (&address, &template), &service, keys, out);
            }
        }
    }
}

fn tell<'a>(
    cx: &Context<'_, 'a>,
    route: &Route<'a>,
    integration: &Value<'a>,
    (address, passes): (&Case<'a>, &Case<'a>),
    service: &str,
    keys: &Keys,
    out: &mut Sink<'a>,
) {
    let facts = cx.facts();
    let open = route.guard == Guard::Open && !route.api.is_some_and(|api| fenced(&facts, &api));
    let who = if open { "anyone" } else { "the caller" };
    let what = route.name.as_deref().map_or_else(|| "this method".to_owned(), |name| format!("`{name}`"));
    let roles = cx.resolver.get(integration, keys.credentials, &passes.under);
    // With the caller's own credentials nobody gets what they have not got.
    if roles.iter().any(|role| role.present().is_some_and(|role| Text::of(&role).contains(":user/").yes())) {
        return;
    }
    let role = roles.iter().find_map(|role| Some((facts.role_of(&role.present()?)?, &role.under)));
    let strong = role.and_then(|(role, under)| public_privileged_function::strength_of(cx, role, under));
    let severity = match (open, strong) {
        (true, Some(strong)) => strong,
        (true, None) | (false, Some(_)) => Severity::High,
        (false, None) => Severity::Medium,
    };
    let mut hit = Hit::new(Spot::of(address))
        .of(&route.resource)
        .under(&passes.under)
        .severity(severity)
        .message(format!("{who} may write the request to {service} that {what} makes"));
    if passes.present().is_some() {
        hit = hit.related(passes.place, "hands the body on as it is");
    }
    if let Some(role) = role.and_then(|(role, _)| cx.template.resources.get(role)).filter(|_| strong.is_some()) {
        hit = hit.related(role.key, "as this role, which may do a lot");
    }
    out.report(hit);
}

/// The service that takes its request from the body: `dynamodb` of `arn:aws:apigateway:eu-central-1:dynamodb:action/PutItem`.
fn asked(uri: &Value<'_>) -> Option<String> {
    let uri = Text::of(uri).pattern();
    let (_, behind) = uri.split_once(":apigateway:")?;
    let (_, behind) = behind.split_once(':')?;
    let (service, call) = behind.split_once(':')?;
    let service = service.rsplit('.').next().filter(|name| !name.contains('*'))?;
    let in_body = match call.split_once('/')?.0 {
        "action" => !matches!(service, "lambda" | "s3"),
        "path" => ASKED_IN_BODY.contains(&service),
        _ => false,
    };
    in_body.then(|| service.to_owned())
}

/// Whether a body for whose type there is no template goes on as it is.
fn lets_through<'a>(cx: &Context<'_, 'a>, integration: &Value<'a>, passes: &Case<'a>, keys: &Keys) -> bool {
    let Some(says) = passes.text() else { return passes.is_nothing() };
    if says.eq_ignore_ascii_case("WHEN_NO_MATCH") {
        return true;
    }
    let templates = cx.resolver.get(integration, keys.templates, &passes.under);
    says.eq_ignore_ascii_case("WHEN_NO_TEMPLATES") && !templates.is_empty() && templates.iter().all(has_none)
}

/// Whether there is no template: an empty map has none either.
fn has_none(templates: &Case<'_>) -> bool {
    templates.is_nothing()
        || templates.present().is_some_and(|map| map.as_map().is_some_and(|map| map.entries.is_empty()))
}

/// A template that makes of the body what it was.
fn handing_on<'a>(cx: &Context<'_, 'a>, integration: &Value<'a>, passes: &Case<'a>, keys: &Keys) -> Option<Case<'a>> {
    let whole = |text: String| WHOLE.contains(&text.trim());
    cx.resolver.get(integration, keys.templates, &passes.under).into_iter().find_map(|templates| {
        let map = templates.present()?.as_map()?;
        let cases = map.entries.iter().flat_map(|entry| cx.resolver.cases(&entry.value, &templates.under));
        cases.into_iter().find(|template| template.text().is_some_and(whole))
    })
}

/// Templates that say nothing but what came in.
const WHOLE: [&str; 4] = ["$input.body", "${input.body}", "$input.json('$')", "$input.json(\"$\")"];

/// Whether the request stands in the query, or it cannot be seen: what the body adds to that is not ours to say.
fn in_query<'a>(cx: &Context<'_, 'a>, integration: &Value<'a>, passes: &Case<'a>, keys: &Keys) -> bool {
    cx.resolver.get(integration, keys.parameters, &passes.under).iter().any(|parameters| match parameters.present() {
        Some(map) => map.entries().iter().any(|entry| entry.key.starts_with("integration.request.querystring.")),
        None => !parameters.is_nothing(),
    })
}
