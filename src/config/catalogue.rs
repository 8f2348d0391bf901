//! What configuration and suppressions need to know of the rules: their names, never their logic.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::{Peer, Selector};
use crate::rulebook::{Category, Comparison, Head, nearest};

/// A rule as it can be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// What its card says first.
    pub head: Arc<Head>,
    /// The frameworks that ask for it: `cis-aws-3.0`.
    pub packs: Vec<String>,
    /// The parameters that it takes in the configuration, with what their values are compared by: `trusted-accounts`.
    pub parameters: BTreeMap<String, Vec<Comparison>>,
    /// The services it is about, found out when first asked for.
    services: OnceLock<Vec<String>>,
}

impl Described {
    /// A rule by its head, the frameworks that ask for it and its parameters.
    #[must_use]
    pub const fn new(head: Arc<Head>, packs: Vec<String>, parameters: BTreeMap<String, Vec<Comparison>>) -> Self {
        Self { head, packs, parameters, services: OnceLock::new() }
    }

    /// The AWS services it looks at, in small letters: `s3`.
    pub fn services(&self) -> &[String] {
        self.services.get_or_init(|| self.head.services())
    }

    /// What peers call it; aliases of tools we do not know are left out.
    pub fn aliases(&self) -> impl Iterator<Item = (Peer, &str)> {
        self.head.aliases.iter().filter_map(|alias| {
            let (peer, id) = alias.split_once(':')?;
            Some((Peer::parse(peer)?, id))
        })
    }

    /// What one peer calls it.
    pub fn ids(&self, peer: Peer) -> impl Iterator<Item = &str> {
        self.aliases().filter(move |(p, _)| *p == peer).map(|(_, id)| id)
    }
}

/// Every rule as it can be named, built in and users' own.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    rules: Vec<Described>,
    /// The rules by what each peer calls them, made when first asked for.
    by_id: OnceLock<BTreeMap<(Peer, String), Vec<usize>>>,
}

impl Catalogue {
    /// A catalogue of rules; the later of two that share a name wins.
    #[must_use]
    pub fn new(rules: impl IntoIterator<Item = Described>) -> Self {
        let mut rules: Vec<_> = rules.into_iter().collect();
        rules.reverse();
        rules.sort_by(|a, b| a.head.name.cmp(&b.head.name));
        rules.dedup_by(|a, b| a.head.name == b.head.name);
        Self { rules, by_id: OnceLock::new() }
    }

    /// Every rule, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Described> {
        self.rules.iter()
    }

    /// The rule of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Described> {
        self.rules.binary_search_by(|r| r.head.name.as_str().cmp(name)).ok().and_then(|at| self.rules.get(at))
    }

    /// The names of the rules that a peer's id stands for.
    pub fn rules_of(&self, peer: Peer, id: &str) -> Vec<&str> {
        let found = self.by_id().get(&(peer, peer.folded(id))).into_iter().flatten();
        found.filter_map(|at| Some(self.rules.get(*at)?.head.name.as_str())).collect()
    }

    /// The names of the rules one of whose ids in a peer's words, in small letters, passes a test.
    pub fn rules_where(&self, peer: Peer, mut test: impl FnMut(&str) -> bool) -> Vec<&str> {
        let own = self.by_id().range((peer, String::new())..).take_while(|((of, _), _)| *of == peer);
        let found: BTreeSet<usize> = own.filter(|((_, id), _)| test(id)).flat_map(|(_, at)| at).copied().collect();
        found.into_iter().filter_map(|at| Some(self.rules.get(at)?.head.name.as_str())).collect()
    }

    fn by_id(&self) -> &BTreeMap<(Peer, String), Vec<usize>> {
        self.by_id.get_or_init(|| {
            let mut all = BTreeMap::<_, Vec<usize>>::new();
            for (at, rule) in self.rules.iter().enumerate() {
                for (peer, id) in rule.aliases() {
                    let of_id = all.entry((peer, peer.folded(id))).or_default();
                    if of_id.last() != Some(&at) {
                        of_id.push(at);
                    }
                }
            }
            all
        })
    }

    /// The rules that a selector stands for.
    ///
    /// # Errors
    /// When it stands for none, or is a bare id that several peers use.
    pub fn resolve(&self, selector: &Selector) -> Result<Vec<&Described>, Unresolved> {
        if let Some(id) = selector.bare() {
            let mut full: Vec<String> = self
                .rules
                .iter()
                .flat_map(|r| r.aliases().filter(|(peer, known)| peer.same(known, id)))
                .map(|(peer, _)| format!("{peer}:{id}"))
                .collect();
            full.sort();
            full.dedup();
            if full.len() > 1 {
                return Err(Unresolved { nearest: None, ambiguous: full });
            }
        }
        let found: Vec<_> = self.rules.iter().filter(|r| selector.matches(r)).collect();
        if found.is_empty() {
            return Err(Unresolved { nearest: self.nearest(&selector.to_string()), ambiguous: Vec::new() });
        }
        Ok(found)
    }

    /// The name that was perhaps meant.
    #[must_use]
    pub fn nearest(&self, text: &str) -> Option<String> {
        if let Some((front, id)) = text.split_once(':') {
            let peer = Peer::parse(front)?;
            let ids = self.rules.iter().flat_map(|r| r.ids(peer));
            return nearest(id, ids).map(|id| format!("{peer}:{id}"));
        }
        let names = self.rules.iter().map(|r| r.head.name.as_str());
        let groups = Category::ALL.iter().map(|c| c.name());
        let services = self.rules.iter().flat_map(|r| r.services().iter().map(String::as_str));
        nearest(text, names.chain(groups).chain(services)).map(str::to_owned)
    }
}

