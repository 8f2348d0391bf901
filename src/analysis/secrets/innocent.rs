//! Texts that stand under a secret's name and are none: placeholders, names, places, words.

use std::sync::LazyLock;

use crate::rulebook::Expression;

/// Texts that stand where a credential will be, and those that documentation gives as examples.
pub(super) fn placeholder(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "changeme",
        "change_me",
        "change-me",
        "changeit",
        "change_it",
        "change-it",
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
        "overwrite",
        "to-be-set",
        "set-me",
        "setme",
        "fill-me",
        "fill_me",
        "fillme",
        "fake",
        "xxxx",
        "****",
        "....",
        "____",
        "0000000000",
        "1234567890123",
        "abcdefghij",
        "abcdef.0123456789",
        "a1b2c3d4",
        "1a2b3c4d",
        "deadbeef",
        "resolve:",
        "${",
        "{{",
        "mock",
        "localstack",
    ];
    let lower = text.to_ascii_lowercase();
    let one_character = text.bytes().all(|b| Some(b) == text.bytes().next());
    one_character
        || WORDS.iter().any(|word| lower.contains(word))
        || lower.starts_with(['%', '$', '@', '`'])
        || (lower.starts_with(['<', '[', '(']) && lower.ends_with(['>', ']', ')']))
        || (lower.contains('<') && lower.contains('>'))
}

/// Texts that a tool puts something else into before they are deployed: `__PASSWORD__`, `%TOKEN%`, `<your-key>`, `CHANGE_ME`.
pub(super) fn filled_in(text: &str) -> bool {
    let bytes = text.as_bytes();
    let ends = [bytes.first(), bytes.last()].into_iter().flatten().all(u8::is_ascii_alphanumeric);
    let constant = bytes.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'));
    !ends || constant || text.contains(['$', '{', '<'])
}

/// Texts of manuals and examples that say to be replaced, or that they are secret, and are no name of one.
pub(super) fn published(text: &str) -> bool {
    const SAYINGS: &[&str] = &[
        "changeme",
        "changeit",
        "changethis",
        "changeinprod",
        "replaceme",
        "replacethis",
        "yoursecret",
        "yourpassword",
        "yourjwt",
        "yoursupersecret",
        "supersecret",
        "mysecret",
        "verysecret",
        "topsecret",
        "thisisasecret",
        "keyboardcat",
        "pleasechange",
    ];
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b' ' | b'!' | b'.'));
    let bare: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    plain && text.len() <= 100 && !filled_in(text.trim_end_matches('!')) && {
        // `my-secret` is what people call the one they keep in a vault.
        let named = bare == "mysecret" && text.contains(['-', '_', '.']);
        SAYINGS.iter().any(|word| bare.contains(word)) && !named
    }
}

/// What stands in a password's place and says where it is, or that there is none.
const REMARKS: &[&str] = &[
    "see",
    "set",
    "use",
    "used",
    "from",
    "here",
    "password",
    "passwords",
    "secret",
    "secrets",
    "manager",
    "console",
    "none",
    "empty",
    "todo",
    "tbd",
    "be",
    "your",
    "fill",
    "parameter",
    "stored",
    "store",
    "not",
    "via",
    "vault",
    "please",
    "enter",
    "change",
    "replace",
    "generated",
    "default",
    "value",
    "will",
    "provided",
    "required",
    "for",
    "ssm",
    "null",
    "n/a",
];

/// Several words that a person chose for a password, and no remark about where it is.
pub(super) fn sentence(text: &str) -> bool {
    let mut words = text.split(' ').filter(|word| !word.is_empty());
    let remark =
        words.clone().any(|word| REMARKS.contains(&word.to_ascii_lowercase().trim_end_matches([':', '.', ','])));
    let plain = |word: &str| word.bytes().all(|b| b.is_ascii_alphanumeric() || b"!?.-_#@".contains(&b));
    !remark && words.clone().count() >= 2 && text.len() >= 8 && words.all(plain) && !placeholder(text)
}

