//! One page with a picture of every template: it needs no network, and no script but its own.

use std::fmt::Write;

use base64::Engine as _;
use portcullis::analysis::iam::actions::Level;
use portcullis::analysis::iam::effect::by_level;
use portcullis::analysis::permissions::{Actor, Assumed};
use portcullis::source::Sources;
use sha2::{Digest, Sha256};

use super::human::{everything, lines, runs_as, under};
use super::picture::{Column, Picture};
use super::{clean, doing, policy_name, reaches, told};

mod layout;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page.
pub(super) fn write(pictures: &[Picture], cards: &[String]) -> String {
    let policy = format!(
        "default-src 'none'; base-uri 'none'; form-action 'none'; style-src '{}'; script-src '{}'",
        digest(STYLE),
        digest(SCRIPT)
    );
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>portcullis: who may do what</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>Who may do what</h1>\n<p>From left to right: who sets it off, what runs, the role it runs as, \
         what that role reaches. Point at a box to follow its ways.</p>\n{LEGEND}</header>\n<main>\n"
    );
    if pictures.is_empty() {
        out.push_str("<p>Nothing here runs as a role.</p>\n");
    }
    for (picture, cards) in pictures.iter().zip(cards) {
        let _ = writeln!(out, "<section>\n<h2>{}</h2>", escaped(&picture.file));
        svg(picture, &mut out);
        let _ = writeln!(out, "<div class=\"cards\">\n{cards}</div>\n</section>");
    }
    let _ = writeln!(
        out,
        "</main>\n<footer>portcullis {}</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>",
        env!("CARGO_PKG_VERSION")
    );
    out
}

const LEGEND: &str = "<p class=\"legend\"><span class=\"reads\">reads</span> <span class=\"writes\">changes</span> \
    <span class=\"danger\">permissions, escalation, anyone</span> <span class=\"unknown\">not of this template</span> \
    <span class=\"loose\">by wildcard or under a condition</span></p>\n";

/// What the policy of the page calls a text it allows.
fn digest(text: &str) -> String {
    format!("sha256-{}", base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text)))
}

fn svg(picture: &Picture, out: &mut String) {
    let plan = layout::plan(picture);
    let _ = writeln!(
        out,
        "<div class=\"map\"><svg viewBox=\"0 0 {w} {h}\" width=\"{w}\" height=\"{h}\" role=\"img\" aria-label=\"permissions of {}\">",
        escaped(&picture.file),
        w = plan.width,
        h = plan.height
    );
    for (at, edge) in picture.edges.iter().enumerate() {
        let (Some(from), Some(to)) = (plan.places.get(edge.from), plan.places.get(edge.to)) else { continue };
        let (x1, y1) = (from.0 + layout::WIDTH, from.1 + layout::HEIGHT / 2);
        let port = layout::port(picture, &plan, at);
        let (x2, y2) = (to.0, to.1 + port.0);
        let bend = (x2 - x1) / 2;
        let loose = if edge.loose { " loose" } else { "" };
        let _ = write!(
            out,
            "<g class=\"edge {}{loose}\" data-from=\"{}\" data-to=\"{}\"><path d=\"M{x1} {y1}C{} {y1} {} {y2} {} {y2}\"/>\
             <path class=\"tip\" d=\"M{x2} {y2}l-7 -4v8z\"/>",
            edge.tone.name(),
            edge.from,
            edge.to,
            x1 + bend,
            x2 - bend,
            x2 - 5
        );
        if !edge.label.is_empty() {
            // Where many arrows leave one box, their ends are further apart than their beginnings.
            let _ = write!(
                out,
                "<text class=\"word{}\" x=\"{}\" y=\"{}\" text-anchor=\"end\">{}<title>{}</title></text>",
                // Where too many arrives, words are shown when somebody asks.
                if port.1 > 3 { " crowded" } else { "" },
                x2 - 12,
                y2 - 4,
                escaped(&short(&edge.label, 30)),
                escaped(&edge.label)
            );
        }
        let _ = writeln!(out, "</g>");
    }
    for (at, (node, (x, y))) in picture.nodes.iter().zip(&plan.places).enumerate() {
        let round = if node.column == Column::From { 20 } else { 6 };
        let _ = writeln!(
            out,
            "<g class=\"node {} {}\" data-at=\"{at}\" tabindex=\"0\"><rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" rx=\"{round}\"/>\
             <text x=\"{}\" y=\"{}\">{}</text><text class=\"sort\" x=\"{}\" y=\"{}\">{}</text><title>{} ({})</title></g>",
            node.tone.name(),
            column(node.column),
            layout::WIDTH,
            layout::HEIGHT,
            x + 12,
            y + 18,
            escaped(&short(&node.label, 24)),
            x + 12,
            y + 34,
            escaped(&short(&node.sort, 33)),
            escaped(&node.label),
            escaped(&node.sort)
        );
    }
    out.push_str("</svg></div>\n");
}

const fn column(column: Column) -> &'static str {
    match column {
        Column::From => "from",
        Column::Runs => "runs",
        Column::Role => "role",
        Column::Reached => "reached",
    }
}

