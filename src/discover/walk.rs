//! The walk: which files there are to check, in an order that never changes.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::Gitignore;
use ignore::{DirEntry, WalkBuilder};

use super::loader::refused;
use super::path::{repository, shown};
use crate::config::{Config, FileKind, lexical};
use crate::finding::Failure;

/// Folders that hold copies: what tools built, fetched or keep for themselves. Other hidden folders (`.deploy`, `.infra`) are
/// somebody's own.
const COPIES: &[&str] = &[
    ".aws-sam",
    "cdk.out",
    ".cdk.staging",
    ".serverless",
    ".sst",
    ".build",
    ".webpack",
    ".esbuild",
    ".terraform",
    ".terragrunt-cache",
    "node_modules",
    ".git",
    ".hg",
    ".jj",
    ".svn",
    ".venv",
    ".tox",
    ".nox",
    ".eggs",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    ".bundle",
    ".cache",
    ".cargo",
    ".rustup",
    ".gradle",
    ".m2",
    ".npm",
    ".pnpm-store",
    ".yarn",
    ".next",
    ".nuxt",
    ".parcel-cache",
    ".turbo",
    ".local",
    ".idea",
    ".vscode",
    ".vscode-server",
];

/// The endings of files that may be templates.
const ENDINGS: &[&str] = &["yaml", "yml", "json", "template"];

/// What `.template` behind another ending is a template of: `main.tf.template` and `index.js.template` are filled in to
/// become something else.
const OTHERS: &[&str] = &[
    "tf",
    "tfvars",
    "hcl",
    "html",
    "htm",
    "css",
    "svg",
    "md",
    "js",
    "mjs",
    "cjs",
    "jsx",
    "ts",
    "tsx",
    "py",
    "rb",
    "go",
    "rs",
    "java",
    "kt",
    "cs",
    "php",
    "sh",
    "ps1",
    "bat",
    "sql",
    "conf",
    "ini",
    "env",
    "toml",
    "properties",
    "xml",
    "txt",
];

/// What is to be walked.
#[derive(Debug, Clone)]
pub struct Request {
    /// The working directory, absolute.
    pub working: PathBuf,
    /// Files and folders, relative to it; none stands for the working directory.
    pub paths: Vec<PathBuf>,
    /// Its `exclude` and `files` count.
    pub config: Arc<Config>,
    /// Whether `.gitignore` and `.ignore` count.
    pub gitignore: bool,
    /// Whether `exclude` counts for files that are named, too: for hooks that name every changed file.
    pub force_exclude: bool,
}

/// A file to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Where it is on the disk.
    pub path: PathBuf,
    /// What reports call it.
    pub shown: String,
    /// True when the user named it: it must be a template then.
    pub named: bool,
    /// True when it would have been found in its folder.
    pub walked: bool,
}

/// One step of the walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// A file to check.
    File(Found),
    /// Something that should have been looked at and could not.
    Failure(Failure),
}

/// Walks the disk as the items are asked for: the first file can be checked before the last is found.
#[must_use]
pub fn walk(request: Request) -> Walk {
    let mut paths = request.paths.clone();
    if paths.is_empty() {
        paths.push(PathBuf::from("."));
    }
    // Named files first: when a folder comes by one of them later, it has been had as a named one.
    let folder = |p: &PathBuf| request.working.join(p).is_dir();
    paths.sort_by_key(&folder);
    let many = paths.len() > 1;
    Walk { request: Arc::new(request), paths: paths.into_iter(), folder: None, seen: many.then(BTreeSet::new) }
}

/// The walk under way.
pub struct Walk {
    request: Arc<Request>,
    paths: std::vec::IntoIter<PathBuf>,
    folder: Option<ignore::Walk>,
    /// The files that were had, when they can be had twice.
    seen: Option<BTreeSet<PathBuf>>,
}

impl Iterator for Walk {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        loop {
            let item = if let Some(folder) = &mut self.folder {
                match folder.next() {
                    Some(Ok(entry)) => self.request.entry(&entry).map(Item::File),
                    Some(Err(error)) => self.request.error(&error).map(Item::Failure),
                    None => {
                        self.folder = None;
                        None
                    }
                }
            } else {
                let path = self.paths.next()?;
                self.named(&path)
            };
            match item {
                Some(Item::File(found)) if !self.first(&found.path) => {}
                Some(item) => return Some(item),
                None => {}
            }
        }
    }
}

