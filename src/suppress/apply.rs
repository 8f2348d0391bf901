//! Suppressions against findings: what is silenced, and which silence is wrong.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::collect::Collector;
use super::directive::{Directive, Rules, Scope, Target};
use super::layout::{Layout, values_at};
use super::notice::{EXPIRED, NOT_ALLOWED, Notice, UNUSED, WITHOUT_REASON};
use super::{Settings, Text};
use crate::config::{ReportUnused, Voice};
use crate::finding::{Edit, Finding, Fix, Place, Safety, Suppression};
use crate::source::Span;

pub(super) fn apply(findings: &mut [Finding], texts: &[Text<'_>], settings: &Settings<'_>) -> Vec<Notice> {
    // Most files say nothing, and then there is nothing to lay out.
    if settings.acknowledged.is_none() && !texts.iter().any(may_say_something) {
        return Vec::new();
    }
    let layouts: Vec<_> = texts.iter().enumerate().map(|(at, text)| Layout::new(text, at == 0)).collect();
    let mut collector = Collector::new(texts, &layouts, settings);
    collector.all();
    let Collector { directives, mut notices, .. } = collector;
    let mut court = Court::new(texts, &layouts, settings, directives);
    for finding in findings.iter_mut() {
        let found = court.judge(&Case::of(finding, texts));
        if finding.suppressed.is_none() {
            finding.suppressed = found;
        }
    }
    notices.extend(court.void());
    notices.retain(|notice| court.judge(&Case::about(notice, texts)).is_none());
    let unused: Vec<_> = court.unused(findings).filter(|n| court.excuses(&Case::about(n, texts))).collect();
    notices.extend(unused);
    notices.sort_by(|a, b| (a.place.file(), a.place.start, a.rule).cmp(&(b.place.file(), b.place.start, b.rule)));
    notices
}

/// True when one of the words is in the text without which nobody can silence anything.
fn may_say_something(text: &Text<'_>) -> bool {
    static WORDS: OnceLock<Option<AhoCorasick>> = OnceLock::new();
    let words = WORDS.get_or_init(|| {
        let words = [
            "portcullis",
            "cfn_nag",
            "cfn-nag",
            "cdk_nag",
            "cdk-nag",
            "checkov",
            "bridgecrew",
            "cortex:skip",
            "cfn-lint",
            "cfn_lint",
            "guard",
            ":ignore:",
            "kics-scan",
        ];
        // With this kind of match the search looks at many bytes at once, if letters are what they are; the automaton behind it is hardly
        // asked, and this one is made soonest.
        let mut builder = AhoCorasick::builder();
        builder.match_kind(MatchKind::LeftmostFirst).kind(Some(AhoCorasickKind::NoncontiguousNFA)).build(words).ok()
    });
    words.as_ref().is_none_or(|words| words.is_match(&text.source.text().to_ascii_lowercase()))
}

/// A finding, or a notice, as suppressions see it.
struct Case<'f> {
    rule: &'f str,
    /// The text, when it is one that was read.
    text: Option<usize>,
    place: &'f Place,
    resource: Option<&'f str>,
}

impl<'f> Case<'f> {
    fn of(finding: &'f Finding, texts: &[Text<'_>]) -> Self {
        let place = &finding.place;
        Self { rule: &finding.rule, text: text_of(place, texts), place, resource: finding.resource.as_deref() }
    }

    fn about(notice: &'f Notice, texts: &[Text<'_>]) -> Self {
        let place = &notice.place;
        Self { rule: notice.rule, text: text_of(place, texts), place, resource: notice.resource.as_deref() }
    }
}

