//! What a route calls: the function behind an event, and the permission to call it.

use super::super::expansion::Expansion;
use super::super::make::Make;
use super::super::read::{self, field, text};
use super::definition::INTEGRATION;
use super::routes::{Protocol, Route};
use super::{Api, http, rest};
use crate::template::{Entry, Intrinsic, Kind, Value};

/// Adds an event's route to its API.
pub(super) fn add<'a>(x: &mut Expansion<'a>, api: Option<&mut Api<'a>>, route: &Route<'a>) {
    if route.event.owner.kind == "AWS::Serverless::StateMachine" {
        if let Some(api) = api {
            let make = x.cause(&route.event.owner, "this route", route.place());
            let fields = [make.entry(INTEGRATION, execution(x, make, route))];
            rest::route(x, api, route, &fields);
        }
        return;
    }
    let Some(api) = api else { return };
    let make = x.cause(&route.event.owner, "this route", route.place());
    let guard = route.event.owner.condition.map(|(name, _)| name);
    let uri = make.guarded(guard, uri(make, route));
    let responses = make.entry("responses", make.map(&[]));
    match route.protocol {
        Protocol::Rest => {
            let stream = text(route.event.properties, "ResponseTransferMode") == Some("RESPONSE_STREAM");
            let auth = route.field("Auth").map(|a| read::parameters(x, a));
            let integration = make.some(&[
                ("type", Some(make.text("aws_proxy"))),
                ("httpMethod", Some(make.text("POST"))),
                ("uri", Some(uri)),
                ("responseTransferMode", stream.then(|| make.text("STREAM"))),
                ("credentials", rest::credentials(make, api, auth)),
                ("timeoutInMillis", route.field("TimeoutInMillis")),
            ]);
            rest::route(x, api, route, &[make.entry(INTEGRATION, integration), responses]);
        }
        Protocol::Http => {
            let integration = make.some(&[
                ("type", Some(make.text("aws_proxy"))),
                ("httpMethod", Some(make.text("POST"))),
                ("payloadFormatVersion", route.field("PayloadFormatVersion").or_else(|| Some(make.text("2.0")))),
                ("uri", Some(uri)),
                ("timeoutInMillis", route.field("TimeoutInMillis")),
            ]);
            http::route(x, api, route, &[make.entry(INTEGRATION, integration), responses]);
        }
    }
}

/// Permits the API to call the function; all routes are known by now.
pub(super) fn permit<'a>(x: &mut Expansion<'a>, api: Option<&Api<'a>>, route: &Route<'a>) {
    let owner = route.event.owner;
    if owner.kind == "AWS::Serverless::StateMachine" {
        return;
    }
    let make = x.cause(&route.event.owner, "this route", route.place());
    let name = format!("{}{}Permission", owner.id, route.event.id);
    let (id, source) = match route.protocol {
        Protocol::Rest => {
            let stage = match api {
                Some(api) => api.stage.map(|s| s.as_text()),
                None => None,
            };
            // The suffix is the stage's name, although the permission is for all stages.
            let id = match (stage, api) {
                (Some(Some(stage)), _) if !stage.is_empty() && stage.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                    format!("{name}{stage}")
                }
                (Some(Some(stage)), _) => read::hashed(&name, stage),
                (..) => format!("{name}Stage"),
            };
            (id, rest::source_arn(make, route))
        }
        Protocol::Http => {
            let default = route.path == super::routes::DEFAULT;
            if !default && api.is_some_and(|a| a.default_calls(owner.id)) {
                return;
            }
            (name, http::source_arn(make, route))
        }
    };
    let function = match x.alias(owner.id) {
        Some(alias) => make.reference(alias),
        None => make.reference(owner.id),
    };
    let properties = make.map(&[
        ("Action", make.text("lambda:InvokeFunction")),
        ("FunctionName", function),
        ("Principal", make.text("apigateway.amazonaws.com")),
        ("SourceArn", source),
    ]);
    let id = make.keep(&id);
    x.emit(&owner, id, "AWS::Lambda::Permission", "this permission", route.event.origin, properties);
}

/// The address at which API Gateway calls the function.
fn uri<'a>(make: Make<'a>, route: &Route<'a>) -> Value<'a> {
    let stream = text(route.event.properties, "ResponseTransferMode") == Some("RESPONSE_STREAM");
    let (version, call) =
        if stream { ("2021-11-15", "response-streaming-invocations") } else { ("2015-03-31", "invocations") };
    let target = match route.event.target.kind {
        Kind::Intrinsic(Intrinsic::Ref(id)) => format!("${{{id}}}"),
        Kind::Intrinsic(Intrinsic::GetAtt(id, attribute)) => {
            format!("${{{id}.{}}}", attribute.as_text().unwrap_or("Arn"))
        }
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => format!("${{{}.Arn}}", route.event.owner.id),
    };
    make.sub(&format!(
        "arn:${{AWS::Partition}}:apigateway:${{AWS::Region}}:lambda:path/{version}/functions/{target}/{call}"
    ))
}

/// The call that starts a state machine.
fn execution<'a>(x: &Expansion<'a>, make: Make<'a>, route: &Route<'a>) -> Value<'a> {
    let owner = route.event.owner.id;
    let role = x.id(&[owner, route.event.id, "Role"]);
    let guard = route.event.owner.condition.map(|(name, _)| name);
    let uri = make.sub("arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution");
    let answer = |code: &'a str| make.map(&[("statusCode", make.text(code))]);
    make.map(&[
        ("type", make.text("aws")),
        ("httpMethod", make.text("POST")),
        ("uri", make.guarded(guard, uri)),
        ("responses", make.map(&[("200", answer("200")), ("400", answer("400"))])),
        ("credentials", make.att(role, "Arn")),
    ])
}

/// The name of the settings of a route.
pub(super) fn settings<'a>(make: Make<'a>, route: &Route<'a>) -> Option<Entry<'a>> {
    let written = field(route.event.properties, "RouteSettings")?;
    let any = route.method == super::routes::ANY;
    let key = if any && route.path == super::routes::DEFAULT {
        route.path.to_owned()
    } else if any {
        format!("ANY {}", route.path)
    } else {
        format!("{} {}", route.method.to_ascii_uppercase(), route.path)
    };
    let guard = route.event.owner.condition.map(|(name, _)| name);
    Some(Entry { key: make.keep(&key), key_origin: written.origin, value: make.guarded(guard, written) })
}
