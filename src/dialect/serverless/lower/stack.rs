//! The stack while it is being put together: generated resources, what roles must allow, outputs.

use foldhash::{HashMap, HashMapExt, HashSet};

use super::make::Make;
use super::service::{Cause, Function, Service};
use crate::template::{Build, Entry, Kind, Map, Origin, Output, Resource, Value};

/// The stack so far.
pub(super) struct Stack<'a> {
    build: Build<'a>,
    drafts: Vec<Draft<'a>>,
    by_id: HashMap<&'a str, usize>,
    /// What the functions' roles must allow because of what the functions use, in the framework's order.
    pub grants: Vec<Grant<'a>>,
    /// Destinations that are text and that functions may call by now: the framework says each only once.
    pub destinations: HashSet<&'a str>,
    /// What the framework's own helper function must be allowed: its statements and what they are for.
    pub helper: Vec<(Cause<'a>, Value<'a>)>,
    /// What is made here that we do not know.
    pub unknown: Vec<(Origin<'a>, &'a str)>,
    /// Outputs.
    pub outputs: Vec<Output<'a>>,
}

/// A resource while it is being put together. Boxed, because it is handed on with every property.
pub(super) struct Draft<'a>(Box<Body<'a>>);

struct Body<'a> {
    id: &'a str,
    kind: &'a str,
    cause: Cause<'a>,
    properties: Vec<Entry<'a>>,
    condition: Option<(&'a str, Origin<'a>)>,
    depends_on: Vec<Value<'a>>,
    attributes: Vec<Entry<'a>>,
}

/// Something that a function's role must allow because of what the function uses.
#[derive(Clone, Copy)]
pub(super) struct Grant<'a> {
    /// The function, by position.
    pub function: usize,
    /// The feature that asks for it.
    pub feature: Feature,
    /// The statement; for queues only the resource, as there is one statement for all of them.
    pub value: Value<'a>,
    /// The condition under which it is needed.
    pub guard: Option<&'a str>,
}

/// A feature that adds to a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Feature {
    /// `onError`.
    DeadLetter,
    /// `kmsKeyArn`.
    Key,
    /// `tracing`.
    Tracing,
    /// `fileSystemConfig`.
    FileSystem,
    /// `destinations`.
    Destination,
    /// `method: scheduler`.
    Scheduler,
    /// `websocket`.
    WebSocket,
    /// `stream`.
    Stream,
    /// `kafka`, `msk`, `activemq`, `rabbitmq`.
    Broker,
    /// `sqs`.
    Queue,
    /// `cloudFront`.
    Edge,
}

impl<'a> Stack<'a> {
    /// An empty stack.
    pub(super) fn new(build: Build<'a>) -> Self {
        Self {
            build,
            drafts: Vec::with_capacity(32),
            by_id: HashMap::new(),
            grants: Vec::new(),
            destinations: HashSet::default(),
            helper: Vec::new(),
            unknown: Vec::new(),
            outputs: Vec::new(),
        }
    }

    /// Adds a resource, or puts it in the place of the one that has its id.
    pub(super) fn add(&mut self, draft: Draft<'a>) {
        match self.by_id.get(draft.0.id) {
            Some(&at) => self.drafts[at] = draft,
            None => {
                self.by_id.insert(draft.0.id, self.drafts.len());
                self.drafts.push(draft);
            }
        }
    }

    /// The same, and what the one before has and this one lacks stays: several events may name one queue.
    pub(super) fn merge(&mut self, mut draft: Draft<'a>) {
        if let Some(before) = self.draft(draft.0.id) {
            let news = std::mem::take(&mut draft.0.properties);
            let stays = |old: &&Entry<'a>| !news.iter().any(|new| new.key == old.key);
            draft.0.properties = before.0.properties.iter().filter(stays).copied().collect();
            draft.0.properties.extend(news);
        }
        self.add(draft);
    }

    /// True when a resource has the id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// True when a resource has the id already; it is there always when it is wanted always.
    pub(super) fn shares(&mut self, id: &str, guard: Option<&str>) -> bool {
        let Some(draft) = self.draft(id) else { return false };
        if guard.is_none() {
            draft.0.condition = None;
        }
        true
    }

