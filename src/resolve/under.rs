//! The assumption under which something holds.

use std::rc::Rc;

use smallvec::SmallVec;

/// A conjunction of "this condition is true" and "this parameter is that", with the set of worlds in
/// which it holds. `Under::always()` costs nothing.
#[derive(Debug, Clone, Default)]
pub struct Under(Option<Rc<Inner>>);

#[derive(Debug, Clone, Default)]
struct Inner {
    /// What was assumed, in the order it was, for people.
    trail: SmallVec<[String; 2]>,
    /// Worlds left, by component; a component that is not named has all.
    worlds: Vec<(u16, Bits)>,
}

/// A set of worlds of one component.
#[derive(Debug, Clone, PartialEq, Eq)]
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
        self.0.iter().map(|word| word.count_ones() as usize).sum::<usize>() == self.1
    }

    pub(super) fn and(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a & b).collect(), self.1)
    }

    fn or(&self, other: &Self) -> Self {
        Self(self.0.iter().zip(&other.0).map(|(a, b)| a | b).collect(), self.1)
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
        let inner = self.0.as_ref()?;
        (!inner.trail.is_empty()).then(|| inner.trail.join(" and "))
    }

    /// Whether both assume the same, said in the same words.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        let [one, two] = [self, other].map(|under| under.0.as_ref().map_or(&[][..], |inner| inner.trail.as_slice()));
        one == two
    }

    /// Whether the other holds wherever this one does.
    #[must_use]
    pub fn implies(&self, other: &Self) -> bool {
        other.is_always() || self.and(other).is_some_and(|both| both.is(self))
    }

    /// Whether some narrower assumptions, which differ in one respect, leave no case of this one out.
    #[must_use]
    pub fn is_covered_by(&self, parts: &[Self]) -> bool {
        let said = |under: &Self| under.0.as_ref().map_or(0, |inner| inner.trail.len());
        let mut all: Option<(u16, Bits)> = None;
        for part in parts {
            let mut beyond = part.narrowed().filter(|(component, worlds)| self.worlds(*component) != Some(*worlds));
            let (Some((component, worlds)), None) = (beyond.next(), beyond.next()) else { return false };
            // What was only said has no worlds that could be counted.
            if said(part) != said(self) + 1 {
                return false;
            }
            all = match all {
                None => Some((component, worlds.clone())),
                Some((same, before)) if same == component => Some((same, before.or(worlds))),
                Some(_) => return false,
            };
        }
        all.is_some_and(|(component, all)| self.worlds(component).map_or_else(|| all.is_full(), |own| *own == all))
    }

    /// This one where a narrower one does not hold; `None` when nothing is left, and when they differ in more than one respect.
    #[must_use]
    pub fn without(&self, narrower: &Self) -> Option<Self> {
        let inner = narrower.0.as_ref()?;
        let [before @ .., last] = inner.trail.as_slice() else { return None };
        let mut beyond = narrower.narrowed().filter(|(component, worlds)| self.worlds(*component) != Some(*worlds));
        let ((component, worlds), None) = (beyond.next()?, beyond.next()) else { return None };
        if self.0.as_ref().map_or(&[][..], |own| own.trail.as_slice()) != before {
            return None;
        }
        let said = denied(last)?;
        self.narrow(component, &worlds.others(), || said)
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
        for (component, worlds) in &b.worlds {
            inner.narrow(*component, worlds)?;
        }
        for said in &b.trail {
            // Of a condition that is not followed there are no worlds, only what was said of it.
            if a.trail.iter().any(|own| contrary(own, said)) {
                return None;
            }
            if !inner.trail.contains(said) {
                inner.trail.push(said.clone());
            }
        }
        Some(Self(Some(Rc::new(inner))))
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
        if !said.is_empty() && !inner.trail.contains(&said) {
            inner.trail.push(said);
        }
        Some(Self(Some(Rc::new(inner))))
    }

    /// Whether this was assumed, in these words.
    pub(super) fn says(&self, said: &str) -> bool {
        self.0.as_ref().is_some_and(|inner| inner.trail.iter().any(|one| one == said))
    }

    /// The same with something to tell that narrows nothing we track.
    #[must_use]
    pub fn said(&self, said: String) -> Self {
        let mut inner = self.0.as_deref().cloned().unwrap_or_default();
        if !inner.trail.contains(&said) {
            inner.trail.push(said);
        }
        Self(Some(Rc::new(inner)))
    }
}

impl Inner {
    fn narrow(&mut self, component: u16, worlds: &Bits) -> Option<()> {
        match self.worlds.iter_mut().find(|(c, _)| *c == component) {
            Some((_, left)) => {
                *left = left.and(worlds);
                (!left.is_empty()).then_some(())
            }
            None if worlds.is_empty() => None,
            None => {
                self.worlds.push((component, worlds.clone()));
                Some(())
            }
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
        assert!(!Under::always().is_covered_by(&[case(0), case(1).said("C is true".to_owned())]));
        assert!(!Under::always().is_covered_by(&[]));
        let left = |under: &Under, case: &Under| under.without(case).and_then(|left| left.describe());
        assert_eq!(left(&Under::always(), &case(0)).as_deref(), Some("Env is not 0"));
        assert!(Under::always().without(&case(0)).is_some_and(|left| left.worlds(0) == case(1).worlds(0)));
        assert_eq!(left(&case(0), &case(0)), None);
        assert_eq!(left(&Under::always(), &Under::always()), None);
        assert_eq!(left(&Under::always(), &case(1).said("C is true".to_owned())), None);
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
