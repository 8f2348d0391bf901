//! What a pattern says of a value whatever the world: an answer from what is written, without cases or places.
//!
//! Nearly every question about nearly every resource is answered "no", and nearly every value is written as it
//! is deployed, or is a function with one value. A glance finds that out without dividing worlds; where the answers of
//! the values that a function may have differ, or an unknown or a question about other resources stands in the way, it
//! does not answer, and the judge looks closely.

use std::cell::Cell;

use super::elements::{MAX_LISTS, is_condition_key, items_of, only, spelt};
use super::statement::{Beside, beside};
use super::{Judge, Subject, leaf, type_matches};
use crate::analysis::document;
use crate::analysis::memo::Answers;
use crate::analysis::policy::{Extent, Plain};
use crate::resolve::{Known, Text, Truth, Under};
use crate::rulebook::{Key, Path, Pattern, Step, Who};
use crate::template::{Entry, Kind, Map, Resource, Value};

/// What is looked at, and the assumption under which: in another world a parameter has another value.
#[derive(Clone, Copy)]
struct Seen<'u, 'a> {
    /// A value as it is written; `None` where there is none.
    value: Option<Value<'a>>,
    under: &'u Under,
}

impl<'a> Seen<'_, 'a> {
    /// Another value under the same assumption.
    const fn at(self, value: Option<Value<'a>>) -> Self {
        Self { value, ..self }
    }

    const fn is_computed(self) -> bool {
        matches!(self.value, Some(Value { kind: Kind::Intrinsic(_), .. }))
    }
}

/// The most that the resources of statements may be, by where the entries of a statement lie: nothing is assumed.
pub(in crate::rules) type Extents = Answers<usize, Extent>;

/// What is asked of it.
type Ask<'q, 'a> = &'q dyn Fn(Seen<'_, 'a>) -> Option<bool>;

impl<'a> Judge<'_, '_, 'a> {
    /// True when the rule certainly has nothing to say of a subject, in no world at all.
    pub(super) fn certainly_fine(&self, subject: &Subject<'_, 'a>) -> bool {
        let value = match subject.known {
            _ if makes_properties(subject.resource) => return false,
            Known::Present(value) => Some(value),
            Known::Absent => None,
            Known::Unknown(_) => return false,
        };
        let seen = Seen { value, under: &subject.under };
        let no = |pattern| self.glance(pattern, seen, subject.resource) == Some(false);
        self.lacks(value, subject.resource) || self.check.when.as_ref().is_some_and(no) || no(&self.check.bad)
    }

    /// True when keys are missing without which the rule says nothing.
    fn lacks(&self, value: Option<Value<'a>>, resource: &Resource<'a>) -> bool {
        let Some(Value { kind: Kind::Map(map), .. }) = value else { return false };
        let missing = |key: &Key| {
            let map = if key.attribute { resource.attributes } else { map };
            map.get(&key.name).is_none() && !map.is_open()
        };
        self.rule.needed().groups.iter().any(|group| group.iter().all(missing))
    }

    fn glance(&self, pattern: &Pattern, seen: Seen<'_, 'a>, resource: &Resource<'a>) -> Option<bool> {
        match pattern {
            Pattern::Not(inner) => self.glance(inner, seen, resource).map(|yes| !yes),
            Pattern::All(all) => every(all.iter().map(|pattern| self.glance(pattern, seen, resource))),
            Pattern::Any(any) => some(any.iter().map(|pattern| self.glance(pattern, seen, resource))),
            Pattern::Owner(inner) => self.glance_at_owner(inner, seen.under, resource),
            Pattern::Type(types) => Some(types.iter().any(|wanted| type_matches(wanted, resource.kind))),
            Pattern::Written => Some(resource.made_by.is_none()),
            Pattern::At(path, inner) => {
                self.along(&path.steps, base(path, seen, resource), &|end| self.glance(inner, end, resource))
            }
            _ => self.in_each_case(seen, &|seen| self.settled(pattern, seen, resource)),
        }
    }

