//! What a name says that its value is: `DB_PASSWORD` and `stripeApiKey` hold a secret, `SECRET_ARN` does not.

/// What sort of secret a name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NameKind {
    /// Something that a person may have chosen.
    Password,
    /// Something that a machine made.
    Token,
}

const PASSWORDS: &[&str] = &["password", "passwords", "passwd", "pwd", "passphrase", "pass", "passwort", "pw"];

const TOKENS: &[&str] = &[
    "secret",
    "secrets",
    "token",
    "tokens",
    "credential",
    "credentials",
    "pat",
    "psk",
    "salt",
    "pepper",
    "apikey",
    "apikeys",
];

/// Ends of names that are written in one word: `mysqlpassword`, `jwtsecret`.
const ENDS: &[(&str, NameKind)] = &[
    ("password", NameKind::Password),
    ("passwd", NameKind::Password),
    ("passphrase", NameKind::Password),
    ("dbpass", NameKind::Password),
    ("dbpwd", NameKind::Password),
    ("requirepass", NameKind::Password),
    ("secret", NameKind::Token),
    ("token", NameKind::Token),
    ("apikey", NameKind::Token),
    ("secretkey", NameKind::Token),
    ("accesskey", NameKind::Token),
    ("privatekey", NameKind::Token),
    ("authkey", NameKind::Token),
];

/// What makes a key one that must not be known.
const BEFORE_KEY: &[&str] = &[
    "api",
    "secret",
    "private",
    "security",
    "auth",
    "signing",
    "signature",
    "encryption",
    "encrypt",
    "enc",
    "crypto",
    "cipher",
    "fernet",
    "aes",
    "shared",
    "account",
    "master",
    "app",
    "application",
    "service",
    "jwt",
    "hs256",
    "rs256",
    "access",
    "hmac",
    "license",
    "webhook",
    "stripe",
    "session",
    "cookie",
    "admin",
    "root",
    "consumer",
    "client",
    "ssh",
    "deploy",
    "storage",
    "subscription",
    "integration",
    "ingest",
    "ingestion",
    "write",
];

/// Of these words, those that say as well whose object of a bucket a key is: `S3DeploymentRootKey`, `AppBucketKey`.
const BEFORE_OBJECT: &[&str] = &["root", "app", "application", "service", "client", "deploy", "integration"];

/// Words of names whose key is where an object stands.
const OBJECTS: &[&str] = &["s3", "bucket", "object", "zip", "artifact", "artifacts"];

/// Words that add nothing: `API_KEY_PROD`, `TOKEN_V2`, `SECRET_VALUE`, `SECRET_KEY_BASE`.
const AFTER: &[&str] = &[
    "value",
    "values",
    "prod",
    "production",
    "prd",
    "dev",
    "development",
    "test",
    "qa",
    "uat",
    "stage",
    "staging",
    "live",
    "sandbox",
    "default",
    "v",
    "string",
    "text",
    "plain",
    "plaintext",
    "base",
    "old",
    "new",
    "current",
    "previous",
    "primary",
    "secondary",
];

/// Words of names whose key or token is no secret.
const PUBLIC: &[&str] = &[
    "public",
    "publishable",
    "partition",
    "sort",
    "foreign",
    "hash",
    "range",
    "cache",
    "idempotency",
    "continuation",
    "next",
    "page",
    "pagination",
    "has",
    "is",
    "use",
    "uses",
    "enable",
    "enabled",
    "disable",
    "allow",
    "require",
    "requires",
    "manage",
    "generate",
    "rotate",
    "forgot",
    "reset",
    "invalid",
    "missing",
    "wrong",
    "csrf",
    // How many: `MAX_TOKENS`.
    "max",
    "min",
];

/// Words of names whose tokens are a number.
const COUNTS: &[&str] = &[
    "max",
    "min",
    "maximum",
    "minimum",
    "num",
    "number",
    "total",
    "count",
    "limit",
    "input",
    "output",
    "prompt",
    "completion",
];

