//! Who has to do with whom: references, roles of functions, policies of roles, what invokes a function.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use foldhash::HashMap;

use super::memo::Answers;
use super::policy::{Statement, of_owner};
use super::runners;
use super::walk::texts_in;
use crate::resolve::{Case, Hole, Known, Resolver, Text, Under};
use crate::template::{Intrinsic, Kind, Origin, Resource, Template, Value};

/// The references of a template, as positions in its resources.
#[derive(Debug, Default)]
pub struct Graph {
    by_id: HashMap<String, usize>,
    refers: Vec<BTreeSet<usize>>,
    referred: Vec<BTreeSet<usize>>,
    /// The policies that each identity carries, by position, and in which cases, as far as they were asked for.
    holders: Answers<usize, Rc<[(usize, Under)]>>,
    /// The identities that carry the policies of a resource, as far as they were asked for.
    carriers: Answers<usize, Rc<[usize]>>,
    /// What is carried together with the policies of a resource, as far as it was asked for.
    together: Answers<usize, Rc<[usize]>>,
    /// Who names whom of the identities and the policies.
    attached: OnceCell<Attached>,
    /// The resources of each name, by type and position.
    own_names: Answers<&'static str, Rc<HashMap<String, Vec<usize>>>>,
    /// The functions that run as each role, by position.
    users: OnceCell<HashMap<usize, BTreeSet<usize>>>,
}

/// Who has which policies, and is in which groups, each list read once: a hundred policies may name the same five hundred roles.
#[derive(Debug, Default)]
struct Attached {
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

/// What a `Role` property names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoleOf<'a> {
    /// A role of this template, by position.
    Here(usize),
    /// A literal ARN or name.
    Literal(&'a str),
    /// A parameter of the template.
    Parameter(&'a str),
    /// Another stack's export.
    Import(&'a str),
    /// Anything else: not known.
    Unknown,
}

/// What invokes a function.
#[derive(Debug, Clone)]
pub struct Trigger<'a> {
    /// The service host (`sns.amazonaws.com`), or for an event source mapping the service of its source.
    pub service: String,
    /// Whether the function is invoked asynchronously, so that failures are not seen by the caller.
    pub asynchronous: bool,
    /// The resource that says so: a permission or a mapping, by position.
    pub by: usize,
    /// The resource that the events come from, when it is of this template.
    pub source: Option<usize>,
    /// Where it says so.
    pub origin: Origin<'a>,
}

/// Services that invoke functions asynchronously.
/// <https://docs.aws.amazon.com/lambda/latest/dg/lambda-services.html>
const ASYNCHRONOUS: &[&str] = &[
    "s3",
    "sns",
    "events",
    "iot",
    "ses",
    "logs",
    "config",
    "codecommit",
    "codepipeline",
    "cloudformation",
    "iotevents",
    "scheduler",
];

impl Graph {
    /// The graph of a template: every `Ref`, `GetAtt` and `${…}` is an edge, and so is the name that a function gives itself.
    #[must_use]
    pub fn new(template: &Template<'_>) -> Self {
        let by_id: HashMap<String, usize> =
            template.resources.iter().enumerate().map(|(at, r)| (r.id.to_owned(), at)).collect();
        let count = template.resources.len();
        let (refers, referred) = (vec![BTreeSet::new(); count], vec![BTreeSet::new(); count]);
        let mut graph = Self { by_id, refers, referred, ..Self::default() };
        for (at, resource) in template.resources.iter().enumerate() {
            let mut ids = BTreeSet::new();
            references(&resource.properties, &mut ids);
            for id in ids {
                if let Some(&to) = graph.by_id.get(id) {
                    graph.refers[at].insert(to);
                    graph.referred[to].insert(at);
                }
            }
        }
        graph.refer_by_name(template);
        graph
    }

    /// Adds what calls a function by the name that stands in the template: in an ARN, or to Lambda alone.
    fn refer_by_name(&mut self, template: &Template<'_>) {
        let functions = template.resources.iter().enumerate().filter(|(_, r)| r.kind == "AWS::Lambda::Function");
        let named = functions.filter_map(|(at, r)| Some((r.property("FunctionName")?.value.as_text()?, at)));
        let names: HashMap<&str, usize> = named.collect();
        if names.is_empty() {
            return;
        }
        for (at, resource) in template.resources.iter().enumerate() {
            let to_lambda = resource.kind.starts_with("AWS::Lambda::");
            texts_in(&resource.properties, &mut |text| {
                let to = function_in(text).or(to_lambda.then_some(text)).and_then(|name| names.get(name));
                if let Some(&to) = to.filter(|to| **to != at) {
                    self.refers[at].insert(to);
                    self.referred[to].insert(at);
                }
            });
        }
    }

    /// The position of a logical id.
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    /// The resources that one refers to.
    pub fn refers(&self, from: usize) -> impl Iterator<Item = usize> + '_ {
        self.refers.get(from).into_iter().flatten().copied()
    }

    /// The resources that refer to one.
    pub fn referred(&self, to: usize) -> impl Iterator<Item = usize> + '_ {
        self.referred.get(to).into_iter().flatten().copied()
    }

