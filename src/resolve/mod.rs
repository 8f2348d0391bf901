//! What is true before deployment: present, absent, unknown.
//!
//! [`Resolver::cases`] yields every value that an expression may have, each with the assumption under
//! which it has it. A resolved value is an ordinary [`Value`]: what cannot be computed stays symbolic (a
//! `Ref` to a resource, a `GetAtt`, an import), and text with holes is a `Join` of pieces, which
//! [`Text`] knows how to ask.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt, HashSet};
use smallvec::SmallVec;

use crate::source::{Arena, Sources};
use crate::template::{Build, Kind, Origin, Resource, Template, Value};

mod attributes;
mod intrinsics;
mod stack;
mod text;
mod under;
mod worlds;

pub use text::{Hole, Piece, Text, reference_in};
pub use under::Under;

/// How many cases a value may have before we call it unknown.
pub const MAX_CASES: usize = 128;

/// How many worlds (combinations of parameter values) conditions are evaluated over.
pub const MAX_WORLDS: usize = 4096;

/// How many pieces a joined text may have before we call it unknown.
const MAX_PIECES: usize = 10_000;

/// How many bytes a text put together may have; CloudFormation takes templates of 1 MB.
const MAX_TEXT: usize = 1 << 20;

/// How many bytes of a text put together are as much work as looking at one expression. They stay in memory, so this
/// and [`MAX_STEPS`] bound it, too: 320 MB.
const BYTES_OF_A_STEP: usize = 16;

/// How many expressions and pieces are looked at for one template before the rest is unknown.
const MAX_STEPS: u64 = 20_000_000;

/// How many of them one value may take: functions of functions of themselves would take them all.
const MAX_STEPS_OF_ONE: u64 = 200_000;

/// Of how many functions the cases are remembered.
const MAX_KNOWN: usize = 10_000;

/// How many cases are remembered of all of them together.
const MAX_KEPT: usize = 500_000;

/// How many cases a value has whose cases count.
const FEW: usize = 8;

/// How often a case of a value that has more is computed for one template: 500 resources may have twenty values with a
/// hundred cases each.
const MAX_COUNTED: usize = 1_000_000;

/// Something that is there, that is not there, or of which we cannot say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<'a, T> {
    /// It is there.
    Present(T),
    /// It is a fact that it is not there.
    Absent,
    /// It is not known, and why.
    Unknown(&'a str),
}

/// Yes, no, or not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// Certainly.
    Yes,
    /// Certainly not.
    No,
    /// It cannot be said.
    Maybe,
}

impl Truth {
    /// Yes only when both are.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::No, _) | (_, Self::No) => Self::No,
            (Self::Yes, Self::Yes) => Self::Yes,
            (Self::Maybe, _) | (_, Self::Maybe) => Self::Maybe,
        }
    }

    /// Yes when either is.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    /// The contrary; what is not known stays so.
    #[must_use]
    pub const fn not(self) -> Self {
        match self {
            Self::Yes => Self::No,
            Self::No => Self::Yes,
            Self::Maybe => Self::Maybe,
        }
    }

    /// True when it is certain.
    #[must_use]
    pub const fn yes(self) -> bool {
        matches!(self, Self::Yes)
    }
}

impl From<bool> for Truth {
    fn from(yes: bool) -> Self {
        if yes { Self::Yes } else { Self::No }
    }
}

/// One value that an expression may have.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// The value; its origin is where it is used, with a step to where it is written.
    pub value: Known<'a, Value<'a>>,
    /// The assumption under which it has it.
    pub under: Under,
    /// Where to point: the value's place, or what is nearest to one that is not there.
    pub place: Origin<'a>,
    /// The template parameter that the value came from.
    pub parameter: Option<&'a str>,
}

impl<'a> Case<'a> {
    /// The value, when it is there.
    #[must_use]
    pub const fn present(&self) -> Option<Value<'a>> {
        match self.value {
            Known::Present(value) => Some(value),
            Known::Absent | Known::Unknown(_) => None,
        }
    }

    /// The text, when it is there and known to its end.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        Some(Text::of(&self.present()?).known()?.into_owned())
    }

    /// True where there certainly is nothing. Who writes an empty text says that there is none, and where AWS takes it,
    /// it takes it for that.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        match self.value {
            Known::Absent => true,
            Known::Present(value) => Text::is_empty(&value),
            Known::Unknown(_) => false,
        }
    }
}

