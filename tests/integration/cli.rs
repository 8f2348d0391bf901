//! The command line as scripts, build servers and people rely on it: exit codes, streams, files, formats.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// A template that no rule has anything to say about.
const CLEAN: &str =
    "AWSTemplateFormatVersion: '2010-09-09'\nResources:\n  Wait:\n    Type: AWS::CloudFormation::WaitConditionHandle\n";

/// A rule of a user's, so that these tests find something whatever the built-in rules are.
const RULE: &str = "\
name: house-bucket-readable
title: bucket is readable by everyone
category: exposure
severity: high
why: Everybody can read it.
remedy: Remove the ACL.
check:
  on: AWS::S3::Bucket
  bad:
    AccessControl: [PublicRead, PublicReadWrite]
examples:
  - bad: |
      Resources:
        Bucket:
          Type: AWS::S3::Bucket
          Properties:
            AccessControl: PublicRead # <--
  - good: |
      Resources:
        Bucket:
          Type: AWS::S3::Bucket
";

/// A template that the rule speaks of, so many times.
fn readable(buckets: usize) -> String {
    let bucket = |n| format!("  B{n}:\n    Type: AWS::S3::Bucket\n    Properties: {{AccessControl: PublicRead}}\n");
    format!("Resources:\n{}", (1..=buckets).map(bucket).collect::<String>())
}

/// Only the rule of these tests looks.
const ONLY: &[&str] = &["--rules", "rules", "--select", "house-bucket-readable", "--no-config"];

/// A folder of its own, and the binary in it, away from the environment of whoever runs the tests.
struct Folder {
    root: TempDir,
}

struct Outcome {
    code: i32,
    out: String,
    err: String,
}

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let folder = Self { root };
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.root.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("inside the folder")).expect("a folder");
        std::fs::write(path, bytes).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the file is there")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_portcullis"));
        command.args(args).current_dir(self.root.path()).stdin(Stdio::null());
        for name in ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "PORTCULLIS_CONFIG"] {
            command.env_remove(name);
        }
        command
    }

    fn run(&self, args: &[&str]) -> Outcome {
        outcome(self.command(args).output().expect("the binary runs"))
    }

    /// Runs `check` with nothing but the rule of these tests.
    fn check(&self, args: &[&str]) -> Outcome {
        self.run(&[&["check"], ONLY, args].concat())
    }

    fn git(&self, args: &[&str]) {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"];
        let mut command = Command::new("git");
        command
            .args(identity)
            .args(args)
            .current_dir(self.root.path())
            .env_remove("GIT_DIR")
            .env_remove("GIT_INDEX_FILE");
        let output = command.output().expect("git runs");
        assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn fed(&self, args: &[&str], input: &[u8]) -> Outcome {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the binary runs");
        // Who is called wrongly ends without having read: what it says and ends with is what counts.
        if let Err(error) = child.stdin.take().expect("piped").write_all(input) {
            assert_eq!(error.kind(), std::io::ErrorKind::BrokenPipe, "the binary reads: {error}");
        }
        outcome(child.wait_with_output().expect("the binary ends"))
    }
}

fn outcome(output: Output) -> Outcome {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Outcome { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
}

fn demo() -> Folder {
    let folder = Folder::new(&[]);
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/demo");
    let mut folders = vec![demo.clone()];
    while let Some(next) = folders.pop() {
        for entry in std::fs::read_dir(next).expect("the demo") {
            let path = entry.expect("the demo").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(&demo).expect("in the demo").to_string_lossy().replace('\\', "/");
                folder.write(&name, &std::fs::read(&path).expect("the demo"));
            }
        }
    }
    folder
}

/// A template without mistakes is 0, nothing to check 3, a broken file 2, whatever the format.
#[test]
fn exit_codes_do_not_depend_on_the_format() {
    let clean = Folder::new(&[("app.yaml", CLEAN)]);
    let broken = Folder::new(&[("app.yaml", CLEAN), ("bad.yaml", "Resources:\n  A: {Type: AWS::S3::Bucket\n  B: ]\n")]);
    let nothing = Folder::new(&[("values.yaml", "replicas: 2\n"), ("notes.txt", "Resources:")]);
    for format in ["human", "concise", "json", "jsonl", "sarif", "github", "gitlab", "junit", "markdown", "html"] {
        for (folder, code) in [(&clean, 0), (&broken, 2), (&nothing, 3)] {
            let got = folder.run(&["check", "--format", format]);
            assert_eq!(got.code, code, "{format}: {}{}", got.out, got.err);
        }
    }
}

