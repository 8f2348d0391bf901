//! A statement of a policy, read: what it allows or denies, of what, and to whom.

use std::cell::OnceCell;

use super::actions::{self, Action, ResourceType};
use super::arn::Arn;
use super::deed::Work;
use super::lift::Lift;
use super::managed;
use super::names::Name;
use super::power::belongs;
use super::wildcard::{self, Case as Letters, Glob};
use crate::analysis::policy::{Asked, Statement};
use crate::resolve::{Case, Resolver, Text, Truth, Under};
use crate::rulebook::Narrowing;
use crate::template::Origin;

/// One statement, read.
#[derive(Debug, Clone)]
pub(super) struct Grant<'a> {
    pub(super) allows: bool,
    pub(super) actions: Vec<Part<'a>>,
    pub(super) all_actions_but: bool,
    pub(super) resources: Vec<Part<'a>>,
    pub(super) all_resources_but: bool,
    pub(super) conditional: bool,
    /// Of a denial: the conditions that a caller gets around.
    pub(super) lifts: Vec<Lift<'a>>,
    /// The services that a role may be passed to, when a condition says so and nothing else.
    passed_to: Option<Vec<String>>,
    pub(super) under: Under,
    pub(super) source: Option<Source<'a>>,
}

#[derive(Debug, Clone)]
pub(super) struct Part<'a> {
    pub(super) text: Text<'a>,
    /// The text with `*` for what is unknown.
    pattern: String,
    /// The service whose actions it names.
    service: Scope,
    pub(super) under: Under,
    pub(super) place: Option<Origin<'a>>,
    glob: OnceCell<Glob<'a>>,
    arn: OnceCell<Option<(Arn<'a>, Option<String>)>>,
}

/// The services that a pattern of actions reaches.
#[derive(Debug, Clone, Copy)]
enum Scope {
    /// Perhaps several: the pattern has a wildcard before its colon.
    Any,
    /// The service of this prefix.
    One(&'static str),
    /// None that exists, or the pattern is none of actions.
    Nothing,
}

/// The statement of the template that something comes from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The resource that holds it, by position.
    pub owner: usize,
    /// The statement.
    pub statement: Origin<'a>,
}

/// Of which resources an action must be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Of every resource of the sort.
    Every,
    /// Of every resource of each sort that the statement names.
    EverySort,
    /// Of some.
    Some,
    /// Of one that is named.
    Named,
}

impl<'a> Part<'a> {
    fn of(text: Text<'a>, place: Option<Origin<'a>>, under: Under) -> Self {
        let pattern = text.pattern();
        let service = match pattern.split_once(':') {
            // A resource.
            Some(("arn", _)) => Scope::Nothing,
            None if pattern == "*" => Scope::Any,
            None => Scope::Nothing,
            Some((service, _)) if service.contains(['*', '?']) => Scope::Any,
            Some((service, _)) => actions::service(service).map_or(Scope::Nothing, |s| Scope::One(s.prefix)),
        };
        Self { pattern, service, text, under, place, glob: OnceCell::new(), arn: OnceCell::new() }
    }

    /// The text with `*` for what is unknown.
    pub(super) fn pattern(&self) -> &str {
        &self.pattern
    }

