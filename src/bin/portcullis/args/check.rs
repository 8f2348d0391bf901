//! The arguments of `check`, by what they are about.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use portcullis::config::FailOn;
use portcullis::report::Format;
use portcullis::rulebook::{Confidence, Profile, Severity};

use super::{Deployment, word};

/// `check`.
#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) wanted: Wanted,
    #[command(flatten)]
    pub(crate) output: Output,
    #[command(flatten)]
    pub(crate) fixing: Fixing,
}

/// What is checked, and by which rules.
#[derive(Debug, Args)]
pub(crate) struct Wanted {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(flatten)]
    pub(crate) selection: Selection,
    #[command(flatten)]
    pub(crate) suppression: Suppression,
    #[command(flatten)]
    pub(crate) deployment: Deployment,
}

/// Which files.
#[derive(Debug, Args)]
#[command(next_help_heading = "Input")]
pub(crate) struct Input {
    /// Files and folders; `-` reads standard input. Without any, this folder.
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// What standard input is called in reports; includes are looked for beside it.
    #[arg(long, value_name = "FILE")]
    pub(crate) stdin_filename: Option<PathBuf>,
    /// File that lists further paths, one a line; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) files_from: Option<PathBuf>,
    /// Leave out paths, as .gitignore would; repeatable.
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,
    /// Walk into what ignore files (.gitignore, .ignore) leave out.
    #[arg(long)]
    pub(crate) no_ignore: bool,
    /// Leave files alone that are named here but are no templates, instead of failing.
    #[arg(long)]
    pub(crate) skip_non_templates: bool,
    /// Do not fail because of broken files; they are still reported.
    #[arg(long)]
    pub(crate) allow_broken: bool,
    /// List the files that would be checked, and stop.
    #[arg(long)]
    pub(crate) list_files: bool,
}

/// Which rules, and which of their findings.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Selection {
    /// default: what can be acted on; strict: hardening as well; all: the opinionated and the undetermined too.
    #[arg(long, value_name = "PROFILE", value_parser = word(Profile::ALL, Profile::name))]
    pub(crate) profile: Option<Profile>,
    /// Only these: rules, categories, services, `pack:<framework>`, or peers' ids; repeatable.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) select: Vec<String>,
    /// Not these; repeatable.
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// Leave out findings that are less severe.
    #[arg(long, value_name = "SEVERITY", value_parser = word(Severity::ALL, Severity::name))]
    pub(crate) min_severity: Option<Severity>,
    /// Leave out findings that are less sure.
    #[arg(long, value_name = "CONFIDENCE", value_parser = word(Confidence::ALL, Confidence::name))]
    pub(crate) min_confidence: Option<Confidence>,
    /// Exit with 1 when a finding is at least this severe [default: low].
    #[arg(long, value_name = "SEVERITY", value_parser = word(FailOn::ALL, FailOn::name))]
    pub(crate) fail_on: Option<FailOn>,
}

/// What is already known and accepted.
#[derive(Debug, Args)]
#[command(next_help_heading = "Suppressions and baselines")]
pub(crate) struct Suppression {
    /// Heed no suppression: neither comments nor metadata.
    #[arg(long)]
    pub(crate) no_suppressions: bool,
    /// File of accepted findings, which are not reported again.
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Report only what is new since a Git revision.
    #[arg(long, value_name = "REV", conflicts_with = "baseline")]
    pub(crate) diff_base: Option<String>,
}

/// What is shown, and where.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct Output {
    /// Format of standard output [default: human].
    #[arg(long, short, value_name = "FORMAT", value_parser = word(Format::ALL, Format::name))]
    pub(crate) format: Option<Format>,
    /// Write a further report to a file, in the same pass; repeatable.
    #[arg(long, short, value_name = "FORMAT=PATH", value_parser = destination)]
    pub(crate) output: Vec<(Format, PathBuf)>,
    /// Show what is suppressed as well.
    #[arg(long)]
    pub(crate) show_suppressed: bool,
    /// Count findings instead of showing them.
    #[arg(long, value_name = "BY", num_args = 0..=1, require_equals = true, default_missing_value = "rules")]
    pub(crate) statistics: Option<By>,
    /// Accept what is found: write it to a baseline.
    #[arg(long, value_name = "FILE")]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Let an existing baseline grow.
    #[arg(long, requires = "write_baseline")]
    pub(crate) allow_growth: bool,
    /// Category of the SARIF run, when a repository has several.
    #[arg(long, value_name = "NAME")]
    pub(crate) sarif_category: Option<String>,
}

/// What is mended.
#[derive(Debug, Args)]
#[command(next_help_heading = "Fixes")]
pub(crate) struct Fixing {
    /// Mend what can be mended: `safe` changes nothing that works, `all` may.
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "safe")]
    pub(crate) fix: Option<Reach>,
    /// Show the edits as a diff instead of writing them.
    #[arg(long)]
    pub(crate) diff: bool,
}

impl Fixing {
    /// Why there is nothing that could be mended this way.
    pub(crate) fn misused(&self, input: &Input) -> Option<String> {
        if self.fix.is_none() || self.diff {
            return None;
        }
        let said = |word: &str| input.paths.iter().any(|path| path.as_os_str() == word);
        if said("-") {
            return Some("standard input cannot be mended; `--diff` shows the edits".to_owned());
        }
        let word = ["all", "safe"].into_iter().find(|word| said(word) && !crate::disk::exists(Path::new(word)))?;
        Some(format!("`{word}` is no file; which fixes are made is said with `--fix={word}`"))
    }
}

/// Which fixes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Reach {
    /// Those that change nothing that works.
    Safe,
    /// All.
    All,
}

/// What findings are counted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// The rules that found them.
    Rules,
    /// What the selected frameworks ask for (`--select pack:<framework>`).
    Controls,
}

/// `sarif=out.sarif`.
fn destination(text: &str) -> Result<(Format, PathBuf), String> {
    let formats = || Format::ALL.iter().map(|f| f.name()).collect::<Vec<_>>().join(", ");
    let Some((format, path)) = text.split_once('=') else {
        return Err("expected FORMAT=PATH, such as sarif=portcullis.sarif".to_owned());
    };
    let format = Format::from_name(format).ok_or_else(|| format!("`{format}` is none of {}", formats()))?;
    match path {
        "" => Err("the path is missing".to_owned()),
        "-" => Err(format!("for standard output write `--format {format}`")),
        path => Ok((format, PathBuf::from(path))),
    }
}
