//! Document databases that have nobody to take over: one instance, or one where a condition takes the others away.

use super::{Context, Rule, Sink};
use crate::rules::Hit;
use crate::template::Resource;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for cluster in cx.resources("AWS::DocDB::DBCluster") {
        let Some(under) = cx.under(cluster) else { continue };
        let mut always = Vec::new();
        let mut sometimes = Vec::new();
        let mut elsewhere = false;
        for instance in cx.resources("AWS::DocDB::DBInstance") {
            let Some(there) = cx.under(instance) else { continue };
            match member(cx, instance, cluster) {
                Some(true) if under.implies(&there) => always.push(instance),
                Some(true) => sometimes.push(there),
                Some(false) => {}
                None => elsewhere = true,
            }
        }
        // Of a cluster without any the instances stand in another stack.
        let [only] = always.as_slice() else { continue };
        if elsewhere {
            continue;
        }
        for alone in under.beyond(&sometimes).unwrap_or_default() {
            out.report(Hit::resource(cluster).under(&alone).related(only.key, "its only instance"));
        }
    }
}

/// Whether an instance belongs to a cluster, when that can be seen: a name says it only of a cluster that is not named here.
fn member<'a>(cx: &Context<'_, 'a>, instance: &Resource<'a>, cluster: &Resource<'a>) -> Option<bool> {
    let mut cases = cx.resolver.property(instance, &["DBClusterIdentifier"]).into_iter();
    let target = cx.resolver.target(&cases.next()?.present()?)?;
    cases.next().is_none().then(|| target.id == cluster.id)
}
