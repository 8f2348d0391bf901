//! Values of template parameters, in all the files that deployment tools read them from.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Mistake, samconfig};
use crate::finding::Place;
use crate::source::{Arena, FileId, Source, Span};
use crate::syntax::{Node, parse};

/// Parameter values by name.
pub type Parameters = BTreeMap<String, String>;

/// Reads a file of parameter values, in JSON or YAML: the AWS CLI's list of `ParameterKey` and
/// `ParameterValue`, its list of `Name=value`, a plain map, or a map under `parameters` as in Git sync's
/// deployment files and CodePipeline's template configurations. What ends in `.toml` is read as a
/// `samconfig.toml`, of which the environment `default` counts.
///
/// # Errors
/// With every mistake in it, in order.
pub fn parameters(source: &Arc<Source>) -> Result<Parameters, Vec<Mistake>> {
    if source.path().to_ascii_lowercase().ends_with(".toml") {
        return samconfig(source, "default").map(|found| found.parameters).map_err(|mistake| vec![mistake]);
    }
    let arena = Arena::new();
    let document = parse(&arena, FileId(0), source.text());
    let mut reader = Reader { source, found: Parameters::new(), mistakes: Vec::new() };
    for problem in document.problems.iter().filter(|p| p.kind.breaks()) {
        reader.mistake(problem.span, &problem.message);
    }
    if reader.mistakes.is_empty()
        && let Some(root) = document.root()
    {
        reader.root(root);
    }
    if reader.mistakes.is_empty() { Ok(reader.found) } else { Err(reader.mistakes) }
}

/// Parameter values in the words of a command line: `A=b C="d e"`, or
/// `ParameterKey=A,ParameterValue=b …`.
#[must_use]
pub fn parameter_overrides(text: &str) -> Parameters {
    words(text).iter().filter_map(|word| assignment(word)).collect()
}

/// `Name=value`, or the long form of it.
pub(super) fn assignment(word: &str) -> Option<(String, String)> {
    let pair = match word.strip_prefix("ParameterKey=") {
        Some(rest) => rest.split_once(",ParameterValue=")?,
        None => word.split_once('=')?,
    };
    (!pair.0.is_empty()).then(|| (pair.0.to_owned(), pair.1.to_owned()))
}

/// The words of a line as a shell divides it, quotes and backslashes taken away.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut inside, mut quote) = (String::new(), false, None);
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', None | Some('"')) => {
                inside = true;
                word.extend(chars.next());
            }
            (c, Some(q)) if c == q => quote = None,
            ('"' | '\'', None) => {
                inside = true;
                quote = Some(c);
            }
            (c, None) if c.is_whitespace() => {
                if inside {
                    words.push(std::mem::take(&mut word));
                }
                inside = false;
            }
            (c, _) => {
                inside = true;
                word.push(c);
            }
        }
    }
    if inside {
        words.push(word);
    }
    words
}

struct Reader<'s> {
    source: &'s Arc<Source>,
    found: Parameters,
    mistakes: Vec<Mistake>,
}

