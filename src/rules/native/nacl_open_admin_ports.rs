//! An entry that lets the internet reach a port of administrators, unless one with a lower number turns it away first.

use std::collections::BTreeSet;

use crate::analysis::acl::{self, Entry};
use crate::resolve::{Case, Known, Resolver, Under};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Resource;

/// SSH and remote desktop.
const ADMIN: [i64; 2] = [22, 3389];

/// How many denials of one list are looked at; AWS allows 40 entries.
const AT_MOST: usize = 64;

/// What an entry is about in some case.
struct Reach<'a> {
    ports: BTreeSet<i64>,
    /// The range of addresses, as it is written.
    from: String,
    place: Case<'a>,
}

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let entries = acl::entries(cx.resources("AWS::EC2::NetworkAclEntry"), cx.resolver);
    let inwards: Vec<&Entry<'a>> = entries.iter().filter(|entry| !entry.list.1).collect();
    for resource in cx.resources("AWS::EC2::NetworkAclEntry") {
        let Some(under) = cx.under(resource) else { continue };
        let inward =
            |case: &Case<'a>| case.is_nothing() || case.present().and_then(|value| value.as_bool()) == Some(false);
        let directions = cx.resolver.at(&resource.properties, &["Egress"], &under);
        for direction in directions.iter().filter(|case| inward(case)) {
            for open in reaches(cx.resolver, resource, "allow", &direction.under) {
                if !is_everywhere(&open.from) || turned_away(cx.resolver, &inwards, resource, &open) {
                    continue;
                }
                let hit = Hit::new(Spot::of(&open.place)).of(resource).under(&open.place.under);
                out.report(hit.label("from anywhere"));
            }
        }
    }
}

/// Which of the ports an entry that does this is about, and from where.
fn reaches<'a>(resolver: &Resolver<'_, 'a>, entry: &Resource<'a>, deed: &str, under: &Under) -> Vec<Reach<'a>> {
    let at = |keys: &[&str], under: &Under| resolver.at(&entry.properties, keys, under);
    let number = |case: &Case<'a>| case.text().and_then(|text| text.trim().parse::<i64>().ok());
    let mut all = Vec::new();
    let deeds = at(&["RuleAction"], under);
    for action in deeds.iter().filter(|case| case.text().is_some_and(|text| text.eq_ignore_ascii_case(deed))) {
        for protocol in at(&["Protocol"], &action.under) {
            let ranges = match number(&protocol) {
                Some(-1) => vec![(i64::MIN, i64::MAX, protocol.under.clone())],
                Some(6) => {
                    let ends = |key, under: &Under, open: i64| {
                        let cases = at(&["PortRange", key], under).into_iter();
                        // An end that is missing ends nothing.
                        let end = move |case: Case<'a>| match case.value {
                            Known::Absent => Some((open, case.under)),
                            Known::Present(_) => Some((number(&case)?, case.under)),
                            Known::Unknown(_) => None,
                        };
                        cases.filter_map(end).collect::<Vec<_>>()
                    };
                    let begins = ends("From", &protocol.under, i64::MIN).into_iter();
                    let whole = |(from, under): (i64, Under)| {
                        ends("To", &under, i64::MAX).into_iter().map(move |(to, under)| (from, to, under))
                    };
                    begins.flat_map(whole).collect()
                }
                _ => Vec::new(),
            };
            for (from, to, under) in ranges {
                let ports: BTreeSet<i64> = ADMIN.into_iter().filter(|port| (from..=to).contains(port)).collect();
                if ports.is_empty() {
                    continue;
                }
                for key in ["CidrBlock", "Ipv6CidrBlock"] {
                    let known = at(&[key], &under).into_iter().filter_map(|place| Some((place.text()?, place)));
                    all.extend(known.map(|(from, place)| Reach { ports: ports.clone(), from, place }));
                }
            }
        }
    }
    all
}

/// Whether a range is the whole internet, or half of it.
fn is_everywhere(range: &str) -> bool {
    let Some((address, length)) = range.trim().split_once('/') else { return false };
    match length.trim_start_matches('0') {
        "" => !length.is_empty(),
        "1" => matches!(address, "0.0.0.0" | "128.0.0.0" | "8000::") || address.trim_start_matches('0') == "::",
        "3" => address == "2000::",
        _ => false,
    }
}

/// Whether entries with lower numbers turn away what this one lets in: the first that fits decides.
fn turned_away<'a>(
    resolver: &Resolver<'_, 'a>,
    entries: &[&Entry<'a>],
    resource: &Resource<'a>,
    open: &Reach<'a>,
) -> bool {
    let numbers = |entry: &Entry<'a>| acl::numbers(entry, &["RuleNumber"], &entry.under, resolver);
    let own = entries.iter().filter(|entry| entry.resource.id == resource.id);
    own.into_iter().any(|own| {
        let latest = numbers(own).iter().map(|number| number.is).max();
        let others = entries.iter().filter(|other| other.list == own.list && other.resource.id != resource.id);
        let mut left: BTreeSet<i64> = open.ports.clone();
        for other in others.take(AT_MOST) {
            // A number that nobody knows may be a lower one.
            let first = numbers(other).iter().map(|number| number.is).min();
            if first.zip(latest).is_some_and(|(first, own)| first > own) {
                continue;
            }
            for denied in reaches(resolver, &other.resource, "deny", &other.under) {
                let six = denied.from.contains(':') == open.from.contains(':');
                let all = six && (denied.from.ends_with("/0") || denied.from == open.from);
                if all && open.place.under.implies(&denied.place.under) {
                    left.retain(|port| !denied.ports.contains(port));
                }
            }
        }
        left.is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All addresses are written with zeros, or in halves.
    #[test]
    fn everywhere() {
        for range in ["0.0.0.0/0", "0.0.0.0/00", "::/0", "0.0.0.0/1", "128.0.0.0/1", "0::/1", "8000::/1", "2000::/3"] {
            assert!(is_everywhere(range), "{range}");
        }
        for range in ["10.0.0.0/8", "0.0.0.0/", "64.0.0.0/2", "0.0.0.0", "2001::/3", "0.0.0.0/10"] {
            assert!(!is_everywhere(range), "{range}");
        }
    }
}
