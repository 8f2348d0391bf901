//! ARNs that hold for one account or region only.

use std::sync::OnceLock;

use regex::Regex;

use crate::analysis::walk::Part;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    static ARN: OnceLock<Option<Regex>> = OnceLock::new();
    let arn = ARN.get_or_init(|| {
        Regex::new(r"arn:(aws[a-z-]*):[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-[0-9])?:([0-9]{12})?(?::|$)").ok()
    });
    cx.texts(&mut |found| {
        let Part::Property(resource) = found.part else { return };
        if resource.made_by.is_some() || !found.text.contains("arn:aws") {
            return;
        }
        let Some(parts) = arn.as_ref().and_then(|arn| arn.captures(&found.text)) else { return };
        let fixed = [(2, "region"), (3, "account")]
            .into_iter()
            .filter(|(at, _)| parts.get(*at).is_some())
            .map(|(_, what)| what);
        let fixed: Vec<&str> = fixed.collect();
        if !fixed.is_empty() {
            let message = format!("ARN fixes the {}", fixed.join(" and the "));
            out.report(Hit::new(Spot { origin: found.origin, value: None, item: None }).of(resource).message(message));
        }
    });
}
