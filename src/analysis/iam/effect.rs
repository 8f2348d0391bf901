//! What an identity's policies come to: actions by service and level, and the template's own resources they reach.

use std::collections::{BTreeMap, BTreeSet};

use super::actions::{self, Action, Level};
use super::arn::Arn;
use super::power::{Grant, Part, Power};
use super::wildcard::{Glob, Token};
use crate::resolve::{Hole, Piece, Resolver, Text, Truth};
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
    pub fn of(power: &Power<'a>, resolver: &Resolver<'_, 'a>) -> Self {
        let mut effect = Self::default();
        let mut uses: BTreeMap<&'static str, Use> = BTreeMap::new();
        let mut reached: Vec<Reached<'a>> = Vec::new();
        let targets: Vec<Target<'a>> =
            resolver.template().resources.iter().filter_map(|r| Target::of(resolver, r)).collect();
        let limits = power.has_limits();
        for grant in power.grants.iter().filter(|g| g.allows) {
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
            let mut allowed = grant.meant(&targets);
            if limits {
                allowed.retain(|action| !power.stops(action));
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
                    one.anywhere |= anywhere && action.scopable();
                }
            }
            for target in &targets {
                let Some(named) = grant.touches(target) else { continue };
                let part = grant.part_of(target);
                let on: Vec<&'static Action> = allowed
                    .iter()
                    .copied()
                    .filter(|a| part.is_none_or(|part| a.resources().any(|kind| kind.name == part)))
                    .filter(|a| {
                        target.services.contains(&a.service.prefix)
                            && a.scopable()
                            && !power.denies_on(a, target.resource.id)
                    })
                    .collect();
                if on.is_empty() {
                    continue;
                }
                match reached.iter_mut().find(|r| r.resource.id == target.resource.id) {
                    Some(known) => {
                        known.actions.extend(on);
                        known.named |= named;
                        known.limited &= grant.conditional;
                    }
                    None => reached.push(Reached {
                        resource: target.resource,
                        actions: on,
                        named,
                        limited: grant.conditional,
                    }),
                }
            }
        }
        effect.services = uses.into_values().collect();
        effect.services.iter_mut().for_each(|one| each_once(&mut one.actions));
        reached.iter_mut().for_each(|one| each_once(&mut one.actions));
        let order = |r: &Reached<'a>| resolver.template().resources.iter().position(|x| x.id == r.resource.id);
        reached.sort_by_key(order);
        effect.reached = reached;
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

/// A resource of the template that a statement may name.
struct Target<'a> {
    resource: Resource<'a>,
    services: &'static [&'static str],
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
        Some(Self { resource: *resource, services, last: Glob::text(&pieces) })
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

    fn reaches_everything(&self) -> bool {
        self.all_resources_but || self.resources.iter().any(|part| Glob::text(&part.text).is_everything())
    }

    /// Whether it reaches a resource, and then whether it names it.
    fn touches(&self, target: &Target<'a>) -> Option<bool> {
        let id = target.resource.id;
        if self.resources.iter().any(|part| refers(&part.text, id)) {
            return (!self.all_resources_but).then_some(true);
        }
        if self.reaches_everything() {
            return Some(false);
        }
        let reaches = |part: &Part<'a>| {
            let glob = Glob::text(&part.text);
            // Most are `!GetAtt` of something else.
            let arn = Arn::parse(&glob)?;
            let service = target.services.iter().any(|s| arn.service.covers(&Glob::action(s)) == Truth::Yes);
            if !service || arn.resource.covers(&target.last) != Truth::Yes && !holds(&arn.resource, &target.last) {
                return None;
            }
            Some(!arn.resource.is_wild())
        };
        self.resources.iter().filter_map(reaches).reduce(|a, b| a || b)
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
        self.boundary.is_some() || self.grants.iter().any(|g| !g.allows)
    }

    /// Whether a denial or the boundary may take all of what a pattern means away.
    #[must_use]
    pub fn limits(&self, pattern: &str) -> bool {
        let service = pattern.split(':').next().unwrap_or(pattern);
        let wide = service.contains(['*', '?']);
        let meets = |part: &Part<'a>| {
            let text = part.text.pattern();
            let own = text.split(':').next().unwrap_or("");
            own.contains(['*', '?']) || (!wide && own.eq_ignore_ascii_case(service))
        };
        let denies = |g: &Grant<'a>| {
            !g.allows && !g.conditional && g.reaches_everything() && (g.all_actions_but || g.actions.iter().any(meets))
        };
        self.boundary.is_some() || self.grants.iter().any(denies)
    }

    /// Whether a denial or the boundary takes an action away, on every resource and under no condition.
    #[must_use]
    pub fn stops(&self, action: &'static Action) -> bool {
        let denied = |grants: &[Grant<'a>]| {
            grants.iter().any(|g| {
                !g.allows && !g.conditional && g.under.is_always() && g.mentions(action) && g.reaches_everything()
            })
        };
        let outside = |grants: &[Grant<'a>]| !grants.iter().any(|g| g.allows && g.mentions(action)) || denied(grants);
        denied(&self.grants) || self.boundary.as_deref().is_some_and(outside)
    }

    /// Whether a denial names this resource.
    fn denies_on(&self, action: &'static Action, id: &str) -> bool {
        self.grants.iter().any(|g| {
            !g.allows
                && !g.conditional
                && !g.all_resources_but
                && g.mentions(action)
                && g.resources.iter().any(|part| refers(&part.text, id))
        })
    }
}
