//! What references to renamed and generated resources become: `!Ref Fn.Alias`, `!Ref MyLayer`.

use std::cell::RefCell;

use foldhash::HashMap;

use crate::template::{Build, Entry, Intrinsic, Kind, Map, Template, Value};

/// A reference and what takes its place.
#[derive(Clone, Copy)]
pub(super) struct Renamed<'a> {
    /// What the user writes: `Fn.Version`, `MyLayer`.
    pub(super) from: &'a str,
    /// The logical id it stands for.
    pub(super) to: &'a str,
}

/// Rewrites every reference of a template.
pub(super) fn rewrite<'a>(template: &mut Template<'a>, build: Build<'a>, renamed: &[Renamed<'a>]) {
    if renamed.is_empty() {
        return;
    }
    let names = renamed.iter().map(|r| (r.from, r.to)).collect();
    let rewriter = Rewriter { build, names, seen: RefCell::default() };
    for resource in &mut template.resources {
        resource.properties = rewriter.value(resource.properties);
        if let Some(entries) = rewriter.entries(resource.attributes.entries) {
            resource.attributes = Map { entries };
        }
        if let Some(entries) = rewriter.dependencies(resource.attributes.entries) {
            resource.attributes = Map { entries };
        }
    }
    for output in &mut template.outputs {
        output.value = rewriter.value(output.value);
        output.body = rewriter.value(output.body);
    }
}

struct Rewriter<'a> {
    build: Build<'a>,
    names: HashMap<&'a str, &'a str>,
    /// What became of the lists, maps and functions seen so far, by address: anchors share them.
    seen: RefCell<HashMap<(usize, usize), Option<Kind<'a>>>>,
}

