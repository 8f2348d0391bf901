//! Bitbucket's Code Insights: the bodies of the calls that make a report and its annotations.
//!
//! `report` is put once; each list in `annotations` is posted in a call of its own.

use std::io::{Result, Write};

use serde_json::{Value, json};

use super::concise::sentence;
use super::cut::cut;
use super::lines::OneLine;
use super::quiet;
use super::summary::{Summary, checked, untold, visible};
use super::uri::rooted;
use super::{Options, Rule};
use crate::finding::{Failure, Finding, Run, failure_fingerprint, fingerprints, scale, shown};

/// A report has no more annotations.
const MOST: usize = 1000;
/// A call takes no more of them.
const BATCH: usize = 100;
/// Longer summaries are refused, and the call with them.
const SUMMARY: usize = 450;
/// The same for details.
const DETAILS: usize = 2000;

/// Writes the report.
pub(super) fn write(run: &Run, rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let prints = fingerprints(&run.findings);
    let mut annotations: Vec<Value> = untold(run, options).into_iter().map(|f| broken(f, options)).collect();
    let mut findings: Vec<(usize, &Finding)> = visible(run, options).collect();
    // What is left out at the end is no worse than what is shown.
    findings.sort_by_key(|(_, f)| std::cmp::Reverse(f.severity));
    let total = annotations.len() + findings.len();
    annotations.extend(findings.into_iter().map(|(i, finding)| {
        let print = prints.get(i).map_or("", String::as_str);
        annotation(finding, print, rules, options)
    }));
    annotations.truncate(MOST);

    let summary = Summary::of(run);
    let mut details = format!("checked {}: {}", checked(run), summary.found(run));
    if total > annotations.len() {
        details.push_str(&format!("; {} more are not annotated", total - annotations.len()));
    }
    let clean = summary.total() == 0 && run.failures.is_empty();
    let data: Vec<Value> = summary
        .severities
        .iter()
        .map(|(severity, n)| json!({ "title": severity.name(), "type": "NUMBER", "value": n }))
        .collect();
    let mut report = json!({
        "title": "portcullis",
        "reporter": format!("portcullis {}", options.version),
        "report_type": "SECURITY",
        "details": cut(&details, DETAILS),
        "result": if clean { "PASSED" } else { "FAILED" },
        "data": data,
    });
    if let (Some(url), Some(map)) = (&options.home, report.as_object_mut()) {
        map.insert("link".to_owned(), json!(url));
    }
    let batches: Vec<&[Value]> = annotations.chunks(BATCH).collect();
    quiet::write_pretty(&json!({ "report": report, "annotations": batches }), out)
}

fn annotation(finding: &Finding, print: &str, rules: &[Rule], options: &Options) -> Value {
    let rule = shown(&finding.rule, false);
    let mut value = json!({
        "external_id": print,
        "annotation_type": "VULNERABILITY",
        "severity": scale(finding.severity).bitbucket,
        "path": rooted(&options.prefix, finding.place.file()),
        "line": OneLine::of(&finding.place).line,
        "summary": cut(&format!("{rule}: {}", sentence(finding)), SUMMARY),
    });
    let url = Rule::named(rules, &finding.rule).and_then(|r| r.url.as_ref());
    if let Some(map) = value.as_object_mut() {
        if let Some(help) = &finding.help {
            map.insert("details".to_owned(), json!(cut(&shown(help, true), DETAILS)));
        }
        if let Some(url) = url {
            map.insert("link".to_owned(), json!(url));
        }
    }
    value
}

fn broken(failure: &Failure, options: &Options) -> Value {
    json!({
        "external_id": failure_fingerprint(failure),
        "annotation_type": "VULNERABILITY",
        "severity": "HIGH",
        "path": rooted(&options.prefix, &failure.file),
        "line": failure.at.map_or(1, |(line, _)| line),
        "summary": cut(&format!("could not be checked: {}", shown(&failure.message, false)), SUMMARY),
    })
}
