//! What `serverless package` was seen to make where it is not what one would expect.

use super::{actions, statements, whole};
use serde_json::json;

fn service(head: &str, function: &str) -> serde_json::Value {
    whole(&format!("service: svc\n{head}provider: {{name: aws}}\nfunctions: {{a: {{handler: h, {function}}}}}\n"))
}

/// The plugin for single roles does not know consumers of Kinesis: the role reads the stream the old way.
#[test]
fn consumers_and_single_roles() {
    let all = service(
        "plugins: [serverless-iam-roles-per-function]\n",
        "iamRoleStatements: [], events: [{stream: {type: kinesis, arn: !GetAtt S.Arn, consumer: true}}]",
    );
    let own = actions(&statements(&all, "AIamRoleLambdaExecution"));
    assert!(own.iter().any(|a| a == "kinesis:DescribeStream"), "{own:?}");
    assert!(!own.iter().any(|a| a == "kinesis:DescribeStreamSummary"), "{own:?}");
    let shared = actions(&statements(&all, "IamRoleLambdaExecution"));
    assert!(shared.iter().any(|a| a == "kinesis:DescribeStreamSummary"), "{shared:?}");
}

/// One server where a list is wanted is a list of one.
#[test]
fn one_bootstrap_server() {
    let all = service(
        "",
        "events: [{kafka: {accessConfigurations: {vpcSubnet: subnet-1, vpcSecurityGroup: sg-1}, topic: t, bootstrapServers: b}}]",
    );
    let servers = &all["AEventSourceMappingKafkaT"]["Properties"]["SelfManagedEventSource"]["Endpoints"];
    assert_eq!(servers["KafkaBootstrapServers"], json!(["b"]));
}

/// A date without quotes in an environment is written out as a moment.
#[test]
fn dates_in_environments() {
    let all = service("", "environment: {A: 2020-08-27, B: '2020-08-27', C: x}");
    let variables = &all["ALambdaFunction"]["Properties"]["Environment"]["Variables"];
    assert_eq!(*variables, json!({"A": "2020-08-27T00:00:00.000Z", "B": "2020-08-27", "C": "x"}));
}

/// With the plugin for tracing, every function is told whether it is traced; nothing is granted for it.
#[test]
fn tracing_by_plugin() {
    let text = "service: svc\nplugins: [serverless-plugin-tracing]\nprovider: {name: aws, tracing: true}\nfunctions: {a: {handler: h}, b: {handler: h, tracing: false}}\n";
    let all = whole(text);
    assert_eq!(all["ALambdaFunction"]["Properties"]["TracingConfig"], json!({"Mode": "Active"}));
    assert_eq!(all["BLambdaFunction"]["Properties"]["TracingConfig"], json!({"Mode": "PassThrough"}));
    assert!(!actions(&statements(&all, "IamRoleLambdaExecution")).iter().any(|a| a.starts_with("xray")));
}

/// The routes of plugins that let other origins in have an `OPTIONS` method too.
#[test]
fn preflight_of_plugins() {
    let text = "service: svc\nplugins: [serverless-step-functions]\nprovider: {name: aws}\nfunctions: {a: {handler: h}}\nstepFunctions:\n  stateMachines:\n    m:\n      events: [{http: {path: x, method: POST, cors: true}}]\n      definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}\n";
    let method = &whole(text)["ApiGatewayMethodXOptions"]["Properties"];
    assert_eq!(method["AuthorizationType"], "NONE");
    let headers = &method["Integration"]["IntegrationResponses"][0]["ResponseParameters"];
    assert_eq!(headers["method.response.header.Access-Control-Allow-Methods"], "'OPTIONS,POST'");
}

/// A webhook is an HTTP API with one route, which an authorizer guards unless it is insecure.
#[test]
fn webhooks() {
    let text = "service: svc\nplugins: [serverless-lift]\nprovider: {name: aws}\nconstructs:\n  wh: {type: webhook, path: /w, authorizer: {handler: h}}\n  open: {type: webhook, path: /o, insecure: true}\n";
    let all = whole(text);
    assert_eq!(all["whRouteDD0FCED3"]["Properties"]["AuthorizationType"], "CUSTOM");
    assert_eq!(all["whRouteDD0FCED3"]["Properties"]["RouteKey"], "POST /w");
    assert_eq!(all["whBusBA322E0D"]["Properties"]["Name"], "whBus11AE0CDB");
    assert_eq!(
        all["whAuthorizer5FF0A688"]["Properties"]["AuthorizerCredentialsArn"],
        json!({"Fn::GetAtt": ["whApiGatewayRole5E69CB8F", "Arn"]})
    );
    let kinds: Vec<_> = all.as_object().into_iter().flatten().filter(|(id, _)| id.starts_with("openRoute")).collect();
    assert!(matches!(&kinds[..], [(_, route)] if route["Properties"]["AuthorizationType"] == "NONE"), "{kinds:?}");
}

/// The port of an origin is left out, and a domain that is asked for becomes part of the origin's id.
#[test]
fn origins() {
    let at = |origin: &str| {
        let event = format!("events: [{{cloudFront: {{eventType: viewer-request, origin: {origin}}}}}]");
        service("", &event)["CloudFrontDistribution"]["Properties"]["DistributionConfig"]["Origins"][0].take()
    };
    let url = at("'http://a.com:8080/x'");
    assert_eq!((&url["DomainName"], &url["Id"]), (&json!("a.com"), &json!("custom/a.com/x")));
    assert_eq!(at("{DomainName: !GetAtt B.DomainName, S3OriginConfig: {}}")["Id"], "s3/FnGetAttBDomainName");
}
