//! The definition of an API, opened so that routes can be put into it: the user's own parts stay as they stand.

use crate::template::{Build, Entry, Intrinsic, Kind, Origin, Value};

/// Deepest choice that is looked into: SAM looks into one, people nest two.
const MAX_CHOICES: usize = 4;

/// A value that can be edited.
#[derive(Clone, Debug)]
pub(super) enum Part<'a> {
    /// A value that stays as it stands.
    Leaf(Value<'a>),
    /// An open map.
    Map(Open<'a>),
    /// `Fn::If`: the condition and both branches.
    Choice(&'a str, Origin<'a>, Box<[Part<'a>; 2]>),
}

/// A map that can be edited.
#[derive(Clone, Debug)]
pub(super) struct Open<'a> {
    /// Where the map stands.
    pub origin: Origin<'a>,
    /// Its entries, in order.
    pub entries: Vec<(&'a str, Origin<'a>, Part<'a>)>,
}

impl<'a> Part<'a> {
    /// Opens maps down to a depth, and the choices between them.
    pub(super) fn open(value: Value<'a>, depth: usize) -> Self {
        Self::open_in(value, depth, MAX_CHOICES)
    }

    fn open_in(value: Value<'a>, depth: usize, choices: usize) -> Self {
        if depth == 0 {
            return Self::Leaf(value);
        }
        match value.kind {
            Kind::Map(map) => {
                let mut open = Open { origin: value.origin, entries: Vec::with_capacity(map.entries.len()) };
                for entry in map.entries {
                    open.put(entry.key, entry.key_origin, Self::open_in(entry.value, depth - 1, choices));
                }
                Self::Map(open)
            }
            Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)) if choices > 0 => {
                let branches = [*then, *otherwise].map(|v| Self::open_in(v, depth, choices - 1));
                Self::Choice(condition, value.origin, Box::new(branches))
            }
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::List(_)
            | Kind::Intrinsic(_)
            | Kind::Unknown(_) => Self::Leaf(value),
        }
    }

    /// The value again.
    pub(super) fn close(self, build: Build<'a>) -> Value<'a> {
        match self {
            Self::Leaf(value) => value,
            Self::Map(open) => open.close(build),
            Self::Choice(condition, origin, branches) => {
                let [then, otherwise] = *branches;
                build.choose(condition, then.close(build), otherwise.close(build), origin)
            }
        }
    }

    /// An empty map.
    pub(super) const fn empty(origin: Origin<'a>) -> Self {
        Self::Map(Open { origin, entries: Vec::new() })
    }

    /// The maps that this value may be: itself, or those in the branches of its choices.
    pub(super) fn maps(&self) -> Vec<&Open<'a>> {
        match self {
            Self::Leaf(_) => Vec::new(),
            Self::Map(open) => vec![open],
            Self::Choice(_, _, branches) => branches.iter().flat_map(Self::maps).collect(),
        }
    }

    /// The same, to be edited.
    pub(super) fn maps_mut(&mut self) -> Vec<&mut Open<'a>> {
        match self {
            Self::Leaf(_) => Vec::new(),
            Self::Map(open) => vec![open],
            Self::Choice(_, _, branches) => branches.iter_mut().flat_map(Self::maps_mut).collect(),
        }
    }

    /// Puts the value under a condition: on the other side there is nothing.
    pub(super) fn guard(&mut self, condition: &'a str, build: Build<'a>, origin: Origin<'a>) {
        let inside = std::mem::replace(self, Self::empty(origin));
        let nothing = Self::Leaf(build.no_value(origin));
        *self = Self::Choice(condition, origin, Box::new([inside, nothing]));
    }

    /// The value, when it was not opened.
    pub(super) const fn leaf(&self) -> Option<Value<'a>> {
        match self {
            Self::Leaf(value) => Some(*value),
            Self::Map(_) | Self::Choice(..) => None,
        }
    }
}

impl<'a> Open<'a> {
    /// The value again.
    pub(super) fn close(self, build: Build<'a>) -> Value<'a> {
        let entries: Vec<_> = self
            .entries
            .into_iter()
            .map(|(key, key_origin, part)| Entry { key, key_origin, value: part.close(build) })
            .collect();
        build.entries(entries, self.origin)
    }

    /// The part behind a key.
    pub(super) fn get(&self, key: &str) -> Option<&Part<'a>> {
        self.entries.iter().find(|(k, ..)| *k == key).map(|(.., part)| part)
    }

    /// The same, to be edited.
    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Part<'a>> {
        self.entries.iter_mut().find(|(k, ..)| *k == key).map(|(.., part)| part)
    }

    /// The text behind a key.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.get(key)?.leaf()?.as_text()
    }

    /// Sets a key, which keeps its place when it was there already.
    pub(super) fn put(&mut self, key: &'a str, at: Origin<'a>, part: Part<'a>) {
        match self.entries.iter_mut().find(|(k, ..)| *k == key) {
            Some(old) => *old = (key, at, part),
            None => self.entries.push((key, at, part)),
        }
    }

    /// Sets a key to a value.
    pub(super) fn set(&mut self, key: &'a str, value: Value<'a>) {
        self.put(key, value.origin, Part::Leaf(value));
    }

    /// The part behind a key, made as an empty map when it is missing.
    pub(super) fn make(&mut self, key: &'a str, at: Origin<'a>) -> &mut Part<'a> {
        if self.get(key).is_none() {
            self.entries.push((key, at, Part::empty(at)));
        }
        self.get_mut(key).expect("it is there or was just put there")
    }

    /// Takes a key out.
    pub(super) fn take(&mut self, key: &str) -> Option<Part<'a>> {
        let index = self.entries.iter().position(|(k, ..)| *k == key)?;
        Some(self.entries.remove(index).2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Arena, FileId, Span};

    /// What is put into one branch of a choice leaves the other as it was.
    #[test]
    fn edits_both_branches() {
        let arena = Arena::new();
        let build = Build::new(&arena);
        let at = Origin::written(Span::new(FileId(0), 0, 1));
        let choice = build.choose("Prod", build.map([("get", build.text("x", at))], at), build.no_value(at), at);
        let mut part = Part::open(choice, 2);
        for map in part.maps_mut() {
            map.set("put", build.text("y", at));
        }
        let closed = part.close(build);
        let Some(Intrinsic::If("Prod", then, otherwise)) = closed.as_intrinsic() else { panic!("the choice is kept") };
        assert_eq!(then.get("put").and_then(|e| e.value.as_text()), Some("y"));
        assert_eq!(then.get("get").and_then(|e| e.value.as_text()), Some("x"));
        assert!(otherwise.as_map().is_none());
    }
}
