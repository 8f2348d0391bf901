//! `AWS::Serverless::LayerVersion`: a layer under an id that changes with it, kept when it is replaced.

use super::expansion::Expansion;
use super::make::Make;
use super::read::{self, field};
use super::references::Renamed;
use crate::template::{Entry, Kind, Resource, Value};

/// Expands a layer.
pub(super) fn expand<'a>(x: &mut Expansion<'a>, layer: &Resource<'a>) {
    let make = x.cause(layer, "this layer", layer.key);
    let given = |key: &str| field(layer.properties, key);
    let id = make.keep(&read::hashed(layer.id, layer.id));
    let policy = given("RetentionPolicy").map(|p| x.known(p));
    let asked = policy.and_then(|p| p.as_text());
    let kept = if asked.is_some_and(|text| text.eq_ignore_ascii_case("delete")) { "Delete" } else { "Retain" };
    let properties = make.some(&[
        ("LayerName", given("LayerName").map(|n| read::parameters(x, n)).or_else(|| Some(make.text(layer.id)))),
        ("Description", given("Description")),
        ("Content", given("ContentUri").map(|c| content(make.because(c.origin), c))),
        ("CompatibleArchitectures", given("CompatibleArchitectures")),
        ("CompatibleRuntimes", given("CompatibleRuntimes")),
        ("LicenseInfo", given("LicenseInfo")),
    ]);
    let at = make.because(policy.map_or(layer.key, |p| p.origin));
    // A policy that the user wrote beside the properties stays, unless a property says it too.
    let more: Vec<Entry<'a>> = match layer.attribute("DeletionPolicy") {
        Some(_) if asked.is_none() => Vec::new(),
        Some(_) | None => vec![at.entry("DeletionPolicy", at.text(kept))],
    };
    x.become_with(layer, id, "AWS::Lambda::LayerVersion", properties, &more);
    x.renamed.push(Renamed { from: layer.id, to: id });
}

fn content<'a>(make: Make<'a>, uri: Value<'a>) -> Value<'a> {
    match uri.kind {
        Kind::Text(text) => match text.strip_prefix("s3://").and_then(|rest| rest.split_once('/')) {
            Some((bucket, key)) => make.map(&[("S3Bucket", make.made(bucket)), ("S3Key", make.made(key))]),
            None => uri,
        },
        Kind::Map(_) => make.some(&[
            ("S3Bucket", field(uri, "Bucket")),
            ("S3Key", field(uri, "Key")),
            ("S3ObjectVersion", field(uri, "Version")),
        ]),
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => uri,
    }
}
