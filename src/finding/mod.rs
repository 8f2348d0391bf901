//! What we tell people.
//!
//! A [`Finding`] owns everything it shows, so it outlives the scan. It has never heard of
//! CloudFormation: places, words, severity, edits.

use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

use crate::rulebook::{Category, Confidence, Severity};
use crate::source::{Position, Source};

mod fingerprint;
mod quiet;
mod scale;
mod secret;

pub use fingerprint::{FINGERPRINT, failure_fingerprint, fingerprints};
pub use quiet::quiet;
pub use scale::{Editor, Scale, scale};

/// Something wrong at a place of a text.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule's name.
    pub rule: Arc<str>,
    /// How bad it is here.
    pub severity: Severity,
    /// How sure we are here.
    pub confidence: Confidence,
    /// What it is about.
    pub category: Category,
    /// Whether it is wrong, or may be.
    pub kind: Kind,
    /// The rule's title: what is wrong, lower case, no full stop.
    pub title: Arc<str>,
    /// What is wrong here: one sentence, lower case, no full stop, with this resource's own words.
    pub message: String,
    /// The assumption under which it is wrong: "IsProd is false".
    pub under: Option<String>,
    /// Logical id that the user wrote.
    pub resource: Option<String>,
    /// Its type.
    pub resource_type: Option<String>,
    /// What the resource was synthesised from, where a program wrote the file: what is wrong is mended there.
    pub construct: Option<Construct>,
    /// Path in the user's file, dotted: `Resources.Bucket.Properties`.
    pub path: String,
    /// Where.
    pub place: Place,
    /// What the text at that place does: a few words under the underline.
    pub label: Option<String>,
    /// Other places that explain it.
    pub related: Vec<Label>,
    /// The one thing to type.
    pub help: Option<Arc<str>>,
    /// Edits that mend it, best first.
    pub fixes: Vec<Fix>,
    /// A digest of the offending value, for baselines; a secret's value is never kept.
    pub value_digest: Option<String>,
    /// Who silenced it and why, when somebody did.
    pub suppressed: Option<Suppression>,
}

impl Finding {
    /// The line of the program that makes what the finding is about: file, line and column.
    #[must_use]
    pub fn made(&self) -> Option<&(String, u32, u32)> {
        self.construct.as_ref()?.made.as_ref()
    }

    /// The order of reports: path, line, column, rule, then message.
    #[must_use]
    pub fn order(&self, other: &Self) -> Ordering {
        // Paths begin alike; most neighbours are of one file and need not be compared by it.
        let one_file = Arc::ptr_eq(&self.place.source, &other.place.source);
        let file = if one_file { Ordering::Equal } else { self.place.file().cmp(other.place.file()) };
        file.then_with(|| {
            let here = (self.place.start, self.place.end, &self.rule, &self.message, &self.under);
            here.cmp(&(other.place.start, other.place.end, &other.rule, &other.message, &other.under))
        })
    }
}

/// Wrong, or perhaps wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// It is wrong.
    Fail,
    /// It could not be determined; shown by the profile `all` only.
    Open,
}

impl Kind {
    /// The word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::Open => "open",
        }
    }
}

/// A part of a program that templates are synthesised from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Construct {
    /// Its path in the program: `Stack/Bucket`.
    pub path: String,
    /// The line of the program that makes it: file, line and column, both from 1. Its text is not shown: nobody has looked for
    /// secrets in it.
    pub made: Option<(String, u32, u32)>,
}

impl fmt::Display for Construct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "construct `{}`", self.path)?;
        match &self.made {
            Some((file, line, column)) => write!(f, ", {file}:{line}:{column}"),
            None => Ok(()),
        }
    }
}

