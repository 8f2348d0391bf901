//! `websocket`: the WebSocket API of the service.

use super::custom_resource;
use super::make::{Make, told};
use super::naming;
use super::read::{self, truthy};
use super::rest::invocation;
use super::service::{Event, Function, Service};
use super::stack::{Draft, Feature, Grant, Stack};
use crate::template::{Intrinsic, Kind, Value};

const API: &str = "WebsocketsApi";
const STAGE: &str = "WebsocketsDeploymentStage";
const DEPLOYMENT: &str = "WebsocketsDeployment";
const LOGS: &str = "WebsocketsLogGroup";
const PRINCIPAL: &str = "apigateway.amazonaws.com";
const LOG_FORMAT: &str = "$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime] \
    \"$context.eventType $context.routeKey $context.connectionId\" $context.requestId";

/// Makes the API and everything in it.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let events: Vec<_> = service.events("websocket").collect();
    if events.is_empty() {
        return;
    }
    let own = service.provider_at(&["apiGateway", "websocketApiId"]).filter(truthy).is_none();
    let cause = service.cause("WebSocket API", &[&["websocketsApiName"], &["websocket"], &["logs", "websocket"]]);
    let make = service.make(cause.origin);
    let description = service.provided("websocketsDescription").unwrap_or_else(|| make.text("Serverless Websockets"));
    if own {
        let name = service.provided("websocketsApiName").unwrap_or_else(|| {
            make.concat(&[
                make.written(format_args!("{}-", service.stage)),
                service.name.with_origin(make.origin),
                make.text("-websockets"),
            ])
        });
        let selection = service.provided("websocketsApiRouteSelectionExpression");
        let tags = service
            .provider_at(&["websocket", "useProviderTags"])
            .filter(truthy)
            .and_then(|_| service.provided("tags"));
        stack.add(
            Draft::new(API, "AWS::ApiGatewayV2::Api", cause)
                .set("Name", name)
                .set("RouteSelectionExpression", selection.unwrap_or_else(|| make.text("$request.body.action")))
                .set("Description", description)
                .set("ProtocolType", make.text("WEBSOCKET"))
                .maybe("Tags", tags),
        );
    }
    for (at, function, event) in &events {
        let here = make.at(event.origin);
        if own {
            let connections = here.partition_arn(&[here.text(":execute-api:*:*:*/@connections/*")]);
            let value = here.allow(&["execute-api:ManageConnections"], here.list(&[connections]));
            stack.grants.push(Grant { function: *at, feature: Feature::WebSocket, value, guard: event.guard });
        }
        route(service, stack, function, event);
    }
    if own {
        stage(service, stack, make, description);
    }
    let mut waits = Vec::new();
    for (_, _, event) in &events {
        let id = route_id(service, event);
        waits.push(make.text(id));
        if read::given(event.value, "routeResponseSelectionExpression").is_some() {
            waits.push(make.text(told(service.build, format_args!("{id}Response"))));
        }
    }
    let cause = service.cause("deployment", &[&["websocket"]]);
    stack.add(
        Draft::new(DEPLOYMENT, "AWS::ApiGatewayV2::Deployment", cause)
            .set("ApiId", api_id(service, make))
            .set("Description", description)
            .maybe("StageName", (!own).then(|| make.text(service.stage)))
            .after(&waits),
    );
    let url = [
        make.text("wss://"),
        api_id(service, make),
        make.text(".execute-api."),
        make.reference("AWS::Region"),
        make.text("."),
        make.reference("AWS::URLSuffix"),
        make.written(format_args!("/{}", service.stage)),
    ];
    stack.output(service, make, "ServiceEndpointWebsocket", make.join("", &url));
}

fn api_id<'a>(service: &Service<'a>, make: Make<'a>) -> Value<'a> {
    service.provider_at(&["apiGateway", "websocketApiId"]).filter(truthy).unwrap_or_else(|| make.reference(API))
}

