//! Finds the documents in a resource, and reads those that are written as JSON in a text.

use foldhash::{HashMap, HashMapExt};

use super::Document;
use super::places::{MARKS, Places};
use crate::resolve::{Case, Known, Resolver, Under};
use crate::rulebook::PolicyKind;
use crate::source::{Arena, FileId};
use crate::syntax::{self, Data, Node, Pair, Style};
use crate::template::{Entry, Intrinsic, Kind, Origin, Value};

pub(super) struct Collector<'s, 'r, 't, 'a> {
    pub(super) resolver: &'r Resolver<'t, 'a>,
    pub(super) owner: usize,
    pub(super) kind: PolicyKind,
    pub(super) all: &'s mut Vec<Document<'a>>,
}

impl<'a> Collector<'_, '_, '_, 'a> {
    pub(super) fn walk(&mut self, case: &Case<'a>, path: &[&str], key: Origin<'a>) {
        let Some(value) = case.present() else { return };
        match path {
            [] => self.document(&value, &case.under, key),
            ["*", rest @ ..] => {
                for item in self.resolver.items(&value, &case.under) {
                    self.walk(&item, rest, key);
                }
            }
            [name, rest @ ..] => {
                let key = value.get(name).map_or(key, |entry| entry.key_origin);
                for inner in self.resolver.get(&value, name, &case.under) {
                    self.walk(&inner, rest, key);
                }
            }
        }
    }

    /// The policies among what a custom resource of CDK calls AWS with: `{"service": "OpenSearch", "action": …,
    /// "parameters": {"AccessPolicies": "{…}"}}`, as text or, of old, as a map.
    pub(super) fn call(&mut self, case: &Case<'a>, key: Origin<'a>) {
        const POLICIES: [&str; 7] =
            ["AccessPolicies", "Policy", "policy", "policyDocument", "policyText", "resourcePolicy", "ResourcePolicy"];
        let Some(call) = case.present() else { return };
        let call = self.parsed(&call).unwrap_or(call);
        let service = call.get("service").and_then(|service| service.value.as_text());
        // What an identity may do is another matter.
        if service.is_none_or(|service| service.to_ascii_lowercase().contains("iam")) {
            return;
        }
        for name in POLICIES {
            for path in [&["parameters", name][..], &["parameters", "Attributes", name]] {
                if let Some(policy) = call.at(path) {
                    let start = Case { value: Known::Present(policy), ..case.clone() };
                    self.walk(&start, &[], key);
                }
            }
        }
    }

    fn document(&mut self, document: &Value<'a>, under: &Under, origin: Origin<'a>) {
        let value = self.parsed(document).unwrap_or(*document);
        self.all.push(Document { value, under: under.clone(), kind: self.kind, owner: self.owner, origin });
    }

    /// A document that was written as JSON text; what is filled in stays a hole.
    fn parsed(&self, document: &Value<'a>) -> Option<Value<'a>> {
        let pieces: Vec<Value<'a>> = match document.kind {
            Kind::Text(_) => vec![*document],
            Kind::Intrinsic(Intrinsic::Join(separator, items)) if separator.as_text() == Some("") => {
                items.as_list()?.to_vec()
            }
            _ => return None,
        };
        let mut text = String::new();
        for (at, piece) in pieces.iter().enumerate() {
            match piece.kind {
                Kind::Text(literal) if literal.contains(MARKS) => return None,
                Kind::Text(literal) => text.push_str(literal),
                Kind::Number(_) | Kind::Bool(_) => text.push_str(piece.as_text()?),
                _ => text.extend([&MARKS[0].to_string(), &at.to_string(), &MARKS[1].to_string()].map(String::as_str)),
            }
        }
        if !text.trim_start().starts_with('{') {
            return None;
        }
        let arena = Arena::new();
        let json = syntax::parse_json(&arena, FileId(0), &text)?;
        let written = self.resolver.written(document.origin);
        let places = written.and_then(|written| Places::of(&text, written, document.origin.span));
        let read = Read { pieces: &pieces, whole: document.origin, places: places.as_ref() };
        Some(self.value(json.root()?, &read))
    }

    fn value(&self, node: &Node<'_>, read: &Read<'_, 'a>) -> Value<'a> {
        let build = self.resolver.build();
        let (pieces, origin) = (read.pieces, read.origin(node));
        match node.data {
            Data::Scalar("null", Style::Plain) => Value::new(Kind::Null, origin),
            Data::Scalar(word @ ("true" | "false"), Style::Plain) => build.bool(word == "true", origin),
            Data::Scalar(number, Style::Plain) => Value::new(Kind::Number(build.str(number)), origin),
            Data::Scalar(text, _) if text.contains(MARKS) => {
                // Literals and the numbers of pieces in turns.
                let parts = text.split(MARKS).enumerate().filter(|(_, part)| !part.is_empty());
                let value = |(at, part): (usize, &str)| match part.parse::<usize>().ok().filter(|_| at % 2 == 1) {
                    Some(piece) => pieces.get(piece).copied().unwrap_or_else(|| build.unknown("a piece", origin)),
                    None => build.text(part, origin),
                };
                let values: Vec<Value<'a>> = parts.map(value).collect();
                match values.as_slice() {
                    [only] => *only,
                    several => build.join("", several.iter().copied(), origin),
                }
            }
            Data::Scalar(text, _) => build.text(text, origin),
            Data::Sequence(items, _) => build.list(items.iter().map(|item| self.value(item, read)), origin),
            Data::Mapping(pairs, _) => {
                // Of a key that stands there twice the last one counts, in the place of the first.
                let (mut known, mut last) = (HashMap::new(), Vec::new());
                for (key, pair) in pairs.iter().filter_map(|pair| Some((pair.name()?, pair))) {
                    let at = *known.entry(key).or_insert(last.len());
                    match last.get_mut(at) {
                        Some(earlier) => *earlier = (key, pair),
                        None => last.push((key, pair)),
                    }
                }
                let entry = |(key, pair): (&str, &Pair<'_>)| Entry {
                    key: build.str(key),
                    key_origin: read.origin(&pair.key),
                    value: self.value(&pair.value, read),
                };
                build.entries(last.into_iter().map(entry), origin)
            }
            Data::Alias(target) => self.value(target, read),
        }
    }
}

/// What a document in a text is read with.
struct Read<'r, 'a> {
    pieces: &'r [Value<'a>],
    /// The whole text.
    whole: Origin<'a>,
    places: Option<&'r Places>,
}

impl<'a> Read<'_, 'a> {
    /// Where a part stands, or the whole text.
    fn origin(&self, node: &Node<'_>) -> Origin<'a> {
        let span = self.places.and_then(|places| places.span(node.span));
        Origin { span: span.unwrap_or(self.whole.span), ..self.whole }
    }
}
