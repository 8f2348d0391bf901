//! A role or a tag that follows an attribute which users write themselves.

use crate::analysis::walk::at_path;
use crate::resolve::{Case, Text};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

/// Where an identity pool follows what a token says, and what it gives for that.
const FOLLOWED: [(&str, &str, &str); 2] = [
    ("AWS::Cognito::IdentityPoolRoleAttachment", "RoleMappings.*.RulesConfiguration.Rules[].Claim", "role"),
    ("AWS::Cognito::IdentityPoolPrincipalTag", "PrincipalTags.*", "tags"),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let known = |case: &Case<'a>| Text::of(&case.present()?).known().filter(|text| text.starts_with("custom:"));
    let clients = cx.resources("AWS::Cognito::UserPoolClient");
    let written = clients.flat_map(|client| at_path(cx.resolver, client, "WriteAttributes[]"));
    let written: Vec<_> = written.filter_map(|case| Some((known(&case)?, case))).collect();
    for (kind, path, what) in FOLLOWED {
        for resource in cx.resources(kind) {
            for case in at_path(cx.resolver, resource, path) {
                let Some(claim) = known(&case) else { continue };
                let mut both = written.iter().filter(|(attribute, _)| *attribute == claim);
                let Some((by, under)) = both.find_map(|(_, by)| Some((by, case.under.and(&by.under)?))) else {
                    continue;
                };
                let spot = Spot::of(&case);
                let message = format!("users choose their own {what}: they write `{claim}` themselves");
                let hit = Hit::new(spot).of(resource).under(&under).message(message);
                out.report(hit.label("whoever logs in decides this").related(by.place, "the client that lets them"));
            }
        }
    }
}
