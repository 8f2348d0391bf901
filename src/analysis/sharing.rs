//! What functions that share a role do not all need: grants on things that only some of them name.

use std::collections::{BTreeMap, BTreeSet};

use super::functions::{Facts, Shared};
use super::graph::{self, references};
use super::policy::Asked;
use crate::resolve::{Text, Truth};
use crate::template::{Origin, Resource, Value};

/// A grant that some of the functions which share its role can do without.
#[derive(Debug, Clone)]
pub struct Spare<'a> {
    /// What it is about.
    pub resource: Resource<'a>,
    /// The functions that name it, by position.
    pub needed_by: Vec<usize>,
    /// Those that do not.
    pub not_by: Vec<usize>,
    /// The statement, or what names it there.
    pub origin: Origin<'a>,
}

/// Things whose name or address code needs before it can do anything with them, and their services.
pub const NAMED: &[(&str, &str)] = &[
    ("AWS::DynamoDB::Table", "dynamodb"),
    ("AWS::DynamoDB::GlobalTable", "dynamodb"),
    ("AWS::S3::Bucket", "s3"),
    ("AWS::SQS::Queue", "sqs"),
    ("AWS::SNS::Topic", "sns"),
    ("AWS::Kinesis::Stream", "kinesis"),
    ("AWS::SecretsManager::Secret", "secretsmanager"),
    ("AWS::StepFunctions::StateMachine", "states"),
    ("AWS::Lambda::Function", "lambda"),
];

/// What the things of a template are called, where that is known: their logical ids by name.
#[derive(Debug, Default)]
pub struct Names<'a>(BTreeMap<String, Vec<&'a str>>);

impl<'a> Names<'a> {
    /// The names of all things in [`NAMED`].
    #[must_use]
    pub fn of(facts: &Facts<'_, '_, 'a>) -> Self {
        let properties =
            ["TableName", "BucketName", "QueueName", "TopicName", "StateMachineName", "Name", "FunctionName"];
        let mut names: BTreeMap<String, Vec<&'a str>> = BTreeMap::new();
        for resource in facts.template.resources.iter().filter(|r| NAMED.iter().any(|(kind, _)| *kind == r.kind)) {
            for case in properties.iter().flat_map(|name| facts.resolver.property(resource, &[name])) {
                if let Some(name) = case.present().and_then(|v| Text::of(&v).identity()) {
                    names.entry(name).or_default().push(resource.id);
                }
            }
        }
        Self(names)
    }
}

/// What a function names: in its properties, and through what refers to it, such as an event source mapping.
#[must_use]
pub fn known_to<'a>(facts: &Facts<'_, '_, 'a>, names: &Names<'a>, at: usize) -> BTreeSet<&'a str> {
    let mut known = named_by(facts, names, at);
    known.extend(events_of(facts, at));
    known
}

/// What refers to a function, and what that names: the sources of its events.
fn events_of<'a>(facts: &Facts<'_, '_, 'a>, at: usize) -> BTreeSet<&'a str> {
    let mut known = BTreeSet::new();
    for other in facts.graph.referred(at).filter_map(|o| facts.at(o)).filter(|o| !o.kind.starts_with("AWS::IAM::")) {
        known.insert(other.id);
        references(&other.properties, &mut known);
    }
    known
}

/// What a function's own properties name.
fn named_by<'a>(facts: &Facts<'_, '_, 'a>, names: &Names<'a>, at: usize) -> BTreeSet<&'a str> {
    let mut known = BTreeSet::new();
    let Some(function) = facts.at(at) else { return known };
    references(&function.properties, &mut known);
    // Where a name is made up in two places alike, as serverless.yml often has it.
    let environment = facts.environment(function);
    let texts = environment.iter().filter_map(|v| Text::of(&v.case.present()?).identity()).filter(|t| !t.is_empty());
    known.extend(texts.filter_map(|text| names.0.get(&text)).flatten());
    known
}

