//! `Globals`, merged into the resources of a type by SAM's own rules.

use std::cell::Cell;

use super::make::Make;
use crate::template::{Build, Entry, Kind, Map, Origin, Resource, Step, Value};

/// The sections of `Globals`.
#[derive(Clone, Copy)]
pub(super) struct Globals<'a> {
    build: Build<'a>,
    sections: Map<'a>,
    /// How many values were merged so far: a small file can ask for a great many.
    merged: &'a Cell<usize>,
}

/// More than any template that CloudFormation would take.
const MOST: usize = 200_000;

impl<'a> Globals<'a> {
    /// The sections of the value behind `Globals`.
    pub(super) fn new(build: Build<'a>, value: Option<Value<'a>>) -> Self {
        Self {
            build,
            merged: build.arena.alloc(Cell::new(0)),
            sections: value.and_then(|v| v.as_map()).unwrap_or(Map::EMPTY),
        }
    }

    /// True when there was more to merge than we do.
    pub(super) fn overflowed(&self) -> bool {
        self.merged.get() > MOST
    }

    fn count(&self, values: usize) -> bool {
        self.merged.set(self.merged.get().saturating_add(values));
        !self.overflowed()
    }

    /// The section of a type: `Function` of `AWS::Serverless::Function`.
    pub(super) fn section(&self, kind: &str) -> Option<Map<'a>> {
        self.sections.get(kind.strip_prefix("AWS::Serverless::")?)?.value.as_map()
    }

    /// The properties of a resource with its section's merged in.
    pub(super) fn apply(&self, resource: &Resource<'a>) -> Value<'a> {
        let Some(section) = self.section(resource.kind) else { return resource.properties };
        let ignored = resource.attribute("IgnoreGlobals").map(|e| e.value);
        let kept = |name: &str| match ignored {
            Some(value) if value.as_text() == Some("*") => false,
            Some(value) => !value.items().iter().any(|v| v.as_text() == Some(name)),
            None => true,
        };
        let kept: Vec<_> = section.entries.iter().filter(|e| kept(e.key)).copied().collect();
        self.merge(&kept, resource.properties, resource.key)
    }

    /// A map with global entries merged in; `at` is the place of what inherits.
    fn merge(&self, global: &[Entry<'a>], local: Value<'a>, at: Origin<'a>) -> Value<'a> {
        // The one list that is replaced, not continued: a function runs on one architecture.
        let Some(own) = local.as_map() else { return local };
        if !self.count(global.len() + own.entries.len() + global.len() * own.entries.len() / 8) {
            return local;
        }
        let mut entries = Vec::with_capacity(global.len() + own.entries.len());
        for inherited in global {
            entries.push(match own.get(inherited.key) {
                Some(entry) if entry.key == "Architectures" => *entry,
                Some(entry) => Entry { value: self.both(inherited.value, entry.value, at), ..*entry },
                None => self.inherit(*inherited, at),
            });
        }
        entries.extend(own.entries.iter().filter(|e| !global.iter().any(|g| g.key == e.key)));
        Make { build: self.build, origin: local.origin }.entries(&entries)
    }

    fn both(&self, global: Value<'a>, local: Value<'a>, at: Origin<'a>) -> Value<'a> {
        match (global.kind, local.kind) {
            (Kind::Map(map), Kind::Map(_)) => self.merge(map.entries, local, at),
            (Kind::List(first), Kind::List(second)) if self.count(first.len() + second.len()) => {
                let items: Vec<_> =
                    first.iter().map(|v| self.inherited(*v, at)).chain(second.iter().copied()).collect();
                Make { build: self.build, origin: local.origin }.list(&items)
            }
            _ => local,
        }
    }

    fn inherit(&self, entry: Entry<'a>, at: Origin<'a>) -> Entry<'a> {
        let key_origin = self.step(entry.key_origin, at);
        Entry { key: entry.key, key_origin, value: self.inherited(entry.value, at) }
    }

    /// The value and the entries of the maps in it, as inherited; the leaves of lists keep their places.
    fn inherited(&self, value: Value<'a>, at: Origin<'a>) -> Value<'a> {
        let origin = self.step(value.origin, at);
        let make = Make { build: self.build, origin };
        if !self.count(1) {
            return value;
        }
        match value.kind {
            Kind::Map(map) => {
                let entries: Vec<_> = map.entries.iter().map(|e| self.inherit(*e, at)).collect();
                make.entries(&entries)
            }
            Kind::List(items) => {
                let items: Vec<_> = items.iter().map(|i| self.inherited(*i, at)).collect();
                make.list(&items)
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => {
                value.with_origin(origin)
            }
        }
    }

    fn step(&self, origin: Origin<'a>, at: Origin<'a>) -> Origin<'a> {
        self.build.derived(origin, Step::GLOBALS, Some(at.span))
    }
}
