//! Runtimes that are supported, but have a successor.

use crate::analysis::knowledge::runtimes::{self, State};
use crate::analysis::runners;
use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (_, function) in cx.facts().all_functions() {
        for case in cx.resolver.property(function, runners::runtime_path(function.kind)) {
            let Some(value) = case.present() else { continue };
            let Some(name) = Text::of(&value).known() else { continue };
            let Some(runtime) = runtimes::runtime(&name) else { continue };
            let Some(next) = runtime.successor.filter(|_| runtime.family() != "provided") else { continue };
            if runtime.state(cx.today) == State::Supported {
                let message = format!("runtime {name} is not the newest; that is {next}");
                out.report(Hit::new(Spot::at(value)).of(function).under(&case.under).message(message));
            }
        }
    }
}
