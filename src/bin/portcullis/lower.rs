//! `lower`: the CloudFormation that one file deploys, and where each resource came from.

use std::fmt::Write;
use std::sync::Arc;

use anyhow::{Context, bail};
use portcullis::dialect::{self, Input, Options};
use portcullis::discover::DiskLoader;
use portcullis::finding::{self, shown};
use portcullis::source::{Arena, FileId, Sources, Span};
use portcullis::template::{Origin, Template};
use portcullis::{syntax, template};

use crate::args::{Lower, LowerFormat};
use crate::exit::Exit;
use crate::pipeline::Files;
use crate::secrets::Secrets;
use crate::{disk, terminal};

/// Lowers the file and prints it.
pub(crate) fn run(args: &Lower) -> anyhow::Result<Exit> {
    let arena = Arena::new();
    let here = disk::here()?;
    let loader = DiskLoader::new(&here);
    let source = disk::read(&here, &args.path)?;
    let sources = Sources::new(Arc::clone(&source));
    let document = syntax::parse_file(&arena, FileId(0), source.path(), sources.get(FileId(0)).text());
    if let Some(problem) = document.problems.iter().find(|p| p.kind.breaks()) {
        let at = source.position(problem.span.start);
        bail!("{}:{}:{}: {}", source.path(), at.line, at.column, problem.message);
    }
    // The template of one deployment: cases are for rules.
    let options = Options { one_stage: true, ..args.deployment.options() };
    let input = Input { arena: &arena, sources: &sources, loader: &loader, options: &options };
    let Some(lowered) = dialect::lower(&document, &input) else {
        bail!("`{}` is no CloudFormation, SAM or serverless.yml template", source.path());
    };
    let text = if args.explain {
        explanation(&lowered, &sources)
    } else {
        match args.format {
            LowerFormat::Json => {
                let mut json = template::to_json(&lowered);
                if !args.show_secrets {
                    Secrets::of(&here, &Files::given([&source]), &args.deployment, &loader)?.hidden(&mut json);
                }
                let text = serde_json::to_string_pretty(&json).context("cannot print the template")?;
                finding::quiet(&text) + "\n"
            }
        }
    };
    terminal::out(text.as_bytes())?;
    Ok(Exit::Clean)
}

/// One line for each resource: its id, type, place, and the steps that led to it.
fn explanation(template: &Template<'_>, sources: &Sources) -> String {
    let mut out = String::new();
    for resource in &template.resources {
        let (id, kind) = (shown(resource.id, false), shown(resource.kind, false));
        let _ = write!(out, "{id}\t{kind}\t{}", place(resource.key.span, sources));
        for what in resource.made_by.into_iter().chain(steps(resource.key)) {
            let _ = write!(out, "\t{}", shown(what, false));
        }
        out.push('\n');
    }
    for (origin, why) in template.unknown_parts.iter().chain(&template.unread) {
        let _ = writeln!(out, "?\tunknown\t{}\t{}", place(origin.span, sources), shown(why, false));
    }
    out
}

/// The steps of an origin, the first first.
fn steps<'a>(origin: Origin<'a>) -> Vec<&'a str> {
    let mut all: Vec<_> = std::iter::successors(origin.step, |step| step.before).map(|step| step.what).collect();
    all.reverse();
    all
}

fn place(span: Span, sources: &Sources) -> String {
    let source = sources.get(span.file);
    let at = source.position(span.start);
    format!("{}:{}:{}", shown(source.path(), false), at.line, at.column)
}
