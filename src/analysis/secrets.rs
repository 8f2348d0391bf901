//! Whether a text is a credential: known formats, and random characters under a name that says so.

use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex::Regex;

use formats::FORMATS;

mod assigned;
mod formats;

pub use assigned::{assigned, promising};

/// A credential that was found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Credential {
    /// What it is, in words: `GitHub token`.
    pub kind: &'static str,
    /// How we know.
    pub known: Evidence,
    /// The bytes of the text that are secret.
    pub start: usize,
    /// Their end.
    pub end: usize,
}

/// How we know that a text is a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It has the format of one issuer's credentials.
    Format,
    /// Its name says so and its characters look random.
    Name,
}

/// Passwords that are known to everyone, so that their lack of entropy excuses nothing.
const WEAK: &[&str] = &[
    "password",
    "passw0rd",
    "password1",
    "password123",
    "p@ssw0rd",
    "admin",
    "admin123",
    "root",
    "secret",
    "postgres",
    "mysql",
    "letmein",
    "qwerty",
    "123456",
    "12345678",
    "welcome1",
    "test123",
    "test1234",
    "hunter2",
    "master123",
];

/// Whether a text, that a property, variable or parameter of this name holds, is a credential. The text must
/// be literal: ask for each known piece of a text with holes.
#[must_use]
pub fn credential(name: Option<&str>, text: &str) -> Option<Credential> {
    if text.len() < 4 || text.len() > 100_000 {
        return None;
    }
    by_format(text).or_else(|| by_name(name?, text))
}

/// Whether a name says that its value is secret: `DB_PASSWORD`, `stripeApiKey`, but not `SECRET_ARN`.
#[must_use]
pub fn secret_name(name: &str) -> bool {
    name_kind(name).is_some()
}

/// What a name says that its value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum NameKind {
    Password,
    Token,
}

fn by_format(text: &str) -> Option<Credential> {
    static FINDER: OnceLock<(Option<AhoCorasick>, Vec<usize>)> = OnceLock::new();
    static REGEXES: [OnceLock<Option<Regex>>; FORMATS.len()] = [const { OnceLock::new() }; FORMATS.len()];
    let (finder, formats) = FINDER.get_or_init(|| {
        let words = || FORMATS.iter().enumerate().flat_map(|(at, (_, words, _))| words.iter().map(move |w| (at, *w)));
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(words().map(|(_, word)| word));
        (finder.ok(), words().map(|(at, _)| at).collect())
    });
    let mut tried = vec![false; FORMATS.len()];
    for hit in finder.as_ref()?.find_overlapping_iter(text) {
        let at = *formats.get(hit.pattern().as_usize())?;
        if tried.get_mut(at).is_none_or(|tried| std::mem::replace(tried, true)) {
            continue;
        }
        let (Some((kind, _, pattern)), Some(cell)) = (FORMATS.get(at), REGEXES.get(at)) else { continue };
        let Some(regex) = cell.get_or_init(|| ascii(pattern)) else { continue };
        for found in regex.captures_iter(text).take(16) {
            let Some(secret) = found.get(1).or_else(|| found.get(0)) else { continue };
            if !placeholder(secret.as_str()) {
                return Some(Credential { kind, known: Evidence::Format, start: secret.start(), end: secret.end() });
            }
        }
    }
    None
}

// Credentials are ASCII, and a pattern of ASCII is several times cheaper to compile.
fn ascii(pattern: &str) -> Option<Regex> {
    let ascii = regex::RegexBuilder::new(pattern).unicode(false).build();
    ascii.or_else(|_| Regex::new(pattern)).ok()
}

