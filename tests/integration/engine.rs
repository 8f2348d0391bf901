//! What the engine promises to rules, shown on rules of our own: what a sample of mutations found nobody asking.

use portcullis::finding::Finding;
use portcullis::rules::Catalogue;
use portcullis::scan::{examples, scan};
use portcullis::source::{NoFiles, Source};

use crate::only::only;
use std::sync::Arc;

/// A rule with a check and examples behaves as the examples say.
fn behaves(check: &str, cases: &str) {
    let indented = |text: &str| text.lines().map(|line| format!("  {line}\n")).collect::<String>();
    let card = format!(
        "name: engine-rule\ntitle: something is wrong\ncategory: exposure\nseverity: high\nwhy: w\nremedy: r\ncheck:\n{}examples:\n{}",
        indented(check),
        indented(cases)
    );
    let mut catalogue = Catalogue::builtin();
    catalogue.add([("engine-rule.yaml".into(), card)]).expect("the rule is a rule");
    let wrong = examples::run(catalogue, |rule| rule.head.name == "engine-rule");
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