/// The cases of an expression; nearly always one.
pub type Cases<'a> = SmallVec<[Case<'a>; 1]>;

/// A value that a parameter was given from outside the template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// This text.
    Text(String),
    /// Something that the giver does not know either, such as a parent stack's own resource.
    Unknown,
}

/// What other templates of the same run export: name to value, where the value is known.
pub type Exports = BTreeMap<String, String>;

/// What the stacks that nest in a template put out, by logical id and output: every value that it may be.
pub type Outputs = BTreeMap<String, BTreeMap<String, Vec<PutOut>>>;

/// A value that a nested stack may put out.
#[derive(Debug, Clone)]
pub struct PutOut {
    /// The assumption of the parent under which it is this one.
    pub under: Under,
    /// The value; `None` where it is not known.
    pub text: Option<String>,
}

/// Evaluates the values of one template.
pub struct Resolver<'t, 'a> {
    template: &'t Template<'a>,
    build: Build<'a>,
    given: &'t BTreeMap<String, Given>,
    exports: &'t Exports,
    outputs: Option<&'t Outputs>,
    sources: Option<&'t Sources>,
    worlds: worlds::Worlds<'a>,
    /// Bounds that were reached, each said once.
    notes: RefCell<BTreeSet<String>>,
    /// How many expressions and pieces may still be looked at.
    steps: Cell<u64>,
    /// How many of them the value that is looked at must leave to others.
    reserve: Cell<u64>,
    /// The values that took too long, by the address of their function: they are not tried again.
    hopeless: RefCell<HashSet<usize>>,
    /// The cases of functions that were asked for without an assumption, by the function's address: many rules ask
    /// about one value.
    known: RefCell<HashMap<usize, (Origin<'a>, Cases<'a>)>>,
    /// How many cases are remembered.
    kept: Cell<usize>,
    /// How many cases of values that have more than a few were computed.
    counted: Cell<usize>,
    /// Where the resources stand, by logical id.
    positions: OnceCell<HashMap<&'a str, usize>>,
}

impl<'t, 'a> Resolver<'t, 'a> {
    /// A resolver of a template; `given` are parameter values from outside, `exports` other templates' outputs.
    #[must_use]
    pub fn new(
        template: &'t Template<'a>,
        arena: &'a Arena,
        given: &'t BTreeMap<String, Given>,
        exports: &'t Exports,
    ) -> Self {
        Self::in_worlds(template, Build::new(arena), given, exports, worlds::Worlds::new(template, given))
    }

    fn in_worlds(
        template: &'t Template<'a>,
        build: Build<'a>,
        given: &'t BTreeMap<String, Given>,
        exports: &'t Exports,
        worlds: worlds::Worlds<'a>,
    ) -> Self {
        Self {
            template,
            build,
            given,
            exports,
            outputs: None,
            sources: None,
            worlds,
            notes: RefCell::default(),
            steps: Cell::new(MAX_STEPS),
            kept: Cell::new(0),
            counted: Cell::new(0),
            reserve: Cell::new(0),
            hopeless: RefCell::default(),
            known: RefCell::default(),
            positions: OnceCell::new(),
        }
    }

    /// The same, knowing what the stacks that nest in the template put out.
    #[must_use]
    pub const fn with_outputs(mut self, outputs: &'t Outputs) -> Self {
        self.outputs = Some(outputs);
        self
    }

    /// The same, with the texts that the template was read from: parts of a text have places of their own then.
    #[must_use]
    pub const fn with_sources(mut self, sources: &'t Sources) -> Self {
        self.sources = Some(sources);
        self
    }

