//! A function that may start something with a stronger role is as strong as that role.

use crate::analysis::functions::Pairs;
use crate::analysis::iam::actions::lookup;
use crate::analysis::iam::power::{self, Reach};
use crate::analysis::identity;
use crate::analysis::policy::{covers, of_owner};
use crate::rulebook::PolicyKind;
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
            if !STARTS.iter().any(|action| grants.allows(action)) {
                continue;
            }
            let Some(resource) = facts.at(own) else { continue };
            // Conditions, denials and boundaries count: a role may be passed to one service and started in another.
            let power = identity::power(&facts, own, resource, &cx.statements_of(own));
            let starts: Vec<_> = STARTS.iter().filter_map(|name| {
                let action = lookup(name)?;
                let here = power.allows(action, Reach::Some, &case.under)?.under;
                let here = power.passes_to(action.service.prefix, &here)?.under;
                Some((name, action.service.prefix, here))
            }).collect();
            let passes = |pairs: &&Pairs| pairs.actions.iter().any(|pattern| covers(pattern, "iam:PassRole"));
            let passing: Vec<&Pairs> = grants.pairs.iter().map(AsRef::as_ref).filter(passes).collect();
            for (at, role) in roles.iter().filter(|(at, _)| *at != own) {
                // A role that says of nobody that it trusts him is not finished.
                let silent = !of_owner(cx.statements(), *at).iter().any(|s| s.kind == PolicyKind::Trust);
                let taken = |service: &str| silent || identity::trusts(&facts, *at, service);
                let names = [format!("${{{}.Arn}}", role.id), format!(":role/${{{}}}", role.id)];
                let named = |on: &&String| *on == "*" || names.iter().any(|name| on.ends_with(name.as_str()));
                // What is started runs with the role only when the role trusts it, and may be passed to it.
                let mut ways = starts.iter().filter(|(_, service, _)| taken(service)).filter_map(|(start, service, under)| {
                    let to = |pairs: &&&Pairs| {
                        pairs.to.as_ref().is_none_or(|hosts| hosts.iter().any(|host| power::belongs(host, service)))
                    };
                    Some((start, under, passing.iter().filter(to).find_map(|pairs| pairs.resources.iter().find(named))?))
                });
                let Some((start, under, on)) = ways.next() else { continue };
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
                    Hit::resource(function).under(under).message(message).related(role.key, "the stronger role");
                out.report(hit.related(resource.key, format!("its own role, which may pass {on}")));
                break;
            }
        }
    }
}
