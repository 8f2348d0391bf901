//! Reports on their way out: one to standard output, the others to files, all of the same run.

use std::path::Path;

use anyhow::Context;
use portcullis::config::Config;
use portcullis::finding::Run;
use portcullis::report::{Format, Options};
use portcullis::rules::Catalogue;

use crate::args::{Global, Output};
use crate::{disk, shelf, statistics, terminal};

/// Writes every report that was asked for.
pub(crate) fn write(
    global: &Global,
    output: &Output,
    run: &Run,
    catalogue: &Catalogue,
    config: &Config,
) -> anyhow::Result<()> {
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
    if let Some(by) = output.statistics {
        return statistics::write(by, format, run, catalogue, config);
    }
    let look = terminal::look();
    let options =
        Options { color: look.colour, unicode: look.unicode, hyperlinks: look.links, width: look.width, ..base };
    let shown = shelf::shown(catalogue, run, format.lists_rules());
    terminal::streamed(|stream| format.write(run, &shown, &options, stream)).context("cannot write the report")
}

/// True when two files would be written to one path.
pub(crate) fn collide(output: &Output) -> Option<&Path> {
    let paths: Vec<_> = output.output.iter().map(|(_, path)| path.as_path()).collect();
    paths.iter().enumerate().find(|(at, path)| paths[..*at].contains(path)).map(|(_, path)| *path)
}
