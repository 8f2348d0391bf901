//! What is shown under the pointer: a rule's card, what a wildcard stands for, what a role may do.

use std::fmt::Write;
use std::sync::Arc;

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position, Range};

use super::actions::{Shown, touches};
use super::check::Look;
use super::client::Client;
use super::diagnostics;
use super::overlay::Overlay;
use crate::analysis::iam::actions::{self, Action, Level};
use crate::analysis::permissions::{self, Actor, Assumed};
use crate::dialect::{self, Input};
use crate::finding::shown;
use crate::rules::Rule;
use crate::scan::Workshop;
use crate::source::{Arena, FileId, Source, Sources};
use crate::syntax;

/// How many actions a wildcard is spelled out to, and how many lines a role may have.
const MOST: usize = 60;

/// How many cards are shown at one place.
const CARDS: usize = 3;

/// What there is to say about a position.
pub(super) fn hover(
    at: Position,
    look: &Look,
    workshop: &Workshop,
    findings: &[Shown],
    client: &Client,
) -> Option<Hover> {
    let offset = client.encoding.offset(&look.source, at);
    let (word, start) = word(&look.source, offset);
    let end = start + u32::try_from(word.len()).unwrap_or(0);
    let here = Range::new(client.encoding.position(&look.source, start), client.encoding.position(&look.source, end));
    let mut parts = Vec::new();
    let mut range = None;
    parts.extend(action(word).inspect(|_| range = Some(here)));
    parts.extend(role(look, workshop, start, end).inspect(|_| range = Some(here)));
    let mut told: Vec<&str> = Vec::new();
    for (finding, diagnostic) in findings.iter().filter(|(_, d)| touches(d.range, Range::new(at, at))) {
        let rule = workshop.catalogue().get(&finding.rule).filter(|_| told.len() < CARDS);
        if let Some(rule) = rule.filter(|rule| !told.contains(&rule.head.name.as_str())) {
            told.push(&rule.head.name);
            range.get_or_insert(diagnostic.range);
            parts.push(card(rule));
        }
    }
    if told.is_empty() && in_directive(&look.source, offset) {
        parts.extend(workshop.catalogue().get(word).map(card).inspect(|_| range = Some(here)));
    }
    if parts.is_empty() {
        return None;
    }
    let kind = if client.markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let value = parts.join("\n\n---\n\n");
    let value = if client.markdown { value } else { value.replace("**", "") };
    Some(Hover { contents: HoverContents::Markup(MarkupContent { kind, value }), range })
}

/// The word at a byte, as rules, actions and ids are written, and where it begins.
fn word(source: &Source, offset: u32) -> (&str, u32) {
    let text = source.text();
    let part = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '*' | '?' | '-' | '_');
    let (before, after) = text.split_at_checked(offset as usize).unwrap_or((text, ""));
    let start = before.len() - before.chars().rev().take_while(|c| part(*c)).count();
    let end = before.len() + after.chars().take_while(|c| part(*c)).count();
    let word = text.get(start..end).unwrap_or("");
    // `Action:` before a value is a key, not the beginning of an action.
    (word.trim_end_matches(':'), u32::try_from(start).unwrap_or(0))
}

/// True where a comment or a piece of metadata names a rule to silence it.
fn in_directive(source: &Source, offset: u32) -> bool {
    let line = source.lines().content(source.text(), source.lines().line(offset));
    line.contains("portcullis")
        || line.trim_start().trim_start_matches("- ").trim_start_matches('"').starts_with("rule")
}

/// The short form of a rule's manual page.
fn card(rule: &Rule) -> String {
    let (head, prose) = (&rule.head, rule.prose());
    let mut out = format!("**{}**: {}\n\n", head.name, head.title);
    let _ = write!(out, "{} severity, {} confidence, {}\n\n", head.severity, head.confidence, head.category);
    let _ = write!(out, "{}\n\n**What to do**: {}", prose.why.trim(), prose.remedy.trim());
    let page = diagnostics::page(&head.name).map(|uri| uri.as_str().to_owned());
    let links: Vec<_> = page.iter().chain(&prose.references).map(|url| format!("<{url}>")).collect();
    if !links.is_empty() {
        let _ = write!(out, "\n\n{}", links.join(" "));
    }
    out
}

/// What an action is, or what a wildcard of actions stands for.
fn action(word: &str) -> Option<String> {
    let (service, _) = word.split_once(':')?;
    if !word.contains(['*', '?']) {
        return actions::lookup(word).map(one);
    }
    let all: Vec<&Action> = actions::expand(word).collect();
    if all.is_empty() {
        return actions::service(service).map(|service| format!("`{word}` is no action of {}", service.title));
    }
    let plural = if all.len() == 1 { "action" } else { "actions" };
    let mut out = format!("`{word}` stands for {} {plural}", all.len());
    let mut left = MOST;
    for level in Level::ALL.into_iter().rev() {
        let of: Vec<_> = all.iter().filter(|action| action.level == level).collect();
        if of.is_empty() {
            continue;
        }
        let named: Vec<_> = of.iter().take(left).map(|action| format!("`{action}`")).collect();
        left -= named.len();
        let more = if named.len() < of.len() { format!(" and {} more", of.len() - named.len()) } else { String::new() };
        let _ = write!(out, "\n\n**{}** ({}): {}{more}", level.name(), of.len(), named.join(", "));
    }
    Some(out)
}

