//! What a statement probably meant, where the template itself shows it: the ARNs instead of `*`, the actions instead
//! of a service's wildcard. A guess, so the fix is never safe.

use std::collections::BTreeSet;
use std::ops::Deref;
use std::rc::Rc;

use super::Context;
use crate::analysis::graph::{carriers, each_once, holders_of, references, users_of_roles};
use crate::analysis::iam::actions::{self, Action};
use crate::analysis::policy::{Statement, of_owner};
use crate::rulebook::{EditSpec, FixSpec, Literal, Path, PolicyKind};
use crate::template::Resource;

/// A type whose resources functions name, its service, and for each sort of resource in the service authorization
/// reference how its ARN is written.
const KINDS: &[(&str, &str, Sorts)] = &[
    ("AWS::DynamoDB::Table", "dynamodb", TABLE),
    ("AWS::DynamoDB::GlobalTable", "dynamodb", TABLE),
    ("AWS::S3::Bucket", "s3", &[("bucket", Arn::Attribute("Arn")), ("object", Arn::Below("/*"))]),
    ("AWS::SQS::Queue", "sqs", &[("queue", Arn::Attribute("Arn"))]),
    ("AWS::SNS::Topic", "sns", &[("topic", Arn::Ref)]),
    ("AWS::Lambda::Function", "lambda", &[("function", Arn::Attribute("Arn"))]),
    ("AWS::StepFunctions::StateMachine", "states", &[("statemachine", Arn::Ref)]),
    ("AWS::Kinesis::Stream", "kinesis", &[("stream", Arn::Attribute("Arn"))]),
    ("AWS::KinesisFirehose::DeliveryStream", "firehose", &[("deliverystream", Arn::Attribute("Arn"))]),
    ("AWS::SecretsManager::Secret", "secretsmanager", &[("Secret", Arn::Ref)]),
    ("AWS::KMS::Key", "kms", &[("key", Arn::Attribute("Arn"))]),
    ("AWS::Events::EventBus", "events", &[("event-bus", Arn::Attribute("Arn"))]),
];
const TABLE: Sorts =
    &[("table", Arn::Attribute("Arn")), ("index", Arn::Below("/index/*")), ("stream", Arn::Attribute("StreamArn"))];

/// What Lambda's poller needs of a source. <https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html>
const POLLS: &[(&str, &str, &[&str])] = &[
    ("AWS::SQS::Queue", "sqs", &["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]),
    (
        "AWS::Kinesis::Stream",
        "kinesis",
        &[
            "kinesis:DescribeStream",
            "kinesis:DescribeStreamSummary",
            "kinesis:GetRecords",
            "kinesis:GetShardIterator",
            "kinesis:ListShards",
            "kinesis:ListStreams",
        ],
    ),
];

/// More than so many resources are no suggestion but a guess.
const MOST: usize = 3;

/// Sorts of resources, and how the ARN of each is written.
type Sorts = &'static [(&'static str, Arn)];

