//! From the syntax tree to values.
use super::{Build, Dialect, Entry, Map, Origin, Template, Value};
use crate::source::{Arena, Loader, Sources};
use crate::syntax::Node;
use std::collections::BTreeMap;

/// How plain scalars are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// YAML 1.1, as CloudFormation and SAM read it.
    Yaml11,
    /// YAML 1.2's core schema, as the Serverless Framework reads it.
    Core12,
}

/// Reads values from a syntax tree.
pub struct Reader<'a, 'l> {
    build: Build<'a>,
    sources: &'a Sources,
    schema: Schema,
    given: &'l BTreeMap<String, String>,
    loader: Option<&'l dyn Loader>,
}

impl<'a, 'l> Reader<'a, 'l> {
    /// A reader; `given` are the parameter values that the user gave.
    #[must_use]
    pub fn new(arena: &'a Arena, sources: &'a Sources, schema: Schema, given: &'l BTreeMap<String, String>) -> Self {
        Self { build: Build::new(arena), sources, schema, given, loader: None }
    }

    /// The same reader, following `AWS::Include`.
    #[must_use]
    pub fn with_loader(mut self, loader: &'l dyn Loader) -> Self {
        self.loader = Some(loader);
        self
    }

    /// A whole template, sections and all.
    #[must_use]
    pub fn template(&mut self, root: &Node<'a>, dialect: Dialect) -> Template<'a> {
        let _ = (self.sources, self.schema, self.given, self.build.arena);
        Template::new(dialect, root.span)
    }

    /// One value.
    #[must_use]
    pub fn value(&mut self, node: &Node<'a>) -> Value<'a> {
        Value::new(super::Kind::Null, Origin::written(node.span))
    }
}

pub(super) fn sub_pieces<'a>(
    _build: Build<'a>,
    _template: &'a str,
    _variables: Map<'a>,
    _origin: Origin<'a>,
    _place: &dyn Fn(std::ops::Range<usize>) -> Option<crate::source::Span>,
) -> &'a [Value<'a>] {
    &[]
}

#[expect(dead_code, reason = "todo")]
fn unused(_: Entry<'_>) {}
