//! One page that needs nothing else: no network, and no script but its own, which is named by its digest.

use std::collections::BTreeSet;
use std::io::{Result, Write};

use base64::Engine as _;
use sha2::{Digest, Sha256};

use super::concise::sentence;
use super::mask::Masks;
use super::summary::{Summary, checked, count, untold, visible};
use super::window::Window;
use super::xml::escaped;
use super::{Options, Rule};
use crate::finding::{Finding, Fix, Run, Safety, shown};

mod snippet;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// Writes the report.
pub(super) fn write(run: &Run, rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let summary = Summary::of(run);
    let found = summary.found(run);
    let policy = format!(
        "default-src 'none'; base-uri 'none'; form-action 'none'; style-src '{}'; script-src '{}'",
        digest(STYLE),
        digest(SCRIPT)
    );
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<meta name=\"color-scheme\" content=\"light dark\">")?;
    writeln!(out, "<title>portcullis: {found}</title>\n<style>{STYLE}</style>\n</head>\n<body>")?;
    let findings: Vec<&Finding> =
        if options.summary_only { Vec::new() } else { visible(run, options).map(|(_, f)| f).collect() };
    head(run, &summary, out)?;
    writeln!(out, "<main>")?;
    filter(&summary, &findings, out)?;
    if summary.total() == 0 && run.failures.is_empty() {
        writeln!(out, "<p class=\"clean\">Nothing found.</p>")?;
    }
    failures(run, options, out)?;
    let masks = Masks::of(run);
    for file in findings.chunk_by(|a, b| a.place.file() == b.place.file()) {
        let Some(first) = file.first() else { continue };
        let path = escaped(first.place.file(), false);
        writeln!(out, "<section data-file=\"{path}\">\n<h2>{path}</h2>")?;
        for finding in file {
            article(finding, rules, &masks, out)?;
        }
        writeln!(out, "</section>")?;
    }
    writeln!(out, "<p id=\"none\" hidden>No finding is like that.</p>\n</main>")?;
    writeln!(out, "<footer>portcullis {}</footer>", escaped(&options.version, false))?;
    writeln!(out, "<script>{SCRIPT}</script>\n</body>\n</html>")
}

/// What the policy of the page calls a text it allows.
fn digest(text: &str) -> String {
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text)))
}

fn head(run: &Run, summary: &Summary, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "<header>\n<h1>portcullis</h1>")?;
    let mut besides = summary.besides(run);
    if run.broken > 0 {
        besides.insert(0, format!("{} could not be read", count(run.broken, "file")));
    }
    let besides = if besides.is_empty() { String::new() } else { format!("; {}", besides.join(", ")) };
    let words: Vec<String> = besides
        .split(' ')
        .map(|word| {
            let option = word.trim_end_matches(',');
            // An option stays in one piece.
            if option.starts_with("--") { word.replace(option, &format!("`{option}`")) } else { word.to_owned() }
        })
        .collect();
    writeln!(out, "<p>Checked {}{}.</p>\n</header>", escaped(&checked(run), false), with_code(&words.join(" ")))
}

/// Hidden until the script runs: without it everything is shown, and nothing promises more.
fn filter(summary: &Summary, findings: &[&Finding], out: &mut dyn Write) -> Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "<form id=\"filter\" hidden>\n<fieldset>")?;
    for (severity, _) in &summary.severities {
        let n = findings.iter().filter(|f| f.severity == *severity).count();
        let disabled = if n == 0 { " disabled" } else { "" };
        writeln!(
            out,
            "<label class=\"chip {severity}\"><input type=\"checkbox\" name=\"severity\" value=\"{severity}\" checked{disabled}>\
             <b>{n}</b> {severity}</label>"
        )?;
    }
    writeln!(out, "</fieldset>")?;
    let rules: BTreeSet<&str> = findings.iter().map(|f| &*f.rule).collect();
    select("rule", "every rule", &rules, out)?;
    let files: BTreeSet<&str> = findings.iter().map(|f| f.place.file()).collect();
    select("file", "every file", &files, out)?;
    writeln!(out, "<input type=\"search\" name=\"text\" placeholder=\"search\" aria-label=\"search\">")?;
    writeln!(out, "<output id=\"count\">{}</output>\n</form>", count(findings.len(), "finding"))
}

fn select(name: &str, all: &str, values: &BTreeSet<&str>, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "<select name=\"{name}\" aria-label=\"{name}\"><option value=\"\">{all}</option>")?;
    for value in values {
        let value = escaped(value, false);
        writeln!(out, "<option value=\"{value}\">{value}</option>")?;
    }
    writeln!(out, "</select>")
}

