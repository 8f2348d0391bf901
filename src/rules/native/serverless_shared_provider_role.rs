//! serverless.yml gives all functions one role; what one of them needs is written into it for all.

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
        let all = cx.resources("AWS::Lambda::Function").count();
        let message =
            format!("all that `{}` grants is granted to {} of {all} functions", path.join("."), shared.users.len());
        let mut hit = Hit::new(Spot::missing(role.key)).of(role).under(&shared.under).message(message);
        hit = hit.label("one role for all functions");
        for user in shared.users.iter().take(20) {
            if let Some(function) = facts.at(user.function) {
                hit = hit.related(function.key, format!("`{}` runs with it", function.written_id));
            }
        }
        out.report(hit);
    }
}
