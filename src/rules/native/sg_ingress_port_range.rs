//! A rule of a security group whose two ports differ opens more than one service.

use crate::resolve::{Case, Under};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Resource, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    ranges("SecurityGroupIngress", cx, out);
}

/// Reports the ranges of one direction: the property of a group, and the resource of the same name.
pub(super) fn ranges<'a>(name: &str, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for group in cx.resources("AWS::EC2::SecurityGroup") {
        for list in cx.resolver.property(group, &[name]) {
            let rules = list.present().map(|value| cx.resolver.items(&value, &list.under)).unwrap_or_default();
            for rule in rules {
                if let Some(value) = rule.present() {
                    range(group, &value, &rule.under, cx, out);
                }
            }
        }
    }
    for rule in cx.resources(&format!("AWS::EC2::{name}")) {
        if let Some(under) = cx.under(rule) {
            range(rule, &rule.properties, &under, cx, out);
        }
    }
}

fn range<'a>(resource: &Resource<'a>, rule: &Value<'a>, under: &Under, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (from, to, last) in all_ranges(rule, under, cx) {
        let message = format!("ports {from} to {to} are open, not one");
        let spot = Spot::of(&last);
        out.report(Hit::new(spot).of(resource).under(&last.under).message(message));
    }
}

/// The ranges of more than one port that a rule may have: first, last, and where the last one stands.
pub(super) fn all_ranges<'a>(rule: &Value<'a>, under: &Under, cx: &Context<'_, 'a>) -> Vec<(String, String, Case<'a>)> {
    let mut all = Vec::new();
    for protocol in cx.resolver.get(rule, "IpProtocol", under) {
        // The numbers of ICMP are types and codes, and with all protocols the ports are ignored.
        if !protocol.text().is_some_and(|p| matches!(&*p.to_ascii_lowercase(), "tcp" | "udp" | "6" | "17")) {
            continue;
        }
        for first in cx.resolver.get(rule, "FromPort", &protocol.under) {
            for last in cx.resolver.get(rule, "ToPort", &first.under) {
                let (Some(from), Some(to)) = (first.text(), last.text()) else { continue };
                if from.trim() != to.trim() {
                    all.push((from, to, last));
                }
            }
        }
    }
    all
}
