//! Path patterns as `.gitignore` has taught people to write them.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

/// A set of path patterns; a path is relative to the folder of whoever wrote them.
///
/// `*` stops at `/`, `**` does not. A pattern without `/` (but for one at its end) matches at any depth;
/// one that matches a folder matches all that is in it.
#[derive(Debug, Clone, Default)]
pub struct Globs {
    set: GlobSet,
    folders: GlobSet,
    written: Vec<String>,
}

impl Globs {
    /// Compiles patterns.
    ///
    /// # Errors
    /// With the position of the first pattern that is none, and what is wrong with it.
    pub fn new<S: AsRef<str>>(patterns: impl IntoIterator<Item = S>) -> Result<Self, (usize, String)> {
        let (mut set, mut folders) = (GlobSetBuilder::new(), GlobSetBuilder::new());
        let mut written = Vec::new();
        for (at, pattern) in patterns.into_iter().enumerate() {
            let pattern = pattern.as_ref();
            let glob = |form: &str| {
                let glob = GlobBuilder::new(form).literal_separator(true).build();
                glob.map_err(|e| (at, e.kind().to_string()))
            };
            let body = body(pattern);
            folders.add(glob(&body)?);
            set.add(glob(&format!("{body}/**"))?);
            // `folder/` can only be a folder, so that a file of that name stays.
            if !pattern.ends_with('/') {
                set.add(glob(&body)?);
            }
            written.push(pattern.to_owned());
        }
        let built = |set: &GlobSetBuilder| set.build().map_err(|e| (0, e.kind().to_string()));
        Ok(Self { set: built(&set)?, folders: built(&folders)?, written })
    }

    /// True when a path with forward slashes matches one of the patterns.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        !self.written.is_empty() && self.set.is_match(path)
    }

    /// True when everything in a folder matches.
    #[must_use]
    pub fn matches_folder(&self, path: &str) -> bool {
        !self.written.is_empty() && (self.folders.is_match(path) || self.set.is_match(path))
    }

    /// True without patterns.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.written.is_empty()
    }

    /// The patterns as written.
    #[must_use]
    pub fn written(&self) -> &[String] {
        &self.written
    }
}

/// The plain glob of a pattern, without the slash at its end.
fn body(pattern: &str) -> String {
    let body = pattern.trim_start_matches("./").trim_end_matches('/');
    let anchored = body.contains('/');
    let body = body.trim_start_matches('/');
    if anchored { body.to_owned() } else { format!("**/{body}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Patterns match as in `.gitignore`.
    #[test]
    fn patterns_match_as_in_gitignore() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            ("*.yaml", &["a.yaml", "x/y/a.yaml"], &["a.yml"]),
            ("tests", &["tests/a.yaml", "x/tests/b/c.yaml", "tests"], &["mytests/a.yaml"]),
            ("tests/", &["tests/a.yaml", "x/tests/a.yaml"], &["tests"]),
            ("/build", &["build/a.yaml"], &["x/build/a.yaml"]),
            ("a/*.yaml", &["a/b.yaml"], &["a/b/c.yaml", "x/a/b.yaml"]),
            ("a/**", &["a/b.yaml", "a/b/c.yaml"], &["b/a/c.yaml"]),
            ("./a/b", &["a/b", "a/b/c"], &["b"]),
            ("{dev,test}.*", &["dev.yaml", "x/test.json"], &["prod.yaml"]),
        ];
        for (pattern, yes, no) in cases {
            let globs = Globs::new([pattern]).expect("a pattern");
            for path in *yes {
                assert!(globs.matches(path), "{pattern} matches {path}");
            }
            for path in *no {
                assert!(!globs.matches(path), "{pattern} does not match {path}");
            }
        }
    }

    /// A folder's pattern matches the folder as a whole.
    #[test]
    fn folders_match_as_a_whole() {
        let globs = Globs::new(["legacy/", "*.yaml", "a/*/b"]).expect("patterns");
        assert!(globs.matches_folder("x/legacy") && globs.matches_folder("legacy/x") && globs.matches_folder("a/c/b"));
        assert!(!globs.matches_folder("a/c") && !globs.matches_folder("a"));
    }

    /// A broken pattern is named by its position.
    #[test]
    fn a_broken_pattern_is_named() {
        let (at, message) = Globs::new(["ok", "a[b"]).expect_err("an unclosed class");
        assert_eq!(at, 1);
        assert!(message.contains("unclosed"), "{message}");
    }

    /// No patterns match nothing.
    #[test]
    fn nothing_matches_nothing() {
        assert!(!Globs::default().matches("a"));
    }
}
