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
        Kind::Number(text) => text.parse::<f64>() != Ok(0.0),
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
        Kind::Intrinsic(Intrinsic::Sub { template, variables, .. }) => {
            let inside = |e: &Entry<'a>| Entry { value: parameters(x, e.value), ..*e };
            let inside: Vec<_> = variables.entries.iter().map(inside).collect();
            let variables = Map { entries: x.build.arena.alloc_slice_copy(&inside) };
            x.build.sub_with(&filled_in(x, template, value), variables, value.origin)
        }
        Kind::Intrinsic(Intrinsic::Join(by, items)) => {
            x.build.intrinsic(Intrinsic::Join(*by, parameters(x, *items)), value.origin)
        }
        Kind::Intrinsic(Intrinsic::Split(by, text)) => {
            x.build.intrinsic(Intrinsic::Split(*by, parameters(x, *text)), value.origin)
        }
        Kind::Intrinsic(Intrinsic::Select(at, items)) => {
            x.build.intrinsic(Intrinsic::Select(parameters(x, *at), parameters(x, *items)), value.origin)
        }
        Kind::Intrinsic(Intrinsic::FindInMap(map, first, second, default)) => {
            let keys = Intrinsic::FindInMap(*map, parameters(x, *first), parameters(x, *second), *default);
            x.build.intrinsic(keys, value.origin)
        }
        Kind::Intrinsic(Intrinsic::ImportValue(name)) => {
            x.build.intrinsic(Intrinsic::ImportValue(parameters(x, *name)), value.origin)
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => value,
    }
}

/// The same where SAM only looks, and yet puts in the parameters that stand inside of a function or a list.
pub(super) fn inside<'a>(x: &Expansion<'a>, value: Value<'a>) -> Value<'a> {
    if matches!(value.kind, Kind::Intrinsic(Intrinsic::Ref(_))) { value } else { parameters(x, value) }
}

/// The text of a `Fn::Sub` with the parameters in its braces replaced by what they are.
fn filled_in<'a>(x: &Expansion<'a>, template: &str, of: Value<'a>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push_str("${");
            rest = after;
            continue;
        };
        let known = x.known(x.build.reference(name.trim(), of.origin));
        match known.as_text().filter(|_| !name.starts_with('!')) {
            Some(text) => out.push_str(text),
            None => out.push_str(&format!("${{{name}}}")),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
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
pub(super) fn same(one: Value<'_>, two: Value<'_>) -> bool {
    print(one).is_some_and(|one| Some(one) == print(two))
}

/// A value as text that two values share only when they say the same; `None` when that cannot be told.
pub(super) fn print(value: Value<'_>) -> Option<String> {
    let mut out = String::new();
    write(value, &mut out).then_some(out)
}

fn write(value: Value<'_>, out: &mut String) -> bool {
    let all = |out: &mut String, values: &[Value<'_>]| {
        values.iter().all(|v| {
            let fine = write(*v, out);
            out.push(',');
            fine
        })
    };
    match value.kind {
        Kind::Null => out.push('-'),
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => {
            out.push_str(&format!("{:?}", value.as_text().unwrap_or("")))
        }
        Kind::List(items) => {
            out.push('[');
            return all(out, items);
        }
        Kind::Map(map) => return write_map(map, out),
        Kind::Intrinsic(Intrinsic::Ref(id)) => out.push_str(&format!("Ref {id}")),
        Kind::Intrinsic(Intrinsic::GetAtt(id, attribute)) => {
            out.push_str(&format!("GetAtt {id}."));
            return write(*attribute, out);
        }
        Kind::Intrinsic(Intrinsic::Sub { template, variables, .. }) => {
            out.push_str(&format!("Sub {template:?}"));
            return write_map(*variables, out);
        }
        Kind::Intrinsic(Intrinsic::Join(by, items)) => {
            out.push_str("Join");
            return all(out, &[*by, *items]);
        }
        Kind::Intrinsic(_) | Kind::Unknown(_) => return false,
    }
    true
}

fn write_map(map: Map<'_>, out: &mut String) -> bool {
    out.push('{');
    let mut entries: Vec<_> = map.entries.iter().collect();
    entries.sort_by_key(|e| e.key);
    entries.iter().all(|e| {
        out.push_str(&format!("{:?}:", e.key));
        let fine = write(e.value, out);
        out.push(',');
        fine
    })
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
