//! What references to renamed and generated resources become: `!Ref Fn.Alias`, `!Ref MyLayer`.

use super::make::Make;
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
    let rewriter = Rewriter { build, renamed };
    for resource in &mut template.resources {
        resource.properties = rewriter.value(resource.properties);
        let attributes: Option<Vec<_>> = rewriter.entries(resource.attributes.entries);
        if let Some(attributes) = attributes {
            resource.attributes = Map { entries: build.arena.alloc_slice_copy(&attributes) };
        }
    }
    for output in &mut template.outputs {
        output.value = rewriter.value(output.value);
        output.body = rewriter.value(output.body);
    }
}

struct Rewriter<'a, 'r> {
    build: Build<'a>,
    renamed: &'r [Renamed<'a>],
}

impl<'a> Rewriter<'a, '_> {
    fn to(&self, from: &str) -> Option<&'a str> {
        self.renamed.iter().find(|r| r.from == from).map(|r| r.to)
    }

    fn value(&self, value: Value<'a>) -> Value<'a> {
        self.changed(value).unwrap_or(value)
    }

    /// The value with its references rewritten; `None` when there are none, so that nothing is copied.
    fn changed(&self, value: Value<'a>) -> Option<Value<'a>> {
        let make = Make { build: self.build, origin: value.origin };
        match value.kind {
            Kind::Map(map) => Some(make.entries(&self.entries(map.entries)?)),
            Kind::List(items) => Some(make.list(&self.items(items)?)),
            Kind::Intrinsic(intrinsic) => Some(self.build.intrinsic(self.intrinsic(intrinsic)?, value.origin)),
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Unknown(_) => None,
        }
    }

    fn entries(&self, entries: &[Entry<'a>]) -> Option<Vec<Entry<'a>>> {
        let first = entries.iter().position(|e| self.changed(e.value).is_some())?;
        let change = |(at, e): (usize, &Entry<'a>)| if at < first { *e } else { Entry { value: self.value(e.value), ..*e } };
        Some(entries.iter().enumerate().map(change).collect())
    }

    fn items(&self, items: &[Value<'a>]) -> Option<Vec<Value<'a>>> {
        let first = items.iter().position(|i| self.changed(*i).is_some())?;
        Some(items.iter().enumerate().map(|(at, i)| if at < first { *i } else { self.value(*i) }).collect())
    }

    fn pair(&self, a: Value<'a>, b: Value<'a>) -> Option<(Value<'a>, Value<'a>)> {
        let (x, y) = (self.changed(a), self.changed(b));
        (x.is_some() || y.is_some()).then(|| (x.unwrap_or(a), y.unwrap_or(b)))
    }

    fn intrinsic(&self, intrinsic: &Intrinsic<'a>) -> Option<Intrinsic<'a>> {
        let slice = |items: &[Value<'a>]| self.items(items).map(|i| &*self.build.arena.alloc_slice_copy(&i));
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
                let changed = slice(pieces);
                let inside = self.entries(variables.entries);
                if changed.is_none() && inside.is_none() {
                    return None;
                }
                let variables = inside.map_or(variables, |i| Map { entries: self.build.arena.alloc_slice_copy(&i) });
                let mut text = template.to_owned();
                for r in self.renamed {
                    text = text.replace(&format!("${{{}}}", r.from), &format!("${{{}}}", r.to));
                    text = text.replace(&format!("${{{}.", r.from), &format!("${{{}.", r.to));
                }
                Intrinsic::Sub { template: self.build.str(&text), variables, pieces: changed.unwrap_or(pieces) }
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
