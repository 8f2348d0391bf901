//! `http`: the REST API of the service.

use super::super::config::Version;
use super::make::{Make, told};
use super::naming;
use super::read::{self, truthy};
use super::service::{Cause, Event, Function, Service};
use super::stack::{Draft, Stack, is_empty};
use crate::template::{Kind, Value};

mod authorizers;
mod cors;
mod keys;
mod methods;
mod paths;

use authorizers::Authorizer;
pub(super) use authorizers::invocation;

const API: &str = "ApiGatewayRestApi";
const DEPLOYMENT: &str = "ApiGatewayDeployment";

/// An `http` event, read.
struct Http<'s, 'a> {
    function: &'s Function<'a>,
    event: Event<'a>,
    path: &'a str,
    method: String,
    integration: String,
    authorizer: Option<Authorizer<'a>>,
    /// The logical id of the method.
    id: &'a str,
}

/// Makes the API and everything in it.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let events: Vec<Http<'_, 'a>> = service.events("http").filter_map(|(_, f, e)| http(service, f, e)).collect();
    if events.is_empty() {
        return;
    }
    let cause = service.cause("REST API", &[&["apiGateway"]]);
    let make = service.make(cause.origin);
    api(service, stack, make);
    let places: Vec<_> =
        events.iter().map(|h| (h.path, h.function.event_cause(service.build, "API resource", &h.event))).collect();
    let tree = paths::resources(service, stack, &places);
    let preflights = cors::preflight(service, stack, &events, &tree);
    methods::methods(service, stack, &events, &tree);
    authorizers::authorizers(service, stack, &events);
    let mut waits: Vec<Value<'a>> = Vec::new();
    for id in events.iter().map(|http| http.id).chain(preflights) {
        waits.push(make.text(id));
    }
    let cause = service.cause("deployment", &[&["apiGateway"]]);
    stack.add(
        Draft::new(DEPLOYMENT, "AWS::ApiGateway::Deployment", cause)
            .set("RestApiId", api_id(service, make))
            .set(
                "StageName",
                service
                    .provider_at(&["apiGateway", "stage"])
                    .filter(truthy)
                    .unwrap_or_else(|| make.text(service.stage)),
            )
            .maybe("Description", service.provider_at(&["apiGateway", "description"]).filter(truthy))
            .after(&waits),
    );
    let url = make.join(
        "",
        &[
            make.text("https://"),
            api_id(service, make),
            make.text(".execute-api."),
            make.reference("AWS::Region"),
            make.text("."),
            make.reference("AWS::URLSuffix"),
            make.written(format_args!("/{}", service.stage)),
        ],
    );
    stack.output(service, make, "ServiceEndpoint", url);
    keys::keys(service, stack);
    permissions(service, stack, &events);
    logs(service, stack);
}

fn http<'s, 'a>(service: &Service<'a>, function: &'s Function<'a>, event: &Event<'a>) -> Option<Http<'s, 'a>> {
    let (method, path) = method_and_path(service, event.value);
    let written = read::text(event.value, "integration").map(|i| i.to_uppercase().replacen('-', "_", 1));
    let integration = match written.as_deref() {
        Some("LAMBDA") => "AWS".to_owned(),
        Some("LAMBDA_PROXY") => "AWS_PROXY".to_owned(),
        Some(other) => other.to_owned(),
        None if read::flag(event.value, "async") => "AWS".to_owned(),
        None => "AWS_PROXY".to_owned(),
    };
    let name = paths::name(service, path);
    let id = told(service.build, format_args!("ApiGatewayMethod{name}{}", naming::method(&method)));
    let authorizer = read::given(event.value, "authorizer").and_then(|a| authorizers::read(service, a));
    Some(Http { function, event: *event, path, method, integration, authorizer, id })
}

/// The method, lower-case, and the path without its outer slashes.
fn method_and_path<'a>(service: &Service<'a>, event: Value<'a>) -> (String, &'a str) {
    let (method, path) = match event.kind {
        Kind::Text(text) => text.split_once(' ').unwrap_or(("", text)),
        _ => (
            read::text(event, "method").unwrap_or("any"),
            read::get(event, "path").map_or("", |p| read::plain(service.build, p)),
        ),
    };
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    (if method == "*" { "any".to_owned() } else { method.to_lowercase() }, path)
}

