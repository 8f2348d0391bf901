//! What an identity's policies come to: actions by service and level, and the template's own resources they reach.

use std::collections::{BTreeMap, BTreeSet};

use super::actions::{self, Action, Level};
use super::arn::Arn;
use super::deed::Deed;
use super::grant::{Grant, Part};
use super::power::Power;
use super::stops::Stops;
use super::wildcard::{Glob, Token};
use crate::resolve::{Hole, Piece, Resolver, Text, Under};
use crate::template::Resource;

/// What an identity may do, denials and its boundary taken away.
#[derive(Debug, Clone, Default)]
pub struct Effect<'a> {
    /// A wildcard allows every action of every service, or all but some.
    pub everything: bool,
    /// What is left out of it by `NotAction`.
    pub but: Vec<String>,
    /// The services that are named, by prefix.
    pub services: Vec<Use>,
    /// The template's own resources that something is allowed on, in the template's order.
    pub reached: Vec<Reached<'a>>,
}

/// What is allowed of a service.
#[derive(Debug, Clone)]
pub struct Use {
    /// The service.
    pub service: &'static actions::Service,
    /// The actions, by name.
    pub actions: Vec<&'static Action>,
    /// True when some of it is allowed on every resource although it could be limited.
    pub anywhere: bool,
}

/// What is allowed on a resource of the template.
#[derive(Debug, Clone)]
pub struct Reached<'a> {
    /// The resource.
    pub resource: Resource<'a>,
    /// The actions, by name.
    pub actions: Vec<&'static Action>,
    /// True when it is named; false when a wildcard reaches it.
    pub named: bool,
    /// True when all of it stands under a condition.
    pub limited: bool,
}

/// Types whose resources statements name: the services, and the last part of the ARN. From the service
/// authorization reference.
const KINDS: &[(&str, &[&str], &str, &str)] = &[
    ("AWS::S3::Bucket", &["s3"], "", "BucketName"),
    ("AWS::DynamoDB::Table", &["dynamodb"], "table/", "TableName"),
    ("AWS::DynamoDB::GlobalTable", &["dynamodb"], "table/", "TableName"),
    ("AWS::SQS::Queue", &["sqs"], "", "QueueName"),
    ("AWS::SNS::Topic", &["sns"], "", "TopicName"),
    ("AWS::Lambda::Function", &["lambda"], "function:", "FunctionName"),
    ("AWS::StepFunctions::StateMachine", &["states"], "stateMachine:", "StateMachineName"),
    ("AWS::Kinesis::Stream", &["kinesis"], "stream/", "Name"),
    ("AWS::KinesisFirehose::DeliveryStream", &["firehose"], "deliverystream/", "DeliveryStreamName"),
    ("AWS::SecretsManager::Secret", &["secretsmanager"], "secret:", "Name"),
    ("AWS::SSM::Parameter", &["ssm"], "parameter/", "Name"),
    ("AWS::KMS::Key", &["kms"], "key/", ""),
    ("AWS::Events::EventBus", &["events"], "event-bus/", "Name"),
    ("AWS::IAM::Role", &["iam", "sts"], "role/", "RoleName"),
    ("AWS::IAM::User", &["iam"], "user/", "UserName"),
    ("AWS::Cognito::UserPool", &["cognito-idp"], "userpool/", ""),
    ("AWS::Cognito::IdentityPool", &["cognito-identity"], "identitypool/", ""),
    ("AWS::RDS::DBInstance", &["rds", "rds-db"], "db:", "DBInstanceIdentifier"),
    ("AWS::RDS::DBCluster", &["rds", "rds-data"], "cluster:", "DBClusterIdentifier"),
    ("AWS::ECR::Repository", &["ecr"], "repository/", "RepositoryName"),
    ("AWS::ECS::Cluster", &["ecs"], "cluster/", "ClusterName"),
    ("AWS::ECS::Service", &["ecs"], "service/", "ServiceName"),
    ("AWS::CodeBuild::Project", &["codebuild"], "project/", "Name"),
    ("AWS::CodeCommit::Repository", &["codecommit"], "", "RepositoryName"),
    ("AWS::CodePipeline::Pipeline", &["codepipeline"], "", "Name"),
    ("AWS::OpenSearchService::Domain", &["es"], "domain/", "DomainName"),
    ("AWS::Elasticsearch::Domain", &["es"], "domain/", "DomainName"),
    ("AWS::EFS::FileSystem", &["elasticfilesystem"], "file-system/", ""),
    ("AWS::AppSync::GraphQLApi", &["appsync"], "apis/", ""),
    ("AWS::Glue::Database", &["glue"], "database/", ""),
    ("AWS::IoT::Thing", &["iot"], "thing/", "ThingName"),
];

