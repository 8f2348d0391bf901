//! `AWS::Serverless::WebSocketApi`: routes, what they call, and who may connect.

use super::super::expansion::Expansion;
use super::super::make::Make;
use super::super::read::{self, field, text};
use super::super::references::Renamed;
use super::super::tags::passed_on;
use super::{authorizers, domain};
use crate::template::{Entry, Map, Resource, Value};

/// The mark that SAM leaves on what it makes.
const MARK: (&str, &str) = ("websocketapi:createdBy", "SAM");

/// Makes a WebSocket API.
pub(super) fn expand<'a>(x: &mut Expansion<'a>, of: &Resource<'a>) {
    // Of what stands beside the properties SAM keeps only what the API depends on: even a condition is lost.
    let kept: Vec<_> = of.attribute("DependsOn").into_iter().copied().collect();
    let of = &Resource { condition: None, attributes: Map { entries: x.build.arena.alloc_slice_copy(&kept) }, ..*of };
    let make = x.cause(of, "this API", of.key);
    let given = |key: &str| field(of.properties, key);
    let tags = given("Tags").map(|t| t.entries()).unwrap_or_default();
    let mut tags: Vec<_> = tags.iter().filter(|t| t.key != MARK.0).copied().collect();
    tags.push(make.entry(MARK.0, make.text(MARK.1)));
    let properties = make.some(&[
        ("ApiKeySelectionExpression", given("ApiKeySelectionExpression")),
        ("Description", given("Description")),
        ("DisableExecuteApiEndpoint", given("DisableExecuteApiEndpoint")),
        ("DisableSchemaValidation", given("DisableSchemaValidation")),
        ("IpAddressType", given("IpAddressType")),
        ("Name", given("Name").or_else(|| Some(make.text(of.id)))),
        ("ProtocolType", Some(make.text("WEBSOCKET"))),
        ("RouteSelectionExpression", given("RouteSelectionExpression")),
        ("Tags", Some(make.entries(&tags))),
    ]);
    x.become_kind(of, "AWS::ApiGatewayV2::Api", properties);
    let name = given("StageName").unwrap_or_else(|| make.text("default"));
    let auth = given("Auth").map(|a| read::parameters(x, a));
    let routes = given("Routes").map(|r| read::parameters(x, r));
    for entry in routes.map(|r| r.entries()).unwrap_or_default() {
        route(x, make, of, entry, name, auth);
    }
    let stage = match name.as_text() {
        Some("default") => x.id(&[of.id, "DefaultStage"]),
        Some(name) => x.id(&[of.id, name, "Stage"]),
        None => x.id(&[of.id, "Stage"]),
    };
    x.renamed.push(Renamed { from: x.id(&[of.id, ".Stage"]), to: stage });
    domain::of_v2(x, make, of, stage, &MARK, passed_on(of));
    let properties = make.some(&[
        ("ApiId", Some(make.reference(of.id))),
        ("StageName", Some(name)),
        ("StageVariables", given("StageVariables")),
        ("AccessLogSettings", given("AccessLogSettings")),
        ("DefaultRouteSettings", given("DefaultRouteSettings")),
        ("RouteSettings", given("RouteSettings")),
        ("Tags", Some(make.entries(&[passed_on(of), &[make.entry(MARK.0, make.text(MARK.1))]].concat()))),
        ("AutoDeploy", Some(make.bool(true))),
    ]);
    x.emit(of, stage, "AWS::ApiGatewayV2::Stage", "this stage", of.key, properties);
}

