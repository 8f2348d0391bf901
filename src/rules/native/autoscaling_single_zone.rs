//! Machines that all stand in one availability zone.

use super::{Context, Rule, Sink};
use crate::analysis::zones;
use crate::resolve::{Case, Known};
use crate::rules::{Hit, Spot};

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
                let several = subnets.present().and_then(|list| list.as_list()).is_some_and(|list| list.len() > 1);
                match subnets.value {
                    Known::Present(_) if are_one(cx, &subnets) => tell("VPCZoneIdentifier", &subnets, true),
                    Known::Present(_) if several => {}
                    // A list that somebody gives.
                    Known::Present(_) | Known::Unknown(_) => tell("VPCZoneIdentifier", &subnets, false),
                    Known::Absent => {
                        let zones = cx.resolver.at(&group.properties, &["AvailabilityZones"], &subnets.under);
                        zones
                            .iter()
                            .filter(|zones| are_one(cx, zones))
                            .for_each(|one| tell("AvailabilityZones", one, true));
                    }
                }
            }
        }
    }
}

/// Whether a list of subnets or zones comes to one zone.
fn are_one<'a>(cx: &Context<'_, 'a>, list: &Case<'a>) -> bool {
    list.present().and_then(|list| list.as_list()).is_some_and(|items| zones::are_one(cx.resolver, items, &list.under))
}
