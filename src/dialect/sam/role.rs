//! The role that SAM makes for what has none, and which role is used when `Role` is a choice.

use super::expansion::{Expansion, is_no_value};
use super::make::Make;
use super::policies::Policies;
use super::read::parameters;
use crate::template::{Entry, Intrinsic, Kind, Map, Origin, Resource, Value};

/// Which role something runs with.
pub(super) struct Role<'a> {
    /// The role's ARN, for the property that names it.
    pub(super) arn: Value<'a>,
    /// What to make, unless a role was given.
    pub(super) made: Option<Made<'a>>,
}

/// A role to be made.
pub(super) struct Made<'a> {
    /// Its logical id.
    pub(super) id: &'a str,
    /// Its condition, when it is not that of its owner.
    condition: Option<(&'a str, Origin<'a>)>,
    /// What it may do, as far as it is known.
    pub(super) policies: Policies<'a>,
}

/// The role of a function or state machine: the one given, or `<id>Role`.
pub(super) fn of<'a>(expansion: &mut Expansion<'a>, owner: &Resource<'a>) -> Role<'a> {
    let id = expansion.id(&[owner.id, "Role"]);
    let make = expansion.cause(owner, "this role", owner.key);
    let mut made = Made { id, condition: owner.condition, policies: Policies::default() };
    let own = make.att(id, "Arn");
    let Some(given) = owner.property("Role").map(|e| e.value).filter(|v| !v.is_null()) else {
        return Role { arn: own, made: Some(made) };
    };
    let Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)) = given.kind else {
        return Role { arn: given, made: None };
    };
    if owner.kind != "AWS::Serverless::Function" {
        return Role { arn: given, made: None };
    }
    let at = make.at(given.origin);
    // SAM puts in what parameters are as soon as it makes the other branch itself.
    let known = |branch: Value<'a>| parameters(expansion, branch);
    let (then_known, otherwise_known) = (known(*then), known(*otherwise));
    match (is_no_value(then), is_no_value(otherwise)) {
        (true, true) => Role { arn: own, made: Some(made) },
        (true, false) => {
            made.condition = Some((condition, given.origin));
            Role { arn: at.choose(condition, own, otherwise_known), made: Some(made) }
        }
        (false, true) => {
            made.condition = Some((opposite(expansion, condition, given.origin), given.origin));
            Role { arn: at.choose(condition, then_known, own), made: Some(made) }
        }
        (false, false) => Role { arn: at.choose(condition, then_known, otherwise_known), made: None },
    }
}

/// The condition that holds when another does not; SAM names it `NOT` and the other.
pub(super) fn opposite<'a>(expansion: &mut Expansion<'a>, condition: &str, at: Origin<'a>) -> &'a str {
    let build = expansion.build;
    let inner = build.intrinsic(Intrinsic::Condition(build.str(condition)), at);
    let expression = build.intrinsic(Intrinsic::Not(inner), at);
    expansion.condition(&format!("NOT{condition}"), expression)
}

/// Deploys a role that SAM makes: its trust policy and policies, and what its owner says about roles.
pub(super) fn emit<'a>(
    expansion: &mut Expansion<'a>,
    owner: &Resource<'a>,
    made: Made<'a>,
    trust: Value<'a>,
    tags: Option<Value<'a>>,
) {
    let make = expansion.cause(owner, "this role", owner.key);
    let mut entries = vec![make.entry("AssumeRolePolicyDocument", trust)];
    if !made.policies.managed.is_empty() {
        entries.push(make.entry("ManagedPolicyArns", make.list(&made.policies.managed)));
    }
    if !made.policies.inline.is_empty() {
        entries.push(make.entry("Policies", make.list(&made.policies.inline)));
    }
    for (from, to) in [("RolePath", "Path"), ("PermissionsBoundary", "PermissionsBoundary")] {
        let written = owner.property(from).filter(|e| !e.value.is_null());
        entries.extend(written.map(|e| Entry { key: to, ..*e }));
    }
    entries.extend(tags.map(|t| make.entry("Tags", t)));
    let owner = Resource { condition: made.condition, ..*owner };
    expansion.emit(&owner, made.id, "AWS::IAM::Role", "this role", owner.key, make.entries(&entries));
}

/// `Tags` of a map: a list of keys and values, after the tag that says SAM made it.
pub(super) fn tags<'a>(make: Make<'a>, created_by: &'a str, tags: Option<Value<'a>>) -> Value<'a> {
    let pair = |make: Make<'a>, key: &'a str, value: Value<'a>| {
        let value = if value.is_null() { make.text("") } else { value };
        make.map(&[("Key", make.text(key)), ("Value", value)])
    };
    let mut items = vec![pair(make, created_by, make.text("SAM"))];
    let map = tags.and_then(|t| t.as_map()).unwrap_or(Map::EMPTY);
    items.extend(map.entries.iter().map(|e| pair(make.at(e.key_origin), e.key, e.value)));
    match tags {
        Some(tags) if tags.as_intrinsic().is_some() => tags,
        Some(_) | None => make.list(&items),
    }
}
