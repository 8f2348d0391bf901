//! What a condition answers in one world.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::HashMap;

use super::{Key, MAX_DEPTH, MAX_WORLDS, Truth, Variable, Worlds};
use crate::template::{Intrinsic, Kind, Template, Value};

/// A choice for every variable that is looked at, and what is known to follow from it.
pub(super) struct World<'a, 'w> {
    pub(super) chosen: &'w dyn Fn(usize) -> Option<usize>,
    pub(super) known: RefCell<HashMap<&'a str, Truth>>,
}

impl<'a> Worlds<'a> {
    /// Whether a text can be computed from variables alone; notes which.
    pub(super) fn statics(&self, value: &Value<'a>, own: &mut BTreeSet<usize>, depth: usize) -> bool {
        if depth > MAX_DEPTH || !self.step() {
            return false;
        }
        match value.kind {
            Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) => true,
            Kind::Intrinsic(Intrinsic::Ref(name)) => match self.by_name.get(name) {
                Some(at) => {
                    own.insert(*at);
                    true
                }
                None => false,
            },
            Kind::Intrinsic(Intrinsic::FindInMap(map, first, second, _)) => {
                [map, first, second].iter().all(|v| self.statics(v, own, depth + 1))
            }
            Kind::Intrinsic(Intrinsic::Sub { pieces, .. }) => {
                pieces.iter().all(|piece| self.statics(piece, own, depth + 1))
            }
            Kind::Intrinsic(Intrinsic::Join(separator, items)) => {
                self.statics(separator, own, depth + 1)
                    && items.as_list().is_some_and(|list| list.iter().all(|i| self.statics(i, own, depth + 1)))
            }
            _ => false,
        }
    }

    /// Whether a comparison has an answer in every world of its own variables.
    pub(super) fn decided(&self, a: &Value<'a>, b: &Value<'a>, template: &Template<'a>, own: &BTreeSet<usize>) -> bool {
        let mut counts = own.iter().map(|&v| self.variables[v].choices.len());
        let size = counts.try_fold(1_usize, usize::checked_mul).unwrap_or(usize::MAX);
        size <= MAX_WORLDS
            && (0..size).all(|world| {
                let mut rest = world;
                let mut chosen = BTreeMap::new();
                for &v in own {
                    let count = self.variables[v].choices.len();
                    chosen.insert(v, rest % count);
                    rest /= count;
                }
                let chosen = |v: usize| chosen.get(&v).copied();
                let world = World { chosen: &chosen, known: RefCell::default() };
                self.equal(&self.text(a, template, &world, 0), &self.text(b, template, &world, 0)) != Truth::Maybe
            })
    }

    /// Whether a condition holds in a world: asked once, however many others name it.
    pub(super) fn condition(
        &self,
        name: &'a str,
        template: &Template<'a>,
        world: &World<'a, '_>,
        depth: usize,
    ) -> Truth {
        if let Some(known) = world.known.borrow().get(name) {
            return *known;
        }
        let Some(expression) = self.expressions.get(name) else { return Truth::Maybe };
        // One that asks for itself gets no answer.
        world.known.borrow_mut().insert(name, Truth::Maybe);
        let truth = self.holds(expression, template, world, depth + 1);
        world.known.borrow_mut().insert(name, truth);
        truth
    }

    pub(super) fn holds(
        &self,
        value: &Value<'a>,
        template: &Template<'a>,
        world: &World<'a, '_>,
        depth: usize,
    ) -> Truth {
        let Kind::Intrinsic(intrinsic) = value.kind else {
            return value.as_bool().map_or(Truth::Maybe, Truth::from);
        };
        let opaque = Key::Opaque(std::ptr::from_ref(intrinsic).addr());
        if let Some(v) = self.by_key.get(&opaque) {
            return (world.chosen)(*v).map_or(Truth::Maybe, |c| Truth::from(c == 0));
        }
        if depth > MAX_DEPTH || !self.step() {
            return Truth::Maybe;
        }
        match intrinsic {
            Intrinsic::And(items) => {
                items.iter().fold(Truth::Yes, |t, item| t.and(self.holds(item, template, world, depth + 1)))
            }
            Intrinsic::Or(items) => {
                items.iter().fold(Truth::No, |t, item| t.or(self.holds(item, template, world, depth + 1)))
            }
            Intrinsic::Not(item) => self.holds(item, template, world, depth + 1).not(),
            Intrinsic::Condition(name) => self.condition(name, template, world, depth),
            Intrinsic::Equals(a, b) => self.equal(&self.text(a, template, world, 0), &self.text(b, template, world, 0)),
            _ => Truth::Maybe,
        }
    }

    fn text(&self, value: &Value<'a>, template: &Template<'a>, world: &World<'a, '_>, depth: usize) -> Side<'a> {
        if depth > MAX_DEPTH || !self.step() {
            return Side::Unknown;
        }
        let text = |v: &Value<'a>| self.text(v, template, world, depth + 1);
        match value.kind {
            Kind::Text(text) | Kind::Number(text) => Side::Text(Cow::Borrowed(text)),
            Kind::Bool(yes) => Side::Text(Cow::Borrowed(if yes { "true" } else { "false" })),
            Kind::Intrinsic(Intrinsic::Ref(name)) => {
                match self.by_name.get(name).and_then(|v| Some((*v, (world.chosen)(*v)?))) {
                    Some((v, choice)) => match self.variables[v].choices.get(choice).and_then(|c| c.text) {
                        Some(text) => Side::Text(Cow::Borrowed(text)),
                        None => Side::Other { before: Cow::Borrowed(""), variable: v, after: Cow::Borrowed("") },
                    },
                    None => Side::Unknown,
                }
            }
            Kind::Intrinsic(Intrinsic::FindInMap(map, first, second, _)) => {
                let (Side::Text(map), Side::Text(first), Side::Text(second)) = (text(map), text(first), text(second))
                else {
                    return Side::Unknown;
                };
                let found =
                    template.mappings.iter().find(|m| m.key == map).and_then(|m| m.value.at(&[&first, &second]));
                found.and_then(|v| v.as_text()).map_or(Side::Unknown, |t| Side::Text(Cow::Borrowed(t)))
            }
            Kind::Intrinsic(Intrinsic::Sub { pieces, .. }) => concat(pieces.iter().map(text), ""),
            Kind::Intrinsic(Intrinsic::Join(separator, items)) => match (text(separator), items.as_list()) {
                (Side::Text(separator), Some(items)) => concat(items.iter().map(text), &separator),
                _ => Side::Unknown,
            },
            _ => Side::Unknown,
        }
    }

    fn equal(&self, a: &Side<'a>, b: &Side<'a>) -> Truth {
        match (a, b) {
            (Side::Text(a), Side::Text(b)) => Truth::from(a == b),
            (Side::Text(text), Side::Other { before, variable, after })
            | (Side::Other { before, variable, after }, Side::Text(text)) => {
                match text.strip_prefix(&**before).and_then(|text| text.strip_suffix(&**after)) {
                    Some(inner) => self.other_is(*variable, inner),
                    None => Truth::No,
                }
            }
            (Side::Other { before, variable, after }, Side::Other { before: first, variable: same, after: last })
                if (variable, before, after) == (same, first, last) =>
            {
                Truth::Yes
            }
            (
                Side::Other { .. } | Side::Unknown | Side::Text(_),
                Side::Other { .. } | Side::Unknown | Side::Text(_),
            ) => Truth::Maybe,
        }
    }

    /// Whether a variable that is none of its choices is a text.
    fn other_is(&self, variable: usize, text: &str) -> Truth {
        match self.variables.get(variable) {
            Some(of) if of.choices.iter().any(|choice| choice.text == Some(text)) => Truth::No,
            Some(Variable { rest: Some(rest), .. }) if !rest.contains(&text) => Truth::No,
            Some(_) | None => Truth::Maybe,
        }
    }
}

/// One side of a comparison in one world.
enum Side<'a> {
    Text(Cow<'a, str>),
    /// A value of this variable that is none of those it is compared with, and what it stands between.
    Other {
        before: Cow<'a, str>,
        variable: usize,
        after: Cow<'a, str>,
    },
    Unknown,
}

fn concat<'a>(pieces: impl Iterator<Item = Side<'a>>, separator: &str) -> Side<'a> {
    let mut texts = String::new();
    let mut other = None;
    for (at, piece) in pieces.enumerate() {
        if at > 0 {
            texts.push_str(separator);
        }
        match piece {
            Side::Text(text) => texts.push_str(&text),
            Side::Other { before, variable, after } if other.is_none() => {
                other = Some((std::mem::take(&mut texts) + &before, variable));
                texts.push_str(&after);
            }
            Side::Other { .. } | Side::Unknown => return Side::Unknown,
        }
    }
    let texts = Cow::Owned(texts);
    match other {
        None => Side::Text(texts),
        Some((before, variable)) => Side::Other { before: Cow::Owned(before), variable, after: texts },
    }
}