/// A broken file is told with line and column, the others are checked all the same, and it can be tolerated.
#[test]
fn a_broken_file_never_passes_unseen() {
    let folder = Folder::new(&[("app.yaml", CLEAN), ("bad.yaml", "Resources:\n  A: {Type: AWS::S3::Bucket\n  B: ]\n")]);
    let got = folder.run(&["check", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&got.out).expect("JSON");
    assert_eq!(got.code, 2);
    assert!(json["summary"]["checked"]["cloudformation"].as_u64().is_some_and(|count| count >= 1), "{json}");
    assert_eq!(json["summary"]["broken"], 1);
    assert_eq!(json["errors"][0]["file"], "bad.yaml");
    assert!(json["errors"][0]["line"].as_u64().is_some_and(|line| line >= 2), "{json}");
    assert_eq!(folder.run(&["check", "--allow-broken"]).code, 0);
}

/// What a template takes from elsewhere and is not there is told of, with its place: nothing was found in it, since nothing
/// was looked at.
#[test]
fn what_was_not_seen_is_told() {
    let service = "service: x\nprovider: {name: aws, runtime: nodejs22.x}\nfunctions: ${file(gone.yml)}\n";
    let macros = "Transform: MyMacro\nResources:\n  B: {Type: AWS::SNS::Topic, Properties: {KmsMasterKeyId: k}}\n";
    let outside = "service: y\nprovider: {name: aws, runtime: nodejs22.x, environment: '${file(../x.yml)}'}\nfunctions: {f: {handler: a.b}}\n";
    let folder =
        Folder::new(&[("serverless.yml", service), ("macro.yaml", macros), ("outside/serverless.yml", outside)]);
    let got = folder.run(&["check", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&got.out).expect("JSON");
    let notes = json["notes"].as_array().expect("a list").iter();
    let notes: Vec<_> =
        notes.map(|n| format!("{}:{}:{}", n["file"], n["line"], n["message"]).replace('"', "")).collect();
    for said in [
        "macro.yaml:1:not all of it was checked: a macro may change the template",
        "serverless.yml:3:not all of it was checked: `${file(gone.yml)}` is not read: there may be anything in it",
        "outside/serverless.yml:2:not all of it was checked: `../x.yml` is not read",
    ] {
        assert!(notes.iter().any(|note| note == said), "{notes:#?}");
    }
    let human = folder.run(&["check"]).out;
    let said = "note: not all of it was checked: a macro may change the template\n";
    let place = human.split_once(said).map(|(_, after)| after.lines().next().unwrap_or_default());
    assert!(place.is_some_and(|place| place.ends_with(" macro.yaml:1:12")), "{human}");
    for format in ["concise", "markdown", "github", "azure", "gitlab-sast", "jsonl", "sarif", "html"] {
        let report = folder.run(&["check", "--format", format]).out;
        assert!(report.contains("not all of it was checked"), "{format}: {report}");
    }
}

/// What the template of a stack set says about its own findings counts, and so does what stands around the stack set.
#[test]
fn stack_sets_silence_their_own() {
    let template = |above: &str, inside: &str| {
        format!(
            "{above}Resources:\n  Set:\n    Type: AWS::CloudFormation::StackSet\n    Properties:\n      TemplateBody: |\n        Resources:\n{inside}          Queue:\n            Type: AWS::SQS::Queue\n            Properties: {{SqsManagedSseEnabled: false}}\n"
        )
    };
    for (above, inside, code) in [
        ("", "", 1),
        ("", "          # portcullis: ignore[sqs-queue-unencrypted] -- nothing in it\n", 0),
        ("# portcullis: ignore-file[sqs-queue-unencrypted] -- nothing in it\n", "", 0),
        ("# portcullis: ignore-file[sqs-queue-no-dlq] -- nothing in it\n", "", 1),
    ] {
        let folder = Folder::new(&[("app.yaml", &template(above, inside))]);
        let got = folder.run(&["check", "--fail-on", "medium", "--select", "sqs-queue-unencrypted"]);
        assert_eq!(got.code, code, "{}", got.out);
    }
}

/// A stack beside its template is the same text as the one that is published: what its parent passes counts.
#[test]
fn published_stacks_are_judged_beside_their_parents() {
    let parent = |url: &str, passed: &str| {
        format!(
            "Parameters:\n  Prefix: {{Type: String, Default: app/}}\nResources:\n  Door:\n    Type: AWS::CloudFormation::Stack\n    Properties:\n      TemplateURL: {url}\n      Parameters: {{{passed}}}\n"
        )
    };
    let child = "Parameters:\n  From: {Type: String}\nResources:\n  Group:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      GroupDescription: of the door\n      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref From}]\n";
    let everyone = "From: 0.0.0.0/0";
    for (url, passed, file, code) in [
        ("https://bucket.s3.eu-central-1.amazonaws.com/app/stacks/door.yaml", everyone, "main/stacks/door.yaml", 1),
        ("https://s3.amazonaws.com/bucket/main/door.yaml?versionId=1", everyone, "main/door.yaml", 1),
        ("!Sub 'https://b.s3.${AWS::Region}.${AWS::URLSuffix}/${Prefix}door.yaml'", everyone, "main/door.yaml", 1),
        ("!Sub 'https://b.s3.${AWS::URLSuffix}/${Prefix}stacks/door.yaml'", everyone, "stacks/door.yaml", 1),
        ("!Sub '${Missing}/door.yaml'", everyone, "main/door.yaml", 1),
        // The console puts the time before the name that it uploads.
        (
            "https://s3.amazonaws.com/cf-templates-1abcdefghijkl-eu-west-1/2016165ZJd-door.yaml",
            everyone,
            "main/door.yaml",
            1,
        ),
        (
            "https://cf-templates-1a.s3.eu-west-1.amazonaws.com/2024-03-05T171437.246Zu4z-door.yaml",
            everyone,
            "main/door.yaml",
            1,
        ),
        ("https://bucket.s3.eu-west-1.amazonaws.com/2016165ZJd-door.yaml", everyone, "main/door.yaml", 0),
        ("https://s3.amazonaws.com/cf-templates-1a-eu-west-1/2016165ZJd-the-door.yaml", everyone, "main/door.yaml", 0),
        // Another file of the same name: it lacks a parameter, or needs more.
        ("https://b.s3.amazonaws.com/door.yaml", "From: 0.0.0.0/0, Port: 22", "main/door.yaml", 0),
        ("https://b.s3.amazonaws.com/door.yaml", "", "main/door.yaml", 0),
        ("https://b.s3.amazonaws.com/window.yaml", everyone, "main/door.yaml", 0),
    ] {
        let folder = Folder::new(&[("main/main.yaml", &parent(url, passed)), (file, child)]);
        let got = folder.run(&["check", "--select", "sg-open-ssh"]);
        assert_eq!(got.code, code, "{url}: {}", got.out);
    }
}

/// What a stack is passed does not take its edits away.
#[test]
fn nested_stacks_are_mended() {
    let main = "Resources:\n  Table:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: table.yaml, Parameters: {Name: a}}\n";
    let table = "Parameters:\n  Name: {Type: String}\nResources:\n  Table:\n    Type: AWS::DynamoDB::Table\n    Properties:\n      TableName: !Ref Name\n";
    let folder = Folder::new(&[("main.yaml", main), ("table.yaml", table)]);
    let got = folder.run(&["check", "--select", "dynamodb-deletion-unprotected", "--fix", "--diff", "."]);
    assert!(got.out.contains("+      DeletionProtectionEnabled: true"), "{}{}", got.out, got.err);
}

/// A service with a name of its own is deployed with `--config`, from a folder above it; one with the usual name is not.
#[test]
fn services_may_be_deployed_from_above() {
    let service = "service: x\nprovider: ${file(sls/provider.yml)}\nfunctions:\n  f: {handler: a.b}\n";
    let provider = "name: aws\nruntime: python3.7\n";
    for (name, code) in [("sls/csv.yml", 1), ("sls/deep/csv.yml", 1), ("csv.yml", 1), ("sls/serverless.yml", 0)] {
        let folder = Folder::new(&[(name, service), ("sls/provider.yml", provider)]);
        let got = folder.run(&["check", "--select", "lambda-deprecated-runtime"]);
        assert_eq!(got.code, code, "{name}: {}", got.out);
    }
}

/// One password that several databases inherit is one finding, whichever of them each rule meets first.
#[test]
fn what_many_inherit_is_told_by_one_rule() {
    let service = "\
service: x
provider: {name: aws, runtime: nodejs24.x}
custom:
  password: hunter2-is-long
resources:
  Resources:
    Cluster:
      Type: AWS::RDS::DBCluster
      Properties: {Engine: aurora-mysql, MasterUsername: a, MasterUserPassword: '${self:custom.password}'}
    Database:
      Type: AWS::RDS::DBInstance
      Properties: {Engine: mysql, MasterUsername: a, MasterUserPassword: '${self:custom.password}'}
";
    let folder = Folder::new(&[("serverless.yml", service)]);
    let got = folder.run(&["check", "--format", "concise", "--profile", "all"]).out;
    let told: Vec<&str> = got.lines().filter(|line| line.starts_with("serverless.yml:4:13:")).collect();
    assert!(matches!(told.as_slice(), [one] if one.contains("rds-plaintext-password")), "{told:#?}");
}

/// What was named must be there and be a template; what was found by walking need not be.
#[test]
fn what_was_named_must_be_a_template() {
    let folder = Folder::new(&[("app.yaml", CLEAN), ("values.yaml", "replicas: 2\n")]);
    assert_eq!(folder.run(&["check"]).code, 0);
    assert_eq!(folder.run(&["check", "app.yaml", "values.yaml"]).code, 2);
    assert_eq!(folder.run(&["check", "missing.yaml"]).code, 2);
    assert_eq!(folder.run(&["check", "--skip-non-templates", "values.yaml"]).code, 0);
    assert_eq!(folder.run(&["check", "--skip-non-templates", "missing.yaml"]).code, 2);
}

/// A serverless.yml of another cloud is called one where it was named; a folder may hold it.
#[test]
fn other_clouds_are_named() {
    let text = "service: s\nprovider: {name: google}\nfunctions: {f: {handler: f}}\n";
    let folder = Folder::new(&[("app.yaml", CLEAN), ("serverless.yml", text)]);
    let walked = folder.run(&["check"]);
    assert!(walked.code == 0 && !walked.out.contains("google"), "{}", walked.out);
    let named = folder.run(&["check", "serverless.yml"]);
    assert!(named.code == 2 && named.out.contains("`google`, which is not AWS"), "{}", named.out);
}

/// What is said of all functions stands above none of them, and each is named.
#[test]
fn what_functions_inherit_names_them() {
    let text = "service: s\nframeworkVersion: '3'\ncustom:\n  hello: x\nprovider:\n  name: aws\n  runtime: python3.7\nfunctions:\n  hello: {handler: a.b}\n  other: {handler: a.c}\n";
    let folder = Folder::new(&[("serverless.yml", text)]);
    let got = folder.run(&["check", "--select", "lambda-deprecated-runtime"]).out;
    assert!(got.contains("`hello` inherits it") && got.contains("`other` inherits it as well"), "{got}");
    assert!(!got.contains("hello: x"), "{got}");
}

/// The runtime of all of SAM's functions is mended where it stands.
#[test]
fn globals_are_mended() {
    let text = "Transform: AWS::Serverless-2016-10-31\nGlobals: {Function: {Runtime: python3.7}}\nResources:\n  A: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, CodeUri: x}}\n  B: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, CodeUri: x, Layers: [!Ref L]}}\n";
    for (text, mended) in [(text.to_owned(), false), (text.replace(", Layers: [!Ref L]", ""), true)] {
        let folder = Folder::new(&[("app.yaml", &text)]);
        let got = folder.run(&["check", "--select", "lambda-deprecated-runtime", "--fix=all", "--diff"]).out;
        assert_eq!(got.contains("+Globals: {Function: {Runtime: python3.14}}"), mended, "{got}");
    }
}

/// What holds whatever a parameter is, is told without its value.
#[test]
fn every_value_is_no_condition() {
    let text = "Parameters: {Stage: {Type: String, AllowedValues: [dev, prod]}}\nResources:\n  R:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Statement:\n          - {Effect: Allow, Action: [iam:AttachRolePolicy, iam:PutRolePolicy, iam:CreateRole, iam:PassRole], Resource: !Sub 'arn:aws:iam::*:role/hub-*-${Stage}'}\n";
    let run = |text: &str| {
        let folder = Folder::new(&[("app.yaml", text)]);
        folder.run(&["check", "--select", "iam-privilege-escalation"]).out
    };
    let got = run(text);
    assert!(got.contains("iam-privilege-escalation") && !got.contains("when Stage"), "{got}");
    let some = text.replace(
        "!Sub 'arn:aws:iam::*:role/hub-*-${Stage}'",
        "!If [Prod, 'arn:aws:iam::*:role/hub-*', 'arn:aws:s3:::x']",
    );
    let got = run(&some.replace("Resources:\n", "Conditions: {Prod: !Equals [!Ref Stage, prod]}\nResources:\n"));
    assert!(got.contains("iam-privilege-escalation") && got.contains("when "), "{got}");
}

/// A password that others know is not made anew without them.
#[test]
fn shared_passwords_are_left() {
    let text = "Parameters: {Password: {Type: String, Default: hunter22}}\nResources:\n  Db: {Type: AWS::RDS::DBInstance, Properties: {Engine: mysql, MasterUserPassword: !Ref Password}}\n";
    let shop = "  Shop: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {URL: !Sub 'mysql://a:${Password}@b'}}}}\n";
    for (text, mended) in [(text.to_owned(), true), (format!("{text}{shop}"), false)] {
        let folder = Folder::new(&[("app.yaml", &text)]);
        let got = folder.run(&["check", "--select", "rds-plaintext-password", "--fix=all", "--diff"]).out;
        assert_eq!(got.contains("ManageMasterUserPassword: true"), mended, "{got}");
    }
}

/// The files that would be checked are listed, templates only; a path in the place of a command is understood.
#[test]
fn templates_are_listed() {
    let folder = Folder::new(&[
        ("a/app.yaml", CLEAN),
        ("values.yaml", "replicas: 2\n"),
        ("serverless.yml", "service: s\nprovider: {name: aws}\n"),
    ]);
    assert_eq!(folder.run(&["check", "--list-files"]).out, "a/app.yaml\nserverless.yml\n");
    assert_eq!(folder.run(&["check", "--list-files", "-v", "a"]).out, "a/app.yaml\tcloudformation\n");
    let got = folder.run(&["a/app.yaml"]);
    assert!(got.code == 2 && got.err.contains("portcullis check a/app.yaml"), "{}", got.err);
}

/// A call that makes no sense is 2, says why on standard error, and leaves standard output alone.
#[test]
fn wrong_calls_are_told() {
    let folder = Folder::new(&[("app.yaml", CLEAN)]);
    for (args, hint) in [
        (&["check", "--fail-on", "hihg"][..], "high"),
        (&["check", "--select", "no-such-rule"], "no-such-rule"),
        (&["check", "--output", "sarif"], "FORMAT=PATH"),
        (&["check", "--output", "pdf=x.pdf"], "pdf"),
        (&["check", "--output", "json=x", "--output", "sarif=x"], "two reports"),
        (&["check", "--parameter", "Stage"], "NAME=VALUE"),
        (&["check", "--config", "none.toml"], "none.toml"),
        (&["check", "--exclude", "a[b"], "a[b"),
        (&["explain", "no-such-rule"], "no-such-rule"),
        (&["chekc"], "check"),
    ] {
        let got = folder.run(args);
        assert_eq!(got.code, 2, "{args:?}: {}", got.err);
        assert_eq!(got.out, "", "{args:?}");
        assert!(got.err.contains(hint), "{args:?}: {}", got.err);
    }
}

/// A mistake in the configuration stops the run, with its place.
#[test]
fn a_wrong_configuration_stops_the_run() {
    let folder = Folder::new(&[("app.yaml", CLEAN), ("portcullis.toml", "profile = \"default\"\nfail-no = \"low\"\n")]);
    let got = folder.run(&["check"]);
    assert_eq!((got.code, got.out.as_str()), (2, ""));
    assert!(got.err.contains("portcullis.toml:2:1") && got.err.contains("fail-on"), "{}", got.err);
    assert_eq!(folder.run(&["check", "--no-config"]).code, 0);
    let elsewhere = Folder::new(&[("app.yaml", CLEAN), ("ci/strict.toml", "profile = 'strict'\n")]);
    let shown = elsewhere.run(&["config", "show", "--config", "ci/strict.toml"]);
    assert!(shown.out.contains("\"strict\"") && shown.out.contains("ci/strict.toml:1"), "{}", shown.out);
}

/// Standard input is a file like any other, under the name that was given.
#[test]
fn standard_input_is_checked() {
    let folder = Folder::new(&[]);
    let got = folder.fed(&["check", "-", "--stdin-filename", "infra/app.yaml", "-f", "json"], CLEAN.as_bytes());
    assert_eq!(got.code, 0, "{}", got.err);
    let got = folder.fed(&["check", "-", "--stdin-filename", "infra/app.yaml", "-f", "concise"], b"Resources: [}\n");
    assert_eq!(got.code, 2);
    assert!(got.out.contains("infra/app.yaml:1:"), "{}", got.out);
    assert_eq!(folder.fed(&["check", "-"], b"\xff\xfe\x00").code, 2, "not text");
    assert_eq!(folder.fed(&["check", "-", "-"], CLEAN.as_bytes()).code, 0, "twice the same");
    let got = folder.fed(&["check", "--stdin-filename", "infra/app.yaml"], CLEAN.as_bytes());
    assert!(got.code == 2 && got.err.contains("check - --stdin-filename infra/app.yaml"), "{}", got.err);
    let got = folder.fed(&["check", "-", "--fix"], CLEAN.as_bytes());
    assert!(got.code == 2 && got.err.contains("--diff"), "{}", got.err);
    assert_eq!(folder.fed(&["check", "-", "--fix", "--diff"], CLEAN.as_bytes()).code, 0);
}

/// Slips of a shell and of a flag's value are answered with what was meant.
#[test]
fn slips_are_answered() {
    let folder = Folder::new(&[("a.yaml", CLEAN)]);
    let got = folder.run(&["check", "infra/*.yaml", "-f", "concise"]);
    assert!(got.code == 2 && got.out.contains("name a folder"), "{}", got.out);
    let got = folder.run(&["check", "--fix", "all", "a.yaml"]);
    assert!(got.code == 2 && got.err.contains("`--fix=all`"), "{}", got.err);
}

/// A list of whatever changed may hold prose and programs that speak of templates, and pictures; and nothing.
#[test]
fn what_changed_may_be_anything() {
    let prose = "# Use\n\n```yaml\nResources:\n  A:\n    Type: AWS::S3::Bucket\n```\n";
    let broken = "Resources:\n  A: {Type: AWS::S3::Bucket\n  B: ]\n";
    let folder = Folder::new(&[("README.md", prose), ("a.yaml", CLEAN), ("b.yaml", broken), ("stack.cfn", CLEAN)]);
    folder.write("logo.png", b"\x89PNG\r\n\x1a\n\xff AWS::");
    let changed = |list: &[u8]| folder.fed(&["check", "--skip-non-templates", "--files-from", "-", "-v"], list);
    let got = changed(b"README.md\nlogo.png\na.yaml\nstack.cfn\n");
    assert_eq!(got.code, 0, "{}{}", got.out, got.err);
    assert!(got.out.contains("checked 2 CloudFormation templates"), "{}", got.out);
    assert!(got.err.contains("README.md: skipped") && got.err.contains("a.yaml: checked: "), "{}", got.err);
    assert_eq!(changed(b"README.md\nb.yaml\n").code, 2, "a broken template");
    assert_eq!(changed(b"").code, 0, "nothing changed");
    assert_eq!(folder.run(&["check", "README.md"]).code, 2, "it was named");
}

/// What is no text is a broken template when it speaks like one, and somebody's fixture otherwise.
#[test]
fn other_texts_are_left_alone() {
    let folder = Folder::new(&[("a.yaml", CLEAN)]);
    folder.write("fixtures/old.json", b"{\"name\": \"caf\xe9\"}");
    let got = folder.run(&["check"]);
    assert!(got.code == 0 && got.out.contains("1 file skipped"), "{}", got.out);
    assert_eq!(folder.run(&["check", "fixtures/old.json"]).code, 2, "it was named");
    folder.write("old.json", b"{\"Resources\": {\"A\": {\"Type\": \"AWS::S3::Bucket\", \"x\": \"caf\xe9\"}}}");
    assert_eq!(folder.run(&["check"]).code, 2);
}

/// Nothing deploys a second document of a file, and nobody takes it for checked.
#[test]
fn second_documents_are_told() {
    let folder =
        Folder::new(&[("a.yaml", &format!("{CLEAN}---\n{}", readable(1))), ("b.yaml", &format!("{CLEAN}---\n"))]);
    let got = folder.run(&["check"]);
    assert!(
        got.code == 0 && got.out.contains("only the first document") && got.out.contains("a.yaml:6:1"),
        "{}",
        got.out
    );
    assert!(!got.out.contains("b.yaml"), "{}", got.out);
}

/// Paths come from a list as well, which may be standard input; an empty list is no request for everything.
#[test]
fn paths_come_from_a_list() {
    let folder = Folder::new(&[("a.yaml", CLEAN), ("b.yaml", CLEAN), ("list.txt", "a.yaml\n\n")]);
    let checked = |got: &Outcome| {
        let json: serde_json::Value = serde_json::from_str(&got.out).expect("JSON");
        json["summary"]["checked"]["cloudformation"].clone()
    };
    assert_eq!(checked(&folder.run(&["check", "-f", "json", "--files-from", "list.txt"])), 1);
    assert_eq!(checked(&folder.fed(&["check", "-f", "json", "--files-from", "-"], b"a.yaml\r\nb.yaml\r\n")), 2);
    let got = folder.fed(&["check", "--files-from", "-"], b"\n");
    assert!(got.code == 3 && got.err.contains("what `-` lists"), "{}", got.err);
    assert_eq!(checked(&folder.run(&["check", "-f", "json", "--exclude", "b.*"])), 1);
}

/// Several reports come from one pass; folders are made, files are replaced whole, nothing is left lying about.
#[test]
fn reports_are_written_to_files() {
    let folder = demo();
    folder.write("out/report.json", b"old");
    let args =
        ["check", "-f", "concise", "-o", "json=out/report.json", "-o", "sarif=out/deep/er.sarif", "-o", "junit=j.xml"];
    let got = folder.run(&args);
    let json: serde_json::Value = serde_json::from_str(&folder.read("out/report.json")).expect("JSON");
    assert_eq!(json["schema"], "portcullis/1");
    let sarif: serde_json::Value = serde_json::from_str(&folder.read("out/deep/er.sarif")).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    assert!(folder.read("j.xml").starts_with("<?xml"));
    let names: Vec<_> = std::fs::read_dir(folder.path("out"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(names.iter().filter(|name| name.contains("tmp")).count(), 0, "{names:?}");
    assert_eq!(got.out.lines().filter(|line| line.contains("\"schema\"")).count(), 0);
}

/// The same input gives the same bytes, on one core or many, and nothing of the machine is in them.
#[test]
fn reports_are_reproducible() {
    let folder = demo();
    for format in ["human", "concise", "json", "jsonl", "sarif", "github", "gitlab", "gitlab-sast", "junit", "html"] {
        let one = folder.run(&["check", "-j1", "-f", format]);
        let many = folder.run(&["check", "-j8", "-f", format, "."]);
        assert_eq!(one.out, many.out, "{format}");
        assert_eq!(one.code, many.code);
        let here = folder.root.path().to_string_lossy().into_owned();
        assert!(!one.out.contains(&here), "{format} tells where it ran");
    }
}

/// Machines' formats are a valid document when there is nothing to tell, and nothing else is on standard output.
#[test]
fn an_empty_report_is_a_document() {
    let folder = Folder::new(&[("app.yaml", CLEAN)]);
    for format in ["json", "sarif", "gitlab", "gitlab-sast", "sonar", "rdjson"] {
        let got = folder.run(&["check", "-v", "-f", format]);
        assert!(serde_json::from_str::<serde_json::Value>(&got.out).is_ok(), "{format}: {}", got.out);
    }
    for format in ["junit", "checkstyle"] {
        assert!(folder.run(&["check", "-f", format]).out.starts_with("<?xml"), "{format}");
    }
    assert_eq!(folder.run(&["check", "-f", "jsonl"]).out.lines().filter(|line| line.contains("rule")).count(), 0);
}

/// Twice quiet says it by the exit code alone.
#[test]
fn the_exit_code_can_say_it_alone() {
    let folder = Folder::new(&[("values.yaml", "a: 1\n")]);
    let got = folder.run(&["check", "-qq"]);
    assert_eq!((got.code, got.out.as_str(), got.err.as_str()), (3, "", ""));
}

/// Colours: none in a pipe, on request always, and the environment is heeded.
#[test]
fn colours_are_asked_for() {
    let folder = demo();
    let coloured = |args: &[&str], variable: Option<(&str, &str)>| {
        let mut command = folder.command(args);
        if let Some((name, value)) = variable {
            command.env(name, value);
        }
        outcome(command.output().expect("the binary runs")).out.contains('\u{1b}')
    };
    assert!(!coloured(&["check"], None));
    assert!(coloured(&["check", "--color", "always"], None));
    assert!(coloured(&["check", "--color", "always"], Some(("NO_COLOR", "1"))), "the flag wins");
    assert!(coloured(&["check"], Some(("FORCE_COLOR", "1"))));
    assert!(coloured(&["check"], Some(("CLICOLOR_FORCE", "1"))));
    assert!(!coloured(&["check"], Some(("FORCE_COLOR", "0"))));
    assert!(!coloured(&["check", "--color", "never"], Some(("FORCE_COLOR", "1"))));
    assert!(!coloured(&["check", "-f", "json", "--color", "always"], None), "JSON has no colours");
}

/// A reader that goes away, as `head` does, is no error and no panic.
#[test]
fn a_closed_pipe_is_quiet() {
    let folder = demo();
    let mut command = folder.command(&["check", "-f", "sarif"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    drop(child.stdout.take());
    let got = outcome(child.wait_with_output().expect("the binary ends"));
    assert_eq!(got.err, "");
    assert!([0, 1].contains(&got.code), "{}", got.code);
}

/// The beginning of a configuration is one that holds, and is never written over another.
#[test]
fn a_configuration_is_begun_once() {
    let folder = Folder::new(&[("app.yaml", CLEAN)]);
    assert_eq!(folder.run(&["config", "init"]).code, 0);
    assert!(folder.read("portcullis.toml").contains("fail-on"));
    assert_eq!(folder.run(&["check"]).code, 0);
    assert_eq!(folder.run(&["config", "init"]).code, 2);
    let schema: serde_json::Value = serde_json::from_str(&folder.run(&["config", "schema"]).out).expect("JSON");
    assert!(schema["properties"]["fail-on"].is_object());
}

/// `lower` prints the template that is deployed, and can say where each resource comes from.
#[test]
fn a_file_is_lowered() {
    let folder = Folder::new(&[("app.yaml", CLEAN)]);
    let got = folder.run(&["lower", "app.yaml", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&got.out).expect("JSON");
    assert_eq!(json["Resources"]["Wait"]["Type"], "AWS::CloudFormation::WaitConditionHandle");
    assert!(folder.run(&["lower", "app.yaml", "--explain"]).out.contains("app.yaml:3:3"));
    assert_eq!(folder.run(&["lower", "missing.yaml"]).code, 2);
}

/// Shells and manuals get what they want to know.
#[test]
fn shells_and_manuals_are_served() {
    let folder = Folder::new(&[]);
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let got = folder.run(&["completions", shell]);
        assert!(got.code == 0 && got.out.contains("portcullis"), "{shell}");
    }
    let manual = folder.run(&["man"]).out;
    for part in [".TH portcullis 1", "portcullis check", "portcullis explain", "fail", "Exit codes"] {
        assert!(manual.contains(part), "{part}");
    }
    assert!(!manual.contains("portcullis lower"), "a hidden command is hidden");
    assert!(folder.run(&["--version"]).out.starts_with("portcullis "));
    assert_eq!(folder.run(&["--help"]).code, 0);
}

/// Every rule is listed and explained, in each form.
#[test]
fn rules_are_listed_and_explained() {
    let folder = Folder::new(&[]);
    let list: serde_json::Value = serde_json::from_str(&folder.run(&["rules", "--format", "json"]).out).expect("JSON");
    let rules = list.as_array().expect("a list");
    assert_eq!(folder.run(&["rules"]).out.lines().count(), rules.len());
    let Some(name) = rules.first().and_then(|rule| rule["name"].as_str()) else { return };
    for format in ["human", "markdown", "json"] {
        let got = folder.run(&["explain", name, "--format", format]);
        assert!(got.code == 0 && got.out.contains(name), "{format}: {}", got.err);
    }
    let near = folder.run(&["explain", &format!("{name}s")]);
    assert!(near.code == 2 && near.err.contains("did you mean"), "{}", near.err);
}

/// `permissions` shows who may do what, with wildcards counted, for people and for scripts.
#[test]
fn permissions_are_shown() {
    let folder = demo();
    let got = folder.run(&["permissions"]);
    assert_eq!(got.code, 0, "{}", got.err);
    let line = got.out.lines().find(|line| line.contains("dynamodb:*")).expect("the demo's widest grant");
    assert!(line.contains("actions)") && line.contains("on *") && line.contains("line 33"), "{line}");
    assert!(got.out.contains("CreateOrder, ShipOrder  as OrdersRole  (shared by 2)"), "{}", got.out);
    let json: serde_json::Value =
        serde_json::from_str(&folder.run(&["permissions", "--format", "json", "cloudformation"]).out).expect("JSON");
    let create = json.as_array().and_then(|all| all.iter().find(|a| a["resource"] == "CreateOrder"));
    let create = create.expect("the demo's function");
    assert_eq!(create["roles"][0]["shared_with"], serde_json::json!(["ShipOrder"]));
    assert_eq!(create["roles"][0]["grants"][0]["actions"], serde_json::json!(["dynamodb:*"]));
    assert_eq!(create["invoked_by"][0]["anyone"], serde_json::json!(true));
    assert_eq!(create["roles"][0]["reaches"][1]["actions"], serde_json::json!(["s3:GetObject", "s3:PutObject"]));
    assert_eq!(Folder::new(&[]).run(&["permissions"]).code, 3);
}

/// A map that leaves out a broken file says so, where it broke, and is no success; what is nobody's template is left alone.
#[test]
fn permissions_of_a_broken_file() {
    let whole = "Resources:\n  R:\n    Type: AWS::IAM::Role\n    Properties: {AssumeRolePolicyDocument: {}}\n";
    let cut = format!("{whole}  F:\n    Type: [AWS::Lambda::Function\n");
    let folder = Folder::new(&[("cut.yaml", &cut), ("whole.yaml", whole), ("chart.yaml", "{{ range }}\n a: [b\n")]);
    for args in [&["permissions"][..], &["permissions", "cut.yaml", "--format", "json"]] {
        let got = folder.run(args);
        assert_eq!(got.code, 2, "{}", got.err);
        assert!(got.err.contains("cut.yaml:") && !got.err.contains("chart.yaml"), "{}", got.err);
    }
    assert_eq!(folder.run(&["permissions", "whole.yaml"]).code, 0);
    assert_eq!(folder.run(&["permissions", "chart.yaml"]).code, 2);
}

/// The map as a picture: for Markdown, for Graphviz, and as a page that needs nothing else.
#[test]
fn permissions_are_drawn() {
    let folder = demo();
    let drawn = |format: &str| folder.run(&["permissions", "--format", format]).out;
    let mermaid = drawn("mermaid");
    assert!(mermaid.starts_with("flowchart LR\n") && mermaid.contains("-->|\"GetObject, PutObject\"|"), "{mermaid}");
    let dot = drawn("dot");
    assert!(dot.starts_with("digraph permissions {") && dot.ends_with("}\n"), "{dot}");
    assert_eq!(dot.matches('{').count(), dot.matches('}').count(), "{dot}");
    let page = drawn("html");
    assert!(page.contains("default-src 'none'") && page.contains("<svg "), "{page}");
    assert!(!page.contains("http://") && !page.contains("https://") && !page.contains("url("), "nothing is fetched");
    assert_eq!(page, drawn("html"), "the same page every time");
}

/// Findings are 1 from `--fail-on` upwards, and selection decides what is a finding.
#[test]
fn findings_fail_the_run() {
    let folder = Folder::new(&[("app.yaml", &readable(2)), ("rules/house-bucket-readable.yaml", RULE)]);
    let got = folder.check(&["-f", "json"]);
    let json: serde_json::Value = serde_json::from_str(&got.out).expect("JSON");
    assert_eq!((got.code, json["findings"].as_array().map(Vec::len)), (1, Some(2)), "{}{}", got.out, got.err);
    let finding = &json["findings"][0];
    assert_eq!(finding["rule"], "house-bucket-readable");
    assert_eq!((finding["file"].as_str(), finding["resource"].as_str()), (Some("app.yaml"), Some("B1")));
    assert_eq!(finding["start"]["line"], 4);
    for (args, code) in [
        (&["--fail-on", "high"][..], 1),
        (&["--fail-on", "critical"], 0),
        (&["--fail-on", "never"], 0),
        (&["--min-severity", "critical"], 0),
        (&["--ignore", "house-bucket-readable"], 0),
        (&["--exclude", "app.yaml"], 3),
    ] {
        assert_eq!(folder.check(args).code, code, "{args:?}");
    }
    let counted = folder.check(&["--statistics"]);
    assert_eq!(counted.code, 1);
    assert!(counted.out.contains("     2  high      house-bucket-readable"), "{}", counted.out);
}

/// Findings are counted by what a framework asks for, and what it asks for without finding anything is there.
#[test]
fn findings_are_counted_by_controls() {
    let rule = RULE.replace(
        "category: exposure\n",
        "category: exposure\ncompliance: {house-2.0: ['1.10', '1.9', B], other: [x]}\n",
    );
    let quiet = RULE
        .replace("name: house-bucket-readable", "name: house-bucket-quiet")
        .replace("category: exposure\n", "category: exposure\ncompliance: {house-2.0: ['1.9', '2']}\n")
        .replace("PublicRead", "LogDeliveryWrite");
    let folder = Folder::new(&[
        ("app.yaml", &readable(2)),
        ("rules/house-bucket-readable.yaml", &rule),
        ("rules/house-bucket-quiet.yaml", &quiet),
    ]);
    let counted = |more: &[&str]| {
        folder.run(&[&["check", "--no-config", "--rules", "rules", "--statistics=controls"], more].concat())
    };
    let text = counted(&["--select", "pack:house"]);
    assert_eq!(text.code, 1, "{}", text.err);
    let wanted = "     2  house-2.0  B     house-bucket-readable\n     2  house-2.0  1.9   house-bucket-readable\n     \
                  2  house-2.0  1.10  house-bucket-readable\n     0  house-2.0  2\n3 of 4 controls that a template can answer have findings\n";
    assert_eq!(text.out, wanted);
    let json: serde_json::Value =
        serde_json::from_str(&counted(&["--select", "pack:house-2.0", "-f", "json"]).out).expect("JSON");
    let row = |control: &str, count: u64, rules: serde_json::Value| serde_json::json!({"framework": "house-2.0", "control": control, "count": count, "rules": rules});
    let found = serde_json::json!({"house-bucket-readable": 2});
    let wanted = [
        row("B", 2, found.clone()),
        row("1.9", 2, found.clone()),
        row("1.10", 2, found),
        row("2", 0, serde_json::json!({})),
    ];
    assert_eq!(json, serde_json::Value::from(wanted.to_vec()));
    let lost = counted(&["--select", "house-bucket-readable"]);
    assert!(lost.code == 2 && lost.err.contains("--select pack:"), "{}", lost.err);
}

/// Rules of a folder are listed, explained, and tested by their own examples.
#[test]
fn own_rules_are_rules() {
    let wrong = RULE.replace("AccessControl: PublicRead # <--", "AccessControl: Private # <--");
    let folder = Folder::new(&[
        ("rules/house-bucket-readable.yaml", RULE),
        ("wrong/house-bucket-readable.yaml", &wrong),
        ("broken/x.yaml", "name: x\nchek: 1\n"),
    ]);
    assert_eq!(folder.run(&["test", "rules"]).code, 0);
    let one = folder.run(&["test", "rules/house-bucket-readable.yaml"]);
    assert!(one.code == 0 && one.out.starts_with("1 rule, "), "{}{}", one.out, one.err);
    assert_eq!(folder.run(&["test", "wrong"]).code, 1);
    // A property that nobody has is never found, whatever its examples say.
    let spelt = RULE.replace("AccessControl:", "AccesControl:");
    let misspelt = Folder::new(&[
        ("r/house-bucket-readable.yaml", &spelt),
        ("t.yaml", "Resources: {B: {Type: AWS::S3::Bucket}}\n"),
    ]);
    let test = misspelt.run(&["test", "r"]);
    assert!(test.code == 2 && test.out.contains("did you mean `AccessControl`?"), "{}{}", test.out, test.err);
    let check = misspelt.run(&["check", "--rules", "r", "--select", "house-bucket-readable", "t.yaml"]);
    assert!(check.code == 0 && check.err.contains("has no property `AccesControl`"), "{}{}", check.out, check.err);
    let broken = folder.run(&["test", "broken"]);
    assert!(broken.code == 2 && broken.out.contains("broken/x.yaml:"), "{}", broken.out);
    assert_eq!(folder.run(&["test", "missing"]).code, 2);
    assert_eq!(folder.run(&["test"]).code, 0, "the built-in rules hold");
    assert!(folder.run(&["rules", "--rules", "rules"]).out.contains("house-bucket-readable"));
    assert_eq!(folder.run(&["explain", "house-bucket-readable", "--rules", "rules"]).code, 0);
}

/// A mark may say which severity a finding must have, and nothing else.
#[test]
fn examples_say_severities() {
    let marked = |word: &str| RULE.replace("# <--", &format!("# <-- {word}"));
    let test = |rule: &str| Folder::new(&[("r/house-bucket-readable.yaml", rule)]).run(&["test", "r"]);
    assert_eq!(test(&marked("high")).code, 0);
    let other = test(&marked("low"));
    assert!(other.code == 1 && other.out.contains("line 5 is high, not low"), "{}", other.out);
    let misspelt = test(&marked("hihg"));
    assert!(misspelt.code == 2 && misspelt.out.contains("did you mean `high`?"), "{}", misspelt.out);
    let shown = Folder::new(&[("r/house-bucket-readable.yaml", &marked("high"))]);
    let shown = shown.run(&["explain", "house-bucket-readable", "--rules", "r"]);
    assert!(shown.out.contains("AccessControl: PublicRead\n"), "{}", shown.out);
}

/// A folder that is named twice is read once, one without rules is told of, and a rule must not take a built-in one's name.
#[test]
fn folders_of_rules_are_what_they_seem() {
    let bucket = readable(1);
    let taken = RULE.replace("house-bucket-readable", "s3-bucket-no-versioning");
    let folder = Folder::new(&[
        ("portcullis.toml", "rules-dirs = ['rules']\n"),
        ("rules/house-bucket-readable.yaml", RULE),
        ("rules/README.md", "# Our rules\n"),
        ("empty/README.md", "# None yet\n"),
        ("taken/s3-bucket-no-versioning.yaml", &taken),
        ("t.yaml", &bucket),
    ]);
    let twice = folder.run(&["check", "--rules", "rules", "--select", "house-bucket-readable", "t.yaml"]);
    assert_eq!(twice.code, 1, "{}{}", twice.out, twice.err);
    let empty = folder.run(&["check", "--no-config", "--rules", "empty", "--select", "sqs", "t.yaml"]);
    assert!(empty.err.contains("no rule file (`.yaml`, `.yml`) in `empty`"), "{}{}", empty.out, empty.err);
    let taken = folder.run(&["test", "taken"]);
    assert!(taken.code == 2 && taken.out.contains("exists already"), "{}{}", taken.out, taken.err);
}

/// What a template as a whole lacks stays accepted when something else comes to stand first in it.
#[test]
fn a_baseline_knows_what_a_template_lacks() {
    let rule = RULE
        .replace("on: AWS::S3::Bucket", "on: Template")
        .replace("AccessControl: [PublicRead, PublicReadWrite]", "Metadata.Team: absent");
    let rule = rule.split("examples:").next().expect("it has a check").to_owned();
    let folder = Folder::new(&[("rules/house-bucket-readable.yaml", &rule), ("t.yaml", &readable(1))]);
    assert_eq!(folder.run(&[&["baseline"], ONLY].concat()).code, 0);
    folder.write("t.yaml", format!("Description: a bucket\n{}", readable(1)).as_bytes());
    let known = folder.check(&["--baseline", "portcullis-baseline.json"]);
    assert_eq!(known.code, 0, "{}", known.out);
}

/// The configuration that the manual shows is one.
#[test]
fn the_manual_shows_a_configuration() {
    let manual = include_str!("../../docs/configuration.md");
    let shown = manual.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("it shows one");
    let folder = Folder::new(&[
        ("portcullis.toml", shown),
        ("parameters/prod.json", "{}"),
        ("policies/house-bucket-readable.yaml", RULE),
        ("t.yaml", CLEAN),
    ]);
    let outcome = folder.run(&["check", "t.yaml"]);
    assert_eq!(outcome.code, 0, "{}{}", outcome.out, outcome.err);
}

/// An action that is like nothing known is less sure to be a mistake when the table of actions is old; a misspelt one is one still.
#[test]
fn actions_of_another_year() {
    let policy = "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Statement:\n          - {Effect: Allow, Action: ['lambda:InvokeFunctionn', 's3files:Zzz'], Resource: '*'}\n";
    let folder = Folder::new(&[("p.yaml", policy)]);
    let told = |day: &str, least: &str| {
        let select = ["check", "--select", "iam-unknown-action", "--format", "concise"];
        let out = folder.run(&[&select[..], &["--today", day, "--min-confidence", least]].concat()).out;
        ["InvokeFunctionn", "Zzz"].map(|name| out.contains(name))
    };
    assert_eq!(told("2026-12-24", "medium"), [true, true]);
    assert_eq!((told("2099-01-01", "medium"), told("2099-01-01", "low")), ([true, false], [true, true]));
}

/// What a baseline accepts is not reported; what is new is; it shrinks by itself and grows only when told.
#[test]
fn a_baseline_accepts_what_was_there() {
    let folder = Folder::new(&[("app.yaml", &readable(2)), ("rules/house-bucket-readable.yaml", RULE)]);
    let baseline = |args: &[&str]| folder.run(&[&["baseline"], ONLY, args].concat());
    assert_eq!(baseline(&[]).code, 0);
    let known = ["--baseline", "portcullis-baseline.json"];
    assert_eq!(folder.check(&known).code, 0);
    assert_eq!(folder.check(&[]).code, 1);
    folder.write("app.yaml", readable(3).as_bytes());
    let got = folder.check(&[&known[..], &["-f", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&got.out).expect("JSON");
    assert_eq!((got.code, json["findings"][0]["resource"].as_str()), (1, Some("B3")), "{json}");
    assert_eq!(json["summary"]["suppressed"], 2);
    let grown = baseline(&[]);
    assert!(grown.code == 2 && grown.err.contains("--allow-growth"), "{}", grown.err);
    assert_eq!(baseline(&["--allow-growth"]).code, 0);
    assert_eq!(folder.check(&known).code, 0);
    folder.write("app.yaml", readable(1).as_bytes());
    let fewer = folder.check(&known);
    assert!(fewer.code == 0 && fewer.err.contains("2 findings"), "{}", fewer.err);
    assert_eq!(baseline(&[]).code, 0);
    assert_eq!(folder.read("portcullis-baseline.json").matches("house-bucket-readable").count(), 1);
    folder.write("other.json", b"{\"schema\": 1}");
    assert_eq!(folder.check(&["--baseline", "other.json"]).code, 2);
}

/// `--diff-base` reports only what a revision had not, wherever lines have moved, and leaves Git's index alone.
#[test]
fn only_what_is_new_since_a_revision() {
    let folder = Folder::new(&[("infra/app.yaml", &readable(1)), ("infra/rules/house-bucket-readable.yaml", RULE)]);
    folder.git(&["init", "-q"]);
    folder.git(&["add", "."]);
    folder.git(&["commit", "-qm", "before"]);
    let moved = format!("# moved down\n{}", readable(2));
    folder.write("infra/app.yaml", moved.as_bytes());
    folder.write("infra/new.yaml", readable(1).as_bytes());
    let within = |args: &[&str]| {
        let mut command = folder.command(&[&["check"], ONLY, args].concat());
        outcome(command.current_dir(folder.path("infra")).output().expect("the binary runs"))
    };
    let got = within(&["--diff-base", "HEAD", "-f", "json"]);
    let json: serde_json::Value = serde_json::from_str(&got.out).expect("JSON");
    let places: Vec<_> = json["findings"].as_array().expect("a list").iter().map(|f| f["resource"].clone()).collect();
    assert_eq!((got.code, places), (1, vec!["B2".into(), "B1".into()]), "{json}{}", got.err);
    assert_eq!(within(&["--diff-base", "no-such-revision"]).code, 2);
    assert_eq!(within(&["--diff-base", "--all"]).code, 2, "no option is smuggled in");
    folder.git(&["diff", "--cached", "--quiet"]);
    // A file that moves brings nothing new.
    folder.write("infra/app.yaml", readable(1).as_bytes());
    std::fs::remove_file(folder.path("infra/new.yaml")).expect("a file");
    std::fs::create_dir(folder.path("infra/sub")).expect("a folder");
    folder.git(&["mv", "infra/app.yaml", "infra/sub/moved.yaml"]);
    let got = within(&["--diff-base", "HEAD"]);
    assert_eq!(got.code, 0, "{}", got.out);
    assert_eq!(Folder::new(&[("a.yaml", CLEAN)]).run(&["check", "--diff-base", "HEAD"]).code, 2);
}

/// What cannot be compared is said so that one knows what to type, and is never a pass.
#[test]
fn revisions_that_are_not_there() {
    let folder = Folder::new(&[("origin/app.yaml", &readable(1)), ("rules/house-bucket-readable.yaml", RULE)]);
    let git = |at: &str, args: &[&str]| folder.git(&[&["-C", at], args].concat());
    folder.git(&["init", "-q", "origin"]);
    git("origin", &["add", "."]);
    git("origin", &["commit", "-qm", "first"]);
    git("origin", &["commit", "-q", "--allow-empty", "-m", "second"]);
    let url = format!("file://{}", folder.path("origin").display());
    folder.git(&["clone", "-q", "--depth=1", &url, "shallow"]);
    folder.git(&["clone", "-q", "--bare", &url, "bare"]);
    folder.git(&["clone", "-q", &url, "full"]);
    let within = |at: &str, revision: &str| {
        let rules = folder.path("rules").display().to_string();
        let args =
            ["check", "--no-config", "--rules", &rules, "--select", "house-bucket-readable", "--diff-base", revision];
        outcome(folder.command(&args).current_dir(folder.path(at)).output().expect("the binary runs"))
    };
    assert_eq!(within("full", "HEAD~1").code, 0);
    assert_eq!(within("shallow", "HEAD").code, 0);
    for (at, revision, words) in [
        ("shallow", "HEAD~1", "fetch-depth: 0"),
        ("full", "HEAD~9", "no revision of this repository"),
        ("bare", "HEAD", "bare repository"),
    ] {
        let got = within(at, revision);
        assert!(got.code == 2 && got.err.contains(words), "{at}: {} {}", got.code, got.err);
        assert_eq!(got.out, "");
    }
    // A fetched branch is a revision, however shallow the clone.
    git("shallow", &["fetch", "-q", "--depth=1", "origin", "HEAD"]);
    assert_eq!(within("shallow", "FETCH_HEAD").code, 0);
}

/// In a hook of another repository, `--diff-base` is about the one that is stood in; hooks of that one do not run.
#[cfg(unix)]
#[test]
fn a_revision_is_of_the_repository_stood_in() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new(&[("a/app.yaml", &readable(1)), ("rules/house-bucket-readable.yaml", RULE)]);
    folder.git(&["init", "-q", "a"]);
    folder.git(&["-C", "a", "add", "."]);
    folder.git(&["-C", "a", "commit", "-qm", "first"]);
    folder.write("a/.git/hooks/post-index-change", b"#!/bin/sh\ntouch ../ran\n");
    let hook = folder.path("a/.git/hooks/post-index-change");
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).expect("a hook");
    let rules = folder.path("rules").display().to_string();
    let args = ["check", "--no-config", "--rules", &rules, "--select", "house-bucket-readable", "--diff-base", "HEAD"];
    let mut command = folder.command(&args);
    command.current_dir(folder.path("a")).env("GIT_DIR", "/nowhere").env("GIT_INDEX_FILE", "/nowhere/index");
    let got = outcome(command.output().expect("the binary runs"));
    assert_eq!(got.code, 0, "{}{}", got.out, got.err);
    assert!(!folder.path("ran").exists());
}

/// Of the rules of one's own all that are broken are named, each with its place, those of another folder as well.
#[test]
fn every_broken_rule_is_named() {
    let unknown = RULE.replace("severity:", "sevrity:");
    let folder = Folder::new(&[
        ("app.yaml", &readable(1)),
        ("rules/a.yaml", "name: a\ntitle: [\n"),
        ("rules/b.yaml", &unknown),
        ("rules/house-bucket-readable.yaml", RULE),
        ("more/c.yaml", &RULE.replace("house-bucket-readable", "s3-bucket-policy-public")),
    ]);
    let got = folder.run(&["check", "--no-config", "--rules", "rules", "--rules", "more", "app.yaml"]);
    let places = ["error: rules/a.yaml:", "\n       rules/b.yaml:", "\n       more/c.yaml:1:1: a rule named"];
    assert!(got.code == 2 && places.iter().all(|place| got.err.contains(place)), "{}", got.err);
    assert_eq!(got.err.lines().count(), 3, "{}", got.err);
}

/// `--fix` mends what is safe and judges what is left; `--diff` only shows it; what is unsafe wants to be asked for.
#[test]
fn fixes_are_made() {
    let fix = "fix:\n  title: remove the ACL\n  safety: safe\n  remove: AccessControl\nexamples:";
    let safe = RULE.replace("examples:", fix);
    let folder = Folder::new(&[("app.yaml", ""), ("rules/house-bucket-readable.yaml", &safe)]);
    let text = "# kept\nResources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      AccessControl: PublicRead # gone\n      BucketName: a # kept\n";
    let mended = "# kept\nResources:\n  A:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: a # kept\n";
    folder.write("app.yaml", text.as_bytes());
    let shown = folder.check(&["--diff"]);
    assert_eq!(shown.code, 1);
    assert!(shown.out.starts_with("--- a/app.yaml\n+++ b/app.yaml\n"), "{}", shown.out);
    assert!(shown.out.contains("-      AccessControl: PublicRead # gone"), "{}", shown.out);
    assert_eq!(folder.read("app.yaml"), text, "a diff changes nothing");
    let got = folder.run(&[&["fix"], ONLY].concat());
    assert_eq!((got.code, folder.read("app.yaml").as_str()), (0, mended), "{}{}", got.out, got.err);
    assert!(got.err.contains("made 1 fix in 1 file"), "{}", got.err);
    assert_eq!(folder.check(&["--fix"]).code, 0);
    assert_eq!(folder.read("app.yaml"), mended, "there is nothing left to mend");

    folder.write("rules/house-bucket-readable.yaml", safe.replace("safety: safe", "safety: unsafe").as_bytes());
    folder.write("app.yaml", text.as_bytes());
    assert_eq!(folder.check(&["--fix"]).code, 1);
    assert_eq!(folder.read("app.yaml"), text);
    assert_eq!(folder.check(&["--fix=all"]).code, 0);
    assert_eq!(folder.read("app.yaml"), mended);
}

/// A fix that says when it fits is made there and nowhere else.
#[test]
fn fixes_are_made_where_they_fit() {
    let fix = "fix:\n  title: remove the ACL\n  safety: safe\n  when: {AccessControl: PublicRead}\n  remove: AccessControl\nexamples:";
    let rule = RULE.replace("examples:", fix);
    let folder = Folder::new(&[("app.yaml", ""), ("rules/house-bucket-readable.yaml", &rule)]);
    let text = readable(2).replacen("PublicRead}", "PublicReadWrite, BucketName: a}", 1);
    folder.write("app.yaml", text.as_bytes());
    assert_eq!(folder.check(&["--fix"]).code, 1, "one of two is left");
    let left = folder.read("app.yaml");
    assert!(left.contains("PublicReadWrite") && !left.contains("PublicRead}"), "{left}");
    let native = rule.replace("  bad:\n    AccessControl: [PublicRead, PublicReadWrite]\n", "  native: true\n");
    folder.write("rules/house-bucket-readable.yaml", native.as_bytes());
    let got = folder.check(&[]);
    assert!(got.code == 2 && got.err.contains("has no `when`"), "{}{}", got.out, got.err);
}

/// A text in another encoding is checked, and left alone by fixes.
#[test]
fn other_encodings_are_not_rewritten() {
    let fix = "fix:\n  title: remove the ACL\n  safety: safe\n  remove: AccessControl\nexamples:";
    let folder = Folder::new(&[("rules/house-bucket-readable.yaml", &RULE.replace("examples:", fix))]);
    let wide: Vec<u8> = format!("\u{feff}{}", readable(1)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write("app.yaml", &wide);
    folder.write("utf8.yaml", readable(1).as_bytes());
    assert_eq!(folder.check(&[]).code, 1);
    let got = folder.check(&["--fix"]);
    assert!(got.code == 1 && got.err.contains("`app.yaml` is not UTF-8"), "{}", got.err);
    assert!(!folder.read("utf8.yaml").contains("AccessControl"), "the others are mended");
    assert_eq!(std::fs::read(folder.path("app.yaml")).expect("a file"), wide);
}

/// A file that may not be written to is left as it is, with a word: that its folder may be does not say that it may be replaced.
#[test]
fn read_only_files_are_not_replaced() {
    let fix = "fix:\n  title: remove the ACL\n  safety: safe\n  remove: AccessControl\nexamples:";
    let folder = Folder::new(&[("rules/house-bucket-readable.yaml", &RULE.replace("examples:", fix))]);
    for name in ["app.yaml", "other.yaml"] {
        folder.write(name, readable(1).as_bytes());
    }
    let writable = std::fs::metadata(folder.path("app.yaml")).expect("a file").permissions();
    let mut protected = writable.clone();
    protected.set_readonly(true);
    std::fs::set_permissions(folder.path("app.yaml"), protected).expect("permissions");
    let shown = folder.check(&["--diff"]);
    assert!(shown.out.contains("+++ b/app.yaml"), "what would be mended is shown: {}", shown.out);
    let got = folder.check(&["--fix"]);
    assert!(got.code == 1 && got.err.contains("`app.yaml` is read-only, and was left as it is"), "{}", got.err);
    assert_eq!(folder.read("app.yaml"), readable(1));
    assert!(!folder.read("other.yaml").contains("AccessControl"), "the others are mended");
    let got = folder.check(&["--output", "json=app.yaml"]);
    assert!(got.code == 2 && got.err.contains("cannot write `app.yaml`: the file is read-only"), "{}", got.err);
    std::fs::set_permissions(folder.path("app.yaml"), writable).expect("permissions");
    assert_eq!(folder.check(&["--fix"]).code, 0);
}

/// A part of another file is judged there; broken files of others are none of our business unless they are named.
#[test]
fn parts_and_strangers_are_left_alone() {
    let service = "service: s\nprovider: {name: aws, runtime: nodejs22.x}\nresources:\n  - ${file(parts/res.yml)}\n";
    let folder = Folder::new(&[
        ("serverless.yml", service),
        ("parts/res.yml", &readable(1)),
        ("chart/deploy.yaml", "kind: Deployment\nmetadata:\n  {{- if .x }}\n  name: {{ .y }}\n"),
        ("rules/house-bucket-readable.yaml", RULE),
    ]);
    let got = folder.check(&["-f", "json"]);
    let json: serde_json::Value = serde_json::from_str(&got.out).expect("JSON");
    assert_eq!(json["findings"].as_array().map(Vec::len), Some(1), "{json}");
    assert_eq!(json["findings"][0]["file"], "parts/res.yml");
    assert_eq!((got.code, &json["summary"]["broken"]), (1, &0.into()));
    assert_eq!(folder.check(&["chart/deploy.yaml"]).code, 2);
    let alone = folder.check(&["parts/res.yml", "-f", "concise"]);
    assert_eq!(alone.out.lines().filter(|line| line.starts_with("parts/res.yml:")).count(), 1, "{}", alone.out);
    folder.write("chart/stack.yaml", b"Resources:\n  A: {Type: AWS::S3::Bucket\n  B: ]\n");
    assert_eq!(folder.check(&["chart"]).code, 2, "one that would be ours");
}

/// Suppressions count, are counted, can be ignored, and say so when they silence nothing.
#[test]
fn suppressions_count() {
    let text = "Resources:\n  # portcullis: ignore[house-bucket-readable] -- a public download\n  B:\n    Type: AWS::S3::Bucket\n    Properties: {AccessControl: PublicRead}\n";
    let folder = Folder::new(&[("app.yaml", text), ("rules/house-bucket-readable.yaml", RULE)]);
    assert_eq!(folder.check(&[]).code, 0);
    assert_eq!(folder.check(&["--no-suppressions"]).code, 1);
    let json = |args: &[&str]| -> serde_json::Value {
        serde_json::from_str(&folder.check(&[args, &["-f", "json"]].concat()).out).expect("JSON")
    };
    assert_eq!(json(&[])["summary"]["suppressed"], 1);
    assert_eq!(json(&[])["findings"].as_array().map(Vec::len), Some(0));
    let shown = json(&["--show-suppressed"]);
    assert_eq!(shown["findings"][0]["suppressed"]["reason"], "a public download", "{shown}");
    folder.write("app.yaml", text.replace("PublicRead", "Private").as_bytes());
    let both = ["--select", "suppression-unused"];
    let got = folder.check(&[&both[..], &["-f", "concise"]].concat());
    assert!(got.code == 1 && got.out.starts_with("app.yaml:2:"), "{}", got.out);
    folder.write("portcullis.toml", b"unsuppressible = ['house-bucket-readable']\n");
    folder.write("app.yaml", text.as_bytes());
    let held = folder.run(&["check", "--rules", "rules", "--select", "house-bucket-readable"]);
    assert_eq!(held.code, 1, "nobody may silence it");
}

/// A rule is selected by its framework, its service, its category and a peer's id, and takes parameters.
#[test]
fn rules_have_many_names() {
    let rule = RULE
        .replace(
            "category: exposure\n",
            "category: exposure\naliases: [checkov:CKV_AWS_20]\ncompliance: {cis-aws-3.0: ['2.1.4']}\n",
        )
        .replace("check:\n", "parameters:\n  wrong: {default: [PublicRead], about: what nobody may use}\ncheck:\n")
        .replace("[PublicRead, PublicReadWrite]", "{in-parameter: wrong}");
    let folder = Folder::new(&[("app.yaml", &readable(1)), ("rules/house-bucket-readable.yaml", &rule)]);
    let by = |name: &str| folder.run(&["check", "--no-config", "--rules", "rules", "--select", name]);
    for name in [
        "pack:cis-aws-3.0",
        "pack:cis-aws",
        "house-bucket-readable",
        "CKV_AWS_20",
        "checkov:CKV_AWS_20",
        "house",
        "exposure",
    ] {
        assert_eq!(by(name).code, 1, "{name}: {}{}", by(name).out, by(name).err);
    }
    let set = |text: &str| {
        folder.write("portcullis.toml", text.as_bytes());
        folder.run(&["check", "--rules", "rules", "--select", "house-bucket-readable"])
    };
    assert_eq!(set("[rules.house-bucket-readable]\nseverity = 'info'\n").code, 0);
    assert_eq!(
        set("[rules.house-bucket-readable]\nwrong = ['Private', 'PublicRead']\n").code,
        1,
        "a parameter is known"
    );
    let unknown = set("[rules.house-bucket-readable]\nwrnog = ['Private']\n");
    assert!(unknown.code == 2 && unknown.err.contains("wrong"), "{}", unknown.err);
}

/// The demo shows mistakes in every language, and nothing is wrong with its well-made twin.
#[test]
fn the_demo_is_what_it_says() {
    let folder = demo();
    for language in ["cloudformation", "sam", "serverless"] {
        assert_eq!(folder.run(&["check", language]).code, 1, "{language}");
    }
    let good = folder.run(&["check", "good"]);
    assert_eq!(good.code, 0, "{}", good.out);
}

/// What stands in a comment is silenced above it, or with what the comment is about.
#[test]
fn comments_are_silenced_too() {
    let key = ["AKIA", "QYLPMN5HHHFPZAM2"].concat();
    let template = |above: &str, below: &str| {
        format!(
            "Resources:\n{above}  # the pipeline has {key}\n{below}  Wait:\n    Type: AWS::CloudFormation::WaitConditionHandle\n"
        )
    };
    let allow = "  # portcullis: ignore[template-plaintext-secret] -- revoked\n";
    for (above, below, code) in [("", "", 1), (allow, "", 0), ("", allow, 0)] {
        let text = template(above, below);
        let found = Folder::new(&[("app.yaml", &text)]).run(&["check", "--no-config"]);
        assert_eq!(found.code, code, "{text}{}", found.out);
        assert!(!found.out.contains("suppression-unused"), "{}", found.out);
    }
}
