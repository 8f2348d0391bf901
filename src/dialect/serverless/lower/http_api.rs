//! `httpApi`: the HTTP API of the service.

use super::super::config::Version;
use super::make::{Make, told};
use super::naming;
use super::read::{self, truthy};
use super::rest::invocation;
use super::service::{Event, Function, Service};
use super::stack::{Draft, Stack};
use crate::template::{Entry, Intrinsic, Kind, Value};

const API: &str = "HttpApi";
const PRINCIPAL: &str = "apigateway.amazonaws.com";
const METHODS: [&str; 7] = ["GET", "POST", "PUT", "PATCH", "OPTIONS", "HEAD", "DELETE"];
const HEADERS: [&str; 7] = [
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
];

/// A route, read.
struct Route<'s, 'a> {
    function: &'s Function<'a>,
    event: Event<'a>,
    /// `GET /path`, or `*` for whatever no other route takes.
    key: &'a str,
    method: String,
    authorizer: Option<Value<'a>>,
}

/// Makes the API and everything in it.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let routes: Vec<Route<'_, 'a>> = service.events("httpApi").map(|(_, f, e)| route(service, f, e)).collect();
    if routes.is_empty() {
        return;
    }
    let own = setting(service, "id").filter(truthy).is_none();
    let format = service.provider_at(&["logs", "httpApi"]).filter(truthy);
    if own {
        api(service, stack, &routes);
    }
    if let Some(format) = format {
        log_group(service, stack, format);
    }
    if own {
        stage(service, stack, format);
    }
    let authorizers = setting(service, "authorizers").map(read::settle).map(|a| a.entries()).unwrap_or_default();
    for entry in authorizers {
        authorizer(service, stack, entry);
    }
    for route in &routes {
        endpoint(service, stack, route);
    }
}

fn setting<'a>(service: &Service<'a>, key: &str) -> Option<Value<'a>> {
    service.provider_at(&["httpApi", key])
}

fn api_id<'a>(service: &Service<'a>, make: Make<'a>) -> Value<'a> {
    setting(service, "id").filter(truthy).unwrap_or_else(|| make.reference(API))
}

fn route<'s, 'a>(service: &Service<'a>, function: &'s Function<'a>, event: &Event<'a>) -> Route<'s, 'a> {
    let (method, path) = if event.value.as_map().is_some() {
        (
            read::text(event.value, "method").unwrap_or("*"),
            read::get(event.value, "path").map_or("", |p| read::plain(service.build, p)),
        )
    } else {
        let text = read::plain(service.build, event.value);
        text.split_once(' ').unwrap_or(("*", text))
    };
    let method = if method == "*" { "ANY".to_owned() } else { method.to_uppercase() };
    let key = if path == "*" { "*" } else { told(service.build, format_args!("{method} {path}")) };
    Route { function, event: *event, key, method, authorizer: read::given(event.value, "authorizer") }
}

fn api<'a>(service: &Service<'a>, stack: &mut Stack<'a>, routes: &[Route<'_, 'a>]) {
    let cause = service.cause("HTTP API", &[&["httpApi"]]);
    let make = service.make(cause.origin);
    let name = setting(service, "name").filter(truthy).unwrap_or_else(|| {
        if setting(service, "shouldStartNameWithService").filter(truthy).is_some() {
            service.named(make.origin, "")
        } else {
            make.concat(&[make.written(format_args!("{}-", service.stage)), service.name.with_origin(make.origin)])
        }
    });
    stack.add(
        Draft::new(API, "AWS::ApiGatewayV2::Api", cause)
            .set("Name", name)
            .set("ProtocolType", make.text("HTTP"))
            .maybe("DisableExecuteApiEndpoint", setting(service, "disableDefaultEndpoint"))
            .maybe("Tags", service.provided("tags"))
            .maybe("CorsConfiguration", cors(service, make, routes)),
    );
}

