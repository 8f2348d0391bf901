//! Outputs are shown to whoever may look at the stack.

use crate::analysis::knowledge::secrets;
use crate::analysis::walk::{self, Read};
use crate::resolve::Under;
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for output in &cx.template.outputs {
        let under = output.condition.map_or(Some(Under::always()), |name| cx.resolver.assume(&Under::always(), name, true));
        let Some(under) = under else { continue };
        let severity = if output.export.is_some() { Severity::Critical } else { Severity::High };
        walk::reads(&output.value, &mut |read, origin| {
            let what = match read {
                Read::Ref(name) if cx.template.parameter(name).is_some_and(|p| p.no_echo) => format!("the hidden parameter `{name}`"),
                Read::Dynamic("secretsmanager" | "ssm-secure", key) => format!("the secret `{}`", key.split(':').next().unwrap_or(key)),
                Read::Attribute(id, attribute) if secret(cx, id, attribute) => format!("`{attribute}` of `{id}`"),
                Read::Ref(_) | Read::Dynamic(..) | Read::Attribute(..) => return,
            };
            let to = if output.export.is_some() { "this stack and to every stack of the region" } else { "whoever may describe the stack" };
            let message = format!("output `{}` shows {what} to {to}", output.name);
            out.report(Hit::new(Spot::missing(origin)).under(&under).severity(severity).message(message).label("shown"));
        });
    }
}

/// Whether an attribute is a secret: the ones that AWS makes, and properties that hold one.
fn secret(cx: &Context<'_, '_>, id: &str, attribute: &str) -> bool {
    let Some(resource) = cx.template.resource(id) else { return false };
    let made = matches!(
        (resource.kind, attribute),
        ("AWS::IAM::AccessKey", "SecretAccessKey") | ("AWS::Cognito::UserPoolClient", "ClientSecret")
    );
    made || secrets::paths(resource.kind).any(|path| path == attribute)
}
