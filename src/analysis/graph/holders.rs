//! Who holds which policies: roles, users and groups, with what is attached from either side.

use std::collections::BTreeSet;
use std::rc::Rc;

use foldhash::HashMap;

use super::{Graph, Named, called, named, own_names};
use crate::analysis::policy::{Statement, of_owner};
use crate::resolve::{Case, Known, Resolver, Text, Under};
use crate::template::{Resource, Template, Value};

/// Who has which policies, and is in which groups, each list read once: a hundred policies may name the same five hundred roles.
#[derive(Debug, Default)]
pub(super) struct Attached {
    /// What each identity has by being named there, or by naming it: policies and groups, each in these cases.
    has: HashMap<usize, Vec<(usize, Under)>>,
    /// The same the other way round.
    of: HashMap<usize, Vec<usize>>,
}

/// Who has policies: roles, users and groups; what they are called by, and the lists in which policies name them.
const IDENTITIES: [(&str, &str, &[&str]); 3] = [
    ("AWS::IAM::Role", "RoleName", &["Roles", "RoleName"]),
    ("AWS::IAM::User", "UserName", &["Users", "UserName"]),
    ("AWS::IAM::Group", "GroupName", &["Groups", "GroupName"]),
];

/// Whether a resource is a role, a user or a group.
#[must_use]
pub fn is_identity(resource: &Resource<'_>) -> bool {
    IDENTITIES.iter().any(|(kind, ..)| *kind == resource.kind)
}

/// The statements that a role carries: its own, and those of policies of the template attached to it.
#[must_use]
pub fn statements_of<'s, 'a>(
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &Graph,
    statements: &'s [Statement<'a>],
    role: usize,
) -> Vec<&'s Statement<'a>> {
    let holders = holders_of(template, resolver, graph, role);
    let of = |holder: usize| of_owner(statements, holder);
    each_once(&holders).flat_map(of).filter(|s| s.kind == crate::rulebook::PolicyKind::Identity).collect()
}

/// How much of what a group has is looked at for each user in it; AWS attaches ten managed policies to a group, and puts a user into
/// ten groups.
const MOST_OF_A_GROUP: usize = 64;

/// The resources whose statements an identity carries, by position and each in these cases: itself, policies of the template, and
/// the groups that a user is in with theirs. Nothing is assumed for what it has whenever both are there.
#[must_use]
pub fn holders_of<'a>(
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &Graph,
    identity: usize,
) -> Rc<[(usize, Under)]> {
    graph.holders.answer(identity, || {
        let attached = graph.attached(template, resolver);
        let own = |at: usize| attached.has.get(&at).map_or(&[][..], Vec::as_slice);
        let mut all = vec![(identity, Under::always())];
        for (at, under) in own(identity) {
            all.push((*at, under.clone()));
            // What a group has, those in it have; of a policy there is nothing.
            let further = own(*at).iter().take(MOST_OF_A_GROUP);
            all.extend(further.filter_map(|(further, when)| Some((*further, under.and(when)?))));
        }
        // What is there in whatever case is there once.
        all.sort_by_key(|(at, under)| (*at, !under.is_nothing()));
        all.dedup_by(|later, first| later.0 == first.0 && first.1.is_nothing());
        all.into()
    })
}

/// The holders among cases of theirs, in the template's order.
pub fn each_once(holders: &[(usize, Under)]) -> impl Iterator<Item = usize> + use<> {
    holders.iter().map(|(at, _)| *at).collect::<BTreeSet<_>>().into_iter()
}

