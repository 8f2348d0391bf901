//! Every report of one made-up run, compared with what it was when somebody last looked at it.
//!
//! `UPDATE=1 cargo test --test integration reports` writes them anew.

use std::path::Path;
use std::sync::Arc;

use portcullis::finding::{Edit, Failure, Finding, Fix, Label, Place, Run, Safety};
use portcullis::report::{Format, Options};
use portcullis::rulebook::Severity;
use portcullis::source::Source;

use made_up::{APP, clean, finding, options, place, render, run};

mod anything;
mod made_up;
mod sarif;
mod schemas;

/// Each format writes what it wrote when somebody last looked at it.
#[test]
fn goldens() {
    for &format in Format::ALL {
        golden(format.name(), &render(format, &run(), &options()));
    }
    let shown = Options { show_suppressed: true, unicode: false, ..options() };
    golden("human-ascii", &render(Format::Human, &run(), &shown));
    let colored = Options { color: true, hyperlinks: true, ..options() };
    golden("human-color", &render(Format::Human, &run(), &colored));
    golden("human-clean", &render(Format::Human, &clean(), &options()));
}

fn golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/reports").join(format!("{name}.golden"));
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, actual).expect("the golden can be written");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = actual.lines().zip(expected.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or_else(|| actual.lines().count().min(expected.lines().count()));
    let show = |text: &str| text.lines().nth(line).unwrap_or("(the end)").to_owned();
    assert!(
        actual == expected,
        "{name}, line {}: run with UPDATE=1 and look at the difference\n  now: {}\n  was: {}",
        line + 1,
        show(actual),
        show(&expected)
    );
}

/// A file that a finding calls broken is not called broken a second time.
#[test]
fn a_broken_file_is_told_once() {
    let source = Arc::new(Source::new("a.yaml", "a: b: c\n"));
    let mut run = Run::default();
    run.findings.push(finding(
        "syntax-error",
        Severity::High,
        "file is broken",
        "a value is not allowed",
        place(&source, ": c", 0),
    ));
    run.failures.push(Failure {
        file: "a.yaml".to_owned(),
        at: Some((1, 5)),
        message: "a value is not allowed".to_owned(),
    });
    for format in [Format::Human, Format::Concise, Format::Github, Format::Gitlab, Format::Junit, Format::Markdown] {
        let text = render(format, &run, &options());
        assert_eq!(text.matches("value is not allowed").count(), 1, "{format}: {text}");
    }
}

/// No report writes a control, a directional mark, a tag or a command that a template made.
#[test]
fn reports_are_harmless() {
    for &format in Format::ALL {
        let shown = Options { show_suppressed: true, ..options() };
        let text = render(format, &run(), &shown);
        let risky: Vec<char> = text.chars().filter(|c| *c != '\n' && portcullis::finding::hidden(*c)).collect();
        assert!(risky.is_empty(), "{format}: {risky:?}");
        for line in text.lines() {
            let own = match format {
                Format::Github => ["::error ", "::warning ", "::notice "].iter().any(|c| line.starts_with(c)),
                Format::Azure => line.starts_with("##vso[task.logissue "),
                _ => false,
            };
            let line = if own { line.get(2..).unwrap_or("") } else { line };
            assert!(!line.trim_start().starts_with("::"), "{format}: {line}");
            assert!(!line.contains("##vso[") && !line.contains("##["), "{format}: {line}");
        }
        if matches!(format, Format::Html | Format::Junit | Format::Checkstyle) {
            let own = usize::from(format == Format::Html);
            assert_eq!(text.matches("<script").count(), own, "{format}");
            assert!(!text.contains("<b>ü"), "{format}");
        }
    }
}

/// A secret that a finding points at is in no report, whoever else points at its line.
#[test]
fn secrets_are_masked() {
    let mut run = run();
    let app = Arc::new(Source::new("templates/app stack.yaml", APP));
    run.findings.push(finding("other", Severity::Low, "t", "m", place(&app, "MasterUserPassword", 0)));
    run.findings.push(Finding {
        fixes: vec![Fix {
            title: "read it from Secrets Manager".to_owned(),
            safety: Safety::Unsafe,
            edits: vec![Edit { place: place(&app, "\"hunter2-correct-horse\"", 0), text: "!Ref Secret".to_owned() }],
        }],
        ..finding("another", Severity::Low, "t", "m", place(&app, "hunter2-correct", 0))
    });
    run.sort();
    for &format in Format::ALL {
        assert!(!render(format, &run, &options()).contains("hunter2"), "{format}");
    }
}

/// GitHub shows ten errors and ten warnings: the rest stands in the log, and is counted.
#[test]
fn annotations_are_capped() {
    let source = Arc::new(Source::new("a.yaml", "x\n".repeat(40)));
    let mut run = Run::default();
    for i in 0..40 {
        let severity = [Severity::Low, Severity::Critical, Severity::Medium][i as usize % 3];
        run.findings.push(finding("one", severity, "t", "m", Place::new(Arc::clone(&source), i * 2, i * 2 + 1)));
    }
    let text = render(Format::Github, &run, &options());
    let count = |command: &str| text.lines().filter(|line| line.starts_with(command)).count();
    assert_eq!((count("::error "), count("::warning "), count("::notice ")), (10, 10, 10));
    assert!(text.contains("11 more findings"), "{text}");
    assert_eq!(text.lines().count(), 41);
}

