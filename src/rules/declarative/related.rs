//! Resources that refer to the one that is asked about, and those that it refers to.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use foldhash::HashMap;
use smallvec::{SmallVec, smallvec};

use super::named::{Name, Names, Sought};
use super::{Judge, Subject, Verdicts, type_matches};
use crate::analysis::memo::Answers;
use crate::resolve::{Hole, Known, Piece, Text, Truth, Under};
use crate::rulebook::{Path, Pattern, Relation};
use crate::template::{Map, Resource};

/// Which resources refer to which: computed once for each type and path that a rule asks about.
pub(in crate::rules) type References<'a> = RefCell<HashMap<(String, Path), Rc<Referrers<'a>>>>;

/// What was found of related resources where nothing is assumed: thousands may refer to the same. A relation is known by
/// where it lies, for a rule's are read once.
pub(in crate::rules) type Related<'a> = Answers<(*const Relation, &'a str), Truth>;

/// The same of what a glance says of a resource that is referred to.
pub(in crate::rules) type Glanced<'a> = Answers<(*const Relation, &'a str), Option<bool>>;

/// What refers to others by one property: thousands may, each to another.
#[derive(Default)]
pub(in crate::rules) struct Referrers<'a> {
    /// Those that certainly refer to a resource, by its id.
    to: HashMap<&'a str, Vec<Reference<'a>>>,
    /// Those that do by a name.
    named: Vec<Reference<'a>>,
    /// Those of which nobody knows.
    unknown: Vec<Reference<'a>>,
}

impl<'a> Referrers<'a> {
    fn add(&mut self, reference: Reference<'a>) {
        let alike = match &reference.to {
            Target::Id(id) => self.to.entry(id).or_default(),
            Target::Text(_) => &mut self.named,
            Target::Unknown => &mut self.unknown,
        };
        alike.push(reference);
    }

    /// Those that refer to a resource, then those that may by its name, then those of which nobody knows.
    fn of(&self, id: &str) -> [&[Reference<'a>]; 3] {
        [self.to.get(id).map(Vec::as_slice).unwrap_or_default(), &self.named, &self.unknown]
    }
}

/// One resource's property that may refer to another resource.
pub(in crate::rules) struct Reference<'a> {
    from: Resource<'a>,
    under: Under,
    to: Target<'a>,
}