impl Attached {
    pub(super) fn of<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>, graph: &Graph) -> Self {
        let mut all = Self::default();
        for (at, resource) in template.resources.iter().enumerate() {
            match resource.kind {
                "AWS::IAM::Policy"
                | "AWS::IAM::ManagedPolicy"
                | "AWS::IAM::RolePolicy"
                | "AWS::IAM::UserPolicy"
                | "AWS::IAM::GroupPolicy" => {
                    for (kind, name, lists) in IDENTITIES {
                        for list in lists {
                            for (identity, under) in named_by(template, resolver, graph, resource, list, (kind, name)) {
                                all.add(resolver, template, identity, at, under);
                            }
                        }
                    }
                }
                "AWS::IAM::UserToGroupAddition" => {
                    let of = |list, (kind, name, _): (&'static str, &'static str, _)| {
                        named_by(template, resolver, graph, resource, list, (kind, name))
                    };
                    let [_, users, groups] = IDENTITIES;
                    for (group, when) in of("GroupName", groups) {
                        for (user, under) in of("Users", users) {
                            if let Some(under) = under.and(&when) {
                                all.add(resolver, template, user, group, under);
                            }
                        }
                    }
                }
                _ if is_identity(resource) => {
                    for (value, under) in managed_arns(resolver, resource) {
                        if let Some(policy) = policy_named(template, resolver, graph, &value) {
                            all.add(resolver, template, at, policy, under);
                        }
                    }
                    let [.., (kind, name, _)] = IDENTITIES;
                    if resource.kind == "AWS::IAM::User" {
                        for (group, under) in named_by(template, resolver, graph, resource, "Groups", (kind, name)) {
                            all.add(resolver, template, at, group, under);
                        }
                    }
                }
                _ => {}
            }
        }
        all
    }

    /// Says that an identity has something in one case; which of several cases it is counts only where there are others.
    fn add<'a>(
        &mut self,
        resolver: &Resolver<'_, 'a>,
        template: &Template<'a>,
        identity: usize,
        has: usize,
        under: Under,
    ) {
        let there = |at: usize| template.resources.get(at).and_then(|resource| resolver.under_of(resource));
        let Some(both) = there(identity).zip(there(has)).and_then(|(one, other)| one.and(&other)) else { return };
        let all = self.has.entry(identity).or_default();
        let cases: Vec<Under> = all.iter().filter(|(at, _)| *at == has).map(|(_, case)| case.clone()).collect();
        if cases.is_empty() {
            self.of.entry(has).or_default().push(identity);
        }
        if cases.iter().any(Under::is_nothing) {
            return;
        }
        if both.is_covered_by(cases.iter().chain([&under])) {
            all.retain(|(at, _)| *at != has);
            all.push((has, Under::always()));
        } else {
            all.push((has, under));
        }
    }
}

/// The identities of the template that a list of a resource names, by reference or as they are called, each with its case.
fn named_by<'a>(
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &Graph,
    resource: &Resource<'a>,
    list: &str,
    (kind, property): (&'static str, &str),
) -> Vec<(usize, Under)> {
    let mut all = Vec::new();
    if resource.property(list).is_none() {
        return all;
    }
    for case in resolver.property(resource, &[list]) {
        let Some(value) = case.present() else { continue };
        for item in resolver.items(&value, &case.under) {
            let Some(name) = item.present().map(|value| Text::of(&value)) else { continue };
            let by_reference = name.only_hole().and_then(|hole| graph.position(hole.resource_id()?));
            if let Some(at) = by_reference {
                let of_kind = template.resources.get(at).is_some_and(|r| r.kind == kind);
                all.extend(of_kind.then_some((at, item.under)));
            } else if let Some(name) = called(&name) {
                let called = own_names(template, resolver, graph, (kind, property));
                all.extend(called.get(&name).into_iter().flatten().map(|at| (*at, item.under.clone())));
            }
        }
    }
    all
}

/// The managed policy of the template that a value names, by position: by reference, or by the name that it gives itself.
#[must_use]
pub fn policy_named<'a>(
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &Graph,
    value: &Value<'a>,
) -> Option<usize> {
    let by_reference = resolver.target(value).and_then(|target| graph.position(target.id));
    by_reference.or_else(|| named(Named::Policy, template, resolver, graph, &Text::of(value)))
}

/// The policies that limit a role or a user of the template, and are attached to none of them: they grant nothing.
#[must_use]
pub fn boundaries<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>, graph: &Graph) -> BTreeSet<usize> {
    let identities = template.resources.iter().filter(|r| matches!(r.kind, "AWS::IAM::Role" | "AWS::IAM::User"));
    let mut all = BTreeSet::new();
    for identity in identities {
        for case in resolver.property(identity, &["PermissionsBoundary"]) {
            all.extend(case.present().and_then(|v| policy_named(template, resolver, graph, &v)));
        }
    }
    let attached = graph.attached(template, resolver);
    all.retain(|at| {
        template.resources.get(*at).is_some_and(|policy| {
            let names = ["Roles", "Users", "Groups"].iter().any(|key| policy.property(key).is_some());
            !names && !attached.of.contains_key(at)
        })
    });
    all
}

