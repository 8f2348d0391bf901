//! Statements that allow nothing, or deny nothing, since the resources are of another sort than the action.

use foldhash::{HashMap, HashMapExt};

use super::{Context, Rule, Sink};
use crate::analysis::iam::actions::{self, Action, ResourceType};
use crate::analysis::iam::arn::Arn;
use crate::analysis::iam::wildcard::Glob;
use crate::analysis::policy::{Asked, Statement};
use crate::resolve::{Case, Hole, Piece, Text, Truth};
use crate::rulebook::PolicyKind;
use crate::rules::{Hit, Spot};
use crate::template::Step;

/// What an ARN attribute looks like, so that `!GetAtt Bucket.Arn` is known to be no object.
const SHAPES: &[(&str, &str, &str)] = &[
    ("AWS::S3::Bucket", "Arn", "arn:aws:s3:::b"),
    ("AWS::DynamoDB::Table", "Arn", "arn:aws:dynamodb:eu-central-1:111122223333:table/t"),
    ("AWS::SQS::Queue", "Arn", "arn:aws:sqs:eu-central-1:111122223333:q"),
    ("AWS::SNS::Topic", "", "arn:aws:sns:eu-central-1:111122223333:t"),
    ("AWS::SNS::Topic", "TopicArn", "arn:aws:sns:eu-central-1:111122223333:t"),
    ("AWS::Lambda::Function", "Arn", "arn:aws:lambda:eu-central-1:111122223333:function:f"),
    ("AWS::Kinesis::Stream", "Arn", "arn:aws:kinesis:eu-central-1:111122223333:stream/s"),
    ("AWS::KMS::Key", "Arn", "arn:aws:kms:eu-central-1:111122223333:key/k"),
    ("AWS::IAM::Role", "Arn", "arn:aws:iam::111122223333:role/r"),
    ("AWS::StepFunctions::StateMachine", "", "arn:aws:states:eu-central-1:111122223333:stateMachine:s"),
    ("AWS::StepFunctions::StateMachine", "Arn", "arn:aws:states:eu-central-1:111122223333:stateMachine:s"),
    ("AWS::SecretsManager::Secret", "", "arn:aws:secretsmanager:eu-central-1:111122223333:secret:s-AbCdEf"),
    ("AWS::KinesisFirehose::DeliveryStream", "Arn", "arn:aws:firehose:eu-central-1:111122223333:deliverystream/d"),
    ("AWS::ECR::Repository", "Arn", "arn:aws:ecr:eu-central-1:111122223333:repository/r"),
    ("AWS::IAM::User", "Arn", "arn:aws:iam::111122223333:user/u"),
];

/// What grants of the CDK's library name beside what they are for: nobody wrote it, and nobody can take it away.
const GRANTS: [&str; 5] = [
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "kinesis:DescribeStreamConsumer",
    "kinesis:ListStreams",
    "kinesis:SubscribeToShard",
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in
        cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity && s.value.get("Resource").is_some())
    {
        let asked = statement.asked(cx.resolver);
        let resources = asked.items("Resource");
        // Each case has resources of its own.
        for under in statement.under.divided_by(resources.iter().map(|case| &case.under)) {
            let here = resources.iter().filter(|case| case.under.and(&under).is_some()).collect();
            compare(cx, statement, &Asked { under, ..statement.asked(cx.resolver) }, here, out);
        }
    }
}

/// Compares the actions of a statement with its resources, in a case.
fn compare<'a>(
    cx: &Context<'_, 'a>,
    statement: &Statement<'a>,
    asked: &Asked<'_, '_, 'a>,
    resources: Vec<&Case<'a>>,
    out: &mut Sink<'a>,
) {
    let texts: Vec<Text<'a>> = resources.iter().filter_map(|c| Some(shaped(cx, &Text::of(&c.present()?)))).collect();
    let denies = asked.effect("Deny").yes();
    if texts.is_empty() || texts.len() < resources.len() || !(denies || asked.effect("Allow").yes()) {
        return;
    }
    let resources_at: Vec<_> = resources.iter().map(|case| case.place.span).collect();
    let globs: Vec<Glob<'_>> = texts.iter().map(Glob::text).collect();
    // Everything fits every action; most statements that name no resource end here.
    if globs.iter().any(Glob::is_everything) {
        return;
    }
    let mut resources = Resources::of(&globs);
    for case in asked.items("Action") {
        // What SAM or the framework makes of something is as it is: action and resource stand in one place, or a policy
        // template says it.
        if resources_at.contains(&case.place.span) || case.place.step.is_some_and(Step::is_of_policy_template) {
            continue;
        }
        let Some(text) = case.present().and_then(|v| Text::of(&v).known()) else { continue };
        if GRANTS.contains(&&*text) && cx.owner(statement).construct_path().is_some() {
            continue;
        }
        let meant: Vec<_> = actions::expand(&text).take(400).collect();
        if meant.is_empty() || meant.len() == 400 || meant.iter().any(|a| resources.may_fit(a)) {
            continue;
        }
        let shapes: Vec<String> =
            meant.iter().flat_map(|a| a.resources()).map(|r| format!("`{}`", r.pattern())).collect();
        let wanted = shapes.iter().min_by_key(|s| s.len()).map_or_else(|| "`*` only".to_owned(), Clone::clone);
        let hit = Hit::new(Spot::in_statement(statement, &case)).of(cx.owner(statement)).under(&case.under);
        let done = if denies { "denied" } else { "allowed" };
        out.report(
            hit.message(format!("`{text}` is not {done} by this: it acts on {wanted}, and no resource here is one")),
        );
    }
}

