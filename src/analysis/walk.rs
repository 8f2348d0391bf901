//! Every text of a template, with the name it goes by and the place it stands in.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::rc::Rc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use foldhash::HashSet;

use super::secrets::{Credential, formats_in, promising, takes_secret};
use crate::resolve::{Case, Resolver, Under, reference_in};
use crate::template::{External, Intrinsic, Kind, Map, Origin, Output, Parameter, Resource, Template, Value};

/// Values that were met, by where they lie in memory.
type Addresses = HashSet<usize>;

/// Where in a template a text stands.
#[derive(Clone, Copy, Debug)]
pub enum Part<'t, 'a> {
    /// The template's own `Metadata`, or its description.
    Metadata,
    /// The default or an allowed value of a parameter.
    Parameter(&'t Parameter<'a>),
    /// A value of `Mappings`.
    Mapping,
    /// A property of a resource, or what the user declares in their own language.
    Property(&'t Resource<'a>),
    /// Beside the properties of a resource: its `Metadata`, and what else was written.
    Attribute(&'t Resource<'a>),
    /// An output.
    Output(&'t Output<'a>),
}

impl<'t, 'a> Part<'t, 'a> {
    /// The resource, when it is one of a resource.
    #[must_use]
    pub const fn resource(&self) -> Option<&'t Resource<'a>> {
        match self {
            Self::Property(resource) | Self::Attribute(resource) => Some(resource),
            Self::Metadata | Self::Parameter(_) | Self::Mapping | Self::Output(_) => None,
        }
    }
}

/// A text of a template.
#[derive(Clone, Debug)]
pub struct Found<'t, 'a> {
    /// The part of the template it stands in.
    pub part: Part<'t, 'a>,
    /// The name it goes by: its key, or the `Name` beside a `Value`. A list's items go by the list's.
    pub name: Option<&'a str>,
    /// The key it stands behind; mostly the name.
    pub key: Option<&'a str>,
    /// The text; decoded when it was written as Base64.
    pub text: Cow<'a, str>,
    /// Whether it is all of the value, rather than a literal piece of one with holes.
    pub whole: bool,
    /// Its place.
    pub origin: Origin<'a>,
    /// The resource's outermost property it stands in.
    pub top: Option<&'a str>,
    /// The command that it is an argument of, as far as it is written before it: `mysql -u root`.
    pub command: Option<Rc<str>>,
}

/// Every text of a template. What several places share is visited once, at the first.
#[must_use]
pub fn texts<'t, 'a>(template: &'t Template<'a>) -> Vec<Found<'t, 'a>> {
    let mut walk = Walk { template, found: Vec::new(), seen: Addresses::default(), left: MOST };
    let start = |part| Spot { part, name: None, key: None, top: None, whole: true, depth: 0 };
    if let Some(description) = &template.description {
        walk.value(description, Spot { name: Some("Description"), key: Some("Description"), ..start(Part::Metadata) });
    }
    if let Some(metadata) = &template.metadata {
        walk.value(metadata, start(Part::Metadata));
    }
    for parameter in &template.parameters {
        for key in ["Description", "ConstraintDescription"] {
            let said = parameter.body.get(key);
            let spot = Spot { name: Some(key), key: Some(key), ..start(Part::Parameter(parameter)) };
            said.into_iter().for_each(|entry| walk.value(&entry.value, spot));
        }
        let spot = Spot { name: Some(parameter.name), key: Some("Default"), ..start(Part::Parameter(parameter)) };
        parameter.default.iter().chain(parameter.allowed).for_each(|value| walk.value(value, spot));
    }
    for mapping in &template.mappings {
        walk.value(&mapping.value, start(Part::Mapping));
    }
    // What is deployed comes before what it is made of, so that a text belongs to the resource or output that has it.
    let body = |walk: &mut Walk<'t, 'a>, resource: &'t Resource<'a>| {
        walk.value(&resource.properties, start(Part::Property(resource)));
        walk.map(resource.attributes, start(Part::Attribute(resource)));
    };
    template.resources.iter().for_each(|resource| body(&mut walk, resource));
    for output in &template.outputs {
        walk.value(&output.body, start(Part::Output(output)));
    }
    template.declared.iter().for_each(|resource| body(&mut walk, resource));
    walk.found
}

