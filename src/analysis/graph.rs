//! Who has to do with whom: references, roles of functions, what invokes a function; who holds which policies is in `holders`.

mod holders;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use foldhash::HashMap;

use super::memo::Answers;
use super::runners;
use super::walk::texts_in;
use crate::resolve::{Hole, Known, Resolver, Text, Under};
use crate::template::{Intrinsic, Kind, Origin, Resource, Template, Value};

use self::holders::Attached;
pub use self::holders::{
    boundaries, boundary_of, carriers, each_once, holders_of, is_identity, managed_arns, named_policies, policy_named,
    statements_of, together,
};

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
