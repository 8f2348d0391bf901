//! What somebody meant who wrote an action that does not exist.

use std::fmt;
use std::sync::OnceLock;

use foldhash::HashMap;

use super::actions::{self, Action, Service};
use crate::rulebook::nearest_by;

static MISNAMED: &str = include_str!("misnamed.txt");

/// What was meant, as far as can be guessed.
#[derive(Clone, Copy, Debug)]
pub enum Advice {
    /// Another action.
    Action(&'static Action),
    /// Another service prefix.
    Service(&'static Service),
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Action(action) => write!(f, "{action}"),
            Self::Service(service) => f.write_str(service.prefix),
        }
    }
}

/// The action, or for an unknown prefix the service, that was probably meant.
///
/// A wildcard is never guessed at, only its service is.
#[must_use]
pub fn did_you_mean(action: &str) -> Option<Advice> {
    let (prefix, name) = action.split_once(':').unwrap_or((action, ""));
    if let Some(meant) = misnamed(action) {
        return actions::lookup(meant).map(Advice::Action);
    }
    let known = actions::service(prefix);
    let service = known.or_else(|| misnamed(prefix).and_then(actions::service)).or_else(|| nearest_service(prefix));
    let wild = name.contains(['*', '?']) || name.is_empty();
    match service {
        None if wild => None,
        None => elsewhere(name),
        Some(service) if wild => known.is_none().then_some(Advice::Service(service)),
        Some(service) => service
            .action(name)
            .or_else(|| nearest_action(service, name))
            .map(Advice::Action)
            .or_else(|| elsewhere(name))
            .or_else(|| known.is_none().then_some(Advice::Service(service))),
    }
}

fn misnamed(name: &str) -> Option<&'static str> {
    static ALL: OnceLock<HashMap<String, &str>> = OnceLock::new();
    let all = || {
        let pairs = MISNAMED.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '));
        pairs.map(|(wrong, right)| (wrong.to_ascii_lowercase(), right)).collect()
    };
    ALL.get_or_init(all).get(&name.to_ascii_lowercase()).copied()
}

// A prefix may differ by one edit when it is short, by two when it is long.
fn nearest_service(prefix: &str) -> Option<&'static Service> {
    let allowed = if prefix.len() < 5 { 1 } else { 2 };
    nearest_by(prefix, actions::services().iter(), |s| s.prefix, |_| allowed).filter(|_| prefix.len() > 2)
}

fn nearest_action(service: &'static Service, name: &str) -> Option<&'static Action> {
    nearest_by(name, service.actions().iter(), |a| a.name, |_| 1 + name.len() / 6)
}

// The right name behind the wrong prefix; only when no two services know it.
fn elsewhere(name: &str) -> Option<Advice> {
    let mut found = actions::services().iter().filter_map(|s| s.action(name));
    let first = found.next()?;
    found.next().is_none().then_some(Advice::Action(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(action: &str) -> String {
        did_you_mean(action).map_or_else(String::new, |a| a.to_string())
    }

    /// Slips of the finger, names of API calls and wrong prefixes lead to the action that was meant.
    #[test]
    fn guesses_what_was_meant() {
        for (wrong, right) in [
            ("s3:GetObjekt", "s3:GetObject"),
            ("s3:ListObjects", "s3:ListBucket"),
            ("s3:HeadObject", "s3:GetObject"),
            ("dynamodb:PutItems", "dynamodb:PutItem"),
            ("dynamo:PutItem", "dynamodb:PutItem"),
            ("dynamdb:GetItem", "dynamodb:GetItem"),
            ("lambda:Invoke", "lambda:InvokeFunction"),
            ("sqs:SendMesage", "sqs:SendMessage"),
            ("stepfunctions:StartExecution", "states:StartExecution"),
            ("eventbridge:*", "events"),
            ("log:CreateLogStream", "logs:CreateLogStream"),
            ("efs:ClientMount", "elasticfilesystem:ClientMount"),
            ("kms:GetSecretValue", "secretsmanager:GetSecretValue"),
            ("sns:Publisch", "sns:Publish"),
            // Two slips in a long prefix, one in a short one.
            ("lmbds:Frobnicate", "lambda"),
        ] {
            assert_eq!(meant(wrong), right, "{wrong}");
        }
    }

    /// Where nothing is near, nothing is said.
    #[test]
    fn says_nothing_without_reason() {
        for wrong in [
            "",
            ":",
            "*",
            "frobnicate:Everything",
            "s3:Frobnicate",
            "s3:Foo*",
            "s3:GetObjec?",
            "x:y",
            "lmda:Frobnicate",
        ] {
            assert_eq!(meant(wrong), "", "{wrong}");
        }
        assert_eq!(meant(&"s3:Get".repeat(5000)), "");
    }

    /// The table of misnamed things is wrong on the left and right on the right.
    #[test]
    fn the_table_holds() {
        for line in MISNAMED.lines().filter(|line| !line.starts_with('#')) {
            let (wrong, right) = line.split_once(' ').expect("two words");
            if wrong.contains(':') {
                assert!(actions::lookup(wrong).is_none(), "{wrong} exists");
                assert!(actions::lookup(right).is_some(), "{right} does not exist");
            } else {
                assert!(actions::service(wrong).is_none() || wrong == right, "{wrong} exists");
                assert!(actions::service(right).is_some(), "{right} does not exist");
            }
        }
    }
}
