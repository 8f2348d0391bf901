//! Credentials among the variables of a buildspec: whatever stands below `variables` is a name with its value.

use super::{Assigned, credential};

/// How many variables are looked at.
const MOST: usize = 256;

/// The variables of a buildspec, or of a piece of one, that hold a credential by their name.
///
/// A script says more than names and values, so there a name must be plain to see; here nothing else is said.
#[must_use]
pub fn variables(text: &str) -> Vec<Assigned<'_>> {
    let mut pairs = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("variables")).map(|at| from + at) {
        from = at + "variables".len();
        let line = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let before = text.get(line..at).unwrap_or_default();
        let rest = text.get(from..).unwrap_or_default();
        // `exported-variables` names some, and gives none a value.
        let Some(body) = rest.trim_start_matches('"').strip_prefix(':').filter(|_| !before.ends_with('-')) else {
            continue;
        };
        let start = text.len() - body.len();
        match body.trim_start_matches([' ', '\t', '\r', '\n']).strip_prefix('{') {
            Some(flow) => braces(text, text.len() - flow.len(), &mut pairs),
            None => block(text, start, before.len() - before.trim_start().len(), &mut pairs),
        }
    }
    let secret =
        |pair: Assigned<'_>| text.get(pair.start..pair.end).and_then(|value| credential(Some(pair.name), value));
    pairs.retain(|pair| secret(*pair).is_some());
    pairs
}

/// `{name: value, …}`, as far as the first brace.
fn braces<'t>(text: &'t str, start: usize, pairs: &mut Vec<Assigned<'t>>) {
    let inside = text.get(start..).unwrap_or_default().split('}').next().unwrap_or_default();
    let mut at = start;
    for item in inside.split(',') {
        pairs.extend(pair(text, at, item));
        at += item.len() + 1;
    }
    pairs.truncate(MOST);
}

/// The lines that stand deeper than the key.
fn block<'t>(text: &'t str, start: usize, indent: usize, pairs: &mut Vec<Assigned<'t>>) {
    let mut at = start;
    for (number, line) in text.get(start..).unwrap_or_default().split('\n').enumerate() {
        let said = line.trim();
        let deeper = line.len() - line.trim_start().len() > indent;
        // What follows the key on its own line is no value of it but a remark.
        if number > 0 && !said.is_empty() && !said.starts_with('#') {
            if !deeper || pairs.len() >= MOST {
                return;
            }
            pairs.extend(pair(text, at, line));
        }
        at += line.len() + 1;
    }
}

/// `name: value`, in quotes or without.
fn pair<'t>(text: &'t str, at: usize, written: &'t str) -> Option<Assigned<'t>> {
    let (name, value) = written.split_once(':')?;
    let name = name.trim().trim_matches(['"', '\'']);
    let bare = value.trim();
    let quote = ['"', '\''].into_iter().find_map(|quote| bare.strip_prefix(quote)?.split_once(quote));
    // A remark behind it belongs to neither.
    let bare = quote.map_or_else(|| bare.split(" #").next().unwrap_or(bare).trim_end(), |(inside, _)| inside);
    let start = at + written.len() - value.len() + value.find(bare)?;
    let end = start + bare.len();
    (!name.is_empty() && !bare.contains('$') && text.get(start..end) == Some(bare)).then_some(Assigned {
        name,
        start,
        end,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, &str)> {
        variables(text).iter().map(|v| (v.name, &text[v.start..v.end])).collect()
    }

    /// Names that a script would not be believed, in each notation.
    #[test]
    fn every_name_counts() {
        let block = "env:\n  variables: # all of them\n    # one\n    DB_PASS: Sup3rS3cret!\n    A: b\n    SIGNING_KEY: \"a8Fk2LmPq9ZtR4vXyB7n\" # new\n  exported-variables:\n    - DB_PASS\nphases: {}\n";
        assert_eq!(found(block), [("DB_PASS", "Sup3rS3cret!"), ("SIGNING_KEY", "a8Fk2LmPq9ZtR4vXyB7n")]);
        let json = r#"{"env": {"variables": {"A": "b", "DB_PASS": "Sup3rS3cret!"}}}"#;
        assert_eq!(found(json), [("DB_PASS", "Sup3rS3cret!")]);
        assert_eq!(found("env:\n  variables: {DB_PASS: 'Sup3rS3cret!'}"), [("DB_PASS", "Sup3rS3cret!")]);
        assert_eq!(found("env:\r\n  variables:\r\n    DB_PASS: Sup3rS3cret!\r\n"), [("DB_PASS", "Sup3rS3cret!")]);
    }

    /// What stands elsewhere, is read at build time, or says nothing.
    #[test]
    fn silent() {
        for text in [
            "env:\n  secrets-manager:\n    DB_PASS: prod/Db1:Password\n  variables:\n    DB_PASS: ''\n    TOKEN: $OTHER\nversion: 0.2",
            "env:\n  variables:\nphases:\n  DB_PASS: Sup3rS3cret!",
            "variables",
            "variables:",
            "\"variables\": {",
        ] {
            assert_eq!(found(text), [("", ""); 0], "{text}");
        }
    }
}
