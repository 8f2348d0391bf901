//! Runs the rule language over a template.
//!
//! [`Judge::judge`] answers a pattern about a subject with verdicts that divide the subject's assumption
//! into cases: in each the pattern holds, does not, or may. Every yes carries the places that made it so.

use std::cell::RefCell;
use std::collections::HashMap;
use std::iter::repeat_n;

use smallvec::{SmallVec, smallvec};

use super::{Context, Hit, Rule, Sink, Spot, narrower};
use crate::analysis::iam::actions::{self, Action};
use crate::analysis::iam::enumerate;
use crate::analysis::identity::Limits;
use crate::analysis::policy::{Answer, Asked, Statement, is_a};
use crate::finding::Kind as FindingKind;
use crate::resolve::{Known, Text, Truth, Under};
use crate::rulebook::{Check, FixSpec, Literal, Path, Pattern, Relation, Sort, Step, Width};
use crate::template::{Kind, Map, Origin, Resource, Value};

mod glance;
mod leaf;
mod words;

pub(super) use leaf::plaintext;

/// How many cases a verdict may divide into before it is a maybe.
const MAX_VERDICTS: usize = 96;

/// How deep lists in lists are followed.
const MAX_LISTS: usize = 4;

/// Into how many worlds the answers of a statement are taken apart.
const MAX_WORLDS: usize = 8;

/// What a pattern is asked about.
#[derive(Clone)]
pub(super) struct Subject<'c, 'a> {
    /// The value, or that there is none.
    known: Known<'a, Value<'a>>,
    /// Where to point when this is what is wrong.
    place: Origin<'a>,
    /// Where to point when something in here is missing.
    missing: Origin<'a>,
    /// The item of a list that we are in: what edits are relative to.
    item: Option<Origin<'a>>,
    under: Under,
    /// The parameter that the value came from.
    parameter: Option<&'a str>,
    /// The key that the value stands behind.
    name: Option<&'a str>,
    resource: &'c Resource<'a>,
    statement: Option<&'c Statement<'a>>,
}

/// An answer, for the worlds of `under`.
#[derive(Clone)]
struct Verdict<'a> {
    truth: Truth,
    under: Under,
    spots: SmallVec<[Spot<'a>; 1]>,
    /// Whether the places are narrower than the subject as a whole.
    specific: bool,
}

type Verdicts<'a> = SmallVec<[Verdict<'a>; 1]>;

/// Which resources refer to which: computed once for each type and path that a rule asks about.
pub(super) type References<'a> = RefCell<HashMap<(String, Path), std::rc::Rc<Vec<Reference<'a>>>>>;

/// One resource's property that may refer to another resource.
pub(super) struct Reference<'a> {
    from: Resource<'a>,
    under: Under,
    to: Target<'a>,
}

enum Target<'a> {
    Id(&'a str),
    Name(String),
    Unknown,
}

/// Runs a declarative rule.
pub(super) fn run<'a>(rule: &Rule, check: &Check, context: &Context<'_, 'a>, sink: &mut Sink<'a>) {
    let judge = Judge { rule, check, context, owners: Owners::default() };
    if let Some(wanted) = &check.statements {
        for statement in context.statements() {
            let owner = context.owner(statement);
            let kind = wanted.kinds.is_empty() || wanted.kinds.contains(&statement.kind);
            if kind && rule.head.resources.iter().any(|t| type_matches(t, owner.kind)) {
                judge.subject(&Subject::statement(statement, owner), sink);
            }
        }
        return;
    }
    for kind in &rule.head.resources {
        for resource in context.resources(kind) {
            let Some(under) = context.under(resource) else { continue };
            let whole = Subject::resource(resource, under);
            match check.each_of(resource.kind) {
                None => judge.subject(&whole, sink),
                Some(path) => {
                    for subject in judge.each(path, &whole) {
                        judge.subject(&subject, sink);
                    }
                }
            }
        }
    }
}

impl<'c, 'a> Subject<'c, 'a> {
    fn resource(resource: &'c Resource<'a>, under: Under) -> Self {
        Self {
            known: Known::Present(resource.properties),
            place: resource.key,
            missing: resource.key,
            item: None,
            under,
            parameter: None,
            name: None,
            resource,
            statement: None,
        }
    }

    fn statement(statement: &'c Statement<'a>, owner: &'c Resource<'a>) -> Self {
        Self {
            known: Known::Present(statement.value),
            place: statement.origin,
            missing: statement.origin,
            item: Some(statement.value.origin),
            under: statement.under.clone(),
            parameter: None,
            name: None,
            resource: owner,
            statement: Some(statement),
        }
    }

    fn spot(&self) -> Spot<'a> {
        let value = match self.known {
            Known::Present(value) => Some(value),
            Known::Absent | Known::Unknown(_) => None,
        };
        Spot { origin: self.place, value, item: self.item }
    }

    fn verdict(&self, truth: Truth) -> Verdicts<'a> {
        let specific = self.place.span != self.missing.span;
        smallvec![Verdict { truth, under: self.under.clone(), spots: smallvec![self.spot()], specific }]
    }

    fn under(&self, under: &Under) -> Self {
        Self { under: under.clone(), ..self.clone() }
    }
}

