//! Every key of `portcullis.toml`, once: reader, schema and display all walk this list.

use serde::{Deserialize, Serialize};

use crate::rulebook::words;

words! {
    /// The keys of the file, in the order of the manual.
    Key {
        /// Who sees which rules.
        Profile = "profile",
        /// What runs.
        Select = "select",
        /// What does not run.
        Ignore = "ignore",
        /// The least severity reported.
        MinSeverity = "min-severity",
        /// The least confidence reported.
        MinConfidence = "min-confidence",
        /// When the run fails.
        FailOn = "fail-on",
        /// What is not walked.
        Exclude = "exclude",
        /// Further rules.
        RulesDirs = "rules-dirs",
        /// Single rules.
        Rules = "rules",
        /// Some paths.
        Overrides = "overrides",
        /// What files are.
        Files = "files",
        /// Template parameters.
        Parameters = "parameters",
        /// Files of them.
        ParameterFiles = "parameter-files",
        /// The stage.
        Stage = "stage",
        /// The region.
        Region = "region",
        /// What cannot be silenced.
        Unsuppressible = "unsuppressible",
        /// Whether silence needs a reason.
        RequireReason = "require-reason",
        /// Who may silence.
        HonorSuppressions = "honor-suppressions",
        /// Silence that silences nothing.
        ReportUnused = "report-unused",
    }
}

impl Key {
    /// What the key is for, as the schema and the manual say it.
    #[must_use]
    pub const fn about(self) -> &'static str {
        match self {
            Self::Profile => {
                "Which rules run without being asked for: `default` (actionable, almost always true), `strict` (hardening as well) or `all` (opinionated rules and what could not be determined)."
            }
            Self::Select => {
                "Only these rules run: names of rules, categories, services, `pack:<framework>`, or peers' ids such as `cfn_nag:W11`. Categories and services stay within the profile; rules and packs are run whatever the profile."
            }
            Self::Ignore => "These rules do not run. Names as for `select`.",
            Self::MinSeverity => "Findings that are less severe are not reported.",
            Self::MinConfidence => "Findings that are less sure are not reported.",
            Self::FailOn => "The least severity with which a finding makes the run fail (exit code 1).",
            Self::Exclude => {
                "Paths that are not walked, as in `.gitignore`, relative to this file. A file named on the command line is checked all the same."
            }
            Self::RulesDirs => "Folders of your own rules, relative to this file.",
            Self::Rules => {
                "Single rules: their severity (or `off`) and their parameters. The short form `rule = \"off\"` sets the severity alone."
            }
            Self::Overrides => "What is different about some paths. Later entries win.",
            Self::Files => "What files are taken for, whatever they look like; the first match counts.",
            Self::Parameters => "Values of template parameters, as given at deployment.",
            Self::ParameterFiles => {
                "Files of parameter values, relative to this file: the AWS CLI's JSON list, a plain map, a Git sync deployment file or a `samconfig.toml`. Later files win; `parameters` wins over them."
            }
            Self::Stage => "The stage of serverless.yml. Without it every stage that the file names is a case.",
            Self::Region => "The region of the deployment. Without it the region is unknown.",
            Self::Unsuppressible => "Rules that no comment, metadata or baseline silences. Names as for `select`.",
            Self::RequireReason => "A suppression without a reason does not count, and is reported.",
            Self::HonorSuppressions => "Whose suppressions count; all when left out.",
            Self::ReportUnused => "Which suppressions that silence nothing are reported.",
        }
    }
}
