//! The service and its functions, as every part of the lowering asks for them.

use super::super::config::{Config, Version};
use super::lift;
use super::make::{Make, told};
use super::naming;
use super::read::{self, Guards};
use crate::template::{Build, Entry, Intrinsic, Kind, Map, Origin, Value};

/// The service.
pub(super) struct Service<'a> {
    /// The arena's constructor.
    pub build: Build<'a>,
    /// The whole file.
    pub root: Value<'a>,
    /// The major version of the framework.
    pub version: Version,
    /// The service's name; text unless a variable in it is not known.
    pub name: Value<'a>,
    /// The key that names the service.
    pub key: Origin<'a>,
    /// The stage.
    pub stage: &'a str,
    /// The region.
    pub region: &'a str,
    /// `provider`.
    pub provider: Value<'a>,
    /// The key `provider`.
    pub provider_key: Origin<'a>,
    /// The functions, in order.
    pub functions: Vec<Function<'a>>,
    /// True when `serverless-iam-roles-per-function` is loaded.
    pub roles_plugin: bool,
    /// Statements that other plugins add to the provider's.
    pub granted: Vec<Value<'a>>,
    /// What was too much to lower.
    pub unknown: Vec<(Origin<'a>, &'a str)>,
}

/// A function of the service.
pub(super) struct Function<'a> {
    /// Its key.
    pub key: &'a str,
    /// The key's place.
    pub origin: Origin<'a>,
    /// Its map.
    pub body: Value<'a>,
    /// `FunctionName`.
    pub name: Value<'a>,
    /// The head of its logical ids.
    pub normal: &'a str,
    /// The logical id of the function itself.
    pub id: &'a str,
    /// Its events, in order.
    pub events: Vec<Event<'a>>,
    /// The alias that is invoked instead of the function: name and logical id.
    pub alias: Option<(&'a str, &'a str)>,
    /// True when a CloudFront distribution runs it.
    pub edge: bool,
    /// The condition under which it is there at all.
    pub guard: Option<&'a str>,
}

/// An event of a function.
#[derive(Clone, Copy)]
pub(super) struct Event<'a> {
    /// Its kind: `http`, `sqs`…
    pub kind: &'a str,
    /// The place of the kind's key.
    pub origin: Origin<'a>,
    /// What is behind the key.
    pub value: Value<'a>,
    /// Its position among all events of the function, from 1.
    pub position: usize,
    /// The condition under which it is there.
    pub guard: Option<&'a str>,
}

/// Why a resource is made.
#[derive(Clone, Copy)]
pub(super) struct Cause<'a> {
    /// The id the user knows it by.
    pub written_id: &'a str,
    /// What the user wrote that makes it.
    pub origin: Origin<'a>,
    /// In words.
    pub made_by: &'a str,
    /// The condition under which it is made.
    pub guard: Option<&'a str>,
}

impl<'a> Service<'a> {
    /// Reads the service out of the configuration.
    pub(super) fn read(build: Build<'a>, config: &Config<'a>, guards: &mut Guards<'a>) -> Self {
        let root = config.root;
        // Only serverless-lift knows constructs, and only it has variables of theirs.
        let make = Make { build, origin: root.origin };
        let root = if root.get("constructs").is_some() { lift::resolve(make, root) } else { root };
        let key = |name: &str| root.get(name).map_or(root.origin, |e| e.key_origin);
        let service = read::get(root, "service").map(read::settle);
        // Before version 3 the service may be a map.
        let name = service.and_then(|s| if s.as_map().is_some() { read::get(s, "name") } else { Some(s) });
        let name = name.unwrap_or_else(|| Value::new(Kind::Unknown("the service has no name"), root.origin));
        let provider = read::get(root, "provider").map(read::settle).filter(|p| p.as_text().is_none());
        let provider = provider.unwrap_or_else(|| Value::new(Kind::Map(Map::EMPTY), key("provider")));
        let mut service = Self {
            build,
            root,
            version: config.version,
            name,
            key: key("service"),
            stage: config.stage,
            region: config.region,
            provider,
            provider_key: key("provider"),
            functions: Vec::new(),
            roles_plugin: false,
            granted: Vec::new(),
            unknown: Vec::new(),
        };
        service.roles_plugin = service.plugin("serverless-iam-roles-per-function");
        let entries = read::get(root, "functions").map(read::settle).map(|f| f.entries()).unwrap_or_default();
        let mut events = 0;
        // Of functions that code adds we know nothing; the configuration has said so.
        for entry in entries.iter().filter(|e| e.key != "Fn::Transform") {
            for (guard, body) in read::branches(guards, entry.value) {
                if service.functions.len() + events >= read::MAX_ITEMS {
                    service.unknown.push((entry.key_origin, "more functions than a stack can hold"));
                    break;
                }
                let function = service.function(guards, entry, guard, body);
                events += function.events.len();
                service.functions.push(function);
            }
            if !service.unknown.is_empty() {
                break;
            }
        }
        if service.functions.is_empty()
            && let Some(unseen) = root.get("functions").and_then(unseen)
        {
            let function = service.function(guards, &unseen, None, unseen.value);
            service.functions.push(function);
        }
        lift::extend(&mut service, guards);
        service
    }