impl<'a> Effect<'a> {
    /// What a power comes to in a template.
    #[must_use]
    pub fn of(power: &Power<'a>, targets: &[Target<'a>]) -> Self {
        let mut effect = Self::default();
        let mut uses: BTreeMap<&'static str, Use> = BTreeMap::new();
        // By the target's place, which is the template's order.
        let mut reached: BTreeMap<usize, Reached<'a>> = BTreeMap::new();
        let denials: Vec<&Grant<'a>> = power.grants().filter(|g| !g.allows && !g.conditional).collect();
        let limits = power.has_limits();
        for grant in power.grants().filter(|g| g.allows) {
            let wide = grant.wide();
            if wide {
                let but = grant.left_out();
                // Of two wide grants only what both leave out is left out.
                if effect.everything {
                    effect.but.retain(|one| but.contains(one));
                } else {
                    effect.but = but;
                }
            }
            effect.everything |= wide;
            let mut allowed = grant.meant(targets);
            if limits {
                allowed.retain(|action| !power.denies_everywhere(action, &grant.under));
            }
            if !wide {
                let anywhere = grant.reaches_everything();
                for action in &allowed {
                    let service = action.service;
                    let one = uses.entry(service.prefix).or_insert_with(|| Use {
                        service,
                        actions: Vec::new(),
                        anywhere: false,
                    });
                    one.actions.push(action);
                    one.anywhere |= anywhere && action.scopable() && !(limits && power.stops(action, &grant.under));
                }
            }
            for (at, target) in targets.iter().enumerate() {
                let Some(named) = grant.touches(target) else { continue };
                let part = grant.part_of(target);
                let on: Vec<&'static Action> = allowed
                    .iter()
                    .copied()
                    .filter(|a| part.is_none_or(|part| a.resources().any(|kind| kind.name == part)))
                    .filter(|a| {
                        target.services.contains(&a.service.prefix) && a.scopable() && !denies_on(&denials, a, target)
                    })
                    .collect();
                if on.is_empty() {
                    continue;
                }
                let known = reached.entry(at).or_insert_with(|| Reached {
                    resource: target.resource,
                    actions: Vec::new(),
                    named: false,
                    limited: true,
                });
                known.actions.extend(on);
                known.named |= named;
                known.limited &= grant.conditional;
            }
        }
        effect.services = uses.into_values().collect();
        effect.services.iter_mut().for_each(|one| each_once(&mut one.actions));
        reached.values_mut().for_each(|one| each_once(&mut one.actions));
        effect.reached = reached.into_values().collect();
        effect
    }
}

/// How many actions of each level, in the order of [`Level::ALL`].
#[must_use]
pub fn by_level(actions: &[&'static Action]) -> [usize; 5] {
    Level::ALL.map(|level| actions.iter().filter(|a| a.level == level).count())
}

fn each_once(actions: &mut Vec<&'static Action>) {
    actions.sort_by_key(|a| (a.service.prefix, a.name));
    actions.dedup();
}

/// The resources of a template that statements may name.
#[must_use]
pub fn targets<'a>(resolver: &Resolver<'_, 'a>) -> Vec<Target<'a>> {
    resolver.template().resources.iter().filter_map(|r| Target::of(resolver, r)).collect()
}

/// A resource of the template that a statement may name.
#[derive(Debug)]
pub struct Target<'a> {
    resource: Resource<'a>,
    services: &'static [&'static str],
    /// The same as patterns.
    globs: Vec<Glob<'a>>,
    /// The last part of its ARN; its name is a hole unless it is given.
    last: Glob<'a>,
}

