//! ARNs of resources, taken apart: a name is cut out of one where a resource says only its ARN.

use crate::template::{Build, Intrinsic, Kind, Origin, Resource, Value};

/// What the ARNs of a type begin with, region and account as they are; the resource's name, which is its `Ref`, follows.
const BEGINS: &[(&str, &[&str])] = &[
    ("AWS::DynamoDB::Table", &[":dynamodb:", "AWS::Region", ":", "AWS::AccountId", ":table/"]),
    ("AWS::ECS::Cluster", &[":ecs:", "AWS::Region", ":", "AWS::AccountId", ":cluster/"]),
    ("AWS::IAM::Role", &[":iam::", "AWS::AccountId", ":role/"]),
    ("AWS::IAM::User", &[":iam::", "AWS::AccountId", ":user/"]),
    ("AWS::Lambda::Function", &[":lambda:", "AWS::Region", ":", "AWS::AccountId", ":function:"]),
    ("AWS::S3::Bucket", &[":s3:::"]),
];

/// The id in `!GetAtt Id.Arn`.
pub(super) fn id_in<'a>(value: &Value<'a>) -> Option<&'a str> {
    match value.kind {
        Kind::Intrinsic(Intrinsic::GetAtt(id, attribute)) if attribute.as_text() == Some("Arn") => Some(id),
        _ => None,
    }
}

/// What the ARN of a resource begins with, where it is the same in every deployment. A path stands between a role's sort and its name.
fn begin(resource: &Resource<'_>) -> Option<&'static [&'static str]> {
    let (_, begin) = BEGINS.iter().find(|(kind, _)| *kind == resource.kind)?;
    let plain = resource.property("Path").is_none_or(|path| path.value.as_text() == Some("/"));
    plain.then_some(begin)
}

/// A resource's ARN as `Fn::Sub` writes it: `arn:${AWS::Partition}:s3:::${Bucket}`.
pub(super) fn written(resource: &Resource<'_>) -> Option<String> {
    let piece = |text: &&str| if text.starts_with("AWS::") { format!("${{{text}}}") } else { (*text).to_owned() };
    let before = ["arn:", "AWS::Partition"];
    Some(before.iter().chain(begin(resource)?).map(piece).chain([format!("${{{}}}", resource.id)]).collect())
}

/// The pieces of a resource's ARN.
pub(super) fn taken_apart<'a>(resource: &Resource<'a>, build: &Build<'a>, place: Origin<'a>) -> Option<Vec<Value<'a>>> {
    let begin = begin(resource)?;
    let piece =
        |text: &&str| if text.starts_with("AWS::") { build.reference(text, place) } else { build.text(text, place) };
    let before = ["arn:", "AWS::Partition"];
    Some(before.iter().chain(begin).map(piece).chain([build.reference(resource.id, place)]).collect())
}
