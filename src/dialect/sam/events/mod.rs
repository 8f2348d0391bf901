//! Events of functions: what invokes them, what that needs, and what may do it.

use super::expansion::{ApiEvent, Expansion};
use super::make::Make;
use super::policies::Policies;
use crate::template::{Entry, Map, Origin, Resource, Value};

mod brokers;
mod cognito;
mod pull;
mod queue;
mod rules;
mod s3;
mod schedule_v2;
mod simple;
mod sns;

/// An event of a function.
#[derive(Clone, Copy)]
struct Event<'a> {
    /// The function.
    function: Resource<'a>,
    /// The logical id of what the event makes: the function's and the event's.
    id: &'a str,
    /// The place of the event's id.
    origin: Origin<'a>,
    /// `Properties`; an empty map when missing.
    properties: Value<'a>,
    /// The function's name or its alias's ARN.
    name: Value<'a>,
    /// The function's ARN, or its alias's.
    arn: Value<'a>,
}

/// Expands the events of a function; `role` is what SAM's own role for it holds.
pub(super) fn expand<'a>(
    expansion: &mut Expansion<'a>,
    function: &Resource<'a>,
    name: Value<'a>,
    arn: Value<'a>,
    mut role: Option<&mut Policies<'a>>,
) {
    // Without a role of SAM's own, what events would add to it goes nowhere.
    let mut nowhere = Policies::default();
    let events = function.property("Events").and_then(|e| e.value.as_map()).unwrap_or(Map::EMPTY);
    for entry in events.entries {
        let Some(kind) = entry.value.get("Type").and_then(|t| t.value.as_text()) else { continue };
        let empty = expansion.make(entry.key_origin).map(&[]);
        let properties =
            entry.value.get("Properties").map(|p| p.value).filter(|p| p.as_map().is_some()).unwrap_or(empty);
        let id = expansion.id(&[function.id, entry.key]);
        let event = Event { function: *function, id, origin: entry.key_origin, properties, name, arn };
        let role = role.as_deref_mut().unwrap_or(&mut nowhere);
        match kind {
            "SQS" | "Kinesis" | "DynamoDB" | "MSK" | "MQ" | "SelfManagedKafka" | "DocumentDB" => {
                pull::expand(expansion, &event, kind, role)
            }
            "Schedule" | "CloudWatchEvent" | "EventBridgeRule" => rules::expand(expansion, &event, kind),
            "ScheduleV2" => schedule_v2::expand(expansion, &event),
            "S3" => s3::expand(expansion, &event),
            "SNS" => sns::expand(expansion, &event, role),
            "Cognito" => cognito::expand(expansion, &event),
            "CloudWatchLogs" => simple::logs(expansion, &event),
            "IoTRule" => simple::iot(expansion, &event),
            "AlexaSkill" => simple::alexa(expansion, &event),
            "Api" | "HttpApi" => {
                let event_id = entry.key;
                let asked =
                    ApiEvent { owner: *function, id: event_id, kind, origin: event.origin, properties, target: arn };
                expansion.api_events.push(asked);
            }
            _ => expansion.source.unknown_parts.push((entry.key_origin, "an event of a type that SAM does not know")),
        }
    }
}

impl<'a> Event<'a> {
    /// A maker of what the event makes.
    fn make(&self, expansion: &Expansion<'a>, what: &str) -> Make<'a> {
        expansion.cause(&self.function, what, self.origin)
    }

    /// A property.
    fn entry(&self, key: &str) -> Option<Entry<'a>> {
        super::expansion::entry(self.properties, key)
    }

    /// The value of a property.
    fn get(&self, key: &str) -> Option<Value<'a>> {
        super::expansion::given(self.properties, key)
    }

    /// The properties of these names, as written.
    fn passed(&self, keys: &[&str]) -> Vec<Entry<'a>> {
        keys.iter().filter_map(|key| self.entry(key)).collect()
    }

    /// Deploys something that the event makes.
    fn emit(&self, expansion: &mut Expansion<'a>, id: &'a str, kind: &'static str, what: &str, properties: Value<'a>) {
        expansion.emit(&self.function, id, kind, what, self.origin, properties);
    }

    /// Lets a service invoke the function; `more` are `SourceArn`, `SourceAccount` and the like.
    fn permit(&self, expansion: &mut Expansion<'a>, suffix: &str, principal: &'a str, more: &[(&'a str, Value<'a>)]) {
        let id = expansion.id(&[self.id, "Permission", suffix]);
        self.permit_as(expansion, id, principal, more);
    }

    /// The same under an id of its own.
    fn permit_as(&self, expansion: &mut Expansion<'a>, id: &'a str, principal: &'a str, more: &[(&'a str, Value<'a>)]) {
        let make = self.make(expansion, "this permission");
        let mut entries = vec![
            ("Action", make.text("lambda:InvokeFunction")),
            ("FunctionName", self.name.with_origin(make.origin)),
            ("Principal", make.text(principal)),
        ];
        entries.extend_from_slice(more);
        self.emit(expansion, id, "AWS::Lambda::Permission", "this permission", make.map(&entries));
    }
}
