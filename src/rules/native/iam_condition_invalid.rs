//! Conditions that never hold, or that IAM refuses.

use super::{Context, Rule, Sink};
use crate::analysis::iam::actions;
use crate::analysis::iam::wildcard::{self, Case};
use crate::analysis::policy::{Asked, Condition, Statement};
use crate::resolve::Text;
use crate::rulebook::{Confidence, nearest};
use crate::rules::{Hit, Spot};

/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

/// Keys that every service knows. What stands behind `PrincipalTag/` and its kin is the name of a tag.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
const GLOBAL: &[&str] = &[
    "PrincipalArn",
    "PrincipalAccount",
    "PrincipalOrgPaths",
    "PrincipalOrgID",
    "PrincipalTag",
    "PrincipalIsAWSService",
    "PrincipalServiceName",
    "PrincipalServiceNamesList",
    "PrincipalType",
    "userid",
    "username",
    "AssumedRoot",
    "FederatedProvider",
    "TokenIssueTime",
    "SignInSessionArn",
    "MultiFactorAuthAge",
    "MultiFactorAuthPresent",
    "ChatbotSourceArn",
    "Ec2InstanceSourceVpc",
    "Ec2InstanceSourcePrivateIPv4",
    "SourceIdentity",
    "SourceIp",
    "SourceVpc",
    "SourceVpcArn",
    "SourceVpce",
    "VpceAccount",
    "VpceOrgID",
    "VpceOrgPaths",
    "VpcSourceIp",
    "ResourceAccount",
    "ResourceOrgID",
    "ResourceOrgPaths",
    "ResourceTag",
    "CalledVia",
    "CalledViaFirst",
    "CalledViaLast",
    "CalledViaAWSMCP",
    "ViaAWSService",
    "ViaAWSMCPService",
    "CurrentTime",
    "EpochTime",
    "referer",
    "RequestedRegion",
    "RequestTag",
    "TagKeys",
    "SecureTransport",
    "SourceAccount",
    "SourceArn",
    "SourceOrgID",
    "SourceOrgPaths",
    "UserAgent",
    "IsMcpServiceAction",
    // What SNS called the source's account.
    "SourceOwner",
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements() {
        let asked = statement.asked(cx.resolver);
        without_operator(cx, statement, out);
        for condition in asked.conditions().0 {
            let item = Some(statement.value.origin);
            let mut say = |origin, what: String| {
                let hit = Hit::new(Spot { origin, value: None, item }).of(cx.owner(statement)).under(&condition.under);
                out.report(hit.message(what));
            };
            if condition.operator.starts_with("Fn::") {
                continue;
            }
            let (set, rest) = condition.operator.split_once(':').unwrap_or(("", condition.operator));
            let bare = condition.bare_operator();
            let known = OPERATORS.iter().any(|o| o.eq_ignore_ascii_case(bare));
            let prefix = set.is_empty() || ["ForAnyValue", "ForAllValues"].iter().any(|s| s.eq_ignore_ascii_case(set));
            if !known || !prefix || rest.eq_ignore_ascii_case("NullIfExists") {
                say(
                    condition.operator_origin,
                    format!("`{}` is no condition operator{}", condition.operator, guess(bare)),
                );
                continue;
            }
            for item in cx.resolver.items(&condition.value, &condition.under) {
                let Some(text) = item.present().and_then(|v| Text::of(&v).known()) else { continue };
                if let Some(wanted) = misfit(bare, &text) {
                    say(item.place, format!("`{text}` never matches `{bare}`: it compares {wanted}"));
                }
            }
            if let Some(what) = unknown_key(&asked, &condition) {
                say(condition.origin, what);
            } else if let Some((what, confidence)) = unknown_everywhere(condition.key) {
                let spot = Spot { origin: condition.origin, value: None, item };
                let hit = Hit::new(spot).of(cx.owner(statement)).under(&condition.under);
                out.report(hit.message(what).confidence(confidence));
            }
        }
    }
}

/// Keys that stand where an operator should.
fn without_operator<'a>(cx: &Context<'_, 'a>, statement: &Statement<'a>, out: &mut Sink<'a>) {
    for case in cx.resolver.get(&statement.value, "Condition", &statement.under) {
        let entries = case.present().and_then(|value| value.as_map()).map(|map| map.entries).unwrap_or_default();
        for entry in entries.iter().filter(|entry| entry.key.contains(':') && !entry.key.starts_with("Fn::")) {
            let Some(value) =
                cx.resolver.cases(&entry.value, &case.under).iter().find_map(|c| Text::of(&c.present()?).known())
            else {
                continue;
            };
            let what = format!(
                "`{}` stands where an operator should: write `StringEquals: {{{}: {value}}}`, or another that fits",
                entry.key, entry.key
            );
            let spot = Spot { origin: entry.key_origin, value: None, item: Some(statement.value.origin) };
            out.report(Hit::new(spot).of(cx.owner(statement)).under(&case.under).message(what));
        }
    }
}

