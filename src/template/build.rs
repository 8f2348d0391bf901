//! Constructors of values in the arena, for the dialects that lower.

use super::{Entry, Intrinsic, Kind, Map, Origin, Step, Value};
use crate::source::{Arena, Span};

/// Makes values in one arena. Every value needs an origin: there is no value from nowhere.
#[derive(Clone, Copy)]
pub struct Build<'a> {
    /// The arena, for texts and slices of one's own.
    pub arena: &'a Arena,
}

impl<'a> Build<'a> {
    /// A constructor over an arena.
    #[must_use]
    pub const fn new(arena: &'a Arena) -> Self {
        Self { arena }
    }

    /// A copy of a text in the arena.
    pub fn str(&self, text: &str) -> &'a str {
        self.arena.alloc_str(text)
    }

    /// An origin: bytes the user wrote, and what was made of them.
    pub fn derived(&self, from: Origin<'a>, what: &str, at: Option<Span>) -> Origin<'a> {
        let step = self.arena.alloc(Step { what: self.str(what), at, before: from.step, instead: None });
        Origin::derived(from.span, step)
    }

    /// Text.
    pub fn text(&self, text: &str, origin: Origin<'a>) -> Value<'a> {
        Value::new(Kind::Text(self.str(text)), origin)
    }

    /// A number.
    pub fn number(&self, number: i64, origin: Origin<'a>) -> Value<'a> {
        Value::new(Kind::Number(self.str(&number.to_string())), origin)
    }

    /// A boolean.
    #[must_use]
    pub const fn bool(&self, yes: bool, origin: Origin<'a>) -> Value<'a> {
        Value::new(Kind::Bool(yes), origin)
    }

    /// A list.
    pub fn list(&self, items: impl IntoIterator<Item = Value<'a>>, origin: Origin<'a>) -> Value<'a> {
        let items: Vec<_> = items.into_iter().collect();
        Value::new(Kind::List(self.arena.alloc_slice_copy(&items)), origin)
    }

    /// A map from keys and values; each key takes its value's origin.
    pub fn map<'k>(&self, entries: impl IntoIterator<Item = (&'k str, Value<'a>)>, origin: Origin<'a>) -> Value<'a> {
        let entries: Vec<_> = entries
            .into_iter()
            .map(|(key, value)| Entry { key: self.str(key), key_origin: value.origin, value })
            .collect();
        self.entries(entries, origin)
    }

    /// A map from entries, whose keys keep their own places.
    pub fn entries(&self, entries: impl IntoIterator<Item = Entry<'a>>, origin: Origin<'a>) -> Value<'a> {
        let entries: Vec<_> = entries.into_iter().collect();
        Value::new(Kind::Map(Map { entries: self.arena.alloc_slice_copy(&entries) }), origin)
    }

    /// An intrinsic.
    pub fn intrinsic(&self, intrinsic: Intrinsic<'a>, origin: Origin<'a>) -> Value<'a> {
        Value::new(Kind::Intrinsic(self.arena.alloc(intrinsic)), origin)
    }

    /// `Ref`.
    pub fn reference(&self, id: &str, origin: Origin<'a>) -> Value<'a> {
        self.intrinsic(Intrinsic::Ref(self.str(id)), origin)
    }

    /// `Fn::GetAtt`.
    pub fn get_att(&self, id: &str, attribute: &str, origin: Origin<'a>) -> Value<'a> {
        self.intrinsic(Intrinsic::GetAtt(self.str(id), self.text(attribute, origin)), origin)
    }

    /// `Fn::Sub` of a text with `${…}` in it, without a map.
    pub fn sub(&self, template: &str, origin: Origin<'a>) -> Value<'a> {
        self.sub_with(template, Map { entries: &[] }, origin)
    }

    /// `Fn::Sub` with its map.
    pub fn sub_with(&self, template: &str, variables: Map<'a>, origin: Origin<'a>) -> Value<'a> {
        let template = self.str(template);
        let pieces = super::read::sub_pieces(*self, template, variables, origin, &|_| None);
        self.intrinsic(Intrinsic::Sub { template, variables, pieces }, origin)
    }

    /// `Fn::Join`.
    pub fn join(&self, separator: &str, items: impl IntoIterator<Item = Value<'a>>, origin: Origin<'a>) -> Value<'a> {
        let list = self.list(items, origin);
        self.intrinsic(Intrinsic::Join(self.text(separator, origin), list), origin)
    }

    /// `Fn::If`.
    pub fn choose(&self, condition: &str, then: Value<'a>, otherwise: Value<'a>, origin: Origin<'a>) -> Value<'a> {
        self.intrinsic(Intrinsic::If(self.str(condition), then, otherwise), origin)
    }

    /// `AWS::NoValue`.
    pub fn no_value(&self, origin: Origin<'a>) -> Value<'a> {
        self.reference("AWS::NoValue", origin)
    }

    /// Something that cannot be known.
    pub fn unknown(&self, why: &str, origin: Origin<'a>) -> Value<'a> {
        Value::new(Kind::Unknown(self.str(why)), origin)
    }
}
