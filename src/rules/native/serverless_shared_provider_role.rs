//! serverless.yml gives all functions one role; what one of them needs is written into it for all.

use super::lambda_shared_role::{related, severity, split, without};
use crate::analysis::sharing;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{Kind, Value};

const PLACES: &[&[&str]] = &[
    &["provider", "iam", "role", "statements"],
    &["provider", "iam", "role", "managedPolicies"],
    &["provider", "iamRoleStatements"],
    &["provider", "iamManagedPolicies"],
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let Some(service) = cx.resources("Serverless::Service").next() else { return };
    let there =
        |value: Value<'a>| !matches!(value.kind, Kind::Null) && value.as_list().is_none_or(|items| !items.is_empty());
    let Some(path) = PLACES.iter().find(|path| service.properties.at(path).is_some_and(there)) else { return };
    let facts = cx.facts();
    for shared in facts.shared_roles() {
        let Some(role) = shared.role.and_then(|at| facts.at(at)).filter(|role| role.made_by.is_some()) else {
            continue;
        };
        let all = cx.resources("AWS::Lambda::Function").filter(|function| !function.is_frameworks_own()).count();
        let spares = sharing::spares(&facts, cx.names(), &shared);
        let message = format!(
            "all that `{}` grants is granted to {} of {all} functions{}",
            path.join("."),
            shared.users.len(),
            without(&facts, &spares)
        );
        let mut hit = Hit::new(Spot::missing(role.key)).of(role).under(&shared.under).message(message);
        hit = hit.label("one role for all functions");
        hit.severity = severity(cx, &shared, shared.role.map(|at| facts.grants(at)).as_deref());
        hit = hit.help(split(service));
        out.report(related(hit, &facts, &shared, &spares));
    }
}
