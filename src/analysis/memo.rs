//! Answers about words that templates repeat, kept while the program runs, up to a bound.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::hash::Hash;
use std::sync::{LazyLock, RwLock};

use foldhash::{HashMap, HashMapExt};

/// What was answered. An answer must follow from its question alone: all threads share it.
pub struct Memo<K, V> {
    kept: LazyLock<RwLock<Kept<K, V>>>,
    room: usize,
}

struct Kept<K, V> {
    answers: HashMap<K, V>,
    weight: usize,
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// Room for answers that weigh so much together, every one at least 1; later ones are worked out each time.
    #[must_use]
    pub const fn new(room: usize) -> Self {
        Self { kept: LazyLock::new(|| RwLock::new(Kept { answers: HashMap::new(), weight: 0 })), room }
    }

    /// The answer to a question, worked out at most once while there is room.
    pub fn answer<Q>(&self, question: &Q, weigh: impl Fn(&V) -> usize, work_out: impl FnOnce() -> V) -> V
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ToOwned<Owned = K> + ?Sized,
    {
        if let Some(known) = self.kept.read().ok().and_then(|kept| kept.answers.get(question).cloned()) {
            return known;
        }
        let answer = work_out();
        if let Ok(mut kept) = self.kept.write() {
            let weight = kept.weight.saturating_add(weigh(&answer).max(1));
            if weight <= self.room && kept.answers.insert(question.to_owned(), answer.clone()).is_none() {
                kept.weight = weight;
            }
        }
        answer
    }
}

/// Answers about one template, each worked out once; one thread asks.
#[derive(Debug)]
pub struct Answers<K, V>(RefCell<HashMap<K, V>>);

impl<K, V> Default for Answers<K, V> {
    fn default() -> Self {
        Self(RefCell::default())
    }
}

impl<K: Eq + Hash, V: Clone> Answers<K, V> {
    /// The answer to a question; working it out may ask others.
    pub fn answer(&self, question: K, work_out: impl FnOnce() -> V) -> V {
        if let Some(known) = self.0.borrow().get(&question) {
            return known.clone();
        }
        let answer = work_out();
        self.0.borrow_mut().insert(question, answer.clone());
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is kept is not worked out again; what there is no room for is, and is right all the same.
    #[test]
    fn keeps_what_there_is_room_for() {
        static LENGTHS: Memo<String, usize> = Memo::new(5);
        let ask = |word: &str| {
            let mut worked = false;
            let answer = LENGTHS.answer(
                word,
                |length| *length,
                || {
                    worked = true;
                    word.len()
                },
            );
            assert_eq!(answer, word.len());
            worked
        };
        assert!(ask("four") && !ask("four"), "the first is kept");
        assert!(ask("six") && ask("six"), "there is no room for three more");
        assert!(ask("") && !ask(""), "nothing weighs one");
        assert!(ask("a") && ask("a"), "it is full");
        assert!(!ask("four"), "and forgets nothing");
    }
}
