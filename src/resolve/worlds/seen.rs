//! What conditions ask of parameters: the constants they are compared with, the mappings they are keys of.

use std::collections::{BTreeMap, BTreeSet};

use crate::template::{Intrinsic, Kind, Template, Value};

/// What conditions want to know of parameters.
#[derive(Default)]
pub(super) struct Seen<'a> {
    /// The constants that each is compared with.
    pub(super) compared: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Those that are looked at through a function.
    pub(super) through: BTreeSet<&'a str>,
    /// The lookups without a default that each is a key of: mapping, first key, second key.
    pub(super) keys: BTreeMap<&'a str, Vec<[Value<'a>; 3]>>,
}

/// Notes what each parameter is compared with.
pub(super) fn constants<'a>(value: &Value<'a>, seen: &mut Seen<'a>, left: &mut usize) {
    let Kind::Intrinsic(intrinsic) = value.kind else { return };
    // Values nest no deeper than the parser allows, but variables of `Fn::Sub` can double at each level.
    let Some(fewer) = left.checked_sub(1) else { return };
    *left = fewer;
    match intrinsic {
        Intrinsic::And(items) | Intrinsic::Or(items) => items.iter().for_each(|i| constants(i, seen, left)),
        Intrinsic::Not(item) => constants(item, seen, left),
        Intrinsic::Equals(a, b) => {
            for (one, other) in [(a, b), (b, a)] {
                match (other.as_text(), around(one, left)) {
                    // `x-${Env}` is `x-prod` where `Env` is `prod`.
                    (Some(text), Some(Around { before, parameter, after })) => {
                        let known = seen.compared.entry(parameter).or_default();
                        known.extend(text.strip_prefix(&*before).and_then(|text| text.strip_suffix(&*after)));
                    }
                    (Some(_), None) | (None, _) => references(one, seen, left, false),
                }
            }
        }
        _ => {}
    }
}

/// A text that is put together around one parameter.
struct Around<'a> {
    before: String,
    parameter: &'a str,
    after: String,
}

fn around<'a>(value: &Value<'a>, left: &mut usize) -> Option<Around<'a>> {
    *left = left.checked_sub(1)?;
    let Kind::Intrinsic(intrinsic) = value.kind else { return None };
    let (pieces, separator) = match intrinsic {
        Intrinsic::Ref(parameter) => {
            return Some(Around { before: String::new(), parameter, after: String::new() });
        }
        Intrinsic::Sub { pieces, .. } => (*pieces, ""),
        Intrinsic::Join(separator, items) => (items.as_list()?, separator.as_text()?),
        _ => return None,
    };
    let mut found: Option<Around<'a>> = None;
    let mut before = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        let written = found.as_mut().map_or(&mut before, |found| &mut found.after);
        if at > 0 {
            written.push_str(separator);
        }
        if let Some(text) = piece.as_text() {
            written.push_str(text);
            continue;
        }
        let inner = around(piece, left).filter(|_| found.is_none())?;
        let before = std::mem::take(&mut before) + &inner.before;
        found = Some(Around { before, ..inner });
    }
    found
}

fn references<'a>(value: &Value<'a>, seen: &mut Seen<'a>, left: &mut usize, through: bool) {
    let Kind::Intrinsic(intrinsic) = value.kind else { return };
    // Values nest no deeper than the parser allows, but variables of `Fn::Sub` can double at each level.
    let Some(fewer) = left.checked_sub(1) else { return };
    *left = fewer;
    match intrinsic {
        Intrinsic::Ref(name) => {
            seen.compared.entry(name).or_default();
            if through {
                seen.through.insert(name);
            }
        }
        Intrinsic::FindInMap(map, first, second, default) => {
            for key in [first, second] {
                if let (Kind::Intrinsic(Intrinsic::Ref(name)), None) = (key.kind, default) {
                    seen.keys.entry(name).or_default().push([*map, *first, *second]);
                }
                references(key, seen, left, true);
            }
        }
        Intrinsic::Sub { pieces, .. } => pieces.iter().for_each(|p| references(p, seen, left, true)),
        Intrinsic::Join(_, items) => {
            items.as_list().unwrap_or(&[]).iter().for_each(|i| references(i, seen, left, true));
        }
        _ => {}
    }
}

/// How many lookups of a parameter are looked at, and in mappings of how many rows: beyond, nothing is said of it.
const MAX_LOOKUPS: usize = 16;
const MAX_ROWS: usize = 256;

/// The values that a parameter can have and be found by all of these lookups; `None` when they say nothing.
pub(super) fn keys_of<'a>(template: &Template<'a>, asked: &[[Value<'a>; 3]]) -> Option<BTreeSet<&'a str>> {
    let mut left: Option<BTreeSet<&'a str>> = None;
    for [map, first, second] in asked.iter().take(MAX_LOOKUPS) {
        let name = map.as_text()?;
        let map = template.mappings.iter().find(|m| m.key == name)?.value.as_map().filter(|map| !map.is_open())?;
        if map.entries.len() > MAX_ROWS {
            continue;
        }
        let rows = || map.entries.iter().filter_map(|row| row.value.as_map());
        if rows().any(|row| row.is_open()) {
            return None;
        }
        // One of the two is the parameter.
        let keys: BTreeSet<&'a str> = match (first.as_text(), second.as_text()) {
            (None, Some(second)) => {
                map.entries.iter().filter(|row| row.value.get(second).is_some()).map(|row| row.key).collect()
            }
            (Some(first), None) => map.get(first)?.value.as_map()?.entries.iter().map(|entry| entry.key).collect(),
            (None, None) | (Some(_), Some(_)) => continue,
        };
        left = Some(left.map_or_else(|| keys.clone(), |left| left.intersection(&keys).copied().collect()));
    }
    left.filter(|left| !left.is_empty())
}