pub(super) struct Judge<'j, 't, 'a> {
    rule: &'j Rule,
    check: &'j Check,
    context: &'j Context<'t, 'a>,
    owners: Owners<'a>,
}

/// What was said of the resource that subjects stand in: a policy of a thousand statements asks it a thousand times.
#[derive(Default)]
struct Owners<'a> {
    glanced: LastAnswer<'a, Option<bool>>,
    judged: LastAnswer<'a, (Under, Verdicts<'a>)>,
}

/// The last answer to a pattern (by its address: rules have one or two) about a resource (by its logical id).
type LastAnswer<'a, T> = RefCell<HashMap<*const Pattern, (&'a str, T)>>;

impl<'a> Judge<'_, '_, 'a> {
    /// Judges one subject and reports.
    fn subject(&self, subject: &Subject<'_, 'a>, sink: &mut Sink<'a>) {
        let fine = self.certainly_fine(subject);
        // While developing, the judge is heard all the same: it must agree.
        if fine && !cfg!(debug_assertions) {
            return;
        }
        let guards = match &self.check.when {
            None => subject.verdict(Truth::Yes),
            Some(when) => self.judge(when, subject),
        };
        for guard in guards {
            if guard.truth == Truth::No {
                continue;
            }
            let subject = subject.under(&guard.under);
            for verdict in self.judge(&self.check.bad, &subject) {
                match guard.truth.and(verdict.truth) {
                    Truth::No => {}
                    truth @ (Truth::Yes | Truth::Maybe) => {
                        debug_assert!(!fine, "{}: a glance found nothing", self.rule.head.name);
                        self.report(&subject, &verdict, truth, sink);
                    }
                }
            }
        }
    }

