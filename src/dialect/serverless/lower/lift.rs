//! Constructs of the plugin `serverless-lift`: queues, buckets, tables and webhooks in a word.

use super::make::{Make, told};
use super::read::{self, Guards};
use super::service::{Cause, Event, Service};
use super::stack::{Draft, Stack};
use crate::template::{Entry, Intrinsic, Kind, Value};

const BUCKET_ACTIONS: [&str; 14] = [
    "s3:PutObject",
    "s3:GetObject",
    "s3:DeleteObject",
    "s3:ListBucket",
    "s3:GetObjectAcl",
    "s3:PutObjectAcl",
    "s3:GetObjectTagging",
    "s3:PutObjectTagging",
    "s3:DeleteObjectTagging",
    "s3:GetObjectAttributes",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
    "s3:ListBucketMultipartUploads",
    "s3:RestoreObject",
];
const TABLE_ACTIONS: [&str; 9] = [
    "dynamodb:GetItem",
    "dynamodb:BatchGetItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "dynamodb:PutItem",
    "dynamodb:DeleteItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:UpdateItem",
    "dynamodb:ConditionCheckItem",
];

/// The constructs of a service, when the plugin is loaded.
fn constructs<'a>(service: &Service<'a>) -> &'a [Entry<'a>] {
    if !service.plugin("serverless-lift") {
        return &[];
    }
    read::get(service.root, "constructs").map(read::settle).and_then(|c| c.as_map()).map_or(&[], |m| m.entries)
}

/// The workers and authorizers that constructs add to the functions, and what they must be allowed.
pub(super) fn extend<'a>(service: &mut Service<'a>, guards: &mut Guards<'a>) {
    for entry in constructs(service) {
        let make = service.make(entry.key_origin);
        match read::text(entry.value, "type") {
            Some("queue") => queue_worker(service, guards, make, entry),
            Some("webhook") => {
                if let Some(authorizer) = read::entry(entry.value, "authorizer") {
                    let key = told(make.build, format_args!("{}Authorizer", entry.key));
                    let added = Entry { key, ..*authorizer };
                    let function = service.function(guards, &added, None, read::settle(authorizer.value));
                    service.functions.push(function);
                }
            }
            Some("storage") => {
                let arn = make.att(id(make, &[entry.key, "Bucket", "Resource"]), "Arn");
                let objects = make.join("/", &[arn, make.text("*")]);
                service.granted.push(make.allow(&BUCKET_ACTIONS, make.list(&[arn, objects])));
            }
            Some("database/dynamodb-single-table") => {
                let arn = make.att(id(make, &[entry.key, "Table", "Resource"]), "Arn");
                let indexes = make.join("/", &[arn, make.text("index"), make.text("*")]);
                service.granted.push(make.allow(&TABLE_ACTIONS, make.list(&[arn, indexes])));
            }
            Some(_) | None => {}
        }
    }
    let automatic = read::at(service.root, &["lift", "automaticPermissions"]).and_then(|v| v.as_bool());
    if automatic == Some(false) {
        service.granted.clear();
    }
}

/// Makes the constructs' resources; kinds that we do not know are told as unknown parts.
pub(super) fn resources<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    for entry in constructs(service) {
        match read::text(entry.value, "type") {
            Some("queue") => queue(service, stack, entry),
            Some("storage") => storage(service, stack, entry),
            Some("database/dynamodb-single-table") => table(service, stack, entry),
            Some("webhook") => super::lift_webhook::resources(service, stack, entry),
            Some(_) | None => {
                stack.unknown.push((entry.key_origin, "a construct of serverless-lift makes resources here"))
            }
        }
    }
}

