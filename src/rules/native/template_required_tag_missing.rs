//! Tags that the configuration demands.

use crate::resolve::{Case, Known, Text, Truth, Under};
use crate::rules::{Context, Hit, Rule, Sink};
use crate::template::{Kind, Resource};

pub(super) fn check<'a>(rule: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let wanted = cx.parameter_texts(rule, "keys");
    if wanted.is_empty() {
        return;
    }
    for resource in &cx.template.resources {
        let property = match resource.kind {
            "AWS::Cognito::UserPool" => "UserPoolTags",
            "AWS::EFS::FileSystem" => "FileSystemTags",
            kind if rule.head.resources.iter().any(|own| own == kind) => "Tags",
            _ => continue,
        };
        let lacks = wanted.iter().map(|key| (key.as_str(), lacking(cx, resource, property, key)));
        let missing: Vec<(&str, Under)> = lacks.filter_map(|(key, under)| Some((key, under?))).collect();
        let (Some(own), Some((_, first))) = (cx.under(resource), missing.first()) else { continue };
        // One that is missing in some cases only says so itself, unless all of them are.
        let under = if missing.iter().all(|(_, other)| other.is(first)) { first } else { &own };
        let name = |(key, here): &(&str, Under)| match here.describe().filter(|_| !here.is(under)) {
            Some(when) => format!("`{key}` when {when}"),
            None => format!("`{key}`"),
        };
        let named: Vec<String> = missing.iter().map(name).collect();
        let several = if missing.len() > 1 { "s" } else { "" };
        let message = format!("`{}` lacks the tag{several} {}", resource.written_id, named.join(", "));
        let keys: Vec<&str> = missing.iter().map(|(key, _)| *key).collect();
        let help = format!("Add `{}` to `{property}`", keys.join("`, `"));
        out.report(Hit::resource(resource).under(under).message(message).help(help));
    }
}

/// Where a resource certainly lacks a tag; lists of keys and values and plain maps are both in use.
fn lacking<'a>(cx: &Context<'_, 'a>, resource: &Resource<'a>, property: &str, key: &str) -> Option<Under> {
    let mut there: Vec<Under> = Vec::new();
    for case in cx.resolver.property(resource, &[property]) {
        let value = match case.value {
            Known::Absent => continue,
            Known::Unknown(_) => {
                there.push(case.under);
                continue;
            }
            Known::Present(value) => value,
        };
        match value.kind {
            Kind::Map(_) => {
                let values = cx.resolver.get(&value, key, &case.under).into_iter();
                there.extend(values.filter(|tag| !matches!(tag.value, Known::Absent)).map(|tag| tag.under));
            }
            Kind::List(_) => {
                for item in cx.resolver.items(&value, &case.under) {
                    let Some(tag) = item.present() else {
                        there.push(item.under);
                        continue;
                    };
                    let may_be = |name: &Case<'a>| name.present().is_none_or(|v| Text::of(&v).is(key) != Truth::No);
                    let names = cx.resolver.get(&tag, "Key", &item.under).into_iter();
                    there.extend(names.filter(may_be).map(|name| name.under));
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => {}
            Kind::Intrinsic(_) | Kind::Unknown(_) => there.push(case.under),
        }
    }
    cx.under(resource)?.beyond(&there)?.into_iter().next()
}
