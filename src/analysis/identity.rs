//! The power of an identity of the template: its statements, AWS's policies that it lists, its boundary.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::functions::Facts;
use super::graph;
use super::iam::actions::{self, Action};
use super::iam::deed::Deed;
use super::iam::names::Name;
use super::iam::power::{Limiters, Power, belongs};
use super::memo::Answers;
use super::policy::{Statement, of_owner, of_sort};
use crate::resolve::{Hole, Known, Piece, Resolver, Text, Truth, Under};
use crate::rulebook::{PolicyKind, Sort, Who};
use crate::template::{Resource, Value};

/// The power of a role, a user or a group, with all that it carries; `None` for what is none.
#[must_use]
pub fn power_of<'a>(facts: &Facts<'_, '_, 'a>, at: usize) -> Option<Rc<Power<'a>>> {
    facts.kept.powers.answer(at, || {
        let identity = facts.at(at).filter(|resource| graph::is_identity(resource))?;
        let holders = graph::holders_of(facts.template, facts.resolver, facts.graph, at);
        Some(Rc::new(power(facts, at, identity, holders.iter().cloned())))
    })
}

/// What the policies of a resource say that whoever carries them may do.
#[must_use]
pub fn deed<'a>(facts: &Facts<'_, '_, 'a>, holder: usize) -> Rc<Deed<'a>> {
    facts.kept.deeds.answer(holder, || {
        let own = of_owner(facts.statements, holder).iter().filter(|s| s.kind == PolicyKind::Identity);
        Rc::new(Deed::of(facts.resolver, own))
    })
}

/// The same of what is there only in some case.
fn deed_under<'a>(facts: &Facts<'_, '_, 'a>, holder: usize, under: &Under) -> Rc<Deed<'a>> {
    if under.is_nothing() {
        return deed(facts, holder);
    }
    facts.kept.deeds_under.answer((holder, under.describe()), || {
        let own = of_owner(facts.statements, holder).iter().filter(|s| s.kind == PolicyKind::Identity);
        let here = |s: &Statement<'a>| Some(Statement { under: s.under.and(under)?, ..s.clone() });
        Rc::new(Deed::of(facts.resolver, own.filter_map(here).collect::<Vec<_>>().iter()))
    })
}

/// The power of a role, a user, a group, or of a policy by itself, given the resources whose statements it carries, and when.
#[must_use]
pub fn power<'a>(
    facts: &Facts<'_, '_, 'a>,
    at: usize,
    resource: &Resource<'a>,
    holders: impl IntoIterator<Item = (usize, Under)>,
) -> Power<'a> {
    let resolver = facts.resolver;
    let mut power = Power::counted(&facts.kept.work);
    power.machine = is_of_services(facts, at);
    let list = |power: &mut Power<'a>, of: &Resource<'a>, when: &Under| {
        for (value, under) in graph::managed_arns(resolver, of) {
            let here = under.and(when).and_then(|under| managed(facts, &value, &under));
            here.into_iter().for_each(|deed| power.carry(deed));
        }
    };
    for (holder, under) in holders {
        power.carry(deed_under(facts, holder, &under));
        // Of a group that a user is in.
        if let Some(group) = facts.at(holder).filter(|other| holder != at && graph::is_identity(other)) {
            list(&mut power, group, &under);
        }
    }
    list(&mut power, resource, &Under::always());
    if power.concerns("iam") {
        call(facts, at, resource, &mut power);
    }
    for case in graph::boundary_of(resolver, resource) {
        let value = match case.value {
            Known::Present(value) => value,
            Known::Absent => {
                power.leave_unlimited(&case.under);
                continue;
            }
            Known::Unknown(_) => {
                power.limit_somehow(&case.under);
                continue;
            }
        };
        match graph::policy_named(facts.template, resolver, facts.graph, &value) {
            Some(policy) if policy != at => {
                power.limit(deed(facts, policy), &case.under);
            }
            Some(_) | None => match managed(facts, &value, &Under::always()) {
                Some(deed) => power.limit(deed, &case.under),
                None => power.limit_somehow(&case.under),
            },
        }
    }
    power
}