fn by_name(name: &str, text: &str) -> Option<Credential> {
    let kind = name_kind(name)?;
    let value = text.trim();
    let found = Some(Credential {
        kind: if kind == NameKind::Password { "password" } else { "secret" },
        known: Evidence::Name,
        start: 0,
        end: text.len(),
    });
    if kind == NameKind::Password && WEAK.contains(&value.to_ascii_lowercase().as_str()) {
        return found;
    }
    if value.len() < 6 || value.len() > 4096 || placeholder(value) || names_something(value) {
        return None;
    }
    let classes = [
        value.bytes().any(|b| b.is_ascii_lowercase()),
        value.bytes().any(|b| b.is_ascii_uppercase()),
        value.bytes().any(|b| b.is_ascii_digit()),
        value.bytes().any(|b| b.is_ascii_punctuation()),
    ];
    let classes = classes.into_iter().filter(|there| *there).count();
    let bits = entropy(value);
    let random = match kind {
        NameKind::Password => (classes >= 2 && bits >= 2.3) || bits >= 3.2,
        NameKind::Token => {
            (value.len() >= 16 && bits >= 3.0 && classes >= 2) || (value.len() >= 10 && classes >= 3 && bits >= 2.8)
        }
    };
    if random { found } else { None }
}

/// Bits for each character.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text.bytes() {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    let total = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    let share = |count: u32| f64::from(count) / total;
    counts.iter().filter(|count| **count > 0).map(|count| -share(*count) * share(*count).log2()).sum()
}

/// Texts that stand where a credential will be, and those that documentation gives as examples.
fn placeholder(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "changeme",
        "change_me",
        "change-me",
        "changeit",
        "example",
        "placeholder",
        "replace",
        "your",
        "todo",
        "fixme",
        "dummy",
        "sample",
        "redacted",
        "insert",
        "not-set",
        "notset",
        "not_set",
        "undefined",
        "fake",
        "xxxx",
        "****",
        "....",
        "0000000000",
        "1234567890123",
        "abcdefghij",
        "resolve:",
        "${",
        "{{",
        "<",
        "mock",
        "localstack",
    ];
    let lower = text.to_ascii_lowercase();
    let one_character = text.bytes().all(|b| Some(b) == text.bytes().next());
    one_character
        || WORDS.iter().any(|word| lower.contains(word))
        || lower.starts_with('%')
        || lower.starts_with('$')
        || lower.starts_with('@')
}

/// Texts that name something, and are no secret themselves: ARNs, paths, addresses, identifiers.
fn names_something(text: &str) -> bool {
    static SHAPES: OnceLock<Option<Regex>> = OnceLock::new();
    let shapes = SHAPES.get_or_init(|| {
        let shapes = [
            r"^(?i)arn:",
            r"^\.{0,2}/",
            r"^[A-Za-z][A-Za-z0-9+.-]*://",
            r"^alias/",
            r"^(?i)(?:true|false|yes|no|none|null|enabled|disabled)$",
            // An account id, a port, a date.
            r"^[0-9.:-]+$",
            r"^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            r"^(?i)(?:sha(?:1|256|512)|md5)[:-]",
            r"^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-)",
            r"-----BEGIN (?:[A-Z]+ )*(?:PUBLIC KEY|CERTIFICATE)",
            // Words, as in the name of a secret: `prod-db-password`, `app/dev/api-key`, `MySecret`, `DB_PASSWORD`.
            r"^[a-z]+[0-9]{0,2}(?:[-_./:][a-z]+[0-9]{0,2})*$",
            r"^[a-z0-9]+(?:[-_.][a-z0-9]+)*(?:/[a-z0-9]+(?:[-_.][a-z0-9]+)*)+$",
            r"^(?:[A-Z]?[a-z]+)+[0-9]?$",
            r"^[A-Z]+(?:_[A-Z0-9]+)*$",
            r"^[a-z0-9-]+(?:\.[a-z0-9-]+)+$",
            r"\s",
        ];
        // In groups of their own, so that `(?i)` ends with the shape that it begins.
        Regex::new(&shapes.map(|shape| format!("(?:{shape})")).join("|")).ok()
    });
    shapes.as_ref().is_some_and(|shapes| shapes.is_match(text))
}

