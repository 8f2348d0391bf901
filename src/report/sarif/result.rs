//! A finding in SARIF.

use std::collections::BTreeMap;

use foldhash::{HashMap, HashMapExt};
use serde_json::json;
use serde_sarif::sarif::{
    ArtifactChange, ArtifactContent, ArtifactLocation, Fix as SarifFix, Location, LogicalLocation, PhysicalLocation,
    PropertyBag, Region, Replacement, Result as SarifResult, ResultKind, ResultLevel, Suppression as SarifSuppression,
};

use super::super::lines::OneLine;
use super::super::summary::visible;
use super::super::uri::uri;
use super::super::{Options, Rule};
use super::linehash::{LineHash, line_hashes};
use super::message;
use crate::finding::{Construct, FINGERPRINT, Finding, Fix, Kind, Place, Run, Suppression, fingerprints, scale, shown};
use crate::rulebook::Severity;

/// The worst results of a run, equal ones in the order of its findings, and how many there would be.
pub(super) fn worst(run: &Run, rules: &[Rule], options: &Options, most: usize) -> (usize, Vec<SarifResult>) {
    let index: HashMap<&str, usize> = rules.iter().enumerate().map(|(i, r)| (r.name.as_str(), i)).collect();
    let prints = fingerprints(&run.findings);
    let mut hashes: HashMap<&str, Vec<LineHash>> = HashMap::new();
    let mut on_line: HashMap<(&str, &str, u32), u32> = HashMap::new();
    let mut all: Vec<(usize, &Finding, u32)> = Vec::new();
    for (i, finding) in visible(run, options) {
        // Results of one rule on one line would be merged by their equal fingerprint.
        let further = on_line.entry((&finding.rule, finding.place.file(), finding.place.from().line)).or_insert(0);
        all.push((i, finding, *further));
        *further += 1;
    }
    let found = all.len();
    all.sort_by_key(|(_, finding, _)| std::cmp::Reverse(finding.severity));
    // A result is several thousand bytes: those that nobody will see are not made.
    all.truncate(most);
    let results = all.into_iter().map(|(i, finding, further)| {
        let source = &finding.place.source;
        let lines = hashes.entry(source.path()).or_insert_with(|| line_hashes(source.text()));
        let hash = lines.get(finding.place.from().line as usize - 1).copied().and_then(LineHash::text);
        let hash = hash.map(|h| if further == 0 { h } else { format!("{h}-{further}") });
        let mut partial = BTreeMap::new();
        partial.extend(hash.map(|h| ("primaryLocationLineHash".to_owned(), h)));
        partial.extend(prints.get(i).map(|p| (FINGERPRINT.to_owned(), p.clone())));
        let mut result = result(finding, options);
        result.partial_fingerprints = Some(partial);
        result.rule_index = index.get(&*finding.rule).and_then(|&i| i64::try_from(i).ok());
        result
    });
    (found, results.collect())
}

fn result(finding: &Finding, options: &Options) -> SarifResult {
    let mut place = Location::builder().physical_location(physical(&finding.place, true, options)).build();
    if let Some(name) = &finding.resource {
        let mut logical = LogicalLocation::builder().name(shown(name, false)).kind("object").build();
        logical.fully_qualified_name = Some(shown(&finding.path, false)).filter(|p| !p.is_empty());
        place.logical_locations = Some(vec![logical]);
    }
    if let Some(Construct { path, .. }) = &finding.construct {
        let name = path.rsplit('/').next().unwrap_or(path);
        let mut logical = LogicalLocation::builder().name(shown(name, false)).kind("construct").build();
        logical.fully_qualified_name = Some(shown(path, false));
        place.logical_locations.get_or_insert_default().push(logical);
    }
    let mut properties = BTreeMap::new();
    properties.insert("severity".to_owned(), json!(finding.severity.name()));
    properties.insert("confidence".to_owned(), json!(finding.confidence.name()));
    properties.extend(finding.resource_type.as_deref().map(|t| ("resourceType".to_owned(), json!(shown(t, false)))));
    properties.extend(finding.under.as_deref().map(|u| ("under".to_owned(), json!(shown(u, false)))));
    let (kind, level) = match finding.kind {
        Kind::Fail => (ResultKind::Fail, level(finding.severity)),
        // The standard wants no level where nothing has failed.
        Kind::Open => (ResultKind::Open, ResultLevel::None),
    };
    let mut related: Vec<Location> = finding
        .related
        .iter()
        .zip(1_i64..)
        .map(|(label, id)| {
            Location::builder()
                .id(id)
                .message(message(shown(&label.message, false)))
                .physical_location(physical(&label.place, false, options))
                .build()
        })
        .collect();
    if let Some((file, line, column)) = finding.made() {
        let region = Region::builder().start_line(i64::from(*line)).start_column(i64::from(*column)).build();
        let place = PhysicalLocation::builder().artifact_location(artifact(file, options)).region(region).build();
        let id = i64::try_from(related.len()).unwrap_or(i64::MAX).saturating_add(1);
        related.push(Location::builder().id(id).message(message(MADE.to_owned())).physical_location(place).build());
    }
    let mut result = SarifResult::builder()
        .rule_id(finding.rule.to_string())
        .kind(kind)
        .level(level)
        .message(message(sentence(finding)))
        .locations(vec![place])
        .properties(PropertyBag::builder().additional_properties(properties).build())
        .build();
    result.related_locations = Some(related).filter(|r| !r.is_empty());
    let fixes: Vec<SarifFix> = finding.fixes.iter().filter(|f| !f.edits.is_empty()).map(|f| fix(f, options)).collect();
    result.fixes = Some(fixes).filter(|f| !f.is_empty());
    result.suppressions = finding.suppressed.as_ref().map(|s| vec![suppression(s)]);
    result
}

