//! Availability zones by name.

use std::sync::LazyLock;

use crate::analysis::walk::Part;
use crate::rulebook::Expression;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    static ZONE: LazyLock<Expression> = LazyLock::new(|| Expression::new(r"^[a-z]{2}(?:-[a-z]+)+-\d[a-z]$"));
    cx.texts(&mut |found| {
        let Part::Property(resource) = found.part else { return };
        let named =
            found.name.is_some_and(|name| name.starts_with("AvailabilityZone") || name == "PreferredAvailabilityZone");
        if named && found.whole && ZONE.is_match(&found.text) {
            let message = format!("zone `{}` is fixed", found.text);
            out.report(Hit::new(Spot { origin: found.origin, value: None, item: None }).of(resource).message(message));
        }
    });
}
