//! `AWS::Serverless::GraphQLApi`: the API, who may call it, its log, keys, cache and domain; its data sources,
//! functions and resolvers come from their own file.

use super::connector::{End, connect};
use super::expansion::Expansion;
use super::make::Make;
use super::read::{field, text};
use super::resolvers;
use crate::template::{Entry, Resource, Value};

/// Expands a GraphQL API.
pub(super) fn expand<'a>(x: &mut Expansion<'a>, api: &Resource<'a>) {
    let make = x.cause(api, "this API", api.key);
    let given = |key: &str| field(api.properties, key);
    let (log, role) = log(x, make, api);
    let auth = given("Auth");
    let mut functions = Vec::new();
    let mut properties = vec![
        ("Name", given("Name").or_else(|| Some(make.text(api.id)))),
        ("Visibility", given("Visibility")),
        ("OwnerContact", given("OwnerContact")),
        ("XrayEnabled", given("XrayEnabled")),
        ("IntrospectionConfig", given("IntrospectionConfig")),
        ("QueryDepthLimit", given("QueryDepthLimit")),
        ("ResolverCountLimit", given("ResolverCountLimit")),
        ("LogConfig", log),
        ("Tags", Some(make.pairs(given("Tags"), Some(("graphqlapi:createdBy", "SAM"))))),
    ];
    if let Some(auth) = auth {
        properties.push(("AuthenticationType", field(auth, "Type")));
        properties.extend(authorizer(auth, &mut functions).map(|(key, value)| (key, Some(value))));
        let additional: Vec<_> = field(auth, "Additional").map_or_else(Vec::new, |a| a.items());
        let providers: Vec<_> = additional.iter().map(|one| provider(make, *one, &mut functions)).collect();
        if !providers.is_empty() {
            let at = field(auth, "Additional").map_or(make, |a| make.because(a.origin));
            properties.push(("AdditionalAuthenticationProviders", Some(at.list(&providers))));
        }
    }
    x.become_kind(api, "AWS::AppSync::GraphQLApi", make.some(&properties));
    if let Some(id) = role {
        service_role(x, api, id, api.key, &["service-role/AWSAppSyncPushToCloudWatchLogs"]);
    }
    let id = make.att(api.id, "ApiId");
    permissions(x, make, api, id, &functions);
    let schema = make.some(&[
        ("ApiId", Some(id)),
        ("Definition", given("SchemaInline")),
        ("DefinitionS3Location", given("SchemaUri")),
    ]);
    x.emit(api, x.id(&[api.id, "Schema"]), "AWS::AppSync::GraphQLSchema", "this schema", api.key, schema);
    for entry in entries(given("ApiKeys")) {
        let make = make.because(entry.key_origin);
        let key = make.some(&[
            ("ApiId", Some(id)),
            ("ApiKeyId", field(entry.value, "ApiKeyId")),
            ("Description", field(entry.value, "Description")),
            ("Expires", field(entry.value, "ExpiresOn")),
        ]);
        x.emit(api, x.id(&[api.id, entry.key]), "AWS::AppSync::ApiKey", "this API key", entry.key_origin, key);
    }
    if let Some(cache) = given("Cache") {
        let fields = entries(Some(cache)).iter().copied().chain([make.because(cache.origin).entry("ApiId", id)]);
        let cache_at = cache.origin;
        let cache = make.build.entries(fields.collect::<Vec<_>>(), cache_at);
        x.emit(api, x.id(&[api.id, "ApiCache"]), "AWS::AppSync::ApiCache", "this cache", cache_at, cache);
    }
    if let Some(domain) = given("DomainName") {
        let name = x.id(&[api.id, "DomainName"]);
        x.emit(api, name, "AWS::AppSync::DomainName", "this domain name", domain.origin, domain);
        let make = make.because(domain.origin);
        let tie = make.map(&[("ApiId", id), ("DomainName", make.reference(name))]);
        let association = x.id(&[api.id, "DomainNameApiAssociation"]);
        x.emit(api, association, "AWS::AppSync::DomainNameApiAssociation", "this mapping", domain.origin, tie);
    }
    resolvers::expand(x, make, api, id);
}

