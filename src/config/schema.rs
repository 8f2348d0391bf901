//! The JSON schema of `portcullis.toml`, for editors.

use serde_json::{Map, Value, json};

use super::key::Key;
use super::{FailOn, FileKind, ReportUnused, Voice};
use crate::rulebook::{Confidence, Profile, Severity};

/// The schema of a configuration file.
#[must_use]
pub fn schema() -> Value {
    let mut properties = Map::new();
    for key in Key::ALL {
        let mut shape = shape(*key);
        if let Value::Object(shape) = &mut shape {
            shape.insert("description".into(), key.about().into());
        }
        properties.insert(key.name().into(), shape);
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "portcullis.toml",
        "description": "What portcullis checks, and how.",
        "type": "object",
        "additionalProperties": false,
        "properties": properties,
    })
}

fn shape(key: Key) -> Value {
    match key {
        Key::Profile => one_of(Profile::ALL.iter().map(|v| v.name()), Some("default")),
        Key::MinSeverity => one_of(Severity::ALL.iter().map(|v| v.name()), Some("info")),
        Key::MinConfidence => one_of(Confidence::ALL.iter().map(|v| v.name()), Some("low")),
        Key::FailOn => one_of(FailOn::ALL.iter().map(|v| v.name()), Some("low")),
        Key::Select | Key::Ignore | Key::Unsuppressible | Key::Exclude | Key::RulesDirs | Key::ParameterFiles => {
            texts()
        }
        Key::Rules => rules(),
        Key::Overrides => json!({"type": "array", "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["paths"],
            "properties": {
                "paths": {"description": "Which paths, relative to this file.", "anyOf": one_or_many()},
                "profile": one_of(Profile::ALL.iter().map(|v| v.name()), None),
                "select": {"description": "Rules that run there besides.", "anyOf": one_or_many()},
                "ignore": {"description": "Rules that do not run there.", "anyOf": one_or_many()},
                "min-severity": one_of(Severity::ALL.iter().map(|v| v.name()), None),
                "min-confidence": one_of(Confidence::ALL.iter().map(|v| v.name()), None),
                "rules": rules(),
            },
        }}),
        Key::Files => json!({"type": "array", "items": {
            "type": "object",
            "additionalProperties": false,
            "required": ["glob", "kind"],
            "properties": {
                "glob": {"description": "Which files, relative to this file.", "anyOf": one_or_many()},
                "kind": one_of(FileKind::ALL.iter().map(|v| v.name()), None),
            },
        }}),
        Key::Parameters => json!({"type": "object", "additionalProperties": {
            "anyOf": [scalar(), {"type": "array", "items": scalar()}],
        }}),
        Key::Stage | Key::Region => json!({"type": "string"}),
        Key::RequireReason => json!({"type": "boolean", "default": false}),
        Key::HonorSuppressions => {
            let voices: Vec<_> = Voice::ALL.iter().map(|v| v.name()).chain(["cfn-lint", "cdk-nag"]).collect();
            json!({"type": "array", "items": {"enum": voices}})
        }
        Key::ReportUnused => one_of(ReportUnused::ALL.iter().map(|v| v.name()), Some("own")),
    }
}

fn rules() -> Value {
    let levels: Vec<_> = ["off"].into_iter().chain(Severity::ALL.iter().map(|v| v.name())).collect();
    json!({"type": "object", "additionalProperties": {"anyOf": [
        {"enum": levels},
        {
            "type": "object",
            "properties": {"severity": {"enum": levels}},
            "additionalProperties": {
                "description": "A parameter of the rule.",
                "anyOf": [{"type": ["string", "integer", "boolean"]}, {"type": "array", "items": scalar()}],
            },
        },
    ]}})
}

fn texts() -> Value {
    json!({"anyOf": one_or_many()})
}

fn one_or_many() -> Value {
    json!([{"type": "string"}, {"type": "array", "items": {"type": "string"}}])
}

fn scalar() -> Value {
    json!({"type": ["string", "number", "boolean"]})
}

fn one_of<'w>(words: impl Iterator<Item = &'w str>, default: Option<&str>) -> Value {
    let words: Vec<_> = words.collect();
    match default {
        Some(default) => json!({"enum": words, "default": default}),
        None => json!({"enum": words}),
    }
}

#[cfg(test)]
mod tests {
    use super::super::read::{FILE_KEYS, OVERRIDE_KEYS};
    use super::*;

    /// The schema accepts a file that uses every key, and refuses what the reader refuses.
    #[test]
    fn the_schema_agrees_with_the_reader() {
        let validator = jsonschema::draft7::new(&schema()).expect("a schema");
        let json = |text: &str| {
            let table: toml::Table = text.parse().expect("TOML");
            serde_json::to_value(table).expect("JSON")
        };
        let everything = json(include_str!("../../testdata/suppress/config/everything.toml"));
        let errors: Vec<_> = validator.iter_errors(&everything).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?}");
        for bad in ["profil = 'strict'", "profile = 'x'", "select = 3", "[[overrides]]\nselect = 's3'", "rules.a = 'x'"]
        {
            assert!(!validator.is_valid(&json(bad)), "{bad}");
        }
    }

    /// The manual names every key, and its example is a good configuration.
    #[test]
    fn the_manual_is_complete() {
        let manual = include_str!("../../docs/configuration.md");
        for key in Key::ALL {
            assert!(manual.contains(&format!("\n| `{key}` |")), "{key} is not in the manual");
        }
        let example = manual.split("```toml").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
        let source = std::sync::Arc::new(crate::source::Source::new("portcullis.toml", example));
        let read = super::super::read(&source, std::path::Path::new("/"));
        assert!(read.is_ok(), "{read:?}");
    }

    /// The keys of inner tables are those of the reader.
    #[test]
    fn inner_keys_are_those_of_the_reader() {
        let schema = schema();
        let keys = |name: &str| -> Vec<String> {
            let inner = &schema["properties"][name]["items"]["properties"];
            inner.as_object().expect("properties").keys().cloned().collect()
        };
        assert_eq!(keys("overrides"), OVERRIDE_KEYS);
        assert_eq!(keys("files"), FILE_KEYS);
    }
}
