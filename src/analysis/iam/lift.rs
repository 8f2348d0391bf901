//! Denials that hold under a condition only: which of them a caller gets around, and by what.

use super::actions::Action;
use super::power;
use super::wildcard::{self, Case as Letters};
use crate::analysis::policy::Condition;
use crate::resolve::{Case, Resolver};
use crate::template::Origin;

/// A condition of a denial that does not hold for every call, so that the denial does not either.
#[derive(Debug, Clone)]
pub struct Lift<'a> {
    /// The condition key: `aws:MultiFactorAuthPresent`.
    pub key: &'a str,
    /// Where it stands.
    pub origin: Origin<'a>,
    sort: Sort,
    /// Whether the denial spares what is listed, rather than hit it.
    spares: bool,
    /// Whether the condition holds where the key is missing.
    when_missing: bool,
    /// Whether the operator takes wildcards.
    wild: bool,
    /// The values, when all of them are known.
    values: Option<Vec<String>>,
}

/// What a condition is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// Whether a second factor was shown: whoever has one gets around it.
    SecondFactor,
    /// The region that is asked, which callers choose.
    Region,
    /// From where, when and by what it is asked: whoever is there, then, gets around it.
    Circumstance,
    /// What is asked for, where the denial names only some of it.
    Listed,
}

/// Keys about circumstances; from the page about global condition keys.
const CIRCUMSTANCES: [&str; 11] = [
    "aws:currenttime",
    "aws:epochtime",
    "aws:referer",
    "aws:securetransport",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpcarn",
    "aws:sourcevpce",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:vpcsourceip",
];

/// Whether a key is about what is asked for, or about what it is asked of: a denial that names some of it leaves the
/// others. What all services know of a call is mostly who asks, and that may be the one who is named.
fn is_asked_for(key: &str) -> bool {
    !key.starts_with("aws:") || ["aws:resourcetag/", "aws:requesttag/"].iter().any(|start| key.starts_with(start))
}

impl<'a> Lift<'a> {
    /// How a condition of a denial is got around; `None` when it cannot be, or when we cannot tell. One that spares
    /// some principals, or some of what can be asked for, is how such rights are narrowed: what it spares is meant.
    #[must_use]
    pub fn of(condition: &Condition<'a>, resolver: &Resolver<'_, 'a>) -> Option<Self> {
        let operator = condition.operator.to_ascii_lowercase();
        let bare = condition.bare_operator().to_ascii_lowercase();
        let key = condition.key.to_ascii_lowercase();
        let items = resolver.items(&condition.value, &condition.under);
        let values: Option<Vec<String>> = items.iter().map(Case::text).collect();
        let says = |text: &str| values.iter().flatten().any(|value| value.eq_ignore_ascii_case(text));
        let spares = bare.contains("not");
        let wild = bare.ends_with("like") || bare.starts_with("arn");
        // Where the key is missing nothing is named.
        let named = matches!(
            operator.trim_start_matches("foranyvalue:"),
            "stringequals" | "stringequalsignorecase" | "stringlike" | "arnequals" | "arnlike"
        );
        let sort = match key.as_str() {
            // The other way about: whoever shows a second factor is stopped.
            "aws:multifactorauthpresent" if bare == "bool" && says("true") => Sort::Circumstance,
            "aws:multifactorauthpresent" | "aws:multifactorauthage" => Sort::SecondFactor,
            "aws:requestedregion" => Sort::Region,
            // Nobody asks over plain HTTP.
            "aws:securetransport" if says("true") => return None,
            key if CIRCUMSTANCES.contains(&key) => Sort::Circumstance,
            key if named && values.is_some() && is_asked_for(key) => Sort::Listed,
            _ => return None,
        };
        let starts = ["", "arn:", "arn:aws:", "arn:aws:iam:", "arn:aws:iam::"];
        let everything = |value: &String| {
            value.ends_with("/0") || value.strip_suffix('*').is_some_and(|s| starts.contains(&s.trim_end_matches('*')))
        };
        if !spares && values.iter().flatten().any(everything) {
            return None;
        }
        let when_missing = operator.ends_with("ifexists")
            || operator.starts_with("forallvalues:")
            || (bare == "null" && says("true"))
            || spares;
        Some(Self { key: condition.key, origin: condition.origin, sort, spares, when_missing, wild, values })
    }

    /// Whether an action can be asked for so that the condition does not hold. A `machine` never shows a second factor;
    /// a `receiver` is the service that a role is passed to.
    #[must_use]
    pub fn frees(&self, action: &Action, machine: bool, receiver: Option<&str>) -> bool {
        match self.sort {
            Sort::SecondFactor => !(machine && self.when_missing),
            // IAM is asked in one region, except that roles are passed where they are used.
            Sort::Region if action.service.prefix == "iam" && action.name != "PassRole" => {
                let Some(values) = &self.values else { return false };
                if values.iter().any(|value| value.starts_with("cn-") || value.starts_with("us-gov-")) {
                    return true;
                }
                let us = |value: &String| match self.wild {
                    true => wildcard::matches(value, "us-east-1", Letters::Ignored),
                    false => value.eq_ignore_ascii_case("us-east-1"),
                };
                values.iter().any(us) == self.spares
            }
            Sort::Listed if self.key.eq_ignore_ascii_case("iam:PassedToService") => {
                let hosts = self.values.iter().flatten();
                receiver.is_none_or(|receiver| !hosts.into_iter().any(|host| power::belongs(host, receiver)))
            }
            Sort::Region | Sort::Circumstance | Sort::Listed => true,
        }
    }

    /// What the denial's condition lets through, in words.
    #[must_use]
    pub const fn who(&self) -> &'static str {
        match self.sort {
            Sort::SecondFactor => "whoever shows a second factor is not stopped by the denial beside it",
            Sort::Region => "the denial beside it holds in some regions only",
            Sort::Circumstance => "the denial beside it holds only from some places, at some times or for some clients",
            Sort::Listed => "the denial beside it names only some of what can be asked for",
        }
    }
}
