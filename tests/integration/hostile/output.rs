//! What a template says is shown by every command, and obeyed by nobody who reads what we write.
//!
//! One text carries everything that a terminal, a build server, a browser, a Markdown or an XML reader, Graphviz or
//! Mermaid would act on. It stands in names, values, comments, reasons, rules, settings and file names.

use std::fmt::Write as _;

use portcullis::report::Format;
use portcullis::rulebook::Category;

use super::{Folder, Told};

mod readers;
mod secrets;

/// Escapes of terminals, commands of build servers, tags, links, mentions, formulas, directional marks.
const NASTY: &str = "\u{1b}[2J\u{1b}]8;;http://evil.example\u{7}\u{9b}31m\u{202e}\u{200b}\u{2028}::error::owned\n\
    ::error file=x::owned\r\n  ::stop-commands::x\n##vso[task.complete result=Failed]##[error]owned \
    <script>alert(1)</script></script><img src=x onerror=alert(2)>]]>--><!-- & \"'|`*_[click](javascript:alert(3)) \
    ![i](http://evil.example/i) @everyone #1 \u{e0041}\u{fffe}\u{0}\t%}];\\";

/// What spreadsheets take for a formula, at the beginning of a name.
const FORMULAS: [&str; 4] = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(1)"];

/// A name of a file that is as bad as a file's name can be.
#[cfg(target_os = "linux")]
const NAME: &str = "\u{1b}[31m\n::error::x##vso[y]<script>`|[a](b)@x \u{202e},;%]&\"'.yaml";
#[cfg(not(target_os = "linux"))]
const NAME: &str = "::error--x##vso[y]`[a](b)@x ,;%]&'.yaml";

/// The text as a scalar of YAML and of JSON.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c => {
                let mut units = [0; 2];
                let units: &[u16] = c.encode_utf16(&mut units);
                match units {
                    [unit] => _ = write!(out, "\\u{unit:04x}"),
                    // The half of a pair is no character of YAML.
                    _ => out.push('?'),
                }
            }
        }
    }
    out + "\""
}

