//! Rules of one security group that each let a part of the internet in, and together all of it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use crate::resolve::{Case, Text, Under};
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Resource, Value};

/// How many addresses are nearly all that anybody has: from 224 on there are none, and some ranges are private.
const NEARLY_ALL: u64 = (1 << 32) / 4 * 3;

/// In how many cases it is looked for what is there together.
const MOST_CASES: usize = 9;

/// What rules open alike: the group, the protocol, and the ports.
type Opened = (String, String, Option<u16>, Option<u16>);

/// A rule's range: its first address, how many there are, where it stands.
struct Range<'a> {
    first: u64,
    size: u64,
    case: Case<'a>,
    resource: Resource<'a>,
}

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let mut all: BTreeMap<Opened, Vec<Range<'a>>> = BTreeMap::new();
    for group in cx.resources("AWS::EC2::SecurityGroup") {
        for list in cx.resolver.property(group, &["SecurityGroupIngress"]) {
            let rules = list.present().map(|value| cx.resolver.items(&value, &list.under)).unwrap_or_default();
            for rule in rules {
                if let Some(value) = rule.present() {
                    collect(cx, group, group.id.to_owned(), &value, &rule.under, &mut all);
                }
            }
        }
    }
    for rule in cx.resources("AWS::EC2::SecurityGroupIngress") {
        let Some(under) = cx.under(rule) else { continue };
        let Some(group) =
            cx.resolver.get(&rule.properties, "GroupId", &under).into_iter().find_map(|case| case.present())
        else {
            continue;
        };
        let group =
            cx.resolver.target(&group).map_or_else(|| Text::of(&group).identity(), |target| Some(target.id.to_owned()));
        if let Some(group) = group {
            collect(cx, rule, group, &rule.properties, &under, &mut all);
        }
    }
    for ((_, _, from, to), mut parts) in all {
        // Who serves the web may let all in.
        let web = from == to && matches!(from, Some(80 | 443));
        if web {
            continue;
        }
        parts.sort_by_key(|part| part.first);
        // What is there in some case only may be there together with another part than the first.
        let begins = std::iter::once(Under::always()).chain(parts.iter().map(|part| part.case.under.clone()));
        let begins = begins.filter(|under| under.is_nothing() || !under.is_always()).take(MOST_CASES);
        let Some((under, parts)) = begins.into_iter().find_map(|under| together(&parts, under)) else { continue };
        let Some((first, others)) = parts.split_first() else { continue };
        let means = |port: u16| from.is_none_or(|from| from <= port) && to.is_none_or(|to| port <= to);
        let spot = Spot::of(&first.case);
        let mut hit = Hit::new(spot).of(&first.resource).under(&under);
        for other in others.iter().take(8) {
            hit = hit.related(other.case.place, "and this");
        }
        out.report(if means(22) || means(3389) { hit.severity(Severity::Critical) } else { hit });
    }
}

/// The parts that are there together in some case of an assumption, when they are nearly all, and the assumption that they are.
fn together<'p, 'a>(parts: &'p [Range<'a>], mut under: Under) -> Option<(Under, Vec<&'p Range<'a>>)> {
    let (mut covered, mut end, mut all) = (0, 0, Vec::new());
    for part in parts {
        // What is never there together with the others opens nothing more.
        let Some(both) = under.and(&part.case.under) else { continue };
        under = both;
        let last = part.first + part.size;
        covered += last.saturating_sub(end.max(part.first));
        end = end.max(last);
        all.push(part);
    }
    (covered >= NEARLY_ALL).then_some((under, all))
}

/// Adds the ranges of a rule that are a part of all there are.
fn collect<'a>(
    cx: &Context<'_, 'a>,
    resource: &Resource<'a>,
    group: String,
    rule: &Value<'a>,
    under: &Under,
    all: &mut BTreeMap<Opened, Vec<Range<'a>>>,
) {
    for case in cx.resolver.get(rule, "CidrIp", under) {
        let Some((first, size)) = case.present().and_then(|value| part(&Text::of(&value).known()?)) else { continue };
        let said = |key: &str| {
            let case = cx.resolver.get(rule, key, &case.under).into_iter().next()?;
            Text::of(&case.present()?).known().map(|text| text.to_ascii_lowercase())
        };
        let Some(protocol) = said("IpProtocol").map(|name| if name == "6" { "tcp".to_owned() } else { name }) else {
            continue;
        };
        let ports = match protocol.as_str() {
            "-1" | "all" => (None, None),
            "tcp" => match (said("FromPort").map(|port| port.parse()), said("ToPort").map(|port| port.parse())) {
                (Some(Ok(from)), Some(Ok(to))) => (Some(from), Some(to)),
                _ => continue,
            },
            _ => continue,
        };
        let range = Range { first, size, case, resource: *resource };
        all.entry((group.clone(), protocol, ports.0, ports.1)).or_default().push(range);
    }
}

/// The range that a text means, when it is a part of the internet: half of it and more is told by itself.
fn part(cidr: &str) -> Option<(u64, u64)> {
    let (address, length) = cidr.split_once('/')?;
    let length: u32 = length.parse().ok().filter(|length| (2..=8).contains(length))?;
    let size = 1_u64 << (32 - length);
    let address = u64::from(u32::from(address.parse::<Ipv4Addr>().ok()?));
    Some((address - address % size, size))
}
