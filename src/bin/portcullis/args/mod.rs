//! What can be typed. The doc comments here are the help texts.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

mod check;
mod deployment;

pub(crate) use check::{By, Check, Fixing, Input, Output, Reach, Selection, Suppression, Wanted};
pub(crate) use deployment::Deployment;

use crate::terminal::Colour;

/// Policy-as-code security linter for AWS CloudFormation, SAM and serverless.yml.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, max_term_width = 100, arg_required_else_help = true)]
#[command(disable_help_subcommand = true, after_help = EXIT_CODES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  nothing at or above --fail-on
  1  findings
  2  something could not be checked, or the call is wrong
  3  no input

Examples:
  portcullis check                          everything below this folder
  portcullis check --output sarif=out.sarif what people read and what code scanning reads, in one pass
  portcullis explain public-function-url    why it matters, and what to type instead";

/// Flags that every command takes.
#[derive(Debug, Args, Clone, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Colour the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Colour,
    /// Show findings only; twice: show nothing, the exit code says it.
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "verbose")]
    pub(crate) quiet: u8,
    /// Say on standard error what is read and why files are skipped.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Configuration file; without it the nearest portcullis.toml above counts.
    #[arg(long, global = true, value_name = "FILE", env = "PORTCULLIS_CONFIG", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Read no configuration file.
    #[arg(long, global = true)]
    pub(crate) no_config: bool,
    /// Threads that scan; all cores without it. What is found does not depend on it.
    #[arg(short, long, global = true, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(crate) jobs: Option<u16>,
    /// Folder of further rules; repeatable.
    #[arg(long = "rules", global = true, value_name = "DIR")]
    pub(crate) rules_dirs: Vec<PathBuf>,
}

/// What the tool can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Check templates: the main job.
    #[command(visible_alias = "scan")]
    Check(Box<Check>),
    /// Mend what can be mended safely, and report the rest: `check --fix`.
    Fix(Box<Check>),
    /// Accept what is found today: write it to a file that later checks compare with.
    Baseline(Baseline),
    /// Say what a rule is about: why it matters, what to type instead, how to allow it.
    Explain(Explain),
    /// List the rules.
    Rules(Rules),
    /// Run the examples of rule files: the built-in ones, or those of a folder.
    Test(Test),
    /// Show who may do what: what sets a function off, its role, actions, resources.
    Permissions(Permissions),
    /// Look at the configuration.
    Config(Config),
    /// Serve an editor: the language server, over standard input and output.
    Lsp(Lsp),
    /// Print the CloudFormation that one file deploys.
    #[command(hide = true)]
    Lower(Lower),
    /// Print the completions of a shell.
    Completions(Completions),
    /// Print the manual page.
    Man,
}

/// `baseline`.
#[derive(Debug, Args)]
pub(crate) struct Baseline {
    #[command(flatten)]
    pub(crate) check: Box<Wanted>,
    /// File to write.
    #[arg(short, long, value_name = "FILE", default_value = "portcullis-baseline.json")]
    pub(crate) output: PathBuf,
    /// Let the file grow; without it only what is gone is taken out of an existing file.
    #[arg(long)]
    pub(crate) allow_growth: bool,
}

/// `explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// Rule, or a peer's id such as `cfn_nag:W11` or `CKV_AWS_18`.
    #[arg(required = true)]
    pub(crate) names: Vec<String>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: ExplainFormat,
}

/// How `explain` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExplainFormat {
    /// For people.
    Human,
    /// The manual page.
    Markdown,
    /// For scripts.
    Json,
}

/// `rules`.
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// Only these: rules, categories, services, `pack:<framework>`, or peers' ids.
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: ListFormat,
}

/// `test`.
#[derive(Debug, Args)]
pub(crate) struct Test {
    /// Folder of rule files, or one of them; the built-in rules without it.
    #[arg(value_name = "PATH")]
    pub(crate) folder: Option<PathBuf>,
}

/// `permissions`.
#[derive(Debug, Args)]
pub(crate) struct Permissions {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) deployment: Deployment,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub(crate) format: MapFormat,
}

/// How `permissions` shows its map.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MapFormat {
    /// For people.
    Human,
    /// For scripts.
    Json,
    /// A diagram for Markdown.
    Mermaid,
    /// A diagram for Graphviz.
    Dot,
    /// A page to look at; it needs nothing else.
    Html,
}

/// For people or for scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    /// For people.
    Human,
    /// For scripts.
    Json,
}

/// `config`.
#[derive(Debug, Args)]
pub(crate) struct Config {
    #[command(subcommand)]
    pub(crate) action: ConfigAction,
}

/// What to do with the configuration.
#[derive(Debug, Subcommand, Clone, Copy)]
pub(crate) enum ConfigAction {
    /// Print what is in force here, and who says so.
    Show,
    /// Print the JSON schema of portcullis.toml, for editors.
    Schema,
    /// Write a portcullis.toml to start from.
    Init,
}

/// `lsp`.
#[derive(Debug, Args)]
pub(crate) struct Lsp {
    /// Talk over standard input and output, which is the only way; editors that say so are understood.
    #[arg(long)]
    pub(crate) stdio: bool,
}

/// `lower`.
#[derive(Debug, Args)]
pub(crate) struct Lower {
    /// File to lower.
    pub(crate) path: PathBuf,
    /// Output format.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub(crate) format: LowerFormat,
    /// Say of each resource where it was written and what made it, instead of printing the template.
    #[arg(long)]
    pub(crate) explain: bool,
    /// Print credentials as they are, for comparing with what is deployed; without it they are masked.
    #[arg(long)]
    pub(crate) show_secrets: bool,
    #[command(flatten)]
    pub(crate) deployment: Deployment,
}

/// How `lower` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LowerFormat {
    /// CloudFormation JSON.
    Json,
}

/// `completions`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// Shell.
    pub(crate) shell: clap_complete::Shell,
}

/// Takes the words of one of the library's enums.
fn word<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    name: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(all.iter().map(|value| name(*value)))
        .map(move |text| *all.iter().find(|value| name(**value) == text).expect("clap takes no other word"))
}
