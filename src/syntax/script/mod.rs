//! JavaScript and TypeScript as far as they are data: the object that a file exports, read without running anything.
//!
//! Whatever is no literal becomes a node that says so ([`CODE`]), so that a rule sees "not known" and never
//! a guess. The parsers of the whole language that there are bring tens of crates and minutes of
//! compilation for a grammar of which we want the part that JSON could say; bracket-matched tokens and a
//! reader of literals do, and whatever they do not understand is code, too.

use foldhash::{HashMap, HashMapExt};

use super::{Comment, Document, MAX_DEPTH, MAX_EXPANDED, Node, Notation, Pair, Problem, ProblemKind};
use crate::source::{Arena, FileId, Span};

mod collections;
mod functions;
mod lex;
mod names;
mod text;
mod types;
mod value;

use lex::{Kind, Token};
use value::Parsed;

/// The tag of a node that is code: its span is the expression, its text is empty. As a key it says that
/// the mapping may have more keys than are written.
pub const CODE: &str = "code:";

/// The tag of a sequence whose items are, one after the other, the pieces of one text.
pub const PIECES: &str = "pieces:";

/// The tag of a scalar that stands for what another file exports: `path#name`, or `path#*` for all of it.
pub const IMPORT: &str = "import:";

/// The tag of an item of a sequence in whose place all items of another sequence stand, when it is one.
pub const SPREAD: &str = "spread:";

/// Endings of files that are scripts.
const ENDINGS: [&str; 6] = [".ts", ".js", ".mjs", ".cjs", ".mts", ".cts"];

/// The largest script that is read; what a person writes is far below.
const MAX_BYTES: usize = 4 << 20;

/// The longest text that is put together of others, and how much all of them have: each may hold the one before twice.
const MAX_TEXT: usize = 1 << 20;
const MAX_WRITTEN: usize = 16 << 20;

/// True for the name of a JavaScript or TypeScript file.
#[must_use]
pub fn is_script(path: &str) -> bool {
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// Reads what a script exports. There is no root when that is no literal.
pub(super) fn parse<'a>(arena: &'a Arena, file: FileId, text: &'a str) -> Document<'a> {
    let mut document = Document {
        file,
        notation: Notation::Script,
        roots: Vec::new(),
        exports: Vec::new(),
        comments: Vec::new(),
        problems: Vec::new(),
    };
    let mut problem = |kind, (at, message): lex::Broken| {
        let wide = text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let [start, end] = [at, at + wide].map(|i| u32::try_from(i).unwrap_or(u32::MAX));
        document.problems.push(Problem {
            kind,
            span: Span::new(file, start, end),
            message: message.into(),
            other: None,
        });
    };
    if text.len() > MAX_BYTES {
        problem(ProblemKind::Limit, (0, "a script of more than 4 MB is not read"));
        return document;
    }
    let lexed = match lex::lex(text) {
        Ok(lexed) => lexed,
        Err(broken) => {
            problem(ProblemKind::Syntax, broken);
            return document;
        }
    };
    let comment = |at: &std::ops::Range<u32>| {
        let span = Span::new(file, at.start, at.end);
        Comment { span, text: text.get(span.range()).unwrap_or("") }
    };
    document.comments = lexed.comments.iter().map(comment).collect();
    let mut script = Script {
        arena,
        file,
        text,
        tokens: lexed.tokens,
        names: HashMap::new(),
        exports: Vec::new(),
        depth: 0,
        statement: false,
        size: 0,
        copied: 0,
        written: 0,
        limited: None,
    };
    script.statements();
    script.find_changes();
    script.publish(&mut document);
    if let Some(at) = script.limited {
        let message =
            format!("nested deeper than {MAX_DEPTH} levels, or more than {MAX_EXPANDED} values, from here on");
        let span = Span::new(file, at, at);
        document.problems.push(Problem { kind: ProblemKind::Limit, span, message, other: None });
    }
    document
}

/// One script being read.
struct Script<'a> {
    arena: &'a Arena,
    file: FileId,
    text: &'a str,
    tokens: Vec<Token>,
    /// What a name at the top of the file stands for.
    names: HashMap<&'a str, Binding<'a>>,
    /// What is exported: name, the name's token, where its expression begins or what it is elsewhere.
    exports: Vec<(&'a str, usize, Exported<'a>)>,
    depth: usize,
    /// True outside of all brackets, where an expression may end with its line.
    statement: bool,
    /// How many nodes there are, shared ones counted as often as they are used.
    size: u64,
    /// How many parts were spread into other literals.
    copied: usize,
    /// How many bytes of text were put together.
    written: usize,
    /// Where it became too deep or too much.
    limited: Option<u32>,
}

