//! Packages that a script installs although nobody vouches for them.

use super::template_unverified_download::report;
use super::{Context, Rule, Sink};
use crate::analysis::scripts::Way;
use crate::rulebook::Severity;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    report(cx, out, |way| match way {
        Way::Package => Some(("what is installed is not checked", Severity::Medium)),
        Way::Plain | Way::Anyone | Way::Kept => None,
    });
}
