//! The rules as configuration and suppressions know them: by their names.

use std::sync::Arc;

use super::{Catalogue, Rule};
use crate::config::{self, Described};

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
    let parameters = if parameters { rule.logic().parameters.keys().cloned().collect() } else { Vec::new() };
    Described::new(Arc::clone(&rule.head), packs, parameters)
}
