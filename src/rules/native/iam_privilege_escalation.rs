//! Sets of actions with which an identity makes itself stronger.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Context, Rule, Sink};
use crate::analysis::iam::actions::{self, Action};
use crate::analysis::iam::escalation::{Escalation, Target, escalations};
use crate::analysis::iam::names::Name;
use crate::analysis::iam::power::{Allowed, Power, Ways, belongs};
use crate::analysis::policy::{Account, account_of, of_owner};
use crate::analysis::walk::at_path_in;
use crate::analysis::{graph, identity};
use crate::resolve::{Hole, Text, Under};
use crate::rulebook::{Confidence, PolicyKind, Severity};
use crate::rules::{Hit, Spot};
use crate::template::{Origin, Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let stronger = Stronger::all(cx);
    let takers = OnceCell::new();
    let mut tell_all = |at: usize, resource: &Resource<'a>, power: &Power<'a>| {
        if !tell(cx, at, resource, power, out) && !tell_strengthened(cx, at, resource, power, &takers, out) {
            tell_through(cx, at, resource, power, &stronger, out);
        }
    };
    // A boundary allows nothing by itself.
    let mut attached: BTreeSet<usize> = cx.boundaries();
    for (at, resource) in cx.template.resources.iter().enumerate() {
        if graph::is_identity(resource) {
            attached.extend(graph::each_once(&graph::holders_of(cx.template, cx.resolver, cx.graph(), at)));
            let Some(power) = cx.power_of(at) else { continue };
            tell_all(at, resource, &power);
        }
    }
    // Whatever is attached to nobody here is judged by itself.
    for (at, resource) in cx.template.resources.iter().enumerate() {
        if attached.contains(&at) {
            continue;
        }
        let mut holders = graph::named_policies(cx.resolver, resource);
        holders.insert(at);
        let mut statements = holders.iter().flat_map(|holder| of_owner(cx.statements(), *holder));
        if statements.any(|s| s.kind == PolicyKind::Identity) {
            let holders = holders.into_iter().map(|holder| (holder, Under::always()));
            let power = identity::power(&cx.facts(), at, resource, holders);
            tell_all(at, resource, &power);
        }
    }
}

/// Services that start what was set up in them, and say nothing else to it.
const CONDUCTORS: &[&str] = &["codepipeline", "events", "scheduler"];

fn tell<'a>(cx: &Context<'_, 'a>, at: usize, resource: &Resource<'a>, power: &Power<'a>, out: &mut Sink<'a>) -> bool {
    let Some(under) = cx.under(resource) else { return false };
    let ways = power.ways(&under);
    // What shuts a way in one case may leave it open in another.
    let mut tells = |ways: &Ways<'a>| tell_of(cx, at, resource, power, ways, out);
    std::iter::once(ways).chain(power.worlds(&under).iter().map(|world| power.ways(world))).any(|ways| tells(&ways))
}

