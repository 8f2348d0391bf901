//! A line for each finding: `path:line:col: severity rule: message [fixable]`.

use std::io::{Result, Write};

use super::summary::{Summary, checked, place_of, untold, visible};
use super::{Options, Rule};
use crate::finding::{Failure, Finding, Kind, Run, Safety, shown};
use crate::rulebook::Severity;

/// Writes the report.
pub(super) fn write(run: &Run, _rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    if !options.summary_only {
        for (_, finding) in visible(run, options) {
            line(finding, options, out)?;
        }
    }
    for broken in untold(run, options) {
        failure(broken, options, out)?;
    }
    notes(run, options, out)?;
    if options.summary_only {
        writeln!(out, "checked {}: {}", checked(run), Summary::of(run).found(run))?;
    }
    Ok(())
}

/// The line of a finding.
pub(super) fn line(finding: &Finding, options: &Options, out: &mut dyn Write) -> Result<()> {
    let from = finding.place.from();
    let place = format!("{}:{}:{}", shown(finding.place.file(), false), from.line, from.column);
    let color = match finding.severity {
        Severity::Critical => "1;95",
        Severity::High => "1;91",
        Severity::Medium => "1;93",
        Severity::Low => "1;96",
        Severity::Info => "1;94",
    };
    let severity = paint(options, color, finding.severity.name());
    let rule = shown(&finding.rule, false);
    let fixable = finding.fixes.iter().any(|fix| fix.safety == Safety::Safe);
    let besides = match (&finding.suppressed, fixable) {
        (Some(_), _) => " [suppressed]",
        (None, true) => " [fixable]",
        (None, false) => "",
    };
    writeln!(out, "{}: {severity} {rule}: {}{besides}", paint(options, "1", &place), sentence(finding))
}

/// The line of a file that could not be checked.
pub(super) fn failure(failure: &Failure, options: &Options, out: &mut dyn Write) -> Result<()> {
    told("error", "1;91", failure, options, out)
}

/// A line for all that was not seen.
pub(super) fn notes(run: &Run, options: &Options, out: &mut dyn Write) -> Result<()> {
    run.notes.iter().try_for_each(|note| told("note", "1;92", note, options, out))
}

fn told(word: &str, color: &str, what: &Failure, options: &Options, out: &mut dyn Write) -> Result<()> {
    let (place, word) = (paint(options, "1", &place_of(what)), paint(options, color, word));
    writeln!(out, "{place}: {word}: {}", shown(&what.message, false))
}

/// The message and the assumption, on one line.
pub(super) fn sentence(finding: &Finding) -> String {
    let mut line = shown(&finding.message, false);
    if let Some(under) = &finding.under {
        line.push_str(&format!(" (when {})", shown(under, false)));
    }
    if finding.kind == Kind::Open {
        line.push_str(" (undetermined)");
    }
    if let Some(construct) = &finding.construct {
        line.push_str(&format!(" ({})", shown(&construct.to_string(), false)));
    }
    line
}

fn paint(options: &Options, code: &str, text: &str) -> String {
    if options.color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}
