//! The one loader that reads the disk, and never leaves the root.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::Found;
use super::path::{repository, shown};
use crate::config::lexical;
use crate::source::{LoadError, Loader, Source};

/// The largest file that is checked. CloudFormation takes 1 MB; machines write more.
pub const MAX_MAIN: u64 = 64 << 20;

/// The largest file that is included.
pub const MAX_INCLUDE: u64 = 5 << 20;

/// How many bytes of includes are kept for the next template that wants them.
const MAX_KEPT: u64 = 256 << 20;

type Answer = Result<Arc<Source>, LoadError>;

/// Reads files below a root: the repository of the working directory, or that directory itself.
///
/// A file that the user named outside that root has a root of its own: its repository, or its folder.
pub struct DiskLoader {
    working: PathBuf,
    root: Option<PathBuf>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    files: BTreeMap<PathBuf, Arc<OnceLock<Answer>>>,
    bytes: u64,
}

impl DiskLoader {
    /// A loader for a run in an absolute working directory.
    #[must_use]
    pub fn new(working: &Path) -> Self {
        let working = fs::canonicalize(working).unwrap_or_else(|_| lexical(working));
        let root = repository(&working).unwrap_or_else(|| working.clone());
        // The whole disk is no root: in a container the working directory often is `/`.
        let root = root.parent().is_some().then_some(root);
        Self { working, root, kept: Mutex::default() }
    }

    /// The same loader with another root.
    #[must_use]
    pub fn with_root(mut self, root: &Path) -> Self {
        let root = self.working.join(root);
        self.root = Some(fs::canonicalize(&root).unwrap_or(root));
        self
    }

    /// The working directory, symbolic links resolved: what reports show paths relative to.
    #[must_use]
    pub fn working(&self) -> &Path {
        &self.working
    }

    /// Reads a file that is to be checked.
    ///
    /// # Errors
    /// When it is missing, no regular file, too large, unreadable or not text.
    pub fn read(&self, found: &Found) -> Answer {
        read_text(&found.path, &found.shown, MAX_MAIN).map(Arc::new)
    }

    /// The folder that includes of a text may not leave.
    fn fence(&self, from: &Path) -> PathBuf {
        let file = fs::canonicalize(from).unwrap_or_else(|_| from.to_owned());
        match &self.root {
            Some(root) if file.starts_with(root) => root.clone(),
            _ => {
                let folder = file.parent().unwrap_or(&file);
                repository(folder).filter(|r| r.parent().is_some()).unwrap_or_else(|| folder.to_owned())
            }
        }
    }

    fn kept(&self, path: &Path) -> Arc<OnceLock<Answer>> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.bytes > MAX_KEPT {
            *kept = Kept::default();
        }
        Arc::clone(kept.files.entry(path.to_owned()).or_default())
    }
}

impl Loader for DiskLoader {
    fn load(&self, from: &str, target: &str) -> Answer {
        let outside = || LoadError::Outside(target.to_owned());
        let written = Path::new(target);
        // Checked before the disk is touched, so that a template cannot ask what there is elsewhere.
        if written.has_root() || written.is_absolute() || target.contains('\0') {
            return Err(outside());
        }
        let from = lexical(&self.working.join(from));
        let fence = self.fence(&from);
        let folder = from.parent().unwrap_or(&self.working);
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
        let wanted = lexical(&folder.join(written));
        if !wanted.starts_with(&fence) {
            return Err(outside());
        }
        let real = fs::canonicalize(&wanted).map_err(|e| refused(target, &e))?;
        if !real.starts_with(&fence) {
            return Err(outside());
        }
        let kept = self.kept(&real);
        let answer = kept.get_or_init(|| {
            let answer = read_text(&real, &shown(&self.working, &real), MAX_INCLUDE).map(Arc::new);
            if let Ok(source) = &answer {
                self.kept.lock().unwrap_or_else(PoisonError::into_inner).bytes += source.text().len() as u64;
            }
            answer
        });
        answer.clone()
    }
}

/// Reads a regular file of at most `most` bytes as text.
pub(super) fn read_text(path: &Path, name: &str, most: u64) -> Result<Source, LoadError> {
    // Asked before opening: opening a FIFO waits for its other end, for ever.
    let data = fs::metadata(path).map_err(|e| refused(name, &e))?;
    if !data.is_file() {
        let reason = if data.is_dir() { "it is a folder" } else { "it is not a regular file" };
        return Err(LoadError::Unreadable { path: name.to_owned(), reason: reason.to_owned() });
    }
    if data.len() > most {
        return Err(LoadError::TooLarge(name.to_owned(), most));
    }
    let file = fs::File::open(path).map_err(|e| refused(name, &e))?;
    let mut bytes = Vec::with_capacity(usize::try_from(data.len()).unwrap_or(0));
    // The file may grow meanwhile, and what `/proc` says of sizes is not so.
    file.take(most + 1).read_to_end(&mut bytes).map_err(|e| refused(name, &e))?;
    if bytes.len() as u64 > most {
        return Err(LoadError::TooLarge(name.to_owned(), most));
    }
    let text = crate::syntax::decode(bytes).map_err(|found| {
        let ours = crate::template::words(name, |word| found.mentions(word));
        LoadError::NotText { path: name.to_owned(), offset: found.offset, ours }
    })?;
    Ok(Source::new(name, text))
}

