//! From what the user asked for to a [`Run`]: files, rules, scan. The one place that knows how they meet.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use portcullis::config::{Catalogue, Config};
use portcullis::dialect;
use portcullis::finding::{Failure, Run};
use portcullis::report::Rule;
use portcullis::source::{Arena, FileId, Source};
use portcullis::syntax;

use crate::args::{Global, Input};
use crate::{disk, terminal};

/// Every rule there is, in the words that configuration and reports need.
#[derive(Default)]
pub(crate) struct Shelf {
    /// As configuration and suppressions name them.
    pub(crate) catalogue: Catalogue,
    /// As reports show them.
    pub(crate) rules: Vec<Rule>,
}

/// A file that is to be checked.
pub(crate) struct Candidate {
    /// The text, or why there is none.
    pub(crate) source: Result<Arc<Source>, Failure>,
    /// True when the user named it, false when it was found by walking.
    pub(crate) named: bool,
}

/// The files that were asked for, in the order of their names.
pub(crate) fn files(input: &Input, config: &Config) -> anyhow::Result<Vec<Candidate>> {
    let mut found = Vec::new();
    for path in disk::listed(input)? {
        if path.as_os_str() == "-" {
            let name = input.stdin_filename.as_deref().unwrap_or(Path::new("stdin"));
            found.push(Candidate { source: disk::standard_input(name).map_err(|e| failure(name, &e)), named: true });
        } else if disk::is_folder(&path) {
            found.extend(walked(&path, input, config));
        } else {
            found.push(Candidate {
                source: disk::read(&path).map(Arc::new).map_err(|e| failure(&path, &e)),
                named: true,
            });
        }
    }
    Ok(found)
}

fn failure(path: &Path, error: &anyhow::Error) -> Failure {
    Failure { file: disk::shown(path), at: None, message: format!("{error:#}") }
}

fn walked(folder: &Path, input: &Input, config: &Config) -> Vec<Candidate> {
    let walk = ignore::WalkBuilder::new(folder).standard_filters(!input.no_ignore).sort_by_file_path(Path::cmp).build();
    let files = walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let wanted = |path: &PathBuf| {
        path.extension().is_some_and(|e| ["yaml", "yml", "json", "template"].iter().any(|known| e == *known))
            && !config.excludes(&disk::shown(path))
    };
    files
        .map(ignore::DirEntry::into_path)
        .filter(wanted)
        .map(|path| Candidate { source: disk::read(&path).map(Arc::new).map_err(|e| failure(&path, &e)), named: false })
        .collect()
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
        if named || !input.skip_non_templates {
            let at = source.position(problem.span.start);
            run.broken += 1;
            run.failures.push(Failure { file, at: Some((at.line, at.column)), message: problem.message.clone() });
        }
        return;
    }
    match document.root().and_then(dialect::detect) {
        Some(dialect) => *run.checked.entry(dialect.name()).or_default() += 1,
        None if named && !input.skip_non_templates => {
            let message = "is no CloudFormation, SAM or serverless.yml template".to_owned();
            run.failures.push(Failure { file, at: None, message });
        }
        None => {
            terminal::detail(global, || format!("{file}: skipped, no template"));
            run.skipped += 1;
        }
    }
}
