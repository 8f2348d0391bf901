//! What only the Serverless Framework makes of values: joined ARNs, tags, merged maps.

use std::fmt::{self, Write};

use foldhash::HashMap;

pub(super) use crate::dialect::make::Make;
use crate::template::{Build, Entry, Intrinsic, Kind, Value};

impl<'a> Make<'a> {
    /// Text that is put together right in the arena.
    pub(super) fn written(self, parts: fmt::Arguments<'_>) -> Value<'a> {
        self.text(told(self.build, parts))
    }

    /// A number.
    pub(super) fn number(self, number: i64) -> Value<'a> {
        self.build.number(number, self.origin)
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

    /// `Key`/`Value` pairs of one or two maps of tags; the later map wins.
    pub(super) fn tags(self, maps: &[Option<Value<'a>>]) -> Option<Value<'a>> {
        let merged = self.assign(maps)?;
        let tags: Vec<_> = merged
            .as_map()?
            .entries
            .iter()
            .map(|e| {
                let at = self.at(e.key_origin);
                at.map(&[("Key", at.text(e.key)), ("Value", as_string(self.build, e.value))])
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
pub(super) fn as_string<'a>(build: Build<'a>, value: Value<'a>) -> Value<'a> {
    match (value.kind, value.as_text()) {
        (Kind::Number(written), _) => {
            let text = decimal(written).map_or(written, |text| build.str(&text));
            Value::new(Kind::Text(text), value.origin)
        }
        (Kind::Text(text), _) if is_date(&value, text) => {
            Value::new(Kind::Text(told(build, format_args!("{text}T00:00:00.000Z"))), value.origin)
        }
        (_, Some(text)) => Value::new(Kind::Text(text), value.origin),
        (_, None) => value,
    }
}

/// A date that stands there without quotes: the framework reads a moment in it and writes it out.
fn is_date(value: &Value<'_>, text: &str) -> bool {
    let digits = |c: char| if c.is_ascii_digit() { '0' } else { c };
    let span = value.origin.span.range();
    text.len() == 10 && span.len() == 10 && text.chars().map(digits).eq("0000-00-00".chars())
}

/// A number as JavaScript prints it; `None` when it was written so, or in a way that we leave alone.
fn decimal(written: &str) -> Option<String> {
    if written.bytes().all(|b| b.is_ascii_digit()) && (written == "0" || !written.starts_with('0')) {
        return None;
    }
    let plain = written.trim_start_matches('+').replace('_', "");
    let radix = |prefix: &str, radix| {
        let digits = plain.strip_prefix(prefix)?;
        u64::from_str_radix(digits, radix).ok().map(|n| n.to_string())
    };
    if let Some(number) = radix("0x", 16).or_else(|| radix("0o", 8)) {
        return Some(number);
    }
    let number: f64 = plain.parse().ok()?;
    // Beyond, JavaScript rounds digits away or writes an exponent.
    ((1e-6..1e15).contains(&number.abs()) || number == 0.0).then(|| number.to_string())
}

/// The same for every value of a map.
pub(super) fn as_strings<'a>(make: Make<'a>, map: Value<'a>) -> Value<'a> {
    let Some(entries) = map.as_map().map(|m| m.entries) else { return map };
    let other = |v: &Value<'_>| match v.kind {
        Kind::Number(_) | Kind::Bool(_) => true,
        Kind::Text(text) => is_date(v, text),
        Kind::Null | Kind::List(_) | Kind::Map(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => false,
    };
    if !entries.iter().any(|e| other(&e.value)) {
        return map;
    }
    let entries: Vec<_> = entries.iter().map(|e| Entry { value: as_string(make.build, e.value), ..*e }).collect();
    make.at(map.origin).entries(&entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers become the text that JavaScript makes of them.
    #[test]
    fn numbers_become_text() {
        for (written, text) in [
            ("1.50", "1.5"),
            ("012", "12"),
            ("0x10", "16"),
            ("1e3", "1000"),
            ("+1", "1"),
            ("-0.5", "-0.5"),
            ("00", "0"),
        ] {
            assert_eq!(decimal(written).as_deref(), Some(text), "{written}");
        }
        for written in ["0", "12", "123456789012345678901234567890", "1e30", ".inf"] {
            assert_eq!(decimal(written), None, "{written}");
        }
    }
}
