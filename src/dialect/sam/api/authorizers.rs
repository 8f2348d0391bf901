//! `Auth.Authorizers`: what decides whether a caller may, and the permission to ask it.

use super::super::expansion::Expansion;
use super::super::make::Make;
use super::super::read::{self, field, truthy};
use super::Api;
use super::routes::Protocol;
use crate::template::{Entry, Value};

/// `Auth` of an HTTP API: parameters are put in, but not into the authorizers, which SAM takes as they are written.
pub(super) fn as_written<'a>(x: &Expansion<'a>, auth: Value<'a>) -> Value<'a> {
    let Some(map) = auth.as_map() else { return read::parameters(x, auth) };
    let settled = |e: &Entry<'a>| if e.key == "Authorizers" { e.value } else { read::parameters(x, e.value) };
    let entries: Vec<_> = map.entries.iter().map(|e| Entry { value: settled(e), ..*e }).collect();
    x.build.entries(entries, auth.origin)
}

/// An authorizer as a security scheme of a REST API.
pub(super) fn of_rest<'a>(make: Make<'a>, written: Value<'a>) -> Value<'a> {
    let make = make.because(written.origin);
    let identity = field(written, "Identity");
    let from = |key: &str| identity.and_then(|i| field(i, key));
    let header = from("Header").unwrap_or_else(|| make.text("Authorization"));
    let scheme = |name: Value<'a>, kind: &'a str, authorizer: Value<'a>| {
        make.map(&[
            ("type", make.text("apiKey")),
            ("name", name),
            ("in", make.text("header")),
            ("x-amazon-apigateway-authtype", make.text(kind)),
            ("x-amazon-apigateway-authorizer", authorizer),
        ])
    };
    let expression = from("ValidationExpression");
    if let Some(pool) = field(written, "UserPoolArn") {
        let pools = if pool.as_list().is_some() { pool } else { make.because(pool.origin).list(&[pool]) };
        let authorizer = make.some(&[
            ("type", Some(make.text("cognito_user_pools"))),
            ("providerARNs", Some(pools)),
            ("identityValidationExpression", expression),
        ]);
        return scheme(header, "cognito_user_pools", authorizer);
    }
    let request = field(written, "FunctionPayloadType").and_then(|v| v.as_text()) == Some("REQUEST");
    let source = || {
        let places = [
            ("Headers", "method.request.header."),
            ("QueryStrings", "method.request.querystring."),
            ("StageVariables", "stageVariables."),
            ("Context", "context."),
        ];
        let sources = identity.map_or_else(Vec::new, |i| sources(i, &places));
        (!sources.is_empty()).then(|| make.made(&sources.join(", ")))
    };
    let authorizer = make.some(&[
        ("type", Some(make.text(if request { "request" } else { "token" }))),
        ("authorizerUri", field(written, "FunctionArn").map(|f| uri(make.because(f.origin), f))),
        ("authorizerResultTtlInSeconds", from("ReauthorizeEvery")),
        ("authorizerCredentials", invoke_role(written)),
        ("identitySource", if request { source() } else { None }),
        ("identityValidationExpression", expression.filter(|_| !request)),
    ]);
    scheme(if request { make.text("Unused") } else { header }, "custom", authorizer)
}

