//! `lsp`: the language server, for whoever's editor started it.

use portcullis::lsp::{self, Ended};

use crate::args::{Global, Lsp};
use crate::exit::Exit;
use crate::voices::CommandLine;
use crate::{clock, disk};

/// Serves the editor at the other end of standard input and output.
pub(crate) fn run(global: &Global, args: &Lsp) -> anyhow::Result<Exit> {
    let here = disk::here()?;
    // Editors name the way they talk; there is only this one.
    let Lsp { stdio: _ } = args;
    // Relative to where the editor started us, whatever folder a document is in.
    let folders: Vec<_> = global.rules_dirs.iter().map(|folder| here.join(folder)).collect();
    let options = lsp::Options {
        config: global.config.as_ref().map(|file| here.join(file)),
        no_config: global.no_config,
        layer: CommandLine::default().rules(&folders).layer(),
        today: clock::today,
        debounce: lsp::DEBOUNCE,
    };
    Ok(match lsp::stdio(options)? {
        Ended::Orderly => Exit::Clean,
        Ended::Abandoned => Exit::Abandoned,
    })
}
