//! Every suppression of a scan, gathered from comments and metadata.

use std::ops::Range;
use std::sync::Arc;

use foldhash::{HashMap, HashMapExt};

use super::directive::{Directive, Rules, Scope, Target, Wanted, sorted};
use super::foreign::{self, Said, wildcard};
use super::layout::Layout;
use super::notice::{EXPIRED, Notice, UNKNOWN_RULE, UNUSED};
use super::{Date, Settings, Text, comment, metadata};
use crate::config::{Catalogue, Peer, Selector, SelectorError, Unresolved, Voice, did_you_mean};
use crate::finding::{Edit, Fix, Place, Safety};
use crate::rulebook::Category;
use crate::source::Span;
use crate::syntax::Comment;

/// How many names the suppressions of a scan may hold: beyond it is no template that a person keeps.
const MAX_TARGETS: usize = 10_000;

/// How many unknown names are answered with the one that was perhaps meant.
const MAX_GUESSES: usize = 50;

/// Gathers suppressions, and what is wrong with them.
pub(super) struct Collector<'t, 'a> {
    texts: &'t [Text<'a>],
    layouts: &'t [Layout<'t, 'a>],
    settings: &'t Settings<'t>,
    /// The text that is being read.
    at: usize,
    targets: usize,
    guesses: usize,
    /// What names stand for; beyond [`MAX_TARGETS`] of them the others are taken for nothing.
    known: HashMap<String, Result<Vec<String>, Unresolved>>,
    pub directives: Vec<Directive>,
    pub notices: Vec<Notice>,
}

/// A suppression that is being read.
pub(super) struct Draft {
    span: Span,
    voice: Voice,
    by: &'static str,
    scope: Scope,
    targets: Vec<Target>,
    list: Option<Span>,
    pub reason: Option<String>,
    pub until: Option<(Date, Span)>,
}

impl Draft {
    pub(super) fn new(span: Span, voice: Voice, by: &'static str, scope: Scope) -> Self {
        Self { span, voice, by, scope, targets: Vec::new(), list: None, reason: None, until: None }
    }

    /// A name that the user wrote beside the template, for more than one resource perhaps: whether one of them needs it says nothing.
    pub(super) fn target_elsewhere(&mut self, name: &str, span: Span, rules: Rules, values: Vec<Wanted>) {
        self.targets.push(Target { name: name.to_owned(), span, rules, values, used: true, void: 0 });
    }

    pub(super) fn target(&mut self, name: &str, span: Span, rules: Rules, values: Vec<Wanted>) {
        self.targets.push(Target { name: name.to_owned(), span, rules, values, used: false, void: 0 });
    }
}

