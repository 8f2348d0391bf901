//! Identity providers whose every user may assume a role.

use super::{Context, Rule, Sink};
use crate::analysis::policy::Condition;
use crate::resolve::{Hole, Known, Piece, Text};
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
        // Who within the provider: the subject, or a claim that GitHub and GitLab add to it. Google's `oaud` is none: whoever has a
        // service account asks for a token with an audience of his choice.
        let claims = ["sub", "repository", "repository_id", "job_workflow_ref", "project_id", "project_path", "amr"];
        // For which application its users are vouched for.
        let apps = ["aud", "azp", "app_id"];
        let width = |value: &Value<'a>| {
            let values = cx.resolver.items(value, &statement.under);
            values.iter().filter_map(|v| v.present()).map(|v| open(&Text::of(&v))).max().unwrap_or(Open::No)
        };
        let place = |condition: &Condition<'a>| {
            let values = cx.resolver.items(&condition.value, &statement.under);
            let open = values.iter().filter_map(|v| Some((open(&Text::of(&v.present()?)), v.place)));
            open.max_by_key(|(open, _)| *open).map_or(condition.origin, |(_, place)| place)
        };
        for case in asked.resolver.at(&statement.value, &["Principal", "Federated"], &statement.under) {
            let items = match case.present() {
                Some(list) => cx.resolver.items(&list, &case.under),
                None => vec![case],
            };
            for item in items {
                let found = match &item.value {
                    Known::Present(value) => issuer(cx, value)
                        .or_else(|| Text::of(value).only_hole().and_then(|_| asked_issuer(&conditions))),
                    Known::Unknown(_) => asked_issuer(&conditions),
                    Known::Absent => continue,
                };
                let Some((issuer, url)) = found else { continue };
                let asked_for =
                    |claims: &[&str]| -> Vec<_> { conditions.iter().filter(|c| names(c, claims, &url)).collect() };
                let named = asked_for(&claims);
                // One narrow condition is enough: all of them must hold.
                let widest =
                    named.iter().map(|c| if is_wild(c.bare_operator()) { width(&c.value) } else { Open::No }).min();
                if widest == Some(Open::No) {
                    continue;
                }
                let for_app =
                    asked_for(&apps).iter().any(|c| !is_wild(c.bare_operator()) || width(&c.value) == Open::No);
                let (severity, words) = match (widest, issuer) {
                    (Some(Open::Organisation), _) => {
                        (Severity::High, "every repository of the organisation may assume the role")
                    }
                    (Some(Open::Namespaces), _) => (
                        Severity::Medium,
                        "a service account of this name may assume the role from every namespace of the cluster",
                    ),
                    (Some(Open::Cluster), _) => (Severity::High, "every pod of the cluster may assume the role"),
                    // Users of an application are whom such a role is for.
                    (None, Issuer::Accounts) if for_app => continue,
                    (None, Issuer::Accounts) => (
                        Severity::Critical,
                        "users of anybody's application may assume the role: no application is asked for",
                    ),
                    // For other applications or not, its tokens are those of one organisation or cluster.
                    (None, Issuer::Tenant) => (
                        Severity::High,
                        "everything that the identity provider vouches for may assume the role: no subject is asked for",
                    ),
                    (None, Issuer::Own) if for_app => {
                        (Severity::Medium, "every user of the application may assume the role: no subject is asked for")
                    }
                    (None, _) => (
                        Severity::Critical,
                        "anyone whom the identity provider knows may assume the role: no subject is asked for",
                    ),
                    (Some(_), _) => (
                        Severity::Critical,
                        "anyone whom the identity provider knows may assume the role: any subject will do",
                    ),
                };
                let at = named.first().map_or(item.place, |c| place(c));
                let spot = Spot { origin: at, value: None, item: Some(statement.value.origin) };
                let hit = Hit::new(spot).of(cx.owner(statement)).under(&item.under);
                out.report(hit.message(words).severity(severity));
            }
        }
    }
}

/// Whether a condition asks for one of some claims of an issuer's tokens. Operators that exclude do not, nor do those that
/// hold without a claim, unless it is one that every token of the issuer has.
/// <https://openid.net/specs/openid-connect-core-1_0.html#IDToken>
fn names(condition: &Condition<'_>, claims: &[&str], issuer: &str) -> bool {
    let operator = condition.operator.to_ascii_lowercase();
    let Some((of, claim)) = condition.key.rsplit_once(':') else { return false };
    let claim = claim.to_ascii_lowercase();
    let holds_without = operator.ends_with("ifexists") || operator.starts_with("forallvalues:");
    // One that is put together (in a text of JSON with signs of our own for the holes) is hardly another's.
    let own = of.eq_ignore_ascii_case(issuer) || of.contains('$') || !of.is_ascii();
    let always = ["sub", "aud"].contains(&claim.as_str()) && own;
    claims.contains(&claim.as_str()) && !operator.contains("not") && operator != "null" && (always || !holds_without)
}