/// What a policy of AWS's says under an assumption, by its ARN; `None` where its text is not known.
#[must_use]
pub fn managed<'a>(facts: &Facts<'_, '_, 'a>, arn: &Value<'a>, under: &Under) -> Option<Rc<Deed<'a>>> {
    // The partition is a hole as often as not.
    let arn = Text::of(arn).pattern();
    let question = (arn.clone(), under.describe());
    facts.kept.managed.answer(question, || Deed::managed(&arn, under).map(Rc::new))
}

/// What resources of the template are called: their type, the service and the sort in an ARN, and the properties of the path and of the name.
const NAMED: &[(&str, &str, &str, Option<&str>, &str)] = &[
    ("AWS::IAM::Role", "iam", "role", Some("Path"), "RoleName"),
    ("AWS::IAM::User", "iam", "user", Some("Path"), "UserName"),
    ("AWS::IAM::Group", "iam", "group", Some("Path"), "GroupName"),
    ("AWS::IAM::ManagedPolicy", "iam", "policy", Some("Path"), "ManagedPolicyName"),
    ("AWS::Lambda::Function", "lambda", "function", None, "FunctionName"),
];

/// The lists by which a policy names who has it, and of which sort those are.
const HOLDERS: &[(&str, &str)] = &[
    ("Roles", "role"),
    ("RoleName", "role"),
    ("Users", "user"),
    ("UserName", "user"),
    ("Groups", "group"),
    ("GroupName", "group"),
];

/// What a resource of the template is called in policies: by reference, by the name it is given, and as CloudFormation calls it where it is
/// given none. `None` where it is of another type.
#[must_use]
pub fn name_of<'a>(resolver: &Resolver<'_, 'a>, resource: &Resource<'a>) -> Option<Name<'a>> {
    let (_, service, sort, path, property) = NAMED.iter().find(|(kind, ..)| *kind == resource.kind)?;
    let mut name = Name::new(service, sort, Some(resource.id));
    let begins: Vec<(Text<'a>, Under)> = match path {
        None => vec![(text(&[Piece::Literal(sort), Piece::Literal(":")]), Under::always())],
        Some(path) => resolver
            .property(resource, &[path])
            .into_iter()
            .filter_map(|case| {
                let path = match case.value {
                    Known::Present(path) => Text::of(&path),
                    Known::Absent => text(&[Piece::Literal("/")]),
                    Known::Unknown(_) => return None,
                };
                Some((joined(&[text(&[Piece::Literal(sort)]), path]), case.under))
            })
            .collect(),
    };
    let mut ends = vec![(text(&[Piece::Hole(Hole::Resource(resource.id))]), Under::always())];
    for case in resolver.property(resource, &[property]) {
        match case.value {
            Known::Present(value) => ends.push((Text::of(&value), case.under)),
            Known::Absent => {
                let stack = Piece::Hole(Hole::Pseudo("AWS::StackName"));
                let (dash, rest) = (Piece::Literal("-"), Piece::Hole(Hole::Other));
                ends.push((text(&[stack, dash, Piece::Literal(resource.id), dash, rest]), case.under));
            }
            Known::Unknown(_) => {}
        }
    }
    for (begin, when) in &begins {
        for (end, under) in &ends {
            if let Some(under) = under.and(when) {
                name.call(&joined(&[begin.clone(), end.clone()]), &under);
            }
        }
    }
    Some(name)
}

fn text<'a>(pieces: &[Piece<'a>]) -> Text<'a> {
    Text { pieces: pieces.iter().copied().collect() }
}

fn joined<'a>(texts: &[Text<'a>]) -> Text<'a> {
    Text { pieces: texts.iter().flat_map(|text| text.pieces.iter().copied()).collect() }
}

