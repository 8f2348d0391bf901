//! Wildcards in the name of an action, and what they come to.

use super::{Context, Rule, Sink};
use crate::analysis::iam::{Summary, actions};
use crate::analysis::policy::{Asked, Statement, width_of};
use crate::finding::Kind as FindingKind;
use crate::resolve::{Case, Text, Truth, Under};
use crate::rulebook::{EditSpec, FixSpec, Literal, Path, PolicyKind, Severity, Width};
use crate::rules::{Hit, Spot};
use crate::template::Step;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    each_allowed(cx, &mut |statement, case, text| {
        // Nobody can write out what one of SAM's policy templates says.
        if !case.place.step.is_some_and(Step::is_of_policy_template) {
            told(cx, statement, case, text).into_iter().for_each(|hit| out.report(hit));
        }
    });
}

/// Calls back for each action, or pattern of some, that an identity is allowed.
pub(super) fn each_allowed<'a>(cx: &Context<'_, 'a>, each: &mut dyn FnMut(&Statement<'a>, &Case<'a>, &str)) {
    for statement in cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity) {
        let asked = statement.asked(cx.resolver);
        if !asked.effect("Allow").yes() {
            continue;
        }
        for case in asked.items("Action") {
            let Some(text) = case.present().and_then(|v| Text::of(&v).known()) else { continue };
            each(statement, &case, &text);
        }
    }
}

fn told<'a>(cx: &Context<'_, 'a>, statement: &Statement<'a>, case: &Case<'a>, text: &str) -> Option<Hit<'a>> {
    let meant: Vec<_> = actions::expand(text).collect();
    if width_of(text) != Some(Width::Partial) || meant.is_empty() || is_grant(cx, statement, text, &case.under) {
        return None;
    }
    // A denial or a boundary that takes most of it away leaves no wildcard.
    let limits = cx.limits(statement).filter(|limits| limits.concern(text));
    let stopped = limits.map_or(Truth::No, |limits| limits.stops_most(meant.iter().copied(), &case.under));
    if stopped == Truth::Yes {
        return None;
    }
    let summary = Summary::of(meant.iter().copied());
    let mut hit = Hit::new(Spot::in_statement(statement, case)).of(cx.owner(statement)).under(&case.under);
    hit = hit.message(format!("policy allows `{text}`: {summary}"));
    if stopped == Truth::Maybe {
        hit.kind = FindingKind::Open;
    }
    if summary.changing() == 0 {
        hit = hit.severity(Severity::Low);
    }
    if meant.len() <= 6 {
        let names: Vec<_> = meant.iter().map(ToString::to_string).collect();
        hit = hit.help(format!("Write them out: `{}`.", names.join(", ")));
        hit.fixes.extend(written_out(statement, case, &names));
    }
    Some(hit)
}

/// Wildcards that the CDK's library writes where an app says `bucket.grantRead(function)`, or `key.grantEncrypt`.
/// <https://docs.aws.amazon.com/cdk/v2/guide/permissions.html#permissions-grants>
const GRANTS: [&str; 8] = [
    "es:ESHttp*",
    "kms:GenerateDataKey*",
    "kms:ReEncrypt*",
    "s3:Abort*",
    "s3:DeleteObject*",
    "s3:GetBucket*",
    "s3:GetObject*",
    "s3:List*",
];

/// Whether an action is, in a case, what a grant of the CDK is synthesised to: for a resource, never for all.
pub(super) fn is_grant<'a>(cx: &Context<'_, 'a>, statement: &Statement<'a>, action: &str, under: &Under) -> bool {
    let granted = || GRANTS.iter().any(|grant| grant.eq_ignore_ascii_case(action));
    if !granted() || cx.owner(statement).construct_path().is_none() {
        return false;
    }
    let resources = Asked { under: under.clone(), ..statement.asked(cx.resolver) }.items("Resource");
    let every = |case: &Case<'a>| case.present().is_some_and(|it| Text::of(&it).known().as_deref() == Some("*"));
    !resources.is_empty() && !resources.iter().any(every)
}

/// The same actions, each by its name: what is allowed today stays allowed.
fn written_out<'a>(statement: &Statement<'a>, case: &Case<'a>, names: &[String]) -> Option<FixSpec> {
    let path = Path::parse("Action").ok()?;
    let texts = || names.iter().cloned().map(Literal::Text);
    let whole = statement.value.get("Action")?.value;
    // In a list the first name comes instead of the wildcard, the others at the end.
    let edits = match whole.as_list() {
        None => {
            vec![EditSpec::Set(path, if names.len() == 1 { texts().next()? } else { Literal::List(texts().collect()) })]
        }
        Some(items) => {
            let own = case.present()?.origin.span;
            items.iter().find(|item| item.origin.span == own)?;
            let rest = texts().skip(1).map(|name| EditSpec::Append(path.clone(), name));
            std::iter::once(EditSpec::Replace(texts().next()?)).chain(rest).collect()
        }
    };
    Some(FixSpec { title: "write the actions out".to_owned(), safe: true, when: None, edits })
}
