//! Whatever the text and whatever the fix: what was asked for comes true, and nothing else does.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::super::same::same;
use super::{Operation, changes, verify};
use crate::rulebook::Literal;
use crate::source::{Arena, FileId};
use crate::syntax::parse;

/// Small choices of how to write a text, drawn one after the other.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

/// Writes a value in one of the ways people do, on purpose not with the writer under test.
struct Writer {
    dice: Dice,
    json: bool,
    step: usize,
    comments: bool,
}

impl Writer {
    fn quoted(text: &str) -> String {
        serde_json::to_string(text).expect("text is JSON")
    }

    fn scalar(&mut self, value: &Literal) -> String {
        match value {
            Literal::Null => "null".to_owned(),
            Literal::Bool(yes) => yes.to_string(),
            Literal::Number(number) => number.clone(),
            Literal::Text(text) if !self.json && self.dice.roll(2) == 0 && text.starts_with("plain") => text.clone(),
            Literal::Text(text) if !self.json && self.dice.roll(2) == 0 && !text.contains(['\n', '\u{7}']) => {
                format!("'{}'", text.replace('\'', "''"))
            }
            Literal::Text(text) => Self::quoted(text),
            Literal::List(_) | Literal::Map(_) => self.flow(value, None),
        }
    }

    fn key(&mut self, key: &str) -> String {
        if self.json || self.dice.roll(4) == 0 || !key.starts_with('K') { Self::quoted(key) } else { key.to_owned() }
    }

    fn flow(&mut self, value: &Literal, lines: Option<usize>) -> String {
        let inner = lines.map(|column| column + self.step);
        let (open, close, parts): (_, _, Vec<String>) = match value {
            Literal::List(items) => ('[', ']', items.iter().map(|item| self.flow(item, inner)).collect()),
            Literal::Map(pairs) => {
                let write =
                    |(key, value): &(String, Literal)| format!("{}: {}", self.key(key), self.flow(value, inner));
                ('{', '}', pairs.iter().map(write).collect())
            }
            _ => return self.scalar(value),
        };
        match (lines, inner) {
            (Some(column), Some(inner)) if !parts.is_empty() => {
                let between = format!(",\n{}", " ".repeat(inner));
                format!("{open}\n{}{}\n{}{close}", " ".repeat(inner), parts.join(&between), " ".repeat(column))
            }
            _ => format!("{open}{}{close}", parts.join(", ")),
        }
    }

    fn comment(&mut self) -> &'static str {
        if self.comments && self.dice.roll(4) == 0 { " # it's a [comment" } else { "" }
    }

    fn own_line(&mut self, out: &mut String, column: usize) {
        if self.comments && self.dice.roll(6) == 0 {
            out.push_str(&format!("{}# - own: line\n", " ".repeat(column)));
        }
        if self.dice.roll(9) == 0 {
            out.push('\n');
        }
    }

    /// The lines of a value behind its key or dash, beginning on that line.
    fn behind(&mut self, out: &mut String, value: &Literal, column: usize, item: bool) {
        match value {
            Literal::Map(pairs) if !pairs.is_empty() && self.dice.roll(5) > 0 => {
                let deep = if item { column + 2 } else { column + self.step };
                for (i, (key, value)) in pairs.iter().enumerate() {
                    if i > 0 || !item {
                        if i == 0 {
                            out.push_str(self.comment());
                            out.push('\n');
                        }
                        self.own_line(out, deep);
                        out.push_str(&" ".repeat(deep));
                    } else {
                        out.push(' ');
                    }
                    out.push_str(&format!("{}:", self.key(key)));
                    self.behind(out, value, deep, false);
                }
            }
            Literal::List(items) if !items.is_empty() && self.dice.roll(5) > 0 && !item => {
                let deep = column + usize::from(self.step > 2) * 2;
                out.push_str(self.comment());
                out.push('\n');
                for item in items {
                    self.own_line(out, deep);
                    out.push_str(&format!("{}-", " ".repeat(deep)));
                    self.behind(out, item, deep, true);
                }
            }
            Literal::Text(text) if text.starts_with("plain") && !item && self.dice.roll(3) == 0 => {
                let style = if self.dice.roll(2) == 0 { "|-" } else { ">-" };
                out.push_str(&format!(" {style}\n{}{text}\n", " ".repeat(column + self.step)));
            }
            Literal::Null if self.dice.roll(2) == 0 => {
                out.push_str(self.comment());
                out.push('\n');
            }
            _ => {
                let text = self.flow(value, None);
                out.push_str(&format!(" {text}{}\n", self.comment()));
            }
        }
    }

    fn document(&mut self, root: &Literal) -> String {
        if self.json {
            let lines = (self.dice.roll(3) > 0).then_some(0);
            return self.flow(root, lines);
        }
        let mut out = String::new();
        let Literal::Map(pairs) = root else { return out };
        for (key, value) in pairs {
            self.own_line(&mut out, 0);
            out.push_str(&format!("{}:", self.key(key)));
            self.behind(&mut out, value, 0, false);
        }
        match self.dice.roll(5) {
            0 => out.replace('\n', "\r\n"),
            1 => out.trim_end_matches('\n').to_owned(),
            _ => out,
        }
    }
}

