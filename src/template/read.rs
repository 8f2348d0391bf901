//! From the syntax tree to values: scalars typed, intrinsics recognised, loops unrolled, includes followed.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;
use std::ops::Range;
use std::slice;

use foldhash::{HashMap, HashMapExt};

use super::{Build, Dialect, Entry, Intrinsic, Kind, Map, Origin, Output, Parameter, Resource, Template, Value};
use crate::source::{Arena, FileId, Loader, Sources, Span};
use crate::syntax::{self, Data, Document, Inside, Node, Pair, Style, SubPart};

mod asserted;
mod scalar;
mod script;

pub use scalar::Schema;

/// How many entries loops may make in one template; CloudFormation itself allows 500 resources.
const MAX_LOOPED: usize = 5_000;

/// Why a value is not known that a macro makes, or an include.
const ELSEWHERE: &str = "an include or macro whose text is not in this folder";

/// Why something is unknown that could not be read.
const CUT_OFF: &str = "the text cannot be read from here on";

/// Why a value is not known that a loop gives.
const LOOPED: &str = "a loop over values that are not known before deployment";

/// How many bytes of text the entries that loops make may stand for; CloudFormation itself allows 1 MB.
const MAX_LOOPED_BYTES: usize = 4 << 20;

/// How many bytes may be walked to find the places of the pieces of `Fn::Sub` texts in one template.
const MAX_WALKED: usize = 1 << 25;

/// How deep includes may include.
const MAX_INCLUDES: usize = 8;

/// How many includes are followed in one template, and how many bytes they may bring in all: parts that
/// include parts ten times each would multiply.
const MAX_FOLLOWED: (usize, usize) = (1_000, 8 << 20);

/// Reads values from a syntax tree.
pub struct Reader<'a, 'l> {
    build: Build<'a>,
    sources: &'a Sources,
    schema: Schema,
    given: &'l BTreeMap<String, String>,
    loader: Option<&'l dyn Loader>,
    scripts: script::Scripts<'a, 'l>,
    /// Values of nodes that aliases point at, by address: an alias bomb is read once.
    shared: HashMap<usize, Value<'a>>,
    /// Variables of the loops we are in.
    /// Without a value, when it is not known what the loop runs over.
    loops: Vec<(&'a str, Option<&'a str>)>,
    looped: usize,
    looped_bytes: usize,
    /// The texts that are being included, outermost first.
    includes: Vec<FileId>,
    /// How many includes were followed, and how many bytes they brought.
    followed: (usize, usize),
    /// The texts that were included, as they were read.
    included: HashMap<FileId, Document<'a>>,
    /// How many bytes may still be walked to find the places of pieces of text.
    walk: usize,
    /// Inside `Conditions`, where `Condition: Name` is a reference.
    in_conditions: bool,
    parameters: Vec<Parameter<'a>>,
    mappings: Vec<Entry<'a>>,
    unknown_parts: Vec<(Origin<'a>, &'a str)>,
    unread: Vec<(Origin<'a>, &'a str)>,
}

impl<'a, 'l> Reader<'a, 'l> {
    /// A reader; `given` are the parameter values that the user gave.
    #[must_use]
    pub fn new(arena: &'a Arena, sources: &'a Sources, schema: Schema, given: &'l BTreeMap<String, String>) -> Self {
        Self {
            build: Build::new(arena),
            sources,
            schema,
            given,
            loader: None,
            scripts: script::Scripts::default(),
            shared: HashMap::new(),
            loops: Vec::new(),
            looped: 0,
            looped_bytes: 0,
            includes: Vec::new(),
            followed: (0, 0),
            included: HashMap::new(),
            walk: MAX_WALKED,
            in_conditions: false,
            parameters: Vec::new(),
            mappings: Vec::new(),
            unknown_parts: Vec::new(),
            unread: Vec::new(),
        }
    }

    /// The same reader, following `AWS::Include`.
    #[must_use]
    pub fn with_loader(mut self, loader: &'l dyn Loader) -> Self {
        self.loader = Some(loader);
        self
    }