#[derive(Clone, Copy)]
enum Arn {
    /// `!Ref`.
    Ref,
    /// `!GetAtt`.
    Attribute(&'static str),
    /// What is below its `Arn`.
    Below(&'static str),
}

/// Instead of every resource, those that the functions which run with the statement have to do with.
pub(super) fn resources<'t, 'a>(cx: &Context<'t, 'a>, statement: &Statement<'a>) -> Option<FixSpec> {
    let entry = statement.value.get("Resource")?;
    // One that stands beside others would have to be told apart from them.
    if entry.value.as_list().is_some_and(|items| items.len() != 1) {
        return None;
    }
    let meant = Meant::of(cx, statement)?;
    let mut arns: Vec<Literal> = Vec::new();
    let mut named: Vec<&'a str> = Vec::new();
    let mut wanted: Vec<(&'static str, BTreeSet<&'static str>)> = Vec::new();
    for case in statement.asked(cx.resolver).items("Action") {
        let text = case.text()?;
        let (service, _) = text.split_once(':')?;
        let (_, service, sorts) = KINDS.iter().find(|(_, s, _)| s.eq_ignore_ascii_case(service))?;
        let acts_on = sorts_of(&text, sorts)?;
        match wanted.iter_mut().find(|(known, _)| known == service) {
            Some((_, all)) => all.extend(acts_on),
            None => wanted.push((service, acts_on)),
        }
    }
    for (service, acts_on) in &wanted {
        let candidates = meant.candidates(service)?;
        for resource in candidates {
            let (_, _, sorts) = KINDS.iter().find(|(kind, ..)| *kind == resource.kind)?;
            named.push(resource.id);
            let own = sorts.iter().filter(|(sort, _)| acts_on.contains(sort));
            arns.extend(own.map(|(_, arn)| arn.of(resource.id, meant.framework)));
        }
    }
    let value = match arns.as_slice() {
        [] => return None,
        [only] if entry.value.as_list().is_none() => only.clone(),
        _ => Literal::List(arns),
    };
    let title = format!("limit it to {}", listed(&named));
    Some(unsafe_fix(title, vec![EditSpec::Set(Path::parse("Resource").ok()?, value)]))
}

/// Instead of all actions of a service, those that Lambda's poller needs, where that is all the function has to do
/// with the service.
pub(super) fn actions<'t, 'a>(cx: &Context<'t, 'a>, statement: &Statement<'a>, pattern: &str) -> Option<FixSpec> {
    let entry = statement.value.get("Action")?;
    let alone = entry.value.as_list().is_none_or(|items| items.len() == 1);
    let service = pattern.strip_suffix(":*").filter(|_| alone)?;
    let (kind, _, polls) = POLLS.iter().find(|(_, s, _)| s.eq_ignore_ascii_case(service))?;
    let meant = Meant::of(cx, statement)?;
    let sources: Vec<&Resource<'a>> = meant.sources.iter().filter(|r| r.kind == *kind).copied().collect();
    let elsewhere = meant.named.iter().any(|r| r.kind == *kind && !sources.iter().any(|s| s.id == r.id));
    if sources.is_empty() || elsewhere || meant.in_environment(kind) {
        return None;
    }
    let names: Vec<&str> = sources.iter().map(|r| r.id).collect();
    let value = Literal::List(polls.iter().map(|name| Literal::Text((*name).to_owned())).collect());
    let title = format!("allow what reading events of {} needs", listed(&names));
    Some(unsafe_fix(title, vec![EditSpec::Set(Path::parse("Action").ok()?, value)]))
}

/// The resources that the functions which run with a statement have to do with.
struct Meant<'c, 't, 'a> {
    cx: &'c Context<'t, 'a>,
    around: Rc<Around<'t, 'a>>,
}

/// What stands around a policy, which is the same for all of its statements.
#[derive(Debug)]
pub(super) struct Around<'t, 'a> {
    owner: usize,
    functions: BTreeSet<usize>,
    /// Those that the functions name.
    named: Vec<&'t Resource<'a>>,
    /// Those that set the functions off.
    sources: Vec<&'t Resource<'a>>,
    /// Whether `${…}` in a text may mean something to a framework.
    framework: bool,
}

impl<'t, 'a> Deref for Meant<'_, 't, 'a> {
    type Target = Around<'t, 'a>;

    fn deref(&self) -> &Self::Target {
        &self.around
    }
}

impl<'t, 'a> Around<'t, 'a> {
    fn of(cx: &Context<'t, 'a>, owner: usize) -> Option<Self> {
        let carriers = carriers(cx.template, cx.resolver, cx.graph(), owner);
        let users = users_of_roles(cx.template, cx.resolver, cx.graph());
        let functions: BTreeSet<usize> =
            carriers.iter().filter_map(|role| users.get(role)).flatten().copied().collect();
        if functions.is_empty() {
            return None;
        }
        let mut ids = BTreeSet::new();
        let mut sources = BTreeSet::new();
        for at in &functions {
            if let Some(variables) = cx.template.resources.get(*at)?.properties.at(&["Environment"]) {
                references(&variables, &mut ids);
            }
            for trigger in cx.triggers().get(at).into_iter().flatten() {
                sources.extend(trigger.source.and_then(|s| cx.template.resources.get(s)).map(|r| r.id));
            }
        }
        let carried = |at: &usize| each_once(&holders_of(cx.template, cx.resolver, cx.graph(), *at));
        let holders: BTreeSet<usize> = carriers.iter().flat_map(carried).collect();
        let statements = holders.into_iter().flat_map(|holder| of_owner(cx.statements(), holder));
        for other in statements.filter(|s| s.kind == PolicyKind::Identity) {
            if let Some(entry) = other.value.get("Resource") {
                references(&entry.value, &mut ids);
            }
        }
        let those = |ids: &BTreeSet<&str>| {
            let places: BTreeSet<usize> = ids.iter().filter_map(|id| cx.graph().position(id)).collect();
            places.into_iter().filter_map(|at| cx.template.resources.get(at)).collect()
        };
        let (named, sources) = (those(&ids), those(&sources));
        let framework = cx.resources("Serverless::Service").next().is_some();
        Some(Self { owner, functions, named, sources, framework })
    }
}

