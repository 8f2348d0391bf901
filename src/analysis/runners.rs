//! What runs code or calls AWS as a role, and where it names the role.

/// The types of resources that run as a role, and the path of the property that names it. From the property references of the user
/// guide.
pub const RUNNERS: &[(&str, &[&str])] = &[
    ("AWS::Lambda::Function", &["Role"]),
    ("AWS::Lambda::WebFunctionRevision", &["ServiceConfig", "ExecutionRoleArn"]),
    ("AWS::Lambda::MicrovmImage", &["BuildRoleArn"]),
    ("AWS::StepFunctions::StateMachine", &["RoleArn"]),
    ("AWS::ECS::TaskDefinition", &["TaskRoleArn"]),
    ("AWS::ECS::DaemonTaskDefinition", &["TaskRoleArn"]),
    ("AWS::ECS::ExpressGatewayService", &["TaskRoleArn"]),
    ("AWS::AppRunner::Service", &["InstanceConfiguration", "InstanceRoleArn"]),
    ("AWS::Batch::JobDefinition", &["ContainerProperties", "JobRoleArn"]),
    ("AWS::BedrockAgentCore::Runtime", &["RoleArn"]),
    ("AWS::BedrockAgentCore::Harness", &["ExecutionRoleArn"]),
    ("AWS::Events::Rule", &["RoleArn"]),
    ("AWS::Scheduler::Schedule", &["RoleArn"]),
    ("AWS::Pipes::Pipe", &["RoleArn"]),
    ("AWS::CodeBuild::Project", &["ServiceRole"]),
    ("AWS::CodePipeline::Pipeline", &["RoleArn"]),
    ("AWS::Glue::Job", &["Role"]),
    ("AWS::AppSync::DataSource", &["ServiceRoleArn"]),
    ("AWS::KinesisFirehose::DeliveryStream", &["RoleARN"]),
    ("AWS::SageMaker::NotebookInstance", &["RoleArn"]),
];

/// The path of the property by which a resource of this type names the role that it runs as; empty for a type that runs as none.
#[must_use]
pub fn role_path(kind: &str) -> &'static [&'static str] {
    RUNNERS.iter().find(|(of, _)| *of == kind).map_or(&[], |(_, path)| path)
}

/// Whether this is a function, or a revision of a web function: Lambda runs somebody's code as its role.
///
/// See <https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html>.
#[must_use]
pub fn is_function(kind: &str) -> bool {
    matches!(kind, "AWS::Lambda::Function" | "AWS::Lambda::WebFunctionRevision")
}

/// The path of the runtime of a function of either sort.
#[must_use]
pub fn runtime_path(kind: &str) -> &'static [&'static str] {
    match kind {
        "AWS::Lambda::WebFunctionRevision" => &["BuildConfig", "RuntimeConfig", "Runtime"],
        _ => &["Runtime"],
    }
}

/// What the name of the log group of a function of either sort begins with, and the path of the property that names another.
#[must_use]
pub fn log_group(kind: &str) -> (&'static str, &'static [&'static str]) {
    match kind {
        "AWS::Lambda::WebFunctionRevision" => {
            ("/aws/lambda/web/", &["ServiceConfig", "TelemetryConfig", "LoggingConfig", "LogGroup"])
        }
        _ => ("/aws/lambda/", &["LoggingConfig", "LogGroup"]),
    }
}

/// The path of the environment variables of a function of either sort.
#[must_use]
pub fn variables_path(kind: &str) -> &'static [&'static str] {
    match kind {
        "AWS::Lambda::WebFunctionRevision" => &["ServiceConfig", "EnvironmentVariables"],
        _ => &["Environment", "Variables"],
    }
}
