//! `PropagateTags`: the tags of a resource on what SAM makes beside it.

use foldhash::{HashMap, HashMapExt};

use super::expansion::Expansion;
use super::make::Make;
use super::read::{field, truthy};
use crate::template::{Entry, Map, Resource, Value};

/// The types that SAM can put tags on, as a list of keys and values.
const LISTED: [&str; 14] = [
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::DomainNameV2",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlan",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::IAM::Role",
    "AWS::IoT::TopicRule",
    "AWS::Lambda::CapacityProvider",
    "AWS::Lambda::Function",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::StepFunctions::StateMachine",
];

/// The tags that a resource passes on; none when it does not, or has none.
pub(super) fn passed_on<'a>(of: &Resource<'a>) -> &'a [Entry<'a>] {
    if !field(of.properties, "PropagateTags").is_some_and(truthy) {
        return &[];
    }
    field(of.properties, "Tags").and_then(|t| t.as_map()).map_or(&[], |m| m.entries)
}

/// The tags of several, the last of equal ones winning, as CloudFormation wants them.
pub(super) fn merged<'a>(make: Make<'a>, tags: impl IntoIterator<Item = Entry<'a>>) -> Option<Value<'a>> {
    let mut out: Vec<Entry<'a>> = Vec::new();
    for tag in tags {
        out.retain(|t| t.key != tag.key);
        out.push(tag);
    }
    (!out.is_empty()).then(|| make.pairs(Some(make.entries(&out)), None))
}

/// Puts the tags of functions, state machines and APIs on all that was made for them.
pub(super) fn propagate<'a>(x: &mut Expansion<'a>) {
    let kinds = ["AWS::Serverless::Function", "AWS::Serverless::StateMachine", "AWS::Serverless::Api"];
    let mut passed = HashMap::new();
    for owner in x.source.resources.iter().filter(|r| kinds.contains(&r.kind) && !passed_on(r).is_empty()) {
        let make = x.cause(owner, "this tag", owner.key);
        let tags = merged(make, passed_on(owner).iter().copied());
        passed.extend(tags.map(|tags| (owner.id, (owner.kind, make.entry("Tags", tags)))));
    }
    for made in x.out.iter_mut().filter(|r| LISTED.contains(&r.kind)) {
        let Some((owner, tags)) = passed.get(made.written_id) else { continue };
        // What all functions share, and the API made for several of them, have tags of their own.
        let shared = made.id == super::deployment::ROLE || made.id.starts_with("ServerlessRestApi");
        if shared || (made.kind.starts_with("AWS::ApiGateway::") && *owner != "AWS::Serverless::Api") {
            continue;
        }
        let entries = made.properties.as_map().unwrap_or(Map::EMPTY).entries;
        let entries: Vec<_> = entries.iter().filter(|e| e.key != "Tags").chain([tags]).copied().collect();
        made.properties = Make { build: x.build, origin: made.properties.origin }.entries(&entries);
    }
}