fn is_wild(operator: &str) -> bool {
    ["StringLike", "ArnLike", "ArnEquals"].iter().any(|wild| wild.eq_ignore_ascii_case(operator))
}

/// How open a pattern of subjects is, the widest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Open {
    No,
    /// A service account of one name, in whichever namespace of the cluster.
    Namespaces,
    Organisation,
    Cluster,
    Everybody,
}

/// What stands for a hole: a name of which no letter is known. Who gives a parameter a wildcard is told of its default.
pub(super) const NAME: &str = "\u{1}";

/// A text with names for its holes.
pub(super) fn named(text: &Text<'_>) -> String {
    let piece = |piece: &Piece<'_>| match *piece {
        Piece::Literal(literal) => literal.to_owned(),
        Piece::Hole(_) => NAME.to_owned(),
    };
    text.pieces.iter().map(piece).collect()
}

fn open(text: &Text<'_>) -> Open {
    let known = named(text);
    let all_wild = |text: &str| text.bytes().all(|b| matches!(b, b'*' | b'?' | b'/' | b':'));
    if let Some(account) = known.strip_prefix("system:serviceaccount:") {
        let namespace = account.split(':').next().unwrap_or_default();
        return match (all_wild(account), all_wild(namespace)) {
            (true, _) => Open::Cluster,
            (false, true) => Open::Namespaces,
            (false, false) => Open::No,
        };
    }
    // CircleCI's have a name before each part: `org/…/project/…/user/…`.
    if let Some(rest) = known.strip_prefix("org/") {
        let mut values = rest.split('/').step_by(2);
        let anyone = values.next().is_some_and(all_wild);
        return match (anyone, values.all(all_wild)) {
            (true, true) => Open::Everybody,
            (false, true) => Open::Organisation,
            (_, false) => Open::No,
        };
    }
    // Behind these stands whose it is.
    const OWNED: [&str; 7] =
        ["repo:", "project_path:", "organization:", "owner:", "pulumi:deploy:org:", "pulumi:environments:org:", "org:"];
    let bare = OWNED.iter().find_map(|prefix| known.strip_prefix(prefix)).unwrap_or(&known);
    if all_wild(bare) {
        return Open::Everybody;
    }
    // What stands behind a wildcard may stand in the name of a branch, or of somebody else's organisation.
    let cut = |prefix: &&str| prefix.starts_with(known.trim_end_matches('*'));
    if known.starts_with(['*', '?']) || known.ends_with('*') && OWNED.iter().any(cut) {
        return Open::Everybody;
    }
    let owned = bare.len() < known.len();
    let between = if known.starts_with("repo:") || known.starts_with("project_path:") { '/' } else { ':' };
    let (owner, rest) = bare.split_once(between).unwrap_or((bare, ""));
    // Behind a repository or project stand the branch, the tag or the environment.
    let part = rest.split(':').next().unwrap_or_default();
    // What is not known may hold all of the owner; a group of GitLab's, a part of him.
    let certain = owner.split(NAME).next().unwrap_or(owner);
    if owned && certain.contains(['*', '?']) {
        Open::Everybody
    } else if certain.len() < owner.len() && !known.starts_with("repo:") {
        Open::No
    } else if owned && between == '/' && part.starts_with('*') && !part.contains('/') {
        Open::Organisation
    } else {
        Open::No
    }
}

/// Whom an identity provider knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Issuer {
    /// Users of everybody's applications, told apart by the application.
    Accounts,
    /// Everybody's workloads, told apart by their subject alone.
    Everybody,
    /// Workloads of one organisation or cluster.
    Tenant,
    /// Users of a directory that somebody runs for themselves.
    Own,
}

/// Services that vouch for whoever makes an account there; a path behind the host is somebody's own.
const SHARED: [&str; 7] = [
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "agent.buildkite.com",
    "oidc.vercel.com",
    "api.pulumi.com/oidc",
    "oidc.codefresh.io",
];

/// Hosts whose issuers are one for each organisation or cluster.
const TENANTS: [&str; 6] = [
    "oidc.circleci.com/",
    "api.bitbucket.org/",
    "oidc.eks.",
    "oidc.vercel.com/",
    "oidc.fly.io/",
    "oidc.semaphoreci.com",
];

/// Types that make a provider of a `Url`: CloudFormation's, and the one that the CDK's library has a function for.
const PROVIDERS: [&str; 2] = ["AWS::IAM::OIDCProvider", "Custom::AWSCDKOpenIdConnectProvider"];