    fn attached<'a>(&self, template: &Template<'a>, resolver: &Resolver<'_, 'a>) -> &Attached {
        self.attached.get_or_init(|| Attached::of(template, resolver, self))
    }

    /// Everything that can be reached from one by references, itself excluded.
    #[must_use]
    pub fn reach(&self, from: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::new();
        let mut left = vec![from];
        while let Some(at) = left.pop() {
            for to in self.refers(at) {
                if to != from && seen.insert(to) {
                    left.push(to);
                }
            }
        }
        seen
    }
}

/// Every resource id that a value refers to, however deep.
pub fn references<'a>(value: &Value<'a>, ids: &mut BTreeSet<&'a str>) {
    references_at(value, ids, 0);
}

fn references_at<'a>(value: &Value<'a>, ids: &mut BTreeSet<&'a str>, depth: usize) {
    if depth > 300 {
        return;
    }
    if let Kind::Intrinsic(Intrinsic::Ref(id) | Intrinsic::GetAtt(id, _)) = value.kind {
        ids.insert(id);
    }
    let mut each = |values: &[Value<'a>]| values.iter().for_each(|v| references_at(v, ids, depth + 1));
    match value.kind {
        Kind::List(items) => each(items),
        Kind::Map(map) => map.entries.iter().for_each(|e| references_at(&e.value, ids, depth + 1)),
        Kind::Intrinsic(intrinsic) => match intrinsic {
            Intrinsic::Ref(_) => {}
            Intrinsic::GetAtt(_, attribute) => each(&[*attribute]),
            Intrinsic::Sub { variables, pieces, .. } => {
                // What stands in the text itself; a variable is looked at once, however often the text names it: else
                // each level of nesting would double the work.
                let plain =
                    |v: &&Value<'a>| matches!(v.kind, Kind::Intrinsic(Intrinsic::Ref(_) | Intrinsic::GetAtt(..)));
                pieces.iter().filter(plain).for_each(|v| references_at(v, ids, depth + 1));
                variables.entries.iter().for_each(|e| references_at(&e.value, ids, depth + 1));
            }
            Intrinsic::Join(a, b)
            | Intrinsic::Split(a, b)
            | Intrinsic::Select(a, b)
            | Intrinsic::Equals(a, b)
            | Intrinsic::If(_, a, b)
            | Intrinsic::Transform(a, b) => each(&[*a, *b]),
            Intrinsic::FindInMap(a, b, c, d) => {
                each(&[*a, *b, *c]);
                each(d.as_slice());
            }
            Intrinsic::ImportValue(a)
            | Intrinsic::StackOutput(_, a)
            | Intrinsic::Base64(a)
            | Intrinsic::Cidr(a)
            | Intrinsic::GetAzs(a)
            | Intrinsic::Length(a)
            | Intrinsic::ToJsonString(a)
            | Intrinsic::Not(a)
            | Intrinsic::Other(_, a) => each(&[*a]),
            Intrinsic::And(items) | Intrinsic::Or(items) => each(items),
            Intrinsic::Condition(_) | Intrinsic::External(_) => {}
        },
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => {}
    }
}