fn tell_of<'a>(
    cx: &Context<'_, 'a>,
    at: usize,
    resource: &Resource<'a>,
    power: &Power<'a>,
    ways: &Ways<'a>,
    out: &mut Sink<'a>,
) -> bool {
    let conducts = |host: &String| CONDUCTORS.iter().any(|service| belongs(host, service));
    // Who starts a build for these brings no commands along.
    let starts_only = || power.machine && identity::trusted(&cx.facts(), at).iter().all(conducts);
    let starts = |way: &Escalation| way.names.iter().all(|name| name.starts_with("codebuild:StartBuild"));
    // What AWS's own policies allow by themselves is another rule's matter.
    let ours =
        ways.iter().filter(|(way, all)| all.iter().any(|a| a.source.is_some()) && !(starts(way) && starts_only()));
    let ours: Vec<_> = ours.collect();
    // What nothing stands in the way of says most.
    let free = |(_, all): &&&(_, Vec<Allowed<'a>>)| all.iter().all(|a| a.lifted.is_none());
    let Some((way, all)) = ours.iter().find(free).or(ours.first()) else { return false };
    let others = match ours.len() - 1 {
        0 => String::new(),
        1 => ", and there is 1 other way".to_owned(),
        more => format!(", and there are {more} other ways"),
    };
    let Some(mut hit) = hit_of(cx, resource, all) else { return false };
    // What reaches some targets only is often given on purpose; nobody means to let something change what it may do itself.
    if !matches!(way.target, Target::Every | Target::EverySort | Target::Itself) {
        hit = hit.severity(Severity::High);
    }
    let but = all.iter().find_map(|a| a.lifted.as_ref()).map(|lift| format!("; {}", lift.who())).unwrap_or_default();
    out.report(hit.message(format!("whoever has this policy can {}: it allows {}{others}{but}", way.how, named(all))));
    true
}

/// What writes into a role whatever one likes.
const STRENGTHENS: &[&str] = &["iam:PutRolePolicy", "iam:AttachRolePolicy"];

/// Who may strengthen a role of the template that it may take on is as strong as it likes.
fn tell_strengthened<'a>(
    cx: &Context<'_, 'a>,
    at: usize,
    resource: &Resource<'a>,
    power: &Power<'a>,
    takers: &OnceCell<Vec<Takers<'a>>>,
    out: &mut Sink<'a>,
) -> bool {
    let mentioned = STRENGTHENS.iter().filter_map(|name| actions::lookup(name)).filter(|action| power.names(action));
    let mentioned: Vec<_> = mentioned.collect();
    let Some(under) = cx.under(resource).filter(|_| !mentioned.is_empty()) else { return false };
    let assume = actions::lookup("sts:AssumeRole");
    for role in takers.get_or_init(|| Takers::all(cx)).iter().filter(|role| role.at != at) {
        let found = role.trusted.iter().find_map(|(who, trusted)| {
            let under = cx.resolver.both(&under, trusted)?;
            // Who is named need not be allowed it besides.
            let taken = match who {
                Taker::Role(id) => (*id == resource.id).then_some(None)?,
                Taker::Account => Some(power.allows_on(assume?, &role.name, &under)?),
            };
            let strengthened = mentioned.iter().find_map(|action| power.allows_on(action, &role.name, &under))?;
            Some(std::iter::once(strengthened).chain(taken).collect::<Vec<_>>())
        });
        let Some(all) = found else { continue };
        if let Some(hit) = hit_of(cx, resource, &all) {
            let allowed = named(&all);
            let message =
                format!("whoever has this policy can strengthen `{}` and assume it: it allows {allowed}", role.id);
            out.report(hit.message(message).related(role.key, "the role, which trusts the holder"));
            return true;
        }
    }
    false
}

/// A role of the template that something else may take on.
struct Takers<'a> {
    at: usize,
    id: &'a str,
    key: Origin<'a>,
    name: Name<'a>,
    /// Whom it trusts, whatever else is true, and when.
    trusted: Vec<(Taker<'a>, Under)>,
}

enum Taker<'a> {
    /// Another role of the template.
    Role(&'a str),
    /// Whom the account allows it.
    Account,
}

impl<'a> Takers<'a> {
    fn all(cx: &Context<'_, 'a>) -> Vec<Self> {
        let roles = cx.template.resources.iter().enumerate().filter(|(_, resource)| resource.kind == "AWS::IAM::Role");
        let of = |(at, role): (usize, &Resource<'a>)| {
            let trust = of_owner(cx.statements(), at).iter().filter(|s| s.kind == PolicyKind::Trust);
            let trust =
                trust.filter(|s| s.value.get("Condition").is_none() && s.asked(cx.resolver).effect("Allow").yes());
            let named = trust.flat_map(|s| at_path_in(cx.resolver, &s.value, s.under.clone(), "Principal.AWS[]"));
            let trusted: Vec<_> = named.filter_map(|case| Some((taker(cx, &case.present()?)?, case.under))).collect();
            let name = identity::name_of(cx.resolver, role).filter(|_| !trusted.is_empty())?;
            Some(Self { at, id: role.written_id, key: role.key, name, trusted })
        };
        roles.filter_map(of).collect()
    }
}