/// What a name stands for.
#[derive(Clone, Copy)]
enum Binding<'a> {
    /// An expression that begins at a token; the flag says that something changes it later.
    At(usize, bool),
    /// An expression that is being read.
    Open,
    /// A value.
    Read(Parsed<'a>),
    /// What another file exports: path and name.
    Import(&'a str, &'a str),
    /// Assigned again, or otherwise not to be known.
    Lost,
}

/// What is exported under a name.
#[derive(Clone, Copy)]
enum Exported<'a> {
    /// The expression that begins at a token.
    At(usize),
    /// What a name of this file stands for.
    Name(&'a str),
    /// What another file exports.
    Import(&'a str, &'a str),
}

impl<'a> Script<'a> {
    fn token(&self, at: usize) -> Option<Token> {
        self.tokens.get(at).copied()
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.token(at).map(|t| t.kind)
    }

    /// The token's text when it is of a kind.
    fn of(&self, at: usize, kind: Kind) -> Option<&'a str> {
        let token = self.token(at).filter(|t| t.kind == kind)?;
        self.text.get(token.start as usize..token.end as usize)
    }

    fn word(&self, at: usize) -> Option<&'a str> {
        self.of(at, Kind::Word)
    }

    fn is_word(&self, at: usize, word: &str) -> bool {
        self.word(at) == Some(word)
    }

    fn is_mark(&self, at: usize, mark: u8) -> bool {
        self.kind(at) == Some(Kind::Mark(mark))
    }

    fn is_operator(&self, at: usize, operator: &str) -> bool {
        self.of(at, Kind::Operator) == Some(operator)
    }

    /// The text of a string, when there are no escapes in it.
    fn quoted(&self, at: usize) -> Option<&'a str> {
        let written = self.of(at, Kind::Text)?;
        written.get(1..written.len().checked_sub(1)?).filter(|t| !t.contains('\\'))
    }

    /// Where the bracket ends that begins at a token, or the token itself: the next one to look at.
    fn past(&self, at: usize) -> usize {
        match self.token(at) {
            Some(Token { kind: Kind::Open(_) | Kind::Template, partner, .. }) if partner as usize > at => {
                partner as usize + 1
            }
            Some(_) | None => at + 1,
        }
    }

    fn start(&self, at: usize) -> u32 {
        self.token(at).map_or_else(|| u32::try_from(self.text.len()).unwrap_or(u32::MAX), |t| t.start)
    }

    /// Where the token before one ends.
    fn end_before(&self, at: usize) -> u32 {
        at.checked_sub(1).and_then(|at| self.token(at)).map_or(0, |t| t.end)
    }

    /// True when a line break stands before a token.
    fn after_break(&self, at: usize) -> bool {
        let (from, to) = (self.end_before(at), self.start(at));
        self.text.get(from as usize..to as usize).is_some_and(|between| between.contains('\n'))
    }

    fn span(&self, from: u32, to: u32) -> Span {
        Span::new(self.file, from, to.max(from))
    }

    /// Reads what is exported.
    fn publish(&mut self, document: &mut Document<'a>) {
        let mut default = None;
        for (name, key, what) in std::mem::take(&mut self.exports) {
            self.statement = true;
            let parsed = match what {
                Exported::At(at) => self.exported(at),
                Exported::Name(name) => self.named(name, key),
                Exported::Import(path, name) => self.imported(path, name, key, key + 1),
            };
            if name == "default" {
                default = Some(*parsed.node.target());
            }
            let key = value::plain(self.span(self.start(key), self.end_before(key + 1)), name);
            document.exports.push(Pair { key, value: parsed.node });
        }
        let named = || {
            let (first, last) = (document.exports.first()?, document.exports.last()?);
            let pairs = self.arena.alloc_slice_copy(&document.exports);
            Some(Node {
                span: first.key.span.to(last.value.span),
                tag: None,
                data: super::Data::Mapping(pairs, super::Layout::Flow),
            })
        };
        document.roots.extend(default.or_else(named));
        // What the root refers to stands elsewhere in the file: places in it have a path, too.
        let mut names: Vec<_> = self.names.values().filter_map(Binding::root).collect();
        let root = document.roots.first().map(|root| root.span);
        names.retain(|node| Some(node.span) != root);
        names.sort_by_key(|node| node.span.start);
        document.roots.extend(names);
    }
}

impl<'a> Binding<'a> {
    fn root(&self) -> Option<Node<'a>> {
        match self {
            Self::Read(parsed) if parsed.node.is_mapping() || !parsed.node.items().is_empty() => Some(parsed.node),
            Self::Read(_) | Self::At(..) | Self::Open | Self::Import(..) | Self::Lost => None,
        }
    }
}

#[cfg(test)]
mod tests;
