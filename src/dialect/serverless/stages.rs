//! Stages as cases: which there are, and what a value is when they disagree.

use foldhash::{HashMap, HashMapExt};

use super::variables_intrinsic::parts;
use super::variables_text::is_unset;
use crate::template::{Build, Entry, Intrinsic, Kind, Map, Origin, Parameter, Value};

/// How many stages are told apart; those found first.
pub(super) const MAX_STAGES: usize = 8;

/// The synthetic parameter that stands for the stage.
pub(super) const STAGE: &str = "opt:stage";

/// The stages of a service; the first is deployed when nobody says otherwise.
#[derive(Default)]
pub(super) struct Stages<'a> {
    pub names: Vec<&'a str>,
    /// The user said which stage to look at: there is no other.
    pub pinned: bool,
    /// No further stage counts.
    pub complete: bool,
    /// True when even the default stage's name is only known while deploying.
    pub unknown: bool,
    /// Stages that some value has been made to depend on.
    used: Vec<usize>,
    /// Further conditions, made of those of single stages.
    further: Vec<Entry<'a>>,
}

impl<'a> Stages<'a> {
    /// One more stage that the file speaks of.
    pub(super) fn add(&mut self, name: &'a str) {
        let plausible =
            !name.is_empty() && name.len() <= 64 && !matches!(name, "default" | "defaults" | "other" | "others" | "*");
        if !self.pinned && !self.complete && plausible && self.names.len() < MAX_STAGES && !self.names.contains(&name) {
            self.names.push(name);
        }
    }

    /// True when some value depends on the stage.
    pub(super) fn in_use(&self) -> bool {
        !self.used.is_empty()
    }

    fn condition(&mut self, build: Build<'a>, stage: usize) -> &'a str {
        if !self.used.contains(&stage) {
            self.used.push(stage);
        }
        build.str(&format!("stage is {}", self.names.get(stage).copied().unwrap_or_default()))
    }

    /// A resource that only some stages have gets a condition, named in its `key`; so does a function.
    pub(super) fn only_where_it_is(&mut self, build: Build<'a>, value: Value<'a>, key: &'a str) -> Value<'a> {
        let everywhere: Vec<usize> = (0..self.names.len()).collect();
        let mut leaves = Vec::new();
        self.leaves(value, everywhere, &mut leaves);
        let present: Vec<_> = leaves.iter().filter(|(_, v)| !is_no_value(*v)).collect();
        let [(stages, body)] = present.as_slice() else { return value };
        let (Some(map), false) = (body.as_map(), leaves.len() < 2) else { return value };
        let origin = value.origin;
        let mut name = format!(
            "stage is {}",
            stages.iter().filter_map(|s| self.names.get(*s)).copied().collect::<Vec<_>>().join(" or ")
        );
        let conditions: Vec<_> =
            stages.iter().map(|s| build.intrinsic(Intrinsic::Condition(self.condition(build, *s)), origin)).collect();
        if let [_, _, ..] = conditions.as_slice() {
            self.further(build, &name, Intrinsic::Or(build.arena.alloc_slice_copy(&conditions)), origin);
        }
        let mut entries = map.entries.to_vec();
        if let Some(own) = map.get(key).and_then(|e| e.value.as_text()) {
            let both =
                [Intrinsic::Condition(build.str(&name)), Intrinsic::Condition(own)].map(|c| build.intrinsic(c, origin));
            name = format!("{name} and {own}");
            self.further(build, &name, Intrinsic::And(build.arena.alloc_slice_copy(&both)), origin);
            entries.retain(|e| e.key != key);
        }
        entries.push(Entry { key, key_origin: origin, value: build.text(&name, origin) });
        build.entries(entries, body.origin)
    }

    fn further(&mut self, build: Build<'a>, name: &str, condition: Intrinsic<'a>, origin: Origin<'a>) {
        if !self.further.iter().any(|e| e.key == name) {
            let value = build.intrinsic(condition, origin);
            self.further.push(Entry { key: build.str(name), key_origin: origin, value });
        }
    }

    /// What a value is in which stages, as far as it hangs on the stage alone.
    fn leaves(&self, value: Value<'a>, stages: Vec<usize>, out: &mut Vec<(Vec<usize>, Value<'a>)>) {
        let split = match value.as_intrinsic() {
            Some(Intrinsic::If(condition, then, otherwise)) => {
                let stage = condition.strip_prefix("stage is ").and_then(|s| self.names.iter().position(|n| *n == s));
                stage.map(|stage| (stage, *then, *otherwise))
            }
            _ => None,
        };
        let Some((stage, then, otherwise)) = split else {
            // Two stages that lack it are one case.
            match out.iter_mut().find(|(_, other)| is_no_value(value) && is_no_value(*other)) {
                Some((same, _)) => same.extend(stages),
                None => out.push((stages, value)),
            }
            return;
        };
        let (here, elsewhere): (Vec<_>, Vec<_>) = stages.into_iter().partition(|s| *s == stage);
        self.leaves(then, here, out);
        self.leaves(otherwise, elsewhere, out);
    }

    /// The parameter and the conditions that the template needs, when any value depends on the stage.
    pub(super) fn declarations(&self, build: Build<'a>, origin: Origin<'a>) -> (Vec<Parameter<'a>>, Vec<Entry<'a>>) {
        let Some(default) = self.names.first().filter(|_| self.in_use()) else { return (Vec::new(), Vec::new()) };
        let origin = build.derived(origin, "the stage of the deployment, `--stage`", None);
        let default = build.text(default, origin);
        let allowed = build.list(self.names.iter().map(|name| build.text(name, origin)), origin);
        let body = build
            .map([("Type", build.text("String", origin)), ("Default", default), ("AllowedValues", allowed)], origin);
        let parameter = Parameter {
            name: STAGE,
            key: origin,
            kind: "String",
            body,
            default: Some(default),
            allowed: allowed.as_list().unwrap_or_default(),
            no_echo: false,
        };
        let mut used = self.used.clone();
        used.sort_unstable();
        let condition = |stage: usize| {
            let name = self.names.get(stage).copied().unwrap_or_default();
            let equals = Intrinsic::Equals(build.reference(STAGE, origin), build.text(name, origin));
            let key = build.str(&format!("stage is {name}"));
            Entry { key, key_origin: origin, value: build.intrinsic(equals, origin) }
        };
        let conditions = used.into_iter().map(condition).chain(self.further.iter().copied());
        (vec![parameter], conditions.collect())
    }
}

/// One value out of one for each stage: equal parts stay as they are, the others hang on conditions.
pub(super) fn combine<'a>(
    build: Build<'a>,
    stages: &mut Stages<'a>,
    values: &[Value<'a>],
    origin: Origin<'a>,
) -> Value<'a> {
    let cases: Vec<_> = values.iter().enumerate().map(|(stage, value)| (stage, Some(*value))).collect();
    Combiner { build, stages, origin }.cases(&cases)
}

