//! GitHub's own fingerprints of the lines of a file: what keeps an alert the same when the file changes
//! above it.
//!
//! The algorithm is that of the action that uploads SARIF: a rolling hash over the hundred UTF-16 units
//! that follow the beginning of a line, blanks and tabs left out, with a counter for equal ones.

use std::collections::VecDeque;

use foldhash::{HashMap, HashMapExt};

const BLOCK: usize = 100;
const FACTOR: u64 = 37;
/// What ends a text: no character has this number.
const END: u16 = u16::MAX;

/// The fingerprint of a line: its hash, and the how-manieth line it is that has it; zero for a line without one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LineHash(u64, u32);

impl LineHash {
    /// As GitHub writes it.
    pub(super) fn text(self) -> Option<String> {
        (self.1 > 0).then(|| format!("{:x}:{}", self.0, self.1))
    }
}

/// The fingerprint of each line, by line from 1; the first stands for line 1.
pub(super) fn line_hashes(text: &str) -> Vec<LineHash> {
    let mut hasher = Hasher::new();
    let mut after_cr = false;
    // Most characters are a byte, and most of those are blanks.
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b' ' | b'\t' => {}
            b'\n' if after_cr => {}
            b'\r' | b'\n' => hasher.push(u16::from(b'\n')),
            0..0x80 => hasher.push(u16::from(byte)),
            _ => {
                let character = text.get(at..).and_then(|rest| rest.chars().next());
                let units = |c: char| c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| hasher.push(*unit));
                character.into_iter().for_each(units);
            }
        }
        after_cr = byte == b'\r';
    }
    hasher.push(END);
    hasher.finish()
}

/// What a number is multiplied with when `BLOCK` more come behind it.
const BEHIND: u64 = {
    let (mut power, mut left) = (1_u64, BLOCK);
    while left > 0 {
        power = power.wrapping_mul(FACTOR);
        left -= 1;
    }
    power
};

/// The hash of a line is that of all units up to a hundred behind its beginning, without that of all before it.
struct Hasher {
    /// The hash of all units so far, and how many those are.
    all: u64,
    at: usize,
    /// The lines whose units have not all come: the hash of what is before each, and when it is complete.
    open: VecDeque<(u64, usize)>,
    line_start: bool,
    seen: HashMap<u64, u32>,
    out: Vec<LineHash>,
}

impl Hasher {
    fn new() -> Self {
        Self { all: 0, at: 0, open: VecDeque::new(), line_start: true, seen: HashMap::new(), out: Vec::new() }
    }

    #[inline]
    fn push(&mut self, unit: u16) {
        self.emit();
        if self.line_start {
            self.open.push_back((self.all, self.at + BLOCK));
        }
        self.line_start = unit == u16::from(b'\n');
        self.roll(unit);
    }

    #[inline]
    fn roll(&mut self, unit: u16) {
        self.all = FACTOR.wrapping_mul(self.all).wrapping_add(u64::from(unit));
        self.at += 1;
    }

    /// A hundred units after its beginning, the hash of a line is known.
    #[inline]
    fn emit(&mut self) {
        if self.open.front().is_some_and(|(_, due)| *due == self.at)
            && let Some((before, _)) = self.open.pop_front()
        {
            let hash = self.all.wrapping_sub(before.wrapping_mul(BEHIND));
            let count = self.seen.entry(hash).or_insert(0);
            *count += 1;
            self.out.push(LineHash(hash, *count));
        }
    }

    fn finish(mut self) -> Vec<LineHash> {
        for _ in 0..BLOCK {
            self.emit();
            self.roll(0);
        }
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<String> {
        line_hashes(text).into_iter().filter_map(LineHash::text).collect()
    }

    /// The vectors that the algorithm's authors publish.
    #[test]
    fn published_vectors() {
        assert_eq!(texts(""), ["c129715d7a2bc9a3:1"]);
        let expected = ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"];
        assert_eq!(texts(" a\nb\n  \t\tc\n d"), expected);
    }

    /// Line breaks of any kind, and blanks, make no difference.
    #[test]
    fn line_breaks_do_not_count() {
        assert_eq!(line_hashes("a\r\nb\r\n"), line_hashes("a\nb\n"));
        assert_eq!(line_hashes("a\rb\r"), line_hashes("a\nb\n"));
        assert_eq!(line_hashes("a: b\n"), line_hashes("\ta:b\n"));
    }

    /// A line's hash is that of a hundred units, zeros behind the end, whatever the length of lines.
    #[test]
    fn a_hundred_units_from_each_line_on() {
        let text = (0..60).map(|at| format!("{at}: {}é\u{1f600}\t\r\n\n", "ab ".repeat(at))).collect::<String>();
        let plain = text.replace([' ', '\t', '\r'], "");
        let starts = std::iter::once(0).chain(plain.match_indices('\n').map(|(at, _)| at + 1));
        let hash = |from: usize| {
            let units = plain[from..].encode_utf16().chain([END]).chain([0; BLOCK]).take(BLOCK);
            units.fold(0_u64, |sum, unit| sum.wrapping_mul(FACTOR).wrapping_add(u64::from(unit)))
        };
        let expected: Vec<u64> = starts.map(hash).collect();
        assert_eq!(line_hashes(&text).iter().map(|line| line.0).collect::<Vec<_>>(), expected);
    }

    /// Equal lines are counted.
    #[test]
    fn equal_lines_are_counted() {
        let text = "x\n".repeat(300);
        let all = texts(&text);
        assert_eq!(all.len(), 301);
        assert!(all[0].ends_with(":1") && all[1].ends_with(":2"), "{:?}", &all[..2]);
        assert_eq!(all[0].split(':').next(), all[1].split(':').next());
    }
}
