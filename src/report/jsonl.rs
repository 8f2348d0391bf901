//! For scripts that read as we write: an object a line, each with its `type`; the summary is the last.

use std::io::{Result, Write};

use serde::Serialize;

use super::json::{JsonFailure, JsonFinding, Summary};
use super::quiet;
use super::summary::visible;
use super::{Options, Rule};
use crate::finding::{Run, fingerprints};

/// Writes the report.
pub(super) fn write(run: &Run, _rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let prints = fingerprints(&run.findings);
    for (i, finding) in visible(run, options) {
        quiet::write_line(&Line::Finding(Box::new(JsonFinding::new(finding, prints.get(i)))), out)?;
    }
    for failure in &run.failures {
        quiet::write_line(&Line::Error(JsonFailure::new(failure)), out)?;
    }
    for note in &run.notes {
        quiet::write_line(&Line::Note(JsonFailure::new(note)), out)?;
    }
    quiet::write_line(&Line::Summary(Summary::of(run)), out)
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Line<'r> {
    Finding(Box<JsonFinding<'r>>),
    Error(JsonFailure<'r>),
    Note(JsonFailure<'r>),
    Summary(Summary),
}
