//! Which subnets of a template stand in one availability zone.

use std::collections::BTreeSet;

use crate::resolve::{Resolver, Text};
use crate::template::{Intrinsic, Value};

/// Whether several subnets certainly are all in one zone: subnets of the template that say the same.
#[must_use]
pub fn are_in_one<'a>(resolver: &Resolver<'_, 'a>, subnets: &[Value<'a>]) -> bool {
    let zones: Option<BTreeSet<String>> = subnets.iter().map(|subnet| zone_of(resolver, subnet)).collect();
    zones.is_some_and(|zones| zones.len() == 1)
}

/// What tells the zone of a subnet from others.
fn zone_of<'a>(resolver: &Resolver<'_, 'a>, subnet: &Value<'a>) -> Option<String> {
    let subnet = resolver.target(subnet)?;
    let zones = resolver.property(subnet, &["AvailabilityZone"]);
    let [only] = zones.as_slice() else { return None };
    let named = only.present().and_then(|zone| Text::of(&zone).identity());
    named.or_else(|| nth(&subnet.properties.at(&["AvailabilityZone"])?))
}

/// A zone that is chosen by its number: `!Select [0, !GetAZs ""]` is the same one wherever it stands.
fn nth(zone: &Value<'_>) -> Option<String> {
    let Some(Intrinsic::Select(number, zones)) = zone.as_intrinsic() else { return None };
    let Some(Intrinsic::GetAzs(region)) = zones.as_intrinsic() else { return None };
    let region = Text::of(region).identity().filter(|region| region != "${AWS::Region}").unwrap_or_default();
    Some(format!("zone {} of {region}", Text::of(number).known()?))
}
