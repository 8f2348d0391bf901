//! Parameters of documents that are put into command lines as they come.

use super::{Context, Rule, Sink};
use crate::analysis::document::parsed;
use crate::analysis::walk::at_path_in;
use crate::resolve::{Resolver, Text, Under};
use crate::rules::{Hit, Spot};
use crate::template::{Intrinsic, Kind, Resource, Value};

/// Where the command lines of a document stand.
const COMMANDS: &[&str] = &[
    "mainSteps[].inputs.runCommand[]",
    // An automation runs another document, such as AWS-RunShellScript, with these.
    "mainSteps[].inputs.Parameters.commands[]",
    "runtimeConfig.*.properties[].runCommand[]",
    "properties.linux.commands",
    "properties.macos.commands",
    "properties.windows.commands",
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for document in cx.resources("AWS::SSM::Document") {
        for content in cx.resolver.property(document, &["Content"]) {
            let Some(value) = content.present() else { continue };
            // Written as JSON, the content is a text.
            let value = parsed(cx.resolver, &value).unwrap_or(value);
            inside(cx, document, &value, &content.under, out);
        }
    }
}

fn inside<'a>(cx: &Context<'_, 'a>, document: &Resource<'a>, content: &Value<'a>, under: &Under, out: &mut Sink<'a>) {
    for parameters in cx.resolver.get(content, "parameters", under) {
        let entries = parameters.present().map(|all| all.entries()).unwrap_or_default();
        let open = entries.iter().filter(|entry| takes_anything(cx.resolver, &entry.value, &parameters.under));
        let open: Vec<&str> = open.map(|entry| entry.key).collect();
        if open.is_empty() {
            continue;
        }
        for line in COMMANDS.iter().flat_map(|path| at_path_in(cx.resolver, content, parameters.under.clone(), path)) {
            let Some(value) = line.present() else { continue };
            let text = written(&value);
            let Some(name) = open.iter().find(|name| is_put_in(&text, name)) else { continue };
            let spot = Spot { origin: line.place, value: Some(value), item: None };
            let message = format!("whoever starts the document adds commands of his own by its parameter `{name}`");
            out.report(Hit::new(spot).of(document).under(&line.under).message(message));
        }
    }
}

/// Whether a parameter certainly is a text that nothing limits.
fn takes_anything<'a>(resolver: &Resolver<'_, 'a>, parameter: &Value<'a>, under: &Under) -> bool {
    let absent = |key: &str| resolver.get(parameter, key, under).iter().all(|case| case.is_nothing());
    // A pattern that every text fits is none.
    let everything = |value: &Value<'a>| {
        Text::of(value).known().is_some_and(|pattern| {
            let bare = pattern.trim_matches(['^', '$', '(', ')']);
            matches!(bare, ".*" | ".+" | ".{0,}" | ".{1,}" | "[\\s\\S]*" | "[\\s\\S]+")
        })
    };
    let patterns = resolver.get(parameter, "allowedPattern", under);
    let unlimited =
        patterns.iter().all(|case| case.is_nothing() || case.present().is_some_and(|value| everything(&value)));
    let kinds = resolver.get(parameter, "type", under);
    let text = |value: &Value<'a>| Text::of(value).is("String").or(Text::of(value).is("StringList")).yes();
    kinds.iter().all(|kind| kind.present().is_some_and(|kind| text(&kind)))
        && unlimited
        && ["allowedValues", "interpolationType"].into_iter().all(absent)
}

/// The line as it is written, without what CloudFormation fills in: `{{ name }}` is no blank of a template engine here.
fn written(line: &Value<'_>) -> String {
    match line.kind {
        Kind::Intrinsic(Intrinsic::Join(_, pieces)) => {
            pieces.as_list().unwrap_or(&[]).iter().map(|piece| piece.as_text().unwrap_or("*")).collect()
        }
        _ => line.as_text().unwrap_or("").to_owned(),
    }
}

/// Whether `{{ name }}` stands in a text that says more: a document that runs whatever it is given is made for that.
fn is_put_in(text: &str, name: &str) -> bool {
    let inside = |piece: &str| piece.split_once("}}").is_some_and(|(inside, _)| inside.trim() == name);
    let alone =
        text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).is_some_and(|rest| rest.trim() == name);
    !alone && text.split("{{").skip(1).any(inside)
}