/// Says who holds the policies of a resource, and which policies those have: who may change one of them changes itself.
fn call<'a>(facts: &Facts<'_, '_, 'a>, at: usize, resource: &Resource<'a>, power: &mut Power<'a>) {
    let mut names = Vec::new();
    if graph::is_identity(resource) {
        call_holder(facts, at, resource, &mut names);
    } else {
        names.extend(name_of(facts.resolver, resource));
        for (name, holder) in holders_named(facts, resource) {
            match holder.and_then(|at| Some((at, facts.at(at)?))) {
                Some((at, holder)) => call_holder(facts, at, holder, &mut names),
                None => names.push(name),
            }
        }
        for other_at in facts.graph.referred(at) {
            let Some(other) = facts.at(other_at).filter(|other| graph::is_identity(other)) else { continue };
            let listed = graph::managed_arns(facts.resolver, other);
            if listed.iter().any(|(arn, _)| facts.resolver.target(arn).is_some_and(|target| target.id == resource.id)) {
                call_holder(facts, other_at, other, &mut names);
            }
        }
    }
    // Whoever it is: IAM fills in the user who asks.
    if resource.kind != "AWS::IAM::Role" {
        let mut asking = Name::new("iam", "user", None);
        asking.call(&text(&[Piece::Literal("user/${aws:username}")]), &Under::always());
        names.push(asking);
    }
    names.into_iter().for_each(|name| power.call(name));
}

/// What an identity is called, the groups that it is in, and the policies that it has.
fn call_holder<'a>(facts: &Facts<'_, '_, 'a>, at: usize, holder: &Resource<'a>, names: &mut Vec<Name<'a>>) {
    names.extend(name_of(facts.resolver, holder));
    if holder.kind == "AWS::IAM::User" {
        for (name, group) in holders_named(facts, holder) {
            names.push(group.and_then(|at| name_of(facts.resolver, facts.at(at)?)).unwrap_or(name));
        }
    }
    // Others name a role, a user or a group as well: only managed policies that list it are what it has.
    for policy in facts.graph.referred(at).filter_map(|at| facts.at(at)).filter(|r| r.kind == "AWS::IAM::ManagedPolicy")
    {
        if holders_named(facts, policy).iter().any(|(_, named)| *named == Some(at)) {
            names.extend(name_of(facts.resolver, policy));
        }
    }
    for (arn, under) in graph::managed_arns(facts.resolver, holder) {
        if let Some(policy) = facts.resolver.target(&arn) {
            names.extend(name_of(facts.resolver, policy));
        } else if let Some(own) = own_policy(&Text::of(&arn)) {
            let mut name = Name::new("iam", "policy", None);
            name.call(&own, &under);
            names.push(name);
        }
    }
}

/// The last part of the ARN of a policy of one's own: nobody rewrites AWS's.
fn own_policy<'a>(arn: &Text<'a>) -> Option<Text<'a>> {
    let at = arn.pieces.iter().position(|piece| matches!(piece, Piece::Literal(text) if text.contains(":policy/")))?;
    let aws = arn.pieces.iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains(":aws:policy/")));
    let Some(Piece::Literal(literal)) = arn.pieces.get(at).filter(|_| !aws) else { return None };
    let (_, rest) = literal.split_once(":policy/")?;
    let begin = [Piece::Literal("policy/"), Piece::Literal(rest)];
    Some(Text { pieces: begin.into_iter().chain(arn.pieces.iter().skip(at + 1).copied()).collect() })
}

/// Who has a policy, or which groups a user is in, as its own properties name them; those of this template by position as well. Of a name
/// alone the path is not known: nearly all have none.
fn holders_named<'a>(facts: &Facts<'_, '_, 'a>, resource: &Resource<'a>) -> Vec<(Name<'a>, Option<usize>)> {
    let mut all = Vec::new();
    let own = NAMED.iter().find(|(kind, ..)| *kind == resource.kind).map(|(.., property)| *property);
    for (property, sort) in HOLDERS.iter().filter(|(property, _)| own != Some(*property)) {
        for list in facts.resolver.property(resource, &[property]) {
            let Some(value) = list.present() else { continue };
            for item in facts.resolver.items(&value, &list.under) {
                let Some(item_text) = item.present().map(|value| Text::of(&value)) else { continue };
                let at = item_text.only_hole().and_then(|hole| facts.graph.position(hole.resource_id()?));
                let mut name = Name::new("iam", sort, None);
                let begin = text(&[Piece::Literal(sort), Piece::Literal("/")]);
                name.call(&joined(&[begin, item_text]), &item.under);
                all.push((name, at));
            }
        }
    }
    all
}

