//! serverless.yml, lowered natively.

use super::Input;
use crate::syntax::Node;
use crate::template::Template;

mod config;
mod config_merge;
mod config_plugins;
mod config_schema;
mod config_version;
mod dotenv;
mod grammar;
mod lower;
mod sources;
mod sources_file;
mod stages;
mod variables;
mod variables_intrinsic;
mod variables_text;

/// The CloudFormation that the Serverless Framework makes of a service.
pub(super) fn lower<'a>(root: &Node<'a>, input: &Input<'a, '_>) -> Template<'a> {
    let config = config::Config::read(root, input);
    let first = root.pairs().first().map_or(root.span, |p| p.key.span);
    lower::lower(&config, input, first)
}
