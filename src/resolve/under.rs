//! The assumption under which something holds.

use std::rc::Rc;

use smallvec::{SmallVec, smallvec};

/// How many cases are left of one before nobody says which.
const MAX_LEFT: usize = 16;

/// Of how many narrower ones it is asked whether they cover one together: it is asked for every action that there is.
const MOST_PARTS: usize = 4;

/// A conjunction of "this condition is true" and "this parameter is that", with the set of worlds in
/// which it holds. `Under::always()` costs nothing.
#[derive(Debug, Clone, Default)]
pub struct Under(Option<Rc<Inner>>);

#[derive(Debug, Clone, Default)]
struct Inner {
    /// What was assumed, in the order it was, for people.
    trail: SmallVec<[Said; 2]>,
    /// Worlds left, by component; a component that is not named has all.
    worlds: Vec<(u16, Bits)>,
}

/// One thing that was assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    text: String,
    /// The component whose worlds it narrows; `None` for what is not followed.
    of: Option<u16>,
}

/// A set of worlds of one component.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Bits(SmallVec<[u64; 1]>, usize);

impl Bits {
    pub(super) fn none(worlds: usize) -> Self {
        Self(smallvec::smallvec![0; worlds.div_ceil(64).max(1)], worlds)
    }

    pub(super) fn set(&mut self, world: usize) {
        if let Some(word) = self.0.get_mut(world / 64) {
            *word |= 1 << (world % 64);
        }
    }

    pub(super) fn has(&self, world: usize) -> bool {
        self.0.get(world / 64).is_some_and(|word| word & (1 << (world % 64)) != 0)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// True when no world is left out.
    pub(super) fn is_full(&self) -> bool {
        self.count() == self.1
    }

    /// How much of all worlds it is, in millionths.
    pub(super) fn share(&self) -> usize {
        self.count() * 1_000_000 / self.1.max(1)
    }

    /// Whether no world is in both.
    pub(super) fn is_apart(&self, other: &Self) -> bool {
        self.and(other).is_empty()
    }

    fn count(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect(), self.1)
    }

    /// The worlds that this one has not.
    fn others(&self) -> Self {
        let mut all = Self::none(self.1);
        (0..self.1).filter(|world| !self.has(*world)).for_each(|world| all.set(world));
        all
    }
}

/// "IsProd is false"; a condition that is itself a sentence ("stage is prod") is negated as one.
pub(super) fn describe(name: &str, truth: bool) -> String {
    match (name.split_once(" is "), truth) {
        (Some(_), true) => name.to_owned(),
        (Some((what, value)), false) => format!("{what} is not {value}"),
        (None, _) => format!("{name} is {truth}"),
    }
}

/// What was said, as [`describe`] says it: of what, which value, and whether it is that; a condition has no value.
fn claim(said: &str) -> Option<(&str, &str, bool)> {
    let (what, is) = said.split_once(" is ")?;
    Some(match is {
        "true" => (what, "", true),
        "false" => (what, "", false),
        value => value.strip_prefix("not ").map_or((what, value, true), |value| (what, value, false)),
    })
}

/// The contrary of what was said.
fn denied(said: &str) -> Option<String> {
    // What was left of several things that hold together.
    if said.contains(" or ") {
        let all: Option<Vec<String>> = said.split(" or ").map(denied).collect();
        return all.map(|all| all.join(" and "));
    }
    Some(match claim(said)? {
        (what, "", truth) => describe(what, !truth),
        (what, value, true) => format!("{what} is not {value}"),
        (what, value, false) => format!("{what} is {value}"),
    })
}

/// Whether one says the contrary of the other: that a condition is true and that it is false, that a stage is one and that it is not.
fn contrary(one: &str, other: &str) -> bool {
    claim(one)
        .zip(claim(other))
        .is_some_and(|((what, value, is), (same, denied, is_too))| what == same && value == denied && is != is_too)
}

