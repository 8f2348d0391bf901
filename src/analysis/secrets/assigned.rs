//! Credentials that scripts, code and documents give a name: `export DB_PASSWORD=…`, `"apiKey": "…"`, `curl -u app:…`.

use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::AhoCorasick;
use regex_automata::meta::Regex;
use regex_automata::util::captures::Captures;

use super::credential;
use super::keywords::Keywords;
use super::pattern::compile;

/// Something assigned in a text under a name that says it is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assigned<'t> {
    /// The name.
    pub name: &'t str,
    /// Where the value begins.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
}

/// The credentials that a text of several words gives names, in their order.
#[must_use]
pub fn assigned(text: &str) -> Vec<Assigned<'_>> {
    static REGEXES: [OnceLock<Option<Regex>>; PATTERNS.len()] = [const { OnceLock::new() }; PATTERNS.len()];
    let mut all = Vec::new();
    if text.len() < 12 || text.len() > 100_000 || memchr::memchr3(b'=', b':', b' ', text.as_bytes()).is_none() {
        return all;
    }
    let Some(named) = signs(text) else { return all };
    for ((word, pattern), regex) in PATTERNS.iter().zip(&REGEXES) {
        // A sign alone is no promise: there must be a name as well.
        if (named || word.len() > 1) && text.contains(word) {
            let regex = regex.get_or_init(|| compile(&spelled_out(pattern)));
            let found = regex.iter().flat_map(|regex| regex.captures_iter(text).take(64));
            all.extend(found.filter_map(|found| judged(text, &found)));
        }
    }
    all.sort_unstable_by_key(|found| (found.start, found.end));
    all.dedup_by_key(|found| found.start);
    all.truncate(super::MOST);
    all
}

/// The credentials that a description tells, `login: admin, password: …`: only what can be nothing else, and not from one
/// that gives an example.
#[must_use]
pub fn told(text: &str) -> Vec<Assigned<'_>> {
    static REGEX: OnceLock<Option<Regex>> = OnceLock::new();
    const EXAMPLES: [&str; 8] = ["e.g", "example", "such as", "like", "format", "must", "at least", "sample"];
    let lower = text.to_ascii_lowercase();
    let example = || EXAMPLES.iter().any(|word| lower.contains(word));
    if !(12..=10_000).contains(&text.len()) || !text.contains([':', '=']) || signs(text) != Some(true) || example() {
        return Vec::new();
    }
    let pattern = r#"(?<n>NAME)SPACE?[:=]SPACE?["'`]?(?<v1>[^\s"'`$<>(){}\[\]]+)"#;
    let regex = REGEX.get_or_init(|| compile(&spelled_out(pattern)));
    let found = regex.iter().flat_map(|regex| regex.captures_iter(text).take(super::MOST));
    let plain = |found: Captures| {
        let Assigned { name, start, end } = judged(text, &found)?;
        let value = text.get(start..end)?.trim_end_matches(['.', ',', ';']);
        let has = |class: fn(&u8) -> bool| value.as_bytes().iter().any(class);
        let mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit);
        (value.len() >= 8 && mixed).then(|| credential(Some(name), value))??;
        Some(Assigned { name, start, end: start + value.len() })
    };
    found.filter_map(plain).collect()
}

/// Whether a text holds a word of those that every secret's name has: cheaper than asking for its sense.
#[must_use]
pub fn promising(text: &str) -> bool {
    static WORDS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let words = ["pass", "pwd", "secret", "token", "key", "credential", "salt", "pepper", "psk", "pat", "pw"];
    let words = WORDS.get_or_init(|| AhoCorasick::builder().ascii_case_insensitive(true).build(words).ok());
    words.as_ref().is_some_and(|words| words.is_match(text))
}

/// Whether a word is the program of a command that a secret is told to without a name: `mysqldump` as `mysql`.
#[must_use]
pub fn takes_secret(word: &str) -> bool {
    let program = word.rsplit('/').next().unwrap_or(word);
    let begins = |command: &str| program.starts_with(command.split(' ').next().unwrap_or(command));
    // Most words do not even begin like a command: each item of each list is asked.
    let near = |command: &&&'static str| command.as_bytes().first() == program.as_bytes().first();
    word.len() < 64 && COMMANDS.iter().filter(near).any(|command| begins(command))
}