/// What the operating system said, in words that are the same on all of them.
pub(super) fn refused(name: &str, error: &std::io::Error) -> LoadError {
    match error.kind() {
        std::io::ErrorKind::NotFound => LoadError::Missing(name.to_owned()),
        kind => LoadError::Unreadable { path: name.to_owned(), reason: kind.to_string() },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Disk {
        temp: tempfile::TempDir,
    }

    impl Disk {
        fn new(files: &[(&str, &[u8])]) -> Self {
            let temp = tempfile::tempdir().expect("a folder");
            for (name, bytes) in files {
                let path = temp.path().join(name);
                fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
                fs::write(path, bytes).expect("a file");
            }
            Self { temp }
        }

        fn loader(&self, working: &str) -> DiskLoader {
            DiskLoader::new(&self.temp.path().join(working))
        }
    }

    fn text(answer: Answer) -> (String, String) {
        let source = answer.expect("a text");
        (source.path().to_owned(), source.text().to_owned())
    }

    /// An include is found relative to the text that names it, as far up as the repository's root.
    #[test]
    fn includes_are_relative_to_their_text() {
        let disk = Disk::new(&[
            ("repo/.git/x", b""),
            ("repo/shared.yml", b"a: 1"),
            ("repo/app/sub/b.yml", b"b"),
            ("secret", b"s"),
        ]);
        let loader = disk.loader("repo/app");
        assert_eq!(text(loader.load("serverless.yml", "../shared.yml")), ("../shared.yml".into(), "a: 1".into()));
        assert_eq!(text(loader.load("serverless.yml", "./sub/b.yml")), ("sub/b.yml".into(), "b".into()));
        assert_eq!(text(loader.load("sub/b.yml", "../../shared.yml")).0, "../shared.yml");
        assert_eq!(
            loader.load("serverless.yml", "../../secret").err(),
            Some(LoadError::Outside("../../secret".into()))
        );
        assert_eq!(loader.load("serverless.yml", "/etc/passwd").err(), Some(LoadError::Outside("/etc/passwd".into())));
        assert_eq!(loader.load("serverless.yml", "none.yml").err(), Some(LoadError::Missing("none.yml".into())));
        assert!(matches!(loader.load("serverless.yml", "sub"), Err(LoadError::Unreadable { .. })));
        assert!(loader.load("serverless.yml", "a\0b").is_err());
    }

    /// Without a repository nothing above the working directory is read.
    #[test]
    fn the_working_directory_is_the_root_without_a_repository() {
        let disk = Disk::new(&[("app/a.yml", b"a"), ("other/b.yml", b"b"), ("other/c.yml", b"c")]);
        let loader = disk.loader("app");
        assert_eq!(loader.load("a.yml", "../other/b.yml").err(), Some(LoadError::Outside("../other/b.yml".into())));
        // A file that was named elsewhere may include what is beside it, no more.
        assert_eq!(text(loader.load("../other/b.yml", "c.yml")).0, "../other/c.yml");
        assert!(loader.load("../other/b.yml", "../app/a.yml").is_err());
        let wider = disk.loader("app").with_root(Path::new(".."));
        assert_eq!(text(wider.load("a.yml", "../other/b.yml")).1, "b");
    }

    /// A symbolic link is no way out, nor is one to a device.
    #[cfg(unix)]
    #[test]
    fn links_are_no_way_out() {
        use std::os::unix::fs::symlink;
        let disk = Disk::new(&[("app/a.yml", b"a"), ("secret/b.yml", b"b")]);
        let at = |name: &str| disk.temp.path().join(name);
        symlink(at("secret/b.yml"), at("app/link.yml")).expect("a link");
        symlink(at("secret"), at("app/folder")).expect("a link");
        symlink("/dev/zero", at("app/zero.yml")).expect("a link");
        symlink("self.yml", at("app/self.yml")).expect("a link");
        symlink("a.yml", at("app/good.yml")).expect("a link");
        let loader = disk.loader("app");
        for target in ["link.yml", "folder/b.yml", "zero.yml"] {
            assert_eq!(loader.load("a.yml", target).err(), Some(LoadError::Outside(target.into())), "{target}");
        }
        assert!(loader.load("a.yml", "self.yml").is_err());
        assert_eq!(text(loader.load("a.yml", "good.yml")).0, "a.yml");
    }

    /// An include is read once, however often it is wanted.
    #[test]
    fn an_include_is_read_once() {
        let disk = Disk::new(&[("a.yml", b"a"), ("b.yml", b"b")]);
        let loader = disk.loader("");
        let first = loader.load("a.yml", "b.yml").expect("a text");
        fs::write(disk.temp.path().join("b.yml"), "changed").expect("a file");
        let second = loader.load("c/d.yml", "../b.yml").expect("a text");
        assert!(Arc::ptr_eq(&first, &second));
    }

    /// Files that are too large or not text are refused with the reason.
    #[test]
    fn large_files_and_bytes_are_refused() {
        let disk = Disk::new(&[("big.yml", &vec![b'a'; MAX_INCLUDE as usize + 1]), ("bin.yml", b"ab\xff")]);
        let loader = disk.loader("");
        assert_eq!(loader.load("a.yml", "big.yml").err(), Some(LoadError::TooLarge("big.yml".into(), MAX_INCLUDE)));
        assert_eq!(
            loader.load("a.yml", "bin.yml").err(),
            Some(LoadError::NotText { path: "bin.yml".into(), offset: 2, ours: false })
        );
        let big = Found { path: disk.temp.path().join("big.yml"), shown: "big.yml".into(), named: true, walked: true };
        assert_eq!(loader.read(&big).expect("a text").text().len(), MAX_INCLUDE as usize + 1);
    }
}
