//! Rights that a tag of the resource, or of the holder, limits, beside the right to set the tag.

use std::rc::Rc;

use super::{Context, Rule, Sink};
use crate::analysis::graph;
use crate::analysis::iam::actions::{self, Action, Level, ResourceType, Service};
use crate::analysis::iam::arn::Arn;
use crate::analysis::iam::wildcard::Glob;
use crate::analysis::memo::Answers;
use crate::analysis::policy::{Answer, Asked, Condition, Statement, covers};
use crate::resolve::{Case, Text, Truth};
use crate::rulebook::{PolicyKind, Width};
use crate::rules::{Hit, Spot};

/// How many actions of a statement are compared: what a wildcard means has mostly the same resources.
const MOST: usize = 200;

/// What statements allow for nothing in return, by statement and action: each may stand beside many others that ask.
pub(super) type Freely<'a> = Answers<(*const Statement<'a>, *const Action), Option<Answer<'a>>>;

/// The statements of the policies of some resources that set tags by some actions: most guards ask for the same.
type Taggers<'s, 'a> =
    Answers<(Rc<[usize]>, Vec<*const Action>), Rc<[(&'s Statement<'a>, Answer<'a>, &'static Action)]>>;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let freely = Freely::default();
    let known = Taggers::default();
    for statement in
        cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity && s.value.get("Condition").is_some())
    {
        let asked = statement.asked(cx.resolver);
        // What is denied unless a tag is there is limited by it as well.
        let denies = asked.effect("Deny").yes();
        if !denies && !asked.effect("Allow").yes() {
            continue;
        }
        let (conditions, _) = asked.conditions();
        own(cx, &freely, statement, &conditions, out);
        let mut guards = conditions.iter().filter(|condition| tag(condition).is_some()).peekable();
        if guards.peek().is_none() {
            continue;
        }
        let patterns = asked.items("Action");
        let patterns = patterns.iter().filter_map(Case::text);
        let guarded: Vec<&Action> = patterns
            .flat_map(|pattern| actions::expand(&pattern))
            .filter(|action| action.level != Level::List && !sets(action))
            .take(MOST)
            .collect();
        let setters = setters(&guarded);
        let owners = graph::together(cx.template, cx.resolver, cx.graph(), statement.owner);
        let question = (owners, setters.iter().map(|action| std::ptr::from_ref(*action)).collect());
        let taggers = known
            .answer(question, || cx.beside(statement).filter_map(|other| free(cx, &freely, other, &setters)).collect());
        let taggers: Vec<_> =
            taggers.iter().filter(|(other, _, action)| reaches(cx, other, action, &guarded)).collect();
        // What sets the tag must be there where the tag decides.
        let Some((guard, hit, action)) = guards.find_map(|guard| {
            taggers.iter().find_map(|(tagger, answer, action)| Some((guard, told(cx, guard, tagger, answer)?, *action)))
        }) else {
            continue;
        };
        let name = tag(guard).unwrap_or_default();
        let message = format!(
            "policy lets its holder set the tag `{name}`, which decides what the holder may do: it allows `{action}` freely"
        );
        let limits = if denies { "denies by the tag" } else { "limits other rights to what has the tag" };
        out.report(hit.message(message).label("sets any tag").related(guard.origin, limits));
    }
}

