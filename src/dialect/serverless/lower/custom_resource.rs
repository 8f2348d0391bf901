//! The framework's own helper functions, and the powerful role they share.

use super::super::config::Version;
use super::make::told;
use super::naming;
use super::read::{self, truthy};
use super::service::{Cause, Service};
use super::stack::{Draft, Stack};
use crate::template::{Kind, Resource, Value};

const ROLE: &str = "IamRoleCustomResourcesLambdaExecution";

/// What a helper function is for.
#[derive(Clone, Copy)]
pub(super) enum Helper {
    /// Notifications of a bucket that exists already.
    Bucket,
    /// Triggers of a user pool that exists already.
    UserPool,
    /// Rules of an event bus, the old way.
    EventBus,
    /// The account's role for API Gateway's logs.
    ApiLogs,
}

impl Helper {
    const fn name(self) -> &'static str {
        match self {
            Self::Bucket => "custom-resource-existing-s3",
            Self::UserPool => "custom-resource-existing-cup",
            Self::EventBus => "custom-resource-event-bridge",
            Self::ApiLogs => "custom-resource-apigw-cw-role",
        }
    }

    const fn handler(self) -> &'static str {
        match self {
            Self::Bucket => "s3/handler.handler",
            Self::UserPool => "cognito-user-pool/handler.handler",
            Self::EventBus => "event-bridge/handler.handler",
            Self::ApiLogs => "api-gateway-cloud-watch-role/handler.handler",
        }
    }

    /// The logical id of the helper function.
    pub(super) fn id<'a>(self, service: &Service<'a>) -> &'a str {
        told(service.build, format_args!("{}LambdaFunction", naming::normal(self.name())))
    }
}

/// Makes a helper function; its statements wait until the role is made.
pub(super) fn helper<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    helper: Helper,
    cause: Cause<'a>,
    statements: &[Value<'a>],
) {
    let build = service.build;
    let own = told(build, format_args!("the Serverless Framework adds this function {}", Resource::OWN_USE));
    let cause = Cause { made_by: own, ..cause };
    let make = service.make(cause.origin);
    let id = helper.id(service);
    let mut name = service.named(make.origin, &format!("-{}", helper.name()));
    // A function's name has at most 64 characters.
    if let Some(long) = name.as_text().filter(|n| n.len() > 64) {
        name = make.written(format_args!("{}{}", long.get(..32).unwrap_or(long), super::md5::hex(long)));
    }
    let archive = build.unknown("the framework names the archive after the time of the deployment", make.origin);
    let runtime = match service.version {
        Version::V1 | Version::V2 => "nodejs12.x",
        Version::V3 => "nodejs18.x",
        Version::V4 => "nodejs22.x",
    };
    let mut draft = Draft::new(id, "AWS::Lambda::Function", cause)
        .set("Code", make.map(&[("S3Bucket", super::bucket::of_code(service, make)), ("S3Key", archive)]))
        .set("FunctionName", name)
        .set("Handler", make.text(helper.handler()))
        .set("MemorySize", make.number(1024))
        .set("Runtime", make.text(runtime))
        .set("Timeout", make.number(180));
    match deployment_role(service) {
        Some(role) => draft = draft.set("Role", role),
        None => {
            draft = draft.set("Role", make.att(ROLE, "Arn")).after(&[make.text(ROLE)]);
            for statement in statements {
                // Two statements on the same text are one; on two references they stay two.
                let resource = statement.at(&["Resource"]).and_then(|r| r.as_text());
                let twin =
                    |s: &Value<'a>| resource.is_some() && s.at(&["Resource"]).and_then(|r| r.as_text()) == resource;
                if !stack.helper.iter().any(|(_, s)| twin(s)) {
                    stack.helper.push((cause, *statement));
                }
            }
        }
    }
    if writes_logs(service) {
        let group = told(build, format_args!("{}LogGroup", naming::normal(helper.name())));
        draft = draft.after(&[make.text(group)]);
        stack.add(
            Draft::new(group, "AWS::Logs::LogGroup", cause)
                .set("LogGroupName", make.concat(&[make.text("/aws/lambda/"), name]))
                .maybe("RetentionInDays", service.provided("logRetentionInDays"))
                .maybe("DataProtectionPolicy", service.provided("logDataProtectionPolicy")),
        );
    }
    stack.add(draft);
}

/// Makes the role of the helper functions, once all of them are known.
pub(super) fn role<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let Some((first, _)) = stack.helper.first() else { return };
    let cause = Cause {
        made_by: told(service.build, format_args!("the Serverless Framework adds this role {}", Resource::OWN_USE)),
        ..*first
    };
    let make = service.make(cause.origin);
    let mut statements = Vec::new();
    if writes_logs(service) {
        let prefix = service.named(make.origin, "");
        let arn = |tail| make.list(&[super::role::log_arn(make, prefix, tail)]);
        statements.push(make.allow(super::role::log_actions(service.version), arn("*:*")));
        statements.push(make.allow(&["logs:PutLogEvents"], arn("*:*:*")));
    }
    statements.extend(stack.helper.iter().map(|(_, s)| *s));
    let name = make.join(
        "-",
        &[make.text(service.stage), service.name.with_origin(make.origin), make.text("custom-resources-lambda")],
    );
    let policy = make.map(&[("PolicyName", name), ("PolicyDocument", make.policy(&statements))]);
    stack.add(
        Draft::new(ROLE, "AWS::IAM::Role", cause)
            .set("AssumeRolePolicyDocument", make.trust(make.texts(&["lambda.amazonaws.com"])))
            .set("Policies", make.list(&[policy])),
    );
}

/// The account's role for API Gateway's logs; made once, for REST and WebSocket APIs alike.
pub(super) fn api_logs<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    const ID: &str = "CustomApiGatewayAccountCloudWatchRole";
    let rest = service.provider_at(&["logs", "restApi"]);
    if rest.is_some_and(|r| read::flag(r, "roleManagedExternally")) || stack.has(ID) {
        return;
    }
    let cause = service.cause("custom resource", &[&["logs", "restApi"], &["logs", "websocket"], &["logs"]]);
    let make = service.make(cause.origin);
    let id = Helper::ApiLogs.id(service);
    stack.add(
        Draft::new(ID, "Custom::ApiGatewayAccountRole", cause)
            .set("ServiceToken", make.att(id, "Arn"))
            .maybe("RoleArn", rest.and_then(|r| read::get(r, "role"))),
    );
    let roles = make.join(
        ":",
        &[
            make.text("arn"),
            make.reference("AWS::Partition"),
            make.text("iam:"),
            make.reference("AWS::AccountId"),
            make.text("role/*"),
        ],
    );
    let account =
        make.join(":", &[make.text("arn"), make.reference("AWS::Partition"), make.text("apigateway:*::/account")]);
    let statements = [
        make.allow(&["iam:AttachRolePolicy", "iam:CreateRole", "iam:ListAttachedRolePolicies", "iam:PassRole"], roles),
        make.allow(&["apigateway:GET", "apigateway:PATCH"], account),
    ];
    helper(service, stack, Helper::ApiLogs, cause, &statements);
}

/// The role that deploys is also the helpers'.
fn deployment_role<'a>(service: &Service<'a>) -> Option<Value<'a>> {
    service.provider_at(&["iam", "deploymentRole"]).or_else(|| service.provided("cfnRole")).filter(truthy)
}

fn writes_logs(service: &Service<'_>) -> bool {
    match service.provider_at(&["logs", "frameworkLambda"]) {
        Some(setting) => !matches!(setting.kind, Kind::Bool(false)),
        None => service.version == Version::V4,
    }
}
