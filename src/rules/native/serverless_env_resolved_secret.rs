//! A secret that the framework reads while packaging lands in the template that it uploads.

use crate::analysis::flows::Secret;
use crate::analysis::secrets::{connection_name, database_password_name, secret_name};
use crate::analysis::walk::Read;
use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (_, function) in facts.functions() {
        let mut variables = facts.environment(function);
        // Of several that are read of one store in one place, the one that is called a secret says most.
        variables.sort_by_key(|variable| !secret_name(variable.name));
        // The address of a database holds its password where that does not stand beside it.
        let apart = variables.iter().any(|variable| database_password_name(variable.name));
        for variable in variables.into_iter().filter(|variable| !(apart && connection_name(variable.name))) {
            let Some(value) = variable.case.present() else { continue };
            let text = Text::of(&value);
            let secrets: Vec<_> = Secret::all_of_text(cx.template, Some(variable.name), &text, None).collect();
            // A variable that the file gives something to fall back to is set where it counts.
            let unset = || Secret::of_read(cx.template, Some(variable.name), Read::External(value.origin.instead()?));
            let Some(secret @ Secret::External(first)) = secrets.first().copied().or_else(unset) else { continue };
            // A connection string may be put together of several.
            let mut read = vec![first.written];
            for secret in &secrets {
                if let Secret::External(external) = secret {
                    read.push(external.written);
                }
            }
            let empty = value.origin.instead().filter(|_| text.is("").yes());
            let empty = empty.map_or("", |_| "; where it is not set, the secret is empty, and nothing fails");
            let message = format!(
                "{} read while packaging, and variable `{}` holds {} in plain text from then on: for everyone who may read the deployment bucket, the stack or the function's configuration{empty}",
                listed(&read),
                variable.name,
                if read.iter().any(|one| *one != first.written) { "them" } else { "it" }
            );
            let spot = Spot { origin: variable.case.place, value: None, item: None };
            let hit = Hit::new(spot).of(function).under(&variable.case.under);
            out.report(hit.message(message).label("resolved while packaging").help(secret.instead()));
        }
    }
}

/// What is read, with its verb: a text that is put together may read several.
pub(super) fn listed(read: &[&str]) -> String {
    let mut quoted: Vec<String> = Vec::with_capacity(read.len());
    for written in read.iter().map(|written| format!("`{written}`")) {
        if !quoted.contains(&written) {
            quoted.push(written);
        }
    }
    match quoted.split_last() {
        Some((last, all)) if !all.is_empty() => format!("{} and {last} are", all.join(", ")),
        Some((only, _)) => format!("{only} is"),
        None => String::new(),
    }
}
