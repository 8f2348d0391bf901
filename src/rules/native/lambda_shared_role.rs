//! One role behind several functions: each may do what any of them needs.

use crate::analysis::functions::Grants;
use crate::rulebook::{Confidence, Severity};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for shared in facts.shared_roles() {
        let Some(first) = shared.users.first() else { continue };
        let role = shared.role.and_then(|at| facts.at(at));
        let grants = shared.role.map(|at| facts.grants(at));
        // The framework's own role that grants nothing yet: nobody has written anything that could be split.
        if role.is_some_and(|r| r.made_by.is_some()) && grants.as_ref().is_some_and(Grants::only_housekeeping) {
            continue;
        }
        let names: Vec<&str> = shared.users.iter().filter_map(|u| facts.at(u.function)).map(|f| f.written_id).collect();
        let spot = Spot::missing(role.map_or(first.place, |r| r.key));
        let Some(about) = role.or_else(|| facts.at(first.function)) else { continue };
        let what = role.map_or_else(
            || "one role".to_owned(),
            |r| {
                if r.made_by.is_some() {
                    "the service's one role".to_owned()
                } else {
                    format!("role `{}`", r.written_id)
                }
            },
        );
        let mut hit = Hit::new(spot).of(about).under(&shared.under);
        hit = hit.message(format!(
            "{what} is shared by {} functions ({}), and {}",
            names.len(),
            listed(&names),
            may(grants.as_ref())
        ));
        hit = hit.label(format!("used by {}", listed(&names)));
        hit.severity = grants.as_ref().and_then(severity);
        if grants.as_ref().is_none_or(|g| !g.complete) {
            hit.confidence = Some(Confidence::Medium);
        }
        if let Some(help) = remedy(cx, role.is_some_and(|r| r.made_by.is_some())) {
            hit = hit.help(help);
        }
        for user in shared.users.iter().take(20) {
            if let Some(function) = facts.at(user.function) {
                hit = hit.related(function.key, format!("`{}` runs with it", function.written_id));
            }
        }
        out.report(hit);
    }
}

/// What the role may do decides how bad it is that several have it.
fn severity(grants: &Grants) -> Option<Severity> {
    let strong = ["iam:PassRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:CreateAccessKey", "sts:AssumeRole"];
    if grants.only_housekeeping() {
        Some(Severity::Info)
    } else if strong.iter().any(|action| grants.allows(action)) || grants.actions.iter().any(|a| a == "*") {
        Some(Severity::High)
    } else {
        None
    }
}

fn may(grants: Option<&Grants>) -> String {
    match grants {
        None => "what it may do cannot be seen here".to_owned(),
        Some(grants) if grants.actions.iter().any(|a| a == "*") => "each of them may do everything".to_owned(),
        Some(grants) if grants.only_housekeeping() => "so far it may only write logs and traces".to_owned(),
        Some(grants) => {
            let services: Vec<&str> =
                grants.services().into_iter().filter(|s| !matches!(*s, "logs" | "xray")).collect();
            if services.is_empty() {
                "each may do what any of them needs".to_owned()
            } else {
                format!("each of them may use {}", listed(&services))
            }
        }
    }
}

fn listed(names: &[&str]) -> String {
    let shown = names.iter().take(4).copied().collect::<Vec<_>>().join(", ");
    if names.len() > 4 { format!("{shown} and {} more", names.len() - 4) } else { shown }
}

/// The one thing to type, in the language that the user writes.
fn remedy(cx: &Context<'_, '_>, made: bool) -> Option<String> {
    if cx.resources("Serverless::Service").next().is_some() {
        return Some("Give each function statements of its own: the plugin `serverless-iam-roles-per-function` with `iamRoleStatements` (Framework v4: `iam.role.mode: perFunction`)".to_owned());
    }
    let sam = cx.resources("AWS::Serverless::Function").next().is_some();
    (sam && !made)
        .then(|| "Remove `Role` and give each function its own `Policies`: SAM makes a role for each".to_owned())
}