/// The roles that a property of a resource names, each under its assumption.
#[must_use]
pub fn roles_of<'a>(
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &Graph,
    resource: &Resource<'a>,
    path: &[&str],
) -> Vec<(RoleOf<'a>, Under, Origin<'a>)> {
    let mut all = Vec::new();
    for case in resolver.property(resource, path) {
        let role = match case.value {
            Known::Absent => continue,
            Known::Unknown(_) => RoleOf::Unknown,
            Known::Present(value) => {
                let text = Text::of(&value);
                match text.only_hole() {
                    Some(Hole::Resource(id) | Hole::Attribute(id, _)) => {
                        graph.position(id).map_or(RoleOf::Unknown, RoleOf::Here)
                    }
                    Some(Hole::Parameter { name }) => RoleOf::Parameter(name),
                    Some(Hole::Import(name)) => RoleOf::Import(name),
                    Some(Hole::Pseudo(_) | Hole::Dynamic { .. } | Hole::External(_) | Hole::Other) => RoleOf::Unknown,
                    None => text
                        .holes()
                        .find_map(|hole| graph.position(hole.resource_id()?))
                        .or_else(|| named(Named::Role, template, resolver, graph, &text))
                        .map_or_else(|| RoleOf::Literal(resolver.build().str(&text.pattern())), RoleOf::Here),
                }
            }
        };
        all.push((role, case.under, case.place));
    }
    all
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
    fn of<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>, graph: &Graph) -> Self {
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

/// What invokes each function: permissions, event source mappings, subscriptions.
#[must_use]
pub fn triggers<'a>(
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &Graph,
) -> BTreeMap<usize, Vec<Trigger<'a>>> {
    let mut all: BTreeMap<usize, Vec<Trigger<'a>>> = BTreeMap::new();
    for (at, resource) in template.resources.iter().enumerate() {
        let (target, source) = match resource.kind {
            "AWS::Lambda::Permission" => ("FunctionName", "SourceArn"),
            "AWS::Lambda::EventSourceMapping" => ("FunctionName", "EventSourceArn"),
            _ => continue,
        };
        let Some(function) = resource.property(target).and_then(|e| function_of(template, resolver, graph, &e.value))
        else {
            continue;
        };
        let source_value = resource.property(source).map(|e| e.value);
        let source_at = source_value.and_then(|v| {
            let mut ids = BTreeSet::new();
            references(&v, &mut ids);
            ids.iter().find_map(|id| graph.position(id))
        });
        let service = match resource.kind {
            "AWS::Lambda::Permission" => {
                let cases = resolver.property(resource, &["Principal"]);
                let Some(principal) = cases.iter().find_map(|c| c.present()).map(|v| Text::of(&v).pattern()) else {
                    continue;
                };
                principal
            }
            _ => source_at
                .and_then(|s| template.resources.get(s))
                .and_then(|r| r.kind.split("::").nth(1))
                .map_or_else(|| "unknown".to_owned(), str::to_ascii_lowercase),
        };
        let host = service.split('.').next().unwrap_or("");
        // SAM lets every bucket of the account in: which one it is, its notifications say.
        let notifies = |other: &usize| template.resources.get(*other).is_some_and(|r| r.kind == "AWS::S3::Bucket");
        let source = source_at.or_else(|| graph.referred(function).filter(|_| host == "s3").find(notifies));
        let asynchronous = resource.kind == "AWS::Lambda::Permission"
            && service.contains(".amazonaws.com")
            && ASYNCHRONOUS.contains(&host);
        all.entry(function).or_default().push(Trigger { service, asynchronous, by: at, source, origin: resource.key });
    }
    all
}

/// The function that a `FunctionName` names, through an alias or a version as well.
#[must_use]
pub fn function_of<'a>(
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &Graph,
    value: &Value<'a>,
) -> Option<usize> {
    let mut ids = BTreeSet::new();
    references(value, &mut ids);
    for id in ids {
        // Pseudo parameters and parameters are named as well.
        let Some(at) = graph.position(id) else { continue };
        match template.resources[at].kind {
            "AWS::Lambda::Function" => return Some(at),
            "AWS::Lambda::Alias" | "AWS::Lambda::Version" => {
                let inner = template.resources[at].property("FunctionName")?.value;
                let mut inner_ids = BTreeSet::new();
                references(&inner, &mut inner_ids);
                return inner_ids.iter().find_map(|id| graph.position(id));
            }
            _ => {}
        }
    }
    let text = Text::of(value);
    let text = called(&text).unwrap_or_else(|| text.pattern());
    // Without an ARN it is the name, which a version or an alias may follow.
    let name = function_in(&text).or_else(|| text.split([':', '/']).next())?;
    by_own_name(template, resolver, graph, ("AWS::Lambda::Function", "FunctionName"), name)
}

