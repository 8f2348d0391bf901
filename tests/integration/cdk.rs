//! What a CDK app synthesised: nested stacks by their assets, and findings that lead back to the app.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

fn findings(folder: &Path) -> Vec<Value> {
    findings_with(folder, &[])
}

fn findings_with(folder: &Path, options: &[&str]) -> Vec<Value> {
    let run = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .current_dir(folder)
        .args(["check", "cdk.out", "--no-config", "--format", "json"])
        .args(options)
        .output()
        .expect("the binary runs");
    let mut report: Value = serde_json::from_slice(&run.stdout).expect("a report");
    serde_json::from_value(report["findings"].take()).expect("findings")
}

fn testdata() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/cdk"))
}

fn of<'f>(findings: &'f [Value], rule: &str) -> &'f Value {
    findings.iter().find(|finding| finding["rule"] == rule).unwrap_or_else(|| panic!("{rule} in {findings:#?}"))
}

/// The app may have been synthesised on another machine: its files are known by how their paths end.
#[test]
fn findings_lead_to_the_line_of_the_app() {
    let all = findings(testdata());
    let password = of(&all, "rds-plaintext-password");
    let construct = json!({"path": "Shop/Orders", "file": "lib/shop.ts", "line": 9, "column": 5});
    assert_eq!(password["construct"], construct);
    // What is written into the template is gone with the next synthesis.
    assert_eq!(password["fixes"], json!([]));
}

/// The template is not in the repository: what is shown beside code is shown at the line of the app.
#[test]
fn annotations_stand_in_the_app() {
    let run = |format: &str| {
        let run = Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .current_dir(testdata())
            .args(["check", "cdk.out", "--no-config", "--select", "rds-plaintext-password", "--format", format])
            .output()
            .expect("the binary runs");
        String::from_utf8(run.stdout).expect("text")
    };
    let github = run("github");
    assert!(github.contains("lib/shop.ts,line=9,endLine=9,col=5,"), "{github}");
    let gitlab: Value = serde_json::from_str(&run("gitlab")).expect("JSON");
    assert!(gitlab[0]["location"]["path"].as_str().expect("a path").ends_with("lib/shop.ts"), "{gitlab}");
    let sarif: Value = serde_json::from_str(&run("sarif")).expect("JSON");
    let related = &sarif["runs"][0]["results"][0]["relatedLocations"][0];
    assert_eq!(related["physicalLocation"]["region"], json!({"startLine": 9, "startColumn": 5}), "{sarif}");
}

/// The address of a nested stack's template is one in a bucket; the file that is put there lies beside its parent.
#[test]
fn nested_stacks_get_what_their_parents_pass() {
    let all = findings(testdata());
    let open = of(&all, "sg-open-ssh");
    assert_eq!(open["file"], "cdk.out/ShopInside81FBF10D.nested.template.json");
    assert_eq!(open["construct"]["line"], 15);
    assert_eq!(open["path"], "Resources.Door.Properties.SecurityGroupIngress[0].CidrIp");
}

/// What the CDK's library makes for itself is told, and is no reason to fail a build.
#[test]
fn what_the_cdk_makes_for_itself_is_for_information() {
    let all = findings(testdata());
    let own = of(&all, "iam-wildcard-resource");
    assert_eq!(own["severity"], "info");
    assert!(own["message"].as_str().expect("a message").ends_with("(the CDK makes this for its own use)"), "{own}");
}

/// Whatever stands in the trace, only files of programming languages are opened, and only the place in them is shown.
#[test]
fn traces_lead_to_nothing_else() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("cdk.out");
    std::fs::create_dir(&out).expect("a folder");
    std::fs::copy(testdata().join("cdk.out/Shop.template.json"), out.join("Shop.template.json")).expect("a template");
    std::fs::write(folder.path().join("secrets.env"), "\n".repeat(20)).expect("a file");
    std::fs::write(folder.path().join(".app.ts"), "\n".repeat(20)).expect("a file");
    std::fs::write(folder.path().join("short.ts"), "\n").expect("a file");
    for path in ["/app/secrets.env:9:5", "/app/.app.ts:9:5", "/app/short.ts:9:5", "/app/missing.ts:9:5"] {
        let said = json!({"/Shop/Orders/Resource": [{"type": "aws:cdk:creationStack", "data": [path]}]});
        std::fs::write(out.join("Shop.metadata.json"), said.to_string()).expect("metadata");
        let all = findings(folder.path());
        let construct = &of(&all, "rds-plaintext-password")["construct"];
        assert_eq!((&construct["path"], &construct["file"]), (&json!("Shop/Orders"), &Value::Null), "{path}");
    }
}

