//! The rule language as a JSON Schema, for editors.

use serde_json::{Value, json};

use super::{Category, Confidence, OPERATORS, Profile, Severity};

/// A JSON Schema (2020-12) of rule files. It knows every word; what the compiler checks beyond words
/// (regular expressions, paths) it leaves to the compiler.
#[must_use]
pub fn schema() -> Value {
    let words = |names: Vec<&str>| json!({ "enum": names });
    let texts = json!({ "anyOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] });
    let pattern = json!({ "$ref": "#/$defs/pattern" });
    let relation = json!({ "anyOf": [texts, {
        "type": "object",
        "properties": { "type": texts, "at": { "type": "string" }, "where": pattern },
        "additionalProperties": false,
    }] });
    let mut operators = serde_json::Map::new();
    for (name, takes, meaning) in OPERATORS {
        let value = match *takes {
            "pattern" => pattern.clone(),
            "list of patterns" => json!({ "type": "array", "items": pattern }),
            takes if takes.starts_with("number") => {
                json!({ "anyOf": [{ "type": "number" }, { "$ref": "#/$defs/parameter" }] })
            }
            "true" | "(a bare word), or true" => json!({ "type": "boolean" }),
            takes if takes.contains("where") => relation.clone(),
            _ => json!({}),
        };
        let mut value = value;
        if let Some(object) = value.as_object_mut() {
            object.insert("description".to_owned(), json!(meaning));
        }
        operators.insert((*name).to_owned(), value);
    }
    let check = json!({
        "type": "object",
        "properties": {
            "native": { "const": true }, "on": texts, "statements": texts, "each": { "type": ["string", "array", "object"] },
            "when": pattern, "bad": pattern, "at": { "type": "string" }, "once": { "type": "boolean" },
            "message": { "type": "string" }, "label": { "type": "string" },
            "grade": {},
        },
        "additionalProperties": false,
    });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "portcullis rule",
        "type": "object",
        "required": ["name", "title", "category", "severity", "why", "remedy", "check"],
        "properties": {
            "name": { "type": "string", "pattern": "^[a-z0-9-]+$" },
            "title": { "type": "string" },
            "category": words(Category::ALL.iter().map(|c| c.name()).collect()),
            "severity": words(Severity::ALL.iter().map(|c| c.name()).collect()),
            "confidence": words(Confidence::ALL.iter().map(|c| c.name()).collect()),
            "profile": words(Profile::ALL.iter().map(|c| c.name()).collect()),
            "aliases": texts, "subsumes": texts, "cwe": texts, "references": texts,
            "compliance": { "type": "object" },
            "why": { "type": "string" }, "remedy": { "type": "string" },
            "secret": { "type": "boolean" }, "silences": texts,
            "parameters": { "type": "object" },
            "check": check,
            "fix": {}, "examples": { "type": "array" },
        },
        "additionalProperties": false,
        "$defs": {
            "parameter": {
                "type": "object",
                "properties": { "parameter": { "type": "string" } },
                "required": ["parameter"],
                "additionalProperties": false,
            },
            "pattern": { "anyOf": [
                { "type": ["string", "number", "boolean", "array"] },
                {
                    "type": "object",
                    "properties": operators,
                    "patternProperties": { "^[A-Z$\\[.]": pattern, ":": pattern },
                    "additionalProperties": false,
                },
            ] },
        },
    })
}
