//! Text inside XML.

use std::io::{Result, Write};

use crate::finding::shown;

/// The declaration every document begins with.
pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";

/// Text as it may stand between tags or in an attribute in double quotes; characters that XML does not
/// know become visible escapes, line breaks too unless `lines` says otherwise.
pub(super) fn escaped(text: &str, lines: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in shown(text, lines).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Writes a tag with its attributes; `end` is `>` or `/>`.
pub(super) fn tag(out: &mut dyn Write, name: &str, attributes: &[(&str, String)], end: &str) -> Result<()> {
    write!(out, "<{name}")?;
    for (key, value) in attributes {
        write!(out, " {key}=\"{}\"", escaped(value, false))?;
    }
    write!(out, "{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Nothing of a text ends an attribute or opens a tag.
    #[test]
    fn text_stays_text() {
        assert_eq!(escaped("a\"<b>'&\x00\n", false), "a&quot;&lt;b&gt;&#39;&amp;\\u{0}\\u{a}");
        assert_eq!(escaped("a\nb", true), "a\nb");
    }
}