    /// Values caused by these bytes.
    pub(super) const fn make(&self, origin: Origin<'a>) -> Make<'a> {
        Make { build: self.build, origin }
    }

    /// The service's name and the stage, with what comes after, joined by dashes.
    pub(super) fn named(&self, origin: Origin<'a>, rest: &str) -> Value<'a> {
        let make = self.make(origin);
        make.concat(&[self.name.with_origin(origin), make.written(format_args!("-{}{rest}", self.stage))])
    }

    /// The value of a key of the provider, when it is true.
    pub(super) fn provided(&self, key: &str) -> Option<Value<'a>> {
        read::given(self.provider, key)
    }

    /// The value behind a chain of keys of the provider.
    pub(super) fn provider_at(&self, keys: &[&str]) -> Option<Value<'a>> {
        read::at(self.provider, keys)
    }

    /// The function of a key.
    pub(super) fn find(&self, key: &str) -> Option<&Function<'a>> {
        self.functions.iter().find(|f| f.key == key)
    }

    /// Every event of a kind, with its function.
    pub(super) fn events(&self, kind: &'static str) -> impl Iterator<Item = (usize, &Function<'a>, &Event<'a>)> {
        self.functions
            .iter()
            .enumerate()
            .flat_map(move |(i, f)| f.events.iter().filter(move |e| e.kind == kind).map(move |e| (i, f, e)))
    }

    /// True when any function has an event of a kind.
    pub(super) fn has_event(&self, kind: &'static str) -> bool {
        self.events(kind).next().is_some()
    }

    /// True when a plugin is loaded.
    pub(super) fn plugin(&self, name: &str) -> bool {
        let Some(plugins) = read::get(self.root, "plugins") else { return false };
        let list = read::get(plugins, "modules").unwrap_or(plugins);
        read::items(list).iter().any(|p| p.as_text() == Some(name))
    }

    /// Why something of the provider's is made: the most exact key of those that are written.
    pub(super) fn cause(&self, what: &str, keys: &[&[&str]]) -> Cause<'a> {
        let written = keys.iter().find_map(|chain| {
            let (last, first) = chain.split_last()?;
            let parent = self.provider_at(first)?;
            read::entry(parent, last).map(|e| e.key_origin)
        });
        let made_by =
            told(self.build, format_args!("the Serverless Framework makes this {what} for the whole service"));
        let from = written.unwrap_or(self.provider_key);
        Cause { written_id: "provider", origin: self.build.derived(from, made_by, None), made_by, guard: None }
    }

    /// Reads a function.
    pub(super) fn function(
        &self,
        guards: &mut Guards<'a>,
        entry: &Entry<'a>,
        guard: Option<&'a str>,
        body: Value<'a>,
    ) -> Function<'a> {
        let normal = self.build.str(&naming::normal(entry.key));
        let name = read::given(body, "name");
        let name = name.unwrap_or_else(|| self.named(entry.key_origin, &format!("-{}", entry.key)));
        let events = self.events_of(guards, body, guard);
        let edge = events.iter().any(|e| e.kind == "cloudFront");
        let id = |tail: &str| told(self.build, format_args!("{normal}{tail}"));
        let alias = if read::flag(body, "provisionedConcurrency") {
            let tail =
                if self.version == Version::V4 { "ProvConcProvisionedLambdaAlias" } else { "ProvConcLambdaAlias" };
            Some(("provisioned", id(tail)))
        } else if read::flag(body, "snapStart") {
            Some(("snapstart", id("SnapStartLambdaAlias")))
        } else {
            None
        };
        let id = id("LambdaFunction");
        Function { key: entry.key, origin: entry.key_origin, body, name, normal, id, events, alias, edge, guard }
    }

    fn events_of(&self, guards: &mut Guards<'a>, body: Value<'a>, guard: Option<&'a str>) -> Vec<Event<'a>> {
        let mut events = Vec::new();
        let Some(list) = read::get(body, "events") else { return events };
        for (at, (own, item)) in read::branches(guards, list).into_iter().enumerate() {
            let guard = own.or(guard);
            let position = at + 1;
            match item.kind {
                Kind::Map(map) => {
                    // Behind `- http:` stands nothing where its keys are one step too far left: the framework passes over it.
                    let given = map.entries.iter().filter(|e| e.key != "Fn::Transform" && read::truthy(&e.value));
                    events.extend(given.map(|e| Event {
                        kind: e.key,
                        origin: e.key_origin,
                        value: read::settle(e.value),
                        position,
                        guard,
                    }));
                }
                // Before version 3, `- alexaSkill` alone was an event.
                Kind::Text(kind) if self.version <= Version::V2 => {
                    events.push(Event { kind, origin: item.origin, value: item, position, guard });
                }
                Kind::Text(_)
                | Kind::Null
                | Kind::Bool(_)
                | Kind::Number(_)
                | Kind::List(_)
                | Kind::Intrinsic(_)
                | Kind::Unknown(_) => {}
            }
        }
        events
    }
}

