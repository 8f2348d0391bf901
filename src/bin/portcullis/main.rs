//! The command line: the library's first customer, and the only room that knows the terminal.

use std::process::ExitCode;

use clap::Parser;

mod args;
mod disk;
mod exit;
mod lower;
mod terminal;

use args::{Arguments, Command};
use exit::Exit;

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // clap knows which stream each message belongs on; a closed pipe is nobody's error.
            let _ = error.print();
            return if error.use_stderr() { Exit::Broken.into() } else { Exit::Clean.into() };
        }
    };
    terminal::set_colour(arguments.global.color);
    let outcome = match &arguments.command {
        Command::Lower(args) => lower::run(args),
        _ => Ok(Exit::Clean),
    };
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal::error(&error);
            Exit::Broken.into()
        }
    }
}
