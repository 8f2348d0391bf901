//! The binary's door to the disk: the files it was told to read and write, and includes inside a root.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use portcullis::source::{LoadError, Loader, Source};

/// The largest file that is read; CloudFormation itself takes no template above 1 MB.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// Reads a file that the user named.
pub(crate) fn read(path: &Path) -> anyhow::Result<Source> {
    text(path, &shown(path)).map(|text| Source::new(shown(path), text)).context("cannot read the file")
}

/// A path as reports show it: relative to the working directory where it can be, with forward slashes.
pub(crate) fn shown(path: &Path) -> String {
    let relative = working_directory().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    let path = relative.as_deref().unwrap_or(path);
    let plain = path.components().filter(|c| !matches!(c, Component::CurDir)).collect::<PathBuf>();
    plain.to_string_lossy().replace('\\', "/")
}

#[expect(clippy::disallowed_methods, reason = "reports name files relative to where the user stands")]
fn working_directory() -> Option<PathBuf> {
    std::env::current_dir().ok()
}

#[expect(clippy::disallowed_methods, reason = "the command line names files to read")]
fn text(path: &Path, name: &str) -> Result<String, LoadError> {
    let unreadable = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => LoadError::Missing(name.to_owned()),
        _ => LoadError::Unreadable { path: name.to_owned(), reason: error.to_string() },
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if size > MAX_BYTES {
        return Err(LoadError::TooLarge(name.to_owned(), MAX_BYTES));
    }
    String::from_utf8(std::fs::read(path).map_err(unreadable)?)
        .map_err(|error| LoadError::NotText { path: name.to_owned(), offset: error.utf8_error().valid_up_to() })
}

/// Reads includes, fenced to a folder.
pub(crate) struct Fence {
    root: PathBuf,
}

impl Fence {
    /// The fence around a file: the working directory when the file is in it, else the file's own folder.
    pub(crate) fn around(path: &Path) -> anyhow::Result<Self> {
        let file = canonical(path).with_context(|| format!("cannot read `{}`", shown(path)))?;
        let here = working_directory().and_then(|here| canonical(&here).ok());
        let root = here.filter(|here| file.starts_with(here));
        Ok(Self { root: root.unwrap_or_else(|| file.parent().unwrap_or(&file).to_owned()) })
    }
}

impl Loader for Fence {
    fn load(&self, from: &str, target: &str) -> Result<Arc<Source>, LoadError> {
        if Path::new(target).is_absolute() {
            return Err(LoadError::Outside(target.to_owned()));
        }
        let path = Path::new(from).parent().unwrap_or_else(|| Path::new("")).join(target);
        let real = canonical(&path).map_err(|_| LoadError::Missing(target.to_owned()))?;
        if !real.starts_with(&self.root) {
            return Err(LoadError::Outside(target.to_owned()));
        }
        let name = shown(&lexical(&path));
        text(&real, target).map(|text| Arc::new(Source::new(name, text)))
    }
}

#[expect(clippy::disallowed_methods, reason = "a fence must see through symbolic links")]
fn canonical(path: &Path) -> std::io::Result<PathBuf> {
    std::fs::canonicalize(path)
}

/// The path without `.` and with `x/..` taken out.
fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if matches!(out.components().next_back(), Some(Component::Normal(_))) => {
                out.pop();
            }
            Component::ParentDir | Component::Normal(_) | Component::RootDir | Component::Prefix(_) => out.push(part),
        }
    }
    out
}
