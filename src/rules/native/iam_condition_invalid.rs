//! Conditions that never hold, or that IAM refuses.

use super::{Context, Rule, Sink};
use crate::analysis::iam::actions;
use crate::analysis::iam::keys::{self, GLOBAL, Sort};
use crate::analysis::iam::operators::{OPERATORS, misfit, mismatch};
use crate::analysis::iam::wildcard::{self, Case};
use crate::analysis::policy::{Asked, Condition, Statement};
use crate::resolve::{self, Text};
use crate::rulebook::{Confidence, Severity, nearest};
use crate::rules::{Hit, Spot};
use crate::template::{Origin, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements() {
        let asked = statement.asked(cx.resolver);
        without_operator(cx, statement, out);
        let (conditions, _) = asked.conditions();
        for (at, condition) in conditions.iter().enumerate() {
            let item = Some(statement.value.origin);
            let hit = |origin, what: String| {
                let hit = Hit::new(Spot { origin, value: None, item }).of(cx.owner(statement)).under(&condition.under);
                hit.message(what)
            };
            let mut say = |origin, what: String| out.report(hit(origin, what));
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
            for (place, what) in values(cx, condition, bare) {
                say(place, what);
            }
            let twin = |other: &Condition<'_>| {
                other.operator == condition.operator
                    && other.key != condition.key
                    && other.key.eq_ignore_ascii_case(condition.key)
                    && other.under.is_always()
                    && condition.under.is_always()
            };
            if conditions.get(..at).is_some_and(|before| before.iter().any(twin)) {
                say(condition.origin, format!("`{}` stands there twice, in other letters", condition.key));
            }
            if let Some(what) = idle(set, bare, &condition.value).or_else(|| mismatch(bare, condition.key)) {
                say(condition.operator_origin, what);
            }
            if let Some(always) = private_only(cx, condition, bare) {
                let when = if always { "always" } else { "never" };
                let what = format!(
                    "the condition {when} holds: `aws:SourceIp` is an address on the internet, a private one is `aws:VpcSourceIp`"
                );
                let hit = hit(condition.operator_origin, what);
                // The grant is for everybody, everywhere.
                out.report(if always && asked.effect("Allow").yes() { hit.severity(Severity::High) } else { hit });
            }
            if set.is_empty() && keys::several(condition.key) && !bare.eq_ignore_ascii_case("Null") {
                let what = format!(
                    "`{}` has several values: write `ForAnyValue:{rest}`, or `ForAllValues:{rest}`",
                    condition.key
                );
                out.report(hit(condition.operator_origin, what).severity(Severity::Low));
            }
            if let Some(what) = unknown_key(&asked, condition)
                .or_else(|| without_tags(&asked, condition))
                .or_else(|| unnamed_tag(condition.key))
            {
                out.report(hit(condition.origin, what));
            } else if let Some((what, confidence)) = unknown_everywhere(condition.key) {
                out.report(hit(condition.origin, what).confidence(confidence));
            }
        }
    }
}

/// Values that the operator does not compare, or that the key never has.
fn values<'a>(cx: &Context<'_, 'a>, condition: &Condition<'a>, operator: &str) -> Vec<(Origin<'a>, String)> {
    let mut wrong = Vec::new();
    for item in cx.resolver.items(&condition.value, &condition.under) {
        let Some(text) = item.present().and_then(|v| Text::of(&v).known()) else { continue };
        if let Some(wanted) = misfit(operator, &text) {
            wrong.push((item.place, format!("`{text}` never matches `{operator}`: it compares {wanted}")));
        // A parameter that is left at `none` is a way to say that the statement is not wanted.
        } else if let Some(wanted) = beside_key(operator, condition.key, &text).filter(|_| item.parameter.is_none()) {
            let key = condition.key;
            wrong.push((item.place, format!("`{text}` is none that `{key}` ever has: it holds {wanted}")));
        }
    }
    wrong
}