/// What is limited by a tag of whoever asks, beside the right to tag oneself.
fn own<'a>(
    cx: &Context<'_, 'a>,
    freely: &Freely<'a>,
    statement: &Statement<'a>,
    conditions: &[Condition<'a>],
    out: &mut Sink<'a>,
) {
    let guards: Vec<_> = conditions.iter().filter_map(|condition| Some((condition, own_tag(cx, condition)?))).collect();
    if guards.is_empty() {
        return;
    }
    let owner = cx.owner(statement);
    let given_to = |keys: &[&str]| keys.iter().any(|key| owner.property(key).is_some());
    let setters: &[&str] = match owner.kind {
        "AWS::IAM::Role" | "AWS::IAM::RolePolicy" => &["iam:TagRole"],
        "AWS::IAM::User" | "AWS::IAM::Group" | "AWS::IAM::UserPolicy" | "AWS::IAM::GroupPolicy" => &["iam:TagUser"],
        // Nobody else can have these.
        "AWS::IAM::Policy" if !given_to(&["Users", "Groups"]) => &["iam:TagRole"],
        "AWS::IAM::Policy" if !given_to(&["Roles"]) => &["iam:TagUser"],
        // Nobody changes the roles that these become.
        "AWS::SSO::PermissionSet" => &[],
        _ => &["iam:TagUser", "iam:TagRole"],
    };
    let setters: Vec<&Action> = setters.iter().filter_map(|name| actions::lookup(name)).collect();
    let taggers: Vec<_> = cx.beside(statement).filter_map(|other| free(cx, freely, other, &setters)).collect();
    let Some((guard, name, hit, action)) = guards.iter().find_map(|(guard, name)| {
        taggers
            .iter()
            .find_map(|(tagger, answer, action)| Some((guard, name, told(cx, guard, tagger, answer)?, *action)))
    }) else {
        return;
    };
    let message = format!(
        "policy lets its holder set its own tag `{name}`, which decides what the holder may do: it allows `{action}` freely"
    );
    out.report(
        hit.message(message).label("sets any tag").related(guard.origin, "limits other rights by the holder's tag"),
    );
}

/// That one statement gets the holder around the condition of another one.
pub(super) fn told<'a>(
    cx: &Context<'_, 'a>,
    guard: &Condition<'a>,
    by: &Statement<'a>,
    answer: &Answer<'a>,
) -> Option<Hit<'a>> {
    let under = cx.resolver.both(&answer.under, &guard.under)?;
    let origin = answer.place.unwrap_or(by.origin);
    let spot = Spot { origin, value: answer.value, item: Some(by.value.origin) };
    Some(Hit::new(spot).of(cx.owner(by)).under(&under))
}

/// The tag of whoever asks that a condition looks at: by its key, or in a value, `${aws:PrincipalTag/team}`.
fn own_tag<'a>(cx: &Context<'_, 'a>, condition: &Condition<'a>) -> Option<String> {
    let named = |name: &str| (!name.is_empty() && !name.starts_with("aws:")).then(|| name.to_owned());
    if !condition.bare_operator().starts_with("String") {
        return None;
    }
    if let Some((_, name)) =
        condition.key.split_once('/').filter(|(key, _)| key.eq_ignore_ascii_case("aws:PrincipalTag"))
    {
        return named(name);
    }
    let values = cx.resolver.items(&condition.value, &condition.under);
    values.iter().filter_map(Case::text).find_map(|value| {
        let (_, rest) = value.split_once("${aws:PrincipalTag/")?;
        named(rest.split_once('}')?.0)
    })
}

/// The tag of the resource that a condition asks for. Tags that begin with `aws:` only AWS sets.
fn tag<'a>(condition: &Condition<'a>) -> Option<&'a str> {
    let (key, name) = condition.key.split_once('/')?;
    let lower = key.to_ascii_lowercase();
    let asked = lower.ends_with(":resourcetag") || lower == "s3:existingobjecttag";
    (asked && !name.starts_with("aws:") && condition.bare_operator().starts_with("String")).then_some(name)
}

/// Whether an action sets tags.
fn sets(action: &Action) -> bool {
    action.level == Level::Tagging
        && ["Tag", "CreateTags", "AddTags", "Put"].iter().any(|start| action.name.starts_with(start))
}