/// What a permission waits for: the API when it has a place in the stack.
fn api_in_stack<'a>(service: &Service<'a>, make: Make<'a>) -> Option<Value<'a>> {
    match api_id(service, make).as_intrinsic() {
        Some(Intrinsic::Ref(id)) => Some(make.text(id)),
        Some(_) | None => None,
    }
}

fn route_key<'a>(service: &Service<'a>, event: &Event<'a>) -> Value<'a> {
    if event.value.as_map().is_none() {
        return event.value;
    }
    read::get(event.value, "route").unwrap_or_else(|| service.make(event.origin).text(""))
}

fn route_id<'a>(service: &Service<'a>, event: &Event<'a>) -> &'a str {
    let key = read::plain(service.build, route_key(service, event));
    told(service.build, format_args!("{}WebsocketsRoute", naming::websocket_route(key)))
}

fn route<'a>(service: &Service<'a>, stack: &mut Stack<'a>, function: &Function<'a>, event: &Event<'a>) {
    let build = service.build;
    let cause = function.event_cause(build, "integration", event);
    let make = service.make(cause.origin);
    let integration = function.owned(build, "WebsocketsIntegration");
    stack.add(
        Draft::new(integration, "AWS::ApiGatewayV2::Integration", cause)
            .set("ApiId", api_id(service, make))
            .set("IntegrationType", make.text("AWS_PROXY"))
            .set("IntegrationUri", invocation(make, function.target(make)))
            .after_alias(make, function),
    );
    let id = route_id(service, event);
    let answer = read::given(event.value, "routeResponseSelectionExpression");
    let cause = function.event_cause(build, "route", event);
    let mut draft = Draft::new(id, "AWS::ApiGatewayV2::Route", cause)
        .set("ApiId", api_id(service, make))
        .set("RouteKey", route_key(service, event))
        .set("AuthorizationType", make.text("NONE"))
        .set("Target", make.join("/", &[make.text("integrations"), make.reference(integration)]))
        .maybe("RouteResponseSelectionExpression", answer);
    let mut wait: Vec<_> = api_in_stack(service, make).into_iter().collect();
    wait.push(make.text(function.alias.map_or(function.id, |(_, alias)| alias)));
    let permission = function.owned(build, "LambdaPermissionWebsockets");
    let permission_cause = function.event_cause(build, "permission", event);
    stack.add(
        Draft::new(permission, "AWS::Lambda::Permission", permission_cause)
            .set("FunctionName", function.target(make))
            .set("Action", make.text("lambda:InvokeFunction"))
            .set("Principal", make.text(PRINCIPAL))
            .after(&wait),
    );
    if let Some(written) = read::given(event.value, "authorizer")
        && let Some(id) = authorizer(service, stack, function, event, read::settle(written))
    {
        let make = make.at(written.origin);
        draft.put("AuthorizationType", make.text("CUSTOM"));
        draft.put("AuthorizerId", make.reference(id));
    }
    stack.add(draft);
    if answer.is_some() {
        let cause = function.event_cause(build, "route response", event);
        stack.add(
            Draft::new(told(build, format_args!("{id}Response")), "AWS::ApiGatewayV2::RouteResponse", cause)
                .set("ApiId", api_id(service, make))
                .set("RouteId", make.reference(id))
                .set("RouteResponseKey", make.text("$default")),
        );
    }
}

