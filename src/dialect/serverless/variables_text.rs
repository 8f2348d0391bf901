//! What a text with variables in it comes to, for one stage.

use super::config::Version;
use super::grammar::{self, Alternative, Piece, Syntax, Variable};
use super::sources::Outcome;
use super::variables::{TOO_MANY, Variables};
use crate::source::Span;
use crate::syntax::{Data, Inside, Node, Style};
use crate::template::{External, ExternalKind, Intrinsic, Kind, Origin, Step, Value};

/// How long a text may become.
const MAX_TEXT: usize = 1 << 20;

/// How many holes and pieces between them a text may have.
const MAX_PARTS: usize = 1 << 10;

/// How many variables of a text are named in what is told of it.
const MAX_NAMED: usize = 16;

impl<'a> Variables<'a, '_> {
    /// How this version reads variables.
    pub(super) fn syntax(&self) -> Syntax {
        Syntax { escapes: self.version != Version::V4, blanks: self.version != Version::V3 }
    }

    /// A text with its variables replaced: a variable alone keeps the type of its value.
    pub(super) fn text(&mut self, text: &'a str, origin: Origin<'a>) -> Value<'a> {
        let pieces = grammar::pieces(text, self.syntax());
        match pieces.as_slice() {
            [] => Value::new(Kind::Text(text), origin),
            [Piece::Text(same)] => Value::new(Kind::Text(same), origin),
            [Piece::Variable(variable)] => {
                let place = place(scalar(self, text, origin).as_ref(), origin, variable);
                let (value, instead) = self.variable(variable, Origin { span: place, ..origin });
                let before = value.origin.step;
                let what = self.build.str(&format!("from {}", variable.written));
                let step = Step { what, at: Some(place), before, instead };
                value.with_origin(Origin::derived(value.origin.span, self.build.arena.alloc(step)))
            }
            pieces => self.joined(text, pieces, origin),
        }
    }

    fn joined(&mut self, text: &'a str, pieces: &[Piece<'a>], origin: Origin<'a>) -> Value<'a> {
        let mut parts: Vec<Value<'a>> = Vec::new();
        let mut known = String::new();
        let mut filled: Vec<&str> = Vec::new();
        let mut instead = None;
        let scalar = scalar(self, text, origin);
        for piece in pieces {
            if known.len() > MAX_TEXT || parts.len() > MAX_PARTS {
                return self.beyond(TOO_MANY, origin);
            }
            match piece {
                Piece::Text(part) => known.push_str(part),
                Piece::Variable(variable) => {
                    if !filled.contains(&variable.written) && filled.len() < MAX_NAMED {
                        filled.push(variable.written);
                    }
                    let at = Origin { span: place(scalar.as_ref(), origin, variable), ..origin };
                    let (mut value, unset) = self.variable(variable, at);
                    instead = instead.or(unset).or_else(|| value.origin.instead());
                    if value.as_intrinsic().is_some() {
                        value = self.below(value).value;
                    }
                    if let Some(text) = value.as_text() {
                        known.push_str(text);
                        continue;
                    }
                    let why = format!("`{}` is not text", variable.written);
                    let own = match value.kind {
                        Kind::Null | Kind::List(_) | Kind::Map(_) => [self.build.unknown(&why, at)],
                        _ => [value],
                    };
                    // A text with holes of its own becomes part of this one.
                    for part in glued(value).unwrap_or(&own) {
                        match part.as_text() {
                            Some(text) => known.push_str(text),
                            None if known.is_empty() => parts.push(*part),
                            None => parts.extend([self.build.text(&std::mem::take(&mut known), origin), *part]),
                        }
                    }
                }
            }
        }
        self.worked(known.len() / 16);
        if filled.is_empty() {
            return self.build.text(&known, origin);
        }
        let what = self.build.str(&format!("with {} filled in", filled.join(" and ")));
        let step = Step { what, at: None, before: origin.step, instead };
        let origin = Origin::derived(origin.span, self.build.arena.alloc(step));
        if parts.is_empty() {
            return self.build.text(&known, origin);
        }
        if !known.is_empty() {
            parts.push(self.build.text(&known, origin));
        }
        self.build.join("", parts, origin)
    }

    /// The first alternative that knows a value, and one before it that may know another while deploying.
    fn variable(&mut self, variable: &Variable<'a>, at: Origin<'a>) -> (Value<'a>, Option<External<'a>>) {
        let mut resort = None;
        let mut null = None;
        let mut unset = None;
        for alternative in &variable.alternatives {
            let outcome = match alternative {
                Alternative::Literal(Kind::Text(text)) if grammar::may_vary(text) => {
                    Outcome::Found(self.text(text, at))
                }
                Alternative::Literal(kind) => Outcome::Found(Value::new(*kind, at)),
                Alternative::Nested(text) => Outcome::Found(self.text(text, at)),
                Alternative::Source { kind, parameters, address } => {
                    self.source(kind, *parameters, *address, variable.written, at)
                }
            };
            match outcome {
                Outcome::Found(value) if value.is_null() => null = Some(value),
                Outcome::Found(value) if is_unset(value) => {}
                Outcome::Found(value) => return (value, unset),
                Outcome::Missing(last) => {
                    resort = last.or(resort);
                    unset = unset.or_else(|| self.asked(alternative, last?.as_intrinsic()?));
                }
            }
        }
        let value = null.or(resort);
        let value = value.unwrap_or_else(|| self.build.unknown(&format!("`{}` {UNSET}", variable.written), at));
        (value, unset.filter(|_| value.is_null()))
    }

    /// What an alternative without an answer asked for, written without the alternatives behind it.
    fn asked(&self, alternative: &Alternative<'a>, unset: &Intrinsic<'a>) -> Option<External<'a>> {
        let (Alternative::Source { kind, parameters, address }, Intrinsic::External(external)) = (alternative, unset)
        else {
            return None;
        };
        let parameters = parameters.map(|p| format!("({p})")).unwrap_or_default();
        let address = address.map(|a| format!(":{a}")).unwrap_or_default();
        let written = self.build.str(&format!("${{{kind}{parameters}{address}}}"));
        Some(External { written, ..*external })
    }

    /// A value that is only known while deploying.
    pub(super) fn external(&mut self, kind: ExternalKind, key: &'a str, written: &'a str, at: Origin<'a>) -> Value<'a> {
        self.closed |= matches!(kind, ExternalKind::File | ExternalKind::Other);
        self.build.intrinsic(Intrinsic::External(External { kind, key, written }), at)
    }
}