/// A route that a plugin adds: no function behind it.
pub(super) struct Foreign<'a> {
    /// Why it is made.
    pub cause: Cause<'a>,
    /// Its path.
    pub path: &'a str,
    /// Its method, lower-case.
    pub method: String,
    /// The whole setting: `authorizer`, `private`, `cors`.
    pub setting: Value<'a>,
    /// What it calls.
    pub integration: Value<'a>,
}

impl<'a> Foreign<'a> {
    /// A route that a setting describes, and that calls AWS itself as a role.
    pub(super) fn to_aws(
        service: &Service<'a>,
        cause: Cause<'a>,
        setting: Value<'a>,
        role: Value<'a>,
        uri: &[Value<'a>],
    ) -> Self {
        let make = service.make(cause.origin);
        let integration = make.map(&[
            ("IntegrationHttpMethod", make.text("POST")),
            ("Type", make.text("AWS")),
            ("Credentials", role),
            ("Uri", make.partition_arn(uri)),
            ("PassthroughBehavior", make.text("NEVER")),
        ]);
        let (method, path) = method_and_path(service, setting);
        Self { cause, path, method, setting, integration }
    }
}

/// Adds the routes of a plugin to the service's API, and makes the API when there is none.
pub(super) fn foreign<'a>(service: &Service<'a>, stack: &mut Stack<'a>, routes: &[Foreign<'a>]) {
    let Some(first) = routes.first() else { return };
    let make = service.make(first.cause.origin);
    if !stack.has(API) {
        api(service, stack, make);
    }
    let places: Vec<_> = routes.iter().map(|r| (r.path, r.cause)).collect();
    let tree = paths::resources(service, stack, &places);
    cors::foreign(service, stack, routes, &tree);
    let mut waits = Vec::new();
    for route in routes {
        let id = told(
            service.build,
            format_args!("ApiGatewayMethod{}{}", paths::name(service, route.path), naming::method(&route.method)),
        );
        let authorizer = read::given(route.setting, "authorizer").and_then(|a| authorizers::read(service, a));
        let make = make.at(route.cause.origin);
        let draft = Draft::new(id, "AWS::ApiGateway::Method", route.cause)
            .set("HttpMethod", make.made(&route.method.to_uppercase()))
            .set("RequestParameters", make.map(&[]))
            .set("ResourceId", tree.resource(route.path))
            .set("RestApiId", api_id(service, make))
            .set("ApiKeyRequired", make.bool(read::flag(route.setting, "private")))
            .set("Integration", route.integration);
        let field = |key: &str| read::get(route.setting, key);
        stack.add(match field("authorizationType") {
            Some(kind) => draft
                .set("AuthorizationType", kind)
                .maybe("AuthorizerId", field("authorizerId"))
                .maybe("AuthorizationScopes", field("authorizationScopes")),
            None => methods::authorization(service, make, authorizer.as_ref(), draft),
        });
        if let Some(authorizer) = &authorizer {
            authorizers::make(service, stack, authorizer, route.cause);
        }
        waits.push(make.text(id));
    }
    if !stack.has(DEPLOYMENT) {
        let cause = service.cause("deployment", &[&["apiGateway"]]);
        stack.add(
            Draft::new(DEPLOYMENT, "AWS::ApiGateway::Deployment", cause)
                .set("RestApiId", api_id(service, make))
                .set("StageName", make.text(service.stage))
                .after(&waits),
        );
    }
}

/// The API's id: the service's own API, or one that the user brings.
fn api_id<'a>(service: &Service<'a>, make: Make<'a>) -> Value<'a> {
    service.provider_at(&["apiGateway", "restApiId"]).filter(truthy).unwrap_or_else(|| make.reference(API))
}

