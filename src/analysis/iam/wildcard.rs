//! The algebra of IAM's wildcards: what a pattern matches, covers, and has in common with another.
//!
//! `*` stands for any number of characters, `?` for one. Texts may have holes, pieces that are unknown
//! before deployment: a hole covers itself, a `*` covers it, and anything else is a maybe.

use crate::resolve::{Hole, Piece, Text, Truth};

/// Whether upper and lower case are the same: they are in actions, not in ARNs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Case {
    /// `a` is not `A`.
    Exact,
    /// `a` is `A`.
    Ignored,
}

/// Whether the pattern matches the whole text.
///
/// Linear for patterns that people write; a pattern that needs more characters than the text has is
/// refused at once, so the cost is bounded by the square of the text's length.
#[must_use]
pub fn matches(pattern: &str, text: &str, case: Case) -> bool {
    let (p, t) = (pattern.as_bytes(), text.as_bytes());
    let same = |a: u8, b: u8| a == b || (case == Case::Ignored && a.eq_ignore_ascii_case(&b));
    // Most texts begin otherwise than the pattern, and most patterns end with their first `*`.
    let mut plain = 0;
    while let Some(&a) = p.get(plain).filter(|b| !matches!(b, b'*' | b'?')) {
        if !t.get(plain).is_some_and(|&b| same(a, b)) {
            return false;
        }
        plain += 1;
    }
    match p.get(plain..).unwrap_or_default() {
        [] => return t.len() == plain,
        [b'*'] => return true,
        // Nearly all others end otherwise.
        rest if !rest
            .iter()
            .rev()
            .take_while(|b| !matches!(b, b'*' | b'?'))
            .zip(t.iter().rev())
            .all(|(a, b)| same(*a, *b)) =>
        {
            return false;
        }
        rest if rest.iter().filter(|&&b| b != b'*').count() > t.len() - plain => return false,
        _ => {}
    }
    let (mut at, mut from) = (plain, plain);
    // Where the last `*` stands, and how much of the text it has been given so far. Only the last one
    // ever needs to be given more: what an earlier one matched is as short as possible.
    let mut star: Option<(usize, usize)> = None;
    loop {
        match (p.get(at), t.get(from)) {
            (None, None) => return true,
            (Some(b'*'), _) => {
                star = Some((at, from));
                at += 1;
                continue;
            }
            (Some(b'?'), Some(_)) => {
                at += 1;
                from = next_char(t, from);
                continue;
            }
            (Some(&a), Some(&b)) if same(a, b) => {
                at += 1;
                from += 1;
                continue;
            }
            _ => {}
        }
        let Some((back, taken)) = star else { return false };
        if taken >= t.len() {
            return false;
        }
        let taken = next_char(t, taken);
        star = Some((back, taken));
        (at, from) = (back + 1, taken);
    }
}

// `?` is one character, which may be several bytes.
fn next_char(text: &[u8], at: usize) -> usize {
    let mut next = at + 1;
    while text.get(next).is_some_and(|b| b & 0xC0 == 0x80) {
        next += 1;
    }
    next
}

/// Whether two patterns begin or end with other letters, before any wildcard or variable: then they have nothing in common.
/// Asked of thousands of pairs that nobody compares further.
#[must_use]
pub fn apart(one: &Text<'_>, two: &Text<'_>) -> bool {
    fn start<'a>(text: &Text<'a>) -> &'a str {
        match text.pieces.first() {
            Some(Piece::Literal(text)) => text.split(['*', '?', '$']).next().unwrap_or(""),
            Some(Piece::Hole(_)) | None => "",
        }
    }
    fn end<'a>(text: &Text<'a>) -> &'a str {
        match text.pieces.last() {
            Some(Piece::Literal(text)) => text.rsplit(['*', '?', '}']).next().unwrap_or(""),
            Some(Piece::Hole(_)) | None => "",
        }
    }
    let differ = |(one, two): (u8, u8)| one != two;
    start(one).bytes().zip(start(two).bytes()).any(differ)
        || end(one).bytes().rev().zip(end(two).bytes().rev()).any(differ)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Char(char),
    One,
    Any,
    /// A policy variable such as `${aws:username}`: IAM fills it in at each request.
    Variable(&'a str),
    /// What the deployment fills in.
    Hole(Hole<'a>),
}

impl Token<'_> {
    const fn is_hole(&self) -> bool {
        matches!(self, Token::Variable(_) | Token::Hole(_))
    }

    const fn is_wild(&self) -> bool {
        matches!(self, Token::One | Token::Any)
    }

    /// Whether both are the same letter, or the same unknown text.
    fn same(&self, other: &Self) -> bool {
        self == other && !matches!(self, Token::Hole(Hole::Other))
    }
}

