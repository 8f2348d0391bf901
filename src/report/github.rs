//! Annotations of GitHub Actions: workflow commands, the most severe first, no more than are shown.

use std::io::{Result, Write};

use super::concise;
use super::lines::Beside;
use super::summary::{count, untold, visible};
use super::uri::rooted;
use super::{Options, Rule};
use crate::finding::{Finding, Run, scale, shown};

/// GitHub shows ten errors and ten warnings of a step, and ten notices, of which the last is ours.
const LIMITS: [(&str, usize); 3] = [("error", 10), ("warning", 10), ("notice", 9)];
/// Longer titles are cut by GitHub in the middle of a word.
const TITLE: usize = 200;

/// Writes the report.
pub(super) fn write(run: &Run, _rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    let mut left = LIMITS;
    let mut take = |command: &str| {
        let room = left.iter_mut().find(|(name, n)| *name == command && *n > 0);
        room.map(|(_, n)| *n -= 1).is_some()
    };
    for failure in untold(run, options) {
        let mut properties = format!("file={}", property(&rooted(&options.prefix, &failure.file)));
        if let Some((line, column)) = failure.at {
            properties.push_str(&format!(",line={line},col={column}"));
        }
        if take("error") {
            let message = data(&shown(&failure.message, false));
            writeln!(out, "::error {properties},title=portcullis%3A could not be checked::{message}")?;
        } else {
            concise::failure(failure, options, out)?;
        }
    }
    let mut findings: Vec<&Finding> = visible(run, options).map(|(_, f)| f).collect();
    findings.sort_by_key(|f| std::cmp::Reverse(f.severity));
    let mut rest = Vec::new();
    for finding in findings {
        if take(scale(finding.severity).github) {
            annotation(finding, options, out)?;
        } else {
            rest.push(finding);
        }
    }
    if !rest.is_empty() {
        let more = count(rest.len(), "more finding");
        writeln!(out, "::notice title=portcullis::{more}, no worse than these: see the log of this step")?;
        for finding in rest {
            concise::line(finding, &Options { color: false, ..options.clone() }, out)?;
        }
    }
    // In the log: what is shown beside the code is for what can be mended there.
    concise::notes(run, &Options { color: false, ..options.clone() }, out)
}

fn annotation(finding: &Finding, options: &Options, out: &mut dyn Write) -> Result<()> {
    let Beside { file, line, from, to } = Beside::of(finding);
    let title = format!("{}: {}", finding.severity, shown(&finding.title, false));
    let title: String = title.chars().take(TITLE).collect();
    let mut message = format!("{}\n{}", concise::sentence(finding), finding.rule);
    for label in &finding.related {
        let place = label.place.from();
        let file = rooted(&options.prefix, label.place.file());
        message.push_str(&format!("\n{}:{}: {}", shown(&file, false), place.line, shown(&label.message, false)));
    }
    if let Some(help) = &finding.help {
        message.push_str(&format!("\nhelp: {}", shown(help, true)));
    }
    writeln!(
        out,
        "::{} file={},line={},endLine={},col={},endColumn={},title={}::{}",
        scale(finding.severity).github,
        property(&rooted(&options.prefix, file)),
        line,
        line,
        from,
        to,
        property(&title),
        data(&message)
    )
}

/// Text after the last `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text of a property.
fn property(text: &str) -> String {
    data(&shown(text, false)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing in a text ends a property, a command or a line.
    #[test]
    fn texts_stay_inside() {
        assert_eq!(property("a,b:c%d\ne"), "a%2Cb%3Ac%25d\\u{a}e");
        assert_eq!(data("a\r\n::error::b"), "a%0D%0A::error::b");
    }
}
