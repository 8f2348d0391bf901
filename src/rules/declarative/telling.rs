//! What is said of a subject that is bad: where, in which words, how bad, and what mends it.

use std::borrow::Cow;
use std::cell::Cell;

use smallvec::{SmallVec, smallvec};

use super::statement::sort_of;
use super::{Judge, Subject, Verdict, words};
use crate::analysis::iam::enumerate;
use crate::analysis::iam::wildcard::Glob;
use crate::analysis::knowledge::versions;
use crate::analysis::policy::Asked;
use crate::finding::Kind as FindingKind;
use crate::resolve::{Case, Hole, Known, Text, Truth};
use crate::rulebook::{FixSpec, Path, Pattern, Severity, Sort, Width};
use crate::rules::{Hit, Sink, Spot, narrower};
use crate::template::Value;

impl<'a> Judge<'_, '_, 'a> {
    pub(super) fn report(&self, subject: &Subject<'_, 'a>, verdict: &Verdict<'a>, truth: Truth, sink: &mut Sink<'a>) {
        let whole = Spot::missing(subject.resource.key);
        let spots: SmallVec<[Spot<'a>; 1]> = match &self.check.at {
            _ if self.check.once => smallvec![whole],
            Some(path) => smallvec![self.spot_at(path, subject, verdict)],
            None => verdict.spots.clone(),
        };
        for spot in spots {
            let mut hit = Hit::new(spot).of(subject.resource).under(&verdict.under);
            if truth == Truth::Maybe {
                hit.kind = FindingKind::Open;
            }
            let said = |template: &String| self.message(template, subject, &spot, verdict);
            hit.message = self.check.message.as_ref().map(said);
            hit.label = self.check.label.as_ref().map(said);
            for grade in &self.check.grades {
                let here = subject.under(&verdict.under);
                if self.judge(&grade.when, &here).iter().any(|v| v.truth.yes()) {
                    hit.severity = grade.severity;
                    hit.confidence = grade.confidence;
                    if let Some(message) = &grade.message {
                        hit.message = Some(said(message));
                    }
                    break;
                }
            }
            // What a parameter shows stands in the stack, and not in the repository.
            let worst = self.rule.head.secret && self.rule.head.severity == Severity::Critical;
            if worst && hit.severity.is_none() && spot.value.is_some_and(|value| is_parameter(&value)) {
                hit.severity = Some(Severity::High);
            }
            for (at, fix) in self.rule.logic().fixes.iter().enumerate() {
                let here = || subject.under(&verdict.under);
                if fix.when.as_ref().is_some_and(|when| !self.judge(when, &here()).iter().any(|v| v.truth.yes())) {
                    hit.unfit.push(at);
                }
            }
            hit.fixes = self.narrower(subject, &spot);
            sink.report(hit);
        }
    }

    /// What the statement probably meant, for rules about statements that reach too far.
    fn narrower(&self, subject: &Subject<'_, 'a>, spot: &Spot<'a>) -> Vec<FixSpec> {
        let Some(statement) = subject.statement else { return Vec::new() };
        let mut fixes = Vec::new();
        if holds(&self.check.bad, &|p| matches!(p, Pattern::AnyResource)) {
            fixes.extend(narrower::resources(self.context, statement));
        } else if holds(&self.check.bad, &|p| matches!(p, Pattern::WildcardAction(Width::Service))) {
            let pattern = spot.value.and_then(|v| Text::of(&v).known().map(Cow::into_owned));
            fixes.extend(pattern.and_then(|p| narrower::actions(self.context, statement, &p)));
        }
        fixes
    }

