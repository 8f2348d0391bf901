//! GitHub's own fingerprints of the lines of a file: what keeps an alert the same when the file changes
//! above it.
//!
//! The algorithm is that of the action that uploads SARIF: a rolling hash over the hundred UTF-16 units
//! that follow the beginning of a line, blanks and tabs left out, with a counter for equal ones.

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
    for unit in text.encode_utf16() {
        let feed = unit == u16::from(b'\n');
        if unit == u16::from(b' ') || unit == u16::from(b'\t') || (after_cr && feed) {
            after_cr = false;
            continue;
        }
        after_cr = unit == u16::from(b'\r');
        hasher.push(if after_cr { u16::from(b'\n') } else { unit });
    }
    hasher.push(END);
    hasher.finish()
}

struct Hasher {
    window: [u16; BLOCK],
    // The line that begins at this place of the window.
    lines: [Option<usize>; BLOCK],
    at: usize,
    hash: u64,
    leading: u64,
    line_start: bool,
    count: usize,
    seen: HashMap<u64, u32>,
    out: Vec<LineHash>,
}

impl Hasher {
    fn new() -> Self {
        Self {
            window: [0; BLOCK],
            lines: [None; BLOCK],
            at: 0,
            hash: 0,
            leading: (0..BLOCK).fold(1, |power, _| FACTOR.wrapping_mul(power)),
            line_start: true,
            count: 0,
            seen: HashMap::new(),
            out: Vec::new(),
        }
    }

    fn push(&mut self, unit: u16) {
        self.emit();
        if self.line_start {
            self.line_start = false;
            if let Some(slot) = self.lines.get_mut(self.at) {
                *slot = Some(self.count);
            }
            self.count += 1;
        }
        self.line_start = unit == u16::from(b'\n');
        self.roll(unit);
    }

    fn roll(&mut self, unit: u16) {
        let Some(slot) = self.window.get_mut(self.at) else { return };
        let oldest = std::mem::replace(slot, unit);
        self.hash = FACTOR
            .wrapping_mul(self.hash)
            .wrapping_add(u64::from(unit))
            .wrapping_sub(self.leading.wrapping_mul(u64::from(oldest)));
        self.at = (self.at + 1) % BLOCK;
    }

    /// A hundred units after its beginning, the hash of a line is known.
    fn emit(&mut self) {
        let Some(line) = self.lines.get_mut(self.at).and_then(Option::take) else { return };
        let count = self.seen.entry(self.hash).or_insert(0);
        *count += 1;
        if self.out.len() <= line {
            self.out.resize(line + 1, LineHash::default());
        }
        if let Some(slot) = self.out.get_mut(line) {
            *slot = LineHash(self.hash, *count);
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