fn name_kind(name: &str) -> Option<NameKind> {
    const PASSWORDS: &[&str] =
        &["password", "passwd", "pwd", "passphrase", "pass", "passwort", "userpassword", "dbpassword", "dbpass"];
    const TOKENS: &[&str] = &[
        "secret",
        "token",
        "apikey",
        "credential",
        "credentials",
        "secretkey",
        "accesskey",
        "authtoken",
        "accesstoken",
        "clientsecret",
        "privatekey",
    ];
    // What makes a key one that must not be known.
    const BEFORE_KEY: &[&str] = &[
        "api",
        "secret",
        "private",
        "auth",
        "signing",
        "encryption",
        "shared",
        "account",
        "master",
        "app",
        "service",
        "jwt",
        "access",
        "hmac",
        "license",
        "webhook",
        "stripe",
        "session",
        "cookie",
        "admin",
        "root",
    ];
    // Words that add nothing: `API_KEY_PROD`, `TOKEN_V2`, `SECRET_VALUE`.
    const AFTER: &[&str] = &[
        "value",
        "prod",
        "production",
        "dev",
        "test",
        "stage",
        "staging",
        "live",
        "default",
        "v",
        "string",
        "plain",
        "plaintext",
    ];
    const PUBLIC: &[&str] = &[
        "public",
        "publishable",
        "partition",
        "sort",
        "primary",
        "foreign",
        "hash",
        "range",
        "cache",
        "idempotency",
        "continuation",
        "next",
    ];
    let mut words = words(name);
    while words.last().is_some_and(|w| AFTER.contains(&w.as_str()) || w.bytes().all(|b| b.is_ascii_digit()))
        && words.len() > 1
    {
        words.pop();
    }
    if words.iter().any(|w| PUBLIC.contains(&w.as_str())) {
        return None;
    }
    let last = words.last()?.as_str();
    let before = words.len().checked_sub(2).and_then(|at| words.get(at)).map_or("", String::as_str);
    if PASSWORDS.contains(&last) {
        Some(NameKind::Password)
    } else if TOKENS.contains(&last) || (last == "key" && BEFORE_KEY.contains(&before)) {
        Some(NameKind::Token)
    } else {
        None
    }
}