fn cors<'a>(service: &Service<'a>, make: Make<'a>, routes: &[Route<'_, 'a>]) -> Option<Value<'a>> {
    let written = setting(service, "cors").filter(truthy)?;
    let make = make.at(written.origin);
    let list = |key: &str| read::given(written, key).map(|v| make.at(v.origin).list(&read::items(v)));
    let mut methods = vec!["OPTIONS"];
    for route in routes {
        let all: &[&str] = if route.method == "ANY" { &METHODS } else { &[] };
        for method in all.iter().copied().chain(METHODS.iter().copied().filter(|m| *m == route.method)) {
            if !methods.contains(&method) {
                methods.push(method);
            }
        }
    }
    let mut out: Vec<Entry<'a>> = vec![
        make.entry("AllowHeaders", list("allowedHeaders").unwrap_or_else(|| make.texts(&HEADERS))),
        make.entry("AllowMethods", list("allowedMethods").unwrap_or_else(|| make.texts(&methods))),
        make.entry("AllowOrigins", list("allowedOrigins").unwrap_or_else(|| make.texts(&["*"]))),
    ];
    out.extend(read::given(written, "allowCredentials").map(|v| make.entry("AllowCredentials", v)));
    out.extend(list("exposedResponseHeaders").map(|v| make.entry("ExposeHeaders", v)));
    out.extend(read::get(written, "maxAge").map(|v| make.entry("MaxAge", v)));
    Some(make.entries(&out))
}

fn log_group<'a>(service: &Service<'a>, stack: &mut Stack<'a>, format: Value<'a>) {
    let cause = service.cause("log group", &[&["logs", "httpApi"]]);
    let make = service.make(format.origin);
    let name = match service.provided("stackName") {
        Some(name) => make.concat(&[make.text("/aws/http-api/"), name]),
        None => make.concat(&[make.text("/aws/http-api/"), service.named(make.origin, "")]),
    };
    stack.add(
        Draft::new("HttpApiLogGroup", "AWS::Logs::LogGroup", cause)
            .set("LogGroupName", name)
            .maybe("RetentionInDays", service.provided("logRetentionInDays"))
            .maybe("DataProtectionPolicy", service.provided("logDataProtectionPolicy")),
    );
}

fn stage<'a>(service: &Service<'a>, stack: &mut Stack<'a>, format: Option<Value<'a>>) {
    let cause = service.cause("stage", &[&["httpApi"]]);
    let make = service.make(cause.origin);
    let metrics = setting(service, "metrics").filter(truthy).unwrap_or_else(|| make.bool(false));
    let mut draft = Draft::new("HttpApiStage", "AWS::ApiGatewayV2::Stage", cause)
        .set("ApiId", make.reference(API))
        .set("StageName", make.text("$default"))
        .set("AutoDeploy", make.bool(true))
        .set("DefaultRouteSettings", make.at(metrics.origin).map(&[("DetailedMetricsEnabled", metrics)]))
        .maybe("Tags", service.provided("tags"));
    if let Some(format) = format {
        let make = make.at(format.origin);
        let line = read::given(format, "format").unwrap_or_else(|| {
            make.text(concat!(
                r#"{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","requestTime":"$context.requestTime","#,
                r#""httpMethod":"$context.httpMethod","routeKey":"$context.routeKey","status":"$context.status","#,
                r#""protocol":"$context.protocol","responseLength":"$context.responseLength"}"#
            ))
        });
        let settings = make.map(&[("DestinationArn", make.att("HttpApiLogGroup", "Arn")), ("Format", line)]);
        draft = draft.set("AccessLogSettings", settings).after(&[make.text("HttpApiLogGroup")]);
    }
    stack.add(draft);
    stack.output(service, make, "HttpApiId", make.reference(API));
    let url = [
        make.text("https://"),
        make.reference(API),
        make.text(".execute-api."),
        make.reference("AWS::Region"),
        make.text("."),
        make.reference("AWS::URLSuffix"),
    ];
    stack.output(service, make, "HttpApiUrl", make.join("", &url));
}

