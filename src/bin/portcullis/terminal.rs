//! The two streams: results go to standard output, everything else to standard error.

use std::io::{self, IsTerminal, Write};

use anstream::{AutoStream, ColorChoice};
use clap::ValueEnum;
use portcullis::finding;
use serde::Serialize;

use crate::args::Global;

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

/// What standard output can show.
pub(crate) struct Look {
    /// Colours.
    pub(crate) colour: bool,
    /// More than ASCII.
    pub(crate) unicode: bool,
    /// Links behind words.
    pub(crate) links: bool,
    /// Columns.
    pub(crate) width: usize,
}

/// What standard output can show. A pipe or a file gets the same text everywhere.
pub(crate) fn look() -> Look {
    let stream = io::stdout();
    let colour = AutoStream::choice(&stream) != ColorChoice::Never;
    if !stream.is_terminal() {
        return Look { colour, unicode: true, links: false, width: 100 };
    }
    let width = variable("COLUMNS").and_then(|columns| columns.parse().ok());
    let width = width.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)));
    Look {
        colour,
        unicode: speaks_unicode(),
        links: colour && knows_links(),
        width: width.unwrap_or(100).clamp(40, 160),
    }
}

fn speaks_unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name).filter(|v| !v.is_empty()));
    let names_utf8 = |locale: &str| ["utf-8", "utf8"].iter().any(|utf8| locale.to_ascii_lowercase().contains(utf8));
    // A terminal without a locale is a bare Linux console, or Windows, where the newer terminals say who they are.
    locale.map_or_else(|| variable("WT_SESSION").is_some(), |locale| names_utf8(&locale))
}

/// Terminals that do not know the escape print it; these are known to know it.
fn knows_links() -> bool {
    let vte = variable("VTE_VERSION").and_then(|version| version.parse::<u32>().ok()).is_some_and(|v| v >= 5000);
    let program = variable("TERM_PROGRAM").unwrap_or_default();
    let named = ["iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper"].contains(&program.as_str());
    let term = variable("TERM").unwrap_or_default();
    vte || named || term.contains("kitty") || variable("WT_SESSION").is_some()
}

#[expect(clippy::disallowed_methods, reason = "what a terminal can show is asked of its environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// Writes a result to standard output. A reader that has gone away, as `head` does, is not an error.
///
/// Colours have been settled by whoever made the text, so it goes out as it is.
pub(crate) fn out(text: &[u8]) -> io::Result<()> {
    streamed(|stream| stream.write_all(text))
}

/// The same for a result that is written piece by piece.
pub(crate) fn streamed(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> io::Result<()> {
    let stdout = AutoStream::new(io::stdout().lock(), ColorChoice::Always);
    let mut stream = io::BufWriter::with_capacity(64 << 10, stdout);
    quietly(write(&mut stream).and_then(|()| stream.flush()))
}

/// Writes a result as JSON in which every character can be seen.
pub(crate) fn json(value: &impl Serialize) -> anyhow::Result<()> {
    Ok(out((finding::quiet(&serde_json::to_string_pretty(value)?) + "\n").as_bytes())?)
}

fn quietly(written: io::Result<()>) -> io::Result<()> {
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Tells an error and what led to it.
pub(crate) fn error(error: &anyhow::Error) {
    say("\u{1b}[1;31merror\u{1b}[0m", &format!("{error:#}"));
}

/// Tells what was perhaps meant.
pub(crate) fn tip(text: &str) {
    say("\n  \u{1b}[32mtip\u{1b}[0m", text);
}

/// Tells something that is nobody's error, unless it should be quiet.
pub(crate) fn note(global: &Global, text: &str) {
    if global.quiet == 0 {
        say("\u{1b}[1;32mnote\u{1b}[0m", text);
    }
}

/// Tells something that only `--verbose` asks for.
pub(crate) fn detail(global: &Global, text: impl FnOnce() -> String) {
    if global.verbose > 0 {
        say("\u{1b}[2mdetail\u{1b}[0m", &text());
    }
}

fn say(label: &str, text: &str) {
    let _ = writeln!(anstream::stderr().lock(), "{label}: {}", finding::shown(text, true));
}
