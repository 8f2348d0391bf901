//! Which major version of the framework a service is written for.

use crate::template::Value;

/// The framework's major version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Version {
    /// 1.x.
    V1,
    /// 2.x.
    V2,
    /// 3.x.
    V3,
    /// 4.x.
    V4,
}

/// The version that the file says, or that its words belong to.
pub(super) fn of(root: Value<'_>) -> Version {
    if let Some(range) = root.get("frameworkVersion").and_then(|e| e.value.as_text())
        && let Some(version) = of_range(range)
    {
        return version;
    }
    let newer = ["org", "app", "stages", "licenseKey"].iter().any(|key| root.get(key).is_some());
    if newer || own_roles(root) { Version::V4 } else { Version::V3 }
}

/// Roles of functions in the framework's own words, which stops at them before version 4.
fn own_roles(root: Value<'_>) -> bool {
    root.at(&["provider", "iam", "role", "mode"]).is_some()
        || root.get("functions").is_some_and(|e| {
            let of_one = |list: Value<'_>| list.entries().iter().any(|f| f.value.get("iam").is_some());
            e.value.items().into_iter().any(of_one)
        })
}

/// The newest version that a range allows; an open range means the newest that needs no licence.
fn of_range(range: &str) -> Option<Version> {
    let newest = range.split("||").filter_map(|part| {
        let (mut least, mut below) = (None, None);
        for (operator, major, whole) in comparators(part) {
            match operator {
                "<" if whole => below = Some(major),
                "<" | "<=" => below = Some(major + 1),
                ">" | ">=" => least = Some(major),
                _ => return Some(major),
            }
        }
        match (least, below) {
            (_, Some(below)) => Some(below.saturating_sub(1)),
            (Some(least), None) => Some(least.max(3)),
            (None, None) => None,
        }
    });
    newest.max().map(|major| match major {
        0 | 1 => Version::V1,
        2 => Version::V2,
        3 => Version::V3,
        _ => Version::V4,
    })
}

/// Operator, major version, and whether minor and patch are zero or missing.
fn comparators(part: &str) -> Vec<(&str, u32, bool)> {
    let mut found = Vec::new();
    let mut rest = part;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let before = rest.get(..at).unwrap_or("").trim_end().trim_end_matches('v').trim_end();
        let operator = ["<=", ">=", "<", ">"].into_iter().find(|o| before.ends_with(o)).unwrap_or("");
        let version = rest.get(at..).unwrap_or("");
        let end =
            version.find(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '=' | ',')).unwrap_or(version.len());
        let (version, behind) = version.split_at(end);
        let mut numbers = version.split(['.', '-', '+']);
        let major = numbers.next().and_then(|n| n.parse().ok()).unwrap_or(3);
        let whole = numbers.all(|n| matches!(n, "0" | "x" | "*"));
        found.push((operator, major, whole));
        rest = behind;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Exact versions, ranges and open ranges name the newest version they allow.
    #[test]
    fn ranges_name_a_version() {
        let cases = [
            ("3", Version::V3),
            ("^3.0.0", Version::V3),
            ("~2.72.0", Version::V2),
            ("4", Version::V4),
            (">=1.0.0 <2.0.0", Version::V1),
            (">=2.0.0 <4.0.0", Version::V3),
            (">=1.2.0 <=2", Version::V2),
            ("<3.39.0", Version::V3),
            (">=1", Version::V3),
            (">= 4.0.0", Version::V4),
            ("2 || 3", Version::V3),
            ("1.83.3", Version::V1),
            ("v3", Version::V3),
        ];
        for (range, version) in cases {
            assert_eq!(of_range(range), Some(version), "{range}");
        }
        assert_eq!(of_range("*"), None);
    }
}
