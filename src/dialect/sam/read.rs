//! Small questions about values, answered the way SAM answers them.

use super::expansion::{Expansion, given};
use crate::template::{Entry, Intrinsic, Kind, Map, Value};

/// The value of a key; `null` and `AWS::NoValue` are nothing.
pub(super) fn field<'a>(value: Value<'a>, key: &str) -> Option<Value<'a>> {
    given(value, key)
}

/// The text of a key.
pub(super) fn text<'a>(value: Value<'a>, key: &str) -> Option<&'a str> {
    field(value, key)?.as_text()
}

/// What counts as true in Python: everything but nothing, `false`, zero and what is empty.
pub(super) fn truthy(value: Value<'_>) -> bool {
    match value.kind {
        Kind::Null => false,
        Kind::Bool(yes) => yes,
        Kind::Number(text) => text.parse::<f64>().map_or(true, |n| n != 0.0),
        Kind::Text(text) => !text.is_empty(),
        Kind::List(items) => !items.is_empty(),
        Kind::Map(map) => !map.entries.is_empty(),
        Kind::Intrinsic(_) | Kind::Unknown(_) => true,
    }
}

/// The value with references to parameters replaced by what the parameters are.
pub(super) fn parameters<'a>(x: &Expansion<'a>, value: Value<'a>) -> Value<'a> {
    match value.kind {
        Kind::Intrinsic(Intrinsic::Ref(_)) => x.known(value),
        Kind::List(items) => x.build.list(items.iter().map(|v| parameters(x, *v)), value.origin),
        Kind::Map(Map { entries }) => {
            let entries = entries.iter().map(|e| Entry { value: parameters(x, e.value), ..*e });
            x.build.entries(entries.collect::<Vec<_>>(), value.origin)
        }
        Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)) => {
            x.build.choose(condition, parameters(x, *then), parameters(x, *otherwise), value.origin)
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => value,
    }
}

/// A logical id that ends in ten digits of a hash, as SAM makes them; the digits are not SAM's.
pub(super) fn hashed(prefix: &str, of: &str) -> String {
    let hash = of.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    format!("{prefix}{:010x}", hash & 0xff_ffff_ffff)
}

/// Enough of a value to tell it from others of its kind in a logical id.
pub(super) fn sketch(value: Value<'_>) -> String {
    match value.kind {
        Kind::Intrinsic(Intrinsic::Ref(id)) => format!("Ref {id}"),
        Kind::Intrinsic(Intrinsic::GetAtt(id, attribute)) => format!("{id}.{}", attribute.as_text().unwrap_or("")),
        Kind::Intrinsic(Intrinsic::Sub { template, .. }) => (*template).to_owned(),
        Kind::Intrinsic(Intrinsic::ImportValue(name)) => format!("import {}", name.as_text().unwrap_or("")),
        Kind::Intrinsic(_) | Kind::List(_) | Kind::Map(_) | Kind::Unknown(_) => {
            format!("{}-{}", value.origin.span.start, value.origin.span.end)
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => value.as_text().unwrap_or("").to_owned(),
    }
}

/// True when two values surely say the same.
pub(super) fn same(one: &Value<'_>, two: &Value<'_>) -> bool {
    if let (Some(one), Some(two)) = (one.as_list(), two.as_list()) {
        return one.len() == two.len() && one.iter().zip(two).all(|(a, b)| same(a, b));
    }
    if let (Some(one), Some(two)) = (one.as_map(), two.as_map()) {
        return same_maps(one, two);
    }
    if let (Some(one), Some(two)) = (one.as_intrinsic(), two.as_intrinsic()) {
        return match (one, two) {
            (Intrinsic::Ref(a), Intrinsic::Ref(b)) => a == b,
            (Intrinsic::GetAtt(a, x), Intrinsic::GetAtt(b, y)) => a == b && same(x, y),
            (Intrinsic::Sub { template: a, variables: x, .. }, Intrinsic::Sub { template: b, variables: y, .. }) => {
                a == b && same_maps(*x, *y)
            }
            (Intrinsic::Join(a, x), Intrinsic::Join(b, y)) => same(a, b) && same(x, y),
            (..) => false,
        };
    }
    one.as_text().is_some() && one.as_text() == two.as_text()
}

fn same_maps(one: Map<'_>, two: Map<'_>) -> bool {
    let there = |e: &Entry<'_>| two.get(e.key).is_some_and(|other| same(&e.value, &other.value));
    one.entries.len() == two.entries.len() && one.entries.iter().all(there)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A hash has ten digits and depends on what is hashed.
    #[test]
    fn hashes() {
        assert_eq!(hashed("A", "x").len(), 11);
        assert_ne!(hashed("A", "x"), hashed("A", "y"));
    }
}
