//! Repositories of GitHub of which every branch may assume a role.

use super::iam_trust_oidc_any_subject::{NAME, named};
use super::{Context, Rule, Sink};
use crate::resolve::Text;
use crate::rulebook::{PolicyKind, Who};
use crate::rules::{Hit, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements().iter().filter(|s| s.kind == PolicyKind::Trust) {
        let asked = statement.asked(cx.resolver);
        let (conditions, _) = asked.conditions();
        let of_github = |key: &str| key.eq_ignore_ascii_case("token.actions.githubusercontent.com:sub");
        let mut subjects = conditions
            .iter()
            .filter(|c| c.bare_operator().eq_ignore_ascii_case("StringLike") && of_github(c.key))
            .peekable();
        if subjects.peek().is_none() || !asked.effect("Allow").yes() {
            continue;
        }
        if !asked.principal(Who::Federated, &[]).iter().any(|answer| answer.truth.yes()) {
            continue;
        }
        for subject in subjects {
            for item in cx.resolver.items(&subject.value, &statement.under) {
                let Some(value) = item.present() else { continue };
                let width = width(&Text::of(&value));
                if width == Width::Bounded {
                    continue;
                }
                let spot = Spot { origin: item.place, value: Some(value), item: Some(statement.value.origin) };
                let hit =
                    Hit::new(spot).of(cx.owner(statement)).under(&item.under).label("any branch, tag and pull request");
                out.report(if width == Width::Perhaps { hit.open() } else { hit });
            }
        }
    }
}

/// How much of a repository a subject takes in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Width {
    Whole,
    Perhaps,
    Bounded,
}

fn width(text: &Text<'_>) -> Width {
    let subject = named(text);
    let whole = |(repository, branch): (&str, &str)| {
        let plain = |name: &str| !name.is_empty() && !name.contains(['*', '?']);
        branch == "*" && repository.split_once('/').is_some_and(|(owner, name)| plain(owner) && plain(name))
    };
    match subject.strip_prefix("repo:").and_then(|rest| rest.split_once(':')) {
        Some(parts) if whole(parts) => Width::Whole,
        // What ends in a hole, or has one for the whole name, may go on with anything.
        Some((repository, _)) if repository.contains(NAME) && !repository.contains('/') => Width::Perhaps,
        Some((_, branch)) if branch == NAME => Width::Perhaps,
        None if subject.ends_with(NAME) => Width::Perhaps,
        Some(_) | None => Width::Bounded,
    }
}
