//! Compiles every card of `rules/` through the rulebook into one packed file: a mistake in a card is a
//! build error with file, line and column, and start-up never parses YAML.
#![expect(clippy::disallowed_methods, reason = "a build script has a door to the disk and to its environment")]

use std::path::{Path, PathBuf};

#[path = "src/rulebook/mod.rs"]
#[allow(dead_code, unused_imports, unreachable_pub, reason = "the build needs a part of the room")]
mod rulebook;

#[path = "src/analysis/knowledge/properties/packed.rs"]
mod packed;

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=src/rulebook");
    println!("cargo::rerun-if-changed=src/analysis/knowledge/properties.txt");
    println!("cargo::rerun-if-changed=src/analysis/knowledge/properties/packed.rs");
    let mut files = Vec::new();
    collect(Path::new("rules"), &mut files);
    files.sort();
    let mut cards = Vec::new();
    let mut mistakes = Vec::new();
    for file in &files {
        let shown = file.display();
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) => {
                mistakes.push(format!("{shown}: {error}"));
                continue;
            }
        };
        match rulebook::parse(&text) {
            Ok(card) if file.file_stem().is_none_or(|stem| stem != card.head.name.as_str()) => {
                mistakes.push(format!("{shown}:1:1: the rule's name `{}` must be the file's", card.head.name));
            }
            Ok(card) => cards.push(card),
            Err(mistake) => mistakes.push(format!("{shown}:{mistake}")),
        }
    }
    if !mistakes.is_empty() {
        for mistake in mistakes {
            println!("cargo::error={mistake}");
        }
        std::process::exit(1);
    }
    cards.sort_by(|a, b| a.head.name.cmp(&b.head.name));
    inherit(&mut cards);
    comply(&mut cards);
    // Leaked: what is read of it again lies in the binary, and this program ends soon.
    let packed = |card: &rulebook::Card| {
        let (logic, prose) = (postcard::to_allocvec(&card.logic)?.leak(), postcard::to_allocvec(&card.prose)?.leak());
        Ok(rulebook::Packed { head: card.head.clone(), logic, prose })
    };
    let packed: Result<Vec<_>, postcard::Error> = cards.iter().map(packed).collect();
    let bytes = packed.and_then(|packed| postcard::to_allocvec(&packed));
    let out = std::env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    let files =
        [("rules.bin", bytes), ("properties.bin", properties(include_str!("src/analysis/knowledge/properties.txt")))];
    let written = files.into_iter().try_for_each(|(name, bytes)| {
        let bytes = bytes.map_err(|e| e.to_string())?;
        std::fs::write(out.join(name), bytes).map_err(|e| e.to_string())
    });
    if let Err(error) = written {
        println!("cargo::error=cannot write the packed tables: {error}");
        std::process::exit(1);
    }
}

/// A rule that speaks in another's stead answers to its peers' ids as well: who silences `cfn_nag:W2` (open to
/// the world) means the open SSH port too.
fn inherit(cards: &mut [rulebook::Card]) {
    // Twice: what is subsumed may itself subsume.
    for _ in 0..2 {
        let aliases: std::collections::BTreeMap<rulebook::Name, rulebook::Aliases> =
            cards.iter().map(|card| (card.head.name.clone(), card.head.aliases.clone())).collect();
        for card in cards.iter_mut().filter(|card| !card.head.subsumes.is_empty()) {
            let mut all: Vec<&str> = card.head.aliases.iter().collect();
            for alias in
                card.head.subsumes.iter().filter_map(|name| aliases.get(name)).flat_map(rulebook::Aliases::iter)
            {
                if !all.contains(&alias) {
                    all.push(alias);
                }
            }
            card.head.aliases = all.into_iter().collect();
        }
    }
}

/// Gives each card the controls of the compliance frameworks that its aliases stand for. AWS Security Hub is a framework
/// itself: its controls are the aliases.
fn comply(cards: &mut [rulebook::Card]) {
    let table = include_str!("src/rulebook/compliance.tsv");
    let mut asked = std::collections::HashMap::<&str, Vec<(&str, Vec<&str>)>>::new();
    for line in table.lines().filter(|line| !line.starts_with('#')).skip(1) {
        let mut fields = line.split('\t');
        let (Some(framework), Some(alias), Some(controls)) = (fields.next(), fields.next(), fields.next()) else {
            continue;
        };
        asked.entry(alias).or_default().push((framework, controls.split(" | ").collect()));
    }
    for card in cards {
        let mut controls = std::mem::take(&mut card.prose.compliance);
        for alias in card.head.aliases.iter() {
            let own = alias.strip_prefix("securityhub:").map(|control| ("aws-security-hub", vec![control]));
            for (framework, asked) in asked.get(alias).into_iter().flatten().cloned().chain(own) {
                controls.entry(framework.to_owned()).or_default().extend(asked.into_iter().map(str::to_owned));
            }
        }
        for controls in controls.values_mut() {
            controls.sort_by(|a, b| rulebook::by_number(a, b));
            controls.dedup();
        }
        card.prose.compliance = controls;
    }
}

/// A resource type, and its definitions, packed.
type Packed<'t> = (&'t str, Vec<u8>);

/// What `src/analysis/knowledge/properties.rs` reads: every name once, and for each type what its properties lead to, the
/// types in order.
fn properties(table: &str) -> Result<Vec<u8>, postcard::Error> {
    // The first two places stand for any content, and for none, below which nothing is.
    const NOTHING: u32 = packed::ANYTHING + 1;
    let mut names = String::from("\n\n");
    let mut places = std::collections::HashMap::new();
    let mut place = |name| {
        *places.entry(name).or_insert_with(|| {
            let at = names.len();
            names.push_str(name);
            names.push('\n');
            u32::try_from(at).unwrap_or(u32::MAX)
        })
    };
    let mut types: Vec<Packed<'_>> = Vec::new();
    for block in table.split("\n@").skip(1) {
        let mut lines = block.lines();
        let kind = lines.next().unwrap_or_default();
        let mut definitions: packed::Definitions = vec![(place(kind), Vec::new())];
        for line in lines.filter(|line| !line.starts_with('!')) {
            if let Some(definition) = line.strip_prefix('#') {
                definitions.push((place(definition), Vec::new()));
            } else if let (Some((name, rest)), Some((_, properties))) = (line.split_once(' '), definitions.last_mut()) {
                let shape = rest.split(' ').next().unwrap_or_default();
                let leaf = shape.trim_start_matches(['[', '{']);
                let target = match leaf.strip_prefix('#') {
                    Some(definition) => place(definition),
                    None if matches!(leaf, "o" | "?") => packed::ANYTHING,
                    None => NOTHING,
                };
                properties.push((place(name), shape.strip_suffix(leaf).unwrap_or_default().to_owned(), target));
            }
        }
        types.push((kind, postcard::to_allocvec(&definitions)?));
    }
    types.sort();
    postcard::to_allocvec(&(names, types))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|e| e == "yaml") {
            files.push(path);
        }
    }
}
