//! A game server listens on one or two ports; a range opens the rest of them too.

use crate::resolve::{Case, Text};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let text = |case: &Case<'a>| case.present().and_then(|value| Text::of(&value).known());
    for fleet in cx.resources("AWS::GameLift::Fleet") {
        for list in cx.resolver.property(fleet, &["EC2InboundPermissions"]) {
            let items = list.present().map(|value| cx.resolver.items(&value, &list.under)).unwrap_or_default();
            for (item, under) in items.iter().filter_map(|i| Some((i.present()?, &i.under))) {
                for first in cx.resolver.get(&item, "FromPort", under) {
                    for last in cx.resolver.get(&item, "ToPort", &first.under) {
                        let (Some(from), Some(to)) = (text(&first), text(&last)) else { continue };
                        if from.trim() != to.trim() {
                            let spot = Spot::of(&last);
                            let message = format!("ports {from} to {to} are open, not one");
                            out.report(Hit::new(spot).of(fleet).under(&last.under).message(message));
                        }
                    }
                }
            }
        }
    }
}
