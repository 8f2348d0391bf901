//! Templates that are easy to read and hard to understand.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Folder, one};

/// What every rule set says of a plain bucket, whatever else is in its file.
const PLAIN: &str = "s3-bucket-accepts-plain-http";

fn template(name: &str, template: &Value, code: i32, words: &str) {
    one(name, template.to_string(), code, ":1:", words);
}

fn bucket(properties: Value) -> Value {
    json!({"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": properties}}})
}

/// Sixty independent conditions: alone, nested in one value, in statements, and in conditions of conditions.
#[test]
fn conditions_explode() {
    let parameters: Value = (0..60).map(|i| (format!("P{i}"), json!({"Type": "String"}))).collect();
    let conditions: serde_json::Map<String, Value> =
        (0..60).map(|i| (format!("C{i}"), json!({"Fn::Equals": [{"Ref": format!("P{i}")}, "x"]}))).collect();
    let nested = (0..60).fold(json!("Private"), |inner, i| {
        json!({"Fn::If": [format!("C{i}"), inner, if i % 2 == 0 { json!({"Ref": "AWS::NoValue"}) } else { json!("PublicRead") }]})
    });
    let tags: Vec<Value> =
        (0..60).map(|i| json!({"Fn::If": [format!("C{i}"), {"Key": "k"}, {"Ref": "AWS::NoValue"}]})).collect();
    let bucket =
        json!({"Type": "AWS::S3::Bucket", "Condition": "C1", "Properties": {"AccessControl": nested, "Tags": tags}});
    let whole = json!({"Parameters": parameters, "Conditions": conditions, "Resources": {"B": bucket}});
    template("nested.json", &whole, 1, PLAIN);

    let statements: Vec<Value> = (0..60)
        .map(|i| {
            json!({
                "Effect": {"Fn::If": [format!("C{i}"), "Allow", "Deny"]},
                "Action": {"Fn::If": [format!("C{}", (i + 7) % 60), "s3:*", "*"]},
                "Resource": {"Fn::If": [format!("C{}", (i + 13) % 60), "*", {"Fn::Sub": format!("arn:aws:s3:::${{P{i}}}/*")}]},
            })
        })
        .collect();
    let policy =
        json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": statements}}});
    let whole = json!({"Parameters": parameters, "Conditions": conditions, "Resources": {"P": policy}});
    template("statements.json", &whole, 1, "iam-");

    let mut chain = conditions;
    chain.insert("D0".to_owned(), json!({"Condition": "C0"}));
    for i in 1..60 {
        let before = json!({"Condition": format!("D{}", i - 1)});
        chain.insert(format!("D{i}"), json!({"Fn::Or": [before, {"Fn::And": [before, before]}]}));
    }
    let any: Vec<Value> = (0..60).map(|i| json!({"Condition": format!("C{i}")})).collect();
    chain.insert("Any".to_owned(), json!({"Fn::Or": any}));
    let access = json!({"Fn::If": ["D59", {"Fn::If": ["Any", "PublicRead", "Private"]}, "Private"]});
    let bucket = json!({"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": access}});
    let whole = json!({"Parameters": parameters, "Conditions": chain, "Resources": {"B": bucket}});
    template("chain.json", &whole, 1, "s3-bucket-acl-public");
}

/// Conditions, mappings, parameters and variables that stand for themselves are unknown, and no more.
#[test]
fn things_that_refer_to_themselves() {
    let text = "\
Mappings:
  M:
    A:
      B: !FindInMap [M, A, B]
Parameters:
  P: {Type: String, Default: !Ref P}
Conditions:
  A: !Condition A
  B: !And [!Condition C, !Condition A]
  C: !Or [!Condition B, !Not [!Condition C]]
Resources:
  B:
    Type: AWS::S3::Bucket
    Condition: B
    DependsOn: B
    Properties:
      BucketName: !Sub ['${x}${y}', {x: !Sub ['${y}', {y: '${x}'}], y: !Sub '${x}'}]
      AccessControl: !If [A, !FindInMap [M, A, B], !Ref P]
      Tags:
        - Key: !GetAtt B.Arn
          Value: !Sub '${B}${B.Arn}${'
";
    one("self.yaml", text, 1, ":12:3:", PLAIN);
    let serverless = "\
service: x
provider: {name: aws, runtime: nodejs22.x, stage: '${self:provider.stage}'}
custom:
  a: ${self:custom.b}
  b: ${self:custom.a}
  c: ${self:}
  d: ${self:custom.d.d.d}
  e: {f: '${self:custom.e}'}
  g: ${self:custom.${self:custom.g}}
  h: ${file(serverless.yml):custom.h}
functions:
  f:
    handler: a.b
    environment: ${self:custom}
    role: ${self:custom.a}
";
    one("serverless.yml", serverless, 1, ":", "lambda-");
}