/// Sort of issuer behind a principal, and what its claims' names begin with; `None` when it is none that roles are mixed up
/// about.
fn issuer(cx: &Context<'_, '_>, value: &Value<'_>) -> Option<(Issuer, String)> {
    let text = Text::of(value);
    if let Some(known) = text.known()
        && ["accounts.google.com", "graph.facebook.com", "www.amazon.com"].contains(&&*known)
    {
        return Some((Issuer::Accounts, known.into_owned()));
    }
    let url = match text.only_hole() {
        Some(Hole::Resource(id) | Hole::Attribute(id, _)) => {
            let provider = cx.resolver.resource(id).filter(|r| PROVIDERS.contains(&r.kind))?;
            let url = Text::of(&provider.property("Url")?.value);
            if matches!(url.only_hole(), Some(Hole::Attribute(_, "OpenIdConnectIssuerUrl"))) {
                return Some((Issuer::Tenant, url.pattern()));
            }
            url.pattern()
        }
        _ => text.pattern().split_once(":oidc-provider/")?.1.to_owned(),
    };
    let host = url.trim_start_matches("https://").trim_end_matches('/').to_ascii_lowercase();
    let issuer = match host.as_str() {
        host if host.is_empty() || host.starts_with(['*', '?']) || SHARED.contains(&host) => Issuer::Everybody,
        "accounts.google.com" => Issuer::Accounts,
        host if TENANTS.iter().any(|tenant| host.starts_with(tenant)) => Issuer::Tenant,
        _ => Issuer::Own,
    };
    Some((issuer, host))
}

/// The same for a provider that stands elsewhere: a token has the claims of the issuer that made it alone, so a condition on one that
/// everybody shares says who that is.
fn asked_issuer(conditions: &[Condition<'_>]) -> Option<(Issuer, String)> {
    let shared = conditions.iter().find_map(|condition| {
        let (of, _) = condition.key.rsplit_once(':')?;
        let host = SHARED.into_iter().find(|host| of.eq_ignore_ascii_case(host))?;
        names(condition, &["aud", "sub"], host).then_some(host)
    })?;
    Some((Issuer::Everybody, shared.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of several subjects the widest counts: everybody is more than a cluster.
    #[test]
    fn the_widest_subject_counts() {
        let widest = |subjects: &[&'static str]| {
            let one = |text: &&'static str| open(&Text { pieces: std::iter::once(Piece::Literal(text)).collect() });
            subjects.iter().map(one).max()
        };
        assert_eq!(widest(&["system:serviceaccount:*:*", "*"]), Some(Open::Everybody));
        assert_eq!(widest(&["system:serviceaccount:*:*", "repo:mine/*"]), Some(Open::Cluster));
        assert_eq!(widest(&["repo:mine/*", "repo:mine/shop:*"]), Some(Open::Organisation));
        assert_eq!(widest(&["org/*/project/*/user/*"]), Some(Open::Everybody));
        assert_eq!(widest(&["org/1111-2222/project/*"]), Some(Open::Organisation));
        assert_eq!(widest(&["org/*/project/3333-4444/user/*", "org/1/project/2/user/*"]), Some(Open::No));
        assert_eq!(widest(&["repo:mine/shop:ref:refs/heads/main"]), Some(Open::No));
        assert_eq!(widest(&["repo:mine/*:ref:refs/heads/main"]), Some(Open::Organisation));
        assert_eq!(widest(&["project_path:mine/*:ref_type:branch:ref:release/*"]), Some(Open::Organisation));
        assert_eq!(widest(&["project_path:mine/*/shop:ref_type:branch:ref:main"]), Some(Open::No));
        assert_eq!(widest(&["system:serviceaccount:*:shop"]), Some(Open::Namespaces));
        assert_eq!(widest(&["system:serviceaccount:shop:*"]), Some(Open::No));
    }

    /// A hole is a name: of an owner, of a repository, of a branch.
    #[test]
    fn holes_are_names() {
        let hole = Piece::Hole(Hole::Parameter { name: "Any" });
        let of = |parts: &[&'static str]| {
            let mut pieces: smallvec::SmallVec<[_; 3]> = smallvec::SmallVec::new();
            for (at, part) in parts.iter().enumerate() {
                if at > 0 {
                    pieces.push(hole);
                }
                pieces.push(Piece::Literal(part));
            }
            open(&Text { pieces })
        };
        for bounded in [
            &["", ""][..],
            &["repo:", ""],
            &["repo:", "/", ":*"],
            &["repo:mine/", ""],
            &["repo:mine/", "*"],
            &["repo:", "*"],
        ] {
            assert_eq!(of(bounded), Open::No, "{bounded:?}");
        }
        assert_eq!(of(&["project_path:", "/*"]), Open::No);
        assert_eq!(of(&["repo:", "/*"]), Open::Organisation);
        assert_eq!(of(&["repo:", "/*:*"]), Open::Organisation);
        assert_eq!(of(&["repo:*/", ":*"]), Open::Everybody);
        assert_eq!(of(&["*", ""]), Open::Everybody);
    }
}
