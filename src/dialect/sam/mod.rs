//! AWS SAM, lowered natively.

use super::Input;
use crate::syntax::Node;
use crate::template::{Dialect, Reader, Schema, Template};

/// The CloudFormation that SAM's transform makes of a template.
pub(super) fn lower<'a>(root: &Node<'a>, input: &Input<'a, '_>) -> Template<'a> {
    Reader::new(input.arena, input.sources, Schema::Yaml11, &input.options.parameters)
        .with_loader(input.loader)
        .template(root, Dialect::Sam)
}
