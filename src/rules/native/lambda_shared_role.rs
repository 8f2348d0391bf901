//! One role behind several functions: each may do what any of them needs.

use crate::analysis::functions::{Facts, Shared};
use crate::analysis::grants::Grants;
use crate::analysis::graph::managed_arns;
use crate::analysis::iam::actions;
use crate::analysis::iam::escalation::returns_credentials;
use crate::analysis::policy::Statement;
use crate::analysis::sharing::{self, Spare};
use crate::rulebook::{Confidence, Severity};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Resource;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for shared in facts.shared_roles() {
        let Some(first) = shared.users.first() else { continue };
        let role = shared.role.and_then(|at| facts.at(at));
        let grants = shared.role.map(|at| facts.grants(at));
        // The framework's own role that grants nothing yet, or what it adds for events: nobody has written anything that could be split.
        let made = shared.role.filter(|_| role.is_some_and(|r| r.made_by.is_some()));
        if made.is_some_and(|at| grants.as_deref().is_some_and(Grants::only_housekeeping) || nothing_written(cx, at)) {
            continue;
        }
        let names: Vec<&str> = shared.users.iter().filter_map(|u| facts.at(u.at)).map(|f| f.written_id).collect();
        let spot = Spot::missing(role.map_or(first.place, |r| r.key));
        let Some(about) = role.or_else(|| facts.at(first.at)) else { continue };
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
        let spares = sharing::spares(&facts, cx.names(), &shared);
        hit = hit.message(format!(
            "{what} is shared by {} functions ({}), and {}{}",
            names.len(),
            listed(&names),
            may(grants.as_deref()),
            without(&facts, &spares)
        ));
        hit = hit.label(format!("used by {}", listed(&names)));
        hit.severity = severity(cx, &shared, grants.as_deref());
        if grants.as_ref().is_none_or(|g| !g.complete) {
            hit.confidence = Some(Confidence::Medium);
        }
        // A role that stands elsewhere is shared for certain, but may do no more than write logs.
        if grants.is_none() {
            hit = hit.severity(Severity::Low);
        }
        if let Some(help) = remedy(cx, role.is_some_and(|r| r.made_by.is_some())) {
            hit = hit.help(help);
        }
        out.report(related(hit, &facts, &shared, &spares));
    }
}

/// Whether the user gave a role neither a statement nor a policy.
fn nothing_written(cx: &Context<'_, '_>, role: usize) -> bool {
    let listed = cx.template.resources.get(role).map(|role| managed_arns(cx.resolver, role)).unwrap_or_default();
    // What the framework makes of an event stands in one place, all of it.
    let own = |statement: &Statement<'_>| {
        let actions = ["Action", "NotAction"].into_iter().find_map(|key| statement.value.get(key));
        actions.is_some_and(|actions| actions.value.origin.span != statement.value.origin.span)
    };
    !cx.statements_of(role).into_iter().any(own) && listed.iter().all(|(policy, _)| !policy.origin.is_written())
}

/// The functions as related places, each with what it could do without; then the statements that only some need.
pub(super) fn related<'a>(
    mut hit: Hit<'a>,
    facts: &Facts<'_, '_, 'a>,
    shared: &Shared<'a>,
    spares: &[Spare<'a>],
) -> Hit<'a> {
    for user in shared.users.iter().take(20) {
        let Some(function) = facts.at(user.at) else { continue };
        let without: Vec<&str> =
            spares.iter().filter(|s| s.not_by.contains(&user.at)).map(|s| s.resource.written_id).collect();
        let never = if without.is_empty() { String::new() } else { format!(", and never names {}", listed(&without)) };
        hit = hit.related(function.key, format!("`{}` runs with it{never}", function.written_id));
    }
    for spare in spares.iter().take(5) {
        let only: Vec<&str> = spare.needed_by.iter().filter_map(|at| facts.at(*at)).map(|f| f.written_id).collect();
        let names = if only.len() == 1 { "names" } else { "name" };
        hit = hit.related(spare.origin, format!("only {} {names} `{}`", listed(&only), spare.resource.written_id));
    }
    hit
}

