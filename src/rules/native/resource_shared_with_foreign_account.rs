//! Copies, shares and streams of data that go to an account whose number stands in the template.

use super::{Context, Rule, Sink};
use crate::analysis::document::parsed;
use crate::analysis::policy::{Account, account_of};
use crate::analysis::walk::at_path;
use crate::resolve::{Case, Text};
use crate::rules::{Hit, Spot};
use crate::template::Resource;

/// Where the account stands, by itself or in an ARN, and what it gets.
const PLACES: &[(&str, &str, &str)] = &[
    (
        "AWS::Backup::BackupPlan",
        "BackupPlan.BackupPlanRule[].CopyActions[].DestinationBackupVaultArn",
        "copies of the backups",
    ),
    ("AWS::CloudWatch::MetricStream", "FirehoseArn", "the metrics"),
    ("AWS::Config::AggregationAuthorization", "AuthorizedAccountId", "what AWS Config records here"),
    ("AWS::DLM::LifecyclePolicy", "PolicyDetails.Schedules[].ShareRules[].TargetAccounts[]", "the snapshots"),
    ("AWS::EC2::NetworkInterfacePermission", "AwsAccountId", "the use of a network interface"),
    ("AWS::EC2::VPCEndpointServicePermissions", "AllowedPrincipals[]", "a way to the service"),
    (
        "AWS::ECR::ReplicationConfiguration",
        "ReplicationConfiguration.Rules[].Destinations[].RegistryId",
        "copies of the images",
    ),
    ("AWS::Events::EventBusPolicy", "Principal", "the right to put events on the bus"),
    ("AWS::Events::Rule", "Targets[].Arn", "the events"),
    (
        "AWS::GlobalAccelerator::CrossAccountAttachment",
        "Principals[]",
        "the right to use these resources behind its accelerator",
    ),
    (
        "AWS::ImageBuilder::DistributionConfiguration",
        "Distributions[].AmiDistributionConfiguration.LaunchPermissionConfiguration.UserIds[]",
        "the images",
    ),
    (
        "AWS::ImageBuilder::DistributionConfiguration",
        "Distributions[].AmiDistributionConfiguration.TargetAccountIds[]",
        "copies of the images",
    ),
    ("AWS::LakeFormation::Permissions", "DataLakePrincipal.DataLakePrincipalIdentifier", "a grant on the data lake"),
    ("AWS::Lambda::EventInvokeConfig", "DestinationConfig.OnFailure.Destination", "the events that failed"),
    ("AWS::Lambda::EventInvokeConfig", "DestinationConfig.OnSuccess.Destination", "the function's events and answers"),
    ("AWS::LakeFormation::PrincipalPermissions", "Principal.DataLakePrincipalIdentifier", "a grant on the data lake"),
    ("AWS::Lambda::EventSourceMapping", "DestinationConfig.OnFailure.Destination", "the events that failed"),
    ("AWS::Lightsail::Bucket", "ReadOnlyAccessAccounts[]", "the objects"),
    // The path goes on into a text of JSON.
    ("AWS::Logs::AccountPolicy", "PolicyDocument > DestinationArn", "all the logs of the account"),
    ("AWS::Logs::Delivery", "DeliveryDestinationArn", "the logs"),
    ("AWS::Logs::Destination", "TargetArn", "the logs"),
    ("AWS::Logs::SubscriptionFilter", "DestinationArn", "the logs"),
    ("AWS::Oam::Link", "SinkIdentifier", "a view of metrics, logs or traces"),
    ("AWS::Pipes::Pipe", "Target", "the events"),
    ("AWS::RAM::PrincipalAssociation", "Principal", "the shared resources"),
    ("AWS::RAM::ResourceShare", "Principals[]", "the shared resources"),
    ("AWS::Redshift::EndpointAuthorization", "Account", "a way to the cluster"),
    ("AWS::S3::AccessGrant", "Grantee.GranteeIdentifier", "a grant on the objects"),
    ("AWS::S3::Bucket", "InventoryConfigurations[].Destination.BucketAccountId", "the list of all objects"),
    ("AWS::S3::Bucket", "ReplicationConfiguration.Rules[].Destination.Account", "copies of the objects"),
    (
        "AWS::S3Express::DirectoryBucket",
        "InventoryConfigurations[].Destination.BucketAccountId",
        "the list of all objects",
    ),
    ("AWS::SNS::Subscription", "Endpoint", "the messages"),
    ("AWS::SNS::Topic", "Subscription[].Endpoint", "the messages"),
    ("AWS::Scheduler::Schedule", "Target.Arn", "the events"),
    ("AWS::SecurityLake::Subscriber", "SubscriberIdentity.Principal", "what the security lake gathers"),
    ("AWS::ServiceCatalog::PortfolioShare", "AccountId", "the portfolio"),
    ("AWS::Signer::ProfilePermission", "Principal", "the right to sign"),
];

pub(super) fn check<'a>(rule: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let trusted = cx.trusted_accounts(rule);
    for (kind, path, what) in PLACES {
        for resource in cx.resources(kind) {
            for case in at(cx, resource, path) {
                let Some(value) = case.present() else { continue };
                let text = Text::of(&value);
                // An organisation is named by the account that manages it; a condition says which one may put events.
                let organization = text.pattern().contains(":organizations:");
                let limited = *kind == "AWS::Events::EventBusPolicy" && cx.resolver.may_say(resource, "Condition");
                let Account::Number(account) = account_of(&text) else { continue };
                // A number by itself is a telephone's there.
                let telephone = path.ends_with("Endpoint") && !text.pattern().starts_with("arn:");
                if organization || limited || telephone || trusted.contains(&account) {
                    continue;
                }
                let spot = Spot::of(&case);
                let message = format!("account {account} gets {what}");
                out.report(Hit::new(spot).of(resource).under(&case.under).message(message));
            }
        }
    }
}

/// What stands at a path, which may go on inside of a document that is one text.
fn at<'a>(cx: &Context<'_, 'a>, resource: &Resource<'a>, path: &str) -> Vec<Case<'a>> {
    let Some((text, key)) = path.split_once(" > ") else { return at_path(cx.resolver, resource, path) };
    let documents = at_path(cx.resolver, resource, text);
    let inside = |case: &Case<'a>| {
        let value = case.present()?;
        let document = parsed(cx.resolver, &value).unwrap_or(value);
        Some(cx.resolver.get(&document, key, &case.under))
    };
    documents.iter().filter_map(inside).flatten().collect()
}