/// The cases of a dotted path under a resource's properties; `[]` steps into a list, `*` into a map.
#[must_use]
pub fn at_path<'a>(resolver: &Resolver<'_, 'a>, resource: &Resource<'a>, path: &str) -> Vec<Case<'a>> {
    resolver.under_of(resource).map_or_else(Vec::new, |under| at_path_in(resolver, &resource.properties, under, path))
}

/// The same from any value on.
pub fn at_path_in<'a>(resolver: &Resolver<'_, 'a>, value: &Value<'a>, under: Under, path: &str) -> Vec<Case<'a>> {
    let mut now: Vec<(Value<'a>, Under)> = vec![(*value, under)];
    let steps: Vec<&str> = path.split('.').collect();
    for (at, step) in steps.iter().enumerate() {
        let (key, list) = step.strip_suffix("[]").map_or((*step, false), |key| (key, true));
        let mut cases: Vec<Case<'a>> = Vec::new();
        for (value, under) in &now {
            match value.as_map() {
                Some(map) if key == "*" => {
                    cases.extend(map.entries.iter().flat_map(|e| resolver.cases(&e.value, under)))
                }
                Some(_) | None => cases.extend(resolver.get(value, key, under)),
            }
        }
        if list {
            cases = cases.iter().filter_map(|c| Some(resolver.items(&c.present()?, &c.under))).flatten().collect();
        }
        cases.truncate(1024);
        if at + 1 == steps.len() {
            return cases;
        }
        now = cases.into_iter().filter_map(|c| Some((c.present()?, c.under))).collect();
    }
    Vec::new()
}

/// Something that a value is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Read<'a> {
    /// `Ref`: a parameter or a resource.
    Ref(&'a str),
    /// `GetAtt`: a resource and its attribute.
    Attribute(&'a str, &'a str),
    /// A dynamic reference: its service and key.
    Dynamic(&'a str, &'a str),
    /// A variable of serverless.yml.
    External(External<'a>),
}

/// The conditions that a resource depends on, and what stands in it.
#[must_use]
pub fn conditions<'a>(resource: &Resource<'a>) -> BTreeSet<&'a str> {
    let mut asked: BTreeSet<_> = resource.condition.iter().map(|(name, _)| *name).collect();
    parts(&resource.properties, &mut Addresses::default(), 0, &mut |value| {
        if let Kind::Intrinsic(Intrinsic::If(condition, ..)) = value.kind {
            asked.insert(condition);
        }
    });
    asked
}

/// Calls back for everything that a value is read from, with the place that says so. What only decides
/// between values is not read.
pub fn reads<'a>(value: &Value<'a>, each: &mut dyn FnMut(Read<'a>, Origin<'a>)) {
    parts(value, &mut Addresses::default(), 0, &mut |value| match value.kind {
        Kind::Text(text) => dynamic(text).for_each(|(service, key)| each(Read::Dynamic(service, key), value.origin)),
        Kind::Intrinsic(Intrinsic::Ref(id)) => each(Read::Ref(id), value.origin),
        Kind::Intrinsic(Intrinsic::GetAtt(id, attribute)) => {
            each(Read::Attribute(id, attribute.as_text().unwrap_or("")), value.origin);
        }
        Kind::Intrinsic(Intrinsic::External(external)) => each(Read::External(*external), value.origin),
        Kind::Intrinsic(Intrinsic::Sub { pieces, .. }) => open_references(pieces, each),
        Kind::Intrinsic(Intrinsic::Join(_, of)) => open_references(of.as_list().unwrap_or(&[]), each),
        Kind::Intrinsic(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Unknown(_) => {}
    });
}

/// Calls back for each text that a value is made of.
pub(super) fn texts_in<'a>(value: &Value<'a>, each: &mut dyn FnMut(&'a str)) {
    parts(value, &mut Addresses::default(), 0, &mut |value| {
        if let Kind::Text(text) = value.kind {
            each(text);
        }
    });
}

/// Calls back for a value and all that it is made of; for what is used in several places once.
fn parts<'a>(value: &Value<'a>, seen: &mut Addresses, depth: usize, each: &mut dyn FnMut(&Value<'a>)) {
    let address = match value.kind {
        Kind::List(items) => items.as_ptr().addr(),
        Kind::Map(map) => map.entries.as_ptr().addr(),
        Kind::Intrinsic(intrinsic) => std::ptr::from_ref(intrinsic).addr(),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => return each(value),
    };
    if depth > 300 || !seen.insert(address) {
        return;
    }
    each(value);
    match value.kind {
        Kind::List(items) => items.iter().for_each(|item| parts(item, seen, depth + 1, each)),
        Kind::Map(map) => map.entries.iter().for_each(|entry| parts(&entry.value, seen, depth + 1, each)),
        Kind::Intrinsic(intrinsic) => intrinsic.sources().for_each(|source| parts(source, seen, depth + 1, each)),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => {}
    }
}

/// The dynamic references of a text, as service and key.
fn dynamic(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let from = reference_in(text).and_then(|at| text.get(at..));
    let parts = from.into_iter().flat_map(|text| text.split("{{resolve:").skip(1));
    parts.filter_map(|part| part.split_once("}}")?.0.split_once(':'))
}

/// Dynamic references that go on behind a hole, `{{resolve:secretsmanager:${Secret}:SecretString:password}}`: the key is
/// what is written of it, before the hole or behind.
fn open_references<'a>(pieces: &[Value<'a>], each: &mut dyn FnMut(Read<'a>, Origin<'a>)) {
    for (at, piece) in pieces.iter().enumerate() {
        let Some(text) = text_of(piece) else { continue };
        let Some((_, open)) = text.rsplit_once("{{resolve:").filter(|(_, open)| !open.contains("}}")) else { continue };
        let Some((service, key)) = open.split_once(':') else { continue };
        let closing = pieces.iter().skip(at + 1).find_map(|piece| Some(text_of(piece)?.split_once("}}")?.0));
        each(Read::Dynamic(service, if key.is_empty() { closing.unwrap_or("") } else { key }), piece.origin);
    }
}

