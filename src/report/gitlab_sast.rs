//! GitLab's SAST report: what the vulnerability pages show.

use std::io::{Result, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::concise::sentence;
use super::cut::cut;
use super::lines::OneLine;
use super::markdown::inline;
use super::quiet::{self, Each};
use super::summary::visible;
use super::uri::rooted;
use super::{Options, Rule};
use crate::finding::{Failure, Finding, Run, fingerprints, scale, shown};

/// The schema wants to know when; a report that is the same for the same input cannot say.
const WHEN: &str = "1970-01-01T00:00:00";
/// The version of GitLab's schema that this is written against.
const VERSION: &str = "15.0.7";
/// The longest texts that the schema allows.
const NAME: usize = 255;
const DESCRIPTION: usize = 1_048_576;
const SOLUTION: usize = 7000;

/// Writes the report.
pub(super) fn write(run: &Run, rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let prints = fingerprints(&run.findings);
    let print = |at: usize| prints.get(at).map_or("", String::as_str);
    let vulnerabilities = Each(|| visible(run, options).map(|(i, f)| vulnerability(f, print(i), rules, options)));
    let tool = json!({
        "id": "portcullis",
        "name": "portcullis",
        "version": options.version,
        "vendor": { "name": "portcullis" },
    });
    let told = |level: &str, f: &Failure| json!({ "level": level, "value": shown(&format!("{}: {}", f.file, f.message), false) });
    let failures = run.failures.iter().map(|f| told("warn", f));
    let messages: Vec<Value> = failures.chain(run.notes.iter().map(|f| told("info", f))).collect();
    let scan = json!({
        "type": "sast",
        "analyzer": tool,
        "scanner": tool,
        "start_time": WHEN,
        "end_time": WHEN,
        "status": if run.failures.is_empty() { "success" } else { "failure" },
        "messages": messages,
    });
    quiet::write_pretty(&Report { version: VERSION, scan, vulnerabilities }, out)
}

#[derive(Serialize)]
struct Report<V> {
    version: &'static str,
    scan: Value,
    vulnerabilities: V,
}

fn vulnerability(finding: &Finding, print: &str, rules: &[Rule], options: &Options) -> Value {
    let rule = Rule::named(rules, &finding.rule);
    let name = shown(&finding.rule, false);
    let mut identifier = json!({ "type": "portcullis_rule", "name": format!("portcullis {name}"), "value": name });
    if let (Some(url), Some(map)) = (rule.and_then(|r| r.url.as_ref()), identifier.as_object_mut()) {
        map.insert("url".to_owned(), json!(url));
    }
    let mut identifiers = vec![identifier];
    for cwe in rule.iter().flat_map(|r| &r.cwe) {
        let number = cwe.trim_start_matches(|c: char| !c.is_ascii_digit());
        let url = format!("https://cwe.mitre.org/data/definitions/{number}.html");
        identifiers.push(json!({ "type": "cwe", "name": cwe, "value": number, "url": url }));
    }
    let links: Vec<Value> = rule.iter().flat_map(|r| &r.references).map(|url| json!({ "url": url })).collect();
    let line = OneLine::of(&finding.place).line;
    // GitLab reads the description as Markdown.
    let mut description = format!("{}.", inline(&sentence(finding)));
    if let Some(rule) = rule.filter(|r| !r.why.trim().is_empty()) {
        description.push_str(&format!("\n\n{}", rule.why.trim()));
    }
    let remedy = rule.map(|r| r.remedy.trim()).filter(|r| !r.is_empty());
    let solution = finding.help.as_deref().map(|h| shown(h, true)).or_else(|| remedy.map(str::to_owned));
    let mut value = json!({
        "id": uuid(print),
        "name": cut(&shown(&finding.title, false), NAME),
        "description": cut(&description, DESCRIPTION),
        "severity": scale(finding.severity).sast,
        "location": {
            "file": rooted(&options.prefix, finding.place.file()),
            "start_line": line,
            // Without it the page of the vulnerability shows an error.
            "end_line": line,
        },
        "identifiers": identifiers,
        "links": links,
    });
    if let (Some(solution), Some(map)) = (solution, value.as_object_mut()) {
        map.insert("solution".to_owned(), json!(cut(&solution, SOLUTION)));
    }
    value
}

/// A fingerprint in the shape of a UUID of version 8, whose bits are ours to choose.
fn uuid(print: &str) -> String {
    let part = |range: std::ops::Range<usize>| print.get(range).unwrap_or("0");
    format!("{}-{}-8{}-8{}-{}", part(0..8), part(8..12), part(12..15), part(15..18), part(18..30))
}
