//! What was checked and how much was found, in one sentence.

use crate::finding::{Failure, Finding, Kind, Run, Safety, shown};
use crate::rulebook::Severity;

use super::Options;

/// The findings that a report shows, in their order, each with its index in the run.
pub(super) fn visible<'r>(run: &'r Run, options: &Options) -> impl Iterator<Item = (usize, &'r Finding)> {
    let all = options.show_suppressed;
    run.findings.iter().enumerate().filter(move |(_, f)| all || f.suppressed.is_none())
}

/// Failures that no shown finding tells of at the same place.
pub(super) fn untold<'r>(run: &'r Run, options: &Options) -> Vec<&'r Failure> {
    let told = |failure: &crate::finding::Failure| {
        visible(run, options).any(|(_, f)| {
            let from = f.place.from();
            f.place.file() == failure.file && failure.at == Some((from.line, from.column))
        })
    };
    run.failures.iter().filter(|failure| !told(failure)).collect()
}

/// The numbers of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Summary {
    /// How many active findings there are of each severity, the worst first, none left out.
    pub severities: Vec<(Severity, usize)>,
    /// How many of them may be wrong or not.
    pub open: usize,
    /// How many findings `--fix` mends.
    pub safe: usize,
    /// How many more there is a fix for that wants to be looked at.
    pub unsafe_: usize,
    /// How many somebody silenced.
    pub suppressed: usize,
}

impl Summary {
    /// Counts.
    pub(super) fn of(run: &Run) -> Self {
        let count = |severity| run.active().filter(|f| f.severity == severity).count();
        let has = |f: &Finding, safety| f.fixes.iter().any(|fix| fix.safety == safety);
        Self {
            severities: Severity::ALL.iter().rev().map(|&s| (s, count(s))).collect(),
            open: run.active().filter(|f| f.kind == Kind::Open).count(),
            safe: run.active().filter(|f| has(f, Safety::Safe)).count(),
            unsafe_: run.active().filter(|f| !has(f, Safety::Safe) && has(f, Safety::Unsafe)).count(),
            suppressed: run.findings.len() - run.active().count(),
        }
    }

    /// How many active findings there are.
    pub(super) fn total(&self) -> usize {
        self.severities.iter().map(|(_, n)| n).sum()
    }

    /// "3 high, 2 medium", or that there is nothing.
    pub(super) fn found(&self, run: &Run) -> String {
        if self.total() == 0 {
            return nothing(run).to_owned();
        }
        let some = self.severities.iter().filter(|(_, n)| *n > 0);
        some.map(|(severity, n)| format!("{n} {severity}")).collect::<Vec<_>>().join(", ")
    }

    /// "4 fixable with --fix, 1 suppressed", or nothing.
    pub(super) fn besides(&self, run: &Run) -> Vec<String> {
        let mut parts = Vec::new();
        if self.safe > 0 {
            parts.push(format!("{} fixable with --fix", self.safe));
        }
        if self.unsafe_ > 0 {
            let more = if self.safe > 0 { " more" } else { "" };
            parts.push(format!("{}{more} with --fix=all", self.unsafe_));
        }
        if self.open > 0 {
            parts.push(format!("{} undetermined", self.open));
        }
        if self.suppressed > 0 {
            parts.push(format!("{} suppressed", self.suppressed));
        }
        if run.skipped > 0 {
            parts.push(format!("{} skipped", count(run.skipped, "file")));
        }
        parts
    }
}

/// Where a file could not be read, as far as is known: `file:line:column`.
pub(super) fn place_of(failure: &Failure) -> String {
    let file = shown(&failure.file, false);
    match failure.at {
        Some((line, column)) => format!("{file}:{line}:{column}"),
        None => file,
    }
}

/// What is said when nothing was found: a file that could not be read is no clean file.
pub(super) fn nothing(run: &Run) -> &'static str {
    let whole = run.broken == 0 && run.failures.is_empty();
    match (whole, run.checked.is_empty()) {
        (true, _) => "nothing found",
        (false, false) => "nothing found in the rest",
        (false, true) => "nothing could be checked",
    }
}

/// "12 templates (9 CloudFormation, 2 SAM, 1 serverless)".
pub(super) fn checked(run: &Run) -> String {
    let total: usize = run.checked.values().sum();
    let some: Vec<_> = run.checked.iter().filter(|(_, n)| **n > 0).collect();
    let names: Vec<String> = match some.as_slice() {
        [] => return "no templates".to_owned(),
        [(name, n)] => return format!("{} {}", n, with_name(name, **n)),
        several => several.iter().map(|(name, n)| format!("{n} {}", written(name))).collect(),
    };
    format!("{} ({})", count(total, "template"), names.join(", "))
}

/// "1 file", "2 files".
pub(super) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

fn with_name(name: &str, n: usize) -> String {
    format!("{} template{}", written(name), if n == 1 { "" } else { "s" })
}

/// A language's word in JSON as people write it; a word that is not here is written as it is.
fn written(name: &str) -> &str {
    match name {
        "cloudformation" => "CloudFormation",
        "sam" => "SAM",
        other => other,
    }
}
