//! Where the environment of programs stands in a template.

/// A type, and the path of an environment among its properties (`[]` steps into a list): a map of names and values, or a list of
/// pairs of them. From the resource reference of each type.
pub const ENVIRONMENTS: &[(&str, &str)] = &[
    ("AWS::Amplify::App", "AutoBranchCreationConfig.EnvironmentVariables"),
    ("AWS::Amplify::App", "EnvironmentVariables"),
    ("AWS::Amplify::Branch", "EnvironmentVariables"),
    (
        "AWS::AppRunner::Service",
        "SourceConfiguration.CodeRepository.CodeConfiguration.CodeConfigurationValues.RuntimeEnvironmentVariables",
    ),
    ("AWS::AppRunner::Service", "SourceConfiguration.ImageRepository.ImageConfiguration.RuntimeEnvironmentVariables"),
    ("AWS::Batch::JobDefinition", "ContainerProperties.Environment"),
    ("AWS::Batch::JobDefinition", "EcsProperties.TaskProperties[].Containers[].Environment"),
    ("AWS::Batch::JobDefinition", "EksProperties.PodProperties.Containers[].Env"),
    ("AWS::Batch::JobDefinition", "NodeProperties.NodeRangeProperties[].Container.Environment"),
    (
        "AWS::Batch::JobDefinition",
        "NodeProperties.NodeRangeProperties[].EcsProperties.TaskProperties[].Containers[].Environment",
    ),
    ("AWS::Batch::JobDefinition", "NodeProperties.NodeRangeProperties[].EksProperties.PodProperties.Containers[].Env"),
    ("AWS::BedrockAgentCore::Harness", "EnvironmentVariables"),
    ("AWS::BedrockAgentCore::Runtime", "EnvironmentVariables"),
    ("AWS::CodeBuild::Project", "Environment.EnvironmentVariables"),
    ("AWS::CodePipeline::Pipeline", "Stages[].Actions[].EnvironmentVariables"),
    ("AWS::ECS::DaemonTaskDefinition", "ContainerDefinitions[].Environment"),
    ("AWS::ECS::ExpressGatewayService", "PrimaryContainer.Environment"),
    ("AWS::ECS::TaskDefinition", "ContainerDefinitions[].Environment"),
    ("AWS::ElasticBeanstalk::ConfigurationTemplate", "OptionSettings"),
    ("AWS::ElasticBeanstalk::Environment", "OptionSettings"),
    ("AWS::Lambda::Function", "Environment.Variables"),
    ("AWS::Lambda::MicrovmImage", "EnvironmentVariables"),
    ("AWS::Lightsail::Container", "ContainerServiceDeployment.Containers[].Environment"),
    ("AWS::SageMaker::InferenceComponent", "Specification.Container.Environment"),
    ("AWS::SageMaker::Model", "Containers[].Environment"),
    ("AWS::SageMaker::Model", "PrimaryContainer.Environment"),
    ("AWS::Synthetics::Canary", "RunConfig.EnvironmentVariables"),
];

/// The paths of the environments of a type.
pub fn of(kind: &str) -> impl Iterator<Item = &'static str> {
    ENVIRONMENTS.iter().filter(move |(of, _)| *of == kind).map(|(_, path)| *path)
}
