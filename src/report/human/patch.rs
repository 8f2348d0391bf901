//! What a fix would change, as a difference.

use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{Group, Level, Patch, Snippet};

use super::super::mask::Masks;
use super::super::window::Window;
use crate::finding::{Edit, Finding, Safety, shown};

/// Larger differences are left to `--diff`.
const LINES: u32 = 40;

/// The best fix of a block's first finding, and who applies it.
pub(super) fn group(block: &[&Finding], masks: &Masks, wrapped: impl Fn(String) -> String) -> Option<Group<'static>> {
    let fix = block.first().filter(|f| f.suppressed.is_none())?.fixes.first()?;
    let what = if block.len() > 1 { format!("all {}", block.len()) } else { "it".to_owned() };
    let who = match fix.safety {
        Safety::Safe => format!("`--fix` does {what}"),
        Safety::Unsafe => format!("it may change what works; `--fix=all` does {what}"),
    };
    let title = wrapped(format!("{} ({who})", shown(&fix.title, false)));
    let mut group = Group::with_title(Level::HELP.with_name("fix").secondary_title(title));
    let mut edits = fix.edits.as_slice();
    while let Some(edit) = edits.first() {
        let path = edit.place.file();
        let same = edits.iter().position(|e| e.place.file() != path).unwrap_or(edits.len());
        let (these, others) = edits.split_at(same);
        if let Some(snippet) = snippet(these, masks) {
            group = group.element(snippet);
        }
        edits = others;
    }
    Some(group)
}

fn snippet(edits: &[Edit], masks: &Masks) -> Option<Snippet<'static, Patch<'static>>> {
    let source = Arc::clone(&edits.first()?.place.source);
    let first = edits.iter().map(|e| e.place.from().line).min()?;
    let last = edits.iter().map(|e| e.place.to().line).max()?;
    let lines: u32 = edits.iter().map(|e| u32::try_from(e.text.lines().count()).unwrap_or(LINES)).sum();
    let long = edits.iter().any(|e| e.text.lines().any(|l| l.len() > 400));
    if last - first > LINES || lines > LINES || long {
        return None;
    }
    // The renderer trusts us in this, too.
    if edits.windows(2).any(|pair| matches!(pair, [a, b] if a.place.end > b.place.start)) {
        return None;
    }
    let points: Vec<Range<u32>> = edits.iter().map(|e| e.place.start..e.place.end).collect();
    let window = Window::new(&source, first, last, &points, masks);
    if window.cut {
        return None;
    }
    let patches: Vec<_> =
        edits.iter().zip(&points).map(|(e, p)| Patch::new(window.range(p), shown(&e.text, true))).collect();
    Some(Snippet::source(window.text).line_start(first as usize).path(shown(source.path(), false)).patches(patches))
}
