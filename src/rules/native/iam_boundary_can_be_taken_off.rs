//! Rights that hold only with a permissions boundary, beside the right to take the boundary off again.

use super::iam_guarding_tag_can_be_set::denies;
use super::{Context, Rule, Sink};
use crate::analysis::policy::{Answer, Asked, Condition, Statement, of_owner};
use crate::resolve::{Case, Text};
use crate::rulebook::{PolicyKind, Width};
use crate::rules::{Hit, Spot};

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
    for statement in
        cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity && s.value.get("Condition").is_some())
    {
        let asked = statement.asked(cx.resolver);
        if !asked.effect("Allow").yes() {
            continue;
        }
        let (conditions, _) = asked.conditions();
        let Some(guard) = conditions.iter().find(|condition| asks_for_boundary(condition)) else { continue };
        for (guarded, off) in SORTS {
            let grants = |name: &&str| asked.allows(&[(*name).to_owned()]).iter().any(|answer| answer.truth.yes());
            if !guarded.iter().any(grants) {
                continue;
            }
            let mut beside =
                of_owner(cx.statements(), statement.owner).iter().filter(|s| s.kind == PolicyKind::Identity);
            let Some((other, answer, action)) = beside.find_map(|other| takes_off(cx, other, &asked, off)) else {
                continue;
            };
            let Some(under) = cx.resolver.both(&answer.under, &guard.under) else { continue };
            let message = format!(
                "policy asks for a permissions boundary, and lets its holder change it afterwards: it allows `{action}`"
            );
            let spot = Spot {
                origin: answer.place.unwrap_or(other.origin),
                value: answer.value,
                item: Some(other.value.origin),
            };
            let hit = Hit::new(spot).of(cx.owner(statement)).under(&under).message(message);
            out.report(hit.label("takes it off again").related(guard.origin, "the boundary that is asked for"));
            break;
        }
    }
}

fn asks_for_boundary(condition: &Condition<'_>) -> bool {
    let names = ["StringEquals", "StringEqualsIgnoreCase", "StringLike", "ArnEquals", "ArnLike"];
    condition.key.eq_ignore_ascii_case("iam:PermissionsBoundary") && names.contains(&condition.bare_operator())
}

/// What in a statement changes the boundary of what another one makes.
fn takes_off<'s, 'a>(
    cx: &Context<'_, 'a>,
    statement: &'s Statement<'a>,
    guard: &Asked<'_, '_, 'a>,
    off: &[&'static str],
) -> Option<(&'s Statement<'a>, Answer<'a>, &'static str)> {
    let asked = statement.asked(cx.resolver);
    // Whatever the condition asks for, such as the very same boundary, may be enough.
    if !asked.effect("Allow").yes() || asked.has("NotAction") || asked.has("Condition") {
        return None;
    }
    off.iter().find_map(|action| {
        let names = [(*action).to_owned()];
        let answer = asked.allows(&names).into_iter().find(|answer| answer.truth.yes())?;
        let whole = asked.every_resource_of(&names).iter().any(|answer| answer.truth.yes());
        // Whoever may do all of it anyway is told of that.
        let all = [Width::Service, Width::Everything]
            .into_iter()
            .flat_map(|width| asked.wildcard_action(width))
            .any(|wide| wide.truth.yes());
        let denied = || of_owner(cx.statements(), statement.owner).iter().any(|other| denies(cx, other, &names));
        ((whole || same_resource(guard, &asked)) && !all && !denied()).then_some((statement, answer, *action))
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
