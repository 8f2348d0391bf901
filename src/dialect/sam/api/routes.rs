//! The API events of functions and state machines: which route of which API calls what.

use super::super::expansion::ApiEvent;
use super::super::make::Make;
use super::super::read::field;
use crate::template::{Intrinsic, Kind, Origin, Value};

/// The implicit REST API's logical id.
pub(in super::super) const REST: &str = "ServerlessRestApi";
/// The implicit HTTP API's logical id.
pub(in super::super) const HTTP: &str = "ServerlessHttpApi";
/// API Gateway's name for "all methods".
pub(super) const ANY: &str = "x-amazon-apigateway-any-method";
/// The route of an HTTP API that takes what no other does.
pub(super) const DEFAULT: &str = "$default";

/// Which kind of event a route was written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Protocol {
    /// `Api`.
    Rest,
    /// `HttpApi`.
    Http,
}

/// An API event, read.
#[derive(Clone, Copy)]
pub(super) struct Route<'a> {
    /// `Api` or `HttpApi`.
    pub protocol: Protocol,
    /// The event and whose it is.
    pub event: ApiEvent<'a>,
    /// The API's logical id; `None` when it cannot be told.
    pub api: Option<&'a str>,
    /// The API's id as written, or a reference to the implicit API.
    pub api_id: Value<'a>,
    /// True for an event that names no API.
    pub implicit: bool,
    /// The path as written.
    pub path: &'a str,
    /// The method, lower-case, as definitions spell it.
    pub method: &'a str,
}

impl<'a> Route<'a> {
    /// Reads an event; `None` when it has no route.
    pub(super) fn read(make: Make<'a>, event: &ApiEvent<'a>) -> Option<Self> {
        let (protocol, key, implicit) = match event.kind {
            "Api" => (Protocol::Rest, "RestApiId", REST),
            "HttpApi" => (Protocol::Http, "ApiId", HTTP),
            _ => return None,
        };
        let written = field(event.properties, key);
        let api_id = written.unwrap_or_else(|| make.at(event.origin).reference(implicit));
        let api = match api_id.kind {
            Kind::Intrinsic(Intrinsic::Ref(id)) => Some(*id),
            Kind::Text(id) => Some(id),
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Intrinsic(_)
            | Kind::Unknown(_) => None,
        };
        let text = |key: &str| field(event.properties, key).and_then(|v| v.as_text()).unwrap_or("");
        let (path, method) = match (text("Path"), text("Method")) {
            ("", "") if protocol == Protocol::Http => (DEFAULT, ANY),
            ("", method) if protocol == Protocol::Http || method.is_empty() => return None,
            (_, "") => return None,
            ("", _) if field(event.properties, "Path").is_none() => return None,
            (path, method) => {
                let method = method.to_ascii_lowercase();
                (path, if method == "any" { ANY } else { make.build.str(&method) })
            }
        };
        Some(Self { protocol, event: *event, api, api_id, implicit: written.is_none(), path, method })
    }

    /// A property of the event.
    pub(super) fn field(&self, key: &str) -> Option<Value<'a>> {
        field(self.event.properties, key)
    }

    /// The place of the route: the path where it was written, else the event.
    pub(super) fn place(&self) -> Origin<'a> {
        self.field("Path").map_or(self.event.origin, |p| p.origin)
    }

    /// The method as an ARN spells it.
    pub(super) fn verb(&self) -> String {
        if self.method == ANY { "*".to_owned() } else { self.method.to_ascii_uppercase() }
    }
}

/// The path as an ARN spells it: without a slash at the end and with stars for parameters.
pub(super) fn pattern(path: &str, protocol: Protocol) -> String {
    let path = match path.strip_suffix('/') {
        Some(rest) if !rest.is_empty() => rest,
        _ => path,
    };
    starred(path, protocol)
}

/// The path with a star for each parameter. Of the greedy ones SAM knows only `{proxy+}` in an HTTP API: the permission
/// for any other names a path that nobody can ask for.
pub(super) fn starred(path: &str, protocol: Protocol) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        let (before, from) = rest.split_at(open);
        out.push_str(before);
        let name =
            |n: &str| !n.is_empty() && n.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        let inside = from.find('}').and_then(|close| Some((from.get(1..close)?, from.get(close + 1..)?)));
        let known = |parameter: &str| match (parameter.strip_suffix('+'), protocol) {
            (None, Protocol::Rest | Protocol::Http) => name(parameter),
            (Some(greedy), Protocol::Rest) => name(greedy),
            (Some(greedy), Protocol::Http) => greedy == "proxy",
        };
        match inside {
            Some((parameter, after)) if known(parameter) => {
                out.push('*');
                rest = after;
            }
            _ => {
                out.push('{');
                rest = from.get(1..).unwrap_or("");
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parameters of a path become stars, and a slash at the end goes.
    #[test]
    fn paths_in_arns() {
        for protocol in [Protocol::Rest, Protocol::Http] {
            assert_eq!(pattern("/", protocol), "/");
            assert_eq!(pattern("/a/{id}/b/", protocol), "/a/*/b");
            assert_eq!(pattern("/{proxy+}", protocol), "/*");
            assert_eq!(pattern("/{a b}/{", protocol), "/{a b}/{");
            assert_eq!(pattern("$default", protocol), "$default");
        }
        assert_eq!(pattern("/a/{rest+}", Protocol::Rest), "/a/*");
        assert_eq!(pattern("/a/{rest+}", Protocol::Http), "/a/{rest+}");
    }
}
