//! `completions` and `man`: what shells and manuals want to know of the command line.

use clap::CommandFactory;
use clap_mangen::Man;

use crate::args::{Arguments, Completions};
use crate::exit::Exit;
use crate::terminal;

/// Prints the completions of a shell.
pub(crate) fn completions(args: &Completions) -> anyhow::Result<Exit> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "portcullis", &mut text);
    terminal::out(&text)?;
    Ok(Exit::Clean)
}

/// Prints one manual page with every command in it.
pub(crate) fn manual() -> anyhow::Result<Exit> {
    let mut command = Arguments::command();
    command.build();
    let mut text = Vec::new();
    Man::new(command.clone()).render(&mut text)?;
    for part in command.get_subcommands().filter(|part| !part.is_hide_set()) {
        let man = Man::new(part.clone());
        let mut page = Vec::new();
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
        // What is a section in a page of its own is a part of this one.
        let page = String::from_utf8_lossy(&page).replace(".SH DESCRIPTION\n", "").replace(".SH ", ".SS ");
        text.extend_from_slice(format!(".SH \"portcullis {}\"\n{page}", part.get_name()).as_bytes());
    }
    terminal::out(&text)?;
    Ok(Exit::Clean)
}