/// The grants of a shared role that are about things which some of its functions name, and others do not.
#[must_use]
pub fn spares<'a>(facts: &Facts<'_, '_, 'a>, names: &Names<'a>, shared: &Shared<'a>) -> Vec<Spare<'a>> {
    let Some(role) = shared.role else { return Vec::new() };
    let users = shared.users.iter().take(100).map(|user| user.at);
    let named: Vec<(usize, BTreeSet<&str>)> = users.map(|at| (at, named_by(facts, names, at))).collect();
    let with_events = |(at, own): &(usize, BTreeSet<&'a str>)| (*at, own | &events_of(facts, *at));
    let polled: Vec<(usize, BTreeSet<&str>)> = named.iter().map(with_events).collect();
    let mut all: Vec<Spare<'a>> = Vec::new();
    // Granted, and named by nobody: whoever uses it has other ways to learn its name.
    let mut unclear: BTreeSet<&str> = BTreeSet::new();
    for statement in graph::statements_of(facts.template, facts.resolver, facts.graph, facts.statements, role) {
        let asked = statement.asked(facts.resolver);
        if !asked.effect("Allow").yes() {
            continue;
        }
        let mut about_ids = BTreeSet::new();
        if let Some(entry) = statement.value.get("Resource") {
            references(&entry.value, &mut about_ids);
        }
        let whole = asked.any_resource().iter().any(|a| a.truth == Truth::Yes);
        for resource in &facts.template.resources {
            let Some((_, service)) = NAMED.iter().find(|(kind, _)| *kind == resource.kind) else { continue };
            // The bucket that the Serverless Framework deploys from is no function's concern.
            if resource.made_by.is_some() && resource.id == "ServerlessDeploymentBucket" {
                continue;
            }
            let about = about_ids.contains(resource.id) || (whole && mentions(&asked, service));
            if !about {
                continue;
            }
            // Whoever is set off by a queue reads it; it need not write to it. Of a bucket the event says the name.
            let known = if *service == "s3" || only_polls(&asked, service) { &polled } else { &named };
            let (needed_by, not_by): (Vec<usize>, Vec<usize>) = {
                let (a, b): (Vec<_>, Vec<_>) =
                    known.iter().partition(|(at, ids)| ids.contains(resource.id) || is_itself(facts, *at, resource));
                (a.iter().map(|(at, _)| *at).collect(), b.iter().map(|(at, _)| *at).collect())
            };
            // That a function is itself does not mean that it calls itself.
            if needed_by.iter().all(|at| is_itself(facts, *at, resource)) {
                unclear.insert(resource.id);
            } else if !not_by.is_empty() && !all.iter().any(|spare| spare.resource.id == resource.id) {
                let origin = named_at(statement.value, resource.id).unwrap_or(statement.origin);
                all.push(Spare { resource: *resource, needed_by, not_by, origin });
            }
        }
    }
    all.retain(|spare| !unclear.contains(spare.resource.id));
    all
}

/// Where a statement names something, when it names other things beside it.
fn named_at<'a>(statement: Value<'a>, id: &str) -> Option<Origin<'a>> {
    let items = statement.get("Resource")?.value.items();
    let names = |item: &&Value<'a>| {
        let mut ids = BTreeSet::new();
        references(item, &mut ids);
        ids.contains(id)
    };
    items.iter().find(names).filter(|_| items.len() > 1).map(|item| item.origin)
}

fn is_itself(facts: &Facts<'_, '_, '_>, at: usize, resource: &Resource<'_>) -> bool {
    facts.at(at).is_some_and(|function| function.id == resource.id)
}

/// Whether all actions of a service are what its poller needs.
fn only_polls(asked: &Asked<'_, '_, '_>, service: &str) -> bool {
    const POLLS: [&str; 6] = ["Receive", "DeleteMessage", "ChangeMessageVisibility", "Get", "Describe", "List"];
    matches!(service, "sqs" | "kinesis" | "dynamodb")
        && asked.items("Action").iter().all(|case| {
            let text = case.text();
            let Some((prefix, name)) = text.as_deref().and_then(|t| t.split_once(':')) else { return false };
            !prefix.eq_ignore_ascii_case(service) || POLLS.iter().any(|start| name.starts_with(start))
        })
}

