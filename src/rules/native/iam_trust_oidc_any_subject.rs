//! Identity providers whose every user may assume a role.

use super::{Context, Rule, Sink};
use crate::resolve::{Hole, Known, Text};
use crate::rulebook::{PolicyKind, Severity};
use crate::rules::{Hit, Spot};
use crate::template::Value;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements().iter().filter(|s| s.kind == PolicyKind::Trust) {
        let asked = statement.asked(cx.resolver);
        let (conditions, unknown) = asked.conditions();
        if !asked.effect("Allow").yes() || unknown {
            continue;
        }
        // Who within the provider: the subject, or a claim that GitHub and GitLab add to it.
        let claims = ["sub", "repository", "repository_id", "job_workflow_ref", "project_id", "project_path", "amr", "oaud"];
        let named: Vec<_> = conditions
            .iter()
            .filter(|c| c.key.rsplit_once(':').is_some_and(|(_, claim)| claims.contains(&claim.to_ascii_lowercase().as_str())))
            .filter(|c| asks(&c.operator.to_ascii_lowercase()))
            .collect();
        let width = |value: &Value<'a>| {
            let values = cx.resolver.items(value, &statement.under);
            values.iter().filter_map(|v| v.present()).map(|v| open(&Text::of(&v))).max().unwrap_or(0)
        };
        // One narrow condition is enough: all of them must hold.
        let widest = named.iter().map(|c| if is_wild(c.bare_operator()) { width(&c.value) } else { 0 }).min();
        let (severity, words) = match widest {
            None => (Severity::Critical, "anyone whom the identity provider knows may assume the role: no subject is asked for"),
            Some(2) => (Severity::Critical, "anyone whom the identity provider knows may assume the role: any subject will do"),
            Some(1) => (Severity::High, "every repository of the organisation may assume the role"),
            Some(_) => continue,
        };
        for case in asked.resolver.at(&statement.value, &["Principal", "Federated"], &statement.under) {
            let Some(list) = case.present() else { continue };
            for item in cx.resolver.items(&list, &case.under) {
                let Known::Present(value) = item.value else { continue };
                if is_oidc(cx, &value) {
                    let at = named.first().map_or(item.place, |c| c.origin);
                    let spot = Spot { origin: at, value: None, item: Some(statement.value.origin) };
                    let hit = Hit::new(spot).of(cx.owner(statement)).under(&item.under);
                    out.report(hit.message(words).severity(severity));
                }
            }
        }
    }
}

/// Whether an operator, in lower case, names somebody: those that exclude, and those that hold without a claim, do not.
fn asks(operator: &str) -> bool {
    !operator.contains("not")
        && operator != "null"
        && !operator.ends_with("ifexists")
        && !operator.starts_with("forallvalues:")
}

fn is_wild(operator: &str) -> bool {
    ["StringLike", "ArnLike", "ArnEquals"].iter().any(|wild| wild.eq_ignore_ascii_case(operator))
}

/// How open a pattern of subjects is: 2 for everybody, 1 for a whole organisation.
fn open(text: &Text<'_>) -> usize {
    let pattern = text.pattern();
    let Some(known) = text.known() else {
        return usize::from(pattern.strip_prefix("repo:").is_some_and(|rest| rest.ends_with("/*") && rest.matches('/').count() == 1 && rest.len() > 3 && !rest.contains(':')));
    };
    let bare = known.strip_prefix("repo:").or_else(|| known.strip_prefix("project_path:")).unwrap_or(&known);
    if bare.bytes().all(|b| matches!(b, b'*' | b'?' | b'/' | b':')) {
        return 2;
    }
    // What stands behind a wildcard may stand in the name of a branch, or of somebody else's organisation.
    if known.starts_with(['*', '?']) || known.ends_with('*') && "repo:".starts_with(known.trim_end_matches('*')) {
        return 2;
    }
    let parts: Vec<&str> = bare.splitn(2, '/').collect();
    match parts.as_slice() {
        [owner, ..] if owner.contains(['*', '?']) && bare.len() < known.len() => 2,
        [_, rest] if bare.len() < known.len() && rest.starts_with('*') && !rest.contains("/") => 1,
        _ => 0,
    }
}

fn is_oidc(cx: &Context<'_, '_>, value: &Value<'_>) -> bool {
    let text = Text::of(value);
    let here = match text.only_hole() {
        Some(Hole::Resource(id) | Hole::Attribute(id, _)) => cx.resolver.resource(id).is_some_and(|r| r.kind == "AWS::IAM::OIDCProvider"),
        _ => false,
    };
    here || text.pattern().contains(":oidc-provider/")
}
