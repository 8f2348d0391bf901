//! Policies that nobody can read any more.

use std::collections::BTreeSet;

use super::{Context, Rule, Sink};
use crate::analysis::policy::{Asked, Statement};
use crate::resolve::{Case, Text, Truth};
use crate::rulebook::Literal;
use crate::rules::{Hit, Spot};

pub(super) fn check<'a>(rule: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let limit = match cx.parameter(rule, "limit") {
        Some(Literal::Number(text)) => text.parse().unwrap_or(25),
        _ => 25,
    };
    for document in cx.documents() {
        let statements = document.statements(cx.resolver);
        let score: usize = statements.iter().map(|s| weight(cx, s)).sum();
        if let Some(owner) = cx.template.resources.get(document.owner).filter(|_| score >= limit) {
            let hit = Hit::new(Spot::missing(document.origin)).of(owner).under(&document.under);
            out.report(hit.message(format!(
                "policy is hard to read: its statements, services, exceptions and conditions add up to {score}"
            )));
        }
    }
}

/// One for a statement, one for what must be thought about, two for what must be thought about backwards.
/// The weights are arbitrary; only their order is not.
fn weight<'a>(cx: &Context<'_, 'a>, statement: &Statement<'a>) -> usize {
    let asked = statement.asked(cx.resolver);
    let backwards = ["NotAction", "NotResource", "NotPrincipal"].iter().filter(|key| asked.has(key)).count();
    let denies = usize::from(asked.effect("Deny") == Truth::Yes);
    let (conditions, _) = asked.conditions();
    let conditions: usize = conditions
        .iter()
        .map(|c| 1 + usize::from(c.bare_operator().contains("Not")) + usize::from(c.operator != c.bare_operator()))
        .sum();
    1 + 2 * backwards + denies + conditions + more_services(&asked)
}

/// How many services a statement speaks of beyond the first: each has actions and resources of its own to be matched.
fn more_services(asked: &Asked<'_, '_, '_>) -> usize {
    let actions = ["Action", "NotAction"].into_iter().flat_map(|key| asked.items(key));
    let service = |action: Case<'_>| {
        let text = action.present().and_then(|value| Text::of(&value).known().map(|text| text.to_ascii_lowercase()))?;
        text.split_once(':').map(|(service, _)| service.to_owned())
    };
    actions.filter_map(service).collect::<BTreeSet<_>>().len().saturating_sub(1)
}