/// How the reason ends when a variable has no value in the project: the framework would refuse to deploy.
const UNSET: &str = "is not set anywhere in the project";

/// True for a value that the framework would refuse to deploy with.
pub(super) fn is_unset(value: Value<'_>) -> bool {
    let unset = |value: &Value<'_>| matches!(value.kind, Kind::Unknown(why) if why.ends_with(UNSET));
    unset(&value) || glued(value).is_some_and(|pieces| pieces.iter().any(unset))
}

/// The pieces of a text with holes.
fn glued<'a>(value: Value<'a>) -> Option<&'a [Value<'a>]> {
    let Some(Intrinsic::Join(separator, items)) = value.as_intrinsic() else { return None };
    if separator.as_text() == Some("") { items.as_list() } else { None }
}

/// Where a variable stands in the file, or the scalar that holds it.
fn place<'a>(scalar: Option<&Inside<'a>>, origin: Origin<'a>, variable: &Variable<'a>) -> Span {
    scalar.and_then(|scalar| scalar.place(variable.range.clone())).unwrap_or(origin.span)
}

/// The scalar of a text, as it is written.
fn scalar<'a>(variables: &Variables<'a, '_>, text: &'a str, origin: Origin<'a>) -> Option<Inside<'a>> {
    let source = variables.input.sources.get(origin.span.file);
    let written = source.slice(origin.span);
    // The place of a tagged scalar begins with its tag.
    let tag = if written.starts_with('!') { written.find([' ', '\n']).unwrap_or(0) } else { 0 };
    let scalar = written.get(tag..).unwrap_or("").trim_start();
    let style = match scalar.bytes().next() {
        Some(b'\'') => Style::SingleQuoted,
        Some(b'"') => Style::DoubleQuoted,
        _ if text.contains('\n') => Style::Literal,
        _ => Style::Plain,
    };
    let skipped = u32::try_from(written.len() - scalar.len()).unwrap_or(0);
    let span = Span { start: origin.span.start + skipped, ..origin.span };
    let node = Node { span, tag: None, data: Data::Scalar(text, style) };
    Inside::of(source.text(), &node)
}