impl Walk {
    /// A path that the user named: a file is an item, a folder is walked next.
    fn named(&mut self, path: &Path) -> Option<Item> {
        let request = &self.request;
        let absolute = lexical(&request.working.join(path));
        let name = shown(&request.working, &absolute);
        let failure = |message: String| Some(Item::Failure(Failure { file: name.clone(), at: None, message }));
        match fs::metadata(&absolute) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && name.contains(['*', '?']) => {
                failure(format!(
                    "`{name}` does not exist; patterns are the shell's: name a folder, and all below it is checked"
                ))
            }
            Err(error) => failure(refused(&name, &error).to_string()),
            Ok(data) if data.is_dir() => {
                self.folder = Some(folder(request, &absolute));
                None
            }
            Ok(data) if data.is_file() => {
                let left_out = request.force_exclude && request.config.excludes(&name);
                let walked = request.wants(&name, &absolute);
                (!left_out).then_some(Item::File(Found { path: absolute, shown: name, named: true, walked }))
            }
            Ok(_) => failure(format!("`{name}` is not a regular file")),
        }
    }

    /// True the first time that a file is had.
    fn first(&mut self, path: &Path) -> bool {
        let Some(seen) = &mut self.seen else { return true };
        seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()))
    }
}

impl Request {
    /// An entry of a folder, when it may be a template.
    fn entry(&self, entry: &DirEntry) -> Option<Found> {
        // Symbolic links are not followed: inside the root their targets are met anyway.
        if !entry.file_type().is_some_and(|t| t.is_file()) {
            return None;
        }
        let shown = shown(&self.working, entry.path());
        if self.config.excludes(&shown) {
            return None;
        }
        let wanted = self.wants(&shown, entry.path());
        wanted.then(|| Found { path: entry.path().to_owned(), shown, named: false, walked: true })
    }

    /// True for a file that may be a template by its name.
    fn wants(&self, shown: &str, path: &Path) -> bool {
        match self.config.kind_of(shown) {
            Some(FileKind::None) => false,
            Some(FileKind::CloudFormation | FileKind::Sam | FileKind::Serverless) => true,
            None => may_be_template(path),
        }
    }

    /// What could not be looked at, as a failure; a bad line of a `.gitignore` is none.
    fn error(&self, error: &ignore::Error) -> Option<Failure> {
        let (path, message) = match error.io_error() {
            Some(io) => (path_of(error), refused("", io)),
            None => return None,
        };
        let file = path.map_or_else(|| ".".to_owned(), |p| shown(&self.working, p));
        let message = match message {
            crate::source::LoadError::Unreadable { reason, .. } => format!("`{file}` cannot be read: {reason}"),
            crate::source::LoadError::Missing(_) => format!("`{file}` was there and is gone"),
            other => other.to_string(),
        };
        Some(Failure { file, at: None, message })
    }
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Partial(errors) => errors.iter().find_map(path_of),
        _ => None,
    }
}

fn may_be_template(path: &Path) -> bool {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or("");
    // A script is a service by its name only: projects are full of other scripts.
    let service = name.starts_with("serverless.") || name.starts_with("serverless-");
    let script = service && crate::syntax::is_script(name) && !name.ends_with(".d.ts");
    let ending = path.extension().and_then(|e| e.to_str());
    let mut endings = name.rsplit('.');
    let filled_in = endings.next() == Some("template") && endings.next().is_some_and(|inner| OTHERS.contains(&inner));
    script || !filled_in && ending.is_some_and(|e| ENDINGS.iter().any(|known| e.eq_ignore_ascii_case(known)))
}

fn folder(request: &Arc<Request>, root: &Path) -> ignore::Walk {
    let seen = Arc::clone(request);
    WalkBuilder::new(root)
        .standard_filters(false)
        .hidden(false)
        .parents(request.gitignore && !left_out_by_git(root))
        .git_ignore(request.gitignore)
        .ignore(request.gitignore)
        // Only what is in the repository counts, or two machines would see two things: no global
        // ignore file, no `.git/info/exclude`.
        .sort_by_file_name(Ord::cmp)
        .filter_entry(move |entry| entry.depth() == 0 || seen.enters(entry))
        .build()
}

