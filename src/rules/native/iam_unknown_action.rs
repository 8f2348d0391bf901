//! Actions that do not exist, or that a resource's policy cannot allow.

use super::{Context, Rule, Sink};
use crate::analysis::iam::{actions, did_you_mean};
use crate::resolve::Text;
use crate::rulebook::{Confidence, PolicyKind};
use crate::rules::{Hit, Spot};
use crate::template::Step;

/// The one service whose actions a resource's policy can hold.
const OWN: &[(&str, &str)] = &[
    ("AWS::S3::BucketPolicy", "s3"),
    ("AWS::S3::AccessPoint", "s3"),
    ("AWS::SQS::QueuePolicy", "sqs"),
    ("AWS::SQS::QueueInlinePolicy", "sqs"),
    ("AWS::SNS::TopicPolicy", "sns"),
    ("AWS::SNS::TopicInlinePolicy", "sns"),
    ("AWS::KMS::Key", "kms"),
    ("AWS::KMS::ReplicaKey", "kms"),
    ("AWS::Lambda::ResourcePolicy", "lambda"),
    ("AWS::SecretsManager::ResourcePolicy", "secretsmanager"),
    ("AWS::ECR::Repository", "ecr"),
    ("AWS::ECR::RepositoryCreationTemplate", "ecr"),
    ("AWS::ECR::RegistryPolicy", "ecr"),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements() {
        let owner = cx.owner(statement);
        let asked = statement.asked(cx.resolver);
        for case in ["Action", "NotAction"].iter().flat_map(|key| asked.items(key)) {
            // Whoever uses one of SAM's policy templates cannot change what is in it.
            if case.place.step.is_some_and(Step::is_of_policy_template) {
                continue;
            }
            let Some(text) = case.present().and_then(|v| Text::of(&v).known()) else { continue };
            let Some((prefix, name)) =
                text.split_once(':').filter(|(prefix, name)| !prefix.is_empty() && !name.is_empty())
            else {
                continue;
            };
            let own = OWN
                .iter()
                .find(|(kind, _)| *kind == owner.kind && statement.kind == PolicyKind::Resource)
                .map(|(_, own)| *own);
            let known = actions::expand(&text).next().is_some();
            let message = match own {
                Some(own) if known && !prefix.contains(['*', '?']) && !prefix.eq_ignore_ascii_case(own) => {
                    format!("`{text}` has no effect in this policy, which holds actions of `{own}` only")
                }
                _ if known || actions::retired(&text) => continue,
                // SNS writes it into the policies of its topics itself.
                _ if text.eq_ignore_ascii_case("sns:Receive") => continue,
                _ => match (actions::service(prefix), name.contains(['*', '?'])) {
                    (None, _) => format!("AWS has no service `{prefix}`"),
                    (Some(service), false) => format!("{} has no action `{name}`", service.title),
                    (Some(service), true) => format!("`{name}` matches no action of {}", service.title),
                },
            };
            let mut hit = Hit::new(Spot::in_statement(statement, &case)).of(owner).under(&case.under).message(message);
            if let Some(advice) = did_you_mean(&text).filter(|_| !known) {
                hit = hit.help(format!("Did you mean `{advice}`?"));
            } else if let Some(made) = actions::outdated(cx.today).filter(|_| !known) {
                // Like nothing that was known then: it may have come since.
                hit = hit.confidence(Confidence::Low);
                hit = hit.help(format!("This portcullis knows AWS's actions as of {made}: a newer one knows more."));
            }
            out.report(hit);
        }
    }
}
