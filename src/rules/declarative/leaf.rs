//! Patterns that ask about a value by itself.

use crate::analysis::knowledge::versions;
use crate::analysis::secrets;
use crate::analysis::walk::decoded;
use crate::resolve::{Hole, Known, Piece, Text, Truth};
use crate::rulebook::{Expression, Literal, Pattern, Product, Shape};
use crate::template::{Kind, Parameter, Template, Value};

/// Whether a pattern without inner patterns holds of a value.
pub(super) fn holds(pattern: &Pattern, known: &Known<'_, Value<'_>>) -> Truth {
    let value = match known {
        Known::Present(value) => value,
        // Nothing satisfies no pattern but `absent`; its negations hold.
        Known::Absent => return Truth::from(matches!(pattern, Pattern::Absent)),
        Known::Unknown(_) => return Truth::Maybe,
    };
    match pattern {
        // Who writes an empty text says that there is none, and where AWS takes it, it takes it for that.
        Pattern::Absent => Truth::from(Text::is_empty(value)),
        Pattern::Present => Truth::from(!Text::is_empty(value)),
        Pattern::Is(literal) => is(value, literal),
        Pattern::In(literals) => literals.iter().fold(Truth::No, |t, literal| t.or(is(value, literal))),
        Pattern::AnyCase(texts) => of_text(value, |text| match text.known() {
            Some(own) => Truth::from(texts.iter().any(|t| t.eq_ignore_ascii_case(&own))),
            None => Truth::Maybe,
        }),
        Pattern::Matches(expression) => of_text(value, |text| text.matches(expression)),
        Pattern::Contains(needle) => of_text(value, |text| text.contains(needle)),
        Pattern::StartsWith(prefix) => of_text(value, |text| text.starts_with(prefix)),
        Pattern::EndsWith(suffix) => of_text(value, |text| text.ends_with(suffix)),
        Pattern::Below(limit) => number(value, |n| n < *limit),
        Pattern::Above(limit) => number(value, |n| n > *limit),
        Pattern::Kind(shape) => match shape_of(value) {
            Some(own) => Truth::from(own == *shape),
            None => Truth::Maybe,
        },
        Pattern::Literal => of_text(value, |text| Truth::from(text.known().is_some())),
        _ => Truth::Maybe,
    }
}

/// Whether a value is one of some literals.
pub(super) fn any_is(known: &Known<'_, Value<'_>>, literals: &[Literal]) -> Truth {
    match known {
        Known::Present(value) => literals.iter().fold(Truth::No, |t, literal| t.or(is(value, literal))),
        Known::Absent => Truth::No,
        Known::Unknown(_) => Truth::Maybe,
    }
}

/// Whether text can be read by whoever can read the template or the parameters of its stack.
pub(in crate::rules) fn plaintext(text: &Text<'_>, parameter: Option<&str>, template: &Template<'_>) -> Truth {
    let declared = |name: &str| template.parameter(name);
    // What CloudFormation looks up is a String there, which everyone reads who reads the store, and is told with the stack.
    let stored = |name: &str| declared(name).is_some_and(|p| p.kind.starts_with("AWS::SSM::Parameter::Value"));
    let hidden_without_default =
        |name: &str| declared(name).is_some_and(|p| p.no_echo && p.default.is_none()) && !stored(name);
    if let Some(known) = text.known() {
        // Known through a parameter that the user gave on the command line: still hidden in the stack.
        if parameter.is_some_and(hidden_without_default) {
            return Truth::No;
        }
        return Truth::from(!known.is_empty());
    }
    // A secret among plain words, as in a document of a user name and a password, is still a secret.
    let secret = |hole: Hole<'_>| match hole {
        Hole::Parameter { name } => hidden_without_default(name),
        Hole::Dynamic { service, .. } => service != "ssm",
        Hole::Attribute(..)
        | Hole::Resource(_)
        | Hole::Pseudo(_)
        | Hole::Import(_)
        | Hole::External(_)
        | Hole::Other => false,
    };
    if text.holes().any(secret) {
        return Truth::No;
    }
    // The name of the stack, its region and its account are no secrets.
    if !text.pieces.is_empty() && text.holes().all(|hole| matches!(hole, Hole::Pseudo(_))) {
        return Truth::Yes;
    }
    let mut truth = Truth::No;
    for hole in text.holes() {
        truth = truth.or(match hole {
            Hole::Parameter { name } => {
                let plain = |p: &Parameter<'_>| !p.no_echo && !p.kind.starts_with("AWS::SSM");
                Truth::from(stored(name) || declared(name).is_some_and(plain))
            }
            // `ssm` without `-secure` reads a String parameter, which is plain text itself.
            Hole::Dynamic { service, .. } => Truth::from(service == "ssm"),
            Hole::Attribute(..) | Hole::Resource(_) | Hole::Pseudo(_) => Truth::No,
            Hole::Import(_) | Hole::External(_) | Hole::Other => Truth::Maybe,
        });
    }
    truth
}