/// Whether a role trusts a service, by its prefix: `ecs` for `ecs-tasks.amazonaws.com`.
#[must_use]
pub fn trusts(facts: &Facts<'_, '_, '_>, role: usize, service: &str) -> bool {
    trusted(facts, role).iter().any(|host| belongs(host, service))
}

/// The services that a role trusts, as its trust policy names them.
#[must_use]
pub fn trusted(facts: &Facts<'_, '_, '_>, role: usize) -> Rc<[String]> {
    facts.kept.trusted.answer(role, || {
        let trust = of_owner(facts.statements, role).iter().filter(|s| s.kind == PolicyKind::Trust);
        let hosts = trust.flat_map(|s| s.asked(facts.resolver).principal(Who::Service, &[]));
        hosts.filter_map(|host| Some(Text::of(&host.value?).pattern())).collect()
    })
}

/// Whether only services take a role on, by its trust policy.
fn is_of_services(facts: &Facts<'_, '_, '_>, at: usize) -> bool {
    let trust = of_owner(facts.statements, at).iter().filter(|s| s.kind == PolicyKind::Trust);
    let mut trust = trust.filter(|s| s.asked(facts.resolver).effect("Allow") != Truth::No).peekable();
    let others = [Who::Anyone, Who::Account, Who::Foreign, Who::Federated];
    trust.peek().is_some()
        && trust.all(|s| {
            let asked = s.asked(facts.resolver);
            let services = asked.principal(Who::Service, &[]);
            services.iter().any(|a| a.truth.yes()) && others.iter().all(|who| asked.principal(*who, &[]).is_empty())
        })
}

/// What takes rights away from the statements of a policy: denials and boundaries of every identity that carries it.
#[derive(Debug)]
pub struct Limits<'a> {
    carriers: Vec<Rc<Power<'a>>>,
    /// Whether anything of a service may be taken away.
    concerned: Answers<String, bool>,
    /// Whether an action is taken away where nothing is assumed.
    stopped: Answers<*const Action, Truth>,
    /// The same of most of what a pattern means.
    mostly: Answers<String, Truth>,
    /// And of all of it that is of a sort.
    sorts: Answers<(String, Sort), Truth>,
    /// True for a policy that only limits: it grants nothing here.
    boundary: bool,
}

