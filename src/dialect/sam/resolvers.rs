//! Data sources, functions and resolvers of a GraphQL API, and the roles with which it reads its data.

use super::connector::{End, connect};
use super::expansion::Expansion;
use super::graphql::{entries, service_role};
use super::make::Make;
use super::read::{field, text};
use crate::template::{Entry, Kind, Map, Resource, Value};

/// Makes what the API's answers come from; `id` is the API's id.
pub(super) fn expand<'a>(x: &mut Expansion<'a>, make: Make<'a>, api: &Resource<'a>, id: Value<'a>) {
    let sources = field(api.properties, "DataSources");
    let mut names: Vec<(&'a str, &'a str)> = Vec::new();
    for (key, word) in [("DynamoDb", "DynamoDB"), ("Lambda", "Lambda")] {
        for entry in entries(sources.and_then(|s| field(s, key))) {
            let source = x.id(&[api.id, entry.key, word, "DataSource"]);
            names.push((entry.key, source));
            data_source(x, make.because(entry.key_origin), api, id, (entry, source), word == "Lambda");
        }
    }
    let functions = functions(x, make, api, id, &names);
    for kind in entries(field(api.properties, "Resolvers")) {
        for entry in entries(Some(kind.value)) {
            resolver(x, make.because(entry.key_origin), api, id, (kind.key, entry), &functions);
        }
    }
}

fn data_source<'a>(
    x: &mut Expansion<'a>,
    make: Make<'a>,
    api: &Resource<'a>,
    id: Value<'a>,
    (entry, source): (&Entry<'a>, &'a str),
    lambda: bool,
) {
    let given = |key: &str| field(entry.value, key);
    let at = entry.key_origin;
    let role_id = x.id(&[source, "Role"]);
    let own = given("ServiceRoleArn");
    let region = given("Region").unwrap_or_else(|| make.reference("AWS::Region"));
    let config = if lambda {
        ("LambdaConfig", make.some(&[("LambdaFunctionArn", given("FunctionArn"))]))
    } else {
        let config = make.some(&[
            ("AwsRegion", Some(region)),
            ("TableName", given("TableName")),
            ("UseCallerCredentials", given("UseCallerCredentials")),
            ("Versioned", given("Versioned")),
            ("DeltaSyncConfig", given("DeltaSync")),
        ]);
        ("DynamoDBConfig", config)
    };
    let properties = make.some(&[
        ("ApiId", Some(id)),
        ("Name", given("Name").or_else(|| Some(make.text(entry.key)))),
        ("Type", Some(make.text(if lambda { "AWS_LAMBDA" } else { "AMAZON_DYNAMODB" }))),
        ("Description", given("Description")),
        (config.0, Some(config.1)),
        ("ServiceRoleArn", own.or_else(|| Some(make.att(role_id, "Arn")))),
    ]);
    x.emit(api, source, "AWS::AppSync::DataSource", "this data source", at, properties);
    if own.is_some() {
        return;
    }
    service_role(x, api, role_id, at, &[]);
    let from = End {
        kind: "AWS::AppSync::DataSource",
        arn: Some(make.reference(source)),
        role: Some(make.reference(role_id)),
        ..End::default()
    };
    let (kind, arn, word) = if lambda {
        ("AWS::Lambda::Function", given("FunctionArn"), "ToLambdaConnector")
    } else {
        let named = |table: Value<'a>| {
            make.sub_with(
                "arn:${AWS::Partition}:dynamodb:${__Region__}:${AWS::AccountId}:table/${__TableName__}",
                &[("__TableName__", table), ("__Region__", region)],
            )
        };
        let arn = given("TableArn").or_else(|| given("TableName").map(named));
        ("AWS::DynamoDB::Table", arn, "ToTableConnector")
    };
    let to = End { kind, arn, ..End::default() };
    let access = match given("Permissions").filter(|_| !lambda) {
        Some(written) => written.items(),
        None if lambda => vec![make.text("Write")],
        None => vec![make.text("Read"), make.text("Write")],
    };
    let plain = Resource { attributes: Map::EMPTY, condition: None, ..*api };
    connect(x, &plain, &format!("{source}{word}"), "", at, (&from, &to), &access);
}