fn one(action: &Action) -> String {
    let resources: Vec<_> = action.resources().map(|resource| format!("`{}`", resource.name)).collect();
    let scope = match resources.as_slice() {
        [] => "cannot be limited to resources".to_owned(),
        named => format!("can be limited to {}", named.join(", ")),
    };
    format!("`{action}` ({}, {}): {scope}", action.service.title, action.level.name())
}

/// What a role, or what runs as one, may do; for the logical id between two bytes.
fn role(look: &Look, workshop: &Workshop, start: u32, end: u32) -> Option<String> {
    if start == end || look.source.text().get(start as usize..end as usize)?.contains(':') {
        return None;
    }
    let arena = Arena::new();
    let sources = Sources::new(Arc::clone(&look.source));
    let document = syntax::parse_file(&arena, FileId(0), look.source.path(), sources.get(FileId(0)).text());
    let overlay = Overlay::new(&look.home.folder, look.home.disk, Arc::clone(&look.open));
    let options = &workshop.scanner().settings().options;
    let input = Input { arena: &arena, sources: &sources, loader: &overlay, options };
    let template = dialect::lower(&document, &input)?;
    let span = template
        .resources
        .iter()
        .map(|r| r.key.span)
        .find(|span| span.file == FileId(0) && span.start <= start && end <= span.end)?;
    let actors = permissions::actors_of(&template, &arena, &options.parameters);
    let mut roles: Vec<&Assumed<'_>> = Vec::new();
    for actor in &actors {
        for role in &actor.roles {
            let itself = role.role.is_some_and(|role| role.key.span == span);
            if (actor.resource.key.span == span || itself) && roles.iter().all(|known| known.name != role.name) {
                roles.push(role);
            }
        }
    }
    let parts: Vec<_> = roles.into_iter().map(|role| may_do(role, &actors)).collect();
    (!parts.is_empty()).then(|| parts.join("\n\n"))
}

fn may_do(role: &Assumed<'_>, actors: &[Actor<'_>]) -> String {
    let runs = actors.iter().filter(|actor| actor.roles.iter().any(|other| other.name == role.name));
    let users: Vec<_> = runs.map(|actor| code(actor.resource.written_id)).collect();
    let under = role.under.describe().map(|text| format!(", when {}", shown(&text, false))).unwrap_or_default();
    let mut out = format!("{} may do, as {}{under}:\n", users.join(", "), code(&role.name));
    if role.role.is_none() {
        out.push_str("\n- whatever that role may do: it is not in this template");
    }
    let attached = role.attached.iter().map(|policy| format!("\n- what {} allows", code(policy)));
    let mut lines: Vec<String> = attached.collect();
    for grant in &role.grants {
        let line = format!("\n- {} {}", grant.effect.to_lowercase(), code(&grant.says()));
        if !lines.contains(&line) {
            lines.push(line);
        }
    }
    let more = lines.len().saturating_sub(MOST);
    lines.truncate(MOST);
    out.push_str(&lines.concat());
    if more > 0 {
        let _ = write!(out, "\n- and {more} more");
    }
    out
}

/// Text of a template, which must not be taken for markdown.
fn code(text: &str) -> String {
    format!("`{}`", shown(text, false).replace('`', "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words are what a rule, an action or an id may be; a colon at the end is YAML's.
    #[test]
    fn words_are_found() {
        let text = "Action: \"s3:Get*\" # é";
        let source = Source::new("t", text);
        let at = |needle: &str| word(&source, u32::try_from(text.find(needle).expect("there")).expect("short")).0;
        assert_eq!((at("Get"), at("s3"), at("tion"), at("é")), ("s3:Get*", "s3:Get*", "Action", ""));
        assert_eq!(word(&source, 999).0, "");
    }

    /// A wildcard is spelled out by what its actions do, the dangerous first; an action says what it can be limited to.
    #[test]
    fn actions_are_explained() {
        let wide = action("sqs:*").expect("actions");
        assert!(wide.find("permissions management") < wide.find("**read**"), "{wide}");
        assert!(wide.contains("`sqs:AddPermission`"), "{wide}");
        assert!(action("ec2:*").is_some_and(|text| text.contains(" more")));
        assert!(action("sqs:SendMessage").is_some_and(|text| text.contains("`queue`")));
        assert!(action("s3:Fly*").is_some_and(|text| text.contains("no action")));
        assert_eq!(action("AWS::S3::Bucket"), None);
        assert_eq!(action("Type"), None);
    }
}