impl<'a> Limits<'a> {
    /// The limits of the policies that a resource holds; `None` where there are none. Whoever is limited by the same has the
    /// same ones: a boundary is often that of every role.
    #[must_use]
    pub fn of(facts: &Facts<'_, '_, 'a>, owner: usize) -> Option<Rc<Self>> {
        let resource = facts.at(owner)?;
        let all = || graph::boundaries(facts.template, facts.resolver, facts.graph);
        let boundary = facts.kept.boundaries.get_or_init(all).contains(&owner);
        let identities = graph::carriers(facts.template, facts.resolver, facts.graph, owner);
        let alone = || Rc::new(power(facts, owner, resource, [(owner, Under::always())]));
        let alone = identities.is_empty().then(alone);
        let carriers: Vec<Rc<Power<'a>>> =
            identities.iter().filter_map(|at| power_of(facts, *at)).chain(alone).collect();
        if !boundary && !carriers.iter().all(|power| power.has_limits()) {
            return None;
        }
        let unlike: BTreeMap<Limiters, Rc<Power<'a>>> =
            carriers.into_iter().map(|power| (power.limiters(), power)).collect();
        let (limiters, carriers): (Vec<Limiters>, Vec<Rc<Power<'a>>>) = unlike.into_iter().unzip();
        Some(facts.kept.limits.answer((boundary, limiters), || {
            let (concerned, stopped) = (Answers::default(), Answers::default());
            let (mostly, sorts) = (Answers::default(), Answers::default());
            Rc::new(Self { carriers, concerned, stopped, mostly, sorts, boundary })
        }))
    }

    /// Whether anything of what a pattern means may be taken away: asked first, since most denials are of something else.
    #[must_use]
    pub fn concern(&self, pattern: &str) -> bool {
        let service = pattern.split(':').next().unwrap_or(pattern);
        let all = || self.carriers.iter().all(|power| power.limits(service));
        self.boundary || self.concerned.answer(service.to_owned(), all)
    }

    /// Whether an action is taken away from whoever has the policy, wherever an assumption holds.
    #[must_use]
    pub fn stops(&self, action: &'static Action, under: &Under) -> Truth {
        if self.boundary {
            return Truth::Maybe;
        }
        // A boundary that cannot be read takes nothing away for certain.
        let all = || Truth::from(self.carriers.iter().all(|power| power.stops(action, under)));
        // One is asked sooner than what was said is found.
        if under.is_nothing() && self.carriers.len() > 1 {
            self.stopped.answer(std::ptr::from_ref(action), all)
        } else {
            all()
        }
    }

    /// Whether all of some actions are taken away; not where there are none.
    pub fn stops_all(&self, actions: impl IntoIterator<Item = &'static Action>, under: &Under) -> Truth {
        let mut stopped = None;
        for action in actions {
            let one = self.stops(action, under);
            if one == Truth::No {
                return Truth::No;
            }
            stopped = Some(stopped.map_or(one, |all: Truth| all.and(one)));
        }
        stopped.unwrap_or(Truth::No)
    }

    /// The same of the actions of a sort among those that a pattern means.
    pub fn stops_sort(&self, pattern: &str, sort: Sort, under: &Under) -> Truth {
        let all = || self.stops_all(of_sort(sort, pattern).iter().copied(), under);
        if under.is_nothing() { self.sorts.answer((pattern.to_owned(), sort), all) } else { all() }
    }

    /// Whether so much of what a pattern means is taken away that the rest is another thing: more than half.
    #[must_use]
    pub fn stops_most_meant(&self, pattern: &str, under: &Under) -> Truth {
        let most = || self.stops_most(actions::expand(pattern), under);
        if under.is_nothing() { self.mostly.answer(pattern.to_owned(), most) } else { most() }
    }

    /// The same of some actions.
    #[must_use]
    pub fn stops_most(&self, actions: impl Iterator<Item = &'static Action>, under: &Under) -> Truth {
        let all: Vec<_> = actions.collect();
        let (mut stopped, mut perhaps) = (0_usize, 0_usize);
        for (seen, action) in all.iter().enumerate() {
            // Of all that there is, half says it already.
            if stopped * 2 > all.len() || (stopped + perhaps + all.len() - seen) * 2 <= all.len() {
                break;
            }
            match self.stops(action, under) {
                Truth::Yes => stopped += 1,
                Truth::Maybe => perhaps += 1,
                Truth::No => {}
            }
        }
        match all.len() {
            total if stopped * 2 > total => Truth::Yes,
            total if (stopped + perhaps) * 2 > total => Truth::Maybe,
            _ => Truth::No,
        }
    }
}

/// Whether anything in a template takes rights away: asked first, since most templates have nothing of the sort.
#[must_use]
pub fn has_limits(facts: &Facts<'_, '_, '_>) -> bool {
    let denies = |s: &Statement<'_>| {
        s.kind == PolicyKind::Identity && s.value.get("Effect").is_some_and(|e| e.value.as_text() != Some("Allow"))
    };
    facts.statements.iter().any(denies)
        || facts.template.resources.iter().any(|r| r.property("PermissionsBoundary").is_some())
}
