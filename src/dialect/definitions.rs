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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::dialect::{Options, lower};
    use crate::source::{Arena, LoadError, Loader, Source, Sources};

    struct Files;

    impl Loader for Files {
        fn load(&self, _from: &str, target: &str) -> Result<Arc<Source>, LoadError> {
            let text = match target {
                "api.yaml" => "openapi: '3.0.1'\npaths: {/a: {get: {}}}\n",
                "api.graphql" => "type Query { a: Int }\n",
                "broken.yaml" => "paths: [\n",
                _ => return Err(LoadError::Missing(target.to_owned())),
            };
            Ok(Arc::new(Source::new(target, text)))
        }
    }

    /// What the one resource of a kind has under a key, as it was read; and how many files were not.
    fn read(kind: &str, properties: &str, key: &str) -> (Option<String>, usize) {
        let text = format!("Resources: {{R: {{Type: {kind}, Properties: {properties}}}}}\n");
        let (arena, options) = (Arena::new(), Options::default());
        let source = Arc::new(Source::new("template.yaml", text.as_str()));
        let sources = Sources::new(source.clone());
        let document = syntax::parse(&arena, FileId(0), source.text());
        let input = Input { arena: &arena, sources: &sources, loader: &Files, options: &options };
        let template = lower(&document, &input).expect("a template");
        let found = template.resources.iter().find_map(|resource| resource.property(key));
        let shown = |value: Value<'_>| match value.kind {
            Kind::Text(text) => text.to_owned(),
            _ => value.as_map().map_or_else(String::new, |map| map.entries.iter().map(|e| e.key).collect()),
        };
        (found.map(|entry| shown(entry.value)), template.unread.len())
    }

    /// What a file holds stands where it would in the template, in CloudFormation and in SAM.
    #[test]
    fn files_are_read() {
        let api = Some("openapipaths".to_owned());
        assert_eq!(read("AWS::ApiGateway::RestApi", "{BodyS3Location: api.yaml}", "Body"), (api.clone(), 0));
        assert_eq!(read("AWS::Serverless::Api", "{StageName: a, DefinitionUri: api.yaml}", "Body"), (api.clone(), 0));
        assert_eq!(read("AWS::Serverless::HttpApi", "{DefinitionUri: api.yaml}", "Body"), (api, 0));
        let schema = read("AWS::AppSync::GraphQLSchema", "{DefinitionS3Location: api.graphql}", "Definition");
        assert_eq!(schema, (Some("type Query { a: Int }\n".to_owned()), 0));
    }

    /// What cannot be read is said; what lies in a bucket already is no file.
    #[test]
    fn files_are_missed() {
        let rest = |place: &str| read("AWS::ApiGateway::RestApi", &format!("{{BodyS3Location: {place}}}"), "Body");
        assert_eq!(rest("nowhere.yaml"), (None, 1));
        assert_eq!(rest("broken.yaml"), (None, 1));
        assert_eq!(rest("s3://bucket/api.yaml"), (None, 0));
        assert_eq!(rest("{Bucket: b, Key: k}"), (None, 0));
        let body = read("AWS::ApiGateway::RestApi", "{BodyS3Location: api.yaml, Body: {a: b}}", "Body");
        assert_eq!(body, (Some("a".to_owned()), 0));
    }
}
