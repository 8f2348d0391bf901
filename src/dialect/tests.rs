//! Files beside a template: what they hold is part of it.

use std::sync::Arc;

use super::{Input, Options, detect, lower};
use crate::source::{Arena, FileId, LoadError, Loader, Source, Sources};
use crate::syntax;
use crate::template::{Dialect, Kind, Value};

struct Files;

impl Loader for Files {
    fn load(&self, _from: &str, target: &str) -> Result<Arc<Source>, LoadError> {
        let text = match target {
            "api.yaml" => "openapi: '3.0.1'\npaths: {/a: {get: {}}}\n",
            "api.graphql" => "type Query { a: Int }\n",
            "name.yaml" => "QueueName: a\n",
            "key.yaml" => "KmsMasterKeyId: b\n",
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

/// Several includes come one after the other.
#[test]
fn includes_follow_each_other() {
    let include = |file: &str| format!("{{Name: AWS::Include, Parameters: {{Location: {file}}}}}");
    let both = format!("{{'Fn::Transform': [{}, {}]}}", include("name.yaml"), include("key.yaml"));
    assert_eq!(read("AWS::SQS::Queue", &both, "QueueName"), (Some("a".to_owned()), 0));
    assert_eq!(read("AWS::SQS::Queue", &both, "KmsMasterKeyId"), (Some("b".to_owned()), 0));
    let beside = format!("{{VisibilityTimeout: 1, 'Fn::Transform': {}}}", include("key.yaml"));
    assert_eq!(read("AWS::SQS::Queue", &beside, "KmsMasterKeyId"), (Some("b".to_owned()), 0));
}

/// The short form includes what the long one does, and what nobody has the text of is told.
#[test]
fn includes_in_short() {
    let include = |file: &str| format!("!Transform {{Name: AWS::Include, Parameters: {{Location: {file}}}}}");
    assert_eq!(read("AWS::SQS::Queue", &include("name.yaml"), "QueueName"), (Some("a".to_owned()), 0));
    let api = format!("{{StageName: a, DefinitionBody: {}}}", include("api.yaml"));
    assert_eq!(read("AWS::Serverless::Api", &api, "Body"), (Some("openapipaths".to_owned()), 0));
    assert_eq!(read("AWS::SQS::Queue", "{QueueName: !Transform {Name: Mine}}", "QueueName").1, 1);
    assert_eq!(read("AWS::SQS::Queue", "{QueueName: {'Fn::Transform': {Name: Mine}}}", "QueueName").1, 1);
}

/// Where every resource is included, none says what the file is.
#[test]
fn resources_that_are_included() {
    let text = "Resources: {'Fn::Transform': {Name: AWS::Include, Parameters: {Location: all.yaml}}}\n";
    let arena = Arena::new();
    let document = syntax::parse(&arena, FileId(0), text);
    assert_eq!(document.root().and_then(detect), Some(Dialect::CloudFormation));
}

/// Where every resource comes out of a loop, the loop says what the file is, and a list in a list still names transforms.
#[test]
fn resources_that_come_out_of_loops() {
    let detected = |transform: &str| {
        let text = format!("Transform: {transform}\nResources: {{'Fn::ForEach::All': [N, [A], {{'${{N}}': {{}}}}]}}\n");
        let arena = Arena::new();
        let document = syntax::parse(&arena, FileId(0), arena.alloc_str(&text));
        document.root().and_then(detect)
    };
    assert_eq!(detected("AWS::LanguageExtensions"), Some(Dialect::CloudFormation));
    assert_eq!(detected("[[AWS::LanguageExtensions, Mine]]"), Some(Dialect::CloudFormation));
    assert_eq!(detected("[[AWS::LanguageExtensions, AWS::Serverless-2016-10-31]]"), Some(Dialect::Sam));
}

/// What is nearly a template is told what it lacks.
#[test]
fn pieces_are_named() {
    let said = |text: &str| {
        let arena = Arena::new();
        let document = syntax::parse(&arena, FileId(0), text);
        document.root().and_then(super::instead).unwrap_or_default()
    };
    assert!(
        said("Type: AWS::SQS::Queue\nProperties: {QueueName: a}\n")
            .starts_with("not a template but a lone `AWS::SQS::Queue`")
    );
    assert!(said("Queue: {Type: AWS::SQS::Queue}\n").starts_with("not a template but resources (`AWS::SQS::Queue`)"));
    assert!(said("service: a\nprovider: {name: google}\nfunctions: {}\n").contains("`google`"));
    assert_eq!(said("a: {Type: Theirs}\n"), "");
    assert_eq!(said("- Type: AWS::SQS::Queue\n"), "");
}
