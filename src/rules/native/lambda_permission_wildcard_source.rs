//! A permission whose source is a pattern that other resources fit as well.

use crate::analysis::iam::arn::Arn;
use crate::analysis::iam::wildcard::Glob;
use crate::resolve::{Known, Text, Truth};
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

/// What the names of a service's resources begin with; nothing where the resource is its name.
const KINDS: &[(&str, &str)] = &[
    ("s3", ""),
    ("sns", ""),
    ("sqs", ""),
    ("execute-api", ""),
    ("events", "rule/"),
    ("iot", "rule/"),
    ("logs", "log-group:"),
    ("scheduler", "schedule/"),
    ("cognito-idp", "userpool/"),
    ("cloudfront", "distribution/"),
    ("cloudwatch", "alarm:"),
    ("secretsmanager", "secret:"),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for permission in cx.resources("AWS::Lambda::Permission") {
        for case in cx.resolver.property(permission, &["SourceArn"]) {
            let verdict = match &case.value {
                Known::Present(value) => fits_others(&Text::of(value)),
                Known::Absent => continue,
                Known::Unknown(_) => Truth::Maybe,
            };
            if verdict == Truth::No {
                continue;
            }
            let spot = Spot { origin: case.place, value: None, item: None };
            let mut hit = Hit::new(spot).of(permission).under(&case.under).label("other sources fit as well");
            if verdict == Truth::Maybe {
                hit = hit.open();
            }
            // Of one's own account they all are then.
            if cx.resolver.may_say(permission, "SourceAccount") {
                hit = hit.severity(Severity::Low);
            }
            out.report(hit);
        }
    }
}

/// Whether a source is a pattern of more than one resource. What AWS calls a resource of the template holds no
/// wildcard; what a parameter or another stack gives may.
fn fits_others(text: &Text<'_>) -> Truth {
    let unknown = Truth::from(text.holes().any(|hole| hole.may_be_wild())).and(Truth::Maybe);
    let Some(arn) = Arn::parse(&Glob::text(text)) else { return unknown };
    let service = arn.service.to_text();
    let resource = arn.resource.to_text();
    // The pattern may begin before the name does: `*` is every rule as well.
    let all_of_a_sort = resource.split_once('*').is_some_and(|(before, _)| {
        let before = before.trim_end_matches('?');
        KINDS.iter().any(|(known, kind)| *known == service && kind.starts_with(before))
    });
    let all = arn.service.is_everything() || arn.account.is_everything() || all_of_a_sort;
    Truth::from(all).or(unknown)
}
