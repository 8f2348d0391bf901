//! Document databases that have nobody to take over: one instance, or one where a condition takes the others away.

use super::{Context, Rule, Sink};
use crate::analysis::clusters;
use crate::rules::Hit;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    tell(cx, ["AWS::DocDB::DBCluster", "AWS::DocDB::DBInstance"], out);
}

/// Of the clusters of one type whose instances are of another those that have a single one.
pub(super) fn tell<'a>(cx: &Context<'_, 'a>, [clusters, instances]: [&str; 2], out: &mut Sink<'a>) {
    for (cluster, only, alone) in clusters::with_one_instance(&cx.facts(), clusters, instances) {
        out.report(Hit::resource(cluster).under(&alone).related(only.key, "its only instance"));
    }
}
