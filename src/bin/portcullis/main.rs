//! The command line: the library's first customer, and the only room that knows the terminal.

use std::process::ExitCode;

use clap::Parser;
use clap::error::{ContextKind, ContextValue};

/// Instead of musl's, which is made to be small and has one lock for all threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod accepted;
mod args;
mod check;
mod clock;
mod configuration;
mod disk;
mod examples;
mod exit;
mod explain;
mod listing;
mod lower;
mod lsp;
mod mending;
mod permissions;
mod pipeline;
mod progress;
mod reports;
mod revision;
mod secrets;
mod shelf;
mod shell;
mod statistics;
mod terminal;
mod voices;

use args::{Arguments, Command, Global};
use exit::Exit;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap knows which stream each message belongs on; a closed pipe is nobody's error.
            let _ = error.print();
            if let Some(path) = misplaced(&error) {
                terminal::tip(&format!("to check it, write `portcullis check {path}`"));
            }
            return if error.use_stderr() { Exit::Broken.into() } else { Exit::Clean.into() };
        }
    };
    terminal::set_colour(arguments.global.color);
    match run(&arguments.global, arguments.command) {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal::error(&error);
            Exit::Broken.into()
        }
    }
}

/// The path that stands where a command should.
fn misplaced(error: &clap::Error) -> Option<&str> {
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else { return None };
    disk::exists(word.as_ref()).then_some(word)
}

fn run(global: &Global, command: Command) -> anyhow::Result<Exit> {
    match command {
        Command::Check(args) => check::run(global, &args),
        Command::Fix(args) => check::fix(global, *args),
        Command::Baseline(args) => check::baseline(global, &args),
        Command::Config(args) => configuration::run(global, &args),
        Command::Explain(args) => explain::run(global, &args),
        Command::Permissions(args) => permissions::run(global, &args),
        Command::Test(args) => examples::run(global, &args),
        Command::Rules(args) => listing::run(global, &args),
        Command::Lower(args) => lower::run(&args),
        Command::Lsp(args) => lsp::run(global, &args),
        Command::Completions(args) => shell::completions(&args),
        Command::Man => shell::manual(),
    }
}
