//! SAM's resources in a template that does not say it is SAM's.

use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    // Another macro may expand them.
    if cx.template.sam_transform.is_some() || !cx.template.transforms.is_empty() {
        return;
    }
    let first =
        cx.template.declared.iter().chain(&cx.template.resources).find(|r| r.kind.starts_with("AWS::Serverless::"));
    if let Some(resource) = first {
        let message = format!("`{}` is SAM's, and the template does not name SAM's transform", resource.kind);
        out.report(Hit::new(Spot::missing(resource.kind_origin)).of(resource).message(message));
    }
}
