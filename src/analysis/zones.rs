//! Which subnets of a template stand in one availability zone.

use std::collections::BTreeSet;

use crate::resolve::{Resolver, Text, Under};
use crate::template::{Intrinsic, Kind, Value};

/// Whether what stands in these subnets, or zones, certainly stands in one zone: there is one of them, or they are subnets of the
/// template that say the same.
#[must_use]
pub fn are_one<'a>(resolver: &Resolver<'_, 'a>, list: &[Value<'a>], under: &Under) -> bool {
    match list {
        [] => false,
        [only] if nth(only).is_some() => true,
        [only] => {
            let cases = resolver.cases(only, under);
            !cases.is_empty() && cases.iter().all(|case| case.present().is_some_and(|value| is_one(resolver, &value)))
        }
        several => are_in_one(resolver, several),
    }
}

/// Whether a value is one subnet or zone. A parameter or an import may hold several, with commas between them.
fn is_one<'a>(resolver: &Resolver<'_, 'a>, value: &Value<'a>) -> bool {
    if matches!(value.kind, Kind::List(_)) {
        return false;
    }
    let one_of = resolver.parameter_type(value).is_some_and(|kind| kind.starts_with("AWS::EC2::"));
    let chosen = one_of || matches!(value.as_intrinsic(), Some(Intrinsic::Select(..)));
    let text = Text::of(value).pattern();
    let named = !text.contains(',') && text.contains(|c: char| c != '*');
    chosen || named || resolver.target(value).is_some_and(|target| target.kind == "AWS::EC2::Subnet")
}

/// Whether several subnets certainly are all in one zone: subnets of the template that say the same.
fn are_in_one<'a>(resolver: &Resolver<'_, 'a>, subnets: &[Value<'a>]) -> bool {
    let zones: Option<BTreeSet<String>> = subnets.iter().map(|subnet| zone_of(resolver, subnet)).collect();
    zones.is_some_and(|zones| zones.len() == 1)
}

/// What tells the zone of a subnet from others.
fn zone_of<'a>(resolver: &Resolver<'_, 'a>, subnet: &Value<'a>) -> Option<String> {
    let subnet = resolver.target(subnet)?;
    // The id tells it as well as the name; which of them is which differs from account to account.
    let named = ["AvailabilityZone", "AvailabilityZoneId"].iter().find_map(|property| {
        let zones = resolver.property(subnet, &[property]);
        let [only] = zones.as_slice() else { return None };
        Text::of(&only.present()?).identity()
    });
    named.or_else(|| nth(&subnet.properties.at(&["AvailabilityZone"])?))
}

/// A zone that is chosen by its number: `!Select [0, !GetAZs ""]` is the same one wherever it stands.
fn nth(zone: &Value<'_>) -> Option<String> {
    let Some(Intrinsic::Select(number, zones)) = zone.as_intrinsic() else { return None };
    let Some(Intrinsic::GetAzs(region)) = zones.as_intrinsic() else { return None };
    let region = Text::of(region).identity().filter(|region| region != "${AWS::Region}").unwrap_or_default();
    Some(format!("zone {} of {region}", Text::of(number).known()?))
}