/// Functions of functions of functions double at each step; texts and lists end at a size.
#[test]
fn texts_that_double() {
    let sub = (0..60).fold(json!("x"), |inner, _| json!({"Fn::Sub": ["${a}${a}", {"a": inner}]}));
    template("sub.json", &bucket(json!({"BucketName": sub})), 1, PLAIN);
    let split = json!({"Fn::Split": ["a", "a".repeat(1_000)]});
    let split = (0..100).fold(split, |inner, _| json!({"Fn::Split": ["a", {"Fn::Join": ["aaaaaaa", inner]}]}));
    template("split.json", &bucket(json!({"BucketName": {"Fn::Join": ["", split]}})), 2, "deeper than 255");
    let split = json!({"Fn::Split": ["a", "a".repeat(100_000)]});
    let split = (0..40).fold(split, |inner, _| json!({"Fn::Split": ["a", {"Fn::Join": ["aaaaaaa", inner]}]}));
    template("split.json", &bucket(json!({"BucketName": {"Fn::Join": ["", split]}})), 1, PLAIN);
    let coded = (0..100).fold(json!("a"), |inner, _| json!({"Fn::Base64": {"Fn::ToJsonString": {"a": inner}}}));
    let coded = json!({"Transform": "AWS::LanguageExtensions", "Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": coded}}}});
    template("coded.json", &coded, 2, "deeper than 255");
    template("pieces.json", &bucket(json!({"BucketName": {"Fn::Sub": "${AWS::Region}".repeat(100_000)}})), 1, PLAIN);
    let odd = json!({"A": {"Fn::Select": [-1, ["a"]]}, "B": {"Fn::Select": ["99999999999999999999", ["a"]]},
        "C": {"Fn::Cidr": ["0.0.0.0/0", 99_999_999_999_u64, 99_999_999_999_u64]}, "D": {"Fn::Select": [0, {"Fn::Cidr": ["::/0", 256, 128]}]}});
    template("odd.json", &bucket(odd), 1, PLAIN);

    let mut text = String::from(
        "service: x\nprovider: {name: aws, runtime: nodejs22.x}\ncustom:\n  v0: xxxxxxxxxx\n  o0: {a: 1, b: 2}\n",
    );
    for i in 1..60 {
        let before = i - 1;
        let _ = writeln!(text, "  v{i}: ${{self:custom.v{before}}}${{self:custom.v{before}}}");
        let _ = writeln!(text, "  o{i}: {{a: '${{self:custom.o{before}}}', b: '${{self:custom.o{before}}}'}}");
    }
    text.push_str("functions:\n  f: {handler: a.b, environment: {X: '${self:custom.v59}', Y: '${self:custom.o59}'}}\n");
    one("serverless.yml", &text, 1, ":", "lambda-");
    let told = Folder::with("serverless.yml", &text).run(&["check", "--no-config", "--format", "json"]);
    let told: Value = serde_json::from_str(&told.out).expect("a report");
    assert_eq!(told["notes"][0]["message"], "the file's variables stand for more than we look at", "{told:#}");
    // A long text that many variables lead to.
    let keys: Vec<String> = (0..50_000).map(|i| format!("k{i}: '${{self:custom.a}}'")).collect();
    let long = format!(
        "service: x\nprovider: {{name: aws}}\ncustom: {{a: '{}'}}\nfunctions: {{f: {{handler: a.b, environment: {{{}}}}}}}\n",
        "x".repeat(1 << 20),
        keys.join(", ")
    );
    one("serverless.yml", long, 1, ":", "lambda-");
    let deep = format!(
        "service: x\nprovider: {{name: aws}}\ncustom: {{a: '{}{}'}}\nfunctions: {{f: {{handler: a, name: '{}{}'}}}}\n",
        "${self:custom.".repeat(2_000),
        "}".repeat(2_000),
        "${opt:a, ".repeat(2_000),
        "}".repeat(2_000)
    );
    one("serverless.yml", deep, 1, ":", "lambda-");
}

