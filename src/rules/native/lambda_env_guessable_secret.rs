//! A secret that everybody knows, or that the file gives a variable to fall back to.

use crate::analysis::secrets::{deployed, guessable, may_be_secret};
use crate::resolve::Text;
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (_, function) in facts.functions() {
        for variable in facts.environment(function) {
            let Some(value) = variable.case.present() else { continue };
            let Some(text) = Text::of(&value).known() else { continue };
            // What is a credential at first sight has a rule of its own.
            if !may_be_secret(variable.name, &text) || deployed(Some(variable.name), &text).is_some() {
                continue;
            }
            let fallback = value.origin.instead();
            let known = guessable(variable.name, &text);
            let message = match (fallback, known) {
                (None, false) => continue,
                (None, true) => {
                    format!("`{}` is a text that stands in every manual, and is deployed as it is", variable.name)
                }
                (Some(read), _) => format!(
                    "where `{}` is not set, `{}` is a text of this file, and whoever reads it knows the secret",
                    read.written, variable.name
                ),
            };
            let spot = Spot { origin: variable.case.place, value: None, item: None };
            let hit =
                Hit::new(spot).of(function).under(&variable.case.under).message(message).label("anybody guesses it");
            out.report(if known { hit } else { hit.severity(Severity::Low).label("anybody reads it") });
        }
    }
}
