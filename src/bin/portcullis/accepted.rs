//! What was there before: a baseline, or a Git revision, whose findings are not reported again.

use std::path::Path;

use anyhow::{Context, bail};
use portcullis::finding::{self, Finding, Run};
use portcullis::suppress::{Baseline, Entry};

use crate::args::{Global, Suppression};
use crate::pipeline::{Files, Workshop};
use crate::{disk, revision, terminal, voices};

/// What is not reported again.
#[derive(Default)]
pub(crate) struct Accepted {
    baselines: Vec<Baseline>,
}

impl Accepted {
    /// Gathers what the command line names.
    pub(crate) fn gather(
        global: &Global,
        workshop: &Workshop,
        files: &Files,
        wanted: &Suppression,
    ) -> anyhow::Result<Self> {
        let mut accepted = Self::default();
        if let Some(path) = &wanted.baseline {
            accepted.baselines.push(read(workshop.here(), path)?);
        }
        if let Some(name) = &wanted.diff_base {
            let checkout = revision::Checkout::of(workshop.here(), name)?;
            let old = files.elsewhere(checkout.working());
            let before = workshop.look(&Global { quiet: 1, ..global.clone() }, &old, &checkout.loader());
            terminal::detail(global, || format!("{name} had {} findings", before.findings.len()));
            accepted.baselines.push(Baseline::of(&before.findings));
        }
        Ok(accepted)
    }

    /// Silences it, and says how many findings of baselines are gone from the files that were checked.
    pub(crate) fn apply(&self, workshop: &Workshop, files: &Files, run: &mut Run) -> usize {
        let mut gone = 0;
        for baseline in &self.baselines {
            let left =
                baseline.apply(&mut run.findings, |file| files.checked(file), |rule| workshop.unsuppressible(rule));
            gone += left.iter().map(|entry| entry.count).sum::<usize>();
        }
        gone
    }
}

/// Writes what was found to a baseline, or takes out of an existing one what is gone.
pub(crate) fn write(
    global: &Global,
    here: &Path,
    files: &Files,
    path: &Path,
    findings: &[Finding],
    may_grow: bool,
) -> anyhow::Result<Accepted> {
    let next = if disk::is_file(&here.join(path)) {
        let old = read(here, path)?;
        match old.updated(findings, |file| files.checked(file), may_grow) {
            Ok(next) => next,
            Err(grown) => {
                let lines: Vec<_> = grown.0.iter().take(20).map(line).collect();
                bail!(
                    "{grown}; mend them, or write it with `--allow-growth`\n       {}{}",
                    lines.join("\n       "),
                    if grown.0.len() > 20 { "\n       …" } else { "" }
                );
            }
        }
    } else {
        Baseline::of(findings)
    };
    disk::write(path, next.to_json().as_bytes()).with_context(|| format!("cannot write `{}`", path.display()))?;
    terminal::note(global, &format!("`{}` accepts {} findings", path.display(), next.len()));
    Ok(Accepted { baselines: vec![next] })
}

fn read(here: &Path, path: &Path) -> anyhow::Result<Baseline> {
    let source = disk::read(here, path)?;
    Baseline::read(&source).map_err(|mistake| voices::complaint(&[mistake]))
}

fn line(entry: &Entry) -> String {
    let resource = if entry.resource().is_empty() { String::new() } else { format!(" at {}", entry.resource()) };
    // On a line of its own, whatever the names hold.
    finding::shown(&format!("{}: {}{resource}", entry.file(), entry.rule()), false)
}
