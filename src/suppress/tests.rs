//! Templates with suppressions, and what is silenced in them: `testdata/suppress`.
//!
//! Three rules that fit in a line each stand for the catalogue, so that this room is tested alone.
#![expect(clippy::disallowed_methods, reason = "the templates are files, written anew when UPDATE says so")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Date, Notice, Settings, Text, apply};
use crate::config::{Catalogue, Described, ReportUnused, Voice};
use crate::finding::{Finding, Kind, Place};
use crate::rulebook::{Category, Confidence, Head, Severity};
use crate::source::{Arena, FileId, Source};
use crate::syntax::{Node, parse};

/// A finding of a rule at the first place of a word in a text.
pub(super) fn finding(source: &Arc<Source>, rule: &str, word: &str, resource: Option<&str>) -> Finding {
    let start = source.text().find(word).and_then(|at| u32::try_from(at).ok()).expect("the word is there");
    let end = start + u32::try_from(word.len()).expect("short");
    Finding {
        rule: rule.into(),
        severity: Severity::High,
        confidence: Confidence::High,
        category: Category::Iam,
        kind: Kind::Fail,
        title: rule.into(),
        message: rule.to_owned(),
        under: None,
        resource: resource.map(str::to_owned),
        resource_type: None,
        construct: None,
        path: String::new(),
        place: Place::new(Arc::clone(source), start, end),
        label: None,
        related: Vec::new(),
        help: None,
        fixes: Vec::new(),
        value_digest: None,
        suppressed: None,
    }
}

fn rule(name: &str, category: Category, aliases: &[&str]) -> Described {
    let aliases = aliases.iter().collect();
    let head = Head { severity: Severity::High, aliases, ..Head::named(name, category) };
    Described::new(Arc::new(head), Vec::new(), std::collections::BTreeMap::new())
}

pub(super) fn catalogue() -> Catalogue {
    let wild = [
        "cfn_nag:F3",
        "checkov:CKV_AWS_63",
        "cdk_nag:AwsSolutions-IAM5",
        "trivy:AWS-0057",
        "serverless_rules:WS1003",
        "guard:IAM_NO_STAR",
    ];
    let bucket = [
        "cfn_nag:W41",
        "checkov:CKV_AWS_18",
        "trivy:AWS-0089",
        "guard:S3_BUCKET_LOGGING_ENABLED",
        "cfn_lint:W3045",
        "kics:4552b71f-0a2a-4bc4-92dd-ed7ec1b4674c",
    ];
    let own = super::RULES.iter().map(|name| rule(name, Category::Portcullis, &[]));
    Catalogue::new(own.chain([
        rule("wildcard", Category::Iam, &wild),
        rule("bucket-unlogged", Category::Logging, &bucket),
        rule("derived", Category::Iam, &[]),
        rule("secret", Category::Secrets, &[]),
        rule("known-secret", Category::Secrets, &["checkov:CKV_AWS_45"]),
        rule("never-ran", Category::Iam, &["cfn_nag:W99"]),
    ]))
}

/// `wildcard` at every text with a star, `secret` at every `hunter2`, `known-secret` at every `hunter3`, `bucket-unlogged` at every bucket's id, and `derived` at the
/// Globals or the provider, for every function.
fn findings(source: &Arc<Source>, root: &Node<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut sections: Vec<(&Node<'_>, bool)> = root.get("Resources").into_iter().map(|n| (n, false)).collect();
    sections.extend(root.get("functions").map(|n| (n, true)));
    sections.extend(root.get("resources").and_then(|r| r.get("Resources")).map(|n| (n, false)));
    let at = |rule: &str, id: &str, node: &Node<'_>| {
        let place = Place::new(Arc::clone(source), node.span.start, node.span.end);
        Finding { place, resource: Some(id.to_owned()), ..finding(source, rule, "", None) }
    };
    let inherited = root.pairs().iter().find(|p| matches!(p.name(), Some("Globals" | "provider")));
    for (section, functions) in sections {
        for pair in section.pairs() {
            let id = pair.name().unwrap_or("");
            let kind = pair.value.get("Type").and_then(Node::text).unwrap_or("");
            if kind == "AWS::S3::Bucket" {
                found.push(at("bucket-unlogged", id, &pair.key));
            }
            if let Some(inherited) = inherited.filter(|_| functions || kind == "AWS::Serverless::Function") {
                found.push(at("derived", id, &inherited.key));
            }
            let mut open: Vec<Node<'_>> =
                pair.value.pairs().iter().filter(|p| p.name() != Some("Metadata")).map(|p| p.value).collect();
            while let Some(node) = open.pop() {
                if node.text().is_some_and(|t| t.contains('*')) {
                    found.push(at("wildcard", id, &node));
                }
                if node.text() == Some("hunter2") {
                    found.push(at("secret", id, &node));
                }
                if node.text() == Some("hunter3") {
                    found.push(at("known-secret", id, &node));
                }
                let join = node.get("Fn::Join").map(|_| node);
                match join {
                    Some(join) => found.push(at("wildcard", id, &join)),
                    None => open.extend(node.pairs().iter().map(|p| p.value).chain(node.items().iter().copied())),
                }
            }
        }
    }
    found.sort_by_key(|f| (f.place.start, f.resource.clone()));
    found
}