/// Loops in loops, loops over very much, and loops with very much in them.
#[test]
fn loops_explode() {
    let made = |resources: Value| json!({"Transform": "AWS::LanguageExtensions", "Resources": resources});
    let nested = (0..6).rev().fold(
        json!({"B${V0}${V1}${V2}${V3}${V4}${V5}": {"Type": "AWS::S3::Bucket"}}),
        |body, i| json!({format!("Fn::ForEach::L{i}"): [format!("V{i}"), (0..20).map(|k| k.to_string()).collect::<Vec<_>>(), body]}),
    );
    template("nested.json", &made(nested), 1, PLAIN);
    let wide: Vec<String> = (0..10_000).map(|i| i.to_string()).collect();
    template(
        "wide.json",
        &made(json!({"Fn::ForEach::L": ["X", wide, {"B${X}": {"Type": "AWS::S3::Bucket"}}]})),
        1,
        PLAIN,
    );
    let tags: Vec<Value> = (0..2_000).map(|i| json!({"Key": format!("k{i}"), "Value": "${X}"})).collect();
    let heavy = json!({"B${X}": {"Type": "AWS::S3::Bucket", "Properties": {"Tags": tags}}});
    let items: Vec<String> = (0..10_000).map(|i| i.to_string()).collect();
    template("heavy.json", &made(json!({"Fn::ForEach::L": ["X", items, heavy]})), 1, PLAIN);
    let itself = json!({"Fn::ForEach::L": ["X", {"Ref": "X"}, {"B${X}": {"Type": "AWS::S3::Bucket"}}], "C": {"Type": "AWS::S3::Bucket"}});
    template("itself.json", &made(itself), 1, PLAIN);
}

/// Includes that include themselves, each other, and ten of each other.
#[test]
fn includes_explode() {
    let include = |file: &str| json!({"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": file}}});
    let ten = |file: &str| -> Value { (0..10).map(|i| (format!("k{i}"), include(file))).collect() };
    let folder = Folder::new();
    let bucket = |rest: Value| json!({"Resources": {"B": {"Type": "AWS::S3::Bucket", "Metadata": rest}}}).to_string();
    folder.write("itself.json", bucket(include("itself.json")));
    folder.write("fan.json", bucket(include("part0.json")));
    for i in 0..9 {
        folder.write(&format!("part{i}.json"), ten(&format!("part{}.json", (i + 1) % 9)).to_string());
    }
    let tags: Vec<Value> = (0..5_000).map(|i| json!({"Key": format!("k{i}"), "Value": "v"})).collect();
    folder.write("tags.json", json!({"Tags": tags}).to_string());
    let items: Vec<String> = (0..5_000).map(|i| i.to_string()).collect();
    let heavy = json!({"C${X}": {"Type": "AWS::S3::Bucket", "Properties": include("tags.json")}});
    let looped = json!({"Transform": "AWS::LanguageExtensions", "Resources": {"B": {"Type": "AWS::S3::Bucket"}, "Fn::ForEach::L": ["X", items, heavy]}});
    folder.write("looped.json", looped.to_string());
    let told = folder.checked(1);
    for name in ["itself.json", "fan.json", "looped.json"] {
        told.says(&format!("{name}:1:"), PLAIN);
    }
}

/// Files of serverless.yml that are parts of themselves.
#[test]
fn variables_of_files_explode() {
    let folder = Folder::new();
    folder.write(
        "serverless.yml",
        "\
service: ${file(serverless.yml):service}
provider: {name: aws, runtime: nodejs22.x}
custom: ${file(a.yml)}
functions:
  f: {handler: a.b, environment: '${file(b.yml)}'}
  g: ${file(g.yml):x}
resources:
  - ${file(serverless.yml):resources}
  - Resources: ${file(c.yml)}
",
    );
    folder.write("a.yml", "a: ${file(b.yml)}\nb: ${file(a.yml)}\nc: ${file(b.yml):b.a.b.a}\n");
    folder.write("b.yml", "a: ${file(a.yml)}\nb: ${file(b.yml)}\nc: ${self:}\n");
    folder.write(
        "c.yml",
        format!(
            "B: {{Type: AWS::S3::Bucket}}\n{}",
            (0..200).map(|i| format!("K{i}: ${{file(c.yml)}}\n")).collect::<String>()
        ),
    );
    folder.checked(1).says("serverless.yml:", "lambda-");
}