fn authorizer<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    function: &Function<'a>,
    event: &Event<'a>,
    written: Value<'a>,
) -> Option<&'a str> {
    let build = service.build;
    let cause = function.cause_at(build, "authorizer", written.origin, event.guard);
    let make = service.make(cause.origin);
    let map = matches!(written.kind, Kind::Map(_));
    let arn =
        if map { read::given(written, "arn") } else { Some(written).filter(|w| read::plain(build, *w).contains(':')) };
    let name = if map { read::text(written, "name") } else { written.as_text().filter(|_| arn.is_none()) };
    let name = match arn {
        Some(arn) => name.filter(|_| arn.as_text().is_none()).unwrap_or_else(|| {
            let text = read::plain(build, arn);
            text.rsplit(':').next().unwrap_or(text)
        }),
        None => name?,
    };
    let local = service.find(name);
    let target = arn.or_else(|| local.map(|f| f.target(make)))?;
    let id = told(build, format_args!("{}WebsocketsAuthorizer", naming::normal(name)));
    let identity = read::given(written, "identitySource").unwrap_or_else(|| make.texts(&["route.request.header.Auth"]));
    stack.add(
        Draft::new(id, "AWS::ApiGatewayV2::Authorizer", cause)
            .set("ApiId", api_id(service, make))
            .set("Name", make.text(name))
            .set("AuthorizerType", make.text("REQUEST"))
            .set("AuthorizerUri", invocation(make, target))
            .set("IdentitySource", identity),
    );
    let permission = told(build, format_args!("{}LambdaPermissionWebsockets", naming::normal(name)));
    let mut wait: Vec<_> = api_in_stack(service, make).into_iter().collect();
    if let Some(function) = local.filter(|_| !map || arn.is_none()) {
        wait.push(make.text(function.id));
        wait.extend(function.alias.map(|(_, alias)| make.text(alias)));
    }
    stack.add(
        Draft::new(permission, "AWS::Lambda::Permission", cause)
            .set("Action", make.text("lambda:InvokeFunction"))
            .set("Principal", make.text(PRINCIPAL))
            .set("FunctionName", target)
            .after(&wait),
    );
    Some(id)
}

fn stage<'a>(service: &Service<'a>, stack: &mut Stack<'a>, make: Make<'a>, description: Value<'a>) {
    let cause = service.cause("stage", &[&["logs", "websocket"], &["websocket"]]);
    let mut draft = Draft::new(STAGE, "AWS::ApiGatewayV2::Stage", cause)
        .set("ApiId", make.reference(API))
        .set("StageName", make.text(service.stage))
        .set("Description", description)
        .set("DeploymentId", make.reference(DEPLOYMENT));
    let Some(logs) = service.provider_at(&["logs", "websocket"]).filter(truthy) else {
        stack.add(draft);
        return;
    };
    let make = make.at(logs.origin);
    // What nobody wrote, nobody can replace.
    let own = |step| make.at(service.build.derived(logs.origin, step, None));
    let full = read::get(logs, "fullExecutionData")
        .unwrap_or_else(|| own("the Serverless Framework logs whole requests unless told otherwise").bool(true));
    let level = match read::get(logs, "executionLogging") {
        Some(off) if !truthy(&off) => make.at(off.origin).text("OFF"),
        Some(_) | None => read::given(logs, "level")
            .unwrap_or_else(|| own("the Serverless Framework logs at this level unless told otherwise").text("INFO")),
    };
    draft = draft.set("DefaultRouteSettings", make.map(&[("DataTraceEnabled", full), ("LoggingLevel", level)]));
    if read::boolean(logs, "accessLogging") != Some(false) {
        let format = read::given(logs, "format")
            .unwrap_or_else(|| own("the Serverless Framework logs in this format").text(LOG_FORMAT));
        let arn = make.arn("logs", &[make.text("log-group:"), make.reference(LOGS)]);
        draft = draft.set("AccessLogSettings", make.map(&[("DestinationArn", arn), ("Format", format)]));
    }
    stack.add(draft);
    let cause = service.cause("log group", &[&["logs", "websocket"]]);
    stack.add(
        Draft::new(LOGS, "AWS::Logs::LogGroup", cause)
            .set("LogGroupName", make.concat(&[make.text("/aws/websocket/"), service.named(make.origin, "")]))
            .maybe("RetentionInDays", service.provided("logRetentionInDays"))
            .maybe("DataProtectionPolicy", service.provided("logDataProtectionPolicy")),
    );
    custom_resource::api_logs(service, stack);
}
