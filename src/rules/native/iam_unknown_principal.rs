//! Principals that nobody is.

use super::{Context, Rule, Sink};
use crate::analysis::iam::actions;
use crate::analysis::iam::arn::is_account_id;
use crate::resolve::{Hole, Piece, Text, Under};
use crate::rulebook::nearest_by;
use crate::rules::{Hit, Spot};
use crate::template::Origin;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for permission in cx.resources("AWS::Lambda::Permission") {
        for case in cx.resolver.property(permission, &["Principal"]) {
            let host = case.present().and_then(|value| typical(&Text::of(&value)));
            if let Some(what) = host.and_then(|host| misspelt(&host)) {
                out.report(Hit::new(Spot::of(&case)).of(permission).under(&case.under).message(what));
            }
        }
    }
    for statement in cx.statements() {
        let asked = statement.asked(cx.resolver);
        for case in ["Principal", "NotPrincipal"]
            .iter()
            .flat_map(|key| asked.resolver.get(&statement.value, key, &statement.under))
        {
            let Some(principal) = case.present() else { continue };
            let mut say = |origin: Origin<'a>, under: &Under, what: String| {
                let spot = Spot { origin, value: None, item: Some(statement.value.origin) };
                out.report(Hit::new(spot).of(cx.owner(statement)).under(under).message(what));
            };
            let Some(map) = principal.as_map() else {
                if let Some(text) = Text::of(&principal).known().filter(|t| t != "*") {
                    say(
                        case.place,
                        &case.under,
                        format!("`{text}` is no principal: write `AWS: {text}`, `Service: …` or `\"*\"`"),
                    );
                }
                continue;
            };
            for entry in map.entries.iter().filter(|e| !e.key.starts_with("Fn::")) {
                if !matches!(entry.key, "AWS" | "Service" | "Federated" | "CanonicalUser" | "*") {
                    say(
                        entry.key_origin,
                        &case.under,
                        format!("`{}` is no sort of principal: AWS, Service, Federated or CanonicalUser", entry.key),
                    );
                    continue;
                }
                for item in cx.resolver.items(&entry.value, &case.under) {
                    let Some(value) = item.present() else { continue };
                    // Something else fills it in before CloudFormation reads it.
                    let text = typical(&Text::of(&value)).filter(|text| !text.contains("${"));
                    // An empty default says that whoever needs the parameter gives it.
                    let text = text.filter(|text| !text.is_empty() || item.parameter.is_none());
                    // In another mode than the default one an account that is left empty is given, too.
                    let other = || cx.resolver.needs_other_than_defaults(&item.under);
                    let text = text.filter(|text| !text.contains(":iam:::") || !other());
                    if let Some(what) = text.and_then(|text| wrong(entry.key, &text)) {
                        say(item.place, &item.under, what);
                    }
                }
            }
        }
    }
}

/// The text with usual values for the pseudo parameters; `None` when more is unknown.
fn typical(text: &Text<'_>) -> Option<String> {
    let piece = |piece: &Piece<'_>| match piece {
        Piece::Literal(text) => Some((*text).to_owned()),
        Piece::Hole(Hole::Pseudo(name)) => Some(match *name {
            "AWS::AccountId" => "111122223333".to_owned(),
            "AWS::Partition" => "aws".to_owned(),
            "AWS::URLSuffix" => "amazonaws.com".to_owned(),
            "AWS::Region" => "eu-central-1".to_owned(),
            _ => return None,
        }),
        Piece::Hole(_) => None,
    };
    text.pieces.iter().map(piece).collect()
}

/// What is wrong with a name that no service has, and which is one or two keystrokes from one's.
fn misspelt(text: &str) -> Option<String> {
    meant(text).map(|meant| format!("`{text}` is no service, `{meant}.amazonaws.com` is"))
}

