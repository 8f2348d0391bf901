//! Markdown: a comment on a pull request, or the step summary of GitHub Actions.

use std::io::{Result, Write};

use super::concise::sentence;
use super::lines::OneLine;
use super::mask::Masks;
use super::summary::{Summary, checked, count, untold, visible};
use super::uri::rooted;
use super::window::Window;
use super::xml::escaped;
use super::{Options, Rule};
use crate::finding::{Failure, Finding, Run, shown};
use crate::rulebook::Severity;

/// A step summary holds a mebibyte, a comment 65,536 characters: that many rows, and as many details.
const ROWS: usize = 200;
const DETAILS: usize = 40;

/// Writes the report.
pub(super) fn write(run: &Run, rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let summary = Summary::of(run);
    writeln!(out, "## portcullis: {}\n", summary.found(run))?;
    let mut besides = summary.besides(run);
    if run.broken > 0 {
        besides.insert(0, format!("**{} could not be read**", count(run.broken, "file")));
    }
    let besides = if besides.is_empty() { String::new() } else { format!("; {}", besides.join(", ")) };
    writeln!(out, "Checked {}{besides}.", checked(run).replace("no templates", "no template"))?;
    list("Could not be checked", &untold(run, options), options, out)?;
    list("Not seen", &run.notes.iter().collect::<Vec<_>>(), options, out)?;
    let mut findings: Vec<&Finding> = visible(run, options).map(|(_, f)| f).collect();
    if options.summary_only || findings.is_empty() {
        return Ok(());
    }
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    writeln!(out, "\n| | Where | What | Rule |\n|:--|:--|:--|:--|")?;
    for finding in findings.iter().take(ROWS) {
        row(finding, rules, options, out)?;
    }
    if findings.len() > ROWS {
        writeln!(out, "\n… and {}, no worse than these.", count(findings.len() - ROWS, "more finding"))?;
    }
    writeln!(out)?;
    let masks = Masks::of(run);
    for finding in findings.iter().take(DETAILS) {
        details(finding, options, &masks, out)?;
    }
    Ok(())
}

fn list(heading: &str, all: &[&Failure], options: &Options, out: &mut dyn Write) -> Result<()> {
    if !all.is_empty() {
        writeln!(out, "\n### {heading}\n")?;
    }
    for failure in all {
        let line = failure.at.map_or_else(String::new, |(line, _)| format!(":{line}"));
        let path = code(&format!("{}{line}", rooted(&options.prefix, &failure.file)));
        writeln!(out, "- {path}: {}", inline(&failure.message))?;
    }
    Ok(())
}

fn row(finding: &Finding, rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let line = finding.place.from().line;
    let place = code(&format!("{}:{line}", rooted(&options.prefix, finding.place.file())));
    let name = code(&finding.rule);
    let rule = match Rule::named(rules, &finding.rule).and_then(|r| r.url.as_deref()) {
        Some(url) => format!("[{name}]({})", url.replace(')', "%29")),
        None => name,
    };
    let (mark, severity) = (mark(finding.severity), finding.severity);
    let silenced = if finding.suppressed.is_some() { " (suppressed)" } else { "" };
    // A bar ends a cell, even inside code.
    let what = inline(&sentence(finding)).replace('|', "\\|");
    writeln!(out, "| {mark} {severity}{silenced} | {} | {what} | {rule} |", place.replace('|', "\\|"))
}

const fn mark(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "🟣",
        Severity::High => "🔴",
        Severity::Medium => "🟠",
        Severity::Low => "🔵",
        Severity::Info => "⚪",
    }
}

fn details(finding: &Finding, options: &Options, masks: &Masks, out: &mut dyn Write) -> Result<()> {
    let at = OneLine::of(&finding.place);
    let path = rooted(&options.prefix, finding.place.file());
    // Markdown is no Markdown inside of a tag, but a name is still a mention.
    let title = escaped(&finding.title, false).replace('@', "@<!-- -->");
    writeln!(out, "<details><summary>{title}, <code>{}:{}</code></summary>\n", escaped(&path, false), at.line)?;
    let window = Window::new(&finding.place.source, at.line, at.line, std::slice::from_ref(&(at.start..at.end)), masks);
    let range = window.range(&(at.start..at.end));
    let before = window.text.get(..range.start).unwrap_or("");
    let inside = window.text.get(range).unwrap_or("");
    let gutter = at.line.to_string();
    let pad = " ".repeat(gutter.len());
    let label = shown(finding.label.as_deref().unwrap_or(""), false);
    let lines = format!(
        "{gutter} | {}\n{pad} | {}{} {label}",
        window.text,
        " ".repeat(before.chars().count()),
        "^".repeat(inside.chars().count().max(1))
    );
    let fence = fence(&lines);
    writeln!(out, "{fence}yaml\n{}\n{fence}", lines.trim_end())?;
    for (i, label) in finding.related.iter().enumerate() {
        let gap = if i == 0 { "\n" } else { "" };
        let place = format!("{}:{}", rooted(&options.prefix, label.place.file()), label.place.from().line);
        writeln!(out, "{gap}- {}: {}", code(&place), inline(&label.message))?;
    }
    if let Some(help) = &finding.help {
        writeln!(out, "\n**Help:** {}", inline(help))?;
    }
    if let Some(fix) = finding.fixes.first() {
        writeln!(out, "\n**Fix ({}):** {}", fix.safety.name(), inline(&fix.title))?;
    }
    writeln!(out, "\n</details>\n")
}

/// A fence that no line of the text can close.
fn fence(text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    fence
}

/// Text as code, whatever it holds.
fn code(text: &str) -> String {
    let text = shown(text, false);
    let mut ticks = "`".to_owned();
    while text.contains(&ticks) {
        ticks.push('`');
    }
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{space}{text}{space}{ticks}")
}

/// A message on one line: its code stays code, and everything else is taken literally.
///
/// Text of a template may hold backticks of its own. Then what is code and what is not may be swapped, and
/// neither of the two can do anything.
pub(super) fn inline(text: &str) -> String {
    let text = shown(text, false);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return literal(&text);
    }
    let mut out = String::new();
    for (i, part) in parts.iter().enumerate() {
        if i % 2 == 0 {
            out.push_str(&literal(part));
        } else if part.trim().is_empty() {
            out.push_str("\\`\\`");
        } else {
            out.push_str(&code(part));
        }
    }
    out
}

fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Nobody is mentioned, no issue is linked and no address becomes a link.
            '@' | '#' => {
                out.push(c);
                out.push_str("<!-- -->");
            }
            '|' => out.push_str("&#124;"),
            ':' if chars.peek() == Some(&'/') => out.push_str("&#58;"),
            'w' | 'W' if out.ends_with("ww") || out.ends_with("WW") => {
                out.push(c);
                out.push_str("<!-- -->");
            }
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Code stays code; links, pictures, tags, mentions and emphasis become text.
    #[test]
    fn text_stays_text() {
        assert_eq!(inline("bucket `a|b` is"), "bucket `a|b` is");
        assert_eq!(inline("[a](javascript:x) <b> @you"), "\\[a\\](javascript:x) &lt;b&gt; @<!-- -->you");
        assert_eq!(inline("odd ` tick <x>"), "odd \\` tick &lt;x&gt;");
        assert_eq!(inline("``<img>"), "\\`\\`&lt;img&gt;");
        assert_eq!(code("a`b"), "``a`b``");
        assert_eq!(fence("x ```` y"), "`````");
    }
}
