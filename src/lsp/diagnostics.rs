//! Findings as diagnostics.

use std::str::FromStr;

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, Range, Uri,
};

use super::client::Client;
use super::encoding::Encoding;
use crate::finding::{Editor, Finding, Kind, Place, scale, shown};
use crate::report;

/// Who says it: other servers may speak about the same document.
pub(super) const SOURCE: &str = "portcullis";

/// The diagnostic of a finding; `address` says where another file is.
pub(super) fn diagnostic(finding: &Finding, client: &Client, address: impl Fn(&Place) -> Option<Uri>) -> Diagnostic {
    let related = finding.related.iter().filter_map(|label| {
        let location = Location::new(address(&label.place)?, client.encoding.range(&label.place.drawn()));
        Some(DiagnosticRelatedInformation { location, message: shown(&label.message, false) })
    });
    let related: Vec<_> = related.collect();
    Diagnostic {
        range: client.encoding.range(&finding.place.drawn()),
        severity: Some(severity(finding)),
        code: Some(NumberOrString::String(finding.rule.to_string())),
        code_description: page(&finding.rule).filter(|_| client.links).map(|href| CodeDescription { href }),
        source: Some(SOURCE.to_owned()),
        message: message(finding),
        related_information: (client.related_places && !related.is_empty()).then_some(related),
        tags: tag(&finding.rule).filter(|_| client.tags).map(|tag| vec![tag]),
        data: None,
    }
}

/// The diagnostic of a document that could not be checked because of a mistake in here.
pub(super) fn failure(words: &str) -> Diagnostic {
    Diagnostic {
        range: Range::default(),
        severity: Some(DiagnosticSeverity::ERROR),
        code: Some(NumberOrString::String("internal-error".to_owned())),
        source: Some(SOURCE.to_owned()),
        message: format!("this document could not be checked; please report it: {}", shown(words, false)),
        ..Diagnostic::default()
    }
}

/// The diagnostic of something wrong with a configuration.
pub(super) fn mistake(place: Option<&Place>, message: &str, encoding: Encoding) -> Diagnostic {
    Diagnostic {
        range: place.map(|place| encoding.range(place)).unwrap_or_default(),
        severity: Some(DiagnosticSeverity::ERROR),
        code: Some(NumberOrString::String("configuration".to_owned())),
        source: Some(SOURCE.to_owned()),
        message: shown(message, true),
        ..Diagnostic::default()
    }
}

/// The manual page of a rule, when the project says where it lives.
pub(super) fn page(rule: &str) -> Option<Uri> {
    Uri::from_str(&report::manual(rule)?).ok()
}

/// The message and its assumption, and below them the one thing to type.
fn message(finding: &Finding) -> String {
    let mut text = shown(&finding.message, false);
    if let Some(under) = &finding.under {
        text.push_str(&format!(" (when {})", shown(under, false)));
    }
    if finding.kind == Kind::Open {
        text.push_str(" (undetermined)");
    }
    if let Some(help) = &finding.help {
        text.push_str(&format!("\nhelp: {}", shown(help, false)));
    }
    text
}

fn severity(finding: &Finding) -> DiagnosticSeverity {
    if finding.kind == Kind::Open {
        return DiagnosticSeverity::HINT;
    }
    match scale(finding.severity).editor {
        Editor::Error => DiagnosticSeverity::ERROR,
        Editor::Warning => DiagnosticSeverity::WARNING,
        Editor::Information => DiagnosticSeverity::INFORMATION,
        Editor::Hint => DiagnosticSeverity::HINT,
    }
}

/// How a finding is drawn besides: struck through what AWS retires, faded what does nothing.
fn tag(rule: &str) -> Option<DiagnosticTag> {
    let word = |word: &str| rule.split('-').any(|part| part == word);
    if word("deprecated") {
        Some(DiagnosticTag::DEPRECATED)
    } else if word("unused") {
        Some(DiagnosticTag::UNNECESSARY)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::Catalogue;

    /// Tags go by words that rules are named with: what is deprecated, what is unused, and nothing else.
    #[test]
    fn tags_follow_names() {
        let catalogue = Catalogue::builtin();
        let tagged = |wanted: &DiagnosticTag| {
            let rules = catalogue.rules().iter().map(|rule| rule.head.name.as_str());
            rules.filter(|rule| tag(rule).as_ref() == Some(wanted)).collect::<Vec<_>>()
        };
        assert!(tagged(&DiagnosticTag::DEPRECATED).contains(&"lambda-deprecated-runtime"));
        assert!(tagged(&DiagnosticTag::UNNECESSARY).contains(&"suppression-unused"));
        assert_eq!(tag("s3-bucket-unencrypted"), None);
    }
}
