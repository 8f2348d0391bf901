//! `explain`: one rule, for somebody who has just been stopped by it.

use std::fmt::Write;

use anyhow::bail;
use portcullis::config::did_you_mean;
use portcullis::finding;
use portcullis::rulebook::{Literal, Name, Verdict};
use portcullis::rules::Rule;
use portcullis::scan::Shelf;

use crate::args::{Explain, ExplainFormat, Global};
use crate::exit::Exit;
use crate::voices::{self, CommandLine};
use crate::{disk, listing, terminal};

/// Explains the rules that were named, by their own names or by peers' ids.
pub(crate) fn run(global: &Global, args: &Explain) -> anyhow::Result<Exit> {
    let here = disk::here()?;
    let config = voices::listen(global, &here, CommandLine::default().rules(&global.rules_dirs).layer())?;
    let shelf = Shelf::stock(&here, &config)?;
    let mut rules = Vec::new();
    for name in &args.names {
        match shelf.catalogue.get(name) {
            Some(rule) => rules.push(rule),
            None => {
                let known = shelf.catalogue.by_alias(name);
                if known.is_empty() {
                    match did_you_mean(shelf.catalogue.did_you_mean(name)) {
                        Some(hint) => bail!("there is no rule `{name}`; {hint}"),
                        None => bail!("there is no rule `{name}`; `portcullis rules` lists them"),
                    }
                }
                rules.extend(known);
            }
        }
    }
    let text = match args.format {
        ExplainFormat::Human => rules.iter().map(|rule| human(rule)).collect::<Vec<_>>().join("\n\n"),
        ExplainFormat::Markdown => {
            let pages = rules.iter().map(|rule| clean(&markdown(rule)));
            pages.collect::<Vec<_>>().join("\n---\n\n")
        }
        ExplainFormat::Json => {
            terminal::json(&rules.iter().map(|rule| json(rule)).collect::<Vec<_>>())?;
            return Ok(Exit::Clean);
        }
    };
    terminal::out(text.as_bytes())?;
    Ok(Exit::Clean)
}

fn human(rule: &Rule) -> String {
    let look = terminal::look();
    let bold = |text: &str| if look.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() };
    let (head, prose) = (&rule.head, rule.prose());
    let mut out = format!("{}: {}\n", bold(&clean(&head.name)), clean(&head.title));
    let _ = writeln!(
        out,
        "{} severity, {} confidence, {}, profile {}",
        head.severity, head.confidence, head.category, head.profile
    );
    let mut section = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let _ = write!(out, "\n{}\n", bold(title));
            for line in lines {
                let line = if line.is_empty() { line } else { format!("  {line}") };
                let _ = writeln!(out, "{}", clean(&line));
            }
        }
    };
    let width = look.width.min(100) - 2;
    section("Why", wrapped(&prose.why, width));
    section("What to do", wrapped(&prose.remedy, width));
    for (title, verdict) in [("Wrong", Verdict::Bad), ("Right", Verdict::Good)] {
        if let Some(example) = prose.examples.iter().find(|example| example.verdict == verdict) {
            section(title, example.shown().lines().map(str::to_owned).collect());
        }
    }
    let parameters = rule.logic().parameters.iter();
    section(
        "Parameters",
        parameters.map(|(name, p)| format!("{name} = {}: {}", shown(&p.default), p.about.trim())).collect(),
    );
    let controls = prose.compliance.iter();
    section("Asked for by", controls.map(|(framework, ids)| format!("{framework}: {}", ids.join(", "))).collect());
    section("Also known as", wrapped(&head.aliases.iter().collect::<Vec<_>>().join(", "), width));
    section("See", head.cwe.iter().map(Name::to_string).chain(prose.references.iter().cloned()).collect());
    section("To allow it in one place", vec![allowance(&head.name)]);
    out
}

