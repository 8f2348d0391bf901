//! What TypeScript adds to an expression and means nothing at run time: annotations, casts, assertions.

use super::Script;
use super::lex::Kind;

/// How many parts one type may have before it is given up as unreadable.
const MAX_PARTS: usize = 1_000;

impl Script<'_> {
    /// The token behind the type that begins at one.
    pub(super) fn past_type(&self, mut at: usize) -> usize {
        for _ in 0..MAX_PARTS {
            // A union may begin with its bar.
            if self.is_mark(at, b'|') || self.is_mark(at, b'&') {
                at += 1;
            }
            while ["typeof", "keyof", "readonly", "unique", "infer", "new", "asserts"]
                .iter()
                .any(|w| self.is_word(at, w))
            {
                at += 1;
            }
            let parameters = self.kind(at) == Some(Kind::Open(b'('));
            at = match self.kind(at) {
                Some(Kind::Word) => self.past_name(at),
                Some(Kind::Open(_) | Kind::Template) => self.past(at),
                Some(Kind::Text | Kind::Number) => at + 1,
                _ => return at,
            };
            while self.kind(at) == Some(Kind::Open(b'[')) && !self.after_break(at) {
                at = self.past(at);
            }
            let more = self.is_mark(at, b'|') || self.is_mark(at, b'&');
            let more = more || parameters && self.kind(at) == Some(Kind::Arrow);
            if !more {
                return at;
            }
            at += 1;
        }
        at
    }

    /// `A.B<C>`.
    fn past_name(&self, mut at: usize) -> usize {
        at += 1;
        while self.is_mark(at, b'.') && self.word(at + 1).is_some() {
            at += 2;
        }
        if self.is_mark(at, b'<') { self.past_angles(at) } else { at }
    }

    /// The token behind the `>` that closes the `<` at one; brackets in between are skipped whole.
    pub(super) fn past_angles(&self, mut at: usize) -> usize {
        let mut open = 0_usize;
        loop {
            match self.kind(at) {
                None | Some(Kind::Close(_) | Kind::Mark(b';')) => return at,
                Some(Kind::Mark(b'<')) => open += 1,
                Some(Kind::Mark(b'>')) => open = open.saturating_sub(1),
                Some(_) => {}
            }
            at = self.past(at);
            if open == 0 {
                return at;
            }
        }
    }
}
