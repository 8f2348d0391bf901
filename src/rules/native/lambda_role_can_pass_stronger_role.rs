//! A function that may start something with a stronger role is as strong as that role.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use foldhash::HashMap;

use super::public_privileged_function::strength_of;
use crate::analysis::grants::{Grants, Numbers, Pairs};
use crate::analysis::graph::{Named, named};
use crate::analysis::iam::actions::lookup;
use crate::analysis::iam::power::{self, Reach};
use crate::analysis::iam::wildcard::{self, matches};
use crate::analysis::identity;
use crate::analysis::memo::Answers;
use crate::analysis::policy::{covers, of_owner};
use crate::resolve::{Case, Piece, Text, Under};
use crate::rulebook::{PolicyKind, Severity};
use crate::rules::{Context, Hit, Rule, Sink};

/// What runs with the role that it is given, or is given another one.
const STARTS: &[&str] = &[
    "lambda:CreateFunction",
    "lambda:UpdateFunctionConfiguration",
    "cloudformation:CreateStack",
    "cloudformation:UpdateStack",
    "ecs:RunTask",
    "ecs:RegisterTaskDefinition",
    "states:CreateStateMachine",
    "states:UpdateStateMachine",
    "ec2:RunInstances",
    "glue:CreateJob",
    "codebuild:CreateProject",
    "sagemaker:CreateNotebookInstance",
    "events:PutTargets",
    "scheduler:CreateSchedule",
    "lambda:CreateWebFunctionRevision",
    "lambda:RunMicrovm",
    "ecs:CreateExpressGatewayService",
    "bedrock-agentcore:CreateAgentRuntime",
    "apprunner:CreateService",
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    let kinds = OnceCell::new();
    let passing: Answers<usize, Rc<Passing>> = Answers::default();
    // Whether a role is stronger than another follows from what they allow, and many allow the same.
    let compared: Answers<(usize, usize), Option<String>> = Answers::default();
    let weighed: Answers<(usize, Option<String>), Option<Severity>> = Answers::default();
    for (_, function) in facts.all_functions() {
        for case in facts.role_cases(function) {
            let Some(own) = case.present().and_then(|v| facts.role_of(&v)) else { continue };
            let grants = facts.grants(own);
            if !STARTS.iter().any(|action| grants.allows(action)) {
                continue;
            }
            let Some(resource) = facts.at(own) else { continue };
            // Conditions, denials and boundaries count: a role may be passed to one service and started in another.
            let Some(power) = cx.power_of(own) else { continue };
            let starts: Vec<_> = STARTS
                .iter()
                .filter_map(|name| {
                    let action = lookup(name)?;
                    let here = power.allows(action, Reach::Some, &case.under)?.under;
                    power.passes_to(action.service.prefix, &here)?;
                    Some((name, action.service.prefix, here))
                })
                .collect();
            if starts.is_empty() {
                continue;
            }
            let passing = passing.answer(own, || Rc::new(Passing::of(cx, &grants)));
            let kinds = kinds.get_or_init(|| Kinds::of(cx));
            for at in kinds.candidates(cx, &passing, own) {
                let Some(role) = facts.at(at).filter(|_| facts.may_be_passed()) else { continue };
                // A role that says of nobody that it trusts him is not finished.
                let silent = kinds.is_silent(cx, at);
                let taken = |service: &str| silent || identity::trusts(&facts, at, service);
                // What is started runs with the role only when the role trusts it, and may be passed to it.
                let name = identity::name_of(cx.resolver, role);
                // It must be this role that may be passed where something may be started.
                let passed = |service: &'static str, under: &Under| match &name {
                    Some(name) => power.passes(name, service, under),
                    None => power.passes_to(service, under),
                };
                let mut ways =
                    starts.iter().filter(|(_, service, _)| taken(service)).filter_map(|(start, service, under)| {
                        let on = passing.on(role.id, service)?;
                        Some((start, passed(service, under)?.under, on))
                    });
                let Some((start, under, on)) = ways.next() else { continue };
                // `iam:PassRole` on everything has a rule of its own, unless there is something to show.
                let stronger = compared.answer((kinds.of_role(own), kinds.of_role(at)), || {
                    let other = facts.grants(at);
                    let more = other.first(|action| !grants.patterns().any(|own| covers(own, action)));
                    more.filter(|_| !other.only_housekeeping()).cloned()
                });
                let Some(stronger) = stronger else { continue };
                let message = format!(
                    "function may run {start} and pass role `{}`, so it may do {stronger} as well, which its own role does not allow",
                    role.written_id
                );
                // A launcher of tasks passes their roles: that it may is worth a look where they allow a little more.
                let severity = weighed.answer((at, under.describe()), || strength_of(cx, at, &under));
                let hit = Hit::resource(function).under(&under).message(message).related(role.key, "the stronger role");
                let hit = hit.severity(severity.unwrap_or(Severity::Medium));
                out.report(hit.related(resource.key, format!("its own role, which may pass {on}")));
                break;
            }
        }
    }
}

/// What a role may pass.
struct Passing {
    all: Vec<Rc<Pairs>>,
    /// The first of them that are of every role, by whom they may be passed to: which statement, and which resource.
    every: Vec<(usize, usize)>,
    /// Those that are of one, by its logical id.
    named: HashMap<String, Vec<(usize, usize)>>,
}