fn text_of(place: &Place, texts: &[Text<'_>]) -> Option<usize> {
    texts.iter().position(|t| Arc::ptr_eq(t.source, &place.source) || t.source.path() == place.file())
}

/// The suppressions of a scan, sorted for the question which of them are about a place.
struct Court<'t, 'a> {
    texts: &'t [Text<'a>],
    layouts: &'t [Layout<'t, 'a>],
    settings: &'t Settings<'t>,
    directives: Vec<Directive>,
    /// Those of one line, by text and line.
    lines: BTreeMap<(usize, u32), Vec<usize>>,
    /// Those of a resource, by its id.
    ids: BTreeMap<String, Vec<usize>>,
    /// Those of a resource, by text and first byte; resources never overlap.
    blocks: BTreeMap<(usize, u32), Vec<usize>>,
    /// All others.
    wide: Vec<usize>,
    /// Those of them that are about a rule, as far as it was asked about: of those that say the same of the whole
    /// template the first, once all of them are marked.
    wide_of: BTreeMap<String, Vec<usize>>,
}

/// Lines of findings, sorted, by text and rule.
type Active = BTreeMap<(usize, String), Vec<u32>>;

/// Why a suppression counts not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Void {
    Expired,
    NoReason,
    NotAllowed,
}

impl<'t, 'a> Court<'t, 'a> {
    fn new(
        texts: &'t [Text<'a>],
        layouts: &'t [Layout<'t, 'a>],
        settings: &'t Settings<'t>,
        directives: Vec<Directive>,
    ) -> Self {
        let (mut lines, mut blocks) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        let (mut ids, mut wide) = (BTreeMap::<String, Vec<_>>::new(), Vec::new());
        for (at, directive) in directives.iter().enumerate() {
            match &directive.scope {
                Scope::Line(line) => lines.entry((directive.text, *line)).or_default().push(at),
                Scope::Resource(id, span) => {
                    ids.entry(id.clone()).or_default().push(at);
                    blocks.entry((directive.text, span.start)).or_default().push(at);
                }
                Scope::Range(_) | Scope::Text | Scope::All => wide.push(at),
            }
        }
        Self { texts, layouts, settings, directives, lines, ids, blocks, wide, wide_of: BTreeMap::new() }
    }

    /// The suppression of a case, if there is one; all that are about it are marked as used.
    fn judge(&mut self, case: &Case<'_>) -> Option<Suppression> {
        let first = !self.wide.is_empty() && !self.wide_of.contains_key(case.rule);
        if first {
            let of =
                |at: &usize| self.directives.get(*at).is_some_and(|d| d.targets.iter().any(|t| t.rules.has(case.rule)));
            self.wide_of.insert(case.rule.to_owned(), self.wide.iter().copied().filter(of).collect());
        }
        let found = self.mark(case);
        if first {
            self.settle(case.rule);
        }
        found
    }

    /// Leaves out what would be marked again and again: of suppressions that count in the whole template and silence all
    /// there is of a rule, the first of those that name it and the first of those that name every rule are enough.
    fn settle(&mut self, rule: &str) {
        let (directives, settings) = (&self.directives, self.settings);
        let mut seen = [false; 2];
        if let Some(all) = self.wide_of.get_mut(rule) {
            all.retain(|at| {
                let Some(directive) = directives.get(*at) else { return false };
                let mut targets = directive.targets.iter().filter(|t| t.rules.has(rule));
                let plain = matches!(directive.scope, Scope::All) && void(directive, rule, settings).is_none();
                if !plain || !targets.clone().all(|t| t.values.is_empty()) {
                    return true;
                }
                let named = targets.any(|t| matches!(t.rules, Rules::Some(_)));
                !std::mem::replace(&mut seen[usize::from(named)], true)
            });
        }
    }

    fn mark(&mut self, case: &Case<'_>) -> Option<Suppression> {
        let mut found: Option<Suppression> = None;
        for at in self.about(case) {
            let Some(directive) = self.directives.get_mut(at) else { continue };
            let void = void(directive, case.rule, self.settings);
            let (texts, mut hit) = (self.texts, false);
            for target in directive.targets.iter_mut().filter(|t| t.rules.has(case.rule)) {
                if !wants(target, case, texts) {
                    continue;
                }
                if void.is_some() {
                    target.void += 1;
                } else {
                    target.used = true;
                    hit = true;
                }
            }
            if hit && found.is_none() {
                found = Some(Suppression {
                    by: directive.by.to_owned(),
                    reason: directive.reason.clone(),
                    until: directive.until.map(|(day, _)| day.to_string()),
                });
            }
        }
        found
    }

    /// True when nobody excuses a notice: the last question, after which no mark counts.
    fn excuses(&self, case: &Case<'_>) -> bool {
        !self.about(case).into_iter().filter_map(|at| self.directives.get(at)).any(|d| {
            void(d, case.rule, self.settings).is_none()
                && d.targets
                    .iter()
                    .any(|t| t.rules.has(case.rule) && t.values.is_empty() && matches!(t.rules, Rules::Some(_)))
        })
    }

    /// The suppressions whose scope holds a case, in the order they were written.
    fn about(&self, case: &Case<'_>) -> Vec<usize> {
        let by_id = case.resource.and_then(|id| self.ids.get(id));
        let before = case.text.map(|text| self.blocks.range((text, 0)..=(text, case.place.start)));
        let around = before.and_then(|mut before| before.next_back()).map(|(_, all)| all);
        let wide = self.wide_of.get(case.rule).unwrap_or(&self.wide);
        let likely = wide.iter().chain(by_id.into_iter().flatten()).chain(around.into_iter().flatten());
        let mut about: Vec<usize> = likely.copied().filter(|at| self.holds(*at, case)).collect();
        let sought = !self.lines.is_empty() || !self.blocks.is_empty();
        if let Some(layout) = case.text.and_then(|text| self.layouts.get(text)).filter(|_| sought) {
            let text = case.text.unwrap_or(0);
            let (first, last) = (layout.line(case.place.start), layout.line(last_byte(case.place)));
            if let Some(below) = layout.commented(first) {
                let lines = self.lines.get(&(text, below));
                let block = layout.block_on(below).and_then(|block| self.blocks.get(&(text, block.span.start)));
                about.extend(lines.into_iter().chain(block).flatten().copied());
            }
            about.extend(self.lines.range((text, first)..=(text, last)).flat_map(|(_, all)| all.iter().copied()));
        }
        about.sort_unstable();
        about.dedup();
        about
    }

    fn holds(&self, at: usize, case: &Case<'_>) -> bool {
        let Some(directive) = self.directives.get(at) else { return false };
        let here = case.text == Some(directive.text);
        let inside = |span: Span| here && span.start <= case.place.start && case.place.end <= span.end;
        match &directive.scope {
            Scope::All => true,
            Scope::Text => here,
            Scope::Range(span) => inside(*span),
            // A function of serverless.yml may have the name of a resource, and then what stands in the other is about that.
            Scope::Resource(id, span) => {
                inside(*span) || case.resource == Some(id) && !self.in_namesake(id, (directive.text, *span), case)
            }
            // They are found by their line.
            Scope::Line(_) => false,
        }
    }

    /// True when a case stands in another resource or function with the id of this one.
    fn in_namesake(&self, id: &str, (text, span): (usize, Span), case: &Case<'_>) -> bool {
        let layout = case.text.and_then(|text| self.layouts.get(text));
        let block = layout.and_then(|layout| layout.block_at(case.place.start)).filter(|block| block.id == id);
        block.is_some_and(|block| case.text != Some(text) || block.span.start != span.start)
    }

    /// What is to be said of suppressions that count not.
    fn void(&self) -> Vec<Notice> {
        let mut notices = Vec::new();
        for directive in &self.directives {
            let hits: usize = directive.targets.iter().map(|t| t.void).sum();
            if let Some((day, span)) = directive.until.filter(|(day, _)| *day < self.settings.today) {
                if hits > 0 {
                    let message = format!("this suppression ended on {day}: {} back", counted(hits));
                    let help = Some("mend what it silenced, or set a later day".to_owned());
                    notices.extend(self.notice(EXPIRED, directive, span, message, help, None));
                }
            } else if self.settings.require_reason && directive.reason.is_none() {
                let message = "a suppression without a reason silences nothing here".to_owned();
                let help = match directive.voice {
                    Voice::Native if directive.list.is_some() => "add ` -- ` and the reason",
                    Voice::Native | Voice::CfnNag | Voice::CdkNag => "add `reason`",
                    Voice::Checkov => "add the reason: after a colon in a comment, as `comment` in metadata",
                    Voice::CfnLint | Voice::Guard | Voice::Trivy | Voice::Kics => {
                        "it has no room for one: write `# portcullis: ignore[rule] -- reason`, or `Metadata.portcullis`"
                    }
                };
                // A peer's words for what is none of our rules are none of our business.
                if hits > 0 || directive.voice == Voice::Native {
                    notices.extend(self.notice(
                        WITHOUT_REASON,
                        directive,
                        directive.span,
                        message,
                        Some(help.into()),
                        None,
                    ));
                }
            } else {
                for target in directive.targets.iter().filter(|t| t.void > 0) {
                    let message = format!("the configuration lets nobody silence `{}`", target.name);
                    notices.extend(self.notice(NOT_ALLOWED, directive, target.span, message, None, None));
                }
            }
        }
        notices
    }

    /// What is to be said of suppressions that silence nothing.
    fn unused(&self, findings: &[Finding]) -> impl Iterator<Item = Notice> {
        let told = |voice: Voice| match self.settings.report_unused {
            ReportUnused::Own => voice == Voice::Native,
            ReportUnused::All => true,
            ReportUnused::None => false,
        };
        // What could not be read may hold what is silenced.
        let broken = self.texts.iter().any(|t| t.document.broken());
        let (active, mut notices) = (self.active(findings), Vec::new());
        for directive in self.directives.iter().filter(|d| told(d.voice) && !broken) {
            let idle = |target: &&Target| !target.used && target.void == 0 && self.ran(target);
            let idle: Vec<_> = directive.targets.iter().filter(idle).collect();
            if idle.is_empty() || self.settings.require_reason && directive.reason.is_none() {
                continue;
            }
            if idle.len() == directive.targets.len() {
                let names: Vec<_> = idle.iter().map(|t| format!("`{}`", t.name)).collect();
                let message = format!("nothing here needs {} to be silenced", names.join(", "));
                let fix = self.without(directive);
                let help = self.elsewhere(directive, &idle, &active);
                notices.extend(self.notice(UNUSED, directive, directive.span, message, Some(help), fix));
                continue;
            }
            for target in idle {
                let message = format!("nothing here needs `{}` to be silenced", target.name);
                let help = self.elsewhere(directive, &[target], &active);
                let fix = self.without_one(directive, target);
                notices.extend(self.notice(UNUSED, directive, target.span, message, Some(help), fix));
            }
        }
        notices.into_iter()
    }

    /// True when one of the rules that a name stands for was asked in this scan.
    fn ran(&self, target: &Target) -> bool {
        match &target.rules {
            Rules::All => true,
            // The rules of this room are always asked.
            Rules::Some(names) => names.iter().any(|n| (self.settings.ran)(n) || super::RULES.contains(&n.as_str())),
        }
    }

    /// The line of a finding that the suppression may have been meant for.
    fn elsewhere(&self, directive: &Directive, idle: &[&Target], active: &Active) -> String {
        let remove = "remove it".to_owned();
        let Scope::Line(here) = directive.scope else { return remove };
        let rules = idle.iter().filter_map(|target| match &target.rules {
            Rules::Some(names) => Some(names),
            Rules::All => None,
        });
        let lines = rules.flatten().filter_map(|rule| active.get(&(directive.text, rule.clone())));
        let near = lines.filter_map(|lines| {
            let at = lines.partition_point(|line| *line < here);
            let both = [at.checked_sub(1).and_then(|at| lines.get(at)), lines.get(at)];
            both.into_iter().flatten().copied().min_by_key(|line| line.abs_diff(here))
        });
        match near.min_by_key(|line| (line.abs_diff(here), *line)) {
            Some(line) if line == here => "write the value as it stands there, or remove the suppression".to_owned(),
            Some(line) => format!("the finding is on line {line}: put the comment there, or remove it"),
            None => remove,
        }
    }

    /// The lines of findings that nobody silenced, by text and rule.
    fn active(&self, findings: &[Finding]) -> Active {
        let mut active = Active::new();
        for finding in findings.iter().filter(|f| f.suppressed.is_none()) {
            let Some(text) = text_of(&finding.place, self.texts) else { continue };
            let Some(layout) = self.layouts.get(text) else { continue };
            active.entry((text, finding.rule.to_string())).or_default().push(layout.line(finding.place.start));
        }
        active.values_mut().for_each(|lines| lines.sort_unstable());
        active
    }

    /// Takes a comment of ours away, with its line when it has one for itself.
    fn without(&self, directive: &Directive) -> Option<Fix> {
        directive.list?;
        let source = self.texts.get(directive.text)?.source;
        let text = source.text();
        let (start, end) = (directive.span.start as usize, directive.span.end as usize);
        let before = text.get(..start)?;
        let line = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let alone = before.get(line..)?.trim().is_empty();
        let (start, end) = if alone {
            let after = text.get(end..)?;
            let rest = after.strip_prefix("\r\n").or_else(|| after.strip_prefix(['\n', '\r'])).unwrap_or(after);
            (line, end + after.len() - rest.len())
        } else {
            (before.trim_end_matches([' ', '\t']).len(), end)
        };
        let place = Place::new(Arc::clone(source), u32::try_from(start).ok()?, u32::try_from(end).ok()?);
        let edits = vec![Edit { place, text: String::new() }];
        Some(Fix { title: "remove the suppression".into(), safety: Safety::Safe, edits })
    }

    /// Takes one name out of a comment of ours.
    fn without_one(&self, directive: &Directive, target: &Target) -> Option<Fix> {
        let list = directive.list?;
        let kept = directive.targets.iter().filter(|t| t.span != target.span).map(|t| t.name.as_str());
        let text = kept.collect::<Vec<_>>().join(", ");
        let source = self.texts.get(directive.text)?.source;
        let edits = vec![Edit { place: Place::new(Arc::clone(source), list.start, list.end), text }];
        Some(Fix { title: format!("remove `{}`", target.name), safety: Safety::Safe, edits })
    }

    fn notice(
        &self,
        rule: &'static str,
        directive: &Directive,
        span: Span,
        message: String,
        help: Option<String>,
        fix: Option<Fix>,
    ) -> Option<Notice> {
        let source = self.texts.get(directive.text)?.source;
        let resource = match &directive.scope {
            Scope::Resource(id, _) => Some(id.clone()),
            Scope::Line(_) | Scope::Range(_) | Scope::Text | Scope::All => None,
        };
        let place = Place::new(Arc::clone(source), span.start, span.end);
        Some(Notice { rule, place, resource, message, help, fix })
    }
}

/// Why a suppression counts not for a rule.
fn void(directive: &Directive, rule: &str, settings: &Settings<'_>) -> Option<Void> {
    if directive.until.is_some_and(|(day, _)| day < settings.today) {
        return Some(Void::Expired);
    }
    if settings.require_reason && directive.reason.is_none() {
        return Some(Void::NoReason);
    }
    (settings.unsuppressible)(rule).then_some(Void::NotAllowed)
}

/// True when a case is about one of the values that a name is about.
fn wants(target: &Target, case: &Case<'_>, texts: &[Text<'_>]) -> bool {
    if target.values.is_empty() {
        return true;
    }
    let Some(root) = case.text.and_then(|at| texts.get(at)?.document.root()) else { return false };
    // Every text has its own tree here, so only the bytes count.
    let file = root.span.file;
    let (kind, values) = values_at(root, Span::new(file, case.place.start, case.place.end));
    !values.is_empty() && values.iter().all(|value| target.values.iter().any(|wanted| wanted.is(kind, value)))
}

fn last_byte(place: &Place) -> u32 {
    place.end.saturating_sub(1).max(place.start)
}

fn counted(hits: usize) -> String {
    if hits == 1 { "the finding is".to_owned() } else { format!("{hits} findings are") }
}
