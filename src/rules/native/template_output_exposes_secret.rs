//! Outputs are shown to whoever may look at the stack.

use crate::analysis::flows::Secret;
use crate::analysis::knowledge::secrets;
use crate::analysis::walk::{self, Read};
use crate::resolve::Under;
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for output in &cx.template.outputs {
        let under =
            output.condition.map_or(Some(Under::always()), |name| cx.resolver.assume(&Under::always(), name, true));
        let Some(under) = under else { continue };
        let severity = if output.export.is_some() { Severity::Critical } else { Severity::High };
        walk::reads(&output.value, &mut |read, origin| {
            let what = match (Secret::of_read(cx.template, Some(output.name), read), read) {
                (Some(secret), _) => secret.what(),
                (None, Read::Attribute(id, attribute)) if property(cx, id, attribute) => {
                    format!("`{attribute}` of `{id}`")
                }
                (None, Read::Ref(_) | Read::Dynamic(..) | Read::Attribute(..) | Read::External(_)) => return,
            };
            let to = if output.export.is_some() {
                "whoever may call `cloudformation:DescribeStacks`, and to every stack of the region"
            } else {
                "whoever may call `cloudformation:DescribeStacks`"
            };
            let message = format!("output `{}` shows {what} to {to}", output.name);
            let hit = Hit::new(Spot::missing(origin)).under(&under).severity(severity).message(message).label("shown");
            out.report(hit.help("Output the ARN of a secret that holds it; who reads it then needs `secretsmanager:GetSecretValue` on that."));
        });
    }
}

/// Whether an attribute is a property that holds a secret.
fn property(cx: &Context<'_, '_>, id: &str, attribute: &str) -> bool {
    cx.resolver.resource(id).is_some_and(|resource| secrets::paths(resource.kind).any(|path| path == attribute))
}
