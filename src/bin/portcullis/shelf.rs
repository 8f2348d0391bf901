//! Rules in the words that reports need.

use std::collections::BTreeSet;

use portcullis::config::Config;
use portcullis::finding::{self, Run};
use portcullis::report;
use portcullis::rulebook::{Name, Verdict};
use portcullis::rules::{Catalogue, Rule, UnknownName};

use crate::args::Global;
use crate::terminal;

/// The rules as reports show them: those that found something, or all.
pub(crate) fn shown(catalogue: &Catalogue, run: &Run, all: bool) -> Vec<report::Rule> {
    let found: BTreeSet<&str> = run.findings.iter().map(|finding| &*finding.rule).collect();
    catalogue.rules().iter().filter(|rule| all || found.contains(rule.head.name.as_str())).map(in_report).collect()
}

/// Tells of what users' rules ask for and AWS does not have: they never find it, and nothing else would say so.
pub(crate) fn tell_unknown_names(global: &Global, catalogue: &Catalogue) {
    for rule in catalogue.rules().iter().filter(|rule| !rule.is_builtin()) {
        rule.unknown_names().iter().for_each(|name| tell_unknown(global, rule, name));
    }
}

/// Tells when folders of rules are named and there is none in them: a wrong folder would pass for a clean one.
pub(crate) fn tell_of_nothing(global: &Global, config: &Config, catalogue: &Catalogue) {
    let named: Vec<_> = config.rules_dirs().map(|(_, folder)| format!("`{}`", folder.value)).collect();
    if !named.is_empty() && catalogue.rules().iter().all(Rule::is_builtin) {
        let folders = finding::shown(&named.join(", "), false);
        terminal::note(global, &format!("no rule file (`.yaml`, `.yml`) in {folders}"));
    }
}

/// Tells of one of them.
pub(crate) fn tell_unknown(global: &Global, rule: &Rule, name: &UnknownName) {
    terminal::note(global, &finding::shown(&format!("rule `{}`: {name}", rule.head.name), false));
}

fn in_report(rule: &Rule) -> report::Rule {
    let (head, prose) = (&rule.head, rule.prose());
    // Rules of a repository's own are as hostile as its templates; ours are not looked through every time.
    let clean = |text: &str| if rule.is_builtin() { text.to_owned() } else { finding::shown(text, true) };
    let example = |verdict| prose.examples.iter().find(|e| e.verdict == verdict).map(|e| clean(&e.shown()));
    report::Rule {
        name: head.name.to_string(),
        title: clean(&head.title),
        category: head.category,
        severity: head.severity,
        confidence: head.confidence,
        why: clean(&prose.why),
        remedy: clean(&prose.remedy),
        references: prose.references.iter().map(|url| clean(url)).collect(),
        cwe: head.cwe.iter().map(Name::to_string).collect(),
        tags: head.services(),
        bad: example(Verdict::Bad),
        good: example(Verdict::Good),
        url: rule.is_builtin().then(|| report::manual(&head.name)).flatten(),
    }
}
