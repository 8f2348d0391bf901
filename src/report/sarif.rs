//! To be written.

use std::io::{Result, Write};

use super::{Options, Rule};
use crate::finding::Run;

pub(super) fn write(_run: &Run, _rules: &[Rule], _options: &Options, _out: &mut dyn Write) -> Result<()> {
    Ok(())
}