/// `LogConfig` and the role that SAM makes for it: everything is logged unless the template says otherwise.
fn log<'a>(x: &Expansion<'a>, make: Make<'a>, api: &Resource<'a>) -> (Option<Value<'a>>, Option<&'a str>) {
    let written = field(api.properties, "Logging");
    if written.is_some_and(|w| w.as_bool() == Some(false)) {
        return (None, None);
    }
    let make = written.map_or(make, |w| make.because(w.origin));
    let from = |key: &str| written.and_then(|w| field(w, key));
    let id = x.id(&[api.id, "CloudWatchRole"]);
    let role = from("CloudWatchLogsRoleArn");
    let config = make.some(&[
        ("ExcludeVerboseContent", from("ExcludeVerboseContent")),
        ("FieldLogLevel", from("FieldLogLevel").or_else(|| Some(make.text("ALL")))),
        ("CloudWatchLogsRoleArn", role.or_else(|| Some(make.att(id, "Arn")))),
    ]);
    (Some(config), role.is_none().then_some(id))
}

/// The setting of an authorizer; functions that decide are noted.
fn authorizer<'a>(auth: Value<'a>, functions: &mut Vec<Value<'a>>) -> Option<(&'static str, Value<'a>)> {
    let (key, name) = match text(auth, "Type")? {
        "AWS_LAMBDA" => ("LambdaAuthorizer", "LambdaAuthorizerConfig"),
        "OPENID_CONNECT" => ("OpenIDConnect", "OpenIDConnectConfig"),
        "AMAZON_COGNITO_USER_POOLS" => ("UserPool", "UserPoolConfig"),
        _ => return None,
    };
    let setting = field(auth, key)?;
    functions.extend(field(setting, "AuthorizerUri").filter(|_| key == "LambdaAuthorizer"));
    Some((name, setting))
}

fn provider<'a>(make: Make<'a>, one: Value<'a>, functions: &mut Vec<Value<'a>>) -> Value<'a> {
    let make = make.because(one.origin);
    let mut entries = vec![("AuthenticationType", field(one, "Type"))];
    entries.extend(authorizer(one, functions).map(|(key, value)| {
        // What happens by default is a question only for the first.
        let kept = value.as_map().map(|m| m.entries.iter().filter(|e| e.key != "DefaultAction").copied());
        (key, Some(kept.map_or(value, |kept| make.build.entries(kept.collect::<Vec<_>>(), value.origin))))
    }));
    make.some(&entries)
}

/// Lets the API ask the functions that decide who may call it.
fn permissions<'a>(x: &mut Expansion<'a>, make: Make<'a>, api: &Resource<'a>, id: Value<'a>, functions: &[Value<'a>]) {
    let own = Resource { attributes: crate::template::Map::EMPTY, condition: None, ..*api };
    for (at, function) in functions.iter().enumerate() {
        let from = End {
            kind: "AWS::AppSync::GraphQLApi",
            arn: Some(make.reference(api.id)),
            resource: Some(id),
            ..End::default()
        };
        let to = End { kind: "AWS::Lambda::Function", arn: Some(*function), ..End::default() };
        let name = format!("{}ToLambdaAuthConnector{}", api.id, at + 1);
        let write = [make.because(function.origin).text("Write")];
        connect(x, &own, &name, "", function.origin, (&from, &to), &write);
    }
}

/// A role that AppSync takes.
pub(super) fn service_role<'a>(
    x: &mut Expansion<'a>,
    api: &Resource<'a>,
    id: &'a str,
    at: crate::template::Origin<'a>,
    managed: &[&str],
) {
    let make = x.cause(api, "this role", at);
    let managed: Vec<_> = managed.iter().map(|path| make.managed(path)).collect();
    let properties = make.some(&[
        ("AssumeRolePolicyDocument", Some(make.trust(make.texts(&["appsync.amazonaws.com"])))),
        ("ManagedPolicyArns", (!managed.is_empty()).then(|| make.list(&managed))),
    ]);
    x.emit(api, id, "AWS::IAM::Role", "this role", at, properties);
}

/// The entries of a map.
pub(super) fn entries(value: Option<Value<'_>>) -> &[Entry<'_>] {
    value.and_then(|v| v.as_map()).map_or(&[], |m| m.entries)
}
