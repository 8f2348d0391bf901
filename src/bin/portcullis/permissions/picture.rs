//! The map as boxes and arrows, from left to right: who sets off what, what runs, as which role, what that reaches.

use portcullis::analysis::iam::actions::Level;
use portcullis::analysis::permissions::{Actor, Assumed};

use super::human::runs_as;
use super::{clean, doing, is_housekeeping, name, policy_name, reaches, strongest, type_name};

/// The map of one template.
pub(super) struct Picture {
    /// The template.
    pub(super) file: String,
    /// The boxes.
    pub(super) nodes: Vec<Node>,
    /// The arrows.
    pub(super) edges: Vec<Edge>,
}

/// A box.
pub(super) struct Node {
    /// Its name.
    pub(super) label: String,
    /// What it is.
    pub(super) sort: String,
    /// Where it stands.
    pub(super) column: Column,
    /// How it looks.
    pub(super) tone: Tone,
}

/// An arrow, by the positions of its boxes.
pub(super) struct Edge {
    /// Where it begins.
    pub(super) from: usize,
    /// Where it ends.
    pub(super) to: usize,
    /// What it is about.
    pub(super) label: String,
    /// How it looks.
    pub(super) tone: Tone,
    /// Whether it holds under a condition only, or by wildcard.
    pub(super) loose: bool,
}

/// Where a box stands, from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// Who sets something off.
    From,
    /// What runs.
    Runs,
    /// As which role.
    Role,
    /// What the role reaches.
    Reached,
}

/// How something looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Tone {
    /// Nothing special.
    Plain,
    /// Reads.
    Reads,
    /// Changes.
    Writes,
    /// Dangerous.
    Danger,
    /// Not known here.
    Unknown,
}

impl Tone {
    /// Its word in classes and styles.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Danger => "danger",
            Self::Unknown => "unknown",
        }
    }
}

