//! Rights that hold only with a permissions boundary, beside the right to take the boundary off again.

use super::iam_guarding_tag_can_be_set::{Freely, allowed_freely, told};
use super::{Context, Rule, Sink};
use crate::analysis::iam::actions;
use crate::analysis::iam::wildcard::Glob;
use crate::analysis::policy::{Answer, Asked, Condition, Statement, covers};
use crate::resolve::{Case, Text};
use crate::rulebook::PolicyKind;

/// What a boundary is asked for beside, and what takes it off again, or puts a wider one in its place.
const SORTS: [(&[&str], &[&str]); 2] = [
    (
        &["iam:CreateRole", "iam:AttachRolePolicy", "iam:PutRolePolicy"],
        &["iam:DeleteRolePermissionsBoundary", "iam:PutRolePermissionsBoundary"],
    ),
    (
        &["iam:CreateUser", "iam:AttachUserPolicy", "iam:PutUserPolicy"],
        &["iam:DeleteUserPermissionsBoundary", "iam:PutUserPermissionsBoundary"],
    ),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let freely = Freely::default();
    for statement in
        cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity && s.value.get("Condition").is_some())
    {
        let asked = statement.asked(cx.resolver);
        let denies = asked.effect("Deny").yes();
        if !denies && !asked.effect("Allow").yes() {
            continue;
        }
        let (conditions, _) = asked.conditions();
        let Some(guard) = conditions.iter().find(|condition| asks_for_boundary(condition, denies)) else { continue };
        let rewritten = cx.beside(statement).find_map(|other| rewrites(cx, &freely, other, guard));
        if let Some((hit, action)) =
            rewritten.and_then(|(other, answer, action)| Some((told(cx, guard, other, &answer)?, action)))
        {
            let message =
                format!("policy asks for a permissions boundary, and lets its holder rewrite it: it allows `{action}`");
            out.report(
                hit.message(message).label("rewrites it").related(guard.origin, "the boundary that is asked for"),
            );
            continue;
        }
        for (guarded, off) in SORTS {
            let grants = |name: &&str| {
                let means = |case: &Case<'a>| case.text().is_some_and(|pattern| covers(&pattern, name));
                if denies {
                    return asked.items("Action").iter().any(means);
                }
                asked.allows(&[(*name).to_owned()]).iter().any(|answer| answer.truth.yes())
            };
            if !guarded.iter().any(grants) {
                continue;
            }
            let around = cx.beside(statement).find_map(|other| takes_off(cx, &freely, other, &asked, off));
            let Some((other, answer, action)) = around else { continue };
            let Some(hit) = told(cx, guard, other, &answer) else { continue };
            let message = format!(
                "policy asks for a permissions boundary, and lets its holder change it afterwards: it allows `{action}`"
            );
            let hit = hit.message(message).label("takes it off again");
            out.report(hit.related(guard.origin, "the boundary that is asked for"));
            break;
        }
    }
}

/// Whether a condition holds only with a boundary; that of a denial, only without it.
fn asks_for_boundary(condition: &Condition<'_>, denies: bool) -> bool {
    let names: &[&str] = if denies {
        &["StringNotEquals", "StringNotEqualsIgnoreCase", "StringNotLike", "ArnNotEquals", "ArnNotLike"]
    } else {
        &["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"]
    };
    condition.key.eq_ignore_ascii_case("iam:PermissionsBoundary") && names.contains(&condition.bare_operator())
}

/// What in a statement changes the boundary of what another one makes.
fn takes_off<'s, 'a>(
    cx: &Context<'_, 'a>,
    freely: &Freely<'a>,
    statement: &'s Statement<'a>,
    guard: &Asked<'_, '_, 'a>,
    off: &[&'static str],
) -> Option<(&'s Statement<'a>, Answer<'a>, &'static str)> {
    let asked = statement.asked(cx.resolver);
    off.iter().find_map(|name| {
        let answer = allowed_freely(cx, freely, statement, &asked, actions::lookup(name)?)?;
        let every = || asked.every_resource_of(&[(*name).to_owned()]).iter().any(|answer| answer.truth.yes());
        (every() || same_resource(guard, &asked)).then_some((statement, answer, *name))
    })
}

/// What in a statement writes another text for the policy that is the boundary, or puts back an old one. Who may do so to every
/// policy is told of that.
fn rewrites<'s, 'a>(
    cx: &Context<'_, 'a>,
    freely: &Freely<'a>,
    statement: &'s Statement<'a>,
    guard: &Condition<'a>,
) -> Option<(&'s Statement<'a>, Answer<'a>, &'static str)> {
    let asked = statement.asked(cx.resolver);
    ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"].into_iter().find_map(|name| {
        let answer = allowed_freely(cx, freely, statement, &asked, actions::lookup(name)?)?;
        let every = asked.every_resource_of(&[name.to_owned()]).iter().any(|answer| answer.truth.yes());
        let limits: Vec<_> = cx.resolver.items(&guard.value, &guard.under).iter().filter_map(Case::present).collect();
        let named = asked.items("Resource").iter().filter_map(Case::present).any(|value| {
            let (resource, pattern) = (Text::of(&value), Text::of(&value).pattern());
            limits.iter().map(Text::of).any(|limit| {
                let one = resource.only_hole().is_some_and(|hole| limit.only_hole() == Some(hole));
                let same = limit.pattern() == pattern && pattern.contains(":policy/");
                one || same || Glob::text(&resource).surely_covers(&Glob::text(&limit))
            })
        });
        (named && !every).then_some((statement, answer, name))
    })
}

/// Whether two statements name a resource in the same words.
fn same_resource(one: &Asked<'_, '_, '_>, other: &Asked<'_, '_, '_>) -> bool {
    let (these, those) = (one.items("Resource"), other.items("Resource"));
    let texts = |cases: &[Case<'_>]| -> Vec<String> {
        cases
            .iter()
            .filter_map(Case::present)
            .map(|value| Text::of(&value).pattern())
            .filter(|text| text.contains(":role/") || text.contains(":user/"))
            .collect()
    };
    let those = texts(&those);
    texts(&these).iter().any(|text| those.contains(text))
}