    fn report(&self, subject: &Subject<'_, 'a>, verdict: &Verdict<'a>, truth: Truth, sink: &mut Sink<'a>) {
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
            hit.message = self.check.message.as_ref().map(|m| self.message(m, subject, &spot));
            hit.label = self.check.label.as_ref().map(|l| self.message(l, subject, &spot));
            for grade in &self.check.grades {
                let here = subject.under(&verdict.under);
                if self.judge(&grade.when, &here).iter().any(|v| v.truth.yes()) {
                    hit.severity = grade.severity;
                    hit.confidence = grade.confidence;
                    break;
                }
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
            let pattern = spot.value.and_then(|v| Text::of(&v).known().map(std::borrow::Cow::into_owned));
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

    fn message(&self, template: &str, subject: &Subject<'_, 'a>, spot: &Spot<'a>) -> String {
        let mut text =
            template.replace("{resource}", subject.resource.written_id).replace("{type}", subject.resource.kind);
        if text.contains("{value}") {
            let value = spot.value.map_or_else(String::new, |v| Text::of(&v).pattern());
            let shown = if self.rule.head.secret { "…".to_owned() } else { value };
            text = text.replace("{value}", &shown);
        }
        if text.contains("{expansion}") {
            let value = spot.value.map_or_else(String::new, |v| Text::of(&v).pattern());
            text = text.replace("{expansion}", &words::expansion(&value));
        }
        if text.contains("{actions}") {
            text = text.replace("{actions}", &self.actions(subject));
        }
        text
    }

    /// The actions of a statement for which its check's `allows-a` holds, as written.
    fn actions(&self, subject: &Subject<'_, 'a>) -> String {
        let sort = sort_of(&self.check.bad);
        let allowed =
            |(asked, sort): (Asked<'_, '_, 'a>, Sort)| self.left(subject, asked.allows_a(sort), |a| is_a(sort, a));
        let answers = self.asked(subject).zip(sort).map(allowed).unwrap_or_default();
        let mut patterns: Vec<String> = Vec::new();
        for answer in answers.iter().filter(|a| a.truth.yes()) {
            let pattern = answer.value.map(|v| Text::of(&v).pattern()).unwrap_or_default();
            if !patterns.contains(&pattern) {
                patterns.push(pattern);
            }
        }
        enumerate(&patterns, 3, |pattern| sort.map_or_else(String::new, |sort| words::named(pattern, sort)))
    }

    /// The items at a path, each as a subject of its own.
    fn each<'c>(&self, path: &Path, subject: &Subject<'c, 'a>) -> Vec<Subject<'c, 'a>> {
        let found = RefCell::new(Vec::new());
        self.walk(&path.steps, &self.base(path, subject), &|_, end| {
            found.borrow_mut().push(end.clone());
            end.verdict(Truth::No)
        });
        found.into_inner().into_iter().filter(|s: &Subject<'c, 'a>| matches!(s.known, Known::Present(_))).collect()
    }

    /// What a path begins at: the subject, or the attributes beside its properties.
    fn base<'c>(&self, path: &Path, subject: &Subject<'c, 'a>) -> Subject<'c, 'a> {
        if !path.attribute {
            return subject.clone();
        }
        let attributes = Value::new(Kind::Map(subject.resource.attributes), subject.resource.key);
        Subject { known: Known::Present(attributes), missing: subject.resource.key, ..subject.clone() }
    }

    /// Answers a pattern about a subject.
    fn judge(&self, pattern: &Pattern, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        match pattern {
            Pattern::Not(inner) => {
                let mut verdicts = self.judge(inner, subject);
                for verdict in &mut verdicts {
                    verdict.truth = verdict.truth.not();
                    // What made the inner pattern false is not a place worth pointing at, unless it is narrower.
                    if !verdict.specific {
                        verdict.spots = smallvec![subject.spot()];
                        verdict.specific = subject.place.span != subject.missing.span;
                    }
                }
                verdicts
            }
            Pattern::All(all) => self.fold(all, subject, Truth::Yes),
            Pattern::Any(any) => self.fold(any, subject, Truth::No),
            Pattern::At(path, inner) => {
                self.walk(&path.steps, &self.base(path, subject), &|judge, end| judge.judge(inner, end))
            }
            Pattern::Some(inner) => self.items(subject, &|judge, item| judge.judge(inner, item)),
            Pattern::Every(inner) => match subject.known {
                Known::Absent => subject.verdict(Truth::No),
                Known::Unknown(_) => subject.verdict(Truth::Maybe),
                Known::Present(_) => {
                    let mut verdicts = self.items(subject, &|judge, item| {
                        let mut verdicts = judge.judge(inner, item);
                        verdicts.iter_mut().for_each(|v| v.truth = v.truth.not());
                        verdicts
                    });
                    for verdict in &mut verdicts {
                        verdict.truth = verdict.truth.not();
                        verdict.spots = smallvec![subject.spot()];
                        verdict.specific = subject.place.span != subject.missing.span;
                    }
                    verdicts
                }
            },
            Pattern::SomeKey(inner) => self.keys(subject, inner),
            Pattern::Default(literal, inner) => match subject.known {
                Known::Absent => {
                    let value = self.literal(literal, subject.place);
                    self.judge(inner, &Subject { known: Known::Present(value), ..subject.clone() })
                }
                Known::Present(_) | Known::Unknown(_) => self.judge(inner, subject),
            },
            Pattern::RefersTo(relation) => self.refers_to(relation, subject),
            Pattern::ReferredBy(relation) => self.referred_by(relation, subject),
            Pattern::TemplateHas(relation) => {
                let mut truth = if self.context.incomplete() { Truth::Maybe } else { Truth::No };
                for kind in &relation.types {
                    for other in self.context.resources(kind) {
                        let Some(under) = self.context.under(other) else { continue };
                        if let Some(both) = self.context.resolver.both(&subject.under, &under) {
                            truth = truth.or(self.with(relation, other, &both));
                        }
                    }
                }
                subject.verdict(truth)
            }
            Pattern::Type(types) => {
                subject.verdict(types.iter().any(|t| type_matches(t, subject.resource.kind)).into())
            }
            Pattern::Owner(inner) => {
                let mut verdicts = self.owner(inner, subject);
                for verdict in &mut verdicts {
                    verdict.spots = smallvec![subject.spot()];
                    verdict.specific = false;
                }
                verdicts
            }
            Pattern::Allows(actions) => self.answers(subject, |asked| {
                let wanted = |a: &&'static Action| actions.iter().any(|name| *name == a.to_string());
                self.left(subject, asked.allows(actions), wanted)
            }),
            Pattern::AllowsA(sort) => {
                self.answers(subject, |asked| self.left(subject, asked.allows_a(*sort), |a| is_a(*sort, a)))
            }
            Pattern::WildcardAction(width) => {
                self.answers(subject, |asked| self.left_wide(subject, asked.wildcard_action(*width)))
            }
            Pattern::AnyResource => match sort_of(&self.check.bad) {
                Some(sort @ (Sort::Credentials | Sort::Data | Sort::Permissions)) => {
                    self.answers(subject, |asked| asked.every_resource(sort))
                }
                Some(Sort::Write | Sort::Scopable) | None => self.answers(subject, |asked| asked.any_resource()),
            },
            Pattern::Principal(who) => {
                let trusted = self.context.parameter_texts(self.rule, "trusted-accounts");
                self.answers(subject, |asked| asked.principal(*who, &trusted))
            }
            Pattern::Narrowed(how) => match self.asked(subject) {
                Some(asked) => subject.verdict(asked.narrowed(*how)),
                None => subject.verdict(Truth::No),
            },
            Pattern::Policy(kind) => subject.verdict(subject.statement.is_some_and(|s| s.kind == *kind).into()),
            Pattern::InParameter(name) => {
                let wanted = match self.context.parameter(self.rule, name) {
                    Some(Literal::List(items)) => items,
                    Some(one) => vec![one],
                    None => Vec::new(),
                };
                subject.verdict(leaf::any_is(&subject.known, &wanted))
            }
            Pattern::Length(inner) => {
                let mut verdicts = Verdicts::new();
                for (under, known) in self.lengths(subject, most_asked(inner)) {
                    verdicts.extend(self.judge(inner, &Subject { known, under, ..subject.clone() }));
                }
                verdicts.iter_mut().for_each(|v| v.spots = smallvec![subject.spot()]);
                self.bounded(verdicts, subject)
            }
            Pattern::Written => subject.verdict(subject.resource.made_by.is_none().into()),
            Pattern::Plaintext => subject.verdict(self.plaintext(subject)),
            Pattern::Credential => subject.verdict(leaf::credential(&subject.known, subject.name)),
            Pattern::Absent
            | Pattern::Present
            | Pattern::Is(_)
            | Pattern::In(_)
            | Pattern::AnyCase(_)
            | Pattern::Matches(_)
            | Pattern::Contains(_)
            | Pattern::StartsWith(_)
            | Pattern::EndsWith(_)
            | Pattern::Below(_)
            | Pattern::Above(_)
            | Pattern::Kind(_)
            | Pattern::Literal => subject.verdict(leaf::holds(pattern, &subject.known)),
        }
    }

    /// What a pattern says of the resource that a subject stands in.
    fn owner(&self, pattern: &Pattern, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        let id = subject.resource.id;
        if let Some((of, (under, verdicts))) = self.owners.judged.borrow().get(&std::ptr::from_ref(pattern))
            && *of == id
            && same(under, &subject.under)
        {
            return verdicts.clone();
        }
        let verdicts = self.judge(pattern, &Subject::resource(subject.resource, subject.under.clone()));
        let answer = (subject.under.clone(), verdicts.clone());
        self.owners.judged.borrow_mut().insert(pattern, (id, answer));
        verdicts
    }

    /// Several patterns about one subject: all of them (from yes on) or any of them (from no on).
    fn fold(&self, patterns: &[Pattern], subject: &Subject<'_, 'a>, start: Truth) -> Verdicts<'a> {
        let all = start == Truth::Yes;
        let mut verdicts = subject.verdict(start);
        for pattern in patterns {
            let mut next = Verdicts::new();
            for before in verdicts {
                // Decided already: a no ends `all`, a yes ends `any`.
                if before.truth == start.not() {
                    next.push(before);
                    continue;
                }
                for now in self.judge(pattern, &subject.under(&before.under)) {
                    let truth = if all { before.truth.and(now.truth) } else { before.truth.or(now.truth) };
                    let take = if all {
                        now.specific || !before.specific
                    } else {
                        now.truth == Truth::Yes || before.truth == Truth::No
                    };
                    let (spots, specific) =
                        if take { (now.spots, now.specific) } else { (before.spots.clone(), before.specific) };
                    next.push(Verdict { truth, under: now.under, spots, specific });
                }
            }
            if next.len() > MAX_VERDICTS {
                return subject.verdict(Truth::Maybe);
            }
            verdicts = next;
        }
        verdicts
    }

