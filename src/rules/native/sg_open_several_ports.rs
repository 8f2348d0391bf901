//! A range of ports that lets everybody in to services that have rules of their own, told together.

use crate::resolve::{Case, Text, Under};
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Resource, Value};

/// What listens where, by which of the rules about one of them it is: those of the cards `sg-open-ssh`, `-rdp`, `-http`
/// and `-common-ports`.
const PORTS: &[(u32, &str, &str)] = &[
    (22, "ssh", "SSH"),
    (3389, "rdp", "remote desktop"),
    (20, "common", "FTP"),
    (21, "common", "FTP"),
    (23, "common", "Telnet"),
    (445, "common", "SMB"),
    (1433, "common", "SQL Server"),
    (1521, "common", "Oracle"),
    (2049, "common", "NFS"),
    (2375, "common", "Docker"),
    (3306, "common", "MySQL"),
    (4333, "common", "mSQL"),
    (5432, "common", "PostgreSQL"),
    (5500, "common", "VNC"),
    (5900, "common", "VNC"),
    (5601, "common", "Kibana"),
    (6379, "common", "Redis"),
    (9092, "common", "Kafka"),
    (9200, "common", "Elasticsearch"),
    (11211, "common", "memcached"),
    (27017, "common", "MongoDB"),
    (80, "http", "plain HTTP"),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for group in cx.resources("AWS::EC2::SecurityGroup") {
        for list in cx.resolver.property(group, &["SecurityGroupIngress"]) {
            let rules = list.present().map(|value| cx.resolver.items(&value, &list.under)).unwrap_or_default();
            for rule in rules {
                if let Some(value) = rule.present() {
                    several(group, &value, &rule.under, true, cx, out);
                }
            }
        }
    }
    for rule in cx.resources("AWS::EC2::SecurityGroupIngress") {
        if let Some(under) = cx.under(rule) {
            several(rule, &rule.properties, &under, false, cx, out);
        }
    }
}

fn several<'a>(
    resource: &Resource<'a>,
    rule: &Value<'a>,
    under: &Under,
    item: bool,
    cx: &Context<'_, 'a>,
    out: &mut Sink<'a>,
) {
    for open in open_to_all(rule, under, cx) {
        for protocol in cx.resolver.get(rule, "IpProtocol", &open.under) {
            if !text(&protocol).is_some_and(|p| p.eq_ignore_ascii_case("tcp") || p == "6") {
                continue;
            }
            for first in cx.resolver.get(rule, "FromPort", &protocol.under) {
                for last in cx.resolver.get(rule, "ToPort", &first.under) {
                    let (Some(from), Some(to)) = (port(&first), port(&last)) else { continue };
                    let Some((names, severity)) = services(from, to) else { continue };
                    let message = format!("ports {from} to {to} are open to the whole internet, among them {names}");
                    let spot = Spot {
                        origin: open.place,
                        value: open.present(),
                        item: item.then_some(rule.origin),
                    };
                    let hit = Hit::new(spot).of(resource).under(&last.under).message(message).severity(severity);
                    out.report(hit.label("from anywhere"));
                }
            }
        }
    }
}

/// The cases in which a rule lets the whole internet in.
fn open_to_all<'a>(rule: &Value<'a>, under: &Under, cx: &Context<'_, 'a>) -> Vec<Case<'a>> {
    let mut all = Vec::new();
    for key in ["CidrIp", "CidrIpv6"] {
        let cases = cx.resolver.get(rule, key, under).into_iter();
        all.extend(cases.filter(|case| text(case).is_some_and(|cidr| is_everywhere(&cidr))));
    }
    for list in cx.resolver.get(rule, "SourcePrefixListId", under) {
        let Some(target) = list.present().and_then(|value| cx.resolver.target(&value)) else { continue };
        if target.kind != "AWS::EC2::PrefixList" {
            continue;
        }
        let entries = cx.resolver.property(target, &["Entries"]);
        let items = entries.into_iter().filter_map(|e| Some(cx.resolver.items(&e.present()?, &e.under))).flatten();
        let wide = |item: Case<'a>| {
            let cidrs = cx.resolver.get(&item.present()?, "Cidr", &item.under);
            cidrs.into_iter().find(|cidr| text(cidr).is_some_and(|cidr| is_everywhere(&cidr)))
        };
        if let Some(when) = items.filter_map(wide).find_map(|cidr| list.under.and(&cidr.under)) {
            all.push(Case { under: when, ..list });
        }
    }
    all
}

/// Everything, or a half of it that somebody wrote because everything was refused.
fn is_everywhere(cidr: &str) -> bool {
    let half = |address: &str| matches!(address.trim_start_matches('0'), "::" | "8000::" | ".0.0.0") || address == "128.0.0.0";
    match cidr.split_once('/') {
        Some((_, length)) if !length.is_empty() && length.bytes().all(|b| b == b'0') => true,
        Some((address, "1")) => half(address),
        Some((address, "3")) => address == "2000::",
        Some(_) | None => false,
    }
}

/// What a range reaches, when that is more than one rule would tell, and how bad it is.
fn services(from: u32, to: u32) -> Option<(String, Severity)> {
    let reached: Vec<_> = PORTS.iter().filter(|(port, ..)| (from..=to).contains(port)).collect();
    let of = |sort: &str| reached.iter().any(|(_, known, _)| *known == sort);
    if ["ssh", "rdp", "common", "http"].into_iter().filter(|sort| of(sort)).count() < 2 {
        return None;
    }
    let severity = if of("ssh") || of("rdp") { Severity::Critical } else { Severity::High };
    let mut names: Vec<&str> = reached.iter().map(|(_, _, name)| *name).collect();
    names.dedup();
    let last = names.pop()?;
    Some((format!("{} and {last}", names.join(", ")), severity))
}

fn text(case: &Case<'_>) -> Option<String> {
    Some(Text::of(&case.present()?).known()?.into_owned())
}

fn port(case: &Case<'_>) -> Option<u32> {
    text(case)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole internet, in one piece or in halves, and nothing less.
    #[test]
    fn what_is_everywhere() {
        for cidr in ["0.0.0.0/0", "::/0", "10.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1", "::/1", "0000::/1", "8000::/1", "2000::/3"] {
            assert!(is_everywhere(cidr), "{cidr}");
        }
        for cidr in ["10.0.0.0/8", "0.0.0.0/2", "203.0.113.7/32", "fd00::/8", "0.0.0.0", "0.0.0.0/", "64.0.0.0/1"] {
            assert!(!is_everywhere(cidr), "{cidr}");
        }
    }

    /// A range is told as a whole when more than one of the rules about ports would speak.
    #[test]
    fn what_a_range_reaches() {
        assert_eq!(services(22, 22), None);
        assert_eq!(services(3306, 3388), None);
        assert_eq!(services(22, 443).map(|(names, severity)| (names, severity == Severity::Critical)), Some(("SSH, Telnet and plain HTTP".to_owned(), true)));
        assert_eq!(services(20, 21), None);
        assert_eq!(services(30, 500).map(|(names, severity)| (names, severity == Severity::High)), Some(("SMB and plain HTTP".to_owned(), true)));
    }
}
