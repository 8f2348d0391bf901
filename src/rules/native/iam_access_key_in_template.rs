//! Long-lived keys that a template makes.

use super::{Context, Rule, Sink};
use crate::resolve::{Hole, Text, Under};
use crate::rulebook::Severity;
use crate::rules::Hit;
use crate::template::{Kind, Origin, Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for key in cx.resources("AWS::IAM::AccessKey") {
        let Some(under) = cx.under(key) else { continue };
        let mut hit = Hit::resource(key).under(&under).label("a key without an end");
        let outputs = cx.template.outputs.iter().find_map(|o| secret(cx, &o.value, key.id, &under, 0));
        let kept = |resource: &Resource<'a>| resource.kind == "AWS::SecretsManager::Secret";
        // `Metadata` is given out with the resource, and what sets machines up reads it there.
        let values = cx.template.resources.iter().flat_map(|resource| {
            let properties = (!kept(resource)).then_some(resource.properties);
            properties.into_iter().chain(resource.attributes.entries.iter().map(|entry| entry.value))
        });
        let shown = outputs.or_else(|| values.into_iter().find_map(|value| secret(cx, &value, key.id, &under, 0)));
        if let Some(place) = shown {
            hit = hit.severity(Severity::Critical).related(place, "the secret key is readable here");
            hit = hit.message("access key is made in the template, and its secret is shown");
        }
        out.report(hit);
    }
}

/// Where the secret half of a key is used.
fn secret<'a>(cx: &Context<'_, 'a>, value: &Value<'a>, id: &str, under: &Under, depth: usize) -> Option<Origin<'a>> {
    match value.kind {
        _ if depth > 200 => None,
        Kind::Map(map) => map.entries.iter().find_map(|e| secret(cx, &e.value, id, under, depth + 1)),
        Kind::List(items) => items.iter().find_map(|i| secret(cx, i, id, under, depth + 1)),
        Kind::Intrinsic(_) => cx.resolver.cases(value, under).iter().find_map(|case| {
            let text = Text::of(&case.present()?);
            text.holes().any(|h| h == Hole::Attribute(id, "SecretAccessKey")).then_some(case.place)
        }),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => None,
    }
}
