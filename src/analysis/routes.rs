//! The routes of a template's APIs, and what asks their callers who they are.
//!
//! A route is a resource (`AWS::ApiGateway::Method`, `AWS::ApiGatewayV2::Route`), or an operation of an
//! OpenAPI definition in an API's `Body`, which is where SAM puts its events.

use super::document;
use super::functions::Facts;
use super::policy::{Asked, denials as denials_of, spared};
use crate::resolve::{Case, Known, Resolver, Text, Truth, Under};
use crate::rulebook::{Narrowing, Who};
use crate::template::{Origin, Resource, Template, Value};
use std::cell::OnceCell;

/// What asks the callers of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// Nothing does.
    Open,
    /// An API key, which names nobody.
    Key,
    /// IAM, or an authorizer.
    Asked,
    /// It cannot be told.
    Unknown,
}

/// A route under an assumption.
#[derive(Debug, Clone)]
pub struct Route<'a> {
    /// The resource that has it.
    pub resource: Resource<'a>,
    /// Its API, when that is of this template.
    pub api: Option<Resource<'a>>,
    /// What a definition says of the operation, when the route is one.
    pub operation: Option<Value<'a>>,
    /// `GET /orders`, when both are known.
    pub name: Option<String>,
    /// What asks its callers.
    pub guard: Guard,
    /// What says so, or the route where nothing does.
    pub place: Origin<'a>,
    /// The assumption.
    pub under: Under,
}

/// The keys of a path that are operations; browsers' preliminary question, `options`, carries no login.
const VERBS: &[&str] = &["get", "put", "post", "delete", "head", "patch", "trace", "x-amazon-apigateway-any-method"];

/// Every route of a template, browsers' preliminary questions left out.
#[must_use]
pub fn routes<'s, 'a>(facts: &Facts<'s, '_, 'a>) -> &'s [Route<'a>] {
    facts.kept.routes.get_or_init(|| of_template(facts.template, facts.resolver))
}

fn of_template<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>) -> Vec<Route<'a>> {
    let mut all = Vec::new();
    for resource in &template.resources {
        let Some(under) = resolver.under_of(resource) else { continue };
        match resource.kind {
            "AWS::ApiGateway::Method" => method(resolver, resource, &under, &mut all),
            "AWS::ApiGatewayV2::Route" => route(resolver, resource, &under, &mut all),
            "AWS::ApiGateway::RestApi" => operations(resolver, resource, &under, &mut all),
            "AWS::ApiGatewayV2::Api" => {
                operations(resolver, resource, &under, &mut all);
                quick(template, resolver, resource, &mut all);
            }
            _ => {}
        }
    }
    all
}

/// Whether an API is out of the public's reach in every case: private, with a policy that does not let everybody in, or behind
/// domains that ask for a client's certificate, and nothing else.
/// Thousands of routes may ask of one.
#[must_use]
pub fn fenced<'a>(facts: &Facts<'_, '_, 'a>, api: &Resource<'a>) -> bool {
    let found = || is_fenced(facts.resolver, api) || asks_certificates(facts, api);
    facts.graph.position(api.id).map_or_else(found, |at| facts.kept.fenced.answer(at, found))
}

fn is_fenced<'a>(resolver: &Resolver<'_, 'a>, api: &Resource<'a>) -> bool {
    let private = |case: &Case<'a>| {
        let Some(list) = case.present() else { return matches!(case.value, Known::Unknown(_)) };
        let types = resolver.items(&list, &case.under);
        !types.is_empty() && types.iter().all(|i| i.present().is_none_or(|v| Text::of(&v).is("PRIVATE") != Truth::No))
    };
    let always = |path: &[&str], holds: &dyn Fn(&Case<'a>) -> bool| resolver.property(api, path).iter().all(holds);
    always(&["EndpointConfiguration", "Types"], &private)
        || always(&["Policy"], &|case| selects(resolver, case))
        || resolver.property(api, &["Body"]).iter().all(|case| {
            let Some(definition) = case.present() else { return matches!(case.value, Known::Unknown(_)) };
            let definition = document::parsed(resolver, &definition).unwrap_or(definition);
            let policies = resolver.get(&definition, "x-amazon-apigateway-policy", &case.under);
            policies.iter().all(|case| selects(resolver, case))
        })
}

