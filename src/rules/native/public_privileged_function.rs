//! Functions that anyone reaches and that may do nearly anything: the whole way of an attack.

use super::{Context, Rule, Sink};
use crate::analysis::doors::{self, Door};
use crate::analysis::graph::{RoleOf, managed_arns};
use crate::analysis::iam::managed;
use crate::analysis::iam::power::Power;
use crate::analysis::identity;
use crate::analysis::policy::{Statement, means_a, width_of};
use crate::resolve::{Text, Truth, Under};
use crate::rulebook::{Narrowing, Sort, Width};
use crate::rules::{Hit, Spot};
use crate::template::{Origin, Resource};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (at, Door { origin, how, by: entry, under: opened }) in doors::doors(&cx.facts()) {
        let Some(function) = cx.template.resources.get(at) else { continue };
        for (role, under, _) in cx.roles_of(function) {
            let RoleOf::Here(role) = role else { continue };
            let Some(under) = opened.and(&under) else { continue };
            let Some(carrier) = cx.template.resources.get(role).filter(|r| r.kind == "AWS::IAM::Role") else { continue };
            let statements = cx.statements_of(role);
            let Some(power) = cx.power_of(role) else { continue };
            let found = privilege(cx, &statements, &power, &under).map(|(might, place)| (might, place, under.clone()));
            let Some((might, place, under)) = found.or_else(|| attached(cx, carrier, &power, &under)) else { continue };
            let message = format!("anyone reaches `{}` through {how}, and its role {might}", function.written_id);
            let mut hit = Hit::new(Spot::missing(origin)).of(&entry).under(&under).message(message);
            if entry.kind == "AWS::Lambda::WebFunctionEndpoint" {
                hit = hit.help("Set `AuthType: IamAuth`, and name actions and resources in the function's role.");
            }
            out.report(hit.related(function.key, "this function is reached").related(place, format!("its role {might}")));
            break;
        }
    }
}

/// What makes a role strong, in words, and where it says so.
fn privilege<'a>(
    cx: &Context<'_, 'a>,
    statements: &[&Statement<'a>],
    power: &Power<'a>,
    under: &Under,
) -> Option<(String, Origin<'a>)> {
    for statement in statements {
        let asked = statement.asked(cx.resolver);
        let whole = asked.any_resource().iter().any(|a| a.truth.yes());
        let certain = |all: Vec<crate::analysis::policy::Answer<'a>>| all.iter().any(|a| a.truth.yes());
        if !whole || !asked.effect("Allow").yes() || asked.narrowed(Narrowing::Anything) != Truth::No {
            continue;
        }
        if certain(asked.wildcard_action(Width::Everything)) {
            return Some(("may do everything".to_owned(), statement.origin));
        }
        if certain(asked.wildcard_action(Width::Service)) {
            return Some(("may do all of a service on every resource".to_owned(), statement.origin));
        }
        if certain(asked.allows_a(Sort::Data)) {
            return Some(("may read all data of a sort".to_owned(), statement.origin));
        }
    }
    power.ways(under).iter().find_map(|(way, all)| {
        let source = all.iter().find_map(|a| a.source)?;
        Some((format!("can {}", way.how), source.statement))
    })
}

/// The same of the policies of AWS's that it lists, where nothing takes that away.
fn attached<'a>(
    cx: &Context<'_, 'a>,
    role: &Resource<'a>,
    power: &Power<'a>,
    under: &Under,
) -> Option<(String, Origin<'a>, Under)> {
    if power.has_limits() {
        return None;
    }
    managed_arns(cx.resolver, role).into_iter().find_map(|(value, own)| {
        let arn = Text::of(&value).pattern();
        let (policy, here) = (managed::of_arn(&arn)?, under.and(&own)?);
        let might = strength(policy).map(str::to_owned).or_else(|| {
            let mut alone = Power::default();
            alone.carry(identity::managed(&cx.facts(), &value, &here)?);
            alone.ways(&here).first().map(|(way, _)| format!("can {}", way.how))
        })?;
        Some((format!("{might}, through `{}`", policy.name), value.origin, here))
    })
}

/// What makes a policy of AWS's strong, in words.
fn strength(policy: &managed::Policy) -> Option<&'static str> {
    let statements = policy.statements()?;
    let whole = statements.iter().filter(|s| s.allows && !s.elsewhere && s.condition.is_none() && s.resources.contains(&"*"));
    let named: Vec<_> = whole.clone().filter(|s| !s.except).flat_map(|s| &s.actions).collect();
    if named.iter().any(|a| width_of(a) == Some(Width::Everything)) {
        return Some("may do everything");
    }
    if whole.clone().any(|s| s.except) {
        return Some("may do nearly everything");
    }
    if named.iter().any(|a| width_of(a) == Some(Width::Service)) {
        return Some("may do all of a service on every resource");
    }
    // Policies made for a service read what the service hands over: a queue, a stream.
    let data = policy.path != "service-role" && named.iter().any(|a| means_a(Sort::Data, a));
    data.then_some("may read all data of a sort")
}