    fn glob(&self) -> &Glob<'a> {
        self.glob.get_or_init(|| Glob::text(&self.text))
    }

    /// The ARN that it is.
    pub(super) fn arn(&self) -> Option<&Arn<'a>> {
        self.parsed().map(|(arn, _)| arn)
    }

    /// The service of that ARN, where it is written without a wildcard.
    pub(super) fn arn_service(&self) -> Option<&str> {
        self.parsed()?.1.as_deref()
    }

    fn parsed(&self) -> Option<&(Arn<'a>, Option<String>)> {
        let parse = || {
            let arn = Arn::parse(self.glob())?;
            let plain = !arn.service.is_wild() && !arn.service.has_holes();
            let service = plain.then(|| arn.service.to_text());
            Some((arn, service))
        };
        self.arn.get_or_init(parse).as_ref()
    }

    /// Whether it is `*`.
    pub(super) fn is_everything(&self) -> bool {
        !self.pattern.is_empty() && self.pattern.bytes().all(|b| b == b'*') && self.text.known().is_some()
    }

    /// Whether the two are apart at first sight: then neither holds the other.
    pub(super) fn is_apart(&self, other: &Self) -> bool {
        wildcard::apart(&self.text, &other.text)
    }

    /// Whether the name in an ARN is left open: who may make one chooses it.
    pub(super) fn has_open_name(&self) -> bool {
        self.arn().map_or_else(|| self.glob().is_everything(), |arn| arn.resource.is_wild())
    }

    /// Whether all that another resource means is meant by this one.
    pub(super) fn holds(&self, other: &Self) -> bool {
        let same = || self.text.pieces == other.text.pieces;
        same() || self.glob().surely_covers(other.glob())
    }

    /// Whether that may be so, as far as it is known.
    pub(super) fn may_hold(&self, other: &Self) -> bool {
        self.holds(other) || wildcard::matches(&self.pattern, &other.pattern, Letters::Exact)
    }

    /// Whether it names an action, as far as it is known.
    pub(super) fn names(&self, action: &Action) -> bool {
        self.says(action.service.prefix, action.name)
    }

    /// The same of a service's prefix and what its action is called.
    pub(super) fn says(&self, prefix: &str, name: &str) -> bool {
        match self.service {
            Scope::Nothing => false,
            // A name has one colon, so what stands before that of the pattern is about the service alone.
            Scope::Any => match self.pattern.split_once(':') {
                None => self.pattern == "*",
                Some((service, action)) => {
                    wildcard::matches(service, prefix, Letters::Ignored)
                        && wildcard::matches(action, name, Letters::Ignored)
                }
            },
            Scope::One(own) => {
                let rest = || self.pattern.get(own.len() + 1..);
                own == prefix && rest().is_some_and(|p| wildcard::matches(p, name, Letters::Ignored))
            }
        }
    }
}

impl<'a> Grant<'a> {
    /// Whether its actions name one, whatever the case.
    pub(super) fn mentions(&self, action: &Action) -> bool {
        self.says(action.service.prefix, action.name)
    }

    /// The same of an action that need not be looked up.
    pub(super) fn says(&self, prefix: &str, name: &str) -> bool {
        let mut parts = self.actions.iter();
        if self.all_actions_but {
            return !parts.any(|part| part.says(prefix, name));
        }
        parts.any(|part| part.says(prefix, name) && part.text.known().is_some())
    }