fn markdown(rule: &Rule) -> String {
    let (head, prose) = (&rule.head, rule.prose());
    let mut out = format!("# {}\n\n{}\n\n", head.name, sentence(&head.title));
    let _ = writeln!(out, "| severity | confidence | category | profile | fix |\n|---|---|---|---|---|");
    let _ = writeln!(
        out,
        "| {} | {} | {} | {} | {} |\n",
        head.severity,
        head.confidence,
        head.category,
        head.profile,
        listing::fixable(rule)
    );
    let _ = write!(out, "## Why\n\n{}\n\n## What to do\n\n{}\n", prose.why.trim(), prose.remedy.trim());
    for (title, verdict) in [
        ("Wrong", Verdict::Bad),
        ("Right", Verdict::Good),
        ("Left alone, because it cannot be known", Verdict::Unknown),
    ] {
        let mut examples = prose.examples.iter().filter(|example| example.verdict == verdict).peekable();
        if examples.peek().is_some() {
            let _ = write!(out, "\n## {title}\n");
        }
        for example in examples {
            if let Some(about) = &example.about {
                let _ = write!(out, "\n{}\n", sentence(about));
            }
            let language = if example.text.trim_start().starts_with('{') { "json" } else { "yaml" };
            let text = example.shown();
            let fence = fence(&text);
            let _ = write!(out, "\n{fence}{language}\n{}\n{fence}\n", text.trim_end());
        }
    }
    if !rule.logic().parameters.is_empty() {
        let _ = write!(out, "\n## Parameters\n\n| name | default | what it does |\n|---|---|---|\n");
        for (name, parameter) in &rule.logic().parameters {
            let _ = writeln!(out, "| `{name}` | `{}` | {} |", shown(&parameter.default), parameter.about.trim());
        }
    }
    let mut list = |title: &str, lines: Vec<String>| {
        if !lines.is_empty() {
            let lines: Vec<_> = lines.iter().map(|line| format!("- {line}\n")).collect();
            let _ = write!(out, "\n## {title}\n\n{}", lines.concat());
        }
    };
    list("Asked for by", prose.compliance.iter().map(|(f, ids)| format!("{f}: {}", ids.join(", "))).collect());
    list("Also known as", head.aliases.iter().map(|alias| format!("`{alias}`")).collect());
    list(
        "See",
        head.cwe.iter().map(Name::to_string).chain(prose.references.iter().map(|url| format!("<{url}>"))).collect(),
    );
    list("To allow it in one place", vec![format!("`{}`", allowance(&head.name))]);
    out
}

/// Rules of a repository's own are as hostile as its templates.
fn clean(text: &str) -> String {
    finding::shown(text, true)
}

fn json(rule: &Rule) -> serde_json::Value {
    let prose = rule.prose();
    let mut value = listing::entry(rule);
    if let Some(object) = value.as_object_mut() {
        object.insert("why".to_owned(), prose.why.trim().into());
        object.insert("remedy".to_owned(), prose.remedy.trim().into());
        object.insert("references".to_owned(), prose.references.clone().into());
        let examples = prose.examples.iter().map(|example| {
            serde_json::json!({ "verdict": example.verdict.name(), "about": example.about, "text": example.shown(), "lines": example.due() })
        });
        object.insert("examples".to_owned(), examples.collect());
    }
    value
}

fn allowance(name: &str) -> String {
    format!("# portcullis: ignore[{name}] -- the reason")
}

fn sentence(text: &str) -> String {
    let mut chars = text.trim().trim_end_matches('.').chars();
    let first: String = chars.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    format!("{first}{}.", chars.as_str())
}

/// A fence that no line of the text can close.
fn fence(text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    fence
}

fn shown(literal: &Literal) -> String {
    match literal {
        Literal::Null => "null".to_owned(),
        Literal::Bool(yes) => yes.to_string(),
        Literal::Number(text) | Literal::Text(text) => text.clone(),
        Literal::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Literal::Map(_) => "{…}".to_owned(),
    }
}

/// Paragraphs broken at blanks; lines that begin with a blank or a dash stay as they are.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for paragraph in text.trim().split("\n\n") {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        if paragraph.lines().any(|line| line.starts_with([' ', '-', '*', '`', '|'])) {
            lines.extend(paragraph.lines().map(str::to_owned));
            continue;
        }
        let mut line = String::new();
        for word in paragraph.split_whitespace() {
            if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut line));
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        if !line.is_empty() {
            lines.push(line);
        }
    }
    lines
}