enum Target<'a> {
    Id(&'a str),
    /// A name or an ARN, as far as it is known.
    Text(Sought<'a>),
    Unknown,
}

/// Into how many worlds what refers to a resource is taken apart.
const MAX_WORLDS: usize = 8;

/// An answer in each of some worlds.
type Worlds = SmallVec<[(Truth, Under); 1]>;

impl<'a> Judge<'_, '_, 'a> {
    pub(super) fn refers_to(&self, relation: &Relation, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        let value = match subject.known {
            Known::Present(value) => value,
            Known::Absent => return subject.verdict(Truth::No),
            Known::Unknown(_) => return subject.verdict(Truth::Maybe),
        };
        let target = self.context.resolver.target(&value);
        let target = target.or_else(|| self.context.resolver.resource(of_arn(&Text::of(&value))?));
        let truth = match target {
            Some(target)
                if !relation.types.iter().any(|t| type_matches(t, target.kind)) && !relation.types.is_empty() =>
            {
                Truth::No
            }
            Some(target) => return self.verdicts_with(relation, target, subject),
            // A name that nothing of the template bears.
            None if self.context.resolver.is_dangling(&value) && !self.context.incomplete() => Truth::No,
            None => return self.named(relation, &Text::of(&value), subject),
        };
        subject.verdict(truth)
    }

    /// The worlds in which a related resource is as the relation wants it, and those in which it is not.
    fn verdicts_with(&self, relation: &Relation, other: &Resource<'a>, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        let worlds = self.worlds_with(relation, other, &subject.under);
        worlds.into_iter().flat_map(|(truth, under)| subject.under(&under).verdict(truth)).collect()
    }

    /// A text that may be the name of a resource of the template.
    fn named(&self, relation: &Relation, text: &Text<'a>, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        // `${Function.Arn}:live` is something of that function's.
        if let Some(Piece::Hole(Hole::Attribute(id, "Arn"))) = text.pieces.first()
            && let Some(of) = self.context.resolver.resource(id)
            && !relation.types.is_empty()
            && !relation.types.iter().any(|wanted| type_matches(wanted, of.kind))
        {
            return subject.verdict(Truth::No);
        }
        // What AWS keeps is of no template.
        if text.pieces.iter().any(|piece| matches!(piece, Piece::Literal(text) if text.contains(":iam::aws:policy/"))) {
            return subject.verdict(Truth::No);
        }
        // What is given at the deployment may be of another template, and as the relation wants it.
        let given = !text.holes().all(|hole| matches!(hole, Hole::Pseudo(_)));
        let elsewhere = given || relation.types.is_empty() || self.context.incomplete();
        let mut truth = if elsewhere && text.known().is_none() { Truth::Maybe } else { Truth::No };
        let sought = Sought::new(text);
        for other in relation.types.iter().flat_map(|kind| self.context.resources(kind)) {
            match sought.is_among(&self.names(other, &subject.under), &subject.under, truth) {
                Truth::Yes => return self.verdicts_with(relation, other, subject),
                other => truth = truth.or(other),
            }
        }
        subject.verdict(truth)
    }

    /// The names that a resource gives itself. Where nothing is assumed they are read once: each may be compared with thousands.
    fn names(&self, resource: &Resource<'a>, under: &Under) -> Names<'a> {
        let read = || {
            let entries = resource.properties.as_map().unwrap_or(Map::EMPTY).entries;
            let identifier = IDENTIFIERS.iter().find(|(kind, _)| resource.kind.ends_with(kind)).map(|(_, key)| *key);
            let names = entries.iter().filter(|entry| entry.key.ends_with("Name") || identifier == Some(entry.key));
            let cases = names.flat_map(|entry| self.context.resolver.cases(&entry.value, under));
            let cases = cases.filter(|case| !matches!(case.value, Known::Absent));
            cases.map(|case| (case.present().map(|name| Name::new(Text::of(&name))), case.under)).collect()
        };
        if under.is_always() { self.context.names_of.answer(resource.id, read) } else { read() }
    }

    /// Whether a related resource is as the relation wants it.
    fn with(&self, relation: &Relation, other: &Resource<'a>, under: &Under) -> Truth {
        let Some(pattern) = &relation.with else { return Truth::Yes };
        let fits = || self.fits(pattern, other, under);
        if !under.is_always() {
            return fits();
        }
        self.context.related.answer((std::ptr::from_ref(relation), other.id), fits)
    }

    fn fits(&self, pattern: &Pattern, other: &Resource<'a>, under: &Under) -> Truth {
        let verdicts = self.judge(pattern, &Subject::resource(other, under.clone()));
        // Only a certain yes in all cases is a yes: "there is an encrypted one" must not hold by luck.
        match verdicts.as_slice() {
            [] => Truth::No,
            all if all.iter().all(|v| v.truth == Truth::Yes) => Truth::Yes,
            all if all.iter().all(|v| v.truth == Truth::No) => Truth::No,
            _ => Truth::Maybe,
        }
    }

    /// The same by worlds, where they differ.
    fn worlds_with(&self, relation: &Relation, other: &Resource<'a>, under: &Under) -> Worlds {
        let truth = self.with(relation, other, under);
        let Some(pattern) = relation.with.as_ref().filter(|_| truth == Truth::Maybe) else {
            return smallvec![(truth, under.clone())];
        };
        let verdicts = self.judge(pattern, &Subject::resource(other, under.clone()));
        if verdicts.len() > MAX_WORLDS {
            return smallvec![(truth, under.clone())];
        }
        verdicts.into_iter().map(|verdict| (verdict.truth, verdict.under)).collect()
    }

    /// The worlds in which the template has a resource as the relation wants it.
    pub(super) fn template_has(&self, relation: &Relation, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        let start = if self.context.incomplete() { Truth::Maybe } else { Truth::No };
        let mut worlds: Worlds = smallvec![(start, subject.under.clone())];
        for other in relation.types.iter().flat_map(|kind| self.context.resources(kind)) {
            // Most are there always, and as it is wanted or not.
            if other.condition.is_none() && worlds.len() == 1 {
                match self.with(relation, other, &subject.under) {
                    Truth::Yes => return subject.verdict(Truth::Yes),
                    Truth::No => continue,
                    Truth::Maybe => {}
                }
            }
            if let Some(under) = self.context.under(other)
                && worlds.iter().any(|(before, _)| *before != Truth::Yes)
            {
                worlds = self.among(worlds, relation, (other, &under), Truth::Yes);
            }
        }
        worlds.into_iter().flat_map(|(truth, under)| subject.under(&under).verdict(truth)).collect()
    }

    pub(super) fn referred_by(&self, relation: &Relation, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        let Some(path) = &relation.at else { return subject.verdict(Truth::No) };
        let start = if self.context.incomplete() { Truth::Maybe } else { Truth::No };
        let mut worlds: Worlds = smallvec![(start, subject.under.clone())];
        let all: SmallVec<[_; 2]> = relation.types.iter().map(|kind| self.references(kind, path)).collect();
        let own = OnceCell::new();
        // What holds in every world already.
        let mut said = start;
        for sort in all.iter().flat_map(|referrers| referrers.of(subject.resource.id)) {
            for reference in sort {
                let hit = match &reference.to {
                    _ if said == Truth::Yes => break,
                    Target::Id(_) => Truth::Yes,
                    Target::Text(text) => {
                        let own = own.get_or_init(|| self.names(subject.resource, &subject.under));
                        text.is_among(own, &subject.under, said)
                    }
                    // One more of which nobody knows says nothing new.
                    Target::Unknown if said == Truth::Maybe => break,
                    Target::Unknown => Truth::Maybe,
                };
                if hit != Truth::No && said.or(hit) != said {
                    worlds = self.among(worlds, relation, (&reference.from, &reference.under), hit);
                    said = worlds.iter().fold(Truth::Yes, |said, (before, _)| said.and(*before));
                }
            }
        }
        worlds.into_iter().flat_map(|(truth, under)| subject.under(&under).verdict(truth)).collect()
    }

    /// What one more resource adds to the answer in each world, which it may take apart: it may be there under a condition, and as the
    /// relation wants it under another. `hit` says whether it is related.
    fn among(&self, worlds: Worlds, relation: &Relation, one: (&Resource<'a>, &Under), hit: Truth) -> Worlds {
        let mut all = Worlds::new();
        let mut room = MAX_WORLDS.saturating_sub(worlds.len());
        for (before, under) in worlds {
            let next = self.added(relation, one, hit, (before, &under), room);
            room = room.saturating_sub(next.len().saturating_sub(1));
            all.extend(next);
        }
        all
    }

    fn added(
        &self,
        relation: &Relation,
        (other, own): (&Resource<'a>, &Under),
        hit: Truth,
        (before, under): (Truth, &Under),
        room: usize,
    ) -> Worlds {
        let both = match self.context.resolver.both(under, own) {
            Some(both) if before != Truth::Yes => both,
            Some(_) | None => return smallvec![(before, under.clone())],
        };
        let with = self.worlds_with(relation, other, &both).into_iter();
        let mut all: Worlds = with.map(|(truth, case)| (before.or(hit.and(truth)), case)).collect();
        if all.iter().all(|(truth, _)| *truth == before) {
            return smallvec![(before, under.clone())];
        }
        if !both.is(under) {
            // Where it is not there, it is as it was.
            match under.without(&both) {
                Some(rest) => all.extend(rest.into_iter().map(|case| (before, case))),
                None => all.push((before.or(Truth::Maybe), under.clone())),
            }
        }
        if all.len() > room + 1 { smallvec![(before.or(Truth::Maybe), under.clone())] } else { all }
    }

    /// The same as far as it can be told without names and cases: most are referred to by nothing, or plainly.
    pub(super) fn glance_referred(&self, relation: &Relation, under: &Under, resource: &Resource<'a>) -> Option<bool> {
        let Some(path) = &relation.at else { return Some(false) };
        let mut none = !self.context.incomplete();
        for kind in relation.types.iter().filter(|kind| self.occurs(kind)) {
            let referrers = self.references(kind, path);
            let [sure, named, unknown] = referrers.of(resource.id);
            let plain = |reference: &Reference<'a>| reference.under.is_always() || reference.under.is(under);
            if relation.with.is_none() && sure.iter().any(plain) {
                return Some(true);
            }
            none &= sure.is_empty() && named.is_empty() && unknown.is_empty();
        }
        none.then_some(false)
    }

    /// Whether the template has a resource of a type.
    pub(super) fn occurs(&self, kind: &str) -> bool {
        self.context.resources(kind).next().is_some()
    }

    pub(super) fn references(&self, kind: &str, path: &Path) -> Rc<Referrers<'a>> {
        let key = (kind.to_owned(), path.clone());
        if let Some(found) = self.context.references.borrow().get(&key) {
            return found.clone();
        }
        let mut all = Referrers::default();
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
                            inner.map_or_else(|| Target::Text(Sought::new(&text)), Target::Id)
                        }
                    }
                };
                all.add(Reference { from: *from, under, to });
            }
        }
        let all = Rc::new(all);
        self.context.references.borrow_mut().insert(key, all.clone());
        all
    }
}