    /// A whole template, sections and all.
    #[must_use]
    pub fn template(&mut self, root: &Node<'a>, dialect: Dialect) -> Template<'a> {
        let first = root.pairs().first().map_or(root.span, |p| p.key.span);
        let mut template = Template::new(dialect, first);
        // Parameters and mappings first: loops run over them.
        if let Some(section) = root.get("Parameters") {
            self.parameters = self.section(section).iter().map(|e| parameter(e)).collect();
        }
        if let Some(section) = root.get("Mappings") {
            self.mappings = self.section(section);
        }
        for pair in root.pairs() {
            match pair.name() {
                Some("Transform") => template.transforms = self.value(&pair.value).items(),
                Some("Description") => template.description = Some(self.value(&pair.value)),
                Some("Metadata") => template.metadata = Some(self.value(&pair.value)),
                Some("Mappings") => template.mappings.clone_from(&self.mappings),
                Some("Rules") => template.rules = self.conditional(&pair.value),
                Some("Conditions") => template.conditions = self.conditional(&pair.value),
                Some("Resources") => {
                    template.resources = self.section(&pair.value).iter().filter_map(|e| self.resource(e)).collect();
                }
                Some("Outputs") => template.outputs = self.section(&pair.value).iter().map(output).collect(),
                Some("Fn::Transform") => self.unknown(pair.key.span, "a macro may add to the template"),
                Some(_) | None => {}
            }
        }
        for transform in &template.transforms {
            match transform.as_text() {
                Some("AWS::LanguageExtensions" | "AWS::Serverless-2016-10-31") => {}
                // AWS's own transforms add nothing that we would miss, save for modules and macros.
                Some(name) if name.starts_with("AWS::SecretsManager-") || name.starts_with("AWS::CodeDeploy") => {}
                Some(_) | None => self.unknown_parts.push((transform.origin, "a macro may change the template")),
            }
        }
        template.parameters = std::mem::take(&mut self.parameters);
        asserted::narrow(self.build.arena, &template.rules, &mut template.parameters);
        template.unknown_parts = std::mem::take(&mut self.unknown_parts);
        template.unread = std::mem::take(&mut self.unread);
        template
    }

    /// One value.
    #[must_use]
    pub fn value(&mut self, node: &Node<'a>) -> Value<'a> {
        let origin = Origin::written(node.span);
        if let Some(tag) = node.tag {
            match tag.name {
                syntax::CUT => return self.cut(node),
                syntax::CODE => return self.code(node.span),
                syntax::PIECES => return self.pieces(node),
                syntax::FILLED => return self.build.unknown("the text around it fills it in", origin),
                syntax::IMPORT => return self.import(node),
                _ => {}
            }
            if let Some(name) = tag.name.strip_prefix('!').filter(|n| !n.is_empty() && !n.starts_with('!')) {
                return self.tagged(name, node, Origin::written(tag.span.to(node.span)));
            }
            if let (Data::Scalar(text, _), true) = (node.data, tag.name.ends_with(":str") || tag.name == "!") {
                return Value::new(Kind::Text(text), origin);
            }
        }
        match node.data {
            Data::Scalar(text, Style::Plain) => Value::new(self.schema.resolve(text), origin),
            Data::Scalar(text, _) => Value::new(Kind::Text(text), origin),
            Data::Sequence(items, _) => {
                let mut values = Vec::with_capacity(items.len());
                for item in items {
                    let value = self.value(item);
                    match self.spread_items(item, value) {
                        Some(more) => values.extend_from_slice(more),
                        None => values.push(value),
                    }
                }
                Value::new(Kind::List(self.build.arena.alloc_slice_copy(&values)), origin)
            }
            Data::Mapping(pairs, _) => self.mapping(pairs, origin),
            Data::Alias(target) => {
                let address = std::ptr::from_ref(target).addr();
                if let Some(value) = self.shared.get(&address).filter(|_| self.loops.is_empty()) {
                    return *value;
                }
                let value = self.value(target);
                self.shared.insert(address, value);
                value
            }
        }
    }

    /// What was found to be unknown so far; taken, for dialects that read values themselves.
    pub fn take_unknown_parts(&mut self) -> Vec<(Origin<'a>, &'a str)> {
        std::mem::take(&mut self.unknown_parts)
    }

    fn mapping(&mut self, pairs: &'a [Pair<'a>], origin: Origin<'a>) -> Value<'a> {
        if let [pair] = pairs
            && let Some(name) = pair.name()
        {
            let function = match name {
                "Ref" => Some("Ref"),
                "Condition" if self.in_conditions && pair.value.text().is_some() => Some("Condition"),
                _ => name.strip_prefix("Fn::").filter(|n| !n.starts_with("ForEach::")),
            };
            // An include brings the entries of a map; a lone macro call is a value.
            let include = name == "Fn::Transform" && includes(&pair.value);
            if let (Some(function), false) = (function, include) {
                return self.intrinsic(function, &pair.value, origin);
            }
        }
        let mut entries = Vec::with_capacity(pairs.len());
        self.entries(pairs, &mut entries);
        Value::new(Kind::Map(Map { entries: self.build.arena.alloc_slice_copy(&entries) }), origin)
    }

    /// A collection of which only the beginning could be read: whoever looks for something in it must know that there may be more.
    fn cut(&mut self, node: &Node<'a>) -> Value<'a> {
        let read = self.value(&Node { tag: None, ..*node });
        let kind = match read.kind {
            Kind::Map(map) => {
                let nobody_knows = self.build.unknown(CUT_OFF, read.origin);
                let rest = self.build.intrinsic(Intrinsic::Other("Fn::ForEach", nobody_knows), read.origin);
                let rest = Entry { key: "Fn::ForEach", key_origin: read.origin, value: rest };
                let all: Vec<_> = map.entries.iter().copied().chain([rest]).collect();
                Kind::Map(Map { entries: self.build.arena.alloc_slice_copy(&all) })
            }
            Kind::List(items) => {
                let rest = self.build.unknown(CUT_OFF, read.origin);
                let all: Vec<_> = items.iter().copied().chain([rest]).collect();
                Kind::List(self.build.arena.alloc_slice_copy(&all))
            }
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => {
                read.kind
            }
        };
        Value::new(kind, read.origin)
    }

    fn entries(&mut self, pairs: &'a [Pair<'a>], entries: &mut Vec<Entry<'a>>) {
        for pair in pairs {
            let Some(name) = pair.name() else { continue };
            let key_origin = Origin::written(pair.key.span);
            if pair.key.tag.is_some_and(|tag| tag.name == syntax::CODE) {
                self.spread(&pair.value, entries);
            } else if name == "<<" && matches!(pair.key.data, Data::Scalar(_, Style::Plain)) {
                self.merge(&pair.value, pairs, entries);
            } else if let Some(rest) = name.strip_prefix("Fn::ForEach::") {
                self.unroll(rest, &pair.value, key_origin, entries);
            } else if name == "Fn::Transform" {
                self.include(pair.key.span, &pair.value, entries);
            } else {
                let key = self.looped_text(name);
                let value = self.value(&pair.value);
                put(entries, Entry { key, key_origin, value });
            }
        }
    }

    /// `<<`: what is merged in yields to the map's own keys, and earlier merges to none.
    fn merge(&mut self, from: &Node<'a>, own: &[Pair<'a>], entries: &mut Vec<Entry<'a>>) {
        let sources: Vec<Node<'a>> = match from.target().data {
            Data::Sequence(items, _) => items.to_vec(),
            Data::Mapping(..) | Data::Scalar(..) | Data::Alias(_) => vec![*from],
        };
        for source in &sources {
            let Kind::Map(map) = self.value(source).kind else { continue };
            for entry in map.entries {
                let taken =
                    own.iter().any(|p| p.name() == Some(entry.key)) || entries.iter().any(|e| e.key == entry.key);
                if !taken {
                    entries.push(*entry);
                }
            }
        }
    }

