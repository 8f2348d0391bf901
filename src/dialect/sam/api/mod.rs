//! APIs: the implicit ones, those the template declares, and the routes that events put into them.

use std::collections::BTreeMap;

use super::expansion::Expansion;
use super::read::{self, field, text, truthy};
use crate::template::{Entry, Intrinsic, Kind, Map, Resource, Value};

mod authorizers;
mod cors;
mod definition;
mod domain;
mod http;
mod integration;
mod policy;
mod rest;
mod routes;
mod security;
mod tree;
mod usage;
mod validators;
mod websocket;

use definition::{Definition, INTEGRATION};
use routes::{HTTP, Protocol, REST, Route};

/// An API while routes are put into it.
struct Api<'a> {
    /// The SAM resource, Globals merged; for an implicit API one that SAM makes.
    resource: Resource<'a>,
    protocol: Protocol,
    implicit: bool,
    /// True when SAM writes the whole definition.
    managed: bool,
    /// The definition; `None` when it cannot be edited.
    definition: Option<Definition<'a>>,
    /// `Auth`, parameters resolved.
    auth: Option<Value<'a>>,
    /// `StageName`.
    stage: Option<Value<'a>>,
    /// Settings of single routes that events bring.
    settings: Vec<Entry<'a>>,
}

/// Expands all APIs.
pub(super) fn expand(x: &mut Expansion<'_>) {
    let make = x.make(x.source.origin);
    let routes: Vec<Route<'_>> = x.api_events.iter().filter_map(|event| Route::read(make, event)).collect();
    let mut apis = declared(x, &routes);
    for (id, kind, protocol) in
        [(REST, "AWS::Serverless::Api", Protocol::Rest), (HTTP, "AWS::Serverless::HttpApi", Protocol::Http)]
    {
        let own: Vec<_> = routes.iter().filter(|r| r.implicit && r.protocol == protocol).copied().collect();
        apis.extend(implicit(x, id, kind, protocol, &own));
    }
    for api in &mut apis {
        paths(x, api, &routes);
    }
    for route in &routes {
        let api = apis.iter_mut().find(|a| a.protocol == route.protocol && Some(a.resource.id) == route.api);
        integration::add(x, api, route);
    }
    for route in &routes {
        let api = apis.iter().find(|a| a.protocol == route.protocol && Some(a.resource.id) == route.api);
        integration::permit(x, api, route);
    }
    for api in &mut apis {
        match api.protocol {
            Protocol::Rest => rest::expand(x, api),
            Protocol::Http => http::expand(x, api),
        }
    }
    for resource in x.of_kind("AWS::Serverless::WebSocketApi") {
        websocket::expand(x, &resource);
    }
}

fn declared<'a>(x: &Expansion<'a>, routes: &[Route<'a>]) -> Vec<Api<'a>> {
    let mut apis = Vec::new();
    for resource in &x.source.resources {
        let protocol = match resource.kind {
            "AWS::Serverless::Api" => Protocol::Rest,
            "AWS::Serverless::HttpApi" => Protocol::Http,
            _ => continue,
        };
        // An event without an API takes the implicit API's name, whoever else has it.
        if routes.iter().any(|r| r.implicit && r.api == Some(resource.id)) {
            continue;
        }
        apis.push(Api::new(x, *resource, protocol, false));
    }
    apis
}

/// The API that SAM makes for events that name none.
fn implicit<'a>(
    x: &mut Expansion<'a>,
    id: &'static str,
    kind: &'static str,
    protocol: Protocol,
    routes: &[Route<'a>],
) -> Option<Api<'a>> {
    let first = routes.first()?;
    let what = "SAM makes this API for the events of its functions";
    let owner = first.event.owner;
    let key = x.build.derived(owner.key, what, None);
    let make = x.make(key);
    let mut settings = Vec::new();
    if protocol == Protocol::Rest {
        settings.push(make.entry("StageName", make.text("Prod")));
    }
    let tags = passed_on(routes);
    if !tags.is_empty() {
        settings.push(make.entry("Tags", make.entries(&tags)));
        settings.push(make.entry("PropagateTags", make.bool(true)));
    }
    let mut resource = Resource {
        id,
        written_id: owner.id,
        key,
        kind,
        kind_origin: x.build.derived(first.event.origin, what, None),
        properties: make.entries(&settings),
        condition: None,
        attributes: Map::EMPTY,
        made_by: Some(what),
    };
    resource.properties = x.globals.apply(&resource);
    let retained = |key: &str| {
        let of = |want: &str| {
            let found =
                |r: &Route<'a>| r.event.owner.attribute(key).copied().filter(|e| e.value.as_text() == Some(want));
            routes.iter().find_map(found)
        };
        of("Retain").or_else(|| of("Snapshot")).or_else(|| of("Delete"))
    };
    let policies: Vec<_> = ["DeletionPolicy", "UpdateReplacePolicy"].into_iter().filter_map(retained).collect();
    resource.attributes = Map { entries: x.build.arena.alloc_slice_copy(&policies) };
    let guards: Vec<_> = routes.iter().map(|r| r.event.owner.condition).collect();
    resource.condition = x.any(make, &format!("{id}Condition"), &guards).map(|name| (name, key));
    Some(Api::new(x, resource, protocol, true))
}

