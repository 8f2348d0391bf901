//! A parameter for a secret with a value that everyone knows.

use super::parameter_secret_shown::{elsewhere, names, secret};
use crate::rulebook::Confidence;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for parameter in cx.template.parameters.iter().filter(|p| p.no_echo || secret(cx, p)) {
        let Some(default) = parameter.default else { continue };
        let Some(text) = default.as_text().map(str::trim) else { continue };
        if says_nothing(text) || text.starts_with('{') || elsewhere(cx, parameter.name) || names(cx, parameter) {
            continue;
        }
        let message =
            format!("parameter `{}` has a default, which is the secret wherever nobody gives another", parameter.name);
        let spot = Spot::at(default);
        // What is hidden under an innocent name may be hidden for other reasons.
        let confidence = if secret(cx, parameter) { Confidence::High } else { Confidence::Medium };
        out.report(Hit::new(spot).message(message).label("known to whoever reads the template").confidence(confidence));
    }
}

/// Whether a default only says that there is none: `none`, `n/a`, `noValue`, `NOT_SET`.
fn says_nothing(text: &str) -> bool {
    const NOTHINGS: &[&str] = &[
        "",
        "none",
        "null",
        "nil",
        "na",
        "default",
        "no",
        "false",
        "true",
        "novalue",
        "notset",
        "unset",
        "notused",
        "unused",
        "undefined",
        "empty",
        "notapplicable",
        "notprovided",
        "notspecified",
        "notrequired",
        "disabled",
    ];
    let bare: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    text.is_ascii() && bare.len() * 2 >= text.len() && NOTHINGS.contains(&bare.as_str()) || text == "-"
}
