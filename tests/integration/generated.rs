//! What is made from other things is as it should be; `UPDATE=1 cargo test generated` makes it again.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use portcullis::analysis::iam::managed;
use portcullis::rulebook::{OPERATORS, PEERS};
use portcullis::rules::{Catalogue, Rule};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a file with what it should be, or writes it.
fn hold(path: &Path, wanted: &str, wrong: &mut Vec<String>) {
    let shown = path.strip_prefix(root()).unwrap_or(path).display().to_string();
    if std::env::var_os("UPDATE").is_some() {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).expect("the project can be written");
        }
        std::fs::write(path, wanted).expect("the project can be written");
    } else if std::fs::read_to_string(path).unwrap_or_default() != wanted {
        wrong.push(shown);
    }
}

/// Removes the pages of what is there no more, or tells of them.
fn gone(folder: &Path, known: &BTreeSet<&str>, wrong: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() || known.contains(file.trim_end_matches(".md")) {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            std::fs::remove_file(entry.path()).expect("the project can be written");
        } else {
            wrong.push(format!("{file} (of what is gone)"));
        }
    }
}

fn done(wrong: &[String]) {
    let shown = wrong.iter().take(10).cloned().collect::<Vec<_>>().join(", ");
    assert!(
        wrong.is_empty(),
        "{} generated files are stale ({shown}); run `UPDATE=1 cargo test generated`",
        wrong.len()
    );
}

/// The table of operators in the manual is the rulebook's.
#[test]
fn generated_operators() {
    let path = root().join("docs/writing-rules.md");
    let text = std::fs::read_to_string(&path).expect("the manual exists");
    let (before, rest) = text.split_once("<!-- operators").expect("the manual marks the table's place");
    let (marker, rest) = rest.split_once("-->").expect("the mark ends");
    let (_, after) = rest.split_once("<!-- end of operators -->").expect("the manual marks the table's end");
    let mut table = String::from("\n| operator | takes | holds when |\n|---|---|---|\n");
    for (name, takes, meaning) in OPERATORS {
        let _ = writeln!(table, "| `{name}` | {takes} | {} |", meaning.replace('|', "\\|"));
    }
    let wanted = format!("{before}<!-- operators{marker}-->{table}<!-- end of operators -->{after}");
    let mut wrong = Vec::new();
    hold(&path, &wanted, &mut wrong);
    done(&wrong);
}

/// What each of AWS's policies amounts to is counted from the tables of policies and of actions.
#[test]
fn generated_summaries_of_managed_policies() {
    let mut wanted = String::from(
        "# what each policy of managed.txt amounts to, counted with actions.txt\n# refresh: UPDATE=1 cargo test generated\n",
    );
    let mut policies: Vec<_> = managed::policies().collect();
    policies.sort_by_key(|policy| policy.name);
    for policy in policies {
        if let Some(summary) = policy.summarise() {
            let _ = writeln!(wanted, "{}\t{summary}", policy.name);
        }
    }
    let mut wrong = Vec::new();
    hold(&root().join("src/analysis/iam/managed-summaries.txt"), &wanted, &mut wrong);
    done(&wrong);
}

/// Every rule has its page, and the indexes by service, by peer and by framework name every rule.
#[test]
fn generated_rule_pages() {
    let catalogue = Catalogue::builtin();
    let mut wrong = Vec::new();
    let folder = root().join("docs/rules");
    let names: Vec<&str> = catalogue.rules().iter().map(|r| r.head.name.as_str()).collect();
    let mut pages = BTreeMap::new();
    for chunk in names.chunks(100) {
        let output = Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(["explain", "--no-config", "--format", "markdown"])
            .args(chunk)
            .output()
            .expect("the binary runs");
        let text = String::from_utf8(output.stdout).expect("pages are UTF-8");
        for (name, page) in chunk.iter().zip(text.split("\n---\n\n")) {
            assert!(page.starts_with(&format!("# {name}\n")), "the page of {name} begins with its name");
            pages.insert((*name).to_owned(), format!("{}\n", page.trim_end()));
        }
    }
    for (name, page) in &pages {
        hold(&folder.join(format!("{name}.md")), page, &mut wrong);
    }
    hold(&folder.join("README.md"), &by_service(&catalogue), &mut wrong);
    hold(&folder.join("peers.md"), &by_peer(&catalogue), &mut wrong);
    let frameworks = by_framework(&catalogue);
    hold(&folder.join("frameworks.md"), &index(&frameworks), &mut wrong);
    for (name, controls) in &frameworks {
        hold(&folder.join(format!("frameworks/{name}.md")), &page_of(name, controls), &mut wrong);
    }
    let indexes = ["README", "peers", "frameworks"];
    gone(&folder, &pages.keys().map(String::as_str).chain(indexes).collect(), &mut wrong);
    gone(&folder.join("frameworks"), &frameworks.into_keys().collect(), &mut wrong);
    done(&wrong);
}

