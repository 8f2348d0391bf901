//! Tags that the configuration demands.

use crate::resolve::{Known, Text, Truth};
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
        let missing: Vec<&str> =
            wanted.iter().filter(|key| tagged(cx, resource, property, key) == Truth::No).map(String::as_str).collect();
        let Some(under) = cx.under(resource).filter(|_| !missing.is_empty()) else { continue };
        let message = format!(
            "`{}` lacks the tag{} `{}`",
            resource.written_id,
            if missing.len() > 1 { "s" } else { "" },
            missing.join("`, `")
        );
        let help = format!("Add `{}` to `{property}`", missing.join("`, `"));
        out.report(Hit::resource(resource).under(&under).message(message).help(help));
    }
}

/// Whether a resource has a tag; lists of keys and values and plain maps are both in use.
fn tagged<'a>(cx: &Context<'_, 'a>, resource: &Resource<'a>, property: &str, key: &str) -> Truth {
    let mut truth = Truth::No;
    for case in cx.resolver.property(resource, &[property]) {
        truth = truth.or(match case.value {
            Known::Absent => Truth::No,
            Known::Unknown(_) => Truth::Maybe,
            Known::Present(value) => match value.kind {
                Kind::Map(map) => Truth::from(map.get(key).is_some()),
                Kind::List(_) => cx.resolver.items(&value, &case.under).iter().fold(Truth::No, |truth, item| {
                    let Some(item) = item.present() else { return truth.or(Truth::Maybe) };
                    let names = cx.resolver.get(&item, "Key", &case.under);
                    names.iter().fold(truth, |truth, name| match name.present() {
                        Some(name) => truth.or(Text::of(&name).is(key)),
                        None => truth.or(Truth::Maybe),
                    })
                }),
                Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => Truth::No,
                Kind::Intrinsic(_) | Kind::Unknown(_) => Truth::Maybe,
            },
        });
    }
    truth
}
