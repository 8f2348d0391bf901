//! A group whose own text opens little, and a rule apart from it that opens many ports of it.

use std::collections::BTreeSet;

use super::sg_ingress_port_range::all_ranges;
use crate::resolve::{Text, Under};
use crate::rules::{Context, Hit, Rule, Sink};
use crate::template::{Origin, Value};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    at_groups("SecurityGroupIngress", |rule, under| many_ports(rule, under, cx), cx, out);
}

/// Reports each group of the template that a rule of this direction belongs to which is `wide`: why, where, and when.
pub(super) fn at_groups<'a>(
    name: &str,
    wide: impl Fn(&Value<'a>, &Under) -> Option<(String, Origin<'a>, Under)>,
    cx: &Context<'_, 'a>,
    out: &mut Sink<'a>,
) {
    let mut told = BTreeSet::new();
    for rule in cx.resources(&format!("AWS::EC2::{name}")) {
        let Some(under) = cx.under(rule) else { continue };
        for group in cx.resolver.get(&rule.properties, "GroupId", &under) {
            let Some(target) = group.present().and_then(|value| cx.resolver.target(&value)) else { continue };
            if target.kind != "AWS::EC2::SecurityGroup" || told.contains(target.id) {
                continue;
            }
            let Some((why, place, when)) = wide(&rule.properties, &group.under) else { continue };
            told.insert(target.id);
            let message = format!("{why} by `{}`, which stands apart", rule.written_id);
            out.report(Hit::resource(target).under(&when).message(message).related(place, "this rule"));
        }
    }
}

/// Why a rule is about more than one port, if it is.
pub(super) fn many_ports<'a>(
    rule: &Value<'a>,
    under: &Under,
    cx: &Context<'_, 'a>,
) -> Option<(String, Origin<'a>, Under)> {
    let all = cx.resolver.get(rule, "IpProtocol", under).into_iter().find_map(|protocol| {
        let name = protocol.present().and_then(|value| Text::of(&value).known())?;
        matches!(&*name.to_ascii_lowercase(), "-1" | "all").then_some((protocol.place, protocol.under))
    });
    if let Some((place, when)) = all {
        return Some(("every protocol and port is opened".to_owned(), place, when));
    }
    let (from, to, last) = all_ranges(rule, under, cx).into_iter().next()?;
    Some((format!("ports {from} to {to} are opened"), last.place, last.under))
}
