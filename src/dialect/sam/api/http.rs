//! `AWS::Serverless::HttpApi`: the HTTP API and its stage.

use super::super::expansion::Expansion;
use super::super::make::Make;
use super::super::read::{self, field, truthy};
use super::super::references::Renamed;
use super::definition::Definition;
use super::integration::settings;
use super::routes::{DEFAULT, Route, pattern};
use super::security::{self, IAM, NONE};
use super::tree::Part;
use super::{Api, authorizers, cors, domain};
use crate::template::{Entry, Value};

/// The mark that SAM leaves on what it makes.
const MARK: (&str, &str) = ("httpapi:createdBy", "SAM");

/// What an event adds to an HTTP API: the route, and who may call it.
pub(super) fn route<'a>(x: &Expansion<'a>, api: &mut Api<'a>, route: &Route<'a>, fields: &[Entry<'a>]) {
    let make = x.cause(&route.event.owner, "this route", route.place());
    if let Some(entry) = settings(make, route) {
        api.settings.retain(|old| old.key != entry.key);
        api.settings.push(entry);
    }
    let known = api.auth.and_then(|a| field(a, "Authorizers"));
    let default = api.auth.and_then(|a| field(a, "DefaultAuthorizer"));
    let Some(definition) = &mut api.definition else { return };
    if !definition.calls(route.path, route.method) {
        let guard = route.event.owner.condition.map(|(name, _)| name);
        definition.add_route(route.path, route.method, make.origin, fields, guard);
    }
    let Some(auth) = route.field("Auth") else { return };
    let Some(written) = field(auth, "Authorizer").or(default) else { return };
    let name = written.as_text();
    let scopes = name.filter(|n| *n != NONE && *n != IAM).and_then(|n| {
        let own = field(auth, "AuthorizationScopes").filter(|s| truthy(*s));
        own.or_else(|| field(field(known?, n)?, "AuthorizationScopes").filter(|s| truthy(*s)))
    });
    security::of_method(make.because(written.origin), definition, (route.path, route.method), name, scopes);
}

/// The ARN of an event's route, as the permission of its function names it.
pub(super) fn source_arn<'a>(make: Make<'a>, route: &Route<'a>) -> Value<'a> {
    let path = if route.path == DEFAULT { String::new() } else { pattern(route.path, route.protocol) };
    let rest = if path == "/$default" && route.verb() == "*" { path } else { format!("/{}{path}", route.verb()) };
    let arn = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${__ApiId__}/${__Stage__}";
    make.sub_with(&format!("{arn}{rest}"), &[("__ApiId__", route.api_id), ("__Stage__", make.text("*"))])
}

/// Makes the API and everything that belongs to it.
pub(super) fn expand<'a>(x: &mut Expansion<'a>, api: &mut Api<'a>) {
    let make = x.cause(&api.resource, "this API", api.resource.key);
    let cors = api.field("CorsConfiguration").map(|c| read::parameters(x, c)).filter(|c| truthy(*c));
    let body = finish(make, api, cors);
    let location = api.field("DefinitionUri").filter(|_| body.is_none());
    let properties =
        make.some(&[("Body", body), ("BodyS3Location", location), ("FailOnWarnings", api.field("FailOnWarnings"))]);
    api.main(x, "AWS::ApiGatewayV2::Api", properties);
    let stage = stage(x, make, api);
    x.renamed.push(Renamed { from: x.id(&[api.resource.id, ".Stage"]), to: stage });
    authorizers::permissions(x, make, api);
    domain::of_http(x, make, api, stage);
}

fn finish<'a>(make: Make<'a>, api: &mut Api<'a>, cors: Option<Value<'a>>) -> Option<Value<'a>> {
    let Some(mut definition) = api.definition.take() else { return api.field("DefinitionBody") };
    if let Some(cors) = cors {
        cors::of_http(make, &mut definition, cors);
    }
    if let Some(auth) = api.auth.filter(|a| truthy(*a)) {
        authorize(make.because(auth.origin), &mut definition, auth);
    }
    if let Some(closed) = api.field("DisableExecuteApiEndpoint") {
        let make = make.because(closed.origin);
        let setting = make.map(&[("disableExecuteApiEndpoint", closed)]);
        let server = make.map(&[("x-amazon-apigateway-endpoint-configuration", setting)]);
        definition.root().set("servers", make.list(&[server]));
    }
    if let Some(name) = api.field("Name") {
        let title = [("version", make.text("1.0")), ("title", name)];
        if api.managed {
            definition.root().set("info", make.because(name.origin).map(&title));
        }
    }
    // API Gateway warns about a path without a slash: SAM gives it one where warnings fail.
    if api.flag("FailOnWarnings") {
        for paths in definition.root().get_mut("paths").map_or_else(Vec::new, Part::maps_mut) {
            if let Some(default) = paths.take(DEFAULT) {
                paths.put("/$default", make.origin, default);
            }
        }
    }
    Some(definition.close())
}