    fn spot_at(&self, path: &Path, subject: &Subject<'_, 'a>, verdict: &Verdict<'a>) -> Spot<'a> {
        let here = subject.under(&verdict.under);
        let there = self.walk(&path.steps, &self.base(path, &here), &|_, end| end.verdict(Truth::Yes));
        let spot = there.first().and_then(|v| v.spots.first().copied());
        spot.unwrap_or(Spot { origin: subject.missing, value: None, item: subject.item })
    }

    fn message(&self, template: &str, subject: &Subject<'_, 'a>, spot: &Spot<'a>, verdict: &Verdict<'a>) -> String {
        let mut text =
            template.replace("{resource}", subject.resource.written_id).replace("{type}", subject.resource.kind);
        if text.contains("{value}") {
            let value = spot.value.map_or_else(String::new, |v| Text::of(&v).pattern());
            // What is no text, because it is computed, has none to show.
            let shown = if self.rule.head.secret || value.is_empty() { "…".to_owned() } else { value };
            text = text.replace("{value}", &shown);
        }
        if text.contains("{expansion}") {
            let value = spot.value.map_or_else(String::new, |v| Text::of(&v).pattern());
            let on = self.asked(subject).map(|asked| named(&asked)).unwrap_or_default();
            text = text.replace("{expansion}", &words::expansion(&value, &on));
        }
        if text.contains("{actions}") {
            text = text.replace("{actions}", &self.actions(subject));
        }
        if text.contains("{since}") {
            let end = self.end(&self.check.bad, &subject.under(&verdict.under));
            text = text.replace("{since}", &end.map_or_else(String::new, |end| format!(" since {end}")));
        }
        text
    }

    /// The last day on which the version was supported that makes a pattern hold of a subject, where it is known.
    fn end(&self, pattern: &Pattern, subject: &Subject<'_, 'a>) -> Option<&'static str> {
        let holds = |one: &&Pattern| self.judge(one, subject).iter().any(|v| v.truth.yes());
        match (pattern, subject.known) {
            (Pattern::All(all) | Pattern::Any(all), _) => {
                all.iter().filter(holds).find_map(|one| self.end(one, subject))
            }
            (Pattern::At(path, inner), _) => {
                let day = Cell::new(None);
                self.walk(&path.steps, &self.base(path, subject), &|judge, there| {
                    day.set(day.get().or_else(|| judge.end(inner, there)));
                    there.verdict(Truth::Yes)
                });
                day.get()
            }
            (Pattern::Ended(product), Known::Present(value)) => versions::end(*product, &Text::of(&value).known()?),
            (_, Known::Present(_) | Known::Absent | Known::Unknown(_)) => None,
        }
    }

    /// The actions of a statement for which its check's `allows-a` holds, as written.
    fn actions(&self, subject: &Subject<'_, 'a>) -> String {
        let sort = sort_of(&self.check.bad);
        let allowed = |(asked, sort): (Asked<'_, '_, 'a>, Sort)| self.left_of(subject, asked.allows_a(sort), sort);
        let answers = self.asked(subject).zip(sort).map(allowed).unwrap_or_default();
        let mut patterns: Vec<String> = Vec::new();
        // Of an undetermined finding those that may be left.
        let certain = answers.iter().any(|a| a.truth.yes());
        for answer in answers.iter().filter(|a| a.truth.yes() || !certain) {
            let pattern = answer.value.map(|v| Text::of(&v).pattern()).unwrap_or_default();
            if !patterns.contains(&pattern) {
                patterns.push(pattern);
            }
        }
        enumerate(&patterns, 3, |pattern| sort.map_or_else(String::new, |sort| words::named(pattern, sort)))
    }
}

/// Whether a pattern, or one that it is made of, is of a sort.
/// Whether a value is what somebody gives for a parameter.
fn is_parameter(value: &Value<'_>) -> bool {
    let text = Text::of(value);
    text.known().is_none() && text.holes().all(|hole| matches!(hole, Hole::Parameter { .. }))
}

fn holds(pattern: &Pattern, is: &dyn Fn(&Pattern) -> bool) -> bool {
    match pattern {
        Pattern::All(all) | Pattern::Any(all) => all.iter().any(|p| holds(p, is)),
        other => is(other),
    }
}

/// The resources that a statement names; none when it means all, or all but some.
fn named<'a>(asked: &Asked<'_, '_, 'a>) -> Vec<Glob<'a>> {
    let known = |case: &Case<'a>| case.present().map(|value| Glob::text(&Text::of(&value)));
    let all: Option<Vec<Glob<'a>>> = asked.items("Resource").iter().map(known).collect();
    all.filter(|all| !asked.has("NotResource") && !all.iter().any(Glob::is_everything)).unwrap_or_default()
}
