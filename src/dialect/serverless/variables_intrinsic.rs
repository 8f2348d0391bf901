//! Variables inside of CloudFormation's functions: names, arguments, and the text of `Fn::Sub`.

use super::grammar::{self, Piece};
use super::variables::{Done, Variables};
use crate::template::{Build, Entry, Intrinsic, Kind, Map, Origin, Value};

impl<'a> Variables<'a, '_> {
    /// A function with the variables in its names and arguments replaced.
    pub(super) fn intrinsic(&mut self, intrinsic: &'a Intrinsic<'a>, origin: Origin<'a>) -> Done<'a> {
        let (names, values) = parts(intrinsic);
        let named = names.iter().any(|name| grammar::may_vary(name));
        let valued = values.iter().any(|value| match value.kind {
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Unknown(_) => false,
            Kind::Text(text) => grammar::may_vary(text),
            Kind::List(_) | Kind::Map(_) | Kind::Intrinsic(_) => true,
        });
        match intrinsic {
            Intrinsic::Sub { template, variables, .. } => {
                let own = grammar::pieces(template, self.syntax()).iter().any(|p| matches!(p, Piece::Variable(_)));
                if own {
                    return self.per_stage(origin, &mut |this| this.sub(template, *variables, origin));
                }
                let Done { value, nodes, height, changed } = self.children_of(*variables, origin);
                let map = value.as_map().filter(|_| changed);
                let value = match map {
                    Some(map) => self.build.sub_with(template, map, origin),
                    None => Value::new(Kind::Intrinsic(intrinsic), origin),
                };
                Done { value, nodes: nodes.saturating_mul(2), height: height + 1, changed }
            }
            Intrinsic::GetAtt(id, attribute) if named => {
                // `!GetAtt ${self:custom.table}.Arn`: the reader has divided the text at the first dot.
                let whole = attribute.as_text().map(|attribute| self.build.str(&format!("{id}.{attribute}")));
                self.per_stage(origin, &mut |this| this.attribute(id, *attribute, whole, origin))
            }
            _ if named => self.per_stage(origin, &mut |this| this.arguments(intrinsic, origin)),
            _ if valued => self.arguments(intrinsic, origin),
            _ => Done { value: Value::new(Kind::Intrinsic(intrinsic), origin), nodes: 3, height: 3, changed: false },
        }
    }

    fn arguments(&mut self, intrinsic: &'a Intrinsic<'a>, origin: Origin<'a>) -> Done<'a> {
        let mut total =
            Done { value: Value::new(Kind::Intrinsic(intrinsic), origin), nodes: 1, height: 1, changed: false };
        let build = self.build;
        let (mut renamed, mut nameless) = (false, None);
        // Names first, then arguments: the two borrow the same answers.
        let names = rebuilt(
            build,
            intrinsic,
            &mut |name| {
                if !grammar::may_vary(name) {
                    return Some(name);
                }
                let value = self.text(name, origin);
                renamed = true;
                if value.as_text().is_none() {
                    nameless = Some(self.below(value).value);
                }
                value.as_text()
            },
            &mut |value| value,
        );
        let Some(names) = names else {
            let why = build.unknown("a name that is only known while deploying", origin);
            return Done::leaf(nameless.unwrap_or(why), true);
        };
        let new = rebuilt(build, build.arena.alloc(names), &mut Some, &mut |value| {
            let done = self.walk(value);
            total.nodes = total.nodes.saturating_add(done.nodes);
            total.height = total.height.max(done.height + 2);
            total.changed |= done.changed;
            done.value
        });
        total.changed |= renamed;
        if let Some(new) = new.filter(|_| total.changed) {
            total.value = build.intrinsic(new, origin);
        }
        total
    }

    fn attribute(&mut self, id: &'a str, attribute: Value<'a>, whole: Option<&'a str>, origin: Origin<'a>) -> Done<'a> {
        let Some(whole) = whole else {
            let id = self.text(id, origin);
            let attribute = self.walk(attribute).value;
            return match id.as_text() {
                Some(id) => Done::leaf(self.build.intrinsic(Intrinsic::GetAtt(id, attribute), origin), true),
                None => Done::leaf(self.below(id).value, true),
            };
        };
        let value = self.text(whole, origin);
        let pair = value.as_text().and_then(|text| text.split_once('.'));
        // `!GetAtt ${self:custom.pair}` where the pair is written as a list.
        let listed = match value.kind {
            Kind::List([id, attribute]) => id.as_text().zip(attribute.as_text()),
            _ => None,
        };
        Done::leaf(
            match pair.or(listed) {
                Some((id, attribute)) => self.build.get_att(id, attribute, origin),
                None if value.as_intrinsic().is_some() => self.below(value).value,
                None => self.build.unknown("an attribute that is only known while deploying", origin),
            },
            true,
        )
    }

    /// `Fn::Sub` whose text holds variables: what they stand for becomes part of the text, so that
    /// CloudFormation replaces what is in it; what is only known while deploying becomes a variable of it.
    fn sub(&mut self, template: &'a str, variables: Map<'a>, origin: Origin<'a>) -> Done<'a> {
        let value = self.text(template, origin);
        let inner = self.children_of(variables, origin);
        let mut entries: Vec<Entry<'a>> = inner.value.as_map().map_or_else(Vec::new, |m| m.entries.to_vec());
        let mut text = String::new();
        let pieces = match (value.as_text(), value.as_intrinsic()) {
            (Some(_), _) => vec![value],
            (None, Some(Intrinsic::Join(separator, items))) if separator.as_text() == Some("") => items.items(),
            (None, _) => vec![self.below(value).value],
        };
        for piece in pieces {
            match piece.as_text() {
                Some(piece) => text.push_str(piece),
                None => {
                    let name = self.build.str(&format!("Variable{}", entries.len() + 1));
                    text.push_str(&format!("${{{name}}}"));
                    entries.push(Entry { key: name, key_origin: piece.origin, value: piece });
                }
            }
        }
        let step = value.origin.step;
        let origin = Origin { span: origin.span, step: step.or(origin.step) };
        let map = Map { entries: self.build.arena.alloc_slice_copy(&entries) };
        let nodes = u32::try_from(entries.len() * 2 + 4).unwrap_or(u32::MAX).saturating_add(inner.nodes);
        Done { value: self.build.sub_with(&text, map, origin), nodes, height: inner.height + 3, changed: true }
    }

    fn children_of(&mut self, map: Map<'a>, origin: Origin<'a>) -> Done<'a> {
        if map.entries.is_empty() {
            return Done { value: Value::new(Kind::Map(map), origin), nodes: 2, height: 2, changed: false };
        }
        self.below(Value::new(Kind::Map(map), origin))
    }
}

