//! What a script's literals stand for: escapes undone, numbers in digits.

/// The text of a string or of a piece of a template, without its quotes; `None` when nothing is escaped.
pub(super) fn unescaped(written: &str) -> Option<String> {
    // In a template a line break is one character, however the file writes it.
    if !written.contains(['\\', '\r']) {
        return None;
    }
    let mut out = String::with_capacity(written.len());
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        match c {
            '\r' => {
                if !rest.as_str().starts_with('\n') {
                    out.push('\n');
                }
            }
            '\\' => escape(&mut rest, &mut out),
            c => out.push(c),
        }
    }
    Some(out)
}

fn escape(rest: &mut std::str::Chars<'_>, out: &mut String) {
    let hex = |digits: &str| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
    match rest.next() {
        Some('n') => out.push('\n'),
        Some('t') => out.push('\t'),
        Some('r') => out.push('\r'),
        Some('b') => out.push('\u{8}'),
        Some('f') => out.push('\u{c}'),
        Some('v') => out.push('\u{b}'),
        Some('0') => out.push('\0'),
        // The line goes on.
        Some('\n') | None => {}
        Some('\r') => {
            if let Some(behind) = rest.as_str().strip_prefix('\n') {
                *rest = behind.chars();
            }
        }
        Some(kind @ ('x' | 'u')) => {
            let text = rest.as_str();
            let braced = text.strip_prefix('{').and_then(|t| t.split_once('}'));
            let length = if kind == 'x' { 2 } else { 4 };
            let (digits, behind) = match braced.filter(|_| kind == 'u') {
                Some(both) => both,
                None => match (text.get(..length), text.get(length..)) {
                    (Some(digits), Some(behind)) => (digits, behind),
                    (Some(_) | None, _) => return out.push(kind),
                },
            };
            out.push(hex(digits).unwrap_or('\u{fffd}'));
            *rest = behind.chars();
        }
        Some(other) => out.push(other),
    }
}

/// A number as JSON writes it; `None` for what is none.
pub(super) fn number(written: &str) -> Option<String> {
    let plain: String = written.trim_end_matches('n').chars().filter(|c| *c != '_').collect();
    let lower = plain.to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = lower.strip_prefix(prefix) {
            return u64::from_str_radix(digits, radix).ok().map(|n| n.to_string());
        }
    }
    let value: f64 = plain.parse().ok().filter(|v: &f64| v.is_finite())?;
    if plain.bytes().all(|b| b.is_ascii_digit()) { Some(plain) } else { Some(value.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Escapes are undone as JavaScript does.
    #[test]
    fn escapes_are_undone() {
        for (written, meant) in [
            (r"a\nb\tc", "a\nb\tc"),
            (r"\x41\u0042\u{43}", "ABC"),
            (r"\${self:x}", "${self:x}"),
            (r"it\'s", "it's"),
            ("a\\\nb", "ab"),
            ("a\r\nb", "a\nb"),
            (r"\u12", "u12"),
            (r"\ud800", "\u{fffd}"),
            ("\\", ""),
            (r"\x", "x"),
            (r"\xé", "\u{fffd}"),
        ] {
            assert_eq!(unescaped(written).as_deref(), Some(meant), "{written}");
        }
        assert_eq!(unescaped("plain"), None);
    }

    /// Numbers come out in digits.
    #[test]
    fn numbers_come_out_in_digits() {
        for (written, meant) in [
            ("1_000", "1000"),
            ("0x1F", "31"),
            ("0b11", "3"),
            ("10n", "10"),
            (".5", "0.5"),
            ("1e3", "1000"),
            ("3", "3"),
        ] {
            assert_eq!(number(written).as_deref(), Some(meant), "{written}");
        }
        for written in ["0xzz", "1.2.3", "1e999", "3px"] {
            assert_eq!(number(written), None, "{written}");
        }
    }
}
