//! The `OPTIONS` methods that answer browsers of other origins.

use super::super::make::{Make, told};
use super::super::read;
use super::super::service::{Cause, Service};
use super::super::stack::{Draft, Stack};
use super::paths::{self, Tree};
use super::{Foreign, Http, api_id};
use crate::template::{Kind, Origin, Value};

const HEADERS: [&str; 7] = [
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
];

/// What all routes of one path allow together.
#[derive(Default)]
struct Allowed<'a> {
    origin: Option<&'a str>,
    origins: Vec<&'a str>,
    /// Where the latest route says which origins.
    said: Option<Origin<'a>>,
    headers: Vec<&'a str>,
    methods: Vec<String>,
    credentials: bool,
    max_age: Option<Value<'a>>,
    cache: Option<Value<'a>>,
}

/// Makes one `OPTIONS` method for every path on which a route allows other origins, and tells their ids.
pub(super) fn preflight<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    events: &[Http<'_, 'a>],
    tree: &Tree<'a>,
) -> Vec<&'a str> {
    let mut done: Vec<&'a str> = Vec::new();
    for http in events {
        let Some(first) = read::given(http.event.value, "cors").filter(|_| !done.contains(&http.path)) else {
            continue;
        };
        done.push(http.path);
        let mut allowed = Allowed::default();
        for other in events.iter().filter(|o| o.path == http.path) {
            if let Some(cors) = read::given(other.event.value, "cors") {
                add(&mut allowed, cors, &other.method.to_uppercase());
            }
        }
        let cause = http.function.cause_at(service.build, "CORS method", first.origin, http.event.guard);
        stack.add(options(service, cause, http.path, tree, &allowed));
    }
    done.into_iter().map(|path| id(service, path)).collect()
}

fn id<'a>(service: &Service<'a>, path: &'a str) -> &'a str {
    told(service.build, format_args!("ApiGatewayMethod{}Options", paths::name(service, path)))
}

/// The same for the routes that a plugin adds.
pub(super) fn foreign<'a>(service: &Service<'a>, stack: &mut Stack<'a>, routes: &[Foreign<'a>], tree: &Tree<'a>) {
    let mut done: Vec<&str> = Vec::new();
    for route in routes {
        if read::given(route.setting, "cors").is_none() || done.contains(&route.path) {
            continue;
        }
        done.push(route.path);
        let mut allowed = Allowed::default();
        for other in routes.iter().filter(|r| r.path == route.path) {
            if let Some(cors) = read::given(other.setting, "cors") {
                add(&mut allowed, cors, &other.method.to_uppercase());
            }
        }
        // The plugins list the origins where the framework compares them.
        let all = allowed.origins.join(",");
        if !all.is_empty() {
            allowed.origin = Some(service.build.str(&all));
            allowed.origins.clear();
        }
        stack.add(options(service, route.cause, route.path, tree, &allowed));
    }
}

fn options<'a>(
    service: &Service<'a>,
    cause: Cause<'a>,
    path: &'a str,
    tree: &Tree<'a>,
    allowed: &Allowed<'a>,
) -> Draft<'a> {
    let make = service.make(cause.origin);
    let quoted = |text: &str| make.written(format_args!("'{text}'"));
    let origin = allowed.origins.first().copied().or(allowed.origin).unwrap_or("undefined");
    let methods = allowed.methods.join(",");
    let methods = if allowed.methods.iter().any(|m| m == "ANY") {
        methods.replacen("ANY", "DELETE,GET,HEAD,PATCH,POST,PUT", 1)
    } else {
        methods
    };
    let said = make.at(allowed.said.unwrap_or(make.origin));
    let mut headers = vec![
        ("Access-Control-Allow-Origin", said.written(format_args!("'{origin}'"))),
        ("Access-Control-Allow-Headers", quoted(&allowed.headers.join(","))),
        ("Access-Control-Allow-Methods", quoted(&methods)),
    ];
    if allowed.credentials {
        headers.push(("Access-Control-Allow-Credentials", make.text("'true'")));
    }
    let more = [("Access-Control-Max-Age", allowed.max_age), ("Cache-Control", allowed.cache)];
    headers.extend(more.iter().filter_map(|(name, value)| Some((*name, quoted(value.as_ref()?.as_text()?)))));
    let prefixed: Vec<_> =
        headers.iter().map(|(n, v)| (told(make.build, format_args!("method.response.header.{n}")), *v)).collect();
    let present: Vec<_> = prefixed.iter().map(|(n, _)| (*n, make.bool(true))).collect();
    let template = if allowed.origins.is_empty() { make.text("") } else { said.made(&comparison(&allowed.origins)) };
    let response = make.map(&[
        ("StatusCode", make.text("200")),
        ("ResponseParameters", make.map(&prefixed)),
        ("ResponseTemplates", make.map(&[("application/json", template)])),
    ]);
    let integration = make.map(&[
        ("Type", make.text("MOCK")),
        ("RequestTemplates", make.map(&[("application/json", make.text("{statusCode:200}"))])),
        ("ContentHandling", make.text("CONVERT_TO_TEXT")),
        ("IntegrationResponses", make.list(&[response])),
    ]);
    let method = make.map(&[
        ("StatusCode", make.text("200")),
        ("ResponseParameters", make.map(&present)),
        ("ResponseModels", make.map(&[])),
    ]);
    Draft::new(id(service, path), "AWS::ApiGateway::Method", cause)
        .set("AuthorizationType", make.text("NONE"))
        .set("HttpMethod", make.text("OPTIONS"))
        .set("MethodResponses", make.list(&[method]))
        .set("RequestParameters", make.map(&[]))
        .set("Integration", integration)
        .set("ResourceId", tree.resource(path))
        .set("RestApiId", api_id(service, make))
}