    /// What may be taken for granted of some conditions, one at a time; what leaves more open comes first.
    #[must_use]
    pub fn suppositions<'n>(&self, conditions: &BTreeSet<&'n str>) -> Vec<(&'n str, Under)> {
        self.worlds.suppositions(conditions)
    }

    /// A resolver of the same template where an assumption is taken for granted: what cannot be so beside it is not among the cases,
    /// and no case says it.
    #[must_use]
    pub fn supposing(&self, under: &Under) -> Self {
        let worlds = self.worlds.supposing(under);
        let here = Self::in_worlds(self.template, self.build, self.given, self.exports, worlds);
        Self { outputs: self.outputs, sources: self.sources, ..here }
    }

    /// What is taken for granted.
    #[must_use]
    pub const fn supposed(&self) -> &Under {
        self.worlds.supposed()
    }

    /// The same of the template that is left then.
    #[must_use]
    pub fn of<'w>(self, template: &'w Template<'a>) -> Resolver<'w, 'a>
    where
        't: 'w,
    {
        let (outputs, sources) = (self.outputs, self.sources);
        // What is remembered of the whole template is not so of what is left.
        let here = Resolver::in_worlds(template, self.build, self.given, self.exports, self.worlds);
        Resolver { outputs, sources, ..here }
    }

    /// What the user wrote at a place, where the texts are known.
    #[must_use]
    pub fn written(&self, origin: Origin<'a>) -> Option<&'t str> {
        self.sources.map(|sources| sources.get(origin.span.file).slice(origin.span))
    }

    /// The template.
    #[must_use]
    pub const fn template(&self) -> &'t Template<'a> {
        self.template
    }

    /// A constructor of values in the same arena.
    #[must_use]
    pub const fn build(&self) -> Build<'a> {
        self.build
    }

    /// Every value that an expression may have under an assumption.
    #[must_use]
    pub fn cases(&self, value: &Value<'a>, under: &Under) -> Cases<'a> {
        let Some(intrinsic) = value.as_intrinsic() else { return self.cases_at(value, under, 0) };
        let address = std::ptr::from_ref(intrinsic).addr();
        // A value that is used in several places is told of at each.
        let here = |origin: &Origin<'a>| origin.same(&value.origin);
        if under.is_nothing()
            && let Some((_, cases)) = self.known.borrow().get(&address).filter(|(origin, _)| here(origin))
        {
            return cases.clone();
        }
        if self.hopeless.borrow().contains(&address) {
            return one(Known::Unknown("too much to compute"), under, value.origin);
        }
        self.reserve.set(self.steps.get().saturating_sub(MAX_STEPS_OF_ONE));
        let cases = self.cases_at(value, under, 0);
        if self.steps.get() <= self.reserve.get() {
            self.hopeless.borrow_mut().insert(address);
        } else if cases.len() > FEW && !self.has_room(cases.len()) {
            self.hopeless.borrow_mut().insert(address);
            return one(Known::Unknown("too much to compute"), under, value.origin);
        } else if under.is_nothing() && self.known.borrow().len() < MAX_KNOWN && self.kept.get() < MAX_KEPT {
            self.kept.set(self.kept.get() + cases.len());
            self.known.borrow_mut().insert(address, (value.origin, cases.clone()));
        }
        cases
    }

    /// The cases of a key of a map. A map that holds a macro or an unknown loop may have any key.
    #[must_use]
    pub fn get(&self, map: &Value<'a>, key: &str, under: &Under) -> Cases<'a> {
        match map.kind {
            Kind::Map(m) => match m.get(key) {
                Some(entry) => {
                    let mut cases = self.cases(&entry.value, under);
                    for case in &mut cases {
                        // A key whose value is absent (`!If [c, x, NoValue]`) is pointed at by itself.
                        if matches!(case.value, Known::Absent) {
                            case.place = entry.key_origin;
                        }
                    }
                    cases
                }
                None if m.is_open() => one(Known::Unknown("a macro or loop may add it"), under, map.origin),
                None => one(Known::Absent, under, map.origin),
            },
            Kind::Unknown(why) => one(Known::Unknown(why), under, map.origin),
            Kind::Intrinsic(_) => {
                let mut all = Cases::new();
                for case in self.cases(map, under) {
                    match case.value {
                        Known::Present(inner) if matches!(inner.kind, Kind::Map(_)) => {
                            all.extend(self.get(&inner, key, &case.under));
                        }
                        Known::Present(_) => all.extend(one(Known::Unknown("computed"), &case.under, case.place)),
                        Known::Absent | Known::Unknown(_) => all.push(case),
                    }
                }
                self.bounded(all, under, map.origin)
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) => {
                one(Known::Absent, under, map.origin)
            }
        }
    }

    /// The cases of a property behind a chain of keys.
    #[must_use]
    pub fn at(&self, base: &Value<'a>, keys: &[&str], under: &Under) -> Cases<'a> {
        let [key, rest @ ..] = keys else { return self.cases(base, under) };
        let mut all = Cases::new();
        for case in self.get(base, key, under) {
            match case.value {
                Known::Present(inner) if !rest.is_empty() => all.extend(self.at(&inner, rest, &case.under)),
                Known::Present(_) | Known::Absent | Known::Unknown(_) => all.push(case),
            }
        }
        self.bounded(all, under, base.origin)
    }

    /// A property of a resource, under the resource's own condition.
    #[must_use]
    pub fn property(&self, resource: &Resource<'a>, keys: &[&str]) -> Cases<'a> {
        self.under_of(resource).map(|under| self.at(&resource.properties, keys, &under)).unwrap_or_default()
    }

    /// Whether something may stand in a property, in some case.
    #[must_use]
    pub fn may_say(&self, resource: &Resource<'a>, key: &str) -> bool {
        self.property(resource, &[key]).iter().any(|case| !case.is_nothing())
    }

    /// Whether a property is a text, in every case that there is.
    #[must_use]
    pub fn is(&self, resource: &Resource<'a>, keys: &[&str], text: &str) -> Truth {
        let cases = self.property(resource, keys);
        let mut truths = cases.iter().map(|case| match case.value {
            Known::Present(value) => Text::of(&value).is(text),
            Known::Absent => Truth::No,
            Known::Unknown(_) => Truth::Maybe,
        });
        let first = truths.next().unwrap_or(Truth::No);
        if truths.all(|truth| truth == first) { first } else { Truth::Maybe }
    }

    /// The items of a list, each with its cases; a value that is no list is its own only item, as AWS
    /// takes it. Items that are absent are left out; an item that is itself a list is flattened.
    #[must_use]
    pub fn items(&self, list: &Value<'a>, under: &Under) -> Vec<Case<'a>> {
        let mut all = Vec::new();
        self.items_into(list, under, &mut all, 0);
        all
    }

    fn items_into(&self, list: &Value<'a>, under: &Under, all: &mut Vec<Case<'a>>, depth: usize) {
        if all.len() >= 20_000 || depth > 8 {
            return;
        }
        match list.kind {
            Kind::List(items) => {
                all.reserve(items.len().min(64));
                for item in items {
                    // Most items are what they are.
                    if matches!(item.kind, Kind::Text(_) | Kind::Bool(_) | Kind::Number(_) | Kind::Map(_)) {
                        let value = Known::Present(*item);
                        all.push(Case { value, under: under.clone(), place: item.origin, parameter: None });
                        continue;
                    }
                    for case in self.cases(item, under) {
                        match case.value {
                            Known::Present(inner) if matches!(inner.kind, Kind::List(_)) => {
                                self.items_into(&inner, &case.under, all, depth + 1);
                            }
                            Known::Present(_) | Known::Unknown(_) => all.push(case),
                            Known::Absent => {}
                        }
                    }
                }
            }
            Kind::Null => {}
            Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Map(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => {
                for case in self.cases(list, under) {
                    match case.value {
                        Known::Present(inner) if matches!(inner.kind, Kind::List(_)) => {
                            self.items_into(&inner, &case.under, all, depth + 1);
                        }
                        Known::Present(_) | Known::Unknown(_) => all.push(case),
                        Known::Absent => {}
                    }
                }
            }
        }
    }

    /// The assumption that everything inside a resource lives under; `None` when it is never made.
    #[must_use]
    pub fn under_of(&self, resource: &Resource<'a>) -> Option<Under> {
        match resource.condition {
            Some((condition, _)) => self.assume(&Under::always(), condition, true),
            None => Some(Under::always()),
        }
    }

    /// An assumption and a condition's truth together; `None` when they cannot hold together.
    #[must_use]
    pub fn assume(&self, under: &Under, condition: &str, truth: bool) -> Option<Under> {
        self.worlds.assume(under, condition, truth)
    }

    /// Two assumptions together; `None` when they cannot hold together.
    #[must_use]
    pub fn both(&self, one: &Under, other: &Under) -> Option<Under> {
        one.and(other)
    }

    /// True when the assumption needs a parameter to differ from its default.
    #[must_use]
    pub fn needs_other_than_defaults(&self, under: &Under) -> bool {
        self.worlds.excludes_defaults(under)
    }

    /// The resource that a value refers to, by `Ref` or `GetAtt`.
    #[must_use]
    pub fn target(&self, value: &Value<'a>) -> Option<&'t Resource<'a>> {
        self.resource(target_id(value)?)
    }

    /// The resource of a logical id; in a large template many ask.
    #[must_use]
    pub fn resource(&self, id: &str) -> Option<&'t Resource<'a>> {
        let positions = self.positions.get_or_init(|| {
            let mut positions = HashMap::with_capacity(self.template.resources.len());
            for (at, resource) in self.template.resources.iter().enumerate() {
                positions.entry(resource.id).or_insert(at);
            }
            positions
        });
        self.template.resources.get(*positions.get(id)?)
    }

    /// The [identity](Text::identity) of an ARN or of a pattern of ARNs, the same whether it refers to a resource's ARN or puts one
    /// together from the resource's name.
    #[must_use]
    pub fn identity_of_arn(&self, text: &Text<'a>) -> Option<String> {
        let whole = text.identity()?;
        let spelled = |all: String, hole: Hole<'a>| match hole {
            Hole::Attribute(id, "Arn") => match self.resource(id).and_then(attributes::arn_written) {
                Some(arn) => all.replace(&format!("${{{id}.Arn}}"), &arn),
                None => all,
            },
            Hole::Attribute(..)
            | Hole::Pseudo(_)
            | Hole::Parameter { .. }
            | Hole::Resource(_)
            | Hole::Import(_)
            | Hole::Dynamic { .. }
            | Hole::External(_)
            | Hole::Other => all,
        };
        Some(text.holes().fold(whole, spelled))
    }

    /// Whether a value is a `Ref` or `GetAtt` of something that the template does not have.
    #[must_use]
    pub fn is_dangling(&self, value: &Value<'a>) -> bool {
        target_id(value).is_some_and(|id| self.resource(id).is_none())
    }

    /// Bounds that were reached, to tell the user once.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let mut notes = self.notes.borrow().clone();
        notes.extend(self.worlds.notes().iter().cloned());
        notes.into_iter().collect()
    }

    /// The cases themselves, or one unknown when there are too many.
    fn bounded(&self, cases: Cases<'a>, under: &Under, place: Origin<'a>) -> Cases<'a> {
        if cases.len() <= MAX_CASES {
            return cases;
        }
        self.too_many(under, place)
    }

    fn too_many(&self, under: &Under, place: Origin<'a>) -> Cases<'a> {
        self.notes.borrow_mut().insert(format!("a value has more than {MAX_CASES} cases and is taken as unknown"));
        one(Known::Unknown("it has too many cases"), under, place)
    }
}

impl<'a> Resolver<'_, 'a> {
    /// Counts what is looked at; false when that was too much for one value, or for one template.
    fn step(&self, count: usize) -> bool {
        let before = self.steps.get();
        let left = before.saturating_sub(count as u64).max(self.reserve.get());
        self.steps.set(left);
        let enough = left > self.reserve.get();
        if !enough && before > left {
            let note = "a value takes too long to compute and is taken as unknown";
            self.notes.borrow_mut().insert(note.to_owned());
        }
        enough
    }

    /// Counts the cases of a value that has many; false when all of those together were too many.
    fn has_room(&self, count: usize) -> bool {
        self.counted.set(self.counted.get().saturating_add(count));
        if self.counted.get() <= MAX_COUNTED {
            return true;
        }
        let note =
            "not all of it was checked: values have too many cases together, and the later ones are taken as unknown";
        self.notes.borrow_mut().insert(note.to_owned());
        false
    }

    /// One unknown in the place of a text that is too long to be put together.
    fn too_long(&self, under: &Under, place: Origin<'a>) -> Cases<'a> {
        let note = format!("a text of more than {MAX_PIECES} pieces or {MAX_TEXT} bytes is taken as unknown");
        self.notes.borrow_mut().insert(note);
        one(Known::Unknown("it is too long"), under, place)
    }
}

/// A single case.
fn one<'a>(value: Known<'a, Value<'a>>, under: &Under, place: Origin<'a>) -> Cases<'a> {
    smallvec::smallvec![Case { value, under: under.clone(), place, parameter: None }]
}

/// The logical id that a value refers to.
fn target_id<'a>(value: &Value<'a>) -> Option<&'a str> {
    Text::of(value).only_hole()?.resource_id()
}

#[cfg(test)]
mod asking;
#[cfg(test)]
mod edges;
#[cfg(test)]
mod exhaustive;
#[cfg(test)]
mod tests;