    /// `Fn::ForEach::Name: [Variable, Collection, {Key: Value}]`.
    fn unroll(&mut self, name: &'a str, body: &Node<'a>, key: Origin<'a>, entries: &mut Vec<Entry<'a>>) {
        let [variable, collection, template] = body.items() else {
            self.unknown_parts.push((key, "a loop that is not written as AWS documents it"));
            return;
        };
        let (variable, items) = (variable.text(), self.collection(collection));
        let (Some(variable), Some(items)) = (variable, items) else {
            self.unknown_parts.push((key, LOOPED));
            // Whoever looks for a key in this map must know that there may be more.
            let open = self.build.intrinsic(Intrinsic::Other("Fn::ForEach", self.build.text(name, key)), key);
            entries.push(Entry { key: "Fn::ForEach", key_origin: key, value: open });
            // What does not depend on the variable is the same in every round.
            if let Some(variable) = variable.filter(|_| self.may_loop(template)) {
                self.round(variable, None, template, entries);
            }
            return;
        };
        for item in items {
            if !self.may_loop(template) {
                self.unknown_parts.push((key, "a loop that makes more entries than CloudFormation allows"));
                return;
            }
            self.round(variable, Some(item), template, entries);
        }
    }

    /// Counts a round of a loop; false when there were too many.
    fn may_loop(&mut self, template: &Node<'a>) -> bool {
        self.looped += template.pairs().len().max(1);
        self.looped_bytes += template.span.range().len();
        self.looped <= MAX_LOOPED && self.looped_bytes <= MAX_LOOPED_BYTES
    }

