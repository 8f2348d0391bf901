//! What condition operators compare, and with what they never match.

use super::keys::{self, GLOBAL, Sort};

/// Every operator, without `ForAnyValue:` and `IfExists`.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
pub const OPERATORS: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
    "Bool",
    "BinaryEquals",
    "IpAddress",
    "NotIpAddress",
    "ArnEquals",
    "ArnLike",
    "ArnNotEquals",
    "ArnNotLike",
    "Null",
];

/// What an operator compares, when a text is none.
#[must_use]
pub fn misfit(operator: &str, text: &str) -> Option<&'static str> {
    let operator = operator.to_ascii_lowercase();
    // Policy variables are filled in at each request, but only where texts and ARNs are compared.
    // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html>
    if text.contains("${") && (operator.starts_with("string") || operator.starts_with("arn") || !names_global_key(text))
    {
        return None;
    }
    if operator == "bool" || operator == "null" {
        return (!text.eq_ignore_ascii_case("true") && !text.eq_ignore_ascii_case("false"))
            .then_some("`true` and `false`");
    }
    if operator.starts_with("numeric") {
        return text.trim().parse::<f64>().is_err().then_some("numbers");
    }
    if operator.ends_with("ipaddress") {
        let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
        let most = if address.contains(':') { 128 } else { 32 };
        let fits = address.parse::<std::net::IpAddr>().is_ok() && bits.parse::<u8>().is_ok_and(|b| b <= most);
        return (!fits).then_some("addresses and ranges of addresses");
    }
    if operator.starts_with("date") {
        return (!is_date(text)).then_some("dates");
    }
    if operator.starts_with("arn") {
        return (!text.starts_with("arn:") && !text.contains(['*', '?'])).then_some("ARNs");
    }
    None
}

/// `2026-11-23`, with or without a time, a year or a month alone, and seconds since 1970.
fn is_date(text: &str) -> bool {
    let mut parts = text.split(['T', ' ']).next().unwrap_or(text).splitn(3, '-');
    let number = |part: Option<&str>, most: u32| {
        part.is_none_or(|p| p.parse::<u32>().is_ok_and(|number| (1..=most).contains(&number)))
    };
    text.starts_with(|c: char| c.is_ascii_digit())
        && parts.next().is_some_and(|year| year.parse::<f64>().is_ok())
        && number(parts.next(), 12)
        && number(parts.next(), 31)
}

/// Whether a text names a policy variable of a key that every service knows.
fn names_global_key(text: &str) -> bool {
    let name = |rest: &str| rest.split(['}', '/', ',']).next().unwrap_or("").trim().to_owned();
    text.split("${aws:").skip(1).any(|rest| GLOBAL.iter().any(|known| known.eq_ignore_ascii_case(&name(rest))))
}

/// An operator for values of another sort than those of the key.
#[must_use]
pub fn mismatch(operator: &str, key: &str) -> Option<String> {
    let held = keys::sort(key)?;
    let operator = operator.to_ascii_lowercase();
    let (fits, compares) = if operator.starts_with("numeric") {
        (matches!(held, Sort::Number | Sort::Date), "numbers")
    } else if operator.starts_with("date") {
        (held == Sort::Date, "dates")
    } else if operator == "bool" {
        (held == Sort::Truth, "`true` and `false`")
    } else if operator.ends_with("ipaddress") {
        (held == Sort::Address, "addresses")
    } else {
        return None;
    };
    (!fits).then(|| format!("the operator compares {compares}, and `{key}` is {}", held.name()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What an operator takes is not told, whatever the case it is written in.
    #[test]
    fn values_that_fit() {
        for (operator, text) in [
            ("bool", "TRUE"),
            ("NumericLessThan", "1.5"),
            ("IpAddress", "2001:db8::/48"),
            ("DateLessThan", "2026-11-23T10:00:00Z"),
            ("DateLessThan", "2026-11"),
            ("DateLessThan", "1767225600"),
            ("StringEquals", "${aws:username}"),
            ("ArnLike", "${aws:PrincipalArn}"),
            ("NumericEquals", "${param:limit}"),
        ] {
            assert_eq!(misfit(operator, text), None, "{operator} {text}");
        }
        for (operator, text) in [
            ("Null", "no"),
            ("NumericLessThan", "many"),
            ("NumericLessThan", "${aws:MultiFactorAuthAge}"),
            ("IpAddress", "203.0.113.0/33"),
            ("DateLessThan", "2026-11-32"),
            ("DateLessThan", "tomorrow"),
            ("ArnEquals", "role/x"),
        ] {
            assert!(misfit(operator, text).is_some(), "{operator} {text}");
        }
    }

    /// Numbers may be dates, and keys of services are anything.
    #[test]
    fn operators_and_keys_of_one_sort() {
        for (operator, key) in
            [("NumericLessThan", "aws:EpochTime"), ("Bool", "aws:SecureTransport"), ("Bool", "s3:TlsVersion")]
        {
            assert_eq!(mismatch(operator, key), None, "{operator} {key}");
        }
        for (operator, key) in [("NumericLessThan", "aws:SourceIp"), ("datelessthan", "aws:userid")] {
            assert!(mismatch(operator, key).is_some(), "{operator} {key}");
        }
    }
}
