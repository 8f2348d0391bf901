//! The statements of one policy, read once for all who carry it, and the answers that do not depend on who that is.
//!
//! Thousands of roles may share a managed policy of thousands of statements: of each action it is looked up once which of
//! them allow or deny it, and nearly always the first that does is all that counts.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use super::actions::Action;
use super::grant::{self, Grant, Part, Reach};
use super::lift::Lift;
use super::stops::{Set, Stops};
use crate::analysis::memo::Answers;
use crate::analysis::policy::Statement;
use crate::resolve::{Resolver, Under};
use crate::template::Origin;

/// An action, by where its row of the table lies.
type Asked = *const Action;

/// The service that a role is passed to, by its prefix.
type Receiver = Option<&'static str>;

/// The statements that allow an action, as far as any of them counts.
type Openings<'a> = Rc<[Opening<'a>]>;

/// Those that deny it.
type Denials<'a> = Rc<[Denial<'a>]>;

/// The statements of one policy.
#[derive(Debug, Default)]
pub struct Deed<'a> {
    grants: Vec<Grant<'a>>,
    /// Whether a statement that allows names an action, by service and name.
    mentions: Answers<(&'static str, &'static str), bool>,
    /// The actions that statements that allow name.
    allowed: OnceCell<Set>,
    /// Whether its statements name so few actions that each is asked.
    few: bool,
    vague: OnceCell<bool>,
    openings: Answers<(Asked, Reach, Receiver), Openings<'a>>,
    denials: Answers<(Asked, bool, Receiver), Denials<'a>>,
    naming: Answers<Asked, Rc<[usize]>>,
    denying: Answers<Asked, Rc<[usize]>>,
    stopping: OnceCell<Stopping>,
    denied: OnceCell<Services>,
    services: OnceCell<Services>,
    denies: OnceCell<bool>,
}

/// A statement that allows an action.
#[derive(Debug)]
pub(super) struct Opening<'a> {
    /// Which one.
    pub(super) at: usize,
    /// Where it names the action, and under which assumption.
    named: Vec<(Option<Origin<'a>>, Under)>,
    /// The assumptions under which it reaches what is wanted.
    reached: Vec<Under>,
}

/// A statement that denies an action on all of its resources.
#[derive(Debug)]
pub(super) struct Denial<'a> {
    pub(super) under: Under,
    /// The condition by which it is got around.
    pub(super) lift: Option<Lift<'a>>,
}

impl<'a> Opening<'a> {
    /// Where it names the action in a case that agrees with an assumption.
    pub(super) fn named(&self, under: &Under) -> Option<(Option<Origin<'a>>, Under)> {
        self.named.iter().find_map(|(place, own)| Some((*place, under.and(own)?)))
    }

    /// The same of what is reached.
    pub(super) fn reached(&self, under: &Under) -> Option<Under> {
        self.reached.iter().find_map(|own| under.and(own))
    }

    /// Whether it does both whatever is assumed.
    fn is_plain(&self) -> bool {
        self.named.iter().any(|(_, under)| under.is_nothing()) && self.reached.iter().any(Under::is_nothing)
    }
}

/// The statements that deny something whatever the request is.
#[derive(Debug)]
enum Stopping {
    /// They name a few actions; by position.
    Few(Vec<usize>),
    /// What they deny.
    Many(Stops),
}

/// How many patterns of actions are tried each time.
const FEW: usize = 16;

impl<'a> Deed<'a> {
    pub(super) fn new(grants: Vec<Grant<'a>>) -> Self {
        let few = grants.iter().map(|grant| grant.actions.len()).sum::<usize>() <= FEW;
        Self { grants, few, ..Self::default() }
    }

    /// Reads statements of the template.
    #[must_use]
    pub fn of<'s>(resolver: &Resolver<'_, 'a>, statements: impl IntoIterator<Item = &'s Statement<'a>>) -> Self
    where
        'a: 's,
    {
        Self::new(statements.into_iter().filter_map(|statement| grant::read(resolver, statement)).collect())
    }

    /// Reads a policy of AWS's; `None` where its text is not known.
    #[must_use]
    pub fn managed(arn: &str, under: &Under) -> Option<Self> {
        grant::managed_grants(arn, under).map(Self::new)
    }

    pub(super) fn grants(&self) -> &[Grant<'a>] {
        &self.grants
    }