/// A pattern that can be compared with others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob<'a> {
    tokens: Vec<Token<'a>>,
}

// Longest ARN times longest ARN. Beyond it, which no policy that AWS accepts reaches, we only compare
// for equality.
const MAX_WORK: usize = 2048 * 2048;

impl<'a> Glob<'a> {
    /// A pattern of an action: `?` and `*` are wildcards, case does not matter.
    #[must_use]
    pub fn action(text: &str) -> Self {
        let mut tokens = Vec::with_capacity(text.len());
        tokens.extend(text.chars().map(|c| wild(c.to_ascii_lowercase())));
        Self::of(tokens)
    }

    /// A pattern of a resource: policy variables such as `${aws:username}` are holes, and `${*}`, `${?}`
    /// and `${$}` are the characters themselves.
    #[must_use]
    pub fn resource(text: &'a str) -> Self {
        let mut tokens = Vec::with_capacity(text.len());
        literal(text, &mut tokens);
        Self::of(tokens)
    }

    /// A pattern of a resource that has no policy variables.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        let mut tokens = Vec::with_capacity(text.len());
        tokens.extend(text.chars().map(wild));
        Self::of(tokens)
    }

    /// A pattern of a resource, parts of which may be unknown before deployment.
    #[must_use]
    pub fn text(text: &Text<'a>) -> Self {
        let length = |piece: &Piece<'_>| if let Piece::Literal(text) = piece { text.len() } else { 1 };
        let mut tokens = Vec::with_capacity(text.pieces.iter().map(length).sum());
        for piece in &text.pieces {
            match *piece {
                Piece::Hole(hole) => tokens.push(Token::Hole(hole)),
                Piece::Literal(text) => literal(text, &mut tokens),
            }
        }
        Self::of(tokens)
    }

    /// One token after another; `*?` and `?*` are the same, and so are `**` and `*`.
    fn of(tokens: Vec<Token<'a>>) -> Self {
        // Hardly any has them side by side.
        if !tokens.windows(2).any(|pair| matches!(pair, [Token::Any, Token::Any | Token::One])) {
            return Self { tokens };
        }
        let mut out: Vec<Token<'a>> = Vec::with_capacity(tokens.len());
        for token in tokens {
            match (out.last(), token) {
                (Some(Token::Any), Token::Any) => {}
                (Some(Token::Any), Token::One) => {
                    out.pop();
                    out.extend([Token::One, Token::Any]);
                }
                _ => out.push(token),
            }
        }
        Self { tokens: out }
    }

    /// True for `*` alone.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.tokens == [Token::Any]
    }

    /// True when some of it is unknown.
    #[must_use]
    pub fn has_holes(&self) -> bool {
        self.tokens.iter().any(Token::is_hole)
    }

    /// True when some of it is a wildcard.
    #[must_use]
    pub fn is_wild(&self) -> bool {
        self.tokens.iter().any(Token::is_wild)
    }

    /// True when there is nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tokens.is_empty()
    }

    /// Whether everything that `narrow` matches is matched by this one, too.
    #[must_use]
    pub fn covers(&self, narrow: &Self) -> Truth {
        if self.surely_covers(narrow) {
            return Truth::Yes;
        }
        if !self.has_holes() && !narrow.has_holes() {
            return Truth::No;
        }
        let apart = !intersects(&self.filled().tokens, &narrow.filled().tokens);
        if apart { Truth::No } else { Truth::Maybe }
    }

    /// The same where it certainly is, which is quicker to say than that it certainly is not.
    #[must_use]
    pub fn surely_covers(&self, narrow: &Self) -> bool {
        covers(&self.tokens, &narrow.tokens)
    }

    /// Whether there is a text that both match.
    #[must_use]
    pub fn intersects(&self, other: &Self) -> Truth {
        if intersects(&self.tokens, &other.tokens) {
            return Truth::Yes;
        }
        if !self.has_holes() && !other.has_holes() {
            return Truth::No;
        }
        let apart = !intersects(&self.filled().tokens, &other.filled().tokens);
        if apart { Truth::No } else { Truth::Maybe }
    }

    /// The same with `*` for each hole: what it may be at the most.
    fn filled(&self) -> Self {
        Self::of(self.tokens.iter().map(|&t| if t.is_hole() { Token::Any } else { t }).collect())
    }

    /// The same with a pattern of names for its last `*`, and for each other one a name that is not empty.
    pub(super) fn with_names(&self, last: &str) -> Self {
        let stars = self.tokens.iter().filter(|t| **t == Token::Any).count();
        let mut left = stars;
        let mut tokens = Vec::new();
        for token in &self.tokens {
            if *token == Token::Any {
                left -= 1;
                tokens.extend(if left == 0 { last } else { "?*" }.chars().map(wild));
            } else {
                tokens.push(*token);
            }
        }
        Self::of(tokens)
    }

    /// What stands behind the first `mark`, where a beginning and then nothing but letters and unknown texts stand before it.
    pub(super) fn behind_first(&self, begins: &str, mark: char) -> Option<Self> {
        let mut letters = begins.chars();
        let own = self.tokens.iter().take_while(|t| letters.next().is_some_and(|c| **t == Token::Char(c))).count();
        let rest = self.tokens.get(own..).filter(|_| own == begins.chars().count())?;
        let at = rest.iter().position(|t| *t == Token::Char(mark))?;
        let (region, rest) = rest.split_at(at);
        let plain = !region.iter().any(|t| matches!(t, Token::One | Token::Any));
        plain.then(|| Self { tokens: rest.get(1..).unwrap_or_default().to_vec() })
    }

    /// What it is made of.
    pub(super) fn tokens(&self) -> &[Token<'a>] {
        &self.tokens
    }

    /// The parts between colons: at most `count`, the last with all that follows.
    #[must_use]
    pub fn split(&self, count: usize) -> Vec<Self> {
        self.tokens.splitn(count, |t| *t == Token::Char(':')).map(|part| Self { tokens: part.to_vec() }).collect()
    }

    /// The text; policy variables as written, all else that is unknown as `${…}`.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for token in &self.tokens {
            match token {
                Token::Char(c) => out.push(*c),
                Token::One => out.push('?'),
                Token::Any => out.push('*'),
                Token::Variable(name) => out.extend(["${", name, "}"]),
                Token::Hole(_) => out.push_str("${…}"),
            }
        }
        out
    }
}

