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

/// Of several alternatives each that holds at a place of its own is told, each place once, but not what holds only sometimes where the
/// first holds always; what is missing has no place of its own.
#[test]
fn every_alternative_is_told() {
    let check = "on: AWS::Lambda::Function\nbad:\n  any:\n    - Timeout: 1\n    - MemorySize: 128\n    - MemorySize: {below: 200}\n    - Handler: absent\n";
    let lines = |properties: &str| {
        let template = format!(
            "Conditions: {{C: !Equals [!Ref 'AWS::Region', eu-west-1]}}\nResources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n{properties}"
        );
        said(check, &template).into_iter().map(|(line, text, under)| (line, text, under.is_some())).collect::<Vec<_>>()
    };
    let told = |line: u32, text: &str, under: bool| (line, text.to_owned(), under);
    assert_eq!(lines("      Timeout: 1\n      MemorySize: 128\n"), [told(6, "1", false), told(7, "128", false)]);
    assert_eq!(lines("      Runtime: x\n"), [told(3, "F", false)]);
    let missing_first = "on: AWS::Lambda::Function\nbad:\n  any:\n    - Handler: absent\n    - MemorySize: 128\n";
    let template = "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      MemorySize: 128\n";
    assert_eq!(said(missing_first, template), [(2, "F".to_owned(), None)]);
    assert_eq!(
        lines("      Handler: a.b\n      Timeout: !If [C, 1, 3]\n      MemorySize: !If [C, 256, 128]\n"),
        [told(7, "1", true), told(8, "128", true)]
    );
    assert_eq!(
        lines("      Handler: a.b\n      Timeout: 1\n      MemorySize: !If [C, 256, 128]\n"),
        [told(7, "1", false)]
    );
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

/// A parameter that hides its value hides it in a list as well as at the end of a path, whatever values are allowed.
#[test]
fn hidden_parameters() {
    for (bad, property) in [
        ("Layers: {some: {plaintext: true}}", "Layers: [!Ref P]"),
        ("VpcConfig.SubnetIds: {plaintext: true}", "VpcConfig: {SubnetIds: !Ref P}"),
    ] {
        let case = |kind: &str, hides: &str, mark: &str| {
            format!(
                "\
- {kind}: |
    Parameters:
      P: {{Type: String, {hides}AllowedValues: [aa, bb]}}
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties:
          {property}{mark}
"
            )
        };
        let cases = case("bad", "", " # <--") + &case("good", "NoEcho: true, ", "");
        behaves(&format!("on: AWS::Lambda::Function\nbad: {{{bad}}}"), &cases);
    }
}

/// A policy of an API keeps strangers out or does not, as a map and as a text, beside its definition and in it.
#[test]
fn policies_of_apis_as_texts() {
    let severity = |properties: &str| {
        let text = format!("Resources: {{A: {{Type: AWS::ApiGateway::RestApi, Properties: {{{properties}}}}}}}\n");
        let found = findings("apigateway-route-without-auth", &text);
        found.iter().map(|finding| finding.severity.name()).collect::<Vec<_>>()
    };
    let allow = r#""Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*""#;
    let open = format!(r#"{{"Statement": [{{{allow}}}]}}"#);
    let narrow = format!(
        r#"{{"Statement": [{{{allow}, "Condition": {{"IpAddress": {{"aws:SourceIp": "203.0.113.0/24"}}}}}}]}}"#
    );
    let paths = r#""paths": {"/x": {"post": {"x-amazon-apigateway-integration": {"type": "aws_proxy", "uri": "u"}}}}"#;
    for (policy, wanted) in [(&open, "high"), (&narrow, "low")] {
        assert_eq!(severity(&format!("Policy: {policy}, Body: {{{paths}}}")), [wanted]);
        assert_eq!(severity(&format!("Policy: '{policy}', Body: {{{paths}}}")), [wanted]);
        assert_eq!(severity(&format!("Body: {{{paths}, \"x-amazon-apigateway-policy\": {policy}}}")), [wanted]);
        assert_eq!(severity(&format!("Body: '{{{paths}, \"x-amazon-apigateway-policy\": {policy}}}'")), [wanted]);
    }
}

/// A password that only a parameter shows is not as bad as one in the template, its default included.
#[test]
fn shown_parameters() {
    let severity = |parameter: &str, password: &str| {
        let text = format!(
            "Parameters: {{P: {{Type: String{parameter}}}}}\nResources: {{C: {{Type: AWS::Redshift::Cluster, Properties: {{MasterUserPassword: {password}}}}}}}\n"
        );
        let found = findings("redshift-plaintext-password", &text);
        found.iter().map(|finding| finding.severity.name()).collect::<Vec<_>>()
    };
    assert_eq!(severity("", "!Ref P"), ["high"]);
    assert_eq!(severity(", Default: Hunter2hunter2", "!Ref P"), ["critical"]);
    assert_eq!(severity("", "Hunter2hunter2"), ["critical"]);
    assert_eq!(severity(", NoEcho: true", "!Ref P"), [""; 0]);
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
    assert_eq!((one.place.from().line, inheriting(one)), (4, 2));
    let others: Vec<&str> = one.related.iter().map(|label| label.message.as_str()).collect();
    for name in ["Two", "Three"] {
        assert!(others.contains(&format!("`{name}` inherits it as well").as_str()), "{others:?}");
    }
}

/// How many others a finding names that inherit the same.
fn inheriting(finding: &Finding) -> usize {
    finding.related.iter().filter(|label| label.message.ends_with(" inherits it as well")).count()
}

/// Of very many that inherit something a score is named; what is written twice is found twice.
#[test]
fn inherited_by_very_many() {
    let function = "{Type: AWS::Serverless::Function, Properties: {Handler: a.b, InlineCode: x}}";
    let mut text =
        "Transform: AWS::Serverless-2016-10-31\nGlobals:\n  Function:\n    Runtime: nodejs12.x\nResources:\n"
            .to_owned();
    text.extend((0..30).map(|i| format!("  F{i}: {function}\n")));
    let found = findings("lambda-deprecated-runtime", &text);
    assert_eq!(found.iter().map(inheriting).collect::<Vec<_>>(), [20]);
    let own = text.replace("InlineCode: x}", "InlineCode: x, Runtime: nodejs12.x}");
    let found = findings("lambda-deprecated-runtime", &own);
    assert_eq!((found.len(), found.iter().map(inheriting).sum::<usize>()), (30, 0));
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

/// However many other items have a condition of their own, what is always there is told; and of two of them each under its own.
#[test]
fn many_items_under_conditions() {
    let template = |items: &str| {
        let (mut parameters, mut conditions) = (String::new(), String::new());
        for n in 0..20 {
            parameters.push_str(&format!("  P{n}: {{Type: String}}\n"));
            conditions.push_str(&format!("  C{n}: !Equals [!Ref P{n}, x]\n"));
        }
        format!(
            "Parameters:\n{parameters}Conditions:\n{conditions}Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n{items}"
        )
    };
    let under = |item: &str| (0..20).map(|n| item.replace('#', &n.to_string())).collect::<String>();
    let told = |bad: &str, items: &str| {
        let found = said(&format!("on: AWS::Lambda::Function\nbad: {bad}"), &template(items));
        found.into_iter().map(|(_, text, under)| (text, under)).collect::<Vec<_>>()
    };
    let some = "{Layers: {some: {is: bad}}}";
    for other in ["[C#, good, !Ref 'AWS::NoValue']", "[C#, good, better]", "[C#, [good, better], [best]]"] {
        let list = format!("      Layers:\n{}        - bad\n", under(&format!("        - !If {other}\n")));
        assert_eq!(told(some, &list), [("bad".to_owned(), None)], "{other}");
        if !other.contains("NoValue") {
            assert_eq!(told("{Layers: {every: {is: bad}}}", &list), [], "{other}");
        }
    }
    let maps = format!(
        "      Layers:\n{}        - {{A: bad}}\n",
        under("        - {A: !If [C#, good, better], B: !If [C#, x, y]}\n")
    );
    assert_eq!(told("{'Layers[].A': bad}", &maps), [("bad".to_owned(), None)]);
    // So many that no world can be told from the others: each is told under its own condition.
    let every = format!("      Layers:\n{}", under("        - !If [C#, bad, good]\n"));
    let conditions: Vec<_> = (0..20).map(|n| ("bad".to_owned(), Some(format!("C{n} is true")))).collect();
    assert_eq!(told(some, &every), conditions);
    assert_eq!(told("{Layers: {not: {some: {is: bad}}}}", &every), []);
    let neither = "{any: [{Layers: {every: {is: worse}}}, {Layers: {every: {is: worst}}}]}";
    assert_eq!(told(neither, &every), []);
    let always = format!("{every}        - bad\n");
    assert!(told(some, &always).contains(&("bad".to_owned(), None)));
    let properties =
        format!("      Tags: {{{}}}\n      Layers: [bad]\n", under("K#: !If [C#, bad, good], ").trim_end_matches(", "));
    assert!(!told("{Tags: {some: {is: bad}}, Layers: {some: {is: bad}}}", &properties).is_empty());
    let two = "      Layers: [!If [C1, bad, good], good, !If [C2, bad, good]]\n";
    let found = told(some, two);
    assert!(found.iter().all(|(_, under)| under.is_some()) && found.len() > 1, "{found:?}");
}

/// A key that is there always is, whatever stands before it under a condition; and one that a macro adds may be any.
#[test]
fn keys_under_conditions() {
    let begins = "on: AWS::Lambda::Function\nbad: {Tags: {some-key: {starts-with: b}}}";
    for tags in
        ["{bold: !If [Big, x, !Ref 'AWS::NoValue'], bad: x}", "{bad: x, bold: !If [Big, x, !Ref 'AWS::NoValue']}"]
    {
        let text = function(&format!("      Tags: {tags}\n"));
        assert_eq!(said(begins, &text), [(9, "bad".to_owned(), None)], "{tags}");
    }
    let none = "{kind: map, not: {some-key: {starts-with: b}}}";
    let item = "{kind: map, every: {is: x}}";
    let two = "{kind: map, length: {below: 3}}";
    for pattern in [none, item, two] {
        let check = format!("on: AWS::Lambda::Function\nbad: {{Tags: {pattern}}}");
        assert_eq!(said(&check, &function("      Tags: {a: x, c: x}\n")).len(), 1, "{pattern}");
        let open =
            function("      Tags: {a: x, 'Fn::Transform': {Name: AWS::Include, Parameters: {Location: s3://b/k}}}\n");
        assert_eq!(said(&check, &open), [], "{pattern}");
    }
    let written = "on: AWS::Lambda::Function\nbad: {Tags: {some: {is: x}}}";
    let open =
        function("      Tags: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: s3://b/k}}, a: x}\n");
    assert_eq!(said(written, &open).len(), 1);
    let parts = "on: AWS::Lambda::Function\nbad: {Tags: {some: {kind: map}}}";
    assert_eq!(said(parts, &open), []);
}

/// An alias or a version of a function, put together from its ARN, is no bucket, and may be the function.
#[test]
fn what_is_put_together_from_an_arn() {
    let text = function(
        "      Handler: !Sub '${G.Arn}:live'\n  G:\n    Type: AWS::Lambda::Function\n    Properties: {Runtime: x}\n",
    );
    let lines = |bad: &str| {
        let found =
            said(&format!("on: AWS::Lambda::Function\nwhen: {{Handler: present}}\nbad: {{Handler: {bad}}}"), &text);
        found.into_iter().map(|(line, ..)| line).collect::<Vec<_>>()
    };
    assert_eq!(lines("{not: {refers-to: AWS::S3::Bucket}}"), [9]);
    assert_eq!(lines("{refers-to: AWS::S3::Bucket}"), [0; 0]);
    assert_eq!(lines("{not: {refers-to: AWS::Lambda::Function}}"), [0; 0]);
}

/// `any-resource` is about the actions that stand beside it, not about those of another alternative.
#[test]
fn the_actions_beside_any_resource() {
    let check = "on: AWS::IAM::Policy\nstatements: identity\nbad:\n  any:\n    - {Effect: Deny, allows: 'iam:PassRole'}\n    - {allows: 's3:GetObject', any-resource: true}";
    let text = |resource: &str| {
        format!(
            "Resources:\n  P:\n    Type: AWS::IAM::Policy\n    Properties:\n      PolicyName: x\n      Roles: [r]\n      PolicyDocument:\n        Statement: [{{Effect: Allow, Action: 's3:GetObject', Resource: '{resource}'}}]\n"
        )
    };
    assert_eq!(said(check, &text("arn:aws:s3:::*/*")).len(), 1);
    assert_eq!(said(check, &text("arn:aws:iam::*:role/*")).len(), 0);
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

/// Literals are compared as what they are: a list with a list of the same items, a number by its value, a text by its
/// characters; what cannot be the same is not.
#[test]
fn literals_are_compared() {
    let says = |bad: &str, properties: &str| {
        said(&format!("on: AWS::Lambda::Function\nbad: {bad}"), &function(&format!("      {properties}\n"))).len()
    };
    for (bad, properties, speaks) in [
        ("{Layers: {is: [a, b]}}", "Layers: [a, b]", 1),
        ("{Layers: {is: [a, b]}}", "Layers: [a]", 0),
        ("{Layers: {is: [a, b]}}", "Layers: [a, b, c]", 0),
        ("{Layers: {is: [a, b]}}", "Layers: [a, c]", 0),
        ("{Layers: {not: {is: [a, b]}}}", "Layers: [a]", 1),
        ("{Layers: {not: {is: [a, b]}}}", "Layers: a", 1),
        ("{Layers: {not: {is: [a, b]}}}", "Layers: !ImportValue x", 0),
        ("{Tags: {not: {is: {a: b}}}}", "Tags: a", 1),
        ("{Tags: {not: {is: {a: b}}}}", "Tags: !ImportValue x", 0),
        ("{Timeout: {is: 3}}", "Timeout: 3.0", 1),
        ("{Timeout: {is: 3}}", "Timeout: '3'", 1),
        ("{Timeout: {not: {is: 3}}}", "Timeout: [3]", 1),
        ("{Timeout: {not: {is: 3}}}", "Timeout: '{{resolve:ssm:x}}'", 0),
        ("{Timeout: {not: {is: 3}}}", "Timeout: x3", 1),
        ("{Timeout: {not: {above: 3}}}", "Timeout: abc", 1),
        ("{Timeout: {not: {above: 3}}}", "Timeout: '{{resolve:ssm:x}}'", 0),
        ("{Timeout: {not: {above: 3}}}", "Timeout: {a: b}", 1),
        ("{Publish: {is: true}}", "Publish: 'true'", 1),
        ("{Publish: {not: {is: true}}}", "Publish: [true]", 1),
        ("{Publish: {not: {is: true}}}", "Publish: maybe", 1),
        ("{Publish: {not: {is: true}}}", "Publish: '{{resolve:ssm:x}}'", 0),
        ("{Publish: {not: {is: true}}}", "Publish: !ImportValue x", 0),
        ("{Handler: {is: a.b}}", "Handler: a.b", 1),
        ("{Handler: {not: {contains: b}}}", "Handler: [b]", 1),
        ("{Handler: {not: {contains: b}}}", "Handler: !Sub 'x${AWS::Region}'", 0),
    ] {
        assert_eq!(says(bad, properties), speaks, "{bad} {properties}");
    }
}

/// Lists in lists are items, to a depth of five; of a map its values are, whatever they are.
#[test]
fn items_of_items() {
    let some = "on: AWS::Lambda::Function\nbad: {Layers: {some: {is: bad}}}";
    for (depth, speaks) in [(1, 1), (2, 1), (5, 1), (6, 0)] {
        let list = format!("{}bad{}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(said(some, &function(&format!("      Layers: {list}\n"))).len(), speaks, "{depth}");
    }
    assert_eq!(said(some, &function("      Layers: {a: bad, b: good, c: bad}\n")).len(), 2);
    assert_eq!(said(some, &function("      Layers: {a: [bad]}\n")).len(), 0);
}

/// Every key, and every item, that is wrong is pointed at.
#[test]
fn each_has_its_own_place() {
    let keys = "on: AWS::Lambda::Function\nbad: {Tags: {some-key: {starts-with: b}}}";
    let text = function("      Tags: {bad: x, good: x, bold: x}\n");
    assert_eq!(said(keys, &text).iter().map(|found| found.1.as_str()).collect::<Vec<_>>(), ["bad", "bold"]);
    let items = "on: AWS::Lambda::Function\nbad: {Layers: {some: {starts-with: b}}}";
    let text = function("      Layers: [bad, good, bold]\n");
    assert_eq!(said(items, &text).iter().map(|found| found.1.as_str()).collect::<Vec<_>>(), ["bad", "bold"]);
}

/// Of several patterns the one that certainly holds is pointed at, and of all of them the one that is narrowest.
#[test]
fn places_of_several_patterns() {
    let text = function("      Handler: !ImportValue x\n      Timeout: 3\n      Layers: [bad]\n");
    let at = |bad: &str| {
        let found = said(&format!("on: AWS::Lambda::Function\nbad: {bad}"), &text);
        found.iter().map(|found| found.0).collect::<Vec<_>>()
    };
    assert_eq!(at("{any: [{Handler: a}, {Timeout: 3}]}"), [10]);
    assert_eq!(at("{any: [{Timeout: 3}, {Handler: a}]}"), [10]);
    assert_eq!(at("{any: [{Timeout: 4}, {Layers: {some: {is: bad}}}]}"), [11]);
    assert_eq!(at("{all: [{Timeout: 3}, {Tags: absent}]}"), [10]);
    assert_eq!(at("{all: [{Tags: absent}, {Timeout: 3}]}"), [10]);
    assert_eq!(at("{all: [{Timeout: 3}, {Layers: {some: {is: bad}}}]}"), [11]);
    assert_eq!(at("{Layers: {every: {is: bad}}}"), [11]);
    assert_eq!(at("{all: [{Layers: {every: {is: bad}}}, {Tags: absent}]}"), [11]);
}

/// A message names the resource, its type, the value, what a wildcard means and the actions; a secret's value it hides.
#[test]
fn messages_have_the_templates_words() {
    let message = |head: &str, check: &str, text: &str| {
        let card = format!(
            "name: engine-rule\ntitle: t\ncategory: exposure\nseverity: high\nwhy: w\nremedy: r\n{head}check: {check}\n"
        );
        let mut catalogue = Catalogue::builtin();
        catalogue.add([("engine-rule.yaml".into(), card)]).expect("the rule is a rule");
        let source = Arc::new(Source::new("template.yaml", text));
        let outcome =
            scan(&source, &only_of(catalogue, "engine-rule"), &NoFiles, &portcullis::resolve::Exports::default());
        outcome
            .findings
            .into_iter()
            .map(|f| format!("{}|{}", f.message, f.label.unwrap_or_default()))
            .collect::<Vec<_>>()
    };
    let check = "{on: AWS::Lambda::Function, bad: {Handler: present}, message: '{resource} ({type}) has {value}', label: 'it is {value}'}";
    let text = function("      Handler: a.b\n");
    assert_eq!(message("", check, &text), ["F (AWS::Lambda::Function) has a.b|it is a.b"]);
    assert_eq!(message("secret: true\n", check, &text), ["F (AWS::Lambda::Function) has …|it is …"]);
    let holes = function("      Handler: !Sub '${AWS::Region}-${F.Arn}-${P}.b'\n");
    let holes = format!("Parameters: {{P: {{Type: String}}}}\n{holes}");
    let said = "${AWS::Region}-${F.Arn}-${P}.b";
    assert_eq!(message("", check, &holes), [format!("F (AWS::Lambda::Function) has {said}|it is {said}")]);
    let policy = |statement: &str| {
        format!(
            "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties: {{PolicyDocument: {{Statement: [{statement}]}}}}\n"
        )
    };
    let wild = "{statements: all, bad: {wildcard-action: partial}, message: '{value} is {expansion}'}";
    let text = policy("{Effect: Allow, Action: 'dynamodb:BatchG*', Resource: '*'}");
    assert_eq!(message("", wild, &text), ["dynamodb:BatchG* is 1 action|"]);
    let sorts = "{statements: all, bad: {allows-a: write}, once: true, message: 'allows {actions}'}";
    let text = policy(
        "{Effect: Allow, Action: ['sqs:SendMessage', 'sqs:DeleteMessage', 'sqs:SendM*', 'sqs:GetQueueUrl'], Resource: '*'}",
    );
    assert_eq!(
        message("", sorts, &text),
        ["allows `sqs:SendMessage`, `sqs:DeleteMessage` and `sqs:SendM*` (`SendMessage`)|"]
    );
}

/// A condition that is declared nowhere is one thing or the other throughout: alternatives do not double its cases.
#[test]
fn a_condition_that_nobody_declared() {
    let text = |engine: &str| {
        format!("Resources:\n  R: {{Type: AWS::RDS::DBInstance, Properties: {{Engine: !If [Nobody, {engine}]}}}}\n")
    };
    assert_eq!(findings("rds-engine-deprecated", &text("postgres, mysql")).len(), 0);
    let found = findings("rds-engine-deprecated", &text("aurora, mysql"));
    assert_eq!(found.iter().map(|f| f.under.as_deref()).collect::<Vec<_>>(), [Some("Nobody is true")]);
}

/// Properties that a function makes, which CloudFormation refuses, are taken as they are in every way to look at them.
#[test]
fn properties_that_a_function_makes() {
    let text = "Resources:\n  A: {Type: AWS::EC2::NetworkAcl, Properties: !Sub ''}\n  E: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref A}}\n";
    let check = |bad: &str| {
        said(&format!("on: AWS::EC2::NetworkAclEntry\nbad: {{NetworkAclId: {{refers-to: {{type: AWS::EC2::NetworkAcl, where: {bad}}}}}}}"), text).len()
    };
    assert_eq!(findings("nacl-used", text).len(), 2);
    assert_eq!((check("present"), check("absent")), (1, 0));
}

/// A version that has ended is told with its last day, of the product that it is of, and without where nobody wrote it down.
#[test]
fn messages_know_when_a_version_ended() {
    let since = |rule: &str, kind: &str, properties: &str| {
        let text = format!(
            "Parameters:\n  Old: {{Type: String, Default: '5.7'}}\nResources:\n  R: {{Type: '{kind}', Properties: {{{properties}}}}}\n"
        );
        let found = findings(rule, &text);
        found.iter().map(|f| f.message.split_once(" since ").map(|(_, end)| end.to_owned())).collect::<Vec<_>>()
    };
    let on = |day: &str| [Some(day.to_owned())];
    let rds = |properties: &str| since("rds-engine-deprecated", "AWS::RDS::DBInstance", properties);
    assert_eq!(rds("Engine: mysql, EngineVersion: 5.7.44"), on("2024-02-29"));
    assert_eq!(rds("Engine: aurora-mysql, EngineVersion: !Ref Old"), on("2024-10-31"));
    assert_eq!(rds("Engine: aurora"), [None]);
    let search = |version: &str| {
        since("opensearch-engine-deprecated", "AWS::OpenSearchService::Domain", &format!("EngineVersion: {version}"))
    };
    assert_eq!(search("Elasticsearch_6.7"), on("2025-11-07"));
    let broker = |version: &str| {
        let properties = format!("EngineType: ActiveMQ, EngineVersion: {version}");
        since("amazonmq-engine-deprecated", "AWS::AmazonMQ::Broker", &properties)
    };
    assert_eq!(broker("5.15.2"), on("2024-09-16"));
    assert_eq!(broker("5.9.0"), [None]);
}

/// What a statement allows is asked of what its denials leave.
#[test]
fn denials_are_taken_away() {
    let says = |bad: &str, action: &str, denied: &str| {
        let text = format!(
            "Resources:
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - {{Effect: Allow, Action: {action}, Resource: '*'}}
              - {{Effect: Deny, Action: {denied}, Resource: '*'}}
"
        );
        said(&format!("statements: identity\nbad: {bad}"), &text).len()
    };
    let get = "{allows: 's3:GetObject'}";
    assert_eq!(says(get, "'s3:*'", "'s3:PutObject'"), 1);
    assert_eq!(says(get, "'s3:*'", "'s3:GetObject'"), 0);
    assert_eq!(says(get, "'s3:GetObject'", "'s3:Get*'"), 0);
    assert_eq!(says(get, "['s3:GetObject', 's3:PutObject']", "'s3:PutObject'"), 1);
    let write = "{allows-a: write}";
    assert_eq!(says(write, "'sqs:*Queue'", "['sqs:CreateQueue', 'sqs:DeleteQueue']"), 1);
    assert_eq!(says(write, "'sqs:*Queue'", "['sqs:*Queue']"), 0);
    assert_eq!(says(write, "'sqs:SendMessage'", "'sqs:PurgeQueue'"), 1);
    let wide = "{wildcard-action: service}";
    assert_eq!(says(wide, "'sqs:*'", "'sqs:PurgeQueue'"), 1);
    assert_eq!(says(wide, "'sqs:*'", "'sqs:*'"), 0);
}

/// A parameter that hides its value is not readable, any other is: what is looked up is a String in Parameter Store.
#[test]
fn parameters_that_are_readable() {
    for (parameter, speaks) in [
        ("{Type: String}", 1),
        ("{Type: 'AWS::SSM::Parameter::Value<String>'}", 1),
        ("{Type: 'AWS::SSM::Parameter::Value<String>', NoEcho: true}", 1),
        ("{Type: 'AWS::SSM::Parameter::Name'}", 0),
        ("{Type: String, NoEcho: true}", 0),
        ("{Type: String, NoEcho: true, Default: abc}", 1),
    ] {
        let text = format!(
            "Parameters:\n  P: {parameter}\nResources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Handler: !Ref P\n"
        );
        let check = "on: AWS::Lambda::Function\nbad: {Handler: {plaintext: true}}";
        assert_eq!(said(check, &text).len(), speaks, "{parameter}");
    }
}

/// What CloudFormation looks up in Secrets Manager is not readable; a plain parameter of Parameter Store is.
#[test]
fn references_that_are_readable() {
    let check = "on: AWS::Lambda::Function\nbad: {Handler: {plaintext: true}}";
    for (value, speaks) in [
        ("'{{resolve:ssm:name}}'", 1),
        ("'{{resolve:ssm-secure:name}}'", 0),
        ("'{{resolve:secretsmanager:name}}'", 0),
        ("'user:{{resolve:secretsmanager:name}}'", 0),
        ("'user:{{resolve:ssm:name}}'", 1),
        ("!Ref AWS::StackName", 1),
        ("!GetAtt Other.Name", 0),
        ("!ImportValue x", 0),
        ("''", 0),
    ] {
        assert_eq!(said(check, &function(&format!("      Handler: {value}\n"))).len(), speaks, "{value}");
    }
}

/// A resource that something refers to is so in every case, or only where what refers to it is there.
#[test]
fn references_under_conditions() {
    let text = |condition: &str, own: &str| {
        format!(
            "Parameters:\n  Stage: {{Type: String}}\nConditions:\n  Big: !Equals [!Ref Stage, big]\nResources:\n  B:\n    Type: AWS::S3::Bucket{own}\n  P:\n    Type: AWS::S3::BucketPolicy{condition}\n    Properties: {{Bucket: !Ref B, Kind: good}}\n"
        )
    };
    let big = "\n    Condition: Big";
    let with =
        |kind: &str| format!("{{referred-by: {{type: AWS::S3::BucketPolicy, at: Bucket, where: {{Kind: {kind}}}}}}}");
    let says = |bad: &str, text: &str| said(&format!("on: AWS::S3::Bucket\nbad: {bad}"), text).len();
    assert_eq!(says(&with("good"), &text("", "")), 1);
    assert_eq!(says(&with("bad"), &text("", "")), 0);
    assert_eq!(says(&format!("{{not: {}}}", with("bad")), &text("", "")), 1);
    // Where its condition does not hold, it is missing.
    let under = |bad: &str| {
        let found = said(&format!("on: AWS::S3::Bucket\nbad: {bad}"), &text(big, ""));
        found.into_iter().map(|found| found.2.unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(under(&with("good")), ["Big is true"]);
    assert_eq!(under(&format!("{{not: {}}}", with("good"))), ["Big is false"]);
    assert_eq!(says(&with("good"), &text(big, big)), 1);
    assert_eq!(says(&with("good"), &text("", big)), 1);
}

/// A fix is made in the item that is wrong, not in the resource.
#[test]
fn fixes_in_items() {
    let card = "name: engine-rule
title: t
category: exposure
severity: high
why: w
remedy: r
check:
  on: AWS::Lambda::Function
  bad: {FileSystemConfigs: {some: {LocalMountPath: absent}}}
fix: {title: set it, safety: safe, set: {LocalMountPath: /mnt/a}}
";
    let mut catalogue = Catalogue::builtin();
    catalogue.add([("engine-rule.yaml".into(), card.to_owned())]).expect("the rule is a rule");
    let text = function("      FileSystemConfigs:\n        - Arn: a\n          LocalMountPath: b\n        - Arn: c\n");
    let source = Arc::new(Source::new("template.yaml", text.as_str()));
    let outcome = scan(&source, &only_of(catalogue, "engine-rule"), &NoFiles, &portcullis::resolve::Exports::default());
    let [finding] = &outcome.findings[..] else { panic!("{:?}", outcome.findings) };
    let edits: Vec<_> = finding.fixes.iter().flat_map(|fix| &fix.edits).collect();
    let [edit] = &edits[..] else { panic!("{edits:?}") };
    let mut after = text.clone();
    after.replace_range(edit.place.start as usize..edit.place.end as usize, &edit.text);
    assert_eq!(after, text.replace("- Arn: c\n", "- Arn: c\n          LocalMountPath: /mnt/a\n"));
}

/// A fix is offered where it certainly fits, in every case.
#[test]
fn fixes_that_fit() {
    let card = "name: engine-rule\ntitle: t\ncategory: exposure\nseverity: high\nwhy: w\nremedy: r\ncheck: {on: AWS::Lambda::Function, bad: {Timeout: 1}}\nfix: {title: longer, safety: safe, when: {MemorySize: {above: 200}}, set: {Timeout: 5}}\n";
    let fixes = |memory: &str| {
        let mut catalogue = Catalogue::builtin();
        catalogue.add([("engine-rule.yaml".into(), card.to_owned())]).expect("the rule is a rule");
        let source = Arc::new(Source::new("template.yaml", function(&format!("      Timeout: 1\n{memory}"))));
        let scanner = only_of(catalogue, "engine-rule");
        let outcome = scan(&source, &scanner, &NoFiles, &portcullis::resolve::Exports::default());
        outcome.findings.iter().map(|finding| finding.fixes.len()).collect::<Vec<_>>()
    };
    assert_eq!(fixes("      MemorySize: 256\n"), [1]);
    assert_eq!(fixes("      MemorySize: !If [Big, 512, 256]\n"), [1]);
    assert_eq!(fixes("      MemorySize: !If [Big, 256, 128]\n"), [0]);
    assert_eq!(fixes("      MemorySize: !ImportValue x\n"), [0]);
    assert_eq!(fixes(""), [0]);
}

/// A rule is known by a peer's id, with the peer or without, in any case; where it speaks, what it subsumes is silent.
#[test]
fn other_names_and_subsumption() {
    let catalogue = Catalogue::builtin();
    let known = |id: &str| catalogue.by_alias(id).iter().map(|r| r.head.name.clone()).collect::<Vec<_>>();
    for id in ["cfn_lint:W3011", "W3011", "w3011", "CFN_LINT:w3011"] {
        assert_eq!(known(id), ["template-deletion-policy-one-sided"], "{id}");
    }
    assert_eq!(known("cfn_lint"), [""; 0]);
    assert_eq!(known("checkov:W3011"), [""; 0]);
    let mut pairs = 0;
    for (at, rule) in catalogue.rules().iter().enumerate() {
        for other in rule.head.subsumes.iter().chain(&rule.head.silences) {
            let position = catalogue.rules().iter().position(|r| r.head.name == *other).expect("it exists");
            assert!(catalogue.subsumers(position).contains(&at), "{} {other}", rule.head.name);
            pairs += 1;
        }
    }
    assert_eq!(pairs, (0..catalogue.rules().len()).map(|at| catalogue.subsumers(at).len()).sum::<usize>());
}

/// Where the more specific rule speaks of one deployment only, the general one speaks for the others.
#[test]
fn a_case_silences_no_other() {
    let told = |resource: &str, effect: &str| {
        let text = format!(
            "Parameters: {{Env: {{Type: String}}}}\nConditions: {{IsProd: !Equals [!Ref Env, prod]}}\nResources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Version: '2012-10-17'\n        Statement: [{{Effect: {effect}, Action: '*', Resource: {resource}}}]\n"
        );
        let source = Arc::new(Source::new("template.yaml", text));
        let outcome = scan(&source, &crate::only::all(), &NoFiles, &portcullis::resolve::Exports::default());
        let about = ["iam-admin-access", "iam-wildcard-action"];
        let found = outcome.findings.into_iter().filter(|f| about.contains(&&*f.rule));
        found.map(|f| (f.rule.to_string(), f.under.unwrap_or_default())).collect::<Vec<_>>()
    };
    let said = |rule: &str, under: &str| (rule.to_owned(), under.to_owned());
    let [everything, some] = ["'*'", "'arn:aws:s3:::logs/*'"];
    assert_eq!(told(everything, "Allow"), [said("iam-admin-access", "")]);
    assert_eq!(
        told(&format!("!If [IsProd, {everything}, {some}]"), "Allow"),
        [said("iam-admin-access", "IsProd is true"), said("iam-wildcard-action", "")]
    );
    assert_eq!(told(&format!("!If [IsProd, {everything}, {everything}]"), "Allow").len(), 1);
}

/// What needs another value of a parameter than its default is less sure by a step.
#[test]
fn other_values_than_defaults_are_less_sure() {
    let check = "on: AWS::Lambda::Function\nbad: {Timeout: 900}\n";
    let sure = |default: &str, timeout: &str| {
        let text = format!(
            "Parameters:\n  Env: {{Type: String{default}, AllowedValues: [dev, prod]}}\n  Time: {{Type: Number, Default: 3, AllowedValues: [3, 900]}}\nConditions: {{IsProd: !Equals [!Ref Env, prod]}}\nResources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties: {{Timeout: {timeout}}}\n"
        );
        let scanner = only_of(with_rule(check, "[]"), "engine-rule");
        let source = Arc::new(Source::new("template.yaml", text));
        let outcome = scan(&source, &scanner, &NoFiles, &portcullis::resolve::Exports::default());
        outcome.findings.into_iter().map(|f| f.confidence.name()).collect::<Vec<_>>()
    };
    assert_eq!(sure(", Default: dev", "900"), ["high"]);
    assert_eq!(sure(", Default: prod", "!If [IsProd, 900, 3]"), ["high"]);
    assert_eq!(sure(", Default: dev", "!If [IsProd, 900, 3]"), ["medium"]);
    assert_eq!(sure("", "!If [IsProd, 900, 3]"), ["high"]);
    assert_eq!(sure("", "!Ref Time"), ["medium"]);
}

/// One defect is one finding: the worst rule that speaks of it, which says what else it means.
#[test]
fn one_defect_is_told_once() {
    let told = |text: &str| {
        let source = Arc::new(Source::new("template.yaml", text));
        let outcome = scan(&source, &crate::only::all(), &NoFiles, &portcullis::resolve::Exports::default());
        let catalogue = Catalogue::builtin();
        let default = |f: &Finding| {
            let rule = catalogue.get(&f.rule).expect("it is a rule");
            rule.head.profile == portcullis::rulebook::Profile::Default && f.kind == portcullis::finding::Kind::Fail
        };
        let mut found: Vec<_> = outcome.findings.iter().filter(|f| default(f)).map(|f| f.rule.to_string()).collect();
        found.sort();
        found
    };
    let identity = |statement: &str| {
        told(&format!(
            "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument: {{Version: '2012-10-17', Statement: [{{Effect: Allow, {statement}}}]}}\n"
        ))
    };
    assert_eq!(identity("Action: [s3:GetObject, s3:PutBucketPolicy], Resource: '*'"), ["iam-permissions-any-resource"]);
    assert_eq!(
        identity("Action: [s3:GetObject, s3:PutBucketPolicy, sts:AssumeRole], Resource: '*'"),
        ["iam-credentials-any-resource"]
    );
    assert_eq!(
        identity("Action: [s3:GetObject, s3:PutBucketPolicy], NotResource: 'arn:aws:s3:::a/*'"),
        ["iam-allow-not-resource"]
    );
    assert_eq!(identity("Action: [s3:GetObject], Resource: '*'"), ["iam-data-any-resource"]);
    let queue = |statement: &str| {
        told(&format!(
            "Resources:\n  P:\n    Type: AWS::SQS::QueuePolicy\n    Properties:\n      Queues: [q]\n      PolicyDocument: {{Version: '2012-10-17', Statement: [{{Effect: Allow, {statement}}}]}}\n"
        ))
    };
    let other = "NotPrincipal: {AWS: 'arn:aws:iam::111122223333:root'}";
    assert_eq!(
        queue(&format!("Action: sqs:SendMessage, Resource: '*', {other}")),
        ["sqs-queue-policy-allow-not-principal"]
    );
    let own = "Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}";
    assert_eq!(
        queue(&format!("NotAction: sqs:DeleteQueue, Resource: '*', {own}")),
        ["sqs-queue-policy-allow-not-action"]
    );
    // A secret that is used in one case only stands in the file all the same, even if nobody may ever choose that case.
    let secrets = |parameter: &str| {
        let text = format!(
            "Parameters: {{Stage: {{Type: String, {parameter}AllowedValues: [dev, prod]}}}}\nConditions: {{Dev: !Equals [!Ref Stage, dev]}}\nResources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Environment: {{Variables: {{DB_PASSWORD: !If [Dev, AKIAQ3EGRZ7YTXW2B5KD, !ImportValue p]}}}}\n"
        );
        told(&text).into_iter().filter(|rule| rule.contains("secret")).collect::<Vec<_>>()
    };
    assert_eq!(secrets(""), ["lambda-env-plaintext-secret"]);
    assert_eq!(secrets("Default: prod, "), ["lambda-env-plaintext-secret"]);
}

/// What makes a defect less bad counts when it is so in every case; what makes it worse, when it can be.
#[test]
fn grades_are_of_the_worst_case() {
    use portcullis::rulebook::Severity;

    let graded = |grade: &str, timeout: &str, severity: &str| {
        let check = format!(
            "on: AWS::Lambda::Function\nbad: {{Handler: a.b}}\ngrade: [{{when: {{{grade}}}, severity: {severity}}}]\n"
        );
        let scanner = only_of(with_rule(&check, "[]"), "engine-rule");
        let text = format!(
            "Parameters: {{P: {{Type: String, Default: a}}}}\nConditions: {{C: !Equals [!Ref 'AWS::Region', eu-west-1], D: !Equals [!Ref P, a]}}\nResources:\n  F: {{Type: AWS::Lambda::Function, Properties: {{Handler: a.b, Timeout: {timeout}}}}}\n"
        );
        let source = Arc::new(Source::new("template.yaml", text));
        let outcome = scan(&source, &scanner, &NoFiles, &portcullis::resolve::Exports::default());
        outcome.findings.iter().map(|f| f.severity).collect::<Vec<_>>()
    };
    assert_eq!(graded("Timeout: 1", "1", "low"), [Severity::Low]);
    assert_eq!(graded("Timeout: 1", "!If [C, 1, 3]", "low"), [Severity::High]);
    assert_eq!(graded("Timeout: 1", "!If [D, 1, 3]", "low"), [Severity::Low], "the other case has to be chosen");
    assert_eq!(graded("Timeout: 1", "!If [D, 3, 1]", "low"), [Severity::High]);
    assert_eq!(graded("Timeout: 1", "!If [C, 1, 3]", "critical"), [Severity::Critical]);
    let policy = |condition: &str| {
        let text = format!(
            "Conditions: {{C: !Equals [!Ref 'AWS::Region', eu-west-1]}}
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration: {{BlockPublicPolicy: false, BlockPublicAcls: true}}
  Policy:
    Type: AWS::S3::BucketPolicy{condition}
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument: {{Statement: [{{Effect: Allow, Principal: '*', Action: s3:GetObject, Resource: !Sub '${{Bucket.Arn}}/*'}}]}}
"
        );
        findings("s3-bucket-takes-public-policy", &text).iter().map(|f| f.severity).collect::<Vec<_>>()
    };
    assert_eq!(policy(""), [Severity::Low], "the policy has a finding of its own");
    assert_eq!(policy("\n    Condition: C"), [Severity::High], "without the policy any other can come");
}

/// Of a file that cannot be read to its end nothing is said about what may stand further down.
#[test]
fn broken_files_may_hold_more() {
    use portcullis::finding::Kind;

    let told = |end: &str| {
        let text =
            format!("Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties: {{QueueName: jobs}}\n{end}");
        let found = findings("sqs-queue-accepts-plain-http", &text);
        found.iter().filter(|f| f.kind == Kind::Fail && *f.rule == *"sqs-queue-accepts-plain-http").count()
    };
    assert_eq!(told(""), 1);
    assert_eq!(told("  Policy: [\n"), 0, "a policy of the queue may follow");
}

/// A rule that takes every event is less bad on a bus that nobody else may put events on.
#[test]
fn buses_of_ones_own() {
    use portcullis::rulebook::Severity;

    let graded = |bus: &str, more: &str| {
        let text = format!(
            "Resources:
  Bus: {{Type: AWS::Events::EventBus, Properties: {{Name: shop}}}}
  Rule: {{Type: AWS::Events::Rule, Properties: {{EventBusName: {bus}, EventPattern: {{account: [!Ref AWS::AccountId]}}}}}}
{more}"
        );
        findings("eventbridge-rule-matches-all", &text).iter().map(|f| f.severity).collect::<Vec<_>>()
    };
    let shared = "  Policy: {Type: AWS::Events::EventBusPolicy, Properties: {EventBusName: !Ref Bus, StatementId: s, Action: events:PutEvents, Principal: '111122223333'}}\n";
    assert_eq!(graded("!Ref Bus", ""), [Severity::Low]);
    assert_eq!(graded("!GetAtt Bus.Arn", ""), [Severity::Low]);
    assert_eq!(graded("!Ref Bus", shared), [Severity::Medium]);
    assert_eq!(graded("default", ""), [Severity::Medium]);
    assert_eq!(graded("!ImportValue Bus", ""), [Severity::Medium]);
}

/// A text that is put together of several secrets names each.
#[test]
fn each_secret_of_a_text_is_named() {
    let text = "service: shop
provider: {name: aws, runtime: nodejs22.x}
functions:
  hello:
    handler: index.handler
    environment:
      DATABASE_URL: postgres://app:${env:DB_PASSWORD}@db/${env:DB_TOKEN}
      API_TOKEN: ${env:API_TOKEN}${env:API_TOKEN}
";
    let found = findings("serverless-env-resolved-secret", text);
    let messages: Vec<_> = found.iter().map(|f| f.message.split(" from then on").next().unwrap_or_default()).collect();
    assert_eq!(
        messages,
        [
            "`${env:DB_PASSWORD}` and `${env:DB_TOKEN}` are read while packaging, and variable `DATABASE_URL` holds them in plain text",
            "`${env:API_TOKEN}` is read while packaging, and variable `API_TOKEN` holds it in plain text"
        ]
    );
}

/// A rule about a few services is about each of them; one about many is about what its name says.
#[test]
fn services_of_rules() {
    let services = |on: &str| {
        let card = format!(
            "name: own-rule\ntitle: t\ncategory: exposure\nseverity: high\nwhy: w\nremedy: r\ncheck: {{on: [{on}], bad: {{A: absent}}}}\n"
        );
        let mut catalogue = Catalogue::builtin();
        catalogue.add([("own-rule.yaml".into(), card)]).expect("the rule is a rule");
        catalogue.get("own-rule").map(|rule| rule.head.services()).unwrap_or_default()
    };
    assert_eq!(services("AWS::S3::Bucket, AWS::S3::AccessPoint, AWS::SQS::Queue"), ["s3", "sqs", "own"]);
    assert_eq!(services("AWS::S3::Bucket, AWS::SNS::Topic, AWS::SQS::Queue"), ["s3", "sns", "sqs", "own"]);
    assert_eq!(services("AWS::S3::Bucket, AWS::SNS::Topic, AWS::SQS::Queue, AWS::KMS::Key"), ["own"]);
}

/// What `owner` asks is asked about the resource that each statement stands in.
#[test]
fn owners_of_statements() {
    let role = |id: &str, description: &str| {
        format!(
            "  {id}:
    Type: AWS::IAM::Role
    Properties:
      Description: {description}
      AssumeRolePolicyDocument: {{}}
      Policies:
        - PolicyName: p
          PolicyDocument:
            Statement:
              - {{Effect: Allow, Action: s3:GetObject, Resource: x}}
              - {{Effect: Allow, Action: s3:PutObject, Resource: x}}
"
        )
    };
    let text = format!("Resources:\n{}{}{}", role("A", "bad"), role("B", "good"), role("C", "bad"));
    let check = "statements: all\nbad: {owner: {Description: bad}}";
    assert_eq!(said(check, &text).iter().map(|found| found.0).collect::<Vec<_>>(), [11, 12, 33, 34]);
    let both = "statements: all\nwhen: {owner: {Description: good}}\nbad: {allows: 's3:PutObject'}";
    assert_eq!(said(both, &text).iter().map(|found| found.0).collect::<Vec<_>>(), [23]);
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
    // What a condition puts in or leaves out makes a case of its own, where the answer depends on it.
    let under = |length: &str, layers: &str| {
        let check = format!("on: AWS::Lambda::Function\nbad: {{Layers: {{length: {length}}}}}");
        let found = said(&check, &function(&format!("      Layers: {layers}\n")));
        found.into_iter().map(|found| found.2.unwrap_or_default()).collect::<Vec<_>>()
    };
    let optional = "[a, !If [Big, b, !Ref AWS::NoValue]]";
    assert_eq!(under("{is: 2}", optional), ["Big is true"]);
    assert_eq!(under("{is: 1}", optional), ["Big is false"]);
    assert_eq!(under("{below: 2}", optional), ["Big is false"]);
    assert_eq!(under("{above: 0}", optional), [""]);
    assert_eq!(under("{is: 0}", optional), [""; 0]);
    assert_eq!(under("{is: 0}", "[!If [Big, b, !Ref AWS::NoValue]]"), ["Big is false"]);
    assert_eq!(under("{is: 2}", "[a, !If [Big, b, c]]"), [""]);
    // A list in a list counts by its items.
    assert_eq!(under("{is: 3}", "[a, !If [Big, [b, c], d]]"), ["Big is true"]);
    assert_eq!(under("{above: 1}", "[a, !ImportValue more]"), [""]);
    let many = format!("[a, {}b]", "!If [Big, b, !Ref AWS::NoValue], ".repeat(200));
    assert_eq!(under("{above: 0}", &many), [""]);
    assert_eq!(under("{is: 2}", &many), ["Big is false"]);
    assert_eq!(says("{Handler: {length: {is: 3}}}", "      Handler: a.b\n"), 1);
    assert_eq!(says("{Handler: {length: {above: 0}}}", "      Handler: !ImportValue name\n"), 0);
    assert_eq!(says("{Handler: {length: {above: 0}}}", "      Layers: []\n"), 0);
    assert_eq!(says("{Tags: {length: {is: 1}}}", "      Tags: {a: b}\n"), 1);
}

/// A rule, the line and the text it is about.
type Told = (String, u32, String);

/// What some rules say of a template when all run, and the notes.
fn everything(text: &str) -> (Vec<Told>, Vec<(u32, String)>) {
    let scanner = crate::only::all();
    let source = Arc::new(Source::new("template.yaml", text));
    let outcome = scan(&source, &scanner, &NoFiles, &portcullis::resolve::Exports::default());
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    let about =
        |f: &Finding| f.rule.starts_with("sg-open") || f.rule.contains("secret") || *f.rule == *"sqs-queue-unencrypted";
    let found = outcome.findings.into_iter().filter(about);
    let found = found.map(|f| (f.rule.to_string(), f.place.from().line, f.place.text().to_owned()));
    let notes = outcome.notes.into_iter().map(|note| (note.at.map_or(0, |at| at.0), note.message));
    (found.collect(), notes.collect())
}

/// A block of text between double quotes.
fn quoted(block: &str) -> String {
    let lines = block.lines().skip(1).map(|line| line.strip_prefix("        ").unwrap_or(line));
    format!("\"{}\"", lines.map(|line| format!("{line}\\n")).collect::<String>())
}

/// The template of a stack set is judged as a template, with the parameters it is passed, and told where it is written.
#[test]
fn stack_sets() {
    let set = |body: &str| {
        format!(
            "Resources:\n  Set:\n    Type: AWS::CloudFormation::StackSet\n    Properties:\n      Parameters:\n        - {{ParameterKey: Cidr, ParameterValue: 0.0.0.0/0}}\n      TemplateBody: {body}\n"
        )
    };
    let block = "|
        Parameters: {Cidr: {Type: String}}
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: g
              SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Cidr}]
          Queue:
            Type: AWS::SQS::Queue
            Properties: {SqsManagedSseEnabled: false}
          Fn:
            Type: AWS::Lambda::Function
            Properties:
              Environment: {Variables: {KEY: AKIAQYLPMN5HKOT6RWZA}}";
    let (found, notes) = everything(&set(block));
    let found: Vec<_> = found.iter().map(|(rule, line, text)| (rule.as_str(), *line, text.as_str())).collect();
    assert_eq!(
        found,
        [
            ("sg-open-ssh", 14, "!Ref Cidr"),
            ("sqs-queue-unencrypted", 17, "false"),
            ("lambda-env-plaintext-secret", 21, "AKIAQYLPMN5HKOT6RWZA"),
        ]
    );
    assert_eq!(notes, []);
    // Quoted, folded and escaped text is told of as exactly.
    for body in [
        "'{\"Resources\": {\"Queue\": {\"Type\": \"AWS::SQS::Queue\", \"Properties\": {\"SqsManagedSseEnabled\": false}}}}'",
        "\"Resources:\\n  Queue:\\n    Type: AWS::SQS::Queue\\n    Properties: {SqsManagedSseEnabled: false}\"",
        "!If [C, !Ref AWS::NoValue, '{Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: false}}}}']",
    ] {
        let (found, notes) = everything(&set(body));
        assert_eq!(found, [("sqs-queue-unencrypted".to_owned(), 7, "false".to_owned())], "{body}");
        assert_eq!(notes, [], "{body}");
    }
    // What a `Fn::Sub` fills in is not known, and all around it is.
    let filled = "|
        Parameters: {Cidr: {Type: String}}
        Resources:
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: ${AWS::StackName} for ${!Cidr}
              SecurityGroupIngress:
                - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Sub '${!Cidr}'}
                - {IpProtocol: tcp, FromPort: 3389, ToPort: 3389, CidrIp: '${Open}'}
          ${Name}Queue:
            Type: AWS::SQS::Queue
            Properties: {SqsManagedSseEnabled: false, QueueName: '${Name}'}";
    for (function, group, queue) in [
        (format!("!Sub {filled}"), 15, 19),
        (format!("!If [C, !Ref AWS::NoValue, !Sub [{}, {{Name: a}}]]", quoted(filled)), 7, 7),
    ] {
        let (found, notes) = everything(&set(&function));
        let found: Vec<_> = found.iter().map(|(rule, line, text)| (rule.as_str(), *line, text.as_str())).collect();
        assert_eq!(
            found,
            [("sg-open-ssh", group, "!Sub '${!Cidr}'"), ("sqs-queue-unencrypted", queue, "false")],
            "{function}"
        );
        assert_eq!(notes, []);
    }
    // What cannot be read is told of.
    for (body, line, why) in [
        (
            "!Sub '{Resources: {Queue: {Type: AWS::SQS::Queue}}}${Tail}'",
            7,
            "the template of a stack set cannot be read to its end",
        ),
        (
            "!Join ['', ['{Resources: {Queue: {Type: AWS::SQS::Queue}}}', !Ref Tail]]",
            7,
            "the template of a stack set is put together from parts",
        ),
        ("!Sub ['${Body}', {Body: '{}'}]", 7, "the template of a stack set is put together from parts"),
        ("hello", 7, "the text of a stack set is no template"),
        (
            "|\n        Resources: {Queue: {Type: AWS::SQS::Queue",
            8,
            "the template of a stack set cannot be read to its end",
        ),
    ] {
        let (_, notes) = everything(&set(body));
        assert_eq!(notes, [(line, format!("not all of it was checked: {why}"))], "{body}");
    }
    // Under which condition it is the body, and what the template itself assumes.
    let inner = "{Conditions: {Eu: !Equals [!Ref AWS::Region, eu-west-1]}, Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: !If [Eu, false, true]}}}}";
    let text = format!(
        "Conditions: {{Prod: !Equals [!Ref AWS::AccountId, '111122223333']}}\n{}",
        set(&format!("!If [Prod, '{inner}', !Ref AWS::NoValue]"))
    );
    let found = findings("sqs-queue-unencrypted", &text);
    let under: Vec<_> = found.iter().map(|f| f.under.as_deref().unwrap_or_default()).collect();
    assert_eq!(under, ["Prod is true and Eu is true"]);
    // A stack set may make stack sets, but not for ever.
    let mut body =
        "{Resources: {Queue: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: false}}}}".to_owned();
    for (deep, expected) in [(1, 1), (2, 1), (3, 1), (4, 0)] {
        let json = serde_json::to_string(&body).expect("JSON");
        body = format!(
            "{{Resources: {{Set: {{Type: AWS::CloudFormation::StackSet, Properties: {{TemplateBody: {json}}}}}}}}}"
        );
        let (found, notes) = everything(&body);
        assert_eq!((found.len(), notes.len()), (expected, 1 - expected), "{deep}: {notes:?}");
    }
}

/// A function that may write to what triggers it is worse where nothing stops the circle, and never certain: the code is
/// not seen.
#[test]
fn circles_that_lambda_stops() {
    use portcullis::rulebook::{Confidence, Severity};
    let template = |source: &str, arn: &str, action: &str, more: &str| {
        format!(
            "Resources:
  Source: {source}
  Fn:
    Type: AWS::Lambda::Function
    Properties: {{Role: !GetAtt Role.Arn{more}}}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {{FunctionName: !Ref Fn, EventSourceArn: !GetAtt Source.{arn}}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies: [{{PolicyName: p, PolicyDocument: {{Statement: {{Effect: Allow, Action: '{action}', Resource: !GetAtt Source.Arn}}}}}}]
"
        )
    };
    let table = "{Type: AWS::DynamoDB::Table, Properties: {StreamSpecification: {StreamViewType: NEW_IMAGE}}}";
    for (source, arn, action, more, severity) in [
        ("{Type: AWS::SQS::Queue}", "Arn", "sqs:SendMessage", "", Severity::Medium),
        ("{Type: AWS::SQS::Queue}", "Arn", "sqs:SendMessage", ", RecursiveLoop: Terminate", Severity::Medium),
        ("{Type: AWS::SQS::Queue}", "Arn", "sqs:SendMessage", ", RecursiveLoop: Allow", Severity::High),
        (table, "StreamArn", "dynamodb:PutItem", "", Severity::High),
    ] {
        let found = findings("lambda-self-triggering-write", &template(source, arn, action, more));
        let said: Vec<_> = found.iter().map(|f| (f.severity, f.confidence)).collect();
        assert_eq!(said, [(severity, Confidence::Low)], "{source} {more}");
    }
}

/// A route that asks none of its API's authorizers is told once, at the event that would have to name one.
#[test]
fn an_open_route_is_told_once() {
    let template = |auth: &str, event: &str| {
        format!(
            "Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Pay:
          Type: HttpApi
          Properties: {{ApiId: !Ref Api, Path: /pay, Method: post{event}}}
  Api: {{Type: AWS::Serverless::HttpApi{auth}}}
"
        )
    };
    let told = |text: &str| {
        let source = Arc::new(Source::new("template.yaml", text));
        let outcome = scan(&source, &crate::only::all(), &NoFiles, &portcullis::resolve::Exports::default());
        let about = |f: &Finding| f.rule.contains("auth") && f.kind == portcullis::finding::Kind::Fail;
        let found = outcome.findings.into_iter().filter(about);
        found.map(|f| (f.rule.to_string(), f.place.from().line, f.place.text().to_owned())).collect::<Vec<_>>()
    };
    let authorizers = ", Properties: {Auth: {Authorizers: {Users: {JwtConfiguration: {issuer: i, audience: [a]}}}}}";
    let one = |rule: &str, line: u32, text: &str| vec![(rule.to_owned(), line, text.to_owned())];
    let (sam, route) = ("sam-api-no-default-authorizer", "apigateway-route-without-auth");
    assert_eq!(told(&template(authorizers, "")), one(sam, 7, "Pay"));
    assert_eq!(told(&template(authorizers, ", Auth: {Authorizer: NONE}")), one(sam, 9, "NONE"));
    assert_eq!(told(&template(authorizers, ", Auth: {Authorizer: Users}")), []);
    assert_eq!(told(&template(authorizers, ", Auth: {Authorizer: !ImportValue Who}")), []);
    assert_eq!(told(&template("", "")), one(route, 9, "/pay"));
}

/// Where subnets come from is asked of each case: one's own are as sure beside those of somebody else as alone.
#[test]
fn subnets_from_elsewhere() {
    use portcullis::rulebook::Confidence;

    let told = |subnets: &str| {
        let text = format!(
            "
Conditions:
  Wide: !Equals [!Ref AWS::Region, eu-central-1]
Parameters:
  Subnet: {{Type: String}}
Resources:
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Handler: index.handler
      Role: !GetAtt Role.Arn
      VpcConfig: {{SubnetIds: {subnets}, SecurityGroupIds: [sg-1]}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole]
"
        );
        let found = findings("lambda-needless-vpc", &text);
        found.iter().map(|f| f.confidence).collect::<Vec<Confidence>>()
    };
    assert_eq!(told("[subnet-1]"), [Confidence::Medium]);
    assert_eq!(told("[subnet-1, !Ref Subnet]"), [Confidence::Low]);
    assert_eq!(told("[!ImportValue subnet]"), [Confidence::Low]);
    assert_eq!(told("!Split [',', !ImportValue subnets]"), [Confidence::Low]);
    assert_eq!(told("!If [Wide, [subnet-1], [!Ref Subnet]]"), [Confidence::Medium]);
    assert_eq!(told("[subnet-1, !If [Wide, !Ref Subnet, !Ref AWS::NoValue]]"), [Confidence::Low]);
}

/// What a map holds in one case only is asked for in that case: there a parameter has another value than its default.
#[test]
fn a_default_is_not_taken_for_every_case() {
    let function = |kind: &str, properties: &str| {
        format!(
            "- {kind}: |
    Parameters:
      Queue: {{Type: String, Default: ''}}
    Conditions:
      HasQueue: !Not [!Equals [!Ref Queue, '']]
    Resources:
      Fn:
        Type: AWS::Lambda::Function
        {properties}
"
        )
    };
    let cases = [
        function(
            "unknown",
            "Properties: {DeadLetterConfig: !If [HasQueue, {TargetArn: !Ref Queue}, !Ref AWS::NoValue]}",
        ),
        function("unknown", "Condition: HasQueue\n        Properties: {DeadLetterConfig: {TargetArn: !Ref Queue}}"),
        function("bad", "Properties: {DeadLetterConfig: {TargetArn: here}} # <--"),
    ];
    behaves("on: AWS::Lambda::Function\nbad: {DeadLetterConfig.TargetArn: here}", &cases.concat());
}
