//! A permission whose source belongs to another service than its principal allows nothing.

use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

/// Which service invokes functions for a resource type.
const OWNERS: &[(&str, &str)] = &[
    ("AWS::S3::Bucket", "s3"),
    ("AWS::SNS::Topic", "sns"),
    ("AWS::Events::Rule", "events"),
    ("AWS::ApiGateway::RestApi", "apigateway"),
    ("AWS::ApiGatewayV2::Api", "apigateway"),
    ("AWS::Cognito::UserPool", "cognito-idp"),
    ("AWS::Logs::LogGroup", "logs"),
    ("AWS::IoT::TopicRule", "iot"),
    ("AWS::ElasticLoadBalancingV2::TargetGroup", "elasticloadbalancing"),
    ("AWS::SecretsManager::Secret", "secretsmanager"),
    ("AWS::CodeCommit::Repository", "codecommit"),
    ("AWS::Config::ConfigRule", "config"),
    ("AWS::Scheduler::Schedule", "scheduler"),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for permission in cx.resources("AWS::Lambda::Permission") {
        let Some(entry) = permission.property("SourceArn") else { continue };
        for source in cx.resolver.cases(&entry.value, &cx.under(permission).unwrap_or_default()) {
            let Some(target) = source.present().and_then(|v| cx.resolver.target(&v)) else { continue };
            let Some((_, owner)) = OWNERS.iter().find(|(kind, _)| *kind == target.kind) else { continue };
            for case in cx.resolver.property(permission, &["Principal"]) {
                let Some(value) = case.present() else { continue };
                let Some(principal) = Text::of(&value).known() else { continue };
                let Some(host) = principal.split_once(".amazonaws.com").map(|(host, _)| host) else { continue };
                // `logs.eu-west-1.amazonaws.com` is written with its region.
                let service = host.split('.').next().unwrap_or(host);
                let Some(under) = source.under.and(&case.under).filter(|_| service != *owner) else { continue };
                let message = format!(
                    "source `{}` belongs to {owner}.amazonaws.com, so {principal} is never let in",
                    target.written_id
                );
                let hit = Hit::new(Spot::at(value)).of(permission).under(&under).message(message);
                out.report(
                    hit.related(entry.key_origin, "the source").help(format!("Set `Principal: {owner}.amazonaws.com`")),
                );
            }
        }
    }
}
