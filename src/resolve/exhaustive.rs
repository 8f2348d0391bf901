//! Conditions against every deployment of a small world: what can be deployed is seen, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde_json::{Value as Json, json};

use super::asking::asking_alone;
use super::{Known, Text};

/// What texts are compared with, and what mappings hold.
const POOL: [&str; 5] = ["a", "b", "", "x-a", "a-b"];
/// What parameters are given: every part of those, and something else.
const GIVEN: [&str; 12] = ["a", "b", "", "x-a", "a-b", "x", "-", "x-", "-a", "a-", "-b", "zzz"];
/// Where it may be deployed; some are no regions, which nobody checks.
const REGIONS: [&str; 14] =
    ["us-east-1", "eu-west-1", "a", "b", "", "x-a", "a-b", "x", "-", "x-", "-a", "a-", "-b", "zzz"];
const PARAMETERS: [&str; 3] = ["P", "Q", "R"];

/// A text in a condition.
#[derive(Debug, Clone)]
enum Expression {
    Literal(&'static str),
    Parameter(usize),
    Region,
    Sub(Vec<Expression>),
    Join(&'static str, Vec<Expression>),
    /// The mapping by name, then its two keys.
    Find(&'static str, Box<Expression>, Box<Expression>),
}

#[derive(Debug, Clone)]
enum Question {
    Equals(Expression, Expression),
    Not(Box<Question>),
    And(Box<Question>, Box<Question>),
    Or(Box<Question>, Box<Question>),
    /// One of the conditions before this one.
    Named(usize),
}

/// A value that conditions choose.
#[derive(Debug, Clone)]
enum Chosen {
    Leaf(u8),
    /// `AWS::NoValue`.
    Nothing,
    If(usize, Box<Chosen>, Box<Chosen>),
    /// A map with the keys `a` and `b`.
    Map(Box<Chosen>, Box<Chosen>),
    List(Vec<Chosen>),
}

/// Where values are looked for; the last is asked for its items.
const PATHS: [&[&str]; 4] = [&["P"], &["P", "a"], &["P", "a", "b"], &["P", "b"]];

#[derive(Debug, Clone)]
struct Parameter {
    allowed: Vec<&'static str>,
    default: Option<&'static str>,
}

/// A template, as far as conditions go.
#[derive(Debug, Clone)]
struct World {
    parameters: Vec<Parameter>,
    questions: Vec<Question>,
    chosen: Chosen,
}

/// One deployment: what each parameter is, and where.
struct Deployment {
    parameters: Vec<&'static str>,
    region: &'static str,
}

/// The texts of a list, lists in it included: AWS takes no list of lists.
fn items(list: &Json) -> Vec<&str> {
    match list {
        Json::Array(all) => all.iter().flat_map(items).collect(),
        other => other.as_str().into_iter().collect(),
    }
}

fn mapping(name: &str) -> &'static [(&'static str, &'static str, &'static str)] {
    match name {
        "M" => &[("a", "k", "a"), ("a", "l", "b"), ("b", "k", "x-a"), ("b", "l", "b"), ("x-a", "k", "a")],
        _ => &[("us-east-1", "k", "a"), ("us-east-1", "l", "b"), ("eu-west-1", "k", "b"), ("eu-west-1", "l", "b")],
    }
}

impl Expression {
    /// The text in a deployment; `None` when nothing can be deployed so.
    fn text(&self, at: &Deployment) -> Option<String> {
        Some(match self {
            Self::Literal(text) => (*text).to_owned(),
            Self::Parameter(which) => (*at.parameters.get(*which)?).to_owned(),
            Self::Region => at.region.to_owned(),
            Self::Sub(pieces) => pieces.iter().map(|piece| piece.text(at)).collect::<Option<Vec<_>>>()?.concat(),
            Self::Join(separator, items) => {
                items.iter().map(|item| item.text(at)).collect::<Option<Vec<_>>>()?.join(separator)
            }
            Self::Find(name, first, second) => {
                let (first, second) = (first.text(at)?, second.text(at)?);
                mapping(name).iter().find(|row| row.0 == first && row.1 == second)?.2.to_owned()
            }
        })
    }