impl Under {
    /// No assumption at all.
    #[must_use]
    pub const fn always() -> Self {
        Self(None)
    }

    /// True when nothing is assumed and nothing was ever said of it.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.0.is_none()
    }

    /// True when nothing is assumed.
    #[must_use]
    pub fn is_always(&self) -> bool {
        self.0.as_ref().is_none_or(|inner| inner.trail.is_empty())
    }

    /// In words: "IsProd is false and Env is dev"; `None` when nothing is assumed.
    #[must_use]
    pub fn describe(&self) -> Option<String> {
        let trail = self.trail();
        (!trail.is_empty()).then(|| trail.iter().map(|said| said.text.as_str()).collect::<Vec<_>>().join(" and "))
    }

    /// Whether both hold in the same worlds, in whatever words.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(a), Some(b)) if Rc::ptr_eq(a, b) => true,
            _ => self.implies(other) && other.implies(self),
        }
    }

    /// Whether the other holds wherever this one does.
    #[must_use]
    pub fn implies(&self, other: &Self) -> bool {
        let fewer = |(component, worlds): (u16, &Bits)| match self.worlds(component) {
            Some(own) => own.and(worlds) == *own,
            None => worlds.is_full(),
        };
        other.narrowed().all(fewer)
            && other.untracked().all(|said| self.trail().iter().any(|own| own.text == said.text))
    }

    /// Whether some narrower assumptions leave no case of this one out.
    #[must_use]
    pub fn is_covered_by<'u>(&self, parts: impl IntoIterator<Item = &'u Self>) -> bool {
        let mut left: SmallVec<[Self; 2]> = smallvec![self.clone()];
        for (at, part) in parts.into_iter().enumerate() {
            if self.implies(part) {
                return true;
            }
            if at >= MOST_PARTS {
                continue;
            }
            // What cannot be said takes nothing away.
            let rest = |under: &Self| under.without(part).unwrap_or_else(|| smallvec![under.clone()]);
            left = left.iter().flat_map(rest).take(MAX_LEFT + 1).collect();
            if left.is_empty() {
                return true;
            }
            if left.len() > MAX_LEFT {
                return false;
            }
        }
        false
    }

    /// This one where none of some others holds: in one of these cases, which may overlap. `None` where that cannot be said, or they are
    /// too many.
    #[must_use]
    pub fn beyond<'u>(&self, others: impl IntoIterator<Item = &'u Self>) -> Option<SmallVec<[Self; 2]>> {
        others.into_iter().try_fold(smallvec![self.clone()], |left: SmallVec<[Self; 2]>, other| {
            let rest: Option<Vec<_>> = left.iter().map(|under| under.without(other)).collect();
            rest.map(|rest| rest.into_iter().flatten().collect()).filter(|rest: &SmallVec<_>| rest.len() <= MAX_LEFT)
        })
    }

    /// The cases that some others divide this one into: in each of them every other either holds or does not. Itself where that cannot be
    /// said, or they are too many.
    #[must_use]
    pub fn divided_by<'u>(&self, others: impl IntoIterator<Item = &'u Self>) -> SmallVec<[Self; 2]> {
        let mut others = others.into_iter().filter(|other| !self.implies(other));
        let divided = others.try_fold(smallvec![self.clone()], |cases: SmallVec<[Self; 2]>, other| {
            let parts = |case: &Self| Some(case.and(other).into_iter().chain(case.without(other)?).collect::<Vec<_>>());
            let parts: Option<Vec<_>> = cases.iter().map(parts).collect();
            parts
                .map(|parts| parts.into_iter().flatten().collect())
                .filter(|parts: &SmallVec<_>| parts.len() <= MAX_LEFT)
        });
        divided.unwrap_or_else(|| smallvec![self.clone()])
    }

    /// This one where another does not hold: in one of these cases, which may overlap; none when it always holds. `None` where that
    /// cannot be said.
    #[must_use]
    pub fn without(&self, other: &Self) -> Option<SmallVec<[Self; 2]>> {
        let Some(both) = self.and(other) else { return Some(smallvec![self.clone()]) };
        let new: SmallVec<[&Said; 2]> =
            both.trail().iter().filter(|said| !self.trail().iter().any(|own| own.text == said.text)).collect();
        let mut rest = SmallVec::new();
        for (component, worlds) in
            both.narrowed().filter(|(component, worlds)| self.worlds(*component) != Some(*worlds))
        {
            let said = new.iter().filter(|said| said.of == Some(component));
            let said: Option<Vec<String>> = said.map(|said| denied(&said.text)).collect();
            let said = said.filter(|said| !said.is_empty() || worlds.is_full())?;
            rest.extend(self.narrow(component, &worlds.others(), || said.join(" or ")));
        }
        for said in new.iter().filter(|said| said.of.is_none()) {
            // A condition is true or false; which values something may have that is not followed, nobody knows.
            let (_, "", _) = claim(&said.text)? else { return None };
            rest.push(self.said(denied(&said.text)?));
        }
        Some(rest)
    }

    /// Both assumptions; `None` when they cannot hold together.
    #[must_use]
    pub fn and(&self, other: &Self) -> Option<Self> {
        let (Some(a), Some(b)) = (&self.0, &other.0) else {
            return Some(if self.0.is_some() { self.clone() } else { other.clone() });
        };
        if Rc::ptr_eq(a, b) {
            return Some(self.clone());
        }
        let mut inner = Inner::clone(a);
        // What follows from the rest need not be said.
        let mut narrower: SmallVec<[u16; 2]> = SmallVec::new();
        for (component, worlds) in &b.worlds {
            if inner.narrow(*component, worlds)? {
                narrower.push(*component);
            }
        }
        for said in &b.trail {
            // Of a condition that is not followed there are no worlds, only what was said of it.
            if a.trail.iter().any(|own| contrary(&own.text, &said.text)) {
                return None;
            }
            if said.of.is_none_or(|component| narrower.contains(&component)) {
                inner.push(said.clone());
            }
        }
        Some(Self(Some(Rc::new(inner))))
    }

    /// What was assumed.
    fn trail(&self) -> &[Said] {
        self.0.as_ref().map_or(&[], |inner| inner.trail.as_slice())
    }

    /// What was said that narrows nothing we track.
    fn untracked(&self) -> impl Iterator<Item = &Said> {
        self.trail().iter().filter(|said| said.of.is_none())
    }

    /// The worlds that are left of a component; `None` for all of them.
    pub(super) fn worlds(&self, component: u16) -> Option<&Bits> {
        self.0.as_ref()?.worlds.iter().find(|(c, _)| *c == component).map(|(_, bits)| bits)
    }

    /// The components that are narrowed.
    pub(super) fn narrowed(&self) -> impl Iterator<Item = (u16, &Bits)> {
        self.0.iter().flat_map(|inner| inner.worlds.iter().map(|(c, bits)| (*c, bits)))
    }

    /// Narrower: only these worlds of a component, because of what is `said`; `None` when none is left.
    pub(super) fn narrow(&self, component: u16, worlds: &Bits, said: impl FnOnce() -> String) -> Option<Self> {
        let before = self.worlds(component);
        let left = before.map_or_else(|| worlds.clone(), |before| before.and(worlds));
        if left.is_empty() {
            return None;
        }
        // What follows from the rest need not be said: `IsProd` implies its own `Env is prod`.
        if before.is_some_and(|before| *before == left) {
            return Some(self.clone());
        }
        let said = if before.is_none() && left.is_full() { String::new() } else { said() };
        let mut inner = self.0.as_deref().cloned().unwrap_or_default();
        inner.narrow(component, &left)?;
        if !said.is_empty() {
            inner.push(Said { text: said, of: Some(component) });
        }
        Some(Self(Some(Rc::new(inner))))
    }

    /// Whether this was assumed, in these words.
    pub(super) fn says(&self, said: &str) -> bool {
        self.trail().iter().any(|one| one.text == said)
    }

    /// The same with something to tell that narrows nothing we track.
    #[must_use]
    pub fn said(&self, said: String) -> Self {
        let mut inner = self.0.as_deref().cloned().unwrap_or_default();
        inner.push(Said { text: said, of: None });
        Self(Some(Rc::new(inner)))
    }
}