const fn wild<'a>(c: char) -> Token<'a> {
    match c {
        '*' => Token::Any,
        '?' => Token::One,
        c => Token::Char(c),
    }
}

fn literal<'a>(text: &'a str, tokens: &mut Vec<Token<'a>>) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, tail)) = after.split_once('}') else { break };
        tokens.extend(before.chars().map(wild));
        tokens.push(match name {
            "*" => Token::Char('*'),
            "?" => Token::Char('?'),
            "$" => Token::Char('$'),
            name => Token::Variable(name),
        });
        rest = tail;
    }
    tokens.extend(rest.chars().map(wild));
}

// Backwards over both patterns, one row at a time: `row[j]` says whether `wide[i..]` covers
// `narrow[j..]`. A hole is a letter that only itself and `*` can match. The one place where this may say
// no although yes is true is two `*` of `wide` that must divide one `*` of `narrow` between them.
fn covers(mut wide: &[Token<'_>], mut narrow: &[Token<'_>]) -> bool {
    // What is no wildcard matches itself alone, and at either end that decides most questions before there is a table.
    while let [x, left @ ..] = wide
        && !x.is_wild()
    {
        match narrow {
            [y, right @ ..] if x.same(y) => (wide, narrow) = (left, right),
            _ => return false,
        }
    }
    while let [left @ .., x] = wide
        && !x.is_wild()
    {
        match narrow {
            [right @ .., y] if x.same(y) => (wide, narrow) = (left, right),
            _ => return false,
        }
    }
    if wide == [Token::Any] {
        return true;
    }
    if wide.len().saturating_mul(narrow.len()) > MAX_WORK {
        return wide == narrow;
    }
    // No more of `wide`: covers only the end, as a trailing `*` of `narrow` is more than nothing.
    let mut below: Vec<bool> = (0..=narrow.len()).map(|j| j == narrow.len()).collect();
    for a in wide.iter().rev() {
        let mut row = vec![false; narrow.len() + 1];
        for j in (0..=narrow.len()).rev() {
            let (here, next) = (below.get(j) == Some(&true), below.get(j + 1) == Some(&true));
            let skipped = row.get(j + 1) == Some(&true);
            let holds = match (a, narrow.get(j)) {
                (Token::Any, None) => here,
                (Token::Any, Some(_)) => here || skipped,
                (_, None) => false,
                // Nothing, or one more character and the same again.
                (Token::One, Some(Token::Any)) => skipped && here,
                (Token::One, Some(Token::Char(_) | Token::One)) => next,
                (Token::One, Some(Token::Variable(_) | Token::Hole(_))) => false,
                (a, Some(b)) => a.same(b) && next,
            };
            if let Some(cell) = row.get_mut(j) {
                *cell = holds;
            }
        }
        below = row;
    }
    below.first() == Some(&true)
}

