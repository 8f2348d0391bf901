//! What a statement certainly does not say, seen from what is written, without cases.
//!
//! Most statements are about other actions, resources and principals than a rule asks for, and say so in plain words.
//! Where something is computed nothing is certain, and [`Asked`](super::Asked) answers.

use super::asked::{MAX_ITEMS, covers, means_a, width_of};
use super::principal::is_principal;
use crate::resolve::{Text, Truth};
use crate::rulebook::{Sort, Who, Width};
use crate::template::{Kind, Map, Value};

/// A statement as it is written.
#[derive(Debug, Clone, Copy)]
pub struct Plain<'a>(Map<'a>);

impl<'a> Plain<'a> {
    /// `None` for what is no map.
    #[must_use]
    pub fn of(statement: &Value<'a>) -> Option<Self> {
        statement.as_map().map(Self)
    }

    /// True when none of some actions is allowed.
    #[must_use]
    pub fn allows_none(self, actions: &[String]) -> bool {
        self.denies() || self.no_action(&|word| actions.iter().any(|wanted| covers(word, wanted)))
    }

    /// True when no action of a sort is allowed; as everywhere, what `NotAction` allows is another matter.
    #[must_use]
    pub fn allows_none_of(self, sort: Sort) -> bool {
        let one = |word: &str| width_of(word) == Some(Width::Everything) || means_a(sort, word);
        self.denies() || self.none_in("Action", &one)
    }

    /// True when no action is a wildcard of a width.
    #[must_use]
    pub fn no_wildcard(self, width: Width) -> bool {
        self.none_in("Action", &|word| width_of(word) == Some(width))
    }

    /// True when no principal is of a sort.
    #[must_use]
    pub fn no_principal(self, who: Who, trusted: &[String]) -> bool {
        // Everyone may be every service, by a condition.
        let by_condition = who == Who::Service && self.0.get("Condition").is_some();
        if by_condition || self.0.get("NotPrincipal").is_some() {
            return false;
        }
        let other = |key: &str, value: &Value<'a>| {
            each_of(value, &|one| {
                matches!(one.kind, Kind::Text(_)) && is_principal(key, &Text::of(one), who, trusted) == Truth::No
            })
        };
        match self.0.get("Principal").map(|entry| entry.value) {
            None => !self.0.is_open(),
            Some(Value { kind: Kind::Map(sorts), .. }) => {
                !sorts.is_open() && sorts.entries.iter().all(|entry| other(entry.key, &entry.value))
            }
            Some(value) => other("AWS", &value),
        }
    }

    fn denies(self) -> bool {
        let other = |effect: &Value<'a>| Text::of(effect).known().is_some_and(|word| word != "Allow");
        self.0.get("Effect").is_some_and(|effect| other(&effect.value))
    }

    fn no_action(self, is: &dyn Fn(&str) -> bool) -> bool {
        self.0.get("NotAction").is_none() && self.none_in("Action", is)
    }

    fn none_in(self, key: &str, is: &dyn Fn(&str) -> bool) -> bool {
        self.0.get(key).map_or_else(|| !self.0.is_open(), |entry| none_of(&entry.value, is))
    }
}

/// True when all texts of a list, or a lone text, are written, and none is one of those that are asked for.
fn none_of(value: &Value<'_>, is: &dyn Fn(&str) -> bool) -> bool {
    each_of(value, &|one| Text::of(one).known().is_some_and(|word| !is(&word)))
}

/// Whether something is so of every item of a list that a policy can be as long as, or of a lone value.
fn each_of<'a>(value: &Value<'a>, is: &dyn Fn(&Value<'a>) -> bool) -> bool {
    value.as_list().map_or_else(|| is(value), |items| items.len() <= MAX_ITEMS && items.iter().all(is))
}
