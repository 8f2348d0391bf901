//! Runs the examples of rules: they are their tests.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Choice, Scanner, Settings, Silence, scan};
use crate::config::{ReportUnused, Voice};
use crate::finding::{Finding, Kind};
use crate::fix;
use crate::resolve::Exports;
use crate::rulebook::{Example, Verdict};
use crate::rules::{Catalogue, Rule};
use crate::source::{LoadError, Loader, Source};
use crate::suppress;

/// The day examples are judged on; a test must not begin to fail when a runtime is retired.
pub const TODAY: &str = "2026-11-21";

/// An example that a rule judges otherwise than its card says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The rule.
    pub rule: String,
    /// Which of its examples, from 1.
    pub number: usize,
    /// What was expected.
    pub verdict: Verdict,
    /// What happened instead.
    pub what: String,
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: example {} ({}): {}", self.rule, self.number, self.verdict, self.what)
    }
}

/// Runs every example of the rules that `wanted` picks; each rule alone, so that rules never disturb each other.
#[must_use]
pub fn run(catalogue: Catalogue, wanted: impl Fn(&Rule) -> bool) -> Vec<Wrong> {
    let current = Arc::new(std::sync::Mutex::new(Arc::new(Choice::default())));
    let chosen = current.clone();
    let mut scanner = Scanner::new(Settings {
        choose: Box::new(move |_| chosen.lock().map(|c| c.clone()).unwrap_or_default()),
        ..Settings::new(catalogue, Choice::default(), TODAY)
    });
    let mut wrong = Vec::new();
    for at in 0..scanner.settings.catalogue.rules().len() {
        let rule = &scanner.settings.catalogue.rules()[at];
        if !wanted(rule) {
            continue;
        }
        let name = rule.head.name.to_string();
        if let Ok(mut current) = current.lock() {
            // Whether a suppression silences nothing can only be said when all rules have been asked.
            let about_silence = suppress::RULES.contains(&name.as_str());
            *current = Arc::new(match about_silence {
                true => Choice::everything(&scanner.settings.catalogue),
                false => Choice::only(&scanner.settings.catalogue, &name),
            });
            scanner.settings.silence = about_silence.then(|| silence(&scanner.settings.catalogue, &name));
        }
        let examples = rule.prose().examples.clone();
        for (number, example) in examples.iter().enumerate() {
            scanner.settings.parameters = BTreeMap::from([(name.clone(), example.parameters.clone())]);
            for what in judge(&scanner, &name, example) {
                wrong.push(Wrong { rule: name.clone(), number: number + 1, verdict: example.verdict, what });
            }
        }
    }
    wrong
}

/// What may silence findings in the examples of a rule about suppressions: everybody, with a reason where that is
/// the point, and everything but what `duplicate-key` finds.
fn silence(catalogue: &Catalogue, name: &str) -> Silence {
    Silence {
        names: Arc::new(catalogue.names(false, false)),
        honor: Voice::ALL.to_vec(),
        require_reason: name == suppress::WITHOUT_REASON,
        report_unused: ReportUnused::Own,
        unsuppressible: Box::new(|rule| rule == "duplicate-key"),
    }
}