/// How many values are visited at most.
const MOST: usize = 1_000_000;

#[derive(Clone, Copy)]
struct Spot<'t, 'a> {
    part: Part<'t, 'a>,
    name: Option<&'a str>,
    key: Option<&'a str>,
    top: Option<&'a str>,
    whole: bool,
    depth: usize,
}

struct Walk<'t, 'a> {
    template: &'t Template<'a>,
    found: Vec<Found<'t, 'a>>,
    /// Where the lists, maps and intrinsics that were visited stand in memory.
    seen: Addresses,
    left: usize,
}

impl<'t, 'a> Walk<'t, 'a> {
    fn value(&mut self, value: &Value<'a>, spot: Spot<'t, 'a>) {
        let Some(left) = self.left.checked_sub(1).filter(|_| spot.depth < 300) else { return };
        self.left = left;
        let spot = Spot { depth: spot.depth + 1, ..spot };
        match value.kind {
            Kind::Text(text) => self.text(Cow::Borrowed(text), value.origin, spot),
            Kind::Number(_) => {
                value.as_text().into_iter().for_each(|text| self.text(Cow::Borrowed(text), value.origin, spot))
            }
            Kind::List(items) => {
                if self.first(items.as_ptr().addr(), items.is_empty()) {
                    let mut flag = None;
                    let from =
                        items.iter().take(MOST_BEFORE_COMMAND).position(|item| text_of(item).is_some_and(takes_secret));
                    for (at, item) in items.iter().enumerate() {
                        let Spot { name, whole, .. } = spot;
                        let met = self.found.len();
                        self.value(item, Spot { name: flag.or(name), whole: whole || flag.is_some(), ..spot });
                        flag = option_name(item);
                        let before =
                            from.filter(|from| *from < at && at < MOST_ARGUMENTS).and_then(|from| items.get(from..at));
                        if let (Some(before), Some(argument)) = (before, self.found.get_mut(met)) {
                            argument.command = Some(command(before));
                        }
                    }
                }
            }
            Kind::Map(map) => self.map(map, spot),
            Kind::Intrinsic(intrinsic) => {
                if self.first(std::ptr::from_ref(intrinsic).addr(), false) {
                    self.intrinsic(intrinsic, spot);
                }
            }
            Kind::Null | Kind::Bool(_) | Kind::Unknown(_) => {}
        }
    }

