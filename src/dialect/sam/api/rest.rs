//! `AWS::Serverless::Api`: the REST API, its deployment and its stage.

use super::super::expansion::Expansion;
use super::super::make::Make;
use super::super::read::{self, field, truthy};
use super::super::references::Renamed;
use super::definition::Definition;
use super::routes::{Route, pattern};
use super::security::{self, IAM};
use super::tree::Part;
use super::{Api, authorizers, cors, domain, policy, usage, validators};
use crate::template::{Entry, Value};

/// What an event adds to a REST API: the route, and who may call it.
pub(super) fn route<'a>(x: &Expansion<'a>, api: &mut Api<'a>, route: &Route<'a>, fields: &[Entry<'a>]) {
    let make = x.cause(&route.event.owner, "this route", route.place());
    let auth = route.field("Auth").map(|a| read::parameters(x, a));
    // What starts a state machine SAM never adds to a definition that the user wrote.
    let merges = api.flag("MergeDefinitions") && route.event.owner.kind != "AWS::Serverless::StateMachine";
    let overrides = auth.is_some_and(|a| field(a, "OverrideApiAuth").is_some_and(truthy));
    let Some(definition) = &mut api.definition else { return };
    if api.managed || merges {
        if definition.calls(route.path, route.method) && !merges {
            return;
        }
        let guard = route.event.owner.condition.map(|(name, _)| name);
        definition.add_route(route.path, route.method, make.origin, fields, guard);
    } else if !overrides {
        return;
    }
    let place = (route.path, route.method);
    if let Some(model) = route.field("RequestModel") {
        validators::of_method(make, definition, place, model);
    }
    let Some(auth) = auth else { return };
    let make = make.because(auth.origin);
    let known = api.auth.and_then(|a| field(a, "Authorizers"));
    if let Some(written) = field(auth, "Authorizer") {
        let make = make.because(written.origin);
        let name = written.as_text();
        let own = field(auth, "AuthorizationScopes");
        let declared = name.and_then(|n| field(known?, n));
        let scopes = own.filter(|_| declared.is_some()).or_else(|| field(declared?, "AuthorizationScopes"));
        security::of_method(make, definition, place, name, scopes);
        if name == Some(IAM) {
            security::iam_scheme(make, definition);
        }
    }
    if let Some(needed) = field(auth, "ApiKeyRequired") {
        security::key_of_method(make.because(needed.origin), definition, place, truthy(needed));
    }
    // Unlike the rest, and unlike the API's own, it keeps its parameters.
    if let Some(rules) = route.field("Auth").and_then(|auth| field(auth, "ResourcePolicy")) {
        let make = make.because(rules.origin);
        let stage = match api.stage {
            Some(stage) if stage.as_text().is_some() => stage,
            Some(_) | None => make.text("Stage"),
        };
        policy::of_path(make, definition, rules, route.path, stage);
        policy::custom(make, definition, rules);
    }
}

/// The credentials with which API Gateway calls a function for a caller that IAM let in.
pub(super) fn credentials<'a>(make: Make<'a>, api: &Api<'a>, event: Option<Value<'a>>) -> Option<Value<'a>> {
    let event = event.filter(|e| e.as_map().is_some_and(|m| !m.entries.is_empty()));
    let asked = |auth: Option<Value<'a>>, key: &str| auth.and_then(|a| field(a, key)).and_then(|v| v.as_text());
    let own = asked(event, "Authorizer") == Some(IAM);
    if !own && (event.is_some() || asked(api.auth, "DefaultAuthorizer") != Some(IAM)) {
        return None;
    }
    let role = [event, api.auth].into_iter().flatten().find_map(|auth| auth.get("InvokeRole")).map(|e| e.value);
    match role {
        Some(role) if role.is_null() || role.as_text() == Some("NONE") => None,
        Some(role) if role.as_text() != Some("CALLER_CREDENTIALS") => Some(role),
        Some(_) | None => Some(make.sub_with("arn:${AWS::Partition}:iam::*:user/*", &[])),
    }
}

/// The ARN of an event's route, as the permission of its function names it.
pub(super) fn source_arn<'a>(make: Make<'a>, route: &Route<'a>) -> Value<'a> {
    let rest = format!("{}{}", route.verb(), pattern(route.path, route.protocol));
    let arn = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/${__Stage__}";
    make.sub_with(&format!("{arn}/{rest}"), &[("__ApiId__", route.api_id), ("__Stage__", make.text("*"))])
}