fn api<'a>(service: &Service<'a>, stack: &mut Stack<'a>, make: Make<'a>) {
    let setting = |key: &str| service.provider_at(&["apiGateway", key]);
    if setting("restApiId").filter(truthy).is_some() {
        return;
    }
    let name = service.provided("apiName").or_else(|| setting("name")).unwrap_or_else(|| {
        if setting("shouldStartNameWithService").filter(truthy).is_some() {
            service.named(make.origin, "")
        } else {
            make.concat(&[make.written(format_args!("{}-", service.stage)), service.name.with_origin(make.origin)])
        }
    });
    let endpoint = service.provided("endpointType");
    let kind = match endpoint {
        Some(written) => match written.as_text() {
            Some(text) => make.at(written.origin).made(&text.to_uppercase()),
            None => written,
        },
        None => make.text("EDGE"),
    };
    let mut configuration = vec![("Types", make.at(kind.origin).list(&[kind]))];
    // Without a type of endpoint the framework does not look at the ids.
    let ids = service.provided("vpcEndpointIds").filter(|_| endpoint.is_some());
    configuration.extend(ids.map(|ids| ("VpcEndpointIds", ids)));
    // Before version 3 the policy stood on the provider itself.
    let old = service.provided("resourcePolicy").filter(|_| service.version <= Version::V2);
    let policy = setting("resourcePolicy").or(old).filter(|p| !is_empty(p));
    let policy = match policy {
        Some(statements) => {
            let make = make.at(statements.origin);
            make.map(&[("Version", make.text("2012-10-17")), ("Statement", statements)])
        }
        None => make.text(""),
    };
    let source = setting("apiKeySourceType").filter(truthy).map(|s| match s.as_text() {
        Some(text) => make.at(s.origin).made(&text.to_uppercase()),
        None => s,
    });
    let cause = service.cause("REST API", &[&["apiGateway"]]);
    stack.add(
        Draft::new(API, "AWS::ApiGateway::RestApi", cause)
            .set("Name", name)
            .maybe("BinaryMediaTypes", setting("binaryMediaTypes").filter(truthy))
            .maybe("DisableExecuteApiEndpoint", setting("disableDefaultEndpoint"))
            .set("EndpointConfiguration", make.at(configuration[0].1.origin).map(&configuration))
            .set("Policy", policy)
            .maybe("ApiKeySourceType", source)
            .maybe("MinimumCompressionSize", setting("minimumCompressionSize"))
            .maybe("Description", setting("description").filter(truthy)),
    );
}

fn permissions<'a>(service: &Service<'a>, stack: &mut Stack<'a>, events: &[Http<'_, 'a>]) {
    const PRINCIPAL: &str = "apigateway.amazonaws.com";
    for http in events {
        let cause = http.function.event_cause(service.build, "permission", &http.event);
        let make = service.make(cause.origin);
        let source = make.arn("execute-api", &[api_id(service, make), make.text("/*/*")]);
        let id = http.function.owned(service.build, "LambdaPermissionApiGateway");
        // One permission serves every route of the function: the first that makes it stands for it.
        if !stack.shares(id, cause.guard) {
            stack.permit(id, cause, http.function, PRINCIPAL, Some(source));
        }
        let Some(authorizer) = &http.authorizer else { continue };
        let Some(arn) = authorizer.arn.filter(|_| !authorizer.cognito() && !authorizer.external) else { continue };
        let id = told(service.build, format_args!("{}LambdaPermissionApiGateway", naming::normal(authorizer.name)));
        if stack.shares(id, cause.guard) {
            continue;
        }
        let target = match authorizer.alias {
            Some(alias) => make.reference(alias),
            None => arn,
        };
        stack.add(
            Draft::new(id, "AWS::Lambda::Permission", cause)
                .set("FunctionName", target)
                .set("Action", make.text("lambda:InvokeFunction"))
                .set("Principal", make.text(PRINCIPAL))
                .set("SourceArn", source),
        );
    }
}

/// The stage itself is set up after the deployment; only its log group is in the stack.
fn logs<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let Some(logs) = service.provider_at(&["logs", "restApi"]).filter(truthy) else { return };
    if read::boolean(logs, "accessLogging") == Some(false) {
        return;
    }
    let cause = service.cause("log group", &[&["logs", "restApi"]]);
    let make = service.make(cause.origin);
    let name = make.concat(&[make.text("/aws/api-gateway/"), service.named(make.origin, "")]);
    stack.add(
        Draft::new("ApiGatewayLogGroup", "AWS::Logs::LogGroup", cause)
            .set("LogGroupName", name)
            .maybe("RetentionInDays", service.provided("logRetentionInDays"))
            .maybe("DataProtectionPolicy", service.provided("logDataProtectionPolicy")),
    );
    super::custom_resource::api_logs(service, stack);
}
