//! Credentials that a longer text assigns to a name: scripts, documents, query strings.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::credential;

/// Something assigned in a script or a document, under a name that says it is secret: the name, and where the
/// value begins.
#[must_use]
pub fn assigned(text: &str) -> Option<(&str, usize)> {
    static ASSIGNED: OnceLock<Option<Regex>> = OnceLock::new();
    if text.len() < 12 || !text.contains(['=', ':']) || !promising(text) {
        return None;
    }
    let regex = ASSIGNED.get_or_init(|| {
        let names = r"(?i:[A-Z0-9_]*(?:password|passwd|secret|token|api_?key|access_?key|private_?key))";
        // `NAME=value`, `"name": "value"`; a bare word after a colon is too often prose or code.
        Regex::new(&format!(r#"(?:^|[\s,;{{&?"'-])({names})(?:\s?=\s?(?:"([^"\s$]+)"|'([^'\s$]+)'|([^\s"'$<>(){{}};,&|\\]+))|["']\s*:\s*["']([^"'\s$]+)["'])"#)).ok()
    });
    regex.as_ref()?.captures_iter(text).take(64).find_map(|found| {
        let name = found.get(1)?.as_str();
        let value = (2..=5).find_map(|at| found.get(at))?;
        credential(Some(name), value.as_str()).map(|_| (name, value.start()))
    })
}

/// Whether a text holds a word of those that every secret's name has: cheaper than asking for its sense.
#[must_use]
pub fn promising(text: &str) -> bool {
    static WORDS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let words = ["pass", "pwd", "secret", "token", "key", "credential"];
    let words = WORDS.get_or_init(|| AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok());
    words.as_ref().is_some_and(|words| words.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A script that exports a password holds one; names of places and references are none.
    #[test]
    fn scripts() {
        assert_eq!(assigned("#!/bin/sh\nexport DB_PASSWORD=password1234\n").map(|(name, _)| name), Some("DB_PASSWORD"));
        assert_eq!(
            assigned("{\"apiKey\": \"9f86d081884c7d659a2feaa0c55ad015\"}").map(|(name, _)| name),
            Some("apiKey")
        );
        for text in
            ["export DB_PASSWORD=$1", "export DB_PASSWORD=\"$(cat /run/secret)\"", "export SSM_PATH=/database/creds"]
        {
            assert_eq!(assigned(text), None, "{text}");
        }
    }
}
