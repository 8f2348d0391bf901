//! From what the user asked for to a [`Run`]: files, rules, scan. The one place that knows how they meet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis::config::Config;
use portcullis::dialect;
use portcullis::discover::{self, DiskLoader, Item, Request};
use portcullis::finding::{Failure, Run};
use portcullis::source::{Arena, FileId, Source};
use portcullis::syntax;

use crate::args::{Global, Input};
use crate::{disk, terminal};

/// A file that is to be checked.
pub(crate) struct Candidate {
    /// The text, or why there is none.
    pub(crate) source: Result<Arc<Source>, Failure>,
    /// True when the user named it, false when it was found by walking.
    pub(crate) named: bool,
}

/// The files that were asked for.
pub(crate) fn files(input: &Input, here: &Path, config: &Arc<Config>) -> anyhow::Result<Vec<Candidate>> {
    let mut paths = listed(input, here)?;
    let mut found = Vec::new();
    if let Some(at) = paths.iter().position(|path| path.as_os_str() == "-") {
        paths.remove(at);
        let name = input.stdin_filename.as_deref().unwrap_or(Path::new("stdin"));
        found.push(Candidate { source: Ok(disk::standard_input(discover::shown(here, name))?), named: true });
        if paths.is_empty() {
            return Ok(found);
        }
    }
    let request = Request {
        working: here.to_owned(),
        paths,
        config: Arc::clone(config),
        gitignore: !input.no_ignore,
        force_exclude: input.skip_non_templates,
    };
    let loader = DiskLoader::new(here);
    for item in discover::walk(request) {
        found.push(match item {
            Item::File(file) => {
                let source = loader.read(&file).map_err(|why| failure(&file.shown, &why.to_string()));
                Candidate { source, named: file.named }
            }
            Item::Failure(failure) => Candidate { source: Err(failure), named: true },
        });
    }
    Ok(found)
}

/// The paths that were asked for: the arguments and what `--files-from` lists.
///
/// An empty list is no request for everything: a script whose list came out empty wants nothing checked.
fn listed(input: &Input, here: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = input.paths.clone();
    if let Some(list) = &input.files_from {
        let text = disk::read(here, list)?;
        paths.extend(text.text().lines().map(str::trim).filter(|line| !line.is_empty()).map(PathBuf::from));
        if paths.is_empty() {
            anyhow::bail!("`{}` lists no files", list.display());
        }
    }
    Ok(paths)
}

fn failure(file: &str, message: &str) -> Failure {
    Failure { file: file.to_owned(), at: None, message: message.to_owned() }
}

/// Checks files.
pub(crate) fn scan(global: &Global, input: &Input, files: &[Candidate]) -> Run {
    let mut run = Run::default();
    for candidate in files {
        match &candidate.source {
            Ok(source) => look(global, input, source, candidate.named, &mut run),
            Err(failure) => run.failures.push(failure.clone()),
        }
    }
    run.sort();
    run
}

fn look(global: &Global, input: &Input, source: &Arc<Source>, named: bool, run: &mut Run) {
    let arena = Arena::new();
    let document = syntax::parse(&arena, FileId(0), source.text());
    let file = source.path().to_owned();
    if let Some(problem) = document.problems.iter().find(|p| p.kind.breaks()) {
        let at = source.position(problem.span.start);
        run.broken += 1;
        run.failures.push(Failure { file, at: Some((at.line, at.column)), message: problem.message.clone() });
        return;
    }
    match document.root().and_then(dialect::detect) {
        Some(dialect) => *run.checked.entry(dialect.name()).or_default() += 1,
        None if named && !input.skip_non_templates => {
            run.failures.push(failure(&file, "is no CloudFormation, SAM or serverless.yml template"));
        }
        None => {
            terminal::detail(global, || format!("{file}: skipped, no template"));
            run.skipped += 1;
        }
    }
}
