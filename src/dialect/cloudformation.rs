//! CloudFormation: read as it stands; includes and loops are followed.

use super::Input;
use crate::syntax::Node;
use crate::template::{Dialect, Reader, Schema, Template};

/// The template as written.
pub(super) fn lower<'a>(root: &Node<'a>, input: &Input<'a, '_>) -> Template<'a> {
    Reader::new(input.arena, input.sources, Schema::Yaml11, &input.options.parameters)
        .with_loader(input.loader)
        .template(root, Dialect::CloudFormation)
}
