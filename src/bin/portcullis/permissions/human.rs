//! The map in words, a role at a time.

use std::fmt::Write;

use portcullis::analysis::iam::actions;
use portcullis::analysis::iam::effect::by_level;
use portcullis::analysis::permissions::{Actor, Assumed, Grant};
use portcullis::resolve::Under;
use portcullis::source::Sources;

use super::{clean, doing, is_housekeeping, name, policy_name, reaches, told};

/// Writes the roles of a template, those first that something runs as.
pub(super) fn write(actors: &[Actor<'_>], file: &str, sources: &Sources, out: &mut String) {
    let _ = writeln!(out, "{}", clean(file));
    let mut done: Vec<&str> = Vec::new();
    for role in actors.iter().flat_map(|actor| &actor.roles) {
        if done.contains(&role.name.as_str()) {
            continue;
        }
        done.push(&role.name);
        let users: Vec<&Actor<'_>> = actors.iter().filter(|actor| runs_as(actor, role)).collect();
        title(&users, role, out);
        invokers(&users, out);
        trusted(role, users.is_empty(), out);
        effect(role, out);
        for grant in lines(role, file, sources) {
            let _ = writeln!(out, "    {grant}");
        }
    }
}

/// Whether something runs as a role.
pub(super) fn runs_as(actor: &Actor<'_>, role: &Assumed<'_>) -> bool {
    actor.resource.id != role.name && actor.roles.iter().any(|other| other.name == role.name)
}

fn title(users: &[&Actor<'_>], role: &Assumed<'_>, out: &mut String) {
    let names: Vec<_> = users.iter().map(|actor| clean(actor.resource.written_id)).collect();
    let shared = if names.len() > 1 { format!("  (shared by {})", names.len()) } else { String::new() };
    let name = clean(&role.name);
    let _ = match names.is_empty() {
        true => writeln!(out, "\n  {name}{}  (nothing here runs as it)", under(&role.under)),
        false => writeln!(out, "\n  {}{}  as {name}{shared}", names.join(", "), under(&role.under)),
    };
}

fn invokers(users: &[&Actor<'_>], out: &mut String) {
    for actor in users {
        for invoker in &actor.invokers {
            let by = invoker.resource.map(|r| format!(" `{}`", name(&r))).unwrap_or_default();
            let whom =
                if users.len() > 1 { format!(" -> {}", clean(actor.resource.written_id)) } else { String::new() };
            let mark = if invoker.anyone { "!" } else { " " };
            let _ = writeln!(out, "   {mark}from   {}{by}{whom}", clean(&invoker.who));
        }
    }
}

/// Whom the role trusts; of a role that something here runs as only those whom nobody expects.
fn trusted(role: &Assumed<'_>, all: bool, out: &mut String) {
    for one in role.trusted.iter().filter(|one| all || one.anyone || !one.who.ends_with(".amazonaws.com")) {
        let mark = if one.anyone { "!" } else { " " };
        let who = if one.anyone { "anyone".to_owned() } else { clean(&one.who) };
        let _ = writeln!(out, "   {mark}trusts {who}");
    }
}

/// What the role's policies come to.
fn effect(role: &Assumed<'_>, out: &mut String) {
    if role.role.is_none() {
        let _ = writeln!(out, "    ?      whatever that role may do: it is not in this template");
        return;
    }
    for policy in &role.attached {
        let unread = if role.unread.contains(policy) { "  (not read: what it allows comes on top)" } else { "" };
        let _ = writeln!(out, "    +      {}{unread}", policy_name(policy));
    }
    let (ways, more) = told(role);
    for way in ways {
        let _ = writeln!(out, "   !can    {}: {}", way.how, clean(&way.names.join(" and ")));
    }
    if more > 0 {
        let _ = writeln!(out, "   !can    become stronger in {more} more ways");
    }
    if role.effect.everything {
        let _ = writeln!(out, "   !may    {}", everything(role));
    }
    let width = role.effect.services.iter().map(|s| s.service.prefix.len()).max().unwrap_or(0);
    for one in role.effect.services.iter().filter(|s| !s.actions.is_empty() && !is_housekeeping(s)) {
        let anywhere = if one.anywhere { ", on every resource" } else { "" };
        let _ = writeln!(out, "    may    {:<width$}  {}{anywhere}", one.service.prefix, levels(&one.actions));
    }
    for reached in reaches(role) {
        let how = match (reached.named, reached.limited) {
            (true, true) => "  under a condition",
            (true, false) => "",
            (false, _) => "  by wildcard",
        };
        let _ = writeln!(out, "    on     {} ({})  {}{how}", reached.label, reached.sort, doing(&reached.actions));
    }
    if let Some(boundary) = &role.boundary {
        let _ = writeln!(out, "    within {}", clean(boundary));
    }
}

/// What a wildcard over all services comes to.
pub(super) fn everything(role: &Assumed<'_>) -> String {
    match role.effect.but.as_slice() {
        [] => "do everything that is not denied".to_owned(),
        but => format!("do everything but {}", clean(&but.join(", "))),
    }
}

/// `78 actions: 5 list, 22 read, 31 write`.
pub(super) fn levels(all: &[&'static actions::Action]) -> String {
    let counts: Vec<String> = actions::Level::ALL
        .iter()
        .zip(by_level(all))
        .filter(|(_, count)| *count > 0)
        .map(|(level, count)| format!("{count} {}", level.name()))
        .collect();
    format!("{} action{}: {}", all.len(), if all.len() == 1 { "" } else { "s" }, counts.join(", "))
}

/// The statements of a role, each once, with their places.
pub(super) fn lines(role: &Assumed<'_>, file: &str, sources: &Sources) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for grant in &role.grants {
        let line = format!("{}  [{}]", sentence(grant), place(grant, file, sources));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    lines
}

fn sentence(grant: &Grant<'_>) -> String {
    format!("{:<5}  {}", clean(&grant.effect.to_lowercase()), clean(&grant.says()))
}

/// The assumption that something stands under.
pub(super) fn under(under: &Under) -> String {
    under.describe().map(|text| format!(", when {}", clean(&text))).unwrap_or_default()
}

/// The line, and the file when it is another than the template's.
fn place(grant: &Grant<'_>, file: &str, sources: &Sources) -> String {
    let source = sources.get(grant.origin.span.file);
    let line = source.position(grant.origin.span.start).line;
    if source.path() == file { format!("line {line}") } else { format!("{}:{line}", clean(source.path())) }
}
