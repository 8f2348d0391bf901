//! `permissions`: function, role, actions, resources; what a reviewer would draw on paper.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use portcullis::analysis::permissions::{self, Actor, Assumed, Grant};
use portcullis::analysis::policy;
use portcullis::config::Config;
use portcullis::dialect::{self, Input};
use portcullis::discover::DiskLoader;
use portcullis::finding;
use portcullis::resolve::{Exports, Given, Resolver, Under};
use portcullis::scan;
use portcullis::source::{Arena, FileId, Source, Sources};
use portcullis::syntax;

use crate::args::{Global, ListFormat, Permissions};
use crate::exit::Exit;
use crate::pipeline::Files;
use crate::voices::{self, CommandLine};
use crate::{disk, terminal};

/// Shows who may do what in every template that was asked for.
pub(crate) fn run(global: &Global, args: &Permissions) -> anyhow::Result<Exit> {
    let here = disk::here()?;
    let command_line = CommandLine::default().input(&args.input)?.deployment(&args.deployment).layer();
    let config = Arc::new(voices::listen(global, &here, command_line)?);
    let files = Files::find(&args.input, &here, &config)?;
    let loader = DiskLoader::new(&here);
    let mut shown = Shown { text: String::new(), json: Vec::new(), templates: 0 };
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
        look(&source, &here, &config, args, &loader, &mut shown)?;
    }
    match args.format {
        ListFormat::Human => terminal::out(shown.text.as_bytes())?,
        ListFormat::Json => terminal::out((serde_json::to_string_pretty(&shown.json)? + "\n").as_bytes())?,
    }
    Ok(if broken || files.failed() {
        Exit::Broken
    } else if shown.templates == 0 {
        terminal::note(global, "no templates found");
        Exit::NoInput
    } else {
        Exit::Clean
    })
}

struct Shown {
    text: String,
    json: Vec<serde_json::Value>,
    templates: usize,
}

fn look(
    source: &Arc<Source>,
    here: &Path,
    config: &Config,
    args: &Permissions,
    loader: &DiskLoader,
    shown: &mut Shown,
) -> anyhow::Result<()> {
    let arena = Arena::new();
    let sources = Sources::new(Arc::clone(source));
    let document = syntax::parse(&arena, FileId(0), sources.get(FileId(0)).text());
    let options = scan::options(here, config, args.deployment.options())?;
    let input = Input { arena: &arena, sources: &sources, loader, options: &options };
    let Some(template) = dialect::lower(&document, &input) else { return Ok(()) };
    shown.templates += 1;
    let given: BTreeMap<String, Given> =
        options.parameters.iter().map(|(name, value)| (name.clone(), Given::Text(value.clone()))).collect();
    let exports = Exports::new();
    let resolver = Resolver::new(&template, &arena, &given, &exports);
    let statements = policy::statements(&template, &resolver);
    let actors = permissions::actors(&template, &resolver, &statements);
    if !actors.is_empty() {
        let gap = if shown.text.is_empty() { "" } else { "\n" };
        let _ = writeln!(shown.text, "{gap}{}", source.path());
        human(&actors, source.path(), &sources, &mut shown.text);
    }
    shown.json.extend(actors.iter().map(|actor| json(actor, source.path(), &sources)));
    Ok(())
}

/// A role at a time: who runs as it, and what that means.
fn human(actors: &[Actor<'_>], file: &str, sources: &Sources, out: &mut String) {
    let mut done: Vec<&str> = Vec::new();
    for role in actors.iter().flat_map(|actor| &actor.roles) {
        if done.contains(&role.name.as_str()) {
            continue;
        }
        done.push(&role.name);
        let runs = |actor: &&Actor<'_>| actor.roles.iter().any(|other| other.name == role.name);
        let users: Vec<_> = actors.iter().filter(runs).map(|actor| actor.resource.written_id).collect();
        let shared = if users.len() > 1 { format!("  (shared by {})", users.len()) } else { String::new() };
        let _ = writeln!(out, "\n  {}{}  as {}{shared}", users.join(", "), under(&role.under), clean(&role.name));
        if role.role.is_none() {
            let _ = writeln!(out, "    ?      whatever that role may do: it is not in this template");
        }
        for policy in &role.attached {
            let _ = writeln!(out, "    +      {}", clean(policy));
        }
        let mut lines: Vec<String> = Vec::new();
        for grant in &role.grants {
            let line = format!("{}  [{}]", sentence(grant), place(grant, file, sources));
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        for line in lines {
            let _ = writeln!(out, "    {line}");
        }
    }
}

fn sentence(grant: &Grant<'_>) -> String {
    format!("{:<5}  {}", grant.effect.to_lowercase(), grant.says())
}

fn under(under: &Under) -> String {
    under.describe().map(|text| format!(", when {text}")).unwrap_or_default()
}

/// Text of a template on its way to a terminal.
fn clean(text: &str) -> String {
    finding::shown(text, false)
}

/// The line, and the file when it is another than the template's.
fn place(grant: &Grant<'_>, file: &str, sources: &Sources) -> String {
    let source = sources.get(grant.origin.span.file);
    let line = source.position(grant.origin.span.start).line;
    if source.path() == file { format!("line {line}") } else { format!("{}:{line}", source.path()) }
}

fn json(actor: &Actor<'_>, file: &str, sources: &Sources) -> serde_json::Value {
    let grant = |grant: &Grant<'_>| {
        let source = sources.get(grant.origin.span.file);
        let at = source.position(grant.origin.span.start);
        serde_json::json!({
            "effect": grant.effect,
            if grant.all_actions_but { "not_actions" } else { "actions" }: grant.actions,
            if grant.all_resources_but { "not_resources" } else { "resources" }: grant.resources,
            "conditional": grant.limited,
            "under": grant.under.describe(),
            "policy": grant.policy,
            "file": source.path(),
            "line": at.line,
            "column": at.column,
        })
    };
    let role = |role: &Assumed<'_>| {
        serde_json::json!({
            "role": role.name,
            "known": role.role.is_some(),
            "under": role.under.describe(),
            "shared_with": role.shared_with,
            "attached": role.attached,
            "grants": role.grants.iter().map(grant).collect::<Vec<_>>(),
        })
    };
    serde_json::json!({
        "file": file,
        "resource": actor.resource.written_id,
        "logical_id": actor.resource.id,
        "resource_type": actor.resource.kind,
        "roles": actor.roles.iter().map(role).collect::<Vec<_>>(),
    })
}
