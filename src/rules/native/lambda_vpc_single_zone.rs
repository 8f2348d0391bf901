//! What runs in one availability zone stops when the zone does.

use std::collections::BTreeSet;

use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Intrinsic, Value};

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
            let zones: Option<BTreeSet<String>> = items
                .iter()
                .map(|item| {
                    let subnet = cx.resolver.target(item)?;
                    let zone = cx.resolver.property(subnet, &["AvailabilityZone"]);
                    match zone.as_slice() {
                        [only] => only
                            .present()
                            .and_then(|value| Text::of(&value).identity())
                            .or_else(|| nth(&subnet.properties.at(&["AvailabilityZone"])?)),
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
                let key =
                    resource.properties.at(path).and_then(|v| v.get("SubnetIds")).map_or(case.place, |e| e.key_origin);
                out.report(Hit::new(Spot::missing(key)).of(resource).under(&case.under).label("one availability zone"));
            }
        }
    }
}

/// A zone that is chosen by its number: `!Select [0, !GetAZs ""]` is the same one wherever it stands.
fn nth(zone: &Value<'_>) -> Option<String> {
    let Some(Intrinsic::Select(number, zones)) = zone.as_intrinsic() else { return None };
    let Some(Intrinsic::GetAzs(region)) = zones.as_intrinsic() else { return None };
    let region = Text::of(region).identity().filter(|region| region != "${AWS::Region}").unwrap_or_default();
    Some(format!("zone {} of {region}", Text::of(number).known()?))
}
