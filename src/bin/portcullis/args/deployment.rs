//! What the user says about the deployment.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Args;
use portcullis::dialect::Options;

use crate::clock;

/// Values that are only known when deploying.
#[derive(Debug, Args, Default, Clone)]
#[command(next_help_heading = "Deployment")]
pub(crate) struct Deployment {
    /// Value of a template parameter; repeatable.
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) parameters: Vec<(String, String)>,
    /// File of template parameters: the AWS CLI's JSON, a plain map, or samconfig.toml; repeatable.
    #[arg(long = "parameter-file", value_name = "FILE")]
    pub(crate) parameter_files: Vec<PathBuf>,
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
    /// Day that the templates are judged on; runtimes and suppressions end on one [default: today].
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = clock::typed)]
    pub(crate) today: Option<String>,
}

impl Deployment {
    /// The same, as lowering wants it; a later value of one name wins.
    pub(crate) fn options(&self) -> Options {
        let map = |pairs: &[(String, String)]| pairs.iter().cloned().collect::<BTreeMap<_, _>>();
        Options {
            parameters: map(&self.parameters),
            stage: self.stage.clone(),
            one_stage: false,
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
