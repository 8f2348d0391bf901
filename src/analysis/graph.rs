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
use crate::template::{Entry, Intrinsic, Kind, Origin, Resource, Template, Value};

/// The references of a template, as positions in its resources.
#[derive(Debug, Default)]
pub struct Graph {
    by_id: HashMap<String, usize>,
    refers: Vec<BTreeSet<usize>>,
    referred: Vec<BTreeSet<usize>>,
    /// The policies that each role carries, by position, as far as they were asked for.
    holders: Answers<usize, Rc<[usize]>>,
    /// The roles that carry the policies of a resource, as far as they were asked for.
    carriers: Answers<usize, Rc<[usize]>>,
    /// The roles, users and groups that carry the policies of each resource.
    carried: OnceCell<HashMap<usize, Vec<usize>>>,
    /// What is carried together with the policies of a resource, as far as it was asked for.
    together: Answers<usize, Rc<[usize]>>,
    /// Who names whom of the roles and the policies.
    attached: OnceCell<Attached>,
    /// The policies that name a role as it is called.
    named: OnceCell<HashMap<String, Vec<usize>>>,
    /// The first resource of each name, by type and position.
    own_names: Answers<&'static str, Rc<HashMap<String, usize>>>,
    /// The functions that run as each role, by position.
    users: OnceCell<HashMap<usize, BTreeSet<usize>>>,
}

/// References between identities and policies, each list read once: a hundred policies may name the same five hundred roles.
#[derive(Debug, Default)]
struct Attached {
    /// The policies that name each role, user or group.
    policies: HashMap<usize, Vec<usize>>,
    /// The roles whose `ManagedPolicyArns` name each policy.
    roles: HashMap<usize, Vec<usize>>,
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

    /// The resources that the values of some properties refer to.
    fn named_in<'t>(&self, entries: impl IntoIterator<Item = &'t Entry<'t>>) -> BTreeSet<usize> {
        let mut ids = BTreeSet::new();
        entries.into_iter().for_each(|entry| references(&entry.value, &mut ids));
        ids.iter().filter_map(|id| self.position(id)).collect()
    }

    fn attached(&self, template: &Template<'_>) -> &Attached {
        self.attached.get_or_init(|| {
            let mut all = Attached::default();
            for (at, resource) in template.resources.iter().enumerate() {
                let (names, list): (&[&str], _) = match resource.kind {
                    "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => {
                        (&["Roles", "Users", "Groups"], &mut all.policies)
                    }
                    "AWS::IAM::RolePolicy" => (&["RoleName"], &mut all.policies),
                    "AWS::IAM::UserPolicy" => (&["UserName"], &mut all.policies),
                    "AWS::IAM::GroupPolicy" => (&["GroupName"], &mut all.policies),
                    "AWS::IAM::Role" => (&["ManagedPolicyArns"], &mut all.roles),
                    _ => continue,
                };
                for named in self.named_in(names.iter().filter_map(|key| resource.property(key))) {
                    list.entry(named).or_default().push(at);
                }
            }
            all
        })
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
                    None => {
                        let pattern = text.pattern();
                        text.holes()
                            .find_map(|hole| graph.position(hole.resource_id()?))
                            .or_else(|| named(Named::Role, template, resolver, graph, &pattern))
                            .map_or_else(|| RoleOf::Literal(resolver.build().str(&pattern)), RoleOf::Here)
                    }
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
    let of = |holder: &usize| of_owner(statements, *holder);
    holders.iter().flat_map(of).filter(|s| s.kind == crate::rulebook::PolicyKind::Identity).collect()
}

/// The resources whose statements a role (a user, a group) carries, by position: itself, and policies of the template.
#[must_use]
pub fn holders_of<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>, graph: &Graph, role: usize) -> Rc<[usize]> {
    graph.holders.answer(role, || holders(template, resolver, graph, role).into_iter().collect())
}

fn holders<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>, graph: &Graph, role: usize) -> BTreeSet<usize> {
    let Some(resource) = template.resources.get(role) else { return BTreeSet::new() };
    let mut holders: BTreeSet<usize> = BTreeSet::from([role]);
    holders.extend(graph.attached(template).policies.get(&role).into_iter().flatten());
    holders.extend(by_name(template, resolver, graph, resource));
    // Managed policies of the template that the role lists itself.
    for (value, _) in managed_arns(resolver, resource) {
        if let Some(target) = resolver.target(&value) {
            holders.extend(graph.position(target.id));
        }
    }
    holders
}

/// Policies that name a role as it is called, rather than refer to it.
fn by_name<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>, graph: &Graph, role: &Resource<'a>) -> Vec<usize> {
    let names = |cases: &[Case<'a>]| -> Vec<String> {
        cases.iter().filter_map(|case| Text::of(&case.present()?).identity().filter(|name| !name.is_empty())).collect()
    };
    let own = names(&resolver.property(role, &["RoleName"]));
    if own.is_empty() {
        return Vec::new();
    }
    let named = graph.named.get_or_init(|| {
        let mut named: HashMap<String, Vec<usize>> = HashMap::default();
        for (at, policy) in template.resources.iter().enumerate() {
            let key = match policy.kind {
                "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => "Roles",
                "AWS::IAM::RolePolicy" => "RoleName",
                _ => continue,
            };
            let lists = resolver.property(policy, &[key]);
            let items = lists.iter().filter_map(|list| Some(resolver.items(&list.present()?, &list.under)));
            for name in items.flatten().flat_map(|item| names(&[item])) {
                named.entry(name).or_default().push(at);
            }
        }
        named
    });
    own.iter().filter_map(|name| named.get(name)).flatten().copied().collect()
}

