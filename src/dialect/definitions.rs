//! Definitions in files of their own: `sam package` and `aws cloudformation package` upload the files that a template
//! names by a path, and what is in them is deployed like what the template holds itself.
//! <https://docs.aws.amazon.com/cli/latest/reference/cloudformation/package.html>

use std::collections::BTreeMap;

use super::Input;
use crate::template::{Build, Entry, Reader, Resource, Schema, Template};

/// Which property names the file, which one holds what is in it otherwise, and whether that is a document.
const PLACES: &[(&str, &str, &str, bool)] = &[
    ("AWS::ApiGateway::RestApi", "BodyS3Location", "Body", true),
    ("AWS::ApiGatewayV2::Api", "BodyS3Location", "Body", true),
    ("AWS::AppSync::GraphQLSchema", "DefinitionS3Location", "Definition", false),
    ("AWS::StepFunctions::StateMachine", "DefinitionS3Location", "Definition", true),
];

/// Reads the definitions that a template names, and puts them where they would stand in it.
pub(super) fn read<'a>(template: &mut Template<'a>, input: &Input<'a, '_>) {
    let build = Build::new(input.arena);
    let given = BTreeMap::new();
    let mut reader = Reader::new(input.arena, input.sources, Schema::Yaml11, &given).with_loader(input.loader);
    for resource in &mut template.resources {
        let Some((_, from, to, document)) = PLACES.iter().find(|(kind, ..)| *kind == resource.kind) else { continue };
        let named = resource.property(from).filter(|_| resource.property(to).is_none()).map(|named| named.value);
        let named = named.and_then(|named| Some((named.as_text()?, named.origin)));
        let Some((path, at)) = named.filter(|(path, _)| !path.contains("://")) else { continue };
        let found = if *document { reader.document(path, at.span) } else { reader.text(path, at.span) };
        match found {
            Some(value) => add(resource, build, Entry { key: to, key_origin: at, value }),
            None => template.unread.push((at, build.str(&format!("`{path}` is not read")))),
        }
    }
}

fn add<'a>(resource: &mut Resource<'a>, build: Build<'a>, entry: Entry<'a>) {
    let written = resource.properties.entries();
    let entries = written.iter().copied().chain([entry]);
    resource.properties = build.entries(entries, resource.properties.origin);
}
