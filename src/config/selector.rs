//! A name that stands for one rule or many: what `--select`, `--ignore` and every directive say.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Described;
use crate::rulebook::{nearest, words};

words! {
    /// The tools whose ids we understand.
    Peer {
        /// cfn_nag: `W11`, `F3`.
        CfnNag = "cfn_nag",
        /// checkov: `CKV_AWS_18`.
        Checkov = "checkov",
        /// cdk-nag: `AwsSolutions-IAM5`.
        CdkNag = "cdk_nag",
        /// trivy and tfsec: `AWS-0086`, also written `AVD-AWS-0086`.
        Trivy = "trivy",
        /// cfripper: `S3BucketPolicyPrincipalRule`.
        Cfripper = "cfripper",
        /// serverless-rules: `WS1003`.
        ServerlessRules = "serverless_rules",
        /// AWS Guard's rules registry: `S3_BUCKET_SSL_REQUESTS_ONLY`.
        Guard = "guard",
        /// cfn-lint: `W2509`.
        CfnLint = "cfn_lint",
        /// parliament: `RESOURCE_MISMATCH`.
        Parliament = "parliament",
        /// Cloudsplaining: `PrivilegeEscalation`.
        Cloudsplaining = "cloudsplaining",
        /// The controls of AWS Security Hub: `S3.8`.
        SecurityHub = "securityhub",
        /// Prowler: `s3_bucket_level_public_access_block`.
        Prowler = "prowler",
        /// KICS: the id of a query, `de38e1d5-54cb-4111-a868-6f7722695007`.
        Kics = "kics",
        /// The policy checks of IAM Access Analyzer: `PASS_ROLE_WITH_STAR_IN_RESOURCE`.
        AccessAnalyzer = "access_analyzer",
    }
}

impl Peer {
    /// The tool of a name as people write it: `cfn-lint`, `cdk-nag` and `tfsec` as well.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        // Aliases of cards are spelt as we do; this is asked of each of them for each selector.
        if let Some(peer) = Self::from_name(word) {
            return Some(peer);
        }
        let word = word.to_ascii_lowercase().replace('-', "_");
        if word == "tfsec" { Some(Self::Trivy) } else { Self::from_name(&word) }
    }

    /// True when two spellings are the same id of this tool: the case never matters.
    #[must_use]
    pub fn same(self, a: &str, b: &str) -> bool {
        self.bare(a).eq_ignore_ascii_case(self.bare(b))
    }

    /// What all spellings of an id have in common.
    #[must_use]
    pub fn folded(self, id: &str) -> String {
        self.bare(id).to_ascii_lowercase()
    }

    /// An id without what its tool's packs put in front of it.
    fn bare(self, id: &str) -> &str {
        let fronts: &[&str] = match self {
            Self::Trivy => &["AVD-"],
            Self::CdkNag => &["HIPAA.Security-", "NIST.800.53.R4-", "NIST.800.53.R5-", "PCI.DSS.321-"],
            Self::CfnNag
            | Self::Checkov
            | Self::Cfripper
            | Self::ServerlessRules
            | Self::Guard
            | Self::CfnLint
            | Self::Parliament
            | Self::Cloudsplaining
            | Self::SecurityHub
            | Self::Prowler
            | Self::Kics
            | Self::AccessAnalyzer => &[],
        };
        let cut = |front: &&str| id.get(..front.len()).filter(|f| f.eq_ignore_ascii_case(front)).map(str::len);
        fronts.iter().find_map(cut).map_or(id, |n| &id[n..])
    }
}

/// How narrowly a selector points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Everything there is.
    All,
    /// A category or a service.
    Group,
    /// A framework's controls: asked for as a whole, whatever the profile.
    Pack,
    /// One rule, by its own name or by a peer's id.
    Rule,
}

/// A name that stands for one rule or many.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Selector {
    form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Form {
    All,
    Name(String),
    Pack(String),
    Peer(Peer, String),
}

