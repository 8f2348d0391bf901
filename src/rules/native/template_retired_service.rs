//! Resources of services that AWS has ended, or will.

use crate::analysis::knowledge::lifecycle::{self, End};
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Resource;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (resource, end, day) in ending(cx) {
        let on = day.map(|day| format!(" on {day}")).unwrap_or_default();
        let (severity, message) = match end {
            End::Shutdown => {
                (Severity::High, format!("`{}` cannot be made any more: the service was shut down{on}", resource.kind))
            }
            End::Sunset => {
                (Severity::Medium, format!("`{}` will stop to work: the service is shut down{on}", resource.kind))
            }
            End::Maintenance => continue,
        };
        let Some(under) = cx.under(resource) else { continue };
        let mut hit = Hit::new(Spot::missing(resource.kind_origin))
            .of(resource)
            .under(&under)
            .severity(severity)
            .message(message);
        if let Some((_, to)) = SUCCESSORS.iter().find(|(service, _)| resource.kind.starts_with(service)) {
            hit = hit.help(format!("Move to {to}."));
        }
        out.report(hit);
    }
}

/// What AWS names as the successor, where it is a service with types of its own.
const SUCCESSORS: &[(&str, &str)] = &[
    (
        "AWS::AppMesh::",
        "ECS Service Connect (`ServiceConnectConfiguration` of the service) or VPC Lattice (`AWS::VpcLattice::Service`)",
    ),
    ("AWS::AutoScaling::LaunchConfiguration", "`AWS::EC2::LaunchTemplate`"),
    ("AWS::Evidently::", "AppConfig: `AWS::AppConfig::ConfigurationProfile` with `Type: AWS.AppConfig.FeatureFlags`"),
    ("AWS::Greengrass::", "version 2: `AWS::GreengrassV2::ComponentVersion` and `AWS::GreengrassV2::Deployment`"),
    (
        "AWS::Inspector::",
        "Amazon Inspector's new version, which is switched on for the account or the organisation and asks for no template",
    ),
    ("AWS::KinesisAnalytics::", "Managed Service for Apache Flink: `AWS::KinesisAnalyticsV2::Application`"),
    ("AWS::QLDB::", "Aurora PostgreSQL: `AWS::RDS::DBCluster` with `Engine: aurora-postgresql`"),
    ("AWS::WAF::", "`AWS::WAFv2::WebACL` and its kin"),
    ("AWS::WAFRegional::", "`AWS::WAFv2::WebACL` and its kin"),
];

/// The resources of services whose end is known.
pub(super) fn ending<'c, 'a>(
    cx: &'c Context<'_, 'a>,
) -> impl Iterator<Item = (&'c Resource<'a>, End, Option<&'static str>)> {
    cx.template.resources.iter().filter_map(|r| lifecycle::end_of(r.kind, cx.today).map(|(end, day)| (r, end, day)))
}