    /// The answer that holds for every value that a function may have; for what is no function, the answer.
    fn in_each_case(&self, seen: Seen<'_, 'a>, ask: Ask<'_, 'a>) -> Option<bool> {
        let Some(value) = seen.value.filter(|_| seen.is_computed()) else { return ask(seen.at(plain(seen.value)?)) };
        let mut all = None;
        for case in self.context.resolver.cases(&value, seen.under) {
            let answer = match case.value {
                Known::Present(value) => ask(Seen { value: Some(value), under: &case.under }),
                Known::Absent => ask(Seen { value: None, under: &case.under }),
                Known::Unknown(_) => None,
            };
            if all.is_some_and(|all| answer != Some(all)) {
                return None;
            }
            all = Some(answer?);
        }
        all
    }

    /// The answer about a value that is as far computed as it can be.
    fn settled(&self, pattern: &Pattern, seen: Seen<'_, 'a>, resource: &Resource<'a>) -> Option<bool> {
        match pattern {
            Pattern::Some(inner) => self.any_item(seen, MAX_LISTS, &|item| self.glance(inner, item, resource)),
            Pattern::Every(inner) if seen.value.is_some() => {
                let bad = |item: Seen<'_, 'a>| self.glance(inner, item, resource).map(|yes| !yes);
                self.any_item(seen, MAX_LISTS, &bad).map(|yes| !yes)
            }
            Pattern::Default(literal, inner) if seen.value.as_ref().is_none_or(Text::is_empty) => {
                self.glance(inner, seen.at(Some(self.literal(literal, resource.key))), resource)
            }
            Pattern::Default(_, inner) => self.glance(inner, seen, resource),
            Pattern::SomeKey(inner) => {
                let map = seen.value.and_then(|value| value.as_map()).unwrap_or(Map::EMPTY);
                let name = |entry: &Entry<'a>| Value::new(Kind::Text(entry.key), entry.key_origin);
                some(map.entries.iter().map(|entry| {
                    if entry.is_macro() {
                        return None;
                    }
                    let named = self.glance(inner, seen.at(Some(name(entry))), resource);
                    // A choice may leave it out.
                    named.filter(|yes| !yes || entry.value.as_intrinsic().is_none())
                }))
            }
            Pattern::Length(inner) => match length(seen.value)? {
                Some(length) => {
                    let length = i64::try_from(length).unwrap_or(i64::MAX);
                    let length = self.context.resolver.build().number(length, resource.key);
                    self.glance(inner, seen.at(Some(length)), resource)
                }
                None => self.glance(inner, seen.at(None), resource),
            },
            Pattern::WildcardAction(width) => Plain::of(&seen.value?)?.no_wildcard(*width).then_some(false),
            Pattern::AnyResource => self.glance_any_resource(seen),
            Pattern::Allows(actions) if seen.value.is_some() => {
                Plain::of(&seen.value?)?.allows_none(actions).then_some(false)
            }
            Pattern::AllowsA(sort) if seen.value.is_some() => {
                Plain::of(&seen.value?)?.allows_none_of(*sort).then_some(false)
            }
            Pattern::Principal(who) if seen.value.is_some() => {
                let trusted = if *who == Who::Foreign { self.context.trusted_accounts(self.rule) } else { Vec::new() };
                Plain::of(&seen.value?)?.no_principal(*who, &trusted).then_some(false)
            }
            Pattern::TemplateHas(relation) => {
                let any = self.context.incomplete() || relation.types.iter().any(|kind| self.occurs(kind));
                (!any).then_some(false)
            }
            Pattern::ReferredBy(relation) => self.glance_referred(relation, seen.under, resource),
            Pattern::RefersTo(relation) if seen.value.is_some() => {
                let target = self.context.resolver.target(&seen.value?)?;
                if !relation.types.is_empty() && !relation.types.iter().any(|wanted| type_matches(wanted, target.kind))
                {
                    return Some(false);
                }
                let Some(wanted) = relation.with.as_deref() else { return Some(true) };
                let glance = || self.glance_at(wanted, seen.under, target);
                if !seen.under.is_always() {
                    return glance();
                }
                // Thousands may refer to the same.
                self.context.glanced.answer((std::ptr::from_ref(relation), target.id), glance)
            }
            // Of nothing these hold as little as any other word.
            Pattern::Every(_)
            | Pattern::RefersTo(_)
            | Pattern::Allows(_)
            | Pattern::AllowsA(_)
            | Pattern::Principal(_)
            | Pattern::Narrowed(_)
            | Pattern::InParameter(_)
            | Pattern::Compared(..)
            | Pattern::Plaintext
            | Pattern::Credential
            | Pattern::LookedUp(_)
            | Pattern::Ended(_) => seen.value.is_none().then_some(false),
            Pattern::Not(_)
            | Pattern::All(_)
            | Pattern::Any(_)
            | Pattern::At(..)
            | Pattern::Owner(_)
            | Pattern::Type(_)
            | Pattern::Written
            | Pattern::Named(_)
            | Pattern::Condition(_)
            | Pattern::Policy(_) => None,
            Pattern::Absent
            | Pattern::Present
            | Pattern::Is(_)
            | Pattern::In(_)
            | Pattern::AnyCase(_)
            | Pattern::Matches(_)
            | Pattern::Contains(_)
            | Pattern::StartsWith(_)
            | Pattern::EndsWith(_)
            | Pattern::Below(_)
            | Pattern::Above(_)
            | Pattern::Kind(_)
            | Pattern::Literal => certain(leaf::holds(pattern, &seen.value.map_or(Known::Absent, Known::Present))),
        }
    }

