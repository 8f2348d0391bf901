//! A function in one availability zone stops when the zone does.

use std::collections::BTreeSet;

use crate::analysis::functions::identity;
use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for function in cx.resources("AWS::Lambda::Function") {
        for case in cx.resolver.property(function, &["VpcConfig", "SubnetIds"]) {
            // A list that is one parameter or import holds any number of them.
            let Some(items) = case.present().and_then(|v| v.as_list()) else { continue };
            let zones: Option<BTreeSet<String>> = items
                .iter()
                .map(|item| {
                    let subnet = cx.resolver.target(item)?;
                    let zone = cx.resolver.property(subnet, &["AvailabilityZone"]);
                    match zone.as_slice() {
                        [only] => identity(&Text::of(&only.present()?)),
                        _ => None,
                    }
                })
                .collect();
            let single = match (items, &zones) {
                ([only], _) => cx.resolver.cases(only, &case.under).iter().all(|case| {
                    case.present().is_some_and(|v| {
                        v.as_text().is_some_and(|id| id.starts_with("subnet-")) || cx.resolver.target(&v).is_some()
                    })
                }),
                ([], _) => false,
                (_, Some(zones)) => zones.len() == 1,
                (_, None) => false,
            };
            if single {
                let key = function
                    .properties
                    .at(&["VpcConfig"])
                    .and_then(|v| v.get("SubnetIds"))
                    .map_or(case.place, |e| e.key_origin);
                out.report(Hit::new(Spot::missing(key)).of(function).under(&case.under).label("one availability zone"));
            }
        }
    }
}