impl Reader<'_> {
    fn root(&mut self, root: &Node<'_>) {
        if root.is_mapping() {
            let inner = root.get("parameters").or_else(|| root.get("Parameters")).filter(|n| n.is_mapping());
            return self.map(inner.unwrap_or(root));
        }
        if root.items().is_empty() && !root.is_empty() && root.text().is_some() {
            return self.mistake(root.span, "expected a map or a list of parameters");
        }
        for item in root.items() {
            self.item(item);
        }
    }

    fn item(&mut self, item: &Node<'_>) {
        if let Some(text) = item.text() {
            match assignment(text) {
                Some((name, value)) => self.set(&name, value),
                None => self.mistake(item.span, "expected `Name=value`"),
            }
            return;
        }
        let Some(name) = item.get("ParameterKey").and_then(Node::text) else {
            return self.mistake(item.span, "expected `ParameterKey` and `ParameterValue`");
        };
        // Without one it is `UsePreviousValue`: what it was is not in this file, so it stays unknown.
        if let Some(value) = item.get("ParameterValue") {
            self.value(name, value);
        }
    }

    fn map(&mut self, map: &Node<'_>) {
        for pair in map.pairs() {
            match pair.name() {
                Some(name) => self.value(name, &pair.value),
                None => self.mistake(pair.key.span, "expected the name of a parameter"),
            }
        }
    }

    fn value(&mut self, name: &str, value: &Node<'_>) {
        if let Some(text) = value.text() {
            return self.set(name, text.to_owned());
        }
        // CloudFormation's lists are texts with commas.
        let items: Option<Vec<_>> = value.items().iter().map(Node::text).collect();
        match items {
            Some(items) if !value.is_mapping() => self.set(name, items.join(",")),
            _ => self.mistake(value.span, "expected the value of a parameter: a text, a number, a boolean or a list"),
        }
    }

    fn set(&mut self, name: &str, value: String) {
        self.found.insert(name.to_owned(), value);
    }

    fn mistake(&mut self, span: Span, message: &str) {
        let place = Place::new(Arc::clone(self.source), span.start, span.end);
        self.mistakes.push(Mistake::at(place, message));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, Vec<String>> {
        let source = Arc::new(Source::new("p.json", text));
        match parameters(&source) {
            Ok(found) => Ok(found.into_iter().collect()),
            Err(mistakes) => Err(mistakes.iter().map(ToString::to_string).collect()),
        }
    }

    fn pairs(expected: &[(&str, &str)]) -> Result<Vec<(String, String)>, Vec<String>> {
        Ok(expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect())
    }

    /// All forms of parameter files come to the same.
    #[test]
    fn all_forms_come_to_the_same() {
        let expected = pairs(&[("A", "b"), ("N", "012")]);
        for text in [
            r#"[{"ParameterKey": "A", "ParameterValue": "b"}, {"ParameterKey": "N", "ParameterValue": "012"}, {"ParameterKey": "P", "UsePreviousValue": true}]"#,
            r#"["A=b", "N=012"]"#,
            r#"{"A": "b", "N": "012"}"#,
            r#"{"Parameters": {"A": "b", "N": "012"}, "StackPolicy": {}}"#,
            "template-file-path: t.yaml\nparameters:\n  A: b\n  N: '012'\ntags:\n  x: y\n",
            "A: b\nN: 012\n",
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read("L: [a, b]\nT: true\n"), pairs(&[("L", "a,b"), ("T", "true")]));
        assert_eq!(read(""), pairs(&[]));
        assert_eq!(read("[]"), pairs(&[]));
    }

    /// What ends in `.toml` is a samconfig.
    #[test]
    fn a_samconfig_is_one_of_them() {
        let text = "[default.deploy.parameters]\nparameter_overrides = 'A=b'\n";
        let found = parameters(&Arc::new(Source::new("x/samconfig.toml", text))).expect("parameters");
        assert_eq!(found.get("A").map(String::as_str), Some("b"));
    }

    /// What is no parameter is a mistake at its place.
    #[test]
    fn nonsense_is_a_mistake() {
        assert_eq!(read("A:\n  b: c\n").expect_err("a map").len(), 1);
        assert!(read("A:\n  b: c\n").expect_err("a map")[0].starts_with("p.json:2:3: expected the value"));
        assert_eq!(read("just words"), Err(vec!["p.json:1:1: expected a map or a list of parameters".into()]));
        assert!(read("[{\"Key\": 1}]").is_err());
        assert!(read("{\"a\": ").is_err());
    }

    /// Words of a command line are divided as a shell does.
    #[test]
    fn overrides_are_divided_as_a_shell_does() {
        let found: Vec<_> =
            parameter_overrides(r#"A=b C="d e" ParameterKey=E,ParameterValue=f,g H='i"j' K=\"l\" M= nonsense =x"#)
                .into_iter()
                .collect();
        let expected = [("A", "b"), ("C", "d e"), ("E", "f,g"), ("H", "i\"j"), ("K", "\"l\""), ("M", "")];
        assert_eq!(Ok(found), pairs(&expected));
    }
}