// The same table for "some text is matched by both".
fn intersects(mut a: &[Token<'_>], mut b: &[Token<'_>]) -> bool {
    // Letters that both begin or end with decide most questions before there is a table.
    while let ([Token::Char(x), left @ ..], [Token::Char(y), right @ ..]) = (a, b) {
        if x != y {
            return false;
        }
        (a, b) = (left, right);
    }
    while let ([left @ .., Token::Char(x)], [right @ .., Token::Char(y)]) = (a, b) {
        if x != y {
            return false;
        }
        (a, b) = (left, right);
    }
    if a == [Token::Any] || b == [Token::Any] || a.len().saturating_mul(b.len()) > MAX_WORK {
        return true;
    }
    let nothing = |rest: &[Token<'_>]| rest.iter().all(|t| *t == Token::Any);
    if a.is_empty() || b.is_empty() {
        return nothing(a) && nothing(b);
    }
    let mut below = vec![false; b.len() + 1];
    for (j, cell) in below.iter_mut().enumerate() {
        *cell = b.iter().skip(j).all(|t| *t == Token::Any);
    }
    for x in a.iter().rev() {
        let mut row = vec![false; b.len() + 1];
        for j in (0..=b.len()).rev() {
            let (here, next) = (below.get(j) == Some(&true), below.get(j + 1) == Some(&true));
            let skipped = row.get(j + 1) == Some(&true);
            let holds = match (x, b.get(j)) {
                (Token::Any, None) => here,
                (Token::Any, Some(_)) | (_, Some(Token::Any)) => here || skipped,
                (_, None) => false,
                (Token::One, Some(Token::Char(_) | Token::One)) | (Token::Char(_), Some(Token::One)) => next,
                (x, Some(y)) => x.same(y) && next,
            };
            if let Some(cell) = row.get_mut(j) {
                *cell = holds;
            }
        }
        below = row;
    }
    below.first() == Some(&true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(alphabet: &[char], longest: usize) -> Vec<String> {
        let mut out = vec![String::new()];
        let mut from = 0;
        for _ in 0..longest {
            let to = out.len();
            for i in from..to {
                for c in alphabet {
                    out.push(format!("{}{c}", out[i]));
                }
            }
            from = to;
        }
        out
    }

    /// Plain is what holds no wildcard, everything is the star alone.
    #[test]
    fn sorts_of_patterns() {
        for (pattern, plain, everything) in
            [("a", true, false), ("", true, false), ("*", false, true), ("a?", false, false)]
        {
            let glob = Glob::resource(pattern);
            let is_plain = !glob.is_wild() && !glob.has_holes();
            assert_eq!((is_plain, glob.is_everything()), (plain, everything), "{pattern}");
        }
    }

    /// A pattern matches as `*` and `?` say, whatever the case when case is ignored.
    #[test]
    fn matches_text() {
        for (pattern, text, yes) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("?", "", false),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcd", false),
            ("*ab", "aab", true),
            ("*aab", "aaab", true),
            ("a??", "abc", true),
            ("?", "é", true),
            ("*é?", "aéb", true),
            ("Get*", "get", false),
        ] {
            assert_eq!(matches(pattern, text, Case::Exact), yes, "{pattern} {text}");
        }
        assert!(matches("Get*", "gETObject", Case::Ignored));
    }

    /// All small patterns agree with all small texts: matching, covering and meeting mean what they say.
    #[test]
    fn agrees_with_enumeration() {
        let patterns = all(&['a', 'b', '*', '?'], 4);
        // A letter that no pattern names, and texts long enough for two patterns that share one end.
        let texts = all(&['a', 'b', 'z'], 7);
        let sets: Vec<Vec<u64>> = patterns
            .iter()
            .map(|p| {
                let bit = |(at, text): (usize, &String)| u64::from(matches(p, text, Case::Exact)) << at;
                texts.chunks(64).map(|some| some.iter().enumerate().map(bit).sum()).collect()
            })
            .collect();
        let globs: Vec<Glob<'_>> = patterns.iter().map(|p| Glob::resource(p)).collect();
        let written = |pattern| Text { pieces: std::iter::once(Piece::Literal(pattern)).collect() };
        for (wide, (a, own)) in patterns.iter().zip(globs.iter().zip(&sets)) {
            for (narrow, (b, other)) in patterns.iter().zip(globs.iter().zip(&sets)) {
                let subset = other.iter().zip(own).all(|(b, a)| b & !a == 0);
                assert_eq!(a.covers(b) == Truth::Yes, subset, "{wide} covers {narrow}");
                let meet = own.iter().zip(other).any(|(a, b)| a & b != 0);
                assert_eq!(a.intersects(b) == Truth::Yes, meet, "{wide} meets {narrow}");
                assert!(!(meet && apart(&written(wide), &written(narrow))), "{wide} is not apart from {narrow}");
            }
        }
    }

    /// A hole covers itself, is covered by `*`, and may be anything else.
    #[test]
    fn holes_are_maybe() {
        let pieces = |tail| [Piece::Literal("table/"), Piece::Hole(Hole::Resource("Name")), Piece::Literal(tail)];
        let table = |tail| Glob::text(&Text { pieces: pieces(tail).into_iter().collect() });
        assert_eq!(table("").covers(&table("")), Truth::Yes);
        assert_eq!(table("*").covers(&table("")), Truth::Yes);
        assert_eq!(table("").covers(&table("*")), Truth::Maybe);
        assert_eq!(Glob::resource("table/*").covers(&table("")), Truth::Yes);
        assert_eq!(Glob::resource("table/Orders").covers(&table("")), Truth::Maybe);
        assert_eq!(Glob::resource("queue/*").covers(&table("")), Truth::No);
        assert_eq!(table("").intersects(&Glob::resource("table/Orders")), Truth::Maybe);
        assert_eq!(Glob::resource("table/Orders").intersects(&table("")), Truth::Maybe);
        assert_eq!(Glob::resource("table/*").intersects(&table("")), Truth::Yes);
        assert_eq!(table("").intersects(&Glob::resource("index")), Truth::No);
        assert_eq!(Glob::resource("index").intersects(&table("")), Truth::No);
        assert_eq!(table("").covers(&Glob::resource("table/Orders")), Truth::Maybe);
        assert_eq!(table("").covers(&Glob::resource("index")), Truth::No);
    }

    /// Two things of which nothing is known are not the same thing.
    #[test]
    fn unknown_is_not_unknown() {
        let other = Glob::text(&Text { pieces: [Piece::Hole(Hole::Other)].into_iter().collect() });
        assert_eq!(other.covers(&other), Truth::Maybe);
        assert_eq!(Glob::action("*").covers(&other), Truth::Yes);
    }

    /// Policy variables are holes; their escapes are characters.
    #[test]
    fn policy_variables() {
        let home = Glob::resource("home/${aws:username}/${*}");
        assert!(home.has_holes() && !home.is_wild());
        assert_eq!(home.to_text(), "home/${aws:username}/*");
        assert_eq!(Glob::resource("home/*").covers(&home), Truth::Yes);
    }

    /// Long hostile patterns end soon.
    #[test]
    fn hostile_patterns_end() {
        let pattern = "*a".repeat(4000);
        let text = "a".repeat(3000);
        assert!(!matches(&pattern, &text, Case::Exact));
        assert!(matches(&"*a".repeat(1500), &text, Case::Exact));
        assert_eq!(Glob::resource(&pattern).covers(&Glob::resource(&text)), Truth::No);
    }
}
