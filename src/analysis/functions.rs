//! What belongs to a function: its role, what the role may do, its variables, its log group, its neighbours.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use foldhash::HashMap;

use super::grants::{Grants, Part};
use super::graph::{self, Graph};
use super::iam::deed::{Deed, Work};
use super::iam::power::{Limiters, Power};
use super::iam::{grant, managed};
use super::identity::Limits;
use super::knowledge::runtimes::{self, Runtime};
use super::memo::Answers;
use super::network::{Need, WayOut};
use super::policy::{Asked, Statement, of_owner};
use super::routes::Route;
use super::runners;
use crate::resolve::{Case, Cases, Known, Resolver, Text, Truth, Under};
use crate::rulebook::PolicyKind;
use crate::template::{Origin, Resource, Template, Value};

/// What questions about functions are answered from.
#[derive(Clone, Copy)]
pub struct Facts<'s, 't, 'a> {
    /// The template.
    pub template: &'t Template<'a>,
    /// What its values are.
    pub resolver: &'s Resolver<'t, 'a>,
    /// Its references.
    pub graph: &'s Graph,
    /// Its policies.
    pub statements: &'s [Statement<'a>],
    /// What was found out so far.
    pub kept: &'s Kept<'a>,
}

/// What is asked again and again: thousands of functions may share a role, and have a log group each.
#[derive(Debug, Default)]
pub struct Kept<'a> {
    grants: Answers<usize, Rc<Grants>>,
    /// What the policies of each resource say, and those of AWS's.
    parts: Answers<usize, Rc<Part>>,
    listed: Answers<String, Rc<Part>>,
    /// What the roles of functions suggest about a VPC, and their security groups.
    pub(super) needs: Answers<(Vec<Option<usize>>, bool), Need>,
    pub(super) groups_need: Answers<BTreeSet<usize>, Need>,
    /// Where the packets of each subnet go, by its position.
    pub(super) ways_out: Answers<usize, WayOut<'a>>,
    /// The event source mappings of each function, by its logical id.
    pub(super) mappings: OnceCell<HashMap<&'a str, Vec<usize>>>,
    /// The routes of the template's APIs.
    pub(super) routes: OnceCell<Vec<Route<'a>>>,
    /// Whether each API is out of the public's reach, by position.
    pub(super) fenced: Answers<usize, bool>,
    /// Whether all search domains have public addresses.
    pub(super) public_search: OnceCell<bool>,
    groups: OnceCell<LogGroups>,
    /// The statements of each resource that say what it, or whoever carries it, may do.
    pub(super) deeds: Answers<usize, Rc<Deed<'a>>>,
    /// The same of what is there only in some case.
    pub(super) deeds_under: Answers<(usize, Option<String>), Rc<Deed<'a>>>,
    /// The policies of AWS's that are listed.
    pub(super) managed: Answers<(String, Option<String>), Option<Rc<Deed<'a>>>>,
    /// The policies that only limit.
    pub(super) boundaries: OnceCell<BTreeSet<usize>>,
    /// What each role, user and group may do.
    pub(super) powers: Answers<usize, Option<Rc<Power<'a>>>>,
    /// What takes rights away from the policies of those who are limited by the same.
    pub(super) limits: Answers<(bool, Vec<Limiters>), Rc<Limits<'a>>>,
    /// How much was compared for that.
    pub(super) work: Rc<Work>,
    /// The services that each role trusts.
    pub(super) trusted: Answers<usize, Rc<[String]>>,
    /// The resources that are reached through a VPC only, by position.
    pub(super) inside: OnceCell<Vec<usize>>,
}

impl Kept<'_> {
    /// What was not looked at, since it was too much.
    pub fn unseen(&self) -> impl Iterator<Item = &'static str> {
        self.work.notes()
    }
}

/// The log groups of a template.
#[derive(Debug, Default)]
struct LogGroups {
    /// The first of each name, by position.
    by_name: HashMap<String, usize>,
    /// Whether there are others whose names are not known.
    unknown: bool,
}

/// What runs as a role, a function mostly, in one case.
#[derive(Debug, Clone)]
pub struct User<'a> {
    /// Its position.
    pub at: usize,
    /// Where its role is named.
    pub place: Origin<'a>,
}

/// A role that more than one function, or workload, runs as.
#[derive(Debug, Clone)]
pub struct Shared<'a> {
    /// What names it, as text: `${Role.Arn}`, an ARN, an import.
    pub name: String,
    /// Its position, when it is of this template.
    pub role: Option<usize>,
    /// Who runs as it, in the template's order, each once.
    pub users: Vec<User<'a>>,
    /// The assumption under which all of them do.
    pub under: Under,
}