/// What sets the tags of the resources that some actions are for.
fn setters(guarded: &[&'static Action]) -> Vec<&'static Action> {
    let mut services: Vec<&'static Service> = Vec::new();
    for action in guarded {
        // Sessions of Systems Manager are opened on instances, which are EC2's.
        let of_kinds = action.resources().filter_map(|kind| actions::service(&kind.parts()?.service.to_text()));
        for service in std::iter::once(action.service).chain(of_kinds) {
            if !services.iter().any(|known| known.prefix == service.prefix) {
                services.push(service);
            }
        }
    }
    let common = |setter: &Action, of: &Action| {
        let same = of.service.prefix == setter.service.prefix;
        let one = |kind: &ResourceType, other: &ResourceType| {
            if same { other.name == kind.name } else { kind.parts().is_some() && kind.parts() == other.parts() }
        };
        of.resources().any(|kind| setter.resources().any(|other| one(kind, other)))
    };
    let all = services.into_iter().flat_map(Service::actions).filter(|action| sets(action));
    all.filter(|setter| guarded.iter().any(|of| common(setter, of))).collect()
}

/// What in a statement lets tags be set on everything, and does not allow all there is.
fn free<'s, 'a>(
    cx: &Context<'_, 'a>,
    freely: &Freely<'a>,
    statement: &'s Statement<'a>,
    setters: &[&'static Action],
) -> Option<(&'s Statement<'a>, Answer<'a>, &'static Action)> {
    let asked = statement.asked(cx.resolver);
    setters.iter().find_map(|action| {
        let oneself = || {
            asked
                .items("Resource")
                .iter()
                .filter_map(Case::present)
                .any(|value| Text::of(&value).ends_with("/${aws:username}").yes())
        };
        let every = || asked.every_resource_of(&[action.to_string()]).iter().any(|answer| answer.truth.yes());
        let answer = allowed_freely(cx, freely, statement, &asked, action)?;
        (every() || (action.name == "TagUser" && oneself())).then_some((statement, answer, *action))
    })
}

/// Whether some of what a statement lets be tagged is what the guarded actions are done to.
fn reaches<'a>(cx: &Context<'_, 'a>, statement: &Statement<'a>, by: &Action, guarded: &[&Action]) -> bool {
    let asked = statement.asked(cx.resolver);
    let guarded = |kind: &ResourceType| {
        guarded.iter().flat_map(|action| action.resources()).any(|other| other.parts() == kind.parts())
    };
    let named = |text: &Text<'_>| {
        let glob = Glob::text(text);
        glob.is_everything() || Arn::parse(&glob).is_some_and(|arn| by.service.covered(&arn).any(guarded))
    };
    asked.has("NotResource")
        || asked.items("Resource").iter().filter_map(Case::present).any(|value| named(&Text::of(&value)))
}

/// What in a statement allows an action for nothing in return, when nothing else takes it away.
pub(super) fn allowed_freely<'a>(
    cx: &Context<'_, 'a>,
    freely: &Freely<'a>,
    statement: &Statement<'a>,
    asked: &Asked<'_, '_, 'a>,
    action: &'static Action,
) -> Option<Answer<'a>> {
    let question = (std::ptr::from_ref(statement), std::ptr::from_ref(action));
    freely.answer(question, || read_freely(cx, statement, asked, action))
}

fn read_freely<'a>(
    cx: &Context<'_, 'a>,
    statement: &Statement<'a>,
    asked: &Asked<'_, '_, 'a>,
    action: &'static Action,
) -> Option<Answer<'a>> {
    // Whatever the condition asks for, such as the making of what is tagged, may be enough.
    if !asked.effect("Allow").yes() || asked.has("NotAction") || asked.has("Condition") {
        return None;
    }
    let names = [action.to_string()];
    let answer = asked.allows(&names).into_iter().find(|answer| answer.truth.yes())?;
    // Whoever may do all of it anyway is told of that.
    let all = [Width::Service, Width::Everything]
        .into_iter()
        .flat_map(|width| asked.wildcard_action(width))
        .any(|wide| wide.truth.yes());
    let left = || cx.limits(statement).is_none_or(|limits| limits.stops(action, &statement.under) == Truth::No);
    // A denial under a condition is how it is limited otherwise.
    let denied = || cx.beside(statement).any(|other| denies(cx, other, &names));
    (!all && left() && !denied()).then_some(answer)
}

/// Whether a statement denies one of some actions, whatever it asks for beside.
fn denies<'a>(cx: &Context<'_, 'a>, statement: &Statement<'a>, names: &[String]) -> bool {
    let asked = statement.asked(cx.resolver);
    let means = |text: &Text<'_>| text.known().is_none_or(|pattern| names.iter().any(|name| covers(&pattern, name)));
    let acts = || asked.items("Action").iter().any(|case| case.present().is_none_or(|value| means(&Text::of(&value))));
    asked.effect("Deny") != Truth::No && (asked.has("NotAction") || acts())
}