fn route<'a>(
    x: &mut Expansion<'a>,
    make: Make<'a>,
    of: &Resource<'a>,
    entry: &Entry<'a>,
    stage: Value<'a>,
    auth: Option<Value<'a>>,
) {
    let make = make.because(entry.key_origin);
    let spec = entry.value;
    let bare = entry.key.strip_prefix('$').unwrap_or(entry.key).to_lowercase();
    let mut letters = bare.chars().filter(|c| c.is_alphanumeric());
    let name: String = letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect());
    let id = |suffix: &str| x.id(&[of.id, &name, suffix]);
    let (route, integration, permission) = (id("Route"), id("Integration"), id("Permission"));
    let connect = entry.key == "$connect";
    let kind = auth.filter(|_| connect).and_then(|a| text(a, "AuthType")).map(str::to_ascii_uppercase);
    let custom = kind.as_deref() == Some("CUSTOM");
    let authorizer = x.id(&[of.id, "ConnectAuthorizer"]);
    let from = |key: &str| field(spec, key);
    let at = auth.and_then(|a| field(a, "AuthType")).map_or(make, |t| make.because(t.origin));
    let properties = make.some(&[
        ("RouteKey", Some(make.text(entry.key))),
        ("ApiId", Some(make.reference(of.id))),
        ("ApiKeyRequired", from("ApiKeyRequired")),
        ("AuthorizationType", kind.map(|k| at.made(&k))),
        ("AuthorizerId", custom.then(|| at.reference(authorizer))),
        ("ModelSelectionExpression", from("ModelSelectionExpression")),
        ("OperationName", from("OperationName")),
        ("RequestModels", from("RequestModels")),
        ("RequestParameters", from("RequestParameters")),
        ("RouteResponseSelectionExpression", from("RouteResponseSelectionExpression")),
        ("Target", Some(make.sub_with("integrations/${Integration}", &[("Integration", make.reference(integration))]))),
    ]);
    x.emit(of, route, "AWS::ApiGatewayV2::Route", "this route", entry.key_origin, properties);
    if let Some(function) = from("FunctionArn") {
        let at = make.because(function.origin);
        let properties = make.some(&[
            ("ApiId", Some(make.reference(of.id))),
            ("IntegrationType", Some(make.text("AWS_PROXY"))),
            ("IntegrationUri", Some(authorizers::uri(at, function))),
            ("TimeoutInMillis", from("IntegrationTimeout")),
        ]);
        x.emit(of, integration, "AWS::ApiGatewayV2::Integration", "this integration", entry.key_origin, properties);
        let source = make.sub_with(
            &format!("arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{{}.ApiId}}/${{__StageName__}}/{}", of.id, entry.key),
            &[("__StageName__", stage)],
        );
        let properties = make.map(&[
            ("Action", make.text("lambda:InvokeFunction")),
            ("FunctionName", function),
            ("Principal", make.text("apigateway.amazonaws.com")),
            ("SourceArn", source),
        ]);
        x.emit(of, permission, "AWS::Lambda::Permission", "this permission", entry.key_origin, properties);
    }
    if let Some(auth) = auth.filter(|_| custom) {
        connect_authorizer(x, make.because(auth.origin), of, authorizer, auth);
    }
}

fn connect_authorizer<'a>(x: &mut Expansion<'a>, make: Make<'a>, of: &Resource<'a>, id: &'a str, auth: Value<'a>) {
    let function = field(auth, "AuthArn");
    let properties = make.some(&[
        ("ApiId", Some(make.reference(of.id))),
        ("AuthorizerCredentialsArn", field(auth, "InvokeRole")),
        ("AuthorizerType", Some(make.text("REQUEST"))),
        ("AuthorizerUri", function.map(|f| authorizers::uri(make.because(f.origin), f))),
        ("IdentitySource", field(auth, "IdentitySource")),
        ("Name", field(auth, "Name").or_else(|| Some(make.text(id)))),
    ]);
    x.emit(of, id, "AWS::ApiGatewayV2::Authorizer", "this authorizer", auth.origin, properties);
    if let Some(function) = function.filter(|_| field(auth, "InvokeRole").is_none()) {
        let id = x.id(&[of.id, "AuthorizerPermission"]);
        let properties = authorizers::permission(make.because(function.origin), function, of.id);
        x.emit(of, id, "AWS::Lambda::Permission", "this permission", function.origin, properties);
    }
}
