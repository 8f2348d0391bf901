//! `ForAllValues` on keys with one value: true when the key is missing.

use super::{Context, Rule, Sink};
use crate::analysis::iam::keys;
use crate::analysis::policy::Condition;
use crate::resolve::Text;
use crate::rules::{Hit, Spot};
use crate::template::Value;

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
            let asks = |c: &&Condition<'_>| c.key.eq_ignore_ascii_case(condition.key) && needs_key(c);
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

/// Whether a condition does not hold where its key is missing: `Null: {key: false}`, and whatever compares it with something.
fn needs_key(condition: &Condition<'_>) -> bool {
    let operator = condition.operator.to_ascii_lowercase();
    if operator == "null" {
        let is_true = |value: &Value<'_>| Text::of(value).is("true").yes();
        return !condition.value.as_list().map_or_else(|| is_true(&condition.value), |all| all.iter().all(is_true));
    }
    !operator.starts_with("forallvalues:") && !operator.ends_with("ifexists") && !operator.contains("not")
}
