//! Dead-letter queues that forget before anybody has looked.

use crate::rulebook::{EditSpec, Literal, Path};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Resource;

/// What SQS keeps when nothing is said: four days.
const DEFAULT: f64 = 345_600.0;

/// The longest that SQS keeps a message: fourteen days.
const LONGEST: f64 = 1_209_600.0;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for source in cx.resources("AWS::SQS::Queue") {
        let policies = cx.resolver.property(source, &["RedrivePolicy"]);
        let targets = policies.iter().filter_map(|policy| {
            let value = policy.present()?;
            let value = cx.inner(&value).unwrap_or(value);
            Some(cx.resolver.get(&value, "deadLetterTargetArn", &policy.under))
        });
        for case in targets.flatten() {
            let Some(target) = case.present().and_then(|value| cx.queue_of(&value)) else { continue };
            let (Some(kept), Some(own)) = (retention(cx, target), retention(cx, source)) else { continue };
            let fifo = cx
                .resolver
                .property(source, &["FifoQueue"])
                .iter()
                .any(|c| c.present().is_some_and(|v| v.as_bool() == Some(true)));
            // The age of a message counts on in a standard queue, and starts anew in a FIFO queue.
            if !fifo && kept <= own {
                let spot =
                    target.property("MessageRetentionPeriod").map_or(Spot::missing(target.key), |e| Spot::at(e.value));
                let days = |seconds: f64| format!("{:.1}", seconds / 86_400.0).trim_end_matches(".0").to_owned();
                let message = format!(
                    "messages are deleted {} days after they were sent, and `{}` may keep them for {}",
                    days(kept),
                    source.written_id,
                    days(own)
                );
                let mut hit = Hit::new(spot).of(target).under(&case.under).message(message);
                hit = hit.related(source.key, "messages come from here");
                // Where the source keeps them as long as SQS can, no retention of this queue helps.
                if own < LONGEST {
                    let path = Path::property("MessageRetentionPeriod");
                    let longest = Literal::Number(LONGEST.to_string());
                    hit = hit.fix("keep them for 14 days", true, vec![EditSpec::Set(path, longest)]);
                }
                out.report(hit);
            }
        }
    }
}

/// How many seconds a queue keeps a message, when that is one number.
fn retention<'a>(cx: &Context<'_, 'a>, queue: &Resource<'a>) -> Option<f64> {
    match cx.resolver.property(queue, &["MessageRetentionPeriod"]).as_slice() {
        [only] => match only.value {
            crate::resolve::Known::Absent => Some(DEFAULT),
            crate::resolve::Known::Present(value) => value.as_number(),
            crate::resolve::Known::Unknown(_) => None,
        },
        _ => None,
    }
}
