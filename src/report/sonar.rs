//! SonarQube's generic issues.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use serde_json::{Value, json};

use super::concise::sentence;
use super::lines::OneLine;
use super::quiet;
use super::summary::{untold, visible};
use super::uri::rooted;
use super::{Options, Rule};
use crate::finding::{Finding, Place, Run, scale, shown};
use crate::rulebook::Severity;

/// Writes the report.
pub(super) fn write(run: &Run, rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let mut used: BTreeMap<String, Value> = BTreeMap::new();
    let mut issues = Vec::new();
    for (_, finding) in visible(run, options) {
        let known = Rule::named(rules, &finding.rule);
        let severity = known.map_or(finding.severity, |r| r.severity);
        let why = known.map_or("", |r| r.why.trim());
        used.entry(finding.rule.to_string())
            .or_insert_with(|| rule(&finding.rule, &shown(&finding.title, false), why, severity));
        issues.push(issue(finding, options));
    }
    for failure in untold(run, options) {
        let title = "could not be checked";
        used.entry("broken".to_owned()).or_insert_with(|| rule("broken", title, "", Severity::High));
        // A primary location without a line is refused.
        let primary = json!({
            "message": shown(&failure.message, false),
            "filePath": rooted(&options.prefix, &failure.file),
            "textRange": { "startLine": failure.at.map_or(1, |(line, _)| line) },
        });
        issues.push(json!({ "ruleId": "broken", "primaryLocation": primary }));
    }
    let rules: Vec<Value> = used.into_values().collect();
    quiet::write_pretty(&json!({ "rules": rules, "issues": issues }), out)
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
