//! A secret that CloudFormation resolves into a variable is plain text in the function's configuration.

use super::parameter_secret_shown::{names, secret as is_secret};
use crate::analysis::flows::Secret;
use crate::analysis::runners;
use crate::analysis::secrets::{naming_name, secret_name};
use crate::resolve::{Hole, Text};
use crate::rulebook::Confidence;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (_, function) in facts.all_functions() {
        let Some(sort) = runners::function(function.kind) else { continue };
        for variable in facts.environment(function) {
            let Some(value) = variable.case.present() else { continue };
            let text = Text::of(&value);
            let secret = Secret::of_text(cx.template, Some(variable.name), &text, variable.case.parameter);
            // What the framework reads is another rule's.
            let secret = secret.filter(|secret| !matches!(secret, Secret::External(_)));
            let shown = shown(cx, variable.name, &text, variable.case.parameter);
            let Some(secret) = secret.or(shown) else { continue };
            let message = format!(
                "variable `{}` holds {} in plain text once it is deployed: for everyone who may call `{}`",
                variable.name,
                if shown.is_some() { secret.what().replace("hidden ", "") } else { secret.what() },
                sort.reader
            );
            // With its value, for what several functions inherit is told once, of all of them.
            let spot = Spot::of(&variable.case);
            let mut hit = Hit::new(spot).of(function).under(&variable.case.under);
            // That it is a secret is told by its name alone.
            if matches!(secret, Secret::Plain(_)) || shown.is_some() {
                hit = hit.confidence(Confidence::Medium);
            }
            out.report(hit.message(message).label("resolved while deploying").help(secret.instead()));
        }
    }
}

/// A parameter for a secret that is not even hidden: to hide it would leave it in the variable. That it is for one is said by its own
/// name, or by the variable's.
fn shown<'a>(cx: &Context<'_, 'a>, variable: &str, text: &Text<'a>, given: Option<&'a str>) -> Option<Secret<'a>> {
    let name = match text.only_hole() {
        Some(Hole::Parameter { name }) => name,
        // By default there is none; one that stands there is told as that.
        _ => given.filter(|_| text.is("").yes())?,
    };
    let parameter = cx.template.parameter(name).filter(|parameter| !parameter.no_echo)?;
    let neutral = || {
        let text = parameter.kind == "String" && parameter.allowed.is_empty();
        secret_name(variable) && text && !naming_name(parameter.name) && !names(cx, parameter)
    };
    (is_secret(cx, parameter) || neutral()).then_some(Secret::Hidden(parameter.name))
}
