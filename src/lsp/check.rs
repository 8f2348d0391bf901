//! One check of one document: the scan, and what of it an editor shows.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::overlay::{Open, Overlay};
use super::preferences::Preferences;
use super::workshops::Home;
use crate::config::FileKind;
use crate::finding::Finding;
use crate::resolve::Exports;
use crate::scan::{Workshop, scan};
use crate::source::Source;

/// A document to be looked at, as it is in the editor now.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// Its address.
    pub(super) address: String,
    /// Counts what may change the answer: its own text, those of its parts, the settings.
    pub(super) generation: u64,
    /// The text, under the name that findings know it by.
    pub(super) source: Arc<Source>,
    /// Where it stands.
    pub(super) home: Arc<Home>,
    /// What else is open there.
    pub(super) open: Arc<Open>,
    /// What the user set in the editor.
    pub(super) preferences: Arc<Preferences>,
}

/// What a check came to.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// What nobody silenced and the configuration wants to see, in the order of reports.
    pub(super) findings: Vec<Finding>,
    /// The other files that were asked for, found or not.
    pub(super) asked: BTreeSet<String>,
    /// Why the document was not checked.
    pub(super) left_alone: Option<&'static str>,
    /// What went wrong in here while checking it.
    pub(super) failed: Option<String>,
}

/// Checks a document. A rule that panics costs this answer, not the server.
pub(super) fn check(look: &Look, workshop: &Workshop) -> Verdict {
    guarded(|| judge(look, workshop)).unwrap_or_else(|failed| Verdict { failed: Some(failed), ..Verdict::default() })
}

/// The answer, or the last words of a panic.
pub(super) fn guarded<T>(answer: impl FnOnce() -> T) -> Result<T, String> {
    // What the closure touches is thrown away or rebuilt afterwards: nobody sees it half changed.
    catch_unwind(AssertUnwindSafe(answer)).map_err(|words| {
        let text = words.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| words.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no reason given".to_owned())
    })
}

fn judge(look: &Look, workshop: &Workshop) -> Verdict {
    let alone = |why| Verdict { left_alone: Some(why), ..Verdict::default() };
    let name = look.source.path();
    if !look.preferences.enable {
        return alone("portcullis is turned off in the editor's settings");
    }
    if workshop.config().excludes(name) {
        return alone("the configuration excludes it");
    }
    if workshop.config().kind_of(name) == Some(FileKind::None) {
        return alone("the configuration says that it is no template");
    }
    let overlay = Overlay::new(&look.home.folder, look.home.disk, Arc::clone(&look.open));
    // What other stacks export is unknown here: that would take a look at the whole workspace.
    let outcome = scan(&look.source, workshop.scanner(), &overlay, &Exports::new());
    let asked = overlay.into_asked();
    if outcome.dialect.is_none() && !outcome.suspect {
        return Verdict { asked, ..alone("it is no CloudFormation, SAM or serverless.yml template") };
    }
    let mut findings = outcome.findings;
    workshop.sift(&mut findings);
    findings.retain(|finding| finding.suppressed.is_none());
    findings.sort_by(|a, b| order(a).cmp(&order(b)));
    findings.dedup_by(|later, earlier| same(later, earlier));
    Verdict { findings, asked, left_alone: None, failed: None }
}

/// What findings are ordered by: where, which, what, and when.
pub(super) fn order(finding: &Finding) -> (&str, u32, u32, &str, &str, Option<&str>) {
    let place = &finding.place;
    (place.file(), place.start, place.end, &finding.rule, &finding.message, finding.under.as_deref())
}

/// True for what is found twice: in a stack by itself and as a part of another.
pub(super) fn same(a: &Finding, b: &Finding) -> bool {
    order(a) == order(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(name: &str, text: &str) -> Look {
        Look {
            address: name.to_owned(),
            generation: 0,
            source: Arc::new(Source::new(name, text)),
            home: Arc::new(Home { folder: "/nowhere".into(), search: None, disk: false }),
            open: Arc::default(),
            preferences: Arc::default(),
        }
    }

    /// What is no template is left alone, broken or not; what looks like one and is broken is told.
    #[test]
    fn only_templates_are_judged() {
        let workshop = Workshop::plain("2026-11-21".to_owned());
        for text in ["a: 1\n", "a: [\n", "", "{{ chart }}\n"] {
            let verdict = check(&look("x.yaml", text), &workshop);
            assert!(verdict.left_alone.is_some() && verdict.findings.is_empty(), "{text:?}");
        }
        let broken = check(&look("x.yaml", "Resources:\n  A:\n    Type: AWS::S3::Bucket\n  B: [\n"), &workshop);
        let rules: Vec<_> = broken.findings.iter().map(|finding| &*finding.rule).collect();
        assert!(rules.contains(&"syntax-error"), "{rules:?}");
    }

    /// A panic is an answer of its own, with its words.
    #[test]
    fn a_panic_is_an_answer() {
        assert_eq!(guarded(|| 1), Ok(1));
        assert_eq!(guarded(|| -> u8 { panic!("rule {} broke", 7) }), Err("rule 7 broke".to_owned()));
    }
}