/// The credential that an argument of a command is: `-pSecret` behind `mysql -u root`.
#[must_use]
pub fn argument(command: &str, text: &str) -> Option<Range<usize>> {
    if text.is_empty() || text.contains([' ', '\t', '\n']) {
        return None;
    }
    let (line, start) = (format!("{command} {text}"), command.len() + 1);
    let found = assigned(&line).into_iter().find(|found| found.start >= start)?;
    Some(found.start - start..found.end - start)
}

/// Whether a text holds what a name of a secret ends in, and behind that what a pattern asks for; `None` when it does not
/// hold a command either. Most texts with such a name only speak of it, and expressions are dear to make.
fn signs(text: &str) -> Option<bool> {
    static WORDS: Keywords<{ COMMANDS.len() + ENDS.len() }> = Keywords::new(SIGNS);
    let mut found = WORDS.found(text).peekable();
    found.peek()?;
    let goes_on = |at: usize| text.as_bytes().get(at).is_some_and(|byte| b"=:\\\"' \t\r\n".contains(byte));
    Some(found.any(|(word, end)| word >= COMMANDS.len() && goes_on(end)))
}

/// The commands that a secret is told to without a name.
const COMMANDS: [&str; 17] = [
    "mysql",
    "sshpass",
    "curl",
    "convertto-securestring",
    "docker login",
    "net user",
    "htpasswd",
    "redis-cli",
    "sqlcmd",
    "ldapsearch",
    "ldapadd",
    "ldapmodify",
    "openssl",
    "realm join",
    "identified ",
    "sonar.login",
    "requirepass",
];

/// The commands, and then the ends of names.
const SIGNS: [&str; COMMANDS.len() + ENDS.len()] = {
    let (mut signs, mut at) = ([""; COMMANDS.len() + ENDS.len()], 0);
    while at < signs.len() {
        signs[at] = if at < COMMANDS.len() { COMMANDS[at] } else { ENDS[at - COMMANDS.len()] };
        at += 1;
    }
    signs
};

/// What names of secrets end in, for a first look: each way of [`NAME`], written out.
const ENDS: [&str; 21] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "apikey",
    "api-key",
    "api_key",
    "accesskey",
    "access_key",
    "privatekey",
    "private_key",
    "secretkey",
    "secret_key",
    "_pass",
    "dbpass",
    "authpass",
    "userpass",
    "adminpass",
    "rootpass",
];

/// A name that ends so; the sense of it is asked for afterwards. Written out it would take twice as long to compile.
const NAME: &str = r"(?i-u:[A-Z0-9_.-]*(?:password|passwd|passphrase|pwd|secret|token|api[-_]?key|access_?key|private_?key|secret_?key|_pass|(?:db|auth|user|admin|root)pass))";

/// What says a value to the next command.
const ECHO: &str =
    r#"(?:echo|printf)SPACE+(?:-[a-z]+SPACE+)?["']?(?<v1>[^\s"'$|;&`]+)["']?SPACE*\|SPACE*(?:sudoSPACE+)?"#;

