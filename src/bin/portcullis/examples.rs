//! `test`: rule files judged by their own examples.

use std::fmt::Write;

use portcullis::discover;
use portcullis::finding;
use portcullis::rulebook::{self, Name, Verdict};
use portcullis::rules::{Catalogue, Rule};
use portcullis::scan::examples;

use crate::args::{Global, Test};
use crate::exit::Exit;
use crate::{disk, shelf, terminal};

/// Runs the examples of the built-in rules, or of those of a folder.
pub(crate) fn run(global: &Global, args: &Test) -> anyhow::Result<Exit> {
    let here = disk::here()?;
    let mut catalogue = Catalogue::builtin();
    let mut mistakes = Vec::new();
    let mut own: Option<Vec<Name>> = None;
    if let Some(folder) = &args.folder {
        let own = own.insert(Vec::new());
        for path in discover::rule_files(&here, &here.join(folder))? {
            let source = disk::read(&here, &path)?;
            match rulebook::parse(source.text()) {
                Err(mistake) => mistakes.push(format!("{}:{mistake}", source.path())),
                Ok(card) => {
                    let twin = catalogue.get(&card.head.name).filter(|rule| *rule.logic() != card.logic);
                    if twin.is_some() {
                        let name = &card.head.name;
                        mistakes.push(format!("{}:1:1: a rule named `{name}` exists already", source.path()));
                        continue;
                    }
                    own.push(card.head.name.clone());
                    // A built-in rule is tested as it was built: its file and the binary are of one commit.
                    if catalogue.get(&card.head.name).is_none() {
                        let added = catalogue.add([(source.path().into(), source.text().to_owned())]);
                        mistakes.extend(added.err().into_iter().flatten().map(|mistake| mistake.to_string()));
                    }
                }
            }
        }
    }
    let wanted = |rule: &Rule| own.as_ref().is_none_or(|own| own.contains(&rule.head.name));
    for rule in catalogue.rules().iter().filter(|rule| !rule.is_builtin() && wanted(rule)) {
        let (meant, new): (Vec<_>, Vec<_>) = rule.unknown_names().into_iter().partition(|name| name.certain);
        mistakes.extend(meant.iter().map(|name| format!("{}: {name}", rule.head.name)));
        if rule.prose().examples.iter().all(|example| example.verdict != Verdict::Bad) {
            terminal::note(
                global,
                &format!("rule `{}` has no `bad` example: nothing shows that it ever speaks", rule.head.name),
            );
        }
        // AWS may have added it since.
        new.iter().for_each(|name| shelf::tell_unknown(global, rule, name));
    }
    let rules = catalogue.rules().iter().filter(|rule| wanted(rule));
    let (rules, count) = rules.fold((0, 0), |(rules, all), rule| (rules + 1, all + rule.prose().examples.len()));
    let wrong = examples::run(catalogue, wanted);
    let mut out = String::new();
    for mistake in &mistakes {
        let _ = writeln!(out, "{}", finding::shown(mistake, false));
    }
    for wrong in &wrong {
        let _ = writeln!(out, "{}", finding::shown(&wrong.to_string(), true));
    }
    if global.quiet == 0 {
        let _ = writeln!(
            out,
            "{}, {}: {} wrong, {} with mistakes",
            many(rules, "rule"),
            many(count, "example"),
            wrong.len(),
            many(mistakes.len(), "file")
        );
    }
    terminal::out(out.as_bytes())?;
    Ok(if !mistakes.is_empty() {
        Exit::Broken
    } else if !wrong.is_empty() {
        Exit::Findings
    } else if rules == 0 {
        Exit::NoInput
    } else {
        Exit::Clean
    })
}

/// `1 rule`, `2 rules`.
fn many(count: usize, of: &str) -> String {
    format!("{count} {of}{}", if count == 1 { "" } else { "s" })
}
