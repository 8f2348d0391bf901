//! SonarQube's generic issues.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::concise::sentence;
use super::lines::OneLine;
use super::quiet::{self, Each};
use super::summary::{untold, visible};
use super::uri::rooted;
use super::{Options, Rule};
use crate::finding::{Failure, Finding, Place, Run, scale, shown};
use crate::rulebook::Severity;

/// Writes the report.
pub(super) fn write(run: &Run, rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let mut used: BTreeMap<&str, Value> = BTreeMap::new();
    for (_, finding) in visible(run, options) {
        used.entry(&*finding.rule).or_insert_with(|| {
            let known = Rule::named(rules, &finding.rule);
            let severity = known.map_or(finding.severity, |r| r.severity);
            rule(&finding.rule, &shown(&finding.title, false), known.map_or("", |r| r.why.trim()), severity)
        });
    }
    if !untold(run, options).is_empty() {
        used.entry("broken").or_insert_with(|| rule("broken", "could not be checked", "", Severity::High));
    }
    let findings = || visible(run, options).map(|(_, finding)| issue(finding, options));
    let broken = || untold(run, options).into_iter().map(|failure| failed(failure, options));
    let issues = Each(|| findings().chain(broken()));
    quiet::write_pretty(&Report { rules: used.into_values().collect(), issues }, out)
}

#[derive(Serialize)]
struct Report<I> {
    rules: Vec<Value>,
    issues: I,
}

fn failed(failure: &Failure, options: &Options) -> Value {
    // A primary location without a line is refused.
    let primary = json!({
        "message": shown(&failure.message, false),
        "filePath": rooted(&options.prefix, &failure.file),
        "textRange": { "startLine": failure.at.map_or(1, |(line, _)| line) },
    });
    json!({ "ruleId": "broken", "primaryLocation": primary })
}

fn rule(name: &str, title: &str, why: &str, severity: Severity) -> Value {
    let scale = scale(severity);
    json!({
        "id": name,
        "name": title,
        "description": if why.is_empty() { title } else { why },
        "engineId": "portcullis",
        "cleanCodeAttribute": "TRUSTWORTHY",
        "type": "VULNERABILITY",
        "severity": scale.sonar,
        "impacts": [{ "softwareQuality": "SECURITY", "severity": scale.impact }],
    })
}

fn issue(finding: &Finding, options: &Options) -> Value {
    let mut message = sentence(finding);
    if let Some(help) = &finding.help {
        message.push_str(&format!(" (help: {})", shown(help, false)));
    }
    let others: Vec<Value> =
        finding.related.iter().map(|l| location(&l.place, &shown(&l.message, false), options)).collect();
    json!({
        "ruleId": &*finding.rule,
        "primaryLocation": location(&finding.place, &message, options),
        "secondaryLocations": others,
    })
}

/// A place of one line; an empty range is refused, so it becomes the line.
fn location(place: &Place, message: &str, options: &Options) -> Value {
    let at = OneLine::of(place);
    // Columns begin at 0 here, and count UTF-16 units.
    let column = |byte| place.source.position_in_utf16(byte).1 - 1;
    let range = if at.start < at.end {
        json!({
            "startLine": at.line,
            "endLine": at.line,
            "startColumn": column(at.start),
            "endColumn": column(at.end),
        })
    } else {
        json!({ "startLine": at.line })
    };
    json!({ "message": message, "filePath": rooted(&options.prefix, place.file()), "textRange": range })
}
