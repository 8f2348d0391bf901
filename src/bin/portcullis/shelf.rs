//! The rules there are, built in and the user's own, in the words that configuration and reports need.

use std::collections::BTreeSet;
use std::path::Path;

use portcullis::config::{Catalogue as Names, Config};
use portcullis::finding::Run;
use portcullis::report;
use portcullis::rulebook::Verdict;
use portcullis::rules::{Catalogue, Rule};

use crate::disk;

/// Every rule there is.
pub(crate) struct Shelf {
    /// The rules themselves.
    pub(crate) catalogue: Catalogue,
    /// The rules as configuration and suppressions name them.
    pub(crate) names: Names,
}

impl Shelf {
    /// The built-in rules, and those of the folders that the configuration names.
    pub(crate) fn stock(here: &Path, config: &Config) -> anyhow::Result<Self> {
        let mut catalogue = Catalogue::builtin();
        for (base, folder) in config.rules_dirs() {
            catalogue.add(texts(here, &base.join(&folder.value))?)?;
        }
        let names = catalogue.names(asks_for_packs(config), sets_parameters(config));
        Ok(Self { catalogue, names })
    }
}

/// The rules as reports show them: those that found something, or all.
pub(crate) fn shown(catalogue: &Catalogue, run: &Run, all: bool) -> Vec<report::Rule> {
    let found: BTreeSet<&str> = run.findings.iter().map(|finding| &*finding.rule).collect();
    catalogue.rules().iter().filter(|rule| all || found.contains(rule.head.name.as_str())).map(in_report).collect()
}

/// The rule files of a folder, with the names that mistakes in them are reported under.
fn texts(here: &Path, folder: &Path) -> anyhow::Result<Vec<(std::path::PathBuf, String)>> {
    let files = disk::rule_files(folder)?.into_iter();
    files.map(|path| disk::read(here, &path).map(|source| (source.path().into(), source.text().to_owned()))).collect()
}

/// Controls are prose, which is unpacked only when somebody asks for it.
fn asks_for_packs(config: &Config) -> bool {
    let plain =
        config.layers().iter().flat_map(|l| l.select.iter().flatten().chain(&l.ignore).chain(&l.unsuppressible));
    let inner = config.layers().iter().flat_map(|l| l.overrides.iter().flat_map(|o| o.select.iter().chain(&o.ignore)));
    plain.chain(inner).any(|selector| selector.value.to_string().starts_with("pack:"))
}

/// Parameters of rules are logic, which is unpacked only when somebody sets one.
fn sets_parameters(config: &Config) -> bool {
    let rules = config.layers().iter().flat_map(|l| l.rules.iter().chain(l.overrides.iter().flat_map(|o| &o.rules)));
    rules.into_iter().any(|rule| !rule.parameters.is_empty())
}

fn in_report(rule: &Rule) -> report::Rule {
    let (head, prose) = (&rule.head, rule.prose());
    let example = |verdict| prose.examples.iter().find(|e| e.verdict == verdict).map(|e| e.shown());
    report::Rule {
        name: head.name.clone(),
        title: head.title.clone(),
        category: head.category,
        severity: head.severity,
        confidence: head.confidence,
        why: prose.why.clone(),
        remedy: prose.remedy.clone(),
        references: prose.references.clone(),
        cwe: head.cwe.clone(),
        tags: rule.services(),
        bad: example(Verdict::Bad),
        good: example(Verdict::Good),
        url: None,
    }
}