/// The logical id that an ARN which is put together ends in: `arn:…:access-point/${Point}`. What has more before it, such as
/// `log-group:/aws/lambda/${Function}`, is something else that is only called like it.
fn of_arn<'a>(text: &Text<'a>) -> Option<&'a str> {
    let (Piece::Hole(hole), before) = text.pieces.split_last()? else { return None };
    let id = hole.resource_id()?;
    let mut arn = String::new();
    for piece in before {
        match piece {
            Piece::Literal(text) => arn.push_str(text),
            Piece::Hole(Hole::Pseudo(_)) => arn.push('*'),
            Piece::Hole(_) => return None,
        }
    }
    let mut parts = arn.splitn(6, ':');
    let kind = parts.next().filter(|begin| *begin == "arn").and(parts.nth(4))?;
    let sort = kind.strip_suffix(['/', ':']).unwrap_or(kind);
    (!sort.contains(['/', ':']) && (sort.is_empty() || sort.len() < kind.len())).then_some(id)
}

/// What names are called where they are not called names: how types end, and the property.
const IDENTIFIERS: &[(&str, &str)] = &[
    ("::DBCluster", "DBClusterIdentifier"),
    ("::DBInstance", "DBInstanceIdentifier"),
    ("RDS::GlobalCluster", "GlobalClusterIdentifier"),
    ("Redshift::Cluster", "ClusterIdentifier"),
    ("ElastiCache::ReplicationGroup", "ReplicationGroupId"),
];
