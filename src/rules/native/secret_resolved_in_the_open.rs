//! A secret that flows to where it is read without a right on the secret.

use crate::analysis::flows::Secret;
use crate::analysis::{environments, walk};
use crate::resolve::Under;
use crate::rulebook::{Confidence, Severity};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Intrinsic, Kind, Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    if let Some(metadata) = &cx.template.metadata {
        leaks(cx, metadata, None, "metadata is shown by `cloudformation:GetTemplate`, unmasked", Severity::High, out);
    }
    for resource in &cx.template.resources {
        if let Some(metadata) = resource.attribute("Metadata") {
            let why = "metadata is shown by `cloudformation:DescribeStackResource`, unmasked";
            leaks(cx, &metadata.value, Some(resource), why, Severity::High, out);
        }
        let tags = [("", &["Tags"][..], "tags are shown in every list and bill", Severity::High)];
        for (kind, paths, why, severity) in PLACES.iter().filter(|(kind, ..)| *kind == resource.kind).chain(&tags) {
            // Variables of functions have a rule of their own.
            let environment = environments::of(kind).filter(|_| *kind != "AWS::Lambda::Function");
            for path in environment.chain(paths.iter().copied()) {
                let steps: Vec<&str> = path.split('.').map(|step| step.trim_end_matches("[]")).collect();
                at(&resource.properties, &steps, 0, &mut |value| leaks(cx, value, Some(resource), why, *severity, out));
            }
        }
    }
}

