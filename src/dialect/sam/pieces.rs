//! Pieces of resources that several of SAM's types share: optional properties, tags, guards.

use super::make::Make;
use crate::template::{Kind, Origin, Value};

impl<'a> Make<'a> {
    /// The same maker for another cause: what it makes is still made, not written, there.
    pub(super) fn because(self, origin: Origin<'a>) -> Self {
        let origin = match self.origin.step {
            Some(step) if origin.step.is_none_or(|s| s.what != step.what) => {
                self.build.derived(origin, step.what, None)
            }
            Some(_) | None => origin,
        };
        self.at(origin)
    }

    /// A map of those entries that have a value.
    pub(super) fn some(self, entries: &[(&'a str, Option<Value<'a>>)]) -> Value<'a> {
        let there: Vec<_> = entries.iter().filter_map(|&(key, value)| Some((key, value?))).collect();
        self.map(&there)
    }

    /// `Key`/`Value` pairs of a map of tags, after the one that SAM adds.
    pub(super) fn pairs(self, tags: Option<Value<'a>>, marker: Option<(&'a str, &'a str)>) -> Value<'a> {
        let pair = |at: Self, key: &'a str, value: Value<'a>| {
            let value = if value.is_null() { at.text("") } else { value };
            at.map(&[("Key", at.text(key)), ("Value", value)])
        };
        let mut out: Vec<Value<'a>> =
            marker.into_iter().map(|(key, value)| pair(self, key, self.text(value))).collect();
        if let Some(tags) = tags {
            match tags.kind {
                Kind::Map(map) => {
                    out.extend(map.entries.iter().map(|e| pair(self.because(e.key_origin), e.key, e.value)))
                }
                Kind::List(items) => out.extend_from_slice(items),
                Kind::Null
                | Kind::Bool(_)
                | Kind::Number(_)
                | Kind::Text(_)
                | Kind::Intrinsic(_)
                | Kind::Unknown(_) => {}
            }
        }
        self.because(tags.map_or(self.origin, |t| t.origin)).list(&out)
    }
}
