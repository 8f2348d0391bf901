//! Attributes of resources, taken apart: a name is cut out of an ARN where a resource says only that, and a host out of a URL.

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

/// The attributes that are a URL with nothing behind its host but a slash.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-url.html>
const URLS: &[(&str, &str)] = &[("AWS::Lambda::Url", "FunctionUrl")];

/// The id and the attribute in `!GetAtt Id.Attribute`.
pub(super) fn asked_in<'a>(value: &Value<'a>) -> Option<(&'a str, &'a str)> {
    match value.kind {
        Kind::Intrinsic(Intrinsic::GetAtt(id, attribute)) => Some((id, attribute.as_text()?)),
        _ => None,
    }
}

/// What the ARN of a resource is put together from before its name, where that is the same in every deployment: texts, and names of
/// pseudo parameters. A path stands between a role's sort and its name.
fn before_name(resource: &Resource<'_>) -> Option<impl Iterator<Item = &'static str>> {
    let (_, begin) = BEGINS.iter().find(|(kind, _)| *kind == resource.kind)?;
    let plain = resource.property("Path").is_none_or(|path| path.value.as_text() == Some("/"));
    plain.then(|| ["arn:", "AWS::Partition"].into_iter().chain(begin.iter().copied()))
}

/// A resource's ARN as `Fn::Sub` writes it: `arn:${AWS::Partition}:s3:::${Bucket}`.
pub(super) fn arn_written(resource: &Resource<'_>) -> Option<String> {
    let piece = |text: &str| if text.starts_with("AWS::") { format!("${{{text}}}") } else { text.to_owned() };
    Some(before_name(resource)?.map(piece).chain([format!("${{{}}}", resource.id)]).collect())
}

/// The pieces of a resource's attribute that it is split into by a separator. What host a URL has AWS says at deployment, and of
/// which resource it is we say with an attribute of our own: `Host`.
pub(super) fn taken_apart<'a>(
    resource: &Resource<'a>,
    attribute: &str,
    separator: &str,
    build: &Build<'a>,
    place: Origin<'a>,
) -> Option<Vec<Value<'a>>> {
    if URLS.contains(&(resource.kind, attribute)) {
        let host = build.get_att(resource.id, "Host", place);
        return Some(vec![build.text("https://", place), host, build.text("/", place)]);
    }
    // Names have neither, and dashes as many as they like.
    if attribute != "Arn" || !separator.starts_with([':', '/']) {
        return None;
    }
    let piece =
        |text: &str| if text.starts_with("AWS::") { build.reference(text, place) } else { build.text(text, place) };
    Some(before_name(resource)?.map(piece).chain([build.reference(resource.id, place)]).collect())
}