/// Thousands of findings on one line of minified JSON: where each is, is not counted from the line's beginning each time.
#[test]
fn findings_on_one_line() {
    let acls = json!({"Rules": [{"ObjectOwnership": "ObjectWriter"}]});
    let block = json!({"BlockPublicAcls": false});
    let open = json!({"Type": "AWS::S3::Bucket", "Properties": {"OwnershipControls": acls, "PublicAccessBlockConfiguration": block}});
    let many: Value = (0..2_000).map(|i| (format!("B{i}"), open.clone())).collect();
    let folder = Folder::new();
    folder.write("one.json", json!({"Resources": many}).to_string());
    let told =
        folder.run(&["check", "--no-config", "--output", "sarif=o.sarif", "--output", "html=o.html", "one.json"]);
    assert_eq!(told.code, 1, "{}", told.err);
    let written = std::fs::read_to_string(folder.path("o.sarif")).expect("the report was written");
    assert!(written.contains("only the 5000 most severe"), "{}", written.len());
}

/// A text of tens of thousands of variables: each has its place, and the text is not walked for each.
#[test]
fn variables_in_one_text() {
    let folder = Folder::new();
    let many = "    x ${self:custom.a}\n".repeat(40_000);
    let head = "service: x\nprovider: {name: aws, runtime: nodejs22.x}\ncustom:\n  a: b\n  long: |\n";
    let tail = "functions:\n  f: {handler: a.b, environment: {X: '${self:custom.long}'}}\n";
    folder.write("serverless.yml", format!("{head}{many}{tail}"));
    folder.checked(1).says("serverless.yml:", "lambda-");
}

/// Stacks that are their own children, and thirty children of thirty children.
#[test]
fn stacks_explode() {
    let folder = Folder::new();
    let stack = |file: &str, i: usize| json!({"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": file, "Parameters": {"A": format!("b{i}")}}});
    let stacks = |file: &str| -> Value { (0..30).map(|i| (format!("S{i}"), stack(file, i))).collect() };
    folder.write("itself.json", json!({"Resources": stacks("itself.json")}).to_string());
    for k in 0..5 {
        folder.write(&format!("s{k}.json"), json!({"Resources": stacks(&format!("s{}.json", k + 1))}).to_string());
    }
    folder.write("s5.json", bucket(json!({})).to_string());
    let told = folder.checked(1);
    told.says("s5.json:1:", PLAIN);
}

/// Stacks in a ring that pass on twice what they are passed, and ask as many again below them.
#[test]
fn stacks_pass_on() {
    let folder = Folder::new();
    let stacks = |file: &str| -> Value {
        let passed =
            |i: usize| json!({"A": {"Fn::GetAtt": [format!("S{}", (i + 1) % 30), "Outputs.O"]}, "B": {"Ref": "B"}});
        let stack = |i: usize| json!({"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": file, "Parameters": passed(i)}});
        (0..30).map(|i| (format!("S{i}"), stack(i))).collect()
    };
    let values: Vec<String> = (0..20).map(|i| format!("{i}").repeat(500)).collect();
    let outputs: Value = (0..300).map(|i| (format!("O{i}"), json!({"Value": {"Fn::Sub": "${A}${B}"}}))).collect();
    for k in 0..5 {
        let mut outputs = outputs.clone();
        outputs["O"] = json!({"Value": {"Fn::Sub": "${A}${A}${B}${S3.Outputs.O}${S4.Outputs.O1}"}});
        let parameters =
            json!({"A": {"Type": "String", "Default": "0"}, "B": {"Type": "String", "AllowedValues": values}});
        let whole = json!({"Parameters": parameters, "Resources": stacks(&format!("s{}.json", (k + 1) % 5)), "Outputs": outputs});
        folder.write(&format!("s{k}.json"), whole.to_string());
    }
    folder.checked(1);
}

