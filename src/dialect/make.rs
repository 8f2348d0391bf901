//! Values made for one cause: all of them point at the bytes that caused them.

use crate::template::{Build, Entry, Intrinsic, Kind, Map, Origin, Value};

/// Makes values that share an origin. Each dialect adds what only it makes.
#[derive(Clone, Copy)]
pub(super) struct Make<'a> {
    /// The arena's constructor.
    pub build: Build<'a>,
    /// What the user wrote that all these values come from.
    pub origin: Origin<'a>,
}

impl<'a> Make<'a> {
    /// The same, with another cause.
    pub(in crate::dialect) const fn at(self, origin: Origin<'a>) -> Self {
        Self { build: self.build, origin }
    }

    /// Text that lives in the arena already.
    pub(in crate::dialect) const fn text(self, text: &'a str) -> Value<'a> {
        Value::new(Kind::Text(text), self.origin)
    }

    /// Text that was put together.
    pub(in crate::dialect) fn made(self, text: &str) -> Value<'a> {
        self.text(self.build.str(text))
    }

    /// A boolean.
    pub(in crate::dialect) const fn bool(self, yes: bool) -> Value<'a> {
        Value::new(Kind::Bool(yes), self.origin)
    }

    /// A list.
    pub(in crate::dialect) fn list(self, items: &[Value<'a>]) -> Value<'a> {
        Value::new(Kind::List(self.build.arena.alloc_slice_copy(items)), self.origin)
    }

    /// A list of texts.
    pub(in crate::dialect) fn texts(self, items: &[&'a str]) -> Value<'a> {
        let items = self.build.arena.alloc_slice_fill_iter(items.iter().map(|t| self.text(t)));
        Value::new(Kind::List(items), self.origin)
    }

    /// An entry whose key stands where its value does.
    pub(in crate::dialect) const fn entry(self, key: &'a str, value: Value<'a>) -> Entry<'a> {
        Entry { key, key_origin: value.origin, value }
    }

    /// A map; keys stand where their values do.
    pub(in crate::dialect) fn map(self, entries: &[(&'a str, Value<'a>)]) -> Value<'a> {
        let entries = self.build.arena.alloc_slice_fill_iter(entries.iter().map(|&(k, v)| self.entry(k, v)));
        Value::new(Kind::Map(Map { entries }), self.origin)
    }

    /// A map of whole entries.
    pub(in crate::dialect) fn entries(self, entries: &[Entry<'a>]) -> Value<'a> {
        Value::new(Kind::Map(Map { entries: self.build.arena.alloc_slice_copy(entries) }), self.origin)
    }

    /// A statement that allows.
    pub(in crate::dialect) fn allow(self, actions: &[&'a str], resource: Value<'a>) -> Value<'a> {
        self.map(&[("Effect", self.text("Allow")), ("Action", self.texts(actions)), ("Resource", resource)])
    }

    /// A function of CloudFormation's.
    pub(in crate::dialect) fn intrinsic(self, intrinsic: Intrinsic<'a>) -> Value<'a> {
        self.build.intrinsic(intrinsic, self.origin)
    }

    /// `Ref`.
    pub(in crate::dialect) fn reference(self, id: &'a str) -> Value<'a> {
        self.intrinsic(Intrinsic::Ref(id))
    }

    /// `Fn::GetAtt`.
    pub(in crate::dialect) fn att(self, id: &'a str, attribute: &'a str) -> Value<'a> {
        self.intrinsic(Intrinsic::GetAtt(id, self.text(attribute)))
    }

    /// A policy document.
    pub(in crate::dialect) fn policy(self, statements: &[Value<'a>]) -> Value<'a> {
        self.map(&[("Version", self.text("2012-10-17")), ("Statement", self.list(statements))])
    }

    /// The trust policy of a role that one or more services may take.
    pub(in crate::dialect) fn trust(self, services: Value<'a>) -> Value<'a> {
        self.policy(&[self.map(&[
            ("Effect", self.text("Allow")),
            ("Principal", self.map(&[("Service", services)])),
            ("Action", self.texts(&["sts:AssumeRole"])),
        ])])
    }

    /// A text copied into the arena.
    pub(in crate::dialect) fn keep(self, text: &str) -> &'a str {
        self.build.str(text)
    }

    /// The value under a guard: `Fn::If` with nothing on the other side.
    pub(in crate::dialect) fn guarded(self, guard: Option<&'a str>, value: Value<'a>) -> Value<'a> {
        match guard {
            None => value,
            Some(condition) => self.intrinsic(Intrinsic::If(condition, value, self.reference("AWS::NoValue"))),
        }
    }
}
