//! Every rule holds what its card promises.

use std::collections::BTreeSet;

use portcullis::rulebook::{Category, Verdict};
use portcullis::rules::{Catalogue, Rule};
use portcullis::scan::examples;

/// Each rule speaks at exactly the marked lines of its bad examples and is silent on the others.
/// `RULE=name` runs those whose name contains it.
#[test]
fn examples_hold() {
    let only = std::env::var("RULE").unwrap_or_default();
    let wrong = examples::run(Catalogue::builtin(), |rule| rule.head.name.contains(&only));
    let shown: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{} examples are judged otherwise:\n{}", wrong.len(), shown.join("\n"));
}

/// A native card has its Rust, and Rust has its card.
#[test]
fn natives_have_cards() {
    let catalogue = Catalogue::builtin();
    let told: BTreeSet<&str> = catalogue
        .rules()
        .iter()
        .filter(|r| r.head.native && r.head.category != Category::Portcullis)
        .map(|r| r.head.name.as_str())
        .collect();
    let written: BTreeSet<&str> = portcullis::rules::native_names().into_iter().collect();
    assert_eq!(told, written);
}

/// Every rule shows itself: at least one bad and one good example; what it subsumes exists.
#[test]
fn cards_are_complete() {
    let catalogue = Catalogue::builtin();
    let mut wrong = Vec::new();
    for rule in catalogue.rules() {
        let (head, prose) = (&rule.head, rule.prose());
        let has = |verdict| prose.examples.iter().any(|e| e.verdict == verdict);
        let suppression = head.name.starts_with("suppression-") || head.name.starts_with("baseline-");
        if !suppression && (!has(Verdict::Bad) || !has(Verdict::Good)) {
            wrong.push(format!("{} needs a bad and a good example", head.name));
        }
        if prose.why.split_whitespace().count() < 15 {
            wrong.push(format!("{} does not say why", head.name));
        }
        let help = prose.help();
        if help.matches('`').count() % 2 == 1 || help.ends_with([',', ':', '(']) || help.is_empty() {
            wrong.push(format!("{} breaks off: {help}", head.name));
        }
        for other in head.subsumes.iter().chain(&head.silences) {
            if catalogue.get(other).is_none() {
                wrong.push(format!("{} subsumes `{other}`, which is no rule", head.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every type and property that a rule names is one of AWS's.
#[test]
fn properties_exist() {
    let catalogue = Catalogue::builtin();
    let told =
        |rule: &Rule| rule.unknown_names().into_iter().map(|what| format!("{}: {what}", rule.head.name)).collect();
    let wrong: Vec<String> = catalogue.rules().iter().flat_map(|rule| -> Vec<String> { told(rule) }).collect();
    assert!(wrong.is_empty(), "{} paths:\n{}", wrong.len(), wrong.join("\n"));
}
