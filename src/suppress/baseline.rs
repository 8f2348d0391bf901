//! What was there before: findings that were accepted once, and only they, stay silent.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::config::Mistake;
use crate::finding::{Finding, Place, Suppression, quiet};
use crate::source::Source;

/// The name of the format.
const SCHEMA: &str = "portcullis-baseline/1";

/// Accepted findings, by all that does not change when lines move.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: BTreeMap<Key, usize>,
}

/// An accepted finding, and how many there are that are alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// What it is about.
    #[serde(flatten)]
    key: Key,
    /// How many.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub count: usize,
}

/// What makes a finding the same one tomorrow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Key {
    file: String,
    rule: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    resource: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    path: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    value: String,
}

/// The shape of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    schema: String,
    entries: Vec<Entry>,
}

fn one() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_one(count: &usize) -> bool {
    *count == 1
}

/// Why a baseline was not written: it would accept more than before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the baseline would grow by {} findings", .0.iter().map(|e| e.count).sum::<usize>())]
pub struct Grown(pub Vec<Entry>);

impl Entry {
    /// The file that it is in.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.key.file
    }

    /// The rule that found it.
    #[must_use]
    pub fn rule(&self) -> &str {
        &self.key.rule
    }

    /// The resource that it is about, or nothing.
    #[must_use]
    pub fn resource(&self) -> &str {
        &self.key.resource
    }
}

impl Key {
    fn of(finding: &Finding) -> Self {
        Self {
            file: finding.place.file().to_owned(),
            rule: finding.rule.to_string(),
            resource: finding.resource.clone().unwrap_or_default(),
            path: without_positions(&finding.path),
            value: finding.value_digest.clone().unwrap_or_default(),
        }
    }
}

/// A path whose positions in lists are gone: a statement that comes first moves all others.
fn without_positions(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for (at, part) in path.split('.').enumerate() {
        if at > 0 {
            out.push('.');
        }
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if digits(part) {
            out.push('*');
            continue;
        }
        let mut pieces = part.split('[');
        out.push_str(pieces.next().unwrap_or(""));
        for piece in pieces {
            match piece.split_once(']') {
                Some((inside, rest)) if digits(inside) => {
                    out.push_str("[*]");
                    out.push_str(rest);
                }
                Some(_) | None => {
                    out.push('[');
                    out.push_str(piece);
                }
            }
        }
    }
    out
}

impl Baseline {
    /// Reads a baseline.
    ///
    /// # Errors
    /// When it is not JSON, or not of this shape, with the place.
    pub fn read(source: &Arc<Source>) -> Result<Self, Mistake> {
        let place = |line: usize, column: usize| {
            let line = u32::try_from(line.max(1)).unwrap_or(u32::MAX);
            let at = source.lines().start(line).saturating_add(u32::try_from(column.saturating_sub(1)).unwrap_or(0));
            Place::new(Arc::clone(source), at, at)
        };
        let shape: Shape = serde_json::from_str(source.text().trim_start_matches('\u{feff}')).map_err(|error| {
            let message = error.to_string();
            let plain = message.split(" at line ").next().unwrap_or("").to_lowercase();
            Mistake::at(place(error.line(), error.column()), format!("not a baseline: {plain}"))
        })?;
        if shape.schema != SCHEMA {
            let help = Some(format!("write it anew, or use the version of portcullis that reads `{}`", shape.schema));
            return Err(
                Mistake::at(place(1, 1), format!("a baseline of another format: `{}`", shape.schema)).help(help)
            );
        }
        let mut baseline = Self::default();
        for entry in shape.entries {
            *baseline.entries.entry(entry.key).or_default() += entry.count;
        }
        Ok(baseline)
    }

