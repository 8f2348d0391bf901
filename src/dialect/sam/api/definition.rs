//! The OpenAPI definition of an API while SAM works on it: routes go in, then authorizers, keys and policies.

use super::super::make::Make;
use super::super::read::truthy;
use super::routes::ANY;
use super::tree::{Open, Part};
use crate::template::{Build, Entry, Origin, Value};

/// The key under which a method says what it calls.
pub(super) const INTEGRATION: &str = "x-amazon-apigateway-integration";
/// Fields of a path that are no methods.
const NO_METHODS: [&str; 3] = ["summary", "description", "parameters"];
/// From the definition down to a method's fields: definition, paths, path, method.
const DEPTH: usize = 4;

/// A definition that can be edited.
#[derive(Clone)]
pub(super) struct Definition<'a> {
    build: Build<'a>,
    root: Open<'a>,
}

impl<'a> Definition<'a> {
    /// Opens a definition; `None` when it is none that SAM would edit.
    pub(super) fn open(build: Build<'a>, body: Value<'a>) -> Option<Self> {
        let versioned = ["swagger", "openapi"].iter().any(|key| body.get(key).is_some_and(|e| !e.value.is_null()));
        body.get("paths")?.value.as_map().filter(|_| versioned)?;
        match Part::open(body, DEPTH) {
            Part::Map(root) => Some(Self { build, root }),
            Part::Leaf(_) | Part::Choice(..) => None,
        }
    }

    /// The definition without routes that SAM starts from.
    pub(super) fn empty(make: Make<'a>, version: &'a str) -> Self {
        let key = if version == "2.0" { "swagger" } else { "openapi" };
        let info = make.map(&[("version", make.text("1.0")), ("title", make.reference("AWS::StackName"))]);
        let mut root = Open { origin: make.origin, entries: Vec::new() };
        root.set(key, make.text(version));
        root.set("info", info);
        root.put("paths", make.origin, Part::empty(make.origin));
        Self { build: make.build, root }
    }

