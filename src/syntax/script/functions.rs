//! Functions that a script exports: what they return, when they do nothing else.

use std::ops::Range;

use super::lex::Kind;
use super::value::Parsed;
use super::{Binding, Script};

impl<'a> Script<'a> {
    /// The expression that is exported: of a function, what it returns.
    pub(super) fn exported(&mut self, at: usize) -> Parsed<'a> {
        let named = match self.word(at).map(|name| self.names.get(name)) {
            Some(Some(Binding::At(from, false))) if self.ends(at + 1) => *from,
            _ => at,
        };
        let result = self.function(named).filter(|(parameters, _)| !self.shadows(parameters.clone()));
        let result = result.and_then(|(_, body)| match self.kind(body) {
            Some(Kind::Open(b'{')) => self.returned(body),
            Some(_) => Some(self.expression(body).0),
            None => None,
        });
        result.unwrap_or_else(|| self.expression(at).0)
    }

    /// The parameters of the function that begins at a token, and where its body begins.
    fn function(&self, mut at: usize) -> Option<(Range<usize>, usize)> {
        if self.is_word(at, "async") {
            at += 1;
        }
        let declared = self.is_word(at, "function");
        if declared {
            at += if self.word(at + 1).is_some() { 2 } else { 1 };
        }
        let parameters = at..self.past(at);
        let mut body = parameters.end;
        if self.kind(at) == Some(Kind::Open(b'(')) {
            if self.is_mark(body, b':') {
                body = self.past_type(body + 1);
            }
        } else if declared || self.word(at).is_none() {
            return None;
        }
        if declared {
            return (self.kind(body) == Some(Kind::Open(b'{'))).then_some((parameters, body));
        }
        (self.kind(body) == Some(Kind::Arrow)).then_some((parameters, body + 1))
    }

    /// True when one of these tokens is a name that stands for something else at the top of the file.
    fn shadows(&self, mut tokens: Range<usize>) -> bool {
        tokens.any(|at| self.word(at).is_some_and(|name| self.names.contains_key(name)))
    }

    /// What a body of nothing but declarations and one `return` returns.
    fn returned(&mut self, body: usize) -> Option<Parsed<'a>> {
        let end = self.past(body).checked_sub(1)?;
        let mut at = body + 1;
        while at < end {
            at = match self.word(at) {
                Some("const" | "let" | "var") => {
                    let target = at + 1;
                    if self.shadows(target..self.past(target)) {
                        return None;
                    }
                    let next = self.declarations(target);
                    let mut tokens = target;
                    while tokens < next {
                        if self.is_mark(tokens, b',') {
                            return None;
                        }
                        tokens = self.past(tokens);
                    }
                    next
                }
                Some("return") => {
                    self.statement = true;
                    let (value, next) = self.expression(at + 1);
                    let next = if self.is_mark(next, b';') { next + 1 } else { next };
                    return (next == end).then_some(value);
                }
                None if self.is_mark(at, b';') => at + 1,
                Some(_) | None => return None,
            };
        }
        None
    }
}