/// Makes the API and everything that belongs to it.
pub(super) fn expand<'a>(x: &mut Expansion<'a>, api: &mut Api<'a>) {
    let of = api.resource;
    let make = x.cause(&of, "this API", of.key);
    let body = finish(make, api);
    let endpoint = api.field("EndpointConfiguration").filter(|e| truthy(*e)).map(|e| endpoint(make, e));
    let location = api.field("DefinitionUri").filter(|_| body.is_none());
    let properties = make.some(&[
        ("Body", body),
        ("BodyS3Location", location),
        ("Name", api.field("Name")),
        ("Description", api.field("Description")),
        ("BinaryMediaTypes", api.field("BinaryMediaTypes").map(|t| read::parameters(x, t))),
        ("MinimumCompressionSize", api.field("MinimumCompressionSize")),
        ("EndpointConfiguration", endpoint.map(|(configuration, _)| configuration)),
        (
            "Parameters",
            endpoint.map(|(_, kind)| make.because(kind.origin).map(&[("endpointConfigurationTypes", kind)])),
        ),
        ("FailOnWarnings", api.field("FailOnWarnings")),
        ("Mode", api.field("Mode")),
        ("ApiKeySourceType", api.field("ApiKeySourceType")),
        ("Policy", api.field("Policy")),
        ("SecurityPolicy", api.field("SecurityPolicy")),
        ("EndpointAccessMode", api.field("EndpointAccessMode")),
        (
            "Tags",
            api.field("Tags")
                .filter(|_| api.flag("PropagateTags"))
                .map(|t| make.because(t.origin).pairs(Some(t), None)),
        ),
    ]);
    api.main(x, "AWS::ApiGateway::RestApi", properties);
    let deployment = make.keep(&format!("{}Deployment", of.id));
    // Unless the version of OpenAPI is set, SAM's deployment makes a second stage, named `Stage`.
    let extra = (!api.flag("OpenApiVersion")).then(|| make.text("Stage"));
    let id = make.reference(of.id);
    let properties = make.some(&[("RestApiId", Some(id)), ("StageName", extra)]);
    api.make(x, deployment, "AWS::ApiGateway::Deployment", properties);
    let stage = stage(x, make, api, deployment);
    x.renamed.push(Renamed { from: x.id(&[of.id, ".Stage"]), to: stage });
    x.renamed.push(Renamed { from: x.id(&[of.id, ".Deployment"]), to: deployment });
    authorizers::permissions(x, make, api);
    domain::of_rest(x, make, api, stage);
    usage::plan(x, make, api, stage);
}

/// The definition when nothing more comes: browsers first, then who may call.
fn finish<'a>(make: Make<'a>, api: &mut Api<'a>) -> Option<Value<'a>> {
    let Some(mut definition) = api.definition.take() else { return api.field("DefinitionBody") };
    if let Some(cors) = api.field("Cors").filter(|c| truthy(*c)) {
        cors::preflight(make, &mut definition, cors);
    }
    if let Some(auth) = api.auth.filter(|a| truthy(*a)) {
        authorize(make.because(auth.origin), api, &mut definition, auth);
    }
    let root = definition.root();
    if let Some(types) = api.field("BinaryMediaTypes").filter(|t| truthy(*t)) {
        root.set("x-amazon-apigateway-binary-media-types", types);
    }
    if let Some(closed) = api.field("DisableExecuteApiEndpoint") {
        let make = make.because(closed.origin);
        let setting = make.map(&[("disableExecuteApiEndpoint", closed)]);
        if definition.is_version_3() {
            let server = make.map(&[("x-amazon-apigateway-endpoint-configuration", setting)]);
            definition.root().set("servers", make.list(&[server]));
        } else {
            definition.root().set("x-amazon-apigateway-endpoint-configuration", setting);
        }
    }
    if let Some(answers) = api.field("GatewayResponses").and_then(|a| a.as_map()) {
        for all in definition.root().make("x-amazon-apigateway-gateway-responses", make.origin).maps_mut() {
            for answer in answers.entries {
                all.put(answer.key, answer.key_origin, Part::Leaf(gateway_response(make, answer.value)));
            }
        }
    }
    if let Some(models) = api.field("Models").and_then(|m| m.as_map()) {
        for all in definition.root().make("definitions", make.origin).maps_mut() {
            for model in models.entries {
                all.put(make.keep(&model.key.to_lowercase()), model.key_origin, Part::Leaf(model.value));
            }
        }
    }
    if definition.is_version_3() {
        for (from, to) in [("securityDefinitions", "securitySchemes"), ("definitions", "schemas")] {
            let Some(moved) = definition.root().take(from) else { continue };
            for components in definition.root().make("components", make.origin).maps_mut() {
                components.put(to, make.origin, moved.clone());
            }
        }
    }
    Some(definition.close())
}