    /// Follows a path and asks at its end.
    fn walk<'c>(
        &self,
        steps: &[Step],
        subject: &Subject<'c, 'a>,
        end: &dyn Fn(&Self, &Subject<'c, 'a>) -> Verdicts<'a>,
    ) -> Verdicts<'a> {
        let [step, rest @ ..] = steps else { return end(self, subject) };
        match step {
            Step::Items => self.items(subject, &|judge, item| judge.walk(rest, item, end)),
            Step::Key(key) => {
                let Known::Present(value) = subject.known else { return self.walk(rest, subject, end) };
                // Condition keys (`aws:SecureTransport`) are written in any case.
                let spelt = key.contains(':').then(|| value.as_map()).flatten();
                let spelt = spelt.and_then(|m| m.entries.iter().find(|e| e.key.eq_ignore_ascii_case(key)));
                let key = spelt.map_or(key.as_str(), |e| e.key);
                let mut verdicts = Verdicts::new();
                for case in self.context.resolver.get(&value, key, &subject.under) {
                    let missing = matches!(case.value, Known::Absent) && case.place.span == value.origin.span;
                    let place = match case.value {
                        _ if missing => subject.missing,
                        // A map or a list is pointed at by its key: one line.
                        Known::Present(v) if matches!(v.kind, Kind::Map(_) | Kind::List(_)) => {
                            let key = value.as_map().and_then(|m| m.get(key)).map(|e| e.key_origin);
                            key.filter(|k| k.span.file == case.place.span.file).unwrap_or(case.place)
                        }
                        Known::Present(_) | Known::Absent | Known::Unknown(_) => case.place,
                    };
                    let next = Subject {
                        known: case.value,
                        place,
                        name: value.as_map().and_then(|m| m.get(key)).map(|e| e.key),
                        under: case.under,
                        parameter: case.parameter.or(subject.parameter),
                        ..subject.clone()
                    };
                    verdicts.extend(self.walk(rest, &next, end));
                }
                self.bounded(verdicts, subject)
            }
        }
    }

    /// Asks every item of a list, or every value of a map: yes when one is, with all of their places.
    fn items<'c>(
        &self,
        subject: &Subject<'c, 'a>,
        ask: &dyn Fn(&Self, &Subject<'c, 'a>) -> Verdicts<'a>,
    ) -> Verdicts<'a> {
        match subject.known {
            Known::Absent => subject.verdict(Truth::No),
            Known::Unknown(_) => subject.verdict(Truth::Maybe),
            Known::Present(value) => {
                let verdicts = self.over(&value, subject, subject.verdict(Truth::No), ask, 0);
                self.bounded(verdicts, subject)
            }
        }
    }

    fn over<'c>(
        &self,
        value: &Value<'a>,
        subject: &Subject<'c, 'a>,
        mut verdicts: Verdicts<'a>,
        ask: &dyn Fn(&Self, &Subject<'c, 'a>) -> Verdicts<'a>,
        depth: usize,
    ) -> Verdicts<'a> {
        for (item, key) in items_of(value) {
            let mut next = Verdicts::new();
            for before in verdicts {
                let cases = self.context.resolver.cases(&item, &before.under);
                // The last of them gets the places themselves, not a copy: a long list has many.
                for (mut before, case) in repeat_n(before, cases.len()).zip(cases) {
                    before.under = case.under.clone();
                    match case.value {
                        Known::Absent => next.push(before),
                        Known::Present(list)
                            if matches!(list.kind, Kind::List(_)) && key.is_none() && depth < MAX_LISTS =>
                        {
                            next.extend(self.over(&list, subject, smallvec![before], ask, depth + 1));
                        }
                        Known::Present(_) | Known::Unknown(_) => {
                            let found = case.present().unwrap_or(item);
                            let first = found.as_map().and_then(|m| m.entries.first()).map(|e| e.key_origin);
                            let place = first
                                .or(key.filter(|_| found.as_list().is_some()).map(|(_, origin)| origin))
                                .unwrap_or(case.place);
                            let inner = Subject {
                                known: case.value,
                                place,
                                missing: place,
                                item: Some(found.origin),
                                name: key.map(|(name, _)| name).or(subject.name),
                                under: case.under,
                                parameter: case.parameter.or(subject.parameter),
                                ..subject.clone()
                            };
                            let answers = ask(self, &inner);
                            for (mut merged, now) in repeat_n(before, answers.len()).zip(answers) {
                                match (merged.truth, now.truth) {
                                    (Truth::Yes, Truth::Yes) => {
                                        merged.spots.extend(now.spots);
                                        merged.specific = true;
                                    }
                                    (Truth::No | Truth::Maybe, Truth::Yes) | (Truth::No, Truth::Maybe) => {
                                        merged.spots = now.spots;
                                        merged.specific = true;
                                    }
                                    (_, Truth::No) | (Truth::Yes | Truth::Maybe, Truth::Maybe) => {}
                                }
                                merged.truth = merged.truth.or(now.truth);
                                merged.under = now.under;
                                next.push(merged);
                            }
                        }
                    }
                }
            }
            if next.len() > MAX_VERDICTS {
                return subject.verdict(Truth::Maybe);
            }
            verdicts = next;
        }
        verdicts
    }

    fn keys(&self, subject: &Subject<'_, 'a>, inner: &Pattern) -> Verdicts<'a> {
        let Known::Present(value) = subject.known else {
            return subject.verdict(if matches!(subject.known, Known::Absent) { Truth::No } else { Truth::Maybe });
        };
        let mut found = subject.verdict(Truth::No);
        for entry in value.as_map().unwrap_or(Map::EMPTY).entries {
            let name = Value::new(Kind::Text(entry.key), entry.key_origin);
            let key = Subject { known: Known::Present(name), place: entry.key_origin, ..subject.clone() };
            for verdict in self.judge(inner, &key) {
                match (verdict.truth, found.first_mut()) {
                    (Truth::Yes, Some(all)) if all.truth == Truth::Yes => all.spots.extend(verdict.spots),
                    (Truth::Yes, _) => found = smallvec![verdict],
                    (Truth::Maybe | Truth::No, _) => {}
                }
            }
        }
        found
    }

    fn bounded(&self, verdicts: Verdicts<'a>, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        if verdicts.len() > MAX_VERDICTS { subject.verdict(Truth::Maybe) } else { verdicts }
    }

    fn refers_to(&self, relation: &Relation, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        let value = match subject.known {
            Known::Present(value) => value,
            Known::Absent => return subject.verdict(Truth::No),
            Known::Unknown(_) => return subject.verdict(Truth::Maybe),
        };
        let truth = match self.context.resolver.target(&value) {
            Some(target)
                if !relation.types.iter().any(|t| type_matches(t, target.kind)) && !relation.types.is_empty() =>
            {
                Truth::No
            }
            Some(target) => self.with(relation, target, &subject.under),
            None if Text::of(&value).known().is_some() => self.named(relation, &value, &subject.under),
            // A name that nothing of the template bears.
            None if self.context.resolver.is_dangling(&value) && !self.context.incomplete() => Truth::No,
            None => Truth::Maybe,
        };
        subject.verdict(truth)
    }

    /// A literal that is the name of a resource of the template.
    fn named(&self, relation: &Relation, value: &Value<'a>, under: &Under) -> Truth {
        let Some(name) = Text::of(value).known() else { return Truth::Maybe };
        for kind in &relation.types {
            for other in self.context.resources(kind) {
                if names_of(other).any(|n| n == name) {
                    return self.with(relation, other, under);
                }
            }
        }
        Truth::No
    }

    /// Whether a related resource is as the relation wants it.
    fn with(&self, relation: &Relation, other: &Resource<'a>, under: &Under) -> Truth {
        let Some(pattern) = &relation.with else { return Truth::Yes };
        let verdicts = self.judge(pattern, &Subject::resource(other, under.clone()));
        // Only a certain yes in all cases is a yes: "there is an encrypted one" must not hold by luck.
        match verdicts.as_slice() {
            [] => Truth::No,
            all if all.iter().all(|v| v.truth == Truth::Yes) => Truth::Yes,
            all if all.iter().all(|v| v.truth == Truth::No) => Truth::No,
            _ => Truth::Maybe,
        }
    }

    fn referred_by(&self, relation: &Relation, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        let Some(path) = &relation.at else { return subject.verdict(Truth::No) };
        let mut truth = if self.context.incomplete() { Truth::Maybe } else { Truth::No };
        for kind in &relation.types {
            for reference in self.references(kind, path).iter() {
                let hit = match &reference.to {
                    Target::Id(id) => Truth::from(*id == subject.resource.id),
                    Target::Name(name) => Truth::from(names_of(subject.resource).any(|n| n == name)),
                    Target::Unknown => Truth::Maybe,
                };
                if hit == Truth::No {
                    continue;
                }
                if let Some(both) = self.context.resolver.both(&subject.under, &reference.under) {
                    let mut with = self.with(relation, &reference.from, &both);
                    // One that exists only under a condition of its own may be missing.
                    if with == Truth::Yes && !reference.under.is_always() && !same(&both, &subject.under) {
                        with = Truth::Maybe;
                    }
                    truth = truth.or(hit.and(with));
                }
            }
        }
        subject.verdict(truth)
    }

    fn references(&self, kind: &str, path: &Path) -> std::rc::Rc<Vec<Reference<'a>>> {
        let key = (kind.to_owned(), path.clone());
        if let Some(found) = self.context.references.borrow().get(&key) {
            return found.clone();
        }
        let mut all = Vec::new();
        for from in self.context.resources(kind) {
            let Some(under) = self.context.under(from) else { continue };
            let ends = RefCell::new(Vec::new());
            self.walk(&path.steps, &self.base(path, &Subject::resource(from, under)), &|_, end| {
                ends.borrow_mut().push((end.known, end.under.clone()));
                end.verdict(Truth::No)
            });
            for (known, under) in ends.into_inner() {
                let to = match known {
                    Known::Absent => continue,
                    Known::Unknown(_) => Target::Unknown,
                    Known::Present(value) => {
                        if let Some(target) = self.context.resolver.target(&value) {
                            Target::Id(target.id)
                        } else {
                            let text = Text::of(&value);
                            // An ARN put together around a reference still names the resource.
                            let inner = text.holes().find_map(|hole| hole.resource_id());
                            match (inner, text.known()) {
                                (Some(id), _) => Target::Id(id),
                                (None, Some(name)) => Target::Name(name.into_owned()),
                                (None, None) => Target::Unknown,
                            }
                        }
                    }
                };
                all.push(Reference { from: *from, under, to });
            }
        }
        let all = std::rc::Rc::new(all);
        self.context.references.borrow_mut().insert(key, all.clone());
        all
    }

    fn asked<'s>(&'s self, subject: &Subject<'_, 'a>) -> Option<Asked<'s, 's, 'a>> {
        match subject.known {
            Known::Present(value) => {
                Some(Asked { resolver: self.context.resolver, value, under: subject.under.clone() })
            }
            Known::Absent | Known::Unknown(_) => None,
        }
    }

    fn answers(&self, subject: &Subject<'_, 'a>, ask: impl Fn(&Asked<'_, '_, 'a>) -> Vec<Answer<'a>>) -> Verdicts<'a> {
        let Some(asked) = self.asked(subject) else { return subject.verdict(Truth::No) };
        let answers = ask(&asked);
        let yes: SmallVec<[&Answer<'a>; 2]> = answers.iter().filter(|a| a.truth.yes()).collect();
        if yes.is_empty() {
            let maybe = answers.iter().any(|a| a.truth == Truth::Maybe);
            return subject.verdict(if maybe { Truth::Maybe } else { Truth::No });
        }
        let verdict = |under: &Under, yes: &mut dyn Iterator<Item = &&Answer<'a>>| {
            let spots = yes.filter_map(|a| Some(Spot { origin: a.place?, value: a.value, item: subject.item }));
            let mut verdict =
                Verdict { truth: Truth::Yes, under: under.clone(), spots: spots.collect(), specific: true };
            if verdict.spots.is_empty() {
                verdict.spots = smallvec![subject.spot()];
                verdict.specific = false;
            }
            verdict
        };
        if yes.iter().any(|a| same(&a.under, &subject.under)) {
            return smallvec![verdict(&subject.under, &mut yes.iter())];
        }
        // Each in a world of its own: another question may have its answer in only one of them.
        let mut worlds: SmallVec<[&Under; 2]> = SmallVec::new();
        for answer in &yes {
            if worlds.len() < MAX_WORLDS && !worlds.iter().any(|under| same(under, &answer.under)) {
                worlds.push(&answer.under);
            }
        }
        worlds.into_iter().map(|under| verdict(under, &mut yes.iter().filter(|a| same(&a.under, under)))).collect()
    }

    /// The answers that denials and boundaries leave: of each, an action of those that are wanted must be left.
    fn left(
        &self,
        subject: &Subject<'_, 'a>,
        answers: Vec<Answer<'a>>,
        wanted: impl Fn(&&'static Action) -> bool,
    ) -> Vec<Answer<'a>> {
        self.limited(subject, answers, &|limits, pattern| {
            let mut stopped = None;
            for action in actions::expand(pattern).filter(&wanted) {
                let one = limits.stops(action);
                if one == Truth::No {
                    return Truth::No;
                }
                stopped = Some(stopped.map_or(one, |all: Truth| all.and(one)));
            }
            stopped.unwrap_or(Truth::No)
        })
    }

    /// The same for wildcards: they are none when most of what they mean is taken away.
    fn left_wide(&self, subject: &Subject<'_, 'a>, answers: Vec<Answer<'a>>) -> Vec<Answer<'a>> {
        self.limited(subject, answers, &|limits, pattern| limits.stops_most(actions::expand(pattern)))
    }

    fn limited(
        &self,
        subject: &Subject<'_, 'a>,
        mut answers: Vec<Answer<'a>>,
        stops: &dyn Fn(&Limits<'a>, &str) -> Truth,
    ) -> Vec<Answer<'a>> {
        if answers.is_empty() {
            return answers;
        }
        let Some(limits) = subject.statement.and_then(|s| self.context.limits(s)) else { return answers };
        for answer in &mut answers {
            let pattern = answer.value.and_then(|v| Text::of(&v).known().map(std::borrow::Cow::into_owned));
            // A denial denies, too: what it names is not asked for here.
            let asked = |pattern: &String| answer.truth == Truth::Yes && limits.concern(pattern);
            if let Some(pattern) = pattern.filter(asked) {
                answer.truth = stops(&limits, &pattern).not();
            }
        }
        answers.retain(|answer| answer.truth != Truth::No);
        answers
    }

    /// How long the subject is, in each case that makes it longer or shorter.
    fn lengths(&self, subject: &Subject<'_, 'a>, enough: usize) -> Vec<(Under, Known<'a, Value<'a>>)> {
        let one = |known| vec![(subject.under.clone(), known)];
        let value = match subject.known {
            Known::Present(value) => value,
            Known::Absent => return one(Known::Absent),
            Known::Unknown(why) => return one(Known::Unknown(why)),
        };
        let build = self.context.resolver.build();
        let number = |n: usize| Known::Present(build.number(i64::try_from(n).unwrap_or(i64::MAX), value.origin));
        let nothing = Count { under: subject.under.clone(), items: 0, all: true };
        let counts = match value.kind {
            Kind::List(items) => self.count(items.iter(), nothing, enough, 0),
            // A list that stands in a map is one value.
            Kind::Map(map) => self.count(map.entries.iter().map(|e| &e.value), nothing, enough, MAX_LISTS),
            Kind::Null => return one(Known::Absent),
            Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => {
                let text = Text::of(&value).known().map(|text| number(text.chars().count()));
                return one(text.unwrap_or(Known::Unknown("a text of unknown length")));
            }
        };
        let length = |count: &Count| {
            let known = count.all || count.items > enough;
            if known { number(count.items) } else { Known::Unknown("a list of unknown length") }
        };
        counts.into_iter().map(|count| (count.under.clone(), length(&count))).collect()
    }

    /// Counts items on from what was counted before, as `Fn::If` and `AWS::NoValue` put them in or leave them out.
    fn count<'i>(
        &self,
        items: impl Iterator<Item = &'i Value<'a>>,
        before: Count,
        enough: usize,
        depth: usize,
    ) -> SmallVec<[Count; 2]>
    where
        'a: 'i,
    {
        let undecided = Count { all: false, ..before.clone() };
        let mut counts: SmallVec<[Count; 2]> = smallvec![before];
        for item in items {
            let mut next = SmallVec::new();
            for mut count in counts {
                if count.items > enough {
                    next.push(count);
                    continue;
                }
                let cases = self.context.resolver.cases(item, &count.under);
                let is_one = |value: &Known<'a, Value<'a>>| match value {
                    Known::Present(value) => depth >= MAX_LISTS || !matches!(value.kind, Kind::List(_)),
                    Known::Absent | Known::Unknown(_) => false,
                };
                // Whichever it is, it is there.
                if !cases.is_empty() && cases.iter().all(|case| is_one(&case.value)) {
                    count.items += 1;
                    next.push(count);
                    continue;
                }
                for case in cases {
                    let mut count = Count { under: case.under.clone(), ..count };
                    match case.value {
                        Known::Present(Value { kind: Kind::List(inner), .. }) if depth < MAX_LISTS => {
                            next.extend(self.count(inner.iter(), count, enough, depth + 1));
                            continue;
                        }
                        Known::Present(_) => count.items += 1,
                        Known::Unknown(_) => count.all = false,
                        Known::Absent => {}
                    }
                    next.push(count);
                }
            }
            if next.len() > MAX_VERDICTS {
                return smallvec![undecided];
            }
            counts = next;
        }
        counts
    }

    fn plaintext(&self, subject: &Subject<'_, 'a>) -> Truth {
        let Known::Present(value) = subject.known else {
            return if matches!(subject.known, Known::Absent) { Truth::No } else { Truth::Maybe };
        };
        leaf::plaintext(&Text::of(&value), subject.parameter, self.context.template)
    }

    fn literal(&self, literal: &Literal, origin: Origin<'a>) -> Value<'a> {
        let build = self.context.resolver.build();
        match literal {
            Literal::Null => Value::new(Kind::Null, origin),
            Literal::Bool(yes) => build.bool(*yes, origin),
            Literal::Number(text) => Value::new(Kind::Number(build.str(text)), origin),
            Literal::Text(text) => build.text(text, origin),
            Literal::List(items) => build.list(items.iter().map(|i| self.literal(i, origin)), origin),
            Literal::Map(pairs) => build.map(pairs.iter().map(|(k, v)| (k.as_str(), self.literal(v, origin))), origin),
        }
    }
}

