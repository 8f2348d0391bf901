//! JSON in which every character can be seen: what a terminal, a build log or an eye would take for
//! something else is written as an escape, so the value stays exactly the same.

use std::fmt::Write as _;

use super::{commands, hidden};

/// The same JSON with escapes for what cannot be seen or would be obeyed.
// JSON's own syntax is ASCII and has no `#`: whatever is replaced here stands inside a string.
#[must_use]
pub fn quiet(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    let mut rest = json;
    // Runs of plain characters are copied whole: a report of a thousand findings is mostly those.
    while let Some(plain) = first_special(rest.as_bytes()) {
        let (before, from) = rest.split_at(plain);
        out.push_str(before);
        let Some(c) = from.chars().next() else { break };
        rest = from.get(c.len_utf8()..).unwrap_or("");
        let risky = match c {
            '[' => commands(&out),
            c => hidden(c),
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

/// Where the first byte stands that has to be looked at. Whole chunks are asked at once, which processors are good at.
fn first_special(text: &[u8]) -> Option<usize> {
    let special = |b: &u8| (*b == b'[') | (*b > b'~') | ((*b < b' ') & (*b != b'\n'));
    let chunks = text.chunks_exact(64);
    let plain = chunks.take_while(|chunk| !chunk.iter().fold(false, |any, b| any | special(b))).count() * 64;
    text.get(plain..)?.iter().position(special).map(|at| plain + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hidden characters become escapes, and a reader of JSON gets the same value back.
    #[test]
    fn the_value_stays() {
        let value = "a\u{202e}b\x1b[0m\u{9b}1m\u{e0041}##vso[x]\n[1]";
        let text = quiet(&serde_json::to_string(value).expect("JSON"));
        assert!(text.bytes().all(|b| (0x20..0x7f).contains(&b)), "{text}");
        assert!(!text.contains("##vso["));
        assert_eq!(serde_json::from_str::<String>(&text).expect("JSON"), value);
    }
}
