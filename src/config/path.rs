//! What the names of folders tell without asking the disk.

use std::path::{Component, Path, PathBuf};

/// A path without `.` and `..`, as far as names alone can tell.
#[must_use]
pub fn lexical(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => out.push(part),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dots are taken out, and nothing is above the root.
    #[test]
    fn dots_are_taken_out() {
        assert_eq!(lexical(Path::new("/a/./b/../c")), Path::new("/a/c"));
        assert_eq!(lexical(Path::new("/../../a")), Path::new("/a"));
    }
}