/// A folder with what an app left in `cdk.out`.
fn synthesised(files: &[(&str, Value)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("cdk.out");
    std::fs::create_dir(&out).expect("a folder");
    for (name, content) in files {
        std::fs::write(out.join(name), content.to_string()).expect("a file");
    }
    folder
}

/// An app that names its account writes it into policies: the list of what was synthesised says whose it is, of nested stacks too.
#[test]
fn the_account_of_a_stack_is_its_own() {
    let template = json!({"Resources": {
        "Key": {"Type": "AWS::KMS::Key", "Properties": {"EnableKeyRotation": true, "KeyPolicy": {"Statement": [
            {"Effect": "Allow", "Action": "kms:*", "Resource": "*", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}},
        ]}}},
    }});
    let foreign = |environment: &str, file: &str| {
        let stack = json!({
            "type": "aws:cloudformation:stack", "environment": environment, "properties": {"templateFile": "Shop.template.json"},
        });
        let other = json!({
            "type": "aws:cloudformation:stack",
            "environment": "aws://777788889999/eu-central-1",
            "properties": {"templateFile": "Other.template.json"},
        });
        let manifest =
            json!({"artifacts": {"Shop": stack, "Shop.assets": {"type": "cdk:asset-manifest"}, "Other": other}});
        let folder = synthesised(&[(file, template.clone()), ("manifest.json", manifest)]);
        let all = findings_with(folder.path(), &["--select", "kms-key-foreign-account"]);
        all.iter().filter(|finding| finding["rule"] == "kms-key-foreign-account").count()
    };
    assert_eq!(foreign("aws://111122223333/eu-central-1", "Shop.template.json"), 0);
    assert_eq!(foreign("aws://111122223333/eu-central-1", "ShopInside81FBF10D.nested.template.json"), 0);
    assert_eq!(foreign("aws://111122223333/eu-central-1", "Other.template.json"), 1);
    assert_eq!(foreign("aws://444455556666/eu-central-1", "Shop.template.json"), 1);
    assert_eq!(foreign("aws://unknown-account/unknown-region", "Shop.template.json"), 1);
}

/// Version 3 of cdk-nag has what is accepted in the app's own metadata, of a construct and all that is in it.
#[test]
fn what_an_app_acknowledges_is_silenced() {
    let role = |path: &str| {
        let statement = json!({"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"});
        json!({
            "Type": "AWS::IAM::ManagedPolicy",
            "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}},
            "Metadata": {"aws:cdk:path": path},
        })
    };
    let template =
        json!({"Resources": {"A": role("Shop/Fn/Policy/Resource"), "B": role("Shop/Fnord/Policy/Resource")}});
    let silenced = |construct: &str, id: &str, reason: &str| -> Vec<(String, String)> {
        let mut said = json!({});
        said[construct] = json!([{"type": "aws:cdk:acknowledged-rules", "data": {id: reason}}]);
        let folder = synthesised(&[("Shop.template.json", template.clone()), ("Shop.metadata.json", said)]);
        let all = findings_with(folder.path(), &["--select", "iam-wildcard-action", "--show-suppressed"]);
        let gone = all.into_iter().filter(|finding| !finding["suppressed"].is_null());
        gone.map(|f| (f["resource"].as_str().unwrap_or("").to_owned(), f["suppressed"].to_string())).collect()
    };
    let of = |gone: &[(String, String)]| gone.iter().map(|(resource, _)| resource.clone()).collect::<Vec<_>>();
    let gone = silenced("/Shop/Fn", "Annotation::AwsSolutions-IAM5[Action::s3:*]", "it is the backup");
    assert_eq!(of(&gone), ["A"]);
    assert!(gone.iter().all(|(_, why)| why.contains("it is the backup")), "{gone:?}");
    assert_eq!(of(&silenced("/Shop/Fn", "Annotation::AwsSolutions-IAM5", "x")), ["A"]);
    assert_eq!(of(&silenced("/Shop", "annotation::AwsSolutions-IAM5", "x")), ["A", "B"]);
    assert_eq!(of(&silenced("/", "AwsSolutions-IAM5", "x")), ["A", "B"]);
    // What the CDK validates by itself has cfn-lint's ids.
    let policy =
        json!({"Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:orders"}]});
    let policy = json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy}, "Metadata": {"aws:cdk:path": "Shop/Old/Resource"}});
    for (id, silent) in
        [("CloudFormation-Validate::W2511", true), ("CloudFormation-Validate::W2501", false), ("Mine::W2511", false)]
    {
        let said = json!({"/Shop/Old": [{"type": "aws:cdk:acknowledged-rules", "data": {id: "read as it was"}}]});
        let template = json!({"Resources": {"Old": policy}});
        let folder = synthesised(&[("Shop.template.json", template), ("Shop.metadata.json", said)]);
        let all = findings_with(folder.path(), &["--select", "iam-policy-old-version", "--show-suppressed"]);
        assert_eq!(all.iter().map(|finding| !finding["suppressed"].is_null()).collect::<Vec<_>>(), [silent], "{id}");
    }
    for other in
        ["Annotation::AwsSolutions-S1", "Annotation::AwsSolutions-IAM5[Action::sqs:*]", "Mine::AwsSolutions-IAM5"]
    {
        assert_eq!(of(&silenced("/Shop/Fn", other, "x")), [""; 0], "{other}");
    }
}
