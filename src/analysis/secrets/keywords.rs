//! Many words looked for at once, in any case: what says at little cost whether a dear expression can find anything.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use aho_corasick::{AhoCorasick, AhoCorasickKind, Match};

/// How many letters of a word are compared before the word is.
const LETTERS: usize = 3;

/// After how many bytes an automaton has paid for itself.
const MUCH: usize = 100_000;

/// Words of lower case and at least three letters, that are looked for in texts.
///
/// To make an automaton for some hundred words takes longer than to judge a file. So the first texts are looked through
/// with what the compiler could prepare: which three letters a word begins with. Both ways find the same.
pub(super) struct Keywords<const N: usize> {
    words: [&'static str; N],
    /// The three letters of each word.
    starts: [u16; N],
    /// A bit for each three letters that a word begins with.
    known: [u64; 1 << (5 * LETTERS - 6)],
    automaton: OnceLock<Option<AhoCorasick>>,
    seen: AtomicUsize,
}

impl<const N: usize> Keywords<N> {
    /// For a `static`, so that the tables are made by the compiler.
    pub(super) const fn new(words: [&'static str; N]) -> Self {
        let mut starts = [0; N];
        let mut known = [0; 1 << (5 * LETTERS - 6)];
        let mut at = 0;
        while at < N {
            let [first, second, third, ..] = words[at].as_bytes() else { panic!("a word of three letters") };
            let start = after(after(after(0, *first), *second), *third);
            starts[at] = start;
            known[start as usize >> 6] |= 1 << (start & 63);
            at += 1;
        }
        Self { words, starts, known, automaton: OnceLock::new(), seen: AtomicUsize::new(0) }
    }

    /// The words in a text: which, and where they end. All of them, also where they overlap; in no order.
    pub(super) fn found<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, usize)> {
        let much = self.seen.fetch_add(text.len(), Ordering::Relaxed) > MUCH;
        // Most texts hold no word at all, and that is learnt sooner than which they hold.
        let automaton = if much { self.automaton() } else { None };
        let slowly = automaton.is_none().then(|| self.read(text));
        let quickly = automaton.filter(|automaton| automaton.is_match(text));
        let quickly = quickly.map(|automaton| automaton.find_overlapping_iter(text));
        let told = |found: Match| (found.pattern().as_usize(), found.end());
        slowly.into_iter().flatten().chain(quickly.into_iter().flatten().map(told))
    }

    fn automaton(&self) -> Option<&AhoCorasick> {
        let mut builder = AhoCorasick::builder();
        builder.ascii_case_insensitive(true).kind(Some(AhoCorasickKind::DFA));
        self.automaton.get_or_init(|| builder.build(self.words).ok()).as_ref()
    }

    fn read<'t>(&'t self, text: &'t str) -> impl Iterator<Item = (usize, usize)> {
        let bytes = text.as_bytes();
        let mut last = 0;
        let begun = bytes.iter().enumerate().filter_map(move |(at, byte)| {
            last = after(last, *byte);
            let known = self.known.get(usize::from(last >> 6)).is_some_and(|bits| bits >> (last & 63) & 1 == 1);
            let begin = if known { (at + 1).checked_sub(LETTERS) } else { None };
            begin.map(|begin| (begin, last))
        });
        begun.flat_map(move |(begin, start)| {
            let alike = self.words.iter().zip(&self.starts).enumerate().filter(move |(_, (_, own))| **own == start);
            alike.filter_map(move |(which, (word, _))| {
                let end = begin + word.len();
                bytes.get(begin..end)?.eq_ignore_ascii_case(word.as_bytes()).then_some((which, end))
            })
        })
    }
}

/// The last three letters after one more. Five bits tell letters apart, and not their case.
const fn after(last: u16, byte: u8) -> u16 {
    (last << 5 | (byte & 31) as u16) & ((1 << (5 * LETTERS)) - 1)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    static WORDS: Keywords<6> = Keywords::new(["pass", "password", "pwd", "word", "ssw", "abc"]);

    proptest! {
        /// The two ways find the same words at the same places.
        #[test]
        fn both_ways_agree(text in "([aAbcdopPrRsSwW@`é]|password|PWD){0,30}") {
            let slowly: BTreeSet<_> = WORDS.read(&text).collect();
            let automaton = WORDS.automaton().expect("an automaton");
            let quickly = automaton.find_overlapping_iter(&text).map(|found| (found.pattern().as_usize(), found.end()));
            prop_assert_eq!(slowly, quickly.collect::<BTreeSet<_>>());
        }
    }

    #[test]
    fn words_overlap() {
        let found: BTreeSet<_> = WORDS.found("my PassWord").collect();
        assert_eq!(found, BTreeSet::from([(0, 7), (1, 11), (3, 11), (4, 8)]));
    }
}