/// The words of a name: `dbPassword`, `DB_PASSWORD` and `db-password` have the same two.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut lower_before = false;
    for c in name.chars().take(200) {
        if (!c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && lower_before)) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
        lower_before = c.is_ascii_lowercase();
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A text that is put together here, so that no scanner takes this file for a leak.
    fn made(parts: &[&str]) -> String {
        parts.concat()
    }

    fn kind(name: Option<&str>, text: &str) -> Option<&'static str> {
        credential(name, text).map(|c| c.kind)
    }

    /// Every format compiles, and its keywords are lower case.
    #[test]
    fn formats_hold() {
        for (kind, words, pattern) in FORMATS {
            assert!(Regex::new(pattern).is_ok(), "{kind}");
            assert!(!words.is_empty() && words.iter().all(|w| w.to_ascii_lowercase() == *w), "{kind}");
        }
        let kinds: std::collections::BTreeSet<_> = FORMATS.iter().map(|(kind, ..)| kind).collect();
        assert!(kinds.len() >= 45, "{}", kinds.len());
    }

    /// Known formats are credentials under any name.
    #[test]
    fn known_formats() {
        let hex = "9f86d081884c7d659a2feaa0c55ad015";
        let long = "a8Fk2LmPq9ZtR4vXyB7nCdE1gHjK5wSu3oTi";
        for (wanted, text) in [
            ("AWS access key id", made(&["AK", "IA", "Q3EGRZ7YTXW2B5KD"])),
            ("GitHub token", made(&["gh", "p_", long])),
            ("GitLab token", made(&["gl", "pat-", "a8Fk2LmPq9ZtR4vXyB7n"])),
            (
                "Slack webhook",
                made(&["https://hooks.slack.com/", "services/T02AB3CD4/B0EF5GH6I/a8Fk2LmPq9ZtR4vXyB7nCdE1"]),
            ),
            ("Stripe key", made(&["sk_", "live_", "a8Fk2LmPq9ZtR4vXyB7nCdE1"])),
            ("private key", made(&["-----BEGIN RSA PRI", "VATE KEY-----\nMIIE"])),
            ("Twilio key", made(&["S", "K", hex])),
            ("Databricks token", made(&["da", "pi", hex])),
            ("Telegram bot token", made(&["110201543:", "AA", "a8Fk2LmPq9ZtR4vXyB7nCdE1gHjK5wSu3"])),
            ("Anthropic key", made(&["sk-", "ant-api03-", long])),
            ("password in a connection string", made(&["postgres://app:", "s3cr3tPw", "@db.internal:5432/shop"])),
            ("password in a connection string", made(&["Server=db;Uid=app;Pwd", "=s3cr3tPw;"])),
        ] {
            assert_eq!(kind(None, &text), Some(wanted), "{text}");
            assert_eq!(kind(Some("WHATEVER"), &text), Some(wanted), "{text}");
        }
    }

    /// Random characters count under a name that says so, and only there.
    #[test]
    fn names_and_entropy() {
        for (name, text) in [
            ("DB_PASSWORD", "Sup3rS3cret!"),
            ("dbPassword", "hunter2"),
            ("DB_PASS", "admin"),
            ("API_KEY", "9f86d081884c7d659a2feaa0c55ad015"),
            ("AWS_SECRET_ACCESS_KEY", "bPxRfiCYwJalrXUtnFEMI/K7MDENGq8Lk2Zv9TyA"),
            ("JWT_SECRET", "k9$Fj2!mQx7p"),
            ("stripeApiKey", "a8Fk2LmPq9ZtR4vXyB7n"),
            ("TOKEN_PROD", "a8Fk2LmPq9ZtR4vXyB7n"),
        ] {
            assert!(credential(Some(name), text).is_some(), "{name}={text}");
            assert_eq!(kind(Some("TABLE"), text), None, "{text}");
            assert_eq!(kind(None, text), None, "{text}");
        }
    }

    /// Names, places, placeholders and examples are no credentials.
    #[test]
    fn innocent_texts() {
        for text in [
            "arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-a1B2c3",
            "/prod/db/password",
            "prod/db/password",
            "changeme",
            "xxxxxxxxxxxx",
            "<your-token>",
            "${env:TOKEN}",
            "{{resolve:secretsmanager:db}}",
            "prod-db-password",
            "MyDatabaseSecret",
            "111122223333",
            "alias/my-key",
            "2c26b46b-68ff-4a8b-9b0e-1c2d3e4f5a6b",
            "https://example.com/token",
            "true",
            "DB_PASSWORD",
            "jwt",
            "secrets.internal.example.com",
        ] {
            for name in ["DB_PASSWORD", "API_TOKEN", "SECRET"] {
                assert_eq!(kind(Some(name), text), None, "{name}={text}");
            }
        }
        assert_eq!(kind(Some("KEY"), &made(&["AKIA", "IOSFODNN7", "EXAMPLE"])), None);
        assert_eq!(kind(None, "postgres://app:${password}@db/shop"), None);
        assert_eq!(kind(None, "https://db.internal:5432/path@x"), None);
        for name in [
            "SECRET_ARN",
            "SECRET_NAME",
            "TOKEN_TTL",
            "PARTITION_KEY",
            "PUBLIC_KEY",
            "PASSWORD_MIN_LENGTH",
            "KEY",
            "MONKEY",
            "BYPASS",
        ] {
            assert_eq!(kind(Some(name), "a8Fk2LmPq9ZtR4vXyB7n"), None, "{name}");
        }
    }
}
