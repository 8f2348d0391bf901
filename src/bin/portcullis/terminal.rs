//! The two streams: results go to standard output, everything else to standard error.

use std::io::{self, Write};

use anstream::ColorChoice;
use clap::ValueEnum;

/// Whether to colour what is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal that can, unless the environment says otherwise.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Settles the colours of both streams, once, from the flag and the environment.
///
/// anstream itself honours `NO_COLOR`, `CLICOLOR`, `CLICOLOR_FORCE` and dumb terminals; `FORCE_COLOR`,
/// which CI systems set, is ours to add. The flag wins over the environment.
pub(crate) fn set_colour(wish: Colour) {
    match wish {
        Colour::Always => ColorChoice::Always.write_global(),
        Colour::Never => ColorChoice::Never.write_global(),
        Colour::Auto if forced() => ColorChoice::Always.write_global(),
        Colour::Auto => ColorChoice::Auto.write_global(),
    }
}

fn forced() -> bool {
    let set = |name: &str| variable(name).filter(|value| !value.is_empty());
    set("NO_COLOR").is_none() && set("FORCE_COLOR").is_some_and(|value| value != "0" && value != "false")
}

#[expect(clippy::disallowed_methods, reason = "how to colour a terminal is asked of its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Writes a result to standard output. A reader that has gone away, as `head` does, is not an error.
pub(crate) fn out(text: &str) -> io::Result<()> {
    quietly(|| {
        let mut stream = anstream::stdout().lock();
        stream.write_all(text.as_bytes())?;
        stream.flush()
    })
}

/// Tells an error and what led to it.
pub(crate) fn error(error: &anyhow::Error) {
    let mut stream = anstream::stderr().lock();
    let _ = writeln!(stream, "\u{1b}[1;31merror\u{1b}[0m: {error:#}");
}

fn quietly(write: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    match write() {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}
