//! One spanned tree for YAML, JSON and the literals of scripts. It has never heard of AWS.
//!
//! [`parse`] reads a text into a [`Document`]: roots, comments, and [`Problem`]s. Whatever is wrong with
//! a text is a problem with a place, never an error: what could be read is still there to be checked.
//! This is the only room that names a parser crate.

use crate::source::{Arena, FileId, Span};

mod breaks;
mod build;
mod complaint;
mod decode;
mod filled;
mod inside;
mod json;
mod padding;
mod script;
mod yaml;

pub use decode::{NotText, decode};
pub use filled::{FILLED, SubPart, fill, sub_parts};
pub use inside::Inside;
pub use script::{CODE, IMPORT, PIECES, SPREAD, is_script};

/// Parses the text of a file: as a script when its name says so, else as [`parse`] does.
pub fn parse_file<'a>(arena: &'a Arena, file: FileId, path: &str, text: &'a str) -> Document<'a> {
    if is_script(path) { script::parse(arena, file, text) } else { parse(arena, file, text) }
}

/// Parses one text, in YAML or JSON.
///
/// A text whose first character is `{` or `[` is read as JSON first and as YAML when that fails.
pub fn parse<'a>(arena: &'a Arena, file: FileId, text: &'a str) -> Document<'a> {
    let first = text.trim_start_matches('\u{feff}').trim_start().as_bytes().first();
    if matches!(first, Some(b'{' | b'[')) {
        match json::parse(arena, file, text) {
            Ok(document) => return document,
            Err(problem) => return yaml::parse_after_json(arena, file, text, problem),
        }
    }
    yaml::parse(arena, file, text)
}

/// Parses a text that is JSON to the letter; `None` when it is not.
pub fn parse_json<'a>(arena: &'a Arena, file: FileId, text: &'a str) -> Option<Document<'a>> {
    json::parse(arena, file, text).ok()
}

/// What was read from one text.
#[derive(Debug)]
pub struct Document<'a> {
    /// The text it was read from.
    pub file: FileId,
    /// The notation it was written in.
    pub notation: Notation,
    /// The documents of the text (YAML may hold several, divided by `---`); empty ones are left out. Of a
    /// script the object it exports, and behind it those that it is put together from.
    pub roots: Vec<Node<'a>>,
    /// What a script exports by name, `default` included; nothing in the other notations.
    pub exports: Vec<Pair<'a>>,
    /// Every comment, in order.
    pub comments: Vec<Comment<'a>>,
    /// What was wrong, in order.
    pub problems: Vec<Problem>,
}

impl<'a> Document<'a> {
    /// The first document of the text: the one that tools deploy.
    #[must_use]
    pub fn root(&self) -> Option<&Node<'a>> {
        self.roots.first()
    }

    /// True when the text, or its end, could not be read.
    #[must_use]
    pub fn broken(&self) -> bool {
        self.problems.iter().any(|p| p.kind.breaks())
    }
}

/// The notation of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notation {
    /// YAML.
    Yaml,
    /// JSON, or JSON with slips that YAML forgives.
    Json,
    /// JavaScript or TypeScript, of which only literals are read.
    Script,
}

/// One value of the text.
#[derive(Clone, Copy, Debug)]
pub struct Node<'a> {
    /// Its bytes. Quoted scalars include their quotes; a block scalar covers its content, not the `|`;
    /// a collection covers its first to its last child, or its brackets; an empty node has no width and
    /// stands right behind its key.
    pub span: Span,
    /// The tag written before it, such as `!Ref`.
    pub tag: Option<Tag<'a>>,
    /// What it is.
    pub data: Data<'a>,
}

/// A tag as written, with its place.
#[derive(Clone, Copy, Debug)]
pub struct Tag<'a> {
    /// The name with its `!`: `!Sub`; a verbatim or `!!` tag is spelt out (`tag:yaml.org,2002:str`).
    pub name: &'a str,
    /// The bytes of the tag.
    pub span: Span,
}

/// The tag of a collection whose end could not be read: there may be more in it.
pub const CUT: &str = "cut:";

/// The shapes that a node can have.
#[derive(Clone, Copy, Debug)]
pub enum Data<'a> {
    /// A scalar: its text after unescaping and folding, and how it was written.
    Scalar(&'a str, Style),
    /// A sequence.
    Sequence(&'a [Node<'a>], Layout),
    /// A mapping, in the order written, duplicates included.
    Mapping(&'a [Pair<'a>], Layout),
    /// `*name`: the anchored node itself, shared; the span of this node is that of the alias.
    Alias(&'a Node<'a>),
}