/// The policies that limit a role or a user of the template, and are attached to none of them: they grant nothing.
#[must_use]
pub fn boundaries<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>, graph: &Graph) -> BTreeSet<usize> {
    let identities = template.resources.iter().filter(|r| matches!(r.kind, "AWS::IAM::Role" | "AWS::IAM::User"));
    let mut all = BTreeSet::new();
    let mut attached = BTreeSet::new();
    for identity in identities {
        for case in resolver.property(identity, &["PermissionsBoundary"]) {
            all.extend(case.present().and_then(|v| resolver.target(&v)).and_then(|policy| graph.position(policy.id)));
        }
        if let Some(list) = identity.property("ManagedPolicyArns") {
            references(&list.value, &mut attached);
        }
    }
    all.retain(|at| {
        template.resources.get(*at).is_some_and(|policy| {
            let names = ["Roles", "Users", "Groups"].iter().any(|key| policy.property(key).is_some());
            !names && !attached.contains(policy.id)
        })
    });
    all
}

/// The roles of the template that carry the policies of a resource, by position: the role itself, or those that a policy
/// names and those that name it.
#[must_use]
pub fn carriers(template: &Template<'_>, graph: &Graph, owner: usize) -> Rc<[usize]> {
    graph.carriers.answer(owner, || {
        let Some(resource) = template.resources.get(owner) else { return Rc::default() };
        if resource.kind == "AWS::IAM::Role" {
            return Rc::from([owner]);
        }
        let mut all = graph.named_in(["Roles", "RoleName"].iter().filter_map(|key| resource.property(key)));
        all.extend(graph.attached(template).roles.get(&owner).into_iter().flatten());
        let is_role = |at: &usize| template.resources.get(*at).is_some_and(|r| r.kind == "AWS::IAM::Role");
        all.into_iter().filter(is_role).collect()
    })
}

/// How many policies an identity has at most: twenty-five managed ones, and inline ones as long as some hundred of the shortest.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
const MOST_POLICIES: usize = 150;

/// The resources whose statements somebody carries together with those of one, by position, itself among them: a role may do what
/// all of its policies say, and a user what those of the groups say, too.
#[must_use]
pub fn together<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>, graph: &Graph, owner: usize) -> Rc<[usize]> {
    let groups = |user: &Resource<'a>| graph.named_in(user.property("Groups"));
    let all_of = |at: usize| {
        let of_groups =
            template.resources.get(at).filter(|r| r.kind == "AWS::IAM::User").map(groups).unwrap_or_default();
        let all = std::iter::once(at).chain(of_groups);
        all.flat_map(|at| holders_of(template, resolver, graph, at).iter().copied().collect::<Vec<_>>())
    };
    let carried = graph.carried.get_or_init(|| {
        let mut carried: HashMap<usize, Vec<usize>> = HashMap::default();
        let is_identity = |kind: &str| matches!(kind, "AWS::IAM::Role" | "AWS::IAM::User" | "AWS::IAM::Group");
        for (at, _) in template.resources.iter().enumerate().filter(|(_, r)| is_identity(r.kind)) {
            let policies: Vec<usize> = all_of(at).collect();
            // Nobody can deploy who has more.
            if policies.len() <= MOST_POLICIES {
                policies.into_iter().for_each(|policy| carried.entry(policy).or_default().push(at));
            }
        }
        carried
    });
    graph.together.answer(owner, || {
        let by = carried.get(&owner).into_iter().flatten().copied();
        by.flat_map(all_of).chain([owner]).collect::<BTreeSet<usize>>().into_iter().collect()
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
    let text = Text::of(value).pattern();
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
}

/// The resource of the template, by position, that goes by the name in an ARN.
#[must_use]
pub fn named<'a>(
    sort: Named,
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &Graph,
    arn: &str,
) -> Option<usize> {
    let rest = || arn.strip_prefix("arn:");
    let (property, name) = match sort {
        Named::Role => (("AWS::IAM::Role", "RoleName"), arn.rsplit_once(":role/")?.1.rsplit('/').next()?),
        Named::Queue => (("AWS::SQS::Queue", "QueueName"), rest()?.split_once(":sqs:")?.1.rsplit_once(':')?.1),
        Named::Bucket => (("AWS::S3::Bucket", "BucketName"), rest()?.split_once(":s3:::")?.1),
    };
    by_own_name(template, resolver, graph, property, name)
}

/// The first resource of a type that a property gives a name, by position; a name is one that is known before deployment.
fn by_own_name<'a>(
    template: &Template<'a>,
    resolver: &Resolver<'_, 'a>,
    graph: &Graph,
    (kind, property): (&'static str, &str),
    name: &str,
) -> Option<usize> {
    let names = graph.own_names.answer(kind, || {
        let mut all = HashMap::default();
        for (at, resource) in template.resources.iter().enumerate().filter(|(_, r)| r.kind == kind) {
            for case in resolver.property(resource, &[property]) {
                if let Some(name) = case.text() {
                    all.entry(name).or_insert(at);
                }
            }
        }
        Rc::new(all)
    });
    names.get(name).copied()
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
