//! What can be typed. The doc comments here are the help texts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use portcullis::dialect::Options;

use crate::terminal::Colour;

/// Policy-as-code security linter for AWS CloudFormation, SAM and serverless.yml.
#[derive(Debug, Parser)]
#[command(name = "portcullis", version, propagate_version = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that every command takes.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Colour the output.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Global options")]
    pub(crate) color: Colour,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the CloudFormation that one file deploys.
    #[command(hide = true)]
    Lower(Lower),
}

/// What the user says about the deployment.
#[derive(Debug, Args, Default)]
#[command(next_help_heading = "Deployment")]
pub(crate) struct Deployment {
    /// Value of a template parameter; repeatable.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
    /// Stage of serverless.yml; without it, every stage that the file names is considered.
    #[arg(long, value_name = "STAGE")]
    pub(crate) stage: Option<String>,
    /// Region that is deployed to.
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Command line option of the Serverless Framework, for `${opt:NAME}`; repeatable.
    #[arg(long = "opt", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) options: Vec<(String, String)>,
    /// Parameter of the Serverless Framework, for `${param:NAME}`; repeatable.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) params: Vec<(String, String)>,
}

impl Deployment {
    /// The same, as lowering wants it; a later value of one name wins.
    pub(crate) fn options(&self) -> Options {
        let map = |pairs: &[(String, String)]| pairs.iter().cloned().collect::<BTreeMap<_, _>>();
        Options {
            parameters: map(&self.parameters),
            stage: self.stage.clone(),
            region: self.region.clone(),
            options: map(&self.options),
            params: map(&self.params),
        }
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim().to_owned(), value.to_owned())),
        Some(_) | None => Err("expected NAME=VALUE".to_owned()),
    }
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
    #[command(flatten)]
    pub(crate) deployment: Deployment,
}

/// How `lower` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LowerFormat {
    /// CloudFormation JSON.
    Json,
}
