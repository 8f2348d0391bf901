//! Where the configuration file is.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::loader::{read_text, refused};
use super::path::shown;
use crate::config::{FILE_NAMES, lexical};
use crate::source::{LoadError, Source};

/// A configuration is a page or two; more is a mistake or an attack.
const MAX_CONFIGURATION: u64 = 1 << 20;

/// The configuration file nearest to a folder, upwards as far as the repository's root; without a
/// repository, as far as there are folders.
#[must_use]
pub fn nearest_configuration(folder: &Path) -> Option<PathBuf> {
    for folder in folder.ancestors() {
        if let Some(found) = FILE_NAMES.iter().map(|name| folder.join(name)).find(|path| path.is_file()) {
            return Some(found);
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// Reads a configuration file: its text, and the absolute folder that its paths are relative to.
///
/// # Errors
/// When it is missing, unreadable, too large or not text.
pub fn read_configuration(working: &Path, path: &Path) -> Result<(Arc<Source>, PathBuf), LoadError> {
    let absolute = working.join(path);
    let name = shown(working, &absolute);
    let source = read_text(&absolute, &name, MAX_CONFIGURATION)?;
    let folder = lexical(absolute.parent().unwrap_or(working));
    Ok((Arc::new(source), folder))
}

/// The rule files of a folder and the folders in it, by name; a file that is named itself is one.
///
/// # Errors
/// When a folder cannot be read.
pub fn rule_files(working: &Path, folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    if folder.symlink_metadata().is_ok_and(|named| named.is_file()) {
        return Ok(vec![folder.to_owned()]);
    }
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let wrong = |error: &std::io::Error| refused(&shown(working, &folder), error);
        for entry in std::fs::read_dir(&folder).map_err(|e| wrong(&e))? {
            let entry = entry.map_err(|e| wrong(&e))?;
            // A link is not followed: it could lead back here.
            let kind = entry.file_type().map_err(|e| wrong(&e))?;
            let path = entry.path();
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() && path.extension().is_some_and(|end| end == "yaml" || end == "yml") {
                found.push(path);
            }
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// The nearest file wins, the dotless name first, and the repository's root ends the search.
    #[test]
    fn the_search_ends_at_the_repository() {
        let temp = tempfile::tempdir().expect("a folder");
        let root = temp.path();
        fs::create_dir_all(root.join("repo/.git")).expect("a folder");
        fs::create_dir_all(root.join("repo/a/b")).expect("a folder");
        fs::write(root.join("portcullis.toml"), "").expect("a file");
        assert_eq!(nearest_configuration(&root.join("repo/a/b")), None);
        fs::write(root.join("repo/.portcullis.toml"), "").expect("a file");
        assert_eq!(nearest_configuration(&root.join("repo/a/b")), Some(root.join("repo/.portcullis.toml")));
        fs::write(root.join("repo/portcullis.toml"), "profile = 'all'").expect("a file");
        let found = nearest_configuration(&root.join("repo/a/b")).expect("a file");
        assert_eq!(found, root.join("repo/portcullis.toml"));
        let (source, folder) = read_configuration(&root.join("repo/a"), &found).expect("a text");
        assert_eq!((source.path(), source.text()), ("../portcullis.toml", "profile = 'all'"));
        assert_eq!(folder, root.join("repo"));
    }
}
