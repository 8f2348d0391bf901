//! The reports of build servers, against what their readers refuse.

use std::sync::Arc;

use portcullis::finding::{Place, Run};
use portcullis::report::{Format, Options};
use portcullis::rulebook::Severity;
use portcullis::source::Source;
use serde_json::Value;

use super::made_up::{clean, finding, options, render, run};

/// The formats whose readers say what they want.
const SCHEMAS: [(Format, &str); 5] = [
    (Format::GitlabSast, include_str!("../../../testdata/reports/gitlab-sast.schema.json")),
    (Format::Gitlab, include_str!("../../../testdata/reports/gitlab.schema.json")),
    (Format::Bitbucket, include_str!("../../../testdata/reports/bitbucket.schema.json")),
    (Format::Sonar, include_str!("../../../testdata/reports/sonar.schema.json")),
    (Format::Rdjson, include_str!("../../../testdata/reports/rdjson.schema.json")),
];

fn valid(format: Format, schema: &str, run: &Run, options: &Options) -> Value {
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let value = serde_json::from_str(&render(format, run, options)).expect("the report is JSON");
    let told = |e: jsonschema::ValidationError| format!("{}: {:.200}", e.instance_path(), e.to_string());
    let errors: Vec<String> = validator.iter_errors(&value).map(told).collect();
    assert!(errors.is_empty(), "{format}: {errors:#?}");
    value
}

/// A run of one file whose findings are what `make` says of each number.
fn many(n: u32, text: &str, rule: &str) -> Run {
    let source = Arc::new(Source::new("a.yaml", "x\n".repeat(n as usize)));
    let mut run = Run::default();
    for i in 0..n {
        let severity = if i + 1 == n { Severity::Critical } else { Severity::Low };
        run.findings.push(finding(rule, severity, text, text, Place::new(Arc::clone(&source), i * 2, i * 2 + 1)));
    }
    run
}

/// Every such report is valid: with everything in it, with what is suppressed, with nothing, and with texts of any length.
#[test]
fn reports_are_valid() {
    let all = Options { show_suppressed: true, prefix: "services/a b/".to_owned(), ..options() };
    let bare = Options { home: None, ..options() };
    let mut long = many(3, &"a very long text; ".repeat(1000), "one");
    long.findings.iter_mut().for_each(|f| f.help = Some("a very long help; ".repeat(1000).into()));
    for (format, schema) in SCHEMAS {
        valid(format, schema, &run(), &options());
        valid(format, schema, &run(), &all);
        valid(format, schema, &clean(), &bare);
        valid(format, schema, &long, &options());
    }
}

/// Two findings of one rule on one line stay two: no reader that merges equal identities can merge them.
#[test]
fn findings_of_one_line_stay_apart() {
    let source = Arc::new(Source::new("a.yaml", "Action: [a, b]\n"));
    let mut run = Run::default();
    for at in [9, 12] {
        run.findings.push(finding("one", Severity::High, "t", "m", Place::new(Arc::clone(&source), at, at + 1)));
    }
    for (format, path) in [
        (Format::Gitlab, ["/0/fingerprint", "/1/fingerprint"]),
        (Format::GitlabSast, ["/vulnerabilities/0/id", "/vulnerabilities/1/id"]),
        (Format::Bitbucket, ["/annotations/0/0/external_id", "/annotations/0/1/external_id"]),
    ] {
        let value: Value = serde_json::from_str(&render(format, &run, &options())).expect("JSON");
        let [one, other] = path.map(|p| value.pointer(p).and_then(Value::as_str).expect("an identity"));
        assert_ne!(one, other, "{format}");
    }
}

/// Bitbucket gets as many annotations as it takes, in calls of the size that it takes, the worst first; the report says so.
#[test]
fn bitbucket_gets_what_it_takes() {
    let (format, schema) = SCHEMAS[2];
    let value = valid(format, schema, &many(1003, "t", "one"), &options());
    let batches = value["annotations"].as_array().expect("batches");
    assert_eq!(batches.iter().map(|b| b.as_array().expect("a batch").len()).collect::<Vec<_>>(), [100; 10]);
    assert_eq!(value["annotations"][0][0]["severity"], "CRITICAL");
    assert_eq!(value["report"]["result"], "FAILED");
    assert!(value["report"]["details"].as_str().is_some_and(|d| d.ends_with("3 more are not annotated")), "{value}");
    assert_eq!(valid(format, schema, &clean(), &options())["report"]["result"], "PASSED");
}