/// Whether an action of a service is named.
fn mentions(asked: &Asked<'_, '_, '_>, service: &str) -> bool {
    asked.items("Action").iter().any(|case| {
        case.text().is_some_and(|t| t.split_once(':').is_some_and(|(prefix, _)| prefix.eq_ignore_ascii_case(service)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::asking::with_facts;

    /// What of the first shared role is spare: the thing, who needs it, who does not.
    fn found(text: &str) -> Vec<(String, Vec<String>, Vec<String>)> {
        with_facts(text, |facts| {
            let shared = facts.shared_roles();
            let names =
                |all: &[usize]| all.iter().map(|at| facts.template.resources[*at].written_id.to_owned()).collect();
            let shown = |s: Spare<'_>| (s.resource.id.to_owned(), names(&s.needed_by), names(&s.not_by));
            spares(facts, &Names::of(facts), shared.first().expect("a shared role")).into_iter().map(shown).collect()
        })
    }

    /// A template whose functions share a role with these statements.
    fn template(statements: &str, resources: &str) -> String {
        format!(
            "Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies: [{{PolicyName: all, PolicyDocument: {{Statement: [{statements}]}}}}]
{resources}"
        )
    }

    /// A service whose functions share its role, with one statement.
    fn service(statement: &str, rest: &str) -> String {
        format!(
            "service: shop
provider: {{name: aws, runtime: nodejs22.x, iam: {{role: {{statements: [{{Effect: Allow, {statement}}}]}}}}}}
{rest}"
        )
    }

    fn row(thing: &str, needed: &[&str], not: &[&str]) -> (String, Vec<String>, Vec<String>) {
        let owned = |all: &[&str]| all.iter().map(|s| (*s).to_owned()).collect();
        (thing.to_owned(), owned(needed), owned(not))
    }

    /// A thing that is named by one function only, in its variables or by its event source mapping, is spare for the
    /// others; one that nobody or everybody names is not told.
    #[test]
    fn things_that_one_of_them_names() {
        let statements = "
          {Effect: Allow, Action: 'dynamodb:*', Resource: '*'},
          {Effect: Allow, Action: 'sqs:ReceiveMessage', Resource: !GetAtt Jobs.Arn},
          {Effect: Allow, Action: 's3:GetObject', Resource: !Sub '${Files.Arn}/*'},
          {Effect: Deny, Action: 'sns:Publish', Resource: !Ref News}";
        let resources = "
  Web: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn, Environment: {Variables: {T: !Ref Orders, F: !Ref Files, N: !Ref News}}}}
  Worker: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn, Environment: {Variables: {F: !Ref Files}}}}
  Map: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Worker, EventSourceArn: !GetAtt Jobs.Arn}}
  Orders: {Type: AWS::DynamoDB::Table}
  Other: {Type: AWS::DynamoDB::Table}
  Jobs: {Type: AWS::SQS::Queue}
  Files: {Type: AWS::S3::Bucket}
  News: {Type: AWS::SNS::Topic}
";
        assert_eq!(
            found(&template(statements, resources)),
            [row("Orders", &["Web"], &["Worker"]), row("Jobs", &["Worker"], &["Web"])]
        );
    }

    /// Whom a bucket sets off learns its name from the event.
    #[test]
    fn buckets_that_call() {
        let statement = "{Effect: Allow, Action: 's3:GetObject', Resource: !Sub '${Films.Arn}/*'}";
        let resources = "
  Cutter: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Web: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt Role.Arn}}
  Films:
    Type: AWS::S3::Bucket
    Properties: {NotificationConfiguration: {LambdaConfigurations: [{Event: 's3:ObjectCreated:*', Function: !GetAtt Cutter.Arn}]}}
";
        assert_eq!(found(&template(statement, resources)), [row("Films", &["Cutter"], &["Web"])]);
    }

    /// Nobody needs what only the framework has a use for, and nobody calls himself because he is called something.
    #[test]
    fn things_that_nobody_needs() {
        let statement = "Action: ['s3:GetObject', 'lambda:InvokeFunction'], Resource: '*'";
        let rest = "
functions:
  web: {handler: a.b}
  worker: {handler: c.d}
layers: {common: {path: common}}
";
        assert_eq!(found(&service(statement, rest)), []);
    }

    /// serverless.yml makes a table's name up in two places alike.
    #[test]
    fn names_that_are_made_up_alike() {
        let statement = "Action: 'dynamodb:PutItem', Resource: !GetAtt Orders.Arn";
        let rest = "
functions:
  web: {handler: a.b, environment: {TABLE: '${self:service}-orders'}}
  page: {handler: a.c}
resources:
  Resources:
    Orders: {Type: AWS::DynamoDB::Table, Properties: {TableName: '${self:service}-orders'}}
";
        assert_eq!(found(&service(statement, rest)), [row("Orders", &["web"], &["page"])]);
    }
}
