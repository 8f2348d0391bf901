//! Policies in the language of 2008.

use super::{Context, Rule, Sink};
use crate::analysis::policy::Document;
use crate::resolve::{Case, Known, Text};
use crate::rulebook::{EditSpec, Literal, Path, Severity};
use crate::rules::{Hit, Spot};
use crate::template::{Intrinsic, Kind, Origin, Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    each(cx, &mut |document, owner, case, text| {
        let inert = variable(&document.value, 0).is_some();
        let message = match text {
            None => "policy has no `Version`, so it is read as of 2008".to_owned(),
            Some("2008-10-17") => "policy is written in the language of 2008".to_owned(),
            Some(text) => format!("`{text}` is no version of the policy language"),
        };
        let place = if text.is_some() { case.place } else { document.origin };
        let spot = Spot { origin: place, value: None, item: Some(document.origin) };
        let path = Path::property("Version");
        let today = Literal::Text("2012-10-17".to_owned());
        // Without variables both languages say the same.
        let edits = vec![EditSpec::Set(path, today)];
        let mut hit = Hit::new(spot)
            .of(owner)
            .fix("write it in the language of 2012", !inert, edits)
            .under(&case.under)
            .message(message);
        if inert {
            hit = hit.severity(Severity::High).label("`${aws:…}` is no variable in it, but the very characters");
        }
        out.report(hit);
    });
}

/// What is told of such a policy.
type Told<'f, 'a> = dyn FnMut(&Document<'a>, &Resource<'a>, &Case<'a>, Option<&str>) + 'f;

/// Calls back for each policy in an older language: what it is, where it stands, and what it has for a version.
pub(super) fn each<'a>(cx: &Context<'_, 'a>, found: &mut Told<'_, 'a>) {
    for document in cx.documents().iter().filter(|d| !d.is_statement() && d.is_written() && d.value.as_map().is_some())
    {
        let Some(owner) = cx.template.resources.get(document.owner) else { continue };
        // What SAM makes of an event points at the event, and what is written there is no policy.
        let key = document.value.get("Statement").and_then(|statement| cx.resolver.written(statement.key_origin));
        if owner.made_by.is_some() && key.is_some_and(|key| key.trim_matches(['"', '\'']) != "Statement") {
            continue;
        }
        for case in cx.resolver.get(&document.value, "Version", &document.under) {
            let text = match case.value {
                Known::Unknown(_) => continue,
                Known::Absent => None,
                Known::Present(value) => match Text::of(&value).known() {
                    // Some parsers hand dates on as dates: only the day counts.
                    Some(text) if text.starts_with("2012-10-17") => continue,
                    Some(text) => Some(text.into_owned()),
                    None => continue,
                },
            };
            found(document, owner, &case, text.as_deref());
        }
    }
}

/// Where a text in the document holds a policy variable.
pub(super) fn variable<'a>(value: &Value<'a>, depth: usize) -> Option<Origin<'a>> {
    let is_variable = match value.kind {
        _ if depth > 64 => false,
        Kind::Text(text) => text.contains("${aws:") || text.contains("${saml:") || text.contains("${cognito-identity"),
        Kind::List(items) => return items.iter().find_map(|i| variable(i, depth + 1)),
        Kind::Map(map) => return map.entries.iter().find_map(|e| variable(&e.value, depth + 1)),
        Kind::Intrinsic(Intrinsic::Sub { template, .. }) => template.contains("${!aws:"),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => false,
    };
    is_variable.then_some(value.origin)
}
