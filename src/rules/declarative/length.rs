//! How long texts, lists and maps are, as conditions make them longer or shorter.

use smallvec::{SmallVec, smallvec};

use super::elements::MAX_LISTS;
use super::{Judge, MAX_VERDICTS, Subject};
use crate::resolve::{Known, Text, Under};
use crate::rulebook::{Literal, Pattern};
use crate::template::{Kind, Value};

impl<'a> Judge<'_, '_, 'a> {
    /// How long the subject is, in each case that makes it longer or shorter.
    pub(super) fn lengths(&self, subject: &Subject<'_, 'a>, enough: usize) -> Vec<(Under, Known<'a, Value<'a>>)> {
        let one = |known| vec![(subject.under.clone(), known)];
        let value = match subject.known {
            Known::Present(value) => value,
            Known::Absent => return one(Known::Absent),
            Known::Unknown(why) => return one(Known::Unknown(why)),
        };
        let build = self.context.resolver.build();
        let number = |n: usize| Known::Present(build.number(i64::try_from(n).unwrap_or(i64::MAX), value.origin));
        let nothing = Count { under: subject.under.clone(), items: 0, all: true };
        let counts = match value.kind {
            Kind::List(items) => self.count(items.iter(), nothing, enough, 0),
            // A list that stands in a map is one value.
            Kind::Map(map) => {
                // Nobody knows how many a macro adds.
                let start = Count { all: !map.is_open(), ..nothing };
                let entries = map.entries.iter().filter(|entry| !entry.is_macro());
                self.count(entries.map(|entry| &entry.value), start, enough, MAX_LISTS)
            }
            Kind::Null => return one(Known::Absent),
            Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => {
                let text = Text::of(&value).known().map(|text| number(text.chars().count()));
                return one(text.unwrap_or(Known::Unknown("a text of unknown length")));
            }
        };
        let length = |count: &Count| {
            let known = count.all || count.items > enough;
            if known { number(count.items) } else { Known::Unknown("a list of unknown length") }
        };
        counts.into_iter().map(|count| (count.under.clone(), length(&count))).collect()
    }

    /// Counts items on from what was counted before, as `Fn::If` and `AWS::NoValue` put them in or leave them out.
    fn count<'i>(
        &self,
        items: impl Iterator<Item = &'i Value<'a>>,
        before: Count,
        enough: usize,
        depth: usize,
    ) -> SmallVec<[Count; 2]>
    where
        'a: 'i,
    {
        let undecided = Count { all: false, ..before.clone() };
        let mut counts: SmallVec<[Count; 2]> = smallvec![before];
        for item in items {
            let mut next = SmallVec::new();
            for mut count in counts {
                if count.items > enough {
                    next.push(count);
                    continue;
                }
                let cases = self.context.resolver.cases(item, &count.under);
                // The parameter may hold any number of them.
                let is_listed = |value: &Value<'a>| {
                    let kind = self.context.resolver.parameter_type(value);
                    kind.is_some_and(|kind| kind.starts_with("List<") || kind == "CommaDelimitedList")
                };
                let is_one = |value: &Known<'a, Value<'a>>| match value {
                    Known::Present(value) => {
                        depth >= MAX_LISTS || !matches!(value.kind, Kind::List(_)) && !is_listed(value)
                    }
                    Known::Absent | Known::Unknown(_) => false,
                };
                // Whichever it is, it is there.
                if !cases.is_empty() && cases.iter().all(|case| is_one(&case.value)) {
                    count.items += 1;
                    next.push(count);
                    continue;
                }
                for case in cases {
                    let mut count = Count { under: case.under.clone(), ..count };
                    match case.value {
                        Known::Present(Value { kind: Kind::List(inner), .. }) if depth < MAX_LISTS => {
                            next.extend(self.count(inner.iter(), count, enough, depth + 1));
                            continue;
                        }
                        Known::Present(value) if depth < MAX_LISTS && is_listed(&value) => count.all = false,
                        Known::Present(_) => count.items += 1,
                        Known::Unknown(_) => count.all = false,
                        Known::Absent => {}
                    }
                    next.push(count);
                }
            }
            if next.len() > MAX_VERDICTS {
                return smallvec![undecided];
            }
            counts = next;
        }
        counts
    }
}

/// How many items there are under an assumption; not `all` when there may be more than were seen.
#[derive(Clone)]
struct Count {
    under: Under,
    items: usize,
    all: bool,
}

/// The greatest number that a question about a length tells from a greater one.
pub(super) fn most_asked(pattern: &Pattern) -> usize {
    match pattern {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a length is small and not below 0"
        )]
        Pattern::Above(n) | Pattern::Below(n) => n.max(0.0) as usize,
        Pattern::Is(Literal::Number(n)) => n.parse().unwrap_or(usize::MAX),
        _ => usize::MAX,
    }
}