impl Request {
    /// True when a folder is walked into, and when a file is looked at: hidden ones are editors' and tools', unless the
    /// configuration says what they are.
    fn enters(&self, entry: &DirEntry) -> bool {
        let name = entry.file_name();
        if !entry.file_type().is_some_and(|t| t.is_dir()) {
            let hidden = name.as_encoded_bytes().starts_with(b".");
            return !hidden || self.config.kind_of(&shown(&self.working, entry.path())).is_some();
        }
        !COPIES.iter().any(|copy| name == *copy) && !self.config.excludes_folder(&shown(&self.working, entry.path()))
    }
}

/// True when a `.gitignore` above leaves a folder out: who names it wants to see it all the same.
fn left_out_by_git(folder: &Path) -> bool {
    let Some(root) = repository(folder) else { return false };
    let above = folder.ancestors().skip(1).take_while(|f| f.starts_with(&root));
    above.into_iter().any(|f| {
        let (rules, _) = Gitignore::new(f.join(".gitignore"));
        !rules.is_empty() && rules.matched_path_or_any_parents(folder, true).is_ignore()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Layer;
    use crate::source::Source;

    struct Disk(tempfile::TempDir);

    impl Disk {
        fn new(files: &[&str]) -> Self {
            let disk = Self(tempfile::tempdir().expect("a folder"));
            for file in files {
                disk.write(file, "");
            }
            disk
        }

        fn write(&self, name: &str, text: &str) {
            let path = self.0.path().join(name);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        }

        fn request(&self, paths: &[&str]) -> Request {
            Request {
                working: self.0.path().to_owned(),
                paths: paths.iter().map(PathBuf::from).collect(),
                config: Arc::default(),
                gitignore: true,
                force_exclude: false,
            }
        }

        fn config(&self, text: &str) -> Arc<Config> {
            let source = Arc::new(Source::new("portcullis.toml", text));
            let layer: Layer = crate::config::read(&source, self.0.path()).expect("a good configuration");
            Arc::new(Config::new(self.0.path(), [layer]))
        }

        fn walk(&self, paths: &[&str]) -> Vec<String> {
            names(self.request(paths))
        }
    }

    fn names(request: Request) -> Vec<String> {
        walk(request)
            .map(|item| match item {
                Item::File(found) if found.named => format!("{}!", found.shown),
                Item::File(found) => found.shown,
                Item::Failure(failure) => format!("? {}", failure.message),
            })
            .collect()
    }

    /// Templates are found by their endings, in order, in hidden folders as well, without hidden files and copies.
    #[test]
    fn templates_are_found_in_order() {
        let disk = Disk::new(&[
            "b.yaml",
            "a.YML",
            "c/d.json",
            "c/e.template",
            "c/e.prod.template",
            "c/main.tf.template",
            "c/serverless.ts",
            "c/serverless-api.cjs",
            "c/serverless.d.ts",
            "c/server.ts",
            "readme.md",
            ".hidden.yaml",
            ".deploy/x.yml",
            ".deploy/.stacks/x.yml",
            ".deploy/.hidden.yml",
            ".venv/lib/x.yml",
            ".git/x.yml",
            "cdk.out/x.json",
            "node_modules/x.yml",
            "x/.aws-sam/build/t.yaml",
            ".serverless/t.json",
        ]);
        assert_eq!(
            disk.walk(&[]),
            [
                ".deploy/.stacks/x.yml",
                ".deploy/x.yml",
                "a.YML",
                "b.yaml",
                "c/d.json",
                "c/e.prod.template",
                "c/e.template",
                "c/serverless-api.cjs",
                "c/serverless.ts"
            ]
        );
        assert_eq!(disk.walk(&["."]), disk.walk(&[]));
    }

    /// Whatever is named is looked at: a copy, a hidden folder, a file of any ending.
    #[test]
    fn what_is_named_is_looked_at() {
        let disk = Disk::new(&["cdk.out/x.json", ".github/x.yml", "readme.md", "a/b.yml"]);
        assert_eq!(disk.walk(&["cdk.out"]), ["cdk.out/x.json"]);
        assert_eq!(disk.walk(&[".github"]), [".github/x.yml"]);
        assert_eq!(disk.walk(&["./readme.md"]), ["readme.md!"]);
        assert_eq!(disk.walk(&["a", "a/b.yml", "a/../a/b.yml"]), ["a/b.yml!"]);
        assert_eq!(disk.walk(&["none.yml"]), ["? `none.yml` does not exist"]);
    }

    /// `.gitignore` counts, unless it leaves out the very folder that was named.
    #[test]
    fn gitignore_counts() {
        let disk = Disk::new(&[".git/HEAD", "a.yml", "out/b.yml", "out/c.yml", "sub/d.yml"]);
        disk.write(".gitignore", "out/\n*.gen.yml\n.made/\n");
        disk.write("sub/x.gen.yml", "");
        disk.write("sub/.made/x.yml", "");
        assert_eq!(disk.walk(&[]), ["a.yml", "sub/d.yml"]);
        assert_eq!(disk.walk(&["out"]), ["out/b.yml", "out/c.yml"]);
        assert_eq!(disk.walk(&["sub"]), ["sub/d.yml"]);
        assert_eq!(disk.walk(&["sub/x.gen.yml"]), ["sub/x.gen.yml!"]);
        let all = names(Request { gitignore: false, ..disk.request(&[]) });
        assert_eq!(all, ["a.yml", "out/b.yml", "out/c.yml", "sub/.made/x.yml", "sub/d.yml", "sub/x.gen.yml"]);
    }

    /// The configuration leaves paths out and takes others in; a named file is above that.
    #[test]
    fn the_configuration_counts() {
        let disk = Disk::new(&["a.yml", "old/b.yml", "old/deep/c.yml", "d.cfn", ".f.cfn", "e.json", ".g.yml"]);
        let config = disk.config(
            "exclude = ['old/']\n[[files]]\nglob = '*.cfn'\nkind = 'cloudformation'\n[[files]]\nglob = 'e.json'\nkind = 'none'",
        );
        let request = |paths: &[&str], force_exclude| Request {
            config: Arc::clone(&config),
            force_exclude,
            ..disk.request(paths)
        };
        assert_eq!(names(request(&[], false)), [".f.cfn", "a.yml", "d.cfn"]);
        assert_eq!(names(request(&["old/b.yml"], false)), ["old/b.yml!"]);
        assert_eq!(names(request(&["old/b.yml", "a.yml"], true)), ["a.yml!"]);
    }

    /// Loops of links, FIFOs and devices neither hang the walk nor are read.
    #[cfg(unix)]
    #[test]
    fn odd_files_do_no_harm() {
        use std::os::unix::fs::symlink;
        let disk = Disk::new(&["a/b.yml"]);
        let at = |name: &str| disk.0.path().join(name);
        symlink(at("a"), at("a/loop")).expect("a link");
        symlink("/dev/zero", at("a/zero.yml")).expect("a link");
        symlink("nowhere", at("a/dangling.yml")).expect("a link");
        let made = std::process::Command::new("mkfifo").arg(at("a/pipe.yml")).status();
        assert_eq!(disk.walk(&[]), ["a/b.yml"]);
        assert_eq!(disk.walk(&["a/loop"]), ["a/loop/b.yml"]);
        assert_eq!(disk.walk(&["a/zero.yml"]), ["? `a/zero.yml` is not a regular file"]);
        if made.is_ok_and(|status| status.success()) {
            assert_eq!(disk.walk(&["a/pipe.yml"]), ["? `a/pipe.yml` is not a regular file"]);
        }
    }

    /// A folder that may not be read is a failure, and the rest is walked.
    #[cfg(unix)]
    #[test]
    fn a_forbidden_folder_is_a_failure() {
        use std::os::unix::fs::PermissionsExt;
        let disk = Disk::new(&["a/b.yml", "c.yml"]);
        let path = disk.0.path().join("a");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("permissions");
        let forbidden = fs::read_dir(&path).is_err();
        let found = disk.walk(&[]);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("permissions");
        // Root may read everything; nothing to see then.
        if forbidden {
            assert_eq!(found, ["? `a` cannot be read: permission denied", "c.yml"]);
        }
    }

    /// Items come while the walk goes on, and in the same order from anywhere.
    #[test]
    fn the_order_never_changes() {
        let files: Vec<String> = (0..200).map(|n| format!("d{:02}/f{n}.yml", n % 17)).collect();
        let disk = Disk::new(&files.iter().map(String::as_str).collect::<Vec<_>>());
        let first = disk.walk(&[]);
        assert_eq!(first.len(), 200);
        assert_eq!(first, disk.walk(&[]));
        assert_eq!(walk(disk.request(&[])).take(1).count(), 1);
    }
}
