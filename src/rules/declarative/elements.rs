//! What stands at a path: its elements, each a subject of its own, each in its case.

use std::cell::RefCell;
use std::iter::repeat_n;

use smallvec::{SmallVec, smallvec};

use super::{Judge, MAX_VERDICTS, Subject, Verdict, Verdicts};
use crate::resolve::{Case, Cases, Known, Truth, Under};
use crate::rulebook::{Path, Pattern, Step, TEMPLATE};
use crate::template::{Entry, Kind, Map, Origin, Value};

/// How deep lists in lists are followed.
pub(super) const MAX_LISTS: usize = 4;

impl<'a> Judge<'_, '_, 'a> {
    /// The items at a path, each as a subject of its own.
    pub(super) fn each<'c>(&self, path: &Path, subject: &Subject<'c, 'a>) -> Vec<Subject<'c, 'a>> {
        let found = RefCell::new(Vec::new());
        self.walk(&path.steps, &self.base(path, subject), &|_, end| {
            found.borrow_mut().push(end.clone());
            end.verdict(Truth::No)
        });
        found.into_inner().into_iter().filter(|s: &Subject<'c, 'a>| matches!(s.known, Known::Present(_))).collect()
    }

    /// What a path begins at: the subject, or the attributes beside its properties.
    pub(super) fn base<'c>(&self, path: &Path, subject: &Subject<'c, 'a>) -> Subject<'c, 'a> {
        if !path.attribute {
            return subject.clone();
        }
        let attributes = Value::new(Kind::Map(subject.resource.attributes), subject.resource.key);
        Subject { known: Known::Present(attributes), missing: subject.resource.key, ..subject.clone() }
    }

    /// Follows a path and asks at its end.
    pub(super) fn walk<'c>(
        &self,
        steps: &[Step],
        subject: &Subject<'c, 'a>,
        end: &dyn Fn(&Self, &Subject<'c, 'a>) -> Verdicts<'a>,
    ) -> Verdicts<'a> {
        let [step, rest @ ..] = steps else { return end(self, subject) };
        match step {
            Step::Items => self.items(subject, &|judge, item| judge.walk(rest, item, end)),
            Step::Key(key) => {
                let Known::Present(value) = subject.known else { return self.walk(rest, subject, end) };
                let value = self.context.inner(&value).unwrap_or(value);
                let key = value.as_map().map_or(key.as_str(), |map| spelt(map, key));
                let mut verdicts = Verdicts::new();
                for case in self.got(&value, key, &subject.under) {
                    let missing = matches!(case.value, Known::Absent) && case.place.span == value.origin.span;
                    let place = match case.value {
                        _ if missing => subject.missing,
                        // A map or a list is pointed at by its key: one line.
                        Known::Present(v) if matches!(v.kind, Kind::Map(_) | Kind::List(_)) => {
                            let key = value.as_map().and_then(|m| m.get(key)).map(|e| e.key_origin);
                            key.filter(|k| k.span.file == case.place.span.file).unwrap_or(case.place)
                        }
                        Known::Present(_) | Known::Absent | Known::Unknown(_) => case.place,
                    };
                    let next = Subject {
                        known: case.value,
                        place,
                        name: value.as_map().and_then(|m| m.get(key)).map(|e| e.key),
                        under: case.under,
                        parameter: case.parameter.or(subject.parameter),
                        ..subject.clone()
                    };
                    verdicts.extend(self.walk(rest, &next, end));
                }
                self.bounded(verdicts, subject)
            }
        }
    }

    /// What stands behind a key. Behind one of a condition one value is the same in a list and without.
    fn got(&self, value: &Value<'a>, key: &str, under: &Under) -> Cases<'a> {
        let cases = self.context.resolver.get(value, key, under);
        if !is_condition_key(key) {
            return cases;
        }
        let alone = |case: Case<'a>| match case.present().as_ref().and_then(only) {
            Some(item) => self.context.resolver.cases(&item, &case.under),
            None => smallvec![case],
        };
        cases.into_iter().flat_map(alone).collect()
    }

    /// Asks every item of a list, or every value of a map: yes when one is, with all of their places.
    pub(super) fn items<'c>(
        &self,
        subject: &Subject<'c, 'a>,
        ask: &dyn Fn(&Self, &Subject<'c, 'a>) -> Verdicts<'a>,
    ) -> Verdicts<'a> {
        match subject.known {
            Known::Absent => subject.verdict(Truth::No),
            Known::Unknown(_) => subject.verdict(Truth::Maybe),
            Known::Present(value) => {
                let verdicts = self.over(items_of(&value), subject, subject.verdict(Truth::No), ask, 0);
                verdicts.unwrap_or_else(|| self.apart(&value, subject, ask))
            }
        }
    }

    /// The same of so many items under conditions of their own that there are too many worlds: each is asked as if it were alone. What is
    /// said of it then holds in its world; of the others nobody knows.
    fn apart<'c>(
        &self,
        value: &Value<'a>,
        subject: &Subject<'c, 'a>,
        ask: &dyn Fn(&Self, &Subject<'c, 'a>) -> Verdicts<'a>,
    ) -> Verdicts<'a> {
        let (mut always, mut told) = (false, Verdicts::new());
        for item in items_of(value) {
            let alone =
                self.over(std::iter::once(item), subject, subject.verdict(Truth::No), ask, 0).unwrap_or_default();
            if !alone.is_empty() && alone.iter().all(|verdict| verdict.truth == Truth::Yes) {
                // First, so that no world is left out.
                always = true;
                told.insert_many(0, alone);
            } else {
                told.extend(alone.into_iter().filter(|verdict| verdict.truth == Truth::Yes));
            }
        }
        told.truncate(MAX_VERDICTS - 1);
        if !always {
            told.extend(subject.verdict(Truth::Maybe));
        }
        told
    }

    /// Asks items, beginning with what was said of others; `None` when there are too many worlds.
    fn over<'c>(
        &self,
        items: impl Iterator<Item = Item<'a>>,
        subject: &Subject<'c, 'a>,
        mut verdicts: Verdicts<'a>,
        ask: &dyn Fn(&Self, &Subject<'c, 'a>) -> Verdicts<'a>,
        depth: usize,
    ) -> Option<Verdicts<'a>> {
        for (item, key) in items {
            let mut next = Verdicts::new();
            for before in verdicts {
                let (from, whole, mut says_more) = (next.len(), before.under.clone(), false);
                let cases = self.context.resolver.cases(&item, &before.under);
                // The last of them gets the places themselves, not a copy: a long list has many.
                for (mut before, case) in repeat_n(before, cases.len()).zip(cases) {
                    before.under = case.under.clone();
                    match case.value {
                        Known::Absent => next.push(before),
                        Known::Present(list)
                            if matches!(list.kind, Kind::List(_)) && key.is_none() && depth < MAX_LISTS =>
                        {
                            let (truth, spots) = (before.truth, before.spots.len());
                            let inner = self.over(items_of(&list), subject, smallvec![before], ask, depth + 1)?;
                            says_more |= inner.iter().any(|now| now.truth != truth || now.spots.len() != spots);
                            next.extend(inner);
                        }
                        Known::Present(_) | Known::Unknown(_) => {
                            let found = case.present().unwrap_or(item);
                            let first = found.as_map().and_then(|m| m.entries.first()).map(|e| e.key_origin);
                            // A parameter or an output is pointed at by its name.
                            let named = key.filter(|_| subject.resource.kind == TEMPLATE).map(|(_, origin)| origin);
                            let place = named
                                .or(first)
                                .or(key.filter(|_| found.as_list().is_some()).map(|(_, origin)| origin))
                                .unwrap_or(case.place);
                            let inner = Subject {
                                known: case.value,
                                place,
                                missing: place,
                                item: Some(found.origin),
                                name: key.map(|(name, _)| name).or(subject.name),
                                under: case.under,
                                parameter: case.parameter.or(subject.parameter),
                                ..subject.clone()
                            };
                            let answers = ask(self, &inner);
                            for (mut merged, now) in repeat_n(before, answers.len()).zip(answers) {
                                match (merged.truth, now.truth) {
                                    (Truth::Yes, Truth::Yes) => {
                                        merged.spots.extend(now.spots);
                                        (merged.specific, says_more) = (true, true);
                                    }
                                    (Truth::No | Truth::Maybe, Truth::Yes) | (Truth::No, Truth::Maybe) => {
                                        merged.spots = now.spots;
                                        (merged.specific, says_more) = (true, true);
                                    }
                                    (_, Truth::No) | (Truth::Yes | Truth::Maybe, Truth::Maybe) => {}
                                }
                                merged.truth = merged.truth.or(now.truth);
                                merged.under = now.under;
                                next.push(merged);
                            }
                        }
                    }
                }
                // Worlds in which an item says nothing new stay one: a list may have dozens of items each under a condition of its own.
                if !says_more && next.len() > from + 1 {
                    next.truncate(from + 1);
                    next.last_mut().into_iter().for_each(|one| one.under = whole.clone());
                }
            }
            if next.len() > MAX_VERDICTS {
                return None;
            }
            verdicts = next;
        }
        Some(verdicts)
    }

    pub(super) fn keys(&self, subject: &Subject<'_, 'a>, inner: &Pattern) -> Verdicts<'a> {
        let Known::Present(value) = subject.known else {
            return subject.verdict(if matches!(subject.known, Known::Absent) { Truth::No } else { Truth::Maybe });
        };
        let map = value.as_map().unwrap_or(Map::EMPTY);
        // What a macro adds may be such a key; its own name is none.
        let mut found = subject.verdict(if map.is_open() { Truth::Maybe } else { Truth::No });
        let mut sometimes = SmallVec::<[_; 1]>::new();
        for entry in map.entries.iter().filter(|entry| !entry.is_macro()) {
            let name = Value::new(Kind::Text(entry.key), entry.key_origin);
            let key = Subject { known: Known::Present(name), place: entry.key_origin, ..subject.clone() };
            for verdict in self.judge(inner, &key).into_iter().filter(|verdict| verdict.truth == Truth::Yes) {
                let left_out = self.left_out(&entry.value, &subject.under);
                match found.first_mut() {
                    _ if !left_out.is_empty() => sometimes.push((verdict, left_out)),
                    Some(all) if all.truth == Truth::Yes => all.spots.extend(verdict.spots),
                    _ => found = smallvec![verdict],
                }
            }
        }
        // Last, so that they do not divide worlds in which another key is there anyway.
        sometimes.iter().fold(found, |found, (verdict, left_out)| where_it_is(found, verdict, left_out))
    }

    /// Where a choice leaves out a value, and its key with it.
    pub(super) fn left_out(&self, value: &Value<'a>, under: &Under) -> SmallVec<[Under; 1]> {
        if value.as_intrinsic().is_none() {
            return SmallVec::new();
        }
        let cases = self.context.resolver.cases(value, under).into_iter();
        cases.filter(|case| matches!(case.value, Known::Absent)).map(|case| case.under).collect()
    }

    /// No more verdicts than there may be: of some worlds it is known, of the others nobody knows.
    pub(super) fn bounded(&self, mut verdicts: Verdicts<'a>, subject: &Subject<'_, 'a>) -> Verdicts<'a> {
        if verdicts.len() > MAX_VERDICTS {
            if verdicts.iter().all(|verdict| verdict.truth == Truth::No) {
                return subject.verdict(Truth::No);
            }
            verdicts.retain(|verdict| verdict.truth != Truth::No);
            verdicts.truncate(MAX_VERDICTS - 1);
            verdicts.extend(subject.verdict(Truth::Maybe));
        }
        verdicts
    }
}

