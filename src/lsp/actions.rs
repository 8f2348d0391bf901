//! What can be done about a finding: mend it, silence it with a reason, mend everything.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use lsp_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionTriggerKind, Diagnostic, DocumentChanges, OneOf,
    OptionalVersionedTextDocumentIdentifier, Range, TextDocumentEdit, TextEdit, Uri, WorkspaceEdit,
};

use super::check::{Look, Verdict, check};
use super::client::{Client, FIX_ALL};
use super::encoding::Encoding;
use crate::finding::{Edit, Finding, Fix, Safety};
use crate::fix;
use crate::scan::Workshop;
use crate::source::{Arena, FileId, Source};
use crate::suppress::{self, Reach};
use crate::syntax;

/// A fix may make room for the next one; nothing sensible takes longer than this.
const ROUNDS: usize = 12;

/// For how many findings of a selection it is offered to silence each: nobody reads a longer menu.
const MOST_SILENCED: usize = 100;

/// What stands for a reason until somebody writes one.
const REASON: &str = "TODO: say why";

/// What the editor asks about.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    /// The document, as the editor calls it.
    pub(super) uri: Uri,
    /// Its version.
    pub(super) version: i32,
    /// What is selected.
    pub(super) range: Range,
    /// The kinds that are wanted; without them, all.
    pub(super) only: Option<Vec<CodeActionKind>>,
    /// Who asks: the user, or the editor by itself.
    pub(super) trigger: Option<CodeActionTriggerKind>,
}

/// A finding of the document, with its diagnostic.
pub(super) type Shown = (Finding, Diagnostic);

/// What can be done about the findings in a range.
pub(super) fn actions(
    asked: &Asked,
    look: &Look,
    workshop: &Workshop,
    findings: &[Shown],
    client: &Client,
) -> Vec<CodeActionOrCommand> {
    let desk = Desk { asked, client, source: &look.source };
    let mut actions = Vec::new();
    let touched: Vec<&Shown> =
        findings.iter().filter(|(_, diagnostic)| touches(diagnostic.range, asked.range)).collect();
    if asked.wants(&CodeActionKind::QUICKFIX) {
        let mut fixes: Vec<CodeAction> = touched.iter().flat_map(|shown| desk.fixes(shown)).collect();
        // Two findings may have one cure.
        let mut seen = HashSet::new();
        fixes.retain(|fix| seen.insert(serde_json::to_string(&fix.edit).unwrap_or_default()));
        actions.extend(fixes);
        actions.extend(desk.silences(touched.iter().copied().take(MOST_SILENCED), workshop));
    }
    // Editors ask by themselves on every movement; mending everything is for who asks for it.
    let idle = asked.only.is_none() && asked.trigger == Some(CodeActionTriggerKind::AUTOMATIC);
    if asked.wants(&FIX_ALL) && !idle {
        actions.extend(fix_all(&desk, look, workshop, findings));
    }
    actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()
}

impl Asked {
    /// Whether a kind of action is wanted: a kind that was asked for stands for those below it too.
    fn wants(&self, kind: &CodeActionKind) -> bool {
        let below = |wide: &CodeActionKind| {
            let rest = kind.as_str().strip_prefix(wide.as_str());
            rest.is_some_and(|rest| rest.is_empty() || wide.as_str().is_empty() || rest.starts_with('.'))
        };
        self.only.as_ref().is_none_or(|only| only.iter().any(below))
    }
}

/// True when two ranges have a place in common, their ends included.
pub(super) fn touches(a: Range, b: Range) -> bool {
    a.start <= b.end && b.start <= a.end
}

struct Desk<'d> {
    asked: &'d Asked,
    client: &'d Client,
    source: &'d Arc<Source>,
}

impl Desk<'_> {
    fn fixes(&self, (finding, diagnostic): &Shown) -> Vec<CodeAction> {
        let first_safe = finding.fixes.iter().position(|fix| fix.safety == Safety::Safe);
        let action = |(at, fix): (usize, &Fix)| {
            let warning = match fix.safety {
                Safety::Safe => "",
                Safety::Unsafe => " (may change what works)",
            };
            let title = format!("{}{warning}", capital(&fix.title));
            let preferred = (first_safe == Some(at)).then_some(true);
            Some(CodeAction { is_preferred: preferred, ..self.action(title, diagnostic, self.edits(&fix.edits)?) })
        };
        finding.fixes.iter().enumerate().filter_map(action).collect()
    }

    fn silences<'s>(&self, shown: impl Iterator<Item = &'s Shown>, workshop: &Workshop) -> Vec<CodeAction> {
        let may_be = |(finding, _): &&Shown| {
            !workshop.unsuppressible(&finding.rule) && !finding.rule.starts_with("suppression-")
        };
        let mut shown = shown.filter(may_be).peekable();
        if shown.peek().is_none() {
            return Vec::new();
        }
        let arena = Arena::new();
        let document = syntax::parse_file(&arena, FileId(0), self.source.path(), self.source.text());
        let text = suppress::Text { source: self.source, document: &document };
        let writer = suppress::Writer::new(&text);
        let actions = |(finding, diagnostic): &'s Shown| {
            let action = |reach| {
                let silence = writer.silence(finding, reach, REASON)?;
                Some(self.action(capital(&silence.title), diagnostic, self.edits(&silence.edits)?))
            };
            [Reach::Line, Reach::Resource, Reach::File].into_iter().filter_map(action).collect::<Vec<_>>()
        };
        shown.flat_map(actions).collect()
    }

    fn action(&self, title: String, diagnostic: &Diagnostic, edits: Vec<TextEdit>) -> CodeAction {
        CodeAction {
            title,
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![diagnostic.clone()]),
            edit: Some(self.workspace_edit(edits)),
            ..CodeAction::default()
        }
    }

    /// The edits of a fix, when all are of this document.
    fn edits(&self, edits: &[Edit]) -> Option<Vec<TextEdit>> {
        let here = edits.iter().all(|edit| edit.place.file() == self.source.path());
        let encoding = self.client.encoding;
        here.then(|| edits.iter().map(|e| TextEdit::new(encoding.range(&e.place), e.text.clone())).collect())
    }

    fn workspace_edit(&self, edits: Vec<TextEdit>) -> WorkspaceEdit {
        let uri = self.asked.uri.clone();
        if !self.client.versioned_edits {
            #[expect(clippy::mutable_key_type, reason = "the protocol's crate wants it so; an address never changes")]
            let changes = HashMap::from([(uri, edits)]);
            return WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() };
        }
        let text_document = OptionalVersionedTextDocumentIdentifier { uri, version: Some(self.asked.version) };
        let edit = TextDocumentEdit { text_document, edits: edits.into_iter().map(OneOf::Left).collect() };
        WorkspaceEdit { document_changes: Some(DocumentChanges::Edits(vec![edit])), ..WorkspaceEdit::default() }
    }
}