/// How many items there are under an assumption; not `all` when there may be more than were seen.
#[derive(Clone)]
struct Count {
    under: Under,
    items: usize,
    all: bool,
}

/// The greatest number that a question about a length tells from a greater one.
fn most_asked(pattern: &Pattern) -> usize {
    match pattern {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a length is small and not below 0"
        )]
        Pattern::Above(n) | Pattern::Below(n) => n.max(0.0) as usize,
        Pattern::Is(Literal::Number(n)) => n.parse().unwrap_or(usize::MAX),
        _ => usize::MAX,
    }
}

/// Whether a pattern, or one that it is made of, is of a sort.
fn holds(pattern: &Pattern, is: &dyn Fn(&Pattern) -> bool) -> bool {
    match pattern {
        Pattern::All(all) | Pattern::Any(all) => all.iter().any(|p| holds(p, is)),
        other => is(other),
    }
}

/// The sort that a pattern asks about.
fn sort_of(pattern: &Pattern) -> Option<Sort> {
    match pattern {
        Pattern::AllowsA(sort) => Some(*sort),
        Pattern::All(all) | Pattern::Any(all) => all.iter().find_map(sort_of),
        _ => None,
    }
}

fn same(a: &Under, b: &Under) -> bool {
    a.describe() == b.describe()
}

