//! The same mistake written in every way that hides it from a hasty reader, and beside each its harmless twin.
//!
//! `testdata/evasion/values.tsv` has one value for each rule, which is put into every form that CloudFormation computes
//! values by; `testdata/evasion/cells.tsv` has what is peculiar to policies, networks, conditions and dialects.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::scan::{Scanner, scan};
use portcullis::source::{NoFiles, Source};
use serde_json::{Map, Value, json};

use crate::only::only;

static VALUES: &str = include_str!("../../testdata/evasion/values.tsv");
static CELLS: &str = include_str!("../../testdata/evasion/cells.tsv");

fn is_told(scanner: &Scanner, name: &str, text: &str) -> bool {
    let source = Arc::new(Source::new(name, text.to_owned()));
    let outcome = scan(&source, scanner, &NoFiles, &BTreeMap::new());
    assert!(outcome.failures.is_empty(), "{:?}\n{text}", outcome.failures);
    !outcome.findings.is_empty()
}

fn rows<const N: usize>(table: &'static str) -> Vec<[&'static str; N]> {
    let row = |line: &'static str| {
        let columns: Vec<&str> = line.split('\t').collect();
        columns.try_into().unwrap_or_else(|_| panic!("{N} columns: {line}"))
    };
    table.lines().filter(|line| !line.starts_with('#')).map(row).collect()
}

/// What looks like a key of AWS is put together here, lest somebody takes it for one.
fn parsed(text: &str) -> Value {
    let secret = ["wJalrXUtnFEMIK7MDENG", "bPxRfiCYzzzzKEYabcde"].concat();
    let text = text.replace("@KEY@", &["AKIA", "QYLPMN5HHHFPZAM2"].concat()).replace("@SECRET@", &secret);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// `@` in the place of a value.
fn put(template: &Value, value: &Value) -> Value {
    match template {
        Value::String(text) if text == "@" => value.clone(),
        Value::Array(items) => items.iter().map(|item| put(item, value)).collect(),
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), put(v, value))).collect::<Map<_, _>>().into(),
        other => other.clone(),
    }
}