/// An authorizer as a security scheme of an HTTP API.
pub(super) fn of_http<'a>(make: Make<'a>, written: Value<'a>) -> Value<'a> {
    let make = make.because(written.origin);
    if let Some(jwt) = field(written, "JwtConfiguration") {
        let lower = |e: &Entry<'a>| Entry { key: make.keep(&e.key.to_ascii_lowercase()), ..*e };
        let jwt = match jwt.as_map() {
            Some(map) => make.build.entries(map.entries.iter().map(lower), jwt.origin),
            None => jwt,
        };
        let authorizer = make.some(&[
            ("jwtConfiguration", Some(jwt)),
            ("identitySource", field(written, "IdentitySource")),
            ("type", Some(make.text("jwt"))),
        ]);
        return make.map(&[("type", make.text("oauth2")), ("x-amazon-apigateway-authorizer", authorizer)]);
    }
    let identity = field(written, "Identity");
    let places = [
        ("Headers", "$request.header."),
        ("QueryStrings", "$request.querystring."),
        ("StageVariables", "$stageVariables."),
        ("Context", "$context."),
    ];
    let sources = identity.map(|i| {
        let texts: Vec<_> = sources(i, &places).iter().map(|s| make.because(i.origin).made(s)).collect();
        make.because(i.origin).list(&texts)
    });
    let authorizer = make.some(&[
        ("type", Some(make.text("request"))),
        ("authorizerUri", field(written, "FunctionArn").map(|f| uri(make.because(f.origin), f))),
        ("authorizerCredentials", invoke_role(written)),
        ("authorizerResultTtlInSeconds", identity.and_then(|i| field(i, "ReauthorizeEvery"))),
        ("identitySource", sources),
        ("authorizerPayloadFormatVersion", field(written, "AuthorizerPayloadFormatVersion")),
        ("enableSimpleResponses", field(written, "EnableSimpleResponses").filter(|v| v.as_bool() != Some(false))),
    ]);
    make.map(&[
        ("type", make.text("apiKey")),
        ("name", make.text("Unused")),
        ("in", make.text("header")),
        ("x-amazon-apigateway-authorizer", authorizer),
    ])
}

/// The permissions to ask the functions that decide for an API.
pub(super) fn permissions<'a>(x: &mut Expansion<'a>, make: Make<'a>, api: &Api<'a>) {
    let authorizers = api.auth.and_then(|a| field(a, "Authorizers")).map(|a| a.entries()).unwrap_or_default();
    for entry in authorizers {
        let Some(function) = field(entry.value, "FunctionArn") else { continue };
        // For REST APIs SAM gives the permission unless told not to; for HTTP APIs only when asked.
        let given = match api.protocol {
            Protocol::Rest => !field(entry.value, "DisableFunctionDefaultPermissions").is_some_and(truthy),
            Protocol::Http => field(entry.value, "EnableFunctionDefaultPermissions").is_some_and(truthy),
        };
        if given && field(entry.value, "UserPoolArn").is_none() {
            let id = make.keep(&format!("{}{}AuthorizerPermission", api.resource.id, entry.key));
            let properties = permission(make.because(function.origin), function, api.resource.id);
            api.make(x, id, "AWS::Lambda::Permission", properties);
        }
    }
}

/// The permission to ask an authorizer's function.
pub(super) fn permission<'a>(make: Make<'a>, function: Value<'a>, api: &'a str) -> Value<'a> {
    let source = make.sub_with(
        "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/authorizers/*",
        &[("__ApiId__", make.reference(api))],
    );
    make.map(&[
        ("Action", make.text("lambda:InvokeFunction")),
        ("FunctionName", function),
        ("Principal", make.text("apigateway.amazonaws.com")),
        ("SourceArn", source),
    ])
}

/// The address at which API Gateway calls an authorizer's function.
pub(super) fn uri<'a>(make: Make<'a>, function: Value<'a>) -> Value<'a> {
    make.sub_with(
        "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${__FunctionArn__}/invocations",
        &[("__FunctionArn__", function)],
    )
}

fn invoke_role(written: Value<'_>) -> Option<Value<'_>> {
    field(written, "FunctionInvokeRole").filter(|r| r.as_text() != Some("NONE"))
}

fn sources(identity: Value<'_>, places: &[(&str, &str)]) -> Vec<String> {
    let of = |(key, prefix): &(&str, &str)| {
        let names = field(identity, key).map_or_else(Vec::new, |v| v.items());
        names.iter().filter_map(|n| Some(format!("{prefix}{}", n.as_text()?))).collect::<Vec<_>>()
    };
    places.iter().flat_map(of).collect()
}
