//! JUnit XML: a suite for each file, a failed case for each finding.

use std::collections::BTreeMap;
use std::io::{Result, Write};

use super::concise::sentence;
use super::summary::{untold, visible};
use super::uri::rooted;
use super::xml::{DECLARATION, escaped, tag};
use super::{Options, Rule};
use crate::finding::{Failure, Finding, Run};

/// Writes the report.
pub(super) fn write(run: &Run, _rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let findings: Vec<&Finding> = visible(run, options).map(|(_, f)| f).collect();
    let failures = untold(run, options);
    let skipped = findings.iter().filter(|f| f.suppressed.is_some()).count();
    let nothing = findings.is_empty() && failures.is_empty();
    let total = if nothing { 1 } else { findings.len() + failures.len() };

    writeln!(out, "{DECLARATION}")?;
    let numbers = numbers(total, findings.len() - skipped, failures.len(), skipped);
    tag(out, "testsuites", &with_name("portcullis", numbers.clone()), ">\n")?;
    if nothing {
        // Some consumers take a report without cases for a failed one.
        tag(out, "testsuite", &with_name("portcullis", numbers), ">\n")?;
        let case = [("name", "nothing found".to_owned()), ("classname", "portcullis".to_owned())];
        tag(out, "testcase", &case, "/>\n</testsuite>\n")?;
    }
    for file in findings.chunk_by(|a, b| a.place.file() == b.place.file()) {
        suite(file, options, out)?;
    }
    for failure in failures {
        broken(failure, options, out)?;
    }
    writeln!(out, "</testsuites>")
}

fn suite(findings: &[&Finding], options: &Options, out: &mut dyn Write) -> Result<()> {
    let Some(first) = findings.first() else { return Ok(()) };
    let path = rooted(&options.prefix, first.place.file());
    let skipped = findings.iter().filter(|f| f.suppressed.is_some()).count();
    let numbers = numbers(findings.len(), findings.len() - skipped, 0, skipped);
    tag(out, "testsuite", &with_name(&path, numbers), ">\n")?;
    let mut names = BTreeMap::new();
    for finding in findings {
        let from = finding.place.from();
        let resource = finding.resource.as_deref().map_or_else(String::new, |r| format!(" {r}"));
        let name = format!("{}{resource}", finding.rule);
        // Servers follow a case by its name: it has no line, only a number when there are several.
        let nth = names.entry(name.clone()).or_insert(0_u32);
        *nth += 1;
        let case = [
            ("name", if *nth == 1 { name } else { format!("{name} #{nth}") }),
            ("classname", path.clone()),
            ("file", path.clone()),
            ("line", from.line.to_string()),
        ];
        tag(out, "testcase", &case, ">\n")?;
        if let Some(suppression) = &finding.suppressed {
            let reason = suppression.reason.as_deref().unwrap_or("no reason given");
            tag(out, "skipped", &[("message", format!("suppressed by {}: {reason}", suppression.by))], "/>\n")?;
        } else {
            let failure = [("type", finding.severity.to_string()), ("message", finding.title.to_string())];
            tag(out, "failure", &failure, ">")?;
            writeln!(out, "{}", escaped(&sentence(finding), false))?;
            write!(out, "{}:{}:{}", escaped(&path, false), from.line, from.column)?;
            for label in &finding.related {
                let at = label.place.from();
                let file = rooted(&options.prefix, label.place.file());
                write!(out, "\n{}:{}:{}: ", escaped(&file, false), at.line, at.column)?;
                write!(out, "{}", escaped(&label.message, false))?;
            }
            if let Some(help) = &finding.help {
                write!(out, "\nhelp: {}", escaped(help, true))?;
            }
            writeln!(out, "</failure>")?;
        }
        writeln!(out, "</testcase>")?;
    }
    writeln!(out, "</testsuite>")
}

fn broken(failure: &Failure, options: &Options, out: &mut dyn Write) -> Result<()> {
    let path = rooted(&options.prefix, &failure.file);
    tag(out, "testsuite", &with_name(&path, numbers(1, 0, 1, 0)), ">\n")?;
    let mut case = vec![("name", "could be checked".to_owned()), ("classname", path.clone()), ("file", path.clone())];
    case.extend(failure.at.map(|(line, _)| ("line", line.to_string())));
    tag(out, "testcase", &case, ">\n")?;
    tag(out, "error", &[("type", "broken".to_owned()), ("message", failure.message.clone())], "/>\n")?;
    writeln!(out, "</testcase>\n</testsuite>")
}

fn numbers(tests: usize, failures: usize, errors: usize, skipped: usize) -> Vec<(&'static str, String)> {
    vec![
        ("tests", tests.to_string()),
        ("failures", failures.to_string()),
        ("errors", errors.to_string()),
        ("skipped", skipped.to_string()),
    ]
}

fn with_name(name: &str, numbers: Vec<(&'static str, String)>) -> Vec<(&'static str, String)> {
    [vec![("name", name.to_owned())], numbers].concat()
}
