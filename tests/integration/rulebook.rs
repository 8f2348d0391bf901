//! Every rule holds what its card promises.

use std::collections::{BTreeMap, BTreeSet};

use portcullis::rulebook::{Category, Pattern, Verdict};
use portcullis::rules::Catalogue;
use portcullis::scan::examples;

use crate::schemas;

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
    let mut wrong = Vec::new();
    for rule in catalogue.rules() {
        let types: Vec<&str> = rule
            .head
            .resources
            .iter()
            .map(String::as_str)
            .filter(|t| t.starts_with("AWS::") && !t.ends_with('*'))
            .collect();
        for kind in &types {
            if !schemas::has_type(kind) {
                wrong.push(format!("{}: there is no type {kind}", rule.head.name));
            }
        }
        let Some(check) = &rule.logic().check else { continue };
        if check.statements.is_some() {
            continue;
        }
        let mut missing: BTreeMap<String, bool> = BTreeMap::new();
        for kind in types.iter().filter(|t| schemas::has_type(t)) {
            let mut paths = BTreeSet::new();
            let prefix = check.each_of(kind).map(ToString::to_string).unwrap_or_default();
            let fixes = rule.logic().fixes.iter().filter_map(|fix| fix.when.as_ref());
            let patterns = check.when.iter().chain([&check.bad]).chain(fixes);
            patterns.for_each(|p| collect(p, &prefix, &mut paths));
            let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}.") };
            for path in paths.iter().filter(|p| !p.contains('$') && !p.contains(':')) {
                let own = path.strip_prefix(&prefix).unwrap_or(path).to_owned();
                *missing.entry(own).or_insert(true) &= schemas::has(kind, path).is_none();
            }
        }
        // A rule about several types may ask for what only one of them has.
        for path in missing.iter().filter(|(_, missing)| **missing).map(|(path, _)| path) {
            wrong.push(format!("{}: {} has no property {path}", rule.head.name, types.join(" and ")));
        }
    }
    assert!(wrong.is_empty(), "{} paths:\n{}", wrong.len(), wrong.join("\n"));
}

/// The property paths that a pattern asks for.
fn collect(pattern: &Pattern, prefix: &str, paths: &mut BTreeSet<String>) {
    let join = |path: &str| match (prefix.is_empty(), path.starts_with('[')) {
        (true, _) => path.to_owned(),
        (false, true) => format!("{prefix}{path}"),
        (false, false) => format!("{prefix}.{path}"),
    };
    match pattern {
        Pattern::Not(inner) | Pattern::Default(_, inner) => collect(inner, prefix, paths),
        Pattern::Owner(inner) => collect(inner, "", paths),
        Pattern::All(all) | Pattern::Any(all) => all.iter().for_each(|p| collect(p, prefix, paths)),
        Pattern::Some(inner) | Pattern::Every(inner) => collect(inner, &format!("{prefix}[]"), paths),
        Pattern::At(path, inner) => {
            let whole = join(&path.to_string());
            paths.insert(whole.clone());
            collect(inner, &whole, paths);
        }
        _ => {}
    }
}
