//! One file a format, all of the same shape; none has ever heard of CloudFormation.
//!
//! A report is written from a [`Run`], from what it needs to know of the rules, and from [`Options`]. The
//! same input gives the same bytes: no times, no absolute paths, no host names. Text of a template is
//! hostile until it has been made safe for the format it is written in.

use std::io::{Result, Write};

use crate::finding::Run;
use crate::rulebook::{Category, Confidence, Severity, words};
use serde::{Deserialize, Serialize};

mod azure;
mod bitbucket;
mod checkstyle;
mod concise;
mod cut;
mod github;
mod gitlab;
mod gitlab_sast;
mod html;
mod human;
mod json;
mod jsonl;
mod junit;
mod lines;
mod markdown;
mod mask;
mod quiet;
mod rdjson;
mod sarif;
mod sonar;
mod summary;
mod uri;
mod window;
mod xml;

words! {
    /// What a report is written for.
    Format {
        /// People at a terminal.
        Human = "human",
        /// People, a line for each finding; editors and scripts that read lines.
        Concise = "concise",
        /// Scripts.
        Json = "json",
        /// Scripts, a finding a line.
        Jsonl = "jsonl",
        /// GitHub code scanning, and everything else that reads SARIF 2.1.0.
        Sarif = "sarif",
        /// Annotations of GitHub Actions.
        Github = "github",
        /// GitLab's code quality report.
        Gitlab = "gitlab",
        /// GitLab's SAST report.
        GitlabSast = "gitlab-sast",
        /// JUnit XML: Jenkins, `CircleCI`, Azure, GitLab.
        Junit = "junit",
        /// Checkstyle XML.
        Checkstyle = "checkstyle",
        /// SonarQube's generic issues.
        Sonar = "sonar",
        /// Logged issues of Azure Pipelines.
        Azure = "azure",
        /// Report and annotations of Bitbucket's Code Insights.
        Bitbucket = "bitbucket",
        /// Reviewdog.
        Rdjson = "rdjson",
        /// A comment, or the step summary of GitHub Actions.
        Markdown = "markdown",
        /// One page that needs nothing else.
        Html = "html",
    }
}

impl Format {
    /// Writes the report of a run.
    ///
    /// # Errors
    /// When `out` cannot be written to.
    pub fn write(self, run: &Run, rules: &[Rule], options: &Options, out: &mut dyn Write) -> Result<()> {
        let write = match self {
            Self::Human => human::write,
            Self::Concise => concise::write,
            Self::Json => json::write,
            Self::Jsonl => jsonl::write,
            Self::Sarif => sarif::write,
            Self::Github => github::write,
            Self::Gitlab => gitlab::write,
            Self::GitlabSast => gitlab_sast::write,
            Self::Junit => junit::write,
            Self::Checkstyle => checkstyle::write,
            Self::Sonar => sonar::write,
            Self::Azure => azure::write,
            Self::Bitbucket => bitbucket::write,
            Self::Rdjson => rdjson::write,
            Self::Markdown => markdown::write,
            Self::Html => html::write,
        };
        write(run, rules, options, out)
    }

    /// True when the report lists every rule that was enabled, and not only those that found something.
    #[must_use]
    pub const fn lists_rules(self) -> bool {
        matches!(self, Self::Sarif)
    }
}

/// What a report needs to know of a rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its name.
    pub name: String,
    /// What is wrong: lower case, no full stop.
    pub title: String,
    /// What it is about.
    pub category: Category,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What can happen.
    pub why: String,
    /// What to do.
    pub remedy: String,
    /// Where to read more.
    pub references: Vec<String>,
    /// Weaknesses by number: `CWE-311`.
    pub cwe: Vec<String>,
    /// Further words, such as the service.
    pub tags: Vec<String>,
    /// A text that the rule reports.
    pub bad: Option<String>,
    /// The same text mended.
    pub good: Option<String>,
    /// Its manual page.
    pub url: Option<String>,
}

impl Rule {
    /// The rule of a name.
    #[must_use]
    pub fn named<'r>(rules: &'r [Self], name: &str) -> Option<&'r Self> {
        rules.iter().find(|rule| rule.name == name)
    }
}

/// The manual page of a rule that came with this version, when the project says where it lives.
#[must_use]
pub fn manual(rule: &str) -> Option<String> {
    let Options { home, version, .. } = Options::default();
    Some(format!("{}/blob/v{version}/docs/rules/{rule}.md", home?.trim_end_matches('/')))
}

/// How a report is written.
#[derive(Debug, Clone)]
pub struct Options {
    /// The version of the tool.
    pub version: String,
    /// Where the tool lives, for the formats that tell.
    pub home: Option<String>,
    /// Colours and bold, for terminals.
    pub color: bool,
    /// Box drawing characters instead of ASCII.
    pub unicode: bool,
    /// Rule names are links, for terminals that know them.
    pub hyperlinks: bool,
    /// The columns of the terminal.
    pub width: usize,
    /// Findings that somebody silenced are shown as well.
    pub show_suppressed: bool,
    /// Only what was checked and how much was found, in the formats that people read.
    pub summary_only: bool,
    /// The category of a SARIF run, when a repository has several.
    pub sarif_category: Option<String>,
    /// What stands between the root of the repository and the working directory (`services/a/`), for the
    /// reports of build servers, whose paths begin at the root.
    pub prefix: String,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            // A build from before the project had an address of its own leads nobody astray.
            home: Some(env!("CARGO_PKG_REPOSITORY").to_owned()).filter(|url| !url.contains("/OWNER/")),
            color: false,
            unicode: true,
            hyperlinks: false,
            width: 100,
            show_suppressed: false,
            summary_only: false,
            sarif_category: None,
            prefix: String::new(),
        }
    }
}