/// A word or a sign that the text must hold, and a name and its value, or a password of a command. The
/// groups `n` and `v` say which is which. Behind a `NAME` comes what [`signs`] looks for.
const PATTERNS: &[(&str, &str)] = &[
    // `NAME=value`, `--name=value`.
    (
        "=",
        r#"(?:^|[\s,;:{&?"'(-])(?<n>NAME)SPACE?=SPACE?(?:"(?<v1>[^"\s$]+)"|'(?<v2>[^'\s$]+)'|(?<v3>[^\s"'$<>(){};,&|\\`]+))"#,
    ),
    // `"name": "value"`, `name: "value"`.
    (":", r#"(?<n>NAME)\\?["']?SPACE?:SPACE?(?:\\?"(?<v1>[^"\s$\\]+)\\?"|'(?<v2>[^'\s$]+)')"#),
    // `'x-api-key: value'`.
    (":", r#"["'](?<n>NAME):SPACE?(?<v1>[^\s"'$]+)["']"#),
    // `name: value` alone on a line; elsewhere a bare word after a colon is too often prose or code.
    (":", r"(?m)^[ \t]*(?:- )?(?<n>NAME):[ \t]+(?<v1>[^\s\x22'$<>(){};,&|\\`]+)[ \t]*$"),
    // `--password value`, `-Token 'value'`.
    (
        "-",
        r#"SPACE--?(?<n>NAME)SPACE+(?:"(?<v1>[^"\s$]+)"|'(?<v2>[^'\s$]+)'|(?<v3>[^\s"'$<>(){};,&|\\`-][^\s"'$<>(){};,&|\\`]*))"#,
    ),
    // `mysql -pvalue`, `sshpass -p value`, `curl -u user:value`.
    ("mysql", r#"(?<n>mysql(?:dump|admin|import)?)SPACE(?:[^\n|;]*?SPACE)?(?:-p|--password=)["']?(?<v1>[^\s"'$;|&]+)"#),
    ("sshpass", r#"(?<n>sshpass)SPACE+-pSPACE?["']?(?<v1>[^\s"'$;|&]+)"#),
    ("curl", r#"(?<n>curl)SPACE(?:[^\n|;]*?SPACE)?(?:-u|--user)SPACE+["']?[^\s:"'$]+:(?<v1>[^\s"'$;|&]+)"#),
    // `docker login -u user -p value`.
    (
        "docker login",
        r#"(?<n>dockerSPACElogin)SPACE(?:[^\n|;&]*?SPACE)?(?:-p|--password)[ =]SPACE*["']?(?<v1>[^\s"'`$;|&-][^\s"'`$;|&]*)"#,
    ),
    // `echo user:value | chpasswd`, `echo value | passwd --stdin user`, `echo value | docker login --password-stdin`.
    (
        "chpasswd",
        r#"echoSPACE+(?:-eSPACE+)?["']?[A-Za-z0-9._-]+:(?<v1>[^\s"'$|;&`]+)["']?SPACE*\|SPACE*(?:sudoSPACE+)?(?<n>chpasswd)"#,
    ),
    (
        "-stdin",
        r#"ECHO(?:(?<n>passwd)SPACE+--stdin|(?<n1>dockerSPACElogin|podmanSPACElogin|helmSPACEregistrySPACElogin)SPACE[^\n|;&]*--password-stdin)"#,
    ),
    ("realm join", r#"ECHO(?<n>realmSPACEjoin)"#),
    // `net user name value`.
    (
        "net user",
        r#"(?<n>netSPACEuser)SPACE+["']?[A-Za-z0-9._-]+["']?SPACE+["']?(?<v1>[^\s"'$/*%&|;<>][^\s"'$&|;<>]*)"#,
    ),
    // `htpasswd -bc file user value`, `redis-cli -a value`.
    (
        "htpasswd",
        r#"(?<n>htpasswd)SPACE+(?:-[A-Za-z]+SPACE+)*-[A-Za-z]*b[A-Za-z]*SPACE+(?:-[A-Za-z]+SPACE+)*(?:[^\s;&|-][^\s;&|]*SPACE+){1,2}["']?(?<v1>[^\s"'$|;&`<>]+)["']?SPACE*(?:$|[\n;&|>])"#,
    ),
    ("requirepass", r#"(?<n>requirepass)["']?SPACE+["']?(?<v1>[^\s"'$|;&`\\]+)"#),
    // `sqlcmd -P value`, `ldapsearch -w value`, `openssl … -k value`, `openssl … -passin pass:value`.
    ("sqlcmd", r#"(?<n>sqlcmd)SPACE(?:[^\n|;&]*?SPACE)?-PSPACE*["']?(?<v1>[^\s"'$|;&`]+)"#),
    ("ldap", r#"(?<n>ldap(?:search|add|modify))SPACE(?:[^\n|;&]*?SPACE)?-wSPACE+["']?(?<v1>[^\s"'$|;&`]+)"#),
    (
        "openssl",
        r#"(?<n>openssl)SPACE(?:[^\n|;&]*?SPACE)?(?:-[kK]SPACE+["']?|-pass(?:in|out|word)?SPACE+["']?pass:)(?<v1>[^\s"'$|;&`]+)"#,
    ),
    // `CREATE USER app IDENTIFIED BY 'value'`, `ALTER USER app PASSWORD 'value'`.
    (" '", r"(?i-u:(?<n>IDENTIFIEDSPACE+(?:WITHSPACE+[a-z0-9_'\x22]+SPACE+)?BY|PASSWORD))SPACE+'(?<v1>[^\s'$\\]+)'"),
    // `machine host login user password value` of a `.netrc`.
    (" login ", r#"SPACEloginSPACE+[^\s"']+SPACE+(?<n>password)SPACE+(?<v1>[^\s"'$;|&\\]+)"#),
    // `define('DB_PASSWORD', 'value')`.
    ("define(", r#"define\(SPACE*\\?["'](?<n>NAME)\\?["']SPACE*,SPACE*\\?["'](?<v1>[^\s"'$\\]+)"#),
    // Sonar takes a token where it asks for a user.
    ("sonar.login", r#"(?<n>sonar\.login)["']?SPACE*[=:]SPACE*["']?(?<v1>[^\s"'$;|&\\]+)"#),
    ("redis-cli", r#"(?<n>redis-cli)SPACE(?:[^\n|;&]*?SPACE)?(?:-a|--pass)SPACE+["']?(?<v1>[^\s"'$|;&`]+)"#),
    // `[{"name": "DB_PASSWORD", "value": "…"}]`, as build projects are given their variables by a pipeline.
    (
        "\"value",
        r#""name\\?"SPACE*:SPACE*\\?"(?<n>NAME)\\?"SPACE*,SPACE*(?:\\?"type\\?"SPACE*:SPACE*\\?"PLAINTEXT\\?"SPACE*,SPACE*)?\\?"value\\?"SPACE*:SPACE*\\?"(?<v1>[^"\s$\\]+)"#,
    ),
    // `"parameters": {"password": {"type": "String", "default": "…"}}`, as documents declare them.
    ("\"default", r#""(?<n>NAME)\\?"SPACE*:SPACE*\{[^{}]*?"default\\?"SPACE*:SPACE*\\?"(?<v1>[^"\s$\\]+)"#),
    // `ConvertTo-SecureString "value"`.
    ("ConvertTo-SecureString", r#"(?<n>ConvertTo-SecureString)SPACE+(?:-StringSPACE+)?["'](?<v1>[^"'\s$]+)["']"#),
];

/// A pattern with its abbreviations replaced. ASCII's own spaces are several times cheaper to compile than Unicode's.
fn spelled_out(pattern: &str) -> String {
    pattern.replace("ECHO", ECHO).replace("NAME", NAME).replace("SPACE", r"[ \t\r\n]").replace(r"\s", r" \t\r\n")
}

fn judged<'t>(text: &'t str, found: &Captures) -> Option<Assigned<'t>> {
    // What ends a name or a value is ASCII, so no letter is cut.
    let name = ["n", "n1"].iter().find_map(|group| found.get_group_by_name(group))?;
    let name = text.get(name.range())?.trim_start_matches(['-', '.']);
    let value = ["v1", "v2", "v3"].iter().find_map(|group| found.get_group_by_name(group))?;
    let said = text.get(value.range())?;
    // What stands on both sides of an `==` is compared.
    let after = text.get(value.end..).unwrap_or_default();
    if said.starts_with('=') || after.starts_with('(') {
        return None;
    }
    // A variable whose value stands elsewhere.
    let rest = after.split('}').next().unwrap_or_default();
    if rest.starts_with(['"', '\\']) && (rest.contains("PARAMETER_STORE") || rest.contains("SECRETS_MANAGER")) {
        return None;
    }
    // How patterns of commands begin, and not the words by which [`COMMANDS`] are looked for.
    const STARTS: [&str; 18] = [
        "mysql",
        "sshpass",
        "curl",
        "docker",
        "podman",
        "helm",
        "convertto",
        "chpasswd",
        "net user",
        "htpasswd",
        "redis-cli",
        "sqlcmd",
        "ldapsearch",
        "ldapadd",
        "ldapmodify",
        "openssl",
        "realm",
        "identified",
    ];
    let lower = name.to_ascii_lowercase();
    let sense = match lower.as_str() {
        // A user, or a token instead of one: only that looks like one.
        "sonar.login" => "token",
        lower if STARTS.iter().any(|command| lower.starts_with(command)) => "password",
        _ => name,
    };
    credential(Some(sense), said).map(|_| Assigned { name, start: value.start, end: value.end })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every pattern compiles.
    #[test]
    fn patterns_hold() {
        for (_, pattern) in PATTERNS {
            assert!(compile(&spelled_out(pattern)).is_some(), "{pattern}");
        }
    }

    /// Every end is that of a name, and every way to end a name is among the ends.
    #[test]
    fn ends_are_those_of_names() {
        let name = compile(&format!("^{NAME}$")).expect("a pattern");
        for end in ENDS {
            assert!(name.is_match(end) && name.is_match(&format!("my.{end}")), "{end}");
            assert!(!name.is_match(&end[1..]) || ENDS.contains(&&end[1..]), "{end} without its first letter");
        }
        let ways = NAME.rsplit_once("*(?:").map(|(_, ways)| ways.trim_end_matches(')')).unwrap_or_default();
        let ways = ways.replace("(?:db|auth|user|admin|root)pass", "dbpass|authpass|userpass|adminpass|rootpass");
        let count = |way: &str| match way.matches('?').count() {
            0 => 1,
            _ if way.contains("[-_]") => 3,
            _ => 2,
        };
        assert_eq!(ways.split('|').map(count).sum::<usize>(), ENDS.len());
    }

    /// Scripts, code, documents and command lines.
    #[test]
    fn found() {
        for (name, text) in [
            ("DB_PASSWORD", "#!/bin/sh\nexport DB_PASSWORD=Sup3rS3cret!\n"),
            ("password", "run --user app --password=Sup3rS3cret now"),
            ("password", "run --password Sup3rS3cret --host db"),
            ("password", "conn = connect(host=h, password='Sup3rS3cret')"),
            ("apiKey", r#"{"url": "https://x", "apiKey": "a8Fk2LmPq9ZtR4vXyB7n"}"#),
            ("apiKey", r#"{"body": "{\"apiKey\": \"a8Fk2LmPq9ZtR4vXyB7n\"}"}"#),
            ("token", "const client = new Client({token: 'a8Fk2LmPq9ZtR4vXyB7n'});"),
            ("password", "users:\n  - name: app\n    password: Sup3rS3cret!\n"),
            ("x-api-key", "curl -H 'x-api-key: a8Fk2LmPq9ZtR4vXyB7n' https://x"),
            ("mysql", "mysql -u root -pSup3rS3cret shop < dump.sql"),
            ("curl", "curl -s -u deploy:Sup3rS3cret https://artifacts/app.zip"),
            ("sshpass", "sshpass -p 'Sup3rS3cret' ssh app@host"),
            ("docker login", "docker login -u app -p Sup3rS3cret9 registry.example.org"),
            ("ConvertTo-SecureString", "$p = ConvertTo-SecureString \"Sup3rS3cret\" -AsPlainText -Force"),
            ("chpasswd", "echo 'root:Sup3rS3cret' | sudo chpasswd"),
            ("passwd", "echo \"Sup3rS3cret\" | passwd --stdin app"),
            ("net user", "net user Administrator Sup3rS3cret /add"),
            ("htpasswd", "htpasswd -b -c /etc/nginx/.htpasswd admin Sup3rS3cret\nservice nginx restart"),
            ("htpasswd", "docker run httpd htpasswd -nbB admin Sup3rS3cret > pw"),
            ("redis-cli", "redis-cli -h cache -a Sup3rS3cret ping"),
            ("DB_PASS", "#!/bin/sh\nexport DB_PASS=Sup3rS3cret!\n"),
            ("authPass", "var authPass = 'Sup3rS3cret';"),
            ("DB_PASSWORD", r#"[{"name":"DB_PASSWORD","type":"PLAINTEXT","value":"Sup3rS3cret"}]"#),
            ("DB_PASSWORD", r#"[{"name":"DB_PASSWORD","value":"Sup3rS3cret"},{"name":"x","value":"y"}]"#),
            ("_authToken", "echo \"//nexus.example.org/npm/:_authToken=9f8e7d6c5b4b39281706f5e4d3c2b1a0\" > ~/.npmrc"),
            ("password", "echo 'machine git.example.org login ci password Hq83kdPq2zLm' > ~/.netrc"),
            ("sonar.login", "sonar-scanner -Dsonar.login=9f8e7d6c5b4b39281706f5e4d3c2b1a0a1b2c3d5"),
            ("Dsonar.token", "mvn sonar:sonar -Dsonar.token=9f8e7d6c5b4b39281706f5e4d3c2b1a0a1b2c3d5"),
            ("docker login", "echo Gk29dkPqLx81 | docker login -u ci --password-stdin registry.example.org"),
            ("helm registry login", "printf 'Gk29dkPqLx81' | helm registry login -u ci --password-stdin r.example.org"),
            ("realm join", "echo 'Gk29dkPqLx81' | sudo realm join -U admin example.local"),
            ("sqlcmd", "sqlcmd -S host -U sa -P Gk29dkPqLx81 -Q 'select 1'"),
            ("ldapsearch", "ldapsearch -x -D cn=admin,dc=example -w Gk29dkPqLx81"),
            ("openssl", "openssl enc -d -aes256 -k Gk29dkPqLx81 -in x"),
            ("openssl", "openssl pkcs12 -in a.pfx -nodes -passin pass:Gk29dkPqLx81"),
            ("IDENTIFIED BY", "mysql -e \"CREATE USER 'app'@'%' IDENTIFIED BY 'Gk29dkPqLx81';\""),
            (
                "identified with mysql_native_password by",
                "alter user app identified with mysql_native_password by 'Gk29dkPqLx81'",
            ),
            ("PASSWORD", "psql -c \"ALTER USER postgres WITH PASSWORD 'Gk29dkPqLx81'\""),
            ("DB_PASSWORD", "echo \"define('DB_PASSWORD', 'Gk29dkPqLx81');\" >> wp-config.php"),
            ("domainPassword", r#"{"parameters":{"domainPassword":{"type":"String","default":"Gk29dkPqLx81!"}}}"#),
            ("requirepass", "redis-server --requirepass Gk29dkPqLx81"),
            ("wp_password", "wp config create --dbname=wp --wp_password=hunter2 --x"),
        ] {
            assert_eq!(assigned(text).first().map(|a| a.name), Some(name), "{text}");
        }
    }

    /// A description that tells a password, and those that speak of one.
    #[test]
    fn prose() {
        let values = |text| told(text).iter().map(|found| text[found.start..found.end].to_owned()).collect::<Vec<_>>();
        for text in [
            "demo stack, login admin / password: Gk29dkPqLx81",
            "login with admin / Password=Gk29dkPqLx81.",
            "log in as 'admin' (password 'x', DB_PASSWORD = \"Gk29dkPqLx81\")",
        ] {
            assert_eq!(values(text), ["Gk29dkPqLx81"], "{text}");
        }
        for text in [
            "Password: 8 to 64 characters of A-Z, a-z, 0-9",
            "The password, for example password=Gk29dkPqLx81",
            "Token: JWT/OAuth2.0. Secret: SecretsManager1",
            "password: see {{resolve:secretsmanager:Db9kq2Prod}}",
            "GitHub token: https://github.com/Settings/Tokens2",
        ] {
            assert_eq!(values(text), [""; 0], "{text}");
        }
    }

    /// What only speaks of secrets.
    #[test]
    fn silent() {
        for text in [
            "export DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id db)",
            "export DB_PASSWORD=${DB_PASSWORD}",
            "conn = connect(host=h, password=secret['password'])",
            "password = os.environ['DB_PASSWORD']",
            "if password == expectedPassword1: return token",
            "const {password, token} = JSON.parse(secret.SecretString); login({password: password, token: token});",
            "type Login = {password: string; token: string}",
            "docker login -u app -p $PASSWORD && docker login --username AWS --password-stdin registry.example.org",
            "docker login -u AWS -p `aws ecr get-login-password` registry.example.org",
            "mysql -u root -p$DB_PASSWORD shop",
            "mysql -u root -p shop",
            "mysql --port=3306 --protocol=tcp -u app shop",
            "curl -u $USER:$PASSWORD https://x",
            "TOKEN=`curl -X PUT http://169.254.169.254/latest/api/token -H 'X-aws-ec2-metadata-token-ttl-seconds: 21600'`",
            "curl -H \"X-aws-ec2-metadata-token: $TOKEN\" http://169.254.169.254/",
            "aws ssm get-parameter --name /shop/db-password --with-decryption",
            "aws secretsmanager get-secret-value --secret-id prod/db/password",
            "--secret-name my-secret-1 --token-endpoint https://login/x",
            "password: changeme",
            "echo \"Password: must have 8 characters\"",
            "secret_key=base64.b64decode(value)",
            "echo root:$PASSWORD | chpasswd && echo \"$PASSWORD\" | passwd --stdin app",
            "net user Administrator /active:yes & net user app $password /add & net user %USER% %PW%",
            "htpasswd -c /etc/nginx/.htpasswd admin; htpasswd -b /etc/htpasswd admin $PASSWORD",
            "redis-cli -h cache -a $REDIS_PASSWORD ping",
            "tests_pass = 12; const first_pass = 'Linear9'; bypass='Sup3rS3cret'",
            r#"[{"name":"DB_PASSWORD","value":"Db9kq2-prod","type":"SECRETS_MANAGER"}]"#,
            "//nexus.example.org/npm/:_authToken=${NPM_TOKEN}",
            "machine git.example.org login ci password $GIT_PASSWORD; enter your login and password Now2",
            "sonar-scanner -Dsonar.login=$SONAR_TOKEN; mvn sonar:sonar -Dsonar.login=build-user2",
            "echo $PW | docker login -u ci --password-stdin r; echo \"$PW\" | sudo realm join -U admin example.local",
            "realm join -U admin example.local; echo Done2 | tee log; docker login --password-stdin < /run/pw1",
            "sqlcmd -S host -U sa -P $(cat /run/pw) -Q x; sqlcmd -S host -U sa -P \"$PW\"",
            "ldapsearch -x -D cn=admin -W; ldapsearch -x -D cn=admin -w \"$PW\"; ldapsearch -x -y /run/pw1",
            "openssl req -x509 -newkey rsa:2048 -keyout key1.pem -passout pass:$PW -out cert1.pem -days 365",
            "openssl pkcs12 -in a.pfx -passin env:PFX_PASSWORD1 -passout file:/run/pw1; curl -k https://x1",
            "openssl rand -base64 32 && curl -k Gk29dkPqLx81",
            "CREATE USER 'app' IDENTIFIED BY '$DB_PASSWORD'; ALTER USER app WITH PASSWORD '${PW}'; PASSWORD 'changeme'",
            "CREATE USER app IDENTIFIED WITH AWSAuthenticationPlugin AS 'RDS'; each is identified by 'its name'",
            "define('DB_PASSWORD', getenv('DB_PASSWORD')); define('DB_PASSWORD', 'password_here');",
            r#"{"parameters":{"domainPassword":{"type":"String","default":"{{ssm:/shop/password}}"}}}"#,
            r#"{"parameters":{"domainPassword":{"type":"String"},"size":{"default":"t3.micro2xA9"}}}"#,
            "KEY=value; TOKEN_URL=https://login.example.org/oauth2/token",
            "s3.get_object(Bucket=bucket, Key=key); response['NextToken']",
        ] {
            assert_eq!(assigned(text).first().map(|a| a.name), None, "{text}");
        }
    }
}
