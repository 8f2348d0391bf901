//! How a run of the program grows with what it is given: files, resources, conditions; and what it costs at least.
//! Rounds of all sizes in turn, one thread, from process start to its end. `cargo bench --bench scaling`.

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program that measures, run by hand")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

/// A file of some 150 lines, as people write them.
const ONE: &str = "testdata/demo/good/template.yaml";

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    let one = vec![
        ("nothing but its version".to_owned(), vec!["--version".into()]),
        file("one file, default profile", &[], ONE.as_ref()),
        file("one file, every rule", &["--profile", "all"], ONE.as_ref()),
    ];
    told("at least", &one, false);

    let demo = fs::read_to_string(ONE).expect("the demonstration");
    let files: Vec<_> = [2_500_usize, 5_000, 10_000]
        .map(|count| {
            let inside = root.join(format!("files{count}"));
            for at in 0..count {
                let path = inside.join(format!("{}/{at}.yaml", at / 100));
                fs::create_dir_all(path.parent().expect("it has one")).expect("a folder");
                fs::write(path, &demo).expect("a file");
            }
            file(&format!("{count} files"), &[], &inside)
        })
        .into();
    told("files, default profile", &files, true);

    // One file of each size, every rule.
    let sizes = |sizes: &[usize], what: &str, text: fn(usize) -> String| -> Vec<Case> {
        let case = |size: &usize| {
            let path = root.join(format!("{size} {what}.yaml"));
            fs::write(&path, text(*size)).expect("a file");
            file(&format!("{size} {what}"), &["--profile", "all"], &path)
        };
        sizes.iter().map(case).collect()
    };
    told("resources, every rule", &sizes(&[500, 1_000, 2_000, 4_000], "resources in one file", service), true);
    let bounded = sizes(&[250, 500, 1_000], "roles and statements", limited);
    told("roles under one boundary of as many statements, every rule", &bounded, true);
    let named = sizes(&[500, 1_000, 2_000], "buckets and their policies", named);
    told("buckets that are called by names put together, every rule", &named, true);
    let conditions = sizes(&[10, 20, 40, 80], "conditions", conditional);
    told("conditions that have nothing to do with each other, every rule", &conditions, true);
}

type Case = (String, Vec<PathBuf>);

fn file(what: &str, options: &[&str], path: &Path) -> Case {
    let mut arguments: Vec<PathBuf> = ["check", "--no-config", "--jobs", "1", "--quiet"].map(PathBuf::from).into();
    arguments.extend(options.iter().map(PathBuf::from));
    arguments.push(path.to_owned());
    (what.to_owned(), arguments)
}

/// Medians, and how much more each takes than the one before it, which is half as large.
fn told(title: &str, cases: &[Case], growing: bool) {
    println!("{title}");
    let mut times = vec![Vec::new(); cases.len()];
    for _ in 0..ROUNDS {
        for (at, (_, arguments)) in cases.iter().enumerate() {
            times[at].push(time(arguments));
        }
    }
    let mut before: Option<Duration> = None;
    for ((what, _), mut times) in cases.iter().zip(times) {
        times.sort();
        let median = times[times.len() / 2];
        let grown = before
            .filter(|_| growing)
            .map(|before| format!("  {:.2} times", median.as_secs_f64() / before.as_secs_f64()));
        println!("  {what:<32} {median:>10.2?}{}", grown.unwrap_or_default());
        before = Some(median);
    }
}

fn time(arguments: &[PathBuf]) -> Duration {
    let start = Instant::now();
    let status = Command::new(env!("CARGO_BIN_EXE_portcullis")).args(arguments).stdout(Stdio::null()).status();
    let elapsed = start.elapsed();
    let code = status.expect("the program runs").code();
    assert!(matches!(code, Some(0 | 1)), "{arguments:?}: {code:?}");
    elapsed
}

/// Functions with a role, a queue and a table each, as far as the count goes.
fn service(count: usize) -> String {
    let mut text = String::from("Resources:\n");
    for at in 0..count / 4 {
        let _ = write!(
            text,
            "  Queue{at}:
    Type: AWS::SQS::Queue
  Table{at}:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      KeySchema: [{{AttributeName: id, KeyType: HASH}}]
      AttributeDefinitions: [{{AttributeName: id, AttributeType: S}}]
  Role{at}:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}]
      Policies:
        - PolicyName: table
          PolicyDocument:
            Statement: [{{Effect: Allow, Action: \"dynamodb:*\", Resource: !GetAtt Table{at}.Arn}}]
  Function{at}:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs22.x
      Handler: index.handler
      Role: !GetAtt Role{at}.Arn
      Code: {{S3Bucket: code, S3Key: function-{at}.zip}}
      Environment: {{Variables: {{QUEUE: !Ref Queue{at}, STAGE: !Sub \"${{AWS::StackName}}-{at}\"}}}}
"
        );
    }
    text
}

/// Buckets and policies that know each other by names alone, parts of which are given at the deployment.
fn named(count: usize) -> String {
    let mut text = String::from("Parameters:\n  Stage: {Type: String}\nResources:\n");
    for at in 0..count / 2 {
        let name = format!("!Sub \"${{AWS::StackName}}-${{Stage}}-{at}\"");
        let _ = write!(
            text,
            "  Bucket{at}:
    Type: AWS::S3::Bucket
    Properties: {{BucketName: {name}}}
  Policy{at}:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: {name}
      PolicyDocument:
        Statement: [{{Effect: Deny, Principal: \"*\", Action: \"s3:*\", Resource: \"*\", Condition: {{Bool: {{aws:SecureTransport: false}}}}}}]
"
        );
    }
    text
}

/// Administrators whose boundary allows and denies a statement for each.
fn limited(count: usize) -> String {
    let mut text = String::from(
        "Resources:\n  Boundary:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Statement:\n",
    );
    for at in 0..count {
        let effect = if at % 2 == 0 { "Allow" } else { "Deny" };
        let _ =
            writeln!(text, "          - {{Effect: {effect}, Action: ['s3:Get{at}*', '*:Run{at}*'], Resource: '*'}}");
    }
    for at in 0..count {
        let _ = write!(
            text,
            "  Role{at}:
    Type: AWS::IAM::Role
    Properties:
      PermissionsBoundary: !Ref Boundary
      AssumeRolePolicyDocument:
        Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}]
      Policies:
        - PolicyName: everything
          PolicyDocument: {{Statement: [{{Effect: Allow, Action: '*', Resource: '*'}}]}}
"
        );
    }
    text
}

/// Buckets that exist, are open and have tags under conditions of their own, eight each.
fn conditional(count: usize) -> String {
    let mut text = String::from("Parameters:\n");
    for at in 0..count {
        let _ = writeln!(text, "  P{at}: {{Type: String}}");
    }
    text.push_str("Conditions:\n");
    for at in 0..count {
        let _ = writeln!(text, "  C{at}: !Equals [!Ref P{at}, prod]");
    }
    text.push_str("Resources:\n");
    for at in 0..count {
        let other = |by: usize| (at * 7 + by) % count;
        let _ = write!(
            text,
            "  B{at}:
    Type: AWS::S3::Bucket
    Condition: C{at}
    Properties:
      AccessControl: !If [C{}, Private, PublicRead]
      Tags:
",
            other(1)
        );
        for tag in 2..8 {
            let condition = other(tag);
            let _ = writeln!(
                text,
                "        - !If [C{condition}, {{Key: k{tag}, Value: !Ref P{condition}}}, !Ref AWS::NoValue]"
            );
        }
    }
    text
}
