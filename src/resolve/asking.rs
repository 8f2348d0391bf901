//! Templates for tests of the resolver, and what is given from outside.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Exports, Given, Resolver};
use crate::source::{Arena, FileId, Source, Sources};
use crate::syntax;
use crate::template::{Dialect, Reader, Schema};

/// Does something with the resolver of a template, given parameters and what others export.
pub(super) fn asking<R>(
    text: &str,
    given: &[(&str, Given)],
    exports: &[(&str, &str)],
    ask: impl for<'t, 'a> FnOnce(&Resolver<'t, 'a>, &Sources) -> R,
) -> R {
    let arena = Arena::new();
    let sources = Sources::new(Arc::new(Source::new("t.yaml", text)));
    let document = syntax::parse(&arena, FileId(0), sources.get(FileId(0)).text());
    let none = BTreeMap::new();
    let root = document.root().expect("the test's template parses");
    let template = Reader::new(&arena, &sources, Schema::Yaml11, &none).template(root, Dialect::CloudFormation);
    let given: BTreeMap<String, Given> = given.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    let exports: Exports = exports.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    ask(&Resolver::new(&template, &arena, &given, &exports), &sources)
}

/// The same of a template alone.
pub(super) fn asking_alone<R>(text: &str, ask: impl for<'t, 'a> FnOnce(&Resolver<'t, 'a>, &Sources) -> R) -> R {
    asking(text, &[], &[], ask)
}
