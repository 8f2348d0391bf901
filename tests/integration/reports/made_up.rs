//! A run that was never run: several files, wide characters, causes, fixes, secrets, hostile names, broken files.

use std::sync::Arc;

use portcullis::finding::{Construct, Edit, Failure, Finding, Fix, Kind, Label, Place, Run, Safety, Suppression};
use portcullis::report::{Format, Options, Rule};
use portcullis::rulebook::{Category, Confidence, Severity};
use portcullis::source::Source;

pub(super) const APP: &str = "\
AWSTemplateFormatVersion: \"2010-09-09\"
Description: café ☕ 日本語 😀 über
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
Resources:
  Logs:
    Type: AWS::S3::Bucket
  Assets:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: assets
  Topic:
    Type: AWS::SNS::Topic
  TopicPolicy:
    Type: AWS::SNS::TopicPolicy
    Properties:
      Topics: [!Ref Topic]
      PolicyDocument:
        Statement:
          - Effect: Allow
            Sid: \"日本語 😀 ok\"
            Principal: \"*\"
            Action: [\"sns:Publish\", \"sns:Subscribe\"] # \u{202e}nwod edispu\u{202c}
            Resource: !Ref Topic
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      MasterUserPassword: \"hunter2-correct-horse\"
      PubliclyAccessible: !If [IsProd, false, true]
";

const API: &str = "\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Timeout: 900
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: nodejs14.x
      Policies:
        - AdministratorAccess
";

const HOSTILE: &str = "{\"Resources\": {\"X\": {\"Type\": \"AWS::S3::Bucket\", \"Properties\": {\"BucketName\": \"\u{1b}[31m<script>alert(1)</script>##vso[task.complete result=Failed]::error::x|`*_[a](javascript:1)\"}}}}";

/// The place of the `nth` occurrence of a word.
pub(super) fn place(source: &Arc<Source>, word: &str, nth: usize) -> Place {
    let at = source.text().match_indices(word).nth(nth).expect("the word is there").0;
    let at = u32::try_from(at).expect("small");
    Place::new(Arc::clone(source), at, at + u32::try_from(word.len()).expect("small"))
}

pub(super) fn finding(rule: &str, severity: Severity, title: &str, message: &str, place: Place) -> Finding {
    Finding {
        rule: rule.into(),
        severity,
        confidence: Confidence::High,
        category: Category::Exposure,
        kind: Kind::Fail,
        title: title.into(),
        message: message.to_owned(),
        under: None,
        resource: None,
        resource_type: None,
        construct: None,
        path: String::new(),
        place,
        label: None,
        related: Vec::new(),
        help: None,
        fixes: Vec::new(),
        value_digest: None,
        suppressed: None,
    }
}

pub(super) fn run() -> Run {
    let app = Arc::new(Source::new("templates/app stack.yaml", APP));
    let api = Arc::new(Source::new("api/template.yaml", API));
    let hostile = Arc::new(Source::new("templates/::error::<b>ü.json", HOSTILE));
    let mut run = Run::default();

    for (name, nth, label) in [("Logs", 0, true), ("Assets", 0, true)] {
        let at = place(&app, name, nth);
        let line = app.position(at.end).line + 1;
        let after = app.lines().start(line + 1);
        run.findings.push(Finding {
            category: Category::Encryption,
            confidence: Confidence::Medium,
            resource: Some(name.to_owned()),
            resource_type: Some("AWS::S3::Bucket".to_owned()),
            path: format!("Resources.{name}"),
            label: label.then(|| "no `BucketEncryption`".to_owned()),
            help: Some("add `BucketEncryption` with `SSEAlgorithm: aws:kms`".into()),
            fixes: vec![Fix {
                title: "encrypt with the key of S3".to_owned(),
                safety: Safety::Safe,
                edits: vec![Edit {
                    place: Place::new(Arc::clone(&app), after, after),
                    text: "    Properties:\n      BucketEncryption:\n        ServerSideEncryptionConfiguration:\n          - ServerSideEncryptionByDefault:\n              SSEAlgorithm: aws:kms\n".to_owned(),
                }],
            }],
            ..finding("s3-bucket-unencrypted", Severity::Medium, "bucket is not encrypted with a key you control", &format!("bucket `{name}` has no encryption of its own"), at)
        });
    }
    run.findings.push(Finding {
        resource: Some("TopicPolicy".to_owned()),
        resource_type: Some("AWS::SNS::TopicPolicy".to_owned()),
        path: "Resources.TopicPolicy.Properties.PolicyDocument.Statement.0.Principal".to_owned(),
        label: Some("anyone, in any account".to_owned()),
        related: vec![
            Label { place: place(&app, "[\"sns:Publish\", \"sns:Subscribe\"]", 0), message: "may do this".to_owned() },
            Label { place: place(&app, "Topic:", 0), message: "to this topic".to_owned() },
        ],
        help: Some("name who may: `Principal: {AWS: !Ref AWS::AccountId}`".into()),
        fixes: vec![Fix {
            title: "allow this account only".to_owned(),
            safety: Safety::Unsafe,
            edits: vec![Edit { place: place(&app, "\"*\"", 0), text: "{AWS: !Ref AWS::AccountId}".to_owned() }],
        }],
        value_digest: Some("6d1b".to_owned()),
        ..finding(
            "sns-topic-public",
            Severity::High,
            "topic policy lets anyone in",
            "the policy of `Topic` lets anyone publish and subscribe",
            place(&app, "\"*\"", 0),
        )
    });
    run.findings.push(Finding {
        category: Category::Secrets,
        resource: Some("Database".to_owned()),
        resource_type: Some("AWS::RDS::DBInstance".to_owned()),
        path: "Resources.Database.Properties.MasterUserPassword".to_owned(),
        label: Some("a password in clear text".to_owned()),
        help: Some("let RDS keep it: `ManageMasterUserPassword: true`".into()),
        ..finding(
            "secret-in-template",
            Severity::Critical,
            "secret is written in the template",
            "the password of `Database` is in the template",
            place(&app, "\"hunter2-correct-horse\"", 0),
        )
    });
    run.findings.push(Finding {
        under: Some("IsProd is false".to_owned()),
        resource: Some("Database".to_owned()),
        resource_type: Some("AWS::RDS::DBInstance".to_owned()),
        path: "Resources.Database.Properties.PubliclyAccessible".to_owned(),
        related: vec![Label { place: place(&app, "IsProd", 0), message: "the condition".to_owned() }],
        ..finding(
            "rds-public",
            Severity::High,
            "database is reachable from the internet",
            "`Database` has a public address",
            place(&app, "true", 0),
        )
    });
    run.findings.push(Finding {
        category: Category::Iam,
        resource: Some("Hello".to_owned()),
        resource_type: Some("AWS::Serverless::Function".to_owned()),
        path: "Resources.Hello.Properties.Policies.0".to_owned(),
        label: Some("may do everything".to_owned()),
        ..finding(
            "iam-admin",
            Severity::Critical,
            "role may do everything",
            "the role of `Hello` is an administrator of the account",
            place(&api, "AdministratorAccess", 0),
        )
    });
    run.findings.push(Finding {
        category: Category::Hygiene,
        confidence: Confidence::Low,
        kind: Kind::Open,
        resource: Some("Hello".to_owned()),
        path: "Resources.Hello".to_owned(),
        related: vec![Label { place: place(&app, "Description", 0), message: "exported over there".to_owned() }],
        ..finding(
            "lambda-no-tracing",
            Severity::Low,
            "function is not traced",
            "whether `Hello` is traced is decided elsewhere",
            place(&api, "Hello", 0),
        )
    });
    run.findings.push(Finding {
        category: Category::Deployment,
        resource: Some("Hello".to_owned()),
        path: "Resources.Hello.Properties.Runtime".to_owned(),
        suppressed: Some(Suppression {
            by: "comment".to_owned(),
            reason: Some("goes away with v2".to_owned()),
            until: Some("2031-01-31".to_owned()),
        }),
        ..finding(
            "lambda-runtime-old",
            Severity::Info,
            "runtime is no longer supported",
            "`nodejs14.x` gets no security fixes",
            place(&api, "nodejs14.x", 0),
        )
    });
    run.findings.push(Finding {
        resource: Some("X".to_owned()),
        path: "Resources.X.Properties.BucketName".to_owned(),
        label: Some("not a \u{1b}[1mname\u{202e}".to_owned()),
        construct: Some(Construct {
            path: "App/\u{1b}[31m<script>`|\n::error::x".to_owned(),
            made: Some(("lib/::warning::<b>,ü.ts".to_owned(), 3, 5)),
        }),
        ..finding("odd-name", Severity::Low, "name is odd", "::error::the name `\u{1b}]8;;x\u{7}<script>alert(1)</script>` | is ##vso[task.complete]odd\n::stop-commands::x [a](javascript:alert(1)) ![i](http://x/y) **b**", place(&hostile, "\u{1b}[31m<script>", 0))
    });
    run.failures.push(Failure {
        file: "broken/x.yaml".to_owned(),
        at: Some((3, 7)),
        message: "a mapping value is not allowed here".to_owned(),
    });
    run.failures.push(Failure {
        file: "broken/y.yaml".to_owned(),
        at: None,
        message: "is not UTF-8 text: byte 12".to_owned(),
    });
    run.notes.push(Failure {
        file: "api/template.yaml".to_owned(),
        at: None,
        message: "more than 4,096 cases: the rest is taken as unknown".to_owned(),
    });
    run.checked.insert("cloudformation", 9);
    run.checked.insert("sam", 2);
    run.checked.insert("serverless", 1);
    run.skipped = 4;
    run.broken = 2;
    run.sort();
    run
}

pub(super) fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = run()
        .findings
        .iter()
        .map(|f| Rule {
            name: f.rule.to_string(),
            title: f.title.to_string(),
            category: f.category,
            severity: f.severity,
            confidence: f.confidence,
            why: "Whoever finds it can use it. It has happened to others.\n\nMore than once.".to_owned(),
            remedy: "Say who may, and nobody else.".to_owned(),
            references: vec!["https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html".to_owned()],
            cwe: vec!["CWE-284".to_owned()],
            tags: vec!["sns".to_owned()],
            bad: Some("Principal: \"*\"\n".to_owned()),
            good: Some("Principal: {AWS: !Ref AWS::AccountId}\n".to_owned()),
            url: Some(format!("https://example.org/rules/{}", f.rule)),
        })
        .collect();
    rules.sort_by(|a, b| a.name.cmp(&b.name));
    rules.dedup_by(|a, b| a.name == b.name);
    rules
}

pub(super) fn options() -> Options {
    Options {
        version: "1.2.3".to_owned(),
        home: Some("https://example.org/portcullis".to_owned()),
        ..Options::default()
    }
}

pub(super) fn render(format: Format, run: &Run, options: &Options) -> String {
    let mut out = Vec::new();
    format.write(run, &rules(), options, &mut out).expect("memory can be written to");
    String::from_utf8(out).expect("reports are text")
}

pub(super) fn clean() -> Run {
    let mut run = Run::default();
    run.checked.insert("sam", 1);
    run
}
