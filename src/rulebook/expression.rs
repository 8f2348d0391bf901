//! Regular expressions that are cheap to compile.
//!
//! A scan compiles dozens of expressions and asks each of a few short texts, nearly all of them ASCII. Of ASCII,
//! Unicode's classes and those of bytes say the same; an automaton over bytes that is made while it is used, and only
//! forwards, compiles at a tenth of the cost. Whatever it cannot say, the whole expression is asked.
//!
//! Most texts are not what is looked for, and most expressions begin or end with one of a few texts: those are looked
//! for first, and nothing is compiled for what lacks them.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use regex::Regex;
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::pool::Pool;
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Look;
use regex_syntax::hir::literal::{ExtractKind, Extractor};
use serde::{Deserialize, Serialize};

/// A regular expression, compiled at the first question.
#[derive(Serialize, Deserialize)]
pub struct Expression {
    source: Box<str>,
    literals: Option<Box<Literals>>,
    // Behind pointers: there are thousands of patterns, and a few of them are expressions that are asked.
    #[serde(skip)]
    quick: OnceLock<Option<Box<Quick>>>,
    #[serde(skip)]
    whole: OnceLock<Option<Box<Regex>>>,
}

/// Texts of ASCII of which each text of ASCII that the expression is found in has one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Literals {
    place: Place,
    any_case: bool,
    /// One a line.
    texts: Box<str>,
}

/// Where in a text they stand.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Place {
    Beginning,
    End,
    Anywhere,
}

/// So many texts are looked for at most, and so long ones.
const TEXTS: usize = 40;
const LENGTH: usize = 12;

/// So many characters are compared at most where texts may stand anywhere; the automaton is quicker at more.
const WORK: usize = 4096;

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
        Self {
            source: source.into(),
            literals: Literals::of(source).map(Box::new),
            quick: OnceLock::new(),
            whole: OnceLock::new(),
        }
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
        if self.literals.as_ref().is_some_and(|literals| literals.lack_in(text)) {
            return Some(false);
        }
        let quick = self.quick.get_or_init(|| Quick::of(&self.source).map(Box::new)).as_ref()?;
        let found = quick.automaton.try_search_fwd(&mut quick.caches.get(), &Input::new(text).earliest(true));
        found.ok().map(|found| found.is_some())
    }

    fn whole(&self) -> Option<&Regex> {
        self.whole.get_or_init(|| Regex::new(&self.source).ok().map(Box::new)).as_deref()
    }
}

impl Literals {
    fn of(source: &str) -> Option<Self> {
        // In any case at all, or as written; what mixes them is as written, each case of it.
        let folded = source.strip_prefix("(?i)").filter(|rest| !rest.replace("(?:", "").contains("(?"));
        let hir = ParserBuilder::new().unicode(false).utf8(false).build().parse(folded.unwrap_or(source)).ok()?;
        let begins = || Self::texts(&hir, ExtractKind::Prefix);
        let ends = || Self::texts(&hir, ExtractKind::Suffix);
        let properties = hir.properties();
        let mut found = None;
        if properties.look_set_prefix().contains(Look::Start) {
            found = begins().map(|texts| (Place::Beginning, texts));
        }
        if found.is_none() && properties.look_set_suffix().contains(Look::End) {
            found = ends().map(|texts| (Place::End, texts));
        }
        // One character is found in nearly every text.
        let tells = |texts: &BTreeSet<String>| texts.iter().all(|text| text.len() > 1);
        if found.is_none() {
            let anywhere = begins().filter(tells).or_else(|| ends().filter(tells));
            found = anywhere.map(|texts| (Place::Anywhere, texts));
        }
        let (place, texts) = found?;
        let texts = texts.into_iter().collect::<Vec<_>>().join("\n").into();
        Some(Self { place, any_case: folded.is_some(), texts })
    }

    /// With which of a few texts everything begins or ends that an expression finds.
    fn texts(hir: &regex_syntax::hir::Hir, kind: ExtractKind) -> Option<BTreeSet<String>> {
        let mut found = Extractor::new().kind(kind.clone()).extract(hir);
        match kind {
            ExtractKind::Prefix => found.keep_first_bytes(LENGTH),
            _ => found.keep_last_bytes(LENGTH),
        }
        let mut texts = BTreeSet::new();
        for literal in found.literals()? {
            let text = std::str::from_utf8(literal.as_bytes()).ok()?;
            if text.is_empty() || !text.is_ascii() || text.contains(['\n', '\r']) {
                return None;
            }
            texts.insert(text.to_owned());
        }
        (1..=TEXTS).contains(&texts.len()).then_some(texts)
    }

    /// Whether a text of ASCII certainly has none of them.
    fn lack_in(&self, text: &str) -> bool {
        let same = |part: &[u8], one: &str| {
            if self.any_case { part.eq_ignore_ascii_case(one.as_bytes()) } else { part == one.as_bytes() }
        };
        let text = text.as_bytes();
        let has = |one: &str| match self.place {
            Place::Beginning => text.get(..one.len()).is_some_and(|part| same(part, one)),
            Place::End => {
                text.len().checked_sub(one.len()).and_then(|at| text.get(at..)).is_some_and(|part| same(part, one))
            }
            Place::Anywhere => text.windows(one.len()).any(|part| same(part, one)),
        };
        let dear = self.place == Place::Anywhere && text.len() * self.texts.len() > WORK;
        !dear && !self.texts.lines().any(has)
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
        let (source, literals) = (self.source.clone(), self.literals.clone());
        Self { source, literals, quick: OnceLock::new(), whole: OnceLock::new() }
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
    use super::*;

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
            r"^(a|word)",
            r"(?i)(line|42)$",
            r"(?i)or",
            r"(?i)a(?-i)B",
            r"^(?:ab|$)",
            r"(?m)d$|ne$",
            r"0/0|::",
            r"^a|b$",
            r"\bDB_|_db",
            r"(?i)^[^a]b",
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

    /// The rules' own, asked of all that stands in their cards.
    #[test]
    #[expect(clippy::disallowed_methods, reason = "the cards are read as they are written")]
    fn it_agrees_about_what_rules_are_shown() {
        let written =
            regex::Regex::new(r"(?:matches|looked-up): (?:&\w+ )?'((?:[^']|'')+)'").expect("it is well formed");
        let (mut asked, mut ruled_out) = (0, 0);
        for entry in ignore::Walk::new(concat!(env!("CARGO_MANIFEST_DIR"), "/rules")).flatten() {
            let Ok(card) = std::fs::read_to_string(entry.path()) else { continue };
            let cut = |c: char| c.is_whitespace() || matches!(c, ',' | '{' | '}' | '[' | ']' | '"' | '\'');
            let texts: BTreeSet<&str> = card.lines().map(str::trim).chain(card.split(cut)).collect();
            for source in written.captures_iter(&card).map(|found| found[1].replace("''", "'")) {
                let whole = regex::Regex::new(&source).expect("the card was read");
                let expression = Expression::new(&source);
                for text in &texts {
                    assert_eq!(expression.is_match(text), whole.is_match(text), "{source} {text}");
                    asked += 1;
                    ruled_out += usize::from(expression.literals.as_ref().is_some_and(|texts| texts.lack_in(text)));
                }
            }
        }
        assert!(asked > 20_000 && ruled_out > asked / 2, "{ruled_out} of {asked}");
    }
}
