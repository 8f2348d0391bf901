//! The construct `webhook` of the plugin `serverless-lift`: an HTTP API that hands on to a bus.

use super::lift::{cause, id};
use super::make::told;
use super::naming;
use super::read;
use super::service::Service;
use super::stack::{Draft, Stack};
use crate::template::Entry;

/// Makes the API, its one route, the bus, and the role that leads from one to the other.
pub(super) fn resources<'a>(service: &Service<'a>, stack: &mut Stack<'a>, entry: &Entry<'a>) {
    let make = service.make(entry.key_origin);
    let named = |path: &[&str]| id(make, &[&[entry.key], path].concat());
    let draft = |id, kind, what| Draft::new(id, kind, cause(service, entry, what));
    let field = |key: &str| read::get(entry.value, key);
    let (api, bus) = (named(&["HttpApi", "Resource"]), named(&["Bus", "Resource"]));
    let role = named(&["ApiGatewayRole", "Resource"]);
    let secure = !read::flag(entry.value, "insecure");

    stack.add(
        draft(api, "AWS::ApiGatewayV2::Api", "API")
            .set("Name", make.text("HttpApi"))
            .set("ProtocolType", make.text("HTTP")),
    );
    stack.add(
        draft(named(&["HttpApi", "DefaultStage", "Resource"]), "AWS::ApiGatewayV2::Stage", "stage")
            .set("ApiId", make.reference(api))
            .set("AutoDeploy", make.bool(true))
            .set("StageName", make.text("$default")),
    );
    stack.add(draft(bus, "AWS::Events::EventBus", "event bus").set("Name", make.text(named(&["Bus"]))));
    let put = make.policy(&[make.allow(&["events:PutEvents"], make.att(bus, "Arn"))]);
    let policy = make.map(&[("PolicyName", make.text("EventBridge")), ("PolicyDocument", put)]);
    stack.add(
        draft(role, "AWS::IAM::Role", "role")
            .set("AssumeRolePolicyDocument", make.trust(make.text("apigateway.amazonaws.com")))
            .set("Policies", make.list(&[policy])),
    );
    let integration = named(&["Integration"]);
    let parameters = make.map(&[
        ("DetailType", field("eventType").unwrap_or_else(|| make.text("Webhook"))),
        ("Detail", make.text("$request.body")),
        ("Source", make.text(entry.key)),
        ("EventBusName", make.reference(bus)),
    ]);
    stack.add(
        draft(integration, "AWS::ApiGatewayV2::Integration", "integration")
            .set("ApiId", make.reference(api))
            .set("ConnectionType", make.text("INTERNET"))
            .set("CredentialsArn", make.att(role, "Arn"))
            .set("IntegrationSubtype", make.text("EventBridge-PutEvents"))
            .set("IntegrationType", make.text("AWS_PROXY"))
            .set("PayloadFormatVersion", make.text("1.0"))
            .set("RequestParameters", parameters),
    );
    let authorizer = named(&["Authorizer"]);
    let method = read::text(entry.value, "method").unwrap_or("POST");
    let path = field("path").map_or("", |p| read::plain(service.build, p));
    let route = draft(named(&["Route"]), "AWS::ApiGatewayV2::Route", "route")
        .set("ApiId", make.reference(api))
        .set("AuthorizationType", make.text(if secure { "CUSTOM" } else { "NONE" }))
        .set("RouteKey", make.written(format_args!("{method} {path}")))
        .set("Target", make.join("/", &[make.text("integrations"), make.reference(integration)]));
    if !secure {
        stack.add(route);
        return;
    }
    stack.add(route.set("AuthorizerId", make.reference(authorizer)));
    let function = told(service.build, format_args!("{}AuthorizerLambdaFunction", naming::normal(entry.key)));
    let function = make.att(function, "Arn");
    let invoked = make.list(&[function, make.join("", &[function, make.text(":*")])]);
    let policy = named(&["ApiGatewayRole", "DefaultPolicy", "Resource"]);
    stack.add(
        draft(policy, "AWS::IAM::Policy", "policy")
            .set("PolicyDocument", make.policy(&[make.allow(&["lambda:InvokeFunction"], invoked)]))
            .set("PolicyName", make.text(policy))
            .set("Roles", make.list(&[make.reference(role)])),
    );
    let gateway = make.written(format_args!("arn:aws:apigateway:{}:lambda:path/2015-03-31/functions", service.region));
    stack.add(
        draft(authorizer, "AWS::ApiGatewayV2::Authorizer", "authorizer")
            .set("ApiId", make.reference(api))
            .set("AuthorizerCredentialsArn", make.att(role, "Arn"))
            .set("AuthorizerPayloadFormatVersion", make.text("2.0"))
            .set("AuthorizerType", make.text("REQUEST"))
            .set("AuthorizerUri", make.join("/", &[gateway, function, make.text("invocations")]))
            .set("EnableSimpleResponses", make.bool(true))
            .set("Name", make.written(format_args!("{}-authorizer", entry.key))),
    );
}
