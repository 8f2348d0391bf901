//! A group whose own text lets little out, and a rule apart from it that lets out much.

use super::sg_wide_ports_elsewhere::{at_groups, many_ports};
use crate::resolve::Text;
use crate::rules::{Context, Rule, Sink};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let wide = |rule: &_, under: &_| {
        let everywhere = ["CidrIp", "CidrIpv6"].into_iter().find_map(|key| {
            cx.resolver.get(rule, key, under).into_iter().find_map(|network| {
                // `/0`, also written `/00`, is everywhere whatever the address before it.
                let text = network.present().map(|value| Text::of(&value).pattern())?;
                let (_, bits) = text.rsplit_once('/')?;
                let all = !bits.is_empty() && bits.bytes().all(|digit| digit == b'0');
                all.then_some(("the way to everywhere is opened".to_owned(), network.place, network.under))
            })
        });
        // A rule to the machine itself is the idiom for letting nothing out.
        let nowhere = |network: crate::resolve::Case<'a>| {
            network.present().is_some_and(|value| Text::of(&value).known().is_some_and(|text| text.starts_with("127.")))
        };
        everywhere.or_else(|| {
            let idiom = cx.resolver.get(rule, "CidrIp", under).into_iter().any(nowhere);
            if idiom { None } else { many_ports(rule, under, cx) }
        })
    };
    at_groups("SecurityGroupEgress", wide, cx, out);
}
