//! The rules as configuration and suppressions know them: by their names.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Catalogue, Rule};
use crate::config::{self, Described};
use crate::rulebook::{Comparison, Logic, Pattern};

impl Catalogue {
    /// The rules by all their names; with `packs` also by the frameworks that ask for them, with `parameters`
    /// with what can be set. Both have to be unpacked, which is done only when somebody wants to know.
    #[must_use]
    pub fn names(&self, packs: bool, parameters: bool) -> config::Catalogue {
        config::Catalogue::new(self.rules().iter().map(|rule| described(rule, packs, parameters)))
    }
}

fn described(rule: &Rule, packs: bool, parameters: bool) -> Described {
    let packs = if packs { rule.prose().compliance.keys().cloned().collect() } else { Vec::new() };
    let parameters = if parameters { self::parameters(rule) } else { BTreeMap::new() };
    Described::new(Arc::clone(&rule.head), packs, parameters)
}

/// What a rule takes, and what it is compared by.
fn parameters(rule: &Rule) -> BTreeMap<String, Vec<Comparison>> {
    let Logic { check, parameters, .. } = rule.logic();
    let mut all: BTreeMap<String, Vec<Comparison>> = parameters.keys().map(|name| (name.clone(), Vec::new())).collect();
    let mut compared = |pattern: &Pattern| {
        if let Pattern::Compared(comparison, name) = pattern
            && let Some(known) = all.get_mut(name)
        {
            known.push(*comparison);
        }
    };
    if let Some(check) = check {
        let grades = check.grades.iter().map(|grade| &grade.when);
        check.when.iter().chain([&check.bad]).chain(grades).for_each(|pattern| pattern.each(&mut compared));
    }
    all
}
