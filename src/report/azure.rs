//! Logged issues of Azure Pipelines.

use std::io::{Result, Write};

use super::concise::{self, sentence};
use super::summary::{untold, visible};
use super::uri::rooted;
use super::{Options, Rule};
use crate::finding::{Run, scale, shown};

/// Writes the report.
pub(super) fn write(run: &Run, _rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
    for failure in untold(run, options) {
        let place = failure.at.map_or_else(String::new, |(l, c)| format!("linenumber={l};columnnumber={c};"));
        let path = property(&rooted(&options.prefix, &failure.file));
        let message = data(&shown(&failure.message, false));
        writeln!(out, "##vso[task.logissue type=error;sourcepath={path};{place}]{message}")?;
    }
    for (_, finding) in visible(run, options) {
        let from = finding.place.from();
        let help = finding.help.as_deref().map_or_else(String::new, |h| format!(" (help: {})", shown(h, false)));
        writeln!(
            out,
            "##vso[task.logissue type={};sourcepath={};linenumber={};columnnumber={};code={};]{}: {}{}",
            scale(finding.severity).azure,
            property(&rooted(&options.prefix, finding.place.file())),
            from.line,
            from.column,
            property(&finding.rule),
            finding.severity,
            data(&sentence(finding)),
            data(&help)
        )?;
    }
    // Pipelines know errors and warnings; this is neither.
    concise::notes(run, &Options { color: false, ..options.clone() }, out)
}

fn data(text: &str) -> String {
    text.replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(&shown(text, false)).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing in a text ends a property or the command.
    #[test]
    fn texts_stay_inside() {
        assert_eq!(property("a;b]c%"), "a%3Bb%5Dc%AZP25");
    }
}
