//! ARNs that name everything of a sort.

use super::{Context, Rule, Sink};
use crate::analysis::iam::actions;
use crate::analysis::iam::arn::Arn;
use crate::analysis::iam::wildcard::Glob;
use crate::resolve::{Text, Truth};
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
            let start = arn.resource.to_text();
            let start = start.split(['*', '?']).next().unwrap_or("").to_owned();
            let all = service.resources().iter().find(|kind| {
                let pattern = kind.pattern();
                // Comparing is slow; what begins otherwise is not covered.
                let begins = pattern.splitn(6, ':').last().and_then(|r| r.split(['*', '?']).next()).unwrap_or("");
                begins.starts_with(&start) && Arn::parse(&Glob::resource(&pattern)).is_some_and(|k| k.resource.is_wild() && arn.resource.covers(&k.resource) == Truth::Yes)
            });
            if let Some(kind) = all {
                let hit = Hit::new(Spot::in_statement(statement, &case)).of(cx.owner(statement)).under(&case.under);
                let mut hit = hit;
                hit.fixes.extend(narrower::resources(cx, statement));
                out.report(hit.message(format!("policy names every {} of {}", kind.name.replace('-', " "), service.title)));
            }
        }
    }
}