/// The same finding on many resources of a file is one block that names every line.
#[test]
fn many_alike_stay_readable() {
    let text: String = (0..40).map(|i| format!("  B{i}:\n    Type: AWS::S3::Bucket\n")).collect();
    let source = Arc::new(Source::new("a.yaml", text));
    let mut run = Run::default();
    for i in 0..40 {
        let name = format!("B{i}:");
        run.findings.push(finding(
            "one",
            Severity::High,
            "bucket is open",
            &format!("`{name}` is open"),
            place(&source, &name, 0),
        ));
    }
    let text = render(Format::Human, &run, &options());
    assert_eq!(text.matches("high[one]").count(), 1);
    assert!(text.contains("(40 times)") && text.contains("and 32 more: lines 17, 19,"), "{text}");
}

/// However narrow the terminal, no line of words is longer than it: it would be broken in the middle of a word.
#[test]
fn narrow_terminals_break_no_words() {
    let source = Arc::new(Source::new(
        "a.yaml",
        format!(
            "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      QueueName: {}\n",
            "a-long-name-".repeat(9)
        ),
    ));
    let words = "the framework makes this of what is written here, for the service as a whole";
    let mut run = Run::default();
    for (of, label) in [("AWS::SQS::Queue", None), ("QueueName", Some(words.to_owned()))] {
        run.findings.push(Finding {
            label,
            help: Some(format!("{words}: `Action: [sqs:SendMessage, sqs:ReceiveMessage]`").into()),
            related: vec![Label { place: place(&source, "Resources", 0), message: words.to_owned() }],
            ..finding("queue-rule", Severity::High, &words[..40], words, place(&source, of, 0))
        });
    }
    run.notes.push(Failure { file: "a.yaml".to_owned(), at: None, message: words.to_owned() });
    run.sort();
    for width in 50..110 {
        let text = render(Format::Human, &run, &Options { width, ..options() });
        let long: Vec<_> = text.lines().filter(|line| line.chars().count() > width).collect();
        assert!(long.is_empty(), "{width}: {long:#?}");
        let flat = text.split_whitespace().filter(|word| *word != "│").collect::<Vec<_>>().join(" ");
        let said = flat.matches("here, for the service as a whole").count();
        // A label without room is left out where the message below says more.
        assert!((7..=8).contains(&said), "what does not fit is said below: {said} {text}");
        // What a finding says of its own place needs no line's number; of another it does.
        assert!(flat.contains("line 1: the framework") || width > 50, "{width}: {text}");
        assert!(!flat.contains("line 3: the framework"), "{width}: {text}");
        assert!(text.contains("`Action: [sqs:SendMessage,") || width < 70, "{width}: {text}");
    }
}

/// What stands in the line already is not said again beneath it.
#[test]
fn a_variable_is_not_named_beneath_itself() {
    let source = Arc::new(Source::new("serverless.yml", "key: hello\nname: ${self:key}\n".to_owned()));
    let mut run = Run::default();
    for (at, message) in [("${self:key}", "from ${self:key}"), ("name", "from ${self:key}")] {
        run.findings.push(Finding {
            related: vec![Label { place: place(&source, at, 0), message: message.to_owned() }],
            ..finding("one", Severity::High, "t", "m", place(&source, "hello", 0))
        });
    }
    let text = render(Format::Human, &run, &options());
    assert!(text.contains("─────────── read here"), "{text}");
    assert_eq!(text.matches("from ${self:key}").count(), 1, "{text}");
}

/// Of many in one line that is too long to be seen whole, one is shown, and the line is named once.
#[test]
fn one_long_line_is_told_once() {
    let names: Vec<String> = (100..400).map(|n| format!("B{n}:")).collect();
    let source = Arc::new(Source::new("a.json", names.concat()));
    let mut run = Run::default();
    for name in &names {
        run.findings.push(finding("one", Severity::High, "bucket is open", "open", place(&source, name, 0)));
    }
    let text = render(Format::Human, &run, &options());
    assert!(text.contains("(300 times)") && text.contains("and 299 more: line 1\n"), "{text}");
}

/// A finding in a large file costs no more than one in a small file.
#[test]
fn large_files_are_cheap() {
    let source = Arc::new(Source::new("a.yaml", "key: value\n".repeat(100_000)));
    let mut run = Run::default();
    for i in 0..500_u32 {
        let at = i * 2_200;
        run.findings.push(finding(
            &format!("rule-{i}"),
            Severity::High,
            "t",
            "m",
            Place::new(Arc::clone(&source), at, at + 3),
        ));
    }
    let start = std::time::Instant::now();
    let text = render(Format::Human, &run, &options());
    // Indexing the whole text for each finding takes two seconds when optimised.
    assert!(start.elapsed().as_secs() < 5, "{:?}", start.elapsed());
    assert_eq!(text.matches("high[rule-").count(), 500);
}