    fn json(&self) -> Json {
        match self {
            Self::Literal(text) => json!(text),
            Self::Parameter(which) => json!({"Ref": PARAMETERS[*which]}),
            Self::Region => json!({"Ref": "AWS::Region"}),
            Self::Sub(pieces) => {
                let mut text = String::new();
                let mut variables = serde_json::Map::new();
                for (at, piece) in pieces.iter().enumerate() {
                    match piece {
                        Self::Literal(literal) => text += literal,
                        Self::Parameter(which) => text += &format!("${{{}}}", PARAMETERS[*which]),
                        Self::Region => text += "${AWS::Region}",
                        other => {
                            text += &format!("${{V{at}}}");
                            variables.insert(format!("V{at}"), other.json());
                        }
                    }
                }
                if variables.is_empty() { json!({"Fn::Sub": text}) } else { json!({"Fn::Sub": [text, variables]}) }
            }
            Self::Join(separator, items) => {
                json!({"Fn::Join": [separator, items.iter().map(Self::json).collect::<Vec<_>>()]})
            }
            Self::Find(name, first, second) => json!({"Fn::FindInMap": [name, first.json(), second.json()]}),
        }
    }
}

impl Expression {
    /// How many parameters and regions stand in it.
    fn variables(&self) -> usize {
        match self {
            Self::Literal(_) => 0,
            Self::Parameter(_) | Self::Region => 1,
            Self::Sub(all) | Self::Join(_, all) => all.iter().map(Self::variables).sum(),
            Self::Find(_, first, second) => first.variables() + second.variables(),
        }
    }
}

impl Question {
    /// How many variables meet in a comparison, at most; a constant that is put together counts as one.
    fn variables(&self) -> usize {
        let weight = |side: &Expression| {
            let plain = match side {
                Expression::Sub(pieces) => matches!(pieces[..], [Expression::Literal(_)]),
                other => matches!(other, Expression::Literal(_)),
            };
            if side.variables() == 0 && !plain { 2 } else { side.variables() }
        };
        match self {
            Self::Equals(a, b) => weight(a) + weight(b),
            Self::Not(inner) => inner.variables(),
            Self::And(a, b) | Self::Or(a, b) => a.variables().max(b.variables()),
            Self::Named(_) => 0,
        }
    }

    fn holds(&self, at: &Deployment, before: &[bool]) -> Option<bool> {
        Some(match self {
            Self::Equals(a, b) => a.text(at)? == b.text(at)?,
            Self::Not(inner) => !inner.holds(at, before)?,
            Self::And(a, b) => [a.holds(at, before)?, b.holds(at, before)?] == [true, true],
            Self::Or(a, b) => [a.holds(at, before)?, b.holds(at, before)?] != [false, false],
            Self::Named(which) => *before.get(*which).unwrap_or(&true),
        })
    }

    fn json(&self, number: usize) -> Json {
        match self {
            Self::Equals(a, b) => json!({"Fn::Equals": [a.json(), b.json()]}),
            Self::Not(inner) => json!({"Fn::Not": [inner.json(number)]}),
            Self::And(a, b) => json!({"Fn::And": [a.json(number), b.json(number)]}),
            Self::Or(a, b) => json!({"Fn::Or": [a.json(number), b.json(number)]}),
            Self::Named(which) if *which < number => json!({"Condition": format!("C{which}")}),
            Self::Named(_) => json!({"Fn::Equals": ["a", "a"]}),
        }
    }
}

impl Chosen {
    /// What is left of it; null where that is nothing.
    fn deployed(&self, holds: &[bool]) -> Json {
        match self {
            Self::Leaf(leaf) => json!(format!("leaf{leaf}")),
            Self::Nothing => Json::Null,
            Self::If(which, yes, no) => {
                let holds_here = holds.get(*which % holds.len().max(1)).copied().unwrap_or(true);
                if holds_here { yes.deployed(holds) } else { no.deployed(holds) }
            }
            Self::Map(a, b) => {
                let pairs = [("a", a), ("b", b)].map(|(key, value)| (key.to_owned(), value.deployed(holds)));
                pairs.into_iter().filter(|(_, value)| !value.is_null()).collect::<serde_json::Map<_, _>>().into()
            }
            Self::List(items) => items.iter().map(|i| i.deployed(holds)).filter(|item| !item.is_null()).collect(),
        }
    }