fn leaf() -> impl Strategy<Value = Literal> {
    let texts = [
        "plain",
        "plain words",
        "on",
        "2012-10-17",
        "",
        "it's \"q\"",
        "a: b #c",
        "[x",
        "é\n\u{7}",
        "12",
        "-",
        "*",
        "${A}, b",
    ];
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Bool),
        (0..999i32).prop_map(|n| Literal::Number(n.to_string())),
        prop::sample::select(texts.to_vec()).prop_map(|t| Literal::Text(t.to_owned())),
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["Ka", "Kb", "Kc", "Kd", "on", "x: y", "é"]).prop_map(str::to_owned)
}

fn mapping(value: impl Strategy<Value = Literal>, least: usize) -> impl Strategy<Value = Literal> {
    prop::collection::vec((key(), value), least..4).prop_map(|mut pairs| {
        let mut seen = std::collections::BTreeSet::new();
        pairs.retain(|(key, _)| seen.insert(key.clone()));
        Literal::Map(pairs)
    })
}

fn value() -> impl Strategy<Value = Literal> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![prop::collection::vec(inner.clone(), 0..4).prop_map(Literal::List), mapping(inner, 0)]
    })
}

/// Draws a path through a value, that may lead on to what is not there; and the value at its end.
fn draw(mut at: &Literal, picks: &[usize]) -> (Vec<String>, bool) {
    let mut path = Vec::new();
    for pick in picks {
        match at {
            Literal::Map(pairs) => match pairs.get(pick % (pairs.len() + 1)) {
                Some((key, value)) => {
                    path.push(key.clone());
                    at = value;
                }
                None => {
                    path.push("New".to_owned());
                    if pick % 2 == 0 {
                        path.push("Deep".to_owned());
                    }
                    return (path, false);
                }
            },
            Literal::List(items) if !items.is_empty() => {
                let index = pick % items.len();
                path.push(index.to_string());
                at = &items[index];
            }
            _ => break,
        }
    }
    (path, true)
}

