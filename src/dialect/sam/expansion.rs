//! The template while it is being expanded: what was read, what will be deployed, what is still to be told to others.

use foldhash::{HashMap, HashMapExt};

use super::globals::Globals;
use super::make::Make;
use super::references::Renamed;
use crate::template::{Build, Entry, Intrinsic, Kind, Map, Origin, Resource, Template, Value};

/// The state of one expansion.
pub(super) struct Expansion<'a> {
    /// The arena's constructor.
    pub(super) build: Build<'a>,
    /// The template as read, Globals merged into the properties; its conditions grow when SAM makes some.
    pub(super) source: Template<'a>,
    /// `Globals`, for APIs that SAM makes itself.
    pub(super) globals: Globals<'a>,
    /// What is deployed, in the order of making; the resources that are not SAM's are there from the start.
    pub(super) out: Vec<Resource<'a>>,
    /// Every `Api` and `HttpApi` event, in order.
    pub(super) api_events: Vec<ApiEvent<'a>>,
    /// The aliases of functions that publish one, by the function's logical id.
    pub(super) aliases: HashMap<&'a str, &'a str>,
    /// What references to renamed and generated resources become.
    pub(super) renamed: Vec<Renamed<'a>>,
    /// Parameter values that the user gave.
    given: Vec<(&'a str, &'a str)>,
    /// Where the resources of `source` stand, by logical id.
    written: HashMap<&'a str, usize>,
    /// Where the resources of `out` stand, as far as they were counted.
    places: HashMap<&'a str, usize>,
    counted: usize,
}

/// A route that an event of a function or a state machine asks for.
#[derive(Clone, Copy)]
pub(super) struct ApiEvent<'a> {
    /// The function or state machine, Globals merged.
    pub(super) owner: Resource<'a>,
    /// The event's id.
    pub(super) id: &'a str,
    /// `Api` or `HttpApi`.
    pub(super) kind: &'a str,
    /// The place of the event's id.
    pub(super) origin: Origin<'a>,
    /// The event's `Properties`; an empty map when missing.
    pub(super) properties: Value<'a>,
    /// The ARN that is invoked: the function's, or its alias.
    pub(super) target: Value<'a>,
}

impl<'a> Expansion<'a> {
    /// The state before anything is made: resources that are not SAM's are deployed as they are.
    pub(super) fn new(
        build: Build<'a>,
        source: Template<'a>,
        globals: Globals<'a>,
        given: Vec<(&'a str, &'a str)>,
    ) -> Self {
        let written = source.resources.iter().enumerate().map(|(at, r)| (r.id, at)).collect();
        let out = source.resources.iter().filter(|r| !r.kind.starts_with(super::SERVERLESS)).copied().collect();
        Self {
            build,
            source,
            globals,
            out,
            api_events: Vec::new(),
            aliases: HashMap::new(),
            renamed: Vec::new(),
            given,
            written,
            places: HashMap::new(),
            counted: 0,
        }
    }

    /// A maker of values caused by an origin.
    pub(super) const fn make(&self, origin: Origin<'a>) -> Make<'a> {
        Make { build: self.build, origin }
    }

    /// A maker of values that SAM makes because of what stands at `origin`.
    pub(super) fn cause(&self, of: &Resource<'a>, what: &str, origin: Origin<'a>) -> Make<'a> {
        self.make(self.build.derived(origin, &format!("SAM makes {what} for `{}`", of.written_id), None))
    }