    /// The definition again.
    pub(super) fn close(self) -> Value<'a> {
        self.root.close(self.build)
    }

    /// Everything beside the paths.
    pub(super) const fn root(&mut self) -> &mut Open<'a> {
        &mut self.root
    }

    /// True for OpenAPI 3.
    pub(super) fn is_version_3(&self) -> bool {
        self.root.get("swagger").is_none() && self.root.text("openapi").is_some_and(|v| v.starts_with('3'))
    }

    /// A path, in each of its choices.
    pub(super) fn items(&self, path: &str) -> Vec<&Open<'a>> {
        let paths = self.root.get("paths").map_or_else(Vec::new, Part::maps);
        paths.iter().filter_map(|p| p.get(path)).flat_map(Part::maps).collect()
    }

    /// The same, to be edited.
    pub(super) fn items_mut(&mut self, path: &str) -> Vec<&mut Open<'a>> {
        let paths = self.root.get_mut("paths").map_or_else(Vec::new, Part::maps_mut);
        paths.into_iter().filter_map(|p| p.get_mut(path)).flat_map(Part::maps_mut).collect()
    }

    /// Every path with what it may be, to be edited.
    pub(super) fn each_mut(&mut self) -> Vec<(&'a str, Vec<&mut Open<'a>>)> {
        let paths = self.root.get_mut("paths").map_or_else(Vec::new, Part::maps_mut);
        paths.into_iter().flat_map(|p| p.entries.iter_mut().map(|(path, _, part)| (*path, part.maps_mut()))).collect()
    }

    /// Every path with what it may be.
    pub(super) fn each(&self) -> Vec<(&'a str, Vec<&Open<'a>>)> {
        let paths = self.root.get("paths").map_or_else(Vec::new, Part::maps);
        paths.into_iter().flat_map(|p| p.entries.iter().map(|(path, _, part)| (*path, part.maps()))).collect()
    }

    /// All methods, in each of their choices, with their names in lower case; those that call nothing are left out.
    pub(super) fn methods_mut(&mut self) -> Vec<(&'a str, &mut Open<'a>)> {
        self.each_mut().into_iter().flat_map(|(_, items)| items).flat_map(methods).collect()
    }

    /// One method of a path, in each of its choices.
    pub(super) fn method_mut(&mut self, path: &str, method: &str) -> Vec<&mut Open<'a>> {
        self.items_mut(path).into_iter().flat_map(methods).filter(|(name, _)| *name == method).map(|(_, m)| m).collect()
    }

    /// True when a route is there in all choices and calls something.
    pub(super) fn calls(&self, path: &str, method: &str) -> bool {
        let items = self.items(path);
        let calls = |item: &&Open<'a>| {
            let found = item.entries.iter().find(|(key, ..)| normal(key) == method);
            found.is_some_and(|(.., part)| part.maps().into_iter().any(calls_something))
        };
        !items.is_empty() && items.iter().all(calls)
    }

    /// Adds a path and a method without anything in it, unless they are there.
    pub(super) fn add_path(&mut self, path: &'a str, method: &'a str, at: Origin<'a>) {
        if let Some(Part::Map(paths)) = self.root.get_mut("paths") {
            let item = paths.make(path, at);
            if matches!(item.leaf(), Some(v) if v.is_null()) {
                *item = Part::empty(at);
            }
        }
        for item in self.items_mut(path) {
            let method = item.make(method, at);
            if matches!(method.leaf(), Some(v) if v.is_null()) {
                *method = Part::empty(at);
            }
        }
    }

    /// Puts a whole path under a condition.
    pub(super) fn guard_path(&mut self, path: &str, condition: &'a str) {
        let build = self.build;
        let Some(Part::Map(paths)) = self.root.get_mut("paths") else { return };
        if let Some((_, at, item)) = paths.entries.iter_mut().find(|(key, ..)| *key == path) {
            item.guard(condition, build, *at);
        }
    }

    /// Sets the fields of a route, which is under a condition when its function is.
    pub(super) fn add_route(
        &mut self,
        path: &'a str,
        method: &'a str,
        at: Origin<'a>,
        fields: &[Entry<'a>],
        guard: Option<&'a str>,
    ) {
        self.add_path(path, method, at);
        let build = self.build;
        for item in self.items_mut(path) {
            let Some((_, key, part)) = item.entries.iter_mut().find(|(key, ..)| *key == method) else { continue };
            *key = at;
            for map in part.maps_mut() {
                for entry in fields {
                    map.put(entry.key, entry.key_origin, Part::Leaf(entry.value));
                }
            }
            if let Some(condition) = guard {
                part.guard(condition, build, at);
            }
        }
    }
}

/// The methods of a path, in each of their choices; those that call nothing are left out.
fn methods<'a, 'd>(item: &'d mut Open<'a>) -> Vec<(&'a str, &'d mut Open<'a>)> {
    let mut out = Vec::new();
    for (key, _, part) in item.entries.iter_mut().filter(|(key, ..)| !NO_METHODS.contains(key)) {
        let name = normal(key);
        out.extend(part.maps_mut().into_iter().filter(|m| calls_something(m)).map(|m| (name, m)));
    }
    out
}

/// True when a method says what it calls: an empty integration does not.
fn calls_something(method: &Open<'_>) -> bool {
    method.get(INTEGRATION).is_some_and(|part| part.leaf().is_none_or(truthy))
}

/// A method's name in lower case, "any" as API Gateway writes it.
pub(super) fn normal(method: &str) -> &str {
    const KNOWN: [&str; 8] = ["get", "put", "post", "delete", "patch", "head", "options", "trace"];
    if method.eq_ignore_ascii_case("any") || method.eq_ignore_ascii_case(ANY) {
        return ANY;
    }
    KNOWN.into_iter().find(|known| method.eq_ignore_ascii_case(known)).unwrap_or(method)
}
