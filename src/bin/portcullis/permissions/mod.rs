//! `permissions`: who sets off what, which role it runs as, what that may do; what a reviewer would draw on paper.

use std::path::Path;
use std::sync::Arc;

use portcullis::analysis::iam::actions::{Action, Level};
use portcullis::analysis::iam::effect::{Reached, Use};
use portcullis::analysis::iam::escalation::Escalation;
use portcullis::analysis::permissions::{self, Assumed};
use portcullis::config::Config;
use portcullis::dialect::{self, Input};
use portcullis::discover::DiskLoader;
use portcullis::finding;
use portcullis::scan;
use portcullis::source::{Arena, FileId, Source, Sources};
use portcullis::syntax;
use portcullis::template::Resource;

use self::picture::Picture;
use crate::args::{Global, MapFormat, Permissions};
use crate::exit::Exit;
use crate::pipeline::Files;
use crate::voices::{self, CommandLine};
use crate::{disk, terminal};

mod dot;
mod html;
mod human;
mod json;
mod mermaid;
mod picture;

/// Shows who may do what in every template that was asked for.
pub(crate) fn run(global: &Global, args: &Permissions) -> anyhow::Result<Exit> {
    let here = disk::here()?;
    let command_line = CommandLine::default().input(&args.input)?.deployment(&args.deployment).layer();
    let config = Arc::new(voices::listen(global, &here, command_line)?);
    let files = Files::find(&args.input, &here, &config)?;
    let loader = DiskLoader::new(&here);
    let mut shown = Shown::default();
    let mut broken = false;
    for name in files.names() {
        let source = match files.read(name, &loader) {
            Ok(source) => source,
            Err(why) => {
                terminal::error(&anyhow::anyhow!("{why}"));
                broken = true;
                continue;
            }
        };
        broken |= look((&source, files.named(name)), &here, &config, args, &loader, &mut shown)?;
    }
    let text = match args.format {
        MapFormat::Human => shown.text,
        MapFormat::Json => finding::quiet(&serde_json::to_string_pretty(&shown.json)?) + "\n",
        MapFormat::Mermaid => mermaid::write(&shown.pictures),
        MapFormat::Dot => dot::write(&shown.pictures),
        MapFormat::Html => html::write(&shown.pictures, &shown.cards),
    };
    terminal::out(text.as_bytes())?;
    Ok(if broken || files.failed() {
        Exit::Broken
    } else if shown.templates == 0 {
        terminal::note(global, &disk::nothing(&here, &args.input));
        Exit::NoInput
    } else {
        Exit::Clean
    })
}

/// Says where a text could not be read, if it is one of ours: what stands there may allow anything.
fn tell_broken(source: &Source, document: &syntax::Document<'_>, named: bool) -> bool {
    let ours = || named || document.root().and_then(dialect::detect).is_some() || scan::looks_like_ours(source);
    if !document.broken() || !ours() {
        return false;
    }
    for problem in document.problems.iter().filter(|problem| problem.kind.breaks()) {
        let at = source.position(problem.span.start);
        let place = format!("{}:{}:{}", source.path(), at.line, at.column);
        terminal::error(&anyhow::anyhow!("{place}: {}", problem.message));
    }
    true
}

/// What has been read so far, in the format that was asked for.
#[derive(Default)]
struct Shown {
    text: String,
    json: Vec<serde_json::Value>,
    pictures: Vec<Picture>,
    /// The same in words, for the page: one for each picture.
    cards: Vec<String>,
    templates: usize,
}

/// Shows one text, which may have been `named`; true when it is broken.
fn look(
    (source, named): (&Arc<Source>, bool),
    here: &Path,
    config: &Config,
    args: &Permissions,
    loader: &DiskLoader,
    shown: &mut Shown,
) -> anyhow::Result<bool> {
    let arena = Arena::new();
    let sources = Sources::new(Arc::clone(source));
    let document = syntax::parse_file(&arena, FileId(0), source.path(), sources.get(FileId(0)).text());
    let broken = tell_broken(source, &document, named);
    let options = scan::options(here, config, args.deployment.options())?;
    let input = Input { arena: &arena, sources: &sources, loader, options: &options };
    let Some(template) = dialect::lower(&document, &input) else { return Ok(broken) };
    shown.templates += 1;
    let actors = permissions::actors_of(&template, &arena, &options.parameters);
    if actors.is_empty() {
        return Ok(broken);
    }
    match args.format {
        MapFormat::Human => {
            if !shown.text.is_empty() {
                shown.text.push('\n');
            }
            human::write(&actors, source.path(), &sources, &mut shown.text);
        }
        MapFormat::Json => shown.json.extend(actors.iter().map(|actor| json::actor(actor, source.path(), &sources))),
        MapFormat::Mermaid | MapFormat::Dot => shown.pictures.push(Picture::of(&actors, source.path())),
        MapFormat::Html => {
            shown.pictures.push(Picture::of(&actors, source.path()));
            shown.cards.push(html::cards(&actors, source.path(), &sources));
        }
    }
    Ok(broken)
}

