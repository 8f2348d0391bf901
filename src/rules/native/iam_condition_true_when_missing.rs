//! `ForAllValues` on keys with one value: true when the key is missing.

use super::{Context, Rule, Sink};
use crate::analysis::iam::keys;
use crate::analysis::policy::Condition;
use crate::rules::{Hit, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements() {
        let asked = statement.asked(cx.resolver);
        if !asked.effect("Allow").yes() {
            continue;
        }
        let (conditions, _) = asked.conditions();
        for condition in conditions.iter().filter(|c| c.operator.to_ascii_lowercase().starts_with("forallvalues:")) {
            let key = condition.key.to_ascii_lowercase();
            let single = key.starts_with("aws:") || key.starts_with("sts:") || key.starts_with("iam:");
            // `Null: {key: false}` beside it asks for the key, where it is there.
            let asks = |c: &&Condition<'_>| c.bare_operator() == "Null" && c.key.eq_ignore_ascii_case(condition.key);
            let left = condition.under.beyond(conditions.iter().filter(asks).map(|c| &c.under)).unwrap_or_default();
            if single
                && !keys::several(&key)
                && let Some(under) = left.first()
            {
                let spot = Spot { origin: condition.operator_origin, value: None, item: Some(statement.value.origin) };
                let hit = Hit::new(spot).of(cx.owner(statement)).under(under);
                out.report(hit.message(format!("condition on `{}` holds for requests that have none", condition.key)));
            }
        }
    }
}