fn failures(run: &Run, options: &Options, out: &mut dyn Write) -> Result<()> {
    for (class, word, all) in
        [("broken", "not checked", untold(run, options)), ("info", "note", run.notes.iter().collect())]
    {
        for failure in all {
            let place = failure.at.map_or_else(String::new, |(l, c)| format!(":{l}:{c}"));
            writeln!(
                out,
                "<p class=\"failure {class}\"><span class=\"badge {class}\">{word}</span> <code>{}{place}</code> {}</p>",
                escaped(&failure.file, false),
                escaped(&failure.message, false)
            )?;
        }
    }
    Ok(())
}

fn article(finding: &Finding, rules: &[Rule], masks: &Masks, out: &mut dyn Write) -> Result<()> {
    let rule = Rule::named(rules, &finding.rule);
    let name = escaped(&finding.rule, false);
    let silenced = if finding.suppressed.is_some() { " suppressed" } else { "" };
    writeln!(
        out,
        "<article class=\"{severity}{silenced}\" data-severity=\"{severity}\" data-rule=\"{name}\">",
        severity = finding.severity
    )?;
    let link = match rule.and_then(|r| r.url.as_deref()).filter(|url| url.starts_with("https://")) {
        Some(url) => format!("<a href=\"{}\" rel=\"noopener noreferrer\">{name}</a>", escaped(url, false)),
        None => name,
    };
    let title = with_code(&shown(&finding.title, false));
    writeln!(
        out,
        "<h3><span class=\"badge {0}\">{0}</span> {title} <span class=\"rule\">{link}</span></h3>",
        finding.severity
    )?;
    let message = sentence(finding);
    if message != shown(&finding.title, false) {
        writeln!(out, "<p class=\"message\">{}</p>", with_code(&message))?;
    }
    if let Some(suppression) = &finding.suppressed {
        let reason = suppression.reason.as_deref().unwrap_or("no reason given");
        let until = suppression.until.as_deref().map_or_else(String::new, |u| format!(" until {u}"));
        let text = format!("suppressed by {}{until}: {reason}", suppression.by);
        writeln!(out, "<p class=\"note\">{}</p>", escaped(&text, false))?;
    }
    snippet::write(&finding.place, finding.label.as_deref(), &finding.related, masks, out)?;
    if let Some(help) = &finding.help {
        writeln!(out, "<p class=\"help\"><b>help</b> {}</p>", with_code(&shown(help, false)))?;
    }
    for fix in &finding.fixes {
        mend(fix, masks, out)?;
    }
    if let Some(rule) = rule.filter(|r| !r.why.trim().is_empty()) {
        writeln!(out, "<details><summary>why it matters</summary>")?;
        for paragraph in rule.why.trim().split("\n\n").chain([rule.remedy.trim()]).filter(|p| !p.is_empty()) {
            writeln!(out, "<p>{}</p>", with_code(&shown(&paragraph.replace('\n', " "), false)))?;
        }
        writeln!(out, "</details>")?;
    }
    writeln!(out, "</article>")
}

fn mend(fix: &Fix, masks: &Masks, out: &mut dyn Write) -> Result<()> {
    let who = match fix.safety {
        Safety::Safe => "<code>--fix</code> does it",
        Safety::Unsafe => "it may change what works; <code>--fix=all</code> does it",
    };
    writeln!(out, "<p class=\"help\"><b>fix</b> {} <small>({who})</small></p>", with_code(&shown(&fix.title, false)))?;
    let long: usize = fix.edits.iter().map(|e| e.text.len()).sum();
    if long > 2_000 {
        return Ok(());
    }
    write!(out, "<pre class=\"fix\">")?;
    for edit in &fix.edits {
        let (line, last) = (edit.place.from().line, edit.place.to().line);
        let place = edit.place.start..edit.place.end;
        let window = Window::new(&edit.place.source, line, last, std::slice::from_ref(&place), masks);
        let removed = window.text.get(window.range(&place)).unwrap_or("");
        writeln!(out, "<i>{}:{line}</i>", escaped(edit.place.file(), false))?;
        if !removed.is_empty() && removed.len() <= 400 {
            for text in removed.lines() {
                writeln!(out, "<del>{}</del>", escaped(text, false))?;
            }
        }
        for text in edit.text.lines().filter(|t| !t.trim().is_empty()) {
            writeln!(out, "<ins>{}</ins>", escaped(text, false))?;
        }
    }
    writeln!(out, "</pre>")
}

/// Text whose backticks are code.
fn with_code(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped(text, false);
    }
    let mut out = String::new();
    for (i, part) in parts.iter().enumerate() {
        let part = escaped(part, false);
        if i % 2 == 0 { out.push_str(&part) } else { out.push_str(&format!("<code>{part}</code>")) }
    }
    out
}