/// What a name says that its value is.
pub(super) fn name_kind(name: &str) -> Option<NameKind> {
    let mut words = words(name);
    if words.iter().any(|w| PUBLIC.contains(&w.as_str())) {
        return None;
    }
    // The second of several is as secret as the first: `DB_PASSWORD2`, `TOKEN_V2`.
    let numberless = |word: &'_ str| word.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let means_nothing = |word: &str| {
        let word = word.get(..numberless(word)).unwrap_or(word);
        word.is_empty() || AFTER.contains(&word)
    };
    while words.last().is_some_and(|word| means_nothing(word)) && words.len() > 1 {
        words.pop();
    }
    let last = words.last()?.as_str();
    let last = last.get(..numberless(last)).filter(|word| !word.is_empty()).unwrap_or(last);
    let before = words.len().checked_sub(2).and_then(|at| words.get(at)).map_or("", String::as_str);
    // What a language model reads and writes is counted in tokens.
    if last == "tokens" && words.iter().any(|word| COUNTS.contains(&word.as_str())) {
        return None;
    }
    let of_object = BEFORE_OBJECT.contains(&before) && words.iter().any(|word| OBJECTS.contains(&word.as_str()));
    let secret_key = matches!(last, "key" | "keys" | "magic") && BEFORE_KEY.contains(&before) && !of_object;
    if PASSWORDS.contains(&last) {
        Some(NameKind::Password)
    } else if TOKENS.contains(&last) || secret_key {
        Some(NameKind::Token)
    } else {
        ENDS.iter().find(|(end, _)| last.ends_with(end)).map(|(_, kind)| *kind)
    }
}

/// Whether a name has one of some words.
pub(super) fn has_word(name: &str, wanted: &[&str]) -> bool {
    words(name).iter().any(|word| wanted.contains(&word.as_str()))
}

/// Whether a name is that of a secret which is what one says it is: a password, or what tokens, cookies and sessions are
/// signed with. What another issues, such as a client's secret, opens nothing when it is not that.
pub(super) fn signs_or_opens(name: &str) -> bool {
    const ISSUED: &[&str] = &[
        "client",
        "consumer",
        "aws",
        "webhook",
        "stripe",
        "github",
        "gitlab",
        "google",
        "facebook",
        "twitter",
        "slack",
        "api",
        "oauth",
        "access",
        "id",
        "sentry",
        "datadog",
        "twilio",
        "paypal",
        "captcha",
        "recaptcha",
        "bot",
        "license",
    ];
    const SIGNS: &[&str] = &[
        "jwt",
        "session",
        "cookie",
        "signing",
        "hmac",
        "encryption",
        "auth",
        "nextauth",
        "app",
        "secret",
        "flask",
        "django",
        "hash",
        "salt",
        "pepper",
        "jwtsecret",
    ];
    match name_kind(name) {
        Some(NameKind::Password) => true,
        Some(NameKind::Token) => has_word(name, SIGNS) && !has_word(name, ISSUED),
        None => false,
    }
}

/// Whether a name is that of what tokens, cookies or sessions are signed with, and of nothing else: `JWT_SECRET`, `SECRET_KEY`. A
/// `SESSION_KEY` may be what a session is called.
pub(super) fn signs(name: &str) -> bool {
    const SIGNS: &[&str] = &["jwt", "signing", "signature", "hmac", "nextauth", "flask", "django", "jwtsecret"];
    const WITH: &[&str] = &["session", "cookie", "salt", "pepper"];
    let is_key = words(name).iter().any(|word| matches!(word.as_str(), "key" | "keys"));
    signs_or_opens(name) && (has_word(name, SIGNS) || has_word(name, if is_key { &["secret"] } else { WITH }))
}