/// Replaces `${construct:name.variable}` by what it stands for.
pub(super) fn resolve<'a>(make: Make<'a>, value: Value<'a>) -> Value<'a> {
    let make = make.at(value.origin);
    match value.kind {
        Kind::Map(map) => {
            let entries: Vec<_> = map.entries.iter().map(|e| Entry { value: resolve(make, e.value), ..*e }).collect();
            make.entries(&entries)
        }
        Kind::List(items) => {
            let items: Vec<_> = items.iter().map(|i| resolve(make, *i)).collect();
            make.list(&items)
        }
        Kind::Intrinsic(Intrinsic::External(external)) => variable(make, external.written).unwrap_or(value),
        Kind::Intrinsic(Intrinsic::Sub { pieces, .. }) if pieces.iter().any(is_variable) => {
            let pieces: Vec<_> = pieces.iter().map(|p| resolve(make, *p)).collect();
            make.concat(&pieces)
        }
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => value,
    }
}

fn is_variable(value: &Value<'_>) -> bool {
    matches!(value.kind, Kind::Intrinsic(Intrinsic::External(e)) if e.written.starts_with("${construct:"))
}

fn variable<'a>(make: Make<'a>, written: &'a str) -> Option<Value<'a>> {
    let (construct, name) = written.strip_prefix("${construct:")?.strip_suffix('}')?.split_once('.')?;
    Some(match name {
        "queueUrl" => make.reference(id(make, &[construct, "Queue", "Resource"])),
        "queueArn" => make.att(id(make, &[construct, "Queue", "Resource"]), "Arn"),
        "dlqUrl" => make.reference(id(make, &[construct, "Dlq", "Resource"])),
        "dlqArn" => make.att(id(make, &[construct, "Dlq", "Resource"]), "Arn"),
        "bucketName" => make.reference(id(make, &[construct, "Bucket", "Resource"])),
        "bucketArn" => make.att(id(make, &[construct, "Bucket", "Resource"]), "Arn"),
        "busName" => make.reference(id(make, &[construct, "Bus", "Resource"])),
        "tableName" => make.reference(id(make, &[construct, "Table", "Resource"])),
        "tableArn" => make.att(id(make, &[construct, "Table", "Resource"]), "Arn"),
        "tableStreamArn" => make.att(id(make, &[construct, "Table", "Resource"]), "StreamArn"),
        _ => return None,
    })
}

/// The CDK's logical id of a construct: its path, and a piece of the path's digest.
pub(super) fn id<'a>(make: Make<'a>, path: &[&str]) -> &'a str {
    let human: String = path
        .iter()
        .filter(|p| **p != "Resource")
        .map(|p| p.replace(|c: char| !c.is_ascii_alphanumeric(), ""))
        .collect();
    let digest = super::md5::hex(&path.join("/")).to_uppercase();
    told(make.build, format_args!("{human}{}", digest.get(..8).unwrap_or("")))
}

/// Why a construct's resource is made.
pub(super) fn cause<'a>(service: &Service<'a>, entry: &Entry<'a>, what: &str) -> Cause<'a> {
    let made_by = told(service.build, format_args!("serverless-lift makes this {what} for `{}`", entry.key));
    Cause {
        written_id: entry.key,
        origin: service.build.derived(entry.key_origin, made_by, None),
        made_by,
        guard: None,
    }
}

fn queue_worker<'a>(service: &mut Service<'a>, guards: &mut Guards<'a>, make: Make<'a>, entry: &Entry<'a>) {
    let Some(worker) = read::entry(entry.value, "worker") else { return };
    let arn = make.att(id(make, &[entry.key, "Queue", "Resource"]), "Arn");
    service.granted.push(make.allow(&["sqs:SendMessage", "sqs:ChangeMessageVisibility"], make.list(&[arn])));
    let field = |key: &str| read::get(entry.value, key);
    let mut sqs = vec![
        ("arn", arn),
        ("batchSize", field("batchSize").unwrap_or_else(|| make.number(1))),
        ("maximumBatchingWindow", field("maxBatchingWindow").unwrap_or_else(|| make.number(0))),
        ("functionResponseType", make.text("ReportBatchItemFailures")),
    ];
    sqs.extend(field("maxConcurrency").map(|n| ("maximumConcurrency", n)));
    let event = Event { kind: "sqs", origin: entry.key_origin, value: make.map(&sqs), position: 0, guard: None };
    if let Some(key) = worker.value.as_text() {
        if let Some(function) = service.functions.iter_mut().find(|f| f.key == key) {
            function.events.push(event);
        }
        return;
    }
    let key = told(make.build, format_args!("{}Worker", entry.key));
    let mut function = service.function(guards, &Entry { key, ..*worker }, None, read::settle(worker.value));
    function.events.push(event);
    service.functions.push(function);
}