/// The resources of a statement, asked about for each of its actions: most actions share their types of resources.
struct Resources<'g, 'a> {
    globs: &'g [Glob<'a>],
    arns: Vec<Option<Arn<'a>>>,
    /// Whether one of them may be of the type, by where the type lies in the table.
    known: HashMap<*const ResourceType, bool>,
}

impl<'g, 'a> Resources<'g, 'a> {
    fn of(globs: &'g [Glob<'a>]) -> Self {
        Self { globs, arns: globs.iter().map(Arn::parse).collect(), known: HashMap::new() }
    }

    /// Whether one of them may be what an action acts on.
    fn may_fit(&mut self, action: &Action) -> bool {
        if self.is_documented(action) {
            return true;
        }
        if !action.scopable() {
            return self.globs.iter().any(Glob::has_holes);
        }
        // Everything of a service is of every sort that the service has, and what is no ARN at all is wrong otherwise.
        let vague = |arn: &Option<Arn<'_>>| arn.as_ref().is_none_or(|arn| arn.resource.is_everything());
        self.arns.iter().any(vague) || action.resources().any(|kind| self.may_be(kind))
    }

    /// Whether a resource is one that the services' guides name for an action, and the reference does not.
    /// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html>
    /// <https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html>
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/walkthrough1.html>
    fn is_documented(&self, action: &Action) -> bool {
        let any = |service: &str, is: &dyn Fn(&Glob<'a>) -> bool| {
            let of_service = |arn: &&Arn<'a>| arn.service.to_text() == service;
            self.arns.iter().flatten().filter(of_service).any(|arn| is(&arn.resource))
        };
        let begins = |resource: &Glob<'a>, start: &str| resource.to_text().starts_with(start);
        match action.name {
            "CreateChangeSet" => any("cloudformation", &|resource| begins(resource, "transform/")),
            "InvokeHTTPEndpoint" => any("states", &|resource| begins(resource, "stateMachine:")),
            "ListAllMyBuckets" => any("s3", &Glob::is_everything),
            _ => false,
        }
    }

    fn may_be(&mut self, kind: &'static ResourceType) -> bool {
        let arns = &self.arns;
        *self.known.entry(std::ptr::from_ref(kind)).or_insert_with(|| {
            let Some(wanted) = kind.parts() else { return true };
            arns.iter().flatten().any(|arn| arn.intersects(wanted) != Truth::No)
        })
    }
}

/// The text with the usual characters for what is known by its sort.
fn shaped<'a>(cx: &Context<'_, 'a>, text: &Text<'a>) -> Text<'a> {
    let piece = |piece: &Piece<'a>| match piece {
        Piece::Hole(hole) => {
            let (id, attribute) = match hole {
                Hole::Resource(id) => (*id, ""),
                Hole::Attribute(id, attribute) => (*id, *attribute),
                Hole::Pseudo("AWS::Partition") => return Piece::Literal("aws"),
                Hole::Pseudo("AWS::Region") => return Piece::Literal("eu-central-1"),
                Hole::Pseudo("AWS::AccountId") => return Piece::Literal("111122223333"),
                _ => return *piece,
            };
            let kind = cx.resolver.resource(id).map(|r| r.kind);
            let shape = SHAPES.iter().find(|(k, a, _)| Some(*k) == kind && *a == attribute);
            shape.map_or(*piece, |(_, _, shape)| Piece::Literal(shape))
        }
        Piece::Literal(_) => *piece,
    };
    Text { pieces: text.pieces.iter().map(piece).collect() }
}