/// What is said of the line of the program that a template was synthesised from.
const MADE: &str = "the app makes it here";

/// The message, the assumption and what to type; then the related places, linked: unlinked ones are not
/// shown.
fn sentence(finding: &Finding) -> String {
    let mut text = plain(&finding.message);
    if let Some(under) = &finding.under {
        text.push_str(&format!(", when {}", plain(under)));
    }
    text.push('.');
    if let Some(construct) = &finding.construct {
        text.push_str(&format!(" It was synthesised from the {}.", plain(&construct.to_string())));
    }
    if let Some(help) = &finding.help {
        let help = plain(help);
        let end = if help.trim_end().ends_with(['.', '!', '?', ':']) { "" } else { "." };
        text.push_str(&format!(" To mend it: {}{end}", help.trim_end()));
    }
    let labels = finding.related.iter().map(|label| label.message.as_str());
    let made = finding.made().map(|_| MADE);
    let links: Vec<String> =
        labels.chain(made).zip(1..).map(|(label, id)| format!("[{}]({id})", link(label))).collect();
    if !links.is_empty() {
        text.push_str(&format!(" See also: {}.", links.join(", ")));
    }
    text
}

/// Text of a template cannot make links of its own.
fn plain(text: &str) -> String {
    let text = shown(text, false);
    if text.contains("](") { link(&text) } else { text }
}

fn link(text: &str) -> String {
    shown(text, false).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

fn level(severity: Severity) -> ResultLevel {
    match scale(severity).sarif {
        "error" => ResultLevel::Error,
        "warning" => ResultLevel::Warning,
        _ => ResultLevel::Note,
    }
}

fn fix(fix: &Fix, options: &Options) -> SarifFix {
    let mut changes: Vec<ArtifactChange> = Vec::new();
    for edit in &fix.edits {
        let artifact = artifact(edit.place.file(), options);
        let replacement = Replacement::builder()
            .deleted_region(region(&edit.place))
            .inserted_content(ArtifactContent::builder().text(edit.text.clone()).build())
            .build();
        match changes.iter_mut().find(|c| c.artifact_location.uri == artifact.uri) {
            Some(change) => change.replacements.push(replacement),
            None => changes
                .push(ArtifactChange::builder().artifact_location(artifact).replacements(vec![replacement]).build()),
        }
    }
    let mut properties = BTreeMap::new();
    properties.insert("safety".to_owned(), json!(fix.safety.name()));
    SarifFix::builder()
        .description(message(shown(&fix.title, false)))
        .artifact_changes(changes)
        .properties(PropertyBag::builder().additional_properties(properties).build())
        .build()
}

fn suppression(suppression: &Suppression) -> SarifSuppression {
    let elsewhere = matches!(suppression.by.as_str(), "config" | "baseline");
    let kind = if elsewhere { "external" } else { "inSource" };
    let mut out = SarifSuppression::builder().kind(kind).status("accepted").build();
    out.justification = suppression.reason.as_deref().map(|r| shown(r, false));
    out
}

/// The file of a location.
pub(super) fn artifact(path: &str, options: &Options) -> ArtifactLocation {
    ArtifactLocation::builder().uri(uri(&options.prefix, path)).build()
}

fn physical(place: &Place, one_line: bool, options: &Options) -> PhysicalLocation {
    let cut = OneLine::of(place);
    let region = if one_line {
        region(&Place { source: std::sync::Arc::clone(&place.source), start: cut.start, end: cut.end })
    } else {
        region(place)
    };
    PhysicalLocation::builder().artifact_location(artifact(place.file(), options)).region(region).build()
}

fn region(place: &Place) -> Region {
    let (start_line, start_column) = place.source.position_in_utf16(place.start);
    let (end_line, end_column) = place.source.position_in_utf16(place.end);
    Region::builder()
        .start_line(i64::from(start_line))
        .start_column(i64::from(start_column))
        .end_line(i64::from(end_line))
        .end_column(i64::from(end_column))
        .build()
}
