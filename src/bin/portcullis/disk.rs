//! The binary's door to the disk: standard input, and the files it was told to write.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use portcullis::discover::{self, DiskLoader, Found, MAX_MAIN};
use portcullis::finding;
use portcullis::source::{LoadError, Source};
use portcullis::syntax;

use crate::args::Input;

/// The working directory: reports name files relative to it.
#[expect(clippy::disallowed_methods, reason = "reports name files relative to where the user stands")]
pub(crate) fn here() -> anyhow::Result<PathBuf> {
    std::env::current_dir().context("there is no working directory")
}

/// A file that was named on the command line.
pub(crate) fn named(here: &Path, path: &Path) -> Found {
    Found { path: here.join(path), shown: discover::shown(here, path), named: true, walked: true }
}

/// Reads a text that was named on the command line, `-` being standard input.
pub(crate) fn read(here: &Path, path: &Path) -> anyhow::Result<Arc<Source>> {
    if path.as_os_str() == "-" {
        return standard_input("standard input".to_owned());
    }
    Ok(DiskLoader::new(here).read(&named(here, path))?)
}

/// Reads standard input under a name.
pub(crate) fn standard_input(name: String) -> anyhow::Result<Arc<Source>> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().take(MAX_MAIN + 1).read_to_end(&mut bytes).context("cannot read standard input")?;
    if bytes.len() as u64 > MAX_MAIN {
        return Err(LoadError::TooLarge(name, MAX_MAIN).into());
    }
    let refused = |found: syntax::NotText| LoadError::NotText { path: name.clone(), offset: found.offset, ours: true };
    let text = syntax::decode(bytes).map_err(refused)?;
    Ok(Arc::new(Source::new(name, text)))
}

/// What stands between the repository's root and the working directory: `services/a/`, or nothing.
pub(crate) fn prefix() -> String {
    let Some((here, root)) = here().ok().and_then(|here| discover::repository(&here).map(|root| (here, root))) else {
        return String::new();
    };
    let inside = here.strip_prefix(root).unwrap_or(Path::new(""));
    inside.components().map(|part| format!("{}/", part.as_os_str().to_string_lossy())).collect()
}

/// What is said where no template was found in these places, or where one stands.
pub(crate) fn nothing(here: &Path, input: &Input) -> String {
    let paths = &input.paths;
    if let Some(list) = input.files_from.as_ref().filter(|_| paths.is_empty()) {
        return format!("no templates found among what `{}` lists", list.display());
    }
    let only = [PathBuf::new()];
    let mut places = if paths.is_empty() { only.iter() } else { paths.iter() };
    match places.find(|place| exists(&here.join(place).join("cdk.json"))) {
        Some(app) => format!(
            "no templates found; a CDK app is checked as it is synthesised: `cdk synth`, then `portcullis check {}`",
            finding::shown(&app.join("cdk.out").display().to_string(), false)
        ),
        None => "no templates found".to_owned(),
    }
}

/// True when there is something at a path.
#[expect(clippy::disallowed_methods, reason = "a word that is a path was meant as one")]
pub(crate) fn exists(path: &Path) -> bool {
    path.exists()
}

/// True for a file.
#[expect(clippy::disallowed_methods, reason = "what was named is looked at before it is read")]
pub(crate) fn is_file(path: &Path) -> bool {
    path.is_file()
}

/// The bytes of a file, as they are.
#[expect(clippy::disallowed_methods, reason = "a file is looked at once more before it is replaced")]
pub(crate) fn bytes(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))
}

/// True for a file that may not be written to. It could be replaced all the same, as its folder is another matter; whoever
/// protected it did not mean that.
#[expect(clippy::disallowed_methods, reason = "a file is looked at before it is replaced")]
pub(crate) fn is_read_only(path: &Path) -> bool {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};

    let marked = std::fs::metadata(path).is_ok_and(|data| data.is_file() && data.permissions().readonly());
    let refused = |error: &std::io::Error| matches!(error.kind(), PermissionDenied | ReadOnlyFilesystem);
    marked || std::fs::OpenOptions::new().write(true).open(path).as_ref().is_err_and(refused)
}

/// Writes a file as a whole: readers see the old one or the new one, never a part, and a full disk spoils nothing.
#[expect(clippy::disallowed_methods, reason = "reports and fixes are written where the user said")]
pub(crate) fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    // What a link points to is replaced, not the link.
    let path = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let old = std::fs::metadata(&path).ok();
    if old.as_ref().is_some_and(|old| !old.is_file() && !old.is_dir()) {
        // A device or a pipe cannot be replaced.
        return Ok(std::fs::write(&path, bytes)?);
    }
    anyhow::ensure!(!is_read_only(&path), "the file is read-only");
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
