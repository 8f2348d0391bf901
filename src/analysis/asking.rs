//! Facts of a template that stands in a test.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::functions::{Facts, Kept};
use super::graph::Graph;
use super::policy;
use crate::dialect::{self, Input, Options};
use crate::resolve::{Exports, Resolver};
use crate::source::{Arena, FileId, NoFiles, Source, Sources};
use crate::syntax;

/// Lowers a template and asks about its facts.
pub(super) fn with_facts<T>(text: &str, ask: impl FnOnce(&Facts<'_, '_, '_>) -> T) -> T {
    let (arena, given, options) = (Arena::new(), BTreeMap::new(), Options::default());
    let exports = Exports::new();
    let sources = Sources::new(Arc::new(Source::new("t.yaml", text)));
    let document = syntax::parse(&arena, FileId(0), sources.get(FileId(0)).text());
    let input = Input { arena: &arena, sources: &sources, loader: &NoFiles, options: &options };
    let template = dialect::lower(&document, &input).expect("a template");
    let resolver = Resolver::new(&template, &arena, &given, &exports);
    let statements = policy::statements(&template, &resolver);
    let graph = Graph::new(&template);
    let kept = Kept::default();
    ask(&Facts { template: &template, resolver: &resolver, graph: &graph, statements: &statements, kept: &kept })
}
