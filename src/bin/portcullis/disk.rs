//! The binary's door to the disk: the files it was told to read and write, and includes inside a root.

use std::io::{Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use portcullis::source::{LoadError, Loader, Source};
use portcullis::syntax;

use crate::args::Input;

/// The largest file that is read; CloudFormation itself takes no template above 1 MB.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// The paths that were asked for: the arguments and what `--files-from` lists, else this folder.
pub(crate) fn listed(input: &Input) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = input.paths.clone();
    if let Some(list) = &input.files_from {
        let text = if list.as_os_str() == "-" {
            standard_input(list)?.text().to_owned()
        } else {
            read(list)?.text().to_owned()
        };
        paths.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from));
        return Ok(paths);
    }
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    Ok(paths)
}

/// Reads standard input under a name.
pub(crate) fn standard_input(name: &Path) -> anyhow::Result<Arc<Source>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_BYTES + 1).read_to_end(&mut bytes).context("cannot read standard input")?;
    let name = shown(name);
    if bytes.len() as u64 > MAX_BYTES {
        return Err(LoadError::TooLarge(name, MAX_BYTES).into());
    }
    let text = syntax::decode(bytes).map_err(|offset| LoadError::NotText { path: name.clone(), offset })?;
    Ok(Arc::new(Source::new(name, text)))
}

/// Reads a file that the user named.
pub(crate) fn read(path: &Path) -> anyhow::Result<Source> {
    text(path, &shown(path)).map(|text| Source::new(shown(path), text)).map_err(Into::into)
}

/// A path as reports show it: relative to the working directory where it can be, with forward slashes.
pub(crate) fn shown(path: &Path) -> String {
    let relative = here().ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    let path = relative.as_deref().unwrap_or(path);
    let plain = path.components().filter(|c| !matches!(c, Component::CurDir)).collect::<PathBuf>();
    plain.to_string_lossy().replace('\\', "/")
}

/// The working directory: reports name files relative to it.
#[expect(clippy::disallowed_methods, reason = "reports name files relative to where the user stands")]
pub(crate) fn here() -> anyhow::Result<PathBuf> {
    std::env::current_dir().context("there is no working directory")
}

/// What stands between the repository's root and the working directory: `services/a/`, or nothing.
pub(crate) fn prefix() -> String {
    let Ok(here) = here() else { return String::new() };
    let Some(root) = here.ancestors().find(|folder| exists(&folder.join(".git"))) else { return String::new() };
    let parts = here.strip_prefix(root).map(|inside| inside.components().collect::<Vec<_>>()).unwrap_or_default();
    parts.iter().map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect()
}

/// True when there is something at a path.
#[expect(clippy::disallowed_methods, reason = "the command line looks for its configuration and its repository")]
pub(crate) fn exists(path: &Path) -> bool {
    path.exists()
}

/// True for a folder.
#[expect(clippy::disallowed_methods, reason = "the command line takes files and folders")]
pub(crate) fn is_folder(path: &Path) -> bool {
    path.is_dir()
}

/// True for a file.
#[expect(clippy::disallowed_methods, reason = "the command line looks for its configuration")]
pub(crate) fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// Writes a file as a whole: readers see the old one or the new one, never a part, and a full disk spoils nothing.
#[expect(clippy::disallowed_methods, reason = "reports and fixes are written where the user said")]
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    // What a link points to is replaced, not the link.
    let path = canonical(path).unwrap_or_else(|_| path.to_owned());
    let old = std::fs::metadata(&path).ok();
    if old.as_ref().is_some_and(|old| !old.is_file() && !old.is_dir()) {
        // A device or a pipe cannot be replaced.
        return Ok(std::fs::write(&path, bytes)?);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder)?;
    let name = path.file_name().context("the path names no file")?.to_string_lossy();
    let beside = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = (|| {
        let mut file = std::fs::File::create_new(&beside)?;
        file.write_all(bytes)?;
        if let Some(old) = &old {
            std::fs::set_permissions(&beside, old.permissions())?;
        }
        file.sync_all()?;
        std::fs::rename(&beside, &path)
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    Ok(written?)
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
    let bytes = std::fs::read(path).map_err(unreadable)?;
    syntax::decode(bytes).map_err(|offset| LoadError::NotText { path: name.to_owned(), offset })
}

/// Reads includes, fenced to a folder.
pub(crate) struct Fence {
    root: PathBuf,
}

impl Fence {
    /// The fence around a file: the working directory when the file is in it, else the file's own folder.
    pub(crate) fn around(path: &Path) -> anyhow::Result<Self> {
        let file = canonical(path).with_context(|| format!("cannot read `{}`", shown(path)))?;
        let here = here().ok().and_then(|here| canonical(&here).ok());
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