/// Whether a condition about the address on the internet names private ones only: if it always holds then, or never.
fn private_only<'a>(cx: &Context<'_, 'a>, condition: &Condition<'a>, operator: &str) -> Option<bool> {
    let always = operator.eq_ignore_ascii_case("NotIpAddress");
    if !condition.key.eq_ignore_ascii_case("aws:SourceIp") || !(always || operator.eq_ignore_ascii_case("IpAddress")) {
        return None;
    }
    let items = cx.resolver.items(&condition.value, &condition.under);
    let private = |case: &resolve::Case<'a>| {
        case.present().and_then(|v| Text::of(&v).known()).is_some_and(|text| keys::is_private(&text))
    };
    (!items.is_empty() && items.iter().all(private)).then_some(always)
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

/// What a key holds, when a text that is compared with it is none of that.
fn beside_key(operator: &str, key: &str, text: &str) -> Option<&'static str> {
    if !operator.to_ascii_lowercase().starts_with("string") || text.contains(['*', '?', '$']) {
        return None;
    }
    match keys::sort(key)? {
        // One address may be compared as a text, a range of them may not.
        Sort::Address => text.contains('/').then_some("one address; `IpAddress` and `NotIpAddress` know ranges"),
        Sort::Text | Sort::Number | Sort::Date | Sort::Truth => keys::never(key, text),
    }
}

/// Conditions that are always true, or never, whatever the request.
fn idle(set: &str, operator: &str, value: &Value<'_>) -> Option<String> {
    let null = operator.eq_ignore_ascii_case("Null");
    if null && !set.is_empty() {
        let always = set.eq_ignore_ascii_case("ForAllValues");
        return Some(format!("`{set}:Null` {} holds: write `Null`", if always { "always" } else { "never" }));
    }
    // Both in one list; a parameter that may be either is one of them at a time.
    let items = value.as_list().filter(|_| null || operator.eq_ignore_ascii_case("Bool"))?;
    let says =
        |word: &str| items.iter().any(|item| Text::of(item).known().is_some_and(|t| t.eq_ignore_ascii_case(word)));
    (says("true") && says("false")).then(|| "`true` and `false` together ask nothing".to_owned())
}

/// A key about tags, on actions of services that know none: a denial by it denies nothing.
fn without_tags(asked: &Asked<'_, '_, '_>, condition: &Condition<'_>) -> Option<String> {
    let (prefix, name) = condition.key.split_once(':')?;
    let tag = name.split('/').next().unwrap_or(name);
    if !prefix.eq_ignore_ascii_case("aws")
        || !["ResourceTag", "RequestTag", "TagKeys"].iter().any(|known| known.eq_ignore_ascii_case(tag))
        || asked.has("NotAction")
    {
        return None;
    }
    let denies = asked.effect("Deny").yes();
    let operator = condition.operator.to_ascii_lowercase();
    // What excludes, or lets pass what has no tag, holds for whatever has none.
    if operator.contains("not")
        || operator.contains("null")
        || operator.ends_with("ifexists")
        || operator.starts_with("forall")
    {
        return None;
    }
    let mut without = Vec::new();
    let actions = asked.items("Action");
    for case in &actions {
        let text = Text::of(&case.present()?).known()?;
        let service = actions::service(text.split_once(':')?.0)?;
        let head = format!("aws:{tag}");
        if !service.condition_keys().iter().any(|k| k.get(..head.len()).is_some_and(|k| k.eq_ignore_ascii_case(&head)))
        {
            without.push(service.title);
        }
    }
    let service = without.first().filter(|_| denies || without.len() == actions.len())?;
    let what = if denies { "denies nothing there" } else { "allows nothing there" };
    Some(format!("{service} knows no `{}`: the statement {what}", condition.key))
}

/// A key about a tag that names none.
fn unnamed_tag(key: &str) -> Option<String> {
    let (prefix, name) = key.split_once(':')?;
    let (kind, tag) = name.split_once('/').unwrap_or((name, ""));
    let known = ["ResourceTag", "RequestTag", "PrincipalTag"].iter().any(|known| known.eq_ignore_ascii_case(kind));
    (prefix.eq_ignore_ascii_case("aws") && known && tag.is_empty())
        .then(|| format!("`{key}` names no tag: write `aws:{kind}/<name>`"))
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
