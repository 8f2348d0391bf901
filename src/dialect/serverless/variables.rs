//! The values behind serverless.yml's variables, found when somebody asks and never more often than once.
//!
//! A variable is answered for one stage at a time. Only when an answer turns out to depend on the stage
//! are the other stages asked, and what they say differently becomes `Fn::If`.

use foldhash::HashMap;

use super::config::Version;
use super::grammar;
use super::sources::Files;
use super::stages::{self, Stages};
use crate::dialect::Input;
use crate::syntax;
use crate::template::{Build, Entry, Kind, Map, Origin, Step, Value};

/// How many values may be looked at in all: what a hostile file can make us do.
const MAX_WORK: u32 = 2_000_000;

/// How many values variables may bring into the tree, each copy counted.
const MAX_NODES: u32 = 500_000;

/// How deep the tree may be once variables are replaced; what the parser guarantees for a file.
const MAX_HEIGHT: u32 = syntax::MAX_DEPTH as u32;

/// How deep we recurse, through the tree and through variables that lead to variables; what keeps the
/// stack of a thread from running out.
const MAX_CALLS: u32 = MAX_HEIGHT + 45;

/// A variable within a variable takes more of the stack than a value within a value.
const VARIABLE_CALLS: u32 = 6;

/// What is said of a value beyond `MAX_WORK` or `MAX_NODES`.
pub(super) const TOO_MANY: &str = "the file's variables stand for more than we look at";

/// The same beyond `MAX_CALLS`.
const TOO_DEEP: &str = "the file's variables lead deeper than we look";

/// Past this many values a subtree is not told, value by value, which variable brought it.
const MAX_TOLD: u32 = 4_000;

/// Whose answers are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The stage of an index; 0 is the default stage, deployed without any option.
    Stage(u8),
    /// A stage without a name, to find out what is chosen by stage.
    Any,
    /// Every stage: what differs becomes a condition.
    Each,
}

/// A value without variables, and how large it is.
#[derive(Clone, Copy)]
pub(super) struct Done<'a> {
    pub value: Value<'a>,
    pub nodes: u32,
    pub height: u32,
    /// False when nothing was replaced in it: then it need not be copied.
    pub changed: bool,
}

impl<'a> Done<'a> {
    pub(super) const fn leaf(value: Value<'a>, changed: bool) -> Self {
        // A long text is as much to look at as many short ones.
        let nodes = match value.kind {
            Kind::Text(text) if text.len() < 64 << 20 => 1 + (text.len() / 128) as u32,
            Kind::Text(_) => u32::MAX,
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Intrinsic(_)
            | Kind::Unknown(_) => 1,
        };
        Self { value, nodes, height: 1, changed }
    }
}

/// Where a text or a list is in memory: the same text is answered once.
type Key = (usize, usize);

/// The variables of one file and what is known about them.
pub(super) struct Variables<'a, 'i> {
    pub(super) build: Build<'a>,
    pub(super) input: &'i Input<'a, 'i>,
    pub(super) version: Version,
    /// The file as written.
    pub(super) root: Value<'a>,
    pub(super) stages: Stages<'a>,
    pub(super) region: &'a str,
    pub(super) files: Files<'a>,
    pub(super) turn: Turn,
    /// True once an answer depended on the stage.
    pub(super) tainted: bool,
    /// True once a value was found to stand in a file that we do not read.
    pub(super) closed: bool,
    /// What could not be known and may hide whole resources.
    pub(super) unknown_parts: Vec<(Origin<'a>, &'a str)>,
    /// What was too large to be followed to its end: each bound that was met, once.
    pub(super) bounds_met: Vec<&'static str>,
    /// What a text's variable leads to, and whether that depends on the stage.
    heads: HashMap<(Key, Turn), (Value<'a>, bool)>,
    trees: HashMap<(Key, Turn), (Done<'a>, bool)>,
    /// The texts and collections we are inside of.
    open: Vec<Key>,
    calls: u32,
    work: u32,
    brought: u32,
}

impl std::hash::Hash for Turn {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        state.write_u8(match self {
            Self::Stage(index) => *index,
            Self::Any => u8::MAX,
            Self::Each => u8::MAX - 1,
        });
    }
}

impl<'a, 'i> Variables<'a, 'i> {
    pub(super) fn new(root: Value<'a>, input: &'i Input<'a, 'i>, version: Version) -> Self {
        Self {
            build: Build::new(input.arena),
            input,
            version,
            root,
            stages: Stages::default(),
            region: "us-east-1",
            files: Files::default(),
            turn: Turn::Stage(0),
            tainted: false,
            closed: false,
            unknown_parts: Vec::new(),
            bounds_met: Vec::new(),
            heads: HashMap::default(),
            trees: HashMap::default(),
            open: Vec::new(),
            calls: 0,
            work: 0,
            brought: 0,
        }
    }