/// What many may read, beside the environment of the programs: a type, paths of its properties, who reads it there, how bad that
/// is. From the reference of each API.
const PLACES: &[(&str, &[&str], &str, Severity)] = &[
    ("AWS::EC2::Instance", &["UserData"], USER_DATA, Severity::Medium),
    ("AWS::AutoScaling::LaunchConfiguration", &["UserData"], USER_DATA, Severity::Medium),
    ("AWS::EC2::LaunchTemplate", &["LaunchTemplateData.UserData"], USER_DATA, Severity::Medium),
    ("AWS::EC2::SpotFleet", &["SpotFleetRequestConfigData.LaunchSpecifications.UserData"], USER_DATA, Severity::Medium),
    ("AWS::WorkspacesInstances::WorkspaceInstance", &["ManagedInstance.UserData"], USER_DATA, Severity::Medium),
    ("AWS::Lightsail::Instance", &["UserData"], "user data is read by every process of the machine", Severity::Medium),
    ("AWS::SSM::Parameter", &["Value"], "a parameter of this type is stored in plain text", Severity::High),
    (
        "AWS::ECS::TaskDefinition",
        &[
            "ContainerDefinitions.Command",
            "ContainerDefinitions.EntryPoint",
            "ContainerDefinitions.DockerLabels",
            "ContainerDefinitions.HealthCheck.Command",
        ],
        "it is read by `ecs:DescribeTaskDefinition`, in every revision",
        Severity::High,
    ),
    (
        "AWS::ECS::DaemonTaskDefinition",
        &["ContainerDefinitions.Command", "ContainerDefinitions.EntryPoint"],
        "it is read by `ecs:DescribeDaemonTaskDefinition`, in every revision",
        Severity::High,
    ),
    (
        "AWS::ECS::ExpressGatewayService",
        &["PrimaryContainer.Command"],
        "it is read by `ecs:DescribeExpressGatewayService`",
        Severity::High,
    ),
    (
        "AWS::Batch::JobDefinition",
        &[
            "ContainerProperties.Command",
            "EcsProperties.TaskProperties.Containers.Command",
            "NodeProperties.NodeRangeProperties.Container.Command",
        ],
        "it is read by `batch:DescribeJobDefinitions` and `batch:DescribeJobs`",
        Severity::High,
    ),
    (
        "AWS::CodeBuild::Project",
        &["Source.BuildSpec"],
        "it is read by `codebuild:BatchGetProjects`, and shown with every build",
        Severity::High,
    ),
    (
        "AWS::CodePipeline::Pipeline",
        &[
            "Variables",
            "Stages.Actions.Configuration.EnvironmentVariables",
            "Stages.Actions.Configuration.ParameterOverrides",
            "Stages.Actions.Configuration.UserParameters",
        ],
        "it is read by `codepipeline:GetPipeline`, and shown with every execution",
        Severity::High,
    ),
    ("AWS::Amplify::App", &["BuildSpec"], "it is read by `amplify:GetApp`, and by every build", Severity::High),
    ("AWS::Amplify::Branch", &[], "it is read by `amplify:GetBranch`, and by every build", Severity::High),
    (
        "AWS::AppRunner::Service",
        &[
            "SourceConfiguration.ImageRepository.ImageConfiguration.StartCommand",
            "SourceConfiguration.CodeRepository.CodeConfiguration.CodeConfigurationValues.BuildCommand",
            "SourceConfiguration.CodeRepository.CodeConfiguration.CodeConfigurationValues.StartCommand",
        ],
        "it is read by `apprunner:DescribeService`",
        Severity::High,
    ),
    (
        "AWS::AppSync::GraphQLApi",
        &["EnvironmentVariables"],
        "it is read by `appsync:GetGraphqlApiEnvironmentVariables`",
        Severity::High,
    ),
    (
        "AWS::BedrockAgentCore::Runtime",
        &[],
        "it is read by `bedrock-agentcore:GetAgentRuntime`, and by whatever the agent runs",
        Severity::High,
    ),
    (
        "AWS::BedrockAgentCore::Harness",
        &[],
        "it is read by `bedrock-agentcore:GetHarness`, and by whatever the agent runs",
        Severity::High,
    ),
    (
        "AWS::Lambda::MicrovmImage",
        &[],
        "it is read by `lambda:GetMicrovmImage`, and kept in the snapshot",
        Severity::High,
    ),
    (
        "AWS::Lightsail::Container",
        &["ContainerServiceDeployment.Containers.Command"],
        "it is read by `lightsail:GetContainerServices`",
        Severity::High,
    ),
    (
        "AWS::Synthetics::Canary",
        &[],
        "it is read by `lambda:GetFunctionConfiguration`, of the canary's function",
        Severity::High,
    ),
    (
        "AWS::Glue::Job",
        &["DefaultArguments", "NonOverridableArguments"],
        "arguments are read by `glue:GetJob` and written to the log of every run",
        Severity::High,
    ),
    ("AWS::SageMaker::Model", &[], "it is read by `sagemaker:DescribeModel`", Severity::High),
    ("AWS::SageMaker::InferenceComponent", &[], "it is read by `sagemaker:DescribeInferenceComponent`", Severity::High),
    (
        "AWS::StepFunctions::StateMachine",
        &["Definition", "DefinitionString", "DefinitionSubstitutions"],
        "it is read by `states:DescribeStateMachine`, and shown with every execution",
        Severity::High,
    ),
    (
        "AWS::Events::Rule",
        &["Targets.Input", "Targets.InputTransformer.InputTemplate"],
        "it is read by `events:ListTargetsByRule`",
        Severity::High,
    ),
    ("AWS::Pipes::Pipe", &["TargetParameters.InputTemplate"], "it is read by `pipes:DescribePipe`", Severity::High),
    ("AWS::Scheduler::Schedule", &["Target.Input"], "it is read by `scheduler:GetSchedule`", Severity::High),
    ("AWS::ApiGateway::Stage", &["Variables"], "stage variables are read by `apigateway:GET`", Severity::High),
    ("AWS::ApiGatewayV2::Stage", &["StageVariables"], "stage variables are read by `apigateway:GET`", Severity::High),
    (
        "AWS::ApiGateway::RestApi",
        &["Body"],
        "the definition is read by `apigateway:GET`, and exported with the API",
        Severity::High,
    ),
    (
        "AWS::ApiGateway::Method",
        &["Integration.RequestParameters", "Integration.RequestTemplates"],
        "the integration is read by `apigateway:GET`, and exported with the API",
        Severity::High,
    ),
    (
        "AWS::ApiGatewayV2::Integration",
        &["RequestParameters", "RequestTemplates"],
        "the integration is read by `apigateway:GET`, and exported with the API",
        Severity::High,
    ),
    (
        "AWS::AppSync::FunctionConfiguration",
        &["Code", "RequestMappingTemplate"],
        "it is read by `appsync:GetFunction`",
        Severity::High,
    ),
    (
        "AWS::AppSync::Resolver",
        &["Code", "RequestMappingTemplate"],
        "it is read by `appsync:GetResolver`",
        Severity::High,
    ),
    ("AWS::CloudFront::Function", &["FunctionCode"], "the code is read by `cloudfront:GetFunction`", Severity::High),
    ("AWS::Lambda::Function", &["Code.ZipFile"], "the code is read by `lambda:GetFunction`", Severity::High),
    (
        "AWS::EMR::Cluster",
        &["BootstrapActions.ScriptBootstrapAction.Args", "Steps.HadoopJarStep.Args"],
        "arguments are read by `elasticmapreduce:ListBootstrapActions` and `elasticmapreduce:ListSteps`",
        Severity::High,
    ),
    ("AWS::EMR::Step", &["HadoopJarStep.Args"], "arguments are read by `elasticmapreduce:ListSteps`", Severity::High),
    (
        "AWS::ImageBuilder::Component",
        &["Data"],
        "it is read by `imagebuilder:GetComponent`, and logged where an image is built",
        Severity::High,
    ),
    (
        "AWS::SageMaker::NotebookInstanceLifecycleConfig",
        &["OnCreate.Content", "OnStart.Content"],
        "it is read by `sagemaker:DescribeNotebookInstanceLifecycleConfig`",
        Severity::High,
    ),
    (
        "AWS::ApiGatewayV2::Api",
        &["Body"],
        "the definition is read by `apigateway:GET`, and exported with the API",
        Severity::High,
    ),
    ("AWS::EKS::Addon", &["ConfigurationValues"], "it is read by `eks:DescribeAddon`", Severity::High),
    (
        "AWS::KafkaConnect::Connector",
        &["ConnectorConfiguration"],
        "it is read by `kafkaconnect:DescribeConnector`",
        Severity::High,
    ),
    (
        "AWS::KinesisAnalyticsV2::Application",
        &["ApplicationConfiguration.EnvironmentProperties.PropertyGroups.PropertyMap"],
        "it is read by `kinesisanalytics:DescribeApplication`",
        Severity::High,
    ),
    (
        "AWS::MWAA::Environment",
        &["AirflowConfigurationOptions"],
        "it is read by `airflow:GetEnvironment`",
        Severity::High,
    ),
    (
        "AWS::SSM::MaintenanceWindowTask",
        &["TaskInvocationParameters"],
        "it is read by `ssm:GetMaintenanceWindowTask`",
        Severity::High,
    ),
    ("AWS::SSM::Association", &["Parameters"], "it is read by `ssm:DescribeAssociation`", Severity::High),
    (
        "AWS::SSM::Document",
        &["Content"],
        "documents are read by `ssm:GetDocument`, and their runs are logged",
        Severity::High,
    ),
    (
        "AWS::ElasticBeanstalk::ConfigurationTemplate",
        &[],
        "options are read by `elasticbeanstalk:DescribeConfigurationSettings`",
        Severity::High,
    ),
    (
        "AWS::ElasticBeanstalk::Environment",
        &[],
        "options are read by `elasticbeanstalk:DescribeConfigurationSettings`",
        Severity::High,
    ),
];

