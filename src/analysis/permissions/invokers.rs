//! Who sets a function off: services, resources of the template, roles of it, and anyone at all.

use std::collections::BTreeMap;

use super::Actor;
use crate::analysis::doors;
use crate::analysis::functions::Facts;
use crate::analysis::graph;
use crate::analysis::runners;
use crate::template::{Origin, Resource};

/// Somebody, or something, that invokes a function.
#[derive(Debug, Clone)]
pub struct Invoker<'a> {
    /// In words: "anyone, through a function URL without authentication", `s3.amazonaws.com`.
    pub who: String,
    /// The resource of the template that it is, or that it comes from.
    pub resource: Option<Resource<'a>>,
    /// True when nobody is asked who he is.
    pub anyone: bool,
    /// Where it says so.
    pub origin: Origin<'a>,
}

/// Tells each function who invokes it.
pub(super) fn tell<'a>(facts: &Facts<'_, '_, 'a>, actors: &mut [Actor<'a>]) {
    if !actors.iter().any(|actor| runners::function(actor.resource.kind).is_some()) {
        return;
    }
    let doors = doors::doors(facts);
    let triggers = graph::triggers(facts.template, facts.resolver, facts.graph);
    // Whose roles may invoke each function and name it, by logical id.
    let mut callers: BTreeMap<&str, Vec<(usize, Origin<'a>)>> = BTreeMap::new();
    for (at, other) in actors.iter().enumerate() {
        for reached in other.roles.iter().flat_map(|role| &role.effect.reached).filter(|reached| reached.named) {
            if reached.actions.iter().any(|action| action.name == "InvokeFunction") {
                let callers = callers.entry(reached.resource.id).or_default();
                if callers.last().is_none_or(|(known, _)| *known != at) {
                    callers.push((at, reached.resource.key));
                }
            }
        }
    }
    let mut found: Vec<Vec<Invoker<'a>>> = Vec::new();
    for actor in actors.iter() {
        let at = facts.graph.position(actor.resource.id).filter(|_| runners::function(actor.resource.kind).is_some());
        let Some(at) = at else {
            found.push(Vec::new());
            continue;
        };
        let mut all = Vec::new();
        if let Some(door) = doors.get(&at) {
            let who = format!("anyone, through {}", door.how);
            all.push(Invoker { who, resource: Some(door.by), anyone: true, origin: door.origin });
        }
        for trigger in triggers.get(&at).into_iter().flatten() {
            let source = trigger.source.and_then(|s| facts.at(s)).copied();
            let known = |other: &&Invoker<'a>| {
                other.resource.map(|r| r.id) == source.map(|r| r.id)
                    && (source.is_some() && !other.anyone || other.who == trigger.service)
            };
            if trigger.service != "*" && !all.iter().any(|other| known(&other)) {
                let who = match trigger.service.as_str() {
                    "unknown" => "an event source of elsewhere".to_owned(),
                    service => service.to_owned(),
                };
                all.push(Invoker { who, resource: source, anyone: false, origin: trigger.origin });
            }
        }
        for (other, by) in callers.get(actor.resource.id).into_iter().flatten() {
            let Some(other) = actors.get(*other).filter(|other| other.resource.id != actor.resource.id) else {
                continue;
            };
            all.push(Invoker {
                who: "its role".to_owned(),
                resource: Some(other.resource),
                anyone: false,
                origin: *by,
            });
        }
        found.push(all);
    }
    for (actor, invokers) in actors.iter_mut().zip(found) {
        actor.invokers = invokers;
    }
}