    fn round(&mut self, variable: &'a str, item: Option<&'a str>, template: &Node<'a>, entries: &mut Vec<Entry<'a>>) {
        self.loops.push((variable, item));
        self.entries(template.pairs(), entries);
        self.loops.pop();
    }

    /// The items a loop runs over, when they are known.
    fn collection(&mut self, node: &Node<'a>) -> Option<Vec<&'a str>> {
        let value = self.value(node);
        self.texts(value, 0)
    }

    fn texts(&self, value: Value<'a>, depth: usize) -> Option<Vec<&'a str>> {
        if depth > 4 {
            return None;
        }
        match value.kind {
            Kind::List(items) => {
                let mut all = Vec::new();
                for item in items {
                    match item.as_text() {
                        Some(text) => all.push(text),
                        None => all.extend(self.texts(*item, depth + 1)?),
                    }
                }
                Some(all)
            }
            Kind::Text(text) => Some(text.split(',').map(str::trim).filter(|t| !t.is_empty()).collect()),
            Kind::Intrinsic(Intrinsic::Ref(name)) => {
                let given = self.given.get(*name).map(|text| self.build.str(text));
                let parameter = self.parameters.iter().find(|p| p.name == *name)?;
                let text = given.or_else(|| parameter.default?.as_text())?;
                self.texts(Value::new(Kind::Text(text), value.origin), depth + 1)
            }
            Kind::Intrinsic(Intrinsic::FindInMap(map, first, second, default)) => {
                let key = |key: &Value<'a>| match self.texts(*key, depth + 1)?.as_slice() {
                    [only] => Some(*only),
                    _ => None,
                };
                let (map, first, second) = (key(map)?, key(first)?, key(second)?);
                let mapping = self.mappings.iter().find(|entry| entry.key == map);
                let found = mapping.and_then(|entry| entry.value.at(&[first, second]));
                self.texts(found.or(*default)?, depth + 1)
            }
            Kind::Intrinsic(_) | Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Map(_) | Kind::Unknown(_) => None,
        }
    }

    /// `Fn::Transform: {Name: AWS::Include, Parameters: {Location: …}}` beside other keys.
    fn include(&mut self, key: Span, made: &Node<'a>, entries: &mut Vec<Entry<'a>>) {
        for call in calls(made) {
            match included(call).and_then(|location| self.load(location, key)) {
                Some((file, root)) => {
                    self.includes.push(file);
                    self.entries(root.pairs(), entries);
                    self.includes.pop();
                }
                None => self.transformed(key, call, entries),
            }
        }
    }

    /// What a macro makes, or what stands in a text that we do not have.
    fn transformed(&mut self, key: Span, call: &Node<'a>, entries: &mut Vec<Entry<'a>>) {
        let key_origin = Origin::written(key);
        self.unknown(key, ELSEWHERE);
        let value = self.value(call);
        let call = Intrinsic::Transform(value, value);
        put(entries, Entry { key: "Fn::Transform", key_origin, value: self.build.intrinsic(call, key_origin) });
    }

    /// What a file that the template names holds, when all of it can be read; within the bounds of includes.
    pub fn document(&mut self, location: &str, from: Span) -> Option<Value<'a>> {
        let (file, root) = self.load(location, from)?;
        let whole = self.included.get(&file).is_some_and(|document| !document.broken());
        (whole && file != from.file).then(|| self.value(&root))
    }