impl<'a> Function<'a> {
    /// A logical id of something that belongs to the function.
    pub(super) fn owned(&self, build: Build<'a>, tail: &str) -> &'a str {
        build.str(&[self.normal, tail].concat())
    }

    /// Why something of the function's is made.
    pub(super) fn cause(&self, build: Build<'a>, what: &str) -> Cause<'a> {
        self.cause_at(build, what, self.origin, self.guard)
    }

    /// Why something is made for one of the function's events.
    pub(super) fn event_cause(&self, build: Build<'a>, what: &str, event: &Event<'a>) -> Cause<'a> {
        self.cause_at(build, what, event.origin, event.guard)
    }

    /// Why something is made for these bytes of the function.
    pub(super) fn cause_at(&self, build: Build<'a>, what: &str, at: Origin<'a>, guard: Option<&'a str>) -> Cause<'a> {
        let made_by = told(build, format_args!("the Serverless Framework makes this {what} for `{}`", self.key));
        Cause { written_id: self.key, origin: build.derived(at, made_by, None), made_by, guard }
    }

    /// What invokes the function: its ARN, or that of its alias.
    pub(super) fn target(&self, make: Make<'a>) -> Value<'a> {
        let arn = make.att(self.id, "Arn");
        match self.alias {
            None => arn,
            Some((name, _)) => make.join(":", &[arn, make.text(name)]),
        }
    }

    /// What stands for the function's keys that are not written but in code.
    pub(super) fn unread(&self) -> Option<Value<'a>> {
        let more = self.body.get("Fn::Transform").map_or(self.body, |e| e.value);
        matches!(more.kind, Kind::Unknown(_)).then_some(more)
    }

    /// True when the function writes logs.
    pub(super) fn logs(&self) -> bool {
        !read::flag(self.body, "disableLogs")
    }
}

/// What stands for functions of which none can be read: there is one at least, and it has what the provider gives to all.
fn unseen<'a>(functions: &Entry<'a>) -> Option<Entry<'a>> {
    let all = read::settle(functions.value);
    let rest = all.get("Fn::Transform").map_or(all, |rest| rest.value);
    matches!(rest.kind, Kind::Unknown(_)).then_some(Entry { value: rest, ..*functions })
}

/// True for the ARN of something, as a text can tell.
pub(super) fn is_arn(value: &Value<'_>) -> bool {
    match value.kind {
        Kind::Text(text) => text.starts_with("arn:"),
        Kind::Intrinsic(Intrinsic::Sub { pieces, .. }) => {
            pieces.first().and_then(|p| p.as_text()).is_some_and(|t| t.starts_with("arn:"))
        }
        Kind::Intrinsic(Intrinsic::Join(_, items)) => {
            items.as_list().and_then(|l| l.first()).and_then(|p| p.as_text()).is_some_and(|t| t.starts_with("arn"))
        }
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => false,
    }
}

/// A string in JavaScript's eyes: text, or a text that a variable outside the template fills.
pub(super) fn is_string(value: &Value<'_>) -> bool {
    match value.kind {
        Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) | Kind::Unknown(_) => true,
        Kind::Intrinsic(Intrinsic::External(_)) => true,
        Kind::Intrinsic(Intrinsic::Sub { variables, pieces, .. }) => {
            variables.entries.is_empty()
                && pieces.iter().any(|p| matches!(p.kind, Kind::Intrinsic(Intrinsic::External(_))))
        }
        Kind::Null | Kind::List(_) | Kind::Map(_) | Kind::Intrinsic(_) => false,
    }
}
