//! ARNs that name everything of a sort.

use std::cmp::Reverse;

use super::{Context, Rule, Sink};
use crate::analysis::iam::actions::{self, Action, ResourceType};
use crate::analysis::iam::arn::Arn;
use crate::analysis::iam::wildcard::Glob;
use crate::analysis::policy::{Asked, Statement};
use crate::finding::Kind as FindingKind;
use crate::resolve::{Case, Text, Truth};
use crate::rulebook::{Narrowing, PolicyKind};
use crate::rules::{Hit, Spot, narrower};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity) {
        let asked = statement.asked(cx.resolver);
        // A condition on the resource's tags, or on who asks, says what is meant.
        if !asked.effect("Allow").yes() || asked.narrowed(Narrowing::Anything).yes() {
            continue;
        }
        for case in asked.items("Resource") {
            let Some(value) = case.present() else { continue };
            let text = Text::of(&value);
            let glob = Glob::text(&text);
            if !glob.is_wild() || glob.is_everything() {
                continue;
            }
            let Some(arn) = Arn::parse(&glob) else { continue };
            let Some(service) = actions::service(&arn.service.to_text()) else { continue };
            let wild = |kind: &&ResourceType| kind.parts().is_some_and(|own| own.resource.is_wild());
            let covered: Vec<_> = service.covered(&arn).filter(wild).collect();
            if covered.is_empty() {
                continue;
            }
            let stopped = stopped(cx, statement, &asked, &covered);
            if stopped == Truth::Yes {
                continue;
            }
            let what = if arn.resource.is_everything() {
                format!("everything of {}", service.title)
            } else {
                format!("every {} of {}", meant(&covered, &asked).replace('-', " "), service.title)
            };
            let hit = Hit::new(Spot::in_statement(statement, &case)).of(cx.owner(statement)).under(&case.under);
            let mut hit = hit.message(format!("policy names {what}"));
            if stopped == Truth::Maybe {
                hit.kind = FindingKind::Open;
            }
            hit.fixes.extend(narrower::resources(cx, statement));
            out.report(hit);
        }
    }
}

/// Whether denials or a boundary take away most of what the statement allows on these types.
fn stopped<'a>(
    cx: &Context<'_, 'a>,
    statement: &Statement<'a>,
    asked: &Asked<'_, '_, 'a>,
    covered: &[&'static ResourceType],
) -> Truth {
    let Some(limits) = cx.limits(statement) else { return Truth::No };
    let acts_on_them =
        |a: &&'static Action| a.resources().any(|r| covered.iter().any(|kind| kind.parts() == r.parts()));
    limits.stops_most(acts(asked).into_iter().filter(acts_on_them), &asked.under)
}

/// The actions of a statement, of each pattern the first few hundred.
fn acts(asked: &Asked<'_, '_, '_>) -> Vec<&'static Action> {
    let patterns = asked.items("Action");
    let texts = patterns.iter().filter_map(Case::text);
    texts.flat_map(|text| actions::expand(&text).take(400)).collect()
}

/// The type to name: the one that most of the statement's actions act on.
fn meant(covered: &[&'static ResourceType], asked: &Asked<'_, '_, '_>) -> &'static str {
    let acts = acts(asked);
    let count = |kind: &&&ResourceType| acts.iter().filter(|a| a.resources().any(|r| r.name == kind.name)).count();
    // Of equals the one that is told in the fewest words: all APIs rather than all that they hold. Of those the first, which
    // `max_by_key` would not take.
    covered.iter().rev().max_by_key(|kind| (count(kind), Reverse(kind.pattern().len()))).map_or("", |kind| kind.name)
}
