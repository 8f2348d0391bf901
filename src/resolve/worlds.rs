//! Conditions, evaluated over the values that parameters may have.
//!
//! Parameters that conditions look at are variables with a finite domain: the default, the constants they
//! are compared with, and "anything else"; where a function looks at one, each value that it is allowed, or
//! that the mapping has that it is looked up in. Variables that meet in a condition form a component; a world
//! is one choice for each variable of a component. A condition is the set of worlds in which it is true, so
//! whether assumptions can hold together is an intersection of bit sets.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt, HashSet, HashSetExt};

use super::under::{Bits, Under, describe};
use super::{Given, MAX_CASES, MAX_WORLDS, Truth};
use crate::template::{Entry, Intrinsic, Kind, Template, Value};

mod answer;
mod question;
mod seen;

use answer::World;
use question::question;
use seen::{Seen, constants, keys_of};

/// How deep conditions may refer to conditions, and expressions nest.
const MAX_DEPTH: usize = 64;

/// How many values of one condition are looked at for what parameters are compared with.
const MAX_LOOKS: usize = 10_000;

/// How many parameters and comparisons are tracked; CloudFormation itself allows 200 parameters.
const MAX_VARIABLES: usize = 4096;

/// How many expressions are looked at to evaluate all conditions in all worlds.
const MAX_STEPS: u32 = 5_000_000;

/// How many combinations of parameters that conditions look at through functions are told apart.
const MAX_THROUGH: usize = 256;

/// How many allowed values a parameter outside of conditions may have to be tracked from use to use.
const MAX_TRACKED: usize = 64;

/// The conditions of a template and what they stand on.
#[derive(Clone)]
pub(super) struct Worlds<'a> {
    variables: Vec<Variable<'a>>,
    by_name: HashMap<&'a str, usize>,
    by_key: HashMap<Key<'a>, usize>,
    /// Comparisons that we cannot evaluate, as [`question`] spells them.
    by_question: HashMap<String, usize>,
    expressions: HashMap<&'a str, Value<'a>>,
    /// How many expressions may still be looked at.
    steps: Cell<u32>,
    components: Vec<Component>,
    conditions: HashMap<&'a str, Condition>,
    /// Whether some conditions meet in more worlds than are looked at.
    split: bool,
    /// Whether values were told apart because conditions look at them through functions.
    apart: bool,
    notes: Vec<String>,
    /// What is taken for granted throughout.
    supposed: Under,
}

/// Something that is chosen at deployment.
#[derive(Clone)]
struct Variable<'a> {
    choices: Vec<Choice<'a>>,
    /// What it may be when it is none of its choices' texts; `None` when that may be anything.
    rest: Option<Vec<&'a str>>,
    component: u16,
    /// A world's choice for it is `world / stride % choices.len()`.
    stride: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Key<'a> {
    /// A parameter or a pseudo parameter.
    Name(&'a str),
    /// A comparison that we cannot evaluate, by the address of its expression.
    Opaque(usize),
    /// A condition whose parts are too many to take apart.
    Whole(&'a str),
}

/// One value that a variable may have.
#[derive(Clone, Copy, Debug)]
pub(super) struct Choice<'a> {
    /// The text; `None` for anything that is not one of the others.
    pub(super) text: Option<&'a str>,
    /// True for the parameter's default.
    pub(super) default: bool,
}

#[derive(Clone)]
struct Component {
    variables: Vec<usize>,
    size: usize,
}

#[derive(Clone)]
enum Condition {
    Constant(Truth),
    Over { component: u16, yes: Bits, no: Bits },
}

impl<'a> Worlds<'a> {
    pub(super) fn new(template: &Template<'a>, given: &BTreeMap<String, Given>) -> Self {
        let worlds = Self::of(template, given, MAX_THROUGH);
        if !worlds.split || !worlds.apart {
            return worlds;
        }
        // Telling apart what is looked at through functions may be what made them too many.
        let plain = Self::of(template, given, 0);
        if plain.split { worlds } else { plain }
    }

