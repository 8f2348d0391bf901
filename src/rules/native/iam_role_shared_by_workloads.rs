//! One role behind containers, machines, builds or agents: each may do what any of them needs.

use super::lambda_shared_role::{listed, may, severity};
use crate::analysis::runners;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for shared in facts.roles_of_workloads() {
        let Some((at, role)) = shared.role.and_then(|at| Some((at, facts.at(at)?))) else { continue };
        let users: Vec<_> = shared.users.iter().filter_map(|user| facts.at(user.at)).collect();
        let grants = facts.grants(at);
        // Functions alone are told by a rule of their own.
        if grants.only_housekeeping() || users.iter().all(|user| runners::function(user.kind).is_some()) {
            continue;
        }
        let names: Vec<&str> = users.iter().map(|user| user.written_id).collect();
        let mut hit = Hit::new(Spot::missing(role.key)).of(role).under(&shared.under).message(format!(
            "role `{}` is shared by {} workloads ({}), and {}",
            role.written_id,
            names.len(),
            listed(&names),
            may(Some(&grants))
        ));
        hit = hit.label(format!("used by {}", listed(&names)));
        hit.severity = severity(cx, &shared, Some(&grants));
        for user in users.iter().take(20) {
            let kind = user.kind.rsplit("::").next().unwrap_or(user.kind);
            hit = hit.related(user.key, format!("{kind} `{}` runs with it", user.written_id));
        }
        out.report(hit);
    }
}
