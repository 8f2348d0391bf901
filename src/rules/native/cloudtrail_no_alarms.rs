//! A trail that goes to CloudWatch Logs, where nothing watches it.

use std::collections::BTreeSet;

use crate::analysis::walk::{self, Read, at_path};
use crate::resolve::{Case, Known, Text};
use crate::rules::{Context, Hit, Rule, Sink};
use crate::template::Resource;

/// The events that the CIS benchmark for AWS wants to be woken by, and words that a filter for each holds.
const CLASSES: &[(&str, &[&[&str]])] = &[
    ("unauthorised calls", &[&["UnauthorizedOperation", "AccessDenied"]]),
    ("sign-in without MFA", &[&["ConsoleLogin"], &["MFAUsed"]]),
    ("use of the root user", &[&["userIdentity.type"], &["Root"]]),
    ("changes of IAM policies", &[&["PutRolePolicy", "AttachRolePolicy", "PutUserPolicy", "CreatePolicy"]]),
    ("changes of trails", &[&["StopLogging", "DeleteTrail", "UpdateTrail"]]),
    ("failed sign-ins", &[&["ConsoleLogin"], &["Failed authentication"]]),
    ("ends of KMS keys", &[&["DisableKey", "ScheduleKeyDeletion"]]),
    ("changes of bucket policies", &[&["PutBucketPolicy", "PutBucketAcl", "DeleteBucketPolicy"]]),
    ("changes of AWS Config", &[&["StopConfigurationRecorder", "DeleteDeliveryChannel", "PutConfigurationRecorder"]]),
    ("changes of security groups", &[&["AuthorizeSecurityGroupIngress", "CreateSecurityGroup"]]),
    ("changes of network ACLs", &[&["CreateNetworkAcl", "DeleteNetworkAcl"]]),
    ("changes of gateways", &[&["CreateCustomerGateway", "AttachInternetGateway", "DeleteInternetGateway"]]),
    ("changes of routes", &[&["CreateRoute", "ReplaceRoute", "DeleteRoute"]]),
    ("changes of VPCs", &[&["CreateVpc", "DeleteVpc", "ModifyVpcAttribute"]]),
    ("changes of the organisation", &[&["organizations.amazonaws.com"]]),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let metrics = metrics_of_alarms(cx);
    let filters: Vec<(Option<String>, &Resource<'a>)> = cx
        .resources("AWS::Logs::MetricFilter")
        .filter(|f| watched(cx, f, &metrics))
        .map(|f| (pattern(cx, f), f))
        .collect();
    for trail in cx.resources("AWS::CloudTrail::Trail") {
        let regions = cx.resolver.property(trail, &["IsMultiRegionTrail"]);
        if !regions.iter().all(|c| c.present().is_some_and(|v| v.as_bool() == Some(true))) || cx.incomplete() {
            continue;
        }
        let mut group = None;
        if let Some(entry) = trail.property("CloudWatchLogsLogGroupArn") {
            walk::reads(&entry.value, &mut |read, _| match read {
                Read::Ref(id) | Read::Attribute(id, _)
                    if cx.resolver.resource(id).is_some_and(|r| r.kind == "AWS::Logs::LogGroup") =>
                {
                    group = Some(id)
                }
                Read::Ref(_) | Read::Attribute(..) | Read::Dynamic(..) | Read::External(_) => {}
            });
        }
        // What is filtered out of another group's events says nothing of this one's.
        let elsewhere = |filter: &Resource<'a>| {
            let of = cx.resolver.property(filter, &["LogGroupName"]);
            let other = |case: &Case<'a>| case.present().and_then(|name| cx.resolver.target(&name));
            !of.is_empty() && of.iter().all(|case| other(case).is_some_and(|other| Some(other.id) != group))
        };
        let filters: Vec<_> = filters.iter().filter(|(_, filter)| !elsewhere(filter)).collect();
        // A pattern that cannot be read may be any of them.
        if group.is_none() || filters.iter().any(|(pattern, _)| pattern.is_none()) {
            continue;
        }
        let has = |words: &[&[&str]]| {
            filters.iter().any(|(pattern, _)| {
                words.iter().all(|any| any.iter().any(|word| pattern.as_deref().is_some_and(|p| p.contains(word))))
            })
        };
        let missing: Vec<&str> = CLASSES.iter().filter(|(_, words)| !has(words)).map(|(class, _)| *class).collect();
        if let Some(under) = cx.under(trail).filter(|_| !missing.is_empty()) {
            let message = format!("nobody is told of {}", missing.join(", "));
            out.report(Hit::resource(trail).under(&under).message(message));
        }
    }
}

/// The pattern of a filter, when it is known.
fn pattern<'a>(cx: &Context<'_, 'a>, filter: &Resource<'a>) -> Option<String> {
    match cx.resolver.property(filter, &["FilterPattern"]).as_slice() {
        [only] => match only.value {
            Known::Present(value) => Text::of(&value).known().map(std::borrow::Cow::into_owned),
            Known::Absent => Some(String::new()),
            Known::Unknown(_) => None,
        },
        _ => None,
    }
}

/// Whether an alarm looks at the metric of a filter.
fn watched<'a>(cx: &Context<'_, 'a>, filter: &Resource<'a>, metrics: &BTreeSet<String>) -> bool {
    named_at(cx, filter, "MetricTransformations[].MetricName").any(|name| metrics.contains(&name))
}

/// The metrics that alarms look at, by themselves or in a formula.
fn metrics_of_alarms(cx: &Context<'_, '_>) -> BTreeSet<String> {
    let alarms = cx.resources("AWS::CloudWatch::Alarm");
    let paths = ["MetricName", "Metrics[].MetricStat.Metric.MetricName"];
    alarms.flat_map(|alarm| paths.into_iter().flat_map(|path| named_at(cx, alarm, path))).collect()
}

/// The names of metrics at a path.
fn named_at<'a>(cx: &Context<'_, 'a>, resource: &Resource<'a>, path: &str) -> impl Iterator<Item = String> {
    at_path(cx.resolver, resource, path).into_iter().filter_map(|case| Some(Text::of(&case.present()?).pattern()))
}
