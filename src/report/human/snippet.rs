//! The lines that findings point at, with what each of them does written below.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{Annotation, AnnotationKind, Element, Origin, Snippet};

use super::super::lines::OneLine;
use super::super::mask::Masks;
use super::super::window::Window;
use crate::finding::{Finding, Label, Place, shown};
use crate::source::Source;

/// Places farther apart than this are shown as snippets of their own.
const FAR: u32 = 200;
/// How far up we look for the line that names the resource.
const UPWARDS: u32 = 400;

/// Something to draw on a line.
struct Mark {
    source: Arc<Source>,
    line: u32,
    range: Range<u32>,
    kind: AnnotationKind,
    label: Option<String>,
}

/// The snippets of findings of one file that are shown together: first the one that matters.
pub(super) fn elements(findings: &[&Finding], masks: &Masks<'_>) -> Vec<Element<'static>> {
    let mut marks = Vec::new();
    for finding in findings {
        let label = finding.label.as_ref().unwrap_or(&finding.message);
        marks.push(mark(&finding.place, AnnotationKind::Primary, label));
        marks.extend(owner(finding));
        for Label { place, message } in &finding.related {
            marks.push(mark(place, AnnotationKind::Context, message));
        }
    }
    let Some(file) = findings.first().map(|f| f.place.file().to_owned()) else { return Vec::new() };
    marks.sort_by(|a, b| {
        let other = |m: &Mark| m.source.path() != file;
        (other(a), a.source.path(), a.line, a.range.start).cmp(&(other(b), b.source.path(), b.line, b.range.start))
    });
    let mut clusters: Vec<Vec<Mark>> = Vec::new();
    for mark in marks {
        let near = clusters.last().and_then(|c| c.last()).is_some_and(|last| {
            last.source.path() == mark.source.path() && mark.line - last.line.min(mark.line) <= FAR
        });
        match clusters.last_mut() {
            Some(cluster) if near => cluster.push(mark),
            _ => clusters.push(vec![mark]),
        }
    }
    // The first snippet is the one with the finding, wherever its causes stand.
    clusters.sort_by_key(|c| !c.iter().any(|m| m.kind == AnnotationKind::Primary));
    clusters.iter().flat_map(|cluster| snippet(cluster, masks)).collect()
}

fn snippet(cluster: &[Mark], masks: &Masks<'_>) -> Vec<Element<'static>> {
    let Some(first) = cluster.first() else { return Vec::new() };
    let last = cluster.iter().map(|m| m.line).max().unwrap_or(first.line);
    let points: Vec<Range<u32>> = cluster.iter().map(|m| m.range.clone()).collect();
    let window = Window::new(&first.source, first.line, last, &points, masks);
    let annotations = cluster.iter().map(|m| {
        let annotation: Annotation<'static> = m.kind.span(window.range(&m.range));
        annotation.label(m.label.clone())
    });
    let annotations: Vec<_> = annotations.collect();
    let main = cluster.iter().find(|m| m.kind == AnnotationKind::Primary);
    let main = main.or_else(|| cluster.iter().find(|m| m.kind == AnnotationKind::Context)).unwrap_or(first);
    let at = main.source.position(main.range.start);
    // Written by us: the window is not the file, and its columns are not the file's.
    let origin = Origin::path(shown(main.source.path(), false)).line(at.line as usize).char_column(at.column as usize);
    let snippet = Snippet::source(window.text).line_start(window.first as usize).annotations(annotations);
    vec![origin.into(), snippet.into()]
}

fn mark(place: &Place, kind: AnnotationKind, label: &str) -> Mark {
    let line = OneLine::of(place);
    let label = Some(shown(label, false)).filter(|l| !l.trim().is_empty());
    Mark { source: Arc::clone(&place.source), line: line.line, range: line.start..line.end, kind, label }
}

/// The line above that names the resource: without it, one `Principal: "*"` looks like another.
fn owner(finding: &Finding) -> Option<Mark> {
    let source = &finding.place.source;
    let id = finding.resource.as_deref().filter(|id| !id.is_empty())?;
    let here = finding.place.from().line;
    let line = (here.saturating_sub(UPWARDS).max(1)..here).rev().find(|&line| {
        let text = source.lines().content(source.text(), line).trim_start();
        let text = text.strip_prefix(['"', '\'']).unwrap_or(text);
        let rest = text.strip_prefix(id).map(|rest| rest.trim_start_matches(['"', '\'']).trim_start());
        rest.is_some_and(|rest| rest.starts_with(':'))
    })?;
    let start = source.lines().start(line);
    Some(Mark { source: Arc::clone(source), line, range: start..start, kind: AnnotationKind::Visible, label: None })
}