    /// The actions that it names, where that is no list of exceptions.
    pub(super) fn listed(&self) -> impl Iterator<Item = &'static Action> {
        let known = self.actions.iter().filter(|part| part.text.known().is_some());
        known.filter(|part| !matches!(part.service, Scope::Nothing)).flat_map(|part| actions::expand(&part.pattern))
    }

    /// Whether it denies something whatever the request is, on every resource or on all but some; of which actions, says
    /// [`Self::reaches_all_of`].
    pub(super) fn stops(&self) -> bool {
        let wild = || self.resources.iter().any(|part| part.text.literals().any(|text| text.contains('*')));
        !self.allows && !self.conditional && (self.reaches_everything() || wild())
    }

    /// Whether a denial reaches every resource that an action can have, or all but some: what is denied in one region is open in
    /// the others.
    pub(super) fn reaches_all_of(&self, action: &Action) -> bool {
        let everywhere = |part: &Part<'a>| {
            part.arn().is_none_or(|arn| arn.region.is_empty() || arn.region.is_everything() || arn.region.has_holes())
        };
        let all = |part: &Part<'a>| covers(&part.text, action, Reach::Every) && everywhere(part);
        self.reaches_everything() || self.resources.iter().any(all)
    }

    /// Whether no condition stands in the way; for roles that are passed, to whom.
    pub(super) fn applies(&self, receiver: Option<&str>) -> bool {
        let open = match (&self.passed_to, receiver) {
            (None, _) => true,
            (Some(services), Some(receiver)) => services.iter().any(|host| belongs(host, receiver)),
            (Some(_), None) => false,
        };
        !self.conditional && open
    }

    /// The item that names an action, and the assumption under which it does.
    pub(super) fn names(&self, action: &Action, under: &Under) -> Option<(Option<Origin<'a>>, Under)> {
        let is = |part: &Part<'a>| part.names(action);
        if self.all_actions_but {
            let left = !self.actions.iter().any(is);
            return left.then(|| (self.actions.first().and_then(|p| p.place), under.clone()));
        }
        let known = self.actions.iter().filter(|part| is(part) && part.text.known().is_some());
        known.filter_map(|part| Some((part.place, under.and(&part.under)?))).next()
    }

    /// The items that name an action, and the assumptions under which they do, up to the first that does in every case.
    pub(super) fn named(&self, action: &Action) -> Vec<(Option<Origin<'a>>, Under)> {
        if self.all_actions_but {
            return self.names(action, &Under::always()).into_iter().collect();
        }
        let known = self.actions.iter().filter(|part| part.names(action) && part.text.known().is_some());
        up_to_certain(known.map(|part| (part.place, part.under.clone())), |(_, under)| under)
    }

    /// The assumptions under which it reaches what an action can have, up to the first that is none.
    pub(super) fn reached(&self, action: &Action, reach: Reach) -> Vec<Under> {
        if self.all_resources_but {
            return vec![Under::always()];
        }
        let limits =
            |part: &Part<'a>| covers(&part.text, action, Reach::Some) && !covers(&part.text, action, Reach::Every);
        if reach == Reach::EverySort && self.resources.iter().any(limits) {
            return Vec::new();
        }
        let covering = self.resources.iter().filter(|part| covers(&part.text, action, reach));
        up_to_certain(covering.map(|part| part.under.clone()), |under| under)
    }

    /// Whether a denial may take an action away: for all of its resources, perhaps under a condition.
    pub(super) fn denies(&self, action: &Action) -> bool {
        let named = self.actions.iter().any(|part| part.names(action)) != self.all_actions_but;
        named && self.reaches_all_of(action)
    }

    /// Whether its resources name something for certain.
    pub(super) fn reaches_named(&self, name: &Name<'a>, under: &Under, work: &Work) -> Option<Under> {
        if self.all_resources_but {
            return None;
        }
        let mut cases = self.resources.iter().filter_map(|part| {
            let here = under.and(&part.under).filter(|_| work.step())?;
            name.meant_by(part).filter(|(truth, _)| truth.yes()).find_map(|(_, when)| here.and(&when))
        });
        let first = cases.next()?;
        if first.is(under) {
            return Some(first);
        }
        // A parameter may be a part of the name and of the text alike; where each of its values fits, none matters.
        let all: Vec<Under> = std::iter::once(first.clone()).chain(cases.take(MOST_CASES)).collect();
        Some(if under.is_covered_by(&all) { under.clone() } else { first })
    }

    /// Whether a denial may be of something that is named.
    pub(super) fn may_spare_not(&self, name: &Name<'a>, work: &Work) -> bool {
        let listed = |truth: Truth| {
            let mut parts = self.resources.iter().filter(|_| work.step());
            parts.any(|part| name.meant_by(part).any(|(so, _)| so == Truth::Yes || so == truth))
        };
        if !work.goes_on() {
            return true;
        }
        // What may be among the exceptions may not be, either.
        if self.all_resources_but { !listed(Truth::Yes) } else { listed(Truth::Maybe) }
    }
}

/// In how many cases what one text means is looked at.
pub(super) const MOST_CASES: usize = 32;

/// What comes before the first that nothing is assumed for, and that.
fn up_to_certain<T>(all: impl Iterator<Item = T>, under: impl Fn(&T) -> &Under) -> Vec<T> {
    // Of most there is one, and of thousands of identities everything is kept.
    let mut kept = Vec::with_capacity(1);
    for one in all {
        let certain = under(&one).is_nothing();
        kept.push(one);
        if certain {
            break;
        }
    }
    kept
}