/// The identities of the template that carry the policies of a resource, by position: itself, or those that a policy names and those
/// that name it.
#[must_use]
pub fn carriers<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>, graph: &Graph, owner: usize) -> Rc<[usize]> {
    graph.carriers.answer(owner, || {
        let Some(resource) = template.resources.get(owner) else { return Rc::default() };
        if is_identity(resource) {
            return Rc::from([owner]);
        }
        let all = graph.attached(template, resolver).of.get(&owner).into_iter().flatten().copied();
        all.collect::<BTreeSet<_>>().into_iter().collect()
    })
}

/// How many policies an identity has at most: twenty-five managed ones, and inline ones as long as some hundred of the shortest.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MOST_POLICIES: usize = 150;

/// The resources whose statements somebody carries together with those of one, by position, itself among them: a role may do what
/// all of its policies say, and a user what those of the groups say, too.
#[must_use]
pub fn together<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>, graph: &Graph, owner: usize) -> Rc<[usize]> {
    graph.together.answer(owner, || {
        let attached = graph.attached(template, resolver);
        // Those in a group have what it has.
        let users = |group: usize| attached.of.get(&group).into_iter().flatten().copied();
        let by = carriers(template, resolver, graph, owner);
        let by: BTreeSet<usize> = by.iter().flat_map(|at| std::iter::once(*at).chain(users(*at))).collect();
        let all = by.into_iter().map(|at| each_once(&holders_of(template, resolver, graph, at)).collect::<Vec<_>>());
        // Nobody can deploy who has more.
        let possible = all.filter(|policies| policies.len() <= MOST_POLICIES);
        possible.flatten().chain([owner]).collect::<BTreeSet<_>>().into_iter().collect()
    })
}

/// What limits an identity: the policy that its `PermissionsBoundary` names, which for a permission set is a map.
#[must_use]
pub fn boundary_of<'a>(resolver: &Resolver<'_, 'a>, resource: &Resource<'a>) -> Vec<Case<'a>> {
    if resource.kind != PERMISSION_SET {
        return resolver.property(resource, &["PermissionsBoundary"]).into_iter().collect();
    }
    let named = resolver.property(resource, &["PermissionsBoundary", "ManagedPolicyArn"]);
    // One's own policy is named by its path in whatever account: not known here.
    let own = resolver.property(resource, &["PermissionsBoundary", "CustomerManagedPolicyReference"]);
    let own: Vec<Case<'a>> = own.into_iter().filter(|case| !matches!(case.value, Known::Absent)).collect();
    // It has the one or the other.
    let named = named.into_iter().filter(|case| own.is_empty() || !matches!(case.value, Known::Absent));
    named.chain(own.iter().cloned()).collect()
}

/// A role that IAM Identity Center makes in the accounts it is assigned to.
const PERMISSION_SET: &str = "AWS::SSO::PermissionSet";

/// The policies of the template that a permission set lists by their names, by position.
#[must_use]
pub fn named_policies<'a>(resolver: &Resolver<'_, 'a>, set: &Resource<'a>) -> BTreeSet<usize> {
    if set.kind != PERMISSION_SET {
        return BTreeSet::new();
    }
    let name = |case: &Case<'a>| Text::of(&case.present()?).identity().filter(|name| !name.is_empty());
    let mut names = BTreeSet::new();
    for list in resolver.property(set, &["CustomerManagedPolicyReferences"]) {
        let Some(value) = list.present() else { continue };
        for item in resolver.items(&value, &list.under) {
            let Some(reference) = item.present() else { continue };
            names.extend(resolver.get(&reference, "Name", &item.under).iter().filter_map(name));
        }
    }
    let is_named = |policy: &Resource<'a>| {
        policy.kind == "AWS::IAM::ManagedPolicy"
            && resolver.property(policy, &["ManagedPolicyName"]).iter().filter_map(name).any(|own| names.contains(&own))
    };
    let all = resolver.template().resources.iter().enumerate();
    all.filter(|(_, policy)| is_named(policy)).map(|(at, _)| at).collect()
}

/// The managed policies that a role, user, group or permission set lists, each with its assumption.
#[must_use]
pub fn managed_arns<'a>(resolver: &Resolver<'_, 'a>, resource: &Resource<'a>) -> Vec<(Value<'a>, Under)> {
    let mut all = Vec::new();
    let property = if resource.kind == PERMISSION_SET { "ManagedPolicies" } else { "ManagedPolicyArns" };
    for list in resolver.property(resource, &[property]) {
        let Some(value) = list.present() else { continue };
        for item in resolver.items(&value, &list.under) {
            all.extend(item.present().map(|v| (v, item.under.clone())));
        }
    }
    all
}
