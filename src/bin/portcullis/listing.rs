//! `rules`: every rule, one a line, or as JSON that scripts rely on.

use std::fmt::Write;

use portcullis::config::Selector;
use portcullis::finding;
use portcullis::rules::Rule;
use portcullis::scan::Shelf;

use crate::args::{Global, ListFormat, Rules};
use crate::exit::Exit;
use crate::voices::{self, CommandLine};
use crate::{disk, terminal};

/// Lists the rules that were asked for, or all.
pub(crate) fn run(global: &Global, args: &Rules) -> anyhow::Result<Exit> {
    let here = disk::here()?;
    let mut command_line = CommandLine::default().rules(&global.rules_dirs).layer();
    // Said as a selection, so that a name that is none is answered as everywhere.
    let wanted: Vec<Selector> = args.names.iter().map(|name| name.parse()).collect::<Result<_, _>>()?;
    command_line.select = voices::chosen(&args.names, "NAME")?;
    let config = voices::listen(global, &here, command_line)?;
    let shelf = Shelf::stock(&here, &config)?;
    let mistakes = config.check(&shelf.names);
    if !mistakes.is_empty() {
        return Err(voices::complaint(&mistakes));
    }
    let reached = |rule: &&Rule| {
        let named = shelf.names.get(&rule.head.name);
        wanted.is_empty() || named.is_some_and(|named| wanted.iter().any(|selector| selector.matches(named)))
    };
    let mut rules: Vec<_> = shelf.catalogue.rules().iter().filter(reached).collect();
    rules.sort_by(|a, b| a.head.name.cmp(&b.head.name));
    match args.format {
        ListFormat::Human => terminal::out(table(&rules).as_bytes())?,
        ListFormat::Json => terminal::json(&rules.iter().map(|rule| entry(rule)).collect::<Vec<_>>())?,
    }
    Ok(Exit::Clean)
}

fn table(rules: &[&Rule]) -> String {
    let name = rules.iter().map(|rule| rule.head.name.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for Rule { head, .. } in rules {
        let _ = writeln!(
            out,
            "{:name$}  {:<8}  {:<7}  {:<10}  {}",
            head.name,
            head.severity.name(),
            head.profile.name(),
            head.category.name(),
            // Rules of a repository's own are as hostile as its templates.
            finding::shown(&head.title, false)
        );
    }
    out
}

/// A rule in the words that scripts rely on.
pub(crate) fn entry(rule: &Rule) -> serde_json::Value {
    let head = &rule.head;
    serde_json::json!({
        "name": head.name,
        "title": head.title,
        "category": head.category.name(),
        "severity": head.severity.name(),
        "confidence": head.confidence.name(),
        "profile": head.profile.name(),
        "kind": if head.native { "native" } else { "declarative" },
        "resources": head.resources,
        "aliases": head.aliases.iter().collect::<Vec<_>>(),
        "cwe": head.cwe,
        "compliance": rule.prose().compliance,
        "fixable": fixable(rule),
    })
}

/// Whether `--fix` can mend what the rule finds.
pub(crate) fn fixable(rule: &Rule) -> &'static str {
    match rule.head.fixable {
        Some(true) => "safe",
        Some(false) => "unsafe",
        None => "none",
    }
}