/// Words of names that have to do with a database, or a broker that is spoken to alike.
pub(super) const DATABASES: &[&str] = &[
    "mongo",
    "mongodb",
    "database",
    "db",
    "rds",
    "aurora",
    "postgres",
    "postgresql",
    "pg",
    "mysql",
    "mariadb",
    "amqp",
    "rabbitmq",
];

/// Whether a name is that of the address of a database with whom to log in as: `MONGO_URL`, `DB_CONNECTION_STRING`. Those of Redis and of
/// JDBC hold none as often as not.
pub(super) fn connects(name: &str) -> bool {
    let mut words = words(name);
    while words.len() > 1 && words.last().is_some_and(|word| AFTER.contains(&word.as_str()) && word != "string") {
        words.pop();
    }
    if words.iter().any(|word| matches!(word.as_str(), "jdbc" | "public" | "test" | "local")) {
        return false;
    }
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [.., "connection" | "conn", "string" | "str"] | [.., "connectionstring" | "dsn"] => true,
        [.., database, "connection", "url" | "uri"] | [.., database, "url" | "uri"] => DATABASES.contains(&database),
        _ => false,
    }
}

/// What the name of something ends in.
const NAMING: &[&str] =
    &["name", "names", "arn", "arns", "id", "ids", "path", "paths", "parameter", "param", "reference", "ref"];

/// Whether a name says that its value is the name of something.
pub(super) fn names_a_name(name: &str) -> bool {
    // Few names end so, whatever their words are.
    let ends = |end: &&str| {
        let from = name.len().checked_sub(end.len());
        from.and_then(|from| name.get(from..)).is_some_and(|tail| tail.eq_ignore_ascii_case(end))
    };
    NAMING.iter().any(ends) && words(name).last().is_some_and(|last| NAMING.contains(&last.as_str()))
}

/// The words of a name: `dbPassword`, `DB_PASSWORD`, `DBPassword` and `db-password` have the same two.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut lower_before = false;
    let mut chars = name.chars().take(200).peekable();
    while let Some(c) = chars.next() {
        // `JWTSecret`: the last of several capitals begins the next word.
        let hump = c.is_ascii_uppercase()
            && (lower_before || (word.len() > 1 && chars.peek().is_some_and(char::is_ascii_lowercase)));
        if (!c.is_ascii_alphanumeric() || hump) && !word.is_empty() {
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

    /// Names of secrets, however they are written.
    #[test]
    fn secrets() {
        for name in [
            "DB_PASSWORD",
            "dbPassword",
            "DBPassword",
            "db-pass",
            "mysqlpassword",
            "PasswordProd",
            "DB_PW",
            "DbPassword2",
            "pwd01",
        ] {
            assert_eq!(name_kind(name), Some(NameKind::Password), "{name}");
        }
        for name in [
            "API_KEY",
            "APIKey",
            "JWTSecret",
            "SECRET_KEY_BASE",
            "apikeys",
            "TOKEN_2",
            "TOKEN_V2",
            "apiKey3",
            "GITHUB_PAT",
            "AESKey",
            "JwtRs256Key",
            "S3SecretKey",
            "BUCKET_ACCESS_KEY",
        ] {
            assert_eq!(name_kind(name), Some(NameKind::Token), "{name}");
        }
    }

    /// Names of what only has to do with secrets.
    #[test]
    fn neighbours() {
        for name in [
            "S3DeploymentRootKey",
            "APP_BUCKET_KEY",
            "SECRET_ARN",
            "TokenTtl",
            "PartitionKey",
            "MAX_TOKENS",
            "promptTokens",
            "PUBLIC_KEY",
            "PasswordMinLength",
            "KEY",
            "MONKEY",
            "BYPASS",
            "UsePassword",
            "forgotPassword",
            "NextToken",
            "KeyPair",
            "compass",
            "PATH",
            "KEY2",
            "HS256",
        ] {
            assert_eq!(name_kind(name), None, "{name}");
        }
    }
}
