//! A function that can open more connections than its database has.

use crate::resolve::{Hole, Known, Text};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Resource;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (at, function) in facts.functions() {
        // Whoever reads a queue or a stream only may be held back there.
        let triggers = cx.triggers().get(&at).map_or(&[][..], Vec::as_slice);
        let limited = |by: usize| facts.at(by).is_some_and(|mapping| bounded(mapping));
        if !triggers.is_empty() && triggers.iter().all(|trigger| limited(trigger.by)) {
            continue;
        }
        let Some(under) = cx.under(function) else { continue };
        for case in cx.resolver.get(&function.properties, "ReservedConcurrentExecutions", &under) {
            if !matches!(case.value, Known::Absent) {
                continue;
            }
            let database = facts.environment(function).into_iter().find_map(|variable| {
                let value = variable.case.present()?;
                let id = Text::of(&value).holes().find_map(address)?;
                let both = case.under.and(&variable.case.under)?;
                cx.resolver.resource(id).filter(|r| RELATIONAL.contains(&r.kind)).map(|r| (r, variable.key, both))
            });
            let Some((database, variable, under)) = database else { continue };
            let message = format!(
                "function connects to `{}` itself, and nothing limits how many copies of it do so at once",
                database.written_id
            );
            let hit = Hit::new(Spot::missing(function.key)).of(function).under(&under).message(message);
            out.report(hit.related(variable, "the address of the database"));
        }
    }
}

/// Databases with few connections, each of which costs them memory.
const RELATIONAL: &[&str] = &["AWS::RDS::DBInstance", "AWS::RDS::DBCluster"];

fn address<'a>(hole: Hole<'a>) -> Option<&'a str> {
    match hole {
        Hole::Attribute(id, attribute) => attribute.contains("Endpoint").then_some(id),
        Hole::Pseudo(_)
        | Hole::Parameter { .. }
        | Hole::Resource(_)
        | Hole::Import(_)
        | Hole::Dynamic { .. }
        | Hole::External(_)
        | Hole::Other => None,
    }
}

/// Whether an event source starts a limited number of copies: shards do, and queues when they are told to.
fn bounded(mapping: &Resource<'_>) -> bool {
    mapping.kind == "AWS::Lambda::EventSourceMapping"
        && (mapping.properties.at(&["ScalingConfig", "MaximumConcurrency"]).is_some()
            || mapping.property("StartingPosition").is_some())
}
