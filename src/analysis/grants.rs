//! What a role may do, policy by policy: what a policy says is read once, however many roles carry it.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use foldhash::HashMap;

use super::memo::Answers;
use super::policy::covers;

/// What a role may do, as far as it is said.
#[derive(Debug, Clone, Default)]
pub struct Grants {
    pub(super) parts: Vec<Rc<Part>>,
    /// False while the role may be allowed more than is known here.
    pub complete: bool,
}

/// What one policy allows.
#[derive(Debug, Default)]
pub struct Part {
    /// Patterns of allowed actions, `s3:Get*`; what `NotAction` leaves is `*`.
    actions: BTreeSet<String>,
    /// The same with the resources that they are allowed on, statement by statement.
    pairs: Vec<Rc<Pairs>>,
    /// False while it may allow more than is known here.
    pub(super) complete: bool,
    allowed: Answers<&'static str, bool>,
    told: Answers<&'static str, bool>,
    chosen: Answers<&'static str, Rc<[Rc<Pairs>]>>,
    services: OnceCell<BTreeSet<String>>,
    housekeeping: OnceCell<bool>,
}

/// The numbers of policies that were seen.
#[derive(Debug, Default)]
pub struct Numbers {
    by_place: HashMap<*const Part, usize>,
    by_actions: HashMap<Vec<String>, usize>,
}

/// Actions, and what each of them is allowed on.
#[derive(Debug)]
pub struct Pairs {
    /// Patterns of actions.
    pub actions: Vec<String>,
    /// Patterns of resources.
    pub resources: Vec<String>,
    /// The hosts of the services that roles may be passed to, where nothing but that is said of them.
    pub to: Option<Vec<String>>,
}

impl Part {
    /// A policy that says all that there is to it, so far nothing.
    pub(super) fn whole() -> Self {
        Self { complete: true, ..Self::default() }
    }

    pub(super) fn add(&mut self, actions: Vec<String>, resources: Vec<String>, to: Option<Vec<String>>) {
        self.actions.extend(actions.iter().cloned());
        self.pairs.push(Rc::new(Pairs { actions, resources, to }));
    }

    fn services(&self) -> &BTreeSet<String> {
        let service = |pattern: &String| pattern.split(':').next().unwrap_or(pattern).to_ascii_lowercase();
        self.services.get_or_init(|| self.actions.iter().map(service).collect())
    }

    fn only_housekeeping(&self) -> bool {
        let all = || self.actions.iter().all(|action| is_housekeeping(action));
        *self.housekeeping.get_or_init(all)
    }
}

impl Grants {
    /// Patterns of allowed actions, `s3:Get*`, policy by policy; what `NotAction` leaves is `*`.
    pub fn patterns(&self) -> impl Iterator<Item = &String> {
        self.parts.iter().flat_map(|part| &part.actions)
    }

    /// Which policies it is made of, as numbers: policies that allow the same have the same.
    #[must_use]
    pub fn numbers(&self, known: &mut Numbers) -> BTreeSet<usize> {
        let number = |part: &Rc<Part>| {
            let next = known.by_actions.len();
            let by_actions = &mut known.by_actions;
            let same = || *by_actions.entry(part.actions.iter().cloned().collect()).or_insert(next);
            *known.by_place.entry(Rc::as_ptr(part)).or_insert_with(same)
        };
        self.parts.iter().filter(|part| !part.actions.is_empty()).map(number).collect()
    }

    /// The first of the patterns, by name, that is wanted.
    #[must_use]
    pub fn first(&self, wanted: impl Fn(&String) -> bool) -> Option<&String> {
        self.parts.iter().filter_map(|part| part.actions.iter().find(|action| wanted(action))).min()
    }

    /// Whether an action is allowed on something.
    #[must_use]
    pub fn allows(&self, action: &'static str) -> bool {
        let covered = |part: &Rc<Part>| {
            part.allowed.answer(action, || part.actions.iter().any(|pattern| covers(pattern, action)))
        };
        self.parts.iter().any(covered)
    }

    /// Whether one of the patterns is as a question wants it, which goes by a name of its own.
    pub(super) fn tells(&self, question: &'static str, wanted: impl Fn(&String) -> bool) -> bool {
        self.parts.iter().any(|part| part.told.answer(question, || part.actions.iter().any(&wanted)))
    }

    /// The actions and resources of the statements that are as a question wants them, which goes by a name of its own.
    pub fn pairs(&self, question: &'static str, wanted: impl Fn(&Pairs) -> bool) -> impl Iterator<Item = Rc<Pairs>> {
        let of = move |part: &Rc<Part>| {
            let chosen = || part.pairs.iter().filter(|pairs| wanted(pairs)).cloned().collect();
            part.chosen.answer(question, chosen).to_vec()
        };
        self.parts.iter().flat_map(of)
    }

    /// The services that are reached, by prefix.
    #[must_use]
    pub fn services(&self) -> BTreeSet<&str> {
        self.parts.iter().flat_map(|part| part.services()).map(String::as_str).collect()
    }

    /// Whether there is nothing but what every function gets: to write logs and traces, to join a VPC.
    #[must_use]
    pub fn only_housekeeping(&self) -> bool {
        self.complete && self.parts.iter().all(|part| part.only_housekeeping())
    }
}

fn is_housekeeping(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    let (service, name) = action.split_once(':').unwrap_or((&action, ""));
    match service {
        "logs" | "xray" => true,
        "cloudwatch" => name == "putmetricdata",
        "ec2" => {
            name.contains("networkinterface")
                || matches!(
                    name,
                    "describesubnets"
                        | "assignprivateipaddresses"
                        | "unassignprivateipaddresses"
                        | "getsecuritygroupsforvpc"
                        | "describesecuritygroups"
                        | "describevpcs"
                )
        }
        _ => false,
    }
}