    fn json(&self, questions: usize) -> Json {
        match self {
            Self::Leaf(leaf) => json!(format!("leaf{leaf}")),
            Self::Nothing => json!({"Ref": "AWS::NoValue"}),
            Self::Map(a, b) => json!({"a": a.json(questions), "b": b.json(questions)}),
            Self::List(items) => items.iter().map(|item| item.json(questions)).collect(),
            Self::If(which, yes, no) => {
                json!({"Fn::If": [format!("C{}", which % questions.max(1)), yes.json(questions), no.json(questions)]})
            }
        }
    }
}

impl World {
    fn template(&self) -> String {
        let parameters: BTreeMap<_, _> = PARAMETERS
            .iter()
            .zip(&self.parameters)
            .map(|(name, parameter)| {
                let mut all = json!({"Type": "String"});
                if !parameter.allowed.is_empty() {
                    all["AllowedValues"] = json!(parameter.allowed);
                }
                if let Some(default) = parameter.default {
                    all["Default"] = json!(default);
                }
                (name, all)
            })
            .collect();
        let mappings: BTreeMap<_, _> = ["M", "N"]
            .into_iter()
            .map(|name| {
                let mut rows: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
                for (first, second, value) in mapping(name) {
                    rows.entry(first).or_default().insert(second, value);
                }
                (name, rows)
            })
            .collect();
        let conditions: BTreeMap<_, _> =
            self.questions.iter().enumerate().map(|(at, question)| (format!("C{at}"), question.json(at))).collect();
        json!({
            "Parameters": parameters,
            "Mappings": mappings,
            "Conditions": conditions,
            "Resources": {"R": {"Type": "AWS::X::Y", "Properties": {"P": self.chosen.json(self.questions.len())}}},
        })
        .to_string()
    }

    /// What is deployed, over every deployment that CloudFormation accepts.
    fn deployed(&self) -> BTreeSet<String> {
        let domains: Vec<&[&'static str]> =
            self.parameters.iter().map(|p| if p.allowed.is_empty() { &GIVEN[..] } else { &p.allowed[..] }).collect();
        let mut found = BTreeSet::new();
        let size: usize = domains.iter().map(|domain| domain.len()).product();
        for (at, region) in (0..size).flat_map(|at| REGIONS.iter().map(move |region| (at, *region))) {
            let mut rest = at;
            let parameters = domains
                .iter()
                .map(|domain| {
                    let value = domain[rest % domain.len()];
                    rest /= domain.len();
                    value
                })
                .collect();
            let deployment = Deployment { parameters, region };
            let mut holds = Vec::new();
            let all = self.questions.iter().try_for_each(|question| {
                holds.push(question.holds(&deployment, &holds)?);
                Some(())
            });
            if all.is_some() {
                let all = self.chosen.deployed(&holds);
                for path in PATHS {
                    let there = path.iter().skip(1).try_fold(&all, |value, key| value.get(key)).unwrap_or(&Json::Null);
                    if there.is_array() {
                        found.extend(items(there).into_iter().map(|item| format!("{} has {item}", path.join("."))));
                    }
                    let what = match there {
                        Json::String(leaf) => leaf,
                        Json::Object(_) => "a map",
                        Json::Array(_) => "a list",
                        _ => "absent",
                    };
                    found.insert(format!("{} is {what}", path.join(".")));
                }
            }
        }
        found
    }

    /// What the resolver sees.
    fn seen(&self) -> BTreeSet<String> {
        asking_alone(&self.template(), |resolver, _| {
            let resource = resolver.template().resources.first().expect("the template has a resource");
            let mut seen = BTreeSet::new();
            for path in PATHS {
                for case in resolver.property(resource, path) {
                    let what = match case.value {
                        Known::Present(value) if value.as_map().is_some() => "a map".to_owned(),
                        Known::Present(value) if value.as_list().is_some() => {
                            for item in resolver.items(&value, &case.under) {
                                let text = item.present().filter(|item| item.as_map().is_none());
                                seen.extend(
                                    text.map(|item| format!("{} has {}", path.join("."), Text::of(&item).pattern())),
                                );
                            }
                            "a list".to_owned()
                        }
                        Known::Present(value) => Text::of(&value).pattern(),
                        Known::Absent => "absent".to_owned(),
                        Known::Unknown(_) => "unknown".to_owned(),
                    };
                    seen.insert(format!("{} is {what}", path.join(".")));
                }
            }
            seen
        })
    }
}

fn literal() -> impl Strategy<Value = &'static str> {
    prop::sample::select(&POOL[..])
}

/// What a mapping is asked for: a lookup of a lookup may have no answer, which nobody here follows.
fn key(parameters: usize) -> impl Strategy<Value = Expression> {
    (0..parameters, prop::option::of(prop::sample::select(&["x-", ""][..]))).prop_map(|(which, before)| {
        let parameter = Expression::Parameter(which);
        match before {
            Some(before) => Expression::Sub(vec![Expression::Literal(before), parameter]),
            None => parameter,
        }
    })
}

fn expression(parameters: usize) -> impl Strategy<Value = Expression> {
    let leaf = prop_oneof![
        3 => literal().prop_map(Expression::Literal),
        5 => (0..parameters).prop_map(Expression::Parameter),
        1 => Just(Expression::Region),
    ];
    leaf.prop_recursive(2, 6, 3, move |inner| {
        let some = prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            2 => some.clone().prop_map(Expression::Sub),
            1 => (prop::sample::select(&["", "-"][..]), some).prop_map(|(s, items)| Expression::Join(s, items)),
            2 => (key(parameters), prop::sample::select(&["k", "l"][..]), any::<bool>()).prop_map(|(key, column, region)| {
                let (name, key) = if region { ("N", Expression::Region) } else { ("M", key) };
                Expression::Find(name, Box::new(key), Box::new(Expression::Literal(column)))
            }),
        ]
    })
}