/// What is said of the other keys of a map, and that one more is as it is wanted wherever it is not left out.
fn where_it_is<'a>(found: Verdicts<'a>, one: &Verdict<'a>, left_out: &[Under]) -> Verdicts<'a> {
    let mut all = Verdicts::new();
    for before in found {
        let there = before.under.beyond(left_out).filter(|_| before.truth != Truth::Yes);
        let Some(there) = there else {
            all.push(before);
            continue;
        };
        all.extend(there.into_iter().map(|under| Verdict { under, ..one.clone() }));
        let gone = left_out.iter().filter_map(|under| before.under.and(under));
        all.extend(gone.map(|under| Verdict { under, ..before.clone() }));
    }
    all
}

/// Whether a key is one of a statement's condition, such as `aws:SourceArn`.
pub(super) fn is_condition_key(key: &str) -> bool {
    key.contains(':')
}

/// The item of a list of one.
pub(super) fn only<'a>(value: &Value<'a>) -> Option<Value<'a>> {
    match value.as_list()? {
        [only] => Some(*only),
        _ => None,
    }
}

/// A key as a map has it: those of conditions (`aws:SecureTransport`) are written in any case.
pub(super) fn spelt<'k>(map: Map<'k>, key: &'k str) -> &'k str {
    let written = || map.entries.iter().find(|entry| entry.key.eq_ignore_ascii_case(key));
    if is_condition_key(key) { written().map_or(key, |entry| entry.key) } else { key }
}

