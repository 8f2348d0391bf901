//! serverless.yml, lowered natively.

use super::Input;
use crate::syntax::Node;
use crate::template::{Dialect, Origin, Template};

/// The CloudFormation that the Serverless Framework makes of a service.
pub(super) fn lower<'a>(root: &Node<'a>, _input: &Input<'a, '_>) -> Template<'a> {
    Template { origin: Origin::written(root.span), ..Template::new(Dialect::Serverless, root.span) }
}