    /// The baseline that accepts all findings of a run that nobody else silenced.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut entries = BTreeMap::new();
        for finding in findings.iter().filter(|f| f.suppressed.as_ref().is_none_or(|s| s.by == BY)) {
            *entries.entry(Key::of(finding)).or_default() += 1;
        }
        Self { entries }
    }

    /// Silences the findings that were accepted, and says what was accepted and is there no more in the
    /// files that were checked. Of several that are alike the first ones in the file are silenced.
    pub fn apply(
        &self,
        findings: &mut [Finding],
        checked: impl Fn(&str) -> bool,
        unsuppressible: impl Fn(&str) -> bool,
    ) -> Vec<Entry> {
        let mut left = self.entries.clone();
        let mut order: Vec<usize> = (0..findings.len()).collect();
        order.sort_by_key(|at| findings.get(*at).map(|f| (f.place.file().to_owned(), f.place.start)));
        for at in order {
            let Some(finding) = findings.get_mut(at).filter(|f| f.suppressed.is_none()) else { continue };
            if let Some(count) = left.get_mut(&Key::of(finding)).filter(|c| **c > 0) {
                *count -= 1;
                if !unsuppressible(&finding.rule) {
                    finding.suppressed = Some(Suppression { by: BY.to_owned(), reason: None, until: None });
                }
            }
        }
        let stale = left.into_iter().filter(|(key, count)| *count > 0 && checked(&key.file));
        stale.map(|(key, count)| Entry { key, count }).collect()
    }

    /// The baseline after a run: what is gone is dropped, files that were not checked keep what they had.
    ///
    /// # Errors
    /// When it would accept more than before and may not.
    pub fn updated(&self, findings: &[Finding], checked: impl Fn(&str) -> bool, may_grow: bool) -> Result<Self, Grown> {
        let mut next = Self::of(findings);
        let more = next.entries.iter().filter_map(|(key, count)| {
            let before = self.entries.get(key).copied().unwrap_or(0);
            (*count > before).then(|| Entry { key: key.clone(), count: count - before })
        });
        let more: Vec<_> = more.collect();
        if !more.is_empty() && !may_grow {
            return Err(Grown(more));
        }
        for (key, count) in self.entries.iter().filter(|(key, _)| !checked(&key.file)) {
            next.entries.insert(key.clone(), *count);
        }
        Ok(next)
    }

    /// How many findings are accepted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.values().sum()
    }

    /// True when nothing is accepted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The file: sorted, one line an entry, so that two branches merge.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = format!("{{\"schema\": \"{SCHEMA}\", \"entries\": [");
        for (at, (key, count)) in self.entries.iter().enumerate() {
            let entry = Entry { key: key.clone(), count: *count };
            let line = quiet(&serde_json::to_string(&entry).unwrap_or_default());
            let _ = write!(out, "{}\n{line}", if at == 0 { "" } else { "," });
        }
        out.push_str("\n]}\n");
        out
    }
}

/// Who silenced it, in reports.
const BY: &str = "baseline";

#[cfg(test)]
mod tests {
    use super::super::tests::finding;
    use super::*;

    fn found() -> Vec<Finding> {
        let source = Arc::new(Source::new("a.yaml", "a: 1\nb: 2\nc: 3\n"));
        let mut all = vec![
            finding(&source, "x", "a", None),
            finding(&source, "x", "b", None),
            finding(&source, "y", "c", Some("R")),
        ];
        all[0].path = "Resources.R.Policies[0].Statement.1.Action".into();
        all[1].path = "Resources.R.Policies[1].Statement.0.Action".into();
        all[2].value_digest = Some("abc".into());
        all
    }

    fn silent(findings: &[Finding]) -> Vec<bool> {
        findings.iter().map(|f| f.suppressed.is_some()).collect()
    }

