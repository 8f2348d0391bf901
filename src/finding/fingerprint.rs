//! What makes a finding the same one tomorrow: rule, file, resource, property and value, never a line.

use foldhash::{HashMap, HashMapExt};
use sha2::{Digest, Sha256};

use super::{Failure, Finding};

/// The name of this way of making fingerprints, for reports and baselines.
pub const FINGERPRINT: &str = "portcullis/v1";

/// The fingerprints of a run's findings, in their order.
///
/// They must be all of the run's findings in the order of reports: findings that are alike in everything
/// are told apart by counting them.
#[must_use]
pub fn fingerprints(findings: &[Finding]) -> Vec<String> {
    let mut seen: HashMap<[u8; 32], u32> = HashMap::new();
    let mut all = Vec::with_capacity(findings.len());
    for finding in findings {
        let first = digest(finding, 0);
        let count = seen.entry(first).or_insert(0);
        all.push(hex(&if *count == 0 { first } else { digest(finding, *count) }));
        *count += 1;
    }
    all
}

/// The fingerprint of a file that could not be checked.
#[must_use]
pub fn failure_fingerprint(failure: &Failure) -> String {
    let mut sha = Sha256::new();
    for part in [FINGERPRINT, "failure", &failure.file, &failure.message] {
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part.as_bytes());
    }
    hex(&<[u8; 32]>::from(sha.finalize()))
}

fn digest(finding: &Finding, nth: u32) -> [u8; 32] {
    let mut sha = Sha256::new();
    let parts = [
        FINGERPRINT,
        &finding.rule,
        finding.place.file(),
        finding.resource.as_deref().unwrap_or(""),
        &finding.path,
        finding.value_digest.as_deref().unwrap_or(""),
    ];
    for part in parts {
        // The length keeps `a` + `bc` and `ab` + `c` apart.
        sha.update((part.len() as u64).to_le_bytes());
        sha.update(part.as_bytes());
    }
    sha.update(nth.to_le_bytes());
    sha.finalize().into()
}

fn hex(bytes: &[u8; 32]) -> String {
    let digit = |four: u8| char::from(if four < 10 { b'0' + four } else { b'a' + four - 10 });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::{Kind, Place};
    use super::*;
    use crate::rulebook::{Category, Confidence, Severity};
    use crate::source::Source;

    fn finding(text: &str, start: u32, path: &str) -> Finding {
        Finding {
            rule: "rule".into(),
            severity: Severity::High,
            confidence: Confidence::High,
            category: Category::Iam,
            kind: Kind::Fail,
            title: "title".into(),
            message: "message".to_owned(),
            under: None,
            resource: Some("Role".to_owned()),
            resource_type: None,
            construct: None,
            path: path.to_owned(),
            place: Place::new(Arc::new(Source::new("a.yaml", text)), start, start + 1),
            label: None,
            related: Vec::new(),
            help: None,
            fixes: Vec::new(),
            value_digest: None,
            suppressed: None,
        }
    }

    /// Lines above do not change a fingerprint.
    #[test]
    fn lines_do_not_count() {
        let before = fingerprints(&[finding("a: 1\n", 0, "a")]);
        let after = fingerprints(&[finding("# new\n\na: 1\n", 7, "a")]);
        assert_eq!(before, after);
        assert_eq!(before[0].len(), 64);
    }

    /// Findings that are alike in everything have different fingerprints, the first the plain one.
    #[test]
    fn equal_ones_are_counted() {
        let all = fingerprints(&[finding("a", 0, "a"), finding("a", 0, "b"), finding("a", 0, "a")]);
        assert_eq!(all[0], fingerprints(&[finding("a", 0, "a")])[0]);
        assert_ne!(all[0], all[2]);
        assert_ne!(all[0], all[1]);
    }
}