/// A card for each role.
pub(super) fn cards(actors: &[Actor<'_>], file: &str, sources: &Sources) -> String {
    let mut out = String::new();
    let mut done: Vec<&str> = Vec::new();
    for role in actors.iter().flat_map(|actor| &actor.roles) {
        if done.contains(&role.name.as_str()) {
            continue;
        }
        done.push(&role.name);
        let users: Vec<&str> = actors.iter().filter(|a| runs_as(a, role)).map(|a| a.resource.written_id).collect();
        card(role, &users, &lines(role, file, sources), &mut out);
    }
    out
}

fn card(role: &Assumed<'_>, users: &[&str], statements: &[String], out: &mut String) {
    let danger = role.effect.everything || !role.ways.is_empty();
    let _ = writeln!(out, "<article{}>", if danger { " class=\"danger\"" } else { "" });
    let runs = match users {
        [] => "nothing here runs as it".to_owned(),
        [one] => format!("{one} runs as it"),
        many => format!("shared by {}: {}", many.len(), many.join(", ")),
    };
    let title = format!("{}{}", clean(&role.name), under(&role.under));
    let _ = writeln!(out, "<h3>{}</h3>\n<p>{}</p>", escaped(&title), escaped(&runs));
    if role.role.is_none() {
        let _ = writeln!(out, "<p class=\"bad\">It is not in this template: whatever it may do, they may.</p>");
    }
    if role.effect.everything {
        let _ = writeln!(out, "<p class=\"bad\">It may {}.</p>", escaped(&everything(role)));
    }
    let (ways, more) = told(role);
    if !ways.is_empty() {
        let _ = writeln!(out, "<p class=\"bad\">It can make itself stronger:</p>\n<ul>");
        for way in ways {
            let names: Vec<_> = way.names.iter().map(|name| format!("<code>{}</code>", escaped(name))).collect();
            let _ = writeln!(out, "<li>{}: {}</li>", escaped(way.how), names.join(" and "));
        }
        let more = if more > 0 { format!("<li>{more} more ways</li>\n") } else { String::new() };
        let _ = writeln!(out, "{more}</ul>");
    }
    if role.effect.services.iter().any(|s| !s.actions.is_empty()) {
        out.push_str("<table><thead><tr><th>service</th>");
        for level in ["list", "read", "write", "permissions", "tags"] {
            let _ = write!(out, "<th>{level}</th>");
        }
        out.push_str("<th></th></tr></thead><tbody>\n");
        for one in role.effect.services.iter().filter(|s| !s.actions.is_empty()) {
            let _ = write!(out, "<tr><td>{}</td>", escaped(one.service.prefix));
            for (count, level) in by_level(&one.actions).into_iter().zip(Level::ALL) {
                let class = if level.changes() && count > 0 { " class=\"changes\"" } else { "" };
                let shown = if count == 0 { String::new() } else { count.to_string() };
                let _ = write!(out, "<td{class}>{shown}</td>");
            }
            let _ = writeln!(out, "<td>{}</td></tr>", if one.anywhere { "on any resource" } else { "" });
        }
        out.push_str("</tbody></table>\n");
    }
    let reached = reaches(role);
    if !reached.is_empty() {
        out.push_str("<ul>\n");
        for one in reached {
            let _ = writeln!(
                out,
                "<li><b>{}</b> <small>{}</small> {}{}</li>",
                escaped(&one.label),
                escaped(&one.sort),
                escaped(&doing(&one.actions)),
                if one.named { "" } else { " <small>by wildcard</small>" }
            );
        }
        out.push_str("</ul>\n");
    }
    for policy in &role.attached {
        let unread = if role.unread.contains(policy) { ", not read" } else { "" };
        let _ = writeln!(out, "<p class=\"policy\">{}{unread}</p>", escaped(&policy_name(policy)));
    }
    if let Some(boundary) = &role.boundary {
        let _ = writeln!(out, "<p class=\"policy\">within {}</p>", escaped(boundary));
    }
    if !statements.is_empty() {
        let _ = writeln!(out, "<details><summary>statements</summary>");
        for line in statements {
            let _ = writeln!(out, "<p class=\"policy\">{}</p>", escaped(line));
        }
        let _ = writeln!(out, "</details>");
    }
    out.push_str("</article>\n");
}

/// At most so many characters.
fn short(text: &str, at_most: usize) -> String {
    if text.chars().count() <= at_most {
        return text.to_owned();
    }
    text.chars().take(at_most - 1).chain(['…']).collect()
}

/// Text as it may stand between tags or in an attribute.
fn escaped(text: &str) -> String {
    let text = clean(text);
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::permissions::picture::{Node, Tone};

    /// Names of a template are text on the page, however they look.
    #[test]
    fn names_stay_text() {
        let hostile = "</text><script>alert(1)</script>\u{202e}\"'";
        let node = |column| Node { label: hostile.to_owned(), sort: hostile.to_owned(), column, tone: Tone::Plain };
        let picture = Picture {
            file: hostile.to_owned(),
            nodes: vec![node(Column::Runs), node(Column::Role)],
            edges: vec![super::super::picture::Edge {
                from: 0,
                to: 1,
                label: hostile.to_owned(),
                tone: Tone::Danger,
                loose: true,
            }],
        };
        let page = write(&[picture], &[String::new()]);
        assert_eq!(page.matches("<script>").count(), 1, "only the page's own");
        assert!(!page.contains("alert(1)</script>") && !page.contains('\u{202e}'));
    }

    /// Long names are cut where characters end.
    #[test]
    fn long_names_are_cut() {
        assert_eq!(short("äöüß", 3), "äö…");
        assert_eq!(short("abc", 3), "abc");
    }
}
