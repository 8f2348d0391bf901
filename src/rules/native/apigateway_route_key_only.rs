//! Routes of an API that ask for a key, which names nobody, and for nothing else.

use crate::analysis::routes::{Guard, fenced, routes};
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for route in routes(&facts).iter().filter(|route| route.guard == Guard::Key) {
        let what = route.name.as_deref().map_or_else(|| "this method".to_owned(), |name| format!("`{name}`"));
        let message = format!("everyone who has an API key may call {what}");
        let mut hit = Hit::new(Spot::missing(route.place)).of(&route.resource).under(&route.under).message(message);
        if route.api.is_some_and(|api| fenced(&facts, &api)) {
            hit = hit.severity(Severity::Low);
        }
        out.report(hit);
    }
}
