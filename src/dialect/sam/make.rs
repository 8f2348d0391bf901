//! Values made for one cause: all of them point at the bytes that caused them.

use crate::template::{Build, Entry, Intrinsic, Kind, Map, Origin, Value};

/// Makes values that share an origin.
#[derive(Clone, Copy)]
pub(super) struct Make<'a> {
    /// The arena's constructor.
    pub build: Build<'a>,
    /// What the user wrote that all these values come from.
    pub origin: Origin<'a>,
}

impl<'a> Make<'a> {
    /// The same, with another cause.
    pub(super) const fn at(self, origin: Origin<'a>) -> Self {
        Self { build: self.build, origin }
    }

    /// The same, for what SAM wraps around a value that the user wrote elsewhere.
    pub(super) fn around(self, origin: Origin<'a>) -> Self {
        self.at(self.build.derived(origin, "SAM moves it here", None))
    }

    /// Text that lives in the arena already.
    pub(super) const fn text(self, text: &'a str) -> Value<'a> {
        Value::new(Kind::Text(text), self.origin)
    }

    /// Text that was put together.
    pub(super) fn made(self, text: &str) -> Value<'a> {
        self.text(self.build.str(text))
    }

    /// A boolean.
    pub(super) const fn bool(self, yes: bool) -> Value<'a> {
        Value::new(Kind::Bool(yes), self.origin)
    }

    /// A list.
    pub(super) fn list(self, items: &[Value<'a>]) -> Value<'a> {
        Value::new(Kind::List(self.build.arena.alloc_slice_copy(items)), self.origin)
    }

    /// A list of texts.
    pub(super) fn texts(self, items: &[&'a str]) -> Value<'a> {
        let items = self.build.arena.alloc_slice_fill_iter(items.iter().map(|t| self.text(t)));
        Value::new(Kind::List(items), self.origin)
    }

    /// An entry whose key stands where its value does.
    pub(super) const fn entry(self, key: &'a str, value: Value<'a>) -> Entry<'a> {
        Entry { key, key_origin: value.origin, value }
    }

    /// A map; keys stand where their values do.
    pub(super) fn map(self, entries: &[(&'a str, Value<'a>)]) -> Value<'a> {
        let entries = self.build.arena.alloc_slice_fill_iter(entries.iter().map(|&(k, v)| self.entry(k, v)));
        Value::new(Kind::Map(Map { entries }), self.origin)
    }

    /// A map of whole entries.
    pub(super) fn entries(self, entries: &[Entry<'a>]) -> Value<'a> {
        Value::new(Kind::Map(Map { entries: self.build.arena.alloc_slice_copy(entries) }), self.origin)
    }

    /// `Ref`.
    pub(super) fn reference(self, id: &'a str) -> Value<'a> {
        self.build.intrinsic(Intrinsic::Ref(id), self.origin)
    }

    /// `Fn::GetAtt`.
    pub(super) fn att(self, id: &'a str, attribute: &'a str) -> Value<'a> {
        self.build.intrinsic(Intrinsic::GetAtt(id, self.text(attribute)), self.origin)
    }

    /// `Fn::Sub` of a text.
    pub(super) fn sub(self, template: &str) -> Value<'a> {
        self.build.sub(template, self.origin)
    }

    /// `Fn::Sub` of a text with variables; plain texts are put in at once, and without any hole it is text.
    pub(super) fn sub_with(self, template: &str, variables: &[(&'a str, Value<'a>)]) -> Value<'a> {
        let mut text = template.to_owned();
        let mut open = Vec::new();
        for &(name, value) in variables {
            match value.as_text().filter(|t| !t.contains("${")) {
                Some(plain) => text = text.replace(&format!("${{{name}}}"), plain),
                None => open.push(self.entry(name, value)),
            }
        }
        if open.is_empty() && !text.contains("${") {
            return self.made(&text);
        }
        self.build.sub_with(&text, Map { entries: self.build.arena.alloc_slice_copy(&open) }, self.origin)
    }

    /// `Fn::If`.
    pub(super) fn choose(self, condition: &'a str, then: Value<'a>, otherwise: Value<'a>) -> Value<'a> {
        self.build.intrinsic(Intrinsic::If(condition, then, otherwise), self.origin)
    }

    /// A statement that allows.
    pub(super) fn allow(self, actions: &[&'a str], resource: Value<'a>) -> Value<'a> {
        self.map(&[("Effect", self.text("Allow")), ("Action", self.texts(actions)), ("Resource", resource)])
    }

    /// A policy document.
    pub(super) fn document(self, statements: &[Value<'a>]) -> Value<'a> {
        self.map(&[("Version", self.text("2012-10-17")), ("Statement", self.list(statements))])
    }

    /// A policy inside a role.
    pub(super) fn inline(self, name: &str, document: Value<'a>) -> Value<'a> {
        self.map(&[("PolicyName", self.made(name)), ("PolicyDocument", document)])
    }

    /// The trust policy of a role that a service may take.
    pub(super) fn trust(self, service: &'a str) -> Value<'a> {
        self.document(&[self.map(&[
            ("Action", self.texts(&["sts:AssumeRole"])),
            ("Effect", self.text("Allow")),
            ("Principal", self.map(&[("Service", self.texts(&[service]))])),
        ])])
    }

    /// The ARN of a policy that AWS manages, path included.
    pub(super) fn managed(self, path: &str) -> Value<'a> {
        self.sub(&format!("arn:${{AWS::Partition}}:iam::aws:policy/{path}"))
    }
}