fn judge(scanner: &Scanner, name: &str, example: &Example) -> Vec<String> {
    let text = &example.text;
    let source = Arc::new(Source::new("example", text.clone()));
    let files = Files(&example.files);
    let outcome = scan(&source, scanner, &files, &Exports::new());
    let mut wrong = Vec::new();
    let broken = outcome.failures.iter().map(|f| format!("it cannot be read: {}", f.message));
    if name != "syntax-error" {
        wrong.extend(broken);
    }
    if outcome.dialect.is_none() && name != "syntax-error" {
        wrong.push(
            "it is no template: `Resources` with an AWS type, or `service` and `provider`, must be there".to_owned(),
        );
    }
    let mut found: Vec<u32> =
        outcome.findings.iter().filter(|f| spoken(f, name)).map(|f| f.place.from().line).collect();
    found.sort_unstable();
    found.dedup();
    let due = example.due();
    match example.verdict {
        Verdict::Bad => {
            wrong.extend(mended(scanner, name, &source, &outcome.findings, &files));
            wrong.extend(graded(name, example, &outcome.findings));
            let missed: Vec<_> = due.iter().filter(|line| !found.contains(line)).collect();
            let extra: Vec<_> = found.iter().filter(|line| !due.contains(line)).collect();
            if !missed.is_empty() || !extra.is_empty() {
                let shown = |lines: &[&u32]| {
                    let line = |n: &&u32| format!("{n} `{}`", text.lines().nth(**n as usize - 1).unwrap_or("").trim());
                    lines.iter().map(line).collect::<Vec<_>>().join(", ")
                };
                wrong.push(format!("missed lines [{}], unexpected lines [{}]", shown(&missed), shown(&extra)));
            }
        }
        Verdict::Good | Verdict::Unknown => {
            for finding in outcome.findings.iter().filter(|f| spoken(f, name)) {
                let at = finding.place.from();
                wrong.push(format!("it speaks at line {}, `{}`: {}", at.line, finding.place.text(), finding.message));
            }
        }
    }
    wrong
}

/// Findings that are of another severity than the marks say.
fn graded(name: &str, example: &Example, findings: &[Finding]) -> Option<String> {
    let wanted: BTreeMap<u32, &str> = example.marks().filter(|(_, word)| !word.is_empty()).collect();
    let other = |f: &&Finding| wanted.get(&f.place.from().line).is_some_and(|word| *word != f.severity.name());
    let found = findings.iter().filter(|f| spoken(f, name)).find(other)?;
    let at = found.place.from().line;
    Some(format!("line {at} is {}, not {}: {}", found.severity, wanted.get(&at)?, found.message))
}

/// Applies the first fix of every finding: what had a fix must be gone, and the text must still be a template.
fn mended(
    scanner: &Scanner,
    name: &str,
    source: &Arc<Source>,
    findings: &[Finding],
    files: &Files<'_>,
) -> Option<String> {
    let changes: Vec<Vec<fix::Change>> = findings
        .iter()
        .filter(|f| spoken(f, name))
        .filter_map(|f| f.fixes.first())
        .map(|fix| fix.edits.iter().map(|e| (e.place.start..e.place.end, e.text.clone())).collect())
        .collect();
    if changes.is_empty() {
        return None;
    }
    let slices: Vec<&[fix::Change]> = changes.iter().map(Vec::as_slice).collect();
    let chosen = fix::select(&slices);
    let chosen_all = chosen.len() == changes.len();
    let chosen: Vec<fix::Change> = chosen.into_iter().flat_map(|at| changes[at].clone()).collect();
    let text = match fix::verify(source.text(), &chosen) {
        Ok(text) => text,
        Err(error) => return Some(format!("its fix changes more than it should: {error}")),
    };
    let again = scan(&Arc::new(Source::new("example", text.clone())), scanner, files, &Exports::new());
    // Where every finding had a fix that was applied, none may be left; else only those that had none.
    let all = chosen_all && findings.iter().filter(|f| spoken(f, name)).all(|f| !f.fixes.is_empty());
    let left = again.findings.iter().find(|f| spoken(f, name) && (all || !f.fixes.is_empty()))?;
    Some(format!("its fix leaves line {} as it was:\n{text}", left.place.from().line))
}

/// Whether a finding is what the rule of the example says.
fn spoken(finding: &Finding, name: &str) -> bool {
    finding.kind == Kind::Fail && *finding.rule == *name
}

/// The further files of an example.
struct Files<'e>(&'e BTreeMap<String, String>);

impl Loader for Files<'_> {
    fn load(&self, _from: &str, target: &str) -> Result<Arc<Source>, LoadError> {
        let path = target.trim_start_matches("./");
        match self.0.get(path) {
            Some(text) => Ok(Arc::new(Source::new(path, text.clone()))),
            None => Err(LoadError::Missing(target.to_owned())),
        }
    }
}