/// Why a selector stands for no rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unresolved {
    /// The name that was perhaps meant.
    pub nearest: Option<String>,
    /// What it may stand for, when it may stand for several things.
    pub ambiguous: Vec<String>,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::rulebook::Severity;

    /// A rule of a name, about S3 encryption.
    pub(in super::super) fn rule(name: &str) -> Described {
        let head = Head { resources: vec!["AWS::S3::Bucket".into()], ..Head::named(name, Category::Encryption) };
        Described::new(Arc::new(head), Vec::new(), BTreeMap::new())
    }

    fn resolve(catalogue: &Catalogue, text: &str) -> Result<Vec<String>, Unresolved> {
        let selector = Selector::parse(text).expect("a selector");
        catalogue.resolve(&selector).map(|rules| rules.iter().map(|r| r.head.name.to_string()).collect())
    }

    /// A bare id that two peers use is ambiguous; with its peer it is not.
    #[test]
    fn a_bare_id_of_two_peers_is_ambiguous() {
        let (mut a, mut b) = (rule("a"), rule("b"));
        Arc::make_mut(&mut a.head).aliases = ["cfn_nag:W11"].into_iter().collect();
        Arc::make_mut(&mut b.head).aliases = ["cfn_lint:W11", "cfn_nag:W12"].into_iter().collect();
        let catalogue = Catalogue::new([a, b]);
        let ambiguous = resolve(&catalogue, "W11").expect_err("ambiguous").ambiguous;
        assert_eq!(ambiguous, ["cfn_lint:W11", "cfn_nag:W11"]);
        assert_eq!(resolve(&catalogue, "cfn_nag:W11"), Ok(vec!["a".into()]));
        assert_eq!(resolve(&catalogue, "W12"), Ok(vec!["b".into()]));
        assert_eq!(resolve(&catalogue, "s3"), Ok(vec!["a".into(), "b".into()]));
    }

    /// A misspelt rule is answered with the rule that was meant, nonsense with nothing.
    #[test]
    fn a_misspelt_rule_is_recognised() {
        let catalogue = Catalogue::new([rule("s3-bucket-unencrypted"), rule("s3-bucket-public")]);
        let near = |text: &str| resolve(&catalogue, text).expect_err("unknown").nearest;
        assert_eq!(near("s3-bucket-unencrypted2").as_deref(), Some("s3-bucket-unencrypted"));
        assert_eq!(near("s3_bucket_pubilc").as_deref(), Some("s3-bucket-public"));
        assert_eq!(near("xyzzy"), None);
        assert_eq!(near(&"a".repeat(100_000)), None);
    }

    /// A user's rule replaces the built-in one of the same name.
    #[test]
    fn the_later_rule_of_a_name_wins() {
        let mut own = rule("a");
        Arc::make_mut(&mut own.head).severity = Severity::Critical;
        let catalogue = Catalogue::new([rule("a"), own]);
        assert_eq!(catalogue.iter().count(), 1);
        assert_eq!(catalogue.get("a").map(|r| r.head.severity), Some(Severity::Critical));
    }
}
