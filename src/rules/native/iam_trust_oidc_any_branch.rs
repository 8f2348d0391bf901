//! Repositories of GitHub and GitLab of which every branch may assume a role.

use super::iam_trust_oidc_any_subject::{NAME, named};
use super::{Context, Rule, Sink};
use crate::resolve::Text;
use crate::rulebook::{PolicyKind, Who};
use crate::rules::{Hit, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements().iter().filter(|s| s.kind == PolicyKind::Trust) {
        let asked = statement.asked(cx.resolver);
        let (conditions, _) = asked.conditions();
        // GitLab is often one's own, under any name; what it calls a subject is known by its beginning.
        let of_repository =
            |key: &str| key.rsplit_once(':').is_some_and(|(_, claim)| claim.eq_ignore_ascii_case("sub"));
        let mut subjects = conditions
            .iter()
            .filter(|c| c.bare_operator().eq_ignore_ascii_case("StringLike") && of_repository(c.key))
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
                let width = width(&named(&Text::of(&value)), subject.key.eq_ignore_ascii_case(OF_GITHUB));
                let label = match width {
                    Width::Bounded => continue,
                    Width::Branches => "any branch",
                    Width::Whole | Width::Perhaps => "any branch, tag and pull request",
                };
                let spot = Spot { origin: item.place, value: Some(value), item: Some(statement.value.origin) };
                let hit = Hit::new(spot).of(cx.owner(statement)).under(&item.under).label(label);
                out.report(if width == Width::Perhaps { hit.open() } else { hit });
            }
        }
    }
}

/// What GitHub calls a subject; others name the key after their own host.
const OF_GITHUB: &str = "token.actions.githubusercontent.com:sub";

/// How much of a repository a subject takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Width {
    Whole,
    Branches,
    Perhaps,
    Bounded,
}

fn width(subject: &str, of_github: bool) -> Width {
    let (repository, branch) = match ["repo:", "project_path:"].iter().find_map(|p| subject.strip_prefix(p)) {
        Some(rest) => match rest.split_once(':') {
            Some(parts) => parts,
            None if subject.ends_with(NAME) => return Width::Perhaps,
            None => return Width::Bounded,
        },
        None if of_github && subject.ends_with(NAME) => return Width::Perhaps,
        None => return Width::Bounded,
    };
    let plain = |name: &str| !name.is_empty() && !name.contains(['*', '?']);
    if !repository.split_once('/').is_some_and(|(owner, name)| plain(owner) && plain(name)) {
        // What has a hole for the whole name may go on with anything.
        return if repository.contains(NAME) && !repository.contains('/') { Width::Perhaps } else { Width::Bounded };
    }
    match branch {
        "*" | "ref:*" | "ref:refs/*" | "ref_type:*" => Width::Whole,
        "ref:refs/heads/*" | "ref_type:branch:*" | "ref_type:branch:ref:*" => Width::Branches,
        _ if branch == NAME => Width::Perhaps,
        _ => Width::Bounded,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pattern for branches is any branch, whatever the forge calls them; one that begins with a name is not.
    #[test]
    fn every_branch_has_several_names() {
        for subject in ["repo:a/b:*", "repo:a/b:ref:*", "project_path:a/b/c:*", "project_path:a/b:ref_type:*"] {
            assert_eq!(width(subject, true), Width::Whole, "{subject}");
        }
        for subject in ["repo:a/b:ref:refs/heads/*", "project_path:a/b:ref_type:branch:ref:*"] {
            assert_eq!(width(subject, true), Width::Branches, "{subject}");
        }
        for subject in
            ["repo:a/b:ref:refs/heads/main", "repo:a/b:environment:*", "repo:a/*:*", "system:serviceaccount:a:*"]
        {
            assert_eq!(width(subject, true), Width::Bounded, "{subject}");
        }
    }
}