impl<'a> Target<'a> {
    fn of(resolver: &Resolver<'_, 'a>, resource: &Resource<'a>) -> Option<Self> {
        let (_, services, start, name) = KINDS.iter().find(|(kind, ..)| *kind == resource.kind)?;
        let named = resolver.property(resource, &[name]).iter().find_map(|c| c.present()).map(|v| Text::of(&v));
        let mut pieces: Text<'a> = Text { pieces: std::iter::once(Piece::Literal(start)).collect() };
        match named {
            Some(text) => pieces.pieces.extend(text.pieces),
            None => pieces.pieces.push(Piece::Hole(Hole::Resource(resource.id))),
        }
        let globs = services.iter().map(|service| Glob::action(service)).collect();
        Some(Self { resource: *resource, services, globs, last: Glob::text(&pieces) })
    }

    /// Whether the ARN of a part is of its service.
    fn served_by(&self, part: &Part<'a>, arn: &Arn<'a>) -> bool {
        if let Some(service) = part.arn_service() {
            return self.services.contains(&service);
        }
        self.globs.iter().any(|service| arn.service.surely_covers(service))
    }
}

impl<'a> Grant<'a> {
    /// Whether it allows whatever there is, or all but some of it.
    fn wide(&self) -> bool {
        let every =
            |part: &Part<'a>| part.text.known().is_some_and(|t| t.split(':').next().is_some_and(|s| s.contains('*')));
        self.all_actions_but || self.actions.iter().any(every)
    }

    /// What its `NotAction` leaves out.
    fn left_out(&self) -> Vec<String> {
        let named = self.actions.iter().filter(|_| self.all_actions_but);
        named.map(|part| part.text.pattern()).collect()
    }

    /// The actions that it means; where it is wide, those of the services that the template has resources of.
    fn meant(&self, targets: &[Target<'a>]) -> Vec<&'static Action> {
        let mut all = Vec::new();
        if self.wide() {
            let services: BTreeSet<&str> = targets.iter().flat_map(|t| t.services).copied().collect();
            let every = services.into_iter().filter_map(actions::service).flat_map(actions::Service::actions);
            all.extend(every.filter(|action| self.mentions(action)));
        } else {
            let names = self.actions.iter().filter_map(|part| part.text.known());
            all.extend(names.flat_map(|name| actions::expand(&name)));
        }
        all
    }

    pub(super) fn reaches_everything(&self) -> bool {
        self.all_resources_but || self.resources.iter().any(Part::is_everything)
    }

    /// Whether it reaches a resource, and then whether it names it.
    fn touches(&self, target: &Target<'a>) -> Option<bool> {
        if self.all_resources_but {
            return (!self.resources.iter().any(|part| part.is_of(target))).then_some(false);
        }
        if self.resources.iter().any(|part| refers(&part.text, target.resource.id)) {
            return Some(true);
        }
        if self.reaches_everything() {
            return Some(false);
        }
        let reaches = |part: &Part<'a>| {
            let arn = part.arn()?;
            let of = || arn.resource.surely_covers(&target.last) || holds(&arn.resource, &target.last);
            // What refers to it was looked for already.
            (target.served_by(part, arn) && of()).then(|| !arn.resource.is_wild())
        };
        self.resources.iter().filter_map(reaches).reduce(|a, b| a || b)
    }
}

impl<'a> Part<'a> {
    /// Whether it is a resource, by reference or by ARN; not what is below it.
    fn is_of(&self, target: &Target<'a>) -> bool {
        refers(&self.text, target.resource.id)
            // Most others are `!GetAtt` of something else.
            || self.arn().is_some_and(|arn| {
                target.served_by(self, arn) && arn.resource.surely_covers(&target.last)
            })
    }
}

impl<'a> Grant<'a> {
    /// Whether it names only the objects of a bucket, or only the bucket: few actions act on both.
    fn part_of(&self, target: &Target<'a>) -> Option<&'static str> {
        if target.resource.kind != "AWS::S3::Bucket" {
            return None;
        }
        let named = self.resources.iter().filter(|part| refers(&part.text, target.resource.id));
        let below = |part: &Part<'a>| matches!(part.text.pieces.last(), Some(Piece::Literal(last)) if last.contains('/') || *last == "*");
        let (objects, bucket): (Vec<_>, Vec<_>) = named.partition(|part| below(part));
        match (objects.is_empty(), bucket.is_empty()) {
            (false, true) => Some("object"),
            (true, false) => Some("bucket"),
            (true, true) | (false, false) => None,
        }
    }
}

/// Whether the last part of an ARN is a resource's with something below it: `table/Orders/index/*`, `bucket/*`.
fn holds<'a>(arn: &Glob<'a>, last: &Glob<'a>) -> bool {
    arn.tokens().strip_prefix(last.tokens()).is_some_and(|rest| matches!(rest.first(), Some(Token::Char('/' | ':'))))
}

fn refers(text: &Text<'_>, id: &str) -> bool {
    text.holes().any(|hole| matches!(hole, Hole::Resource(r) | Hole::Attribute(r, _) if r == id))
}

impl<'a> Power<'a> {
    /// Whether anything is taken away from it.
    #[must_use]
    pub fn has_limits(&self) -> bool {
        self.is_bounded(|_| true) || self.deeds.iter().any(|deed| deed.has_denials())
    }

