//! `check`: the main job, and `fix`, which is the same with the edits applied.

use std::path::Path;
use std::sync::Arc;

use anyhow::bail;
use portcullis::config::Config;
use portcullis::finding::{Kind, Run};

use crate::args::{Check, Fixing, Global, Input, Wanted};
use crate::exit::Exit;
use crate::pipeline::{Files, Workshop};
use crate::voices::{self, CommandLine};
use crate::{disk, reports, terminal};

/// Checks what was asked for, and reports it.
pub(crate) fn run(global: &Global, args: &Check) -> anyhow::Result<Exit> {
    if let Some(path) = reports::collide(&args.output) {
        bail!("two reports would be written to `{}`", path.display());
    }
    let here = disk::here()?;
    let config = Arc::new(configuration(global, &here, &args.wanted)?);
    let input = &args.wanted.input;
    let files = Files::find(input, &here, &config)?;
    if input.list_files {
        let list: String = files.names().map(|name| format!("{name}\n")).collect();
        terminal::out(list.as_bytes())?;
        return Ok(if list.is_empty() { Exit::NoInput } else { Exit::Clean });
    }
    let workshop = Workshop::open(global, &here, &config, &args.wanted.deployment)?;
    let run = workshop.scan(global, input, &files);
    if args.fixing.wanted() {
        bail!("fixes are not there yet");
    }
    reports::write(global, &args.output, &run, workshop.catalogue())?;
    let exit = verdict(&run, &config, input);
    if exit == Exit::NoInput {
        terminal::note(global, "no templates found");
    }
    Ok(exit)
}

/// What the file and the command line say together.
pub(crate) fn configuration(global: &Global, here: &Path, wanted: &Wanted) -> anyhow::Result<Config> {
    let command_line = CommandLine::default()
        .input(&wanted.input)?
        .rules(&global.rules_dirs)
        .selection(&wanted.selection)?
        .suppression(&wanted.suppression)
        .deployment(&wanted.deployment);
    voices::listen(global, here, command_line.layer())
}

/// How the run ended. What could not be checked outweighs what was found: silence about it would pass for safety.
fn verdict(run: &Run, config: &Config, input: &Input) -> Exit {
    let fatal = |at: Option<(u32, u32)>| !(input.allow_broken && at.is_some());
    if run.failures.iter().any(|failure| fatal(failure.at)) || (run.broken > 0 && !input.allow_broken) {
        return Exit::Broken;
    }
    let broken_text = |rule: &str| input.allow_broken && rule == "syntax-error";
    let counts = |f: &&portcullis::finding::Finding| f.kind == Kind::Fail && !broken_text(&f.rule);
    if run.active().filter(counts).any(|f| config.fail_on().fails(f.severity)) {
        return Exit::Findings;
    }
    let empty = run.checked.values().sum::<usize>() == 0 && run.broken == 0;
    if empty && !input.skip_non_templates { Exit::NoInput } else { Exit::Clean }
}

impl Fixing {
    /// True when edits were asked for.
    pub(crate) fn wanted(&self) -> bool {
        self.fix.is_some() || self.diff
    }
}