/// Text of a template on its way to a terminal or into a picture.
fn clean(text: &str) -> String {
    finding::shown(text, false)
}

/// What some actions do, in a few words: their names when they are few, else their levels.
fn doing(actions: &[&'static Action]) -> String {
    if actions.len() <= 2 {
        return actions.iter().map(|a| a.name).collect::<Vec<_>>().join(", ");
    }
    let mut words: Vec<&str> = Vec::new();
    for level in Level::ALL.into_iter().filter(|level| actions.iter().any(|a| a.level == *level)) {
        let word = match level {
            Level::List | Level::Read => "read",
            Level::Write => "write",
            Level::Permissions => "permissions",
            Level::Tagging => "tags",
        };
        if !words.contains(&word) && (word != "tags" || words.is_empty()) {
            words.push(word);
        }
    }
    words.join(", ")
}

/// The strongest that some actions do.
fn strongest(actions: &[&'static Action]) -> Option<Level> {
    [Level::Permissions, Level::Write, Level::Tagging, Level::Read, Level::List]
        .into_iter()
        .find(|level| actions.iter().any(|a| a.level == *level))
}

/// What keeps a function running and says nothing about what it is for: logs, traces, a place in a network.
fn is_housekeeping(one: &Use) -> bool {
    let network = |action: &&'static Action| {
        [
            "NetworkInterface",
            "PrivateIpAddresses",
            "GetSecurityGroupsForVpc",
            "DescribeSubnets",
            "DescribeSecurityGroups",
            "DescribeVpcs",
        ]
        .iter()
        .any(|word| action.name.contains(word))
    };
    matches!(one.service.prefix, "logs" | "xray") || (one.service.prefix == "ec2" && one.actions.iter().all(network))
}

/// The name of a resource: what the user wrote, or what is deployed where a framework made it of something else.
fn name(resource: &Resource<'_>) -> String {
    let made = resource.made_by.is_some() && resource.kind != "AWS::Lambda::Function";
    clean(if made { resource.id } else { resource.written_id })
}

/// A policy by its name where it is one of AWS's.
fn policy_name(policy: &str) -> String {
    match policy.split_once(":iam::aws:policy/") {
        Some((_, rest)) => format!("{} of AWS", clean(rest.rsplit('/').next().unwrap_or(rest))),
        None => clean(policy),
    }
}

/// What a role reaches of the template, as a line or an arrow says it.
struct Reach {
    label: String,
    sort: String,
    actions: Vec<&'static Action>,
    named: bool,
    limited: bool,
}

/// What a role reaches. Where a wildcard reaches many of one type in the same way, they are one; where it reaches
/// whatever there is, only what is named is told.
fn reaches(role: &Assumed<'_>) -> Vec<Reach> {
    let mut all: Vec<(Reach, usize)> = Vec::new();
    let shown = role.effect.reached.iter().filter(|r| r.named || !role.effect.everything);
    let alike = |one: &Reached<'_>| {
        let same = |r: &&Reached<'_>| !r.named && r.resource.kind == one.resource.kind && r.actions == one.actions;
        if one.named { 1 } else { role.effect.reached.iter().filter(same).count() }
    };
    for one in shown {
        let sort = type_name(one.resource.kind);
        let count = alike(one);
        let (label, sort) = match count {
            0..=2 => (name(&one.resource), sort),
            many => (format!("all {many}"), format!("{sort}s of this template")),
        };
        if !all.iter().any(|(r, c)| count > 2 && *c == count && r.label == label && r.sort == sort) {
            let reach = Reach { label, sort, actions: one.actions.clone(), named: one.named, limited: one.limited };
            all.push((reach, count));
        }
    }
    all.into_iter().map(|(reach, _)| reach).collect()
}

/// The first few ways to become stronger, and how many more there are. Whoever may do everything needs none.
fn told<'r>(role: &'r Assumed<'_>) -> (&'r [&'static Escalation], usize) {
    let shown = if role.effect.everything { 0 } else { role.ways.len().min(4) };
    let more = if role.effect.everything { 0 } else { role.ways.len() - shown };
    (role.ways.get(..shown).unwrap_or_default(), more)
}

/// `AWS::SQS::Queue` as people say it: `SQS Queue`.
fn type_name(kind: &str) -> String {
    kind.trim_start_matches("AWS::").replace("::", " ")
}