    /// Whether a denial or the boundary may take all of what a pattern means away.
    #[must_use]
    pub fn limits(&self, pattern: &str) -> bool {
        let service = pattern.split(':').next().unwrap_or(pattern).to_ascii_lowercase();
        let wide = service.contains(['*', '?']);
        let denies = |deed: &Deed<'a>| if wide { deed.denied().any } else { deed.denied().has(&service) };
        self.is_bounded(|_| true) || self.deeds.iter().any(|deed| denies(deed))
    }

    /// Whether a denial or the boundary takes an action away wherever an assumption holds, on every resource or all but
    /// some, and under no condition of the request.
    #[must_use]
    pub fn stops(&self, action: &'static Action, under: &Under) -> bool {
        self.taken_away(action, under, false)
    }

    /// The same, and on none is it left.
    fn denies_everywhere(&self, action: &'static Action, under: &Under) -> bool {
        self.taken_away(action, under, true)
    }

    fn taken_away(&self, action: &'static Action, under: &Under, on_all: bool) -> bool {
        // Of a few policies each is asked itself.
        let few = self.deeds.len() <= 4;
        let own = || self.deeds.iter().any(|deed| deed.stopped(action, on_all, under));
        let many = || {
            let all = || {
                let mut stops = Stops::default();
                self.deeds.iter().for_each(|deed| deed.add_stops(&mut stops));
                stops
            };
            self.stops.get_or_init(all).has(action, on_all, under)
        };
        let outside = |deed: &Deed<'a>| !deed.lists(action) || deed.stopped(action, on_all, under);
        (if few { own() } else { many() }) || self.is_bounded(outside)
    }
}

/// Whether one of some denials refers to this resource, or to all but others.
fn denies_on<'a>(denials: &[&Grant<'a>], action: &'static Action, target: &Target<'a>) -> bool {
    let of = |g: &Grant<'a>| match g.all_resources_but {
        true => g.touches(target).is_some(),
        false => g.resources.iter().any(|part| refers(&part.text, target.resource.id)),
    };
    denials.iter().any(|g| of(g) && g.mentions(action))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::asking::with_facts;

    const RESOURCES: &str = "  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: orders}}
  Bucket: {Type: AWS::S3::Bucket}