/// The first thing that a function could do without, in half a sentence.
pub(super) fn without(facts: &Facts<'_, '_, '_>, spares: &[Spare<'_>]) -> String {
    let Some(first) = spares.first() else { return String::new() };
    let names: Vec<&str> = first.not_by.iter().filter_map(|at| facts.at(*at)).map(|f| f.written_id).collect();
    let never = if names.len() == 1 { "never names" } else { "never name" };
    format!(", although {} {never} `{}`", listed(&names), first.resource.written_id)
}

/// What the role may do decides how bad it is that several have it.
pub(super) fn severity<'a>(cx: &Context<'_, 'a>, shared: &Shared<'a>, grants: Option<&Grants>) -> Option<Severity> {
    let grants = grants?;
    if grants.only_housekeeping() {
        return Some(Severity::Info);
    }
    let strong = ["iam:PassRole", "iam:PutRolePolicy", "iam:AttachRolePolicy", "iam:CreateAccessKey", "sts:AssumeRole"];
    if strong.iter().any(|action| grants.allows(action)) || grants.patterns().any(|a| a == "*") {
        return Some(Severity::High);
    }
    let at = shared.role?;
    if !cx.power_of(at)?.ways(&shared.under).is_empty() {
        return Some(Severity::High);
    }
    // To read what others may read as well is the least of it, unless it is secrets.
    let reads = |pattern: &String| {
        let housekeeping = matches!(pattern.split(':').next(), Some("logs" | "xray"));
        housekeeping || actions::expand(pattern).all(|a| !a.level.changes() && !returns_credentials(a))
    };
    (grants.complete && grants.patterns().all(reads)).then_some(Severity::Low)
}

pub(super) fn may(grants: Option<&Grants>) -> String {
    match grants {
        None => "what it may do cannot be seen here".to_owned(),
        Some(grants) if grants.patterns().any(|a| a == "*") => "each of them may do everything".to_owned(),
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

pub(super) fn listed(names: &[&str]) -> String {
    let shown = names.iter().take(4).copied().collect::<Vec<_>>().join(", ");
    if names.len() > 4 { format!("{shown} and {} more", names.len() - 4) } else { shown }
}

/// The one thing to type, in the language that the user writes.
fn remedy(cx: &Context<'_, '_>, made: bool) -> Option<String> {
    if let Some(service) = cx.resources("Serverless::Service").next() {
        let own = "Name a role of its own under `role` of each function, with the statements that its code needs and no others.";
        return Some(if made { split(service) } else { own.to_owned() });
    }
    let sam = cx.resources("AWS::Serverless::Function").next().is_some();
    (sam && !made)
        .then(|| "Remove `Role` and give each function its own `Policies`: SAM makes a role for each".to_owned())
}

/// Gives each function that asks for it a role of its own. <https://github.com/functionalone/serverless-iam-roles-per-function>
const PLUGIN: &str = "serverless-iam-roles-per-function";

/// How serverless.yml gives each function a role of its own; version 4 of the framework needs no plugin for it.
pub(super) fn split(service: &Resource<'_>) -> String {
    let plugins = service.property("plugins").map(|e| e.value);
    let modules = plugins.map(|plugins| plugins.get("modules").map_or(plugins, |modules| modules.value));
    if modules.is_some_and(|all| all.items().iter().any(|plugin| plugin.as_text() == Some(PLUGIN))) {
        return format!("Move the statements to `functions.<name>.iamRoleStatements`: `{PLUGIN}` is there.");
    }
    let version = service.property("frameworkVersion").and_then(|e| e.value.as_text()).unwrap_or("");
    let major = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    match major.chars().next() {
        Some('4') => "Set `provider.iam.role.mode: perFunction`, and move the statements to `functions.<name>.iam.role.statements`.",
        Some('1'..='3') => "Install `serverless-iam-roles-per-function`, and move the statements to `functions.<name>.iamRoleStatements`.",
        Some(_) | None => "Move the statements to `functions.<name>`: with the plugin `serverless-iam-roles-per-function`, or in version 4 with `provider.iam.role.mode: perFunction`.",
    }
    .to_owned()
}