impl<'t, 'a> Collector<'t, 'a> {
    pub(super) fn new(texts: &'t [Text<'a>], layouts: &'t [Layout<'t, 'a>], settings: &'t Settings<'t>) -> Self {
        let (directives, notices) = (Vec::new(), Vec::new());
        Self { texts, layouts, settings, at: 0, targets: 0, guesses: 0, known: HashMap::new(), directives, notices }
    }

    /// Reads every text.
    pub(super) fn all(&mut self) {
        for at in 0..self.texts.len() {
            self.at = at;
            self.text();
        }
    }

    fn text(&mut self) {
        let (Some(text), Some(layout)) = (self.texts.get(self.at), self.layouts.get(self.at)) else { return };
        for comment in &text.document.comments {
            self.comment(comment, layout);
        }
        if let Some(root) = text.document.root() {
            let whole = if self.at == 0 { Scope::All } else { Scope::Text };
            let resources = root.get("resources").filter(|r| r.is_mapping());
            for metadata in [root.get("Metadata"), resources.and_then(|r| r.get("Metadata"))] {
                metadata.into_iter().for_each(|m| metadata::read(self, m, &whole));
            }
            root.get("custom").into_iter().for_each(|custom| metadata::read_custom(self, custom, &whole));
        }
        for block in layout.blocks() {
            if let Some(found) = block.body.get("Metadata") {
                metadata::read(self, found, &Scope::Resource(block.id.to_owned(), block.span));
            }
        }
    }

    /// What the app acknowledges of a construct.
    pub(super) fn acknowledged(&self, construct: &str) -> Vec<(String, String)> {
        self.settings.acknowledged.map(|ask| ask(construct)).unwrap_or_default()
    }

    fn comment(&mut self, comment: &Comment<'_>, layout: &Layout<'_, '_>) {
        if self.honors(Voice::Native)
            && let Some(written) = comment::read(comment.text)
        {
            self.own(comment, layout, written);
        }
        for said in foreign::read(comment.text) {
            self.foreign(comment, layout, said);
        }
    }

    fn own(&mut self, comment: &Comment<'_>, layout: &Layout<'_, '_>, written: comment::Written<'_>) {
        let part = |range: &Range<usize>| part(comment, range);
        for complaint in &written.complaints {
            self.notice(UNKNOWN_RULE, part(&complaint.at), complaint.message.clone(), complaint.help.clone(), None);
        }
        // Half understood it may mean less than it says: it does not count.
        if !written.complaints.is_empty() || written.names.is_empty() {
            return;
        }
        let scope = if written.whole_file {
            if !layout.is_first(comment) {
                let message = "`ignore-file` counts only above everything else in the file".to_owned();
                let help = Some("move it to the top, or write `ignore` for one resource or line".to_owned());
                return self.notice(UNUSED, comment.span, message, help, None);
            }
            if self.at == 0 { Scope::All } else { Scope::Text }
        } else {
            let line = layout.target(comment);
            layout.block_on(line).map_or(Scope::Line(line), |b| Scope::Resource(b.id.to_owned(), b.span))
        };
        let mut draft = Draft::new(comment.span, Voice::Native, "comment", scope);
        draft.list = Some(part(&written.list));
        draft.reason = written.reason;
        if let Some((at, day)) = &written.until {
            match Date::parse(day) {
                Some(day) => draft.until = Some((day, part(at))),
                None => return self.no_day(part(at), day),
            }
        }
        for (at, name) in &written.names {
            let values = written.values.iter().cloned().map(Wanted::Exact).collect();
            self.own_target(&mut draft, name, part(at), values);
        }
        self.push(draft);
    }

    fn foreign(&mut self, comment: &Comment<'_>, layout: &Layout<'_, '_>, said: Said<'_>) {
        let part = |range: &Range<usize>| part(comment, range);
        let whole = if self.at == 0 { Scope::All } else { Scope::Text };
        match said {
            Said::Checkov(names, reason) => {
                if !self.honors(Voice::Checkov) {
                    return;
                }
                let (secrets, checks): (Vec<_>, Vec<_>) = names.into_iter().partition(|(_, id)| is_checkovs_secret(id));
                let block = layout.block_around(comment).map(|b| Scope::Resource(b.id.to_owned(), b.span));
                // What looks like a secret is skipped where it stands, and nowhere else.
                let line = Scope::Line(layout.target(comment));
                for (names, scope) in [(checks, block), (secrets, Some(line))] {
                    let Some(scope) = scope.filter(|_| !names.is_empty()) else { continue };
                    let mut draft = Draft::new(comment.span, Voice::Checkov, Voice::Checkov.name(), scope);
                    draft.reason = reason.map(str::to_owned);
                    for (at, id) in names {
                        let rules = if is_checkovs_secret(id) {
                            // What checkov has another check for, as of functions' environments, it still tells of.
                            let secrets = self.catalogue().iter().filter(|rule| {
                                rule.head.category == Category::Secrets && rule.ids(Peer::Checkov).next().is_none()
                            });
                            Rules::some(secrets.map(|rule| rule.head.name.as_str()))
                        } else {
                            Rules::some(self.catalogue().rules_of(Peer::Checkov, id))
                        };
                        draft.target(id, part(&at), rules, Vec::new());
                    }
                    self.push(draft);
                }
            }
            Said::Trivy((at, id), until) => {
                if !self.honors(Voice::Trivy) {
                    return;
                }
                let line = layout.target(comment);
                let scope = below(layout, line);
                let mut draft = Draft::new(comment.span, Voice::Trivy, Voice::Trivy.name(), scope);
                match until {
                    Some(Ok(day)) => draft.until = Some((day, part(&at))),
                    Some(Err(day)) => return self.no_day(part(&at), day),
                    None => {}
                }
                let rules = if id == "*" {
                    Rules::All
                } else {
                    let long = id.get(..4).is_some_and(|f| f.eq_ignore_ascii_case("AVD-"));
                    let bare = if long { id.get(4..).unwrap_or(id) } else { id };
                    Rules::some(self.catalogue().rules_where(Peer::Trivy, |known| wildcard(bare, known)))
                };
                draft.target(id, part(&at), rules, Vec::new());
                self.push(draft);
            }
            Said::KicsFile => {
                if layout.is_first(comment) {
                    self.kics(comment, whole);
                }
            }
            Said::KicsLine => {
                let line = layout.below(layout.line(comment.span.start));
                self.kics(comment, Scope::Line(line));
            }
            Said::KicsBlock => {
                let line = layout.below(layout.line(comment.span.start));
                self.kics(comment, below(layout, line));
            }
            Said::KicsDisable(names) => {
                if layout.is_first(comment) && self.honors(Voice::Kics) {
                    let mut draft = Draft::new(comment.span, Voice::Kics, Voice::Kics.name(), whole);
                    for (at, id) in names {
                        let rules = Rules::some(self.catalogue().rules_of(Peer::Kics, id));
                        draft.target(id, part(&at), rules, Vec::new());
                    }
                    self.push(draft);
                }
            }
        }
    }

    fn kics(&mut self, comment: &Comment<'_>, scope: Scope) {
        if self.honors(Voice::Kics) {
            let mut draft = Draft::new(comment.span, Voice::Kics, Voice::Kics.name(), scope);
            draft.target("all", comment.span, Rules::All, Vec::new());
            self.push(draft);
        }
    }

    pub(super) fn honors(&self, voice: Voice) -> bool {
        self.settings.honor.contains(&voice)
    }

    pub(super) fn catalogue(&self) -> &'t Catalogue {
        self.settings.catalogue
    }

    /// Adds a name of our own to a suppression; an unknown one becomes a notice.
    pub(super) fn own_target(&mut self, draft: &mut Draft, name: &str, span: Span, values: Vec<Wanted>) {
        let resolved = match Selector::parse(name) {
            Ok(selector) if matches!(name, "*" | "all") => {
                let _ = selector;
                return draft.target(name, span, Rules::All, values);
            }
            Ok(selector) => self.resolve(name, &selector),
            Err(SelectorError::Peer(front, near)) => {
                let message = format!("`{front}` is no tool whose ids are known, so nothing is silenced");
                return self.notice(UNKNOWN_RULE, span, message, did_you_mean(near.as_deref()), None);
            }
            Err(error) => return self.notice(UNKNOWN_RULE, span, error.to_string(), None, None),
        };
        match resolved {
            Ok(rules) => draft.target(name, span, rules, values),
            Err(why) if !why.ambiguous.is_empty() => {
                let help = Some(format!("write one of {}", why.ambiguous.join(", ")));
                self.notice(UNKNOWN_RULE, span, format!("`{name}` is the id of several tools"), help, None);
            }
            Err(why) => {
                let near = why.nearest.as_deref();
                let fix = near.and_then(|near| self.instead(span, near));
                let message = format!("`{name}` names no rule, so nothing is silenced");
                self.notice(UNKNOWN_RULE, span, message, did_you_mean(near), fix);
            }
        }
    }

    fn resolve(&mut self, name: &str, selector: &Selector) -> Result<Rules, Unresolved> {
        if let Some(known) = self.known.get(name) {
            return known.clone().map(Rules::Some);
        }
        if self.known.len() >= MAX_TARGETS {
            return Err(Unresolved::default());
        }
        let found = self.look_up(selector);
        self.known.insert(name.to_owned(), found.clone());
        found.map(Rules::Some)
    }

    fn look_up(&mut self, selector: &Selector) -> Result<Vec<String>, Unresolved> {
        let catalogue = self.catalogue();
        if self.guesses >= MAX_GUESSES && !catalogue.iter().any(|r| selector.matches(r)) {
            return Err(Unresolved::default());
        }
        let found = catalogue.resolve(selector);
        self.guesses += usize::from(found.is_err());
        found.map(|rules| sorted(rules.into_iter().map(|r| r.head.name.as_str())))
    }

    pub(super) fn push(&mut self, draft: Draft) {
        let before = self.targets;
        self.targets += draft.targets.len();
        if self.targets > MAX_TARGETS {
            if before <= MAX_TARGETS {
                let message = format!("more than {MAX_TARGETS} suppressions: those from here on do not count");
                self.notice(UNUSED, draft.span, message, None, None);
            }
            return;
        }
        if !draft.targets.is_empty() {
            let Draft { span, voice, by, scope, targets, list, reason, until } = draft;
            self.directives.push(Directive { text: self.at, span, voice, by, targets, scope, reason, until, list });
        }
    }

    pub(super) fn misspelt(&mut self, span: Span, name: &str, meant: Option<&str>, what: &str) {
        let message = format!("`{name}` is no {what}, so nothing is silenced");
        let fix = meant.and_then(|meant| self.instead(span, meant));
        self.notice(UNKNOWN_RULE, span, message, did_you_mean(meant), fix);
    }

    pub(super) fn nameless(&mut self, span: Span, key: &str) {
        let message = format!("an entry without `{key}` silences nothing");
        self.notice(UNKNOWN_RULE, span, message, Some(format!("add `{key}`")), None);
    }

    pub(super) fn valueless(&mut self, span: Span) {
        let message = "`values` holds no text, so nothing is silenced".to_owned();
        let help = Some("write the values as they stand there, or leave `values` out".to_owned());
        self.notice(UNKNOWN_RULE, span, message, help, None);
    }

    pub(super) fn no_day(&mut self, span: Span, day: &str) {
        let message = format!("`{day}` is no day, so nothing is silenced");
        self.notice(EXPIRED, span, message, Some("write YYYY-MM-DD".to_owned()), None);
    }

    fn notice(&mut self, rule: &'static str, span: Span, message: String, help: Option<String>, fix: Option<Fix>) {
        let Some(place) = self.place(span) else { return };
        let resource = self.layouts.get(self.at).and_then(|l| l.block_at(span.start)).map(|b| b.id.to_owned());
        self.notices.push(Notice { rule, place, resource, message, help, fix });
    }

    /// A guess at what was meant: a person should look at it.
    fn instead(&self, span: Span, meant: &str) -> Option<Fix> {
        let edits = vec![Edit { place: self.place(span)?, text: meant.to_owned() }];
        Some(Fix { title: format!("write `{meant}`"), safety: Safety::Unsafe, edits })
    }

    fn place(&self, span: Span) -> Option<Place> {
        self.texts.get(self.at).map(|text| Place::new(Arc::clone(text.source), span.start, span.end))
    }
}

/// What begins on a line, as a scope: a whole resource covers what is made from it, too.
fn below(layout: &Layout<'_, '_>, line: u32) -> Scope {
    match (layout.block_on(line), layout.begins_on(line)) {
        (Some(block), _) => Scope::Resource(block.id.to_owned(), block.span),
        (None, Some(span)) => Scope::Range(span),
        (None, None) => Scope::Line(line),
    }
}

/// checkov numbers the sorts of secrets that it looks for in every file: `CKV_SECRET_6`.
fn is_checkovs_secret(id: &str) -> bool {
    id.get(..11).is_some_and(|front| front.eq_ignore_ascii_case("CKV_SECRET_"))
}

/// A part of a comment as bytes of its text.
fn part(comment: &Comment<'_>, range: &Range<usize>) -> Span {
    let byte = |at: usize| comment.span.start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX));
    Span::new(comment.span.file, byte(range.start), byte(range.end))
}
