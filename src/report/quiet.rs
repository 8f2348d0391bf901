//! JSON in which every character can be seen: what a terminal, a build log or an eye would take for
//! something else is written as an escape, so the value stays exactly the same.

use std::fmt::Write as _;
use std::io::{Result, Write};

use serde::Serialize;

use crate::finding;

/// Writes a value over several lines, and a line break.
pub(super) fn write_pretty(value: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    writeln!(out, "{}", escaped(&text))
}

/// Writes a value on one line, and a line break.
pub(super) fn write_line(value: &impl Serialize, out: &mut dyn Write) -> Result<()> {
    let text = serde_json::to_string(value)?;
    writeln!(out, "{}", escaped(&text))
}

// JSON's own syntax is ASCII and has no `#`: whatever is replaced here stands inside a string.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    // Runs of plain characters are copied whole: a report of a thousand findings is mostly those.
    while let Some(plain) = rest.bytes().position(|b| b == b'[' || !matches!(b, b'\n' | b' '..=b'~')) {
        let (before, from) = rest.split_at(plain);
        out.push_str(before);
        let Some(c) = from.chars().next() else { break };
        rest = from.get(c.len_utf8()..).unwrap_or("");
        let risky = match c {
            '[' => finding::commands(&out),
            c => finding::hidden(c),
        };
        if risky {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hidden characters become escapes, and a reader of JSON gets the same value back.
    #[test]
    fn the_value_stays() {
        let value = "a\u{202e}b\x1b[0m\u{9b}1m\u{e0041}##vso[x]\n[1]";
        let mut out = Vec::new();
        write_line(&value, &mut out).expect("memory");
        let text = String::from_utf8(out).expect("text");
        assert!(text.trim_end().bytes().all(|b| (0x20..0x7f).contains(&b)), "{text}");
        assert!(!text.contains("##vso["));
        assert_eq!(serde_json::from_str::<String>(&text).expect("JSON"), value);
    }
}
