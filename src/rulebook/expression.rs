//! Regular expressions that are cheap to compile.
//!
//! A scan compiles dozens of expressions and asks each of a few short texts, nearly all of them ASCII. Of ASCII,
//! Unicode's classes and those of bytes say the same; an automaton over bytes that is made while it is used, and only
//! forwards, compiles at a tenth of the cost. Whatever it cannot say, the whole expression is asked.

use std::sync::OnceLock;

use regex::Regex;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::pool::Pool;
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind};
use serde::{Deserialize, Serialize};

/// A regular expression, compiled at the first question.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct Expression {
    source: Box<str>,
    // Behind pointers: there are thousands of patterns, and a few of them are expressions that are asked.
    #[serde(skip)]
    quick: OnceLock<Option<Box<Quick>>>,
    #[serde(skip)]
    whole: OnceLock<Option<Box<Regex>>>,
}

/// An automaton over bytes, and what it has found out so far, one for each thread that asks at the same time.
struct Quick {
    automaton: DFA,
    caches: Pool<Cache, Create>,
}

type Create = Box<dyn Fn() -> Cache + Send + Sync + std::panic::UnwindSafe + std::panic::RefUnwindSafe>;

impl Expression {
    /// An expression that is known to be well formed; one that is not is found nowhere.
    #[must_use]
    pub fn new(source: &str) -> Self {
        Self { source: source.into(), quick: OnceLock::new(), whole: OnceLock::new() }
    }

    /// An expression that somebody wrote.
    ///
    /// # Errors
    /// When the expression is malformed: in words.
    pub fn parse(source: &str) -> Result<Self, String> {
        // The crate draws where it is, over several lines; the last says what.
        Regex::new(source).map_err(|error| {
            let drawn = error.to_string();
            let what = drawn.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            let instead = if what.starts_with("look-around") { "; ask `not: {matches: …}` beside it" } else { "" };
            format!("`{source}` is no regular expression: {what}{instead}")
        })?;
        Ok(Self::new(source))
    }

    /// As written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it is found anywhere in a text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.quickly(text).unwrap_or_else(|| self.whole().is_some_and(|whole| whole.is_match(text)))
    }

    /// Whether it is found in a part of a text, looking at what stands around the part.
    #[must_use]
    pub fn is_match_within(&self, text: &str, part: std::ops::Range<usize>) -> bool {
        let within = |found: regex::Match<'_>| part.start <= found.start() && found.end() <= part.end;
        self.quickly(text) != Some(false) && self.whole().is_some_and(|whole| whole.find_iter(text).any(within))
    }

    /// The answer for a text of ASCII; `None` when the automaton does not know.
    fn quickly(&self, text: &str) -> Option<bool> {
        if !text.is_ascii() {
            return None;
        }
        let quick = self.quick.get_or_init(|| Quick::of(&self.source).map(Box::new)).as_ref()?;
        let found = quick.automaton.try_search_fwd(&mut quick.caches.get(), &Input::new(text).earliest(true));
        found.ok().map(|found| found.is_some())
    }

    fn whole(&self) -> Option<&Regex> {
        self.whole.get_or_init(|| Regex::new(&self.source).ok().map(Box::new)).as_deref()
    }
}

impl Quick {
    fn of(source: &str) -> Option<Self> {
        let automaton = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All).prefilter(None))
            .thompson(thompson::Config::new().utf8(false).which_captures(thompson::WhichCaptures::None))
            .syntax(syntax::Config::new().unicode(false).utf8(false))
            .build(source)
            .ok()?;
        let created = automaton.clone();
        Some(Self { automaton, caches: Pool::new(Box::new(move || created.create_cache())) })
    }
}

impl Clone for Expression {
    fn clone(&self) -> Self {
        Self::new(&self.source)
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl std::fmt::Debug for Expression {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Expression").field(&self.source).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Expression;

    /// It says what the expression says by itself, of ASCII and of everything else.
    #[test]
    fn it_agrees_with_the_whole_expression() {
        let sources = [
            r"^[^:]$",
            r"\bword\b",
            r"(?i)straße|kelvin",
            r"^\d+$",
            r"\w{3}",
            r"/0+$|^(0*::|8000::)/1$",
            "",
            "a|",
            r"^\p{Lu}",
            r"(?i-u)(?:^|_)db(?:$|\d)",
            r"[^é]$",
            r"\s",
            r"(?s)a.*z",
            r"(?m)^line$",
            r"\x{e9}",
            r"x*",
            "é",
        ];
        let texts = [
            "",
            ":",
            "a",
            "é",
            "word",
            "a word.",
            "swordé",
            "KELVIN",
            "\u{212a}elvin",
            "42",
            "४२",
            "abc",
            "ab",
            "10.0.0.0/0",
            "::/1",
            "DB_1",
            "x_db2",
            "A",
            "a\nz",
            "one\nline\ntwo",
            "line",
            " ",
            "\u{a0}",
            "STRASSE straße",
            "caf\u{e9}",
        ];
        for source in sources {
            let (asked, whole) =
                (Expression::parse(source).expect("it is well formed"), regex::Regex::new(source).expect("it is"));
            for text in texts {
                assert_eq!(asked.is_match(text), whole.is_match(text), "{source} {text}");
                for (start, _) in text.char_indices() {
                    let found = whole.find_iter(text).any(|found| found.start() >= start);
                    assert_eq!(asked.is_match_within(text, start..text.len()), found, "{source} {text} {start}");
                }
            }
        }
        assert!(Expression::parse("(").is_err_and(|words| words.contains("unclosed")));
        assert!(!Expression::new("(").is_match("("));
    }
}
