//! A parameter for a secret with a value that everyone knows.

use super::parameter_secret_shown::{elsewhere, names, secret};
use crate::rulebook::Confidence;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for parameter in cx.template.parameters.iter().filter(|p| p.no_echo || secret(cx, p)) {
        let Some(default) = parameter.default else { continue };
        let Some(text) = default.as_text().map(str::trim) else { continue };
        // What only says that there is none; a name, a place.
        let nothing = ["none", "null", "n/a", "na", "default", "no", "false", "true", "-"].iter().any(|word| text.eq_ignore_ascii_case(word));
        if text.is_empty() || nothing || text.starts_with('{') || elsewhere(cx, parameter.name) || names(cx, parameter) {
            continue;
        }
        let message = format!("parameter `{}` has a default, which is the secret wherever nobody gives another", parameter.name);
        let spot = Spot { origin: default.origin, value: Some(default), item: None };
        // What is hidden under an innocent name may be hidden for other reasons.
        let confidence = if secret(cx, parameter) { Confidence::High } else { Confidence::Medium };
        out.report(Hit::new(spot).message(message).label("known to whoever reads the template").confidence(confidence));
    }
}
