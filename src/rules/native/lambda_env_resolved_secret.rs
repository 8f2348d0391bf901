//! A secret that CloudFormation resolves into a variable is plain text in the function's configuration.

use crate::analysis::flows::Secret;
use crate::analysis::runners;
use crate::resolve::Text;
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
            let Some(secret) = secret.filter(|secret| !matches!(secret, Secret::External(_))) else { continue };
            let message = format!(
                "variable `{}` holds {} in plain text once it is deployed: for everyone who may call `{}`",
                variable.name,
                secret.what(),
                sort.reader
            );
            let spot = Spot { origin: variable.case.place, value: None, item: None };
            let mut hit = Hit::new(spot).of(function).under(&variable.case.under);
            // That it is a secret is told by its name alone.
            if matches!(secret, Secret::Plain(_)) {
                hit = hit.confidence(Confidence::Medium);
            }
            out.report(hit.message(message).label("resolved while deploying").help(secret.instead()));
        }
    }
}