/// Whether all doors of an API that are seen are domains with mutual TLS: API Gateway ends what shows no certificate that the
/// truststore knows before any route is asked for.
fn asks_certificates<'a>(facts: &Facts<'_, '_, 'a>, api: &Resource<'a>) -> bool {
    let resolver = facts.resolver;
    const ENDPOINTS: [&str; 2] = ["x-amazon-apigateway-endpoint-configuration", "disableExecuteApiEndpoint"];
    let closed = [&["DisableExecuteApiEndpoint"][..], &["Body", ENDPOINTS[0], ENDPOINTS[1]]];
    // An HTTP API says it of its servers.
    let servers = || {
        let lists = resolver.property(api, &["Body", "servers"]);
        let servers: Vec<_> =
            lists.iter().filter_map(|c| Some(resolver.items(&c.present()?, &c.under))).flatten().collect();
        let is_closed = |server: &Case<'a>| {
            let says = server.present().and_then(|server| server.at(&ENDPOINTS));
            says.is_some_and(|value| Text::of(&value).is("true").yes())
        };
        !servers.is_empty() && servers.iter().all(is_closed)
    };
    if !closed.iter().any(|path| resolver.is(api, path, "true").yes()) && !servers() {
        return false;
    }
    let mappings = facts.template.resources.iter().filter_map(|resource| match resource.kind {
        "AWS::ApiGateway::BasePathMapping" | "AWS::ApiGateway::BasePathMappingV2" => {
            Some((resource, "RestApiId", ["DomainName", "DomainNameArn"]))
        }
        "AWS::ApiGatewayV2::ApiMapping" => Some((resource, "ApiId", ["DomainName", "DomainNameArn"])),
        _ => None,
    });
    let mut of_this = mappings
        .filter(|(mapping, id, _)| api_of(resolver, mapping, id).is_some_and(|other| other.id == api.id))
        .map(|(mapping, _, domain)| domain.iter().find_map(|property| api_of(resolver, mapping, property)))
        .peekable();
    let asks = |domain: Option<Resource<'a>>| {
        let trusts = |domain: &Resource<'a>| {
            let stores = resolver.property(domain, &["MutualTlsAuthentication", "TruststoreUri"]);
            stores.iter().all(|case| !matches!(case.value, Known::Absent))
        };
        domain.is_some_and(|domain| domain.kind.ends_with("::DomainName") && trusts(&domain))
    };
    of_this.peek().is_some() && of_this.all(asks)
}

/// Whether a policy of an API selects who may come. An empty text, which the Serverless Framework writes, is none, and one
/// that allows everybody without a condition and denies nobody might as well not be there.
fn selects<'a>(resolver: &Resolver<'_, 'a>, case: &Case<'a>) -> bool {
    let policy = match case.value {
        Known::Absent => return false,
        Known::Unknown(_) => return true,
        Known::Present(value) => document::parsed(resolver, &value).unwrap_or(value),
    };
    if Text::of(&policy).known().is_some_and(|text| text.trim().is_empty()) {
        return false;
    }
    let Some(statements) = policy.get("Statement") else { return true };
    let statements = resolver.items(&statements.value, &case.under);
    let known = statements.iter().filter_map(|s| Some(Asked { resolver, value: s.present()?, under: s.under.clone() }));
    let known: Vec<Asked<'_, '_, 'a>> = known.collect();
    // A denial that does not keep strangers out, such as that of plain HTTP, leaves them what is allowed.
    let asked = || known.iter().map(|s| Asked { resolver, value: s.value, under: s.under.clone() });
    let denials = OnceCell::new();
    let denied = |allowed: &Asked<'_, '_, 'a>| {
        spared(denials.get_or_init(|| denials_of(asked(), Narrowing::Any)), allowed) != Truth::No
    };
    let everybody = |asked: &Asked<'_, '_, 'a>| {
        let anyone = asked.principal(Who::Anyone, &[]).iter().any(|answer| answer.truth.yes());
        anyone && asked.effect("Allow").yes() && asked.narrowed(Narrowing::Any) == Truth::No && !denied(asked)
    };
    known.len() < statements.len() || !known.iter().any(everybody)
}