    /// The text of a file that the template names, within the bounds of includes.
    pub fn text(&mut self, location: &str, from: Span) -> Option<Value<'a>> {
        let file = self.follow(location, from).filter(|file| *file != from.file)?;
        let text = self.sources.get(file).text();
        let end = u32::try_from(text.len()).ok()?;
        Some(Value::new(Kind::Text(text), Origin::written(Span { file, start: 0, end })))
    }

    fn load(&mut self, location: &str, from: Span) -> Option<(FileId, Node<'a>)> {
        let file = self.follow(location, from)?;
        let (arena, sources) = (self.build.arena, self.sources);
        let document =
            self.included.entry(file).or_insert_with(|| syntax::parse(arena, file, sources.get(file).text()));
        document.root().map(|root| (file, *root))
    }

    fn follow(&mut self, location: &str, from: Span) -> Option<FileId> {
        let (count, bytes) = self.followed;
        if location.contains("://") || self.includes.len() >= MAX_INCLUDES || count >= MAX_FOLLOWED.0 {
            return None;
        }
        let source = self.loader?.load(self.sources.get(from.file).path(), location).ok()?;
        self.followed = (count + 1, bytes + source.text().len());
        let file = self.sources.add(source)?;
        (self.followed.1 <= MAX_FOLLOWED.1 && !self.includes.contains(&file)).then_some(file)
    }

    fn unknown(&mut self, at: Span, why: &'static str) {
        self.unknown_parts.push((Origin::written(at), why));
    }

    /// The variables of the loops we are in, put into a text.
    fn looped_text(&self, text: &'a str) -> &'a str {
        if self.loops.is_empty() || !text.contains(['$', '&']) {
            return text;
        }
        let mut out = text.to_owned();
        for (name, value) in self.loops.iter().filter_map(|(name, value)| Some((name, (*value)?))) {
            out = out.replace(&format!("${{{name}}}"), value);
            // `&{Name}` drops what a logical id may not have.
            let plain: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
            out = out.replace(&format!("&{{{name}}}"), &plain);
        }
        self.build.str(&out)
    }

    fn tagged(&mut self, name: &'a str, node: &Node<'a>, origin: Origin<'a>) -> Value<'a> {
        let bare = Node { tag: None, ..*node };
        if name == "Transform" && includes(&bare) {
            let mut entries = Vec::new();
            self.include(origin.span, &bare, &mut entries);
            return Value::new(Kind::Map(Map { entries: self.build.arena.alloc_slice_copy(&entries) }), origin);
        }
        self.intrinsic(name, &bare, origin)
    }

    fn intrinsic(&mut self, name: &'a str, argument: &Node<'a>, origin: Origin<'a>) -> Value<'a> {
        match self.known_intrinsic(name, argument, origin) {
            Some(Kind::Intrinsic(intrinsic)) => Value::new(Kind::Intrinsic(intrinsic), origin),
            Some(kind) => Value::new(kind, origin),
            None => {
                let argument = self.value(argument);
                let full =
                    if name == "Ref" || name == "Condition" { name } else { self.build.str(&format!("Fn::{name}")) };
                self.build.intrinsic(Intrinsic::Other(full, argument), origin)
            }
        }
    }

    /// `None` for a function that we do not know, or that is not called as AWS documents it.
    fn known_intrinsic(&mut self, name: &'a str, argument: &Node<'a>, origin: Origin<'a>) -> Option<Kind<'a>> {
        let intrinsic = match name {
            "Ref" => {
                let name = self.name(argument)?;
                if let Some((_, value)) = self.loops.iter().rev().find(|(variable, _)| *variable == name) {
                    return Some(value.map_or(Kind::Unknown(LOOPED), Kind::Text));
                }
                Intrinsic::Ref(name)
            }
            "Condition" => Intrinsic::Condition(self.name(argument)?),
            "GetAtt" => self.get_att(argument)?,
            "Sub" => return self.sub(argument, origin),
            "Join" => self.two(argument).map(|(a, b)| Intrinsic::Join(a, b))?,
            "Split" => self.two(argument).map(|(a, b)| Intrinsic::Split(a, b))?,
            "Select" => self.two(argument).map(|(a, b)| Intrinsic::Select(a, b))?,
            "Equals" => self.two(argument).map(|(a, b)| Intrinsic::Equals(a, b))?,
            "If" => {
                let [condition, then, otherwise] = argument.items() else { return None };
                Intrinsic::If(self.name(condition)?, self.value(then), self.value(otherwise))
            }
            "FindInMap" => {
                let (map, first, second, default) = match argument.items() {
                    [map, first, second] => (map, first, second, None),
                    [map, first, second, default] => (map, first, second, default.get("DefaultValue")),
                    _ => return None,
                };
                let default = default.map(|d| self.value(d));
                Intrinsic::FindInMap(self.value(map), self.value(first), self.value(second), default)
            }
            "And" => Intrinsic::And(self.list(argument)),
            "Or" => Intrinsic::Or(self.list(argument)),
            "Not" => match self.list(argument) {
                [one] => Intrinsic::Not(*one),
                _ => return None,
            },
            "ImportValue" => Intrinsic::ImportValue(self.value(argument)),
            "GetStackOutput" => {
                let named = [argument.get("StackName")?, argument.get("OutputName")?];
                let where_else = ["Region", "RoleArn"].into_iter().filter_map(|key| argument.get(key));
                let texts: Option<Vec<_>> = named.into_iter().chain(where_else).map(Node::text).collect();
                let name = texts.map_or("", |texts| self.build.str(&texts.join(".")));
                Intrinsic::StackOutput(name, self.value(argument))
            }
            "Base64" => Intrinsic::Base64(self.value(argument)),
            "Cidr" => Intrinsic::Cidr(self.value(argument)),
            "GetAZs" => Intrinsic::GetAzs(self.value(argument)),
            "Length" => Intrinsic::Length(self.value(argument)),
            "ToJsonString" => Intrinsic::ToJsonString(self.value(argument)),
            "Transform" => {
                let name = argument.get("Name")?;
                let parameters = argument.get("Parameters").unwrap_or(name);
                self.unread.push((origin, ELSEWHERE));
                Intrinsic::Transform(self.value(name), self.value(parameters))
            }
            _ => return None,
        };
        Some(Kind::Intrinsic(self.build.arena.alloc(intrinsic)))
    }

    /// The name of a resource, parameter or condition; loops may compute it.
    fn name(&mut self, node: &Node<'a>) -> Option<&'a str> {
        match (node.text(), self.loops.is_empty()) {
            (Some(text), true) => Some(text),
            (Some(_) | None, _) => {
                let value = self.value(&Node { tag: node.tag, ..*node });
                match value.kind {
                    Kind::Intrinsic(Intrinsic::Sub { pieces, .. }) => {
                        let texts: Option<Vec<_>> = pieces.iter().map(Value::as_text).collect();
                        texts.map(|t| self.build.str(&t.concat()))
                    }
                    Kind::Text(text) => Some(self.looped_text(text)),
                    Kind::Number(_) | Kind::Bool(_) => value.as_text(),
                    Kind::Null | Kind::List(_) | Kind::Map(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => None,
                }
            }
        }
    }

    fn get_att(&mut self, argument: &Node<'a>) -> Option<Intrinsic<'a>> {
        if let Some(text) = argument.text() {
            let text = self.looped_text(text);
            let (id, attribute) = text.split_once('.')?;
            return Some(Intrinsic::GetAtt(id, Value::new(Kind::Text(attribute), Origin::written(argument.span))));
        }
        let [id, rest @ ..] = argument.items() else { return None };
        let id = self.name(id)?;
        let attribute = match rest {
            [one] => self.value(one),
            [first, .., last] => {
                let texts: Option<Vec<_>> = rest.iter().map(Node::text).collect();
                self.build.text(&texts?.join("."), Origin::written(first.span.to(last.span)))
            }
            [] => return None,
        };
        Some(Intrinsic::GetAtt(id, attribute))
    }

    fn sub(&mut self, argument: &Node<'a>, origin: Origin<'a>) -> Option<Kind<'a>> {
        let (text, variables) = match argument.items() {
            [text] => (text, Map::EMPTY),
            [text, variables] => (text, self.value(variables).as_map()?),
            _ => (argument, Map::EMPTY),
        };
        let template = self.looped_text(text.text()?);
        let open = self.loops.iter().filter(|(_, value)| value.is_none());
        if open.into_iter().any(|(name, _)| template.contains(&format!("${{{name}}}"))) {
            return Some(Kind::Unknown(LOOPED));
        }
        let whole = *text;
        let sources = self.sources;
        let left = Cell::new(self.walk);
        let inside = OnceCell::new();
        let walked = || {
            // Places are found by walking the text, which a loop may ask for often: past a bound the whole text is place enough.
            left.set(left.get().checked_sub(template.len())?);
            Inside::of(sources.get(whole.span.file).text(), &whole)
        };
        let place = |range: Range<usize>| inside.get_or_init(walked).as_ref().and_then(|inside| inside.place(range));
        let pieces = sub_pieces(self.build, template, variables, Origin::written(text.span).or(origin), &place);
        self.walk = left.get();
        Some(Kind::Intrinsic(self.build.arena.alloc(Intrinsic::Sub { template, variables, pieces })))
    }

    fn two(&mut self, argument: &Node<'a>) -> Option<(Value<'a>, Value<'a>)> {
        let [first, second] = argument.items() else { return None };
        Some((self.value(first), self.value(second)))
    }

    fn list(&mut self, argument: &Node<'a>) -> &'a [Value<'a>] {
        let values: Vec<_> = argument.items().iter().map(|item| self.value(item)).collect();
        self.build.arena.alloc_slice_copy(&values)
    }

    fn section(&mut self, node: &Node<'a>) -> Vec<Entry<'a>> {
        let mut entries = Vec::new();
        self.entries(node.pairs(), &mut entries);
        entries.retain(|e| e.key != "Fn::Transform" && e.key != "Fn::ForEach");
        entries
    }

    fn conditional(&mut self, node: &Node<'a>) -> Vec<Entry<'a>> {
        self.in_conditions = true;
        let entries = self.section(node);
        self.in_conditions = false;
        entries
    }

    fn resource(&self, entry: &Entry<'a>) -> Option<Resource<'a>> {
        let body = entry.value.as_map()?;
        let kind = body.get("Type")?;
        let attributes: Vec<_> =
            body.entries.iter().filter(|e| !matches!(e.key, "Type" | "Properties" | "Condition")).copied().collect();
        let properties = body.get("Properties").map(|e| e.value).filter(|v| !v.is_null());
        // A resource that could not be read to its end may have some all the same.
        let rest = body.get("Fn::ForEach").filter(|_| properties.is_none());
        let properties = properties.or_else(|| rest.map(|_| self.build.unknown(CUT_OFF, entry.key_origin)));
        Some(Resource {
            id: entry.key,
            written_id: entry.key,
            key: entry.key_origin,
            kind: kind.value.as_text()?,
            kind_origin: kind.value.origin,
            properties: properties.unwrap_or(Value::new(Kind::Map(Map::EMPTY), entry.key_origin)),
            condition: body.get("Condition").and_then(|c| Some((c.value.as_text()?, c.value.origin))),
            attributes: Map { entries: self.build.arena.alloc_slice_copy(&attributes) },
            made_by: None,
        })
    }
}

impl<'a> Origin<'a> {
    /// The more exact of two places of the same thing.
    fn or(self, whole: Self) -> Self {
        if self.span.start == self.span.end { whole } else { self }
    }
}

/// A later key replaces an earlier one, and takes its place in the order.
fn put<'a>(entries: &mut Vec<Entry<'a>>, entry: Entry<'a>) {
    // Long maps are rarely duplicated and the syntax room has said so already: look back only in short ones.
    let twin = if entries.len() < 64 { entries.iter_mut().find(|e| e.key == entry.key) } else { None };
    match twin {
        Some(old) => *old = entry,
        None => entries.push(entry),
    }
}

/// The calls of `Fn::Transform`: one, or several of which one comes after the other.
fn calls<'n, 'a>(value: &'n Node<'a>) -> &'n [Node<'a>] {
    if value.items().is_empty() { slice::from_ref(value) } else { value.items() }
}

/// Whether one of them includes a file that it names.
fn includes(value: &Node<'_>) -> bool {
    calls(value).iter().any(|call| included(call).is_some())
}

fn included<'a>(call: &Node<'a>) -> Option<&'a str> {
    if call.get("Name")?.text()? != "AWS::Include" {
        return None;
    }
    call.get("Parameters")?.get("Location")?.text()
}

fn parameter<'a>(entry: &Entry<'a>) -> Parameter<'a> {
    let body = entry.value;
    let field = |name: &str| body.get(name).map(|e| e.value);
    Parameter {
        name: entry.key,
        key: entry.key_origin,
        kind: field("Type").and_then(|v| v.as_text()).unwrap_or("String"),
        body,
        default: field("Default").filter(|v| !v.is_null()),
        allowed: field("AllowedValues").and_then(|v| v.as_list()).unwrap_or(&[]),
        no_echo: field("NoEcho").and_then(|v| v.as_bool()).unwrap_or(false),
    }
}

fn output<'a>(entry: &Entry<'a>) -> Output<'a> {
    let body = entry.value;
    Output {
        name: entry.key,
        key: entry.key_origin,
        value: body.get("Value").map_or(body, |e| e.value),
        export: body.get("Export").and_then(|e| e.value.get("Name")).map(|e| e.value),
        condition: body.get("Condition").and_then(|c| c.value.as_text()),
        body,
    }
}

/// The pieces of a `Fn::Sub` text; `place` maps a range of the text to bytes of the file.
pub(super) fn sub_pieces<'a>(
    build: Build<'a>,
    template: &'a str,
    variables: Map<'a>,
    origin: Origin<'a>,
    place: &dyn Fn(Range<usize>) -> Option<Span>,
) -> &'a [Value<'a>] {
    let piece = |(range, part)| {
        let spot = place(range).map_or(origin, |span| Origin { span, step: origin.step });
        match part {
            SubPart::Text(text) => Value::new(Kind::Text(text), spot),
            SubPart::Escaped(name) => build.text(&format!("${{{name}}}"), spot),
            SubPart::Name(name) => match (variables.get(name), name.split_once('.')) {
                (Some(entry), _) => entry.value,
                (None, Some((id, attribute))) => build.get_att(id, attribute, spot),
                (None, None) => build.reference(name, spot),
            },
        }
    };
    let pieces: Vec<Value<'a>> = syntax::sub_parts(template).map(piece).collect();
    build.arena.alloc_slice_copy(&pieces)
}
