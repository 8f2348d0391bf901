//! `check`: the main job, and `fix`, which is the same with the edits applied.

use std::mem::ManuallyDrop;
use std::path::Path;
use std::sync::Arc;

use anyhow::bail;
use portcullis::config::Config;
use portcullis::finding::{self, Kind, Run};

use crate::accepted::Accepted;
use crate::args::{Baseline, Check, Global, Input, Reach, Wanted};
use crate::exit::Exit;
use crate::pipeline::{Files, Workshop};
use crate::voices::{self, CommandLine};
use crate::{accepted, disk, mending, reports, shelf, terminal};

/// Checks what was asked for, and reports it.
pub(crate) fn run(global: &Global, args: &Check) -> anyhow::Result<Exit> {
    if let Some(path) = reports::collide(&args.output) {
        bail!("two reports would be written to `{}`", path.display());
    }
    let here = disk::here()?;
    let wanted = &args.wanted;
    let config = Arc::new(configuration(global, &here, wanted)?);
    let mut files = Files::find(&wanted.input, &here, &config)?;
    if let Some(why) = args.fixing.misused(&wanted.input) {
        bail!(why);
    }
    if wanted.input.list_files {
        let list = files.templates(&here);
        let lines: String = list
            .iter()
            .map(|(name, dialect)| (finding::shown(name, false), dialect))
            .map(|(name, dialect)| match global.verbose {
                0 => format!("{name}\n"),
                _ => format!("{name}\t{dialect}\n"),
            })
            .collect();
        terminal::out(lines.as_bytes())?;
        return Ok(if list.is_empty() { Exit::NoInput } else { Exit::Clean });
    }
    // The program ends with its report: to take rules and findings apart after it would only cost time.
    let workshop = ManuallyDrop::new(Workshop::open(global, &here, &config, &wanted.deployment)?);
    shelf::tell_unknown_names(global, workshop.catalogue());
    shelf::tell_of_nothing(global, &config, workshop.catalogue());
    let mut run = workshop.scan(global, &files);
    for look in &run.looked {
        terminal::detail(global, || format!("{}: {}", look.file, look.message));
    }
    let accepted = Accepted::gather(global, &workshop, &files, &wanted.suppression)?;
    let gone = accepted.apply(&workshop, &files, &mut run);
    if let Some(path) = wanted.suppression.baseline.as_ref().filter(|_| gone > 0) {
        let path = path.display();
        let text =
            format!("{gone} findings that `{path}` accepts are gone; `portcullis baseline -o {path}` takes them out");
        terminal::note(global, &text);
    }
    if args.fixing.diff {
        let mended = mending::mend(global, &workshop, &mut files, &accepted, &args.fixing, run);
        mended.show(global, &workshop, &wanted.deployment)?;
        mended.tell_left(global);
        // Nothing was written: what there is to mend is still wrong.
        return Ok(if mended.is_empty() { verdict(&mended.run, &config, &wanted.input) } else { Exit::Findings });
    }
    if args.fixing.fix.is_some() {
        let mended = mending::mend(global, &workshop, &mut files, &accepted, &args.fixing, run);
        mended.write(global, &workshop)?;
        mended.tell_left(global);
        run = mended.run;
    }
    if let Some(path) = &args.output.write_baseline {
        accepted::write(global, &here, &files, path, &run.findings, args.output.allow_growth)?
            .apply(&workshop, &files, &mut run);
    }
    let run = ManuallyDrop::new(run);
    reports::write(global, &args.output, &run, workshop.catalogue(), &config)?;
    let exit = verdict(&run, &config, &wanted.input);
    if exit == Exit::NoInput {
        terminal::note(global, &disk::nothing(&here, &wanted.input));
    }
    Ok(exit)
}

/// `fix`: the same, mending what can be mended safely unless more was asked for.
pub(crate) fn fix(global: &Global, mut args: Check) -> anyhow::Result<Exit> {
    args.fixing.fix.get_or_insert(Reach::Safe);
    run(global, &args)
}

/// `baseline`: accepts what is found today, without showing it.
pub(crate) fn baseline(global: &Global, args: &Baseline) -> anyhow::Result<Exit> {
    let here = disk::here()?;
    let config = Arc::new(configuration(global, &here, &args.check)?);
    let files = Files::find(&args.check.input, &here, &config)?;
    let workshop = Workshop::open(global, &here, &config, &args.check.deployment)?;
    let mut run = workshop.scan(global, &files);
    accepted::write(global, &here, &files, &args.output, &run.findings, args.allow_growth)?
        .apply(&workshop, &files, &mut run);
    for failure in &run.failures {
        terminal::error(&anyhow::anyhow!("{}: {}", failure.file, failure.message));
    }
    Ok(verdict(&run, &config, &args.check.input))
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