    fn of(template: &Template<'a>, given: &BTreeMap<String, Given>, most: usize) -> Self {
        let mut worlds = Self {
            variables: Vec::new(),
            by_name: HashMap::new(),
            by_key: HashMap::new(),
            by_question: HashMap::new(),
            expressions: template.conditions.iter().map(|c| (c.key, c.value)).collect(),
            steps: Cell::new(MAX_STEPS),
            components: Vec::new(),
            conditions: HashMap::new(),
            split: false,
            apart: false,
            notes: Vec::new(),
            supposed: Under::always(),
        };
        if template.conditions.is_empty() && template.parameters.iter().all(|p| p.allowed.is_empty()) {
            return worlds;
        }
        worlds.variables_of(template, given, most);
        let sets = worlds.variables_by_condition(template);
        worlds.components_of(template, &sets);
        worlds.evaluate(template, &sets);
        if worlds.steps.get() == 0 || worlds.variables.len() >= MAX_VARIABLES {
            worlds.notes.push("conditions are too many or too long to be evaluated in full".to_owned());
        }
        worlds
    }

    /// Counts an expression that is looked at; false when that were too many.
    fn step(&self) -> bool {
        self.steps.set(self.steps.get().saturating_sub(1));
        self.steps.get() > 0
    }

    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// See [`super::Resolver::assume`].
    pub(super) fn assume(&self, under: &Under, name: &str, truth: bool) -> Option<Under> {
        let said = || describe(name, truth);
        // What is not followed is true or false all the same, and stays that.
        let open = || under.and(&Under::always().said(said()));
        match self.conditions.get(name) {
            None | Some(Condition::Constant(Truth::Maybe)) => open(),
            Some(Condition::Constant(Truth::Yes)) => truth.then(|| under.clone()),
            Some(Condition::Constant(Truth::No)) => (!truth).then(|| under.clone()),
            Some(Condition::Over { component, yes, no }) => {
                under.narrow(*component, if truth { yes } else { no }, said)
            }
        }
    }

