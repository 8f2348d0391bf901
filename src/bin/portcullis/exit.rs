//! What the exit code says; scripts rely on it, whatever the output format.

use std::process::ExitCode;

/// How a call of the tool ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Findings at or above `--fail-on`.
    Findings,
    /// Something could not be checked, or the call is wrong.
    Broken,
    /// There was nothing to check.
    NoInput,
    /// An editor went away without a farewell; the protocol wants a 1.
    Abandoned,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings | Exit::Abandoned => 1,
            Exit::Broken => 2,
            Exit::NoInput => 3,
        })
    }
}
