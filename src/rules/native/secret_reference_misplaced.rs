//! Dynamic references that are not resolved, or to the wrong thing.

use std::sync::LazyLock;

use crate::analysis::walk::{Found, Part};
use crate::resolve::reference_in;
use crate::rulebook::{Expression, Severity};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

/// Where `ssm-secure` is resolved.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm-secure-strings.html>
const SECURE: &[(&str, &[&str])] = &[
    ("AWS::DirectoryService::MicrosoftAD", &["Password"]),
    ("AWS::DirectoryService::SimpleAD", &["Password"]),
    ("AWS::ElastiCache::ReplicationGroup", &["AuthToken"]),
    ("AWS::IAM::User", &["Password"]),
    ("AWS::KinesisFirehose::DeliveryStream", &["Password"]),
    ("AWS::OpsWorks::App", &["Password"]),
    ("AWS::OpsWorks::Stack", &["Password", "DbPassword"]),
    ("AWS::RDS::DBCluster", &["MasterUserPassword"]),
    ("AWS::RDS::DBInstance", &["MasterUserPassword"]),
    ("AWS::Redshift::Cluster", &["MasterUserPassword"]),
];

/// What is wrong with a reference, or with what only looks like one.
enum Wrong {
    /// It is no reference, and the text is deployed as it stands.
    Form(&'static str),
    /// It is one, to the wrong thing or in the wrong place.
    Use(String),
}

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    cx.texts(&mut |found| {
        // Few texts have a brace.
        if memchr::memchr(b'{', found.text.as_bytes()).is_none() {
            return;
        }
        let next = |at: usize| found.text.get(at..).and_then(reference_in).map(|more| at + more);
        let mut references = std::iter::successors(next(0), |at| next(at + 1));
        let wrong = references.find_map(|at| wrong(found, found.text.get(at..)?));
        let Some(wrong) = wrong.or_else(|| spaced(&found.text)) else { return };
        let hit = Hit::new(Spot { origin: found.origin, value: None, item: None });
        let hit = match wrong {
            Wrong::Form(why) => {
                let hit = hit.message(format!("{why}, so the text is deployed as it stands"));
                // Then it is the password, for everybody who reads it here.
                let password = found.key.is_some_and(|key| key.ends_with("Password"));
                if password { hit.severity(Severity::High) } else { hit }
            }
            Wrong::Use(message) => hit.message(message),
        };
        match found.part.resource() {
            Some(resource) => out.report(hit.of(resource).under(&cx.under(resource).unwrap_or_default())),
            None => out.report(hit),
        }
    });
}

/// A blank before or after `resolve`: to CloudFormation such a text is any other.
fn spaced(text: &str) -> Option<Wrong> {
    static SHAPE: LazyLock<Expression> =
        LazyLock::new(|| Expression::new(r"\{\{(?:\s+resolve\s*|resolve\s+):\s*(?:ssm|ssm-secure|secretsmanager)\s*:"));
    let spaced = text.contains("{{") && text.contains("resolve") && SHAPE.is_match(text);
    spaced.then_some(Wrong::Form("there are blanks in the beginning of the reference"))
}

fn wrong(found: &Found<'_, '_>, text: &str) -> Option<Wrong> {
    static SHAPE: LazyLock<Expression> = LazyLock::new(|| {
        let ssm = r"ssm(?:-secure)?:[a-zA-Z0-9_./-]+(?::\d+)?";
        let arn = r"arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[^\s:{}]+";
        let secret = format!(r"secretsmanager:(?:{arn}|[^\s:{{}}]+)(?::SecretString)?(?::[^:{{}}]*){{0,3}}");
        Expression::new(&format!(r"^\{{\{{resolve:(?:{ssm}|{secret})\}}\}}"))
    });
    let inner = text.strip_prefix("{{resolve:")?;
    let reference = inner.split_once("}}").map(|(inner, _)| inner);
    let (service, _) = reference.unwrap_or(inner).split_once(':')?;
    // A piece between holes holds a part of a reference only, and a script may speak of another language's braces.
    if found.whole && !matches!(service, "ssm" | "ssm-secure" | "secretsmanager") {
        return Some(Wrong::Use(format!("`{service}` is not a service that references are resolved from")));
    }
    if found.whole && !SHAPE.is_match(text) {
        return Some(Wrong::Form("this is not the form of a reference"));
    }
    match &found.part {
        Part::Property(resource) => {
            let resolved = SECURE
                .iter()
                .any(|(kind, keys)| *kind == resource.kind && found.key.is_some_and(|key| keys.contains(&key)));
            if service == "ssm-secure" && !resolved && resource.made_by.is_none() {
                return Some(Wrong::Use(format!(
                    "`ssm-secure` is not resolved in `{}` of `{}`, and the deployment fails",
                    found.key.unwrap_or("?"),
                    resource.kind
                )));
            }
            let arn = found
                .key
                .is_some_and(|key| key.ends_with("SecretArn") || key.ends_with("SecretARN") || key == "SecretId");
            (arn && service == "secretsmanager").then(|| {
                let key = found.key.unwrap_or("?");
                Wrong::Use(format!("`{key}` wants the ARN of the secret, and is given the secret itself"))
            })
        }
        Part::Metadata | Part::Mapping | Part::Output(_) | Part::Attribute(_) if service != "ssm" => {
            Some(Wrong::Use(format!(
                "`{service}` references are resolved in properties of resources only; here the text stays as it stands"
            )))
        }
        Part::Metadata | Part::Mapping | Part::Output(_) | Part::Attribute(_) | Part::Parameter(_) => None,
    }
}
