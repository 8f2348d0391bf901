//! Plugins that change the configuration itself before anything is packaged.

use super::dotenv::Line;
use super::variables_intrinsic::rebuilt;
use crate::template::{Build, Entry, Intrinsic, Kind, Map, Origin, Value};

/// True when the service lists a plugin; the list may stand under `modules`.
pub(super) fn listed(root: Value<'_>, plugin: &str) -> bool {
    let Some(plugins) = root.get("plugins").map(|e| e.value) else { return false };
    let modules = plugins.get("modules").map_or(plugins, |e| e.value);
    modules.as_list().is_some_and(|names| names.iter().any(|name| name.as_text() == Some(plugin)))
}

/// The plugin that replaces `#{AWS::Region}`.
pub(super) const PSEUDO_PARAMETERS: &str = "serverless-pseudo-parameters";

/// The plugin that puts all of `.env` into the functions' environment.
pub(super) const DOTENV: &str = "serverless-dotenv-plugin";

/// `#{AWS::Region}` and `#{Table.Arn}`, which one plugin turns into `Fn::Sub`.
pub(super) fn pseudo_parameters<'a>(build: Build<'a>, value: Value<'a>) -> Value<'a> {
    let marked = |text: &str| text.contains("#{");
    let told = |origin| build.derived(origin, "serverless-pseudo-parameters makes it Fn::Sub", None);
    match value.kind {
        Kind::Text(text) if marked(text) => build.sub(&text.replace("#{", "${"), told(value.origin)),
        Kind::List(items) => build.list(items.iter().map(|item| pseudo_parameters(build, *item)), value.origin),
        Kind::Map(map) => {
            let entries = map.entries.iter().map(|e| Entry { value: pseudo_parameters(build, e.value), ..*e });
            build.entries(entries, value.origin)
        }
        Kind::Intrinsic(Intrinsic::Sub { template, variables, .. }) if marked(template) => {
            build.sub_with(&template.replace("#{", "${"), *variables, told(value.origin))
        }
        Kind::Intrinsic(intrinsic) => {
            match rebuilt(build, intrinsic, &mut Some, &mut |argument| pseudo_parameters(build, argument)) {
                Some(new) => build.intrinsic(new, value.origin),
                None => value,
            }
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => value,
    }
}

/// The provider's environment with the variables of `.env` in it, which win over what is written.
pub(super) fn with_dotenv<'a>(build: Build<'a>, root: Value<'a>, lines: &[Line<'a>]) -> Value<'a> {
    let options = root.at(&["custom", "dotenv"]);
    let named = |key: &str| options.and_then(|o| o.get(key)).map(|e| e.value.items());
    let names = |list: &[Value<'a>], name: &str| list.iter().any(|item| item.as_text() == Some(name));
    let (include, exclude) = (named("include"), named("exclude"));
    let Some(provider) = root.get("provider").map(|e| e.value).filter(|p| p.as_map().is_some()) else { return root };
    let mut entries: Vec<Entry<'a>> =
        provider.at(&["environment"]).and_then(|e| e.as_map()).map_or_else(Vec::new, |m| m.entries.to_vec());
    for line in lines {
        let kept = include.as_ref().is_none_or(|list| names(list, line.name));
        if !kept || exclude.as_ref().is_some_and(|list| names(list, line.name)) {
            continue;
        }
        let origin = build.derived(
            Origin::written(line.span),
            "serverless-dotenv-plugin puts it into every function's environment",
            None,
        );
        let value = match line.value {
            Some(text) => Value::new(Kind::Text(text), origin),
            None => build.unknown("it holds variables of the environment it is read in", origin),
        };
        entries.retain(|e| e.key != line.name);
        entries.push(Entry { key: line.name, key_origin: origin, value });
    }
    let environment = build.entries(entries, provider.origin);
    put(build, root, "provider", put(build, provider, "environment", environment))
}

/// A map with one entry replaced or added.
fn put<'a>(build: Build<'a>, map: Value<'a>, key: &'a str, value: Value<'a>) -> Value<'a> {
    let old = map.as_map().unwrap_or(Map::EMPTY);
    let mut entries: Vec<Entry<'a>> = old.entries.iter().filter(|e| e.key != key).copied().collect();
    let key_origin = old.get(key).map_or(value.origin, |e| e.key_origin);
    entries.push(Entry { key, key_origin, value });
    build.entries(entries, map.origin)
}
