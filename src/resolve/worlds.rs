//! Conditions, evaluated over the values that parameters may have.
//!
//! Parameters that conditions look at are variables with a finite domain: the default, the constants they
//! are compared with, and "anything else". Variables that meet in a condition form a component; a world is
//! one choice for each variable of a component. A condition is the set of worlds in which it is true, so
//! whether assumptions can hold together is an intersection of bit sets.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::under::{Bits, Under};
use super::{Given, MAX_WORLDS, Truth};
use crate::template::{Intrinsic, Kind, Template, Value};

/// How deep conditions may refer to conditions, and expressions nest.
const MAX_DEPTH: usize = 64;

/// How many allowed values a parameter outside of conditions may have to be tracked from use to use.
const MAX_TRACKED: usize = 64;

/// The conditions of a template and what they stand on.
pub(super) struct Worlds<'a> {
    variables: Vec<Variable<'a>>,
    by_name: HashMap<&'a str, usize>,
    components: Vec<Component>,
    conditions: HashMap<&'a str, Condition>,
    notes: Vec<String>,
}

/// Something that is chosen at deployment.
struct Variable<'a> {
    key: Key<'a>,
    choices: Vec<Choice<'a>>,
    component: u16,
    /// A world's choice for it is `world / stride % choices.len()`.
    stride: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
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

struct Component {
    variables: Vec<usize>,
    size: usize,
}

enum Condition {
    Constant(Truth),
    Over { component: u16, yes: Bits, no: Bits },
}

impl<'a> Worlds<'a> {
    pub(super) fn new(template: &Template<'a>, given: &BTreeMap<String, Given>) -> Self {
        let mut worlds = Self {
            variables: Vec::new(),
            by_name: HashMap::new(),
            components: Vec::new(),
            conditions: HashMap::new(),
            notes: Vec::new(),
        };
        if template.conditions.is_empty() && template.parameters.iter().all(|p| p.allowed.is_empty()) {
            return worlds;
        }
        worlds.variables_of(template, given);
        let sets = worlds.variables_by_condition(template);
        worlds.components_of(template, &sets);
        worlds.evaluate(template, &sets);
        worlds
    }

    pub(super) fn notes(&self) -> &[String] {
        &self.notes
    }

    /// See [`super::Resolver::assume`].
    pub(super) fn assume(&self, under: &Under, name: &str, truth: bool) -> Option<Under> {
        let said = describe(name, truth);
        match self.conditions.get(name) {
            None => Some(under.said(said)),
            Some(Condition::Constant(Truth::Yes)) => truth.then(|| under.clone()),
            Some(Condition::Constant(Truth::No)) => (!truth).then(|| under.clone()),
            Some(Condition::Constant(Truth::Maybe)) => Some(under.said(said)),
            Some(Condition::Over { component, yes, no }) => {
                under.narrow(*component, if truth { yes } else { no }, said)
            }
        }
    }

