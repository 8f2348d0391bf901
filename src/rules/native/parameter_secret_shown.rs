//! A parameter for a secret that CloudFormation shows.

use crate::analysis::knowledge::secrets;
use crate::analysis::secrets::secret_name;
use crate::analysis::walk;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Intrinsic, Kind, Parameter, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for parameter in &cx.template.parameters {
        if secret(cx, parameter) && !parameter.no_echo && !elsewhere(cx, parameter.name) {
            let message = format!("parameter `{}` takes a secret and shows it", parameter.name);
            let spot = Spot { origin: parameter.key, value: None, item: Some(parameter.key) };
            out.report(Hit::new(spot).message(message).label("shown in the console and by `DescribeStacks`"));
        }
    }
}

/// Whether a parameter is for a secret itself, rather than for its name in Parameter Store.
pub(super) fn secret(cx: &Context<'_, '_>, parameter: &Parameter<'_>) -> bool {
    let may_be = matches!(parameter.kind, "String" | "CommaDelimitedList") && !flag(parameter);
    let told = may_be && secret_name(bare(cx, parameter)) && !names(cx, parameter);
    told && !half(cx, parameter) && !public_key(parameter)
}

/// Whether a key that goes with a secret of its own: `AppKey` beside `AppSecret` says who asks, and the secret proves it.
fn half(cx: &Context<'_, '_>, parameter: &Parameter<'_>) -> bool {
    let stem = parameter
        .name
        .strip_suffix("Key")
        .filter(|stem| ["App", "Api", "Consumer", "Client"].iter().any(|whose| stem.ends_with(whose)));
    let proves = |stem: &str| {
        cx.template.parameters.iter().any(|p| p.name.strip_prefix(stem).is_some_and(|rest| rest.starts_with("Secret")))
    };
    stem.is_some_and(proves)
}

/// Whether its description or its pattern says that it takes public keys: `AdditionalSSHKeys`, for those who may log in.
fn public_key(parameter: &Parameter<'_>) -> bool {
    let name = parameter.name.to_ascii_lowercase();
    if !name.contains("key") || ["private", "secret", "password", "token"].iter().any(|word| name.contains(word)) {
        return false;
    }
    let said = |key| parameter.body.get(key).and_then(|entry| entry.value.as_text()).map(str::to_ascii_lowercase);
    // A key for SSH alone: beside another one, such as what signs tokens, the public key may be mentioned only.
    let described =
        said("Description").filter(|text| name.contains("ssh") && !text.contains("private")).is_some_and(|text| {
            ["public key", "public ssh key", "public part", "authorized_keys"].iter().any(|words| text.contains(words))
        });
    // What a public key of OpenSSH begins with.
    described || said("AllowedPattern").is_some_and(|text| text.trim_start_matches(['^', '(']).starts_with("ssh-"))
}

/// Whether a parameter names something: by what its default is, or because it only stands where names do.
pub(super) fn names(cx: &Context<'_, '_>, parameter: &Parameter<'_>) -> bool {
    let default = parameter.default.and_then(|default| default.as_text()).map_or("", str::trim);
    default.starts_with('/')
        || default.starts_with("arn:")
        || constants(default)
        || cx.naming().contains(parameter.name)
}

/// Whether a list of variables' names: `DB_PASSWORD, API_TOKEN`.
fn constants(text: &str) -> bool {
    let constant = |item: &str| {
        let item = item.trim();
        item.contains('_') && item.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    text.contains(',') && text.split(',').all(constant)
}

/// The name without the word that all parameters of the template end in: `DbPasswordParameter` beside `StageParameter` is
/// a password, alone it may be the name of one in Parameter Store.
fn bare<'a>(cx: &Context<'_, '_>, parameter: &Parameter<'a>) -> &'a str {
    let all = &cx.template.parameters;
    let ending = ["Parameter", "Param"].into_iter().find(|end| parameter.name.ends_with(end));
    let shared = ending.filter(|end| all.len() > 2 && all.iter().all(|p| p.name.ends_with(end)));
    shared.and_then(|end| parameter.name.strip_suffix(end)).unwrap_or(parameter.name)
}

/// Whether a choice between words: `UsePassword: [yes, no]`, `HttpTokens: [optional, required]`.
fn flag(parameter: &Parameter<'_>) -> bool {
    let several = parameter.allowed.len() > 1;
    let plain = |text: &str| several && text.bytes().all(|b| b.is_ascii_alphabetic() || b"-_ ".contains(&b));
    let default = parameter.default.and_then(|default| default.as_text());
    let switched = default.is_some_and(|text| matches!(text, "optional" | "required" | "true" | "false"));
    let choice = |v: &Value<'_>| v.as_text().is_some_and(|t| t.len() < 8 || plain(t));
    switched || !parameter.allowed.is_empty() && parameter.allowed.iter().all(choice)
}

/// Whether it goes into a property that is made for a secret: the rules about those say it there.
pub(super) fn elsewhere(cx: &Context<'_, '_>, name: &str) -> bool {
    cx.template.resources.iter().any(|resource| {
        secrets::paths(resource.kind).any(|path| {
            let keys: Vec<&str> = path.split('.').map(|key| key.trim_end_matches("[]")).collect();
            read_at(&resource.properties, &keys, name)
        })
    })
}

/// Whether a parameter is read behind a chain of keys, through lists and choices.
fn read_at(value: &Value<'_>, keys: &[&str], name: &str) -> bool {
    let Some((key, rest)) = keys.split_first() else {
        let mut found = false;
        walk::reads(value, &mut |read, _| found |= read == walk::Read::Ref(name));
        return found;
    };
    match value.kind {
        Kind::List(items) => items.iter().any(|item| read_at(item, keys, name)),
        Kind::Map(map) if *key == "*" => map.entries.iter().any(|entry| read_at(&entry.value, rest, name)),
        Kind::Map(map) => map.get(key).is_some_and(|entry| read_at(&entry.value, rest, name)),
        Kind::Intrinsic(Intrinsic::If(_, yes, no)) => [yes, no].into_iter().any(|branch| read_at(branch, keys, name)),
        // What is computed may be any of it.
        Kind::Intrinsic(_) => read_at(value, &[], name),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => false,
    }
}
