//! A secret that flows to where it is read without a right on the secret.

use crate::analysis::walk::{self, Read};
use crate::resolve::Under;
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    if let Some(metadata) = &cx.template.metadata {
        leaks(cx, metadata, None, "metadata is shown by `GetTemplate`, unmasked", Severity::High, out);
    }
    for resource in &cx.template.resources {
        if let Some(metadata) = resource.attribute("Metadata") {
            leaks(cx, &metadata.value, Some(resource), "metadata is shown by `DescribeStackResource`, unmasked", Severity::High, out);
        }
        for (property, why, severity) in places(resource.kind) {
            let value = property.iter().try_fold(resource.properties, |value, key| value.get(key).map(|e| e.value));
            value.iter().for_each(|value| leaks(cx, value, Some(resource), why, *severity, out));
        }
    }
}

/// The properties of a type that many may read.
fn places(kind: &str) -> &'static [(&'static [&'static str], &'static str, Severity)] {
    const TAGS: (&[&str], &str, Severity) = (&["Tags"], "tags are shown in every list and bill", Severity::High);
    const USER_DATA: &str = "user data is read by `DescribeInstanceAttribute` and by every process of the machine";
    match kind {
        "AWS::EC2::Instance" | "AWS::AutoScaling::LaunchConfiguration" => {
            const { &[TAGS, (&["UserData"], USER_DATA, Severity::Medium)] }
        }
        "AWS::EC2::LaunchTemplate" => {
            const { &[TAGS, (&["LaunchTemplateData", "UserData"], USER_DATA, Severity::Medium)] }
        }
        "AWS::SSM::Parameter" => {
            const { &[TAGS, (&["Value"], "a parameter of this type is stored in plain text", Severity::High)] }
        }
        _ => const { &[TAGS] },
    }
}

fn leaks<'a>(cx: &Context<'_, 'a>, value: &Value<'a>, resource: Option<&Resource<'a>>, why: &str, severity: Severity, out: &mut Sink<'a>) {
    let under = resource.map_or(Some(Under::always()), |r| cx.under(r));
    let Some(under) = under else { return };
    walk::reads(value, &mut |read, origin| {
        let what = match read {
            Read::Ref(name) if cx.template.parameter(name).is_some_and(|p| p.no_echo) => format!("the hidden parameter `{name}`"),
            Read::Dynamic("secretsmanager" | "ssm-secure", key) => format!("the secret `{}`", key.split(':').next().unwrap_or(key)),
            Read::Attribute(id, "SecretAccessKey") => format!("the secret key of `{id}`"),
            Read::Ref(_) | Read::Dynamic(..) | Read::Attribute(..) => return,
        };
        let hit = Hit::new(Spot::missing(origin)).under(&under).severity(severity).message(format!("{what} ends up readable: {why}"));
        out.report(match resource {
            Some(resource) => hit.of(resource),
            None => hit,
        });
    });
}