/// The name of the function whose ARN stands in a text: alone, with a version or an alias, or within the address of an integration.
fn function_in(text: &str) -> Option<&str> {
    text.rsplit_once(":function:")?.1.split([':', '/']).next()
}

/// What an ARN may name by the name that it gives itself.
#[derive(Debug, Clone, Copy)]
pub enum Named {
    /// `AWS::IAM::Role`
    Role,
    /// `AWS::SQS::Queue`
    Queue,
    /// `AWS::S3::Bucket`
    Bucket,
    /// `AWS::IAM::ManagedPolicy`
    Policy,
}

/// The resource of the template, by position, that goes by the name in an ARN.
#[must_use]
pub fn named<'a>(
    sort: Named,
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &Graph,
    arn: &Text<'_>,
) -> Option<usize> {
    let arn = called(arn)?;
    let rest = || arn.strip_prefix("arn:");
    let (property, name) = match sort {
        Named::Role => (("AWS::IAM::Role", "RoleName"), arn.rsplit_once(":role/")?.1.rsplit('/').next()?),
        Named::Queue => (("AWS::SQS::Queue", "QueueName"), rest()?.split_once(":sqs:")?.1.rsplit_once(':')?.1),
        Named::Bucket => (("AWS::S3::Bucket", "BucketName"), rest()?.split_once(":s3:::")?.1),
        Named::Policy => {
            let (before, name) = arn.rsplit_once(":policy/")?;
            let own = !before.ends_with(":aws");
            (("AWS::IAM::ManagedPolicy", "ManagedPolicyName"), name.rsplit('/').next().filter(|_| own)?)
        }
    };
    by_own_name(template, resolver, graph, property, name)
}

/// A name or an ARN as it is compared with others: what is not known goes by its own name, in which no colon stands.
fn called(text: &Text<'_>) -> Option<String> {
    text.identity().map(|text| if text.contains("${AWS::") { text.replace("${AWS::", "${AWS.") } else { text })
}

/// The first resource of a type that a property gives a name, by position.
fn by_own_name<'a>(
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &Graph,
    of: (&'static str, &str),
    name: &str,
) -> Option<usize> {
    own_names(template, resolver, graph, of).get(name)?.first().copied()
}

/// The resources of a type by the names that a property gives them; two names are one that are put together from the same pieces.
fn own_names<'a>(
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &Graph,
    (kind, property): (&'static str, &str),
) -> Rc<HashMap<String, Vec<usize>>> {
    graph.own_names.answer(kind, || {
        let mut all: HashMap<String, Vec<usize>> = HashMap::default();
        for (at, resource) in template.resources.iter().enumerate().filter(|(_, r)| r.kind == kind) {
            for case in resolver.property(resource, &[property]) {
                let name = case.present().and_then(|value| called(&Text::of(&value)));
                if let Some(name) = name.filter(|name| !name.is_empty()) {
                    all.entry(name).or_default().push(at);
                }
            }
        }
        Rc::new(all)
    })
}

/// The functions that run as each role of the template in some case, by position.
pub fn users_of_roles<'g, 'a>(
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &'g Graph,
) -> &'g HashMap<usize, BTreeSet<usize>> {
    graph.users.get_or_init(|| {
        let mut users: HashMap<usize, BTreeSet<usize>> = HashMap::default();
        for (at, function) in template.resources.iter().enumerate().filter(|(_, r)| runners::function(r.kind).is_some())
        {
            for (role, ..) in roles_of(template, resolver, graph, function, runners::role_path(function.kind)) {
                if let RoleOf::Here(role) = role {
                    users.entry(role).or_default().insert(at);
                }
            }
        }
        users
    })
}
