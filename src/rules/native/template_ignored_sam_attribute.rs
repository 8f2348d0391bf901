//! Attributes that SAM drops without a word.

use crate::rulebook::{EditSpec, Path};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

/// What SAM passes on, or reads itself.
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-generated-resources.html>
const KEPT: &[&str] = &[
    "Type",
    "Properties",
    "DependsOn",
    "Metadata",
    "Condition",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "Connectors",
    "IgnoreGlobals",
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for resource in cx.template.declared.iter().filter(|r| r.kind.starts_with("AWS::Serverless::")) {
        for entry in resource.attributes.entries.iter().filter(|e| !KEPT.contains(&e.key) && !e.key.starts_with("Fn::"))
        {
            let message = format!("`{}` of `{}` is dropped when SAM expands it", entry.key, resource.written_id);
            let path = Path::attribute(entry.key);
            let mut hit = Hit::new(Spot::missing(entry.key_origin)).of(resource).message(message);
            // Everything else is a property in the wrong place: to remove it would hide what was meant.
            if matches!(entry.key, "CreationPolicy" | "UpdatePolicy") {
                hit = hit.fix(format!("remove `{}`", entry.key), true, vec![EditSpec::Remove(path)]);
            }
            out.report(hit);
        }
    }
}
