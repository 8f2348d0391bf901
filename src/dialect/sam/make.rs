//! What only SAM makes of values: texts with holes, inline and managed policies.

pub(super) use crate::dialect::make::Make;
use crate::template::{Intrinsic, Map, Origin, Value};

impl<'a> Make<'a> {
    /// A policy document as SAM writes it for events and destinations: without a version.
    pub(super) fn statements(self, statements: &[Value<'a>]) -> Value<'a> {
        self.map(&[("Statement", self.list(statements))])
    }

    /// The same, for what SAM wraps around a value that the user wrote elsewhere.
    pub(super) fn around(self, origin: Origin<'a>) -> Self {
        self.at(self.build.derived(origin, "SAM moves it here", None))
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

    /// A policy inside a role.
    pub(super) fn inline(self, name: &str, document: Value<'a>) -> Value<'a> {
        self.map(&[("PolicyName", self.made(name)), ("PolicyDocument", document)])
    }

    /// The ARN of a policy that AWS manages, path included.
    pub(super) fn managed(self, path: &str) -> Value<'a> {
        self.sub(&format!("arn:${{AWS::Partition}}:iam::aws:policy/{path}"))
    }
}
