//! A role that is made elsewhere cannot be reviewed with the function.

use crate::analysis::graph::RoleOf;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (_, function) in facts.all_functions() {
        for (role, under, place) in cx.roles_of(function) {
            let message = match role {
                RoleOf::Import("") => "role comes from another stack".to_owned(),
                RoleOf::Import(name) => format!("role comes from another stack (`{name}`)"),
                RoleOf::Literal(arn) => format!("role `{arn}` is not of this template"),
                RoleOf::Here(at) => match facts.at(at) {
                    Some(stack) if stack.kind == "AWS::CloudFormation::Stack" => {
                        "role comes from a nested stack".to_owned()
                    }
                    Some(_) | None => continue,
                },
                // Whatever is given, a role that this stack makes it cannot be: parameters come before resources.
                RoleOf::Parameter(name) => format!("role is given by the parameter `{name}`"),
                RoleOf::Unknown => continue,
            };
            out.report(Hit::new(Spot::missing(place)).of(function).under(&under).message(message));
        }
    }
}
