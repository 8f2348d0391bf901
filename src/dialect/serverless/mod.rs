//! serverless.yml, lowered natively.

use super::Input;
use crate::syntax::Node;
use crate::template::Template;

mod config;
mod lower;

/// The CloudFormation that the Serverless Framework makes of a service.
pub(super) fn lower<'a>(root: &Node<'a>, input: &Input<'a, '_>) -> Template<'a> {
    let config = config::Config::read(root, input);
    let first = root.pairs().first().map_or(root.span, |p| p.key.span);
    lower::lower(&config, input, first)
}
