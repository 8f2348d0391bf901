//! A suppression as it was written: who, which rules, where, why, how long.

use super::Date;
use crate::config::Voice;
use crate::source::Span;

/// One suppression.
#[derive(Debug)]
pub(super) struct Directive {
    /// The text it stands in.
    pub text: usize,
    /// Its bytes: the comment, or the entry of the metadata.
    pub span: Span,
    /// In whose words.
    pub voice: Voice,
    /// What reports call that: `comment`, `metadata`, `cfn_nag`.
    pub by: &'static str,
    /// What it names, in order.
    pub targets: Vec<Target>,
    /// Where it counts.
    pub scope: Scope,
    /// Why.
    pub reason: Option<String>,
    /// How long: the last day, and where that is written.
    pub until: Option<(Date, Span)>,
    /// The list of names between brackets, when it is a comment of our own: what a fix edits.
    pub list: Option<Span>,
}

/// One name of a suppression.
#[derive(Debug)]
pub(super) struct Target {
    /// As written.
    pub name: String,
    /// Where.
    pub span: Span,
    /// The rules that it stands for.
    pub rules: Rules,
    /// The values that it is about; none for all.
    pub values: Vec<Wanted>,
    /// Whether it silenced anything.
    pub used: bool,
    /// How many findings it would silence, were it not void.
    pub void: usize,
}

/// The rules that a name stands for.
#[derive(Debug)]
pub(super) enum Rules {
    /// All there are.
    All,
    /// Some, sorted.
    Some(Vec<String>),
}

impl Rules {
    pub(super) fn has(&self, rule: &str) -> bool {
        match self {
            Self::All => true,
            Self::Some(names) => names.binary_search_by(|n| n.as_str().cmp(rule)).is_ok(),
        }
    }

    /// Sorted rules.
    pub(super) fn some<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        Self::Some(sorted(names))
    }
}

/// Names of rules in their order, each once.
pub(super) fn sorted<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<String> {
    let mut names: Vec<_> = names.into_iter().map(str::to_owned).collect();
    names.sort();
    names.dedup();
    names
}

/// A value that a suppression is about.
#[derive(Debug)]
pub(super) enum Wanted {
    /// Exactly this.
    Exact(String),
    /// cdk-nag's: a kind and a value, `Action::s3:*`.
    Finding(String),
    /// cdk-nag's: a pattern of that.
    Pattern(regex::Regex),
}

/// What cdk-nag puts before a value.
const KINDS: &[&str] = &["Action", "Resource", "Policy"];

impl Wanted {
    /// True of a value of this kind; where the kind is not known, whatever it is.
    pub(super) fn is(&self, kind: Option<&str>, value: &str) -> bool {
        let may_be = |wanted: &str| kind.is_none_or(|kind| kind == wanted);
        match self {
            Self::Exact(wanted) => wanted == value,
            Self::Finding(wanted) => match wanted.split_once("::") {
                Some((front, rest)) => rest == value && may_be(front),
                None => wanted == value,
            },
            Self::Pattern(pattern) => {
                KINDS.iter().any(|kind| may_be(kind) && pattern.is_match(&format!("{kind}::{value}")))
            }
        }
    }
}

/// Where a suppression counts.
#[derive(Debug, Clone)]
pub(super) enum Scope {
    /// On a line of its text.
    Line(u32),
    /// In a resource of its text, and in what is made from it.
    Resource(String, Span),
    /// In a range of its text.
    Range(Span),
    /// In its text.
    Text,
    /// In the whole template.
    All,
}
