//! `${Name}` in a text that nothing substitutes.

use crate::analysis::walk::{Found, Part};
use crate::rulebook::{Confidence, Severity};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

/// Where others substitute `${…}`: state machines, scripts, builds, queries, requests.
const OTHERS: &[&str] = &[
    "DefinitionString",
    "Definition",
    "DefinitionSubstitutions",
    "BuildSpec",
    "UserData",
    "RequestMappingTemplate",
    "ResponseMappingTemplate",
    "RequestTemplates",
    "ResponseTemplates",
    "Body",
    "DefinitionBody",
    "Description",
    "ZipFile",
    "InlineCode",
    "Code",
    "content",
    "command",
    "Sql",
    "QueryString",
    "DashboardBody",
    "EventPattern",
    "FilterPattern",
    "InputTemplate",
    "Template",
    "TemplateBody",
    "PipelineDefinition",
    "ScriptText",
    "commands",
    "Document",
    "Content",
    "Script",
    "OriginalSql",
    "PipelineConfigurationBody",
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    cx.texts(&mut |found| {
        let Part::Property(resource) = found.part else { return };
        if resource.kind.starts_with("Serverless::")
            || resource.made_by.is_some()
            || !found.text.contains("${")
            || by_others(found)
        {
            return;
        }
        let Some((name, sure)) = variable(cx, &found.text) else { return };
        // What the resolver has put together is no text that the user wrote.
        if !found.whole {
            return;
        }
        let policy = matches!(found.key, Some("Resource" | "NotResource"));
        let because =
            if policy { ": IAM takes it for a variable of its own, and the statement matches nothing" } else { "" };
        let hit = Hit::new(Spot { origin: found.origin, value: None, item: None }).of(resource);
        let hit = hit
            .message(format!("`${{{name}}}` stays as it stands{because}"))
            .under(&cx.under(resource).unwrap_or_default());
        let hit = hit.severity(if policy { Severity::High } else { Severity::Medium });
        out.report(hit.confidence(if sure || policy { Confidence::High } else { Confidence::Medium }));
    });
}

fn by_others(found: &Found<'_, '_>) -> bool {
    let other = |key: Option<&str>| key.is_some_and(|key| OTHERS.contains(&key));
    other(found.key) || other(found.top) || found.text.trim_end().contains('\n')
}

/// The first `${…}` that means something of this template, and whether it can mean nothing else.
fn variable<'t>(cx: &Context<'_, '_>, text: &'t str) -> Option<(&'t str, bool)> {
    let names = text.split("${").skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name.trim());
    names.take(64).find_map(|name| {
        let (id, attribute) = name.split_once('.').map_or((name, ""), |(id, attribute)| (id, attribute));
        match name.strip_prefix("AWS::") {
            Some(rest) => matches!(rest, "AccountId" | "Region" | "Partition" | "StackName" | "StackId" | "URLSuffix")
                .then_some((name, true)),
            None if cx.resolver.resource(id).is_some() => Some((name, !attribute.is_empty())),
            None => cx.template.parameter(name).map(|_| (name, false)),
        }
    })
}
