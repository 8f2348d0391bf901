//! The cases of each of CloudFormation's functions.

use super::{
    BYTES_OF_A_STEP, Case, Cases, Given, Known, MAX_CASES, MAX_PIECES, MAX_TEXT, Piece, Resolver, Text, Under,
    attributes, one, stack,
};
use crate::template::{Intrinsic, Kind, Map, Origin, Value};

/// How deep expressions may nest: each takes two levels of the text, of which the parser allows 255.
const MAX_DEPTH: usize = 128;

/// What a key is called that a mapping does not have.
const OTHER: &str = "something else";

/// A mapping's value that is looked up in a mapping again, perhaps in itself, counts for as many levels.
const LOOKUP: usize = 16;

impl<'a> Resolver<'_, 'a> {
    pub(super) fn cases_at(&self, value: &Value<'a>, under: &Under, depth: usize) -> Cases<'a> {
        match value.kind {
            Kind::Text(_) | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Map(_) => {
                one(Known::Present(*value), under, value.origin)
            }
            Kind::Null => one(Known::Absent, under, value.origin),
            Kind::Unknown(why) => one(Known::Unknown(why), under, value.origin),
            Kind::Intrinsic(_) if depth > MAX_DEPTH => one(Known::Unknown("nested too deep"), under, value.origin),
            Kind::Intrinsic(_) if !self.step(1) => one(Known::Unknown("too much to compute"), under, value.origin),
            Kind::Intrinsic(intrinsic) => {
                let cases = self.intrinsic(value, intrinsic, under, depth + 1);
                self.bounded(cases, under, value.origin)
            }
        }
    }

    fn intrinsic(&self, value: &Value<'a>, intrinsic: &'a Intrinsic<'a>, under: &Under, depth: usize) -> Cases<'a> {
        let place = value.origin;
        let unknown = |why: &'static str| one(Known::Unknown(why), under, place);
        match intrinsic {
            Intrinsic::Ref(name) => self.reference(value, name, under),
            Intrinsic::GetAtt(id, attribute) => {
                let stack = self.outputs.and_then(|outputs| outputs.get(*id));
                let put_out = stack.and_then(|all| all.get(attribute.as_text()?.strip_prefix("Outputs.")?));
                let mut all = Cases::new();
                for may in put_out.into_iter().flatten() {
                    let known = may.text.as_deref().map_or(*value, |text| self.build.text(text, place));
                    let both = under.and(&may.under);
                    all.extend(both.into_iter().flat_map(|under| one(Known::Present(known), &under, place)));
                }
                if all.is_empty() { self.read_back(id, attribute, value, under, depth) } else { all }
            }
            Intrinsic::External(_) | Intrinsic::StackOutput(..) => one(Known::Present(*value), under, place),
            Intrinsic::If(condition, then, otherwise) => {
                let mut all = Cases::new();
                for (branch, truth) in [(then, true), (otherwise, false)] {
                    if let Some(under) = self.assume(under, condition, truth) {
                        all.extend(self.cases_at(branch, &under, depth));
                    }
                }
                all
            }
            Intrinsic::Sub { pieces, .. } => self.concat(pieces, None, under, place, depth),
            Intrinsic::Join(separator, items) => {
                // Only literal separators exist in practice; anything else is a hole.
                let Some(text) = separator.as_text() else { return unknown("joined with a computed separator") };
                let separator = (!text.is_empty()).then_some(*separator);
                let mut all = Cases::new();
                for case in self.cases_at(items, under, depth) {
                    match case.present().map(|v| (v, v.kind)) {
                        Some((_, Kind::List(list))) => {
                            all.extend(self.concat(list, separator, &case.under, place, depth));
                        }
                        Some(_) | None => {
                            all.extend(one(Known::Unknown("joins a list that is not known"), &case.under, place))
                        }
                    }
                }
                all
            }
            Intrinsic::Split(separator, text) => {
                let Some(separator) = separator.as_text().filter(|s| !s.is_empty()) else {
                    return unknown("split by a computed separator");
                };
                self.each(text, under, depth, |resolver, text| resolver.split(separator, text, place))
            }
            Intrinsic::Select(index, list) => {
                let Some(index) = self.only_number(index, under, depth) else {
                    return unknown("selected by a computed index");
                };
                if let Some(part) = stack::dashed(list, index) {
                    return one(Known::Present(self.build.reference(&part, place)), under, place);
                }
                let mut all = Cases::new();
                for case in self.cases_at(list, under, depth) {
                    match case.present().and_then(|v| v.as_list()).and_then(|l| l.get(index)) {
                        Some(item) => all.extend(self.cases_at(item, &case.under, depth)),
                        // Which one is not known, and that there is one is.
                        None if self.holds_ids(list) => all.extend(one(Known::Present(*value), &case.under, place)),
                        None => all.extend(one(
                            Known::Unknown("selected from a list that is not known"),
                            &case.under,
                            place,
                        )),
                    }
                }
                all
            }
            Intrinsic::FindInMap(map, first, second, default) => {
                self.find_in_map([map, first, second], default.as_ref(), under, place, depth)
            }
            Intrinsic::ImportValue(name) => {
                let mut all = Cases::new();
                for case in self.cases_at(name, under, depth) {
                    let exported =
                        case.present().and_then(|n| Text::of(&n).known()).and_then(|n| self.exports.get(n.as_ref()));
                    all.extend(match (exported, case.present()) {
                        (Some(text), _) => one(Known::Present(self.build.text(text, place)), &case.under, place),
                        (None, Some(name)) => {
                            let import = self.build.intrinsic(Intrinsic::ImportValue(name), place);
                            one(Known::Present(import), &case.under, place)
                        }
                        (None, None) => one(Known::Unknown("imports a name that is not known"), &case.under, place),
                    });
                }
                all
            }
            // The text before encoding is what a reader, and a leaked secret, sees.
            Intrinsic::Base64(inner) => self.cases_at(inner, under, depth),
            Intrinsic::Length(list) => self.each(list, under, depth, |resolver, list| {
                let items = list.as_list()?;
                // An item that may be absent changes the length.
                let plain = items.iter().all(|i| !matches!(i.kind, Kind::Intrinsic(_) | Kind::Unknown(_)));
                plain.then(|| resolver.build.number(i64::try_from(items.len()).unwrap_or(i64::MAX), place))
            }),
            Intrinsic::Cidr(_) => unknown("address ranges are computed at deployment"),
            Intrinsic::GetAzs(_) => unknown("zones are known at deployment"),
            // The document, however it is written down: whoever asks for text is told that it is none.
            Intrinsic::ToJsonString(inner) => self.cases_at(inner, under, depth),
            Intrinsic::Transform(..) => unknown("the result of a macro"),
            Intrinsic::Equals(..)
            | Intrinsic::And(_)
            | Intrinsic::Or(_)
            | Intrinsic::Not(_)
            | Intrinsic::Condition(_) => unknown("a condition used as a value"),
            Intrinsic::Other(..) => unknown("a function that we do not know"),
        }
    }

    /// The type of the parameter that a value refers to; of one that is looked up in Parameter Store that of what is kept there.
    #[must_use]
    pub fn parameter_type(&self, value: &Value<'a>) -> Option<&'a str> {
        let name = match value.as_intrinsic() {
            Some(Intrinsic::Ref(name)) => *name,
            // As `cases` has one without a known value.
            Some(Intrinsic::Other("Parameter", name)) => name.as_text()?,
            Some(_) | None => return None,
        };
        Some(self.template.parameter(name)?.kind.trim_start_matches("AWS::SSM::Parameter::Value<"))
    }

    /// Whether a list is a parameter's to which AWS takes nothing but ids of things that there are: `List<AWS::EC2::Subnet::Id>`.
    fn holds_ids(&self, list: &Value<'a>) -> bool {
        self.parameter_type(list).is_some_and(|kind| kind.starts_with("List<AWS::"))
    }

    /// `!GetAtt Vpc.CidrBlock` is the range that the network of the template was given, and `!GetAtt Parameter.Value` what is kept
    /// there, where that is known.
    fn read_back(&self, id: &str, attribute: &Value<'a>, value: &Value<'a>, under: &Under, depth: usize) -> Cases<'a> {
        let place = value.origin;
        let resource = self.resource(id);
        let what = match (resource.map_or("", |resource| resource.kind), attribute.as_text()) {
            ("AWS::EC2::VPC" | "AWS::EC2::Subnet", Some("CidrBlock")) => Some(("CidrBlock", "the network's range")),
            ("AWS::SSM::Parameter", Some("Value")) => Some(("Value", "what Parameter Store keeps")),
            _ => None,
        };
        let given = what.and_then(|(property, what)| Some((resource?.property(property)?, what)));
        let Some((given, what)) = given else { return one(Known::Present(*value), under, place) };
        let mut all = self.cases_at(&given.value, under, depth + LOOKUP);
        for case in &mut all {
            // What is computed at deployment, or comes from a pool, stays what it is.
            let text = case.present().and_then(|given| Text::of(&given).known());
            let origin = self.build.derived(place, what, Some(given.value.origin.span));
            case.value = Known::Present(text.map_or(*value, |text| self.build.text(&text, origin)));
            case.place = place;
        }
        all
    }

    fn reference(&self, value: &Value<'a>, name: &'a str, under: &Under) -> Cases<'a> {
        let place = value.origin;
        if name == "AWS::NoValue" {
            return one(Known::Absent, under, place);
        }
        if name == "AWS::NotificationARNs" {
            return one(Known::Unknown("known at deployment"), under, place);
        }
        let Some(parameter) = self.template.parameter(name) else {
            // A pseudo parameter, a resource, or nothing at all: it stays what it is.
            return one(Known::Present(*value), under, place);
        };
        let symbolic = || {
            let name = self.build.text(name, place);
            self.build.intrinsic(Intrinsic::Other("Parameter", name), place)
        };
        let case = |kind: Option<&'a str>, written: Option<Origin<'a>>, under: Under| {
            let at = written.unwrap_or(parameter.key);
            let what = if written.is_some() { "the parameter's value" } else { "the parameter" };
            let origin = self.build.derived(place, what, Some(at.span));
            let value = match kind {
                Some(text) => self.parameter_value(parameter.kind, text, origin),
                None => symbolic().with_origin(origin),
            };
            Case { value: Known::Present(value), under, place, parameter: Some(name) }
        };
        if let Some(given) = self.given.get(name) {
            let text = match given {
                Given::Text(text) => Some(self.build.str(text)),
                Given::Unknown => None,
            };
            return smallvec::smallvec![case(text, None, under.clone())];
        }
        let stored = parameter.kind.starts_with("AWS::SSM::Parameter::Value");
        if stored {
            return smallvec::smallvec![case(None, None, under.clone())];
        }
        let default = parameter.default.and_then(|d| Some((d.as_text()?, d.origin)));
        let allowed = || parameter.allowed.iter().filter_map(|v| Some((v.as_text()?, v.origin)));
        let written = |text: &str| {
            allowed().find(|(t, _)| *t == text).map(|(_, o)| o).or(default.filter(|d| d.0 == text).map(|d| d.1))
        };
        let Some(choices) = self.worlds.choices(name, under) else {
            // Not tracked: no condition looks at it.
            let mut all = Cases::new();
            if let Some((text, origin)) = default {
                all.push(case(Some(text), Some(origin), under.clone()));
            }
            let others = allowed().filter(|(t, _)| default.is_none_or(|d| d.0 != *t));
            // One more than is allowed says that they are too many.
            for (text, origin) in others.take(MAX_CASES + 1) {
                all.push(case(Some(text), Some(origin), under.said(format!("{name} is {text}"))));
            }
            if all.is_empty() {
                all.push(case(None, None, under.clone()));
            }
            return all;
        };
        let mut all = Cases::new();
        let unrestricted = parameter.allowed.is_empty();
        // Unrestricted with a default: what everybody deploys is the default, as long as it is possible.
        let only_default = unrestricted && choices.iter().any(|(choice, _)| choice.default);
        for (choice, under) in choices {
            match choice.text {
                Some(_) if only_default && !choice.default => {}
                None if only_default => {}
                Some(text) => all.push(case(Some(text), written(text), under)),
                None if unrestricted => all.push(case(None, None, under)),
                None => {
                    let choices = self.worlds.choices(name, &Under::always()).unwrap_or_default();
                    let explicit = |text: &str| choices.iter().any(|(choice, _)| choice.text == Some(text));
                    for (text, origin) in allowed().filter(|(t, _)| !explicit(t)) {
                        all.push(case(Some(text), Some(origin), under.said(format!("{name} is {text}"))));
                    }
                }
            }
        }
        if only_default {
            // The default needs no saying: it is what happens when nobody says anything.
            for only in &mut all {
                if under.is_always() {
                    only.under = under.clone();
                }
            }
        }
        all
    }

    /// A parameter's text as its type makes it: a list for list types.
    fn parameter_value(&self, kind: &str, text: &'a str, origin: Origin<'a>) -> Value<'a> {
        if kind == "CommaDelimitedList" || kind.starts_with("List<") {
            let items = text.split(',').map(str::trim).filter(|t| !t.is_empty());
            // Each use has a list of its own, which stays.
            if !self.step(items.clone().count() * size_of::<Value<'_>>() / BYTES_OF_A_STEP) {
                return self.build.unknown("too much to compute", origin);
            }
            return self.build.list(items.map(|t| Value::new(Kind::Text(t), origin)), origin);
        }
        Value::new(Kind::Text(text), origin)
    }

    /// Pieces put together, in every combination of their cases.
    fn concat(
        &self,
        pieces: &[Value<'a>],
        separator: Option<Value<'a>>,
        under: &Under,
        place: Origin<'a>,
        depth: usize,
    ) -> Cases<'a> {
        let whole = under;
        if pieces.len() > MAX_PIECES {
            return self.too_long(whole, place);
        }
        let beginning = Vec::with_capacity(pieces.len() * 2);
        let mut combinations: Vec<(Vec<Value<'a>>, Under, Option<&'a str>)> = vec![(beginning, under.clone(), None)];
        let mut longer = Vec::new();
        for piece in pieces {
            for (mut before, under, parameter) in combinations.drain(..) {
                let cases = self.cases_at(piece, &under, depth);
                let last = cases.len().saturating_sub(1);
                for (nth, case) in cases.into_iter().enumerate() {
                    // What came before goes on in each case; nearly always there is one.
                    let mut next = if nth == last { std::mem::take(&mut before) } else { before.clone() };
                    let item = match case.value {
                        Known::Present(value) => value,
                        // `Join` leaves out what is not there.
                        Known::Absent => {
                            self.step(next.len());
                            longer.push((next, case.under, parameter));
                            continue;
                        }
                        Known::Unknown(why) => self.build.unknown(why, case.place),
                    };
                    // A list inside a joined list is joined with it.
                    let items = match item.kind {
                        Kind::List(items) => items,
                        _ => std::slice::from_ref(&item),
                    };
                    let count = next.len() + items.len() * 2;
                    if count > MAX_PIECES * 2 || !self.step(count) {
                        return self.too_long(whole, place);
                    }
                    for item in items {
                        if let (Some(separator), false) = (separator, next.is_empty()) {
                            next.push(separator);
                        }
                        // A text of pieces inside a text: its pieces are ours.
                        match plain_join(item) {
                            Some(inner) if next.len() + inner.len() > MAX_PIECES => {
                                return self.too_long(whole, place);
                            }
                            Some(inner) => next.extend_from_slice(inner),
                            None => next.push(*item),
                        }
                    }
                    longer.push((next, case.under, case.parameter.or(parameter)));
                    if longer.len() > MAX_CASES {
                        return self.too_many(whole, place);
                    }
                }
            }
            std::mem::swap(&mut combinations, &mut longer);
        }
        let length = |items: &[Value<'a>]| items.iter().filter_map(Value::as_text).map(str::len).sum::<usize>();
        if combinations
            .iter()
            .any(|(items, ..)| length(items) > MAX_TEXT || !self.step(length(items) / BYTES_OF_A_STEP))
        {
            return self.too_long(whole, place);
        }
        combinations
            .into_iter()
            .map(|(items, under, parameter)| {
                let value = self.text_value(&items, place);
                Case { value: Known::Present(value), under, place, parameter }
            })
            .collect()
    }

    /// Pieces as one value: text when all characters are known, else a join of what there is.
    fn text_value(&self, items: &[Value<'a>], place: Origin<'a>) -> Value<'a> {
        let literal = |v: &Value<'a>| matches!(v.kind, Kind::Text(_) | Kind::Number(_) | Kind::Bool(_));
        match items {
            [] => Value::new(Kind::Text(""), place),
            [only] if literal(only) || matches!(only.kind, Kind::Intrinsic(_)) => only.with_origin(place),
            items if items.iter().all(literal) => {
                let text: String = items.iter().filter_map(Value::as_text).collect();
                self.build.text(&text, place)
            }
            items => self.build.join("", self.merged(items, place), place),
        }
    }

    /// The same pieces with neighbours whose characters are known as one: what a text ends in may begin in another.
    fn merged(&self, items: &[Value<'a>], place: Origin<'a>) -> Vec<Value<'a>> {
        let mut all = Vec::with_capacity(items.len());
        let known = |v: &Value<'a>| matches!(v.kind, Kind::Text(_) | Kind::Number(_) | Kind::Bool(_));
        for run in items.chunk_by(|one, next| known(one) && known(next)) {
            match run {
                [one] => all.push(*one),
                several => {
                    let text: String = several.iter().filter_map(Value::as_text).collect();
                    all.push(self.build.text(&text, place));
                }
            }
        }
        all
    }

    fn split(&self, separator: &str, text: &Value<'a>, place: Origin<'a>) -> Option<Value<'a>> {
        let mut parts: Vec<Vec<Value<'a>>> = vec![Vec::new()];
        let mut pieces = joined(text);
        if pieces.iter().any(stack::is_id) {
            // Regions and stacks have dashes in their names, as many as they like.
            if separator.contains('-') {
                return None;
            }
            pieces = stack::taken_apart(pieces, &self.build, place);
        }
        let apart = |piece: Value<'a>| {
            let pieces = attributes::asked_in(&piece).and_then(|(id, attribute)| {
                attributes::taken_apart(self.resource(id)?, attribute, separator, &self.build, place)
            });
            pieces.unwrap_or_else(|| vec![piece])
        };
        for piece in pieces.into_iter().flat_map(apart) {
            // Dynamic references are looked up when all functions are done.
            let raw = match piece.kind {
                Kind::Text(literal) => Text { pieces: std::iter::once(Piece::Literal(literal)).collect() },
                _ => Text::of(&piece),
            };
            match raw.pieces.as_slice() {
                [Piece::Literal(literal)] => {
                    for (at, part) in literal.split(separator).enumerate() {
                        if at > 0 {
                            parts.push(Vec::new());
                        }
                        if !part.is_empty() {
                            parts.last_mut()?.push(self.build.text(part, place));
                        }
                    }
                }
                // A hole may hold the separator: how many parts there are is not known, but the usual
                // reading (an ARN's attribute, an endpoint's host) is one part.
                _ => parts.last_mut()?.push(piece),
            }
            if parts.len() > 1000 {
                return None;
            }
        }
        let whole = parts.len() == 1 && !matches!(text.kind, Kind::Text(_));
        let items: Vec<_> = parts.iter().map(|part| self.text_value(part, place)).collect();
        // A single hole split by something: nothing is known of the parts.
        (!whole).then(|| self.build.list(items, place))
    }

    fn find_in_map(
        &self,
        keys: [&Value<'a>; 3],
        default: Option<&Value<'a>>,
        under: &Under,
        place: Origin<'a>,
        depth: usize,
    ) -> Cases<'a> {
        let mut all = Cases::new();
        for map in self.cases_at(keys[0], under, depth) {
            let name = map.present().and_then(|v| v.as_text());
            let mapping = name.and_then(|name| self.template.mappings.iter().find(|m| m.key == name));
            let Some(mapping) = mapping else {
                all.extend(one(Known::Unknown("a mapping that is not known"), &map.under, place));
                continue;
            };
            for (middle, under) in self.select(&mapping.value, keys[1], default.is_some(), &map.under, depth) {
                let Some(middle) = middle else {
                    all.extend(self.fallback(default, &under, place, depth));
                    continue;
                };
                for (found, under) in self.select(&middle, keys[2], default.is_some(), &under, depth) {
                    match found {
                        Some(found) => {
                            let origin = self.build.derived(place, "found in the mapping", Some(found.origin.span));
                            let mut cases = self.cases_at(&found.with_origin(origin), &under, depth + LOOKUP);
                            cases.iter_mut().for_each(|case| case.place = place);
                            all.extend(cases);
                        }
                        None => all.extend(self.fallback(default, &under, place, depth)),
                    }
                    if all.len() > MAX_CASES {
                        return all;
                    }
                }
            }
        }
        all
    }

    fn fallback(&self, default: Option<&Value<'a>>, under: &Under, place: Origin<'a>, depth: usize) -> Cases<'a> {
        match default {
            Some(default) => self.cases_at(default, under, depth),
            None => one(Known::Unknown("the mapping has no such key"), under, place),
        }
    }

    /// The entries of a map that a key may choose: one when it is known, else every one, and none of them where there
    /// is a `default` for that.
    fn select(
        &self,
        map: &Value<'a>,
        key: &Value<'a>,
        default: bool,
        under: &Under,
        depth: usize,
    ) -> Vec<(Option<Value<'a>>, Under)> {
        let entries = map.as_map().unwrap_or(Map::EMPTY).entries;
        let mut chosen = Vec::new();
        for case in self.cases_at(key, under, depth) {
            let known = case.present().and_then(|k| Text::of(&k).known());
            if let Some(name) = known {
                chosen.push((map.get(&name).map(|e| e.value), case.under));
                continue;
            }
            let name = match case.present().map(|k| k.kind) {
                Some(Kind::Intrinsic(Intrinsic::Ref(name))) => Some(*name),
                Some(Kind::Intrinsic(Intrinsic::Other("Parameter", name))) => name.as_text(),
                _ => None,
            };
            let said = |what: &str| name.map(|name| format!("{name} is {what}"));
            let other = default.then_some((None, OTHER));
            let choices = || entries.iter().take(MAX_CASES).map(|e| (Some(e.value), e.key)).chain(other);
            // Chosen once, it is the same wherever it is asked for again.
            let before = choices().find(|(_, what)| said(what).is_some_and(|said| case.under.says(&said)));
            for (value, what) in before.into_iter().chain(choices().filter(|_| before.is_none())) {
                chosen.push((value, said(what).map_or_else(|| case.under.clone(), |said| case.under.said(said))));
            }
        }
        chosen
    }

    /// A function of a value, over each of its cases; `None` makes the case unknown.
    fn each(
        &self,
        value: &Value<'a>,
        under: &Under,
        depth: usize,
        make: impl Fn(&Self, &Value<'a>) -> Option<Value<'a>>,
    ) -> Cases<'a> {
        let mut all = Cases::new();
        for case in self.cases_at(value, under, depth) {
            let made = case.present().and_then(|v| make(self, &v));
            let value = made.map_or(Known::Unknown("computed from what is not known"), Known::Present);
            all.push(Case { value, ..case });
        }
        all
    }

    fn only_number(&self, value: &Value<'a>, under: &Under, depth: usize) -> Option<usize> {
        let cases = self.cases_at(value, under, depth);
        match cases.as_slice() {
            [only] => only.present()?.as_text()?.parse().ok(),
            _ => None,
        }
    }
}

/// The pieces of a text that is put together without anything between them.
fn plain_join<'a>(value: &Value<'a>) -> Option<&'a [Value<'a>]> {
    match value.kind {
        Kind::Intrinsic(Intrinsic::Join(separator, items)) if separator.as_text() == Some("") => items.as_list(),
        _ => None,
    }
}

/// The pieces of a joined text.
fn joined<'a>(value: &Value<'a>) -> Vec<Value<'a>> {
    match value.kind {
        Kind::Intrinsic(Intrinsic::Join(_, items)) => items.as_list().unwrap_or(&[]).to_vec(),
        _ => vec![*value],
    }
}