/// The types of resources all of which an ARN with wildcards names.
pub(in crate::analysis) fn covered_kinds(text: &Text<'_>) -> Vec<&'static ResourceType> {
    let Some(arn) = Arn::parse(&Glob::text(text)) else { return Vec::new() };
    let whole = |kind: &&ResourceType| kind.parts().is_some_and(|own| arn.service.surely_covers(&own.service));
    actions::services_like(&arn.service.to_text()).flat_map(|service| service.covered(&arn)).filter(whole).collect()
}

/// Whether a resource is one, or all, of those that an action can have.
pub(super) fn covers(text: &Text<'_>, action: &Action, reach: Reach) -> bool {
    let glob = Glob::text(text);
    if glob.is_everything() {
        return true;
    }
    if !action.scopable() {
        return false;
    }
    let Some(arn) = Arn::parse(&glob) else {
        // `!GetAtt Role.Arn` and its kin: one resource.
        return reach == Reach::Some && glob.has_holes();
    };
    action.resources().any(|kind| {
        let Some(own) = kind.parts() else { return false };
        match reach {
            Reach::Every | Reach::EverySort => arn.service.surely_covers(&own.service) && kind.is_all_in(&arn.resource),
            Reach::Some | Reach::Named => {
                let some = arn.service.intersects(&own.service).and(arn.resource.intersects(&own.resource));
                some == Truth::Yes || (reach == Reach::Some && some == Truth::Maybe)
            }
        }
    })
}

pub(super) fn read<'a>(resolver: &Resolver<'_, 'a>, statement: &Statement<'a>) -> Option<Grant<'a>> {
    let asked = statement.asked(resolver);
    let allows = match (asked.effect("Allow"), asked.effect("Deny")) {
        (Truth::Yes, _) => true,
        (_, Truth::Yes | Truth::Maybe) => false,
        (Truth::No | Truth::Maybe, Truth::No) => return None,
    };
    let (all_actions_but, all_resources_but) = (asked.has("NotAction"), asked.has("NotResource"));
    let source = Source { owner: statement.owner, statement: statement.value.origin };
    let passed_to = passed_to(&asked);
    let mut lifts = Vec::new();
    let conditional = if allows {
        passed_to.is_none() && asked.narrowed(Narrowing::Anything) != Truth::No
    } else {
        let (conditions, unknown) = asked.conditions();
        // What is denied over plain HTTP only is denied to nobody.
        if !unknown
            && !conditions.is_empty()
            && conditions.iter().all(|c| c.key.eq_ignore_ascii_case("aws:SecureTransport"))
        {
            return None;
        }
        // One condition that can be got around is enough, whatever the others are.
        lifts.extend(conditions.iter().filter_map(|condition| Lift::of(condition, resolver)));
        unknown || !conditions.is_empty()
    };
    Some(Grant {
        allows,
        actions: parts(&asked, if all_actions_but { "NotAction" } else { "Action" }),
        all_actions_but,
        resources: parts(&asked, if all_resources_but { "NotResource" } else { "Resource" }),
        all_resources_but,
        conditional,
        lifts,
        passed_to,
        under: statement.under.clone(),
        source: Some(source),
    })
}

/// The services of `iam:PassedToService`, when that is all that a condition says and all of it is known.
pub(in crate::analysis) fn passed_to(asked: &Asked<'_, '_, '_>) -> Option<Vec<String>> {
    if !asked.has("Condition") {
        return None;
    }
    let (conditions, unknown) = asked.conditions();
    let [only] = conditions.as_slice() else { return None };
    let names = only.key.eq_ignore_ascii_case("iam:PassedToService")
        && ["StringEquals", "StringLike", "StringEqualsIgnoreCase"]
            .iter()
            .any(|operator| operator.eq_ignore_ascii_case(only.bare_operator()));
    if unknown || !names {
        return None;
    }
    let items = asked.resolver.items(&only.value, &only.under);
    items.iter().map(Case::text).collect()
}

fn parts<'a>(asked: &Asked<'_, '_, 'a>, key: &str) -> Vec<Part<'a>> {
    let cases = asked.items(key).into_iter();
    cases.filter_map(|c| Some(Part::of(Text::of(&c.present()?), Some(c.place), c.under))).collect()
}

pub(super) fn managed_grants<'a>(arn: &str, under: &Under) -> Option<Vec<Grant<'a>>> {
    let statements = managed::of_arn(arn)?.statements()?;
    let part = |text: &'static str| {
        let pieces = std::iter::once(crate::resolve::Piece::Literal(text)).collect();
        Part::of(Text { pieces }, None, Under::always())
    };
    let grant = |s: &'static managed::Statement| {
        let alone = s.passed_to().filter(|(_, alone)| s.allows && *alone);
        let passed_to = alone.map(|(hosts, _)| hosts);
        Grant {
            allows: s.allows,
            actions: s.actions.iter().map(|a| part(a)).collect(),
            all_actions_but: s.except,
            resources: s.resources.iter().map(|r| part(r)).collect(),
            all_resources_but: s.elsewhere,
            conditional: passed_to.is_none() && s.condition.is_some(),
            lifts: Vec::new(),
            passed_to,
            under: under.clone(),
            source: None,
        }
    };
    Some(statements.iter().map(grant).collect())
}