/// The functions by their names here, each with the id that resolvers use.
fn functions<'a>(
    x: &mut Expansion<'a>,
    make: Make<'a>,
    api: &Resource<'a>,
    id: Value<'a>,
    names: &[(&'a str, &'a str)],
) -> Vec<(&'a str, Value<'a>)> {
    let mut all = Vec::new();
    for entry in entries(field(api.properties, "Functions")) {
        let make = make.because(entry.key_origin);
        let given = |key: &str| field(entry.value, key);
        if let Some(existing) = given("Id") {
            all.push((entry.key, existing));
            continue;
        }
        let source = given("DataSource").map(|written| match written.kind {
            Kind::Text(name) if name.eq_ignore_ascii_case("none") => make.att(nothing(x, make, api, id), "Name"),
            Kind::Text(name) => match names.iter().find(|(known, _)| *known == name) {
                Some((_, source)) => make.because(written.origin).att(source, "Name"),
                None => written,
            },
            Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Intrinsic(_)
            | Kind::Unknown(_) => written,
        });
        let properties = make.some(&[
            ("ApiId", Some(id)),
            ("Name", given("Name").or_else(|| Some(make.text(entry.key)))),
            ("Code", given("InlineCode")),
            ("CodeS3Location", given("CodeUri")),
            ("DataSourceName", source),
            ("MaxBatchSize", given("MaxBatchSize")),
            ("Description", given("Description")),
            ("Runtime", given("Runtime").map(|r| runtime(make, r))),
            ("SyncConfig", given("Sync")),
        ]);
        let function = x.id(&[api.id, entry.key]);
        x.emit(api, function, "AWS::AppSync::FunctionConfiguration", "this function", entry.key_origin, properties);
        all.push((entry.key, make.att(function, "FunctionId")));
    }
    all
}

/// The data source of functions that need none.
fn nothing<'a>(x: &mut Expansion<'a>, make: Make<'a>, api: &Resource<'a>, id: Value<'a>) -> &'a str {
    let name = x.id(&[api.id, "NoneDataSource"]);
    let properties = make.map(&[("ApiId", id), ("Name", make.text(name)), ("Type", make.text("NONE"))]);
    x.emit(api, name, "AWS::AppSync::DataSource", "this data source", make.origin, properties);
    name
}

fn resolver<'a>(
    x: &mut Expansion<'a>,
    make: Make<'a>,
    api: &Resource<'a>,
    id: Value<'a>,
    (kind, entry): (&'a str, &Entry<'a>),
    functions: &[(&'a str, Value<'a>)],
) {
    let given = |key: &str| field(entry.value, key);
    let find = |name: &Value<'a>| {
        let known = functions.iter().find(|(known, _)| Some(*known) == name.as_text());
        known.map_or(*name, |(_, id)| *id)
    };
    let pipeline = given("Pipeline").map(|p| {
        let ids: Vec<_> = p.items().iter().map(find).collect();
        make.map(&[("Functions", make.because(p.origin).list(&ids))])
    });
    let standard = || make.map(&[("Name", make.text("APPSYNC_JS")), ("RuntimeVersion", make.text("1.0.0"))]);
    let properties = make.some(&[
        ("ApiId", Some(id)),
        ("FieldName", given("FieldName").or_else(|| Some(make.text(entry.key)))),
        ("TypeName", Some(make.text(kind))),
        ("Kind", pipeline.map(|_| make.text("PIPELINE"))),
        ("PipelineConfig", pipeline),
        ("Code", given("InlineCode")),
        ("CodeS3Location", given("CodeUri")),
        ("Runtime", given("Runtime").map(|r| runtime(make, r)).or_else(|| Some(standard()))),
        ("CachingConfig", given("Caching")),
        ("MaxBatchSize", given("MaxBatchSize")),
    ]);
    let resolver = x.id(&[api.id, kind, entry.key]);
    x.emit(api, resolver, "AWS::AppSync::Resolver", "this resolver", entry.key_origin, properties);
}

fn runtime<'a>(make: Make<'a>, written: Value<'a>) -> Value<'a> {
    if text(written, "Version").is_none() && written.as_map().is_none() {
        return written;
    }
    make.because(written.origin)
        .some(&[("Name", field(written, "Name")), ("RuntimeVersion", field(written, "Version"))])
}
