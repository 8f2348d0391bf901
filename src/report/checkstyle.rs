//! Checkstyle XML, which most build servers have read for twenty years.

use std::io::{Result, Write};

use super::concise::sentence;
use super::summary::{untold, visible};
use super::uri::rooted;
use super::xml::{DECLARATION, tag};
use super::{Options, Rule};
use crate::finding::{Finding, Run, scale};

/// Writes the report.
pub(super) fn write(run: &Run, _rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let findings: Vec<&Finding> = visible(run, options).map(|(_, f)| f).collect();
    writeln!(out, "{DECLARATION}")?;
    tag(out, "checkstyle", &[("version", "4.3".to_owned())], ">\n")?;
    for file in findings.chunk_by(|a, b| a.place.file() == b.place.file()) {
        let Some(first) = file.first() else { continue };
        tag(out, "file", &[("name", rooted(&options.prefix, first.place.file()))], ">\n")?;
        for finding in file {
            let from = finding.place.from();
            let error = [
                ("line", from.line.to_string()),
                ("column", from.column.to_string()),
                ("severity", scale(finding.severity).checkstyle.to_owned()),
                ("message", sentence(finding)),
                ("source", format!("portcullis.{}", finding.rule)),
            ];
            tag(out, "error", &error, "/>\n")?;
        }
        writeln!(out, "</file>")?;
    }
    for failure in untold(run, options) {
        tag(out, "file", &[("name", rooted(&options.prefix, &failure.file))], ">\n")?;
        let (line, column) = failure.at.unwrap_or((1, 1));
        let error = [
            ("line", line.to_string()),
            ("column", column.to_string()),
            ("severity", "error".to_owned()),
            ("message", failure.message.clone()),
            ("source", "portcullis".to_owned()),
        ];
        tag(out, "error", &error, "/>\n")?;
        writeln!(out, "</file>")?;
    }
    writeln!(out, "</checkstyle>")
}
