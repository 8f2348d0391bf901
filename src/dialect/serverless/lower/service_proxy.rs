//! Routes of the plugin `serverless-apigateway-service-proxy`: the API calls a service without a function.

use super::make::Make;
use super::read;
use super::rest::{self, Foreign};
use super::service::{Cause, Service};
use super::stack::{Draft, Stack};
use crate::template::{Entry, Intrinsic, Kind, Value};

/// A service that the API may call.
struct Target {
    key: &'static str,
    role: &'static str,
    policy: &'static str,
    /// What the API's role may do; S3 and DynamoDB take it from the route.
    actions: &'static [&'static str],
    /// What comes after `apigateway:<region>:`.
    uri: &'static str,
}

const TARGETS: [Target; 6] = [
    Target {
        key: "kinesis",
        role: "ApigatewayToKinesisRole",
        policy: "apigatewaytokinesis",
        actions: &["kinesis:PutRecord", "kinesis:PutRecords"],
        uri: "kinesis:action/PutRecord",
    },
    Target {
        key: "sqs",
        role: "ApigatewayToSqsRole",
        policy: "apigatewaytosqs",
        actions: &["sqs:SendMessage"],
        uri: "sqs:path//",
    },
    Target {
        key: "s3",
        role: "ApigatewayToS3Role",
        policy: "apigatewaytos3",
        actions: &[],
        uri: "s3:path/{bucket}/{object}",
    },
    Target {
        key: "sns",
        role: "ApigatewayToSnsRole",
        policy: "apigatewaytosns",
        actions: &["sns:Publish"],
        uri: "sns:path//",
    },
    Target {
        key: "dynamodb",
        role: "ApigatewayToDynamodbRole",
        policy: "apigatewaytodynamodb",
        actions: &[],
        uri: "dynamodb:action/",
    },
    Target {
        key: "eventbridge",
        role: "ApigatewayToEventBridgeRole",
        policy: "apigatewaytoeventbridge",
        actions: &["events:PutEvents"],
        uri: "events:action/PutEvents",
    },
];

/// Makes the routes and roles when the plugin is loaded.
pub(super) fn routes<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    if !service.plugin("serverless-apigateway-service-proxy") {
        return;
    }
    let list = read::at(service.root, &["custom", "apiGatewayServiceProxies"]).map(read::items).unwrap_or_default();
    let entries: Vec<&Entry<'a>> = list.iter().flat_map(|v| read::settle(*v).entries()).collect();
    let mut routes = Vec::new();
    for target in &TARGETS {
        let own: Vec<&Entry<'a>> = entries.iter().filter(|e| e.key == target.key).copied().collect();
        let Some(first) = own.first() else { continue };
        if own.iter().any(|e| read::get(e.value, "roleArn").is_none()) {
            role(service, stack, target, &own, cause(service, first));
        }
        routes.extend(own.iter().map(|e| route(service, target, e)));
    }
    rest::foreign(service, stack, &routes);
}

fn cause<'a>(service: &Service<'a>, entry: &Entry<'a>) -> Cause<'a> {
    let made_by = "serverless-apigateway-service-proxy makes this";
    Cause {
        written_id: entry.key,
        origin: service.build.derived(entry.key_origin, made_by, None),
        made_by,
        guard: None,
    }
}

fn role<'a>(service: &Service<'a>, stack: &mut Stack<'a>, target: &Target, entries: &[&Entry<'a>], cause: Cause<'a>) {
    let make = service.make(cause.origin);
    let logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
    let mut statements = vec![make.allow(&logs, make.text("*"))];
    let named = |value: Option<Value<'a>>| value.unwrap_or_else(|| make.text(""));
    let resource = |entry: &Entry<'a>| {
        let field = |key: &str| named(read::get(entry.value, key));
        match target.key {
            "kinesis" => make.arn("kinesis", &[make.text("stream/"), field("streamName")]),
            "sqs" => make.arn("sqs", &[field("queueName")]),
            "sns" => make.arn("sns", &[field("topicName")]),
            "dynamodb" => make.arn("dynamodb", &[make.text("table/"), field("tableName")]),
            "s3" => make.join("", &[bucket(make, field("bucket")), make.text("/*")]),
            _ => make.arn("events", &[make.text("event-bus/"), field("eventBusName")]),
        }
    };
    if target.actions.is_empty() {
        for entry in entries {
            let action = read::text(entry.value, "action").unwrap_or("");
            let action = if target.key == "s3" { format!("s3:{action}*") } else { format!("dynamodb:{action}") };
            let make = make.at(entry.key_origin);
            statements.push(make.allow(&[make.keep(&action)], resource(entry)));
        }
    } else {
        let resources: Vec<_> = entries.iter().map(|e| resource(e)).collect();
        statements.push(make.allow(target.actions, make.list(&resources)));
    }
    let policy = make.map(&[("PolicyName", make.text(target.policy)), ("PolicyDocument", make.policy(&statements))]);
    stack.add(
        Draft::new(target.role, "AWS::IAM::Role", cause)
            .set("AssumeRolePolicyDocument", make.trust(make.text("apigateway.amazonaws.com")))
            .set("Policies", make.list(&[policy])),
    );
}

fn bucket<'a>(make: Make<'a>, name: Value<'a>) -> Value<'a> {
    match name.kind {
        Kind::Intrinsic(Intrinsic::Ref(id)) => make.at(name.origin).att(id, "Arn"),
        _ => make.partition_arn(&[make.text(":s3:::"), name]),
    }
}

fn route<'a>(service: &Service<'a>, target: &Target, entry: &Entry<'a>) -> Foreign<'a> {
    let cause = cause(service, entry);
    let make = service.make(cause.origin);
    let role = read::get(entry.value, "roleArn").unwrap_or_else(|| make.att(target.role, "Arn"));
    let mut uri = vec![make.text(":apigateway:"), make.reference("AWS::Region"), make.text(":"), make.text(target.uri)];
    match target.key {
        "sqs" => uri.extend(
            [make.reference("AWS::AccountId"), make.text("/")].into_iter().chain(read::get(entry.value, "queueName")),
        ),
        "dynamodb" => uri.extend(read::get(entry.value, "action")),
        _ => {}
    }
    Foreign::to_aws(service, cause, entry.value, role, &uri)
}
