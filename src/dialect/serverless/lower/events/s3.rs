//! `s3`: buckets that the framework makes, and buckets that exist already.

use super::super::custom_resource::{self, Helper};
use super::super::make::told;
use super::super::naming;
use super::super::read;
use super::super::service::{Event, Function, Service};
use super::super::stack::{Draft, Stack};
use crate::template::{Entry, Value};

/// A bucket that the framework makes.
struct Bucket<'a> {
    name: Value<'a>,
    reference: &'a str,
    settings: Option<Value<'a>>,
    users: Vec<(usize, Event<'a>)>,
}

/// Makes the buckets and permissions of all functions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let (existing, new): (Vec<_>, Vec<_>) = service.events("s3").partition(|(_, _, e)| read::flag(e.value, "existing"));
    let mut buckets: Vec<Bucket<'a>> = Vec::new();
    for (at, _, event) in new {
        let name = read::get(event.value, "bucket").unwrap_or(event.value);
        let reference = read::plain(service.build, name);
        let settings = service.provider_at(&["s3", reference]);
        let name = settings.and_then(|s| read::given(s, "name")).unwrap_or(name);
        match buckets.iter_mut().find(|b| b.reference == reference) {
            Some(bucket) => bucket.users.push((at, *event)),
            None => buckets.push(Bucket { name, reference, settings, users: vec![(at, *event)] }),
        }
    }
    for bucket in &buckets {
        make_bucket(service, stack, bucket);
    }
    use_existing(service, stack, &existing);
}

fn make_bucket<'a>(service: &Service<'a>, stack: &mut Stack<'a>, bucket: &Bucket<'a>) {
    let build = service.build;
    let normal = naming::alnum(bucket.reference);
    let mut configurations = Vec::new();
    let mut waits = Vec::new();
    let mut first = None;
    for (at, event) in &bucket.users {
        let Some(function) = service.functions.get(*at) else { continue };
        let cause = function.event_cause(build, "permission", event);
        let make = service.make(cause.origin);
        first.get_or_insert_with(|| function.event_cause(build, "bucket", event));
        let id = function.owned(build, &format!("LambdaPermission{normal}S3"));
        let mut configuration = vec![
            ("Event", read::given(event.value, "event").unwrap_or_else(|| make.text("s3:ObjectCreated:*"))),
            ("Function", function.target(make)),
        ];
        let rules: Vec<_> = rules(service, event)
            .iter()
            .map(|r| make.at(r.value.origin).map(&[("Name", make.at(r.key_origin).text(r.key)), ("Value", r.value)]))
            .collect();
        if !rules.is_empty() {
            let rules = make.map(&[("Rules", make.list(&rules))]);
            configuration.push(("Filter", make.map(&[("S3Key", rules)])));
        }
        configurations.push(make.map(&configuration));
        waits.push(make.text(id));
        waits.extend(function.alias.map(|(_, alias)| make.text(alias)));
        let source = make.partition_arn(&[make.text(":s3:::"), bucket.name]);
        stack.permit(id, cause, function, "s3.amazonaws.com", Some(source));
        if let Some(draft) = stack.draft(id) {
            draft.put("SourceAccount", make.reference("AWS::AccountId"));
        }
    }
    let Some(cause) = first else { return };
    let make = service.make(cause.origin);
    let mut notifications = make.map(&[("LambdaConfigurations", make.list(&configurations))]);
    let mut draft = Draft::new(told(build, format_args!("S3Bucket{normal}")), "AWS::S3::Bucket", cause)
        .set("BucketName", bucket.name);
    let own = bucket.settings.map(|s| s.entries()).unwrap_or_default();
    for entry in own.iter().filter(|e| e.key != "name") {
        let key = build.str(&naming::upper_first(entry.key));
        if key == "NotificationConfiguration" {
            notifications = make.assign(&[Some(notifications), Some(entry.value)]).unwrap_or(notifications);
        } else {
            draft.push(Entry { key, ..*entry });
        }
    }
    stack.add(draft.set("NotificationConfiguration", notifications).after(&waits));
}

fn rules<'a>(_service: &Service<'a>, event: &Event<'a>) -> Vec<Entry<'a>> {
    let list = read::get(event.value, "rules").map(read::items).unwrap_or_default();
    list.iter().filter_map(|r| read::settle(*r).as_map()?.entries.first().copied()).collect()
}

fn use_existing<'a>(service: &Service<'a>, stack: &mut Stack<'a>, events: &[(usize, &Function<'a>, &Event<'a>)]) {
    let Some((_, first, event)) = events.first() else { return };
    let build = service.build;
    let helper = Helper::Bucket.id(service);
    let mut statements = Vec::new();
    for (at, function) in service.functions.iter().enumerate() {
        let own: Vec<_> = events.iter().filter(|(i, ..)| *i == at).map(|(.., e)| *e).collect();
        let Some(event) = own.first() else { continue };
        let cause = function.event_cause(build, "custom resource", event);
        let make = service.make(cause.origin);
        let Some(bucket) = read::get(event.value, "bucket") else { continue };
        let configurations: Vec<_> = own
            .iter()
            .map(|event| {
                let rules: Vec<_> = rules(service, event)
                    .iter()
                    .map(|r| make.at(r.value.origin).map(&[(build.str(&naming::upper_first(r.key)), r.value)]))
                    .collect();
                let name = read::given(event.value, "event").unwrap_or_else(|| make.text("s3:ObjectCreated:*"));
                make.map(&[("Event", name), ("Rules", make.list(&rules))])
            })
            .collect();
        stack.add(
            Draft::new(function.owned(build, "CustomS31"), "Custom::S3", cause)
                .set("ServiceToken", make.att(helper, "Arn"))
                .set("FunctionName", function.name)
                .set("BucketName", bucket)
                .set("BucketConfigs", make.list(&configurations))
                .after(&[make.text(function.id), make.text(helper)]),
        );
        let arn = make.join(
            ":",
            &[
                make.text("arn"),
                make.reference("AWS::Partition"),
                make.text("s3"),
                make.text(""),
                make.text(""),
                bucket,
            ],
        );
        statements.push(make.allow(&["s3:PutBucketNotification", "s3:GetBucketNotification"], arn));
    }
    let cause = first.event_cause(build, "helper function", event);
    let make = service.make(cause.origin);
    let functions = make.arn("lambda", &[make.text("function:*")]);
    statements.push(make.allow(&["lambda:AddPermission", "lambda:RemovePermission"], functions));
    custom_resource::helper(service, stack, Helper::Bucket, cause, &statements);
}