/// A template in which the text stands wherever there is room for one.
fn template(file: &str) -> String {
    let nasty = quoted(&format!("{file}{NASTY}"));
    let formulas: String = FORMULAS.iter().fold(String::new(), |mut out, formula| {
        let name = quoted(formula);
        let _ = writeln!(
            out,
            "  {name}:\n    Type: AWS::S3::Bucket\n    Properties: {{AccessControl: PublicRead, BucketName: {name}}}"
        );
        out
    });
    format!(
        "\
Parameters:
  {nasty}: {{Type: String, Default: {nasty}, AllowedValues: [{nasty}, a]}}
Conditions:
  {nasty}: !Equals [!Ref {nasty}, a]
Resources:
  # portcullis: ignore[s3-bucket-no-access-log] -- @you <script> ::error::x ##vso[y] [a](b) |
  {nasty}:
    Type: AWS::S3::Bucket
    Metadata: {{portcullis: {{ignore: [{{rule: s3-bucket-accepts-plain-http, reason: {nasty}}}, {{rule: {nasty}, reason: x}}]}}}}
    Properties:
      AccessControl: !If [{nasty}, PublicRead, Private]
      BucketName: {nasty}
      {nasty}: {nasty}
      Tags: [{{Key: {nasty}, Value: {nasty}}}]
{formulas}  Role{nasty_id}:
    Type: AWS::IAM::Role
    Condition: {nasty}
    Properties:
      RoleName: {nasty}
      AssumeRolePolicyDocument:
        Statement:
          - {{Effect: Allow, Action: sts:AssumeRole, Principal: {{AWS: [\"*\", {nasty}], Service: [lambda.amazonaws.com, {nasty}]}}}}
      ManagedPolicyArns: [{nasty}, \"arn:aws:iam::aws:policy/{inside}\"]
      PermissionsBoundary: {nasty}
      Policies:
        - PolicyName: {nasty}
          PolicyDocument:
            Statement:
              - {{Effect: Allow, Action: [\"s3:*\", \"iam:*\", {nasty}], Resource: [\"*\", {nasty}, !GetAtt [{nasty}, Arn]]}}
              - {{Effect: {nasty}, NotAction: [{nasty}], Resource: {nasty}}}
  F{nasty_id}:
    Type: AWS::Lambda::Function
    Properties:
      FunctionName: {nasty}
      Runtime: {nasty}
      Role: !GetAtt [Role{nasty_id}, Arn]
      Environment: {{Variables: {{{nasty}: {nasty}}}}}
  G{nasty_id}:
    Type: AWS::Lambda::Function
    Properties: {{Role: {nasty}, Runtime: nodejs12.x, Code: {{ZipFile: {nasty}}}}}
  Url:
    Type: AWS::Lambda::Url
    Properties: {{AuthType: NONE, TargetFunctionArn: !Ref F{nasty_id}}}
  Permit:
    Type: AWS::Lambda::Permission
    Properties: {{Action: lambda:InvokeFunction, FunctionName: !Ref F{nasty_id}, Principal: {nasty}, SourceArn: {nasty}}}
  Nested:
    Type: AWS::CloudFormation::Stack
    Properties: {{TemplateURL: {nasty}}}
  Odd:
    Type: {nasty}
    {nasty}: 1
Outputs:
  {nasty}: {{Value: !Ref {nasty}, Export: {{Name: {nasty}}}}}
",
        nasty_id = "",
        inside = nasty.trim_matches('"'),
    )
}

/// A rule of somebody's own that says as much.
fn rule() -> String {
    let nasty = quoted(NASTY);
    let line = quoted(&NASTY.replace(['\r', '\n'], " "));
    format!(
        "name: my-rule
title: {line}
category: exposure
severity: high
confidence: high
profile: default
why: {nasty}
remedy: {nasty}
references: [\"https://example.org\"]
check:
  on: AWS::S3::Bucket
  bad:
    AccessControl: PublicRead
examples:
  - bad: |
      Resources:
        B:
          Type: AWS::S3::Bucket
          Properties:
            # ``` </script> ::error::x ##vso[y]
            AccessControl: PublicRead # <--
  - good: |
      Resources:
        B:
          Type: AWS::S3::Bucket
"
    )
}

fn hostile() -> Folder {
    let folder = Folder::new();
    folder.write(NAME, template(""));
    folder.write("json.json", json());
    folder.write("broken.yaml", format!("Resources: *{}\n", "\u{202e}::error::x##vso[y]<b>@x`|[a](b)"));
    folder.write("raw.yaml", "Resources:\n  B: {Type: AWS::S3::Bucket} # \u{1b}[2J\u{9b}\u{202e}\n");
    folder.write("comment.yaml", "Resources:\n  # \u{202e}\u{2066} ::error::x ##[error]y\n  # portcullis: ignore[x\u{202e}] -- y\n  B:\n    Type: AWS::S3::Bucket\n");
    folder.write("lines.yaml", "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Metadata:\n      A: |\n        ::error::owned\n        ##vso[task.complete result=Failed]\n");
    let nasty = quoted(NASTY);
    folder.write(
        "serverless.yml",
        format!("service: {nasty}\nprovider: {{name: aws, stage: {nasty}, iam: {{role: {{statements: [{{Effect: Allow, Action: '*', Resource: '*'}}]}}}}}}\nfunctions:\n  {nasty}: {{handler: {nasty}, url: true, environment: {{{nasty}: {nasty}}}, events: [{{http: {{path: {nasty}, method: get}}}}, {{{nasty}: 1}}]}}\nresources: ${{file({nasty_file})}}\n", nasty_file = "../::error::x##vso[y]"),
    );
    folder.write("mine/my-rule.yaml", rule());
    folder
}

fn json() -> String {
    let nasty = serde_json::to_string(NASTY).expect("JSON");
    format!(
        "{{\"Resources\": {{{nasty}: {{\"Type\": \"AWS::S3::Bucket\", \"Properties\": {{\"AccessControl\": \"PublicRead\", {nasty}: {nasty}}}}}, {nasty}: 1}}}}"
    )
}

impl Folder {
    /// A command that may find something, may be refused, and in no case dies.
    fn any(&self, args: &[&str]) -> Told {
        let told = self.run(args);
        assert!((0..=3).contains(&told.code), "{args:?}: {}", told.err);
        readers::terminal(&format!("{args:?} on standard error"), &told.err);
        readers::build_server(&format!("{args:?} on standard error"), &told.err, None);
        told
    }
}

/// Every report is harmless to its own readers, and to a terminal and a build server that show it.
#[test]
fn reports() {
    let folder = hostile();
    let own = ["--no-config", "--rules", "mine", "--profile", "all", "--show-suppressed"];
    for &format in Format::ALL {
        let name = format.name();
        for more in [&[][..], &["--no-suppressions"]] {
            let told = folder.any(&[&["check", "--format", name], &own[..], more].concat());
            assert_eq!(told.code, 2, "{name}: {}", told.err);
            assert!(told.out.contains("my-rule") && told.out.contains("evil.example"), "{name}: {}", told.head());
            readers::terminal(name, &told.out);
            readers::build_server(name, &told.out, Some(format));
            readers::of(format, &told.out);
        }
    }
    for format in ["human", "concise"] {
        let told = folder.any(&[&["check", "--color", "always", "--format", format], &own[..]].concat());
        readers::terminal(format, &readers::without_colours(&told.out));
    }
}

/// Lists, statistics, baselines and diffs are as harmless as reports.
#[test]
fn lists_and_diffs() {
    let folder = hostile();
    for args in [
        &["check", "--no-config", "--list-files", "-v"][..],
        &["check", "--no-config", "--statistics", "--rules", "mine"],
        &["check", "--no-config", "--statistics", "--format", "json"],
        &["check", "--no-config", "--fix=all", "--diff", "--profile", "all"],
        &["fix", "--no-config", "--diff"],
        &["baseline", "--no-config", "--rules", "mine", "-o", "b.json", "-vv"],
        &["check", "--no-config", "--baseline", "b.json", "--show-suppressed"],
        &["check", "--no-config", NAME, "-vv", "--format", "concise"],
        &["check", "--no-config", "no such \u{1b}[2J\n::error::x", "--format", "concise"],
        &["check", "--no-config", "--select", "\u{1b}[2J\n::error::x"],
        &["check", "--no-config", "-vv", "-o", "json=\u{1b}[2J\n::error::x/out.json"],
    ] {
        let told = folder.any(args);
        let lines = told.out.lines();
        let shown: String = match args.contains(&"--list-files") {
            true => lines.map(|line| line.replacen('\t', " ", 1) + "\n").collect(),
            false => told.out.clone(),
        };
        readers::terminal(&format!("{args:?}"), &shown);
        readers::build_server(&format!("{args:?}"), &told.out, None);
        if args.contains(&"--list-files") {
            assert_eq!(told.out.lines().count(), 7, "{}", told.head());
        }
        if args.contains(&"--fix=all") {
            assert!(told.out.contains("\n+") && told.out.contains("evil.example"), "{}", told.head());
        }
    }
    let baseline = std::fs::read_to_string(folder.path("b.json")).expect("it was written");
    readers::terminal("the baseline", &baseline);
    readers::build_server("the baseline", &baseline, None);
    readers::json("the baseline", &baseline);
}

/// A diff of lines that a build server would obey shows them as text, and says that it is not to be applied.
#[test]
fn diffs_of_commands() {
    let folder = Folder::new();
    let text = "Resources:\n  B:\n    Type: AWS::S3::Bucket\n    Metadata:\n      A: |\n        ::error::owned\n        ##vso[task.complete result=Failed]\n    Properties:\n      AccessControl: PublicRead\n";
    folder.write("t.yaml", text);
    let told = folder.any(&["check", "--no-config", "t.yaml", "--fix=all", "--diff"]);
    readers::build_server("a diff", &told.out, None);
    assert!(told.out.contains("error::owned") && told.err.contains("to be read, not applied"), "{}", told.head());
    let told = folder.any(&["check", "--no-config", "neighbour.yaml", "--fix=all", "--diff"]);
    assert!(told.out.contains("\n+") && !told.err.contains("applied"), "{}{}", told.head(), told.err);
}

/// Who may do what is shown without a name doing anything, in words, as JSON, as a page and as diagrams.
#[test]
fn permissions() {
    let folder = hostile();
    for format in ["human", "json", "mermaid", "dot", "html"] {
        let told = folder.any(&["permissions", "--no-config", "--format", format]);
        assert!(told.out.contains("evil.example"), "{format}: {}", told.head());
        readers::terminal(format, &told.out);
        readers::build_server(format, &told.out, None);
        match format {
            "json" => readers::json(format, &told.out),
            "html" => readers::html(format, &told.out),
            "mermaid" => readers::mermaid(&told.out),
            "dot" => readers::dot(&told.out),
            _ => {}
        }
    }
}

/// What is deployed is printed as JSON in which every character can be seen.
#[test]
fn lowered() {
    let folder = hostile();
    for file in [NAME, "json.json", "serverless.yml", "broken.yaml", "comment.yaml"] {
        for more in [&[][..], &["--explain"]] {
            let told = folder.any(&[&["lower", file], more].concat());
            let shown = if more.is_empty() { told.out.clone() } else { told.out.replace('\t', " ") };
            readers::terminal(file, &shown);
            readers::build_server(file, &told.out, None);
            if more.is_empty() && told.code == 0 {
                readers::json(file, &told.out);
            }
        }
    }
}

/// Rules and settings of a repository are shown as harmless as its templates.
#[test]
fn rules_and_settings() {
    let folder = hostile();
    let page = folder.any(&["explain", "my-rule", "--rules", "mine", "--format", "markdown"]);
    assert!(page.out.contains("````yaml"), "an example closes its fence: {} {}", page.out, page.err);
    let nasty = quoted(NASTY);
    folder.write("portcullis.toml", format!("[parameters]\n{nasty} = {nasty}\n"));
    folder.write("exclude.toml", format!("exclude = [{nasty}]\n"));
    for args in [
        &["explain", "my-rule", "--rules", "mine"][..],
        &["explain", "my-rule", "--rules", "mine", "--format", "markdown"],
        &["explain", "my-rule", "--rules", "mine", "--format", "json"],
        &["explain", "\u{1b}[2J\n::error::x"],
        &["rules", "--rules", "mine"],
        &["rules", "--rules", "mine", "--format", "json"],
        &["test", "mine"],
        &["config", "show"],
        &["config", "show", "--config", "exclude.toml"],
        &["check", "--config", "exclude.toml"],
        &["check", "--format", "concise"],
    ] {
        let told = folder.any(args);
        let refused = args.contains(&"\u{1b}[2J\n::error::x") || args.contains(&"exclude.toml");
        assert_eq!(told.out.is_empty(), refused, "{args:?}: {} {}", told.head(), told.err);
        readers::terminal(&format!("{args:?}"), &told.out);
        readers::build_server(&format!("{args:?}"), &told.out, None);
    }
}

/// The text is all that it should be: a test of what nobody could obey would prove nothing.
#[test]
fn the_text_is_nasty() {
    let folder = hostile();
    let told = folder.run(&["check", "--no-config", "--format", "json", "--profile", "all", NAME]);
    let report: serde_json::Value = serde_json::from_str(&told.out).expect("JSON");
    let findings = report["findings"].as_array().expect("findings");
    let all = findings.iter().map(|finding| finding["message"].as_str().expect("a message")).collect::<String>();
    for part in ["\u{1b}[2J", "\u{9b}", "\u{202e}", "\n::error", "##vso[", "<script>", "](javascript", "@everyone"] {
        assert!(all.contains(part), "{part:?}: no message carries it");
    }
    assert!(Category::ALL.len() > 5 && findings.len() > 20, "{}", findings.len());
}
