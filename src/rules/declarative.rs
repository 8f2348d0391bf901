//! Runs the rule language over a template.
//!
//! [`Judge::judge`] answers a pattern about a subject with verdicts that divide the subject's assumption
//! into cases: in each the pattern holds, does not, or may. Every yes carries the places that made it so.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use foldhash::HashMap;
use smallvec::{SmallVec, smallvec};

use super::{Context, Rule, Sink, Spot};
use crate::analysis::policy::Statement;
use crate::resolve::{Known, Text, Truth, Under};
use crate::rulebook::{Check, Comparison, Literal, Pattern, TEMPLATE};
use crate::template::{Kind, Origin, Resource, Value};

mod elements;
mod elsewhere;
mod glance;
mod leaf;
mod length;
mod named;
mod related;
mod statement;
mod telling;
mod words;

pub(super) use glance::Extents;
pub(super) use leaf::plaintext;
use length::most_asked;
pub(super) use named::NamesOf;
pub(super) use related::{Glanced, References, Related};
use statement::{Beside, beside};

/// How many cases a verdict may divide into before it is a maybe.
const MAX_VERDICTS: usize = 96;

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

impl Verdict<'_> {
    /// Adds the places of another yes, when it is one in the same worlds and has places of its own. Of long lists the first few are
    /// compared: what is told twice is reported once.
    fn add(&mut self, other: Self) {
        let known = |spot: &Spot<'_>| self.spots.iter().take(16).any(|own| own.origin.span == spot.origin.span);
        let new = other.truth == Truth::Yes && other.specific && other.under.is(&self.under);
        if new && !other.spots.iter().take(16).all(known) {
            self.spots.extend(other.spots);
        }
    }
}