/// Huge policies, wildcards of wildcards, and texts that make regular expressions go back and forth.
#[test]
fn patterns_explode() {
    let statement = |i: usize| {
        json!({"Effect": "Allow", "Action": ["s3:Get*", "*:*", "iam:*PassRole*", format!("s{i}:*a*b*c*")],
        "Resource": (0..5).map(|k| format!("arn:aws:s3:::b{i}{k}*/*")).collect::<Vec<_>>()})
    };
    let policy = |statements: Vec<Value>| {
        json!({"Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}}}})
    };
    template("policy.json", &policy((0..300).map(statement).collect()), 1, "iam-");
    let wild = json!({"Effect": "Allow", "Action": [format!("s3:{}", "*a".repeat(2_000)), "*".repeat(5_000), "?".repeat(5_000), "*?".repeat(2_000)],
        "Resource": [format!("{}b", "*a".repeat(2_000)), format!("arn:aws:{}", "*?".repeat(2_000))]});
    template("wild.json", &policy(vec![wild; 3]), 1, "iam-");
    let text = ["AKIA", "-----BEGIN RSA PRIVATE KEY-----", "://a:b@", "password=", "{{resolve:", "${", "eyJ.", "ghp_"]
        .map(|s| s.repeat(20_000))
        .concat();
    let function = json!({"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": text},
        "Environment": {"Variables": {"PASSWORD": text, "URL": {"Fn::Sub": text}}}}}}});
    template("text.json", &function, 1, "lambda-");
}

/// Lists that are longer than AWS takes: actions, statements beside a question about their resource, names in a
/// parameter, and parts of a path.
#[test]
fn lists_without_end() {
    let policy = |statements: Value| {
        json!({"Resources": {"P": {"Type": "AWS::IAM::ManagedPolicy",
        "Properties": {"PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}}}})
    };
    let service = |i: usize| if i.is_multiple_of(100) { "*" } else { "s3" };
    let actions: Vec<String> = (0..20_000).map(|i| format!("{}:*{i}", service(i))).collect();
    template("actions.json", &policy(json!([{"Effect": "Allow", "Action": actions, "Resource": "*"}])), 1, "iam-");
    let open: Vec<Value> = (0..3_000)
        .map(|_| json!({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}))
        .collect();
    let api = json!({"Resources": {"A": {"Type": "AWS::ApiGateway::RestApi", "Properties":
        {"EndpointConfiguration": {"Types": ["PRIVATE"]}, "Policy": {"Statement": open}}}}});
    template("api.json", &api, 1, "apigateway-");
    let who = "ann,".repeat(20_000);
    let users = json!({"Parameters": {"Who": {"Type": "CommaDelimitedList", "Default": who}}, "Resources": {"P":
        {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": {"Statement": []}, "Users": {"Ref": "Who"}}}}});
    template("users.json", &users, 1, "iam-policy-attached-to-user");
    let path = "get ".to_owned() + &"/a".repeat(100_000);
    let api = json!({"service": "shop", "provider": {"name": "aws", "runtime": "nodejs22.x"},
        "functions": {"hello": {"handler": "index.handler", "events": [{"http": path}]}}});
    template("serverless.yml", &api, 1, "apigateway-");
}

/// Very many resources that name each other, and very many parameters of very many values.
#[test]
fn very_many_things() {
    let types = ["AWS::S3::Bucket", "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::EC2::SecurityGroup"];
    let many: Value = (0..10_000)
        .map(|i| (format!("R{i}"), json!({"Type": types[i % 4], "DependsOn": format!("R{}", (i * 7) % 10_000), "Properties": {"Role": {"Fn::GetAtt": [format!("R{}", (i + 1) % 10_000), "Arn"]}}})))
        .collect();
    template("many.json", &json!({"Resources": many}), 1, PLAIN);
    let values: Vec<String> = (0..200).map(|i| format!("v{i}")).collect();
    let parameters: Value =
        (0..1_000).map(|i| (format!("P{i}"), json!({"Type": "String", "AllowedValues": values}))).collect();
    let all: Vec<Value> = (0..1_000).map(|i| json!({"Ref": format!("P{i}")})).collect();
    let whole = json!({"Parameters": parameters, "Conditions": {"C": {"Fn::Equals": [{"Fn::Join": ["", all]}, "x"]}}, "Resources": {"B": {"Type": "AWS::S3::Bucket", "Condition": "C",
        "Properties": {"BucketName": {"Fn::Join": ["", all]}, "AccessControl": {"Ref": "P3"}}}}});
    template("parameters.json", &whole, 1, PLAIN);
}
