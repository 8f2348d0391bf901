//! The lines that findings point at, with what each of them does written below.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{Annotation, AnnotationKind, Snippet};

use super::super::lines::OneLine;
use super::super::mask::Masks;
use super::super::window::Window;
use crate::finding::{Finding, Label, Place, shown};
use crate::source::Source;

/// Places farther apart than this are shown as snippets of their own.
const FAR: u32 = 200;

/// Snippets, and what their headers get wrong.
pub(super) struct Shown {
    /// One for each cluster of places.
    pub snippets: Vec<Snippet<'static, Annotation<'static>>>,
    /// `path:line:column` in the window and in the file, where they differ: the renderer counts columns
    /// in what it was given, where hidden characters are escaped and long lines cut.
    pub corrections: Vec<(String, String)>,
    /// What there is no room for beside the places: it is said below.
    pub moved: Vec<String>,
}

/// Something to draw on a line.
struct Mark {
    source: Arc<Source>,
    line: u32,
    /// Where its place begins.
    at: u32,
    /// What is drawn of it.
    range: Range<u32>,
    kind: AnnotationKind,
    label: Option<String>,
    /// Whether what the label says is said elsewhere, too.
    said: bool,
}

/// The snippets of findings of one file that are shown together: first the one that matters.
pub(super) fn snippets(findings: &[&Finding], masks: &Masks, width: usize) -> Shown {
    let mut shown = Shown { snippets: Vec::new(), corrections: Vec::new(), moved: Vec::new() };
    let mut marks = Vec::new();
    for finding in findings {
        let label = finding.label.as_ref().unwrap_or(&finding.message);
        let said = finding.label.is_some() || finding.message == *finding.title;
        marks.push(Mark { said, ..mark(&finding.place, AnnotationKind::Primary, label) });
        marks.extend(owner(finding));
        for Label { place, message } in &finding.related {
            marks.push(mark(place, AnnotationKind::Context, message));
        }
    }
    let Some(file) = findings.first().map(|f| f.place.file().to_owned()) else { return shown };
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
    for cluster in &clusters {
        snippet(cluster, masks, width, (&file, findings.len() == 1), &mut shown);
    }
    shown
}

/// Of a `file`, in which there may be only one finding: what is said of that needs no line's number.
fn snippet(cluster: &[Mark], masks: &Masks, width: usize, (file, only): (&str, bool), out: &mut Shown) {
    let Some(first) = cluster.first() else { return };
    let last = cluster.iter().map(|m| m.line).max().unwrap_or(first.line);
    let points: Vec<Range<u32>> = cluster.iter().map(|m| m.range.clone()).collect();
    let window = Window::new(&first.source, first.line, last, &points, masks);
    let main = cluster.iter().find(|m| m.kind == AnnotationKind::Primary).unwrap_or(first);
    let path = shown(main.source.path(), false);
    let real = main.source.position(main.at);
    let before = window.text.get(..window.at(main.range.start)).unwrap_or("");
    let column = before.rsplit('\n').next().unwrap_or(before).chars().count() + 1;
    if (main.line, column) != (real.line, real.column as usize) {
        out.corrections
            .push((format!("{path}:{}:{column}", main.line), format!("{path}:{}:{}", real.line, real.column)));
    }
    let room = Room::of(cluster, &window, width.saturating_sub(last.to_string().len() + 3));
    let mut annotations = Vec::with_capacity(cluster.len());
    for mark in cluster {
        let range = window.range(&mark.range);
        // `from ${file(…)}` stands there already.
        let seen = mark.label.as_ref().is_some_and(|label| {
            label.strip_prefix("from ").is_some_and(|from| window.text.get(range.clone()) == Some(from))
        });
        let label = if seen { Some("read here".to_owned()) } else { mark.label.clone() };
        let label = label.filter(|label| room.holds(&window.text, &range, label));
        if let (None, Some(moved), false) = (&label, &mark.label, mark.said || seen) {
            let (path, line) = (shown(mark.source.path(), false), mark.line);
            out.moved.push(if only && mark.kind == AnnotationKind::Primary {
                moved.clone()
            } else if mark.source.path() == file {
                format!("line {line}: {moved}")
            } else {
                format!("{path}:{line}: {moved}")
            });
        }
        annotations.push(mark.kind.span(range).label(label));
    }
    out.snippets
        .push(Snippet::source(window.text).line_start(window.first as usize).path(path).annotations(annotations));
}

