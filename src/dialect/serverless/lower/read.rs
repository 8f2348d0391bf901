//! Asking the configuration as the framework's JavaScript does: truthiness, fallbacks, one-or-many.

use super::make::{Make, told};
use crate::template::{Build, Entry, ExternalKind, Intrinsic, Kind, Origin, Value};

/// How far chains of `Fn::If` are followed.
const MAX_BRANCHES: usize = 64;

/// How many items of one list are told apart; no stack holds as many resources.
pub(super) const MAX_ITEMS: usize = 5_000;

/// What JavaScript takes for true. What we cannot know was written for a reason, so it counts as true.
pub(super) fn truthy(value: &Value<'_>) -> bool {
    match value.kind {
        Kind::Null => false,
        Kind::Bool(yes) => yes,
        Kind::Number(text) => text.parse::<f64>() != Ok(0.0),
        Kind::Text(text) => !text.is_empty(),
        Kind::List(_) | Kind::Map(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => true,
    }
}

/// The value of a key, whatever it is; `null` is nothing.
pub(super) fn get<'a>(value: Value<'a>, key: &str) -> Option<Value<'a>> {
    settle(value).get(key).map(|e| e.value).filter(|v| !v.is_null())
}

/// The entry of a key, `null` included: its key is a place to point at.
pub(super) fn entry<'a>(value: Value<'a>, key: &str) -> Option<&'a Entry<'a>> {
    settle(value).get(key)
}

/// The value behind a chain of keys; `null` is nothing.
pub(super) fn at<'a>(value: Value<'a>, keys: &[&str]) -> Option<Value<'a>> {
    keys.iter().try_fold(value, |value, key| get(value, key))
}

/// The value of a key when it is true.
pub(super) fn given<'a>(value: Value<'a>, key: &str) -> Option<Value<'a>> {
    get(value, key).filter(truthy)
}

/// The text of a key.
pub(super) fn text<'a>(value: Value<'a>, key: &str) -> Option<&'a str> {
    settle(get(value, key)?).as_text()
}

/// True when the key is there and neither false nor empty.
pub(super) fn flag(value: Value<'_>, key: &str) -> bool {
    get(value, key).is_some_and(|v| truthy(&settle(v)))
}

/// A boolean that may also be missing.
pub(super) fn boolean(value: Value<'_>, key: &str) -> Option<bool> {
    settle(get(value, key)?).as_bool()
}

/// Where structure must be decided, the first branch of a choice stands for it.
pub(super) fn settle(mut value: Value<'_>) -> Value<'_> {
    for _ in 0..MAX_BRANCHES {
        let Kind::Intrinsic(Intrinsic::If(_, then, otherwise)) = value.kind else { return value };
        value = if matches!(then.kind, Kind::Intrinsic(Intrinsic::Ref("AWS::NoValue"))) { *otherwise } else { *then };
    }
    value
}

/// The first branch of a choice that says something.
pub(super) fn chosen(mut value: Value<'_>) -> Value<'_> {
    for _ in 0..MAX_BRANCHES {
        let Kind::Intrinsic(Intrinsic::If(_, then, otherwise)) = value.kind else { return value };
        let says = settle(*then);
        let nothing = matches!(says.kind, Kind::Intrinsic(Intrinsic::Ref("AWS::NoValue"))) || !truthy(&says);
        value = if nothing { *otherwise } else { *then };
    }
    value
}

/// What is decided of each branch of a choice, under the same conditions.
pub(super) fn each_branch<'a>(make: Make<'a>, value: Value<'a>, decide: &dyn Fn(Value<'a>) -> Value<'a>) -> Value<'a> {
    let mut chain = Vec::new();
    let mut last = value;
    while let (Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)), true) =
        (last.kind, chain.len() < MAX_BRANCHES)
    {
        chain.push((*condition, *then));
        last = *otherwise;
    }
    let of = |value: Value<'a>| decide(settle(value));
    chain.into_iter().rev().fold(of(last), |otherwise, (condition, then)| {
        make.at(value.origin).intrinsic(Intrinsic::If(condition, of(then), otherwise))
    })
}

/// True for what may be anything, nothing included.
pub(super) const fn is_open(value: &Value<'_>) -> bool {
    match value.kind {
        Kind::Unknown(_) => true,
        Kind::Intrinsic(Intrinsic::External(external)) => matches!(external.kind, ExternalKind::File),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_) => false,
    }
}

/// The items of a list, or the value as the only one.
pub(super) fn items(value: Value<'_>) -> Vec<Value<'_>> {
    settle(value).items()
}

/// A text for a logical id: what is known of the value, letters only where it matters.
pub(super) fn plain<'a>(build: Build<'a>, value: Value<'a>) -> &'a str {
    let value = settle(value);
    match value.kind {
        Kind::Text(text) | Kind::Number(text) => text,
        Kind::Bool(true) => "true",
        Kind::Bool(false) => "false",
        Kind::Intrinsic(Intrinsic::Ref(id)) => id,
        Kind::Intrinsic(Intrinsic::GetAtt(id, _)) => id,
        Kind::Intrinsic(Intrinsic::ImportValue(name)) => name.as_text().unwrap_or(""),
        Kind::Intrinsic(Intrinsic::Join(_, items)) => {
            items.as_list().and_then(|l| l.last()).and_then(|v| v.as_text()).unwrap_or("")
        }
        Kind::Intrinsic(Intrinsic::Sub { pieces, .. }) => {
            let texts: Vec<&str> = pieces
                .iter()
                .map(|p| match p.kind {
                    Kind::Intrinsic(Intrinsic::External(e)) => e.key,
                    _ => p.as_text().unwrap_or(""),
                })
                .collect();
            build.str(&texts.concat())
        }
        Kind::Intrinsic(Intrinsic::External(external)) => external.key,
        Kind::Intrinsic(_) | Kind::Null | Kind::List(_) | Kind::Map(_) | Kind::Unknown(_) => "",
    }
}

/// Every item of a list that choices may stand in or around, with the condition under which it is there.
pub(super) fn branches<'a>(guards: &mut Guards<'a>, value: Value<'a>) -> Vec<(Option<&'a str>, Value<'a>)> {
    let mut out = Vec::new();
    spread(guards, None, value, true, 0, &mut out);
    out
}

