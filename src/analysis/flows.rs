//! Which secrets a value lets in, and how they are read at run time instead, by which right.

use super::secrets::{connection_name, naming_name, secret_name};
use super::walk::Read;
use crate::resolve::{Hole, Text};
use crate::template::{External, ExternalKind, Parameter, Template};

/// A secret that a value is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret<'a> {
    /// A reference to Secrets Manager: the secret's name.
    Stored(&'a str),
    /// A reference to a `SecureString` of Parameter Store: its name.
    Secure(&'a str),
    /// A parameter of Parameter Store that is stored in plain text although its name says it is a secret.
    Plain(&'a str),
    /// A `NoEcho` parameter of the template.
    Hidden(&'a str),
    /// An attribute that is a secret of AWS's making: the resource and the attribute.
    Attribute(&'a str, &'a str),
    /// Something that the framework reads while it packages.
    External(External<'a>),
}

impl<'a> Secret<'a> {
    /// The secret that something is read from; `name` is what the value goes by.
    #[must_use]
    pub fn of_read(template: &Template<'a>, name: Option<&str>, read: Read<'a>) -> Option<Self> {
        match read {
            Read::Ref(id) => template.parameter(id).and_then(Self::of_parameter),
            Read::Attribute(id, attribute) => Self::of_attribute(template, id, attribute),
            Read::Dynamic(service, key) => Self::of_reference(service, key),
            Read::External(external) => external_secret(name, external).then_some(Self::External(external)),
        }
    }

    /// The secret that a text holds; `parameter` is the one that its characters come from, when they are known.
    #[must_use]
    pub fn of_text(
        template: &Template<'a>,
        name: Option<&str>,
        text: &Text<'a>,
        parameter: Option<&'a str>,
    ) -> Option<Self> {
        Self::all_of_text(template, name, text, parameter).next()
    }

    /// All secrets that a text holds: a connection string has a user's and a password's.
    pub fn all_of_text(
        template: &Template<'a>,
        name: Option<&str>,
        text: &Text<'a>,
        parameter: Option<&'a str>,
    ) -> impl Iterator<Item = Self> {
        let hidden = |name: &'a str| template.parameter(name).and_then(Self::of_parameter);
        let hole = move |hole: Hole<'a>| match hole {
            Hole::Dynamic { service, key } => Self::of_reference(service, key),
            Hole::Parameter { name } => hidden(name),
            Hole::Attribute(id, attribute) => Self::of_attribute(template, id, attribute),
            Hole::External(external) => external_secret(name, external).then_some(Self::External(external)),
            Hole::Pseudo(_) | Hole::Resource(_) | Hole::Import(_) | Hole::Other => None,
        };
        text.holes().filter_map(hole).chain(parameter.into_iter().filter_map(hidden))
    }

    fn of_parameter(parameter: &Parameter<'a>) -> Option<Self> {
        if parameter.no_echo {
            return Some(Self::Hidden(parameter.name));
        }
        // The parameter's own value is the name of what CloudFormation looks up; of one that is a name it hands on the name.
        let looked_up = parameter.kind.starts_with("AWS::SSM::Parameter::Value");
        let stored = parameter.default.and_then(|d| d.as_text()).filter(|_| looked_up);
        stored.filter(|stored| last_name(stored)).map(Self::Plain)
    }

    fn of_reference(service: &str, key: &'a str) -> Option<Self> {
        match service {
            // A secret of a database holds its user and its address as well.
            "secretsmanager" => Some(Self::Stored(secret_id(key))).filter(|_| !PLAIN_KEYS.contains(&json_key(key))),
            "ssm-secure" => Some(Self::Secure(key.split(':').next().unwrap_or(key))),
            "ssm" => Some(key.split(':').next().unwrap_or(key)).filter(|key| last_name(key)).map(Self::Plain),
            _ => None,
        }
    }

    fn of_attribute(template: &Template<'a>, id: &'a str, attribute: &'a str) -> Option<Self> {
        let made = match template.resource(id)?.kind {
            "AWS::IAM::AccessKey" => attribute == "SecretAccessKey",
            "AWS::Cognito::UserPoolClient" => attribute == "ClientSecret",
            _ => false,
        };
        made.then_some(Self::Attribute(id, attribute))
    }

    /// What it is, in words.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::Stored("") => "a secret of Secrets Manager".to_owned(),
            Self::Stored(name) => format!("the secret `{name}`"),
            Self::Secure("") => "a secret parameter".to_owned(),
            Self::Secure(name) => format!("the secret parameter `{name}`"),
            Self::Plain(name) => format!("`{name}`, which Parameter Store keeps in plain text already,"),
            Self::Hidden(name) => format!("the hidden parameter `{name}`"),
            Self::Attribute(id, attribute) => format!("`{attribute}` of `{id}`"),
            Self::External(external) => format!("`{}`", external.written),
        }
    }

    /// How a program comes by it at run time, and which right it then needs.
    #[must_use]
    pub fn instead(&self) -> String {
        const SECRET: &str = "`secretsmanager:GetSecretValue`";
        const PARAMETER: &str = "`ssm:GetParameter` (and `kms:Decrypt` when its key is your own)";
        match self {
            Self::Stored(_) => read("the ARN of the secret", SECRET),
            Self::Secure(_) => read("the name of the parameter", PARAMETER),
            Self::Plain(_) => format!("Make it a `SecureString`. {}", read("its name", PARAMETER)),
            Self::Hidden(_) => {
                format!("Keep it in an `AWS::SecretsManager::Secret`. {}", read("that one's ARN", SECRET))
            }
            Self::Attribute(_, "SecretAccessKey") => {
                "Give the permissions to the role that the program runs as: it needs no key.".to_owned()
            }
            Self::Attribute(..) => read("the ids of the pool and the client", "`cognito-idp:DescribeUserPoolClient`"),
            Self::External(External { kind: ExternalKind::Ssm, key, .. }) if key.starts_with(FROM_SECRETS) => {
                read(&format!("the name `{}`", key.trim_start_matches(FROM_SECRETS)), SECRET)
            }
            Self::External(External { kind: ExternalKind::Ssm, key, written }) => {
                read(&format!("the name `{}`", path_written(written).unwrap_or(key)), PARAMETER)
            }
            Self::External(_) => format!("Keep it in Secrets Manager. {}", read("the secret's name", SECRET)),
        }
    }
}

/// Under which names Parameter Store answers for Secrets Manager.
const FROM_SECRETS: &str = "/aws/reference/secretsmanager/";

/// The path in `${ssm:/shop/${self:provider.stage}/key~true}` as the user wrote it: the stage may be another one tomorrow.
fn path_written(written: &str) -> Option<&str> {
    let path = written.strip_prefix("${ssm")?.split_once(':')?.1.strip_suffix('}')?;
    (path.starts_with('/') && !path.contains(',')).then(|| path.strip_suffix("~true").unwrap_or(path))
}

fn read(pass: &str, right: &str) -> String {
    format!("Pass {pass} and read it at run time; what reads it needs {right} on it.")
}

/// The name in a reference: what stands before the key in the secret, and an ARN's last part.
fn secret_id(key: &str) -> &str {
    if key.starts_with("arn:") { key.split(':').nth(6).unwrap_or(key) } else { key.split(':').next().unwrap_or(key) }
}

/// What of a secret is read: its JSON key, when one is named.
fn json_key(key: &str) -> &str {
    let rest =
        if key.starts_with("arn:") { key.splitn(8, ':').nth(7) } else { key.split_once(':').map(|(_, rest)| rest) };
    let mut parts = rest.unwrap_or("").split(':').filter(|part| !part.is_empty() && *part != "SecretString");
    parts.next().unwrap_or("")
}

/// Keys of a secret whose values are none.
const PLAIN_KEYS: &[&str] = &[
    "username",
    "user",
    "host",
    "hostname",
    "port",
    "dbname",
    "dbName",
    "database",
    "engine",
    "masterarn",
    "dbInstanceIdentifier",
    "dbClusterIdentifier",
];

/// Whether the last part of a path says that it is a secret.
fn last_name(path: &str) -> bool {
    path.rsplit(['/', '.']).next().is_some_and(secret_name)
}

/// Whether what is read while packaging is a secret: some sources hold nothing else, others are told by the names.
fn external_secret(name: Option<&str>, external: External<'_>) -> bool {
    // Of a file its address counts: `secrets.yml` holds other things as well.
    let asked = match external.kind {
        ExternalKind::File => external.key.rsplit_once(':').map_or("", |(_, address)| address),
        ExternalKind::Environment
        | ExternalKind::Ssm
        | ExternalKind::S3
        | ExternalKind::Stack
        | ExternalKind::Option
        | ExternalKind::Aws
        | ExternalKind::Other => external.key,
    };
    let parts = || asked.split(['/', '.', ':', ',']);
    let last = parts().next_back().unwrap_or("");
    // What is called the name of a secret, where it is read or where it goes, is none; and an output says itself what it is,
    // whatever its stack is called.
    let whole = || external.kind != ExternalKind::Stack && !name.is_some_and(naming_name) && parts().any(secret_name);
    let says = |name: &str| secret_name(name) || (external.kind != ExternalKind::Stack && connection_name(name));
    let named = || says(last) || !naming_name(last) && (name.is_some_and(says) || whole());
    match external.kind {
        // `~true` asks to decrypt what may be none, and is written everywhere.
        ExternalKind::Ssm => external.key.contains(FROM_SECRETS) || named(),
        ExternalKind::Other => {
            ["vault", "doppler", "secret", "infisical", "1password", "op:"].iter().any(|s| external.written.contains(s))
                || named()
        }
        ExternalKind::Environment
        | ExternalKind::Option
        | ExternalKind::File
        | ExternalKind::S3
        | ExternalKind::Stack => named(),
        ExternalKind::Aws => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// References say which secret, whatever stands around its name.
    #[test]
    fn names_of_secrets() {
        assert_eq!(secret_id("shop/db:SecretString:password"), "shop/db");
        assert_eq!(
            secret_id("arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-a1B2c3:SecretString:x"),
            "db-a1B2c3"
        );
        assert_eq!(json_key(":SecretString:username"), "username");
        assert_eq!(json_key("arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-a1B2c3:SecretString:x"), "x");
        assert_eq!(json_key("db"), "");
        assert_eq!(Secret::of_reference("secretsmanager", "db:SecretString:host"), None);
        assert_eq!(Secret::of_reference("ssm", "/shop/table"), None);
        assert_eq!(Secret::of_reference("ssm", "/shop/db-password:2"), Some(Secret::Plain("/shop/db-password")));
        assert_eq!(Secret::of_reference("ssm-secure", "db:1"), Some(Secret::Secure("db")));
    }

    /// Of a file of secrets only what is named as one counts.
    #[test]
    fn files() {
        let of = |key| External { kind: ExternalKind::File, key, written: "${file(…)}" };
        assert!(!external_secret(Some("CLIENT_ID"), of("./secrets.json:CLIENT_ID")));
        assert!(external_secret(Some("CLIENT_ID"), of("./secrets.json:CLIENT_SECRET")));
        assert!(external_secret(Some("CLIENT_SECRET"), of("./secrets.json")));
    }

    /// A connection string is a password, `~true` proves nothing, and a path is told as it is written.
    #[test]
    fn connections() {
        let of = |kind, key, written| External { kind, key, written };
        for name in
            ["MONGO_URL", "MONGODB_URI", "DATABASE_URL", "DB_CONNECTION_STRING", "databaseUrl", "DATABASE_URL_PROD"]
        {
            assert!(external_secret(Some(name), of(ExternalKind::Environment, name, "${env:…}")), "{name}");
        }
        for name in ["API_URL", "DATABASE_HOST", "REDIS_URL", "QUEUE_URL", "JDBC_URL", "CONNECTION_ID", "DATABASE_NAME"]
        {
            assert!(!external_secret(Some(name), of(ExternalKind::Environment, name, "${env:…}")), "{name}");
        }
        assert!(!external_secret(Some("DATABASE_URL"), of(ExternalKind::Stack, "db.DatabaseUrl", "${cf:…}")));
        assert!(!external_secret(Some("BUCKET"), of(ExternalKind::Ssm, "/shop/bucket", "${ssm:/shop/bucket~true}")));
        assert_eq!(
            path_written("${ssm:/shop/${self:provider.stage}/key~true}"),
            Some("/shop/${self:provider.stage}/key")
        );
        assert_eq!(path_written("${ssm(eu-west-1):/shop/key}"), Some("/shop/key"));
        assert_eq!(path_written("${ssm:/shop/key, 'none'}"), None);
    }

    /// The output of a stack that says where the secret is kept is no secret.
    #[test]
    fn names_of_what_is_read() {
        let of = |key| External { kind: ExternalKind::Stack, key, written: "${cf:…}" };
        assert!(!external_secret(Some("A_SECRET_ARN"), of("secrets.GithubSecretArn")));
        assert!(!external_secret(Some("DB_CREDENTIALS_SECRET"), of("db.CredentialsSecretName")));
        assert!(!external_secret(Some("SECRET_ARN"), of("secrets.Github")));
        assert!(!external_secret(Some("GITHUB"), of("secrets.Github")));
        assert!(external_secret(Some("DB"), of("db.Password")));
        assert!(external_secret(Some("DB_PASSWORD"), of("db.Value")));
    }
}
