//! Resources of services that still run, and get nothing new.

use super::template_retired_service::ending;
use crate::analysis::knowledge::lifecycle::End;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (resource, _, day) in ending(cx).filter(|(_, end, _)| *end == End::Maintenance) {
        let Some(under) = cx.under(resource) else { continue };
        let since = day.map(|day| format!(" since {day}")).unwrap_or_default();
        let message = format!("`{}` is closed to new customers or features{since}", resource.kind);
        out.report(Hit::new(Spot::missing(resource.kind_origin)).of(resource).under(&under).message(message));
    }
}
