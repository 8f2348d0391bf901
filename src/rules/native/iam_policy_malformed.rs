//! Policies that IAM refuses, or that cannot mean what they say.

use std::collections::BTreeMap;

use super::{Context, Rule, Sink};
use crate::analysis::policy::{Document, Statement};
use crate::resolve::{Known, Text};
use crate::rulebook::{PolicyKind, nearest};
use crate::rules::{Hit, Spot};
use crate::template::{Kind, Origin, Value};

const ELEMENTS: &[&str] =
    &["Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for document in cx.documents() {
        let Some(owner) = cx.template.resources.get(document.owner) else { continue };
        let mut say = |place: Origin<'a>, under: &crate::resolve::Under, what: String| {
            out.report(
                Hit::new(Spot::missing(place)).of(owner).under(under).message(format!("policy is malformed: {what}")),
            );
        };
        if !document.is_statement() && document.is_written() {
            whole(cx, document, &mut |place, what| say(place, &document.under, what));
        }
        let mut sids: BTreeMap<String, ()> = BTreeMap::new();
        for statement in document.statements(cx.resolver) {
            elements(cx, &statement, owner.kind, &mut |place, what| say(place, &statement.under, what));
            // Ids of statements under conditions may exclude each other.
            let sid = statement.value.get("Sid").and_then(|e| Text::of(&e.value).known().map(|t| (e.value, t)));
            if let Some((value, sid)) = sid.filter(|(_, t)| statement.kind != PolicyKind::Resource && !t.is_empty()) {
                if !sid.bytes().all(|b| b.is_ascii_alphanumeric()) {
                    say(value.origin, &statement.under, format!("`{sid}` is no `Sid`: letters and digits only"));
                } else if statement.under.is_always() && sids.insert(sid.to_string(), ()).is_some() {
                    say(value.origin, &statement.under, format!("two statements have the `Sid` `{sid}`"));
                }
            }
        }
    }
}

/// The document: JSON, with known keys and statements.
fn whole<'a>(cx: &Context<'_, 'a>, document: &Document<'a>, say: &mut dyn FnMut(Origin<'a>, String)) {
    let value = document.value;
    if value.as_list().is_some() {
        say(document.origin, "it is a list".to_owned());
        return;
    }
    let Some(map) = value.as_map() else {
        // An empty text takes a policy away: the Serverless Framework writes it for an API without one.
        let text = Text::of(&value).known().filter(|t| !t.is_empty());
        if let Some(text) =
            text.filter(|t| !t.trim_start().starts_with('{') || serde_json::from_str::<serde_json::Value>(t).is_err())
        {
            let what = if text.trim_start().starts_with('{') { "it is not JSON" } else { "it is a text" };
            say(document.origin, what.to_owned());
        }
        return;
    };
    // A macro or a loop may add anything.
    if matches!(cx.resolver.get(&value, "Nothing", &document.under).as_slice(), [case] if !matches!(case.value, Known::Absent))
    {
        return;
    }
    for entry in map.entries.iter().filter(|e| !matches!(e.key, "Version" | "Id" | "Statement")) {
        say(
            entry.key_origin,
            format!("a policy has no `{}`{}", entry.key, guess(entry.key, &["Version", "Statement", "Id"])),
        );
    }
    let statements = cx.resolver.get(&value, "Statement", &document.under);
    if statements.iter().any(|case| matches!(case.value, Known::Absent)) {
        say(document.origin, "it has no `Statement`".to_owned());
    }
}

