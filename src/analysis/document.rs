//! Documents that are written in a text: policies, state machines, and what else AWS takes as a map or as JSON; those of
//! Systems Manager as YAML, too.

use foldhash::{HashMap, HashMapExt};

use crate::resolve::Resolver;
use crate::source::{Arena, FileId};
use crate::syntax::{self, Data, Node, Pair, Style};
use crate::template::{Entry, Intrinsic, Kind, Origin, Schema, Value};

mod places;

use places::{MARKS, Places};

/// Whether a text may be a document, or the beginning of one.
#[must_use]
pub fn may_begin(text: &str) -> bool {
    text.trim_start().starts_with('{') || is_yaml(text)
}

/// Whether a text is a document of Systems Manager in YAML: each of them says the version of its schema. No other document of
/// AWS's that rules look into is taken in YAML.
fn is_yaml(text: &str) -> bool {
    let begins = |at: usize| text.get(..at).is_some_and(|before| before.is_empty() || before.ends_with('\n'));
    memchr::memmem::find_iter(text.as_bytes(), "schemaVersion:").any(begins)
}

/// A document that was written as text, in JSON or YAML; what is filled in stays a hole.
pub fn parsed<'a>(resolver: &Resolver<'_, 'a>, document: &Value<'a>) -> Option<Value<'a>> {
    let pieces: Vec<Value<'a>> = match document.kind {
        Kind::Text(_) => vec![*document],
        Kind::Intrinsic(Intrinsic::Join(separator, items)) if separator.as_text() == Some("") => {
            items.as_list()?.to_vec()
        }
        _ => return None,
    };
    // Nearly every text is none.
    let blank = |piece: &&Value<'a>| matches!(piece.kind, Kind::Text(text) if text.trim_start().is_empty());
    let first = pieces.iter().find(|piece| !blank(piece))?;
    let yaml = pieces.iter().any(|piece| matches!(piece.kind, Kind::Text(text) if is_yaml(text)));
    if !yaml && !matches!(first.kind, Kind::Text(text) if may_begin(text)) {
        return None;
    }
    let mut text = String::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece.kind {
            Kind::Text(literal) if literal.contains(MARKS) => return None,
            Kind::Text(literal) => text.push_str(literal),
            Kind::Number(_) | Kind::Bool(_) => text.push_str(piece.as_text()?),
            _ => text.extend([&MARKS[0].to_string(), &at.to_string(), &MARKS[1].to_string()].map(String::as_str)),
        }
    }
    let arena = Arena::new();
    let whole = document.origin;
    let document = match syntax::parse_json(&arena, FileId(0), &text) {
        None if yaml => Some(syntax::parse(&arena, FileId(0), &text)).filter(|yaml| !yaml.broken())?,
        json => json?,
    };
    let written = resolver.written(whole);
    let places = written.and_then(|written| Places::of(&text, written, whole.span));
    let read = Read { pieces: &pieces, whole, places: places.as_ref() };
    Some(value(resolver, document.root()?, &read))
}

fn value<'a>(resolver: &Resolver<'_, 'a>, node: &Node<'_>, read: &Read<'_, 'a>) -> Value<'a> {
    let build = resolver.build();
    let (pieces, origin) = (read.pieces, read.origin(node));
    match node.data {
        Data::Scalar(text, Style::Plain) if !text.contains(MARKS) => match Schema::Yaml11.resolve(text) {
            Kind::Null => Value::new(Kind::Null, origin),
            Kind::Bool(word) => build.bool(word, origin),
            Kind::Number(number) => Value::new(Kind::Number(build.str(number)), origin),
            Kind::Text(_) | Kind::List(_) | Kind::Map(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => {
                build.text(text, origin)
            }
        },
        Data::Scalar(text, _) if text.contains(MARKS) => {
            // Literals and the numbers of pieces in turns.
            let parts = text.split(MARKS).enumerate().filter(|(_, part)| !part.is_empty());
            let piece = |(at, part): (usize, &str)| match part.parse::<usize>().ok().filter(|_| at % 2 == 1) {
                Some(piece) => pieces.get(piece).copied().unwrap_or_else(|| build.unknown("a piece", origin)),
                None => build.text(part, origin),
            };
            let values: Vec<Value<'a>> = parts.map(piece).collect();
            match values.as_slice() {
                [only] => *only,
                several => build.join("", several.iter().copied(), origin),
            }
        }
        Data::Scalar(text, _) => build.text(text, origin),
        Data::Sequence(items, _) => build.list(items.iter().map(|item| value(resolver, item, read)), origin),
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
                value: value(resolver, &pair.value, read),
            };
            build.entries(last.into_iter().map(entry), origin)
        }
        // What is said once and meant a thousand times would be as many values; no such document has any.
        Data::Alias(_) => build.unknown("an alias in a document", origin),
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