    fn map(&mut self, map: Map<'a>, spot: Spot<'t, 'a>) {
        if !self.first(map.entries.as_ptr().addr(), map.entries.is_empty()) {
            return;
        }
        for entry in map.entries {
            let value = matches!(entry.key, "Value" | "value" | "ParameterValue" | "HeaderValue");
            let name = match entry.key {
                _ if value => pair_name(map),
                // A parameter of a document or a nested template goes by the key above.
                "default" | "Default" => spot.key,
                _ => None,
            };
            let top = spot.top.or(Some(entry.key));
            self.value(
                &entry.value,
                Spot { name: name.or(Some(entry.key)), key: Some(entry.key), top, whole: true, ..spot },
            );
        }
    }

    fn intrinsic(&mut self, intrinsic: &'a Intrinsic<'a>, spot: Spot<'t, 'a>) {
        let piece = Spot { whole: false, ..spot };
        match intrinsic {
            Intrinsic::If(_, yes, no) => [yes, no].into_iter().for_each(|v| self.value(v, spot)),
            Intrinsic::Base64(inner) | Intrinsic::ToJsonString(inner) => self.value(inner, spot),
            Intrinsic::Sub { template, variables, pieces } => {
                let spot = if pieces.len() == 1 { spot } else { piece };
                // A password in an address may stand between what is filled in: neither piece shows it.
                let written = pieces.iter().find(|p| matches!(p.kind, Kind::Text(_)));
                if let Some(first) = written.filter(|_| pieces.len() > 1 && has_password(template)) {
                    self.text(Cow::Borrowed(template), first.origin, spot);
                    return self.map(*variables, spot);
                }
                pieces.iter().filter(|p| matches!(p.kind, Kind::Text(_))).for_each(|p| self.value(p, spot));
                self.map(*variables, spot);
            }
            Intrinsic::Join(_, items) | Intrinsic::Cidr(items) => self.value(items, piece),
            Intrinsic::Select(_, of) => self.value(of, piece),
            Intrinsic::Split(_, of) | Intrinsic::Length(of) => self.value(of, piece),
            Intrinsic::FindInMap(map, top, second, default) => {
                self.mapped(map, top, second, spot);
                default.iter().for_each(|v| self.value(v, spot));
            }
            Intrinsic::Transform(_, inner) | Intrinsic::Other(_, inner) => self.value(inner, spot),
            Intrinsic::Ref(id) => {
                // A parameter that says itself what it is was visited by its own name.
                let parameter = self.template.parameter(id).filter(|_| spot.whole && spot.name.is_some_and(promising));
                let default = parameter.filter(|parameter| !promising(parameter.name)).and_then(|p| p.default);
                default.iter().for_each(|value| self.value(value, spot));
            }
            Intrinsic::GetAtt(..)
            | Intrinsic::ImportValue(_)
            | Intrinsic::StackOutput(..)
            | Intrinsic::GetAzs(_)
            | Intrinsic::Equals(..)
            | Intrinsic::And(_)
            | Intrinsic::Or(_)
            | Intrinsic::Not(_)
            | Intrinsic::Condition(_)
            | Intrinsic::External(_) => {}
        }
    }

    /// What a mapping holds for a place whose name says that it is a secret, and the mapping's own name does not.
    fn mapped(&mut self, map: &Value<'a>, top: &Value<'a>, second: &Value<'a>, spot: Spot<'t, 'a>) {
        let (Some(map), Some(second)) = (map.as_text(), second.as_text()) else { return };
        if !spot.whole || promising(second) || !spot.name.is_some_and(promising) {
            return;
        }
        let mapping = self.template.mappings.iter().find(|mapping| mapping.key == map);
        let rows = mapping.map(|mapping| mapping.value.entries()).unwrap_or_default();
        let meant = |row: &&crate::template::Entry<'a>| top.as_text().is_none_or(|top| row.key == top);
        for value in rows.iter().filter(meant).filter_map(|row| row.value.get(second)).take(64) {
            if matches!(value.value.kind, Kind::Text(_) | Kind::Number(_)) {
                self.value(&value.value, spot);
            }
        }
    }

    fn text(&mut self, text: Cow<'a, str>, origin: Origin<'a>, spot: Spot<'t, 'a>) {
        let Spot { part, name, key, top, whole, .. } = spot;
        let text = match key {
            Some("UserData" | "userData") => decoded(&text).map_or(text, Cow::Owned),
            Some(_) | None => text,
        };
        self.found.push(Found { part, name, key, text, whole, origin, top, command: None });
    }