/// The elements of a statement: those that must be there, those that must not, and their shapes.
fn elements<'a>(cx: &Context<'_, 'a>, statement: &Statement<'a>, owner: &str, say: &mut dyn FnMut(Origin<'a>, String)) {
    let Some(map) = statement.value.as_map() else { return };
    let state = |key: &str| cx.resolver.get(&statement.value, key, &statement.under);
    let absent = |key: &str| state(key).iter().all(|case| matches!(case.value, Known::Absent));
    let has = |key: &str| state(key).iter().all(|case| matches!(case.value, Known::Present(_)));
    for entry in map.entries.iter().filter(|e| !ELEMENTS.contains(&e.key) && !e.key.starts_with("Fn::")) {
        say(entry.key_origin, format!("a statement has no `{}`{}", entry.key, guess(entry.key, ELEMENTS)));
    }
    for case in state("Effect") {
        match case.value {
            Known::Absent => say(statement.origin, "the statement has no `Effect`".to_owned()),
            Known::Present(value) => {
                if let Some(text) = Text::of(&value).known().filter(|t| t != "Allow" && t != "Deny") {
                    say(case.place, format!("`{text}` is no effect: `Allow` or `Deny`"));
                }
            }
            Known::Unknown(_) => {}
        }
    }
    for (one, other) in [("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")] {
        let place = map.get(other).map_or(statement.origin, |e| e.key_origin);
        if has(one) && has(other) {
            say(place, format!("the statement has both `{one}` and `{other}`"));
        }
        let wanted = match (one, statement.kind) {
            ("Action", _) | ("Resource", PolicyKind::Identity) | ("Principal", PolicyKind::Trust) => true,
            ("Principal", PolicyKind::Resource) => !matches!(
                owner,
                "AWS::EC2::VPCEndpoint"
                    | "AWS::VpcLattice::AuthPolicy"
                    | "AWS::ApiGateway::RestApi"
                    | "AWS::ApiGateway::DomainNameV2"
            ),
            ("Resource", PolicyKind::Resource) => {
                matches!(
                    owner,
                    "AWS::S3::BucketPolicy"
                        | "AWS::KMS::Key"
                        | "AWS::KMS::ReplicaKey"
                        | "AWS::SNS::TopicPolicy"
                        | "AWS::SNS::TopicInlinePolicy"
                )
            }
            _ => false,
        };
        let refused =
            matches!((one, statement.kind), ("Resource", PolicyKind::Trust) | ("Principal", PolicyKind::Identity));
        if wanted && absent(one) && absent(other) {
            say(statement.origin, format!("the statement has no `{one}`"));
        }
        if let Some(entry) =
            map.get(one).or_else(|| map.get(other)).filter(|_| refused && !(absent(one) && absent(other)))
        {
            let sort = if statement.kind == PolicyKind::Trust { "a trust policy" } else { "a policy of an identity" };
            say(entry.key_origin, format!("{sort} has no `{}`", entry.key));
        }
    }
    for key in ["Action", "NotAction", "Resource", "NotResource"] {
        for case in statement.asked(cx.resolver).items(key) {
            let Some(value) = case.present() else { continue };
            if let Some(what) = wrong_item(key, &value) {
                say(case.place, what);
            }
        }
    }
    for condition in statement.asked(cx.resolver).conditions().0 {
        for item in cx.resolver.items(&condition.value, &condition.under) {
            let Some(Kind::Text(text)) = item.present().map(|value| value.kind) else { continue };
            if let Some(what) = broken_variable(text) {
                say(item.place, what);
            }
        }
    }
    if let Some(entry) = map.get("Sid").filter(|e| matches!(e.value.kind, Kind::List(_) | Kind::Map(_))) {
        say(entry.key_origin, "a `Sid` is one text".to_owned());
    }
}

fn wrong_item(key: &str, value: &Value<'_>) -> Option<String> {
    match value.kind {
        Kind::Map(_) => Some(format!("`{key}` holds a map rather than texts")),
        Kind::Text(text) if key.ends_with("Action") && !text.contains(':') && text != "*" && !text.is_empty() => {
            Some(format!("`{text}` names no service: an action is `service:Action`"))
        }
        Kind::Text(text) if key.ends_with("Resource") => broken_variable(text),
        Kind::Number(_) | Kind::Bool(_) => Some(format!("`{key}` holds no text")),
        Kind::Null | Kind::Text(_) | Kind::List(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => None,
    }
}

/// What is wrong with the way a policy variable of a global key is written.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
fn broken_variable(text: &str) -> Option<String> {
    text.split("${aws:").skip(1).find_map(|rest| {
        let Some((inside, _)) = rest.split_once('}') else {
            return Some(format!("the variable in `{text}` lacks its closing brace"));
        };
        let (name, default) = inside.split_once(',').unwrap_or((inside, "''"));
        // The name of a tag may hold blanks.
        if name.contains(' ') && !name.contains('/') {
            return Some(format!("the name of a variable has no blank, as in `{text}`"));
        }
        let default = default.trim();
        let quoted = default.len() > 1 && default.starts_with('\'') && default.ends_with('\'');
        (!quoted).then(|| format!("the default of a variable stands in single quotes, in `{text}` it does not"))
    })
}

fn guess(got: &str, known: &[&str]) -> String {
    nearest(got, known.iter().copied()).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}
