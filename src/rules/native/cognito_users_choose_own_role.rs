//! A role or a tag that follows an attribute which users write themselves.

use crate::analysis::walk::at_path;
use crate::resolve::{Case, Known, Text};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

/// Where an identity pool follows what a token says, and what it gives for that.
const FOLLOWED: [(&str, &str, &str); 2] = [
    ("AWS::Cognito::IdentityPoolRoleAttachment", "RoleMappings.*.RulesConfiguration.Rules[].Claim", "role"),
    ("AWS::Cognito::IdentityPoolPrincipalTag", "PrincipalTags.*", "tags"),
];

/// What every user says about himself: a client lets them be written that does not list what it lets.
const STANDARD: [&str; 17] = [
    "address",
    "birthdate",
    "email",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let known = |case: &Case<'a>| {
        let text = Text::of(&case.present()?).known()?;
        (text.starts_with("custom:") || STANDARD.contains(&text.as_ref())).then_some(text)
    };
    let clients = || cx.resources("AWS::Cognito::UserPoolClient");
    let written = clients().flat_map(|client| at_path(cx.resolver, client, "WriteAttributes[]"));
    let written: Vec<_> = written.filter_map(|case| Some((known(&case)?, case))).collect();
    let silent = clients().flat_map(|client| at_path(cx.resolver, client, "WriteAttributes"));
    let silent: Vec<_> = silent.filter(|case| matches!(case.value, Known::Absent)).collect();
    for (kind, path, what) in FOLLOWED {
        for resource in cx.resources(kind) {
            for case in at_path(cx.resolver, resource, path) {
                let Some(claim) = known(&case) else { continue };
                let own = claim.starts_with("custom:");
                // A tag of such a name is mostly there to be read, not to be asked for.
                if !own && (what != "role" || is_verified(cx, &claim)) {
                    continue;
                }
                let named = written.iter().filter(|(attribute, _)| *attribute == claim).map(|(_, by)| by);
                let mut both = named.chain(silent.iter().filter(|_| !own));
                let Some((by, under)) = both.find_map(|by| Some((by, case.under.and(&by.under)?))) else {
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

/// Whether a new address or number may count only once its owner has shown that it is his; so too where the pool stands elsewhere.
fn is_verified(cx: &Context<'_, '_>, claim: &str) -> bool {
    let asked = "UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate[]";
    let mut pools = cx.resources("AWS::Cognito::UserPool").peekable();
    let checked = ["email", "phone_number"].contains(&claim);
    checked
        && (pools.peek().is_none()
            || pools.flat_map(|pool| at_path(cx.resolver, pool, asked)).any(|case| {
                case.present().is_none_or(|value| Text::of(&value).known().is_none_or(|text| text == claim))
            }))
}