fn type_matches(wanted: &str, kind: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => wanted == kind,
    }
}

/// The items of a list, or the values of a map with their keys; anything else is its own only item.
fn items_of<'a>(value: &Value<'a>) -> impl Iterator<Item = (Value<'a>, Option<(&'a str, Origin<'a>)>)> {
    let (items, entries, alone) = match value.kind {
        Kind::List(items) => (items, Map::EMPTY.entries, None),
        // CloudFormation takes a lone rule of a security group for a list of one.
        Kind::Map(map) if map.get("IpProtocol").is_some() => (&[][..], Map::EMPTY.entries, Some(*value)),
        Kind::Map(map) => (&[][..], map.entries, None),
        Kind::Null => (&[][..], Map::EMPTY.entries, None),
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => {
            (&[][..], Map::EMPTY.entries, Some(*value))
        }
    };
    let named = entries.iter().map(|entry| (entry.value, Some((entry.key, entry.key_origin))));
    items.iter().copied().chain(alone).map(|item| (item, None)).chain(named)
}

/// The literal names that a resource gives itself.
fn names_of<'a>(resource: &Resource<'a>) -> impl Iterator<Item = &'a str> {
    let entries = resource.properties.as_map().unwrap_or(Map::EMPTY).entries;
    entries.iter().filter(|e| e.key.ends_with("Name") || e.key == "Name").filter_map(|e| match e.value.kind {
        Kind::Text(text) => Some(text),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => None,
    })
}
