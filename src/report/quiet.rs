//! JSON as reports write it: every character can be seen.

use std::io::{Result, Write};

use serde::Serialize;

use crate::finding;

/// Writes a value over several lines, and a line break.
pub(super) fn write_pretty(value: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "{}", finding::quiet(&serde_json::to_string_pretty(value)?))
}

/// Writes a value on one line, and a line break.
pub(super) fn write_line(value: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "{}", finding::quiet(&serde_json::to_string(value)?))
}