fn authorize<'a>(make: Make<'a>, definition: &mut Definition<'a>, auth: Value<'a>) {
    let entries = field(auth, "Authorizers").map(|a| a.entries()).unwrap_or_default();
    let known: Vec<_> = entries.iter().map(|e| (e.key, field(e.value, "AuthorizationScopes"))).collect();
    if field(auth, "EnableIamAuthorizer").is_some_and(|v| v.as_bool() == Some(true)) {
        security::iam_scheme(make, definition);
    }
    for entry in entries {
        security::scheme(entry.key_origin, definition, entry.key, authorizers::of_http(make, entry.value));
    }
    if let Some(default) = field(auth, "DefaultAuthorizer")
        && let Some(name) = default.as_text().filter(|n| !n.is_empty())
    {
        security::default_of_http(make.because(default.origin), definition, name, &known);
    }
    // The schemes stay beside those that the definition has already.
    if let Some(added) = definition.root().take("securityDefinitions") {
        let at = make.origin;
        for components in definition.root().make("components", at).maps_mut() {
            for schemes in components.make("securitySchemes", at).maps_mut() {
                for map in added.maps() {
                    for (key, origin, part) in &map.entries {
                        schemes.put(key, *origin, part.clone());
                    }
                }
            }
        }
    }
}

fn stage<'a>(x: &mut Expansion<'a>, make: Make<'a>, api: &mut Api<'a>) -> &'a str {
    let id = api.resource.id;
    let name = api.stage.unwrap_or_else(|| make.text(DEFAULT));
    let stage = match name.as_text() {
        Some(DEFAULT) => format!("{id}ApiGatewayDefaultStage"),
        Some(name) if !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric()) => format!("{id}{name}Stage"),
        Some(name) if !name.is_empty() => read::hashed(&format!("{id}Stage"), name),
        Some(_) | None => format!("{id}Stage"),
    };
    let stage = make.keep(&stage);
    let settings = routes(make, api);
    let tags = api.field("Tags").map(|t| t.entries()).unwrap_or_default();
    let mut tags: Vec<_> = tags.iter().filter(|t| t.key != MARK.0).copied().collect();
    // A body that is not in the template is not marked, and neither is its stage.
    let marked = api.field("DefinitionUri").is_none();
    tags.extend(marked.then(|| make.entry(MARK.0, make.text(MARK.1))));
    let properties = make.some(&[
        ("ApiId", Some(make.reference(id))),
        ("StageName", Some(name)),
        ("StageVariables", api.field("StageVariables")),
        ("AccessLogSettings", api.field("AccessLogSettings")),
        ("DefaultRouteSettings", api.field("DefaultRouteSettings")),
        ("RouteSettings", settings),
        ("Tags", Some(make.entries(&tags)).filter(|_| !tags.is_empty())),
        ("AutoDeploy", Some(make.bool(true))),
    ]);
    api.make(x, stage, "AWS::ApiGatewayV2::Stage", properties);
    stage
}

/// `RouteSettings` of the API and of its events.
fn routes<'a>(make: Make<'a>, api: &Api<'a>) -> Option<Value<'a>> {
    let written = api.field("RouteSettings");
    if api.settings.is_empty() {
        return written;
    }
    let own = written.map(|w| w.entries()).unwrap_or_default();
    let mut all = own.to_vec();
    for entry in &api.settings {
        let Some(old) = all.iter_mut().find(|o| o.key == entry.key) else {
            all.push(*entry);
            continue;
        };
        // What the event says wins, key by key.
        if let (Some(before), Some(after)) = (old.value.as_map(), entry.value.as_map()) {
            let mut both: Vec<_> = before.entries.iter().filter(|b| after.get(b.key).is_none()).copied().collect();
            both.extend_from_slice(after.entries);
            *old = Entry { value: make.because(entry.value.origin).entries(&both), ..*entry };
        } else {
            *old = *entry;
        }
    }
    Some(make.entries(&all))
}