/// Everything that can be mended safely, as one action.
fn fix_all(desk: &Desk<'_>, look: &Look, workshop: &Workshop, findings: &[Shown]) -> Option<CodeAction> {
    let own = |findings: &mut dyn Iterator<Item = &Finding>| {
        let rounds = fix::round(findings, false);
        rounds.into_iter().find(|round| round.source.path() == look.source.path())
    };
    let first = own(&mut findings.iter().map(|(finding, _)| finding))?;
    let encoding = desk.client.encoding;
    let (mut text, mut rounds) = (first.text.clone(), 1);
    while rounds < ROUNDS {
        let source = Arc::new(Source::new(look.source.path(), text.as_str()));
        let verdict: Verdict = check(&Look { source, ..look.clone() }, workshop);
        let Some(next) = own(&mut verdict.findings.iter()) else { break };
        text = next.text;
        rounds += 1;
    }
    let edits = if rounds == 1 {
        // Each fix by itself, so that cursors and folds elsewhere stay where they are.
        let edit = |(range, new): &fix::Change| {
            let position = |offset| encoding.position(&look.source, offset);
            TextEdit::new(Range::new(position(range.start), position(range.end)), new.clone())
        };
        first.changes.iter().map(edit).collect()
    } else {
        vec![difference(&look.source, &text, encoding)]
    };
    Some(CodeAction {
        title: "Mend everything that can be mended safely".to_owned(),
        kind: Some(FIX_ALL),
        edit: Some(desk.workspace_edit(edits)),
        ..CodeAction::default()
    })
}

/// What is between the first and the last line that differ, as one edit.
fn difference(source: &Source, after: &str, encoding: Encoding) -> TextEdit {
    let before = source.text();
    let lines =
        |a: &mut dyn Iterator<Item = (&str, &str)>| a.take_while(|(x, y)| x == y).map(|(x, _)| x.len()).sum::<usize>();
    let start = lines(&mut before.split_inclusive('\n').zip(after.split_inclusive('\n')));
    let (rest, new) = (before.get(start..).unwrap_or(""), after.get(start..).unwrap_or(""));
    let end = lines(&mut rest.split_inclusive('\n').rev().zip(new.split_inclusive('\n').rev()));
    let position = |offset: usize| encoding.position(source, u32::try_from(offset).unwrap_or(u32::MAX));
    let range = Range::new(position(start), position(before.len() - end));
    TextEdit::new(range, new.get(..new.len() - end).unwrap_or("").to_owned())
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The edit between two texts makes one of the other, wherever they differ.
    #[test]
    fn the_difference_makes_one_of_the_other() {
        for (before, after) in [
            ("a\nb\nc\n", "a\nx\nc\n"),
            ("a\nb\nc\n", "b\nc\n"),
            ("a\na\n", "a\na\na\n"),
            ("a\nb", "a\nb\nc"),
            ("", "a\n"),
            ("a\n🦀 b\n", "a\n🦀 c\n"),
        ] {
            let source = Source::new("t", before);
            let edit = difference(&source, after, Encoding::Utf16);
            let at = |position| Encoding::Utf16.offset(&source, position) as usize;
            let mut out = before.to_owned();
            out.replace_range(at(edit.range.start)..at(edit.range.end), &edit.new_text);
            assert_eq!(out, after, "{before:?}");
        }
    }

    /// A wide kind that was asked for stands for the narrow ones, not for others that begin alike.
    #[test]
    fn kinds_are_nested() {
        let asked = |only: Option<&'static str>| Asked {
            uri: "file:///x".parse().expect("an address"),
            version: 0,
            range: Range::default(),
            only: only.map(|kind| vec![CodeActionKind::from(kind)]),
            trigger: None,
        };
        for kind in [None, Some(""), Some("source"), Some("source.fixAll"), Some("source.fixAll.portcullis")] {
            assert!(asked(kind).wants(&FIX_ALL), "{kind:?}");
        }
        for kind in ["quickfix", "source.fix", "source.fixAll.eslint"] {
            assert!(!asked(Some(kind)).wants(&FIX_ALL), "{kind}");
        }
    }
}
