//! For scripts: everything, in a shape that is kept. The shape is called `portcullis/1`.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use serde::Serialize;

use super::quiet::{self, Each};
use super::summary::visible;
use super::{Options, Rule};
use crate::finding::{Construct, Edit, Failure, Finding, Fix, Label, Run, Suppression, fingerprints};
use crate::rulebook::Severity;
use crate::source::Position;

/// Writes the report.
pub(super) fn write(run: &Run, _rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let prints = fingerprints(&run.findings);
    let report = Report {
        schema: "portcullis/1",
        tool: Tool { name: "portcullis", version: &options.version },
        findings: Each(|| visible(run, options).map(|(i, f)| JsonFinding::new(f, prints.get(i)))),
        errors: run.failures.iter().map(JsonFailure::new).collect(),
        notes: run.notes.iter().map(JsonFailure::new).collect(),
        summary: Summary::of(run),
    };
    quiet::write_pretty(&report, out)
}

#[derive(Serialize)]
struct Report<'r, F> {
    schema: &'static str,
    tool: Tool<'r>,
    findings: F,
    errors: Vec<JsonFailure<'r>>,
    notes: Vec<JsonFailure<'r>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Tool<'r> {
    name: &'static str,
    version: &'r str,
}

/// A finding as it stands in JSON.
#[derive(Serialize)]
pub(super) struct JsonFinding<'r> {
    rule: &'r str,
    severity: &'static str,
    confidence: &'static str,
    category: &'static str,
    kind: &'static str,
    message: &'r str,
    under: Option<&'r str>,
    file: &'r str,
    resource: Option<&'r str>,
    resource_type: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    construct: Option<JsonConstruct<'r>>,
    path: &'r str,
    start: Point,
    end: Point,
    related: Vec<Related<'r>>,
    fixes: Vec<JsonFix<'r>>,
    suppressed: Option<JsonSuppression<'r>>,
    fingerprint: &'r str,
}

impl<'r> JsonFinding<'r> {
    pub(super) fn new(finding: &'r Finding, fingerprint: Option<&'r String>) -> Self {
        Self {
            rule: &finding.rule,
            severity: finding.severity.name(),
            confidence: finding.confidence.name(),
            category: finding.category.name(),
            kind: finding.kind.name(),
            message: &finding.message,
            under: finding.under.as_deref(),
            file: finding.place.file(),
            resource: finding.resource.as_deref(),
            resource_type: finding.resource_type.as_deref(),
            construct: finding.construct.as_ref().map(JsonConstruct::new),
            path: &finding.path,
            start: finding.place.from().into(),
            end: finding.place.to().into(),
            related: finding.related.iter().map(Related::new).collect(),
            fixes: finding.fixes.iter().map(JsonFix::new).collect(),
            suppressed: finding.suppressed.as_ref().map(JsonSuppression::new),
            fingerprint: fingerprint.map_or("", String::as_str),
        }
    }
}

#[derive(Serialize)]
struct JsonConstruct<'r> {
    path: &'r str,
    file: Option<&'r str>,
    line: Option<u32>,
    column: Option<u32>,
}

impl<'r> JsonConstruct<'r> {
    fn new(Construct { path, made }: &'r Construct) -> Self {
        let made = made.as_ref();
        Self {
            path,
            file: made.map(|(file, ..)| file.as_str()),
            line: made.map(|(_, line, _)| *line),
            column: made.map(|(.., column)| *column),
        }
    }
}

#[derive(Serialize)]
struct Point {
    line: u32,
    column: u32,
    offset: u32,
}

impl From<Position> for Point {
    fn from(Position { line, column, offset }: Position) -> Self {
        Self { line, column, offset }
    }
}

#[derive(Serialize)]
struct Related<'r> {
    message: &'r str,
    file: &'r str,
    start: Point,
    end: Point,
}

impl<'r> Related<'r> {
    fn new(Label { place, message }: &'r Label) -> Self {
        Self { message, file: place.file(), start: place.from().into(), end: place.to().into() }
    }
}

#[derive(Serialize)]
struct JsonFix<'r> {
    title: &'r str,
    safety: &'static str,
    edits: Vec<JsonEdit<'r>>,
}

impl<'r> JsonFix<'r> {
    fn new(fix: &'r Fix) -> Self {
        let edit = |Edit { place, text }: &'r Edit| JsonEdit {
            file: place.file(),
            start: place.from().into(),
            end: place.to().into(),
            text,
        };
        Self { title: &fix.title, safety: fix.safety.name(), edits: fix.edits.iter().map(edit).collect() }
    }
}

#[derive(Serialize)]
struct JsonEdit<'r> {
    file: &'r str,
    start: Point,
    end: Point,
    text: &'r str,
}

#[derive(Serialize)]
struct JsonSuppression<'r> {
    by: &'r str,
    reason: Option<&'r str>,
    until: Option<&'r str>,
}

impl<'r> JsonSuppression<'r> {
    fn new(suppression: &'r Suppression) -> Self {
        Self { by: &suppression.by, reason: suppression.reason.as_deref(), until: suppression.until.as_deref() }
    }
}

/// A failure as it stands in JSON.
#[derive(Serialize)]
pub(super) struct JsonFailure<'r> {
    file: &'r str,
    message: &'r str,
    line: Option<u32>,
    column: Option<u32>,
}

impl<'r> JsonFailure<'r> {
    pub(super) fn new(Failure { file, at, message }: &'r Failure) -> Self {
        Self { file, message, line: at.map(|a| a.0), column: at.map(|a| a.1) }
    }
}

/// The numbers of a run as they stand in JSON.
#[derive(Serialize)]
pub(super) struct Summary {
    checked: BTreeMap<&'static str, usize>,
    skipped: usize,
    broken: usize,
    suppressed: usize,
    by_severity: BySeverity,
}

/// The worst first, none left out.
#[derive(Serialize)]
struct BySeverity {
    critical: usize,
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
}

impl Summary {
    pub(super) fn of(run: &Run) -> Self {
        let count = |severity| run.active().filter(|f| f.severity == severity).count();
        Self {
            checked: run.checked.clone(),
            skipped: run.skipped,
            broken: run.broken,
            suppressed: run.findings.len() - run.active().count(),
            by_severity: BySeverity {
                critical: count(Severity::Critical),
                high: count(Severity::High),
                medium: count(Severity::Medium),
                low: count(Severity::Low),
                info: count(Severity::Info),
            },
        }
    }
}