/// Does an operation to the model.
fn model(at: &mut Literal, path: &[String], operation: &Operation) {
    let Some((step, rest)) = path.split_first() else {
        match operation {
            Operation::Set { value, .. } | Operation::Lead { value, .. } => *at = value.clone(),
            Operation::Append { value, .. } => match at {
                Literal::List(items) if items.contains(value) => {}
                Literal::List(items) => items.push(value.clone()),
                _ => *at = Literal::List(vec![value.clone()]),
            },
            Operation::Remove { .. } => {}
        }
        return;
    };
    if *at == Literal::Null {
        *at = Literal::Map(Vec::new());
    }
    let last_remove = rest.is_empty() && matches!(operation, Operation::Remove { .. });
    match at {
        Literal::List(items) => {
            let index: usize = step.parse().expect("a number");
            if last_remove {
                items.remove(index);
            } else {
                model(&mut items[index], rest, operation);
            }
        }
        Literal::Map(pairs) => {
            if last_remove {
                pairs.retain(|(key, _)| key != step);
            } else if let Some((_, value)) = pairs.iter_mut().find(|(key, _)| key == step) {
                model(value, rest, operation);
            } else {
                pairs.push((step.clone(), Literal::Null));
                model(&mut pairs.last_mut().expect("it was pushed").1, rest, operation);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, rng_seed: RngSeed::Fixed(20_261_121), ..ProptestConfig::default() })]

    /// The new text means what the model means; comments stay; a second time changes nothing.
    #[test]
    fn fixes_do_what_they_say(
        base in mapping(value(), 1),
        drawn in prop::collection::vec((value(), prop::collection::vec(0..7usize, 0..5), 0..4u8), 1..4),
        (seed, json, step) in (1..u64::MAX, any::<bool>(), 1..5usize),
    ) {
        let mut operations: Vec<Operation> = Vec::new();
        let mut wanted = base.clone();
        let (mut replaced, mut removed) = (false, false);
        for (new, picks, sort) in drawn {
            let (path, there) = draw(&base, &picks);
            // What one operation does to the place of another is theirs to sort out, not ours.
            let numbered = path.last().is_some_and(|step| step.parse::<usize>().is_ok());
            let tangled = |o: &Operation| o.path().starts_with(&path) || path.starts_with(o.path());
            if operations.iter().any(tangled) || (sort == 2 && numbered && !operations.is_empty()) {
                continue;
            }
            let operation = match sort {
                0 => Operation::Set { path, value: new },
                1 => Operation::Append { path, value: new },
                3 => Operation::Lead { path, value: new },
                _ if path.is_empty() || !there => Operation::Remove { path: vec!["nothing".to_owned()] },
                _ => Operation::Remove { path },
            };
            replaced |= there && sort != 1;
            removed |= sort == 2;
            if sort != 2 || there && !operation.path().is_empty() && operation.path() != ["nothing"] {
                model(&mut wanted, operation.path(), &operation);
            }
            operations.push(operation);
            if removed && numbered {
                break;
            }
        }
        let root = |base: Literal| Literal::Map(vec![("Ka".to_owned(), base), ("Kz".to_owned(), Literal::Bool(true))]);
        let mut writer = Writer { dice: Dice(seed), json, step, comments: !json };
        let before = writer.document(&root(base.clone()));
        let arena = Arena::new();
        let document = parse(&arena, FileId(0), &before);
        prop_assert!(document.problems.is_empty(), "{:?} of\n{before}", document.problems);
        prop_assert!(document.root().is_some_and(|n| same(n, &root(base.clone()))), "the writer is wrong:\n{before}");

        let made = changes(&before, "Ka", &operations);
        if matches!(made, Err(super::Refusal::Shape(..))) {
            return Ok(());
        }
        let made = made.map_err(|e| TestCaseError::fail(format!("{e}: {operations:?} of\n{before}")))?;
        let after = verify(&before, &made);
        let after = after.map_err(|e| TestCaseError::fail(format!("{e}: {operations:?} {made:?} of\n{before}")))?;

        let again = parse(&arena, FileId(0), &after);
        prop_assert!(again.root().is_some_and(|n| same(n, &root(wanted.clone()))), "{operations:?} made\n{after}\nof\n{before}");
        if !replaced {
            let comments = |d: &crate::syntax::Document<'_>| d.comments.iter().map(|c| c.text.to_owned()).collect::<Vec<_>>();
            prop_assert_eq!(comments(&document), comments(&again), "comments of\n{}\nbecame\n{}", before, after);
        }
        if !removed {
            prop_assert_eq!(changes(&after, "Ka", &operations), Ok(Vec::new()), "a second time, of\n{}", after);
        }
        if before.contains("\r\n") {
            prop_assert!(!after.replace("\r\n", "").contains('\n'), "mixed line breaks");
        }
    }
}