    /// Whether something that stands there in memory is visited for the first time.
    fn first(&mut self, at: usize, empty: bool) -> bool {
        empty || self.seen.insert(at)
    }
}

/// Whether an address in a text with variables holds a password.
fn has_password(text: &str) -> bool {
    // Hardly any text has an address with a user.
    let user = text.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    let all_known = |found: &Credential| text.get(found.start..found.end).is_some_and(|part| !part.contains("${"));
    user && formats_in(text).iter().any(|found| !found.is_unmistakable() && all_known(found))
}

/// What a map of a name and a value is about: `{Name: DB_PASSWORD, Value: …}`.
pub(super) fn pair_name<'a>(map: Map<'a>) -> Option<&'a str> {
    const NAMES: &[&str] =
        &["Name", "name", "Key", "key", "OptionName", "ParameterKey", "ParameterName", "HeaderName", "Variable"];
    if map.entries.len() > 8 {
        return None;
    }
    NAMES.iter().find_map(|name| written_name(&map.get(name)?.value))
}

/// A name as it is written: of one with holes what stands there, of one of two the first.
fn written_name<'a>(value: &Value<'a>) -> Option<&'a str> {
    match value.as_intrinsic() {
        Some(Intrinsic::Sub { template, .. }) => Some(template),
        Some(Intrinsic::If(_, yes, no)) => yes.as_text().or_else(|| no.as_text()),
        Some(_) | None => value.as_text(),
    }
}

/// What an argument says that the next one is: `--password`.
fn option_name<'a>(item: &Value<'a>) -> Option<&'a str> {
    let Kind::Text(text) = item.kind else { return None };
    let name = text.strip_prefix('-')?.trim_start_matches('-');
    let plain = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    plain.then_some(name)
}

/// How many items of a list may stand before its command: `sh`, `-c`, `env`, `CMD`.
const MOST_BEFORE_COMMAND: usize = 4;

/// How many arguments of a command are looked at.
const MOST_ARGUMENTS: usize = 32;

fn text_of<'a>(item: &Value<'a>) -> Option<&'a str> {
    match item.kind {
        Kind::Text(text) => Some(text),
        Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Unknown(_) => None,
    }
}

/// A command and its arguments in one line. What is not a plain word says nothing here, and must not end the command.
fn command(words: &[Value<'_>]) -> Rc<str> {
    let plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./:=@".contains(&byte));
    let words = words.iter().map(|word| text_of(word).filter(plain).unwrap_or("x"));
    words.collect::<Vec<_>>().join(" ").into()
}

/// The text that a Base64 text stands for, when it is one.
#[must_use]
pub fn decoded(text: &str) -> Option<String> {
    let bare: String = text.split_whitespace().collect();
    if bare.len() < 24 || bare.len() > 100_000 {
        return None;
    }
    String::from_utf8(STANDARD.decode(bare).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};
    use crate::template::{Build, Dialect};

    /// Names come from keys, from the name beside a value, and from the parameter.
    #[test]
    fn names() {
        let arena = crate::source::Arena::new();
        let build = Build::new(&arena);
        let at = Origin::written(Span::new(FileId(0), 0, 0));
        let pair = build.map([("Name", build.text("DB_PASSWORD", at)), ("Value", build.text("one", at))], at);
        let coded = build.text(&STANDARD.encode("#!/bin/sh\necho hello, world"), at);
        let sub = build.sub("two ${Hole} three", at);
        let named = build.map([("Key", build.sub("${Stage}-token", at)), ("Value", build.text("four", at))], at);
        let properties = build.map(
            [("Environment", build.list([pair, pair], at)), ("UserData", coded), ("Text", sub), ("Tag", named)],
            at,
        );
        let mut template = Template::new(Dialect::CloudFormation, at.span);
        template.metadata = Some(properties);
        let found = texts(&template);
        let found: Vec<_> = found.iter().map(|f| (f.name.unwrap_or(""), f.text.to_string(), f.whole)).collect();
        let wanted = [
            ("Name", "DB_PASSWORD", true),
            ("DB_PASSWORD", "one", true),
            ("UserData", "#!/bin/sh\necho hello, world", true),
            ("Text", "two ", false),
            ("Text", " three", false),
            ("Key", "-token", false),
            ("${Stage}-token", "four", true),
        ];
        assert_eq!(found, wanted.map(|(name, text, whole)| (name, text.to_owned(), whole)));
    }
}