fn method<'a>(resolver: &Resolver<'_, 'a>, resource: &Resource<'a>, under: &Under, all: &mut Vec<Route<'a>>) {
    let api = api_of(resolver, resource, "RestApiId");
    for case in resolver.at(&resource.properties, &["HttpMethod"], under) {
        let verb = match case.value {
            Known::Absent => None,
            Known::Present(value) if Text::of(&value).is("OPTIONS") == Truth::No => Text::of(&value).known(),
            Known::Present(_) | Known::Unknown(_) => continue,
        };
        let name = verb.zip(path(resolver, resource)).map(|(verb, path)| format!("{verb} {path}"));
        asked(resolver, resource, &case.under, |guard, place, under| {
            all.push(Route { resource: *resource, api, operation: None, name: name.clone(), guard, place, under });
        });
    }
}

/// The path of a method: the parts of its resource and of those above, `…` for what another stack has above them.
fn path<'a>(resolver: &Resolver<'_, 'a>, method: &Resource<'a>) -> Option<String> {
    let only = |resource: &Resource<'a>, key: &str| resource.property(key).and_then(|e| resolver.target(&e.value));
    let mut at = only(method, "ResourceId");
    let mut parts = Vec::new();
    // API Gateway allows far fewer; a circle would be endless.
    while let Some(part) = at.filter(|at| at.kind == "AWS::ApiGateway::Resource" && parts.len() < 64) {
        parts.push(part.property("PathPart")?.value.as_text()?);
        at = only(part, "ParentId");
    }
    parts.reverse();
    Some(format!("{}/{}", if at.is_none() { "…" } else { "" }, parts.join("/")))
}

fn route<'a>(resolver: &Resolver<'_, 'a>, resource: &Resource<'a>, under: &Under, all: &mut Vec<Route<'a>>) {
    let api = api_of(resolver, resource, "ApiId");
    let http = api.is_some_and(|api| resolver.is(&api, &["ProtocolType"], "HTTP").yes());
    for case in resolver.at(&resource.properties, &["RouteKey"], under) {
        let Some(text) = case.present().map(|value| Text::of(&value)) else { continue };
        let key = text.known().map(std::borrow::Cow::into_owned);
        let asks = match key.as_deref() {
            Some("$connect") => true,
            Some("$default") => http,
            // Of the routes of a WebSocket API only the one that connects can ask. A path that is put together is a path.
            Some(_) | None => text.contains(" ").yes() && text.starts_with("OPTIONS ") == Truth::No,
        };
        if asks {
            asked(resolver, resource, &case.under, |guard, place, under| {
                all.push(Route { resource: *resource, api, operation: None, name: key.clone(), guard, place, under });
            });
        }
    }
}

