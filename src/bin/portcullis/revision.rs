//! The files of a Git revision, laid out in a folder of their own for as long as they are looked at.

use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
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
            bail!("--diff-base needs a Git repository, and `{}` is in none", here.display());
        };
        let commit = format!("{name}^{{commit}}");
        let found = git(&root, None, ["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
        let Some(found) = found else { bail!("`{name}` is no revision of this repository; is its history complete?") };
        let commit = String::from_utf8_lossy(&found).trim().to_owned();
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
        let mut child = command.stdin(Stdio::piped()).spawn().context("cannot run git")?;
        if let Some(mut stdin) = child.stdin.take() {
            for path in wanted {
                stdin.write_all(path)?;
                stdin.write_all(b"\0")?;
            }
        }
        if !child.wait()?.success() {
            bail!("git checkout-index failed");
        }
        Ok(())
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

/// What git prints, or `None` when it says no.
fn git<'a>(
    root: &Path,
    index: Option<&Path>,
    arguments: impl IntoIterator<Item = &'a str>,
) -> anyhow::Result<Option<Vec<u8>>> {
    let output = command(root, index).args(arguments).stdin(Stdio::null()).output().context("cannot run git")?;
    Ok(output.status.success().then_some(output.stdout))
}

fn done(output: Option<Vec<u8>>) -> anyhow::Result<Vec<u8>> {
    output.context("git failed")
}

#[expect(clippy::disallowed_methods, reason = "a revision is asked of git, with words of the command line only")]
fn command(root: &Path, index: Option<&Path>) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(root).stderr(Stdio::null());
    if let Some(index) = index {
        command.env("GIT_INDEX_FILE", OsStr::new(index));
    }
    command
}