fn question(parameters: usize) -> impl Strategy<Value = Question> {
    let leaf = prop_oneof![
        4 => (expression(parameters), literal()).prop_map(|(a, b)| Question::Equals(a, Expression::Literal(b))),
        1 => (expression(parameters), expression(parameters)).prop_map(|(a, b)| Question::Equals(a, b)),
        1 => (0..3_usize).prop_map(Question::Named),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            inner.prop_map(|a| Question::Not(Box::new(a))),
            two.clone().prop_map(|(a, b)| Question::And(Box::new(a), Box::new(b))),
            two.prop_map(|(a, b)| Question::Or(Box::new(a), Box::new(b))),
        ]
    })
}

fn chosen() -> impl Strategy<Value = Chosen> {
    let leaf = prop_oneof![4 => (0..5_u8).prop_map(Chosen::Leaf), 1 => Just(Chosen::Nothing)];
    leaf.prop_recursive(4, 14, 3, |inner| {
        let two = (inner.clone(), inner.clone()).prop_map(|(a, b)| (Box::new(a), Box::new(b)));
        prop_oneof![
            3 => (0..4_usize, two.clone()).prop_map(|(which, (yes, no))| Chosen::If(which, yes, no)),
            2 => two.prop_map(|(a, b)| Chosen::Map(a, b)),
            1 => prop::collection::vec(inner, 0..3).prop_map(Chosen::List),
        ]
    })
}

fn world(parameters: usize) -> impl Strategy<Value = World> {
    let parameter =
        (prop::collection::vec(literal(), 0..4), prop::option::of(literal())).prop_map(|(mut allowed, default)| {
            allowed.sort_unstable();
            allowed.dedup();
            let default = default.filter(|default| allowed.is_empty() || allowed.contains(default));
            Parameter { allowed, default }
        });
    (prop::collection::vec(parameter, parameters), prop::collection::vec(question(parameters), 1..5), chosen())
        .prop_map(|(parameters, questions, chosen)| World { parameters, questions, chosen })
}

#[expect(clippy::disallowed_methods, reason = "how long to look is asked of whoever runs the tests")]
fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(200);
    ProptestConfig {
        rng_seed: RngSeed::Fixed(11),
        failure_persistence: None,
        max_global_rejects: u32::MAX,
        ..ProptestConfig::with_cases(cases)
    }
}

proptest! {
    #![proptest_config(config())]

    /// What can be deployed is among the cases.
    #[test]
    fn nothing_that_can_be_deployed_is_missed(world in world(3)) {
        let (deployed, seen) = (world.deployed(), world.seen());
        let missed: Vec<_> = deployed.difference(&seen).collect();
        prop_assert!(missed.is_empty() || seen.iter().any(|what| what.ends_with(" is unknown")), "{missed:?} of {deployed:?}, seen {seen:?}: {}", world.template());
    }

    /// Where each comparison asks about one parameter, what is among the cases can be deployed.
    #[test]
    fn nothing_else_is_seen(world in world(3)) {
        prop_assume!(world.questions.iter().all(|question| question.variables() < 2));
        let (deployed, seen) = (world.deployed(), world.seen());
        let made_up: Vec<_> = seen.difference(&deployed).collect();
        prop_assert!(made_up.is_empty() || deployed.is_empty(), "{made_up:?} beside {deployed:?}: {}", world.template());
    }
}
