//! Until when AWS keeps a Lambda runtime alive.

use std::sync::LazyLock;

use super::rows;

static TEXT: &str = include_str!("runtimes.txt");

/// A runtime of AWS Lambda. Days are written `YYYY-MM-DD`, so they compare as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Runtime {
    /// Its name: `nodejs18.x`.
    pub name: &'static str,
    /// From when on it gets no security patches.
    pub deprecated: Option<&'static str>,
    /// From when on functions cannot be made with it.
    pub no_create: Option<&'static str>,
    /// From when on functions cannot be updated with it.
    pub no_update: Option<&'static str>,
    /// The newest of its family, when it is not that itself.
    pub successor: Option<&'static str>,
}

/// What can still be done with a runtime.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// All.
    Supported,
    /// All, but it is no longer patched.
    Deprecated,
    /// Functions that have it can be updated, new ones cannot be made.
    NoCreate,
    /// Nothing but running what is there.
    NoUpdate,
}

/// The runtime of a name.
#[must_use]
pub fn runtime(name: &str) -> Option<Runtime> {
    runtimes().find(|runtime| runtime.name == name)
}

/// Every runtime, by name.
pub fn runtimes() -> impl Iterator<Item = Runtime> {
    static ALL: LazyLock<Vec<Runtime>> = LazyLock::new(|| rows(TEXT).filter_map(read).collect());
    ALL.iter().copied()
}

fn read(line: &'static str) -> Option<Runtime> {
    let mut words = line.split(' ');
    let name = words.next()?;
    let mut next = || words.next().filter(|word| *word != "-");
    let (deprecated, no_create, no_update, successor) = (next(), next(), next(), next());
    Some(Runtime { name, deprecated, no_create, no_update, successor })
}

impl Runtime {
    /// What can be done with it on a day, `YYYY-MM-DD`.
    #[must_use]
    pub fn state(&self, today: &str) -> State {
        let past = |day: Option<&str>| day.is_some_and(|day| day <= today);
        if past(self.no_update) {
            State::NoUpdate
        } else if past(self.no_create) {
            State::NoCreate
        } else if past(self.deprecated) {
            State::Deprecated
        } else {
            State::Supported
        }
    }

    /// The language without the version: `nodejs`, `python`, `provided`.
    #[must_use]
    pub fn family(&self) -> &'static str {
        if self.name.starts_with("dotnet") {
            return "dotnet";
        }
        let end = self.name.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(self.name.len());
        self.name.get(..end).unwrap_or(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The state depends on the day that is asked about.
    #[test]
    fn state_depends_on_the_day() {
        let node = runtime("nodejs18.x").expect("a runtime");
        assert_eq!(node.state("2025-08-31"), State::Supported);
        assert_eq!(node.state("2025-09-01"), State::Deprecated);
        assert_eq!(node.state("2099-01-01"), State::NoUpdate);
        assert_eq!(runtime("python2.7").map(|r| r.state("2026-01-01")), Some(State::NoUpdate));
        assert!(runtime("cobol").is_none());
    }

    /// Days are days, and a successor is a runtime.
    #[test]
    fn the_table_holds() {
        let date = regex::Regex::new(r"^20\d\d-[01]\d-[0-3]\d$").expect("a pattern");
        for runtime in runtimes() {
            for day in [runtime.deprecated, runtime.no_create, runtime.no_update].into_iter().flatten() {
                assert!(date.is_match(day), "{runtime:?}");
            }
            let next = runtime.successor.map(|name| super::runtime(name).expect("a successor is a runtime"));
            let same = next.is_none_or(|n| n.family() == runtime.family() || n.family() == "provided");
            assert!(same, "{runtime:?}");
        }
        assert!(runtimes().count() > 40);
    }
}
