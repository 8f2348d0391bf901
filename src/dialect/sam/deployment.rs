//! Not expanded yet.

use super::expansion::Expansion;
use crate::template::Resource;

/// Expands all of them.
pub(super) fn expand<'a>(_expansion: &mut Expansion<'a>, _functions: &[Resource<'a>]) {}
