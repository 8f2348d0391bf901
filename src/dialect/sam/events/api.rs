//! Which API may invoke a function for a route; the routes themselves belong to the APIs.

use super::super::expansion::{Expansion, given};
use super::Event;
use crate::template::{Intrinsic, Kind, Map, Value};

/// The kind of an API event as a word that outlives the template.
pub(super) fn kind(kind: &str) -> &'static str {
    if kind == "HttpApi" { "HttpApi" } else { "Api" }
}

/// Lets the API of an event invoke the function on the event's route, whatever the stage.
pub(super) fn permit<'a>(expansion: &mut Expansion<'a>, event: &Event<'a>, kind: &str) {
    let make = event.make(expansion, "this permission");
    let (api, suffix) = if kind == "HttpApi" {
        (event.get("ApiId").unwrap_or_else(|| make.reference("ServerlessHttpApi")), String::new())
    } else {
        let api = event.get("RestApiId");
        (api.unwrap_or_else(|| make.reference("ServerlessRestApi")), stage(expansion, api))
    };
    let path = event.get("Path").and_then(|p| p.as_text());
    let method = event.get("Method").and_then(|m| m.as_text()).unwrap_or("any");
    let method = if method.eq_ignore_ascii_case("any") || method == "x-amazon-apigateway-any-method" {
        "*".to_owned()
    } else {
        method.to_uppercase()
    };
    let http = kind == "HttpApi";
    let route = match path {
        // Without a path it is the route of last resort.
        None | Some("$default") if http => "*/*".to_owned(),
        Some("/$default") if http => "*/$default".to_owned(),
        Some(_) if http && id(api).is_some_and(|id| event.last_resort.binary_search(&id).is_ok()) => return,
        Some(path) => format!("*/{method}{}", open(path)),
        None => format!("*/{method}/*"),
    };
    let arn = format!("arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{__ApiId__}}/{route}");
    let source = make.sub_with(&arn, &[("__ApiId__", api)]);
    event.permit(expansion, &suffix, "apigateway.amazonaws.com", &[("SourceArn", source)]);
}

/// What the permission's id ends in: the stage's name.
fn stage<'a>(expansion: &Expansion<'a>, api: Option<Value<'a>>) -> String {
    let Some(api) = api else { return "Prod".to_owned() };
    let api = id(api).and_then(|id| expansion.written(id)).filter(|r| r.kind == "AWS::Serverless::Api");
    let name = api.and_then(|r| given(r.properties, "StageName")).and_then(|s| s.as_text());
    match name {
        // SAM puts a digest where the name has other characters.
        Some(name) if name.chars().all(|c| c.is_ascii_alphanumeric()) => name.to_owned(),
        Some(name) => name.chars().filter(char::is_ascii_alphanumeric).collect(),
        None => "Stage".to_owned(),
    }
}

/// The HTTP APIs of which some event is the route of last resort: its permission covers the other routes.
pub(super) fn last_resorts<'a>(events: Map<'a>) -> Vec<&'a str> {
    let http = events.entries.iter().filter(|e| e.value.get("Type").and_then(|t| t.value.as_text()) == Some("HttpApi"));
    let mut apis: Vec<_> = http
        .filter_map(|e| {
            let properties = e.value.get("Properties").map(|p| p.value);
            let path = properties.and_then(|p| given(p, "Path")).and_then(|p| p.as_text());
            let api = properties.and_then(|p| given(p, "ApiId"));
            matches!(path, None | Some("$default" | "/$default")).then(|| api.map_or(Some("ServerlessHttpApi"), id))?
        })
        .collect();
    apis.sort_unstable();
    apis.dedup();
    apis
}

/// The logical id that a value refers to; the bare name of a resource is as good as a reference to it.
fn id<'a>(api: Value<'a>) -> Option<&'a str> {
    match api.kind {
        Kind::Intrinsic(Intrinsic::Ref(id)) => Some(id),
        Kind::Text(id) => Some(id),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Map(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => None,
    }
}

/// A path as IAM reads it: what stands in braces is anything.
fn open(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, tail)) = after.split_once('}') else { break };
        out.push_str(before);
        out.push('*');
        rest = tail;
    }
    out.push_str(rest);
    if out.len() > 1 && out.ends_with('/') {
        out.pop();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::open;

    /// Path parameters are wildcards to IAM.
    #[test]
    fn paths() {
        assert_eq!(open("/users/{id}/posts/{rest+}"), "/users/*/posts/*");
        assert_eq!(open("/plain/"), "/plain");
        assert_eq!(open("/"), "/");
    }
}
