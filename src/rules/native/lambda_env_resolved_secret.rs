//! A secret that CloudFormation resolves into a variable is plain text in the function's configuration.

use crate::resolve::{Hole, Text};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Value;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (_, function) in facts.functions() {
        for variable in facts.environment(function) {
            let Some(value) = variable.case.present() else { continue };
            let hidden = |name: &str| cx.template.parameter(name).is_some_and(|p| p.no_echo);
            let mut found = Text::of(&value).holes().find_map(|hole| match hole {
                Hole::Dynamic { service: service @ ("secretsmanager" | "ssm-secure"), key } => {
                    Some(format!("the secret `{}`", key.split(':').next().unwrap_or(service)))
                }
                Hole::Parameter { name } if hidden(name) => Some(format!("the hidden parameter `{name}`")),
                Hole::Dynamic { .. }
                | Hole::Parameter { .. }
                | Hole::Pseudo(_)
                | Hole::Resource(_)
                | Hole::Attribute(..)
                | Hole::Import(_)
                | Hole::External(_)
                | Hole::Other => None,
            });
            // A hidden parameter whose value we were given, or that has a default.
            found = found.or_else(|| {
                variable.case.parameter.filter(|name| hidden(name)).map(|name| format!("the hidden parameter `{name}`"))
            });
            let Some(what) = found else { continue };
            let message = format!("variable `{}` holds {what} in plain text once it is deployed", variable.name);
            let spot = Spot { origin: variable.case.place, value: None::<Value<'a>>, item: None };
            out.report(
                Hit::new(spot)
                    .of(function)
                    .under(&variable.case.under)
                    .message(message)
                    .label("resolved while deploying"),
            );
        }
    }
}