/// What an operator compares, when a text is none.
fn misfit(operator: &str, text: &str) -> Option<&'static str> {
    // Policy variables are filled in at each request.
    if text.contains("${") {
        return None;
    }
    let operator = operator.to_ascii_lowercase();
    if operator == "bool" || operator == "null" {
        return (!text.eq_ignore_ascii_case("true") && !text.eq_ignore_ascii_case("false"))
            .then_some("`true` and `false`");
    }
    if operator.starts_with("numeric") {
        return text.trim().parse::<f64>().is_err().then_some("numbers");
    }
    if operator.ends_with("ipaddress") {
        let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
        let fits = address.parse::<std::net::IpAddr>().is_ok() && bits.parse::<u8>().is_ok_and(|b| b <= 128);
        return (!fits).then_some("addresses and ranges of addresses");
    }
    if operator.starts_with("date") {
        return (!text.starts_with(|c: char| c.is_ascii_digit())).then_some("dates");
    }
    if operator.starts_with("arn") {
        return (!text.starts_with("arn:") && !text.contains(['*', '?'])).then_some("ARNs");
    }
    None
}

/// Keys that the service authorization reference leaves out: those that the session of a role brings along to whatever it does
/// afterwards, those of HTTP tasks, and those of devices.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-role-properties>
/// <https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html>
/// <https://docs.aws.amazon.com/iot/latest/developerguide/thing-policy-variables.html>
const UNLISTED: &[&str] = &[
    "ec2:RoleDelivery",
    "ec2:SourceInstanceArn",
    "glue:RoleAssumedBy",
    "glue:CredentialIssuingService",
    "codebuild:BuildArn",
    "codebuild:ProjectArn",
    "lambda:SourceFunctionArn",
    "ssm:SourceInstanceArn",
    "identitystore:UserId",
    "states:HTTPMethod",
    "states:HTTPEndpoint",
    "iot:Connection.*",
    "iot:Certificate.*",
    "iot:ClientId",
];

/// A key of `aws:` that is none. AWS adds some now and then: what is like one of them is a slip, of others we are less sure.
fn unknown_everywhere(key: &str) -> Option<(String, Confidence)> {
    let (_, written) = key.split_once(':').filter(|(prefix, _)| prefix.eq_ignore_ascii_case("aws"))?;
    let name = written.split('/').next().unwrap_or(written);
    if GLOBAL.iter().any(|known| known.eq_ignore_ascii_case(name)) || name.contains(['$', '*']) || !name.is_ascii() {
        return None;
    }
    let near = nearest(name, GLOBAL.iter().copied());
    let meant = near.map_or_else(String::new, |near| format!("; did you mean `aws:{near}`?"));
    let confidence = if near.is_some() { Confidence::High } else { Confidence::Low };
    Some((format!("AWS has no condition key `{key}`{meant}"), confidence))
}

/// A key that none of the statement's actions knows, so that it is never there.
fn unknown_key(asked: &Asked<'_, '_, '_>, condition: &Condition<'_>) -> Option<String> {
    if UNLISTED.iter().any(|key| wildcard::matches(key, condition.key, Case::Ignored)) {
        return None;
    }
    let Some((prefix, _)) = condition.key.split_once(':') else {
        return Some(format!("`{}` is no condition key: a key is `service:Key`", condition.key));
    };
    let service = actions::service(prefix)?;
    if prefix.contains('.') || asked.has("NotAction") || prefix.eq_ignore_ascii_case("sts") {
        return None;
    }
    let is = |known: &str| {
        // `aws:ResourceTag/${TagKey}`, `s3:ExistingObjectTag/<key>`, `ssm:resourceTag/tag-key`: whatever stands there.
        let start = known
            .find(['$', '<'])
            .and_then(|end| known.get(..end))
            .or_else(|| known.strip_suffix("tag-key"))
            .unwrap_or(known);
        let head = condition.key.get(..start.len());
        head.is_some_and(|h| h.eq_ignore_ascii_case(start))
            && (start.len() < known.len() || condition.key.len() == known.len())
    };
    // A key may be one that another service lends: `ec2:osuser` is known to EC2 Instance Connect.
    let lent = || {
        let texts = asked.items("Action").into_iter().filter_map(|case| case.text());
        texts.flat_map(|text| actions::expand(&text)).any(|action| action.condition_keys().iter().any(|k| is(k)))
    };
    if !service.condition_keys().iter().any(|k| is(k)) {
        if lent() {
            return None;
        }
        return Some(format!("{} has no condition key `{}`", service.title, condition.key));
    }
    let mut names = Vec::new();
    for case in asked.items("Action") {
        let text = Text::of(&case.present()?).known()?;
        // What reaches beyond one service reaches this one's actions too.
        let beyond = text.split_once(':').is_none_or(|(prefix, _)| prefix.contains(['*', '?']));
        let mut meant = actions::expand(&text).peekable();
        if beyond || meant.peek().is_none() || meant.any(|a| a.condition_keys().iter().any(|k| is(k))) {
            return None;
        }
        names.push(format!("`{text}`"));
    }
    let first = names.first()?;
    Some(format!(
        "`{}` is never there for {first}{}",
        condition.key,
        if names.len() > 1 { " and the other actions of the statement" } else { "" }
    ))
}

fn guess(got: &str) -> String {
    nearest(got, OPERATORS.iter().copied()).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}