/// Whether all that is told is told of one and the same place.
fn one_place(told: &[(Subject<'_, '_>, Verdict<'_>, Truth)]) -> bool {
    let mut spots = told.iter().flat_map(|(_, verdict, _)| &verdict.spots).map(|spot| spot.origin.span);
    let first = spots.next();
    spots.all(|span| Some(span) == first)
}

/// Runs a declarative rule.
pub(super) fn run<'a>(rule: &Rule, check: &Check, context: &Context<'_, 'a>, sink: &mut Sink<'a>) {
    let judge =
        Judge { rule, check, context, owners: Owners::default(), shared: Cell::new(0), compared: RefCell::default() };
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
        let template = (kind == TEMPLATE).then(|| context.whole());
        let resources = context.resources(kind).map(|resource| -> &Resource<'a> { resource });
        for resource in resources.chain(template) {
            let Some(under) = context.under(resource) else { continue };
            let whole = Subject::resource(resource, under);
            let mut paths = check.each_of(resource.kind).peekable();
            if paths.peek().is_none() {
                judge.subject(&whole, sink);
            }
            for subject in paths.flat_map(|path| judge.each(path, &whole)) {
                judge.subject(&subject, sink);
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
    /// How often it was asked who else has a secret: each time all of the template is looked through.
    shared: Cell<u32>,
    /// Comparisons with parameters of the rule, by the pattern's address: the configuration is asked once.
    compared: RefCell<HashMap<*const Pattern, Rc<[Pattern]>>>,
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
        let (mut always, mut told) = (true, SmallVec::<[_; 1]>::new());
        for guard in guards {
            if guard.truth == Truth::No {
                always = false;
                continue;
            }
            let subject = subject.under(&guard.under);
            for verdict in self.judge(&self.check.bad, &subject) {
                let truth = guard.truth.and(verdict.truth);
                always &= truth.yes();
                match truth {
                    Truth::No => {}
                    Truth::Yes | Truth::Maybe => {
                        debug_assert!(!fine, "{}: a glance found nothing", self.rule.head.name);
                        told.push((subject.clone(), verdict, truth));
                    }
                }
            }
        }
        // What holds of every value that a parameter may have is no matter of the value.
        let said = self.check.message.as_ref().is_some_and(|message| message.contains("{value}"));
        let whole = if always && !said && told.len() > 1 && one_place(&told) { Some(&subject.under) } else { None };
        let most = if whole.is_some() { 1 } else { told.len() };
        for (subject, verdict, truth) in told.iter().take(most) {
            self.report(subject, verdict, *truth, whole, sink);
        }
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
                let verdicts = self.walk(&path.steps, &self.base(path, subject), &|judge, end| judge.judge(inner, end));
                // Images are listed by region: what none of them is, is so everywhere, and no region is worth a word.
                let nowhere = matches!(**inner, Pattern::LookedUp(_)) && verdicts.iter().all(|v| v.truth == Truth::No);
                if nowhere { subject.verdict(Truth::No) } else { verdicts }
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
            Pattern::Named(inner) => {
                let name = subject.name.unwrap_or(subject.resource.written_id);
                let name = Value::new(Kind::Text(name), subject.place);
                self.judge(inner, &Subject { known: Known::Present(name), ..subject.clone() })
            }
            Pattern::Condition(names) => self.condition(names, subject),
            Pattern::Default(literal, inner) => {
                let nothing = match &subject.known {
                    Known::Absent => true,
                    Known::Present(value) => Text::is_empty(value),
                    Known::Unknown(_) => false,
                };
                if !nothing {
                    return self.judge(inner, subject);
                }
                let value = self.literal(literal, subject.place);
                self.judge(inner, &Subject { known: Known::Present(value), ..subject.clone() })
            }
            Pattern::RefersTo(relation) => self.refers_to(relation, subject),
            Pattern::ReferredBy(relation) => self.referred_by(relation, subject),
            Pattern::TemplateHas(relation) => self.template_has(relation, subject),
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
            Pattern::Allows(actions) => {
                self.answers(subject, |asked| self.left(subject, asked.allows(actions), actions))
            }
            Pattern::AllowsA(sort) => {
                self.answers(subject, |asked| self.left_of(subject, asked.allows_a(*sort), *sort))
            }
            Pattern::WildcardAction(width) => {
                self.answers(subject, |asked| self.left_wide(subject, asked.wildcard_action(*width)))
            }
            Pattern::AnyResource => match beside(&self.check.bad) {
                Beside::Sort(sort) => self.answers(subject, |asked| asked.every_resource(sort)),
                Beside::Actions(actions) => self.answers(subject, |asked| asked.every_resource_of(actions)),
                Beside::Nothing => self.answers(subject, |asked| asked.any_resource()),
            },
            Pattern::Principal(who) => {
                let trusted = self.context.trusted_accounts(self.rule);
                self.answers(subject, |asked| asked.principal(*who, &trusted))
            }
            Pattern::Narrowed(how) => match self.asked(subject) {
                Some(asked) => subject.verdict(self.narrowed(subject, &asked, *how)),
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
            Pattern::Compared(comparison, name) => {
                let any = self.compared(pattern, *comparison, name);
                let truth = any.iter().fold(Truth::No, |truth, one| truth.or(leaf::holds(one, &subject.known)));
                subject.verdict(truth)
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
            Pattern::Ended(product) => subject.verdict(leaf::ended(*product, &subject.known, self.context.today)),
            Pattern::LookedUp(name) => subject.verdict(leaf::looked_up(name, &subject.known, self.context.template)),
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

    /// The comparisons with each value of a parameter of the rule.
    fn compared(&self, pattern: &Pattern, comparison: Comparison, name: &str) -> Rc<[Pattern]> {
        if let Some(made) = self.compared.borrow().get(&std::ptr::from_ref(pattern)) {
            return made.clone();
        }
        // What does not fit is told where it was read.
        let made = self.context.parameter(self.rule, name).and_then(|values| comparison.with(&values).ok());
        let made: Rc<[Pattern]> = made.unwrap_or_default().into();
        self.compared.borrow_mut().insert(pattern, made.clone());
        made
    }

    /// Whether one of some conditions of the template holds: the worlds in which it does, and the others.
    fn condition(&self, names: &[String], subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        let mut verdicts = Verdicts::new();
        let mut others = Some(subject.under.clone());
        for name in names.iter().filter(|name| self.context.template.conditions.iter().any(|c| c.key == **name)) {
            let Some(here) = others.take() else { break };
            let held = self.context.resolver.assume(&here, name, true);
            verdicts.extend(held.into_iter().flat_map(|under| subject.under(&under).verdict(Truth::Yes)));
            others = self.context.resolver.assume(&here, name, false);
        }
        // A condition that the template does not have holds nowhere.
        verdicts.extend(others.into_iter().flat_map(|under| subject.under(&under).verdict(Truth::No)));
        verdicts
    }

    /// What a pattern says of the resource that a subject stands in.
    fn owner(&self, pattern: &Pattern, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        let id = subject.resource.id;
        if let Some((of, (under, verdicts))) = self.owners.judged.borrow().get(&std::ptr::from_ref(pattern))
            && *of == id
            && under.is(&subject.under)
        {
            return verdicts.clone();
        }
        let verdicts = self.judge(pattern, &Subject::resource(subject.resource, subject.under.clone()));
        let answer = (subject.under.clone(), verdicts.clone());
        self.owners.judged.borrow_mut().insert(pattern, (id, answer));
        verdicts
    }

    /// Several patterns about one subject: all of them (from yes on) or any of them (from no on).
    ///
    /// Of the alternatives of `any` each that holds in the same worlds at a place of its own is told: two switches that are off are two
    /// things to mend.
    fn fold(&self, patterns: &[Pattern], subject: &Subject<'_, 'a>, start: Truth) -> Verdicts<'a> {
        let all = start == Truth::Yes;
        let mut verdicts = subject.verdict(start);
        for pattern in patterns {
            let mut next = Verdicts::new();
            for mut before in verdicts {
                // Decided already: a no ends `all`, a yes ends `any`.
                if before.truth == start.not() {
                    if !all && before.specific {
                        for now in self.judge(pattern, &subject.under(&before.under)) {
                            before.add(now);
                        }
                    }
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
            verdicts = self.bounded(next, subject);
        }
        verdicts
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

fn type_matches(wanted: &str, kind: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => wanted == kind,
    }
}
