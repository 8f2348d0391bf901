//! Definitions in files of their own: `sam package` and `aws cloudformation package` upload the files that a template
//! names by a path, and what is in them is deployed like what the template holds itself.
//! <https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html>

use std::collections::BTreeMap;

use super::Input;
use crate::source::{FileId, Span};
use crate::syntax;
use crate::template::{Build, Entry, Kind, Origin, Reader, Resource, Schema, Template, Value};

/// Which property names the file, which one holds what is in it otherwise, and whether that is a document.
const PLACES: &[(&str, &str, &str, bool)] = &[
    ("AWS::ApiGateway::RestApi", "BodyS3Location", "Body", true),
    ("AWS::ApiGatewayV2::Api", "BodyS3Location", "Body", true),
    ("AWS::AppSync::GraphQLSchema", "DefinitionS3Location", "Definition", false),
    ("AWS::StepFunctions::StateMachine", "DefinitionS3Location", "Definition", true),
];

/// How many files one template may name.
const MAX_FILES: usize = 100;

/// Reads the definitions that a template names, and puts them where they would stand in it.
pub(super) fn read<'a>(template: &mut Template<'a>, input: &Input<'a, '_>) {
    let named = template.resources.iter_mut().filter_map(|resource| {
        let (_, from, to, document) = PLACES.iter().find(|(kind, ..)| *kind == resource.kind)?;
        let place = resource.property(from).filter(|_| resource.property(to).is_none())?.value;
        let path = place.as_text().filter(|path| !path.contains("://"))?;
        Some((resource, path, place.origin, *to, *document))
    });
    for (resource, path, at, to, document) in named.take(MAX_FILES) {
        let build = Build::new(input.arena);
        match definition(path, at, document, input) {
            Some(value) => add(resource, build, Entry { key: to, key_origin: at, value }),
            None => template.unread.push((at, build.str(&format!("`{path}` is not read")))),
        }
    }
}

fn definition<'a>(path: &str, at: Origin<'a>, document: bool, input: &Input<'a, '_>) -> Option<Value<'a>> {
    let (arena, sources) = (input.arena, input.sources);
    let source = input.loader.load(sources.get(at.span.file).path(), path).ok()?;
    let file = sources.add(source).filter(|file| *file != FileId(0))?;
    let text = sources.get(file).text();
    if !document {
        let end = u32::try_from(text.len()).ok()?;
        return Some(Value::new(Kind::Text(text), Origin::written(Span { file, start: 0, end })));
    }
    let parsed = syntax::parse(arena, file, text);
    let root = parsed.root().filter(|_| !parsed.broken())?;
    Some(Reader::new(arena, sources, Schema::Yaml11, &BTreeMap::new()).value(root))
}

fn add<'a>(resource: &mut Resource<'a>, build: Build<'a>, entry: Entry<'a>) {
    let written = resource.properties.as_map().map_or(&[][..], |map| map.entries);
    let entries = written.iter().copied().chain([entry]);
    resource.properties = build.entries(entries, resource.properties.origin);
}
