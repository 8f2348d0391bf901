//! Comparisons that nobody can evaluate, recognised when they are asked again.

use std::fmt::Write;

use super::MAX_DEPTH;
use crate::template::{Intrinsic, Kind, Value};

/// How long a comparison may be, in bytes, to be recognised as one that was seen before.
const MAX_QUESTION: usize = 4096;

/// A comparison in one spelling, so that those that ask the same are one; `None` for what may have another answer each time,
/// and for what is too long.
pub(super) fn question(a: &Value<'_>, b: &Value<'_>) -> Option<String> {
    let mut sides = [a, b].map(|side| {
        let mut text = String::new();
        spell(side, &mut text, 0).map(|()| text)
    });
    sides.sort();
    let [a, b] = sides;
    Some(format!("{}={}", a?, b?))
}

fn spell(value: &Value<'_>, out: &mut String, depth: usize) -> Option<()> {
    if depth > MAX_DEPTH || out.len() > MAX_QUESTION {
        return None;
    }
    let mut call = |name: &str, of: &mut dyn Iterator<Item = &Value<'_>>| {
        out.push_str(name);
        out.push('(');
        for one in of {
            spell(one, out, depth + 1)?;
            out.push(',');
        }
        out.push(')');
        Some(())
    };
    match value.kind {
        Kind::Text(text) | Kind::Number(text) => {
            let _ = write!(out, "{text:?}");
        }
        Kind::Bool(yes) => {
            let _ = write!(out, "\"{yes}\"");
        }
        Kind::List(items) => call("", &mut items.iter())?,
        Kind::Intrinsic(intrinsic) => match intrinsic {
            Intrinsic::Ref(name) => {
                let _ = write!(out, "Ref({name:?})");
            }
            Intrinsic::Sub { pieces, .. } => call("Sub", &mut pieces.iter())?,
            Intrinsic::Join(separator, items) => call("Join", &mut [separator, items].into_iter())?,
            Intrinsic::Split(separator, text) => call("Split", &mut [separator, text].into_iter())?,
            Intrinsic::Select(index, list) => call("Select", &mut [index, list].into_iter())?,
            Intrinsic::Length(list) => call("Length", &mut [list].into_iter())?,
            Intrinsic::FindInMap(map, first, second, default) => {
                call("FindInMap", &mut [map, first, second].into_iter().chain(default))?;
            }
            _ => return None,
        },
        Kind::Null | Kind::Map(_) | Kind::Unknown(_) => return None,
    }
    Some(())
}
