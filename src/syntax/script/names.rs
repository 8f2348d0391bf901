//! The statements at the top of a script: what its names stand for and which of them it exports.

use super::lex::Kind;
use super::{Binding, Exported, Script};

impl<'a> Script<'a> {
    /// Walks the statements. What is in the braces of functions, classes and blocks is passed over.
    pub(super) fn statements(&mut self) {
        let mut at = 0;
        while let Some(token) = self.token(at) {
            at = match (token.kind, self.word(at)) {
                (Kind::Word, Some("const" | "let" | "var")) => self.declarations(at + 1),
                (Kind::Word, Some("import")) => self.import(at + 1),
                (Kind::Word, Some("export")) => self.export(at + 1),
                (Kind::Word, Some("module" | "exports")) => self.assigned_export(at),
                (Kind::Word, Some("function")) => self.function_declaration(at),
                _ => self.past(at),
            };
        }
    }

    /// `a: T = x, {b, c: d} = y`.
    pub(super) fn declarations(&mut self, mut at: usize) -> usize {
        loop {
            let target = at;
            at = self.past(at);
            if self.is_mark(at, b'!') {
                at += 1;
            }
            if self.is_mark(at, b':') {
                at = self.past_type(at + 1);
            }
            if !self.is_mark(at, b'=') {
                return at;
            }
            at += 1;
            match self.word(target) {
                Some(name) => {
                    self.names.insert(name, Binding::At(at, false));
                }
                None => self.taken_apart(target, at),
            }
            self.statement = true;
            at = self.end_of_expression(at);
            if !self.is_mark(at, b',') {
                return at;
            }
            at += 1;
        }
    }

    /// `function name() {…}`.
    fn function_declaration(&mut self, at: usize) -> usize {
        if let Some(name) = self.word(at + 1) {
            self.names.insert(name, Binding::At(at, false));
        }
        at + 1
    }

    /// `const {a, b: c} = require('path')`.
    fn taken_apart(&mut self, target: usize, from: usize) {
        let Some(path) = self.required(from) else { return };
        for (name, own, _) in self.listed(target) {
            self.names.insert(own, Binding::Import(path, name));
        }
    }

