//! A credential anywhere in a template: in a default, a mapping, a property, an output, a script.

use std::ops::Range;

use foldhash::{HashSet, HashSetExt};

use super::parameter_secret_shown::elsewhere;
use crate::analysis::secrets::{
    Assigned, Credential, argument, assigned, credential, deployed, formats_in, promising, proof_in_header, told,
    variables,
};
use crate::analysis::walk::{Found, Part};
use crate::rulebook::Confidence;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Origin, Resource};

/// A credential in a text.
struct Told {
    what: String,
    confidence: Confidence,
    /// Which bytes of the text, when not all of it.
    part: Option<Range<usize>>,
}

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    comments(cx, out);
    let mut seen = HashSet::new();
    cx.texts(&mut |found| {
        let told = look(cx, found);
        // Lowering may have copied a text; it is written once.
        if told.is_empty() || !seen.insert(found.origin.span) {
            return;
        }
        let place = match &found.part {
            Part::Parameter(parameter) => format!("parameter `{}`", parameter.name),
            Part::Mapping => "a mapping".to_owned(),
            Part::Metadata if found.key == Some("Description") => "the template's description".to_owned(),
            Part::Metadata => "the template's metadata".to_owned(),
            Part::Output(output) => format!("output `{}`", output.name),
            Part::Property(resource) | Part::Attribute(resource) => {
                // `-c` says nothing of what comes after it.
                let named = found.name.filter(|name| name.len() > 1);
                match found.command.as_ref().and(found.key).or(named).or(found.key) {
                    Some(name) => format!("`{name}` of `{}`", resource.written_id),
                    None => format!("`{}`", resource.written_id),
                }
            }
        };
        for Told { what, confidence, part } in told {
            let spot = Spot { origin: found.origin, value: None, item: None };
            let hit = Hit::new(spot).message(format!("{place} holds {what} in plain text"));
            let mut hit = hit.label("a credential").confidence(confidence);
            if let Some(part) = part {
                hit = hit.exactly(&found.text, part);
            }
            match found.part.resource() {
                Some(resource) => out.report(hit.of(resource).under(&cx.under(resource).unwrap_or_default())),
                None => out.report(hit),
            }
        }
    });
}

/// Credentials that stand in comments: whoever may read a stack gets its template as it was written. Only what has the format of
/// an issuer, for people explain in comments how a password is given.
fn comments<'a>(cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    // Most comments are words; what is issued is longer than those.
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-+/=".contains(byte);
    let unusual = |text: &str| {
        text.as_bytes().split(|byte| !is_part(byte)).any(|word| word.len() >= 16) || text.contains("-----BEGIN")
    };
    for comment in cx.comments.iter().filter(|comment| unusual(comment.text)) {
        for Credential { kind, start, end, .. } in formats_in(comment.text).into_iter().filter(Credential::is_issued) {
            let spot = Spot::missing(Origin::written(comment.span));
            let hit = Hit::new(spot).message(format!("a comment holds {} {kind} in plain text", article(kind)));
            let hit = hit.label("a credential").confidence(Confidence::High);
            let help = "Delete the comment, then replace the credential: CloudFormation and Git keep what was written.";
            out.report(hit.exactly(comment.text, start..end).help(help));
        }
    }
}

/// The credentials that a text holds, and how sure that is.
fn look(cx: &Context<'_, '_>, found: &Found<'_, '_>) -> Vec<Told> {
    let text: &str = &found.text;
    if (text.len() < 5 && found.command.is_none()) || matches!(found.key, Some("AllowedPattern" | "Type")) {
        return Vec::new();
    }
    // People write about passwords, and what they say of them is none.
    let prose = matches!(found.key, Some("Description" | "ConstraintDescription"));
    let mut all: Vec<Told> = Vec::new();
    let formats = if text.len() < 12 { Vec::new() } else { formats_in(text) };
    for Credential { kind, start, end, .. } in formats.into_iter().filter(|one| !prose || one.is_unmistakable()) {
        let what = format!("{} {kind}", article(kind));
        all.push(Told { what, confidence: Confidence::High, part: Some(start..end) });
    }
    let given = match found.key {
        _ if prose => told(text),
        Some("BuildSpec") => variables(text).into_iter().chain(assigned(text)).collect(),
        Some(_) | None => assigned(text),
    };
    for Assigned { name, start, end } in given {
        // A password in an address that has a name as well.
        let known = all.iter().any(|told| told.part.as_ref().is_some_and(|part| part.start < end && start < part.end));
        if !known {
            let what = format!("a credential (`{name}`)");
            all.push(Told { what, confidence: Confidence::Medium, part: Some(start..end) });
        }
    }
    let argument = found.command.as_ref().filter(|_| all.is_empty()).and_then(|command| argument(command, text));
    if let Some(part) = argument {
        all.push(Told { what: "a password".to_owned(), confidence: Confidence::Medium, part: Some(part) });
    }
    let name = if found.whole && !prose && !is_version(found) { found.name } else { None };
    if all.is_empty() {
        let whole = match name {
            Some(header) if found.key == Some("HeaderValue") => proof_in_header(header, text),
            // Here belongs the name of a parameter, which has no such characters.
            Some("ValueFrom") => credential(Some("token"), text),
            // What stands beside a name is a variable, and what a program is given is the secret.
            Some(name) if promising(name) && (found.key == Some("Value") || partner(found)) => {
                deployed(Some(name), text)
            }
            Some(name) if promising(name) => credential(Some(name), text),
            Some(_) | None => None,
        };
        let whole = whole.filter(|_| !matches!(found.part, Part::Parameter(p) if elsewhere(cx, p.name)));
        all.extend(whole.map(|Credential { kind, .. }| Told {
            what: format!("{} {kind}", article(kind)),
            confidence: Confidence::Medium,
            part: None,
        }));
    }
    all
}

/// Whether a text is the id of a version that the CDK writes so that an ARN is read anew with each: it calls that a token.
fn is_version(found: &Found<'_, '_>) -> bool {
    let reader = |resource: &Resource<'_>| resource.kind == "Custom::CrossRegionStringParameterReader";
    found.key == Some("RefreshToken") && found.part.resource().is_some_and(reader)
}

/// Whether a text is given to another vendor's type, which takes it for what its name says.
fn partner(found: &Found<'_, '_>) -> bool {
    let kind = match found.part {
        Part::Property(resource) => resource.kind,
        Part::Attribute(_) | Part::Metadata | Part::Parameter(_) | Part::Mapping | Part::Output(_) => return false,
    };
    kind.matches("::").count() == 2 && !["AWS::", "Alexa::"].iter().any(|vendor| kind.starts_with(vendor))
}

fn article(kind: &str) -> &'static str {
    if kind.starts_with(['A', 'E', 'I', 'O', 'a', 'o']) || kind.starts_with("npm") { "an" } else { "a" }
}