/// The service that was meant by such a name.
fn meant(text: &str) -> Option<&'static str> {
    if let Some(name) = text.strip_suffix(".amazon.com") {
        return OFTEN.iter().find(|often| **often == name).copied();
    }
    let name = text.strip_suffix(".amazonaws.com").filter(|name| name.len() >= 4 && !name.contains('.'))?;
    if OFTEN.contains(&name) || actions::service(name).is_some() {
        return None;
    }
    match name {
        "stepfunctions" | "step-functions" => Some("states"),
        // Services that nobody listed here have names of their own, so that a slip more would be a guess.
        _ => nearest_by(name, OFTEN.iter().copied(), |often| often, |often| if often.len() < 10 { 1 } else { 2 }),
    }
}

/// Services that policies name most, but for those whose names are too short to be told from one another.
const OFTEN: &[&str] = &[
    "apigateway",
    "application-autoscaling",
    "appsync",
    "autoscaling",
    "backup",
    "batch",
    "bedrock",
    "cloudformation",
    "cloudfront",
    "cloudtrail",
    "codebuild",
    "codedeploy",
    "codepipeline",
    "cognito-idp",
    "config",
    "datasync",
    "ecs-tasks",
    "edgelambda",
    "elasticache",
    "elasticloadbalancing",
    "elasticmapreduce",
    "events",
    "firehose",
    "guardduty",
    "kinesis",
    "lambda",
    "pipes",
    "redshift",
    "sagemaker",
    "scheduler",
    "secretsmanager",
    "states",
    "transfer",
    "vpc-flow-logs",
];

/// Providers that are named by their host; any other by the ARN of what stands for it in the account.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>
const HOSTS: &[&str] = &["accounts.google.com", "graph.facebook.com", "www.amazon.com"];

fn wrong(key: &str, text: &str) -> Option<String> {
    match key {
        "Service" => {
            let host = |end: &str| text.ends_with(end);
            let fits = text == "*"
                || (host(".amazonaws.com")
                    || host(".amazonaws.com.cn")
                    || host(".amazon.com")
                    || host(".aws.internal")
                    || host(".aws")
                    || host(".amazonaws.eu"));
            if !fits {
                return Some(format!("`{text}` is no service: they are called `lambda.amazonaws.com`"));
            }
            misspelt(text)
        }
        "Federated" => {
            let arn =
                text.starts_with("arn:") && (text.contains(":saml-provider/") || text.contains(":oidc-provider/"));
            let fits = arn || text == "*" || HOSTS.contains(&text) || text.starts_with("cognito-identity");
            (!fits).then(|| {
                let host = !text.starts_with("arn:") && text.contains('.');
                let wanted = if host { "write the ARN of its provider" } else { "write the ARN of one, or a host" };
                format!("`{text}` is no identity provider: {wanted}, `arn:aws:iam::<account>:oidc-provider/…`")
            })
        }
        "AWS" | "*" => {
            let unique = text.len() >= 16
                && text.starts_with('A')
                && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            if text == "*" || is_account_id(text) || unique || text == "arn:aws:iam::*:root" {
                return None;
            }
            let parts: Vec<&str> = text.splitn(6, ':').collect();
            let [_, _, service, _, account, name] = parts.as_slice() else {
                return Some(format!("`{text}` is no principal: an account, an ARN of IAM or `*`"));
            };
            if text.contains(['*', '?']) {
                return Some(format!(
                    "`{text}` is nobody: a principal's ARN cannot hold a wildcard, a condition on `aws:PrincipalArn` can"
                ));
            }
            let sorts = ["root", "role/", "user/", "assumed-role/", "federated-user/", "group/"];
            let fits = matches!(*service, "iam" | "sts")
                && (is_account_id(account) || *account == "cloudfront")
                && sorts.iter().any(|s| name.starts_with(s));
            if name.starts_with("group/") {
                return Some(format!("`{text}` is a group, which cannot be a principal"));
            }
            (!fits).then(|| format!("`{text}` is no principal: an account, an ARN of IAM or `*`"))
        }
        _ => None,
    }
}
