//! Variables in policies whose language has none.

use super::iam_policy_old_version::{each, variable};
use super::{Context, Rule, Sink};
use crate::resolve::Text;
use crate::rulebook::Severity;
use crate::rules::{Hit, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    each(cx, &mut |document, owner, case, _| {
        let statements = document
            .value
            .get("Statement")
            .map(|entry| cx.resolver.items(&entry.value, &case.under))
            .unwrap_or_default();
        for statement in statements {
            let Some(value) = statement.present() else { continue };
            let parts = ["Resource", "NotResource", "Condition"].into_iter().filter_map(|key| value.get(key));
            let Some(place) = parts.filter_map(|entry| variable(&entry.value, 0)).next() else { continue };
            let denies = cx
                .resolver
                .get(&value, "Effect", &statement.under)
                .iter()
                .any(|effect| effect.present().is_some_and(|effect| Text::of(&effect).is("Deny").yes()));
            let spot = Spot { origin: place, value: None, item: Some(document.origin) };
            let hit = Hit::new(spot).of(owner).under(&statement.under);
            // What allows nothing is noticed, and a denial that holds for nothing is not.
            out.report(if denies { hit.severity(Severity::High) } else { hit });
        }
    });
}
