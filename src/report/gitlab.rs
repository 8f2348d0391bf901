//! GitLab's code quality report: what the merge request widget shows.

use std::io::{Result, Write};

use serde::Serialize;

use super::concise::sentence;
use super::lines::OneLine;
use super::quiet;
use super::summary::{untold, visible};
use super::uri::rooted;
use super::{Options, Rule};
use crate::finding::{Run, failure_fingerprint, fingerprints, scale, shown};

/// Writes the report.
pub(super) fn write(run: &Run, _rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let prints = fingerprints(&run.findings);
    let mut issues = Vec::new();
    for (i, finding) in visible(run, options) {
        let line = OneLine::of(&finding.place).line;
        issues.push(Issue {
            description: sentence(finding),
            check_name: shown(&finding.rule, false),
            fingerprint: prints.get(i).cloned().unwrap_or_default(),
            severity: scale(finding.severity).quality,
            location: Location {
                path: rooted(&options.prefix, finding.place.file()),
                lines: Lines { begin: line, end: line },
            },
        });
    }
    for failure in untold(run, options) {
        let line = failure.at.map_or(1, |(line, _)| line);
        issues.push(Issue {
            description: format!("could not be checked: {}", shown(&failure.message, false)),
            check_name: "broken".to_owned(),
            fingerprint: failure_fingerprint(failure),
            severity: "blocker",
            location: Location {
                path: rooted(&options.prefix, &failure.file),
                lines: Lines { begin: line, end: line },
            },
        });
    }
    quiet::write_pretty(&issues, out)
}

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}
