//! A template as CloudFormation JSON, for `portcullis lower`.

use serde_json::{Map as Object, Value as Json, json};

use super::{Entry, Intrinsic, Kind, Map, Template, Value};

/// The template in JSON, long forms throughout; unknown values print as `{"Fn::Unknown": "why"}`.
#[must_use]
pub fn to_json(template: &Template<'_>) -> Json {
    let mut out = Object::new();
    let mut section = |name: &str, content: Object<String, Json>| {
        if !content.is_empty() {
            out.insert(name.to_owned(), Json::Object(content));
        }
    };
    section("Parameters", template.parameters.iter().map(|p| (p.name.to_owned(), value(&p.body))).collect());
    section("Mappings", entries(&template.mappings));
    section("Conditions", entries(&template.conditions));
    section("Rules", entries(&template.rules));
    let resources = template.resources.iter().map(|r| {
        let mut body = Object::new();
        body.insert("Type".to_owned(), json!(r.kind));
        if let Some((condition, _)) = r.condition {
            body.insert("Condition".to_owned(), json!(condition));
        }
        for entry in r.attributes.entries {
            body.insert(entry.key.to_owned(), value(&entry.value));
        }
        if r.properties.as_map().is_none_or(|m| !m.entries.is_empty()) {
            body.insert("Properties".to_owned(), value(&r.properties));
        }
        (r.id.to_owned(), Json::Object(body))
    });
    let resources = resources.collect::<Object<_, _>>();
    section("Outputs", template.outputs.iter().map(|o| (o.name.to_owned(), value(&o.body))).collect());
    out.insert("Resources".to_owned(), Json::Object(resources));
    if !template.transforms.is_empty() {
        out.insert("Transform".to_owned(), template.transforms.iter().map(value).collect());
    }
    Json::Object(out)
}

fn entries(entries: &[Entry<'_>]) -> Object<String, Json> {
    entries.iter().map(|e| (e.key.to_owned(), entry(e))).collect()
}

fn entry(entry: &Entry<'_>) -> Json {
    match entry.value.kind {
        // A macro call beside other keys: the key says already what it is.
        Kind::Intrinsic(Intrinsic::Transform(_, call)) if entry.key == "Fn::Transform" => value(call),
        _ => value(&entry.value),
    }
}

fn map(map: Map<'_>) -> Json {
    Json::Object(entries(map.entries))
}

/// One value in JSON.
fn value(v: &Value<'_>) -> Json {
    match v.kind {
        Kind::Null => Json::Null,
        Kind::Bool(yes) => Json::Bool(yes),
        // A number that JSON would print otherwise stays text: account ids with a leading zero. Only the zeros
        // behind a point are lost, as they are to everyone who reads YAML.
        Kind::Number(text) => match serde_json::from_str::<serde_json::Number>(text) {
            Ok(number) if number.to_string() == text || text.contains('.') => Json::Number(number),
            Ok(_) | Err(_) => json!(text),
        },
        Kind::Text(text) => json!(text),
        Kind::List(items) => items.iter().map(value).collect(),
        Kind::Map(m) => map(m),
        Kind::Unknown(why) => json!({ "Fn::Unknown": why }),
        Kind::Intrinsic(i) => intrinsic(i),
    }
}

fn intrinsic(i: &Intrinsic<'_>) -> Json {
    let list = |items: &[Value<'_>]| items.iter().map(value).collect::<Vec<_>>();
    match i {
        Intrinsic::Ref(name) => json!({ "Ref": name }),
        Intrinsic::GetAtt(id, attribute) => json!({ "Fn::GetAtt": [id, value(attribute)] }),
        Intrinsic::Sub { template, variables, pieces: _ } if variables.entries.is_empty() => {
            json!({ "Fn::Sub": template })
        }
        Intrinsic::Sub { template, variables, pieces: _ } => json!({ "Fn::Sub": [template, map(*variables)] }),
        Intrinsic::Join(separator, items) => json!({ "Fn::Join": [value(separator), value(items)] }),
        Intrinsic::Split(separator, text) => json!({ "Fn::Split": [value(separator), value(text)] }),
        Intrinsic::Select(index, items) => json!({ "Fn::Select": [value(index), value(items)] }),
        Intrinsic::If(condition, then, otherwise) => json!({ "Fn::If": [condition, value(then), value(otherwise)] }),
        Intrinsic::FindInMap(m, first, second, default) => {
            let mut arguments = vec![value(m), value(first), value(second)];
            arguments.extend(default.map(|d| json!({ "DefaultValue": value(&d) })));
            json!({ "Fn::FindInMap": arguments })
        }
        Intrinsic::ImportValue(name) => json!({ "Fn::ImportValue": value(name) }),
        Intrinsic::StackOutput(_, which) => json!({ "Fn::GetStackOutput": value(which) }),
        Intrinsic::Base64(text) => json!({ "Fn::Base64": value(text) }),
        Intrinsic::Cidr(arguments) => json!({ "Fn::Cidr": value(arguments) }),
        Intrinsic::GetAzs(region) => json!({ "Fn::GetAZs": value(region) }),
        Intrinsic::Length(items) => json!({ "Fn::Length": value(items) }),
        Intrinsic::ToJsonString(items) => json!({ "Fn::ToJsonString": value(items) }),
        Intrinsic::Transform(name, parameters) => {
            json!({ "Fn::Transform": { "Name": value(name), "Parameters": value(parameters) } })
        }
        Intrinsic::Equals(a, b) => json!({ "Fn::Equals": [value(a), value(b)] }),
        Intrinsic::And(items) => json!({ "Fn::And": list(items) }),
        Intrinsic::Or(items) => json!({ "Fn::Or": list(items) }),
        Intrinsic::Not(item) => json!({ "Fn::Not": [value(item)] }),
        Intrinsic::Condition(name) => json!({ "Condition": name }),
        Intrinsic::External(external) => json!({ "Fn::Unknown": external.written }),
        Intrinsic::Other(name, argument) => json!({ *name: value(argument) }),
    }
}