    /// The draft of an id.
    pub(super) fn draft(&mut self, id: &str) -> Option<&mut Draft<'a>> {
        let at = *self.by_id.get(id)?;
        self.drafts.get_mut(at)
    }

    /// An output, exported under the framework's name for it.
    pub(super) fn output(&mut self, service: &Service<'a>, make: Make<'a>, name: &'a str, value: Value<'a>) {
        let name_parts = [make.text("sls-"), service.named(make.origin, "-"), make.text(name)];
        let export = make.concat(&name_parts);
        let body = make.map(&[("Value", value), ("Export", make.map(&[("Name", export)]))]);
        self.outputs.push(Output { name, key: make.origin, value, export: Some(export), condition: None, body });
    }

    /// A permission to invoke a function.
    pub(super) fn permit(
        &mut self,
        id: &'a str,
        cause: Cause<'a>,
        function: &Function<'a>,
        principal: &'a str,
        source: Option<Value<'a>>,
    ) {
        let make = Make { build: self.build, origin: cause.origin };
        let draft = Draft::new(id, "AWS::Lambda::Permission", cause)
            .set("FunctionName", function.target(make))
            .set("Action", make.text("lambda:InvokeFunction"))
            .set("Principal", make.text(principal))
            .maybe("SourceArn", source)
            .after_alias(make, function);
        self.add(draft);
    }

    /// Takes the resources out, finished.
    pub(super) fn finish(self) -> (Vec<Resource<'a>>, Vec<Output<'a>>) {
        let build = self.build;
        (self.drafts.into_iter().map(|d| d.finish(build)).collect(), self.outputs)
    }
}

impl<'a> Draft<'a> {
    /// A resource without properties.
    pub(super) fn new(id: &'a str, kind: &'a str, cause: Cause<'a>) -> Self {
        Self(Box::new(Body {
            id,
            kind,
            cause,
            properties: Vec::with_capacity(12),
            condition: cause.guard.map(|g| (g, cause.origin)),
            depends_on: Vec::new(),
            attributes: Vec::new(),
        }))
    }

    /// Sets a property; its key stands where its value does.
    pub(super) fn set(mut self, key: &'a str, value: Value<'a>) -> Self {
        self.put(key, value);
        self
    }

    /// Sets a property when there is a value.
    pub(super) fn maybe(mut self, key: &'a str, value: Option<Value<'a>>) -> Self {
        if let Some(value) = value {
            self.put(key, value);
        }
        self
    }

    /// Sets a property in place.
    pub(super) fn put(&mut self, key: &'a str, value: Value<'a>) {
        let entry = Entry { key, key_origin: value.origin, value };
        match self.0.properties.iter_mut().find(|e| e.key == key) {
            Some(old) => *old = entry,
            None => self.0.properties.push(entry),
        }
    }

    /// Adds a property that is not there yet, its key standing where the user wrote it.
    pub(super) fn push(&mut self, entry: Entry<'a>) {
        self.0.properties.push(entry);
    }

    /// The value of a property.
    pub(super) fn property(&self, key: &str) -> Option<Value<'a>> {
        self.0.properties.iter().find(|e| e.key == key).map(|e| e.value)
    }

    /// An attribute beside the properties.
    pub(super) fn attribute(mut self, key: &'a str, value: Value<'a>) -> Self {
        self.0.attributes.push(Entry { key, key_origin: value.origin, value });
        self
    }

    /// `Condition`.
    pub(super) fn condition(mut self, name: &'a str, origin: Origin<'a>) -> Self {
        self.0.condition = Some((name, origin));
        self
    }

    /// `DependsOn`.
    pub(super) fn after(mut self, ids: &[Value<'a>]) -> Self {
        self.0.depends_on.extend_from_slice(ids);
        self
    }

    /// `DependsOn` a resource in place of the first: lists are merged by position.
    pub(super) fn first_after(mut self, id: Value<'a>) -> Self {
        match self.0.depends_on.first_mut() {
            Some(first) => *first = id,
            None => self.0.depends_on.push(id),
        }
        self
    }

    /// `DependsOn` the function's alias, when it has one.
    pub(super) fn after_alias(mut self, make: Make<'a>, function: &Function<'a>) -> Self {
        self.0.depends_on.extend(function.alias.map(|(_, id)| make.text(id)));
        self
    }

    fn finish(self, build: Build<'a>) -> Resource<'a> {
        let body = *self.0;
        let make = Make { build, origin: body.cause.origin };
        let mut attributes = body.attributes;
        if !body.depends_on.is_empty() {
            attributes.push(make.entry("DependsOn", make.list(&body.depends_on)));
        }
        Resource {
            id: body.id,
            written_id: body.cause.written_id,
            key: body.cause.origin,
            kind: body.kind,
            kind_origin: body.cause.origin,
            properties: make.entries(&body.properties),
            condition: body.condition,
            attributes: Map { entries: build.arena.alloc_slice_copy(&attributes) },
            made_by: Some(body.cause.made_by),
        }
    }
}

/// A reference list that may still be empty.
pub(super) fn is_empty(value: &Value<'_>) -> bool {
    match value.kind {
        Kind::Null => true,
        Kind::List(items) => items.is_empty(),
        Kind::Map(map) => map.entries.is_empty(),
        Kind::Text(text) => text.is_empty(),
        Kind::Bool(_) | Kind::Number(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => false,
    }
}