/// Whom a principal of a trust names.
fn taker<'a>(cx: &Context<'_, 'a>, principal: &Value<'a>) -> Option<Taker<'a>> {
    if let Some(role) = cx.resolver.target(principal) {
        return Some(Taker::Role(role.id));
    }
    let text = Text::of(principal);
    let root = text.only_hole() == Some(Hole::Pseudo("AWS::AccountId")) || text.pattern().ends_with(":root");
    (root && matches!(account_of(&text), Account::This)).then_some(Taker::Account)
}

/// What makes its holder as strong as one role, or as the role of one function, and how.
const CHANGES: &[(&str, &str)] = &[
    ("iam:UpdateAssumeRolePolicy", "let oneself assume"),
    ("lambda:UpdateFunctionCode", "replace the code of"),
    ("lambda:UpdateFunctionConfiguration", "put own code, as a layer, before that of"),
];

/// Who may pass one role only is as strong as that one, when it can do something with it; so is who may change whom it trusts, or
/// what a function does that runs as it.
fn tell_through<'a>(
    cx: &Context<'_, 'a>,
    at: usize,
    resource: &Resource<'a>,
    power: &Power<'a>,
    stronger: &[Stronger<'a>],
    out: &mut Sink<'a>,
) {
    let Some(under) = cx.under(resource) else { return };
    // Roles of functions that pass one have a rule of their own.
    let runs = graph::users_of_roles(cx.template, cx.resolver, cx.graph()).contains_key(&at);
    // Most policies name none of these actions, and need not be compared with every stronger role.
    let mentioned = |action: &str| actions::lookup(action).filter(|action| power.names(action));
    let changes: Vec<_> = CHANGES.iter().filter_map(|(action, how)| Some((mentioned(action)?, *how))).collect();
    let passes = !runs && mentioned("iam:PassRole").is_some();
    for other in stronger.iter().filter(|other| other.at != at && (passes || !changes.is_empty())) {
        let passed = || if passes { other.passed(cx, power, &under) } else { None };
        let through = other.changed(&changes, power, &under).or_else(passed);
        let Some((how, name, all)) = through else { continue };
        if let Some(hit) = hit_of(cx, resource, &all) {
            // Some ways end with the role, or with what is changed; others speak of it before.
            let so = if how.ends_with("the role") || all.len() == 1 { "" } else { ", which may be" };
            let message = format!(
                "whoever has this policy can {how}{so} `{name}`, and with it {}: it allows {}",
                other.how,
                named(&all)
            );
            out.report(hit.message(message).related(other.key, "the stronger role"));
        }
    }
}

/// A role of the template with which one becomes more, and what runs as it.
struct Stronger<'a> {
    at: usize,
    key: Origin<'a>,
    /// How one becomes more.
    how: &'static str,
    role: (&'a str, Name<'a>),
    functions: Vec<(&'a str, Name<'a>)>,
    /// The ways that end with a service which the role trusts, found out when somebody may pass a role.
    ways: OnceCell<Vec<&'static Escalation>>,
}

/// How something is reached, what it is called in the template, and what allows it.
type Through<'a> = (&'static str, &'a str, Vec<Allowed<'a>>);

impl<'a> Stronger<'a> {
    fn all(cx: &Context<'_, 'a>) -> Vec<Self> {
        let named = |at: usize| {
            let resource = cx.template.resources.get(at)?;
            Some((resource.written_id, identity::name_of(cx.resolver, resource)?))
        };
        let users = graph::users_of_roles(cx.template, cx.resolver, cx.graph());
        let roles = cx.template.resources.iter().enumerate().filter(|(_, resource)| resource.kind == "AWS::IAM::Role");
        roles
            .filter_map(|(at, resource)| {
                let (way, _) = *cx.power_of(at)?.ways(&cx.under(resource)?).first()?;
                let functions = users.get(&at).into_iter().flatten().filter_map(|function| named(*function)).collect();
                Some(Self { at, key: resource.key, how: way.how, role: named(at)?, functions, ways: OnceCell::new() })
            })
            .collect()
    }