/// The template that answers with the caller's origin where that is one of the list: a dot is a dot, and the first star of each
/// is anything.
fn comparison(origins: &[&str]) -> String {
    let one = |origin: &&str| format!("$origin.matches(\"{}\")", origin.replace('.', "[.]").replacen('*', ".+", 1));
    let all: Vec<String> = origins.iter().map(one).collect();
    format!(
        "#set($origin = $input.params(\"Origin\"))\n#if($origin == \"\") #set($origin = $input.params(\"origin\")) #end\n#if({}) \
         #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin) #end",
        all.join(" || ")
    )
}

/// The headers that an integration which is no proxy answers with: the origins that are allowed.
pub(super) fn headers<'a>(make: Make<'a>, http: &Http<'_, 'a>) -> Option<Value<'a>> {
    let cors = read::given(http.event.value, "cors")?;
    let make = make.at(cors.origin);
    let mut allowed = Allowed::default();
    add(&mut allowed, cors, &http.method.to_uppercase());
    let origin = if allowed.origins.is_empty() {
        allowed.origin.unwrap_or("undefined").to_owned()
    } else {
        allowed.origins.join(",")
    };
    let said = make.at(allowed.said.unwrap_or(make.origin));
    let mut out =
        vec![("method.response.header.Access-Control-Allow-Origin", said.written(format_args!("'{origin}'")))];
    if allowed.credentials {
        out.push(("method.response.header.Access-Control-Allow-Credentials", make.text("true")));
    }
    Some(make.map(&out))
}

fn add<'a>(allowed: &mut Allowed<'a>, cors: Value<'a>, method: &str) {
    let map = matches!(read::settle(cors).kind, Kind::Map(_));
    let texts = |key: &str| -> Option<Vec<&'a str>> {
        Some(read::items(read::get(cors, key)?).iter().filter_map(Value::as_text).collect())
    };
    let headers = if map { texts("headers") } else { None }.unwrap_or_else(|| HEADERS.to_vec());
    put(&mut allowed.headers, headers);
    let written = if map { texts("methods") } else { None };
    // The latest route stands first, as the framework has it.
    let mut methods: Vec<String> = written.unwrap_or_else(|| vec!["OPTIONS"]).iter().map(|m| (*m).to_owned()).collect();
    for wanted in ["OPTIONS", method] {
        if !methods.iter().any(|m| m == wanted) {
            methods.push(wanted.to_owned());
        }
    }
    for old in allowed.methods.drain(..) {
        if !methods.contains(&old) {
            methods.push(old);
        }
    }
    allowed.methods = methods;
    let written = ["origins", "origin"].iter().filter(|_| map).find_map(|key| read::given(cors, key));
    allowed.said = written.map(|value| value.origin).or(allowed.said);
    if !map {
        allowed.origin = Some("*");
        return;
    }
    let origins = texts("origins");
    let own = read::text(cors, "origin");
    allowed.origin = own.or(if origins.is_some() { None } else { Some("*") });
    put(&mut allowed.origins, origins.unwrap_or_default());
    if let Some(list) = own.filter(|o| o.contains(',')) {
        allowed.origins = list.split(',').map(str::trim).collect();
    }
    allowed.credentials |= read::flag(cors, "allowCredentials");
    allowed.max_age = read::given(cors, "maxAge").or(allowed.max_age);
    allowed.cache = read::given(cors, "cacheControl").or(allowed.cache);
}

/// Those of the latest route stand first.
fn put<'a>(all: &mut Vec<&'a str>, more: Vec<&'a str>) {
    let mut union: Vec<&'a str> = Vec::with_capacity(all.len() + more.len());
    for one in more.into_iter().chain(all.drain(..)) {
        if !union.contains(&one) {
            union.push(one);
        }
    }
    *all = union;
}