    /// Forgets every answer: the stages, or the region, have become known.
    pub(super) fn forget(&mut self) {
        self.heads.clear();
        self.trees.clear();
        self.tainted = false;
    }

    /// Notes work that was done.
    pub(super) fn worked(&mut self, steps: usize) {
        self.work = self.work.saturating_add(u32::try_from(steps).unwrap_or(u32::MAX));
    }

    /// The value with every variable in it replaced.
    pub(super) fn walk(&mut self, value: Value<'a>) -> Done<'a> {
        self.work += 1;
        match value.kind {
            Kind::Text(text) if grammar::may_vary(text) => {}
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => {
                return Done::leaf(value, false);
            }
            Kind::List(_) | Kind::Map(_) | Kind::Intrinsic(_) => {}
        }
        if self.work > MAX_WORK {
            return Done::leaf(self.beyond(TOO_MANY, value.origin), true);
        }
        if self.calls >= MAX_CALLS {
            return Done::leaf(self.beyond(TOO_DEEP, value.origin), true);
        }
        self.calls += 1;
        let done = match value.kind {
            Kind::Text(_) => self.per_stage(value.origin, &mut |this| this.replaced(value)),
            _ => self.below(value),
        };
        self.calls -= 1;
        done
    }

    /// A value whose own text has no variable left; its children may.
    pub(super) fn below(&mut self, value: Value<'a>) -> Done<'a> {
        let key = match value.kind {
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => {
                return Done::leaf(value, false);
            }
            Kind::Intrinsic(intrinsic) => (std::ptr::from_ref(intrinsic).addr(), usize::MAX),
            Kind::List(items) => (items.as_ptr().addr(), items.len()),
            Kind::Map(map) => (map.entries.as_ptr().addr(), map.entries.len()),
        };
        // Outside of variables every collection is met once and contains itself never.
        if self.turn == Turn::Each || key.1 == 0 {
            return self.children(value);
        }
        if let Some((done, tainted)) = remembered(&self.trees, key, self.turn) {
            self.tainted |= tainted;
            return Done { value: Value::new(done.value.kind, value.origin), ..done };
        }
        if self.open.contains(&key) {
            return Done::leaf(self.circle(value.origin), true);
        }
        if self.calls >= MAX_CALLS {
            return Done::leaf(self.beyond(TOO_DEEP, value.origin), true);
        }
        let calls = if value.as_intrinsic().is_some() { VARIABLE_CALLS } else { 0 };
        self.calls += calls;
        self.open.push(key);
        let before = std::mem::take(&mut self.tainted);
        let done = self.children(value);
        self.open.pop();
        self.calls -= calls;
        remember(&mut self.trees, key, self.turn, done, self.tainted);
        self.tainted |= before;
        done
    }

    fn children(&mut self, value: Value<'a>) -> Done<'a> {
        let (mut nodes, mut height, mut changed) = (1_u32, 0, false);
        let mut note = |done: &Done<'a>| {
            nodes = nodes.saturating_add(done.nodes);
            height = height.max(done.height);
            changed |= done.changed;
            changed
        };
        let arena = self.build.arena;
        let kind = match value.kind {
            Kind::List(items) => {
                let mut new: Vec<Value<'a>> = Vec::new();
                for (at, item) in items.iter().enumerate() {
                    let done = self.walk(*item);
                    if note(&done) {
                        // The first that changes: what stands before it is copied as it is.
                        if new.is_empty() {
                            new.reserve_exact(items.len());
                            new.extend_from_slice(items.get(..at).unwrap_or_default());
                        }
                        new.push(done.value);
                    }
                }
                if changed { Kind::List(arena.alloc_slice_copy(&new)) } else { value.kind }
            }
            Kind::Map(map) => {
                let mut new: Vec<Entry<'a>> = Vec::new();
                for (at, entry) in map.entries.iter().enumerate() {
                    let done = self.walk(entry.value);
                    if note(&done) {
                        if new.is_empty() {
                            new.reserve_exact(map.entries.len());
                            new.extend_from_slice(map.entries.get(..at).unwrap_or_default());
                        }
                        new.push(Entry { value: done.value, ..*entry });
                    }
                }
                if changed { Kind::Map(Map { entries: arena.alloc_slice_copy(&new) }) } else { value.kind }
            }
            Kind::Intrinsic(intrinsic) => return self.intrinsic(intrinsic, value.origin),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => value.kind,
        };
        Done { value: Value::new(kind, value.origin), nodes, height: height + 1, changed }
    }

    /// A text that is or holds a variable, replaced, for the stage whose turn it is.
    fn replaced(&mut self, value: Value<'a>) -> Done<'a> {
        let head = self.head(value);
        let changed = !same_text(head.kind, value.kind);
        let done = self.below(head);
        let told = match (head.origin.step, head.kind) {
            (Some(step), Kind::List(_) | Kind::Map(_)) if done.nodes <= MAX_TOLD => {
                self.work = self.work.saturating_add(done.nodes);
                self.told(done.value, step)
            }
            _ => done.value,
        };
        Done { value: told, changed: changed || done.changed, ..done }
    }

    /// Does something for the stage whose turn it is, or for all of them when what it gives depends on
    /// the stage. Whatever variables bring into the tree passes here, and is measured.
    pub(super) fn per_stage(&mut self, origin: Origin<'a>, work: &mut dyn FnMut(&mut Self) -> Done<'a>) -> Done<'a> {
        if self.turn != Turn::Each {
            let done = work(self);
            return self.measured(done, done.height, origin);
        }
        self.turn = Turn::Stage(0);
        self.tainted = false;
        let mut done = work(self);
        if self.tainted && self.stages.names.len() > 1 {
            let mut cases = vec![done.value];
            for index in 1..self.stages.names.len() {
                self.turn = Turn::Stage(u8::try_from(index).unwrap_or(u8::MAX - 2));
                let other = work(self);
                cases.push(other.value);
                done.nodes = done.nodes.saturating_add(other.nodes);
                done.height = done.height.max(other.height);
                done.changed |= other.changed;
            }
            self.work = self.work.saturating_add(done.nodes);
            let combined = stages::combine(self.build, &mut self.stages, &cases, origin);
            done.changed |= !same_text(combined.kind, done.value.kind);
            done.value = combined;
            // A chain of conditions is as deep as there are stages.
            done.height += u32::try_from(cases.len()).unwrap_or(u32::MAX);
        }
        self.turn = Turn::Each;
        if done.changed {
            self.brought = self.brought.saturating_add(done.nodes);
        }
        self.measured(done, done.height.saturating_add(self.calls), origin)
    }

    fn measured(&mut self, done: Done<'a>, height: u32, origin: Origin<'a>) -> Done<'a> {
        if done.changed && (done.nodes > MAX_NODES || self.brought > MAX_NODES || height > MAX_HEIGHT) {
            return Done::leaf(self.beyond(TOO_MANY, origin), true);
        }
        done
    }

    /// What a value is once its own text is no variable any more. Never `Fn::If`: this is one stage's.
    pub(super) fn head(&mut self, value: Value<'a>) -> Value<'a> {
        let Kind::Text(text) = value.kind else { return value };
        // A long text that many variables lead to is looked through as often.
        self.worked(text.len() / 256);
        if self.work > MAX_WORK {
            return self.beyond(TOO_MANY, value.origin);
        }
        if !grammar::may_vary(text) {
            return value;
        }
        let key = (text.as_ptr().addr(), text.len());
        if let Some((head, tainted)) = remembered(&self.heads, key, self.turn) {
            self.tainted |= tainted;
            return head;
        }
        if self.open.contains(&key) {
            return self.circle(value.origin);
        }
        self.work += 1;
        if self.calls >= MAX_CALLS || self.work > MAX_WORK {
            return self.beyond(TOO_DEEP, value.origin);
        }
        self.calls += VARIABLE_CALLS;
        self.open.push(key);
        let before = std::mem::take(&mut self.tainted);
        let head = self.text(text, value.origin);
        self.open.pop();
        self.calls -= VARIABLE_CALLS;
        remember(&mut self.heads, key, self.turn, head, self.tainted);
        self.tainted |= before;
        head
    }

    /// A value that we do not look at, for a bound is met: the user is told.
    pub(super) fn beyond(&mut self, bound: &'static str, at: Origin<'a>) -> Value<'a> {
        if !self.bounds_met.contains(&bound) {
            self.bounds_met.push(bound);
        }
        self.build.unknown(bound, at)
    }

    fn circle(&self, at: Origin<'a>) -> Value<'a> {
        self.build.unknown("the variable leads back to itself", at)
    }

    /// The same values, each saying which variables brought it.
    fn told(&self, value: Value<'a>, step: &'a Step<'a>) -> Value<'a> {
        let kind = match value.kind {
            Kind::List(items) => {
                let items: Vec<_> = items.iter().map(|item| self.told_below(*item, step)).collect();
                Kind::List(self.build.arena.alloc_slice_copy(&items))
            }
            Kind::Map(map) => {
                let entries: Vec<_> = map
                    .entries
                    .iter()
                    .map(|e| Entry {
                        key: e.key,
                        key_origin: self.after(e.key_origin, step),
                        value: self.told_below(e.value, step),
                    })
                    .collect();
                Kind::Map(Map { entries: self.build.arena.alloc_slice_copy(&entries) })
            }
            kind @ (Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::Text(_)
            | Kind::Unknown(_)
            | Kind::Intrinsic(_)) => kind,
        };
        Value::new(kind, value.origin)
    }

    fn told_below(&self, value: Value<'a>, step: &'a Step<'a>) -> Value<'a> {
        self.told(value.with_origin(self.after(value.origin, step)), step)
    }

    fn after(&self, origin: Origin<'a>, step: &'a Step<'a>) -> Origin<'a> {
        Origin { span: origin.span, step: Some(self.chained(step, origin.step, 8)) }
    }

    /// The steps of one chain behind those of another; of a very long chain the last ones.
    fn chained(&self, step: &'a Step<'a>, first: Option<&'a Step<'a>>, most: u8) -> &'a Step<'a> {
        if first.is_none() || most == 0 {
            return step;
        }
        let before = step.before.map_or(first, |earlier| Some(self.chained(earlier, first, most - 1)));
        self.build.arena.alloc(Step { before, ..*step })
    }
}

fn same_text(left: Kind<'_>, right: Kind<'_>) -> bool {
    matches!((left, right), (Kind::Text(left), Kind::Text(right)) if left == right)
}

fn remembered<T: Copy>(answers: &HashMap<(Key, Turn), (T, bool)>, key: Key, turn: Turn) -> Option<(T, bool)> {
    let own = answers.get(&(key, turn)).copied();
    own.or_else(|| answers.get(&(key, Turn::Stage(0))).copied().filter(|(_, tainted)| !tainted))
}

fn remember<T>(answers: &mut HashMap<(Key, Turn), (T, bool)>, key: Key, turn: Turn, answer: T, tainted: bool) {
    // What does not depend on the stage is everybody's answer. (Nobody's stage is another matter: it
    // leaves out what it could not choose.)
    let turn = if tainted || turn == Turn::Any { turn } else { Turn::Stage(0) };
    answers.insert((key, turn), (answer, tainted));
}
