//! Reviewdog's format: findings with the edits that mend them, for comments on a pull request.

use std::io::{Result, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::concise::sentence;
use super::lines::OneLine;
use super::quiet::{self, Each};
use super::summary::{untold, visible};
use super::uri::rooted;
use super::{Options, Rule};
use crate::finding::{Failure, Finding, Run, Safety, scale, shown};
use crate::source::Source;

/// Writes the report.
pub(super) fn write(run: &Run, rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let findings = || visible(run, options).map(|(_, finding)| diagnostic(finding, rules, options));
    let broken = || untold(run, options).into_iter().map(|failure| failed(failure, options));
    let mut source = json!({ "name": "portcullis" });
    if let (Some(url), Some(map)) = (&options.home, source.as_object_mut()) {
        map.insert("url".to_owned(), json!(url));
    }
    quiet::write_pretty(&Report { source, diagnostics: Each(|| findings().chain(broken())) }, out)
}

#[derive(Serialize)]
struct Report<D> {
    source: Value,
    diagnostics: D,
}

fn failed(failure: &Failure, options: &Options) -> Value {
    let mut location = json!({ "path": rooted(&options.prefix, &failure.file) });
    if let (Some((line, column)), Some(map)) = (failure.at, location.as_object_mut()) {
        map.insert("range".to_owned(), json!({ "start": { "line": line, "column": column } }));
    }
    let message = format!("could not be checked: {}", shown(&failure.message, false));
    json!({ "message": message, "location": location, "severity": "ERROR" })
}

fn diagnostic(finding: &Finding, rules: &[Rule], options: &Options) -> Value {
    let at = OneLine::of(&finding.place);
    let source = &finding.place.source;
    let mut message = sentence(finding);
    if let Some(help) = &finding.help {
        message.push_str(&format!("\nhelp: {}", shown(help, true)));
    }
    let mut code = json!({ "value": shown(&finding.rule, false) });
    if let (Some(url), Some(map)) =
        (Rule::named(rules, &finding.rule).and_then(|r| r.url.as_ref()), code.as_object_mut())
    {
        map.insert("url".to_owned(), json!(url));
    }
    json!({
        "message": message,
        "location": {
            "path": rooted(&options.prefix, finding.place.file()),
            "range": { "start": position(source, at.start), "end": position(source, at.end) },
        },
        "severity": scale(finding.severity).rdjson,
        "code": code,
        "suggestions": suggestions(finding),
    })
}

/// The edits of the first safe fix; a suggestion is of the file of its diagnostic, or it is none.
fn suggestions(finding: &Finding) -> Vec<Value> {
    let Some(fix) = finding.fixes.iter().find(|f| f.safety == Safety::Safe) else { return Vec::new() };
    if fix.edits.iter().any(|e| e.place.file() != finding.place.file()) {
        return Vec::new();
    }
    let edit = |e: &crate::finding::Edit| {
        let range = json!({
            "start": position(&e.place.source, e.place.start),
            "end": position(&e.place.source, e.place.end),
        });
        json!({ "range": range, "text": e.text })
    };
    fix.edits.iter().map(edit).collect()
}

/// Columns count bytes here, from 1.
fn position(source: &Source, offset: u32) -> Value {
    let line = source.lines().line(offset);
    json!({ "line": line, "column": offset.saturating_sub(source.lines().start(line)) + 1 })
}
