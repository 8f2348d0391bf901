//! Buckets that notify a function: the bucket's own declaration grows.

use super::super::expansion::Expansion;
use super::Event;
use crate::template::{Entry, Intrinsic, Kind, Map, Value};

/// Lets S3 invoke the function and adds the notification to the bucket.
pub(super) fn expand<'a>(expansion: &mut Expansion<'a>, event: &Event<'a>) {
    let make = event.make(expansion, "this permission");
    event.permit(expansion, "", "s3.amazonaws.com", &[("SourceAccount", make.reference("AWS::AccountId"))]);
    let Some(Kind::Intrinsic(Intrinsic::Ref(bucket))) = event.get("Bucket").map(|b| b.kind) else { return };
    let make = event.make(expansion, "this notification");
    let events = event.get("Events").map(|e| e.items()).unwrap_or_default();
    let filter = event.entry("Filter");
    let added: Vec<Value<'a>> = events
        .into_iter()
        .map(|name| {
            let mut entries = vec![make.entry("Function", event.arn.with_origin(make.origin))];
            entries.extend(filter);
            entries.push(make.entry("Event", name));
            let value = make.at(name.origin).entries(&entries);
            match event.function.condition {
                Some((condition, _)) => make.choose(condition, value, make.reference("AWS::NoValue")),
                None => value,
            }
        })
        .collect();
    let Some(resource) = expansion.deployed(bucket).filter(|r| r.kind == "AWS::S3::Bucket") else { return };
    let configuration = resource.property("NotificationConfiguration").copied();
    let value = configuration.map_or_else(|| make.map(&[]), |e| e.value);
    let old = value.get("LambdaConfigurations").copied();
    let mut all = old.map(|e| e.value.items()).unwrap_or_default();
    for new in added {
        // One that the user wrote already is not told twice.
        if !all.iter().any(|old| alike(old, &new)) {
            all.push(new);
        }
    }
    let list = make.list(&all);
    let key = |e: Option<Entry<'a>>| e.map_or(make.origin, |e| e.key_origin);
    let list = Entry { key: "LambdaConfigurations", key_origin: key(old), value: list };
    let value = with(make, value, list);
    let configuration = Entry { key: "NotificationConfiguration", key_origin: key(configuration), value };
    resource.properties = with(make, resource.properties, configuration);
}

/// True when two notifications are for the same event and function.
fn alike(a: &Value<'_>, b: &Value<'_>) -> bool {
    let text = |v: &Value<'_>, key: &str| v.get(key).and_then(|e| e.value.as_text().map(str::to_owned));
    let function = |v: &Value<'_>| match v.get("Function").map(|e| e.value.kind) {
        Some(Kind::Intrinsic(Intrinsic::GetAtt(id, _) | Intrinsic::Ref(id))) => Some((*id).to_owned()),
        Some(_) | None => None,
    };
    let same = text(a, "Event").is_some() && text(a, "Event") == text(b, "Event");
    same && function(a).is_some()
        && function(a) == function(b)
        && a.get("Filter").is_some() == b.get("Filter").is_some()
}

/// A map with an entry put in the place of one of the same key, or at the end.
pub(super) fn with<'a>(make: super::Make<'a>, map: Value<'a>, entry: Entry<'a>) -> Value<'a> {
    let written = map.as_map().unwrap_or(Map::EMPTY).entries;
    let mut entries: Vec<_> = written.iter().filter(|e| e.key != entry.key).copied().collect();
    entries.push(entry);
    make.at(map.origin).entries(&entries)
}