pub(super) struct Answer {
    pub(super) findings: Vec<Finding>,
    pub(super) notices: Vec<Notice>,
}

pub(super) fn judge(source: &Arc<Source>, change: impl Fn(&mut Settings<'_>)) -> Answer {
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), source.text());
    let mut findings = document.root().map(|root| findings(source, root)).unwrap_or_default();
    let catalogue = catalogue();
    let mut settings = Settings {
        today: Date::parse("2026-06-15").expect("a day"),
        catalogue: &catalogue,
        honor: Voice::ALL,
        require_reason: false,
        report_unused: ReportUnused::Own,
        acknowledged: None,
        unsuppressible: &|_| false,
        ran: &|rule| rule != "never-ran",
    };
    change(&mut settings);
    let notices = apply(&mut findings, &[Text { source, document: &document }], &settings);
    Answer { findings, notices }
}

/// What is silenced and what is said, one line each.
fn shown(answer: &Answer) -> String {
    let mut out = String::new();
    for finding in &answer.findings {
        let (at, resource) = (finding.place.from(), finding.resource.as_deref().unwrap_or("-"));
        let _ = write!(out, "{}:{} {} {resource}", at.line, at.column, finding.rule);
        if let Some(by) = &finding.suppressed {
            let _ = write!(out, " silenced by {}", by.by);
            let _ = by.reason.as_ref().map(|r| write!(out, ", because {r}"));
            let _ = by.until.as_ref().map(|u| write!(out, ", until {u}"));
        }
        out.push('\n');
    }
    for notice in &answer.notices {
        let at = notice.place.from();
        let _ = write!(out, "! {}:{} {}: {}", at.line, at.column, notice.rule, notice.message);
        let _ = notice.help.as_ref().map(|h| write!(out, " ({h})"));
        let _ = notice.fix.as_ref().map(|f| write!(out, " [{} fix: {}]", f.safety.name(), f.title));
        out.push('\n');
    }
    out
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/suppress");
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let mut cases: Vec<_> = entries.map(|e| e.expect("an entry").path()).collect();
    cases.retain(|p| p.extension().is_some_and(|e| e == "yaml" || e == "json" || e == "yml"));
    cases.sort();
    cases
}