    /// The choices of a parameter that an assumption leaves, each with the assumption that it is chosen.
    /// `None` for a parameter that is not tracked.
    pub(super) fn choices(&self, name: &str, under: &Under) -> Option<Vec<(Choice<'a>, Under)>> {
        let variable = &self.variables[*self.by_name.get(name)?];
        let size = self.components[variable.component as usize].size;
        let mut left = Vec::new();
        for (at, choice) in variable.choices.iter().enumerate() {
            let mut worlds = Bits::none(size);
            for world in (0..size).filter(|world| world / variable.stride % variable.choices.len() == at) {
                worlds.set(world);
            }
            let said = match choice.text {
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
    fn variables_of(&mut self, template: &Template<'a>, given: &BTreeMap<String, Given>) {
        let mut compared: BTreeMap<&'a str, BTreeSet<&'a str>> = BTreeMap::new();
        for condition in &template.conditions {
            constants(&condition.value, &mut compared, 0);
        }
        for parameter in &template.parameters {
            let name = parameter.name;
            let used = compared.get(name);
            let default = parameter.default.and_then(|d| d.as_text());
            let allowed: Vec<&'a str> = parameter.allowed.iter().filter_map(|v| v.as_text()).collect();
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
                    // A parameter that is read from Parameter Store: the default is a name, not the value.
                    let stored = parameter.kind.starts_with("AWS::SSM::Parameter::Value");
                    if let (Some(text), false) = (default, stored) {
                        add(Some(text), true);
                    }
                    match used {
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
            self.variable(Key::Name(name), choices);
        }
        for (name, used) in compared {
            if name.starts_with("AWS::") {
                let mut choices: Vec<_> = used.into_iter().map(|t| Choice { text: Some(t), default: false }).collect();
                choices.push(Choice { text: None, default: false });
                self.variable(Key::Name(name), choices);
            }
        }
    }

    fn variable(&mut self, key: Key<'a>, choices: Vec<Choice<'a>>) -> usize {
        if let Some(at) = self.variables.iter().position(|v| v.key == key) {
            return at;
        }
        if let Key::Name(name) = key {
            self.by_name.insert(name, self.variables.len());
        }
        self.variables.push(Variable { key, choices, component: 0, stride: 1 });
        self.variables.len() - 1
    }

    /// The variables that each condition stands on; comparisons that we cannot evaluate become variables.
    fn variables_by_condition(&mut self, template: &Template<'a>) -> Vec<BTreeSet<usize>> {
        let mut sets = Vec::with_capacity(template.conditions.len());
        for condition in &template.conditions {
            let mut set = BTreeSet::new();
            self.collect(&condition.value, template, &mut set, 0);
            sets.push(set);
        }
        sets
    }

    fn collect(&mut self, value: &Value<'a>, template: &Template<'a>, set: &mut BTreeSet<usize>, depth: usize) {
        let Kind::Intrinsic(intrinsic) = value.kind else { return };
        let both =
            || vec![Choice { text: Some("true"), default: false }, Choice { text: Some("false"), default: false }];
        if depth > MAX_DEPTH {
            set.insert(self.variable(Key::Opaque(std::ptr::from_ref(intrinsic).addr()), both()));
            return;
        }
        match intrinsic {
            Intrinsic::And(items) | Intrinsic::Or(items) => {
                items.iter().for_each(|item| self.collect(item, template, set, depth + 1));
            }
            Intrinsic::Not(item) => self.collect(item, template, set, depth + 1),
            Intrinsic::Condition(name) => {
                if let Some(other) = template.condition(name) {
                    self.collect(&other.value, template, set, depth + 1);
                }
            }
            Intrinsic::Equals(a, b) => {
                let mut own = BTreeSet::new();
                let evaluable = self.statics(a, &mut own, 0) && self.statics(b, &mut own, 0);
                if evaluable && self.decided(a, b, template, &own) {
                    set.extend(own);
                } else {
                    set.insert(self.variable(Key::Opaque(std::ptr::from_ref(intrinsic).addr()), both()));
                }
            }
            // Anything else is no condition; it is free to be either.
            _ => {
                set.insert(self.variable(Key::Opaque(std::ptr::from_ref(intrinsic).addr()), both()));
            }
        }
    }

    /// Whether a text can be computed from variables alone; notes which.
    fn statics(&self, value: &Value<'a>, own: &mut BTreeSet<usize>, depth: usize) -> bool {
        if depth > MAX_DEPTH {
            return false;
        }
        match value.kind {
            Kind::Text(_) | Kind::Number(_) | Kind::Bool(_) => true,
            Kind::Intrinsic(Intrinsic::Ref(name)) => match self.by_name.get(name) {
                Some(at) => {
                    own.insert(*at);
                    true
                }
                None => false,
            },
            Kind::Intrinsic(Intrinsic::FindInMap(map, first, second, _)) => {
                [map, first, second].iter().all(|v| self.statics(v, own, depth + 1))
            }
            Kind::Intrinsic(Intrinsic::Sub { pieces, .. }) => {
                pieces.iter().all(|piece| self.statics(piece, own, depth + 1))
            }
            Kind::Intrinsic(Intrinsic::Join(separator, items)) => {
                self.statics(separator, own, depth + 1)
                    && items.as_list().is_some_and(|list| list.iter().all(|i| self.statics(i, own, depth + 1)))
            }
            _ => false,
        }
    }

    /// Whether a comparison has an answer in every world of its own variables.
    fn decided(&self, a: &Value<'a>, b: &Value<'a>, template: &Template<'a>, own: &BTreeSet<usize>) -> bool {
        let size: usize = own.iter().map(|&v| self.variables[v].choices.len()).product();
        size <= MAX_WORLDS
            && (0..size).all(|world| {
                let mut rest = world;
                let mut chosen = BTreeMap::new();
                for &v in own {
                    let count = self.variables[v].choices.len();
                    chosen.insert(v, rest % count);
                    rest /= count;
                }
                equal(&self.text(a, template, &chosen, 0), &self.text(b, template, &chosen, 0)) != Truth::Maybe
            })
    }

    /// Groups variables that meet in a condition.
    fn components_of(&mut self, template: &Template<'a>, sets: &[BTreeSet<usize>]) {
        let mut group: Vec<usize> = (0..self.variables.len()).collect();
        for set in sets {
            if let Some(&first) = set.first() {
                let to = group[first];
                let from: Vec<usize> = set.iter().map(|&v| group[v]).collect();
                group.iter_mut().filter(|g| from.contains(g)).for_each(|g| *g = to);
            }
        }
        let mut whole = Vec::new();
        let roots: BTreeSet<usize> = group.iter().copied().collect();
        for root in roots {
            let members: Vec<usize> = (0..group.len()).filter(|&v| group[v] == root).collect();
            let size = members.iter().try_fold(1usize, |n, &v| n.checked_mul(self.variables[v].choices.len()));
            match size {
                Some(size) if size <= MAX_WORLDS => self.component(members, size),
                Some(_) | None => {
                    self.notes.push(format!(
                        "conditions depend on more than {MAX_WORLDS} combinations of parameters and are taken one by one"
                    ));
                    for (condition, set) in template.conditions.iter().zip(sets) {
                        if set.iter().any(|v| members.contains(v)) {
                            whole.push(condition.key);
                        }
                    }
                    for v in members {
                        let size = self.variables[v].choices.len();
                        self.component(vec![v], size);
                    }
                }
            }
        }
        for name in whole {
            let both =
                vec![Choice { text: Some("true"), default: false }, Choice { text: Some("false"), default: false }];
            let v = self.variable(Key::Whole(name), both);
            self.component(vec![v], 2);
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
        for (condition, set) in template.conditions.iter().zip(sets) {
            let whole = self.variables.iter().position(|v| v.key == Key::Whole(condition.key));
            let result = match (whole, set.first()) {
                (Some(v), _) => {
                    let (mut yes, mut no) = (Bits::none(2), Bits::none(2));
                    yes.set(0);
                    no.set(1);
                    Condition::Over { component: self.variables[v].component, yes, no }
                }
                (None, None) => Condition::Constant(self.holds(&condition.value, template, &BTreeMap::new(), 0)),
                (None, Some(&first)) => {
                    let component = self.variables[first].component;
                    let size = self.components[component as usize].size;
                    let (mut yes, mut no) = (Bits::none(size), Bits::none(size));
                    for world in 0..size {
                        let chosen = set
                            .iter()
                            .map(|&v| (v, world / self.variables[v].stride % self.variables[v].choices.len()))
                            .collect();
                        let truth = self.holds(&condition.value, template, &chosen, 0);
                        if truth != Truth::No {
                            yes.set(world);
                        }
                        if truth != Truth::Yes {
                            no.set(world);
                        }
                    }
                    Condition::Over { component, yes, no }
                }
            };
            done.insert(condition.key, result);
        }
        self.conditions = done;
    }

    fn holds(
        &self,
        value: &Value<'a>,
        template: &Template<'a>,
        chosen: &BTreeMap<usize, usize>,
        depth: usize,
    ) -> Truth {
        let Kind::Intrinsic(intrinsic) = value.kind else {
            return value.as_bool().map_or(Truth::Maybe, Truth::from);
        };
        let opaque = Key::Opaque(std::ptr::from_ref(intrinsic).addr());
        if let Some(v) = self.variables.iter().position(|v| v.key == opaque) {
            return chosen.get(&v).map_or(Truth::Maybe, |&c| Truth::from(c == 0));
        }
        if depth > MAX_DEPTH {
            return Truth::Maybe;
        }
        match intrinsic {
            Intrinsic::And(items) => {
                items.iter().fold(Truth::Yes, |t, item| t.and(self.holds(item, template, chosen, depth + 1)))
            }
            Intrinsic::Or(items) => {
                items.iter().fold(Truth::No, |t, item| t.or(self.holds(item, template, chosen, depth + 1)))
            }
            Intrinsic::Not(item) => self.holds(item, template, chosen, depth + 1).not(),
            Intrinsic::Condition(name) => match template.condition(name) {
                Some(other) => self.holds(&other.value, template, chosen, depth + 1),
                None => Truth::Maybe,
            },
            Intrinsic::Equals(a, b) => equal(&self.text(a, template, chosen, 0), &self.text(b, template, chosen, 0)),
            _ => Truth::Maybe,
        }
    }

    fn text(
        &self,
        value: &Value<'a>,
        template: &Template<'a>,
        chosen: &BTreeMap<usize, usize>,
        depth: usize,
    ) -> Side<'a> {
        if depth > MAX_DEPTH {
            return Side::Unknown;
        }
        let text = |v: &Value<'a>| self.text(v, template, chosen, depth + 1);
        match value.kind {
            Kind::Text(text) | Kind::Number(text) => Side::Text(Cow::Borrowed(text)),
            Kind::Bool(yes) => Side::Text(Cow::Borrowed(if yes { "true" } else { "false" })),
            Kind::Intrinsic(Intrinsic::Ref(name)) => {
                match self.by_name.get(name).and_then(|v| Some((*v, *chosen.get(v)?))) {
                    Some((v, choice)) => match self.variables[v].choices.get(choice).and_then(|c| c.text) {
                        Some(text) => Side::Text(Cow::Borrowed(text)),
                        None => Side::Other(v),
                    },
                    None => Side::Unknown,
                }
            }
            Kind::Intrinsic(Intrinsic::FindInMap(map, first, second, _)) => {
                let (Side::Text(map), Side::Text(first), Side::Text(second)) = (text(map), text(first), text(second))
                else {
                    return Side::Unknown;
                };
                let found =
                    template.mappings.iter().find(|m| m.key == map).and_then(|m| m.value.at(&[&first, &second]));
                found.and_then(|v| v.as_text()).map_or(Side::Unknown, |t| Side::Text(Cow::Borrowed(t)))
            }
            Kind::Intrinsic(Intrinsic::Sub { pieces, .. }) => concat(pieces.iter().map(text), ""),
            Kind::Intrinsic(Intrinsic::Join(separator, items)) => match (text(separator), items.as_list()) {
                (Side::Text(separator), Some(items)) => concat(items.iter().map(text), &separator),
                _ => Side::Unknown,
            },
            _ => Side::Unknown,
        }
    }
}

/// One side of a comparison in one world.
enum Side<'a> {
    Text(Cow<'a, str>),
    /// A value of this variable that is none of those it is compared with.
    Other(usize),
    Unknown,
}

fn concat<'a>(pieces: impl Iterator<Item = Side<'a>>, separator: &str) -> Side<'a> {
    let mut texts = Vec::new();
    for piece in pieces {
        match piece {
            Side::Text(text) => texts.push(text),
            Side::Other(_) | Side::Unknown => return Side::Unknown,
        }
    }
    Side::Text(Cow::Owned(texts.join(separator)))
}

fn equal(a: &Side<'_>, b: &Side<'_>) -> Truth {
    match (a, b) {
        (Side::Text(a), Side::Text(b)) => Truth::from(a == b),
        (Side::Text(_), Side::Other(_)) | (Side::Other(_), Side::Text(_)) => Truth::No,
        (Side::Other(a), Side::Other(b)) if a == b => Truth::Yes,
        (Side::Other(_) | Side::Unknown | Side::Text(_), Side::Other(_) | Side::Unknown | Side::Text(_)) => {
            Truth::Maybe
        }
    }
}

/// Notes what each parameter is compared with.
fn constants<'a>(value: &Value<'a>, compared: &mut BTreeMap<&'a str, BTreeSet<&'a str>>, depth: usize) {
    let Kind::Intrinsic(intrinsic) = value.kind else { return };
    if depth > MAX_DEPTH {
        return;
    }
    match intrinsic {
        Intrinsic::And(items) | Intrinsic::Or(items) => items.iter().for_each(|i| constants(i, compared, depth + 1)),
        Intrinsic::Not(item) => constants(item, compared, depth + 1),
        Intrinsic::Equals(a, b) => {
            for (one, other) in [(a, b), (b, a)] {
                references(one, compared, depth + 1);
                if let (Kind::Intrinsic(Intrinsic::Ref(name)), Some(text)) = (one.kind, other.as_text()) {
                    compared.entry(name).or_default().insert(text);
                }
            }
        }
        _ => {}
    }
}

fn references<'a>(value: &Value<'a>, compared: &mut BTreeMap<&'a str, BTreeSet<&'a str>>, depth: usize) {
    let Kind::Intrinsic(intrinsic) = value.kind else { return };
    if depth > MAX_DEPTH {
        return;
    }
    match intrinsic {
        Intrinsic::Ref(name) => {
            compared.entry(name).or_default();
        }
        Intrinsic::FindInMap(_, first, second, _) => {
            references(first, compared, depth + 1);
            references(second, compared, depth + 1);
        }
        Intrinsic::Sub { pieces, .. } => pieces.iter().for_each(|p| references(p, compared, depth + 1)),
        Intrinsic::Join(_, items) => {
            items.as_list().unwrap_or(&[]).iter().for_each(|i| references(i, compared, depth + 1));
        }
        _ => {}
    }
}

/// "IsProd is false"; a condition that is itself a sentence ("stage is prod") is negated as one.
fn describe(name: &str, truth: bool) -> String {
    match (name.split_once(" is "), truth) {
        (Some(_), true) => name.to_owned(),
        (Some((what, value)), false) => format!("{what} is not {value}"),
        (None, _) => format!("{name} is {truth}"),
    }
}
