//! The numbers of an ACL are its keys: of two entries with the same one only one can be made.

use std::collections::BTreeMap;

use crate::analysis::acl;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

/// How many entries of one number are compared; more than two are a mistake already.
const AT_MOST: usize = 8;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let mut seen: BTreeMap<_, Vec<(acl::Entry<'a>, acl::Number<'a>)>> = BTreeMap::new();
    for entry in acl::entries(cx.resources("AWS::EC2::NetworkAclEntry"), cx.resolver) {
        for number in acl::numbers(&entry, &["RuleNumber"], &entry.under, cx.resolver) {
            let before = seen.entry((entry.list.clone(), number.is)).or_default();
            let others = before.iter().take(AT_MOST).filter(|(other, _)| other.resource.id != entry.resource.id);
            let meeting =
                others.filter_map(|(other, at)| Some((other, at, cx.resolver.both(&at.under, &number.under)?)));
            // Which of the two comes to be is up to the order of deployment, so each is told of the other.
            for (other, at, both) in meeting {
                for (this, place, that, there) in [(&entry, &number, other, at), (other, at, &entry, &number)] {
                    let message = format!("number {} is that of `{}`, too", number.is, that.resource.written_id);
                    let hit = Hit::new(Spot::missing(place.place)).of(&this.resource).under(&both).message(message);
                    out.report(hit.related(there.place, "the other entry with it"));
                }
            }
            before.push((entry.clone(), number));
        }
    }
}