/// What stands for a beginning that is left out, with some air.
const ELLIPSIS: usize = 8;

/// How much of a line is to be seen: the renderer cuts lines, and leaves labels to the terminal, which breaks words.
struct Room {
    columns: usize,
    /// So much indentation the renderer leaves out.
    left_out: usize,
}

impl Room {
    fn of(cluster: &[Mark], window: &Window, columns: usize) -> Self {
        let indents = cluster.iter().map(|mark| {
            let line = line_around(&window.text, window.range(&mark.range).start).1;
            line.chars().take_while(|c| c.is_whitespace()).count()
        });
        let indent = indents.min().unwrap_or(0);
        Self { columns, left_out: if indent > 20 { indent - 16 } else { 0 } }
    }

    /// Whether a label has its place behind a range, whole.
    fn holds(&self, text: &str, range: &Range<usize>, label: &str) -> bool {
        let (start, line) = line_around(text, range.start);
        let count = |range: Range<usize>| text.get(range).map_or(0, |text| text.chars().count());
        let marked = count(range.clone()).max(1) + 1 + label.chars().count();
        let length = line.chars().count().saturating_sub(self.left_out);
        let before = count(start..range.start).saturating_sub(self.left_out);
        // The beginning of a line that is too long is left out when what is marked stands far behind it.
        let before = if length > self.columns && before > self.columns / 2 { ELLIPSIS } else { before };
        before + marked <= self.columns
    }
}

/// The line around a position: where it begins, and its text.
fn line_around(text: &str, at: usize) -> (usize, &str) {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    (start, text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or(""))
}

fn mark(place: &Place, kind: AnnotationKind, label: &str) -> Mark {
    let line = OneLine::of(&place.drawn());
    let label = Some(shown(label, false)).filter(|l| !l.trim().is_empty());
    let (source, range) = (Arc::clone(&place.source), line.start..line.end);
    Mark { source, line: line.line, at: place.start, range, kind, label, said: false }
}

/// The line above that names the resource: without it, one `Principal: "*"` looks like another.
fn owner(finding: &Finding) -> Option<Mark> {
    let source = &finding.place.source;
    let id = finding.resource.as_deref().filter(|id| !id.is_empty())?;
    // What stands elsewhere is another resource's, or, above all functions or in a section of values, none's.
    let inside = finding.path.is_empty() || finding.path.split(['.', '[']).any(|key| key == id);
    let other = || finding.path.strip_prefix("Resources.")?.split(['.', '[']).next();
    let id = if inside { id } else { other()? };
    let here = finding.place.from().line;
    let lines = source.lines();
    let above = lines.start(here.saturating_sub(FAR).max(1)) as usize..lines.start(here) as usize;
    let text = source.text().get(above.clone())?;
    let is_key = |at: &usize| {
        let (before, rest) = text.split_at(*at);
        let before = before.strip_suffix(['"', '\'']).unwrap_or(before).trim_end_matches([' ', '\t']);
        let rest = rest.get(id.len()..).unwrap_or("").trim_start_matches(['"', '\'']).trim_start_matches([' ', '\t']);
        (before.is_empty() || before.ends_with(['\n', '\r'])) && rest.starts_with(':')
    };
    let at = text.rmatch_indices(id).map(|(at, _)| at).find(is_key)?;
    let line = lines.line(u32::try_from(above.start + at).ok()?);
    let start = lines.start(line);
    Some(Mark {
        source: Arc::clone(source),
        line,
        at: start,
        range: start..start,
        kind: AnnotationKind::Visible,
        label: None,
        said: false,
    })
}