type Case<'a> = (usize, Option<Value<'a>>);

struct Combiner<'a, 's> {
    build: Build<'a>,
    stages: &'s mut Stages<'a>,
    origin: Origin<'a>,
}

impl<'a> Combiner<'a, '_> {
    /// `None` is a key or an item that a stage has not.
    fn cases(&mut self, all: &[Case<'a>]) -> Value<'a> {
        // A stage that the framework would refuse to deploy is no case.
        let mut cases: Vec<_> = all.iter().filter(|(_, value)| !value.is_some_and(is_unset)).copied().collect();
        if cases.is_empty() {
            cases = all.to_vec();
        }
        let Some((_, first)) = cases.first().copied() else { return self.build.no_value(self.origin) };
        if cases.iter().all(|(_, other)| alike(first, *other)) {
            return first.unwrap_or_else(|| self.build.no_value(self.origin));
        }
        let there: Vec<(usize, Value<'a>)> =
            cases.iter().filter_map(|(stage, value)| Some((*stage, (*value)?))).collect();
        let maps: Option<Vec<_>> = there.iter().map(|(stage, v)| Some((*stage, v.as_map()?))).collect();
        let lists: Option<Vec<_>> = there.iter().map(|(stage, v)| Some((*stage, v.as_list()?))).collect();
        let origin = there.first().map_or(self.origin, |(_, first)| first.origin);
        let merged = match (maps, lists) {
            (Some(maps), _) if maps.len() > 1 => self.maps(&maps, origin),
            (_, Some(lists)) if lists.len() > 1 => {
                let longest = lists.iter().map(|(_, items)| items.len()).max().unwrap_or(0);
                let items: Vec<_> = (0..longest)
                    .map(|at| {
                        let item: Vec<_> =
                            lists.iter().map(|(stage, items)| (*stage, items.get(at).copied())).collect();
                        self.cases(&item)
                    })
                    .collect();
                self.build.list(items, origin)
            }
            _ => return self.choice(&cases),
        };
        // Stages that have it share one value; those that have not are a case of their own.
        for case in &mut cases {
            case.1 = case.1.map(|_| merged);
        }
        if there.len() == cases.len() {
            return merged;
        }
        self.choice(&cases)
    }

    fn maps(&mut self, maps: &[(usize, Map<'a>)], origin: Origin<'a>) -> Value<'a> {
        let mut rows: Vec<(&Entry<'a>, Vec<Case<'a>>)> = Vec::new();
        let mut places = HashMap::new();
        for (column, (_, map)) in maps.iter().enumerate() {
            for entry in map.entries {
                let row = *places.entry(entry.key).or_insert_with(|| {
                    rows.push((entry, maps.iter().map(|(stage, _)| (*stage, None)).collect()));
                    rows.len() - 1
                });
                if let Some(case) = rows.get_mut(row).and_then(|(_, cases)| cases.get_mut(column)) {
                    case.1 = Some(entry.value);
                }
            }
        }
        for (entry, cases) in &mut rows {
            // A resource without properties is one with none of them.
            if entry.key == "Properties" && cases.iter().any(|(_, v)| v.is_some_and(|v| v.as_map().is_some())) {
                for case in cases {
                    case.1 = case.1.or(Some(Value::new(Kind::Map(Map::EMPTY), entry.key_origin)));
                }
            }
        }
        let entries: Vec<_> = rows.iter().map(|(entry, cases)| Entry { value: self.cases(cases), ..**entry }).collect();
        self.build.entries(entries, origin)
    }

    /// What most stages say is the last word; the others come first, each under its name.
    fn choice(&mut self, cases: &[Case<'a>]) -> Value<'a> {
        let mut groups: Vec<(Option<Value<'a>>, Vec<usize>)> = Vec::new();
        for (stage, value) in cases {
            match groups.iter_mut().find(|(other, _)| alike(*other, *value)) {
                Some((_, stages)) => stages.push(*stage),
                None => groups.push((*value, vec![*stage])),
            }
        }
        let largest = groups.iter().map(|(_, stages)| stages.len()).max().unwrap_or(0);
        let last = groups.iter().rposition(|(_, stages)| stages.len() == largest).unwrap_or(0);
        let build = self.build;
        let at = self.origin;
        let or_nothing = |value: Option<Value<'a>>| value.unwrap_or_else(|| build.no_value(at));
        let mut value = or_nothing(groups.remove(last).0);
        for (then, stages) in groups.into_iter().rev() {
            let then = or_nothing(then);
            for stage in stages.into_iter().rev() {
                let condition = self.stages.condition(build, stage);
                value = build.choose(condition, then, value, at);
            }
        }
        value
    }
}

fn is_no_value(value: Value<'_>) -> bool {
    value.is_null() || matches!(value.as_intrinsic(), Some(Intrinsic::Ref("AWS::NoValue")))
}

fn alike(left: Option<Value<'_>>, right: Option<Value<'_>>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => same(left, right),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}

/// True when two values are the same, wherever they were written.
fn same(left: Value<'_>, right: Value<'_>) -> bool {
    match (left.kind, right.kind) {
        (Kind::Null, Kind::Null) => true,
        (Kind::Bool(left), Kind::Bool(right)) => left == right,
        (Kind::Number(left), Kind::Number(right)) | (Kind::Text(left), Kind::Text(right)) => left == right,
        (Kind::Unknown(left), Kind::Unknown(right)) => left == right,
        (Kind::List(left), Kind::List(right)) => {
            std::ptr::eq(left, right) || left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same(*l, *r))
        }
        (Kind::Map(left), Kind::Map(right)) => {
            let (left, right) = (left.entries, right.entries);
            let entry = |(l, r): (&Entry<'_>, &Entry<'_>)| l.key == r.key && same(l.value, r.value);
            std::ptr::eq(left, right) || left.len() == right.len() && left.iter().zip(right).all(entry)
        }
        (Kind::Intrinsic(left), Kind::Intrinsic(right)) => std::ptr::eq(left, right) || same_function(left, right),
        (
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Intrinsic(_)
            | Kind::Unknown(_),
            _,
        ) => false,
    }
}

fn same_function(left: &Intrinsic<'_>, right: &Intrinsic<'_>) -> bool {
    match (left, right) {
        (Intrinsic::External(left), Intrinsic::External(right)) => {
            left.kind == right.kind && left.written == right.written
        }
        (Intrinsic::Sub { template, pieces, .. }, Intrinsic::Sub { template: other, pieces: others, .. }) => {
            template == other && pieces.len() == others.len() && pieces.iter().zip(*others).all(|(l, r)| same(*l, *r))
        }
        (Intrinsic::Other(left, _), Intrinsic::Other(right, _)) if left != right => false,
        (left, right) => {
            std::mem::discriminant(left) == std::mem::discriminant(right) && {
                let (left, right) = (parts(left), parts(right));
                left.0 == right.0
                    && left.1.len() == right.1.len()
                    && left.1.iter().zip(&right.1).all(|(l, r)| same(*l, *r))
            }
        }
    }
}