const USER_DATA: &str = "user data is read by `ec2:DescribeInstanceAttribute` and by every process of the machine";

/// Calls back for what stands at a path, in every item of a list and both ways of a choice.
fn at<'a>(value: &Value<'a>, steps: &[&str], depth: usize, each: &mut dyn FnMut(&Value<'a>)) {
    let Some((step, rest)) = steps.split_first() else { return each(value) };
    match value.kind {
        _ if depth > 64 => {}
        Kind::Map(map) => map.get(step).into_iter().for_each(|entry| at(&entry.value, rest, depth + 1, each)),
        Kind::List(items) => items.iter().for_each(|item| at(item, steps, depth + 1, each)),
        Kind::Intrinsic(Intrinsic::If(_, yes, no)) => {
            [yes, no].into_iter().for_each(|way| at(way, steps, depth + 1, each))
        }
        Kind::Intrinsic(_) | Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => {}
    }
}

fn leaks<'a>(
    cx: &Context<'_, 'a>,
    value: &Value<'a>,
    resource: Option<&Resource<'a>>,
    why: &str,
    severity: Severity,
    out: &mut Sink<'a>,
) {
    let under = resource.map_or(Some(Under::always()), |r| cx.under(r));
    let Some(under) = under else { return };
    walk::reads(value, &mut |read, origin| {
        let Some(secret) = Secret::of_read(cx.template, None, read) else { return };
        let message = format!("{} ends up readable: {why}", secret.what());
        let hit =
            Hit::new(Spot::missing(origin)).under(&under).severity(severity).message(message).help(secret.instead());
        // That it is a secret is told by its name alone.
        let hit = if matches!(secret, Secret::Plain(_)) { hit.confidence(Confidence::Medium) } else { hit };
        out.report(match resource {
            Some(resource) => hit.of(resource),
            None => hit,
        });
    });
}
