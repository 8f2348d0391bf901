//! Who may call a method: authorizers, API keys, and the marks that say "nobody asks here".

use super::super::make::Make;
use super::definition::Definition;
use super::tree::Open;
use crate::template::{Kind, Origin, Value};

/// The name of an API key in definitions.
const KEY: &str = "api_key";
/// SAM's mark for a method that needs no key although the API asks for one.
const NO_KEY: &str = "api_key_false";
/// The name of the built-in authorizer.
pub(super) const IAM: &str = "AWS_IAM";
/// The name of no authorizer.
pub(super) const NONE: &str = "NONE";

/// The authorizers of an API: each with its scopes.
pub(super) type Authorizers<'a> = [(&'a str, Option<Value<'a>>)];

/// Gives the method that an event adds its authorizer and key.
pub(super) fn of_method<'a>(
    make: Make<'a>,
    definition: &mut Definition<'a>,
    place: (&str, &str),
    name: Option<&'a str>,
    scopes: Option<Value<'a>>,
) {
    for method in definition.method_mut(place.0, place.1) {
        let Some(name) = name else {
            method
                .set("security", Value::new(Kind::Unknown("the authorizer is chosen at the deployment"), make.origin));
            continue;
        };
        let mut all = required(method);
        all.push(one(make, name, scopes));
        write(method, make, &all);
    }
}

/// Says whether the method that an event adds needs a key.
pub(super) fn key_of_method<'a>(make: Make<'a>, definition: &mut Definition<'a>, place: (&str, &str), needed: bool) {
    for method in definition.method_mut(place.0, place.1) {
        let mut all = required(method);
        all.push(one(make, if needed { KEY } else { NO_KEY }, None));
        write(method, make, &all);
    }
    if needed {
        key_scheme(make, definition);
    }
}

/// Gives every method of a REST API that names none the default authorizer.
pub(super) fn default_of_rest<'a>(
    make: Make<'a>,
    definition: &mut Definition<'a>,
    name: &'a str,
    known: &Authorizers<'a>,
    preflight: bool,
) {
    let is_authorizer = |r: &Value<'a>| names(r).any(|n| n == IAM || known.iter().any(|(k, _)| *k == n));
    let scopes = known.iter().find(|(k, _)| *k == name).and_then(|(_, scopes)| *scopes);
    let mut uses_iam = false;
    for (verb, method) in definition.methods_mut() {
        if verb == "options" && !preflight {
            continue;
        }
        let (mut own, mut rest): (Vec<_>, Vec<_>) = required(method).into_iter().partition(|r| is_authorizer(r));
        if let Some(at) = rest.iter().position(|r| names(r).any(|n| n == NONE)) {
            rest.remove(at);
            own.clear();
        } else if own.is_empty() {
            own.push(one(make, name, scopes));
        }
        rest.append(&mut own);
        uses_iam |= rest.first().is_some_and(|r| names(r).any(|n| n == IAM));
        // A method that only said "none" keeps saying it: that is how SAM leaves it open.
        if !rest.is_empty() {
            write(method, make, &rest);
        }
    }
    if uses_iam {
        iam_scheme(make, definition);
    }
}

/// Gives every method of an HTTP API that names none the default authorizer; browsers' questions stay free.
pub(super) fn default_of_http<'a>(
    make: Make<'a>,
    definition: &mut Definition<'a>,
    name: &'a str,
    known: &Authorizers<'a>,
) {
    let scopes = known.iter().find(|(k, _)| *k == name).and_then(|(_, scopes)| *scopes);
    for (verb, method) in definition.methods_mut() {
        if verb != "options" && required(method).is_empty() {
            write(method, make, &[one(make, name, scopes)]);
        }
    }
}

/// Makes every method of a REST API need a key, unless its event said no.
pub(super) fn default_key<'a>(make: Make<'a>, definition: &mut Definition<'a>, preflight: bool) {
    key_scheme(make, definition);
    for (verb, method) in definition.methods_mut() {
        let keyed = |r: &Value<'a>| names(r).any(|n| n == KEY || n == NO_KEY);
        let before = required(method);
        let (keys, mut rest): (Vec<_>, Vec<_>) = before.iter().copied().partition(keyed);
        let refused = keys.iter().any(|r| names(r).any(|n| n == NO_KEY));
        if !refused && (verb != "options" || preflight) {
            rest.push(one(make, KEY, None));
        }
        if rest.len() != before.len() || !rest.is_empty() {
            write(method, make, &rest);
        }
    }
}

/// Adds the built-in authorizer to the definition's schemes.
pub(super) fn iam_scheme<'a>(make: Make<'a>, definition: &mut Definition<'a>) {
    let scheme = make.map(&[
        ("x-amazon-apigateway-authtype", make.text("awsSigv4")),
        ("type", make.text("apiKey")),
        ("name", make.text("Authorization")),
        ("in", make.text("header")),
    ]);
    scheme_unless_there(make.origin, definition, IAM, scheme);
}

fn key_scheme<'a>(make: Make<'a>, definition: &mut Definition<'a>) {
    let scheme =
        make.map(&[("type", make.text("apiKey")), ("name", make.text("x-api-key")), ("in", make.text("header"))]);
    scheme_unless_there(make.origin, definition, KEY, scheme);
}

/// Adds a scheme to a REST API's definition, where it stays until the definition is finished.
pub(super) fn scheme<'a>(at: Origin<'a>, definition: &mut Definition<'a>, name: &'a str, value: Value<'a>) {
    for schemes in definition.root().make("securityDefinitions", at).maps_mut() {
        schemes.put(name, at, super::tree::Part::Leaf(value));
    }
}

fn scheme_unless_there<'a>(at: Origin<'a>, definition: &mut Definition<'a>, name: &'a str, value: Value<'a>) {
    for schemes in definition.root().make("securityDefinitions", at).maps_mut() {
        if schemes.get(name).is_none() {
            schemes.put(name, at, super::tree::Part::Leaf(value));
        }
    }
}

/// What a method requires, in the order in which it says so.
fn required<'a>(method: &Open<'a>) -> Vec<Value<'a>> {
    method.get("security").and_then(|p| p.leaf()).map_or_else(Vec::new, |v| v.items())
}

fn write<'a>(method: &mut Open<'a>, make: Make<'a>, all: &[Value<'a>]) {
    method.set("security", make.list(all));
}

/// One requirement.
fn one<'a>(make: Make<'a>, name: &'a str, scopes: Option<Value<'a>>) -> Value<'a> {
    make.map(&[(name, scopes.unwrap_or_else(|| make.list(&[])))])
}

/// The names that a requirement mentions.
fn names<'a>(requirement: &Value<'a>) -> impl Iterator<Item = &'a str> + use<'a> {
    requirement.entries().iter().map(|e| e.key)
}
