//! A queue that shows its messages again while they are still being worked on.

use crate::analysis::graph::function_of;
use crate::resolve::{Case, Known, Under};
use crate::rulebook::{EditSpec, Literal, Path, Severity};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Resource;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for mapping in cx.resources("AWS::Lambda::EventSourceMapping") {
        for source in cx.resolver.property(mapping, &["EventSourceArn"]) {
            let Some(queue) = source.present().and_then(|v| cx.queue_of(&v)) else { continue };
            for name in cx.resolver.at(&mapping.properties, &["FunctionName"], &source.under) {
                let function = name.present().and_then(|v| function_of(cx.template, cx.resolver, cx.graph(), &v));
                if let Some(function) = function.and_then(|at| cx.template.resources.get(at)) {
                    compare(cx, queue, function, &name.under, out);
                }
            }
        }
    }
}

/// Reports when a queue hides a message for less than six times what the function may take, in the cases of a mapping.
fn compare<'a>(
    cx: &Context<'_, 'a>,
    queue: &Resource<'a>,
    function: &Resource<'a>,
    mapped: &Under,
    out: &mut Sink<'a>,
) {
    for hidden in cx.resolver.property(queue, &["VisibilityTimeout"]) {
        for allowed in cx.resolver.property(function, &["Timeout"]) {
            let (Some(hidden_for), Some(runs_for)) = (seconds(&hidden, 30.0), seconds(&allowed, 3.0)) else {
                continue;
            };
            let Some(under) = hidden.under.and(&allowed.under).and_then(|u| u.and(mapped)) else { continue };
            if hidden_for >= runs_for * 6.0 {
                continue;
            }
            // A queue that SAM makes has no key of its own: it is `SqsSubscription: true`.
            let place = if queue.made_by.is_some() { queue.properties.origin } else { queue.key };
            let spot = hidden.present().map_or(Spot::missing(place), Spot::at);
            let default = if hidden.present().is_none() { " (the default)" } else { "" };
            let message = if hidden_for < runs_for {
                format!(
                    "queue shows a message again after {hidden_for} s{default}, while function `{}` may still work on it for {runs_for} s",
                    function.written_id
                )
            } else {
                format!(
                    "queue hides a message for {hidden_for} s{default}, less than six times the {runs_for} s of function `{}`",
                    function.written_id
                )
            };
            let mut hit = Hit::new(spot).of(queue).under(&under).message(message);
            hit = hit.help(match queue.made_by {
                None => format!("Set `VisibilityTimeout: {}` or more", runs_for * 6.0),
                // `SqsSubscription: true` has no setting for it.
                Some(_) => format!(
                    "Declare the queue, with `VisibilityTimeout: {}` or more, and write `SqsSubscription: {{QueueArn: !GetAtt Queue.Arn, QueueUrl: !Ref Queue}}`",
                    runs_for * 6.0
                ),
            });
            hit = hit.related(allowed.place, format!("`{}` may run for {runs_for} s", function.written_id));
            // Twelve hours is the most that SQS hides a message.
            if runs_for * 6.0 <= 43_200.0 {
                let path = Path::property("VisibilityTimeout");
                let longer = Literal::Number((runs_for * 6.0).to_string());
                hit = hit.fix("hide messages for longer", true, vec![EditSpec::Set(path, longer)]);
            }
            if hidden_for >= runs_for {
                hit = hit.severity(Severity::Low);
            }
            out.report(hit);
        }
    }
}

fn seconds(case: &Case<'_>, default: f64) -> Option<f64> {
    match case.value {
        Known::Absent => Some(default),
        Known::Present(value) => value.as_number(),
        Known::Unknown(_) => None,
    }
}
