//! What runs code or calls AWS as a role, and where it names the role.

/// The types of resources that run as a role, and the path of the property that names it. From the property references of the user
/// guide.
const RUNNERS: &[(&str, &[&str])] = &[
    ("AWS::Lambda::Function", &["Role"]),
    ("AWS::Lambda::WebFunctionRevision", &["ServiceConfig", "ExecutionRoleArn"]),
    ("AWS::Lambda::MicrovmImage", &["BuildRoleArn"]),
    ("AWS::StepFunctions::StateMachine", &["RoleArn"]),
    ("AWS::ECS::TaskDefinition", &["TaskRoleArn"]),
    ("AWS::ECS::DaemonTaskDefinition", &["TaskRoleArn"]),
    ("AWS::ECS::ExpressGatewayService", &["TaskRoleArn"]),
    ("AWS::AppRunner::Service", &["InstanceConfiguration", "InstanceRoleArn"]),
    ("AWS::Batch::JobDefinition", &["ContainerProperties", "JobRoleArn"]),
    ("AWS::Bedrock::Agent", &["AgentResourceRoleArn"]),
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

/// What only hands on what it is given: nobody writes code for it that could be turned against its role.
const ERRANDS: &[&str] = &[
    "AWS::AppSync::DataSource",
    "AWS::Events::Rule",
    "AWS::KinesisFirehose::DeliveryStream",
    "AWS::Lambda::MicrovmImage",
    "AWS::Pipes::Pipe",
    "AWS::Scheduler::Schedule",
];

/// Whether what somebody wrote runs as the role of a resource of this type.
#[must_use]
pub fn is_workload(kind: &str) -> bool {
    !ERRANDS.contains(&kind) && !role_path(kind).is_empty()
}

/// What differs between functions that events invoke and revisions of web functions. From the property references of the user guide, and
/// <https://docs.aws.amazon.com/lambda/latest/dg/web-functions.html>.
#[derive(Debug)]
pub struct Sort {
    kind: &'static str,
    /// The path of the runtime.
    pub runtime: &'static [&'static str],
    /// The path of the environment variables.
    pub variables: &'static [&'static str],
    /// The action that reads them.
    pub reader: &'static str,
    /// The path of the name of the log group.
    pub log_group: &'static [&'static str],
    /// What the name of the log group begins with where none is given; the function's own follows.
    pub usual_log_group: &'static str,
}

static SORTS: [Sort; 2] = [
    Sort {
        kind: "AWS::Lambda::Function",
        runtime: &["Runtime"],
        variables: &["Environment", "Variables"],
        reader: "lambda:GetFunctionConfiguration",
        log_group: &["LoggingConfig", "LogGroup"],
        usual_log_group: "/aws/lambda/",
    },
    Sort {
        kind: "AWS::Lambda::WebFunctionRevision",
        runtime: &["BuildConfig", "RuntimeConfig", "Runtime"],
        variables: &["ServiceConfig", "EnvironmentVariables"],
        reader: "lambda:GetWebFunctionRevision",
        log_group: &["ServiceConfig", "TelemetryConfig", "LoggingConfig", "LogGroup"],
        usual_log_group: "/aws/lambda/web/",
    },
];

/// The sort of function that a type is; `None` for what is none.
#[must_use]
pub fn function(kind: &str) -> Option<&'static Sort> {
    SORTS.iter().find(|sort| sort.kind == kind)
}
