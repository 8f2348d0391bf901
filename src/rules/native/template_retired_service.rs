//! Resources of services that AWS has ended, or will.

use crate::analysis::knowledge::lifecycle::{self, End};
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for resource in &cx.template.resources {
        let Some((end, day)) = lifecycle::end_of(resource.kind, cx.today) else { continue };
        let Some(under) = cx.under(resource) else { continue };
        let on = day.map(|day| format!(" on {day}")).unwrap_or_default();
        let since = day.map(|day| format!(" since {day}")).unwrap_or_default();
        let (severity, message) = match end {
            End::Shutdown => (Severity::High, format!("`{}` cannot be made any more: the service was shut down{on}", resource.kind)),
            End::Sunset => (Severity::Medium, format!("`{}` will stop to work: the service is shut down{on}", resource.kind)),
            End::Maintenance => (Severity::Info, format!("`{}` is closed to new customers or features{since}", resource.kind)),
        };
        out.report(Hit::new(Spot::missing(resource.kind_origin)).of(resource).under(&under).severity(severity).message(message));
    }
}