impl<'a> Rewriter<'a> {
    fn to(&self, from: &str) -> Option<&'a str> {
        self.names.get(from).copied()
    }

    fn value(&self, value: Value<'a>) -> Value<'a> {
        self.changed(value).unwrap_or(value)
    }

    /// The value with its references rewritten; `None` when there are none, so that nothing is copied.
    fn changed(&self, value: Value<'a>) -> Option<Value<'a>> {
        let key = match value.kind {
            Kind::Map(map) => (map.entries.as_ptr().addr(), map.entries.len()),
            Kind::List(items) => (items.as_ptr().addr(), items.len()),
            Kind::Intrinsic(intrinsic) => (std::ptr::from_ref(intrinsic).addr(), usize::MAX),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => return None,
        };
        if let Some(seen) = self.seen.borrow().get(&key) {
            return seen.map(|kind| Value::new(kind, value.origin));
        }
        let kind = match value.kind {
            Kind::Map(map) => self.entries(map.entries).map(|entries| Kind::Map(Map { entries })),
            Kind::List(items) => self.items(items).map(Kind::List),
            Kind::Intrinsic(intrinsic) => self.intrinsic(intrinsic).map(|i| Kind::Intrinsic(self.build.arena.alloc(i))),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => None,
        };
        self.seen.borrow_mut().insert(key, kind);
        kind.map(|kind| Value::new(kind, value.origin))
    }

    fn entries(&self, entries: &[Entry<'a>]) -> Option<&'a [Entry<'a>]> {
        let mut changed: Option<Vec<Entry<'a>>> = None;
        for (at, entry) in entries.iter().enumerate() {
            match (self.changed(entry.value), &mut changed) {
                (Some(value), None) => {
                    let mut copy = entries.to_vec();
                    copy[at].value = value;
                    changed = Some(copy);
                }
                (Some(value), Some(copy)) => copy[at].value = value,
                (None, _) => {}
            }
        }
        changed.map(|copy| &*self.build.arena.alloc_slice_copy(&copy))
    }

    fn items(&self, items: &[Value<'a>]) -> Option<&'a [Value<'a>]> {
        let mut changed: Option<Vec<Value<'a>>> = None;
        for (at, item) in items.iter().enumerate() {
            match (self.changed(*item), &mut changed) {
                (Some(value), None) => {
                    let mut copy = items.to_vec();
                    copy[at] = value;
                    changed = Some(copy);
                }
                (Some(value), Some(copy)) => copy[at] = value,
                (None, _) => {}
            }
        }
        changed.map(|copy| &*self.build.arena.alloc_slice_copy(&copy))
    }

    /// The attributes with what `DependsOn` names renamed: a layer has another id when it is deployed.
    fn dependencies(&self, entries: &[Entry<'a>]) -> Option<&'a [Entry<'a>]> {
        let at = entries.iter().position(|e| e.key == "DependsOn")?;
        let name = |value: Value<'a>| {
            let Kind::Text(id) = value.kind else { return None };
            let to = if id.contains('.') { None } else { self.to(id) };
            to.map(|to| Value::new(Kind::Text(to), value.origin))
        };
        let written = entries[at].value;
        let value = match written.as_list().filter(|items| items.iter().any(|i| name(*i).is_some())) {
            Some(items) => self.build.list(items.iter().map(|i| name(*i).unwrap_or(*i)), written.origin),
            None => name(written)?,
        };
        let mut copy = entries.to_vec();
        copy[at].value = value;
        Some(self.build.arena.alloc_slice_copy(&copy))
    }

    /// The text of a `Fn::Sub` with the names in its braces rewritten.
    fn text(&self, template: &str) -> String {
        let mut out = String::with_capacity(template.len());
        let mut rest = template;
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            out.push_str("${");
            rest = after;
            let Some((name, tail)) = after.split_once('}') else { continue };
            // The longest name that we know: `Fn.Alias` of `Fn.Alias.Arn`, or `Layer` of `Layer.Arn`.
            let ends = name.char_indices().filter(|(_, c)| *c == '.').map(|(at, _)| at).take(2).chain([name.len()]);
            let known = ends.filter_map(|end| Some((end, self.to(name.get(..end)?.trim())?))).last();
            match known {
                Some((end, to)) => {
                    out.push_str(to);
                    out.push_str(name.get(end..).unwrap_or(""));
                }
                None => out.push_str(name),
            }
            out.push('}');
            rest = tail;
        }
        out.push_str(rest);
        out
    }

    fn pair(&self, a: Value<'a>, b: Value<'a>) -> Option<(Value<'a>, Value<'a>)> {
        let (x, y) = (self.changed(a), self.changed(b));
        (x.is_some() || y.is_some()).then(|| (x.unwrap_or(a), y.unwrap_or(b)))
    }

    fn intrinsic(&self, intrinsic: &Intrinsic<'a>) -> Option<Intrinsic<'a>> {
        Some(match *intrinsic {
            Intrinsic::Ref(id) => Intrinsic::Ref(self.to(id)?),
            Intrinsic::GetAtt(id, attribute) => {
                if let Some(to) = self.to(id) {
                    return Some(Intrinsic::GetAtt(to, attribute));
                }
                // `Fn.Alias.Arn` is the resource `Fn.Alias` and its attribute.
                let (head, tail) = attribute.as_text()?.split_once('.').unwrap_or((attribute.as_text()?, ""));
                let to = self.to(&format!("{id}.{head}"))?;
                if tail.is_empty() {
                    // In a text `${Fn.Alias}` is read as an attribute; it is the generated resource's own reference.
                    return Some(Intrinsic::Ref(to));
                }
                Intrinsic::GetAtt(to, Value::new(Kind::Text(tail), attribute.origin))
            }
            Intrinsic::Sub { template, variables, pieces } => {
                let changed = self.items(pieces);
                let inside = self.entries(variables.entries);
                if changed.is_none() && inside.is_none() {
                    return None;
                }
                let variables = inside.map_or(variables, |entries| Map { entries });
                let template = if changed.is_some() { self.build.str(&self.text(template)) } else { template };
                Intrinsic::Sub { template, variables, pieces: changed.unwrap_or(pieces) }
            }
            Intrinsic::Join(a, b) => self.pair(a, b).map(|(a, b)| Intrinsic::Join(a, b))?,
            Intrinsic::Split(a, b) => self.pair(a, b).map(|(a, b)| Intrinsic::Split(a, b))?,
            Intrinsic::Select(a, b) => self.pair(a, b).map(|(a, b)| Intrinsic::Select(a, b))?,
            Intrinsic::If(condition, a, b) => self.pair(a, b).map(|(a, b)| Intrinsic::If(condition, a, b))?,
            Intrinsic::FindInMap(map, first, second, Some(default)) => {
                Intrinsic::FindInMap(map, first, second, Some(self.changed(default)?))
            }
            Intrinsic::ImportValue(v) => Intrinsic::ImportValue(self.changed(v)?),
            Intrinsic::Base64(v) => Intrinsic::Base64(self.changed(v)?),
            Intrinsic::Cidr(v) => Intrinsic::Cidr(self.changed(v)?),
            Intrinsic::Length(v) => Intrinsic::Length(self.changed(v)?),
            Intrinsic::ToJsonString(v) => Intrinsic::ToJsonString(self.changed(v)?),
            Intrinsic::Transform(a, b) => self.pair(a, b).map(|(a, b)| Intrinsic::Transform(a, b))?,
            Intrinsic::StackOutput(name, v) => Intrinsic::StackOutput(name, self.changed(v)?),
            Intrinsic::Other(name, v) => Intrinsic::Other(name, self.changed(v)?),
            // These stand in conditions, or name no resource.
            Intrinsic::FindInMap(_, _, _, None)
            | Intrinsic::GetAzs(_)
            | Intrinsic::Equals(..)
            | Intrinsic::And(_)
            | Intrinsic::Or(_)
            | Intrinsic::Not(_)
            | Intrinsic::Condition(_)
            | Intrinsic::External(_) => return None,
        })
    }
}