/// A range of bytes of a text, kept together with the text.
#[derive(Debug, Clone)]
pub struct Place {
    /// The text.
    pub source: Arc<Source>,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Place {
    /// A range of a text, clipped to it and moved outwards to character boundaries.
    #[must_use]
    pub fn new(source: Arc<Source>, start: u32, end: u32) -> Self {
        let text = source.text();
        let mut from = (start as usize).min(text.len());
        let mut to = (end as usize).clamp(from, text.len());
        while !text.is_char_boundary(from) {
            from -= 1;
        }
        while !text.is_char_boundary(to) {
            to += 1;
        }
        let (start, end) = (u32::try_from(from).unwrap_or(u32::MAX), u32::try_from(to).unwrap_or(u32::MAX));
        Self { source, start, end }
    }

    /// The name of the text, as reports show it.
    #[must_use]
    pub fn file(&self) -> &str {
        self.source.path()
    }

    /// Where it begins.
    #[must_use]
    pub fn from(&self) -> Position {
        self.source.position(self.start)
    }

    /// Where it ends.
    #[must_use]
    pub fn to(&self) -> Position {
        self.source.position(self.end)
    }

    /// The bytes themselves.
    #[must_use]
    pub fn text(&self) -> &str {
        self.source.text().get(self.start as usize..self.end as usize).unwrap_or("")
    }

    /// What a person sees best of it: itself, and where its first line is a mere bracket, that with the key before it
    /// (`"CidrIp": {`) or, without one, the next line.
    #[must_use]
    pub fn drawn(&self) -> Self {
        let lines = self.source.lines();
        let line = lines.line(self.start);
        let content = |line: u32| lines.content(self.source.text(), line).trim_end();
        let (before, rest) =
            content(line).split_at_checked((self.start - lines.start(line)) as usize).unwrap_or_default();
        let bracket = rest.get(..self.text().len()).unwrap_or(rest);
        if !matches!(bracket.trim_end(), "{" | "[" | "|" | ">") {
            return self.clone();
        }
        let says = |text: &str| text.contains(char::is_alphanumeric);
        let size = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let place = |from: u32, to: u32| Self::new(Arc::clone(&self.source), from, to);
        let key = before.rsplit(['{', '[', ',']).next().unwrap_or(before).trim_start_matches([' ', '\t', '-']);
        if says(key) {
            return place(self.start - size(key), self.start + 1);
        }
        let next = content(line + 1);
        if says(next) {
            let from = lines.start(line + 1);
            return place(from + size(next) - size(next.trim_start()), from + size(next));
        }
        self.clone()
    }
}

/// A place and what it has to do with the finding.
#[derive(Debug, Clone)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// A few words.
    pub message: String,
}

/// Edits that mend a finding.
#[derive(Debug, Clone)]
pub struct Fix {
    /// What they do, as a command: "block public access".
    pub title: String,
    /// Whether `--fix` may apply them unasked.
    pub safety: Safety,
    /// The edits: of one or more texts, not overlapping, in order.
    pub edits: Vec<Edit>,
}

/// Whether a fix may be applied without a person looking at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Safety {
    /// What is deployed works as before, only safer.
    Safe,
    /// It may change what works, cost money, or replace a resource.
    Unsafe,
}

impl Safety {
    /// The word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
        }
    }
}

/// Replaces a range of a text.
#[derive(Debug, Clone)]
pub struct Edit {
    /// What is replaced; empty for an insertion.
    pub place: Place,
    /// What comes in its stead.
    pub text: String,
}

/// Who silenced a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suppression {
    /// By what: `comment`, `metadata`, `config`, `baseline`, or a peer's own words (`cfn_nag`, …).
    pub by: String,
    /// The reason that was given.
    pub reason: Option<String>,
    /// The day it ends, `YYYY-MM-DD`.
    pub until: Option<String>,
}

/// A file that could not be checked, or not wholly.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Failure {
    /// The name shown in reports.
    pub file: String,
    /// 1-based line and column, when it is of a place.
    pub at: Option<(u32, u32)>,
    /// What happened, lower case, no full stop.
    pub message: String,
}

/// What a run of the tool found, in the order reports show it.
#[derive(Debug, Default)]
pub struct Run {
    /// Sorted by path, line, column, rule; suppressed ones included.
    pub findings: Vec<Finding>,
    /// What could not be checked.
    pub failures: Vec<Failure>,
    /// Things to tell that are nobody's mistake, such as a bound that was reached; sorted.
    pub notes: Vec<Failure>,
    /// How many files of each dialect were checked, by its name in reports.
    pub checked: std::collections::BTreeMap<&'static str, usize>,
    /// How many files were looked at and found to be no templates.
    pub skipped: usize,
    /// How many files are broken.
    pub broken: usize,
    /// What became of each file that was looked at, for who asks.
    pub looked: Vec<Failure>,
}

