//! Functions that anyone reaches and that may do nearly anything: the whole way of an attack.

use super::{Context, Rule, Sink};
use crate::analysis::doors::{self, Door};
use crate::analysis::graph::RoleOf;
use crate::analysis::iam::power::Power;
use crate::analysis::identity;
use crate::analysis::policy::Statement;
use crate::resolve::Truth;
use crate::rulebook::{Narrowing, Sort, Width};
use crate::rules::{Hit, Spot};
use crate::template::Origin;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (at, Door { origin, how, by: entry }) in doors::doors(&cx.facts()) {
        let Some(function) = cx.template.resources.get(at) else { continue };
        for (role, under, _) in cx.roles_of(function, "Role") {
            let RoleOf::Here(role) = role else { continue };
            let Some(carrier) = cx.template.resources.get(role).filter(|r| r.kind == "AWS::IAM::Role") else { continue };
            let statements = cx.statements_of(role);
            let power = identity::power(&cx.facts(), role, carrier, &statements);
            let Some((might, place)) = privilege(cx, &statements, &power, &under) else { continue };
            let message = format!("anyone reaches `{}` through {how}, and its role {might}", function.written_id);
            let hit = Hit::new(Spot::missing(origin)).of(&entry).under(&under).message(message);
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
    under: &crate::resolve::Under,
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
    let ways = power.ways(under);
    let (way, all) = ways.first()?;
    let source = all.iter().find_map(|a| a.source)?;
    Some((format!("can {}", way.how), source.statement))
}