/// One word that a person chose for a password, with a digit or two behind it: `kitten`, `fidelio7`. What is called after a
/// service, a stage or a secret is a name, and some words are a setting.
pub(super) fn word(text: &str) -> bool {
    const SETTINGS: &[&str] = &[
        "allow",
        "always",
        "auto",
        "automatic",
        "basic",
        "blank",
        "deny",
        "disable",
        "dummy",
        "enable",
        "encrypted",
        "external",
        "false",
        "file",
        "hashed",
        "hidden",
        "inherit",
        "internal",
        "local",
        "managed",
        "masked",
        "missing",
        "never",
        "nothing",
        "optional",
        "omitted",
        "plain",
        "prompt",
        "random",
        "remote",
        "runtime",
        "string",
        "true",
        "undefined",
        "unknown",
        "unset",
        "unused",
        "void",
    ];
    let letters = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let rest = letters.get(1..).unwrap_or_default();
    let plain = letters.bytes().all(|b| b.is_ascii_alphabetic()) && rest.bytes().all(|b| b.is_ascii_lowercase());
    let lower = letters.to_ascii_lowercase();
    let setting = SETTINGS.iter().any(|word| lower.starts_with(word)) || REMARKS.contains(&lower.as_str());
    plain
        && (5..=12).contains(&letters.len())
        && text.len() - letters.len() <= 2
        && readable(letters)
        && !setting
        && !called(text)
        && !placeholder(text)
        && !names_something(text)
}

/// Texts that name something, and are no secret themselves: ARNs, paths, addresses, identifiers, hashes, what
/// was encrypted.
pub(super) fn names_something(text: &str) -> bool {
    static SHAPES: LazyLock<Expression> = LazyLock::new(|| {
        let shapes = [
            r"^(?i)arn:",
            r"^(?:AWS|Alexa|Custom)::",
            r"^(?:\.{1,2}|~)?/[A-Za-z0-9_.@*-]+(?:/[A-Za-z0-9_.@*-]*)*$",
            r"^[A-Za-z][A-Za-z0-9+.-]*://",
            r"^alias/",
            r"^(?i)(?:true|false|yes|no|none|null|enabled|disabled)$",
            // An account id, a port, a date, an address, a version.
            r"^v?[0-9.:/-]+$",
            r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z?$",
            r"^(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$",
            // The id of a thing of AWS: `subnet-…`, `mrk-…`, `eu-west-1_a1B2c3D4e`.
            r"^[a-z]{1,8}-[0-9a-f]{8,32}$",
            r"^[a-z]{2}(?:-[a-z]+)+-[0-9]_[A-Za-z0-9]+$",
            r"^(?i)(?:sha(?:1|224|256|384|512)|md5)[:-]",
            r"^\{(?:SSHA|SHA|CRYPT|PBKDF2|ARGON2)[0-9]*\}",
            r"^(?:ssh-(?:rsa|ed25519|dss)|ecdsa-sha2-|age1[a-z0-9]{50,})",
            r"-----BEGIN (?:[A-Z]+ )*(?:PUBLIC KEY|CERTIFICATE|MESSAGE|ENCRYPTED FILE)",
            // What KMS, SOPS or Jasypt encrypted.
            r"^AQ[EI]CAH[A-Za-z0-9+/=]{20,}$",
            r"^ENC[\[(]",
            // A key in DER, as public keys and certificates are written.
            r"^MI[GI][A-Za-z0-9+/=\n]{60,}$",
            // An address of mail, a host.
            r"^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[a-z]{2,}$",
            r"^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[0-9]*[a-z-][a-z0-9-]*(?::[0-9]+)?$",
            // A constant, as names of secrets are: `DB_PASSWORD`.
            r"^[A-Z]+(?:_[A-Z0-9]+)*$",
            // Where in an event or a document it is found, and code that finds it.
            r"^(?:\$|event|context|process\.env|os\.environ|params|input|request|req|self|this|config|props|secrets?)[.\[(]",
            r"^(?-u:[\w.$])+(?:\(|\[['\x22]?(?-u:\w))",
            // What others must match.
            r"^\^|\$$|\[(?:\^|\\w|a-z|A-Z|0-9)",
            // A document; what it assigns is looked at by itself.
            r"^\{.*\}$|^\[.*\]$",
            r"(?-u:\s)",
        ];
        // In groups of their own, so that `(?i)` ends with the shape that it begins.
        let all = shapes.map(|shape| format!("(?:{shape})")).join("|");
        Expression::new(&all)
    });
    SHAPES.is_match(text)
}

