//! What conditions ask of parameters: the constants they are compared with, the mappings they are keys of.

use std::collections::{BTreeMap, BTreeSet};

use crate::template::{Entry, Intrinsic, Kind, Template, Value};

/// What conditions want to know of parameters.
#[derive(Default)]
pub(super) struct Seen<'a> {
    /// The constants that each is compared with.
    pub(super) compared: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// Those that are looked at through a function.
    pub(super) through: BTreeSet<&'a str>,
    /// The lookups without a default that each is a key of.
    pub(super) keys: BTreeMap<&'a str, Vec<Lookup<'a>>>,
}

/// A lookup with a parameter in one of its keys.
pub(super) struct Lookup<'a> {
    map: Value<'a>,
    /// What the parameter stands in.
    key: Around<'a>,
    /// Whether that is the first key; then the other is the second.
    first: bool,
    other: Value<'a>,
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
                match (constant(other), around(one, left)) {
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

/// A text that is written, if in an `Fn::Sub` without variables.
fn constant<'a>(value: &Value<'a>) -> Option<&'a str> {
    match value.kind {
        Kind::Intrinsic(Intrinsic::Sub { pieces: [], .. }) => Some(""),
        Kind::Intrinsic(Intrinsic::Sub { pieces: [piece], .. }) => piece.as_text(),
        _ => value.as_text(),
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
            for (key, other, is_first) in [(first, second, true), (second, first, false)] {
                if let Some(key) = around(key, left).filter(|_| default.is_none()) {
                    let lookup = Lookup { map: *map, first: is_first, other: *other, key };
                    seen.keys.entry(lookup.key.parameter).or_default().push(lookup);
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
pub(super) fn keys_of<'a>(template: &Template<'a>, asked: &[Lookup<'a>]) -> Option<BTreeSet<&'a str>> {
    let mut left: Option<BTreeSet<&'a str>> = None;
    for Lookup { map, key, first, other } in asked.iter().take(MAX_LOOKUPS) {
        let name = map.as_text()?;
        let map = template.mappings.iter().find(|m| m.key == name)?.value.as_map().filter(|map| !map.is_open())?;
        if map.entries.len() > MAX_ROWS {
            continue;
        }
        let rows = || map.entries.iter().filter_map(|row| row.value.as_map());
        if rows().any(|row| row.is_open()) {
            return None;
        }
        let Some(other) = other.as_text() else { continue };
        let row = if *first { None } else { Some(map.get(other)?.value.as_map()?) };
        let entries = row.map_or(map.entries, |row| row.entries).iter();
        let entries = entries.filter(|entry| row.is_some() || entry.value.get(other).is_some());
        let inner = |entry: &Entry<'a>| entry.key.strip_prefix(&*key.before)?.strip_suffix(&*key.after);
        let keys: BTreeSet<&'a str> = entries.filter_map(inner).collect();
        left = Some(left.map_or_else(|| keys.clone(), |left| left.intersection(&keys).copied().collect()));
    }
    left.filter(|left| !left.is_empty())
}
