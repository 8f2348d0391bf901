//! Not expanded yet.

use super::expansion::Expansion;
use crate::template::Resource;

/// Expands a resource.
pub(super) fn expand<'a>(_expansion: &mut Expansion<'a>, _resource: &Resource<'a>) {}