";

    /// What some statements come to: wide or not, the services, the resources that they reach.
    fn effect(statements: &str) -> (String, Vec<String>, Vec<String>) {
        let text = format!(
            "Resources:\n{RESOURCES}  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Statement: [{statements}]\n"
        );
        with_facts(&text, |facts| {
            let mut power = Power::default();
            power.carry(std::rc::Rc::new(Deed::of(facts.resolver, facts.statements)));
            let effect = Effect::of(&power, &targets(facts.resolver));
            let names = |all: &[&'static Action]| all.iter().map(|a| a.name).collect::<Vec<_>>().join(" ");
            let wide = match (effect.everything, effect.but.as_slice()) {
                (false, _) => String::new(),
                (true, []) => "everything".to_owned(),
                (true, but) => format!("everything but {}", but.join(" ")),
            };
            let service = |one: &Use| {
                format!(
                    "{}: {}{}",
                    one.service.prefix,
                    names(&one.actions),
                    if one.anywhere { " anywhere" } else { "" }
                )
            };
            let reached = |one: &Reached<'_>| {
                let named = if one.named { " named" } else { "" };
                format!(
                    "{}: {}{named}{}",
                    one.resource.id,
                    names(&one.actions),
                    if one.limited { " limited" } else { "" }
                )
            };
            (wide, effect.services.iter().map(service).collect(), effect.reached.iter().map(reached).collect())
        })
    }

    fn reached(statements: &str) -> Vec<String> {
        effect(statements).2
    }

    const NONE: [&str; 0] = [];

    /// Actions are listed by service, once, and whether they reach everywhere although they need not.
    #[test]
    fn services_and_how_far() {
        let (wide, services, _) = effect(
            "{Effect: Allow, Action: ['sqs:SendMessage', 'sqs:SendM*'], Resource: !GetAtt Queue.Arn}, {Effect: Allow, Action: ['dynamodb:GetItem', 'dynamodb:ListTables'], Resource: '*'}",
        );
        assert_eq!(wide, "");
        assert_eq!(services, ["dynamodb: GetItem ListTables anywhere", "sqs: SendMessage"]);
        let all_but = "{Effect: Deny, Action: 'sqs:SendMessage', NotResource: !GetAtt Queue.Arn}";
        let (_, services, _) =
            effect(&format!("{{Effect: Allow, Action: 'sqs:SendMessage', Resource: '*'}}, {all_but}"));
        assert_eq!(services, ["sqs: SendMessage"]);
        // What has no resource is allowed on all or not at all.
        let (_, services, _) = effect("{Effect: Allow, Action: 'dynamodb:ListTables', Resource: '*'}");
        assert_eq!(services, ["dynamodb: ListTables"]);
        let (_, services, _) = effect("{Effect: Allow, Action: 'sqs:SendMessage', NotResource: !GetAtt Queue.Arn}");
        assert_eq!(services, ["sqs: SendMessage anywhere"]);
    }

    /// A resource is named by a reference or by its ARN; a wildcard reaches it.
    #[test]
    fn resources_that_are_reached() {
        let send = |resource: &str| reached(&format!("{{Effect: Allow, Action: 'sqs:SendMessage', {resource}}}"));
        assert_eq!(send("Resource: !GetAtt Queue.Arn"), ["Queue: SendMessage named"]);
        assert_eq!(send("Resource: '*'"), ["Queue: SendMessage"]);
        assert_eq!(send("Resource: 'arn:aws:sqs:*:*:jobs'"), ["Queue: SendMessage named"]);
        assert_eq!(send("Resource: 'arn:aws:sqs:*:*:j*'"), ["Queue: SendMessage"]);
        assert_eq!(send("Resource: 'arn:aws:sqs:*:*:other'"), NONE);
        assert_eq!(send("Resource: 'arn:aws:sns:*:*:jobs'"), NONE);
        assert_eq!(send("Resource: 'arn:aws:s*:*:*:j*'"), ["Queue: SendMessage"]);
        assert_eq!(send("Resource: 'arn:aws:d*:*:*:j*'"), NONE);
        assert_eq!(send("Resource: ['arn:aws:sqs:*:*:j*', 'arn:aws:sqs:*:*:jobs']"), ["Queue: SendMessage named"]);
        assert_eq!(send("NotResource: !GetAtt Queue.Arn"), NONE);
        assert_eq!(send("NotResource: 'arn:aws:sqs:*:*:other'"), ["Queue: SendMessage"]);
        assert_eq!(send("NotResource: 'arn:aws:sqs:*:*:jobs'"), NONE);
        assert_eq!(send("NotResource: 'arn:aws:sqs:*:*:jobs/below'"), ["Queue: SendMessage"]);
    }

    /// What is below a table or a bucket is theirs; of a bucket and its objects each has its own actions.
    #[test]
    fn what_is_below() {
        let query =
            |resource: &str| reached(&format!("{{Effect: Allow, Action: 'dynamodb:Query', Resource: {resource}}}"));
        assert_eq!(query("'arn:aws:dynamodb:*:*:table/orders/index/*'"), ["Table: Query"]);
        assert_eq!(query("'arn:aws:dynamodb:*:*:table/orders/index/main'"), ["Table: Query named"]);
        assert_eq!(query("'arn:aws:dynamodb:*:*:table/orders2/index/main'"), NONE);
        let bucket = |resource: &str| {
            reached(&format!("{{Effect: Allow, Action: ['s3:GetObject', 's3:ListBucket'], Resource: {resource}}}"))
        };
        assert_eq!(bucket("!GetAtt Bucket.Arn"), ["Bucket: ListBucket named"]);
        assert_eq!(bucket("!Sub '${Bucket.Arn}/*'"), ["Bucket: GetObject named"]);
        assert_eq!(bucket("[!GetAtt Bucket.Arn, !Sub '${Bucket.Arn}/*']"), ["Bucket: GetObject ListBucket named"]);
    }

    /// Several statements about one resource come together: limited is what is so in all of them.
    #[test]
    fn statements_come_together() {
        let condition = "Condition: {IpAddress: {'aws:SourceIp': 10.0.0.0/8}}";
        let send = "Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Queue.Arn";
        let purge = "Effect: Allow, Action: 'sqs:PurgeQueue', Resource: '*'";
        assert_eq!(reached(&format!("{{{send}, {condition}}}")), ["Queue: SendMessage named limited"]);
        assert_eq!(reached(&format!("{{{send}, {condition}}}, {{{purge}}}")), ["Queue: PurgeQueue SendMessage named"]);
        assert_eq!(
            reached(&format!("{{{purge}, {condition}}}, {{{send}, {condition}}}")),
            ["Queue: PurgeQueue SendMessage named limited"]
        );
        let both = "{Effect: Allow, Action: 'dynamodb:GetItem', Resource: '*'}, {Effect: Allow, Action: 'sqs:SendMessage', Resource: '*'}";
        assert_eq!(reached(both), ["Queue: SendMessage", "Table: GetItem"]);
    }

    /// What is denied is not there: entirely where the denial is of everything, of a resource where it names that.
    #[test]
    fn denials_are_taken_away() {
        let all = "{Effect: Allow, Action: ['sqs:SendMessage', 'sqs:PurgeQueue'], Resource: '*'}";
        let with = |denial: &str| {
            let (_, services, reached) = effect(&format!("{all}, {{Effect: Deny, {denial}}}"));
            (services, reached)
        };
        let (services, reached) = with("Action: 'sqs:Purge*', Resource: '*'");
        assert_eq!(
            (services.concat(), reached.concat()),
            ("sqs: SendMessage anywhere".into(), "Queue: SendMessage".into())
        );
        for (denial, left) in [
            ("Action: 'sqs:PurgeQueue', Resource: !GetAtt Queue.Arn", "Queue: SendMessage"),
            ("Action: 'sqs:PurgeQueue', Resource: !GetAtt Table.Arn", "Queue: PurgeQueue SendMessage"),
            ("Action: 'sqs:PurgeQueue', NotResource: !GetAtt Queue.Arn", "Queue: PurgeQueue SendMessage"),
            ("Action: 'sqs:PurgeQueue', NotResource: 'arn:aws:sqs:*:*:jobs'", "Queue: PurgeQueue SendMessage"),
            ("Action: 'sqs:PurgeQueue', NotResource: !GetAtt Table.Arn", "Queue: SendMessage"),
            (
                "Action: 'sqs:PurgeQueue', Resource: !GetAtt Queue.Arn, Condition: {IpAddress: {'aws:SourceIp': 10.0.0.0/8}}",
                "Queue: PurgeQueue SendMessage",
            ),
        ] {
            let (services, reached) = with(denial);
            assert_eq!(services, ["sqs: PurgeQueue SendMessage anywhere"], "{denial}");
            assert_eq!(reached.concat(), left, "{denial}");
        }
    }

    /// A wildcard of services allows everything; of several that leave something out, what all leave out is left out.
    #[test]
    fn everything_and_what_is_left_out() {
        assert_eq!(effect("{Effect: Allow, Action: '*', Resource: '*'}").0, "everything");
        assert_eq!(
            effect("{Effect: Allow, NotAction: ['iam:*', 's3:*'], Resource: '*'}").0,
            "everything but iam:* s3:*"
        );
        let two = "{Effect: Allow, NotAction: ['iam:*', 's3:*'], Resource: '*'}, {Effect: Allow, NotAction: 'iam:*', Resource: '*'}";
        assert_eq!(effect(two).0, "everything but iam:*");
        let (_, services, reached) = effect("{Effect: Allow, NotAction: ['dynamodb:*', 's3:*'], Resource: '*'}");
        assert_eq!(services, NONE);
        assert!(reached.len() == 1 && reached[0].starts_with("Queue: "), "{reached:?}");
    }

    /// A denial concerns a pattern when it is of all resources and of the same service, or of any.
    #[test]
    fn what_denials_concern() {
        let concerns = |denial: &str, pattern: &str| {
            let text = format!(
                "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Statement: [{denial}]\n"
            );
            with_facts(&text, |facts| {
                let mut power = Power::default();
                power.carry(std::rc::Rc::new(Deed::of(facts.resolver, facts.statements)));
                assert!(power.has_limits() == denial.contains("Deny"));
                power.limits(pattern)
            })
        };
        let deny = "{Effect: Deny, Action: 'S3:Delete*', Resource: '*'}";
        assert!(concerns(deny, "s3:*") && concerns(deny, "s3:GetObject"));
        assert!(!concerns(deny, "sqs:*") && !concerns(deny, "*"));
        assert!(concerns("{Effect: Deny, Action: '*', Resource: '*'}", "*"));
        assert!(concerns("{Effect: Deny, Action: 's*:Delete*', Resource: '*'}", "sqs:*"));
        assert!(concerns("{Effect: Deny, NotAction: 's3:*', Resource: '*'}", "sqs:*"));
        assert!(!concerns("{Effect: Deny, Action: 's3:*', Resource: 'arn:aws:s3:::a'}", "s3:*"));
        let condition = "Condition: {IpAddress: {'aws:SourceIp': 10.0.0.0/8}}";
        assert!(!concerns(&format!("{{Effect: Deny, Action: 's3:*', Resource: '*', {condition}}}"), "s3:*"));
        assert!(!concerns("{Effect: Allow, Action: 's3:*', Resource: '*'}", "s3:*"));
    }

    /// Actions are counted by level.
    #[test]
    fn actions_by_level() {
        let all: Vec<_> =
            ["sqs:SendMessage", "sqs:DeleteMessage", "sqs:ListQueues"].into_iter().flat_map(actions::expand).collect();
        let counts: Vec<_> = Level::ALL.into_iter().zip(by_level(&all)).filter(|(_, n)| *n > 0).collect();
        assert!(
            counts.len() == 2 && counts.contains(&(Level::Write, 2)) && counts.contains(&(Level::Read, 1)),
            "{counts:?}"
        );
    }
}