impl Inner {
    /// Only these worlds of a component; whether that are fewer than before, and `None` when none is left.
    fn narrow(&mut self, component: u16, worlds: &Bits) -> Option<bool> {
        match self.worlds.iter_mut().find(|(c, _)| *c == component) {
            Some((_, left)) => {
                let both = left.and(worlds);
                let fewer = both != *left;
                *left = both;
                (!left.is_empty()).then_some(fewer)
            }
            None if worlds.is_empty() => None,
            None => {
                self.worlds.push((component, worlds.clone()));
                Some(!worlds.is_full())
            }
        }
    }

    fn push(&mut self, said: Said) {
        if !self.trail.iter().any(|own| own.text == said.text) {
            self.trail.push(said);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All cases together are none.
    #[test]
    fn cases_cover() {
        let case = |world: usize| {
            let mut bits = Bits::none(2);
            bits.set(world);
            Under::always().narrow(0, &bits, || format!("Env is {world}")).unwrap_or_default()
        };
        assert!(Under::always().is_covered_by(&[case(0), case(1)]));
        assert!(!Under::always().is_covered_by(&[case(0)]));
        let said = |text: &str| case(1).said(text.to_owned());
        assert!(!Under::always().is_covered_by(&[case(0), said("C is true")]));
        assert!(Under::always().is_covered_by(&[case(0), said("C is true"), said("C is false")]));
        assert!(!Under::always().is_covered_by(&[]));
        let left = |under: &Under, case: &Under| {
            let words = |left: &Under| left.describe().unwrap_or_default();
            under.without(case).unwrap_or_default().iter().map(words).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(left(&Under::always(), &case(0)), "Env is not 0");
        assert!(Under::always().without(&case(0)).is_some_and(|left| left[0].worlds(0) == case(1).worlds(0)));
        assert_eq!(left(&case(0), &case(0)), "");
        assert_eq!(left(&case(0), &case(1)), "Env is 0");
        assert_eq!(left(&Under::always(), &Under::always()), "");
        assert_eq!(left(&Under::always(), &case(1).said("C is true".to_owned())), "Env is not 1, C is false");
        assert_eq!(left(&case(1), &Under::always().said("C is true".to_owned())), "Env is 1 and C is false");
        assert!(Under::always().without(&Under::always().said("Region is a".to_owned())).is_none());
        let cases = Under::always().divided_by(&[case(0), case(1), case(0)]);
        assert_eq!(cases.iter().filter_map(Under::describe).collect::<Vec<_>>(), ["Env is 0", "Env is not 0"]);
        assert!(case(0).divided_by(&[Under::always(), case(1)])[..].iter().all(|case_0| case_0.is(&case(0))));
    }

    /// A condition that is declared nowhere has no worlds, and is true and false at once all the same nowhere.
    #[test]
    fn contraries_do_not_meet() {
        let under = |text: &str| Under::always().said(text.to_owned());
        let both = |one: &str, other: &str| under(one).and(&under(other)).and_then(|both| both.describe());
        for (one, other) in [("C is true", "C is false"), ("stage is prod", "stage is not prod")] {
            assert_eq!((both(one, other), both(other, one)), (None, None), "{one}, {other}");
        }
        assert_eq!(both("C is true", "D is false").as_deref(), Some("C is true and D is false"));
        assert_eq!(both("C is true", "C is true").as_deref(), Some("C is true"));
        assert_eq!(both("stage is prod", "stage is not dev").as_deref(), Some("stage is prod and stage is not dev"));
    }
}