fn spread<'a>(
    guards: &mut Guards<'a>,
    guard: Option<&'a str>,
    value: Value<'a>,
    open: bool,
    depth: usize,
    out: &mut Vec<(Option<&'a str>, Value<'a>)>,
) {
    match value.kind {
        _ if out.len() >= MAX_ITEMS => {}
        Kind::Null | Kind::Intrinsic(Intrinsic::Ref("AWS::NoValue")) => {}
        Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)) if depth < MAX_BRANCHES => {
            let yes = guards.both(guard, condition, value.origin);
            spread(guards, Some(yes), *then, open, depth + 1, out);
            let no = guards.not(condition, value.origin);
            let no = guards.both(guard, no, value.origin);
            spread(guards, Some(no), *otherwise, open, depth + 1, out);
        }
        Kind::List(items) if open => items.iter().for_each(|item| spread(guards, guard, *item, false, depth, out)),
        Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => out.push((guard, value)),
    }
}

/// Conditions made of other conditions, for what is there in one branch of a choice only.
pub(super) struct Guards<'a> {
    build: Build<'a>,
    /// The conditions made so far.
    pub made: Vec<Entry<'a>>,
}

impl<'a> Guards<'a> {
    /// None yet.
    pub(super) const fn new(build: Build<'a>) -> Self {
        Self { build, made: Vec::new() }
    }

    fn not(&mut self, condition: &'a str, origin: Origin<'a>) -> &'a str {
        let make = Make { build: self.build, origin };
        let name = told(make.build, format_args!("not {condition}"));
        let value = make.intrinsic(Intrinsic::Not(make.intrinsic(Intrinsic::Condition(condition))));
        self.put(make, name, value)
    }

    fn both(&mut self, first: Option<&'a str>, second: &'a str, origin: Origin<'a>) -> &'a str {
        let Some(first) = first else { return second };
        let make = Make { build: self.build, origin };
        let name = told(make.build, format_args!("{first} and {second}"));
        let two = [Intrinsic::Condition(first), Intrinsic::Condition(second)].map(|c| make.intrinsic(c));
        let value = make.intrinsic(Intrinsic::And(self.build.arena.alloc_slice_copy(&two)));
        self.put(make, name, value)
    }

    fn put(&mut self, make: Make<'a>, name: &'a str, value: Value<'a>) -> &'a str {
        if !self.made.iter().any(|e| e.key == name) {
            self.made.push(make.entry(name, value));
        }
        name
    }
}

/// A value as the compact JSON that JavaScript would write; `None` when a part is not known.
pub(super) fn json(value: Value<'_>) -> Option<String> {
    let mut out = String::new();
    write_json(&value, &mut out).then_some(out)
}

fn write_json(value: &Value<'_>, out: &mut String) -> bool {
    match value.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(yes) => out.push_str(if yes { "true" } else { "false" }),
        Kind::Number(text) => out.push_str(text),
        Kind::Text(text) => write_text(text, out),
        Kind::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                if !write_json(item, out) {
                    return false;
                }
            }
            out.push(']');
        }
        Kind::Map(map) => {
            out.push('{');
            for (i, entry) in map.entries.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_text(entry.key, out);
                out.push(':');
                if !write_json(&entry.value, out) {
                    return false;
                }
            }
            out.push('}');
        }
        Kind::Intrinsic(_) | Kind::Unknown(_) => return false,
    }
    true
}

fn write_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Arena, FileId, Span};

    /// What is false in JavaScript is false here, and what is not known counts as written.
    #[test]
    fn truth() {
        let origin = Origin::written(Span::new(FileId(0), 0, 1));
        let yes = |kind| truthy(&Value::new(kind, origin));
        assert!(!yes(Kind::Null) && !yes(Kind::Bool(false)) && !yes(Kind::Number("0")) && !yes(Kind::Text("")));
        assert!(yes(Kind::List(&[])) && yes(Kind::Text("false")) && yes(Kind::Unknown("why")));
    }

    /// The items of both branches of a choice are there, each under its own condition.
    #[test]
    fn spreads_choices() {
        let arena = Arena::new();
        let build = Build::new(&arena);
        let make = Make { build, origin: Origin::written(Span::new(FileId(0), 0, 1)) };
        let choice = make.intrinsic(Intrinsic::If("prod", make.texts(&["a", "b"]), make.texts(&["c"])));
        let mut guards = Guards::new(build);
        let all = branches(&mut guards, choice);
        let seen: Vec<_> = all.iter().map(|(g, v)| (g.unwrap_or(""), v.as_text().unwrap_or(""))).collect();
        assert_eq!(seen, [("prod", "a"), ("prod", "b"), ("not prod", "c")]);
        assert_eq!(guards.made.len(), 1);
    }
}
