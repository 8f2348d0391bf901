//! Statements that leave empty what they must name.

use super::{Context, Rule, Sink};
use crate::rules::{Hit, Spot};
use crate::template::{Kind, Origin, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements() {
        let Some(map) = statement.value.as_map() else { continue };
        for entry in map.entries {
            // Only what is written so: a list that a parameter leaves empty is filled in with the parameter.
            let place = match entry.key {
                "Action" | "Resource" => is_empty(&entry.value).then_some(entry.key_origin),
                "Principal" | "NotPrincipal" => empty_within(entry.key_origin, &entry.value, 1),
                "Condition" => empty_within(entry.key_origin, &entry.value, 2),
                _ => None,
            };
            if let Some(origin) = place {
                let spot = Spot { origin, value: None, item: Some(statement.value.origin) };
                out.report(Hit::new(spot).of(cx.owner(statement)).under(&statement.under).label("nothing"));
            }
        }
    }
}

/// The key whose value is empty: this one, or one of those below it, so many levels down.
fn empty_within<'a>(key: Origin<'a>, value: &Value<'a>, levels: usize) -> Option<Origin<'a>> {
    if is_empty(value) {
        return Some(key);
    }
    let Kind::Map(map) = &value.kind else { return None };
    let levels = levels.checked_sub(1)?;
    map.entries.iter().find_map(|entry| empty_within(entry.key_origin, &entry.value, levels))
}

fn is_empty(value: &Value<'_>) -> bool {
    match &value.kind {
        Kind::List(items) => items.is_empty(),
        Kind::Map(map) => map.entries.is_empty(),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => false,
    }
}