/// How a scalar was written: it decides whether `true` is a boolean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes; in JSON: numbers, `true`, `false` and `null`. Empty text is an empty node.
    Plain,
    /// `'…'`.
    SingleQuoted,
    /// `"…"`, and every JSON string.
    DoubleQuoted,
    /// `|`.
    Literal,
    /// `>`.
    Folded,
}

/// How a collection was written: it decides how an edit must look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Lines and indentation.
    Block,
    /// Brackets.
    Flow,
}

/// A key and its value.
#[derive(Clone, Copy, Debug)]
pub struct Pair<'a> {
    /// The key; rarely anything but a scalar.
    pub key: Node<'a>,
    /// The value.
    pub value: Node<'a>,
}

impl<'a> Pair<'a> {
    /// The key's text, when it is a scalar.
    #[must_use]
    pub fn name(&self) -> Option<&'a str> {
        self.key.text()
    }
}

impl<'a> Node<'a> {
    /// The node itself, or the anchored node an alias stands for.
    #[must_use]
    pub fn target(&self) -> &Self {
        let mut node = self;
        while let Data::Alias(to) = node.data {
            node = to;
        }
        node
    }

    /// The scalar's text.
    #[must_use]
    pub fn text(&self) -> Option<&'a str> {
        match self.target().data {
            Data::Scalar(text, _) => Some(text),
            Data::Sequence(..) | Data::Mapping(..) | Data::Alias(_) => None,
        }
    }

    /// The pairs of a mapping, else nothing. Merge keys (`<<`) are pairs like any other.
    #[must_use]
    pub fn pairs(&self) -> &'a [Pair<'a>] {
        match self.target().data {
            Data::Mapping(pairs, _) => pairs,
            Data::Scalar(..) | Data::Sequence(..) | Data::Alias(_) => &[],
        }
    }

    /// The items of a sequence, else nothing.
    #[must_use]
    pub fn items(&self) -> &'a [Node<'a>] {
        match self.target().data {
            Data::Sequence(items, _) => items,
            Data::Scalar(..) | Data::Mapping(..) | Data::Alias(_) => &[],
        }
    }

    /// The value of a key; the last one written wins, as in every loader of these formats.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'a Node<'a>> {
        self.pairs().iter().rev().find(|p| p.name() == Some(key)).map(|p| &p.value)
    }

    /// True for a mapping.
    #[must_use]
    pub fn is_mapping(&self) -> bool {
        matches!(self.target().data, Data::Mapping(..))
    }

    /// True for nothing at all: `key:` with no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self.target().data, Data::Scalar("", Style::Plain))
    }
}

/// A comment, from its `#` to the end of the line.
#[derive(Clone, Copy, Debug)]
pub struct Comment<'a> {
    /// Its bytes, `#` included, line break excluded.
    pub span: Span,
    /// The text of those bytes.
    pub text: &'a str,
}

/// Something wrong with a text, at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What sort of thing.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
    /// In words, for the person who wrote the text: lower case, no full stop.
    pub message: String,
    /// A second place that explains it, such as the first of two equal keys.
    pub other: Option<Span>,
}

/// The sorts of problems a text can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The grammar is broken here; what follows could not be read.
    Syntax,
    /// Nested deeper, aliased wider or larger than we read.
    Limit,
    /// The same key twice in one mapping; the later one wins.
    DuplicateKey,
    /// JSON only by YAML's leave, such as a trailing comma: AWS reads it, strict JSON tools do not.
    NotStrictJson,
    /// YAML that some parsers refuse, such as an under-indented quoted scalar.
    NotStrictYaml,
}

impl ProblemKind {
    /// True when a part of the text was not read because of it.
    #[must_use]
    pub const fn breaks(self) -> bool {
        match self {
            Self::Syntax | Self::Limit => true,
            Self::DuplicateKey | Self::NotStrictJson | Self::NotStrictYaml => false,
        }
    }
}

/// How deeply collections may nest; it is what keeps every recursive walk of a tree safe.
pub const MAX_DEPTH: usize = 255;

/// How many nodes a text may stand for once its aliases are followed.
pub const MAX_EXPANDED: u64 = 1_000_000;

#[cfg(test)]
mod tests;
