//! A credential anywhere in a template: in a default, a mapping, a property, an output, a script.

use std::collections::HashSet;

use super::parameter_secret_shown::elsewhere;
use crate::analysis::secrets::{Credential, Evidence, assigned, credential, promising};
use crate::analysis::walk::{Found, Part};
use crate::rulebook::Confidence;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let mut seen = HashSet::new();
    cx.texts(&mut |found| {
        // Lowering may have copied a text; it is written once.
        let Some((what, confidence)) = look(cx, found).filter(|_| seen.insert(found.origin.span)) else { return };
        let place = match &found.part {
            Part::Parameter(parameter) => format!("parameter `{}`", parameter.name),
            Part::Mapping => "a mapping".to_owned(),
            Part::Metadata => "the template's metadata".to_owned(),
            Part::Output(output) => format!("output `{}`", output.name),
            Part::Property(resource) | Part::Attribute(resource) => match found.name {
                Some(name) => format!("`{name}` of `{}`", resource.written_id),
                None => format!("`{}`", resource.written_id),
            },
        };
        let spot = Spot { origin: found.origin, value: None, item: None };
        let hit = Hit::new(spot).message(format!("{place} holds {what} in plain text")).label("a credential").confidence(confidence);
        match found.part.resource() {
            Some(resource) => out.report(hit.of(resource).under(&cx.under(resource).unwrap_or_default())),
            None => out.report(hit),
        }
    });
}

/// What credential a text holds, in words, and how sure that is.
fn look(cx: &Context<'_, '_>, found: &Found<'_, '_>) -> Option<(String, Confidence)> {
    let text: &str = &found.text;
    if text.len() < 5 || matches!(found.key, Some("Description" | "AllowedPattern" | "ConstraintDescription" | "Type")) {
        return None;
    }
    let name = if found.whole { found.name.filter(|name| promising(name)) } else { None };
    let whole = if text.len() < 12 && name.is_none() { None } else { credential(name, text) };
    if let Some(Credential { kind, known, start, .. }) = whole {
        if known == Evidence::Name && matches!(found.part, Part::Parameter(p) if elsewhere(cx, p.name)) {
            return None;
        }
        let confidence = if known == Evidence::Format { Confidence::High } else { Confidence::Medium };
        return Some((format!("{} {kind}{}", article(kind), line(text, start)), confidence));
    }
    let (name, start) = assigned(text)?;
    Some((format!("a credential (`{name}`{})", line(text, start)), Confidence::Medium))
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['A', 'E', 'I', 'O', 'a', 'o']) || kind.starts_with("npm") { "an" } else { "a" }
}

/// Which line of a text of several it is on.
fn line(text: &str, start: usize) -> String {
    let before = text.get(..start).unwrap_or("").bytes().filter(|b| *b == b'\n').count();
    if text.trim_end().contains('\n') { format!(", in line {} of it", before + 1) } else { String::new() }
}
