//! Who may invoke every function of the account.

use super::{Context, Rule, Sink};
use crate::analysis::iam::actions;
use crate::analysis::iam::arn::Arn;
use crate::analysis::iam::wildcard::Glob;
use crate::analysis::policy::Statement;
use crate::analysis::walk::at_path;
use crate::resolve::{Text, Truth};
use crate::rulebook::{Narrowing, PolicyKind};
use crate::rules::{Hit, Spot, narrower};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let Some(lambda) = actions::service("lambda") else { return };
    for statement in cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity) {
        let asked = statement.asked(cx.resolver);
        if !invokes(cx, statement) || asked.narrowed(Narrowing::Anything) != Truth::No {
            continue;
        }
        for case in asked.items("Resource") {
            let Some(value) = case.present() else { continue };
            let text = Text::of(&value);
            let glob = Glob::text(&text);
            // Whoever names everything is told of that.
            let arn = if glob.is_wild() && !glob.is_everything() { Arn::parse(&glob) } else { None };
            let Some(arn) = arn.filter(|arn| arn.service.surely_covers(&Glob::action("lambda"))) else {
                continue;
            };
            if lambda.covered(&arn).any(|kind| kind.name == "function") {
                let mut hit = Hit::new(Spot::in_statement(statement, &case)).of(cx.owner(statement)).under(&case.under);
                hit.fixes.extend(narrower::resources(cx, statement));
                out.report(hit.label("every function"));
            }
        }
    }
    // What AWS wrote for whatever calls functions names none.
    for (kind, list) in LISTS {
        for holder in cx.resources(kind) {
            for case in at_path(cx.resolver, holder, list) {
                if case.present().is_some_and(|value| Text::of(&value).ends_with(LAMBDA_ROLE).yes()) {
                    let hit = Hit::new(Spot::of(&case)).of(holder).under(&case.under).label("every function");
                    out.report(hit.message("`AWSLambdaRole` lets its holder invoke every function of the account"));
                }
            }
        }
    }
}

/// Where policies are attached to who holds them.
const LISTS: [(&str, &str); 4] = [
    ("AWS::IAM::Role", "ManagedPolicyArns[]"),
    ("AWS::IAM::User", "ManagedPolicyArns[]"),
    ("AWS::IAM::Group", "ManagedPolicyArns[]"),
    ("AWS::SSO::PermissionSet", "ManagedPolicies[]"),
];

/// The policy whose one statement is `lambda:InvokeFunction` on everything.
const LAMBDA_ROLE: &str = ":iam::aws:policy/service-role/AWSLambdaRole";

/// Whether a statement certainly lets functions be invoked, and nothing takes that away again.
fn invokes<'a>(cx: &Context<'_, 'a>, statement: &Statement<'a>) -> bool {
    let limits = cx.limits(statement);
    let asked = statement.asked(cx.resolver);
    asked.effect("Allow").yes()
        && ["lambda:InvokeFunction", "lambda:InvokeFunctionUrl"].into_iter().any(|name| {
            let left = actions::lookup(name).is_none_or(|action| {
                limits.as_ref().is_none_or(|limits| limits.stops(action, &statement.under) != Truth::Yes)
            });
            left && asked.allows(&[name.to_owned()]).iter().any(|answer| answer.truth.yes())
        })
}