impl Run {
    /// Findings that nobody silenced.
    pub fn active(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.suppressed.is_none())
    }

    /// Puts findings in the order of reports, and says everything else once.
    pub fn sort(&mut self) {
        self.findings.sort_by(Finding::order);
        self.failures.sort();
        self.failures.dedup();
        self.notes.sort();
        self.notes.dedup();
    }
}

/// Text of a template made safe to show: control characters, terminal escapes and bidirectional marks
/// become visible escapes, and so does what build servers obey in a log: `##vso[` and `##[` anywhere, `::`
/// at the beginning of a line, which every word may come to stand at. Line breaks are kept only when `lines`
/// says so.
#[must_use]
pub fn shown(text: &str, lines: bool) -> String {
    // Nearly every text is what it looks like.
    if text.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'[') && !text.contains("::") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    // A command has a name: `::/0` is an address.
    let names_one =
        |rest: &str| rest.strip_prefix(':').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    while let Some(c) = chars.next() {
        match c {
            ':' if names_one(chars.as_str()) && !out.ends_with(|before: char| !before.is_whitespace()) => {
                out.extend(c.escape_unicode());
            }
            '\n' if lines => out.push('\n'),
            '\t' => out.push(' '),
            '[' if commands(&out) => out.extend(c.escape_unicode()),
            c if hidden(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// True for characters that a reader cannot see or that make him see something else: controls, zero
/// widths, directional marks, line separators and tags.
#[must_use]
pub fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// True when a `[` after this text would begin a logging command of Azure Pipelines or GitHub Actions.
#[must_use]
pub fn commands(before: &str) -> bool {
    let word = before.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    before.len() - word.len() <= 8 && word.ends_with("##")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Escapes, directional marks and logging commands become visible text.
    #[test]
    fn shown_text_is_harmless() {
        assert_eq!(shown("a\x1b[31mb\u{202e}c\u{9b}d", false), "a\\u{1b}[31mb\\u{202e}c\\u{9b}d");
        assert_eq!(
            shown("x ##vso[task.complete]y ##[error]z [ok] #[a]", false),
            "x ##vso\\u{5b}task.complete]y ##\\u{5b}error]z [ok] #[a]"
        );
        assert_eq!(shown("a\nb\r\n", false), "a\\u{a}b\\u{d}\\u{a}");
        assert_eq!(shown("a\nb", true), "a\nb");
        assert_eq!(shown("::error::x AWS::S3 ::y ::/0", false), "\\u{3a}:error::x AWS::S3 \\u{3a}:y ::/0");
    }

    /// A bracket alone says nothing.
    #[test]
    fn a_bracket_is_drawn_with_its_key_or_what_it_holds() {
        let drawn = |text: &str, from: &str, to: &str| {
            let source = Arc::new(Source::new("a", text));
            let [start, end] = [text.find(from), text.rfind(to).map(|at| at + to.len())]
                .map(|at| u32::try_from(at.expect("it is there")).expect("it is short"));
            let place = Place::new(source, start, end).drawn();
            (place.from().line, place.text().to_owned())
        };
        let at = |line: u32, text: &str| (line, text.to_owned());
        assert_eq!(drawn("{\"A\": 1, \"B\": {\n  \"Ref\": \"C\"\n}}", "{\n", "}"), at(1, "\"B\": {"));
        assert_eq!(drawn("- A: [\n    b ]", "[", "]"), at(1, "A: ["));
        assert_eq!(drawn("A: [\n  {\n    B: c\n  }\n]", "{", "}"), at(3, "B: c"));
        assert_eq!(drawn("A: [\r\n  {\r\n    B: c }\r\n]", "{", "{"), at(3, "B: c }"));
        assert_eq!(drawn("A: >\n  b\n", ">", "b"), at(1, "A: >"));
        assert_eq!(drawn("A:\n  - b\n  - c\n", "- b", "c"), at(2, "- b\n  - c"));
        assert_eq!(drawn("A: b  \n", "\n", "\n"), at(1, "\n"));
        assert_eq!(drawn("A: { B: c }", "{", "}"), at(1, "{ B: c }"));
        assert_eq!(drawn("[\n\n[\n1]]", "[\n\n", "]"), at(1, "[\n\n[\n1]]"));
    }
}
