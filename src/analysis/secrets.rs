//! Whether a text is a credential: known formats, and random characters under a name that says so.

use std::sync::OnceLock;

use regex_automata::meta::Regex;

use formats::FORMATS;
use innocent::{names_something, placeholder, wordy};
use keywords::Keywords;
use names::{NameKind, name_kind};
use pattern::compile;
use proof::Match;

use crate::resolve::{Piece, Text};

pub use assigned::{Assigned, argument, assigned, promising, takes_secret, told};
pub use buildspec::variables;

mod assigned;
mod buildspec;
mod formats;
mod innocent;
mod keywords;
mod names;
mod pattern;
mod proof;

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

/// Passwords that are known to everyone, so that their lack of entropy excuses nothing; with digits after them or
/// put together they are no better.
const WEAK: &[&str] = &[
    "password",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "pa55word",
    "admin",
    "administrator",
    "root",
    "secret",
    "postgres",
    "mysql",
    "letmein",
    "qwerty",
    "qwertz",
    "123456",
    "12345678",
    "welcome",
    "test",
    "master",
    "hunter",
    "super",
    "user",
    "pass",
    "pwd",
    "my",
    "the",
    "db",
    "database",
    "guest",
    "demo",
    "default",
    "login",
    "abc",
    "dev",
    "prod",
    "local",
    "app",
    "system",
    "oracle",
    "redis",
    "mongo",
    "rabbit",
    "iloveyou",
    "monkey",
    "dragon",
    "summer",
    "winter",
];

/// Whether a text, that a property, variable or parameter of this name holds, is a credential. The text must
/// be literal: ask for each known piece of a text with holes.
#[must_use]
pub fn credential(name: Option<&str>, text: &str) -> Option<Credential> {
    if text.len() < 4 || text.len() > 100_000 {
        return None;
    }
    by_format(text, 1).pop().or_else(|| by_name(name?, text))
}

/// The credentials in a text that have the format of an issuer, at most as many as can be told in one breath.
#[must_use]
pub fn formats_in(text: &str) -> Vec<Credential> {
    let mut all = if (8..=100_000).contains(&text.len()) { by_format(text, MOST) } else { Vec::new() };
    all.sort_unstable_by_key(|found| (found.start, found.end));
    all.dedup_by_key(|found| found.start);
    all
}

/// The credential that stands in a text around what is filled in, `postgres://${User}:Passw0rd1@${Host}/shop`: one that has a format,
/// and all of which is known.
#[must_use]
pub fn between_holes(text: &Text<'_>) -> Option<Credential> {
    let mut all = String::new();
    let mut known = Vec::new();
    for piece in &text.pieces {
        let from = all.len();
        match piece {
            Piece::Literal(literal) => {
                all.push_str(literal);
                known.push(from..all.len());
            }
            Piece::Hole(_) => all.push_str("${_}"),
        }
    }
    let whole = |found: &Credential| known.iter().any(|part| part.start <= found.start && found.end <= part.end);
    formats_in(&all).into_iter().find(whole)
}

/// How many credentials of one text are told.
const MOST: usize = 16;

impl Credential {
    /// True for what one issuer gives and nobody writes as an example of something else: a comment explains, and shows how to write
    /// a header.
    #[must_use]
    pub fn is_issued(&self) -> bool {
        self.is_unmistakable() && self.kind != "bearer token"
    }

    /// True for a format that one issuer gives nothing else, so that it is believed even in prose.
    #[must_use]
    pub fn is_unmistakable(&self) -> bool {
        self.known == Evidence::Format && !self.kind.contains("password")
    }
}

/// The same of a text that is deployed where a program reads its secret, which is more than one that only stands somewhere: a
/// number, a sentence or an identifier is nobody's name there, and so it is the secret; and what tokens are signed with is one
/// whoever thought of it.
#[must_use]
pub fn deployed(name: Option<&str>, text: &str) -> Option<Credential> {
    credential(name, text).or_else(|| {
        let kind = name_kind(name?)?;
        let value = text.trim();
        let is_password = kind == NameKind::Password;
        if !(4..=200).contains(&value.len()) || value.bytes().all(|b| value.as_bytes().first() == Some(&b)) {
            return None;
        }
        let number = value.bytes().all(|b| b.is_ascii_digit()) && is_password;
        let identifier = is_uuid(value) && !names::has_word(name?, &["credential", "credentials", "secrets", "tokens"]);
        let words = is_password && (innocent::sentence(value) || innocent::word(value));
        let secret = number || identifier || chosen(name?, value) || words;
        let kind = if is_password { "password" } else { "secret" };
        secret.then_some(Credential { kind, known: Evidence::Name, start: 0, end: text.len() })
    })
}