impl Passing {
    fn of(cx: &Context<'_, '_>, grants: &Grants) -> Self {
        let passes = |pairs: &Pairs| pairs.actions.iter().any(|pattern| covers(pattern, "iam:PassRole"));
        let all: Vec<Rc<Pairs>> = grants.pairs("iam:PassRole", passes).collect();
        let (mut every, mut named) = (Vec::new(), HashMap::<String, Vec<(usize, usize)>>::default());
        let mut receivers = BTreeSet::new();
        for (statement, pairs) in all.iter().enumerate() {
            for (at, on) in pairs.resources.iter().enumerate() {
                if on == "*" {
                    if receivers.insert(&pairs.to) {
                        every.push((statement, at));
                    }
                } else {
                    for id in named_by(on).map(str::to_owned).into_iter().chain(called(cx, on)) {
                        named.entry(id).or_default().push((statement, at));
                    }
                }
            }
        }
        Self { all, every, named }
    }

    /// The resource as which a role may be passed to a service.
    fn on(&self, role: &str, service: &str) -> Option<&String> {
        let of = |places: &[(usize, usize)]| {
            places.iter().copied().find(|(statement, _)| {
                let to = self.all.get(*statement).and_then(|pairs| pairs.to.as_ref());
                to.is_none_or(|hosts| hosts.iter().any(|host| power::belongs(host, service)))
            })
        };
        let named = self.named.get(role).and_then(|places| of(places));
        let (statement, at) = of(&self.every).into_iter().chain(named).min()?;
        self.all.get(statement)?.resources.get(at)
    }
}

/// The role that a resource is, which ends in `${Role.Arn}` or `:role/${Role}`.
fn named_by(on: &str) -> Option<&str> {
    let (before, inner) = on.strip_suffix('}')?.rsplit_once("${")?;
    inner.strip_suffix(".Arn").or_else(|| before.ends_with(":role/").then_some(inner))
}

/// The roles of the template that an ARN means by the name they give themselves.
fn called(cx: &Context<'_, '_>, on: &str) -> Vec<String> {
    let Some((_, name)) = on.rsplit_once(":role/") else { return Vec::new() };
    let id = |at: usize| cx.template.resources.get(at).map(|role| role.id.to_owned());
    if !name.contains(['*', '?']) {
        let arn = Text { pieces: [Piece::Literal(on)].into_iter().collect() };
        return named(Named::Role, cx.template, cx.resolver, cx.graph(), &arn).and_then(id).into_iter().collect();
    }
    let roles = cx.resources("AWS::IAM::Role").filter(|role| {
        let names = cx.resolver.property(role, &["RoleName"]);
        names.iter().filter_map(Case::text).any(|own| matches(name, &own, wildcard::Case::Exact))
    });
    roles.map(|role| role.id.to_owned()).collect()
}

/// The roles of a template by what they may do and whom they trust: those of a kind are the same to whoever may pass any.
struct Kinds {
    /// What the actions of each role are, by its position: those that allow the same have the same number.
    numbers: HashMap<usize, usize>,
    /// The first two roles of each kind: one of them is another than whoever asks.
    first: Vec<usize>,
}

impl Kinds {
    fn of(cx: &Context<'_, '_>) -> Self {
        let facts = cx.facts();
        let (mut seen, mut kinds) = (HashMap::default(), HashMap::<_, usize>::default());
        let mut policies = Numbers::default();
        let mut all = Self { numbers: HashMap::default(), first: Vec::new() };
        for (at, _) in cx.template.resources.iter().enumerate().filter(|(_, r)| r.kind == "AWS::IAM::Role") {
            let grants = facts.grants(at);
            let next = seen.len();
            let same = (grants.numbers(&mut policies), grants.only_housekeeping());
            let number = *seen.entry(same).or_insert(next);
            all.numbers.insert(at, number);
            let trusted = (!all.is_silent(cx, at)).then(|| identity::trusted(&facts, at));
            let count = kinds.entry((number, trusted)).or_default();
            *count += 1;
            if *count <= 2 {
                all.first.push(at);
            }
        }
        all
    }

    /// The number of what a role may do.
    fn of_role(&self, at: usize) -> usize {
        self.numbers.get(&at).copied().unwrap_or(usize::MAX)
    }

    /// Whether a role says of nobody that it trusts him.
    fn is_silent(&self, cx: &Context<'_, '_>, at: usize) -> bool {
        !of_owner(cx.statements(), at).iter().any(|s| s.kind == PolicyKind::Trust)
    }

    /// The roles to be looked at for one that may pass some, in the template's order: those that it names, and of each
    /// kind one.
    fn candidates(&self, cx: &Context<'_, '_>, passing: &Passing, own: usize) -> BTreeSet<usize> {
        let named = passing.named.keys().filter_map(|id| cx.graph().position(id));
        let every = self.first.iter().copied().filter(|_| !passing.every.is_empty());
        let is_role = |at: &usize| *at != own && self.numbers.contains_key(at);
        named.chain(every).filter(is_role).collect()
    }
}
