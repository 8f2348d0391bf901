//! One voice in the configuration: a file, the environment or the command line.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::{Globs, Selector};
use crate::finding::Place;
use crate::rulebook::{Confidence, Literal, Profile, Severity, words};

/// Something that was said, and by whom.
#[derive(Debug, Clone)]
pub struct Setting<T> {
    /// What.
    pub value: T,
    /// By whom.
    pub origin: Origin,
}

impl<T> Setting<T> {
    /// Something said by somebody.
    #[must_use]
    pub const fn new(value: T, origin: Origin) -> Self {
        Self { value, origin }
    }
}

/// Who said it.
#[derive(Debug, Clone)]
pub enum Origin {
    /// Nobody: it is so by itself.
    Default,
    /// A configuration file, here.
    File(Place),
    /// An environment variable.
    Environment(String),
    /// An option of the command line: `--select`.
    CommandLine(String),
}

impl Origin {
    /// The place in a file.
    #[must_use]
    pub const fn place(&self) -> Option<&Place> {
        match self {
            Self::File(place) => Some(place),
            Self::Default | Self::Environment(_) | Self::CommandLine(_) => None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(place) => write!(f, "{}:{}", place.file(), place.from().line),
            Self::Environment(name) => write!(f, "${name}"),
            Self::CommandLine(option) => f.write_str(option),
        }
    }
}

words! {
    /// From which severity on the run fails.
    FailOn {
        /// Any finding.
        Info = "info",
        /// Low and worse.
        Low = "low",
        /// Medium and worse.
        Medium = "medium",
        /// High and worse.
        High = "high",
        /// Critical only.
        Critical = "critical",
        /// No finding fails the run.
        Never = "never",
    }
}

impl FailOn {
    /// True when a finding of a severity fails the run.
    #[must_use]
    pub fn fails(self, severity: Severity) -> bool {
        Severity::from_name(self.name()).is_some_and(|least| severity >= least)
    }
}

words! {
    /// Whose suppressions count.
    Voice {
        /// portcullis's own comments and metadata.
        Native = "native",
        /// `Metadata.cfn_nag`.
        CfnNag = "cfn_nag",
        /// `checkov:skip=` and `Metadata.checkov`.
        Checkov = "checkov",
        /// `Metadata.cdk_nag`.
        CdkNag = "cdk_nag",
        /// `Metadata.cfn-lint`, for the ids of cfn-lint and serverless-rules.
        CfnLint = "cfn_lint",
        /// `Metadata.guard`.
        Guard = "guard",
        /// `trivy:ignore:` and `tfsec:ignore:`.
        Trivy = "trivy",
        /// `kics-scan`.
        Kics = "kics",
    }
}

words! {
    /// Which suppressions that silence nothing are reported.
    ReportUnused {
        /// portcullis's own.
        Own = "own",
        /// Those of peers as well.
        All = "all",
        /// None.
        None = "none",
    }
}

words! {
    /// What a file is taken for, whatever it looks like.
    FileKind {
        /// AWS CloudFormation.
        CloudFormation = "cloudformation",
        /// AWS SAM.
        Sam = "sam",
        /// Serverless Framework.
        Serverless = "serverless",
        /// No template: skipped.
        None = "none",
    }
}

/// One voice: what it leaves out, a lower one says.
#[derive(Debug, Clone, Default)]
pub struct Layer {
    /// The folder that its paths are relative to, absolute; `None` for the working directory.
    pub folder: Option<PathBuf>,
    /// Who sees which rules.
    pub profile: Option<Setting<Profile>>,
    /// The rules that run, instead of all in the profile.
    pub select: Option<Vec<Setting<Selector>>>,
    /// The rules that do not run.
    pub ignore: Vec<Setting<Selector>>,
    /// The least severity that is reported.
    pub min_severity: Option<Setting<Severity>>,
    /// The least confidence that is reported.
    pub min_confidence: Option<Setting<Confidence>>,
    /// From which severity on the run fails.
    pub fail_on: Option<Setting<FailOn>>,
    /// Paths that are not walked.
    pub exclude: Option<(Globs, Origin)>,
    /// Folders of further rules, as written.
    pub rules_dirs: Vec<Setting<String>>,
    /// What is different about single rules.
    pub rules: Vec<RuleSetting>,
    /// What is different about some paths, in order.
    pub overrides: Vec<Override>,
    /// What files are taken for; the first match counts.
    pub files: Vec<(Globs, Setting<FileKind>)>,
    /// Values of template parameters.
    pub parameters: BTreeMap<String, Setting<String>>,
    /// Files of such values, as written; later ones win.
    pub parameter_files: Vec<Setting<String>>,
    /// The stage of serverless.yml.
    pub stage: Option<Setting<String>>,
    /// The region of the deployment.
    pub region: Option<Setting<String>>,
    /// Rules that no suppression silences.
    pub unsuppressible: Vec<Setting<Selector>>,
    /// Whether a suppression without a reason counts.
    pub require_reason: Option<Setting<bool>>,
    /// Whose suppressions count.
    pub honor_suppressions: Option<Setting<Vec<Voice>>>,
    /// Which suppressions that silence nothing are reported.
    pub report_unused: Option<Setting<ReportUnused>>,
}

/// What is different about the rules of a selector.
#[derive(Debug, Clone)]
pub struct RuleSetting {
    /// Which rules.
    pub rules: Setting<Selector>,
    /// How bad they are.
    pub severity: Option<Setting<Level>>,
    /// The parameters of the rule.
    pub parameters: BTreeMap<String, Setting<Parameter>>,
}

/// A severity, or none at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// The rule does not run.
    Off,
    /// It is this bad.
    At(Severity),
}

impl Level {
    /// The word in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::At(severity) => severity.name(),
        }
    }
}

/// The value of a rule's parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Parameter {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Number(i64),
    /// Text.
    Text(String),
    /// A list of texts; numbers in it are taken as texts.
    List(Vec<String>),
}

impl Parameter {
    /// The value as rules compare it.
    #[must_use]
    pub fn literal(&self) -> Literal {
        match self {
            Self::Bool(yes) => Literal::Bool(*yes),
            Self::Number(number) => Literal::Number(number.to_string()),
            Self::Text(text) => Literal::Text(text.clone()),
            Self::List(items) => Literal::List(items.iter().cloned().map(Literal::Text).collect()),
        }
    }
}

/// What is different about some paths.
#[derive(Debug, Clone)]
pub struct Override {
    /// Which paths.
    pub paths: Globs,
    /// Where it was said.
    pub origin: Origin,
    /// Who sees which rules there.
    pub profile: Option<Setting<Profile>>,
    /// Rules that run there besides.
    pub select: Vec<Setting<Selector>>,
    /// Rules that do not run there.
    pub ignore: Vec<Setting<Selector>>,
    /// The least severity that is reported there.
    pub min_severity: Option<Setting<Severity>>,
    /// The least confidence that is reported there.
    pub min_confidence: Option<Setting<Confidence>>,
    /// What is different about single rules there.
    pub rules: Vec<RuleSetting>,
}