/// A variable of a function's environment.
#[derive(Debug, Clone)]
pub struct Variable<'a> {
    /// Its name.
    pub name: &'a str,
    /// Where the name stands.
    pub key: Origin<'a>,
    /// One of its values.
    pub case: Case<'a>,
}

/// Where a function's logs go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogGroup {
    /// A log group of this template, by position.
    Here(usize),
    /// One that Lambda makes at the first call, and keeps for ever.
    Made,
    /// One of elsewhere, or one that cannot be known.
    Unknown,
}

impl<'a> Facts<'_, '_, 'a> {
    /// The resource at a position.
    #[must_use]
    pub fn at(&self, position: usize) -> Option<&Resource<'a>> {
        self.template.resources.get(position)
    }

    /// The functions of the template that events invoke, with their positions.
    pub fn functions(&self) -> impl Iterator<Item = (usize, &Resource<'a>)> {
        self.template.resources.iter().enumerate().filter(|(_, r)| r.kind == "AWS::Lambda::Function")
    }

    /// The functions of the template and the revisions of its web functions, with their positions.
    pub fn all_functions(&self) -> impl Iterator<Item = (usize, &Resource<'a>)> {
        self.template.resources.iter().enumerate().filter(|(_, r)| runners::function(r.kind).is_some())
    }

    /// The role that a function of either sort runs as, case by case.
    #[must_use]
    pub fn role_cases(&self, function: &Resource<'a>) -> Cases<'a> {
        self.resolver.property(function, runners::role_path(function.kind))
    }

    /// The roles that several functions run as, in the order of their first function.
    #[must_use]
    pub fn shared_roles(&self) -> Vec<Shared<'a>> {
        self.shared_among(self.all_functions())
    }

    /// The roles that several of what runs somebody's code, or answers somebody's words, run as: functions are among them.
    #[must_use]
    pub fn roles_of_workloads(&self) -> Vec<Shared<'a>> {
        self.shared_among(self.template.resources.iter().enumerate().filter(|(_, r)| runners::is_workload(r.kind)))
    }

    fn shared_among<'r>(&self, users: impl Iterator<Item = (usize, &'r Resource<'a>)>) -> Vec<Shared<'a>>
    where
        'a: 'r,
    {
        let mut order: Vec<String> = Vec::new();
        let mut groups: BTreeMap<String, Vec<(User<'a>, Under)>> = BTreeMap::new();
        // Revisions of one web function may have one role.
        let mut revised = BTreeSet::new();
        // Who writes the service can give a role to none of the framework's own.
        for (at, resource) in users.filter(|(_, user)| !user.is_frameworks_own()) {
            let revision_of = (resource.kind == "AWS::Lambda::WebFunctionRevision").then(|| self.names(resource));
            for case in self.role_cases(resource) {
                let Some(value) = case.present() else { continue };
                let Some(name) = Text::of(&value).identity() else { continue };
                let name = self.role_of(&value).and_then(|at| self.at(at)).map_or(name, |role| role.id.to_owned());
                let of = revision_of.as_ref().and_then(|names| names.last());
                if of.is_some_and(|of| !revised.insert((name.clone(), of.clone()))) {
                    continue;
                }
                if !groups.contains_key(&name) {
                    order.push(name.clone());
                }
                groups.entry(name).or_default().push((User { at, place: case.place }, case.under));
            }
        }
        let mut all = Vec::new();
        for name in order {
            let Some(users) = groups.get(&name).filter(|users| users.len() > 1) else { continue };
            // The largest set that can be there together, begun at each of the first few.
            let best = (0..users.len().min(8))
                .map(|first| together(users, first))
                .max_by_key(|(set, under)| (set.len(), under.is_always()));
            if let Some((users, under)) = best.filter(|(users, _)| users.len() > 1) {
                let role =
                    self.graph.position(&name).filter(|at| self.at(*at).is_some_and(|r| r.kind == "AWS::IAM::Role"));
                all.push(Shared { name, role, users, under });
            }
        }
        all
    }

    /// The role of this template that a value names.
    #[must_use]
    pub fn role_of(&self, value: &Value<'a>) -> Option<usize> {
        let text = Text::of(value);
        let mut ids = text.holes().filter_map(|hole| hole.resource_id());
        let by_reference = ids
            .find_map(|id| self.graph.position(id))
            .filter(|at| self.at(*at).is_some_and(|r| r.kind == "AWS::IAM::Role"));
        by_reference.or_else(|| self.role_named(&text))
    }

    /// The role of this template that has the name in an ARN.
    #[must_use]
    pub fn role_named(&self, arn: &Text<'_>) -> Option<usize> {
        graph::named(graph::Named::Role, self.template, self.resolver, self.graph, arn)
    }

    /// Counts a role that another may pass; false when that were too many.
    #[must_use]
    pub fn may_be_passed(&self) -> bool {
        self.kept.work.pass()
    }

    /// What a role of this template may do.
    #[must_use]
    pub fn grants(&self, role: usize) -> Rc<Grants> {
        self.kept.grants.answer(role, || Rc::new(self.work_out_grants(role)))
    }

    fn work_out_grants(&self, role: usize) -> Grants {
        let Some(resource) = self.at(role) else { return Grants::default() };
        let mut parts = Vec::new();
        let holders = graph::holders_of(self.template, self.resolver, self.graph, role);
        for holder in graph::each_once(&holders) {
            parts.push(self.kept.parts.answer(holder, || Rc::new(self.said_by(holder))));
        }
        for (value, _) in graph::managed_arns(self.resolver, resource) {
            if graph::policy_named(self.template, self.resolver, self.graph, &value).is_none() {
                // The partition is a hole as often as not.
                let arn = Text::of(&value).pattern();
                parts.push(self.kept.listed.answer(arn.clone(), || Rc::new(said_by_aws(&arn))));
            }
        }
        let is_listed = |case: &Case<'a>| match case.value {
            Known::Absent => true,
            Known::Present(list) => list.as_list().is_some() && case.parameter.is_none(),
            Known::Unknown(_) => false,
        };
        let listed = self.resolver.property(resource, &["ManagedPolicyArns"]).iter().all(is_listed);
        let complete = listed && self.template.unknown_parts.is_empty() && parts.iter().all(|part| part.complete);
        Grants { parts, complete }
    }

    /// What the policies of a resource say.
    fn said_by(&self, holder: usize) -> Part {
        let mut part = Part::whole();
        // A document that cannot be read, a text that something else takes the place of, may say anything.
        let document = self.at(holder).and_then(|r| r.property("PolicyDocument"));
        if of_owner(self.statements, holder).is_empty() && document.is_some_and(|e| e.value.as_map().is_none()) {
            part.complete = false;
        }
        for statement in of_owner(self.statements, holder).iter().filter(|s| s.kind == PolicyKind::Identity) {
            let asked = Asked { resolver: self.resolver, value: statement.value, under: statement.under.clone() };
            if !asked.effect("Allow").yes() {
                part.complete &= asked.effect("Allow") == Truth::No;
                continue;
            }
            let mut resources: Vec<String> = asked.items("Resource").iter().map(shown).collect();
            if asked.has("NotResource") || resources.is_empty() {
                resources.push("*".to_owned());
            }
            let mut actions: Vec<String> = Vec::new();
            if asked.has("NotAction") {
                actions.push("*".to_owned());
            }
            for case in asked.items("Action") {
                match case.present().and_then(|v| Text::of(&v).known()) {
                    Some(action) => actions.push(action.into_owned()),
                    None => part.complete = false,
                }
            }
            part.add(actions, resources, grant::passed_to(&asked));
        }
        part
    }

    /// What the roles of a function may do, all of them together.
    #[must_use]
    pub fn grants_of_function(&self, function: &Resource<'a>) -> Rc<Grants> {
        let roles = self.roles_of_function(function);
        if let [Some(only)] = roles.as_slice() {
            return self.grants(*only);
        }
        let mut all = Grants { complete: true, ..Grants::default() };
        for role in roles {
            match role.map(|role| self.grants(role)) {
                Some(grants) => {
                    all.parts.extend(grants.parts.iter().cloned());
                    all.complete &= grants.complete;
                }
                None => all.complete = false,
            }
        }
        Rc::new(all)
    }

    /// The roles of a function, case by case; `None` for one that is not of this template.
    #[must_use]
    pub fn roles_of_function(&self, function: &Resource<'a>) -> Vec<Option<usize>> {
        let cases = self.role_cases(function);
        cases.iter().map(|case| case.present().and_then(|value| self.role_of(&value))).collect()
    }

    /// The variables of a function's environment, with every value they may have.
    #[must_use]
    pub fn environment(&self, function: &Resource<'a>) -> Vec<Variable<'a>> {
        let mut all = Vec::new();
        let Some(sort) = runners::function(function.kind) else { return all };
        for case in self.resolver.property(function, sort.variables) {
            let Some(map) = case.present().and_then(|v| v.as_map()) else { continue };
            for entry in map.entries {
                for value in self.resolver.cases(&entry.value, &case.under) {
                    all.push(Variable { name: entry.key, key: entry.key_origin, case: value });
                }
            }
        }
        all
    }

    /// The runtimes of a function of either sort that are known ones, each with its value and the assumption under which it is the one.
    pub fn runtimes(&self, function: &Resource<'a>) -> impl Iterator<Item = (Runtime, Value<'a>, Under)> {
        let path = runners::function(function.kind).map(|sort| sort.runtime);
        let cases = path.map(|path| self.resolver.property(function, path)).unwrap_or_default();
        cases.into_iter().filter_map(|case| {
            let value = case.present()?;
            Some((runtimes::runtime(&Text::of(&value).known()?)?, value, case.under))
        })
    }

    /// The names that a function can be called by in other texts: `${Id}`, and its own name.
    #[must_use]
    pub fn names(&self, function: &Resource<'a>) -> Vec<String> {
        let mut names = vec![format!("${{{}}}", function.id)];
        for case in self.resolver.property(function, &["FunctionName"]) {
            names.extend(case.present().and_then(|v| Text::of(&v).identity()));
        }
        names
    }

    /// Where a function's logs go.
    #[must_use]
    pub fn log_group(&self, function: &Resource<'a>) -> LogGroup {
        let Some(sort) = runners::function(function.kind) else { return LogGroup::Unknown };
        let usual = |name: &String| format!("{}{name}", sort.usual_log_group);
        let mut wanted: Vec<String> = self.names(function).iter().map(usual).collect();
        for case in self.resolver.property(function, sort.log_group) {
            match case.value {
                Known::Absent => {}
                Known::Unknown(_) => return LogGroup::Unknown,
                Known::Present(value) => {
                    if let Some(position) = self.resolver.target(&value).and_then(|r| self.graph.position(r.id)) {
                        return LogGroup::Here(position);
                    }
                    match Text::of(&value).identity() {
                        Some(name) => wanted = vec![name],
                        None => return LogGroup::Unknown,
                    }
                }
            }
        }
        let usual = wanted.iter().all(|name| name.starts_with("/aws/lambda/"));
        let groups = self.kept.groups.get_or_init(|| self.log_groups());
        if let Some(at) = wanted.iter().filter_map(|name| groups.by_name.get(name)).min() {
            return LogGroup::Here(*at);
        }
        let unknown = groups.unknown || !self.template.unknown_parts.is_empty();
        if unknown || !usual { LogGroup::Unknown } else { LogGroup::Made }
    }

    fn log_groups(&self) -> LogGroups {
        let mut groups = LogGroups::default();
        for (at, group) in self.template.resources.iter().enumerate() {
            if !matches!(group.kind, "AWS::Logs::LogGroup" | "Custom::LogRetention") {
                continue;
            }
            for case in self.resolver.property(group, &["LogGroupName"]) {
                match case.value {
                    Known::Absent => {}
                    Known::Unknown(_) => groups.unknown = true,
                    Known::Present(value) => match Text::of(&value).identity() {
                        Some(name) => {
                            groups.by_name.entry(name).or_insert(at);
                        }
                        None => groups.unknown = true,
                    },
                }
            }
        }
        groups
    }
}