impl Selector {
    /// Reads a selector: `all`, a rule, a category, a service, `pack:<framework>`, `<peer>:<id>` or a bare id.
    ///
    /// # Errors
    /// When it is empty, has blanks in it, or names a peer we do not know.
    pub fn parse(text: &str) -> Result<Self, SelectorError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SelectorError::Empty);
        }
        if text.contains(char::is_whitespace) {
            return Err(SelectorError::Blank(text.to_owned()));
        }
        let form = match text.split_once(':') {
            None if text == "*" || text.eq_ignore_ascii_case("all") => Form::All,
            None => Form::Name(text.to_owned()),
            Some((_, "")) | Some(("", _)) => return Err(SelectorError::Empty),
            Some((front, pack)) if front.eq_ignore_ascii_case("pack") => Form::Pack(pack.to_owned()),
            Some((front, id)) => match Peer::parse(front) {
                Some(peer) => Form::Peer(peer, id.to_owned()),
                None => {
                    let known = Peer::ALL.iter().map(|p| p.name()).chain(["pack"]);
                    let near = nearest(front, known).map(str::to_owned);
                    return Err(SelectorError::Peer(front.to_owned(), near));
                }
            },
        };
        Ok(Self { form })
    }

    /// The selector of exactly one rule.
    #[must_use]
    pub fn rule(name: &str) -> Self {
        Self { form: Form::Name(name.to_owned()) }
    }

    /// How the selector reaches a rule, or `None` when it does not.
    #[must_use]
    pub fn reaches(&self, rule: &Described) -> Option<Reach> {
        match &self.form {
            Form::All => Some(Reach::All),
            Form::Pack(pack) => rule.packs.iter().any(|p| in_pack(p, pack)).then_some(Reach::Pack),
            Form::Peer(peer, id) => rule.ids(*peer).any(|i| peer.same(i, id)).then_some(Reach::Rule),
            Form::Name(name) => {
                let alias = || rule.aliases().any(|(peer, id)| peer.same(id, name));
                if *rule.head.name == **name || alias() {
                    return Some(Reach::Rule);
                }
                // Most selectors name a rule, in several words; a service is one.
                let service = || !name.contains('-') && rule.services().iter().any(|s| s.eq_ignore_ascii_case(name));
                (rule.head.category.name().eq_ignore_ascii_case(name) || service()).then_some(Reach::Group)
            }
        }
    }

    /// True when the selector asks for this framework.
    #[must_use]
    pub fn asks_for(&self, framework: &str) -> bool {
        matches!(&self.form, Form::Pack(wanted) if in_pack(framework, wanted))
    }

    /// True when the selector reaches a rule.
    #[must_use]
    pub fn matches(&self, rule: &Described) -> bool {
        self.reaches(rule).is_some()
    }

    /// The bare word, when it is neither a pack nor a peer's id with its peer.
    pub(super) fn bare(&self) -> Option<&str> {
        match &self.form {
            Form::Name(name) => Some(name),
            Form::All | Form::Pack(_) | Form::Peer(..) => None,
        }
    }
}

/// `pack:cis` is every CIS framework, `pack:cis-aws-3.0` one of them.
fn in_pack(pack: &str, wanted: &str) -> bool {
    match pack.get(..wanted.len()) {
        Some(front) if front.eq_ignore_ascii_case(wanted) => {
            !pack[wanted.len()..].starts_with(|c: char| c.is_alphanumeric())
        }
        _ => false,
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.form {
            Form::All => f.write_str("all"),
            Form::Name(name) => f.write_str(name),
            Form::Pack(pack) => write!(f, "pack:{pack}"),
            Form::Peer(peer, id) => write!(f, "{peer}:{id}"),
        }
    }
}

impl std::str::FromStr for Selector {
    type Err = SelectorError;

    fn from_str(text: &str) -> Result<Self, SelectorError> {
        Self::parse(text)
    }
}

/// Why a text is no selector.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectorError {
    /// Nothing there.
    #[error("names no rule")]
    Empty,
    /// Blanks inside.
    #[error("`{0}` is not one name: write several as a list")]
    Blank(String),
    /// A peer we do not know, and the one that was perhaps meant.
    #[error("`{0}` is no tool whose ids are known{near}", near = .1.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
    Peer(String, Option<String>),
}

#[cfg(test)]
mod tests {
    use super::super::catalogue::tests::rule;
    use super::*;

    fn reach(text: &str, rule: &Described) -> Option<Reach> {
        Selector::parse(text).expect("a selector").reaches(rule)
    }

    /// A rule is found by name, category, service, pack and peers' ids.
    #[test]
    fn a_rule_has_many_names() {
        let mut rule = rule("s3-bucket-unencrypted");
        rule.packs = vec!["cis-aws-3.0".into()];
        std::sync::Arc::make_mut(&mut rule.head).aliases =
            ["cfn_nag:W41", "trivy:AWS-0088", "cdk_nag:S3BucketEncrypted"].into_iter().collect();
        for exact in ["s3-bucket-unencrypted", "W41", "w41", "cfn_nag:w41", "cfn-nag:W41", "tfsec:avd-aws-0088"] {
            assert_eq!(reach(exact, &rule), Some(Reach::Rule), "{exact}");
        }
        assert_eq!(reach("NIST.800.53.R5-S3BucketEncrypted", &rule), Some(Reach::Rule));
        assert_eq!(reach("pack:CIS", &rule), Some(Reach::Pack));
        assert_eq!(reach("encryption", &rule), Some(Reach::Group));
        assert_eq!(reach("s3", &rule), Some(Reach::Group));
        assert_eq!(reach("all", &rule), Some(Reach::All));
        for other in ["s3-bucket", "checkov:W41", "pack:ci", "W4", "iam"] {
            assert_eq!(reach(other, &rule), None, "{other}");
        }
    }

    /// A misspelt peer is an error that says which one was meant.
    #[test]
    fn a_misspelt_peer_is_an_error() {
        assert_eq!(Selector::parse("chekov:X"), Err(SelectorError::Peer("chekov".into(), Some("checkov".into()))));
        assert_eq!(Selector::parse("  "), Err(SelectorError::Empty));
        assert_eq!(Selector::parse("cfn_nag:"), Err(SelectorError::Empty));
        assert_eq!(Selector::parse("a b"), Err(SelectorError::Blank("a b".into())));
    }

    /// A selector is shown as it can be written again.
    #[test]
    fn shown_as_written() {
        for text in ["all", "s3", "pack:cis", "cfn_nag:W11"] {
            assert_eq!(Selector::parse(text).expect("a selector").to_string(), text);
        }
    }
}