    /// The path of `require('path')`.
    pub(super) fn required(&self, at: usize) -> Option<&'a str> {
        let call = self.is_word(at, "require") && self.kind(at + 1) == Some(Kind::Open(b'('));
        (call && self.past(at + 1) == at + 4).then(|| self.quoted(at + 2)).flatten()
    }

    /// The names between braces: `a`, `b as c`, `b: c`; with the token of the second. Types are left out.
    fn listed(&self, open: usize) -> Vec<(&'a str, &'a str, usize)> {
        let end = self.past(open).saturating_sub(1);
        let mut names = Vec::new();
        let mut at = open + 1;
        while at < end {
            let name = self.word(at).or_else(|| self.quoted(at));
            let renamed = self.is_word(at + 1, "as") || self.is_mark(at + 1, b':');
            match (name, self.word(at + 2)) {
                (Some(name), Some(own)) if renamed => names.push((name, own, at + 2)),
                (Some("type"), _) if self.word(at + 1).is_some() => {}
                (Some(name), _) => names.push((name, name, at)),
                (None, _) => {}
            }
            while at < end && !self.is_mark(at, b',') {
                at = self.past(at);
            }
            at += 1;
        }
        names
    }

    /// `import x, {y as z} from 'path'`, `import * as x from 'path'`, `import x = require('path')`.
    fn import(&mut self, mut at: usize) -> usize {
        // The path comes last: look for it first.
        let mut end = at;
        while self.kind(end).is_some() && self.kind(end) != Some(Kind::Text) && !self.is_mark(end, b';') {
            if self.kind(end) == Some(Kind::Open(b'(')) {
                // A call of `import`, or `= require(…)`.
                if let (Some(name), true, Some(path)) =
                    (self.word(at), self.is_mark(at + 1, b'='), self.required(at + 2))
                {
                    self.names.insert(name, Binding::Import(path, "*"));
                }
                return self.past(end);
            }
            end = self.past(end);
        }
        let Some(path) = self.quoted(end) else { return end };
        if self.is_word(at, "type") && !self.is_word(at + 1, "from") {
            return end + 1;
        }
        while at < end {
            match (self.kind(at), self.word(at)) {
                (Some(Kind::Mark(b'*')), _) => {
                    if let Some(name) = self.word(at + 2) {
                        self.names.insert(name, Binding::Import(path, "*"));
                    }
                    at += 2;
                }
                (Some(Kind::Open(b'{')), _) => {
                    for (name, own, _) in self.listed(at) {
                        self.names.insert(own, Binding::Import(path, name));
                    }
                    at = self.past(at) - 1;
                }
                (_, Some("from")) => {}
                (_, Some(name)) => {
                    self.names.insert(name, Binding::Import(path, "default"));
                }
                (_, None) => {}
            }
            at += 1;
        }
        end + 1
    }

    /// What follows `export`.
    fn export(&mut self, at: usize) -> usize {
        match (self.kind(at), self.word(at)) {
            (_, Some("default")) => {
                self.exports.push(("default", at, Exported::At(at + 1)));
                at + 1
            }
            (Some(Kind::Mark(b'=')), _) => {
                self.exports.push(("default", at, Exported::At(at + 1)));
                at + 1
            }
            (_, Some("const" | "let" | "var")) => {
                if let Some(name) = self.word(at + 1) {
                    self.exports.push((name, at + 1, Exported::Name(name)));
                }
                at
            }
            (Some(Kind::Open(b'{')), _) => {
                let past = self.past(at);
                let path = self.is_word(past, "from").then(|| self.quoted(past + 1)).flatten();
                for (name, own, key) in self.listed(at) {
                    let what = path.map_or(Exported::Name(name), |path| Exported::Import(path, name));
                    self.exports.push((own, key, what));
                }
                past
            }
            (Some(Kind::Mark(b'*')), _) => {
                let own = self.word(at + 2).filter(|_| self.is_word(at + 1, "as"));
                let from = if own.is_some() { at + 3 } else { at + 1 };
                if let (true, Some(path)) = (self.is_word(from, "from"), self.quoted(from + 1)) {
                    self.exports.push((own.unwrap_or("*"), at, Exported::Import(path, "*")));
                }
                from
            }
            _ => at,
        }
    }

    /// `module.exports = x`, `module.exports.name = x`, `exports.name = x`.
    fn assigned_export(&mut self, at: usize) -> usize {
        let mut next = at + 1;
        if self.is_word(at, "module") {
            if !(self.is_mark(next, b'.') && self.is_word(next + 1, "exports")) {
                return next;
            }
            next += 2;
        }
        let name = self.word(next + 1).filter(|_| self.is_mark(next, b'.'));
        let key = if name.is_some() { next + 1 } else { next - 1 };
        next += if name.is_some() { 2 } else { 0 };
        if self.is_mark(next, b'=') {
            self.exports.push((name.unwrap_or("default"), key, Exported::At(next + 1)));
        }
        next
    }

    /// Finds the names that are not, or not only, what their declaration says.
    pub(super) fn find_changes(&mut self) {
        for at in 0..self.tokens.len() {
            let Some(name) = self.word(at).filter(|name| self.names.contains_key(name)) else { continue };
            let before = at.checked_sub(1);
            let is_member = before.is_some_and(|b| self.is_mark(b, b'.') || self.is_operator(b, "?."));
            let declared = before.is_some_and(|b| matches!(self.word(b), Some("const" | "let" | "var")));
            if is_member || declared {
                continue;
            }
            let (mut next, mut last) = (at + 1, name);
            loop {
                if self.is_mark(next, b'.') {
                    last = self.word(next + 1).unwrap_or("");
                    next += 2;
                } else if self.kind(next) == Some(Kind::Open(b'[')) {
                    next = self.past(next);
                } else {
                    break;
                }
            }
            let assigned = self.is_mark(next, b'=')
                || self
                    .of(next, Kind::Operator)
                    .is_some_and(|o| o.ends_with('=') && !matches!(o, "==" | "!=" | "===" | "!==" | "<=" | ">="));
            let called = self.kind(next) == Some(Kind::Open(b'('));
            let grows = called && next > at + 1 && matches!(last, "push" | "unshift" | "splice" | "sort" | "pop");
            let merged = before.is_some_and(|b| self.kind(b) == Some(Kind::Open(b'(')))
                && at.checked_sub(2).is_some_and(|b| matches!(self.word(b), Some("assign" | "merge")));
            let binding = match self.names.get(name) {
                // The declaration itself, behind others.
                Some(Binding::At(from, _)) if assigned && *from == next + 1 => continue,
                Some(Binding::At(from, _)) if assigned && next > at + 1 || grows || merged => Binding::At(*from, true),
                Some(Binding::At(..)) if assigned => Binding::Lost,
                _ => continue,
            };
            self.names.insert(name, binding);
        }
    }
}