/// A value in disguise: what stands in its place, and the sections that it needs.
struct Form {
    name: &'static str,
    value: Value,
    sections: Value,
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Every form of `this`; `other` is what it is in the branches that are not about it.
fn forms(this: &Value, other: &Value) -> Vec<Form> {
    let (text, harmless) = (plain(this), plain(other));
    let parameter = |default: &Value| json!({"Parameters": {"P": {"Type": "String", "Default": default}}});
    let allowed =
        json!({"Parameters": {"P": {"Type": "String", "Default": harmless, "AllowedValues": [harmless, text]}}});
    let open = json!({"Parameters": {"P": {"Type": "String"}}});
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    let mapping = |sections: &Value| {
        let mut all = sections.clone();
        all["Mappings"] = json!({"M": {"a": {"b": this}, "z": {"b": other}}});
        all
    };
    let condition = |default: &str, is: Value| {
        let parameters = json!({"P": {"Type": "String", "Default": default}});
        json!({"Parameters": parameters, "Conditions": {"C": is, "D": {"Fn::Not": [{"Condition": "C"}]}}})
    };
    let asks = || json!({"Fn::Equals": [{"Ref": "P"}, "y"]});
    let region = || json!({"Fn::Equals": [{"Ref": "AWS::Region"}, "eu-west-1"]});
    let mut all: Vec<(&str, Value, Value)> = vec![
        ("as it is", this.clone(), json!({})),
        ("as text", json!(text), json!({})),
        ("default", json!({"Ref": "P"}), parameter(this)),
        ("allowed value", json!({"Ref": "P"}), allowed.clone()),
        ("sub", json!({"Fn::Sub": "${P}"}), parameter(&json!(text))),
        ("sub with a map", json!({"Fn::Sub": ["${x}", {"x": {"Ref": "P"}}]}), allowed),
        ("join", json!({"Fn::Join": ["", [first, rest]]}), json!({})),
        ("mapping", json!({"Fn::FindInMap": ["M", "a", "b"]}), mapping(&json!({}))),
        ("mapping by parameter", json!({"Fn::FindInMap": ["M", {"Ref": "P"}, "b"]}), mapping(&open)),
        ("mapping by region", json!({"Fn::FindInMap": ["M", {"Ref": "AWS::Region"}, "b"]}), mapping(&json!({}))),
        ("no mapping", json!({"Fn::FindInMap": ["M", {"Ref": "P"}, "b", {"DefaultValue": this}]}), {
            let mut sections = open;
            sections["Mappings"] = json!({"M": {"q": {"b": other}}});
            sections
        }),
        ("if", json!({"Fn::If": ["C", this, other]}), condition("y", asks())),
        ("if not by default", json!({"Fn::If": ["C", this, other]}), condition("n", asks())),
        ("else", json!({"Fn::If": ["D", other, this]}), condition("y", asks())),
        ("if in if", json!({"Fn::If": ["D", other, {"Fn::If": ["C", this, other]}]}), condition("y", asks())),
        ("if of a region", json!({"Fn::If": ["C", this, other]}), condition("y", region())),
        ("if in sub", json!({"Fn::Sub": ["${x}", {"x": {"Fn::If": ["C", text, harmless]}}]}), condition("y", asks())),
        ("select", json!({"Fn::Select": [1, [other, this]]}), json!({})),
    ];
    if !(text.contains('|') || harmless.contains('|')) {
        let list = json!(format!("{harmless}|{text}"));
        all.push(("split", json!({"Fn::Select": ["1", {"Fn::Split": ["|", {"Ref": "P"}]}]}), parameter(&list)));
    }
    all.into_iter().map(|(name, value, sections)| Form { name, value, sections }).collect()
}

/// A template with one resource.
fn template(kind: &str, properties: Value, sections: &Value) -> Value {
    let mut template = sections.clone();
    template["Resources"] = json!({"R": {"Type": kind, "Properties": properties}});
    template
}

/// JSON as YAML with short tags.
fn yaml(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(yaml).collect::<Vec<_>>().join(", ")),
        Value::Object(map) => {
            let short = match (map.len(), map.iter().next()) {
                (1, Some((key, inner))) if key == "Ref" => Some(("Ref", inner)),
                (1, Some((key, inner))) => key.strip_prefix("Fn::").map(|name| (name, inner)),
                _ => None,
            };
            // Tags do not follow each other.
            match short.map(|(name, inner)| (name, inner, yaml(inner))) {
                Some((name, _, inner)) if !inner.starts_with('!') => format!("!{name} {inner}"),
                _ => {
                    let entries: Vec<_> = map.iter().map(|(k, v)| format!("{}: {}", json!(k), yaml(v))).collect();
                    format!("{{{}}}", entries.join(", "))
                }
            }
        }
        scalar => scalar.to_string(),
    }
}