/// The names and the arguments of a function; of `Fn::Sub` its text is neither.
pub(super) fn parts<'a>(intrinsic: &Intrinsic<'a>) -> (Vec<&'a str>, Vec<Value<'a>>) {
    match *intrinsic {
        Intrinsic::Ref(id) | Intrinsic::Condition(id) => (vec![id], vec![]),
        Intrinsic::GetAtt(id, attribute) => (vec![id], vec![attribute]),
        Intrinsic::Sub { .. } | Intrinsic::External(_) => (vec![], vec![]),
        Intrinsic::Join(a, b)
        | Intrinsic::Split(a, b)
        | Intrinsic::Select(a, b)
        | Intrinsic::Transform(a, b)
        | Intrinsic::Equals(a, b) => (vec![], vec![a, b]),
        Intrinsic::If(condition, a, b) => (vec![condition], vec![a, b]),
        Intrinsic::FindInMap(a, b, c, d) => (vec![], [Some(a), Some(b), Some(c), d].into_iter().flatten().collect()),
        Intrinsic::ImportValue(a)
        | Intrinsic::Base64(a)
        | Intrinsic::Cidr(a)
        | Intrinsic::GetAzs(a)
        | Intrinsic::Length(a)
        | Intrinsic::ToJsonString(a)
        | Intrinsic::Not(a)
        | Intrinsic::StackOutput(_, a)
        | Intrinsic::Other(_, a) => (vec![], vec![a]),
        Intrinsic::And(items) | Intrinsic::Or(items) => (vec![], items.to_vec()),
    }
}

/// A copy of a function, its names and arguments put through two functions; `None` when a name is lost.
/// The pieces of `Fn::Sub` are left as they are.
pub(super) fn rebuilt<'a>(
    build: Build<'a>,
    intrinsic: &Intrinsic<'a>,
    name: &mut dyn FnMut(&'a str) -> Option<&'a str>,
    value: &mut dyn FnMut(Value<'a>) -> Value<'a>,
) -> Option<Intrinsic<'a>> {
    let list = |items: &'a [Value<'a>], value: &mut dyn FnMut(Value<'a>) -> Value<'a>| {
        let items: Vec<_> = items.iter().map(|item| value(*item)).collect();
        &*build.arena.alloc_slice_copy(&items)
    };
    Some(match *intrinsic {
        Intrinsic::Ref(id) => Intrinsic::Ref(name(id)?),
        Intrinsic::GetAtt(id, attribute) => Intrinsic::GetAtt(name(id)?, value(attribute)),
        Intrinsic::Sub { .. } | Intrinsic::External(_) => *intrinsic,
        Intrinsic::Join(a, b) => Intrinsic::Join(value(a), value(b)),
        Intrinsic::Split(a, b) => Intrinsic::Split(value(a), value(b)),
        Intrinsic::Select(a, b) => Intrinsic::Select(value(a), value(b)),
        Intrinsic::If(condition, a, b) => Intrinsic::If(name(condition)?, value(a), value(b)),
        Intrinsic::FindInMap(a, b, c, d) => Intrinsic::FindInMap(value(a), value(b), value(c), d.map(value)),
        Intrinsic::ImportValue(a) => Intrinsic::ImportValue(value(a)),
        Intrinsic::Base64(a) => Intrinsic::Base64(value(a)),
        Intrinsic::Cidr(a) => Intrinsic::Cidr(value(a)),
        Intrinsic::GetAzs(a) => Intrinsic::GetAzs(value(a)),
        Intrinsic::Length(a) => Intrinsic::Length(value(a)),
        Intrinsic::ToJsonString(a) => Intrinsic::ToJsonString(value(a)),
        Intrinsic::Transform(a, b) => Intrinsic::Transform(value(a), value(b)),
        Intrinsic::Equals(a, b) => Intrinsic::Equals(value(a), value(b)),
        Intrinsic::And(items) => Intrinsic::And(list(items, value)),
        Intrinsic::Or(items) => Intrinsic::Or(list(items, value)),
        Intrinsic::Not(a) => Intrinsic::Not(value(a)),
        Intrinsic::Condition(id) => Intrinsic::Condition(name(id)?),
        Intrinsic::StackOutput(which, a) => Intrinsic::StackOutput(which, value(a)),
        Intrinsic::Other(function, a) => Intrinsic::Other(function, value(a)),
    })
}
