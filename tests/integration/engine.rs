//! What the engine promises to rules, shown on rules of our own: what a sample of mutations found nobody asking.

use std::sync::Arc;

use portcullis::finding::Finding;
use portcullis::rules::Catalogue;
use portcullis::scan::{examples, scan};
use portcullis::source::{NoFiles, Source};

use crate::only::{only, only_of};

/// The catalogue with a rule of this check, its fixes and examples.
fn with_rule(check: &str, cases: &str) -> Catalogue {
    let indented = |text: &str| text.lines().map(|line| format!("  {line}\n")).collect::<String>();
    let card = format!(
        "name: engine-rule\ntitle: something is wrong\ncategory: exposure\nseverity: high\nwhy: w\nremedy: r\ncheck:\n{}examples:\n{}",
        indented(check),
        indented(cases)
    );
    let mut catalogue = Catalogue::builtin();
    catalogue.add([("engine-rule.yaml".into(), card)]).expect("the rule is a rule");
    catalogue
}

/// What a rule with this check says of a template: the line, the text there, and under which assumption.
fn said(check: &str, text: &str) -> Vec<(u32, String, Option<String>)> {
    let scanner = only_of(with_rule(check, "[]"), "engine-rule");
    let source = Arc::new(Source::new("template.yaml", text));
    let outcome = scan(&source, &scanner, &NoFiles, &portcullis::resolve::Exports::default());
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    let found = outcome.findings.into_iter();
    found.map(|f| (f.place.from().line, f.place.text().to_owned(), f.under)).collect()
}

/// A rule with a check and examples behaves as the examples say.
fn behaves(check: &str, cases: &str) {
    let wrong = examples::run(with_rule(check, cases), |rule| rule.head.name == "engine-rule");
    let shown: Vec<_> = wrong.iter().map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{}", shown.join("\n"));
}

/// What one built-in rule says of a template.
fn findings(rule: &str, text: &str) -> Vec<Finding> {
    scan(&Arc::new(Source::new("template.yaml", text)), &only(rule), &NoFiles, &portcullis::resolve::Exports::default())
        .findings
}

/// A parameter that hides its value hides it in a list as well, whatever values are allowed.
#[test]
fn hidden_parameters_in_lists() {
    behaves(
        "on: AWS::Lambda::Function\nbad: {Layers: {some: {plaintext: true}}}",
        "\
- bad: |
    Parameters:
      P: {Type: String, AllowedValues: [aa, bb]}
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties:
          Layers: [!Ref P] # <--
- good: |
    Parameters:
      P: {Type: String, NoEcho: true, AllowedValues: [aa, bb]}
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties:
          Layers: [!Ref P]
",
    );
}

/// A parameter that hides its value hides it in a property, at the end of a path.
#[test]
fn hidden_parameters() {
    behaves(
        "on: AWS::Lambda::Function\nbad: {VpcConfig.SubnetIds: {plaintext: true}}",
        "\
- bad: |
    Parameters:
      P: {Type: String, AllowedValues: [aa, bb]}
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties:
          VpcConfig: {SubnetIds: !Ref P} # <--
- good: |
    Parameters:
      P: {Type: String, NoEcho: true, AllowedValues: [aa, bb]}
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties:
          VpcConfig: {SubnetIds: !Ref P}
",
    );
}

/// A literal map is met by the map that has its keys and no others.
#[test]
fn maps_are_compared_whole() {
    behaves(
        "on: AWS::Lambda::Function\nbad: {TracingConfig: {is: {Mode: Active}}}",
        "\
- bad: |
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties:
          TracingConfig: {Mode: Active} # <--
- good: |
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties:
          TracingConfig: {Mode: Active, Level: 1}
- good: |
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties:
          TracingConfig: {Mode: Passive}
",
    );
}

/// What several resources inherit from one place is one finding, which names the others.
#[test]
fn inherited_by_many() {
    let text = "Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: nodejs12.x
Resources:
  One: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, InlineCode: x}}
  Two: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, InlineCode: x}}
  Three: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, InlineCode: x}}
";
    let found = findings("lambda-deprecated-runtime", text);
    let [one] = found.as_slice() else { panic!("{} findings", found.len()) };
    assert_eq!(one.place.from().line, 4);
    let others: Vec<&str> = one.related.iter().map(|label| label.message.as_str()).collect();
    for name in ["Two", "Three"] {
        assert!(others.contains(&format!("`{name}` inherits it as well").as_str()), "{others:?}");
    }
}

/// A name is suggested for what is nearly one, and for nothing else.
#[test]
fn near_names() {
    let catalogue = Catalogue::builtin();
    assert_eq!(catalogue.did_you_mean("s3-bucket-acl-public-raed"), Some("s3-bucket-acl-public-read"));
    assert_eq!(catalogue.did_you_mean("qqqqq"), None);
}

/// A template with a condition that may be either, and one function.
fn function(properties: &str) -> String {
    format!(
        "Parameters:\n  Stage: {{Type: String}}\nConditions:\n  Big: !Equals [!Ref Stage, big]\nResources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n{properties}"
    )
}

/// An item that is there only under a condition is asked about under it, and what holds without it is said of the
/// other case.
#[test]
fn items_under_conditions() {
    let text = function("      Layers:\n        - !If [Big, bad, !Ref AWS::NoValue]\n        - good\n");
    let one = "on: AWS::Lambda::Function\nbad: {Layers: {some: {is: bad}}}";
    assert_eq!(said(one, &text), [(10, "bad".to_owned(), Some("Big is true".to_owned()))]);
    let none = "on: AWS::Lambda::Function\nbad: {Layers: {not: {some: {is: bad}}}}";
    assert_eq!(said(none, &text), [(9, "Layers".to_owned(), Some("Big is false".to_owned()))]);
    let nested = function("      Layers:\n        - !If [Big, [bad, worse], [good]]\n");
    assert_eq!(said(one, &nested), [(10, "bad".to_owned(), Some("Big is true".to_owned()))]);
    assert_eq!(said(none, &nested), [(9, "Layers".to_owned(), Some("Big is false".to_owned()))]);
}

