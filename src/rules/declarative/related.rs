//! Resources that refer to the one that is asked about, and those that it refers to.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::{Judge, Subject, Verdicts, type_matches};
use crate::analysis::policy::covers;
use crate::resolve::{Case, Hole, Known, Piece, Text, Truth, Under};
use crate::rulebook::{Path, Relation};
use crate::template::{Kind, Map, Resource, Value};

/// Which resources refer to which: computed once for each type and path that a rule asks about.
pub(in crate::rules) type References<'a> = RefCell<HashMap<(String, Path), Rc<Vec<Reference<'a>>>>>;

/// One resource's property that may refer to another resource.
pub(in crate::rules) struct Reference<'a> {
    from: Resource<'a>,
    under: Under,
    to: Target<'a>,
}

enum Target<'a> {
    Id(&'a str),
    Name(String),
    Unknown,
}

impl<'a> Judge<'_, '_, 'a> {
    pub(super) fn refers_to(&self, relation: &Relation, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        let value = match subject.known {
            Known::Present(value) => value,
            Known::Absent => return subject.verdict(Truth::No),
            Known::Unknown(_) => return subject.verdict(Truth::Maybe),
        };
        let truth = match self.context.resolver.target(&value) {
            Some(target)
                if !relation.types.iter().any(|t| type_matches(t, target.kind)) && !relation.types.is_empty() =>
            {
                Truth::No
            }
            Some(target) => self.with(relation, target, &subject.under),
            None if Text::of(&value).known().is_some() => self.named(relation, &value, &subject.under),
            // Whoever writes down a name before the deployment can only mean what has one by then.
            None if self.unnamed(relation, &Text::of(&value)) => Truth::No,
            // A name that nothing of the template bears.
            None if self.context.resolver.is_dangling(&value) && !self.context.incomplete() => Truth::No,
            None => Truth::Maybe,
        };
        subject.verdict(truth)
    }

    /// Whether a text of which only pseudo parameters are unknown, such as an ARN, ends in the name of no resource of a
    /// relation.
    fn unnamed(&self, relation: &Relation, text: &Text<'a>) -> bool {
        if relation.types.is_empty() || self.context.incomplete() || !text.holes().all(|h| matches!(h, Hole::Pseudo(_)))
        {
            return false;
        }
        let tail = match text.pieces.last() {
            Some(Piece::Literal(last)) => last.rsplit_once(['/', ':']).map(|(_, tail)| tail),
            Some(Piece::Hole(_)) | None => None,
        };
        let resolver = self.context.resolver;
        let may_be = |case: &Case<'a>| {
            let pattern = case.present().map_or_else(|| "*".to_owned(), |name| Text::of(&name).pattern());
            tail.is_none_or(|tail| covers(&pattern, tail))
        };
        let named = |other: &Resource<'a>| {
            let entries = other.properties.as_map().unwrap_or(Map::EMPTY).entries;
            let mut names = entries.iter().filter(|entry| entry.key.ends_with("Name"));
            names.any(|entry| resolver.cases(&entry.value, &Under::always()).iter().any(may_be))
        };
        relation.types.iter().all(|kind| !self.context.resources(kind).any(named))
    }

    /// A literal that is the name of a resource of the template.
    fn named(&self, relation: &Relation, value: &Value<'a>, under: &Under) -> Truth {
        let Some(name) = Text::of(value).known() else { return Truth::Maybe };
        for kind in &relation.types {
            for other in self.context.resources(kind) {
                if names_of(other).any(|n| n == name) {
                    return self.with(relation, other, under);
                }
            }
        }
        Truth::No
    }

    /// Whether a related resource is as the relation wants it.
    pub(super) fn with(&self, relation: &Relation, other: &Resource<'a>, under: &Under) -> Truth {
        let Some(pattern) = &relation.with else { return Truth::Yes };
        let verdicts = self.judge(pattern, &Subject::resource(other, under.clone()));
        // Only a certain yes in all cases is a yes: "there is an encrypted one" must not hold by luck.
        match verdicts.as_slice() {
            [] => Truth::No,
            all if all.iter().all(|v| v.truth == Truth::Yes) => Truth::Yes,
            all if all.iter().all(|v| v.truth == Truth::No) => Truth::No,
            _ => Truth::Maybe,
        }
    }

    pub(super) fn referred_by(&self, relation: &Relation, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        let Some(path) = &relation.at else { return subject.verdict(Truth::No) };
        let mut truth = if self.context.incomplete() { Truth::Maybe } else { Truth::No };
        for kind in &relation.types {
            for reference in self.references(kind, path).iter() {
                let hit = match &reference.to {
                    Target::Id(id) => Truth::from(*id == subject.resource.id),
                    Target::Name(name) => Truth::from(names_of(subject.resource).any(|n| n == name)),
                    Target::Unknown => Truth::Maybe,
                };
                if hit == Truth::No {
                    continue;
                }
                if let Some(both) = self.context.resolver.both(&subject.under, &reference.under) {
                    let mut with = self.with(relation, &reference.from, &both);
                    // One that exists only under a condition of its own may be missing.
                    if with == Truth::Yes && !reference.under.is_always() && !both.is(&subject.under) {
                        with = Truth::Maybe;
                    }
                    truth = truth.or(hit.and(with));
                }
            }
        }
        subject.verdict(truth)
    }

    pub(super) fn references(&self, kind: &str, path: &Path) -> Rc<Vec<Reference<'a>>> {
        let key = (kind.to_owned(), path.clone());
        if let Some(found) = self.context.references.borrow().get(&key) {
            return found.clone();
        }
        let mut all = Vec::new();
        for from in self.context.resources(kind) {
            let Some(under) = self.context.under(from) else { continue };
            let ends = RefCell::new(Vec::new());
            self.walk(&path.steps, &self.base(path, &Subject::resource(from, under)), &|_, end| {
                ends.borrow_mut().push((end.known, end.under.clone()));
                end.verdict(Truth::No)
            });
            for (known, under) in ends.into_inner() {
                let to = match known {
                    Known::Absent => continue,
                    Known::Unknown(_) => Target::Unknown,
                    Known::Present(value) => {
                        if let Some(target) = self.context.resolver.target(&value) {
                            Target::Id(target.id)
                        } else {
                            let text = Text::of(&value);
                            // An ARN put together around a reference still names the resource.
                            let inner = text.holes().find_map(|hole| hole.resource_id());
                            match (inner, text.known()) {
                                (Some(id), _) => Target::Id(id),
                                (None, Some(name)) => Target::Name(name.into_owned()),
                                (None, None) => Target::Unknown,
                            }
                        }
                    }
                };
                all.push(Reference { from: *from, under, to });
            }
        }
        let all = Rc::new(all);
        self.context.references.borrow_mut().insert(key, all.clone());
        all
    }
}

/// The literal names that a resource gives itself.
fn names_of<'a>(resource: &Resource<'a>) -> impl Iterator<Item = &'a str> {
    let entries = resource.properties.as_map().unwrap_or(Map::EMPTY).entries;
    entries.iter().filter(|e| e.key.ends_with("Name") || e.key == "Name").filter_map(|e| match e.value.kind {
        Kind::Text(text) => Some(text),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => None,
    })
}
