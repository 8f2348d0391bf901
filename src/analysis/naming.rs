//! Which parameters of a template are the name of something: what is called `DbSecret` may be a secret, or where one is kept.

use std::collections::BTreeSet;

use super::secrets::naming_name;
use super::walk::pair_name;
use crate::template::{Intrinsic, Kind, Map, Template, Value};

/// How many values are looked at; of a template with more, no parameter is known to be a name.
const MOST: usize = 1_000_000;

/// How deep.
const DEEP: usize = 300;

/// How much of what stands before a hole tells what belongs into it, in bytes.
const BEFORE: usize = 400;

/// The parameters that are read somewhere, and only where the name, the path or the ARN of something stands:
/// `SecretId: !Ref DbSecret`, `{{resolve:ssm-secure:${DbPassword}}}`.
#[must_use]
pub fn names<'a>(template: &Template<'a>) -> BTreeSet<&'a str> {
    let mut look = Look { template, names: BTreeSet::new(), values: BTreeSet::new(), left: MOST };
    for resource in template.resources.iter().chain(&template.declared) {
        look.value(&resource.properties, Place::Value, 0);
        look.map(resource.attributes, 0);
    }
    template.outputs.iter().for_each(|output| look.value(&output.body, Place::Value, 0));
    if look.left == 0 {
        return BTreeSet::new();
    }
    look.names.difference(&look.values).copied().collect()
}

/// What belongs where a parameter stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Name,
    Value,
}

struct Look<'t, 'a> {
    template: &'t Template<'a>,
    names: BTreeSet<&'a str>,
    values: BTreeSet<&'a str>,
    left: usize,
}

impl<'a> Look<'_, 'a> {
    fn value(&mut self, value: &Value<'a>, place: Place, depth: usize) {
        self.left = if depth > DEEP { 0 } else { self.left.saturating_sub(1) };
        if self.left == 0 {
            return;
        }
        match value.kind {
            Kind::List(items) => items.iter().for_each(|item| self.value(item, place, depth + 1)),
            Kind::Map(map) => self.map(map, depth + 1),
            Kind::Intrinsic(intrinsic) => self.intrinsic(intrinsic, place, depth + 1),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => {}
        }
    }

    fn map(&mut self, map: Map<'a>, depth: usize) {
        for entry in map.entries {
            let named = match entry.key {
                "Value" | "value" => stored(map) || pair_name(map).is_some_and(naming_name),
                key => NAMED.contains(&key) || naming_name(key),
            };
            self.value(&entry.value, if named { Place::Name } else { Place::Value }, depth);
        }
    }

    fn intrinsic(&mut self, intrinsic: &Intrinsic<'a>, place: Place, depth: usize) {
        match intrinsic {
            Intrinsic::Ref(id) if self.template.parameter(id).is_some() => match place {
                Place::Name => _ = self.names.insert(id),
                Place::Value => _ = self.values.insert(id),
            },
            Intrinsic::Sub { pieces, .. } => self.pieces(pieces, "", place, depth),
            Intrinsic::Join(between, Value { kind: Kind::List(items), .. }) => {
                self.pieces(items, between.as_text().unwrap_or(""), place, depth);
            }
            Intrinsic::ImportValue(export) => self.value(export, Place::Name, depth),
            _ => intrinsic.sources().for_each(|source| self.value(source, place, depth)),
        }
    }

    /// The pieces of a text: what stands before a hole tells what belongs into it.
    fn pieces(&mut self, pieces: &[Value<'a>], between: &str, place: Place, depth: usize) {
        let mut before = String::new();
        for piece in pieces {
            match piece.kind {
                Kind::Text(text) => before.push_str(tail(text)),
                _ => {
                    let named = place == Place::Name || asks_for_a_name(&before);
                    self.value(piece, if named { Place::Name } else { Place::Value }, depth);
                    before.push(HOLE);
                }
            }
            before.push_str(between);
            before.drain(..before.len() - tail(&before).len());
        }
    }
}

/// Keys whose value is the name, the path or the ARN of something, and do not say so.
const NAMED: [&str; 5] = ["ValueFrom", "valueFrom", "CredentialsParameter", "Resource", "NotResource"];

/// Whether a variable says where its value is kept, as those of CodeBuild do.
fn stored(map: Map<'_>) -> bool {
    let sort = map.get("Type").and_then(|entry| entry.value.as_text());
    matches!(sort, Some("SECRETS_MANAGER" | "PARAMETER_STORE"))
}

/// Stands for what is not written.
const HOLE: char = '\u{1}';

/// Whether what follows is within a dynamic reference or an ARN, or behind a command's option for a name.
fn asks_for_a_name(before: &str) -> bool {
    let open = before.rsplit_once("{{resolve:").is_some_and(|(_, inside)| !inside.contains("}}"));
    let word = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '=' | ',' | '(' | '`');
    let arn = before.rsplit(word).next().is_some_and(|last| last.starts_with("arn:"));
    let option = before.trim_end_matches([' ', '=', '"', '\'']).rsplit(word).next().unwrap_or("");
    open || arn || matches!(option, "--secret-id" | "--name" | "--names" | "--path")
}

/// The last of a text.
fn tail(text: &str) -> &str {
    let from = text.len().saturating_sub(BEFORE);
    (from..text.len()).find_map(|at| text.get(at..)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_tells() {
        let yes = [
            "{{resolve:ssm-secure:",
            "{{resolve:secretsmanager:\u{1}:",
            "arn:\u{1}:secretsmanager:eu-west-1:1:secret:",
            "run --secret-id ",
            "run --name=\"",
            "aws --secret-id 'arn:aws:secretsmanager:",
        ];
        let no = ["", "password=", "{{resolve:ssm:/a}}", "https://", "see arn:aws:s3:::a ", "--username "];
        yes.iter().for_each(|text| assert!(asks_for_a_name(text), "{text}"));
        no.iter().for_each(|text| assert!(!asks_for_a_name(text), "{text}"));
    }

    #[test]
    fn tails_begin_with_a_character() {
        let text = "ä".repeat(BEFORE);
        assert_eq!(tail(&text).len(), BEFORE);
        assert_eq!(tail(&format!("a{text}b")).chars().last(), Some('b'));
        assert_eq!(tail(""), "");
    }
}
