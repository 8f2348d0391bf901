//! serverless.yml, lowered natively.

use super::Input;
use crate::syntax::Node;
use crate::template::{Dialect, Origin, Template};

mod config;
mod config_merge;
mod config_plugins;
mod config_version;
mod dotenv;
mod grammar;
mod sources;
mod sources_file;
mod stages;
mod variables;
mod variables_intrinsic;
mod variables_text;

/// The CloudFormation that the Serverless Framework makes of a service.
pub(super) fn lower<'a>(root: &Node<'a>, input: &Input<'a, '_>) -> Template<'a> {
    let config = config::Config::read(root, input);
    Template {
        origin: Origin::written(root.span),
        parameters: config.parameters,
        conditions: config.conditions,
        unknown_parts: config.unknown_parts,
        ..Template::new(Dialect::Serverless, root.span)
    }
}
