//! The disk as the editor sees it: what is open is as it is in the editor, nothing outside the root is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::config::lexical;
use crate::discover::{self, DiskLoader};
use crate::source::{LoadError, Loader, Source};

/// The open documents below one folder, by the names that findings know them by.
pub(super) type Open = BTreeMap<String, Arc<Source>>;

/// Open documents over a folder of the disk.
pub(super) struct Overlay {
    folder: PathBuf,
    disk: Option<DiskLoader>,
    open: Arc<Open>,
    asked: Mutex<BTreeSet<String>>,
}

impl Overlay {
    /// A view of the disk below `folder`; only of what is open when the disk is out of bounds.
    pub(super) fn new(folder: &Path, disk: bool, open: Arc<Open>) -> Self {
        // Made anew for every check: a loader remembers what it read, and files change.
        let disk = disk.then(|| DiskLoader::new(folder).with_root(folder));
        Self { folder: folder.to_owned(), disk, open, asked: Mutex::default() }
    }

    /// What was asked for, found or not: when one of these changes, the answer may.
    pub(super) fn into_asked(self) -> BTreeSet<String> {
        self.asked.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    fn note(&self, name: &str) {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned());
    }
}

impl Loader for Overlay {
    fn load(&self, from: &str, target: &str) -> Result<Arc<Source>, LoadError> {
        let written = Path::new(target);
        if !written.has_root() && !written.is_absolute() {
            let from = lexical(&self.folder.join(from));
            let wanted = lexical(&from.parent().unwrap_or(&self.folder).join(written));
            if wanted.starts_with(&self.folder) {
                let name = discover::shown(&self.folder, &wanted);
                self.note(&name);
                if let Some(source) = self.open.get(&name) {
                    return Ok(Arc::clone(source));
                }
            }
        }
        let Some(disk) = &self.disk else { return Err(LoadError::Outside(target.to_owned())) };
        let source = disk.load(from, target)?;
        // Behind a symbolic link it has another name, under which it may be open.
        self.note(source.path());
        Ok(self.open.get(source.path()).map_or(source, Arc::clone))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "tests write files to read")]

    use super::*;

    fn overlay(temp: &Path, disk: bool) -> Overlay {
        std::fs::create_dir_all(temp.join("root/sub")).expect("a folder");
        for (name, text) in [("root/a.yml", "disk a"), ("root/sub/b.yml", "disk b"), ("secret.yml", "secret")] {
            std::fs::write(temp.join(name), text).expect("a file");
        }
        let open = [("sub/b.yml", "buffer b"), ("new.yml", "buffer new")];
        let open = open.into_iter().map(|(name, text)| (name.to_owned(), Arc::new(Source::new(name, text))));
        Overlay::new(&temp.join("root"), disk, Arc::new(open.collect()))
    }

    /// What is open is as it is in the editor, even when the disk has never seen it.
    #[test]
    fn buffers_lie_over_the_disk() {
        let temp = tempfile::tempdir().expect("a folder");
        let overlay = overlay(temp.path(), true);
        let text = |from: &str, target: &str| overlay.load(from, target).map(|s| s.text().to_owned());
        assert_eq!(text("x.yml", "a.yml").as_deref(), Ok("disk a"));
        assert_eq!(text("x.yml", "sub/b.yml").as_deref(), Ok("buffer b"));
        assert_eq!(text("sub/x.yml", "./b.yml").as_deref(), Ok("buffer b"));
        assert_eq!(text("sub/x.yml", "../new.yml").as_deref(), Ok("buffer new"));
        assert!(text("x.yml", "none.yml").is_err());
        let asked: Vec<_> = overlay.into_asked().into_iter().collect();
        assert_eq!(asked, ["a.yml", "new.yml", "none.yml", "sub/b.yml"]);
    }

    /// Nothing outside the root is read, and where the disk is out of bounds only buffers are.
    #[test]
    fn nothing_outside_is_read() {
        let temp = tempfile::tempdir().expect("a folder");
        let inside = overlay(temp.path(), true);
        assert!(matches!(inside.load("x.yml", "../secret.yml"), Err(LoadError::Outside(_))));
        assert!(matches!(inside.load("x.yml", "/etc/hostname"), Err(LoadError::Outside(_))));
        let apart = overlay(temp.path(), false);
        assert!(apart.load("x.yml", "a.yml").is_err());
        assert!(apart.load("x.yml", "new.yml").is_ok());
    }
}
