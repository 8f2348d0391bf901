//! Two entries of an ACL for the same ports: the one with the lower number decides.

use std::collections::BTreeMap;

use crate::analysis::acl::{self, Entry, Number};
use crate::resolve::Under;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

/// How many entries of one list are compared; AWS allows 40.
const AT_MOST: usize = 64;

struct Range<'a> {
    entry: Entry<'a>,
    first: Number<'a>,
    last: Number<'a>,
}

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let mut seen: BTreeMap<_, Vec<Range<'a>>> = BTreeMap::new();
    for entry in acl::entries(cx.resources("AWS::EC2::NetworkAclEntry"), cx.resolver) {
        let six = entry.resource.property("Ipv6CidrBlock").is_some();
        for protocol in acl::numbers(&entry, &["Protocol"], &entry.under, cx.resolver)
            .into_iter()
            .filter(|p| matches!(p.is, 6 | 17))
        {
            let before = seen.entry((entry.list.clone(), six, protocol.is)).or_default();
            for range in ranges(&entry, &protocol.under, cx) {
                let others = before.iter().take(AT_MOST).filter(|other| other.entry.resource.id != entry.resource.id);
                let overlap = |other: &&Range<'a>| other.first.is <= range.last.is && range.first.is <= other.last.is;
                for other in others.filter(overlap) {
                    let Some(both) = cx.resolver.both(&other.last.under, &range.last.under) else { continue };
                    for (this, that) in [(&range, other), (other, &range)] {
                        let (first, last, id) = (this.first.is, this.last.is, that.entry.resource.written_id);
                        let message = format!("ports {first} to {last} overlap with those of `{id}`");
                        let hit = Hit::new(Spot::missing(this.last.place))
                            .of(&this.entry.resource)
                            .under(&both)
                            .message(message);
                        out.report(hit.related(that.last.place, "the other range"));
                    }
                }
                before.push(range);
            }
        }
    }
}

fn ranges<'a>(entry: &Entry<'a>, under: &Under, cx: &Context<'_, 'a>) -> Vec<Range<'a>> {
    let mut all = Vec::new();
    for first in acl::numbers(entry, &["PortRange", "From"], under, cx.resolver) {
        for last in acl::numbers(entry, &["PortRange", "To"], &first.under, cx.resolver) {
            all.push(Range { entry: entry.clone(), first: first.clone(), last });
        }
    }
    all
}