/// The tags that functions pass on to the API that is made for them; the last of equal ones wins.
fn passed_on<'a>(routes: &[Route<'a>]) -> Vec<Entry<'a>> {
    let mut tags: Vec<Entry<'a>> = Vec::new();
    let mut seen = "";
    for owner in routes.iter().map(|r| r.event.owner) {
        // Routes of one function stand together: its tags are read once.
        if owner.id == seen {
            continue;
        }
        seen = owner.id;
        for tag in super::tags::passed_on(&owner) {
            tags.retain(|t| t.key != tag.key);
            tags.push(*tag);
        }
    }
    tags
}

/// Puts the paths of all events into a definition that SAM writes: a path whose events are all under
/// conditions is under their union.
fn paths<'a>(x: &mut Expansion<'a>, api: &mut Api<'a>, routes: &[Route<'a>]) {
    let id = api.resource.id;
    let own: Vec<_> = routes.iter().filter(|r| r.protocol == api.protocol && r.api == Some(id)).collect();
    let Some(definition) = api.definition.as_mut().filter(|_| api.managed) else { return };
    for route in &own {
        let at = x.cause(&route.event.owner, "this route", route.place()).origin;
        definition.add_path(route.path, route.method, at);
    }
    let mut here: BTreeMap<&str, Vec<&Route<'a>>> = BTreeMap::new();
    for route in &own {
        here.entry(route.path).or_default().push(route);
    }
    for (path, routes) in here {
        let guards: Vec<_> = routes.iter().map(|r| r.event.owner.condition).collect();
        let name = path.replace('/', "SLASH").replace('{', "OB").replace('}', "CB");
        let Some(first) = routes.first() else { continue };
        let make = x.cause(&first.event.owner, "this condition", first.place());
        if let Some(condition) = x.any(make, &format!("{id}{name}PathCondition"), &guards) {
            definition.guard_path(path, condition);
        }
    }
}

impl<'a> Api<'a> {
    fn new(x: &Expansion<'a>, resource: Resource<'a>, protocol: Protocol, implicit: bool) -> Self {
        let properties = resource.properties;
        let body = field(properties, "DefinitionBody");
        let managed = implicit || body.is_none() && field(properties, "DefinitionUri").is_none();
        let make = x.cause(&resource, "this API", resource.key);
        let version = text(properties, "OpenApiVersion").filter(|v| v.starts_with('3'));
        let definition = match body {
            _ if managed => {
                let standard = if protocol == Protocol::Rest { "2.0" } else { "3.0.1" };
                let version = version.filter(|_| protocol == Protocol::Rest).unwrap_or(standard);
                Some(Definition::empty(make, version))
            }
            Some(body) => Definition::open(x.build, body),
            None => None,
        };
        let auth = field(properties, "Auth").map(|a| match protocol {
            Protocol::Rest => read::parameters(x, a),
            Protocol::Http => authorizers::as_written(x, a),
        });
        let stage = field(properties, "StageName");
        Self { resource, protocol, implicit, managed, definition, auth, stage, settings: Vec::new() }
    }

    /// A property.
    fn field(&self, key: &str) -> Option<Value<'a>> {
        field(self.resource.properties, key)
    }

    /// True when a property is there and true.
    fn flag(&self, key: &str) -> bool {
        self.field(key).is_some_and(truthy)
    }

    /// Deploys the API itself.
    fn main(&self, x: &mut Expansion<'a>, kind: &'static str, properties: Value<'a>) {
        if self.implicit {
            x.push(Resource { kind, properties, ..self.resource });
        } else {
            x.become_kind(&self.resource, kind, properties);
        }
    }

    /// Deploys something that belongs to the API.
    fn make(&self, x: &mut Expansion<'a>, id: &'a str, kind: &'static str, properties: Value<'a>) {
        let what = match kind {
            "AWS::Lambda::Permission" => "this permission",
            "AWS::ApiGateway::Deployment" => "this deployment",
            "AWS::ApiGateway::Stage" | "AWS::ApiGatewayV2::Stage" => "this stage",
            _ => "this part of the API",
        };
        x.emit(&self.resource, id, kind, what, self.resource.key, properties);
    }

    /// True when the route that takes everything calls a function of this name.
    fn default_calls(&self, function: &str) -> bool {
        let Some(definition) = &self.definition else { return false };
        let items = definition.items(routes::DEFAULT);
        let methods = items.iter().filter_map(|i| i.get(routes::ANY)).flat_map(tree::Part::maps);
        let mut uris: Vec<Value<'a>> =
            methods.filter_map(|m| m.get(INTEGRATION)?.leaf()?.get("uri").map(|e| e.value)).collect();
        if let [only] = uris.as_slice()
            && let Kind::Intrinsic(Intrinsic::If(_, then, _)) = only.kind
        {
            uris = vec![*then];
        }
        let names = |uri: &Value<'a>| match uri.kind {
            Kind::Intrinsic(Intrinsic::Sub { template, .. }) => template.contains(&format!("${{{function}.Arn}}")),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Intrinsic(_)
            | Kind::Unknown(_) => false,
        };
        !uris.is_empty() && uris.iter().all(names)
    }
}

#[cfg(test)]
mod tests;
