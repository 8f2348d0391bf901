//! The bucket that deployments upload to.

use super::super::config::Version;
use super::make::Make;
use super::read;
use super::service::Service;
use super::stack::{Draft, Stack, is_empty};
use crate::template::Value;

const BUCKET: &str = "ServerlessDeploymentBucket";

/// Makes the bucket and its policy, unless the user brings a bucket.
pub(super) fn deployment<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    // Version 4 keeps one bucket for the whole account, outside of this stack.
    if service.version == Version::V4 && !legacy(service) || named(service).is_some() {
        return;
    }
    let cause = service.cause("bucket", &[&["deploymentBucket"]]);
    let make = service.make(cause.origin);
    let settings = read::get(service.provider, "deploymentBucket").unwrap_or_else(|| make.map(&[]));
    let on = |key: &str| read::given(settings, key);
    let encryption = make.map(&[("SSEAlgorithm", make.text("AES256"))]);
    let rule = make.map(&[("ServerSideEncryptionByDefault", encryption)]);
    let blocked = on("blockPublicAccess").map(|v| {
        let make = make.at(v.origin);
        make.map(
            &["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"]
                .map(|k| (k, make.bool(true))),
        )
    });
    let versioned = on("versioning").map(|v| {
        let make = make.at(v.origin);
        make.map(&[("Status", make.text("Enabled"))])
    });
    stack.add(
        Draft::new(BUCKET, "AWS::S3::Bucket", cause)
            .set("BucketEncryption", make.map(&[("ServerSideEncryptionConfiguration", make.list(&[rule]))]))
            .maybe("Tags", on("tags").filter(|t| !is_empty(t)).and_then(|t| make.tags(&[Some(t)])))
            .maybe("PublicAccessBlockConfiguration", blocked)
            .maybe("VersioningConfiguration", versioned),
    );
    stack.output(service, make, "ServerlessDeploymentBucketName", make.reference(BUCKET));
    if on("skipPolicySetup").is_some() {
        return;
    }
    let cause = service.cause("bucket policy", &[&["deploymentBucket"]]);
    let bucket = make.reference(BUCKET);
    let arn = |tail: &[Value<'a>]| make.partition_arn(&[&[make.text(":s3:::"), bucket], tail].concat());
    let insecure = make.map(&[("Bool", make.map(&[("aws:SecureTransport", make.bool(false))]))]);
    let deny = make.map(&[
        ("Action", make.text("s3:*")),
        ("Effect", make.text("Deny")),
        ("Principal", make.text("*")),
        ("Resource", make.list(&[arn(&[make.text("/*")]), arn(&[])])),
        ("Condition", insecure),
    ]);
    stack.add(
        Draft::new("ServerlessDeploymentBucketPolicy", "AWS::S3::BucketPolicy", cause)
            .set("Bucket", bucket)
            .set("PolicyDocument", make.map(&[("Statement", make.list(&[deny]))])),
    );
}

/// The bucket that holds the functions' code.
pub(super) fn of_code<'a>(service: &Service<'a>, make: Make<'a>) -> Value<'a> {
    match named(service) {
        Some(name) => name,
        None if service.version == Version::V4 && !legacy(service) => {
            service.build.unknown("the framework's bucket of the account", make.origin)
        }
        None => make.reference(BUCKET),
    }
}

/// The bucket that the user brings.
fn named<'a>(service: &Service<'a>) -> Option<Value<'a>> {
    let setting = service.provided("deploymentBucket")?;
    if setting.as_map().is_some() { read::given(setting, "name") } else { Some(setting) }
}

fn legacy(service: &Service<'_>) -> bool {
    read::flag(service.provider, "enableLegacyDeploymentBucket")
}
