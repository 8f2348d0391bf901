//! Machines that all stand in one availability zone.

use super::{Context, Rule, Sink};
use crate::analysis::zones;
use crate::resolve::{Case, Known};
use crate::rules::{Hit, Spot};
use crate::template::Kind;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for group in cx.resources("AWS::AutoScaling::AutoScalingGroup") {
        // A group of one machine is told by its size.
        let sizes = cx.resolver.property(group, &["MaxSize"]);
        for size in sizes.iter().filter(|size| size.text().and_then(|n| n.parse().ok()).is_some_and(|n: f64| n > 1.0)) {
            let mut tell = |key: &str, case: &Case<'a>, sure: bool| {
                let place = group.properties.get(key).map_or(case.place, |entry| entry.key_origin);
                let hit = Hit::new(Spot::missing(place)).of(group).under(&case.under).label("one availability zone");
                out.report(if sure { hit } else { hit.open() });
            };
            for subnets in cx.resolver.at(&group.properties, &["VPCZoneIdentifier"], &size.under) {
                let several = subnets.present().and_then(|list| list.as_list()).filter(|list| list.len() > 1);
                match subnets.value {
                    Known::Present(_) if is_one(cx, &subnets) => tell("VPCZoneIdentifier", &subnets, true),
                    Known::Present(_) if several.is_some_and(|list| zones::are_in_one(cx.resolver, list)) => {
                        tell("VPCZoneIdentifier", &subnets, true);
                    }
                    Known::Present(_) if several.is_some() => {}
                    // A list that somebody gives.
                    Known::Present(_) | Known::Unknown(_) => tell("VPCZoneIdentifier", &subnets, false),
                    Known::Absent => {
                        let zones = cx.resolver.at(&group.properties, &["AvailabilityZones"], &subnets.under);
                        zones
                            .iter()
                            .filter(|zones| is_one(cx, zones))
                            .for_each(|one| tell("AvailabilityZones", one, true));
                    }
                }
            }
        }
    }
}

/// Whether a list certainly has one item.
fn is_one<'a>(cx: &Context<'_, 'a>, list: &Case<'a>) -> bool {
    let Some([only]) = list.present().and_then(|list| list.as_list()) else { return false };
    let cases = cx.resolver.cases(only, &list.under);
    !cases.is_empty() && cases.iter().all(|case| case.present().is_some_and(|one| !matches!(one.kind, Kind::List(_))))
}