/// An answer that API Gateway gives by itself, as a definition writes it.
fn gateway_response<'a>(make: Make<'a>, written: Value<'a>) -> Value<'a> {
    let make = make.because(written.origin);
    let given = field(written, "ResponseParameters");
    let mut parameters = Vec::new();
    for (key, word) in [("Headers", "header"), ("Paths", "path"), ("QueryStrings", "querystring")] {
        let entries = given.and_then(|p| field(p, key)).map(|p| p.entries()).unwrap_or_default();
        parameters.extend(
            entries.iter().map(|e| Entry { key: make.keep(&format!("gatewayresponse.{word}.{}", e.key)), ..*e }),
        );
    }
    make.some(&[
        ("responseParameters", Some(make.entries(&parameters))),
        ("responseTemplates", field(written, "ResponseTemplates").or_else(|| Some(make.map(&[])))),
        ("statusCode", field(written, "StatusCode")),
    ])
}

fn authorize<'a>(make: Make<'a>, api: &Api<'a>, definition: &mut Definition<'a>, auth: Value<'a>) {
    let entries = field(auth, "Authorizers").map(|a| a.entries()).unwrap_or_default();
    let known: Vec<_> = entries.iter().map(|e| (e.key, field(e.value, "AuthorizationScopes"))).collect();
    for entry in entries {
        security::scheme(entry.key_origin, definition, entry.key, authorizers::of_rest(make, entry.value));
    }
    // Without any authorizer SAM passes over the default in silence, unless it is the one that needs no definition.
    let counts = |name: &str| name == IAM || !(name.is_empty() || entries.is_empty());
    let default = field(auth, "DefaultAuthorizer").filter(|d| d.as_text().is_some_and(counts));
    if let Some(default) = default
        && let Some(name) = default.as_text()
    {
        let make = make.because(default.origin);
        if name == IAM {
            security::iam_scheme(make, definition);
        }
        let preflight = field(auth, "AddDefaultAuthorizerToCorsPreflight").is_none_or(truthy);
        security::default_of_rest(make, definition, name, &known, preflight);
    }
    if let Some(needed) = field(auth, "ApiKeyRequired").filter(|v| truthy(*v)) {
        let preflight = field(auth, "AddApiKeyRequiredToCorsPreflight").is_none_or(truthy);
        security::default_key(make.because(needed.origin), definition, preflight);
    }
    if let Some(rules) = field(auth, "ResourcePolicy").filter(|r| r.as_map().is_some()) {
        let make = make.because(rules.origin);
        let stage = api.stage.unwrap_or_else(|| make.text("Stage"));
        policy::of_all(make, definition, rules, stage);
        policy::custom(make, definition, rules);
    }
}

fn endpoint<'a>(make: Make<'a>, written: Value<'a>) -> (Value<'a>, Value<'a>) {
    let make = make.because(written.origin);
    let Some(kind) = field(written, "Type") else { return (make.map(&[("Types", make.list(&[written]))]), written) };
    let endpoints = field(written, "VPCEndpointIds").or_else(|| field(written, "VpcEndpointIds"));
    let configuration = make.some(&[
        ("Types", Some(make.because(kind.origin).list(&[kind]))),
        ("VpcEndpointIds", endpoints),
        ("IpAddressType", field(written, "IpAddressType")),
    ]);
    (configuration, kind)
}

fn stage<'a>(x: &mut Expansion<'a>, make: Make<'a>, api: &Api<'a>, deployment: &'a str) -> &'a str {
    let id = api.resource.id;
    let id = match api.stage.and_then(|s| s.as_text()) {
        Some(name) if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric()) => format!("{id}{name}Stage"),
        Some(name) if !name.is_empty() => read::hashed(&format!("{id}Stage"), name),
        Some(_) | None => format!("{id}Stage"),
    };
    let id = make.keep(&id);
    let tags = api.field("Tags").map(|t| make.because(t.origin).pairs(Some(t), None));
    let properties = make.some(&[
        ("DeploymentId", Some(make.reference(deployment))),
        ("RestApiId", Some(make.reference(api.resource.id))),
        ("StageName", api.stage),
        ("CacheClusterEnabled", api.field("CacheClusterEnabled")),
        ("CacheClusterSize", api.field("CacheClusterSize")),
        ("Variables", api.field("Variables")),
        ("MethodSettings", api.field("MethodSettings")),
        ("AccessLogSetting", api.field("AccessLogSetting")),
        ("CanarySetting", api.field("CanarySetting")),
        ("TracingEnabled", api.field("TracingEnabled")),
        ("Tags", tags),
    ]);
    api.make(x, id, "AWS::ApiGateway::Stage", properties);
    id
}
