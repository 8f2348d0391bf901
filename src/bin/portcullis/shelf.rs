//! The rules there are, built in and the user's own, in the words that configuration and reports need.

use std::collections::BTreeSet;
use std::path::Path;

use portcullis::config::{Catalogue as Names, Config, Described};
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
        let packs = asks_for_packs(config);
        let names = Names::new(catalogue.rules().iter().map(|rule| described(rule, packs)));
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

fn described(rule: &Rule, packs: bool) -> Described {
    let head = &rule.head;
    Described {
        name: head.name.clone(),
        category: head.category,
        profile: head.profile,
        severity: head.severity,
        confidence: head.confidence,
        services: services(rule),
        packs: if packs { rule.prose().compliance.keys().cloned().collect() } else { Vec::new() },
        aliases: head.aliases.clone(),
        parameters: rule.logic().parameters.keys().cloned().collect(),
    }
}

/// The services a rule is about: the first word of its name, and those of the types it looks at. A rule that looks
/// at many services is about none of them: whoever selects `sns` does not mean every rule about policies.
fn services(rule: &Rule) -> Vec<String> {
    let service = |kind: &String| kind.split("::").nth(1).map(str::to_ascii_lowercase);
    let mut all: Vec<_> = rule.head.resources.iter().filter_map(service).collect();
    all.sort();
    all.dedup();
    if all.len() > 3 {
        all.clear();
    }
    let own = rule.service().to_owned();
    if !all.contains(&own) {
        all.push(own);
    }
    all
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
        tags: services(rule),
        bad: example(Verdict::Bad),
        good: example(Verdict::Good),
        url: None,
    }
}