/// Whether one of the literal pieces of a text is a credential; a `name` says what the value is.
pub(super) fn credential(known: &Known<'_, Value<'_>>, name: Option<&str>) -> Truth {
    match known {
        Known::Absent => Truth::No,
        Known::Unknown(_) => Truth::Maybe,
        Known::Present(value) => of_text(value, |text| match text.known() {
            Some(all) => Truth::from(
                secrets::deployed(name, &all).is_some()
                    || !secrets::assigned(&all).is_empty()
                    || decoded(&all).is_some_and(|script| !secrets::assigned(&script).is_empty()),
            ),
            // Between holes only a format or a name is a proof: what is left of a text may be anything.
            None => Truth::from(
                secrets::between_holes(text).is_some()
                    || text.literals().any(|piece| !secrets::assigned(piece).is_empty()),
            ),
        }),
    }
}

/// Whether CloudFormation looks a value up in Parameter Store, under a name that is known and in which this is found.
pub(super) fn looked_up(wanted: &Expression, known: &Known<'_, Value<'_>>, template: &Template<'_>) -> Truth {
    let Known::Present(value) = known else { return Truth::No };
    let text = Text::of(value);
    let name = match (text.only_hole(), text.pieces.first()) {
        (Some(Hole::Dynamic { service: "ssm", key }), _) => Some(key.into()),
        (Some(Hole::Parameter { name }), _) => {
            let stored = template.parameter(name).filter(|p| p.kind.starts_with("AWS::SSM::Parameter::Value"));
            stored.and_then(|p| p.default?.as_text()).map(str::to_owned)
        }
        (_, Some(Piece::Literal(start))) if start.starts_with("{{resolve:ssm:") => Some(text.pattern()),
        _ => None,
    };
    Truth::from(name.is_some_and(|name| wanted.is_match(&name)))
}

/// Whether a version of a product is past its standard support on a day.
pub(super) fn ended(product: Product, known: &Known<'_, Value<'_>>, today: &str) -> Truth {
    match known {
        Known::Absent => Truth::No,
        Known::Unknown(_) => Truth::Maybe,
        Known::Present(value) => of_text(value, |text| match (text.known(), text.pieces.first()) {
            (Some(version), _) => versions::ended(product, &version, true, today),
            (None, Some(Piece::Literal(start))) => versions::ended(product, start, false, today),
            (None, _) => Truth::Maybe,
        }),
    }
}

fn is(value: &Value<'_>, literal: &Literal) -> Truth {
    let symbolic = matches!(value.kind, Kind::Intrinsic(_) | Kind::Unknown(_));
    match literal {
        Literal::Null => Truth::from(value.is_null()),
        Literal::Bool(wanted) if symbolic || is_looked_up(value) => {
            Text::of(value).is(if *wanted { "true" } else { "false" })
        }
        Literal::Bool(wanted) => Truth::from(value.as_bool() == Some(*wanted)),
        Literal::Number(wanted) if symbolic || is_looked_up(value) => Text::of(value).is(wanted),
        Literal::Number(wanted) => Truth::from(value.as_number().is_some() && value.as_number() == wanted.parse().ok()),
        Literal::Text(wanted) => of_text(value, |text| text.is(wanted)),
        Literal::List(wanted) => match value.kind {
            Kind::List(items) if items.len() == wanted.len() => {
                items.iter().zip(wanted).fold(Truth::Yes, |t, (item, literal)| t.and(is(item, literal)))
            }
            Kind::Intrinsic(_) | Kind::Unknown(_) => Truth::Maybe,
            Kind::List(_) | Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Map(_) => Truth::No,
        },
        Literal::Map(wanted) => match value.as_map() {
            Some(map) if map.entries.len() == wanted.len() => wanted.iter().fold(Truth::Yes, |t, (key, literal)| {
                t.and(map.get(key).map_or(Truth::No, |entry| is(&entry.value, literal)))
            }),
            Some(_) => Truth::No,
            None if symbolic => Truth::Maybe,
            None => Truth::No,
        },
    }
}

/// A question to a text; lists and maps answer no.
fn of_text(value: &Value<'_>, ask: impl Fn(&Text<'_>) -> Truth) -> Truth {
    match value.kind {
        Kind::List(_) | Kind::Map(_) | Kind::Null => Truth::No,
        Kind::Unknown(_) => Truth::Maybe,
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) => ask(&Text::of(value)),
    }
}

/// Whether a text holds a dynamic reference: what CloudFormation puts there may be `true` or a number as well.
fn is_looked_up(value: &Value<'_>) -> bool {
    matches!(value.kind, Kind::Text(_)) && Text::of(value).known().is_none()
}

fn number(value: &Value<'_>, ask: impl Fn(f64) -> bool) -> Truth {
    match (value.as_number(), value.kind) {
        (Some(n), _) => Truth::from(ask(n)),
        (None, Kind::Intrinsic(_) | Kind::Unknown(_)) => Truth::Maybe,
        (None, Kind::Text(_)) if is_looked_up(value) => Truth::Maybe,
        (None, Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) | Kind::Map(_)) => {
            Truth::No
        }
    }
}

fn shape_of(value: &Value<'_>) -> Option<Shape> {
    match value.kind {
        Kind::Text(_) => Some(Shape::Text),
        Kind::Number(_) => Some(Shape::Number),
        Kind::Bool(_) => Some(Shape::Bool),
        Kind::List(_) => Some(Shape::List),
        Kind::Map(_) => Some(Shape::Map),
        // Symbolic values stand for texts: ids, ARNs, names.
        Kind::Intrinsic(_) => Some(Shape::Text),
        Kind::Null | Kind::Unknown(_) => None,
    }
}
