//! ARNs that name everything of a sort.

use super::{Context, Rule, Sink};
use crate::analysis::iam::actions::{self, ResourceType};
use crate::analysis::iam::arn::Arn;
use crate::analysis::iam::wildcard::Glob;
use crate::analysis::policy::Asked;
use crate::resolve::Text;
use crate::rulebook::PolicyKind;
use crate::rules::{Hit, Spot, narrower};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity) {
        let asked = statement.asked(cx.resolver);
        if !asked.effect("Allow").yes() {
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
            let what = if arn.resource.is_everything() {
                format!("everything of {}", service.title)
            } else {
                format!("every {} of {}", meant(&covered, &asked).replace('-', " "), service.title)
            };
            let hit = Hit::new(Spot::in_statement(statement, &case)).of(cx.owner(statement)).under(&case.under);
            let mut hit = hit.message(format!("policy names {what}"));
            hit.fixes.extend(narrower::resources(cx, statement));
            out.report(hit);
        }
    }
}

/// The type to name: the one that most of the statement's actions act on.
fn meant(covered: &[&'static ResourceType], asked: &Asked<'_, '_, '_>) -> &'static str {
    let patterns = asked.items("Action");
    let texts = patterns.iter().filter_map(|c| Some(Text::of(&c.present()?).known()?.into_owned()));
    let acts: Vec<_> = texts.flat_map(|text| actions::expand(&text).take(400)).collect();
    let count = |kind: &&&ResourceType| acts.iter().filter(|a| a.resources().any(|r| r.name == kind.name)).count();
    // Of equals the first, which `max_by_key` would not take.
    covered.iter().rev().max_by_key(count).map_or("", |kind| kind.name)
}
