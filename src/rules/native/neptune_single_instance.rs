//! Graph databases that have nobody to take over.

use super::{Context, Rule, Sink, docdb_single_instance};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    docdb_single_instance::tell(cx, ["AWS::Neptune::DBCluster", "AWS::Neptune::DBInstance"], out);
}