fn authorizer<'a>(service: &Service<'a>, stack: &mut Stack<'a>, entry: &Entry<'a>) {
    let build = service.build;
    let body = read::settle(entry.value);
    let cause = service.cause("authorizer", &[&["httpApi", "authorizers", entry.key]]);
    let make = service.make(cause.origin);
    let field = |key: &str| read::get(body, key);
    let name = read::given(body, "name").unwrap_or_else(|| make.text(entry.key));
    let identity = field("identitySource").map(|i| make.at(i.origin).list(&read::items(i)));
    let mut draft = Draft::new(authorizer_id(service, name), "AWS::ApiGatewayV2::Authorizer", cause)
        .set("ApiId", api_id(service, make))
        .set("Name", name)
        .set("IdentitySource", identity.unwrap_or_else(|| make.list(&[])));
    if read::text(body, "type") != Some("request") {
        let audience = field("audience").map(|a| make.at(a.origin).list(&read::items(a)));
        let mut jwt = vec![("Audience", audience.unwrap_or_else(|| make.list(&[])))];
        jwt.extend(field("issuerUrl").map(|i| ("Issuer", i)));
        stack.add(draft.set("AuthorizerType", make.text("JWT")).set("JwtConfiguration", make.map(&jwt)));
        return;
    }
    let function = read::text(body, "functionName").and_then(|key| service.find(key));
    let arn = read::given(body, "functionArn").or_else(|| function.map(|f| f.target(make)));
    draft = draft
        .set("AuthorizerType", make.text("REQUEST"))
        .maybe("EnableSimpleResponses", field("enableSimpleResponses"))
        .maybe("AuthorizerResultTtlInSeconds", field("resultTtlInSeconds"))
        .set("AuthorizerPayloadFormatVersion", read::given(body, "payloadVersion").unwrap_or_else(|| make.text("2.0")))
        .maybe("AuthorizerUri", arn.map(|a| invocation(make, a)));
    if let Some(function) = function {
        draft = draft.after_alias(make, function);
    }
    stack.add(draft);
    let Some(arn) = arn.filter(|_| !read::flag(body, "managedExternally")) else { return };
    let id = told(build, format_args!("{}LambdaAuthorizerPermissionHttpApi", naming::normal(read::plain(build, name))));
    let mut draft = Draft::new(id, "AWS::Lambda::Permission", cause)
        .set("FunctionName", arn)
        .set("Action", make.text("lambda:InvokeFunction"))
        .set("Principal", make.text(PRINCIPAL))
        .set("SourceArn", source(service, make));
    if let Some(function) = function {
        draft = draft.after_alias(make, function);
    }
    stack.add(draft);
}

fn authorizer_id<'a>(service: &Service<'a>, name: Value<'a>) -> &'a str {
    told(service.build, format_args!("HttpApiAuthorizer{}", naming::normal(read::plain(service.build, name))))
}

fn source<'a>(service: &Service<'a>, make: Make<'a>) -> Value<'a> {
    make.arn("execute-api", &[api_id(service, make), make.text("/*")])
}