fn queue<'a>(service: &Service<'a>, stack: &mut Stack<'a>, entry: &Entry<'a>) {
    let make = service.make(entry.key_origin);
    let field = |key: &str| read::get(entry.value, key);
    let worker = read::get(entry.value, "worker");
    let timeout = match worker.and_then(|w| w.as_text()) {
        Some(key) => service.find(key).and_then(|f| read::get(f.body, "timeout")),
        None => worker.and_then(|w| read::get(w, "timeout")),
    };
    let seconds = |value: Option<Value<'a>>, default: i64| value.map_or(Some(default), |v| v.as_text()?.parse().ok());
    let visibility = match (seconds(timeout, 6), seconds(field("maxBatchingWindow"), 0)) {
        (Some(timeout), Some(window)) => make.number(timeout.saturating_mul(6).saturating_add(window)),
        _ => service.build.unknown("six times the worker's timeout", make.origin),
    };
    let fifo = field("fifo").filter(read::truthy);
    let suffix = if fifo.is_some() { ".fifo" } else { "" };
    let name = |tail: &str| service.named(make.origin, &format!("-{}{tail}{suffix}", entry.key));
    let managed = read::text(entry.value, "encryption") == Some("kmsManaged");
    let encryption = field("encryption").filter(|_| managed).map(|e| make.at(e.origin).text("alias/aws/sqs"));
    let dead = id(make, &[entry.key, "Dlq", "Resource"]);
    let keep = make.text("Delete");
    let draft = |id, name: Value<'a>| {
        Draft::new(id, "AWS::SQS::Queue", cause(service, entry, "queue"))
            .set("QueueName", name)
            .maybe("FifoQueue", fifo)
            .maybe("KmsMasterKeyId", encryption)
            .attribute("UpdateReplacePolicy", keep)
            .attribute("DeletionPolicy", keep)
    };
    stack.add(draft(dead, name("-dlq")).set("MessageRetentionPeriod", make.number(1_209_600)));
    let redrive = make.map(&[
        ("deadLetterTargetArn", make.att(dead, "Arn")),
        ("maxReceiveCount", field("maxRetries").unwrap_or_else(|| make.number(3))),
    ]);
    stack.add(
        draft(id(make, &[entry.key, "Queue", "Resource"]), name(""))
            .set("RedrivePolicy", redrive)
            .set("VisibilityTimeout", visibility)
            .maybe("ContentBasedDeduplication", fifo)
            .maybe("DelaySeconds", field("delay")),
    );
}

