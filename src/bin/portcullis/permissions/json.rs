//! The map for scripts.

use portcullis::analysis::iam::actions::{Action, Level};
use portcullis::analysis::iam::effect::{Reached, Use, by_level};
use portcullis::analysis::permissions::{Actor, Assumed, Grant, Invoker};
use portcullis::source::Sources;
use serde_json::{Value, json};

/// Something that runs, or a role that nothing here runs as.
pub(super) fn actor(actor: &Actor<'_>, file: &str, sources: &Sources) -> Value {
    json!({
        "file": file,
        "resource": actor.resource.written_id,
        "logical_id": actor.resource.id,
        "resource_type": actor.resource.kind,
        "invoked_by": actor.invokers.iter().map(invoker).collect::<Vec<_>>(),
        "roles": actor.roles.iter().map(|r| role(r, sources)).collect::<Vec<_>>(),
    })
}

fn invoker(invoker: &Invoker<'_>) -> Value {
    json!({
        "who": invoker.who,
        "anyone": invoker.anyone,
        "resource": invoker.resource.map(|r| r.written_id),
        "resource_type": invoker.resource.map(|r| r.kind),
    })
}

fn role(role: &Assumed<'_>, sources: &Sources) -> Value {
    let ways = role.ways.iter().map(|way| json!({"name": way.name, "how": way.how, "actions": way.names}));
    json!({
        "role": role.name,
        "known": role.role.is_some(),
        "under": role.under.describe(),
        "shared_with": role.shared_with,
        "attached": role.attached,
        "not_read": role.unread,
        "boundary": role.boundary,
        "trusts": role.trusted.iter().map(|t| t.who.as_str()).collect::<Vec<_>>(),
        "everything": role.effect.everything,
        "everything_but": role.effect.but,
        "services": role.effect.services.iter().map(service).collect::<Vec<_>>(),
        "reaches": role.effect.reached.iter().map(reached).collect::<Vec<_>>(),
        "escalation": ways.collect::<Vec<_>>(),
        "grants": role.grants.iter().map(|g| grant(g, sources)).collect::<Vec<_>>(),
    })
}

fn service(one: &Use) -> Value {
    json!({
        "service": one.service.prefix,
        "title": one.service.title,
        "actions": one.actions.len(),
        "levels": levels(&one.actions),
        "on_every_resource": one.anywhere,
    })
}

fn reached(one: &Reached<'_>) -> Value {
    json!({
        "resource": one.resource.written_id,
        "logical_id": one.resource.id,
        "resource_type": one.resource.kind,
        "actions": one.actions.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "levels": levels(&one.actions),
        "named": one.named,
        "conditional": one.limited,
    })
}

fn levels(actions: &[&'static Action]) -> Value {
    Level::ALL.iter().zip(by_level(actions)).map(|(level, count)| (level.name().to_owned(), json!(count))).collect()
}

fn grant(grant: &Grant<'_>, sources: &Sources) -> Value {
    let source = sources.get(grant.origin.span.file);
    let at = source.position(grant.origin.span.start);
    json!({
        "effect": grant.effect,
        if grant.all_actions_but { "not_actions" } else { "actions" }: grant.actions,
        if grant.all_resources_but { "not_resources" } else { "resources" }: grant.resources,
        "conditional": grant.limited,
        "under": grant.under.describe(),
        "policy": grant.policy,
        "file": source.path(),
        "line": at.line,
        "column": at.column,
    })
}
