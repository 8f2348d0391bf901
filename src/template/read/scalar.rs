//! Which plain scalars are numbers, booleans and nulls: YAML 1.1 and YAML 1.2's core schema.

use super::super::Kind;

/// How plain scalars are typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// YAML 1.1, as CloudFormation and SAM read it: `yes` and `on` are true, `0777` is a number.
    Yaml11,
    /// YAML 1.2's core schema, as the Serverless Framework reads it.
    Core12,
}

impl Schema {
    /// What a plain scalar is. Dates stay text: CloudFormation wants `Version: 2012-10-17` as it is.
    #[must_use]
    pub fn resolve<'a>(self, text: &'a str) -> Kind<'a> {
        let Some(first) = text.bytes().next() else { return Kind::Null };
        match first {
            b'0'..=b'9' | b'+' | b'-' | b'.' if self.is_number(text) => return Kind::Number(text),
            b'~' if text.len() == 1 => return Kind::Null,
            _ => {}
        }
        if text.len() > 5 {
            return Kind::Text(text);
        }
        let old = matches!(self, Self::Yaml11);
        match text {
            "null" | "Null" | "NULL" => Kind::Null,
            "true" | "True" | "TRUE" => Kind::Bool(true),
            "false" | "False" | "FALSE" => Kind::Bool(false),
            "yes" | "Yes" | "YES" | "on" | "On" | "ON" if old => Kind::Bool(true),
            "no" | "No" | "NO" | "off" | "Off" | "OFF" if old => Kind::Bool(false),
            _ => Kind::Text(text),
        }
    }

    fn is_number(self, text: &str) -> bool {
        let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
        let all = |s: &str, ok: fn(u8) -> bool| !s.is_empty() && s.bytes().all(|b| ok(b) || b == b'_');
        if let Some(hex) = digits.strip_prefix("0x") {
            return all(hex, |b| b.is_ascii_hexdigit());
        }
        if let Some(octal) = digits.strip_prefix("0o") {
            return matches!(self, Self::Core12) && all(octal, |b| (b'0'..=b'7').contains(&b));
        }
        if let Some(binary) = digits.strip_prefix("0b") {
            return all(binary, |b| matches!(b, b'0' | b'1'));
        }
        if matches!(digits, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") {
            return true;
        }
        if all(digits, |b| b.is_ascii_digit()) && !digits.starts_with('_') {
            return true;
        }
        let (mantissa, exponent) = match digits.find(['e', 'E']) {
            Some(at) => (&digits[..at], Some(&digits[at + 1..])),
            None => (digits, None),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let decimal = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b'_');
        let mantissa_ok =
            mantissa.contains('.') && decimal(whole) && decimal(fraction) && whole.len() + fraction.len() > 0;
        let exponent_ok = exponent.is_none_or(|e| {
            let e = e.strip_prefix(['+', '-']).unwrap_or(e);
            !e.is_empty() && e.bytes().all(|b| b.is_ascii_digit())
        });
        let no_point = !mantissa.contains('.') && exponent.is_some() && decimal(whole) && !whole.is_empty();
        (mantissa_ok || (no_point && matches!(self, Self::Core12))) && exponent_ok
    }
}