    /// Whether a statement is about resources that are neither all there are, nor all of a kind where that is as bad.
    fn glance_any_resource(&self, seen: Seen<'_, 'a>) -> Option<bool> {
        let statement = seen.value?.as_map()?;
        let extent = || self.extent(statement, seen).unwrap_or(Extent::Everything);
        // A dozen rules ask.
        let extent = if seen.under.is_always() {
            self.context.extents.answer(statement.entries.as_ptr().addr(), extent)
        } else {
            extent()
        };
        let fine = match beside(&self.check.bad) {
            Beside::Nothing => Extent::Kind,
            Beside::Sort(_) | Beside::Actions(_) => Extent::Some,
        };
        (extent <= fine).then_some(false)
    }

    /// The most that a statement's resources may be.
    fn extent(&self, statement: Map<'a>, seen: Seen<'_, 'a>) -> Option<Extent> {
        if statement.get("NotResource").is_some() {
            return None;
        }
        let widest = Cell::new(Extent::Some);
        let look = |item: Seen<'_, 'a>| {
            let own = item.value.map(|value| Extent::of(&Text::of(&value)));
            widest.set(widest.get().max(own.unwrap_or(Extent::Some)));
            Some(false)
        };
        self.in_each_case(seen.at(entry(statement, "Resource")?), &|all| match all.value {
            Some(Value { kind: Kind::Map(_), .. }) => None,
            _ => self.any_item(all, MAX_LISTS, &look),
        })?;
        Some(widest.get())
    }

    fn glance_at(&self, pattern: &Pattern, under: &Under, resource: &Resource<'a>) -> Option<bool> {
        let seen = Seen { value: Some(resource.properties), under };
        if makes_properties(resource) { None } else { self.glance(pattern, seen, resource) }
    }

    fn glance_at_owner(&self, pattern: &Pattern, under: &Under, resource: &Resource<'a>) -> Option<bool> {
        let glance = || self.glance_at(pattern, under, resource);
        if !under.is_always() {
            return glance();
        }
        if let Some((of, answer)) = self.owners.glanced.borrow().get(&std::ptr::from_ref(pattern))
            && *of == resource.id
        {
            return *answer;
        }
        let answer = glance();
        self.owners.glanced.borrow_mut().insert(pattern, (resource.id, answer));
        answer
    }