    /// What is written is read again, sorted, one line an entry.
    #[test]
    fn what_is_written_is_read() {
        let baseline = Baseline::of(&found());
        let text = baseline.to_json();
        assert_eq!(
            text,
            "{\"schema\": \"portcullis-baseline/1\", \"entries\": [\n\
             {\"file\":\"a.yaml\",\"rule\":\"x\",\"path\":\"Resources.R.Policies[*].Statement.*.Action\",\"count\":2},\n\
             {\"file\":\"a.yaml\",\"rule\":\"y\",\"resource\":\"R\",\"value\":\"abc\"}\n]}\n"
        );
        let again = Baseline::read(&Arc::new(Source::new("b.json", text.as_str()))).expect("a baseline");
        assert_eq!((again.to_json(), again.len()), (text, 3));
        let empty = Baseline::default().to_json();
        assert!(Baseline::read(&Arc::new(Source::new("b.json", empty))).expect("a baseline").is_empty());
    }

    /// Accepted findings are silent wherever their lines went; a further one that is alike is not.
    #[test]
    fn accepted_findings_are_silent() {
        let mut findings = found();
        let baseline = Baseline::of(&findings[1..]);
        let stale = baseline.apply(&mut findings, |_| true, |_| false);
        assert!(stale.is_empty());
        assert_eq!(silent(&findings), [true, false, true]);
        let mut findings = found();
        findings[2].value_digest = Some("changed".into());
        let stale = Baseline::of(&found()).apply(&mut findings, |_| true, |rule| rule == "x");
        assert_eq!(silent(&findings), [false, false, false]);
        assert_eq!(stale.iter().map(|e| (e.rule(), e.count)).collect::<Vec<_>>(), [("y", 1)]);
        assert!(Baseline::of(&found()).apply(&mut [], |file| file != "a.yaml", |_| false).is_empty());
    }

    /// A baseline drops what is gone and grows only when it may.
    #[test]
    fn a_baseline_grows_only_when_it_may() {
        let old = Baseline::of(&found()[..1]);
        let grown = old.updated(&found(), |_| true, false).expect_err("it grew");
        assert_eq!(grown.to_string(), "the baseline would grow by 2 findings");
        let more: Vec<_> = grown.0.iter().map(|entry| (entry.rule(), entry.resource())).collect();
        assert_eq!(more, [("x", ""), ("y", "R")]);
        assert_eq!(old.updated(&found(), |_| true, true).map(|b| b.len()), Ok(3));
        assert_eq!(old.updated(&[], |_| true, false).map(|b| b.len()), Ok(0));
        assert_eq!(old.updated(&[], |_| false, false).map(|b| b.len()), Ok(1));
        // A second run sees them silenced by the baseline itself.
        let mut findings = found();
        let all = Baseline::of(&findings);
        let _ = all.apply(&mut findings, |_| true, |_| false);
        assert_eq!(all.updated(&findings, |_| true, false), Ok(all));
    }

    /// A file that is no baseline is a mistake with a place.
    #[test]
    fn what_is_no_baseline_is_a_mistake() {
        let read = |text: &str| Baseline::read(&Arc::new(Source::new("b.json", text))).map_err(|m| m.to_string());
        assert!(read("{\n  nonsense").expect_err("broken").starts_with("b.json:2:"));
        assert!(read("{\"schema\": \"x/2\", \"entries\": []}").expect_err("other").contains("another format: `x/2`"));
        for text in ["", "[]", "{}", "{\"schema\": \"portcullis-baseline/1\", \"entries\": [{}]}", "[[[[[[[["] {
            assert!(read(text).is_err(), "{text}");
        }
    }

    /// Of a path only positions are left out: keys in brackets are keys.
    #[test]
    fn positions_are_left_out() {
        for (path, without) in [
            ("Resources.A.List[0].B[12]", "Resources.A.List[*].B[*]"),
            ("Resources.A.0.b", "Resources.A.*.b"),
            ("functions.f[key].0x", "functions.f[key].0x"),
            ("a[].b[1", "a[].b[1"),
            ("a[1]b", "a[*]b"),
        ] {
            assert_eq!(without_positions(path), without);
        }
        assert!(!Baseline::of(&found()).is_empty());
    }
}
