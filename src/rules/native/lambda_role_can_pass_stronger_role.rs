//! A function that may start something with a stronger role is as strong as that role.

use crate::analysis::functions::Pair;
use crate::analysis::iam::power;
use crate::analysis::policy::covers;
use crate::rules::{Context, Hit, Rule, Sink};

/// What runs with the role that it is given, or is given another one.
const STARTS: &[&str] = &[
    "lambda:CreateFunction",
    "lambda:UpdateFunctionConfiguration",
    "cloudformation:CreateStack",
    "cloudformation:UpdateStack",
    "ecs:RunTask",
    "ecs:RegisterTaskDefinition",
    "states:CreateStateMachine",
    "states:UpdateStateMachine",
    "ec2:RunInstances",
    "glue:CreateJob",
    "codebuild:CreateProject",
    "sagemaker:CreateNotebookInstance",
    "events:PutTargets",
    "scheduler:CreateSchedule",
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    let roles: Vec<_> = cx.template.resources.iter().enumerate().filter(|(_, r)| r.kind == "AWS::IAM::Role").collect();
    for (_, function) in facts.functions() {
        for case in cx.resolver.property(function, &["Role"]) {
            let Some(own) = case.present().and_then(|v| facts.role_of(&v)) else { continue };
            let grants = facts.grants(own);
            let starts: Vec<_> = STARTS.iter().filter(|action| grants.allows(action)).collect();
            if starts.is_empty() {
                continue;
            }
            for (at, role) in roles.iter().filter(|(at, _)| *at != own) {
                let names = [format!("${{{}.Arn}}", role.id), format!(":role/${{{}}}", role.id)];
                let named = |pair: &&Pair| {
                    covers(&pair.action, "iam:PassRole")
                        && (pair.resource == "*" || names.iter().any(|name| pair.resource.ends_with(name.as_str())))
                };
                // What is started runs with the role only when the role trusts it, and may be passed to it.
                let way = starts.iter().find_map(|start| {
                    let service = start.split(':').next().filter(|service| cx.role_trusts(*at, service))?;
                    let to = |pair: &&Pair| {
                        pair.to.as_ref().is_none_or(|hosts| hosts.iter().any(|host| power::belongs(host, service)))
                    };
                    Some((start, grants.pairs.iter().filter(named).find(to)?))
                });
                let Some((start, Pair { resource: on, .. })) = way else { continue };
                let other = facts.grants(*at);
                // `iam:PassRole` on everything has a rule of its own, unless there is something to show.
                let stronger =
                    other.actions.iter().find(|action| !grants.actions.iter().any(|own| covers(own, action)));
                let Some(stronger) = stronger.filter(|_| !other.only_housekeeping()) else { continue };
                let message = format!(
                    "function may run {start} and pass role `{}`, so it may do {stronger} as well, which its own role does not allow",
                    role.written_id
                );
                let hit =
                    Hit::resource(function).under(&case.under).message(message).related(role.key, "the stronger role");
                let hit = facts
                    .at(own)
                    .map_or(hit.clone(), |r| hit.related(r.key, format!("its own role, which may pass {on}")));
                out.report(hit);
                break;
            }
        }
    }
}