    /// That one of some conditions is true, and that it is false, where it may be either. Of two that come to the same only one is there.
    pub(super) fn suppositions<'n>(&self, conditions: &BTreeSet<&'n str>) -> Vec<(&'n str, Under)> {
        let mut all: Vec<(u16, &Bits, &'n str, bool)> = Vec::new();
        for name in conditions {
            let Some(Condition::Over { component, yes, no }) = self.conditions.get(name) else { continue };
            // Where it cannot be told whether it is true, it is both; and what is always so need not be supposed.
            if yes.is_apart(no) && !yes.is_empty() && !no.is_empty() {
                all.extend([(true, yes), (false, no)].map(|(truth, worlds)| (*component, worlds, *name, truth)));
            }
        }
        all.sort_by_key(|(_, worlds, name, truth)| (Reverse(worlds.share()), !truth, *name));
        let mut known: HashSet<(u16, &Bits)> = HashSet::new();
        all.retain(|(component, worlds, ..)| known.insert((*component, *worlds)));
        let narrow = |(component, worlds, name, truth): (u16, &Bits, &'n str, bool)| {
            Some((name, Under::always().narrow(component, worlds, || describe(name, truth))?))
        };
        all.into_iter().filter_map(narrow).collect()
    }

    pub(super) const fn supposed(&self) -> &Under {
        &self.supposed
    }

    /// The same where an assumption is taken for granted: what follows from it is so, and need not be said.
    pub(super) fn supposing(&self, under: &Under) -> Self {
        let left = |condition: &Condition| match condition {
            Condition::Constant(truth) => Condition::Constant(*truth),
            Condition::Over { component, yes, no } => match under.worlds(*component) {
                None => condition.clone(),
                Some(left) => match (yes.and(left), no.and(left)) {
                    (yes, _) if yes.is_empty() => Condition::Constant(Truth::No),
                    (_, no) if no.is_empty() => Condition::Constant(Truth::Yes),
                    (yes, no) => Condition::Over { component: *component, yes, no },
                },
            },
        };
        let conditions = self.conditions.iter().map(|(name, condition)| (*name, left(condition))).collect();
        Self { conditions, supposed: under.clone(), ..self.clone() }
    }

    /// The choices of a parameter that an assumption leaves, each with the assumption that it is chosen.
    /// `None` for a parameter that is not tracked.
    pub(super) fn choices(&self, name: &str, under: &Under) -> Option<Vec<(Choice<'a>, Under)>> {
        let variable = &self.variables[*self.by_name.get(name)?];
        let size = self.components[variable.component as usize].size;
        let (stride, count) = (variable.stride, variable.choices.len());
        if count > MAX_CASES {
            return None;
        }
        let Some(under) = under.and(&self.supposed) else { return Some(Vec::new()) };
        let mut left = Vec::new();
        for (at, choice) in variable.choices.iter().enumerate() {
            let mut worlds = Bits::none(size);
            for first in (at * stride..size).step_by(stride * count) {
                (first..size.min(first + stride)).for_each(|world| worlds.set(world));
            }
            let said = || match choice.text {
                Some("") => format!("{name} is empty"),
                Some(text) => format!("{name} is {text}"),
                // Whoever knows what else it may be says so.
                None => String::new(),
            };
            if let Some(narrower) = under.narrow(variable.component, &worlds, said) {
                left.push((*choice, narrower));
            }
        }
        Some(left)
    }

    /// True when no world that is left has the default of every parameter that has one.
    pub(super) fn excludes_defaults(&self, under: &Under) -> bool {
        let Some(under) = under.and(&self.supposed) else { return false };
        under.narrowed().any(|(component, left)| {
            let component = &self.components[component as usize];
            !(0..component.size).filter(|world| left.has(*world)).any(|world| {
                component.variables.iter().all(|&v| {
                    let variable = &self.variables[v];
                    let choice = variable.choices[world / variable.stride % variable.choices.len()];
                    choice.default || !variable.choices.iter().any(|c| c.default)
                })
            })
        })
    }

    /// A variable for each parameter that has several values worth telling apart.
    fn variables_of(&mut self, template: &Template<'a>, given: &BTreeMap<String, Given>, most: usize) {
        let mut seen = Seen::default();
        for condition in &template.conditions {
            constants(&condition.value, &mut seen, &mut { MAX_LOOKS });
        }
        let Seen { compared, through, keys } = seen;
        // Each such parameter multiplies the worlds.
        let mut product = 1;
        for parameter in &template.parameters {
            let name = parameter.name;
            let used = compared.get(name);
            let default = parameter.default.and_then(|d| d.as_text());
            // A parameter that is read from Parameter Store: the default is a name, not the value.
            let stored = parameter.kind.starts_with("AWS::SSM::Parameter::Value");
            // What is allowed then is a name, too.
            let allowed = parameter.allowed.iter().filter(|_| !stored);
            let mut allowed: Vec<&'a str> = allowed.filter_map(|v| v.as_text()).collect();
            // Nothing is deployed with a value that a mapping is asked for and does not have.
            let looked_up = keys.get(name).filter(|_| !stored).and_then(|asked| keys_of(template, asked));
            let in_maps = |text: &str| looked_up.as_ref().is_none_or(|keys| keys.contains(text));
            match &looked_up {
                Some(keys) if allowed.is_empty() => allowed.extend(keys),
                Some(keys) => allowed.retain(|text| keys.contains(text)),
                None => {}
            }
            let mut choices: Vec<Choice<'a>> = Vec::new();
            let mut add = |text: Option<&'a str>, default: bool| {
                if !choices.iter().any(|c| c.text == text) {
                    choices.push(Choice { text, default });
                }
            };
            match given.get(name) {
                Some(Given::Text(text)) => {
                    // The template's own spelling lives as long as the arena; any other is "something else".
                    let known = allowed.iter().chain(used.into_iter().flatten()).chain(&default).find(|t| **t == text);
                    add(known.copied(), true);
                }
                Some(Given::Unknown) => {
                    used.into_iter().flatten().for_each(|text| add(Some(text), false));
                    add(None, false);
                }
                None => {
                    if let Some(text) = default.filter(|text| !stored && in_maps(text)) {
                        add(Some(text), true);
                    }
                    let each = through.contains(name) && !stored && !allowed.is_empty();
                    match used {
                        // Which of them a function is asked about cannot be told from the constants beside it.
                        Some(_) if each && product * allowed.len() <= most => {
                            product *= allowed.len();
                            self.apart = true;
                            allowed.iter().for_each(|t| add(Some(t), false));
                        }
                        Some(used) => {
                            used.iter()
                                .filter(|t| allowed.is_empty() || allowed.contains(*t))
                                .for_each(|t| add(Some(t), false));
                            let rest = allowed.iter().any(|t| !used.contains(*t) && default != Some(*t));
                            if allowed.is_empty() || rest {
                                add(None, false);
                            }
                        }
                        None if allowed.is_empty() || allowed.len() > MAX_TRACKED => continue,
                        None => allowed.iter().for_each(|t| add(Some(t), false)),
                    }
                }
            }
            let told = |text: &&'a str| choices.iter().any(|choice| choice.text == Some(text));
            let rest = match given.get(name) {
                // Whatever is written in the template was looked for.
                Some(Given::Text(_)) => Some(Vec::new()),
                Some(Given::Unknown) => None,
                None if allowed.is_empty() => None,
                None => Some(allowed.into_iter().filter(|text| !told(text)).collect()),
            };
            self.variable(Key::Name(name), choices, rest);
        }
        for (name, used) in compared.into_iter().filter(|(name, _)| name.starts_with("AWS::")) {
            let one = |text: Option<&'a str>| Choice { text, default: false };
            let found = keys.get(name).and_then(|asked| keys_of(template, asked));
            let choices = match found.filter(|keys| product * keys.len() <= most) {
                Some(keys) => {
                    product *= keys.len();
                    self.apart = true;
                    keys.into_iter().map(|text| one(Some(text))).collect()
                }
                None => used.into_iter().map(Some).chain([None]).map(one).collect(),
            };
            self.variable(Key::Name(name), choices, None);
        }
    }

    /// The variable of a key; `None` when there are too many, and then it is not tracked.
    fn variable(&mut self, key: Key<'a>, choices: Vec<Choice<'a>>, rest: Option<Vec<&'a str>>) -> Option<usize> {
        if let Some(at) = self.by_key.get(&key) {
            return Some(*at);
        }
        let at = self.variables.len();
        if at >= MAX_VARIABLES {
            return None;
        }
        if let Key::Name(name) = key {
            self.by_name.insert(name, at);
        }
        self.by_key.insert(key, at);
        self.variables.push(Variable { choices, rest, component: 0, stride: 1 });
        Some(at)
    }

    /// The variables that each condition stands on; comparisons that we cannot evaluate become variables.
    fn variables_by_condition(&mut self, template: &Template<'a>) -> Vec<BTreeSet<usize>> {
        let mut sets = Vec::with_capacity(template.conditions.len());
        for condition in &template.conditions {
            let mut set = BTreeSet::new();
            // As deep as it is evaluated: what is free here must be found to be so there.
            self.collect(&condition.value, template, &mut set, &mut BTreeSet::new(), 1);
            sets.push(set);
        }
        sets
    }

    /// `seen` are the conditions that were followed: each is once, however often others name it.
    fn collect(
        &mut self,
        value: &Value<'a>,
        template: &Template<'a>,
        set: &mut BTreeSet<usize>,
        seen: &mut BTreeSet<&'a str>,
        depth: usize,
    ) {
        let Kind::Intrinsic(intrinsic) = value.kind else { return };
        if !self.step() {
            return;
        }
        let free = |worlds: &mut Self, set: &mut BTreeSet<usize>| {
            let both = ["true", "false"].map(|text| Choice { text: Some(text), default: false });
            let key = Key::Opaque(std::ptr::from_ref(intrinsic).addr());
            let asked = if let Intrinsic::Equals(a, b) = intrinsic { question(a, b) } else { None };
            if let Some(at) = asked.as_ref().and_then(|asked| worlds.by_question.get(asked)) {
                set.insert(*worlds.by_key.entry(key).or_insert(*at));
                return;
            }
            let at = worlds.variable(key, both.to_vec(), None);
            worlds.by_question.extend(asked.zip(at));
            set.extend(at);
        };
        if depth > MAX_DEPTH {
            free(self, set);
            return;
        }
        match intrinsic {
            Intrinsic::And(items) | Intrinsic::Or(items) => {
                items.iter().for_each(|item| self.collect(item, template, set, seen, depth + 1));
            }
            Intrinsic::Not(item) => self.collect(item, template, set, seen, depth + 1),
            Intrinsic::Condition(name) => {
                let other = self.expressions.get(name).copied();
                if let Some(other) = other.filter(|_| seen.insert(name)) {
                    self.collect(&other, template, set, seen, depth + 1);
                }
            }
            Intrinsic::Equals(a, b) => {
                let mut own = BTreeSet::new();
                let evaluable = self.statics(a, &mut own, 0) && self.statics(b, &mut own, 0);
                if evaluable && self.decided(a, b, template, &own) {
                    set.extend(own);
                } else {
                    free(self, set);
                }
            }
            // Anything else is no condition; it is free to be either.
            _ => free(self, set),
        }
    }

    /// Groups variables that meet in a condition.
    fn components_of(&mut self, template: &Template<'a>, sets: &[BTreeSet<usize>]) {
        let mut group: Vec<usize> = (0..self.variables.len()).collect();
        for set in sets {
            let mut members = set.iter().copied();
            let Some(first) = members.next() else { continue };
            for other in members {
                let (a, b) = (root(&mut group, first), root(&mut group, other));
                group[a.max(b)] = a.min(b);
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for v in 0..group.len() {
            groups.entry(root(&mut group, v)).or_default().push(v);
        }
        let mut split_up = vec![false; group.len()];
        for members in groups.into_values() {
            let size = members.iter().try_fold(1usize, |n, &v| n.checked_mul(self.variables[v].choices.len()));
            match size {
                Some(size) if size <= MAX_WORLDS => self.component(members, size),
                Some(_) | None => {
                    self.split = true;
                    self.notes.push(format!(
                        "conditions depend on more than {MAX_WORLDS} combinations of parameters and are taken one by one"
                    ));
                    for v in members {
                        split_up[v] = true;
                        let size = self.variables[v].choices.len();
                        self.component(vec![v], size);
                    }
                }
            }
        }
        for (condition, set) in template.conditions.iter().zip(sets) {
            // What meets in a condition is in one group, so the first speaks for all.
            if set.first().is_some_and(|v| split_up[*v]) {
                let both = ["true", "false"].map(|text| Choice { text: Some(text), default: false });
                if let Some(v) = self.variable(Key::Whole(condition.key), both.to_vec(), None) {
                    self.component(vec![v], 2);
                }
            }
        }
    }

    fn component(&mut self, members: Vec<usize>, size: usize) {
        let id = u16::try_from(self.components.len()).unwrap_or(u16::MAX);
        let mut stride = 1;
        for &v in &members {
            self.variables[v].component = id;
            self.variables[v].stride = stride;
            stride *= self.variables[v].choices.len();
        }
        self.components.push(Component { variables: members, size });
    }

    fn evaluate(&mut self, template: &Template<'a>, sets: &[BTreeSet<usize>]) {
        let mut done = HashMap::new();
        let mut together: BTreeMap<u16, Vec<&Entry<'a>>> = BTreeMap::new();
        for (condition, set) in template.conditions.iter().zip(sets) {
            let whole = self.by_key.get(&Key::Whole(condition.key)).copied();
            match (whole, set.first()) {
                (Some(v), _) => {
                    let (mut yes, mut no) = (Bits::none(2), Bits::none(2));
                    yes.set(0);
                    no.set(1);
                    let component = self.variables[v].component;
                    done.insert(condition.key, Condition::Over { component, yes, no });
                }
                (None, None) => {
                    let world = World { chosen: &|_| None, known: RefCell::default() };
                    let truth = self.holds(&condition.value, template, &world, 0);
                    done.insert(condition.key, Condition::Constant(truth));
                }
                (None, Some(&first)) => {
                    together.entry(self.variables[first].component).or_default().push(condition);
                }
            }
        }
        for (component, conditions) in together {
            let size = self.components[component as usize].size;
            let mut truths = vec![(Bits::none(size), Bits::none(size)); conditions.len()];
            for at in 0..size {
                let chosen = |v: usize| {
                    let variable = &self.variables[v];
                    (variable.component == component).then(|| at / variable.stride % variable.choices.len())
                };
                let world = World { chosen: &chosen, known: RefCell::default() };
                for (condition, (yes, no)) in conditions.iter().zip(&mut truths) {
                    let truth = self.condition(condition.key, template, &world, 0);
                    if truth != Truth::No {
                        yes.set(at);
                    }
                    if truth != Truth::Yes {
                        no.set(at);
                    }
                }
            }
            for (condition, (yes, no)) in conditions.into_iter().zip(truths) {
                done.insert(condition.key, Condition::Over { component, yes, no });
            }
        }
        // The CDK asks so about regions that once had no encryption of streams; nobody wrote it, and nobody can mend it.
        if let Some(asked) = done.get_mut("AwsCdkKinesisEncryptedStreamsUnsupportedRegions") {
            *asked = Condition::Constant(Truth::No);
        }
        self.conditions = done;
    }
}

/// The first variable of a group, with the way to it made shorter.
fn root(group: &mut [usize], mut v: usize) -> usize {
    while group[v] != v {
        group[v] = group[group[v]];
        v = group[v];
    }
    v
}
