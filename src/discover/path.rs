//! Paths as people and reports write them: relative, forward slashes, no `./`.

use std::path::{Component, Path, PathBuf};

use crate::config::lexical;

/// A path as reports show it: relative to the absolute folder `folder`, with `..` where it must be.
#[must_use]
pub fn shown(folder: &Path, path: &Path) -> String {
    let (folder, path) = (lexical(folder), lexical(&folder.join(path)));
    let common = folder.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    // Another drive of Windows has no relative path.
    if common == 0 {
        return slashed(path.components());
    }
    let up = folder.components().count() - common;
    let mut parts = vec!["..".to_owned(); up];
    parts.extend(path.components().skip(common).map(|c| c.as_os_str().to_string_lossy().into_owned()));
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

fn slashed<'p>(parts: impl Iterator<Item = Component<'p>>) -> String {
    let path: PathBuf = parts.collect();
    path.to_string_lossy().replace('\\', "/")
}

/// The root of the repository that holds a folder: the nearest folder upwards with a `.git` in it.
#[must_use]
pub fn repository(folder: &Path) -> Option<PathBuf> {
    folder.ancestors().find(|f| f.join(".git").exists()).map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paths are shown relative to the working directory, tidied.
    #[test]
    fn paths_are_shown_relative() {
        let folder = Path::new("/repo/app");
        for (path, expected) in [
            ("a.yaml", "a.yaml"),
            ("./a/./b.yaml", "a/b.yaml"),
            ("a/../b.yaml", "b.yaml"),
            ("/repo/app/x/y.yaml", "x/y.yaml"),
            ("/repo/x.yaml", "../x.yaml"),
            ("/etc/x.yaml", "../../etc/x.yaml"),
            ("..", ".."),
            (".", "."),
        ] {
            assert_eq!(shown(folder, Path::new(path)), expected, "{path}");
        }
    }
}
