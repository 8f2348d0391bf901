//! Deep merging as the framework does it: maps by key, lists by index, all else by the last word.

use foldhash::{HashMap, HashMapExt};

use crate::template::{Build, Entry, Intrinsic, Kind, Map, Origin, Value};

/// Values merged from left to right. A function of CloudFormation's is replaced whole.
pub(super) fn merged<'a>(build: Build<'a>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let last = *values.last()?;
    // What stands before a value of another shape is overwritten.
    let run = values
        .iter()
        .rev()
        .take_while(|v| std::mem::discriminant(&v.kind) == std::mem::discriminant(&last.kind))
        .count();
    let values = values.get(values.len() - run..).unwrap_or(values);
    if values.len() < 2 {
        return Some(last);
    }
    let origin = values.first().map_or(last.origin, |v| v.origin);
    match last.kind {
        Kind::Map(_) => {
            let mut rows: Vec<(&Entry<'a>, Vec<Value<'a>>)> = Vec::new();
            let mut places = HashMap::new();
            for entry in values.iter().filter_map(Value::as_map).flat_map(|m| m.entries) {
                let row = *places.entry(entry.key).or_insert_with(|| {
                    rows.push((entry, Vec::new()));
                    rows.len() - 1
                });
                if let Some((_, values)) = rows.get_mut(row) {
                    values.push(entry.value);
                }
            }
            let entry = |(entry, values): &(&Entry<'a>, Vec<Value<'a>>)| {
                Some(Entry { value: merged(build, values)?, ..**entry })
            };
            Some(build.entries(rows.iter().filter_map(entry), origin))
        }
        Kind::List(_) => {
            let lists: Vec<_> = values.iter().filter_map(Value::as_list).collect();
            let longest = lists.iter().map(|l| l.len()).max().unwrap_or(0);
            let item = |at: usize| {
                let items: Vec<_> = lists.iter().filter_map(|l| l.get(at)).copied().collect();
                merged(build, &items)
            };
            Some(build.list((0..longest).filter_map(item), origin))
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => {
            Some(last)
        }
    }
}

/// A section written as a list of maps, as one map; what cannot be read of it is noted. `named`: at
/// which level its things have their names, 0 being the keys of the map itself.
pub(super) fn folded<'a>(
    build: Build<'a>,
    list: Value<'a>,
    named: usize,
    parts: &mut Vec<(Origin<'a>, &'a str)>,
) -> Value<'a> {
    let mut maps = Vec::new();
    let known = parts.len();
    // A file may hold a list of its own.
    for item in list.items().into_iter().flat_map(|item| item.items()) {
        spread(build, item, named, parts, &mut maps);
    }
    match merged(build, &maps) {
        Some(all) => Value::new(all.kind, list.origin),
        // Something that is not read is not nothing.
        None if parts.len() > known => Value::new(Kind::Unknown("none of these is read"), list.origin),
        None => Value::new(Kind::Map(Map::EMPTY), list.origin),
    }
}

/// The maps that an item of such a list comes to: a choice between maps becomes a map of choices.
fn spread<'a>(
    build: Build<'a>,
    item: Value<'a>,
    named: usize,
    parts: &mut Vec<(Origin<'a>, &'a str)>,
    maps: &mut Vec<Value<'a>>,
) {
    match item.kind {
        Kind::Map(_) => maps.push(item),
        Kind::Intrinsic(Intrinsic::External(external)) => {
            let why = build.str(&format!("`{}` is not read: there may be anything in it", external.written));
            parts.push((item.origin, why));
        }
        Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)) => {
            let nothing = build.no_value(item.origin);
            let mut branch = |value: Value<'a>, choose: &dyn Fn(Value<'a>) -> Value<'a>| {
                let mut found = Vec::new();
                spread(build, value, named, parts, &mut found);
                maps.extend(found.into_iter().map(|map| hung(build, map, named, choose)));
            };
            branch(*then, &|value| build.intrinsic(Intrinsic::If(condition, value, nothing), value.origin));
            branch(*otherwise, &|value| build.intrinsic(Intrinsic::If(condition, nothing, value), value.origin));
        }
        Kind::Intrinsic(Intrinsic::Ref("AWS::NoValue")) => {}
        Kind::Intrinsic(_) => parts.push((item.origin, "a part that is only known while deploying")),
        Kind::Unknown(why) => parts.push((item.origin, why)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => {}
    }
}

/// A map whose named things are each put through a choice.
fn hung<'a>(build: Build<'a>, map: Value<'a>, level: usize, choose: &dyn Fn(Value<'a>) -> Value<'a>) -> Value<'a> {
    let Some(entries) = map.as_map().map(|m| m.entries) else { return map };
    let entry = |e: &Entry<'a>| match level.checked_sub(1) {
        Some(level) => Entry { value: hung(build, e.value, level, choose), ..*e },
        None => Entry { value: choose(e.value), ..*e },
    };
    build.entries(entries.iter().map(entry), map.origin)
}

/// The tree with the values at a path replaced; `*` is every key or item, and conditions are seen through.
pub(super) fn updated<'a>(
    build: Build<'a>,
    value: Value<'a>,
    path: &[&str],
    new: &mut dyn FnMut(Value<'a>) -> Value<'a>,
) -> Value<'a> {
    if let (Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)), false) = (value.kind, path.is_empty()) {
        let then = updated(build, *then, path, new);
        let otherwise = updated(build, *otherwise, path, new);
        return build.intrinsic(Intrinsic::If(condition, then, otherwise), value.origin);
    }
    let Some((key, rest)) = path.split_first() else { return new(value) };
    let all = *key == "*";
    match value.kind {
        Kind::Map(map) if all || map.get(key).is_some() => {
            let entry = |e: &Entry<'a>| match all || e.key == *key {
                true => Entry { value: updated(build, e.value, rest, new), ..*e },
                false => *e,
            };
            let entries: Vec<_> = map.entries.iter().map(entry).collect();
            build.entries(entries, value.origin)
        }
        Kind::List(items) if all => {
            let items: Vec<_> = items.iter().map(|item| updated(build, *item, rest, new)).collect();
            build.list(items, value.origin)
        }
        Kind::Map(_)
        | Kind::List(_)
        | Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => value,
    }
}
