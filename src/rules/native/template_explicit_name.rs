//! A resource whose physical name is fixed: it can neither be replaced nor deployed twice.

use crate::resolve::Text;
use crate::rulebook::{EditSpec, Path};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Origin;

/// Types that need no name, and the property that gives them one.
const NAMES: &[(&str, &str)] = &[
    ("AWS::ApiGateway::ApiKey", "Name"),
    ("AWS::CloudWatch::Alarm", "AlarmName"),
    ("AWS::CodeDeploy::DeploymentConfig", "DeploymentConfigName"),
    ("AWS::CodeDeploy::DeploymentGroup", "DeploymentGroupName"),
    ("AWS::DynamoDB::GlobalTable", "TableName"),
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::EC2::SecurityGroup", "GroupName"),
    ("AWS::ECR::Repository", "RepositoryName"),
    ("AWS::ElasticLoadBalancing::LoadBalancer", "LoadBalancerName"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "Name"),
    ("AWS::Elasticsearch::Domain", "DomainName"),
    ("AWS::IAM::Group", "GroupName"),
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"),
    ("AWS::IAM::Role", "RoleName"),
    ("AWS::IAM::User", "UserName"),
    ("AWS::Kinesis::Stream", "Name"),
    ("AWS::Lambda::Function", "FunctionName"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::OpenSearchService::Domain", "DomainName"),
    ("AWS::RDS::DBCluster", "DBClusterIdentifier"),
    ("AWS::RDS::DBInstance", "DBInstanceIdentifier"),
    ("AWS::S3::Bucket", "BucketName"),
    ("AWS::SNS::Topic", "TopicName"),
    ("AWS::SQS::Queue", "QueueName"),
    ("AWS::SecretsManager::Secret", "Name"),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let mut left = MOST;
    for resource in cx.template.resources.iter().filter(|r| r.made_by.is_none()) {
        let Some((_, property)) = NAMES.iter().find(|(kind, _)| *kind == resource.kind) else { continue };
        for case in cx.resolver.property(resource, &[property]) {
            // A name made of the stack's, the stage's or a parameter's differs from deployment to deployment.
            let fixed =
                case.parameter.is_none() && case.present().is_some_and(|value| Text::of(&value).known().is_some());
            let value = case.present().filter(|value| fixed && value.origin.step.is_none());
            let Some(value) = value else { continue };
            // An empty name is fixed, too, and refused at the first deployment.
            let how = if value.as_text() == Some("") { "empty, which AWS refuses" } else { "fixed" };
            let message = format!("`{property}` of `{}` is {how}", resource.written_id);
            let path = Path::property(property);
            let hit = Hit::new(Spot::at(value)).of(resource).under(&case.under).message(message);
            let name = Text::of(&value).known().unwrap_or_default();
            let fixed = |hit: Hit<'a>| hit.fix(format!("remove `{property}`"), false, vec![EditSpec::Remove(path)]);
            out.report(if is_relied_on(cx, &name, value.origin, &mut left) { hit } else { fixed(hit) });
        }
    }
}

/// Prefixes that services ask for in names.
const PRESCRIBED: &[&str] = &["/aws/", "API-Gateway-Execution-Logs_", "aws-waf-logs-"];

/// How many bytes are looked through for names: enough for some hundred of them in a large template.
const MOST: usize = 30_000_000;

/// Whether something goes by a name: a service, or another text of the template; what is not looked for may be.
fn is_relied_on<'a>(cx: &Context<'_, 'a>, name: &str, own: Origin<'a>, left: &mut usize) -> bool {
    if name.is_empty() {
        return false;
    }
    let mut found = *left == 0 || PRESCRIBED.iter().any(|prefix| name.starts_with(prefix));
    if !found {
        cx.texts(&mut |other| {
            *left = left.saturating_sub(other.text.len() + 10);
            found |= other.origin.span != own.span && other.text.contains(name);
        });
    }
    found
}
