//! Layers, and the accounts that may use them.

use super::make::told;
use super::naming;
use super::read;
use super::service::{Cause, Service};
use super::stack::{Draft, Stack};
use crate::template::{Entry, Kind};

/// Makes every layer.
pub(super) fn layers<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let Some(layers) = read::get(service.root, "layers").map(read::settle).and_then(|l| l.as_map()) else { return };
    for entry in layers.entries {
        layer(service, stack, entry);
    }
}

fn layer<'a>(service: &Service<'a>, stack: &mut Stack<'a>, entry: &Entry<'a>) {
    if matches!(entry.value.kind, Kind::Null) {
        return;
    }
    let build = service.build;
    let body = entry.value;
    let made_by = told(build, format_args!("the Serverless Framework makes this layer for `{}`", entry.key));
    let cause =
        Cause { written_id: entry.key, origin: build.derived(entry.key_origin, made_by, None), made_by, guard: None };
    let make = service.make(cause.origin);
    let normal = naming::normal(entry.key);
    let id = told(build, format_args!("{normal}LambdaLayer"));
    let retain = read::flag(body, "retain");
    let archive = build.unknown("the framework names the archive after the time of the deployment", make.origin);
    let content = make.map(&[("S3Bucket", super::bucket::of_code(service, make)), ("S3Key", archive)]);
    let keep = |draft: Draft<'a>| if retain { draft.attribute("DeletionPolicy", make.text("Retain")) } else { draft };
    stack.add(keep(
        Draft::new(id, "AWS::Lambda::LayerVersion", cause)
            .set("Content", content)
            .set("LayerName", read::given(body, "name").unwrap_or_else(|| make.text(entry.key)))
            .maybe("Description", read::given(body, "description"))
            .maybe("LicenseInfo", read::given(body, "licenseInfo"))
            .maybe("CompatibleRuntimes", read::given(body, "compatibleRuntimes"))
            .maybe("CompatibleArchitectures", read::given(body, "compatibleArchitectures")),
    ));
    stack.output(service, make, told(build, format_args!("{id}QualifiedArn")), make.reference(id));
    for account in read::given(body, "allowedAccounts").into_iter().flat_map(read::items) {
        let make = make.at(account.origin);
        let name = read::plain(build, account).replacen('*', "Wild", 1);
        let cause = Cause { origin: build.derived(account.origin, made_by, None), ..cause };
        stack.add(keep(
            Draft::new(
                told(build, format_args!("{normal}{name}LambdaLayerPermission")),
                "AWS::Lambda::LayerVersionPermission",
                cause,
            )
            .set("Action", make.text("lambda:GetLayerVersion"))
            .set("LayerVersionArn", make.reference(id))
            .set("Principal", account),
        ));
    }
}
