//! The files of a Git revision, laid out in a folder of their own for as long as they are looked at.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, anyhow, bail};
use portcullis::discover::{self, DiskLoader};

/// What templates are written in and what they include; the rest of a large repository stays where it is.
const ENDINGS: &[&str] = &["yaml", "yml", "json", "template", "toml", "txt", "graphql"];

/// The files of a revision in a folder that goes when this does.
pub(crate) struct Checkout {
    folder: PathBuf,
    working: PathBuf,
}

impl Checkout {
    /// Lays out a revision of the repository of a folder.
    pub(crate) fn of(here: &Path, name: &str) -> anyhow::Result<Self> {
        let Some(root) = discover::repository(here) else {
            if asked(here, "--is-bare-repository") {
                bail!(
                    "`{}` is a bare repository: it has revisions but no files to check; check a clone of it, or what \
                     `git worktree add` lays out",
                    here.display()
                );
            }
            bail!("--diff-base needs a Git repository, and `{}` is in none", here.display());
        };
        let commit = format!("{name}^{{commit}}");
        let commit = match git(&root, None, ["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])? {
            Ok(found) => String::from_utf8_lossy(&found).trim().to_owned(),
            // Silent: it looked, and there is none. Otherwise it did not look, and says why: a repository of somebody else.
            Err(said) if !said.is_empty() => bail!("git cannot look for `{name}`: {said}"),
            Err(_) if asked(&root, "--is-shallow-repository") => bail!(
                "`{name}` is not in this clone, whose history is cut off; fetch it (`git fetch --depth=1 origin BRANCH`, then \
                 FETCH_HEAD is the revision), or clone all of it (GitHub: `fetch-depth: 0`; GitLab: `GIT_DEPTH: 0`)"
            ),
            Err(_) => bail!("`{name}` is no revision of this repository; a branch that was not fetched is none either"),
        };
        let folder = disk_folder()?;
        let tree = folder.join("tree");
        let checkout = Self { working: tree.join(here.strip_prefix(&root).unwrap_or(Path::new(""))), folder };
        checkout.fill(&root, &commit, &tree).with_context(|| format!("cannot read the files of `{name}`"))?;
        Ok(checkout)
    }

    /// The folder that stands for the working directory.
    pub(crate) fn working(&self) -> &Path {
        &self.working
    }

    /// Reads includes inside the revision.
    pub(crate) fn loader(&self) -> DiskLoader {
        DiskLoader::new(&self.working).with_root(&self.folder.join("tree"))
    }

    /// An index of its own keeps the user's as it is.
    fn fill(&self, root: &Path, commit: &str, tree: &Path) -> anyhow::Result<()> {
        make(&self.working)?;
        let index = self.folder.join("index");
        done(git(root, Some(&index), ["read-tree", commit])?)?;
        let listed = done(git(root, Some(&index), ["ls-files", "-z"])?)?;
        let wanted: Vec<_> = listed.split(|&byte| byte == 0).filter(|path| is_wanted(path)).collect();
        let mut prefix = tree.as_os_str().to_owned();
        prefix.push("/");
        let mut command = command(root, Some(&index));
        command.arg("checkout-index").arg("-f").arg("-z").arg("--stdin");
        command.arg({
            let mut argument = std::ffi::OsString::from("--prefix=");
            argument.push(&prefix);
            argument
        });
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context(NO_GIT)?;
        let mut written = Ok(());
        if let Some(mut stdin) = child.stdin.take() {
            let mut all = wanted.iter().flat_map(|path| [*path, b"\0"]);
            written = all.try_for_each(|part| stdin.write_all(part));
        }
        // Why git stopped says more than that it stopped listening.
        done(said(&child.wait_with_output()?))?;
        written?;
        follow(root, commit, tree);
        Ok(())
    }
}

/// Lays out what was renamed since under its new name as well: a file that moves brings nothing new.
#[expect(clippy::disallowed_methods, reason = "what is laid out is laid out twice")]
fn follow(root: &Path, commit: &str, tree: &Path) {
    let asked = ["diff-index", "--cached", "-z", "-M", "--name-status", "--diff-filter=R", commit];
    // Without an answer what moved is new, as it is to who looks at names only.
    let Ok(Ok(renamed)) = git(root, None, asked) else { return };
    let mut words = renamed.split(|&byte| byte == 0).map(String::from_utf8_lossy);
    while let (Some(_), Some(old), Some(new)) = (words.next(), words.next(), words.next()) {
        let (old, new) = (tree.join(&*old), tree.join(&*new));
        // A link may lead anywhere.
        let file = std::fs::symlink_metadata(&old).is_ok_and(|data| data.is_file());
        if let Some(folder) = new.parent().filter(|_| file && !new.exists()) {
            let _ = make(folder).and_then(|()| std::fs::copy(&old, &new).map(|_| ()));
        }
    }
}

impl Drop for Checkout {
    #[expect(clippy::disallowed_methods, reason = "what was laid out is cleared away")]
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

fn is_wanted(path: &[u8]) -> bool {
    let name = String::from_utf8_lossy(path);
    name.rsplit_once('.').is_some_and(|(_, end)| ENDINGS.iter().any(|known| end.eq_ignore_ascii_case(known)))
}

/// A new folder that nobody else has.
#[expect(clippy::disallowed_methods, reason = "a revision is laid out beside the user's files, not in them")]
fn disk_folder() -> anyhow::Result<PathBuf> {
    let base = std::env::temp_dir();
    for attempt in 0..100_u32 {
        let folder = base.join(format!("portcullis-{}-{attempt}", std::process::id()));
        // A folder that is there already may be somebody's trap: only a new one is taken.
        if std::fs::create_dir(&folder).is_ok() {
            return Ok(folder);
        }
    }
    bail!("cannot make a folder in `{}`", base.display())
}

#[expect(clippy::disallowed_methods, reason = "the working directory may not exist in the revision")]
fn make(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)
}

const NO_GIT: &str = "cannot run git, which --diff-base needs";

/// What git prints, or, when it says no, why.
type Said = Result<Vec<u8>, String>;

fn git<'a>(root: &Path, index: Option<&Path>, arguments: impl IntoIterator<Item = &'a str>) -> anyhow::Result<Said> {
    let output = command(root, index).args(arguments).stdin(Stdio::null()).output().context(NO_GIT)?;
    Ok(said(&output))
}

fn said(output: &Output) -> Said {
    if output.status.success() {
        return Ok(output.stdout.clone());
    }
    let words = String::from_utf8_lossy(&output.stderr);
    Err(words.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" "))
}

fn done(said: Said) -> anyhow::Result<Vec<u8>> {
    said.map_err(|why| anyhow!(if why.is_empty() { "git failed".to_owned() } else { why }))
}

/// A question that git answers with `true`.
fn asked(root: &Path, question: &str) -> bool {
    matches!(git(root, None, ["rev-parse", question]), Ok(Ok(answer)) if answer.trim_ascii() == b"true")
}

#[expect(clippy::disallowed_methods, reason = "a revision is asked of git, with words of the command line only")]
fn command(root: &Path, index: Option<&Path>) -> Command {
    let mut command = Command::new("git");
    // Whoever cloned the repository did not ask for its hooks and watchers to run because a template is checked.
    command.args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]);
    command.arg("-C").arg(root).stderr(Stdio::piped());
    // In a hook of Git these name the repository that is committed to; we are asked about the one that we stand in.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    // A partial clone may fetch what is missing, but nobody is there to type a password.
    command.env("GIT_TERMINAL_PROMPT", "0");
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", OsStr::new(index));
    }
    command
}