    /// What stands at the end of a path.
    fn along(&self, steps: &[Step], seen: Seen<'_, 'a>, end: Ask<'_, 'a>) -> Option<bool> {
        match steps {
            [] => end(seen),
            [Step::Items, rest @ ..] => {
                self.in_each_case(seen, &|seen| self.any_item(seen, MAX_LISTS, &|item| self.along(rest, item, end)))
            }
            [Step::Key(key), rest @ ..] => self.in_each_case(seen, &|known| {
                let next = match known.value.map(|value| value.kind) {
                    Some(Kind::Map(map)) => {
                        let next = entry(map, key)?;
                        match next.filter(|_| is_condition_key(key)) {
                            // What a case comes to may be a list of one.
                            Some(Value { kind: Kind::Intrinsic(_), .. }) => return None,
                            found => found.as_ref().and_then(only).or(next),
                        }
                    }
                    // A text may be a document.
                    Some(Kind::Text(text)) if document::may_begin(text) => return None,
                    Some(_) if seen.is_computed() => return None,
                    None | Some(Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_)) => None,
                    Some(Kind::Intrinsic(_) | Kind::Unknown(_)) => return None,
                };
                self.along(rest, known.at(next), end)
            }),
        }
    }

    /// Whether an item of a list, or a value of a map, is what is asked for.
    fn any_item(&self, seen: Seen<'_, 'a>, deeper: usize, ask: Ask<'_, 'a>) -> Option<bool> {
        let Some(value) = seen.value else { return Some(false) };
        some(items_of(&value).map(|(item, key)| {
            self.in_each_case(seen.at(Some(item)), &|item| match item.value {
                None => Some(false),
                Some(Value { kind: Kind::List(_), .. }) if key.is_none() && deeper > 0 => {
                    self.any_item(item, deeper - 1, ask)
                }
                Some(_) => ask(item),
            })
        }))
    }
}

/// Whether a function makes the properties of a resource. CloudFormation refuses that, and the judge takes it as it is.
const fn makes_properties(resource: &Resource<'_>) -> bool {
    matches!(resource.properties.kind, Kind::Intrinsic(_))
}

/// What a path begins at.
fn base<'u, 'a>(path: &Path, seen: Seen<'u, 'a>, resource: &Resource<'a>) -> Seen<'u, 'a> {
    if path.attribute { seen.at(Some(Value::new(Kind::Map(resource.attributes), resource.key))) } else { seen }
}

/// The value of a key, if any; no answer when keys may be there that we do not see.
fn entry<'a>(map: Map<'a>, key: &str) -> Option<Option<Value<'a>>> {
    match map.get(spelt(map, key)) {
        Some(entry) => Some(Some(entry.value)),
        None if map.is_open() => None,
        None => Some(None),
    }
}

/// A value that is deployed as it is written; none where it is null; no answer where it is computed.
fn plain(value: Option<Value<'_>>) -> Option<Option<Value<'_>>> {
    match value.map(|value| value.kind) {
        Some(Kind::Intrinsic(_) | Kind::Unknown(_)) => None,
        Some(Kind::Null) => Some(None),
        None | Some(Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) | Kind::Map(_)) => Some(value),
    }
}

/// The length of a list or map that has as many items as are written.
fn length(seen: Option<Value<'_>>) -> Option<Option<usize>> {
    let Some(value) = seen else { return Some(None) };
    match value.kind {
        // `AWS::NoValue` takes an entry away.
        Kind::Map(map) => {
            let sure =
                |entry: &Entry<'_>| !matches!(entry.value.kind, Kind::Intrinsic(_) | Kind::Unknown(_) | Kind::Null);
            if map.is_open() {
                return None;
            }
            map.entries.iter().all(sure).then_some(Some(map.entries.len()))
        }
        Kind::List(items) => {
            let one =
                |item: &Value<'_>| matches!(item.kind, Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Map(_));
            items.iter().all(one).then_some(Some(items.len()))
        }
        Kind::Null => Some(None),
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => None,
    }
}

const fn certain(truth: Truth) -> Option<bool> {
    match truth {
        Truth::Yes => Some(true),
        Truth::No => Some(false),
        Truth::Maybe => None,
    }
}

/// True when all are, false when one certainly is not.
fn every(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(true);
    for answer in answers {
        match answer {
            Some(false) => return Some(false),
            Some(true) => {}
            None => all = None,
        }
    }
    all
}

