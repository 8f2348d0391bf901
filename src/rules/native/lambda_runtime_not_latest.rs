//! Runtimes that are supported, but have a successor.

use crate::analysis::knowledge::runtimes::State;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (_, function) in facts.all_functions() {
        for (runtime, value, under) in facts.runtimes(function) {
            let name = runtime.name;
            let Some(next) = runtime.successor.filter(|_| runtime.family() != "provided") else { continue };
            if runtime.state(cx.today) == State::Supported {
                let message = format!("runtime {name} is not the newest; that is {next}");
                out.report(Hit::new(Spot::at(value)).of(function).under(&under).message(message));
            }
        }
    }
}
