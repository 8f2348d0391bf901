//! Resources of services that AWS has ended, or will.

use crate::analysis::knowledge::lifecycle::{self, End};
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Resource;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (resource, end, day) in ending(cx) {
        let on = day.map(|day| format!(" on {day}")).unwrap_or_default();
        let (severity, message) = match end {
            End::Shutdown => (Severity::High, format!("`{}` cannot be made any more: the service was shut down{on}", resource.kind)),
            End::Sunset => (Severity::Medium, format!("`{}` will stop to work: the service is shut down{on}", resource.kind)),
            End::Maintenance => continue,
        };
        let Some(under) = cx.under(resource) else { continue };
        out.report(Hit::new(Spot::missing(resource.kind_origin)).of(resource).under(&under).severity(severity).message(message));
    }
}

/// The resources of services whose end is known.
pub(super) fn ending<'c, 'a>(cx: &'c Context<'_, 'a>) -> impl Iterator<Item = (&'c Resource<'a>, End, Option<&'static str>)> {
    cx.template.resources.iter().filter_map(|r| lifecycle::end_of(r.kind, cx.today).map(|(end, day)| (r, end, day)))
}