/// Whether a person chose a text for the secret that tokens are signed with, `Shop2021`. What secrets are called in a store is put
/// together from parts, so that under other names a text in parts is one's name; and those of databases are kept in one.
fn chosen(name: &str, value: &str) -> bool {
    let signs = names::signs(name);
    let parts: &[char] = if signs { &['/', ':'] } else { &['-', '_', '.', '/', ':'] };
    let may_be = signs || (names::signs_or_opens(name) && !names::has_word(name, names::DATABASES));
    may_be && !value.contains(parts) && !stored(value) && random(NameKind::Password, value)
}

/// Whether a text ends like the name that Secrets Manager gives: six characters after a hyphen.
fn stored(value: &str) -> bool {
    value.rsplit_once('-').is_some_and(|(_, end)| end.len() == 6 && end.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// Whether what may be a secret is one that stands in every manual, `your-secret-key`, or that is tried first where tokens are
/// signed: `secret`.
#[must_use]
pub fn guessable(name: &str, text: &str) -> bool {
    let value = text.trim();
    innocent::published(value) || (names::signs(name) && weak(value))
}

/// Whether a text may be a secret that a program trusts by itself, `JWT_SECRET`: not a switch, a place, or the name of something.
#[must_use]
pub fn may_be_secret(name: &str, text: &str) -> bool {
    let value = text.trim();
    names::signs_or_opens(name) && value.len() >= 3 && !innocent::names_something(value) && !innocent::filled_in(value)
}

/// Whether a text is an identifier made at random.
fn is_uuid(text: &str) -> bool {
    let parts = || text.split('-');
    let form =
        parts().map(str::len).eq([8, 4, 4, 4, 12]) && parts().flat_map(str::bytes).all(|b| b.is_ascii_hexdigit());
    // Those of examples are all zeros, or count.
    form && parts().map(|part| part.as_bytes().first()).collect::<std::collections::BTreeSet<_>>().len() > 1
        && !text.contains("12345678")
        && entropy(text) > 3.0
}

/// Whether what a header holds proves to an origin who asks: where its name says so, a random identifier does as well.
#[must_use]
pub fn proof_in_header(header: &str, text: &str) -> Option<Credential> {
    const WORDS: [&str; 8] = ["auth", "verif", "secret", "token", "key", "password", "signature", "shared"];
    let lower = header.to_ascii_lowercase();
    if !WORDS.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let secret = Credential { kind: "secret", known: Evidence::Name, start: 0, end: text.len() };
    credential(Some("token"), text).or_else(|| is_uuid(text).then_some(secret))
}

/// Whether a name says that its value is secret: `DB_PASSWORD`, `stripeApiKey`, but not `SECRET_ARN`.
#[must_use]
pub fn secret_name(name: &str) -> bool {
    name_kind(name).is_some()
}

/// Whether a name is that of the password of a database.
#[must_use]
pub fn database_password_name(name: &str) -> bool {
    name_kind(name) == Some(NameKind::Password) && names::has_word(name, names::DATABASES)
}

/// Whether a name is that of an address which holds a password as a rule: `MONGO_URL`, `DB_CONNECTION_STRING`.
#[must_use]
pub fn connection_name(name: &str) -> bool {
    names::connects(name)
}

/// Whether a name says that its value is the name of something: `SECRET_ARN`, `SecretId`, `token-path`.
#[must_use]
pub fn naming_name(name: &str) -> bool {
    names::names_a_name(name)
}

/// How many words there are without which no format can be found.
const WORDS: usize = {
    let (mut count, mut at) = (0, 0);
    while at < FORMATS.len() {
        count += FORMATS[at].1.len();
        at += 1;
    }
    count
};

/// Those words, each with the format it belongs to.
const KEYS: ([&str; WORDS], [usize; WORDS]) = {
    let (mut words, mut formats) = ([""; WORDS], [0; WORDS]);
    let (mut count, mut format) = (0, 0);
    while format < FORMATS.len() {
        let mut at = 0;
        while at < FORMATS[format].1.len() {
            words[count] = FORMATS[format].1[at];
            formats[count] = format;
            count += 1;
            at += 1;
        }
        format += 1;
    }
    (words, formats)
};

/// The first few credentials in the order of the formats.
fn by_format(text: &str, most: usize) -> Vec<Credential> {
    static KEYWORDS: Keywords<WORDS> = Keywords::new(KEYS.0);
    static REGEXES: [OnceLock<Option<Regex>>; FORMATS.len()] = [const { OnceLock::new() }; FORMATS.len()];
    let mut all = Vec::new();
    let mut words = KEYWORDS.found(text).peekable();
    if words.peek().is_none() {
        return all;
    }
    let mut held = [false; FORMATS.len()];
    for (word, _) in words {
        if let Some(held) = KEYS.1.get(word).and_then(|format| held.get_mut(*format)) {
            *held = true;
        }
    }
    let held = FORMATS.iter().zip(&REGEXES).zip(held).filter_map(|(format, held)| held.then_some(format));
    for ((kind, _, pattern, proof), cell) in held {
        let Some(regex) = cell.get_or_init(|| compile(pattern)) else { continue };
        for found in regex.captures_iter(text).take(16) {
            let Some(secret) = found.get_group(1).or_else(|| found.get_group(0)).map(|group| group.range()) else {
                continue;
            };
            let Some(said) = text.get(secret.clone()) else { continue };
            if !placeholder(said) && proof(&Match { text, secret: secret.clone() }) {
                all.push(Credential { kind, known: Evidence::Format, start: secret.start, end: secret.end });
                if all.len() >= most {
                    return all;
                }
            }
        }
    }
    all
}

fn by_name(name: &str, text: &str) -> Option<Credential> {
    let kind = name_kind(name)?;
    let value = text.trim();
    let is_password = kind == NameKind::Password;
    let secret = (is_password && weak(value)) || random(kind, value) || {
        // What was encoded only looks random: what it stands for counts. Kubernetes keeps passwords like that.
        let inner = if is_password && value.len() >= 8 { proof::decoded(value) } else { None };
        inner.is_some_and(|inner| weak(inner.trim()) || random(kind, inner.trim()))
    };
    secret.then_some(Credential {
        kind: if is_password { "password" } else { "secret" },
        known: Evidence::Name,
        start: 0,
        end: text.len(),
    })
}

/// Whether a text under a secret's name is made of characters that nobody would choose for a name.
fn random(kind: NameKind, value: &str) -> bool {
    if value.len() < 6 || value.len() > 4096 || placeholder(value) || names_something(value) {
        return false;
    }
    let is_password = kind == NameKind::Password;
    if wordy(value, is_password) {
        return false;
    }
    // Base64 of something that can be read.
    let encoded =
        value.len() >= 12 && proof::decoded(value).is_some_and(|t| t.chars().all(|c| !c.is_control() || c == '\n'));
    if encoded {
        return false;
    }
    let classes = [
        value.bytes().any(|b| b.is_ascii_lowercase()),
        value.bytes().any(|b| b.is_ascii_uppercase()),
        value.bytes().any(|b| b.is_ascii_digit()),
        value.bytes().any(|b| b.is_ascii_punctuation()),
    ];
    let classes = classes.into_iter().filter(|there| *there).count();
    let bits = entropy(value);
    match kind {
        NameKind::Password => (classes >= 2 && bits >= 2.2) || bits >= 3.2,
        NameKind::Token => {
            (value.len() >= 16 && bits >= 3.0 && classes >= 2) || (value.len() >= 10 && classes >= 3 && bits >= 2.8)
        }
    }
}

/// Whether a password is one that everyone tries first.
fn weak(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let mut rest =
        lower.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '!' | '?' | '.' | '#' | '@' | '$'));
    if rest.is_empty() {
        return lower.len() >= 4 && lower.len() <= 8 && "1234567890".starts_with(&lower);
    }
    let whole = rest;
    while let Some(word) = WEAK.iter().filter(|word| rest.starts_with(**word)).max_by_key(|word| word.len()) {
        rest = rest.get(word.len()..).unwrap_or_default();
    }
    let alone = matches!(
        whole,
        "my" | "the" | "db" | "database" | "app" | "dev" | "prod" | "local" | "test" | "user" | "default"
    );
    // `MyDatabaseSecret` is the name of one, and `MyPassword1` a bad choice.
    let mut pairs = value.as_bytes().windows(2);
    let name = whole.len() == lower.len()
        && pairs.any(|pair| matches!(pair, [a, b] if a.is_ascii_lowercase() && b.is_ascii_uppercase()));
    rest.is_empty() && !name && lower.len() >= 4 && !(alone && whole.len() == lower.len())
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
        for (kind, words, pattern, _) in FORMATS {
            assert!(compile(pattern).is_some(), "{kind}");
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
            ("GitHub token", made(&["gh", "p_zQWBuTSOoRi4A9spHcVY5ncnsDkx", "kJ0mLq17"])),
            ("GitLab token", made(&["gl", "pat-", "a8Fk2LmPq9ZtR4vXyB7n"])),
            (
                "Slack webhook",
                made(&["https://hooks.slack.com/", "services/T02AB3CD4/B0EF5GH6I/a8Fk2LmPq9ZtR4vXyB7nCdE1"]),
            ),
            ("Stripe key", made(&["sk_", "live_", "a8Fk2LmPq9ZtR4vXyB7nCdE1"])),
            ("private key", made(&["-----BEGIN RSA PRI", "VATE KEY-----\nMIIEowIBAAKCAQEAx9k3"])),
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

    /// What is filled in beside a password hides it as little as it is one.
    #[test]
    fn passwords_between_holes() {
        use crate::resolve::Hole;
        let found = |pieces: &[&'static str]| {
            let piece = |text: &&'static str| match *text {
                "" => Piece::Hole(Hole::Other),
                text => Piece::Literal(text),
            };
            between_holes(&Text { pieces: pieces.iter().map(piece).collect() }).map(|found| found.kind)
        };
        let (start, end) = ("postgres://", "/shop");
        assert_eq!(found(&[start, "", ":s3cr3tPw@", "", end]), Some("password in a connection string"));
        assert_eq!(found(&["Server=", "", ";Password=s3cr3tPw;"]), Some("password in a connection string"));
        assert_eq!(found(&[start, "", ":", "", "@", "", end]), None);
        assert_eq!(found(&[start, "", ":s3cr3t", "", "@db", end]), None);
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
        assert_eq!(kind(None, "https://ci:__GIT_TOKEN__@git.internal/shop"), None);
        assert_eq!(kind(None, "oracle://jdbc:oracle:thin:${hr/oracle}@//db.internal:1521/orcl"), None);
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

    /// Of more than 400 labelled texts every credential is found, as what it is, and nothing else.
    #[test]
    fn labelled_texts() {
        let text = include_str!("../../testdata/secrets/labelled.tsv");
        let (mut secrets, mut harmless, mut right, mut wrong, mut missed) = (0, 0, 0, 0, Vec::new());
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split('\t').collect();
            let [label, name, head, tail] = columns[..] else { panic!("four columns: {line}") };
            let text = [head, tail].concat().replace("\\n", "\n");
            let found = kind(Some(name), &text);
            if label == "harmless" {
                harmless += 1;
                wrong += usize::from(found.is_some());
            } else {
                secrets += 1;
                right += usize::from(found == Some(label));
            }
            if found != Some(label).filter(|label| *label != "harmless") {
                missed.push(format!("{name}: {head}{tail}\n    is {label}, found {found:?}"));
            }
        }
        assert!(secrets >= 200 && harmless >= 200, "{secrets} credentials, {harmless} harmless texts");
        let (recall, precision) = (right * 100 / secrets, right * 100 / (right + wrong));
        assert!(missed.is_empty(), "recall {recall} %, precision {precision} %:\n{}", missed.join("\n"));
        let labels: std::collections::BTreeSet<_> = text.lines().filter_map(|line| line.split('\t').next()).collect();
        let without: Vec<_> = FORMATS.iter().map(|(kind, ..)| kind).filter(|kind| !labels.contains(**kind)).collect();
        assert!(without.is_empty(), "no example of {without:?}");
    }
}
