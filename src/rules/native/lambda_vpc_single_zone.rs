//! What runs in one availability zone stops when the zone does.

use crate::analysis::zones;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

/// Where functions, their instances and the connectors of web functions and micro VMs name their subnets.
const PLACES: [(&str, &[&str]); 3] = [
    ("AWS::Lambda::Function", &["VpcConfig"]),
    ("AWS::Lambda::CapacityProvider", &["VpcConfig"]),
    ("AWS::Lambda::NetworkConnector", &["Configuration", "VpcEgressConfiguration"]),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let all = PLACES.iter().flat_map(|(kind, path)| cx.resources(kind).map(move |resource| (resource, *path)));
    for (resource, path) in all {
        for case in cx.resolver.property(resource, &[path, &["SubnetIds"]].concat()) {
            // A list that is one parameter or import holds any number of them.
            let Some(items) = case.present().and_then(|v| v.as_list()) else { continue };
            if zones::are_one(cx.resolver, items, &case.under) {
                let key =
                    resource.properties.at(path).and_then(|v| v.get("SubnetIds")).map_or(case.place, |e| e.key_origin);
                out.report(Hit::new(Spot::missing(key)).of(resource).under(&case.under).label("one availability zone"));
            }
        }
    }
}
