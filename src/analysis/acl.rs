//! Entries of network ACLs: which belong together, and when.

use crate::resolve::{Known, Resolver, Text, Under};
use crate::template::{Origin, Resource, Value};

/// One entry of a list, for the worlds of `under`.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    /// The resource.
    pub resource: Resource<'a>,
    /// The list it belongs to, and the direction: equal for entries that are judged one after the other.
    pub list: (String, bool),
    /// When.
    pub under: Under,
}

/// A number that a property may have.
#[derive(Debug, Clone)]
pub struct Number<'a> {
    /// The number.
    pub is: i64,
    /// Where it stands.
    pub place: Origin<'a>,
    /// When.
    pub under: Under,
}

/// The entries whose list and direction are certain.
pub fn entries<'t, 'a: 't>(
    resources: impl Iterator<Item = &'t Resource<'a>>,
    resolver: &Resolver<'_, 'a>,
) -> Vec<Entry<'a>> {
    let mut all = Vec::new();
    for resource in resources {
        for list in resolver.property(resource, &["NetworkAclId"]) {
            let Some(name) = list.present().and_then(|value| name(&value, resolver)) else { continue };
            for direction in resolver.at(&resource.properties, &["Egress"], &list.under) {
                let egress = match direction.value {
                    Known::Absent => false,
                    Known::Present(value) if value.as_bool().is_some() => value.as_bool() == Some(true),
                    Known::Present(_) | Known::Unknown(_) => continue,
                };
                all.push(Entry { resource: *resource, list: (name.clone(), egress), under: direction.under });
            }
        }
    }
    all
}

/// The numbers that a property of an entry may have.
pub fn numbers<'a>(entry: &Entry<'a>, keys: &[&str], under: &Under, resolver: &Resolver<'_, 'a>) -> Vec<Number<'a>> {
    let cases = resolver.at(&entry.resource.properties, keys, under);
    let number = |case: &crate::resolve::Case<'a>| {
        let is = case.present().and_then(|value| Text::of(&value).known()).and_then(|text| text.trim().parse().ok())?;
        Some(Number { is, place: case.place, under: case.under.clone() })
    };
    cases.iter().filter_map(number).collect()
}

/// What tells one list from another.
fn name<'a>(value: &Value<'a>, resolver: &Resolver<'_, 'a>) -> Option<String> {
    match resolver.target(value) {
        Some(target) => Some(target.id.to_owned()),
        None => Text::of(value).known().map(std::borrow::Cow::into_owned),
    }
}
