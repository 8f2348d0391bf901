//! A credential in a template is in nothing that we write, whatever was asked for.

use portcullis::report::Format;

use super::super::Folder;

/// A password, a token and the middle of a key; none of them was ever anybody's.
const WORDS: [&str; 4] =
    ["Zr7-Qp2xLw9-vNt4", "ghp_Zk3vQ8mT1xYb6Wc9Rj2Lp5Nd7Hs4Gf0Ka1Eu", "mQ2ZtR8vXk4WpL7sYb3N", "Vb8kTq3zLm6Xw1"];

const TEMPLATE: &str = "\
Parameters:
  Password: {Type: String, Default: Vb8kTq3zLm6Xw1}
Resources:
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      MasterUsername: app
      MasterUserPassword: Zr7-Qp2xLw9-vNt4
      PubliclyAccessible: true
      StorageEncrypted: false
  Other:
    Type: AWS::RDS::DBInstance
    Properties: {MasterUsername: app, PubliclyAccessible: true, MasterUserPassword: 'Zr7-Qp2xLw9-vNt4'}
  Third:
    Type: AWS::RDS::DBInstance
    Properties: {MasterUsername: app, MasterUserPassword: !Ref Password}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}]}
      Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: '*', Resource: '*'}]}}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs12.x
      Role: !GetAtt Role.Arn
      Environment:
        Variables:
          GITHUB_TOKEN: ghp_Zk3vQ8mT1xYb6Wc9Rj2Lp5Nd7Hs4Gf0Ka1Eu
          SIGNING_KEY: |
            -----BEGIN RSA PRIVATE KEY-----
            MIIEpAIBAAKCAQEAmQ2ZtR8vXk4WpL7sYb3NmQ2ZtR8vXk4WpL7sYb3NmQ2ZtR8v
            -----END RSA PRIVATE KEY-----
      TracingConfig: {Mode: PassThrough}
";

fn folder() -> Folder {
    let folder = Folder::with("t.yaml", TEMPLATE);
    folder.write("s.yml", "service: s\nprovider:\n  name: aws\n  environment:\n    GITHUB_TOKEN: ghp_Zk3vQ8mT1xYb6Wc9Rj2Lp5Nd7Hs4Gf0Ka1Eu\nfunctions:\n  f: {handler: a.b, runtime: nodejs12.x, url: true, environment: {DB_PASSWORD: Zr7-Qp2xLw9-vNt4}}\n");
    folder
}

fn silent(what: &str, text: &str) {
    for word in WORDS {
        assert!(!text.contains(word), "{what} tells {word}:\n{text}");
    }
}

/// No report shows it, in whatever profile and with whatever is shown besides.
#[test]
fn reports() {
    let folder = folder();
    for &format in Format::ALL {
        for profile in ["default", "all"] {
            let args = ["check", "--no-config", "--show-suppressed", "-vv", "--profile", profile, "--format"];
            let told = folder.run(&[&args[..], &[format.name()]].concat());
            assert_eq!(told.code, 1, "{}", told.err);
            silent(format.name(), &told.out);
            silent(format.name(), &told.err);
        }
    }
}

/// No diff shows it, although it is on the lines around what is mended; nor when its own rule is off.
#[test]
fn diffs() {
    let folder = folder();
    for more in [&[][..], &["--profile", "all"], &["--select", "rds-publicly-accessible"], &["--ignore", "secrets"]] {
        let told = folder.run(&[&["check", "--no-config", "--fix=all", "--diff"][..], more].concat());
        assert!(told.out.contains("\n+"), "nothing is mended with {more:?}: {} {}", told.head(), told.err);
        silent(&format!("a diff with {more:?}"), &told.out);
        silent("standard error", &told.err);
    }
    let told = folder.run(&["fix", "--no-config", "--diff", "t.yaml", "--profile", "all"]);
    assert!(told.out.contains("********") && told.err.contains("to be read, not applied"), "{}{}", told.out, told.err);
    assert_eq!(std::fs::read_to_string(folder.path("t.yaml")).expect("it is there"), TEMPLATE);
}

/// Neither what is deployed nor who may do what, nor lists and baselines show it.
#[test]
fn everything_else() {
    let folder = folder();
    for file in ["t.yaml", "s.yml"] {
        for args in [
            &["lower", file][..],
            &["lower", file, "--explain"],
            &["permissions", "--no-config", file],
            &["permissions", "--no-config", file, "--format", "json"],
            &["permissions", "--no-config", file, "--format", "mermaid"],
            &["permissions", "--no-config", file, "--format", "dot"],
            &["permissions", "--no-config", file, "--format", "html"],
            &["check", "--no-config", file, "--statistics"],
            &["check", "--no-config", file, "--list-files"],
            &["baseline", "--no-config", file, "-o", "b.json"],
        ] {
            let told = folder.run(args);
            silent(&format!("{args:?}"), &told.out);
            silent(&format!("{args:?}"), &told.err);
        }
        silent("the baseline", &std::fs::read_to_string(folder.path("b.json")).expect("it was written"));
        std::fs::remove_file(folder.path("b.json")).expect("it is there");
    }
    assert!(folder.run(&["lower", "t.yaml"]).out.contains("\"MasterUserPassword\": \"********\""));
    assert!(folder.run(&["lower", "t.yaml", "--show-secrets"]).out.contains(WORDS[0]), "who asks for them sees them");
}