    /// Whether somebody may change it, or what runs as it.
    fn changed(
        &self,
        changes: &[(&'static Action, &'static str)],
        power: &Power<'a>,
        under: &Under,
    ) -> Option<Through<'a>> {
        changes.iter().find_map(|(action, how)| {
            let mut targets = std::iter::once(&self.role).chain(&self.functions);
            targets.find_map(|(id, name)| Some((*how, *id, vec![power.allows_on(action, name, under)?])))
        })
    }

    /// Whether somebody may pass it to what then runs as it.
    fn passed(&self, cx: &Context<'_, 'a>, power: &Power<'a>, under: &Under) -> Option<Through<'a>> {
        let facts = cx.facts();
        let (id, name) = &self.role;
        let ways = self.ways.get_or_init(|| {
            let mut trusted = BTreeMap::new();
            let mut trusts =
                |service| *trusted.entry(service).or_insert_with(|| identity::trusts(&facts, self.at, service));
            escalations().iter().filter(|way| way.receiver().is_some_and(&mut trusts)).collect()
        });
        let (way, all) = power.way_through(name, ways, under)?;
        facts.may_be_passed().then_some((way.how, id, all))
    }
}

/// A finding at the item that allows the first of some actions.
fn hit_of<'a>(cx: &Context<'_, 'a>, resource: &Resource<'a>, all: &[Allowed<'a>]) -> Option<Hit<'a>> {
    let places: Vec<&Allowed<'a>> = all.iter().filter(|a| a.place.is_some() && a.source.is_some()).collect();
    let (first, rest) = places.split_first()?;
    let (source, origin) = (first.source?, first.place?);
    let owner = cx.template.resources.get(source.owner).unwrap_or(resource);
    let under = all.last().map_or_else(Under::always, |a| a.under.clone());
    let spot = Spot { origin, value: None, item: Some(source.statement) };
    let mut hit = Hit::new(spot).of(owner).under(&under).label(format!("allows `{}`", first.action));
    if let Some(help) = remedy(cx, all) {
        hit = hit.help(help);
    }
    if let Some(lift) = all.iter().find_map(|a| a.lifted.as_ref()) {
        hit = hit.severity(Severity::High).confidence(Confidence::Medium);
        hit = hit.related(lift.origin, "a denial that holds under this condition only");
    }
    for other in rest {
        if let Some(place) = other.place.filter(|p| p.span != origin.span) {
            hit = hit.related(place, format!("allows `{}`", other.action));
        }
    }
    Some(hit)
}

/// What to type, for the actions of a way. Where a role is passed is the place to begin; a wildcard cannot be taken
/// away, but written out. `None` for what is not written as an action: `NotAction`, and what intrinsics make.
fn remedy<'a>(cx: &Context<'_, 'a>, all: &[Allowed<'a>]) -> Option<String> {
    let mut names = Vec::new();
    for allowed in all.iter().filter(|a| a.source.is_some()) {
        let name = allowed.action.to_string();
        let written = cx.resolver.written(allowed.place?)?.trim_matches(['"', '\'']);
        if written.contains('*') && written.contains(':') {
            return Some(format!("Write the actions that are needed instead of `{written}`"));
        }
        if !written.eq_ignore_ascii_case(&name) {
            return None;
        }
        names.push(name);
    }
    let (passes, others): (Vec<&String>, Vec<&String>) = names.iter().partition(|name| *name == "iam:PassRole");
    let only = |action: &str| format!("Name in `Resource` what `{action}` is for, or take it away");
    Some(match (passes.is_empty(), others.as_slice()) {
        (_, []) => only("iam:PassRole"),
        (true, [action]) => only(action),
        (true, _) => format!("Name in `Resource` what {} are for, or take one away", listed(names.iter().cloned())),
        (false, [other]) => {
            format!(
                "Name in `Resource` the role that `iam:PassRole` is for (`!GetAtt TaskRole.Arn`), or take `{other}` away"
            )
        }
        (false, _) => "Name in `Resource` the role that `iam:PassRole` is for (`!GetAtt TaskRole.Arn`)".to_owned(),
    })
}

fn named(all: &[Allowed<'_>]) -> String {
    listed(all.iter().map(|a| a.action.to_string()))
}

fn listed(names: impl Iterator<Item = String>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
}
