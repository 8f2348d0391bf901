//! Reports on their way out: one to standard output, the others to files, all of the same run.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use anyhow::Context;
use portcullis::finding::{self, Run};
use portcullis::report::{Format, Options};
use portcullis::rules::Catalogue;

use crate::args::{Global, Output};
use crate::{disk, shelf, terminal};

/// Writes every report that was asked for.
pub(crate) fn write(global: &Global, output: &Output, run: &Run, catalogue: &Catalogue) -> anyhow::Result<()> {
    let base = Options {
        show_suppressed: output.show_suppressed,
        sarif_category: output.sarif_category.clone(),
        prefix: disk::prefix(),
        ..Options::default()
    };
    for (format, path) in &output.output {
        // In memory: a file is either the old one or wholly the new one.
        let mut text = Vec::new();
        let shown = shelf::shown(catalogue, run, format.lists_rules());
        format.write(run, &shown, &base, &mut text).with_context(|| format!("cannot write {format}"))?;
        disk::write(path, &text).with_context(|| format!("cannot write `{}`", path.display()))?;
        terminal::detail(global, || format!("wrote {}", path.display()));
    }
    if global.quiet >= 2 {
        return Ok(());
    }
    let format = output.format.unwrap_or(Format::Human);
    if output.statistics {
        let text = match format {
            Format::Json => return terminal::json(&statistics_json(run)),
            _ => statistics(run),
        };
        return Ok(terminal::out(text.as_bytes())?);
    }
    let look = terminal::look();
    let options =
        Options { color: look.colour, unicode: look.unicode, hyperlinks: look.links, width: look.width, ..base };
    let shown = shelf::shown(catalogue, run, format.lists_rules());
    terminal::streamed(|stream| format.write(run, &shown, &options, stream)).context("cannot write the report")
}

/// How often each rule found something, the most frequent first.
fn counts(run: &Run) -> Vec<(&str, &'static str, usize)> {
    let mut counts = BTreeMap::new();
    for finding in run.active() {
        *counts.entry((&*finding.rule, finding.severity.name())).or_insert(0_usize) += 1;
    }
    let mut rows: Vec<_> = counts.into_iter().map(|((rule, severity), count)| (rule, severity, count)).collect();
    // Stable: rules that are alike stay in the order of their names.
    rows.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    rows
}

fn statistics(run: &Run) -> String {
    let mut out = String::new();
    for (rule, severity, count) in counts(run) {
        let _ = writeln!(out, "{count:>6}  {severity:<8}  {}", finding::shown(rule, false));
    }
    let _ = writeln!(out, "{:>6}  in total", run.active().count());
    out
}

fn statistics_json(run: &Run) -> serde_json::Value {
    counts(run)
        .into_iter()
        .map(|(rule, severity, count)| serde_json::json!({ "rule": rule, "severity": severity, "count": count }))
        .collect()
}

/// True when two files would be written to one path.
pub(crate) fn collide(output: &Output) -> Option<&Path> {
    let paths: Vec<_> = output.output.iter().map(|(_, path)| path.as_path()).collect();
    paths.iter().enumerate().find(|(at, path)| paths[..*at].contains(path)).map(|(_, path)| *path)
}
