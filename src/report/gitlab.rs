//! GitLab's code quality report: what the merge request widget shows.

use std::io::{Result, Write};

use serde::Serialize;

use super::concise::sentence;
use super::lines::Beside;
use super::quiet::{self, Each};
use super::summary::{untold, visible};
use super::uri::rooted;
use super::{Options, Rule};
use crate::finding::{Run, failure_fingerprint, fingerprints, scale, shown};

/// Writes the report.
pub(super) fn write(run: &Run, _rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let prints = fingerprints(&run.findings);
    let findings = || {
        visible(run, options).map(|(i, finding)| {
            let Beside { file, line, .. } = Beside::of(finding);
            Issue {
                description: sentence(finding),
                check_name: shown(&finding.rule, false),
                fingerprint: prints.get(i).cloned().unwrap_or_default(),
                severity: scale(finding.severity).quality,
                location: Location::new(file, line, options),
            }
        })
    };
    let broken = || {
        untold(run, options).into_iter().map(|failure| Issue {
            description: format!("could not be checked: {}", shown(&failure.message, false)),
            check_name: "broken".to_owned(),
            fingerprint: failure_fingerprint(failure),
            severity: "blocker",
            location: Location::new(&failure.file, failure.at.map_or(1, |(line, _)| line), options),
        })
    };
    quiet::write_pretty(&Each(|| findings().chain(broken())), out)
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

impl Location {
    fn new(file: &str, line: u32, options: &Options) -> Self {
        Self { path: rooted(&options.prefix, file), lines: Lines { begin: line, end: line } }
    }
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}
