//! An entry that lets the internet reach a port of administrators, unless one with a lower number turns it away first.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::acl::{self, Entry, Number};
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

/// What an entry turns away in some case, and its number there; `None` when nobody knows it.
type Denial<'a> = (Option<i64>, Reach<'a>);

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let entries = acl::entries(cx.resources("AWS::EC2::NetworkAclEntry"), cx.resolver);
    let numbers = |entry: &Entry<'a>| acl::numbers(entry, &["RuleNumber"], &entry.under, cx.resolver);
    let mut denials: BTreeMap<&str, Vec<Denial<'a>>> = BTreeMap::new();
    let mut lists: BTreeMap<&str, Vec<&Entry<'a>>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| !entry.list.1) {
        lists.entry(entry.resource.id).or_default().push(entry);
        let all = denials.entry(&entry.list.0).or_default();
        if all.len() < AT_MOST {
            for case in cx.resolver.at(&entry.resource.properties, &["RuleNumber"], &entry.under) {
                let number = case.text().and_then(|text| text.trim().parse().ok());
                let away = reaches(cx.resolver, &entry.resource, "deny", &case.under);
                all.extend(away.into_iter().map(|it| (number, it)));
            }
        }
    }
    for resource in cx.resources("AWS::EC2::NetworkAclEntry") {
        let Some(under) = cx.under(resource) else { continue };
        let inward = |case: &Case<'a>| case.is_nothing() || case.present().and_then(|v| v.as_bool()) == Some(false);
        let directions = cx.resolver.at(&resource.properties, &["Egress"], &under);
        let opened = directions.iter().filter(|case| inward(case));
        for open in opened.flat_map(|direction| reaches(cx.resolver, resource, "allow", &direction.under)) {
            if !is_everywhere(&open.from) {
                continue;
            }
            let lists = lists.get(resource.id).map_or(&[][..], Vec::as_slice);
            let here = lists.iter().find_map(|entry| {
                let under = open.place.under.and(&entry.under)?;
                let denials = denials.get(entry.list.0.as_str()).map_or(&[][..], Vec::as_slice);
                let_in(denials, &numbers(entry), &open, &under)
            });
            // Of a list that nobody knows no denial is known either.
            let elsewhere = || open.place.under.beyond(lists.iter().map(|entry| &entry.under))?.into_iter().next();
            if let Some(under) = here.or_else(elsewhere) {
                let hit = Hit::new(Spot::of(&open.place)).of(resource).under(&under);
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

/// Where no entries with lower numbers turn away what an entry with these numbers lets in: the first that fits decides. A number
/// that nobody knows may be a lower one.
fn let_in(denials: &[Denial<'_>], own: &[Number<'_>], open: &Reach<'_>, under: &Under) -> Option<Under> {
    let covers = |denied: &Reach<'_>, port: &i64| {
        let six = denied.from.contains(':') == open.from.contains(':');
        six && denied.ports.contains(port) && (denied.from.ends_with("/0") || denied.from == open.from)
    };
    let in_case = |number: Option<i64>, under: &Under| {
        let left = |port| {
            let before = denials.iter().filter(|(first, _)| first.zip(number).is_none_or(|(first, own)| first < own));
            let closed = before.filter(|(_, denied)| covers(denied, port)).map(|(_, denied)| &denied.place.under);
            under.beyond(closed).and_then(|left| left.into_iter().next())
        };
        open.ports.iter().find_map(left)
    };
    if own.is_empty() {
        return in_case(None, under);
    }
    own.iter().find_map(|number| in_case(Some(number.is), &under.and(&number.under)?))
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
