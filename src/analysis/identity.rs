//! The power of an identity of the template: its statements, AWS's policies that it lists, its boundary.

use super::functions::Facts;
use super::graph;
use super::iam::power::Power;
use super::policy::Statement;
use crate::resolve::{Known, Text};
use crate::template::Resource;

/// The power of a role, a user, a group, or of a policy by itself, given the statements that it carries.
#[must_use]
pub fn power<'a>(
    facts: &Facts<'_, '_, 'a>,
    at: usize,
    resource: &Resource<'a>,
    statements: &[&Statement<'a>],
) -> Power<'a> {
    let resolver = facts.resolver;
    let mut power = Power::default();
    statements.iter().for_each(|s| power.add(resolver, s));
    for (value, under) in graph::managed_arns(resolver, resource) {
        // The partition is a hole as often as not.
        power.add_managed(resolver, &Text::of(&value).pattern(), &under);
    }
    for case in resolver.property(resource, &["PermissionsBoundary"]) {
        let Some(value) = case.present() else {
            power.unknown_boundary |= matches!(case.value, Known::Unknown(_));
            continue;
        };
        match resolver.target(&value).and_then(|target| facts.graph.position(target.id)) {
            Some(policy) if policy != at => {
                let inside: Vec<_> = facts.statements.iter().filter(|s| s.owner == policy).collect();
                power.limit(resolver, &inside);
            }
            Some(_) | None => power.limit_managed(resolver, &Text::of(&value).pattern()),
        }
    }
    power
}
