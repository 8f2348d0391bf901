//! A line for each finding: `path:line:col: severity rule: message [fixable]`.

use std::io::{Result, Write};

use super::summary::{Summary, checked, untold, visible};
use super::{Options, Rule};
use crate::finding::{Finding, Kind, Run, Safety, shown};
use crate::rulebook::Severity;

/// Writes the report.
pub(super) fn write(run: &Run, _rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let paint = |code: &str, text: &str| if options.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() };
    if !options.summary_only {
        for (_, finding) in visible(run, options) {
            let from = finding.place.from();
            let place = format!("{}:{}:{}", path(finding.place.file()), from.line, from.column);
            let color = match finding.severity {
                Severity::Critical => "1;35",
                Severity::High => "1;31",
                Severity::Medium => "1;33",
                Severity::Low => "1;36",
                Severity::Info => "1;34",
            };
            let severity = paint(color, finding.severity.name());
            writeln!(out, "{}: {severity} {}: {}", paint("1", &place), shown(&finding.rule, false), sentence(finding))?;
        }
    }
    for failure in untold(run, options) {
        let place = match failure.at {
            Some((line, column)) => format!("{}:{line}:{column}", path(&failure.file)),
            None => path(&failure.file),
        };
        writeln!(out, "{}: {} {}", paint("1", &place), paint("1;31", "error"), shown(&failure.message, false))?;
    }
    if options.summary_only {
        let summary = Summary::of(run);
        let found = summary.found();
        writeln!(out, "checked {}: {}", checked(run), if found.is_empty() { "nothing found" } else { &found })?;
    }
    Ok(())
}

/// The message with everything that belongs to it, on one line.
pub(super) fn sentence(finding: &Finding) -> String {
    let mut line = shown(&finding.message, false);
    if let Some(under) = &finding.under {
        line.push_str(&format!(" (when {})", shown(under, false)));
    }
    if finding.kind == Kind::Open {
        line.push_str(" [undetermined]");
    }
    if finding.suppressed.is_some() {
        line.push_str(" [suppressed]");
    } else if finding.fixes.iter().any(|fix| fix.safety == Safety::Safe) {
        line.push_str(" [fixable]");
    }
    line
}

/// A path that is no command of a build server, at the beginning of a line.
fn path(path: &str) -> String {
    let path = shown(path, false);
    if path.trim_start().starts_with("::") { format!("./{path}") } else { path }
}
