//! `config`: what is in force here, the schema for editors, and a file to start from.

use std::fmt::Write;

use anyhow::bail;
use portcullis::config::{self, Layer};
use portcullis::finding;

use crate::args::{Config, ConfigAction, Global};
use crate::exit::Exit;
use crate::{disk, terminal, voices};

/// Does what was asked for.
pub(crate) fn run(global: &Global, args: &Config) -> anyhow::Result<Exit> {
    match args.action {
        ConfigAction::Show => show(global),
        ConfigAction::Schema => {
            terminal::out((serde_json::to_string_pretty(&config::schema())? + "\n").as_bytes())?;
            Ok(Exit::Clean)
        }
        ConfigAction::Init => init(global),
    }
}

fn show(global: &Global) -> anyhow::Result<Exit> {
    let layer = voices::CommandLine::default().rules(&global.rules_dirs).layer();
    let mut shown = config::show(&voices::listen(global, &disk::here()?, layer)?);
    for line in &mut shown {
        for text in [&mut line.key, &mut line.value, &mut line.origin] {
            *text = finding::shown(text, false);
        }
    }
    let widest =
        |of: fn(&config::Shown) -> &str| shown.iter().map(|s| of(s).chars().count()).max().unwrap_or(0).min(60);
    let (key, value) = (widest(|s| &s.key), widest(|s| &s.value));
    let mut out = String::new();
    for line in &shown {
        let _ = writeln!(out, "{:key$} = {:value$}  # {}", line.key, line.value, line.origin);
    }
    terminal::out(out.as_bytes())?;
    Ok(Exit::Clean)
}

/// Never over an existing file: what somebody wrote there is worth more than a beginning.
fn init(global: &Global) -> anyhow::Result<Exit> {
    let here = disk::here()?;
    if let Some(name) = config::FILE_NAMES.iter().find(|name| disk::is_file(&here.join(name))) {
        bail!("`{name}` is there already");
    }
    let path = here.join("portcullis.toml");
    // The beginning must be one that the reader takes.
    debug_assert!(starts_well());
    disk::write(&path, BEGINNING.as_bytes())?;
    terminal::note(global, "wrote portcullis.toml");
    Ok(Exit::Clean)
}

fn starts_well() -> bool {
    let source = portcullis::source::Source::new("portcullis.toml", BEGINNING);
    config::read(&std::sync::Arc::new(source), std::path::Path::new("/")).is_ok_and(|_: Layer| true)
}

const BEGINNING: &str = r##"# Configuration of portcullis. What is commented out is what holds without it.
# `portcullis config show` prints what is in force and who says so; `portcullis rules` lists the rules.

# default: what can be acted on. strict: hardening as well. all: the opinionated and the undetermined too.
profile = "default"

# Exit with 1 when a finding is at least this severe: info, low, medium, high, critical, never.
fail-on = "low"

# Rules that do not run: names, categories, services, or ids of other tools such as "cfn_nag:W11".
# ignore = ["lambda-function-no-dead-letter-queue"]

# Paths that are not walked, as in .gitignore, relative to this file.
# exclude = ["vendor/", "**/test/fixtures/**"]

# A suppression without a reason does not count, and is reported.
# require-reason = true

# Values that are only known when deploying make more of a template known.
# stage = "prod"
# [parameters]
# Environment = "prod"

# What is different about some paths.
# [[overrides]]
# paths = ["sandbox/**"]
# min-severity = "high"
"##;
