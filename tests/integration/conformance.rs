//! What we read and refuse, beside what the reference parsers read and refuse.
//!
//! `testdata/conformance` holds our own small texts and, beside each, what PyYAML, ruamel.yaml and Python's json make
//! of it; `docs/divergences/parsers.md` holds every difference with its reason. Neither is longer than the other.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use portcullis::source::{Arena, FileId};
use portcullis::syntax::{self, Data, Node, Notation, ProblemKind, Style};
use portcullis::template::{Kind, Schema};

/// Which case, which parser, what it reads, what we read.
type Difference = (String, &'static str, String, String);

/// Every difference between us and a reference parser is listed with its reason, and nothing else is.
#[test]
fn differences_are_listed() {
    let mut found = Vec::new();
    let yaml = include_str!("../../testdata/conformance/yaml.tsv");
    let json = include_str!("../../testdata/conformance/json.tsv");
    for (table, parsers) in [(yaml, &["PyYAML", "ruamel.yaml"][..]), (json, &["json"])] {
        let mut names = BTreeMap::new();
        for line in table.lines() {
            let cells: Vec<&str> = line.split('\t').collect();
            let [name, text, read @ ..] = cells.as_slice() else { panic!("{line}") };
            assert!(names.insert(*name, ()).is_none(), "`{name}` is there twice");
            assert_eq!(read.len(), parsers.len(), "run testdata/conformance/make.py: {line}");
            let text: String = serde_json::from_str(text).expect("a text");
            for (parser, they) in parsers.iter().zip(read) {
                let we = match *parser {
                    "PyYAML" => ours(&text, Schema::Yaml11, false),
                    "json" => ours(&text, Schema::Core12, true),
                    _ => ours(&text, Schema::Core12, false),
                };
                if we != *they {
                    found.push(((*name).to_owned(), *parser, (*they).to_owned(), we));
                }
            }
        }
        assert!(names.len() >= 120, "{}", names.len());
    }
    let listed: Vec<[String; 4]> = rows(include_str!("../../docs/divergences/parsers.md"));
    let cells = |(name, parser, they, we): &Difference| [cell(name), (*parser).to_owned(), cell(they), cell(we)];
    let mut missing = String::new();
    for one in found.iter().map(cells).filter(|one| !listed.contains(one)) {
        let _ = writeln!(missing, "| {} | |", one.join(" | "));
    }
    let gone: Vec<_> = listed.iter().filter(|row| !found.iter().map(cells).any(|one| one == **row)).collect();
    assert!(missing.is_empty(), "not listed in docs/divergences/parsers.md:\n{missing}");
    assert!(gone.is_empty(), "listed, but no difference any more: {gone:#?}");
}

/// What a cell of the list holds: long values are told by their beginning.
fn cell(text: &str) -> String {
    let short: String = text.chars().take(48).collect();
    let dots = if short.len() < text.len() { "…" } else { "" };
    format!("`{}{dots}`", short.replace('|', "\\|"))
}

/// The rows of the list: a case, a parser, what it reads, what we read, and why.
fn rows(list: &str) -> Vec<[String; 4]> {
    let mut rows = Vec::new();
    for line in list.lines().filter(|line| line.starts_with("| `")) {
        let row: Vec<&str> = line.trim_matches(['|', ' ']).split(" | ").map(str::trim).collect();
        let [name, parser, they, we, why] = row.as_slice() else { panic!("five cells: {line}") };
        assert!(why.len() > 10, "why? {line}");
        rows.push([name, parser, they, we].map(|cell| (*cell).to_owned()));
    }
    rows
}

/// What we read, written as the tables write it.
fn ours(text: &str, schema: Schema, json: bool) -> String {
    let arena = Arena::new();
    let document = syntax::parse(&arena, FileId(0), text);
    // A text that is read although it is no JSON is told, or was never meant to be any.
    let slip = document.problems.iter().any(|problem| matches!(problem.kind, ProblemKind::NotStrictJson));
    if document.broken() || (json && (slip || document.notation != Notation::Json)) {
        return "error".to_owned();
    }
    let roots: Vec<String> = document.roots.iter().map(|root| shown(root, schema)).collect();
    if roots.is_empty() { "nothing".to_owned() } else { roots.join(" --- ") }
}

fn shown(node: &Node<'_>, schema: Schema) -> String {
    let node = node.target();
    let tag = node.tag.map(|tag| tag.name.replace("tag:yaml.org,2002:", "!!"));
    let many = |parts: Vec<String>| parts.join(", ");
    let (kind, value) = match node.data {
        Data::Sequence(items, _) => ("!!seq", format!("[{}]", many(items.iter().map(|i| shown(i, schema)).collect()))),
        Data::Mapping(pairs, _) => {
            let pair = |p: &syntax::Pair<'_>| format!("{}: {}", shown(&p.key, schema), shown(&p.value, schema));
            ("!!map", format!("{{{}}}", many(pairs.iter().map(pair).collect())))
        }
        Data::Scalar(text, Style::Plain)
            if tag.as_deref().is_none_or(|tag| tag.starts_with("!!") && tag != "!!str") =>
        {
            let value = match schema.resolve(text) {
                Kind::Null => "null".to_owned(),
                Kind::Bool(yes) => yes.to_string(),
                Kind::Number(text) => format!("={text}"),
                _ => quoted(text),
            };
            ("", value)
        }
        Data::Scalar(text, _) => ("", quoted(text)),
        Data::Alias(_) => unreachable!("a target is none"),
    };
    let scalars = ["!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp"];
    match tag {
        Some(tag) if tag != kind && !(kind.is_empty() && scalars.contains(&tag.as_str())) => format!("{tag} {value}"),
        Some(_) | None => value,
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            ' '..='~' if !matches!(c, '"' | '\\') => out.push(c),
            c => _ = write!(out, "\\u{{{:x}}}", u32::from(c)),
        }
    }
    out + "\""
}
