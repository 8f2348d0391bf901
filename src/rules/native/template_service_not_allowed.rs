//! Services that the configuration does not allow.

use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(rule: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let allowed = cx.parameter_texts(rule, "allowed");
    let denied = cx.parameter_texts(rule, "denied");
    if allowed.is_empty() && denied.is_empty() {
        return;
    }
    for resource in &cx.template.resources {
        let covers = |list: &[String]| list.iter().any(|pattern| covered(pattern, resource.kind));
        if covers(&denied) || (!allowed.is_empty() && !covers(&allowed)) {
            let own = resource.kind.starts_with("Custom::") || resource.kind == "AWS::CloudFormation::CustomResource";
            let what = if own { "custom resource" } else { "resource type" };
            let message = format!("{what} `{}` is not allowed here", resource.kind);
            let Some(under) = cx.under(resource) else { continue };
            out.report(Hit::new(Spot::missing(resource.kind_origin)).of(resource).under(&under).message(message));
        }
    }
}

/// `s3`, `AWS::S3` and `AWS::S3::Bucket` all cover a bucket; `Custom` covers custom resources.
fn covered(pattern: &str, kind: &str) -> bool {
    let pattern = pattern.trim_end_matches('*').trim_end_matches(':');
    let mut parts = kind.split("::");
    let (vendor, service) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let custom = vendor == "Custom" || kind == "AWS::CloudFormation::CustomResource";
    pattern.eq_ignore_ascii_case(service)
        || pattern.eq_ignore_ascii_case(kind)
        || kind
            .get(..pattern.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(pattern) && kind[pattern.len()..].starts_with("::"))
        || (custom && pattern.eq_ignore_ascii_case("custom"))
}