    pub(super) fn grant(&self, at: usize) -> Option<&Grant<'a>> {
        self.grants.get(at)
    }

    /// Whether a statement that allows names an action.
    pub(super) fn mentions(&self, prefix: &'static str, name: &'static str) -> bool {
        let mention = || self.grants.iter().any(|grant| grant.allows && grant.says(prefix, name));
        // A few statements are asked sooner than what was said of them is found.
        if self.few { mention() } else { self.mentions.answer((prefix, name), mention) }
    }

    /// The same of every action that there is, one after the other.
    pub(super) fn lists(&self, action: &'static Action) -> bool {
        if self.few {
            return self.mentions(action.service.prefix, action.name);
        }
        let all = || {
            let mut all = Set::default();
            self.grants.iter().filter(|grant| grant.allows).for_each(|grant| all.add(grant, |_| true));
            all
        };
        self.allowed.get_or_init(all).has(action)
    }

    /// Whether a statement that allows has an action that is not known.
    pub(super) fn is_vague(&self) -> bool {
        let unknown = |part: &Part<'a>| part.text.known().is_none();
        *self.vague.get_or_init(|| self.grants.iter().any(|g| g.allows && g.actions.iter().any(unknown)))
    }

    /// Whether anything is denied.
    pub(super) fn has_denials(&self) -> bool {
        *self.denies.get_or_init(|| self.grants.iter().any(|grant| !grant.allows))
    }

    /// The statements that allow an action on what is wanted, as far as any of them counts: after the first that does so
    /// whatever is assumed, none does.
    pub(super) fn openings(&self, action: &'static Action, reach: Reach, receiver: Receiver) -> Openings<'a> {
        self.openings.answer((action, reach, receiver), || {
            let mut all = Vec::new();
            for (at, grant) in self.grants.iter().enumerate().filter(|(_, g)| g.allows && g.applies(receiver)) {
                let named = grant.named(action);
                if named.is_empty() || (reach == Reach::Named && grant.all_resources_but) {
                    continue;
                }
                let reached = if reach == Reach::Named { Vec::new() } else { grant.reached(action, reach) };
                let opening = Opening { at, named, reached };
                if reach == Reach::Named || !opening.reached.is_empty() {
                    let last = grant.under.is_nothing() && opening.is_plain();
                    all.push(opening);
                    if last {
                        break;
                    }
                }
            }
            all.into()
        })
    }

    /// The statements that deny an action on all of its resources, as far as any of them counts.
    pub(super) fn denials(&self, action: &'static Action, machine: bool, receiver: Receiver) -> Denials<'a> {
        self.denials.answer((action, machine, receiver), || {
            let mut all: Vec<Denial<'a>> = Vec::new();
            let mut lifted = false;
            for grant in self.grants.iter().filter(|grant| !grant.allows && grant.denies(action)) {
                let lift = grant.lifts.iter().find(|lift| lift.frees(action, machine, receiver)).cloned();
                let plain = grant.under.is_nothing();
                if plain && lift.is_some() && std::mem::replace(&mut lifted, true) {
                    continue;
                }
                let last = plain && lift.is_none();
                let again = |before: &Denial<'a>| before.lift.is_none() && before.under.is(&grant.under);
                if lift.is_none() && all.last().is_some_and(again) {
                    continue;
                }
                all.push(Denial { under: grant.under.clone(), lift });
                if last {
                    break;
                }
            }
            all.into()
        })
    }

    /// The statements that allow an action of resources that they name, and under no condition.
    pub(super) fn naming(&self, action: &'static Action) -> Rc<[usize]> {
        let open = |g: &Grant<'a>| g.allows && g.applies(None) && !g.all_resources_but && g.mentions(action);
        self.naming.answer(action, || self.those(open))
    }

    /// The statements that deny an action of something.
    pub(super) fn denying(&self, action: &'static Action) -> Rc<[usize]> {
        let denies = |g: &Grant<'a>| !g.allows && g.actions.iter().any(|p| p.names(action)) != g.all_actions_but;
        self.denying.answer(action, || self.those(denies))
    }

    fn those(&self, wanted: impl Fn(&Grant<'a>) -> bool) -> Rc<[usize]> {
        self.grants.iter().enumerate().filter(|(_, grant)| wanted(grant)).map(|(at, _)| at).collect()
    }

    /// Whether an action is denied under no condition of the request, wherever an assumption holds: on every resource, or
    /// on all but some as well.
    pub(super) fn stopped(&self, action: &'static Action, on_all: bool, under: &Under) -> bool {
        match self.stopping() {
            Stopping::Few(all) => all.iter().filter_map(|at| self.grant(*at)).any(|grant| {
                !(on_all && grant.all_resources_but)
                    && grant.mentions(action)
                    && under.implies(&grant.under)
                    && grant.reaches_all_of(action)
            }),
            Stopping::Many(stops) => stops.has(action, on_all, under),
        }
    }

    fn stopping(&self) -> &Stopping {
        self.stopping.get_or_init(|| {
            let all = || self.grants.iter().enumerate().filter(|(_, grant)| grant.stops());
            if all().map(|(_, grant)| grant.actions.len()).sum::<usize>() <= FEW {
                return Stopping::Few(all().map(|(at, _)| at).collect());
            }
            let mut stops = Stops::default();
            self.add_stops(&mut stops);
            Stopping::Many(stops)
        })
    }

    /// Adds what is denied under no condition of the request.
    pub(super) fn add_stops(&self, stops: &mut Stops) {
        self.grants.iter().filter(|grant| grant.stops()).for_each(|grant| stops.add(grant));
    }

    /// The services some of whose actions are denied on every resource.
    pub(super) fn denied(&self) -> &Services {
        self.denied.get_or_init(|| Services::of(self.grants.iter().filter(|grant| grant.stops())))
    }

    /// The services of whose actions statements that allow speak.
    pub(super) fn services(&self) -> &Services {
        self.services.get_or_init(|| Services::of(self.grants.iter().filter(|grant| grant.allows)))
    }
}

/// Services some of whose actions are spoken of.
#[derive(Debug, Default)]
pub(super) struct Services {
    /// It may be any.
    pub(super) any: bool,
    /// Their prefixes, in small letters.
    prefixes: BTreeSet<String>,
}

impl Services {
    fn of<'g, 'a: 'g>(grants: impl Iterator<Item = &'g Grant<'a>>) -> Self {
        let mut all = Self::default();
        for grant in grants {
            all.any |= grant.all_actions_but;
            for part in &grant.actions {
                let service = part.pattern().split(':').next().unwrap_or("");
                all.any |= service.contains(['*', '?']);
                all.prefixes.insert(service.to_ascii_lowercase());
            }
        }
        all
    }

    /// Whether one of a prefix in small letters may be among them.
    pub(super) fn has(&self, prefix: &str) -> bool {
        self.any || self.prefixes.contains(prefix)
    }
}

/// How many resources of statements are compared with each other for one template, where one that begins otherwise counts
/// once. The longest policies that AWS lets a role have name some three thousand.
const MAX_COMPARED: usize = 16_000_000;

/// How much more of a comparison others are.
const ALIKE: usize = 32;

/// How many roles are looked at that other roles may pass: more than twice the pairs that CloudFormation's 500 resources
/// have.
const MAX_PASSED: usize = 550_000;

/// How much was compared of what identities may do.
#[derive(Debug, Default)]
pub struct Work {
    compared: Cell<usize>,
    passed: Cell<usize>,
}

impl Work {
    /// Whether there may be more of it.
    pub(super) fn goes_on(&self) -> bool {
        self.compared.get() < MAX_COMPARED
    }

    /// Counts a comparison; false when that were too many.
    pub(super) fn step(&self) -> bool {
        self.count(ALIKE)
    }

    fn count(&self, units: usize) -> bool {
        self.compared.set(self.compared.get().saturating_add(units));
        self.goes_on()
    }

    /// Whether two resources are to be compared: not when they are apart at first sight.
    pub(super) fn allows<'a>(&self, part: &Part<'a>, target: &Part<'a>) -> bool {
        let apart = part.is_apart(target);
        self.count(if apart { 1 } else { ALIKE }) && !apart
    }

    /// Counts a role that another may pass; false when that were too many.
    pub fn pass(&self) -> bool {
        self.passed.set(self.passed.get().saturating_add(1));
        self.passed.get() <= MAX_PASSED
    }

    /// What was not looked at, if anything.
    pub fn notes(&self) -> impl Iterator<Item = &'static str> {
        let compared =
            (!self.goes_on()).then_some("its policies name more resources than are compared with each other");
        let passed = self.passed.get() > MAX_PASSED;
        let passed = passed.then_some("more of its roles may be passed to others than are looked at");
        compared.into_iter().chain(passed)
    }
}
