//! Availability zones by name.

use std::sync::OnceLock;

use regex::Regex;

use crate::analysis::walk::Part;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    static ZONE: OnceLock<Option<Regex>> = OnceLock::new();
    let zone = ZONE.get_or_init(|| Regex::new(r"^[a-z]{2}(?:-[a-z]+)+-\d[a-z]$").ok());
    cx.texts(&mut |found| {
        let Part::Property(resource) = found.part else { return };
        let named = found.name.is_some_and(|name| name.starts_with("AvailabilityZone") || name == "PreferredAvailabilityZone");
        if named && found.whole && zone.as_ref().is_some_and(|zone| zone.is_match(&found.text)) {
            let message = format!("zone `{}` is fixed", found.text);
            out.report(Hit::new(Spot { origin: found.origin, value: None, item: None }).of(resource).message(message));
        }
    });
}
