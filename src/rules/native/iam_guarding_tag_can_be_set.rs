//! Rights that a tag of the resource limits, beside the right to set the tag.

use super::{Context, Rule, Sink};
use crate::analysis::iam::actions::{self, Action, Level};
use crate::analysis::policy::{Condition, Statement, of_owner};
use crate::resolve::{Text, Truth};
use crate::rulebook::{PolicyKind, Width};
use crate::rules::{Hit, Spot};

/// How many actions of a statement are compared: what a wildcard means has mostly the same resources.
const MOST: usize = 200;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for statement in cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity && s.value.get("Condition").is_some()) {
        let asked = statement.asked(cx.resolver);
        if !asked.effect("Allow").yes() {
            continue;
        }
        let (conditions, _) = asked.conditions();
        let Some(guard) = conditions.iter().find(|condition| tag(condition).is_some()) else { continue };
        let patterns = asked.items("Action");
        let patterns = patterns.iter().filter_map(|case| Text::of(&case.present()?).known().map(std::borrow::Cow::into_owned));
        let guarded: Vec<&Action> = patterns
            .flat_map(|pattern| actions::expand(&pattern))
            .filter(|action| action.level != Level::List && setting(action).is_none())
            .take(MOST)
            .collect();
        let beside = of_owner(cx.statements(), statement.owner).iter().filter(|s| s.kind == PolicyKind::Identity);
        let Some((tagger, answer, action)) = beside.clone().find_map(|other| free(cx, other, &guarded)) else { continue };
        let Some(under) = cx.resolver.both(&answer.under, &guard.under) else { continue };
        let name = tag(guard).unwrap_or_default();
        let message = format!("policy lets its holder set the tag `{name}`, which decides what the holder may do: it allows `{action}` freely");
        let spot = Spot { origin: answer.place.unwrap_or(tagger.origin), value: answer.value, item: Some(tagger.value.origin) };
        let hit = Hit::new(spot).of(cx.owner(statement)).under(&under).message(message);
        out.report(hit.label("sets any tag").related(guard.origin, "limits other rights to what has the tag"));
    }
}

/// The tag of the resource that a condition asks for. Tags that begin with `aws:` only AWS sets.
fn tag<'a>(condition: &Condition<'a>) -> Option<&'a str> {
    let (key, name) = condition.key.split_once('/')?;
    let lower = key.to_ascii_lowercase();
    (lower.ends_with(":resourcetag") && !name.starts_with("aws:") && condition.bare_operator().starts_with("String")).then_some(name)
}

/// Whether an action sets tags.
fn setting(action: &Action) -> Option<()> {
    let sets = ["Tag", "CreateTags", "AddTags", "Put"].iter().any(|start| action.name.starts_with(start));
    (action.level == Level::Tagging && sets).then_some(())
}

/// What in a statement lets tags be set on everything that some actions are for, and not those actions themselves.
fn free<'s, 'a>(
    cx: &Context<'_, 'a>,
    statement: &'s Statement<'a>,
    guarded: &[&'static Action],
) -> Option<(&'s Statement<'a>, crate::analysis::policy::Answer<'a>, &'static Action)> {
    let asked = statement.asked(cx.resolver);
    // Whatever the condition asks for, such as the making of what is tagged, may be enough.
    if !asked.effect("Allow").yes() || asked.has("NotAction") || asked.has("Condition") {
        return None;
    }
    let mut seen: Vec<&'static Action> = Vec::new();
    for of in guarded {
        let sets = of.service.actions().iter().filter(|action| setting(action).is_some());
        for action in sets.filter(|action| action.resources().any(|kind| of.resources().any(|other| other.name == kind.name))) {
            if !seen.iter().any(|other| std::ptr::eq(*other, action)) {
                seen.push(action);
            }
        }
    }
    seen.into_iter().find_map(|action| {
        let names = [action.to_string()];
        let answer = asked.allows(&names).into_iter().find(|answer| answer.truth.yes())?;
        let whole = asked.every_resource_of(&names).iter().any(|answer| answer.truth.yes());
        // Whoever may do all of it anyway is told of that.
        let all = asked.wildcard_action(Width::Service).iter().chain(&asked.wildcard_action(Width::Everything)).any(|wide| wide.truth.yes());
        let limits = cx.limits(statement);
        let left = limits.is_none_or(|limits| limits.stops(action, &statement.under) != Truth::Yes);
        (whole && !all && left).then_some((statement, answer, action))
    })
}
