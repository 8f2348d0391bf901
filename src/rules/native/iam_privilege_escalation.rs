//! Sets of actions with which an identity makes itself stronger.

use std::collections::BTreeSet;

use super::{Context, Rule, Sink};
use crate::analysis::iam::power::{Allowed, Power};
use crate::analysis::policy::Statement;
use crate::analysis::graph;
use crate::resolve::{Text, Under};
use crate::rulebook::PolicyKind;
use crate::rules::{Hit, Spot};
use crate::template::Resource;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let mut attached = BTreeSet::new();
    for (at, resource) in cx.template.resources.iter().enumerate() {
        if resource.kind == "AWS::IAM::Role" {
            let statements = cx.statements_of(at);
            attached.extend(statements.iter().map(|s| s.owner));
            tell(cx, resource, &power_of(cx, at, resource, &statements), out);
        }
    }
    // Whatever is attached to nobody here is judged by itself.
    for (at, resource) in cx.template.resources.iter().enumerate() {
        let own: Vec<_> = cx.statements().iter().filter(|s| s.owner == at && s.kind == PolicyKind::Identity).collect();
        if !own.is_empty() && !attached.contains(&at) {
            tell(cx, resource, &power_of(cx, at, resource, &own), out);
        }
    }
}

/// The power of a role, a user, a group, or of a policy by itself.
pub(super) fn power_of<'a>(cx: &Context<'_, 'a>, at: usize, resource: &Resource<'a>, statements: &[&Statement<'a>]) -> Power<'a> {
    let mut power = Power::default();
    statements.iter().for_each(|s| power.add(cx.resolver, s));
    for (value, under) in graph::managed_arns(cx.resolver, resource) {
        power.add_managed(cx.resolver, &arn_text(&value), &under);
    }
    for case in cx.resolver.property(resource, &["PermissionsBoundary"]) {
        let Some(value) = case.present() else {
            power.unknown_boundary |= matches!(case.value, crate::resolve::Known::Unknown(_));
            continue;
        };
        match cx.resolver.target(&value).and_then(|target| cx.graph().position(target.id)) {
            Some(policy) if policy != at => {
                let inside: Vec<_> = cx.statements().iter().filter(|s| s.owner == policy).collect();
                power.limit(cx.resolver, &inside);
            }
            Some(_) | None => power.limit_managed(cx.resolver, &arn_text(&value)),
        }
    }
    power
}

/// An ARN with the usual partition where the template leaves it open.
fn arn_text(value: &crate::template::Value<'_>) -> String {
    Text::of(value).pattern()
}

fn tell<'a>(cx: &Context<'_, 'a>, resource: &Resource<'a>, power: &Power<'a>, out: &mut Sink<'a>) {
    let Some(under) = cx.under(resource) else { return };
    let ways = power.ways(&under);
    // What AWS's own policies allow by themselves is another rule's matter.
    let mut ours = ways.iter().filter(|(_, all)| all.iter().any(|a| a.source.is_some()));
    let Some((way, all)) = ours.next() else { return };
    let more = ours.count();
    let places: Vec<&Allowed<'a>> = all.iter().filter(|a| a.place.is_some() && a.source.is_some()).collect();
    let Some((first, rest)) = places.split_first() else { return };
    let (Some(source), Some(origin)) = (first.source, first.place) else { return };
    let owner = cx.template.resources.get(source.owner).unwrap_or(resource);
    let names: Vec<String> = all.iter().map(|a| format!("`{}`", a.action)).collect();
    let others = match more {
        0 => String::new(),
        1 => ", and there is 1 other way".to_owned(),
        more => format!(", and there are {more} other ways"),
    };
    let under = all.last().map_or_else(Under::always, |a| a.under.clone());
    let spot = Spot { origin, value: None, item: Some(source.statement) };
    let mut hit = Hit::new(spot).of(owner).under(&under);
    hit = hit.message(format!("whoever has this policy can {}: it allows {}{others}", way.how, names.join(" and ")));
    hit = hit.label(format!("allows `{}`", first.action));
    for other in rest {
        if let Some(place) = other.place.filter(|p| p.span != origin.span) {
            hit = hit.related(place, format!("allows `{}`", other.action));
        }
    }
    out.report(hit);
}