/// What is missing in an item is pointed at in the item; what is missing beside the properties, at the resource.
#[test]
fn places_of_what_is_missing() {
    let text = function("      FileSystemConfigs:\n        - Arn: a\n          LocalMountPath: b\n        - Arn: c\n");
    let path = "on: AWS::Lambda::Function\nbad: {'FileSystemConfigs[].LocalMountPath': absent}";
    assert_eq!(said(path, &text), [(12, "Arn".to_owned(), None)]);
    let each = "on: AWS::Lambda::Function\neach: FileSystemConfigs[]\nbad: {LocalMountPath: absent}";
    assert_eq!(said(each, &text), [(12, "Arn".to_owned(), None)]);
    let beside = "on: AWS::Lambda::Function\neach: FileSystemConfigs[]\nbad: {LocalMountPath: b, $DeletionPolicy: absent}\nat: $DeletionPolicy";
    assert_eq!(said(beside, &text), [(6, "F".to_owned(), None)]);
}

/// A map or a list that is wrong as a whole is pointed at by its key, a text by itself; a key by itself.
#[test]
fn places_of_values_and_keys() {
    let text = function("      Environment:\n        Variables:\n          PASSWORD: x\n          LIST: [a]\n");
    let says = |bad: &str| said(&format!("on: AWS::Lambda::Function\nbad: {bad}"), &text);
    let none = None::<String>;
    assert_eq!(says("{Environment.Variables: {kind: map}}"), [(10, "Variables".to_owned(), none.clone())]);
    assert_eq!(says("{Environment.Variables: {some: {kind: list}}}"), [(12, "LIST".to_owned(), none.clone())]);
    assert_eq!(says("{Environment.Variables: {some: {is: x}}}"), [(11, "x".to_owned(), none.clone())]);
    assert_eq!(says("{Environment.Variables: {some-key: {is: PASSWORD}}}"), [(11, "PASSWORD".to_owned(), none)]);
}

/// The key that a value stands behind tells a credential from a text; in a list it is the list's.
#[test]
fn names_of_values() {
    let credential = "on: AWS::Lambda::Function\nbad: {Environment.Variables: {some: {credential: true}}}";
    let text = function(
        "      Environment:\n        Variables:\n          DB_PASSWORD: kT9$vQ2!xLm4\n          COLOUR: kT9$vQ2!xLm4\n",
    );
    assert_eq!(said(credential, &text).iter().map(|found| found.0).collect::<Vec<_>>(), [11]);
    let path = "on: AWS::Lambda::Function\nbad: {Environment.Variables.DB_PASSWORD: {credential: true}}";
    assert_eq!(said(path, &text).len(), 1);
    let list = "on: AWS::Lambda::Function\nbad: {DbPassword: {some: {credential: true}}}";
    assert_eq!(said(list, &function("      DbPassword: [kT9$vQ2!xLm4]\n")).len(), 1);
    assert_eq!(said(list, &function("      DbColour: [kT9$vQ2!xLm4]\n")).len(), 0);
}

/// What `owner` asks is asked about the resource; the statement is still known.
#[test]
fn owners_of_statements() {
    let text = "Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      Description: yes
      AssumeRolePolicyDocument:
        Statement: {Effect: Allow, Action: sts:AssumeRole, Principal: {Service: lambda.amazonaws.com}}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement: {Effect: Allow, Action: s3:GetObject, Resource: x}
";
    let check = "statements: all\nbad: {owner: {Description: present, policy: identity}}";
    assert_eq!(said(check, text).iter().map(|found| found.0).collect::<Vec<_>>(), [11]);
}

/// A default stands in for what is absent, and for nothing else; a length is that of what is there.
#[test]
fn defaults_and_lengths() {
    let says = |bad: &str, properties: &str| {
        said(&format!("on: AWS::Lambda::Function\nbad: {bad}"), &function(properties)).len()
    };
    let below = "{Timeout: {default: 3, below: 10}}";
    assert_eq!(says(below, "      Handler: a.b\n"), 1);
    assert_eq!(says(below, "      Timeout: 20\n"), 0);
    assert_eq!(says(below, "      Timeout: !Ref Stage\n"), 0);
    let conditional = said(
        "on: AWS::Lambda::Function\nbad: {Timeout: {default: 3, below: 10}}",
        &function("      Timeout: !If [Big, 20, !Ref AWS::NoValue]\n"),
    );
    assert_eq!(conditional.iter().map(|found| found.2.as_deref()).collect::<Vec<_>>(), [Some("Big is false")]);
    let two = "{Layers: {length: {is: 2}}}";
    assert_eq!(says(two, "      Layers: [a, b]\n"), 1);
    assert_eq!(says(two, "      Layers: [a]\n"), 0);
    assert_eq!(says(two, "      Layers: [a, !If [Big, b, !Ref AWS::NoValue]]\n"), 0);
    assert_eq!(says("{Handler: {length: {is: 3}}}", "      Handler: a.b\n"), 1);
    assert_eq!(says("{Handler: {length: {above: 0}}}", "      Handler: !ImportValue name\n"), 0);
    assert_eq!(says("{Handler: {length: {above: 0}}}", "      Layers: []\n"), 0);
    assert_eq!(says("{Tags: {length: {is: 1}}}", "      Tags: {a: b}\n"), 1);
}