/// What `AuthorizationType` and `ApiKeyRequired` say, in every case.
fn asked<'a>(
    resolver: &Resolver<'_, 'a>,
    resource: &Resource<'a>,
    under: &Under,
    mut each: impl FnMut(Guard, Origin<'a>, Under),
) {
    for case in resolver.at(&resource.properties, &["AuthorizationType"], under) {
        let (open, place) = match case.value {
            Known::Absent if resource.property("AuthorizationType").is_none() => (Truth::Yes, resource.key),
            Known::Absent => (Truth::Yes, case.place),
            Known::Present(value) => (Text::of(&value).is("NONE"), case.place),
            Known::Unknown(_) => (Truth::Maybe, case.place),
        };
        let keys = resolver.at(&resource.properties, &["ApiKeyRequired"], &case.under);
        let guard = |keyed: bool| match open {
            Truth::Yes if keyed => Guard::Key,
            Truth::Yes => Guard::Open,
            Truth::No => Guard::Asked,
            Truth::Maybe => Guard::Unknown,
        };
        let keyed = |key: &Case<'a>| key.present().is_some_and(|v| v.as_bool() != Some(false));
        match keys.as_slice() {
            several @ [_, _, ..] if open == Truth::Yes => {
                several.iter().for_each(|key| each(guard(keyed(key)), place, key.under.clone()));
            }
            few => each(guard(few.iter().any(keyed)), place, case.under),
        }
    }
}

/// An HTTP API that was made in one step has one route, which asks nobody unless its overrides say otherwise.
fn quick<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>, api: &Resource<'a>, all: &mut Vec<Route<'a>>) {
    if api.property("Target").is_none() {
        return;
    }
    let overrides = template.resources.iter().filter(|r| r.kind == "AWS::ApiGatewayV2::ApiGatewayManagedOverrides");
    let mut overrides = overrides.filter(|r| api_of(resolver, r, "ApiId").is_some_and(|of| of.id == api.id));
    let guard = overrides.next().map_or(Guard::Open, |overrides| {
        let open = resolver.property(overrides, &["Route", "AuthorizationType"]);
        let mut open = open.iter().map(|case| match case.value {
            Known::Absent => Truth::Yes,
            Known::Present(value) => Text::of(&value).is("NONE"),
            Known::Unknown(_) => Truth::Maybe,
        });
        let first = open.next().unwrap_or(Truth::Maybe);
        match if open.all(|other| other == first) { first } else { Truth::Maybe } {
            Truth::Yes => Guard::Open,
            Truth::No => Guard::Asked,
            Truth::Maybe => Guard::Unknown,
        }
    });
    for case in resolver.property(api, &["Target"]) {
        if let Known::Present(_) = case.value {
            let name = api.properties.at(&["RouteKey"]).and_then(|v| v.as_text()).unwrap_or("$default");
            let route = Route {
                resource: *api,
                api: Some(*api),
                operation: None,
                name: Some(name.to_owned()),
                guard,
                place: case.place,
                under: case.under,
            };
            all.push(route);
        }
    }
}