/// The value of each rule is told in every form, in both notations; its harmless twin is in none.
#[test]
fn values_in_disguise() {
    let mut wrong = Vec::new();
    for [rule, bad, good, kind, properties] in rows::<5>(VALUES) {
        let scanner = only(rule);
        let (bad, good, properties) = (parsed(bad), parsed(good), parsed(properties));
        for (this, told) in [(&bad, true), (&good, false)] {
            for form in forms(this, &good) {
                let template = template(kind, put(&properties, &form.value), &form.sections);
                let (name, text) = match form.name.len() % 2 {
                    0 => ("template.json", template.to_string()),
                    _ => ("template.yaml", yaml(&template)),
                };
                if is_told(&scanner, name, &text) != told {
                    wrong.push(format!("{rule}, {}, told should be {told}: {text}", form.name));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What is not known before deployment is told by no rule.
#[test]
fn unknown_values_are_silent() {
    let mut wrong = Vec::new();
    for [rule, _, _, kind, properties] in rows::<5>(VALUES) {
        let scanner = only(rule);
        for value in [json!({"Fn::ImportValue": "shared"}), json!({"Fn::FindInMap": ["None", "a", "b"]})] {
            let text = template(kind, put(&parsed(properties), &value), &json!({})).to_string();
            if is_told(&scanner, "template.json", &text) {
                wrong.push(format!("{rule}: {text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The same around the whole resource: conditions, loops, anchors and merge keys; and never where it is never made.
#[test]
fn resources_in_disguise() {
    let mut wrong = Vec::new();
    for [rule, bad, good, kind, properties] in rows::<5>(VALUES) {
        let scanner = only(rule);
        let (bad, good, properties) = (parsed(bad), parsed(good), parsed(properties));
        let mut expect = |name: &str, text: String, told: bool| {
            if is_told(&scanner, name, &text) != told {
                wrong.push(format!("{rule}, told should be {told}: {text}"));
            }
        };
        for (this, told) in [(&bad, true), (&good, false)] {
            let whole = put(&properties, this);
            let made = json!({"Type": kind, "Properties": whole, "Condition": "C", "DeletionPolicy": "Retain"});
            let conditions = json!({"C": {"Fn::Equals": [{"Ref": "P"}, "y"]}});
            let parameters = json!({"P": {"Type": "String", "Default": "n"}});
            let when = json!({"Parameters": parameters, "Conditions": conditions, "Resources": {"R": made}});
            expect("template.json", when.to_string(), told);
            let round = json!({"R${X}": {"Type": kind, "Properties": whole}});
            for list in [json!(["a", "b"]), json!({"Ref": "L"})] {
                let parameters = json!({"L": {"Type": "CommaDelimitedList"}});
                let looped = json!({"Transform": "AWS::LanguageExtensions", "Parameters": parameters, "Resources": {"Fn::ForEach::All": ["X", list, round]}});
                expect("template.json", looped.to_string(), told);
            }
            let branches = json!({"Fn::If": ["C", put(&properties, &good), whole]});
            let either = template(kind, branches, &json!({"Parameters": parameters, "Conditions": conditions}));
            expect("template.yaml", yaml(&either), told);
            let never = template(kind, whole.clone(), &json!({"Conditions": {"C": {"Fn::Equals": ["a", "b"]}}}));
            let mut never = never;
            never["Resources"]["R"]["Condition"] = json!("C");
            expect("template.json", never.to_string(), false);
            let alias = format!(
                "Metadata: {{x: &base {whole}}}\nResources:\n  R:\n    Type: {kind}\n    Properties:\n      <<: *base\n"
            );
            expect("template.yaml", alias, told);
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// The template of a row of `cells.tsv`.
fn cell(shape: &str, what: &Value) -> Value {
    let document = |statements: Value| json!({"Version": "2012-10-17", "Statement": statements});
    let (kind, properties) = match shape {
        "template" | "serverless" => return what.clone(),
        "identity" => ("AWS::IAM::ManagedPolicy", json!({"PolicyDocument": document(what.clone())})),
        "trust" => ("AWS::IAM::Role", json!({"AssumeRolePolicyDocument": document(what.clone())})),
        "ingress" => ("AWS::EC2::SecurityGroup", json!({"GroupDescription": "d", "SecurityGroupIngress": what})),
        "bucket" => ("AWS::S3::BucketPolicy", json!({"Bucket": "b", "PolicyDocument": document(what.clone())})),
        "public" => {
            let objects = "arn:aws:s3:::b/*";
            let statement = json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": objects, "Condition": what});
            ("AWS::S3::BucketPolicy", json!({"Bucket": "b", "PolicyDocument": document(json!([statement]))}))
        }
        kind => (kind, what.clone()),
    };
    let parameters = json!({"P": {"Type": "String", "Default": "y"}});
    let conditions = json!({"C": {"Fn::Equals": [{"Ref": "P"}, "y"]}});
    template(kind, properties, &json!({"Parameters": parameters, "Conditions": conditions}))
}

/// Policies, networks, conditions and dialects: what is open is told however it is spelt, and what is not is not.
#[test]
fn cells_of_the_table() {
    let mut scanners: BTreeMap<&str, Scanner> = BTreeMap::new();
    let mut wrong = Vec::new();
    for [verdict, rule, shape, what] in rows::<4>(CELLS) {
        let scanner = scanners.entry(rule).or_insert_with(|| only(rule));
        let text = cell(shape, &parsed(what)).to_string();
        // Its name says that it is the Serverless Framework's.
        let name = if shape == "serverless" { "serverless.json" } else { "template.json" };
        if is_told(scanner, name, &text) != (verdict == "bad") {
            wrong.push(format!("{rule} is {verdict}: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
