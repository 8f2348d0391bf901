//! An API with authorizers, some of whose routes use none.

use super::apigateway_route_without_auth::open_by_nature;
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (kind, event_kind, key) in
        [("AWS::Serverless::Api", "Api", "RestApiId"), ("AWS::Serverless::HttpApi", "HttpApi", "ApiId")]
    {
        for api in cx.resources(kind) {
            let auth = |keys: &[&str]| api.properties.at(&["Auth"]).and_then(|v| v.at(keys)).filter(|v| !v.is_null());
            let (authorizers, named) = (auth(&["Authorizers"]), auth(&["DefaultAuthorizer"]));
            let name = named.and_then(|value| value.as_text());
            let known =
                |name: &str| authorizers.is_some_and(|all| all.as_map().is_none_or(|map| map.get(name).is_some()));
            let missing = name.filter(|name| !matches!(*name, "NONE" | "AWS_IAM") && !known(name));
            if let (Some(value), Some(name), Some(under)) = (named, missing, cx.under(api)) {
                let message = format!("`{}` asks `{name}` by default, and has no authorizer of that name", api.id);
                out.report(Hit::new(Spot::at(value)).of(api).under(&under).message(message));
                continue;
            }
            if authorizers.is_none() {
                continue;
            }
            let default = named.is_some() && name != Some("NONE");
            for function in cx.resources("AWS::Serverless::Function") {
                for (name, event) in events(function, event_kind) {
                    let of_this = event.at(&["Properties", key]).is_some_and(|v| {
                        cx.resolver.target(&v).is_some_and(|t| t.id == api.id) || v.as_text() == Some(api.id)
                    });
                    let authorizer = event.at(&["Properties", "Auth", "Authorizer"]);
                    let opts_out = authorizer.filter(|a| a.as_text() == Some("NONE"));
                    let own = event.at(&["Properties", "Auth"]).is_some_and(|a| {
                        ["Authorizer", "ResourcePolicy", "ApiKeyRequired"].iter().any(|k| a.get(k).is_some())
                    });
                    // Browsers ask before they call, without credentials.
                    let options = event
                        .at(&["Properties", "Method"])
                        .and_then(|v| v.as_text())
                        .is_some_and(|m| m.eq_ignore_ascii_case("options"));
                    let Some(under) = cx.under(function).filter(|_| of_this && !options) else { continue };
                    let (spot, message) = match opts_out {
                        Some(value) => {
                            (Spot::at(value), format!("event `{name}` opts out of the authorizers of `{}`", api.id))
                        }
                        None if !default && !own => {
                            let place = function
                                .properties
                                .at(&["Events"])
                                .and_then(|v| v.get(name))
                                .map_or(function.key, |e| e.key_origin);
                            (
                                Spot::missing(place),
                                format!(
                                    "event `{name}` names no authorizer, and `{}` has no `DefaultAuthorizer`",
                                    api.id
                                ),
                            )
                        }
                        None => continue,
                    };
                    // The route is the API's, which SAM puts where the event says its path.
                    let route = event.at(&["Properties", "Path"]).map(|path| path.origin);
                    let hit = Hit::new(Spot { item: route, ..spot }).of(api).under(&under).message(message);
                    // Where every other route is asked, somebody has thought of this one, and of reading more likely than of changing.
                    let text = |key: &str| event.at(&["Properties", key]).and_then(|v| v.as_text()).unwrap_or_default();
                    let (verb, path) = (text("Method").to_ascii_uppercase(), text("Path"));
                    let harmless = verb == "GET" || open_by_nature(&format!("{verb} {path}"));
                    let hit = match default {
                        true if harmless => hit.severity(Severity::Low),
                        true => hit.severity(Severity::Medium),
                        false => hit,
                    };
                    out.report(hit.related(api.key, "the API and its authorizers"));
                }
            }
        }
    }
}

fn events<'a>(function: &Resource<'a>, kind: &str) -> Vec<(&'a str, Value<'a>)> {
    let map = function.properties.at(&["Events"]).map(|v| v.entries()).unwrap_or_default();
    let entries = map;
    entries
        .iter()
        .filter(|e| e.value.at(&["Type"]).and_then(|t| t.as_text()) == Some(kind))
        .map(|e| (e.key, e.value))
        .collect()
}