    /// The resources of a type, as read.
    pub(super) fn of_kind(&self, kind: &str) -> Vec<Resource<'a>> {
        self.source.resources.iter().filter(|r| r.kind == kind).copied().collect()
    }

    /// Deploys a resource that SAM makes: `what` reads "this role". It takes the condition and the deletion
    /// policies of the resource it is made for; a resource of the same id is replaced.
    pub(super) fn emit(
        &mut self,
        of: &Resource<'a>,
        id: &'a str,
        kind: &'static str,
        what: &str,
        at: Origin<'a>,
        properties: Value<'a>,
    ) {
        let made_by = self.build.str(&format!("SAM makes {what} for `{}`", of.written_id));
        let passed: Vec<_> = of
            .attributes
            .entries
            .iter()
            .filter(|e| matches!(e.key, "DeletionPolicy" | "UpdateReplacePolicy"))
            .copied()
            .collect();
        self.push(Resource {
            id,
            written_id: of.written_id,
            key: self.build.derived(of.key, made_by, None),
            kind,
            kind_origin: self.build.derived(at, made_by, None),
            properties,
            condition: of.condition,
            attributes: Map { entries: self.build.arena.alloc_slice_copy(&passed) },
            made_by: Some(made_by),
        });
    }

    /// Deploys the resource that a SAM resource becomes, with all its attributes and those of `more`.
    pub(super) fn become_with(
        &mut self,
        of: &Resource<'a>,
        id: &'a str,
        kind: &'static str,
        properties: Value<'a>,
        more: &[Entry<'a>],
    ) {
        let mut attributes: Vec<_> = of
            .attributes
            .entries
            .iter()
            .filter(|e| !matches!(e.key, "Connectors" | "IgnoreGlobals") && more.iter().all(|m| m.key != e.key))
            .copied()
            .collect();
        attributes.extend_from_slice(more);
        self.push(Resource {
            id,
            kind,
            kind_origin: self.build.derived(of.kind_origin, "SAM deploys it as this type", None),
            properties,
            attributes: Map { entries: self.build.arena.alloc_slice_copy(&attributes) },
            ..*of
        });
    }

    /// The same under its own id and attributes.
    pub(super) fn become_kind(&mut self, of: &Resource<'a>, kind: &'static str, properties: Value<'a>) {
        self.become_with(of, of.id, kind, properties, &[]);
    }

    /// Deploys a resource as it is, in the place of one of the same id.
    pub(super) fn push(&mut self, resource: Resource<'a>) {
        match self.deployed(resource.id) {
            Some(old) => *old = resource,
            None => self.out.push(resource),
        }
    }

    /// A deployed resource, to change it.
    pub(super) fn deployed(&mut self, id: &str) -> Option<&mut Resource<'a>> {
        for (at, resource) in self.out.iter().enumerate().skip(self.counted) {
            self.places.entry(resource.id).or_insert(at);
        }
        self.counted = self.out.len();
        let at = *self.places.get(id)?;
        self.out.get_mut(at)
    }

    /// A resource as read, Globals merged.
    pub(super) fn written(&self, id: &str) -> Option<&Resource<'a>> {
        self.source.resources.get(*self.written.get(id)?)
    }

    /// The place in the file's order of a resource, for what was made for it.
    pub(super) fn place(&self, id: &str) -> usize {
        self.written.get(id).copied().unwrap_or(usize::MAX)
    }

    /// A logical id put together.
    pub(super) fn id(&self, parts: &[&str]) -> &'a str {
        self.build.str(&parts.concat())
    }

    /// A value where SAM itself looks at it: of a parameter what was given, else the default; of a mapping
    /// what stands there; anything else as it is.
    pub(super) fn known(&self, value: Value<'a>) -> Value<'a> {
        match value.kind {
            Kind::Intrinsic(Intrinsic::Ref(name)) => {
                if let Some((_, text)) = self.given.iter().find(|(n, _)| n == name) {
                    return Value::new(Kind::Text(text), value.origin);
                }
                match self.source.parameter(name).and_then(|p| p.default) {
                    Some(default) if !default.is_null() => Value::new(default.kind, value.origin),
                    Some(_) | None => value,
                }
            }
            Kind::Intrinsic(Intrinsic::FindInMap(map, first, second, _)) => {
                let reference = |v: &Value<'a>| matches!(v.kind, Kind::Intrinsic(Intrinsic::Ref(_)));
                let key = |v: &Value<'a>| if reference(v) { self.known(*v).as_text() } else { v.as_text() };
                let found = || {
                    let map = self.source.mappings.iter().find(|m| Some(m.key) == key(map))?;
                    map.value.get(key(first)?)?.value.get(key(second)?)
                };
                found().map_or(value, |e| Value::new(e.value.kind, value.origin))
            }
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Intrinsic(_)
            | Kind::Unknown(_) => value,
        }
    }

    /// The alias of a function.
    pub(super) fn alias(&self, function: &str) -> Option<&'a str> {
        self.aliases.get(function).copied()
    }

    /// The condition under which one of several things is there; `None` when one of them always is.
    pub(super) fn any(
        &mut self,
        make: Make<'a>,
        name: &str,
        guards: &[Option<(&'a str, Origin<'a>)>],
    ) -> Option<&'a str> {
        let mut names: Vec<&str> = guards.iter().map(|g| g.map(|(name, _)| name)).collect::<Option<_>>()?;
        names.sort_unstable();
        names.dedup();
        match names.as_slice() {
            [] => None,
            [only] => Some(only),
            several => {
                let several: Vec<_> =
                    several.iter().map(|n| make.build.intrinsic(Intrinsic::Condition(n), make.origin)).collect();
                let or = Intrinsic::Or(make.build.arena.alloc_slice_copy(&several));
                Some(self.condition(name, make.build.intrinsic(or, make.origin)))
            }
        }
    }

    /// Adds a condition that SAM makes, once.
    pub(super) fn condition(&mut self, name: &str, expression: Value<'a>) -> &'a str {
        let name = self.build.str(name);
        if self.source.condition(name).is_none() {
            self.source.conditions.push(Entry { key: name, key_origin: expression.origin, value: expression });
        }
        name
    }
}

/// A property that says something: missing, `null` and `AWS::NoValue` do not.
pub(super) fn given<'a>(value: Value<'a>, key: &str) -> Option<Value<'a>> {
    value.get(key).map(|e| e.value).filter(|v| !is_nothing(v))
}

/// The entry of a property where SAM only asks whether there is anything: what is empty or false is not.
pub(super) fn filled<'a>(value: Value<'a>, key: &str) -> Option<Entry<'a>> {
    entry(value, key).filter(|e| super::read::truthy(e.value))
}

/// The entry of a property that says something.
pub(super) fn entry<'a>(value: Value<'a>, key: &str) -> Option<Entry<'a>> {
    value.get(key).copied().filter(|e| !is_nothing(&e.value))
}

/// True for `null` and `AWS::NoValue`.
pub(super) fn is_nothing(value: &Value<'_>) -> bool {
    value.is_null() || is_no_value(value)
}

/// True for `!Ref AWS::NoValue`.
pub(super) fn is_no_value(value: &Value<'_>) -> bool {
    matches!(value.kind, Kind::Intrinsic(Intrinsic::Ref("AWS::NoValue")))
}
