//! Rules in the words that reports need.

use std::collections::BTreeSet;

use portcullis::finding::Run;
use portcullis::report;
use portcullis::rulebook::Verdict;
use portcullis::rules::{Catalogue, Rule};

/// The rules as reports show them: those that found something, or all.
pub(crate) fn shown(catalogue: &Catalogue, run: &Run, all: bool) -> Vec<report::Rule> {
    let found: BTreeSet<&str> = run.findings.iter().map(|finding| &*finding.rule).collect();
    catalogue.rules().iter().filter(|rule| all || found.contains(rule.head.name.as_str())).map(in_report).collect()
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
        url: rule.is_builtin().then(|| report::manual(&head.name)).flatten(),
    }
}
