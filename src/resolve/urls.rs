//! URLs that attributes hold, taken apart: distributions and certificates ask for no more than the host.

use crate::template::{Build, Intrinsic, Kind, Origin, Resource, Value};

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

/// The pieces of a resource's URL. What host that is AWS says at deployment, and of which resource it is we say with an attribute of
/// our own: `Host`.
pub(super) fn taken_apart<'a>(
    resource: &Resource<'a>,
    attribute: &str,
    build: &Build<'a>,
    place: Origin<'a>,
) -> Option<Vec<Value<'a>>> {
    let is_url = URLS.contains(&(resource.kind, attribute));
    is_url
        .then(|| vec![build.text("https://", place), build.get_att(resource.id, "Host", place), build.text("/", place)])
}