/// True when one certainly is, false when none is.
fn some(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    every(answers.map(|answer| answer.map(|yes| !yes))).map(|all| !all)
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::super::Owners;
    use super::*;
    use crate::resolve::{Exports, Resolver};
    use crate::rules::{Catalogue, Context};
    use crate::source::{Arena, FileId, Source, Sources};
    use crate::syntax;
    use crate::template::{Dialect, Reader, Schema};

    /// Whether a glance at a function with these properties finds that a rule of this check has nothing to say.
    fn fine(check: &str, properties: &str) -> bool {
        let card = format!(
            "name: glanced\ntitle: t\ncategory: exposure\nseverity: low\nwhy: w\nremedy: r\ncheck: {{on: AWS::Lambda::Function, statements: all, {check}}}\n"
        );
        let mut catalogue = Catalogue::builtin();
        catalogue.add([("glanced.yaml".into(), card)]).expect("the rule is a rule");
        let rule = catalogue.get("glanced").expect("it was added");
        // Statements are asked about in the properties of a function: a glance sees no more of them anyway.
        let text = format!(
            "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    DeletionPolicy: Retain\n    Properties: {{{properties}}}\n"
        );
        let arena = Arena::new();
        let sources = Sources::new(Arc::new(Source::new("t.yaml", text)));
        let document = syntax::parse(&arena, FileId(0), sources.get(FileId(0)).text());
        let (none, given, exports) = (BTreeMap::new(), BTreeMap::new(), Exports::new());
        let root = document.root().expect("the test's template parses");
        let template = Reader::new(&arena, &sources, Schema::Yaml11, &none).template(root, Dialect::CloudFormation);
        let resolver = Resolver::new(&template, &arena, &given, &exports);
        let parameters = BTreeMap::new();
        let context = Context::new(&template, &resolver, "2026-11-21", &parameters);
        let check = rule.logic().check.as_ref().expect("the rule has a check");
        let resource = template.resources.first().expect("the test's template has a resource");
        let judge = Judge {
            rule,
            check,
            context: &context,
            owners: Owners::default(),
            shared: Cell::new(0),
            compared: RefCell::default(),
        };
        judge.certainly_fine(&Subject::resource(resource, Under::always()))
    }

    /// What is written as it is deployed is found to be fine at a glance.
    #[test]
    fn what_is_written_is_seen() {
        for (bad, properties) in [
            ("{Timeout: absent}", "Timeout: 3"),
            ("{Timeout: present}", "Handler: a"),
            ("{Timeout: {above: 3}}", "Timeout: 3"),
            ("{Timeout: {above: 3}}", "Timeout: null"),
            ("{Timeout: {default: 3, above: 3}}", "Handler: a"),
            ("{Timeout: {default: 30, above: 3}}", "Timeout: 3"),
            ("{VpcConfig.SubnetIds: absent}", "VpcConfig: {SubnetIds: [a]}"),
            ("{VpcConfig.SubnetIds: present}", "VpcConfig: text"),
            ("{'Layers[]': {is: a}}", "Layers: [b, c]"),
            ("{'Layers[]': {is: a}}", "Handler: a"),
            ("{Layers: {some: {is: a}}}", "Layers: [b, [c, [d]]]"),
            ("{Layers: {some: {is: a}}}", "Layers: [[[[[[a]]]]]]"),
            ("{Layers: {some: present}}", "Layers: [null]"),
            ("{Layers: {not: {every: {is: a}}}}", "Layers: [a, a]"),
            ("{Layers: {every: {is: a}}}", "Layers: [a, b]"),
            ("{Layers: {every: {is: a}}}", "Handler: a"),
            ("{Layers: {length: {above: 2}}}", "Layers: [a, {b: c}]"),
            ("{Tags: {length: {above: 2}}}", "Tags: {a: b, c: d}"),
            ("{Tags: {length: {above: 2}}}", "Handler: a"),
            ("{Tags: {length: {above: 2}}}", "Tags: null"),
            ("{Tags: {some-key: {is: a}}}", "Tags: {b: a}"),
            ("{Handler: {not: {is: a}}}", "Handler: a"),
            ("{any: [{Handler: b}, {Timeout: 4}]}", "Handler: a, Timeout: 3"),
            ("{all: [{Handler: a}, {Timeout: 4}]}", "Handler: a, Timeout: 3"),
            ("{all: [{Handler: b}, {Timeout: 3}]}", "Handler: a, Timeout: !ImportValue x"),
            ("{$DeletionPolicy: absent}", "Handler: a"),
            ("{$UpdateReplacePolicy: present}", "Handler: a"),
            ("{type: AWS::S3::Bucket}", "Handler: a"),
            ("{not: {written: true}}", "Handler: a"),
            ("{owner: {Handler: b}}", "Handler: a"),
            ("{Handler: {plaintext: true}}", "Timeout: 3"),
            ("{Handler: {refers-to: AWS::S3::Bucket}}", "Timeout: 3"),
            ("{Policy: {wildcard-action: everything}}", "Policy: {Action: ['s3:GetObject', 's3:PutObject']}"),
            ("{Policy: {wildcard-action: everything}}", "Policy: {Action: 's3:GetObject'}"),
            ("{Policy: {wildcard-action: everything}}", "Policy: {Action: 's3:Get*'}"),
            ("{Policy: {any-resource: true}}", "Policy: {Resource: a}"),
            ("{Policy: {allows: ['s3:GetObject']}}", "Policy: {Action: ['s3:PutObject', 'iam:*']}"),
            ("{Policy: {allows: ['s3:GetObject']}}", "Policy: {Effect: Deny, Action: 's3:*'}"),
            ("{Policy: {allows-a: data}}", "Policy: {Action: 's3:PutObject'}"),
            ("{Policy: {principal: anyone}}", "Policy: {Principal: {Service: a, AWS: [b, '111122223333']}}"),
            ("{Policy: {principal: foreign}}", "Policy: {Principal: {Service: a}}"),
            ("{Policy: {principal: service}}", "Policy: {Principal: a}"),
            ("{Policy: {'aws:SourceIp': present}}", "Policy: {'aws:SourceArn': a}"),
            ("{Policy: {'aws:SourceIp': absent}}", "Policy: {'AWS:SOURCEIP': a}"),
            ("{template-has: AWS::S3::Bucket}", "Handler: a"),
            ("{referred-by: {type: AWS::S3::Bucket, at: BucketName}}", "Handler: a"),
            ("{not: {referred-by: {type: AWS::Lambda::Function, at: Handler}}}", "Handler: !Ref F"),
            // Functions all of whose values answer alike.
            ("{Handler: absent}", "Handler: !GetAtt F.Arn"),
            ("{Handler: present}", "Handler: !Ref AWS::NoValue"),
            ("{Handler: {starts-with: x}}", "Handler: !Sub 'a-${AWS::Region}'"),
            ("{Handler: {matches: '^x'}}", "Handler: !If [C, a, b]"),
            ("{Handler: {refers-to: AWS::S3::Bucket}}", "Handler: !GetAtt F.Arn"),
            (
                "{Handler: {refers-to: {type: AWS::Lambda::Function, where: {Timeout: 4}}}}",
                "Handler: !Ref F, Timeout: 3",
            ),
            ("{VpcConfig.SubnetIds: absent}", "VpcConfig: !If [C, {SubnetIds: [a]}, {SubnetIds: [b]}]"),
            ("{'Layers[]': {is: a}}", "Layers: [b, !Ref AWS::NoValue, !If [C, c, [d, e]]]"),
        ] {
            assert!(fine(&format!("bad: {bad}"), properties), "{bad} {properties}");
        }
        assert!(fine("when: {Handler: b}, bad: {Timeout: 3}", "Handler: a, Timeout: 3"));
    }

    /// What is wrong, or computed, or may be added, or is about other resources, has to be looked at closely.
    #[test]
    fn what_is_open_is_not_judged() {
        for (bad, properties) in [
            ("{Timeout: {above: 3}}", "Timeout: 4"),
            ("{Timeout: {above: 3}}", "Timeout: !ImportValue x"),
            ("{Timeout: absent}", "Fn::Transform: {Name: AWS::Include}"),
            ("{VpcConfig.SubnetIds: absent}", "VpcConfig: !ImportValue x"),
            ("{VpcConfig.SubnetIds: present}", "VpcConfig: !Sub text"),
            ("{VpcConfig: {SubnetIds: present}}", "VpcConfig: !Sub text"),
            ("{'Layers[]': {is: a}}", "Layers: [b, !ImportValue x]"),
            ("{'Layers[]': {is: a}}", "Layers: [b, [a]]"),
            ("{Layers: {every: {is: a}}}", "Layers: []"),
            ("{Layers: {length: {above: 2}}}", "Layers: [a, !Ref AWS::NoValue]"),
            ("{Handler: {length: {above: 2}}}", "Handler: a"),
            ("{Handler: {plaintext: true}}", "Handler: a"),
            ("{Handler: {refers-to: AWS::S3::Bucket}}", "Handler: a"),
            ("{template-has: AWS::Lambda::Function}", "Handler: a"),
            ("{referred-by: {type: AWS::Lambda::Function, at: Handler}}", "Handler: !Ref F"),
            ("{not: {referred-by: {type: AWS::Lambda::Function, at: Handler}}}", "Handler: a"),
            ("{Policy: {allows: ['s3:GetObject']}}", "Policy: {Action: ['s3:Get*']}"),
            ("{Policy: {allows: ['s3:GetObject']}}", "Policy: {NotAction: 's3:Put*'}"),
            ("{Policy: {allows: ['s3:GetObject']}}", "Policy: {Effect: !ImportValue x, Action: 's3:GetObject'}"),
            ("{Policy: {allows: ['s3:GetObject']}}", "Policy: {Action: ['s3:PutObject', !ImportValue x]}"),
            ("{Policy: {allows-a: data}}", "Policy: {Action: 's3:Get*'}"),
            ("{Policy: {allows-a: data}}", "Policy: {Action: '*'}"),
            ("{Policy: {principal: anyone}}", "Policy: {Principal: {AWS: '*'}}"),
            ("{Policy: {principal: anyone}}", "Policy: {NotPrincipal: {AWS: a}}"),
            ("{Policy: {principal: service}}", "Policy: {Principal: '*', Condition: {}}"),
            ("{Policy: {principal: foreign}}", "Policy: {Principal: {AWS: '111122223333'}}"),
            ("{Policy: {wildcard-action: everything}}", "Policy: {Action: '*'}"),
            ("{Policy: {wildcard-action: partial}}", "Policy: {Action: ['s3:GetObject', 's3:P?tObject']}"),
            ("{Policy: {wildcard-action: everything}}", "Policy: {Action: !ImportValue x}"),
            ("{Policy: {wildcard-action: everything}}", "Policy: {Action: '{{resolve:ssm:actions}}'}"),
            ("{Policy: {any-resource: true}}", "Policy: {Resource: '*'}"),
            ("{Policy: {any-resource: true}}", "Policy: {NotResource: a, Resource: a}"),
            ("{Policy: {'aws:SourceIp': present}}", "Policy: {'AWS:SOURCEIP': a}"),
            ("{Handler: {is: a}}", "Handler: !If [C, a, b]"),
            ("{Handler: present}", "Handler: !If [C, a, !Ref AWS::NoValue]"),
            (
                "{Handler: {refers-to: {type: AWS::Lambda::Function, where: {Timeout: 3}}}}",
                "Handler: !Ref F, Timeout: 3",
            ),
            ("{VpcConfig.SubnetIds: absent}", "VpcConfig: !If [C, {SubnetIds: [a]}, {}]"),
            ("{'Layers[]': {is: a}}", "Layers: [!If [C, a, b]]"),
        ] {
            assert!(!fine(&format!("bad: {bad}"), properties), "{bad} {properties}");
        }
        assert!(!fine("when: {Handler: a}, bad: {Timeout: 3}", "Handler: a, Timeout: 3"));
    }
}