fn endpoint<'a>(service: &Service<'a>, stack: &mut Stack<'a>, route: &Route<'_, 'a>) {
    let build = service.build;
    let function = route.function;
    let cause = function.event_cause(build, "permission", &route.event);
    let make = service.make(cause.origin);
    let permission = function.owned(build, "LambdaPermissionHttpApi");
    if !stack.shares(permission, cause.guard) {
        stack.permit(permission, cause, function, PRINCIPAL, Some(source(service, make)));
    }
    let integration = told(build, format_args!("HttpApiIntegration{}", function.normal));
    if !stack.shares(integration, cause.guard) {
        let cause = function.event_cause(build, "integration", &route.event);
        let payload =
            read::at(function.body, &["httpApi", "payload"]).or_else(|| setting(service, "payload")).filter(truthy);
        let default = if service.version == Version::V1 { "1.0" } else { "2.0" };
        stack.add(
            Draft::new(integration, "AWS::ApiGatewayV2::Integration", cause)
                .set("ApiId", api_id(service, make))
                .set("IntegrationType", make.text("AWS_PROXY"))
                .set("IntegrationUri", function.target(make))
                .set("PayloadFormatVersion", payload.unwrap_or_else(|| make.text(default)))
                .set("TimeoutInMillis", make.number(30000))
                .after_alias(make, function),
        );
    }
    let id = if route.key == "*" {
        "HttpApiRouteDefault"
    } else {
        told(build, format_args!("HttpApiRoute{}", naming::path(route.key)))
    };
    let cause = function.event_cause(build, "route", &route.event);
    let mut draft = Draft::new(id, "AWS::ApiGatewayV2::Route", cause)
        .set("ApiId", api_id(service, make))
        .set("RouteKey", make.text(if route.key == "*" { "$default" } else { route.key }))
        .set("Target", make.join("/", &[make.text("integrations"), make.reference(integration)]))
        .after(&[make.text(integration)]);
    if let Some(authorizer) = route.authorizer {
        draft = authorized(service, make.at(authorizer.origin), authorizer, draft);
    }
    stack.add(draft);
}

fn authorized<'a>(service: &Service<'a>, make: Make<'a>, authorizer: Value<'a>, draft: Draft<'a>) -> Draft<'a> {
    let whole = authorizer;
    let authorizer = read::chosen(whole);
    if !read::truthy(&authorizer) {
        return draft;
    }
    if read::is_open(&authorizer) {
        return draft.set("AuthorizationType", authorizer);
    }
    let draft = authorized_by(service, make, authorizer, draft);
    let Kind::Intrinsic(Intrinsic::If(..)) = whole.kind else { return draft };
    // Who may call depends on a condition: so does the type.
    let kind = read::each_branch(make, whole, &|branch| {
        let at = make.at(branch.origin);
        match branch.kind {
            Kind::Unknown(_) => branch,
            _ if !read::truthy(&branch) => at.text("NONE"),
            _ if read::text(branch, "type") == Some("aws_iam") => at.text("AWS_IAM"),
            _ => {
                let name = if branch.as_map().is_some() { read::get(branch, "name") } else { Some(branch) };
                let known = name.and_then(|n| service.provider_at(&["httpApi", "authorizers", n.as_text()?]));
                let custom = known.and_then(|k| read::text(k, "type")) == Some("request");
                at.text(if custom { "CUSTOM" } else { "JWT" })
            }
        }
    });
    draft.set("AuthorizationType", kind)
}

fn authorized_by<'a>(service: &Service<'a>, make: Make<'a>, authorizer: Value<'a>, draft: Draft<'a>) -> Draft<'a> {
    let own = read::text(authorizer, "type");
    if own == Some("aws_iam") {
        return draft.set("AuthorizationType", make.text("AWS_IAM"));
    }
    let name = if matches!(authorizer.kind, Kind::Map(_)) { read::get(authorizer, "name") } else { Some(authorizer) };
    let id = read::given(authorizer, "id");
    let known = name.and_then(|n| service.provider_at(&["httpApi", "authorizers", n.as_text()?]));
    let kind = if id.is_some() { own } else { known.and_then(|k| read::text(k, "type")) };
    let id = id.or_else(|| {
        let name = known.and_then(|k| read::given(k, "name")).or(name)?;
        Some(make.reference(authorizer_id(service, name)))
    });
    draft
        .set("AuthorizationType", make.text(if kind == Some("request") { "CUSTOM" } else { "JWT" }))
        .maybe("AuthorizerId", id)
        .maybe("AuthorizationScopes", read::get(authorizer, "scopes").map(|s| make.at(s.origin).list(&read::items(s))))
}