impl Picture {
    /// Draws what runs in a template, and as whom.
    pub(super) fn of(actors: &[Actor<'_>], file: &str) -> Self {
        let mut picture = Self { file: clean(file), nodes: Vec::new(), edges: Vec::new() };
        let mut roles: Vec<&Assumed<'_>> = Vec::new();
        for role in actors.iter().flat_map(|actor| &actor.roles) {
            if !roles.iter().any(|known| known.name == role.name) {
                roles.push(role);
            }
        }
        for role in roles {
            let at = picture.role(role);
            for actor in actors.iter().filter(|actor| runs_as(actor, role)) {
                let runs = picture.actor(actor);
                let under = actor.roles.iter().find(|other| other.name == role.name).and_then(|r| r.under.describe());
                let loose = under.is_some();
                let label = under.map(|text| format!("when {}", clean(&text))).unwrap_or_default();
                picture.edge(Edge { from: runs, to: at, label, tone: Tone::Plain, loose });
            }
            let used = actors.iter().any(|actor| runs_as(actor, role));
            for one in role.trusted.iter().filter(|one| !used || one.anyone || !one.who.ends_with(".amazonaws.com")) {
                let (label, sort) = match one.resource {
                    _ if one.anyone => ("anyone".to_owned(), "trusted by the role".to_owned()),
                    Some(resource) => (name(&resource), type_name(resource.kind)),
                    None => (clean(one.who.trim_end_matches(".amazonaws.com")), "trusted by the role".to_owned()),
                };
                let tone = if one.anyone { Tone::Danger } else { Tone::Plain };
                let from = picture.node(label, sort, Column::From, tone);
                picture.edge(Edge { from, to: at, label: String::new(), tone, loose: false });
            }
            picture.reached(role, at);
        }
        picture
    }

    fn node(&mut self, label: String, sort: String, column: Column, tone: Tone) -> usize {
        let same = |n: &Node| n.column == column && n.label == label && n.sort == sort;
        self.nodes.iter().position(same).unwrap_or_else(|| {
            self.nodes.push(Node { label, sort, column, tone });
            self.nodes.len() - 1
        })
    }

    fn edge(&mut self, edge: Edge) {
        if !self.edges.iter().any(|known| known.from == edge.from && known.to == edge.to) {
            self.edges.push(edge);
        }
    }

    fn role(&mut self, role: &Assumed<'_>) -> usize {
        let (sort, tone) = match &role.role {
            None => ("role of elsewhere", Tone::Unknown),
            Some(_) if role.effect.everything || !role.ways.is_empty() => ("role", Tone::Danger),
            Some(_) => ("role", Tone::Plain),
        };
        self.node(clean(&role.name), sort.to_owned(), Column::Role, tone)
    }

    fn actor(&mut self, actor: &Actor<'_>) -> usize {
        let label = clean(actor.resource.written_id);
        let runs = self.node(label, type_name(actor.resource.kind), Column::Runs, Tone::Plain);
        for invoker in &actor.invokers {
            let tone = if invoker.anyone { Tone::Danger } else { Tone::Plain };
            let (label, sort) = match invoker.resource {
                _ if invoker.anyone => ("anyone".to_owned(), clean(invoker.who.trim_start_matches("anyone, through "))),
                Some(resource) => (name(&resource), type_name(resource.kind)),
                None => (clean(invoker.who.trim_end_matches(".amazonaws.com")), "service".to_owned()),
            };
            let from = self.node(label, sort, Column::From, tone);
            self.edge(Edge { from, to: runs, label: String::new(), tone, loose: false });
        }
        runs
    }

    fn reached(&mut self, role: &Assumed<'_>, at: usize) {
        for reached in reaches(role) {
            let to = self.node(reached.label, reached.sort, Column::Reached, Tone::Plain);
            let tone = tone(strongest(&reached.actions));
            let loose = !reached.named || reached.limited;
            self.edge(Edge { from: at, to, label: doing(&reached.actions), tone, loose });
        }
        if role.effect.everything {
            let sort = match role.effect.but.as_slice() {
                [] => "in the account".to_owned(),
                but => format!("but {}", clean(&but.join(", "))),
            };
            let to = self.node("everything".to_owned(), sort, Column::Reached, Tone::Danger);
            self.edge(Edge { from: at, to, label: "any action".to_owned(), tone: Tone::Danger, loose: false });
        } else if let Some(way) = role.ways.first() {
            let more = role.ways.len() - 1;
            let more = if more > 0 { format!(", and {more} more") } else { String::new() };
            let sort = "a stronger identity".to_owned();
            let to = self.node("escalation".to_owned(), sort, Column::Reached, Tone::Danger);
            self.edge(Edge { from: at, to, label: format!("{}{more}", way.how), tone: Tone::Danger, loose: false });
        }
        for one in &role.effect.services {
            let here = role
                .effect
                .reached
                .iter()
                .any(|r| r.named && r.actions.iter().any(|a| a.service.prefix == one.service.prefix));
            if one.actions.is_empty() || is_housekeeping(one) || (here && !one.anywhere) {
                continue;
            }
            let sort = if one.anywhere { "every resource" } else { "resources of elsewhere" };
            // The titles of some are longer than a box.
            let title = Some(one.service.title).filter(|t| t.len() <= 24).unwrap_or(one.service.prefix);
            let to = self.node(title.to_owned(), sort.to_owned(), Column::Reached, Tone::Unknown);
            let tone = tone(strongest(&one.actions));
            self.edge(Edge { from: at, to, label: doing(&one.actions), tone, loose: false });
        }
        for policy in &role.unread {
            let to = self.node(policy_name(policy), "policy, not read".to_owned(), Column::Reached, Tone::Unknown);
            self.edge(Edge { from: at, to, label: "?".to_owned(), tone: Tone::Unknown, loose: true });
        }
    }
}

fn tone(level: Option<Level>) -> Tone {
    match level {
        None => Tone::Unknown,
        Some(Level::List | Level::Read) => Tone::Reads,
        Some(Level::Write | Level::Tagging) => Tone::Writes,
        Some(Level::Permissions) => Tone::Danger,
    }
}
