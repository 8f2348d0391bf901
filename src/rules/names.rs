//! The rules as configuration and suppressions know them: by their names.

use super::{Catalogue, Rule};
use crate::config::{self, Described};

/// A rule that looks at more services than this is about none of them: whoever selects `sns` does not mean
/// every rule about policies.
const MOST_SERVICES: usize = 3;

impl Catalogue {
    /// The rules by all their names; with `packs` also by the frameworks that ask for them, with `parameters`
    /// with what can be set. Both have to be unpacked, which is done only when somebody wants to know.
    #[must_use]
    pub fn names(&self, packs: bool, parameters: bool) -> config::Catalogue {
        config::Catalogue::new(self.rules().iter().map(|rule| described(rule, packs, parameters)))
    }
}

fn described(rule: &Rule, packs: bool, parameters: bool) -> Described {
    let head = &rule.head;
    Described {
        name: head.name.clone(),
        category: head.category,
        profile: head.profile,
        severity: head.severity,
        confidence: head.confidence,
        services: rule.services(),
        packs: if packs { rule.prose().compliance.keys().cloned().collect() } else { Vec::new() },
        aliases: head.aliases.clone(),
        parameters: if parameters { rule.logic().parameters.keys().cloned().collect() } else { Vec::new() },
    }
}

impl Rule {
    /// The services that the rule is about: the first word of its name, and those of the types it looks at.
    #[must_use]
    pub fn services(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for service in self.head.resources.iter().filter_map(|kind| kind.split(':').nth(2)) {
            if !all.iter().any(|known| known.eq_ignore_ascii_case(service)) {
                all.push(service.to_ascii_lowercase());
            }
            if all.len() > MOST_SERVICES {
                all.clear();
                break;
            }
        }
        all.sort();
        let own = self.service().to_owned();
        if !all.contains(&own) {
            all.push(own);
        }
        all
    }
}