/// Every template beside its `.expected`: first the findings, then what is said of the suppressions.
#[test]
fn templates_are_silenced_as_expected() {
    let mut wrong = String::new();
    for case in cases() {
        let text = std::fs::read_to_string(&case).expect("a template");
        let source = Arc::new(Source::new("template", text));
        let all = case.file_stem().is_some_and(|n| n.to_string_lossy().contains("all-unused"));
        let answer = judge(&source, |s| {
            if all {
                s.report_unused = ReportUnused::All;
            }
        });
        let found = shown(&answer);
        let expected = case.with_extension("expected");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&expected, &found).expect("it can be written");
        }
        let wanted = std::fs::read_to_string(&expected).unwrap_or_default();
        if wanted != found {
            let _ = writeln!(wrong, "{}\nexpected:\n{wanted}found:\n{found}", case.display());
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn of(text: &str) -> Arc<Source> {
    Arc::new(Source::new("template", text))
}

const BUCKETS: &str = "Resources:\n  # portcullis: ignore[bucket-unlogged]\n  A:\n    Type: AWS::S3::Bucket\n  B:\n    Type: AWS::S3::Bucket\n    Metadata:\n      cfn_nag:\n        rules_to_suppress:\n          - id: W41\n            reason: logs of logs\n";

/// What looks like a secret to checkov is skipped on its own line: beside it, or above it.
#[test]
fn secrets_that_checkov_skips() {
    let text = "Resources:\n  F:\n    Type: T\n    A: hunter2 # checkov:skip=CKV_SECRET_6:made up\n    # checkov:skip=CKV_SECRET_6,CKV_AWS_63\n    B: hunter2\n    C: hunter2\n    D: '*'\n";
    let answer = judge(&of(text), |_| {});
    let silenced: Vec<_> = answer.findings.iter().map(|finding| finding.suppressed.is_some()).collect();
    assert_eq!(silenced, [true, true, false, true]);
    // What it has an id of its own for it still tells.
    let text = "Resources:\n  F:\n    Type: T\n    A: hunter3 # checkov:skip=CKV_SECRET_6:made up\n";
    assert!(judge(&of(text), |_| {}).findings.iter().all(|finding| finding.suppressed.is_none()));
    let text = "Resources:\n  F:\n    Type: T\n    # checkov:skip=CKV_AWS_45:made up\n    A: hunter3\n";
    assert!(judge(&of(text), |_| {}).findings.iter().all(|finding| finding.suppressed.is_some()));
}

/// Without a reason nothing is silenced where one is required.
#[test]
fn a_reason_may_be_required() {
    let answer = judge(&of(BUCKETS), |s| s.require_reason = true);
    assert_eq!(
        shown(&answer),
        "3:3 bucket-unlogged A\n5:3 bucket-unlogged B silenced by cfn_nag, because logs of logs\n\
         ! 2:3 suppression-without-reason: a suppression without a reason silences nothing here (add ` -- ` and the reason)\n"
    );
}

/// Some rules nobody may silence.
#[test]
fn some_rules_nobody_may_silence() {
    let answer = judge(&of(BUCKETS), |s| s.unsuppressible = &|rule| rule == "bucket-unlogged");
    assert!(answer.findings.iter().all(|f| f.suppressed.is_none()));
    let said: Vec<_> = answer.notices.iter().map(|n| (n.rule, n.place.text().to_owned())).collect();
    let expected = ["bucket-unlogged", "W41"].map(|name| ("suppression-not-allowed", name.to_owned()));
    assert_eq!(said, expected);
}

/// Only those whose suppressions count are heard.
#[test]
fn only_some_are_heard() {
    let answer = judge(&of(BUCKETS), |s| s.honor = &[Voice::Native]);
    assert_eq!(answer.findings.iter().map(|f| f.suppressed.is_some()).collect::<Vec<_>>(), [true, false]);
    let answer = judge(&of(BUCKETS), |s| s.honor = &[Voice::CfnNag]);
    assert_eq!(answer.findings.iter().map(|f| f.suppressed.is_some()).collect::<Vec<_>>(), [false, true]);
}

/// In a broken file nothing is called unused: what it silences may be in what could not be read.
#[test]
fn nothing_is_unused_in_a_broken_file() {
    let text = "# portcullis: ignore-file[wildcard] -- x\nResources:\n  A:\n    Type: AWS::S3::Bucket\n";
    assert_eq!(judge(&of(text), |_| ()).notices.len(), 1);
    assert_eq!(judge(&of(&format!("{text}  B: [")), |_| ()).notices.len(), 0);
}

/// The fixes of unused suppressions leave the rest of the text alone.
#[test]
fn fixes_leave_the_rest_alone() {
    let text = "Resources:\r\n  # portcullis: ignore[wildcard]\r\n  A: # portcullis: ignore[derived] -- x\r\n    Type: AWS::S3::Bucket # portcullis: ignore[wildcard, iam]\r\n  # portcullis: ignore[bucket-unlogged, wildcard] -- y\r\n  B:\r\n    Type: AWS::S3::Bucket\r\n";
    let mut mended = text.to_owned();
    let mut fixes: Vec<_> = judge(&of(text), |_| ()).notices.into_iter().filter_map(|n| n.fix).collect();
    fixes.sort_by_key(|f| std::cmp::Reverse(f.edits[0].place.start));
    for fix in fixes {
        let edit = &fix.edits[0];
        mended.replace_range(edit.place.start as usize..edit.place.end as usize, &edit.text);
    }
    assert_eq!(
        mended,
        "Resources:\r\n  A:\r\n    Type: AWS::S3::Bucket\r\n  # portcullis: ignore[bucket-unlogged] -- y\r\n  B:\r\n    Type: AWS::S3::Bucket\r\n"
    );
    assert!(judge(&of(&mended), |_| ()).notices.is_empty());
}

/// A suppression in an included file counts there, and its functions are resources.
#[test]
fn included_files_have_their_own() {
    let (main, other) = (
        of("service: x\nfunctions: ${file(f.yml)}\n"),
        Arc::new(Source::new("f.yml", "hello: # portcullis: ignore[wildcard]\n  a: '*'\nbye:\n  a: '*'\n")),
    );
    let arena = Arena::new();
    let documents = [parse(&arena, FileId(0), main.text()), parse(&arena, FileId(1), other.text())];
    let mut findings =
        vec![finding(&other, "wildcard", "'*'", Some("hello")), finding(&main, "wildcard", "x", Some("bye"))];
    let catalogue = catalogue();
    let settings = Settings {
        today: Date::parse("2026-06-15").expect("a day"),
        catalogue: &catalogue,
        honor: Voice::ALL,
        require_reason: false,
        report_unused: ReportUnused::Own,
        acknowledged: None,
        unsuppressible: &|_| false,
        ran: &|_| true,
    };
    let texts = [Text { source: &main, document: &documents[0] }, Text { source: &other, document: &documents[1] }];
    let notices = apply(&mut findings, &texts, &settings);
    assert!(notices.is_empty(), "{notices:?}");
    assert_eq!(findings.iter().map(|f| f.suppressed.is_some()).collect::<Vec<_>>(), [true, false]);
}

/// Thousands of suppressions and findings are judged in no time, and past a bound not at all.
#[test]
fn many_suppressions_are_bounded() {
    let mut text = String::from("Resources:\n");
    for n in 0..12_000 {
        let _ = write!(text, "  # portcullis: ignore[wildcard, x{n}]\n  # trivy:ignore:*\n  R{n}:\n    a: '*'\n");
    }
    let answer = judge(&of(&text), |_| ());
    assert!(answer.findings.iter().any(|f| f.suppressed.is_some()));
    assert!(answer.findings.iter().any(|f| f.suppressed.is_none()));
    assert!(answer.notices.iter().any(|n| n.message.starts_with("more than")));
}

proptest::proptest! {
    /// Whatever is written, nothing panics, and every place is in the text.
    #[test]
    fn nothing_panics(parts in proptest::collection::vec(proptest::sample::select(PARTS), 0..40)) {
        let source = of(&parts.concat());
        let answer = judge(&source, |s| s.report_unused = ReportUnused::All);
        for notice in answer.notices {
            let end = source.text().len();
            assert!(notice.place.start <= notice.place.end && notice.place.end as usize <= end);
            for edit in notice.fix.iter().flat_map(|f| &f.edits) {
                assert!(source.text().get(edit.place.start as usize..edit.place.end as usize).is_some());
            }
        }
    }
}

const PARTS: &[&str] = &[
    "Resources:\n",
    "  A:\n",
    "  B: # portcullis: ignore[wildcard]\n",
    "    Type: AWS::S3::Bucket\n",
    "    x: '*'\n",
    "# portcullis: ignore[",
    "portcullis: ",
    "ignore-file[",
    "a, ",
    "é",
    "] ",
    "until=",
    "2027-01-31 ",
    "value=\"",
    "-- ",
    "\n",
    "  ",
    "\r\n",
    "# checkov:skip=",
    "CKV_AWS_18",
    ":",
    "# trivy:ignore:",
    "*",
    ":exp:",
    "# kics-scan ignore-block\n",
    "# kics-scan ignore\n",
    "    Metadata:\n",
    "      portcullis: {ignore: [",
    "{rule: wildcard, ",
    "values: ['*']}",
    "]}\n",
    "      cfn_nag: {rules_to_suppress: [{id: W41}]}\n",
    "      cdk_nag: {rules_to_suppress: [{id: 'AwsSolutions-IAM5[', applies_to: [{regex: '/(/g'}]}]}\n",
    "---\n",
    "- ",
    "&a ",
    "*a\n",
    "!Sub ",
    "functions:\n",
    "resources:\n",
    "{",
    "}",
    "|\n",
];
