//! The numbers of an ACL are its keys: a second entry with one of them cannot be made.

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
            let other = before.iter().take(AT_MOST).find_map(|(other, at)| {
                let both = cx.resolver.both(&at.under, &number.under)?;
                (other.resource.id != entry.resource.id).then_some((at, both, other.resource.written_id))
            });
            if let Some((at, both, id)) = other {
                let message = format!("number {} is that of `{id}`", number.is);
                let hit = Hit::new(Spot::missing(number.place)).of(&entry.resource).under(&both).message(message);
                out.report(hit.related(at.place, "the first entry with it"));
            }
            before.push((entry.clone(), number));
        }
    }
}
