//! Downloads that a script runs, or keeps, whoever they are from.

use super::{Context, Rule, Sink};
use crate::analysis::scripts::{Way, scripts, taken, text_of};
use crate::rulebook::Severity;
use crate::rules::{Hit, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    report(cx, out, |way| match way {
        Way::Plain => Some(("what comes over plain HTTP is run", Severity::High)),
        Way::Anyone => Some(("what is run comes from whoever answers", Severity::High)),
        Way::Kept => Some(("the download comes from whoever answers", Severity::Medium)),
        Way::Package => None,
    });
}

/// Tells of what the scripts of a template take in some of the ways.
pub(super) fn report<'a>(cx: &Context<'_, 'a>, out: &mut Sink<'a>, told: impl Fn(Way) -> Option<(&'static str, Severity)>) {
    for resource in &cx.template.resources {
        for case in scripts(cx.resolver, resource) {
            let Some(value) = case.present() else { continue };
            let text = text_of(&value);
            for taken in taken(&text) {
                let Some((message, severity)) = told(taken.way) else { continue };
                let spot = Spot { origin: value.origin, value: Some(value), item: None };
                let hit = Hit::new(spot).of(resource).under(&case.under).severity(severity).message(message);
                out.report(hit.label("not checked").exactly(&text, taken.part));
            }
        }
    }
}