impl<'c, 't, 'a> Meant<'c, 't, 'a> {
    fn of(cx: &'c Context<'t, 'a>, statement: &Statement<'a>) -> Option<Self> {
        let around = cx.around.answer(statement.owner, || Around::of(cx, statement.owner).map(Rc::new))?;
        Some(Self { cx, around })
    }

    /// The resources of a service that are meant; `None` when that cannot be told.
    fn candidates(&self, service: &str) -> Option<Vec<&'t Resource<'a>>> {
        let is = |r: &&&Resource<'a>| KINDS.iter().any(|(kind, s, _)| *kind == r.kind && *s == service);
        let mut all: Vec<&Resource<'a>> = self.named.iter().chain(&self.sources).filter(is).copied().collect();
        if all.is_empty() {
            // The only one there is, unless it is the function itself.
            all = self.cx.template.resources.iter().filter(|r| is(&r)).collect();
            if all.len() > 1 || service == "lambda" {
                return None;
            }
        }
        all.sort_by_key(|r| self.cx.graph().position(r.id));
        all.dedup_by_key(|r| r.id);
        let fits = |r: &&Resource<'a>| self.fits(r);
        (!all.is_empty() && all.len() <= MOST && all.iter().all(fits)).then_some(all)
    }

    /// Whether the statement can refer to a resource: one that is always there, and that does not need the statement's
    /// own resource first.
    fn fits(&self, resource: &Resource<'a>) -> bool {
        let graph = self.cx.graph();
        let Some(at) = graph.position(resource.id) else { return false };
        let owner = self.cx.template.resources.get(self.owner);
        let condition = |r: &Resource<'a>| r.condition.map(|(name, _)| name);
        let there = resource.condition.is_none() || owner.is_some_and(|o| condition(o) == condition(resource));
        // What a framework made of something else has a name that nobody wrote.
        let own = resource.made_by.is_none() || resource.id == resource.written_id;
        there
            && (own || resource.kind == "AWS::Lambda::Function")
            && at != self.owner
            && !graph.reach(at).contains(&self.owner)
    }

    /// Whether a function's variables name a resource of a type, or something that may be one.
    fn in_environment(&self, kind: &str) -> bool {
        self.functions.iter().filter_map(|at| self.cx.template.resources.get(*at)).any(|function| {
            let mut ids = BTreeSet::new();
            if let Some(variables) = function.properties.at(&["Environment"]) {
                references(&variables, &mut ids);
            }
            ids.iter().any(|id| self.cx.resolver.resource(id).is_some_and(|r| r.kind == kind))
        })
    }
}

/// The sorts of resources that a pattern's actions act on, among those whose ARN we can write; `None` when an action
/// that is named acts on none of them.
fn sorts_of(pattern: &str, sorts: &[(&'static str, Arn)]) -> Option<BTreeSet<&'static str>> {
    let mut all = BTreeSet::new();
    let wild = pattern.contains(['*', '?']);
    for action in actions::expand(pattern) {
        let own = acts_on(action, sorts);
        if own.is_empty() && !wild {
            return None;
        }
        all.extend(own);
    }
    // The records of a stream are read by its name, the table's own actions do not need it.
    if wild && all.len() > 1 {
        all.remove("stream");
    }
    (!all.is_empty()).then_some(all)
}

fn acts_on(action: &Action, sorts: &[(&'static str, Arn)]) -> Vec<&'static str> {
    sorts.iter().map(|(sort, _)| *sort).filter(|sort| action.resources().any(|r| r.name == *sort)).collect()
}

impl Arn {
    /// The ARN as people write it; where a framework reads `${…}` itself, without it.
    fn of(self, id: &str, framework: bool) -> Literal {
        Literal::Text(match self {
            Self::Ref => format!("!Ref {id}"),
            Self::Attribute(name) => format!("!GetAtt {id}.{name}"),
            Self::Below(rest) if framework => format!("!Join ['', [!GetAtt {id}.Arn, {rest}]]"),
            Self::Below(rest) => format!("!Sub ${{{id}.Arn}}{rest}"),
        })
    }
}

fn unsafe_fix(title: String, edits: Vec<EditSpec>) -> FixSpec {
    FixSpec { title, safe: false, when: None, edits }
}

fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