/// An item of a list, or a value of a map with its key.
pub(super) type Item<'a> = (Value<'a>, Option<(&'a str, Origin<'a>)>);

/// The items of a list, or the values of a map with their keys; anything else is its own only item.
pub(super) fn items_of<'a>(value: &Value<'a>) -> impl Iterator<Item = Item<'a>> + use<'a> {
    let (items, entries, alone) = match value.kind {
        Kind::List(items) => (items, Map::EMPTY.entries, None),
        // CloudFormation takes a lone rule of a security group for a list of one, and IAM a lone statement:
        // <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_statement.html>
        Kind::Map(map) if ["IpProtocol", "Effect"].iter().any(|key| map.get(key).is_some()) => {
            (&[][..], Map::EMPTY.entries, Some(*value))
        }
        Kind::Map(map) => (&[][..], map.entries, None),
        Kind::Null => (&[][..], Map::EMPTY.entries, None),
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => {
            (&[][..], Map::EMPTY.entries, Some(*value))
        }
    };
    // What a macro adds may be anything; what the macro is told is none of it.
    let added = Kind::Unknown("a macro or loop may add it");
    let value =
        move |entry: &Entry<'a>| if entry.is_macro() { Value::new(added, entry.value.origin) } else { entry.value };
    let named = entries.iter().map(move |entry| (value(entry), Some((entry.key, entry.key_origin))));
    items.iter().copied().chain(alone).map(|item| (item, None)).chain(named)
}