/// The operations of an API's own definition.
fn operations<'a>(resolver: &Resolver<'_, 'a>, api: &Resource<'a>, under: &Under, all: &mut Vec<Route<'a>>) {
    for body in resolver.at(&api.properties, &["Body"], under) {
        let Some(definition) = body.present() else { continue };
        let definition = document::parsed(resolver, &definition).unwrap_or(definition);
        for paths in resolver.get(&definition, "paths", &body.under) {
            for path in paths.present().map(|p| p.entries()).unwrap_or_default() {
                for item in resolver.cases(&path.value, &paths.under) {
                    for operation in item.present().map(|i| i.entries()).unwrap_or_default() {
                        let verb = operation.key.to_ascii_lowercase();
                        if !VERBS.contains(&verb.as_str()) {
                            continue;
                        }
                        for case in resolver.cases(&operation.value, &item.under) {
                            let Some(value) = case.present() else { continue };
                            let shown =
                                if verb.starts_with('x') { "ANY".to_owned() } else { verb.to_ascii_uppercase() };
                            for (guard, under) in securities(resolver, api, &definition, &value, &case.under) {
                                all.push(Route {
                                    resource: *api,
                                    api: Some(*api),
                                    operation: Some(value),
                                    name: Some(format!("{shown} {}", path.key)),
                                    guard,
                                    place: operation.key_origin,
                                    under,
                                });
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What the definition of an API says of one operation, in every case: its own `security`, else, of an HTTP API, that of the whole.
fn securities<'a>(
    resolver: &Resolver<'_, 'a>,
    api: &Resource<'a>,
    definition: &Value<'a>,
    operation: &Value<'a>,
    under: &Under,
) -> Vec<(Guard, Under)> {
    if operation.at(&["x-amazon-apigateway-auth", "type"]).and_then(|v| v.as_text()).is_some_and(|t| t != "NONE") {
        return vec![(Guard::Asked, under.clone())];
    }
    if operation.as_map().is_none() || definition.as_map().is_none() {
        return vec![(Guard::Unknown, under.clone())];
    }
    let mut all = Vec::new();
    for own in resolver.get(operation, "security", under) {
        if !matches!(own.value, Known::Absent) {
            all.push((security(resolver, definition, &own), own.under));
            continue;
        }
        // Of a REST API's definition API Gateway reads what the operations ask for, and not what the whole does:
        // <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html>
        if api.kind == "AWS::ApiGateway::RestApi" {
            all.push((Guard::Open, own.under));
            continue;
        }
        for whole in resolver.get(definition, "security", &own.under) {
            let guard = match whole.value {
                Known::Absent => Guard::Open,
                Known::Present(_) | Known::Unknown(_) => security(resolver, definition, &whole),
            };
            all.push((guard, whole.under));
        }
    }
    all
}

/// What one list of requirements asks for.
fn security<'a>(resolver: &Resolver<'_, 'a>, definition: &Value<'a>, list: &Case<'a>) -> Guard {
    let Some(value) = list.present() else { return Guard::Unknown };
    let mut guard = Guard::Open;
    for item in resolver.items(&value, &list.under) {
        let Some(requirement) = item.present().and_then(|v| v.as_map()) else { return Guard::Unknown };
        for entry in requirement.entries {
            match scheme(definition, entry.key) {
                Guard::Asked => return Guard::Asked,
                Guard::Unknown => return Guard::Unknown,
                Guard::Key => guard = Guard::Key,
                Guard::Open => {}
            }
        }
    }
    guard
}

/// What a security scheme asks for.
fn scheme(definition: &Value<'_>, name: &str) -> Guard {
    match name {
        "NONE" | "api_key_false" => return Guard::Open,
        "AWS_IAM" => return Guard::Asked,
        _ => {}
    }
    let kept = [&["securityDefinitions", name][..], &["components", "securitySchemes", name][..]];
    let Some(scheme) = kept.iter().find_map(|keys| definition.at(keys)) else { return Guard::Unknown };
    let extended =
        ["x-amazon-apigateway-authorizer", "x-amazon-apigateway-authtype"].iter().any(|k| scheme.get(k).is_some());
    match scheme.at(&["type"]).and_then(|v| v.as_text()) {
        _ if extended => Guard::Asked,
        Some("apiKey") => Guard::Key,
        // Schemes that API Gateway does not know are notes for the reader; what is meant cannot be told.
        Some(_) | None => Guard::Unknown,
    }
}

fn api_of<'a>(resolver: &Resolver<'_, 'a>, resource: &Resource<'a>, property: &str) -> Option<Resource<'a>> {
    resolver.property(resource, &[property]).iter().find_map(Case::present).and_then(|v| resolver.target(&v).copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::asking::with_facts;

    /// The routes of a template: name, guard, and whether the API is fenced.
    fn found(text: &str) -> Vec<(String, Guard, bool)> {
        with_facts(text, |facts| {
            let all = routes(facts).iter();
            all.map(|r| (r.name.clone().unwrap_or_default(), r.guard, r.api.is_some_and(|a| fenced(facts, &a))))
                .collect()
        })
    }

    /// A definition's operations have their own security; `{}` and `NONE` ask nobody.
    #[test]
    fn operations_of_a_definition() {
        let body = "Resources:\n  Api:\n    Type: AWS::ApiGateway::RestApi\n    Properties:\n      Body:\n        paths:\n          /a:\n            parameters: []\n            get: {security: [{key: []}]}\n            put: {security: [{NONE: []}]}\n            post: {security: []}\n            delete: {security: [{key: [], users: []}]}\n            patch: {security: [{elsewhere: []}]}\n            options: {}\n        securityDefinitions:\n          key: {type: apiKey, name: x-api-key, in: header}\n          users: {type: apiKey, x-amazon-apigateway-authtype: custom}\n";
        let guards: Vec<_> = found(body).into_iter().map(|(name, guard, _)| (name, guard)).collect();
        let wanted = [
            ("GET /a", Guard::Key),
            ("PUT /a", Guard::Open),
            ("POST /a", Guard::Open),
            ("DELETE /a", Guard::Asked),
            ("PATCH /a", Guard::Unknown),
        ];
        assert_eq!(guards, wanted.map(|(name, guard)| (name.to_owned(), guard)));
    }

    /// Of a REST API, API Gateway passes over what the whole asks for.
    #[test]
    fn security_of_the_whole() {
        let guards = |kind: &str, version: &str| {
            let body = format!(
                "Resources:\n  Api:\n    Type: {kind}\n    Properties:\n      Body:\n        {version}\n        security: [{{users: []}}]\n        paths:\n          /a:\n            get: {{}}\n            put: {{security: [{{users: []}}]}}\n        securityDefinitions: &s {{users: {{type: apiKey, x-amazon-apigateway-authtype: custom}}}}\n        components: {{securitySchemes: *s}}\n"
            );
            found(&body).into_iter().map(|(_, guard, _)| guard).collect::<Vec<_>>()
        };
        assert_eq!(guards("AWS::ApiGateway::RestApi", "swagger: '2.0'"), [Guard::Open, Guard::Asked]);
        assert_eq!(guards("AWS::ApiGateway::RestApi", "openapi: 3.0.1"), [Guard::Open, Guard::Asked]);
        assert_eq!(guards("AWS::ApiGatewayV2::Api", "openapi: 3.0.1"), [Guard::Asked, Guard::Asked]);
    }

    /// The route of an API that was made in one step asks nobody, unless its overrides say otherwise.
    #[test]
    fn an_api_in_one_step() {
        let api = "Resources:\n  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: a, ProtocolType: HTTP, Target: !GetAtt F.Arn}}\n";
        let overrides = |route: &str| {
            format!(
                "{api}  Other:\n    Type: AWS::ApiGatewayV2::ApiGatewayManagedOverrides\n    Properties: {{ApiId: !Ref Api, Route: {{{route}}}}}\n"
            )
        };
        let guard = |text: &str| found(text)[0].1;
        assert_eq!(guard(api), Guard::Open);
        assert_eq!(guard(&overrides("AuthorizationType: AWS_IAM")), Guard::Asked);
        assert_eq!(guard(&overrides("AuthorizationType: NONE")), Guard::Open);
        assert_eq!(guard(&overrides("OperationName: all")), Guard::Open);
        assert_eq!(guard(&overrides("AuthorizationType: !Ref P")), Guard::Unknown);
    }

    /// A definition may be a text of JSON.
    #[test]
    fn operations_of_a_text() {
        let body = "Resources:\n  Api:\n    Type: AWS::ApiGateway::RestApi\n    Properties:\n      Body: '{\"openapi\": \"3.0.1\", \"paths\": {\"/a\": {\"get\": {}}}}'\n";
        assert_eq!(found(body), [("GET /a".to_owned(), Guard::Open, false)]);
    }

    /// A method's path is put together from its resources, and a circle of those ends.
    #[test]
    fn path_of_a_method() {
        let method = |parent: &str| {
            format!(
                "Resources:\n  Api: {{Type: AWS::ApiGateway::RestApi, Properties: {{EndpointConfiguration: {{Types: [PRIVATE]}}}}}}\n  Up: {{Type: AWS::ApiGateway::Resource, Properties: {{ParentId: {parent}, PathPart: shop}}}}\n  Own: {{Type: AWS::ApiGateway::Resource, Properties: {{ParentId: !Ref Up, PathPart: '{{id}}'}}}}\n  M: {{Type: AWS::ApiGateway::Method, Properties: {{HttpMethod: GET, RestApiId: !Ref Api, ResourceId: !Ref Own, AuthorizationType: NONE}}}}\n"
            )
        };
        assert_eq!(found(&method("!GetAtt Api.RootResourceId")), [("GET /shop/{id}".to_owned(), Guard::Open, true)]);
        assert_eq!(found(&method("!Ref Own")).len(), 1);
    }

    /// Only a policy that selects who may come keeps anybody out, and only when it is there in every case.
    #[test]
    fn policies_that_select() {
        let fence = |api: &str| {
            let text = format!(
                "Parameters:\n  Kind: {{Type: String, AllowedValues: [EDGE, PRIVATE]}}\n  Any: {{Type: String}}\nConditions:\n  C: !Equals [!Ref Kind, EDGE]\nResources:\n  Api: {{Type: AWS::ApiGateway::RestApi, Properties: {{{api}}}}}\n  M: {{Type: AWS::ApiGateway::Method, Properties: {{HttpMethod: GET, RestApiId: !Ref Api, AuthorizationType: NONE}}}}\n"
            );
            found(&text).iter().all(|(.., fenced)| *fenced)
        };
        let allow = "{Effect: Allow, Principal: '*', Action: 'execute-api:Invoke', Resource: '*'}";
        let deny = allow
            .replace("Allow", "Deny")
            .replace("Resource: '*'", "Resource: '*', Condition: {StringNotEquals: {'aws:SourceVpce': vpce-1}}");
        assert!(!fence("Name: a") && !fence("Policy: ''") && !fence("Policy: !Ref AWS::NoValue"));
        assert!(!fence(&format!("Policy: {{Statement: [{allow}]}}")));
        assert!(!fence(&format!("Policy: {{Statement: {}}}", allow.replace("'*', Action", "{AWS: ['*']}, Action"))));
        assert!(fence(&format!("Policy: {{Statement: [{deny}, {allow}]}}")));
        assert!(fence(&format!(
            "Policy: {{Statement: [{}]}}",
            allow.replace("'*', Action", "{AWS: '111122223333'}, Action")
        )));
        assert!(fence(&format!(
            "Policy: {{Statement: [{}]}}",
            allow.replace("'*'}", "'*', Condition: {IpAddress: {'aws:SourceIp': 192.0.2.0/24}}}")
        )));
        let open = |condition: &str| allow.replace("'*'}", &format!("'*', Condition: {{{condition}}}}}"));
        assert!(!fence(&format!("Policy: {{Statement: [{}]}}", open("IpAddress: {'aws:SourceIp': 0.0.0.0/0}"))));
        let plain = open("Bool: {'aws:SecureTransport': 'false'}").replace("Allow", "Deny");
        assert!(!fence(&format!("Policy: {{Statement: [{plain}, {allow}]}}")));
        assert!(fence("Policy: !Ref Any"));
        assert!(!fence(&format!("Policy: !If [C, {{Statement: [{deny}, {allow}]}}, !Ref AWS::NoValue]")));
        assert!(
            fence("EndpointConfiguration: {Types: [PRIVATE]}") && fence("EndpointConfiguration: {Types: [!Ref Any]}")
        );
        assert!(!fence("EndpointConfiguration: {Types: [!Ref Kind]}"));
        assert!(fence(&format!("Body: {{paths: {{}}, x-amazon-apigateway-policy: {{Statement: [{deny}, {allow}]}}}}")));
    }
}
