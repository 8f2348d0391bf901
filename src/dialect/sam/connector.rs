//! Not expanded yet.

use super::expansion::Expansion;

/// Expands all of them.
pub(super) fn expand(_expansion: &mut Expansion<'_>) {}