fn link(rule: &Rule) -> String {
    format!("[`{0}`]({0}.md)", rule.head.name)
}

fn by_service(catalogue: &Catalogue) -> String {
    let mut services: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in catalogue.rules() {
        services.entry(rule.head.service()).or_default().push(rule);
    }
    let mut out = format!(
        "# Rules\n\n{} rules, made from the cards in `rules/`. See also the indexes [by peer](peers.md) and [by framework](frameworks.md).\n",
        catalogue.rules().len()
    );
    for (service, rules) in services {
        let _ = write!(
            out,
            "\n## {service}\n\n| rule | severity | profile | fix | what is wrong |\n|---|---|---|---|---|\n"
        );
        for rule in rules {
            let fix = match rule.head.fixable {
                Some(true) => "safe",
                Some(false) => "unsafe",
                None => "",
            };
            let head = &rule.head;
            let _ = writeln!(out, "| {} | {} | {} | {fix} | {} |", link(rule), head.severity, head.profile, head.title);
        }
    }
    out
}

fn by_peer(catalogue: &Catalogue) -> String {
    let mut out = String::from(
        "# Coming from another tool\n\nTheir ids are understood in `--select`, `--ignore` and suppressions.\n",
    );
    for peer in PEERS {
        let mut ids: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
        for rule in catalogue.rules() {
            for alias in rule.head.aliases.iter() {
                if let Some((_, id)) = alias.split_once(':').filter(|(p, _)| p == peer) {
                    ids.entry(id).or_default().push(rule);
                }
            }
        }
        if ids.is_empty() {
            continue;
        }
        let _ = write!(out, "\n## {peer}\n\n| its id | rules |\n|---|---|\n");
        for (id, rules) in ids {
            let _ = writeln!(out, "| {id} | {} |", rules.iter().map(|r| link(r)).collect::<Vec<_>>().join(", "));
        }
    }
    out
}

/// For each framework, what it asks for and the rules that answer.
type Frameworks<'a> = BTreeMap<&'a str, Vec<(&'a str, Vec<&'a Rule>)>>;

fn by_framework(catalogue: &Catalogue) -> Frameworks<'_> {
    let mut frameworks = Frameworks::new();
    for rule in catalogue.rules() {
        for (framework, controls) in &rule.prose().compliance {
            let known = frameworks.entry(framework).or_default();
            for control in controls {
                match known.iter_mut().find(|(name, _)| name == control) {
                    Some((_, rules)) => rules.push(rule),
                    None => known.push((control, vec![rule])),
                }
            }
        }
    }
    for controls in frameworks.values_mut() {
        controls.sort_by(|(a, _), (b, _)| portcullis::rulebook::by_number(a, b));
    }
    frameworks
}

fn index(frameworks: &Frameworks<'_>) -> String {
    let mut out = String::from(
        "# Rules by framework\n\n`--select pack:<framework>` runs those of one.\n\n| framework | controls | rules |\n|---|---:|---:|\n",
    );
    for (name, controls) in frameworks {
        let rules: BTreeSet<&str> =
            controls.iter().flat_map(|(_, rules)| rules).map(|r| r.head.name.as_str()).collect();
        let _ = writeln!(out, "| [{name}](frameworks/{name}.md) | {} | {} |", controls.len(), rules.len());
    }
    out
}

fn page_of(name: &str, controls: &[(&str, Vec<&Rule>)]) -> String {
    let mut out = format!("# {name}\n\n`--select pack:{name}` runs these.\n\n| control | rules |\n|---|---|\n");
    for (control, rules) in controls {
        let rules: Vec<_> = rules.iter().map(|r| format!("[`{0}`](../{0}.md)", r.head.name)).collect();
        let _ = writeln!(out, "| {control} | {} |", rules.join(", "));
    }
    out
}

/// Editors know the rule language and the configuration by their schemas.
#[test]
fn generated_schemas() {
    let mut wrong = Vec::new();
    let text = serde_json::to_string_pretty(&portcullis::config::schema()).expect("a schema is JSON") + "\n";
    hold(&root().join("docs/portcullis.schema.json"), &text, &mut wrong);
    let text = serde_json::to_string_pretty(&portcullis::rulebook::schema()).expect("a schema is JSON") + "\n";
    hold(&root().join("docs/rule.schema.json"), &text, &mut wrong);
    done(&wrong);
}
