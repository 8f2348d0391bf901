//! Values made for one cause: all of them point at the bytes that caused them.

use std::collections::HashMap;
use std::fmt::{self, Write};

use crate::template::{Build, Entry, Intrinsic, Kind, Map, Origin, Value};

/// Makes values that share an origin.
#[derive(Clone, Copy)]
pub(super) struct Make<'a> {
    /// The arena's constructor.
    pub build: Build<'a>,
    /// What the user wrote that all these values come from.
    pub origin: Origin<'a>,
}

impl<'a> Make<'a> {
    /// The same, with another cause.
    pub(super) const fn at(self, origin: Origin<'a>) -> Self {
        Self { build: self.build, origin }
    }

    /// A text copied into the arena.
    pub(super) fn keep(self, text: &str) -> &'a str {
        self.build.str(text)
    }

    /// Text.
    pub(super) const fn text(self, text: &'a str) -> Value<'a> {
        Value::new(Kind::Text(text), self.origin)
    }

    /// Text that was put together.
    pub(super) fn made(self, text: &str) -> Value<'a> {
        self.text(self.keep(text))
    }

    /// Text that is put together right in the arena.
    pub(super) fn written(self, parts: fmt::Arguments<'_>) -> Value<'a> {
        self.text(told(self.build, parts))
    }

    /// A number.
    pub(super) fn number(self, number: i64) -> Value<'a> {
        self.build.number(number, self.origin)
    }

    /// A boolean.
    pub(super) const fn bool(self, yes: bool) -> Value<'a> {
        Value::new(Kind::Bool(yes), self.origin)
    }

    /// A list.
    pub(super) fn list(self, items: &[Value<'a>]) -> Value<'a> {
        Value::new(Kind::List(self.build.arena.alloc_slice_copy(items)), self.origin)
    }

    /// A list of texts.
    pub(super) fn texts(self, items: &[&'a str]) -> Value<'a> {
        let items = self.build.arena.alloc_slice_fill_iter(items.iter().map(|t| self.text(t)));
        Value::new(Kind::List(items), self.origin)
    }

    /// An entry whose key stands where its value does.
    pub(super) const fn entry(self, key: &'a str, value: Value<'a>) -> Entry<'a> {
        Entry { key, key_origin: value.origin, value }
    }

    /// A map.
    pub(super) fn map(self, entries: &[(&'a str, Value<'a>)]) -> Value<'a> {
        let entries = self.build.arena.alloc_slice_fill_iter(entries.iter().map(|&(k, v)| self.entry(k, v)));
        Value::new(Kind::Map(Map { entries }), self.origin)
    }

    /// A map of whole entries.
    pub(super) fn entries(self, entries: &[Entry<'a>]) -> Value<'a> {
        Value::new(Kind::Map(Map { entries: self.build.arena.alloc_slice_copy(entries) }), self.origin)
    }

    /// An intrinsic.
    pub(super) fn intrinsic(self, intrinsic: Intrinsic<'a>) -> Value<'a> {
        Value::new(Kind::Intrinsic(self.build.arena.alloc(intrinsic)), self.origin)
    }

    /// `Ref`.
    pub(super) fn reference(self, id: &'a str) -> Value<'a> {
        self.intrinsic(Intrinsic::Ref(id))
    }

    /// `Fn::GetAtt`.
    pub(super) fn att(self, id: &'a str, attribute: &'a str) -> Value<'a> {
        self.intrinsic(Intrinsic::GetAtt(id, self.text(attribute)))
    }

    /// `Fn::Join`.
    pub(super) fn join(self, separator: &'a str, items: &[Value<'a>]) -> Value<'a> {
        self.intrinsic(Intrinsic::Join(self.text(separator), self.list(items)))
    }

    /// The parts one after the other: text when all are text.
    pub(super) fn concat(self, parts: &[Value<'a>]) -> Value<'a> {
        let plain: Option<Vec<&str>> = parts.iter().map(Value::as_text).collect();
        match plain {
            Some(texts) => self.made(&texts.concat()),
            None => self.join("", parts),
        }
    }

    /// `arn:<partition>:<service>:<region>:<account>:` and the rest.
    pub(super) fn arn(self, service: &'a str, rest: &[Value<'a>]) -> Value<'a> {
        let mut parts = vec![
            self.text("arn:"),
            self.reference("AWS::Partition"),
            self.made(&format!(":{service}:")),
            self.reference("AWS::Region"),
            self.text(":"),
            self.reference("AWS::AccountId"),
            self.text(":"),
        ];
        parts.extend_from_slice(rest);
        self.join("", &parts)
    }

    /// `arn:<partition>` and the rest, which begins with a colon.
    pub(super) fn partition_arn(self, rest: &[Value<'a>]) -> Value<'a> {
        let mut parts = vec![self.text("arn:"), self.reference("AWS::Partition")];
        parts.extend_from_slice(rest);
        self.join("", &parts)
    }

    /// A statement that allows.
    pub(super) fn allow(self, actions: &[&'a str], resource: Value<'a>) -> Value<'a> {
        self.map(&[("Effect", self.text("Allow")), ("Action", self.texts(actions)), ("Resource", resource)])
    }

    /// A trust or permission policy.
    pub(super) fn policy(self, statements: &[Value<'a>]) -> Value<'a> {
        self.map(&[("Version", self.text("2012-10-17")), ("Statement", self.list(statements))])
    }

    /// The trust policy of a role that one or more services may take.
    pub(super) fn trust(self, services: Value<'a>) -> Value<'a> {
        self.policy(&[self.map(&[
            ("Effect", self.text("Allow")),
            ("Principal", self.map(&[("Service", services)])),
            ("Action", self.texts(&["sts:AssumeRole"])),
        ])])
    }

    /// The value under a guard: `Fn::If` with nothing on the other side.
    pub(super) fn guarded(self, guard: Option<&'a str>, value: Value<'a>) -> Value<'a> {
        match guard {
            None => value,
            Some(condition) => self.intrinsic(Intrinsic::If(condition, value, self.reference("AWS::NoValue"))),
        }
    }

    /// `Key`/`Value` pairs of one or two maps of tags; the later map wins.
    pub(super) fn tags(self, maps: &[Option<Value<'a>>]) -> Option<Value<'a>> {
        let merged = self.assign(maps)?;
        let tags: Vec<_> = merged
            .as_map()?
            .entries
            .iter()
            .map(|e| {
                let at = self.at(e.key_origin);
                at.map(&[("Key", at.text(e.key)), ("Value", as_string(e.value))])
            })
            .collect();
        Some(self.at(merged.origin).list(&tags))
    }

    /// `Object.assign`: the entries of all maps, the last of equal keys winning; `None` without a map.
    pub(super) fn assign(self, maps: &[Option<Value<'a>>]) -> Option<Value<'a>> {
        let maps: Vec<Value<'a>> = maps.iter().flatten().copied().filter(|m| !m.is_null()).collect();
        if let [only] = maps.as_slice() {
            return Some(*only);
        }
        let last = maps.last()?;
        let mut merged = Merged::default();
        for map in &maps {
            // A map that is not known as a whole may hold anything: say so rather than lose it.
            let Some(map) = map.as_map() else { return Some(*map) };
            map.entries.iter().for_each(|entry| merged.put(*entry));
        }
        Some(self.at(last.origin).entries(&merged.entries))
    }
}

/// Entries by key, in the order in which they came; a later one takes the place of an earlier.
#[derive(Default)]
pub(super) struct Merged<'a> {
    /// The entries so far.
    pub entries: Vec<Entry<'a>>,
    /// Where each key stands, once there are too many to look through.
    places: HashMap<&'a str, usize>,
}

impl<'a> Merged<'a> {
    const FEW: usize = 16;

    /// The entry of a key.
    pub(super) fn find(&mut self, key: &str) -> Option<&mut Entry<'a>> {
        if self.entries.len() <= Self::FEW {
            return self.entries.iter_mut().find(|e| e.key == key);
        }
        if self.places.is_empty() {
            self.places = self.entries.iter().enumerate().map(|(at, e)| (e.key, at)).collect();
        }
        self.places.get(key).copied().and_then(|at| self.entries.get_mut(at))
    }

    /// Puts an entry in the place of the one with its key, or at the end.
    pub(super) fn put(&mut self, entry: Entry<'a>) {
        if let Some(old) = self.find(entry.key) {
            *old = entry;
            return;
        }
        if !self.places.is_empty() {
            self.places.insert(entry.key, self.entries.len());
        }
        self.entries.push(entry);
    }
}

/// A text put together in the arena, without a detour over the heap.
pub(super) fn told<'a>(build: Build<'a>, parts: fmt::Arguments<'_>) -> &'a str {
    let mut text = bumpalo::collections::String::with_capacity_in(64, build.arena);
    // Writing to a text in memory cannot fail.
    let _ = text.write_fmt(parts);
    text.into_bump_str()
}

/// The framework's schema turns numbers and booleans into text in environments and tags.
pub(super) const fn as_string(value: Value<'_>) -> Value<'_> {
    match value.as_text() {
        Some(text) => Value::new(Kind::Text(text), value.origin),
        None => value,
    }
}

/// The same for every value of a map.
pub(super) fn as_strings<'a>(make: Make<'a>, map: Value<'a>) -> Value<'a> {
    let Some(entries) = map.as_map().map(|m| m.entries) else { return map };
    if !entries.iter().any(|e| matches!(e.value.kind, Kind::Number(_) | Kind::Bool(_))) {
        return map;
    }
    let entries: Vec<_> = entries.iter().map(|e| Entry { value: as_string(e.value), ..*e }).collect();
    make.at(map.origin).entries(&entries)
}