/// What a policy of AWS's allows.
fn said_by_aws(arn: &str) -> Part {
    let Some(statements) = managed::of_arn(arn).and_then(|policy| policy.statements()) else { return Part::default() };
    let mut part = Part::whole();
    for statement in statements.iter().filter(|s| s.allows) {
        let actions = if statement.except { vec!["*".to_owned()] } else { statement.actions.clone() };
        let resources: Vec<String> = statement.resources.iter().map(|r| (*r).to_owned()).collect();
        part.add(actions, resources, statement.passed_to().map(|(hosts, _)| hosts));
    }
    part
}

/// The users that can be there together with one of them.
fn together<'a>(users: &[(User<'a>, Under)], first: usize) -> (Vec<User<'a>>, Under) {
    let mut under = Under::always();
    let mut set: Vec<User<'a>> = Vec::new();
    for (user, case) in users.iter().skip(first) {
        if set.iter().any(|other| other.at == user.at) {
            continue;
        }
        if let Some(both) = under.and(case) {
            under = both;
            set.push(user.clone());
        }
    }
    (set, under)
}

/// A resource of a statement as a pattern.
fn shown(case: &Case<'_>) -> String {
    match case.present() {
        Some(value) => Text::of(&value).identity().unwrap_or_else(|| "?".to_owned()),
        None => "?".to_owned(),
    }
}