fn storage<'a>(service: &Service<'a>, stack: &mut Stack<'a>, entry: &Entry<'a>) {
    let make = service.make(entry.key_origin);
    let bucket = id(make, &[entry.key, "Bucket", "Resource"]);
    let public = read::get(entry.value, "publicPath");
    let kms = read::text(entry.value, "encryption") == Some("kms");
    let algorithm = make.text(if kms { "aws:kms" } else { "AES256" });
    let rule = make.map(&[("ServerSideEncryptionByDefault", make.map(&[("SSEAlgorithm", algorithm)]))]);
    let acl = public.is_some() && read::flag(entry.value, "allowAcl");
    let open = make.at(public.map_or(make.origin, |p| p.origin));
    let blocked = open.map(&[
        ("BlockPublicAcls", open.bool(!acl)),
        ("BlockPublicPolicy", open.bool(public.is_none())),
        ("IgnorePublicAcls", open.bool(true)),
        ("RestrictPublicBuckets", open.bool(public.is_none())),
    ]);
    stack.add(
        Draft::new(bucket, "AWS::S3::Bucket", cause(service, entry, "bucket"))
            .set("BucketEncryption", make.map(&[("ServerSideEncryptionConfiguration", make.list(&[rule]))]))
            .set("PublicAccessBlockConfiguration", blocked)
            .set("VersioningConfiguration", make.map(&[("Status", make.text("Enabled"))]))
            .attribute("UpdateReplacePolicy", make.text("Retain"))
            .attribute("DeletionPolicy", make.text("Retain")),
    );
    let arn = make.att(bucket, "Arn");
    let everyone = make.map(&[("AWS", make.text("*"))]);
    let insecure = make.map(&[("Bool", make.map(&[("aws:SecureTransport", make.text("false"))]))]);
    let mut statements = vec![make.map(&[
        ("Action", make.text("s3:*")),
        ("Condition", insecure),
        ("Effect", make.text("Deny")),
        ("Principal", everyone),
        ("Resource", make.list(&[arn, make.join("", &[arn, make.text("/*")])])),
    ])];
    if let Some(path) = public {
        let prefix = path.as_text().unwrap_or("").trim_matches('/');
        let objects = if prefix.is_empty() || prefix == "*" { "/*".to_owned() } else { format!("/{prefix}/*") };
        statements.push(open.map(&[
            ("Action", open.text("s3:GetObject")),
            ("Effect", open.text("Allow")),
            ("Principal", open.map(&[("AWS", open.text("*"))])),
            ("Resource", open.join("", &[arn, open.made(&objects)])),
        ]));
    }
    stack.add(
        Draft::new(
            id(make, &[entry.key, "Bucket", "Policy", "Resource"]),
            "AWS::S3::BucketPolicy",
            cause(service, entry, "bucket policy"),
        )
        .set("Bucket", make.reference(bucket))
        .set("PolicyDocument", make.policy(&statements)),
    );
}

fn table<'a>(service: &Service<'a>, stack: &mut Stack<'a>, entry: &Entry<'a>) {
    let make = service.make(entry.key_origin);
    let key =
        |name: &'a str, kind: &'a str| make.map(&[("AttributeName", make.text(name)), ("KeyType", make.text(kind))]);
    let attribute = |name: &'a str| make.map(&[("AttributeName", make.text(name)), ("AttributeType", make.text("S"))]);
    let recovery = make.map(&[("PointInTimeRecoveryEnabled", make.bool(true))]);
    let expiry = make.map(&[("AttributeName", make.text("TimeToLive")), ("Enabled", make.bool(true))]);
    stack.add(
        Draft::new(id(make, &[entry.key, "Table", "Resource"]), "AWS::DynamoDB::Table", cause(service, entry, "table"))
            .set("KeySchema", make.list(&[key("PK", "HASH"), key("SK", "RANGE")]))
            .set("AttributeDefinitions", make.list(&[attribute("PK"), attribute("SK")]))
            .set("BillingMode", make.text("PAY_PER_REQUEST"))
            .set("PointInTimeRecoverySpecification", recovery)
            .set("StreamSpecification", make.map(&[("StreamViewType", make.text("NEW_AND_OLD_IMAGES"))]))
            .set("TimeToLiveSpecification", expiry)
            .attribute("UpdateReplacePolicy", make.text("Retain"))
            .attribute("DeletionPolicy", make.text("Retain")),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Arena, FileId, Span};
    use crate::template::{Build, Origin};

    /// The CDK's ids are the path and eight characters of its digest.
    #[test]
    fn ids() {
        let arena = Arena::new();
        let make = Make { build: Build::new(&arena), origin: Origin::written(Span::new(FileId(0), 0, 1)) };
        assert_eq!(id(make, &["jobs", "Queue", "Resource"]), "jobsQueueCEDBAE3E");
        assert_eq!(id(make, &["jobs", "Dlq", "Resource"]), "jobsDlqD18CF374");
    }
}
