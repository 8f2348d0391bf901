//! Every text we were handed, and where each byte of it stands.
//!
//! Nothing here knows what a text means. A [`Source`] is a named text, a [`Span`] is a range of its
//! bytes, and a [`Loader`] is the one door through which another file of the scanned root may be read.

use std::sync::{Arc, OnceLock};

use elsa::FrozenVec;

mod lines;

pub use lines::{LineIndex, Position};

/// The arena that everything of one scan lives in: dropping it frees the scan at once.
pub type Arena = bumpalo::Bump;

/// Which text of one scan a span belongs to; 0 is the file that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u16);

/// A half-open range of bytes of one text, always on character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span of `file` from byte `start` to before byte `end`.
    #[must_use]
    pub const fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end }
    }

    /// The bytes as a range to index the text with.
    #[must_use]
    pub const fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The smallest span that holds both; `self` when they are of different texts.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        if self.file != other.file {
            return self;
        }
        Self::new(self.file, self.start.min(other.start), self.end.max(other.end))
    }

    /// True when `other` lies inside.
    #[must_use]
    pub fn contains(self, other: Self) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
    }
}

/// A named text.
#[derive(Debug)]
pub struct Source {
    path: String,
    text: String,
    lines: OnceLock<LineIndex>,
}

impl Source {
    /// A text under the name that reports will show: relative, with forward slashes.
    #[must_use]
    pub fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into(), lines: OnceLock::new() }
    }

    /// The name shown in reports.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole text, always UTF-8; a byte order mark is kept, so offsets are the file's own.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text of a span; empty when the span does not fit.
    #[must_use]
    pub fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or("")
    }

    /// Where the lines begin, computed at the first question.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// 1-based line and 1-based column in units of UTF-16 of a byte offset; a byte order mark counts for nothing.
    #[must_use]
    pub fn position_in_utf16(&self, offset: u32) -> (u32, u32) {
        let line = self.lines().line(offset);
        let start = lines::visible(&self.text, self.lines().start(line));
        (line, self.lines().width(&self.text, start, offset).units.saturating_add(1))
    }

    /// 1-based line and column of a byte offset.
    #[must_use]
    pub fn position(&self, offset: u32) -> Position {
        self.lines().position(&self.text, offset)
    }
}

/// Why another file could not be had. Its text is shown to the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// There is no such file.
    #[error("`{0}` does not exist")]
    Missing(String),
    /// The path leaves the scanned root, by `..`, by being absolute or through a symbolic link.
    #[error("`{0}` is outside the scanned root")]
    Outside(String),
    /// Larger than we read.
    #[error("`{0}` is larger than {1} bytes")]
    TooLarge(String, u64),
    /// Not text in an encoding we know.
    #[error("`{path}` is not UTF-8 text: byte {offset}")]
    NotText {
        /// The path as shown.
        path: String,
        /// Offset of the first byte that is not text.
        offset: usize,
        /// Whether words of a template are in it all the same.
        ours: bool,
    },
    /// The operating system said no.
    #[error("`{path}` cannot be read: {reason}")]
    Unreadable {
        /// The path as shown.
        path: String,
        /// What the operating system said.
        reason: String,
    },
}

/// The one door to further files: includes, nested templates, `${file(...)}`.
pub trait Loader: Sync {
    /// Reads `target`, a path written in the text named `from`, relative to the folder of `from`.
    ///
    /// # Errors
    /// When the file is missing, too large, not text, unreadable, or outside the scanned root.
    fn load(&self, from: &str, target: &str) -> Result<Arc<Source>, LoadError>;
}

/// A loader that has no files: for texts that stand alone, such as a rule's examples.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFiles;

impl Loader for NoFiles {
    fn load(&self, _from: &str, target: &str) -> Result<Arc<Source>, LoadError> {
        Err(LoadError::Missing(target.to_owned()))
    }
}

/// The texts of one scan: the file that was asked for and all it includes.
#[derive(Default)]
pub struct Sources {
    #[expect(
        clippy::redundant_allocation,
        reason = "a `FrozenVec` hands out what its elements point to, and we want the `Arc` itself"
    )]
    all: FrozenVec<Box<Arc<Source>>>,
}

impl Sources {
    /// The texts of a scan that begins at `first`.
    #[must_use]
    pub fn new(first: Arc<Source>) -> Self {
        let sources = Self::default();
        sources.all.push(Box::new(first));
        sources
    }

    /// Adds a text, or finds it again when a text of that path is there already.
    ///
    /// Returns `None` past 65,536 texts, which no real project reaches.
    pub fn add(&self, source: Arc<Source>) -> Option<FileId> {
        if let Some(at) = (0..self.all.len()).find(|&i| self.all[i].path() == source.path()) {
            return u16::try_from(at).ok().map(FileId);
        }
        let id = u16::try_from(self.all.len()).ok()?;
        self.all.push(Box::new(source));
        Some(FileId(id))
    }

    /// The text of an id.
    ///
    /// # Panics
    /// When the id is of another scan; a span never outlives the scan that made it.
    #[must_use]
    pub fn get(&self, id: FileId) -> &Arc<Source> {
        &self.all[id.0 as usize]
    }

    /// Every text, in the order they were read.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Arc<Source>)> {
        (0..self.all.len()).filter_map(|i| Some((FileId(u16::try_from(i).ok()?), &self.all[i])))
    }
}