/// Whether a text consists of words that a person could read aloud, with few digits in a row: `prod-db-password`,
/// `MySecret`, `MyApp/Prod-Token_v2`, but not `a8Fk2LmPq9`. What a person chose for a password has digits at its end.
pub(super) fn wordy(text: &str, password: bool) -> bool {
    // The six random characters that Secrets Manager appends to a name.
    let named = text.rsplit_once('-').filter(|(rest, end)| rest.len() >= 4 && end.len() == 6 && !password);
    let named = named.filter(|(_, end)| end.bytes().all(|b| b.is_ascii_alphanumeric()));
    let bare = named.map_or(text, |(rest, _)| rest);
    let between = bare.contains(BETWEEN);
    let digits = match (password, between) {
        (false, _) => 4,
        (true, false) if bare.bytes().any(|b| b.is_ascii_uppercase()) => 1,
        (true, _) => 2,
    };
    let (mut letters, mut words, mut scraps, mut numbers) = (0, 0, 0, 0);
    let mut number_before = false;
    for run in runs(bare) {
        let number = run.bytes().all(|b| b.is_ascii_digit());
        // `Sup3rS3cret`: digits that stand for letters.
        if password && number_before && run.bytes().all(|b| b.is_ascii_alphabetic()) {
            return false;
        }
        number_before = number;
        match run.bytes().next() {
            Some(b'0'..=b'9') if run.len() > digits => return false,
            Some(b'0'..=b'9') => numbers += 1,
            Some(first) if !first.is_ascii_alphabetic() && !run.contains(BETWEEN) => return false,
            Some(first) if !first.is_ascii_alphabetic() => {}
            _ if run.len() < 3 => scraps += 1,
            _ if !readable(run) => return false,
            _ => (words, letters) = (words + 1, letters + run.len()),
        }
    }
    // `correct-horse-9` is called after nothing that there is.
    if password && between && numbers > 0 && !called(bare) {
        return false;
    }
    numbers <= 2 && words > 0 && scraps <= words + 1 && letters * if between { 6 } else { 5 } >= bare.len() * 3
}

/// Whether a text goes by what names of secrets go by: a path, a version, what is kept, for whom or at which stage.
fn called(text: &str) -> bool {
    const WORDS: &[&str] = &[
        "account", "admin", "api", "app", "arn", "auth", "aurora", "aws", "cache", "client", "cluster", "config",
        "cred", "data", "db", "dev", "env", "key", "live", "login", "master", "mongo", "mysql", "oauth", "param",
        "pass", "postgres", "preprod", "prod", "pw", "qa", "rds", "redis", "root", "sandbox", "secret", "server",
        "service", "shared", "sql", "ssm", "stack", "stag", "store", "svc", "test", "token", "uat", "user", "vault",
    ];
    let lower = text.to_ascii_lowercase();
    let versioned = lower.rsplit(BETWEEN).next().is_some_and(|last| last.starts_with('v'));
    text.contains(['/', ':', '#', '|', ',']) || versioned || WORDS.iter().any(|word| lower.contains(word))
}

/// What stands between the words of a name.
const BETWEEN: [char; 9] = ['-', '_', '.', '/', ':', '#', '|', ',', '+'];

/// Letters of one word, digits, or one other character; a capital begins a word, and so does the last capital
/// of several.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let bytes = rest.as_bytes();
        let first = *bytes.first()?;
        let length = if first.is_ascii_digit() {
            bytes.iter().take_while(|b| b.is_ascii_digit()).count()
        } else if first.is_ascii_alphabetic() {
            let capitals = bytes.iter().take_while(|b| b.is_ascii_uppercase()).count();
            let lower = bytes.iter().skip(capitals).take_while(|b| b.is_ascii_lowercase()).count();
            if capitals > 1 && lower > 0 { capitals - 1 } else { capitals + lower }
        } else {
            rest.chars().next().map_or(1, char::len_utf8)
        };
        let (run, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(run)
    })
}

/// Whether letters could be a word of a language, or a short abbreviation.
fn readable(word: &str) -> bool {
    const KNOWN: &[&str] = &["http", "https", "html", "grpc", "smtp", "mssql", "mqtt", "nginx"];
    let (mut streak, mut longest, mut vowels) = (0, 0, 0);
    for byte in word.bytes() {
        if matches!(byte.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y') {
            (streak, vowels) = (0, vowels + 1);
        } else {
            streak += 1;
            longest = longest.max(streak);
        }
    }
    word.len() <= 3
        || KNOWN.iter().any(|known| word.eq_ignore_ascii_case(known))
        || (word.len() <= 32 && longest <= 4 && vowels * 7 >= word.len())
}
