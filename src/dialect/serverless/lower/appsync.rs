//! The GraphQL API of version 4 and of `serverless-appsync-plugin`: who may call it, what it logs, what its data
//! sources may do.
//!
//! The role of a data source may do to its one table, function or domain what the plugin knows it needs, or what the
//! user's own statements say. Resolvers, schemas and domains decide nothing that is looked at.

use super::super::config::Version;
use super::make::{Make, told};
use super::naming;
use super::read;
use super::service::{Cause, Service};
use super::stack::{Draft, Stack};

use crate::template::{Entry, Origin, Value};

/// Makes the APIs that a service describes.
pub(super) fn apis<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    let plugin = service.plugin("serverless-appsync-plugin");
    let entry = |parent: Option<Value<'a>>| parent.and_then(|p| read::entry(p, "appSync"));
    // Version 2 of the plugin reads the root, version 1 what is custom.
    if let Some(own) = entry(Some(service.root)).filter(|_| plugin || service.version == Version::V4) {
        api(service, stack, own.key_origin, "GraphQlApi", own.value);
    } else if let Some(custom) = entry(read::get(service.root, "custom")).filter(|_| plugin) {
        for (at, body) in read::items(custom.value).into_iter().enumerate() {
            let id = if at == 0 { "GraphQlApi" } else { told(service.build, format_args!("GraphQlApi{at}")) };
            let key = if custom.value.as_list().is_some() { body.origin } else { custom.key_origin };
            api(service, stack, key, id, body);
        }
    }
}

fn api<'a>(service: &Service<'a>, stack: &mut Stack<'a>, key: Origin<'a>, id: &'a str, body: Value<'a>) {
    let body = read::settle(body);
    if body.as_map().is_none() {
        stack.unknown.push((body.origin, "the GraphQL API of this service is not known"));
        return;
    }
    // One that is there already is used.
    if read::given(body, "apiId").is_some() {
        return;
    }
    let made_by = "the Serverless Framework makes this GraphQL API";
    let cause =
        Cause { written_id: "appSync", origin: service.build.derived(key, made_by, None), made_by, guard: None };
    let make = service.make(cause.origin);
    let given = |key: &str| read::given(body, key);
    let others = given("additionalAuthentications").or_else(|| given("additionalAuthenticationProviders"));
    let others = others.map(|list| {
        let all = read::items(list).into_iter().map(|one| {
            let named = read::get(one, "type").or_else(|| read::get(one, "authenticationType"));
            let kind = named.unwrap_or_else(|| service.build.unknown("another way to log in", one.origin));
            make.at(one.origin).map(&[("AuthenticationType", kind)])
        });
        make.at(list.origin).list(&all.collect::<Vec<_>>())
    });
    let kind = read::at(body, &["authentication", "type"]).or_else(|| read::get(body, "authenticationType"));
    let kind = kind.unwrap_or_else(|| service.build.unknown("the way to log in", body.origin));
    let logging =
        given("logging").or_else(|| given("logConfig")).filter(|l| read::boolean(*l, "enabled") != Some(false));
    let switch = |value: Value<'a>| {
        let make = make.at(value.origin);
        match value.as_bool() {
            Some(true) => make.text("ENABLED"),
            Some(false) => make.text("DISABLED"),
            None => value,
        }
    };
    let draft = Draft::new(id, "AWS::AppSync::GraphQLApi", cause)
        .maybe("Name", read::get(body, "name"))
        .set("AuthenticationType", kind)
        .maybe("AdditionalAuthenticationProviders", others)
        .maybe("LogConfig", logging.map(|l| log_config(service, stack, cause, id, l)))
        .set("XrayEnabled", read::get(body, "xrayEnabled").unwrap_or_else(|| make.bool(false)))
        .maybe("Visibility", read::get(body, "visibility"))
        .maybe("IntrospectionConfig", read::get(body, "introspection").map(switch))
        .maybe("QueryDepthLimit", read::get(body, "queryDepthLimit"))
        .maybe("ResolverCountLimit", read::get(body, "resolverCountLimit"))
        .maybe("Tags", make.tags(&[read::get(body, "tags")]));
    stack.add(draft);
    let waf = given("waf").or_else(|| given("wafConfig")).filter(|w| read::boolean(*w, "enabled") != Some(false));
    if let Some(waf) = waf {
        let make = make.at(waf.origin);
        let acl = read::get(waf, "arn");
        let acl = acl.unwrap_or_else(|| service.build.unknown("the web ACL that is made of this", waf.origin));
        let association = told(service.build, format_args!("{id}WafAssociation"));
        let draft = Draft::new(association, "AWS::WAFv2::WebACLAssociation", cause);
        stack.add(draft.set("ResourceArn", make.att(id, "Arn")).set("WebACLArn", acl));
    }
    let caching = read::entry(body, "caching").filter(|c| !c.value.is_null());
    if let Some(caching) = caching.filter(|c| read::boolean(c.value, "enabled") != Some(false)) {
        cache(service, stack, cause, id, caching);
    }
    if let Some(sources) = given("dataSources") {
        data_sources(service, stack, id, sources);
    }
}

/// The cache, which the plugin encrypts only when it is told to.
fn cache<'a>(service: &Service<'a>, stack: &mut Stack<'a>, cause: Cause<'a>, api: &'a str, entry: &Entry<'a>) {
    let made_by = "the Serverless Framework makes this cache";
    let origin = service.build.derived(entry.key_origin, made_by, None);
    let make = service.make(origin);
    let asked = read::settle(entry.value);
    let off = |key: &str| read::get(asked, key).unwrap_or_else(|| make.bool(false));
    let id = told(service.build, format_args!("{}", api.replacen("Api", "Caching", 1)));
    stack.add(
        Draft::new(id, "AWS::AppSync::ApiCache", Cause { origin, made_by, ..cause })
            .set("ApiId", make.att(api, "ApiId"))
            .maybe("ApiCachingBehavior", read::get(asked, "behavior"))
            .set("AtRestEncryptionEnabled", off("atRestEncryption"))
            .set("TransitEncryptionEnabled", off("transitEncryption"))
            .set("Ttl", read::get(asked, "ttl").unwrap_or_else(|| make.number(3600)))
            .set("Type", read::get(asked, "type").unwrap_or_else(|| make.text("T2_SMALL"))),
    );
}

/// What is logged; the group, and the role that writes into it, are made unless there is a role already.
fn log_config<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    cause: Cause<'a>,
    api: &'a str,
    logging: Value<'a>,
) -> Value<'a> {
    let make = service.make(logging.origin);
    let group = told(service.build, format_args!("{api}LogGroup"));
    let name = make.join("/", &[make.text("/aws/appsync/apis"), make.att(api, "ApiId")]);
    let kept = read::get(logging, "retentionInDays").or_else(|| service.provided("logRetentionInDays"));
    let draft = Draft::new(group, "AWS::Logs::LogGroup", cause);
    stack.add(draft.set("LogGroupName", name).maybe("RetentionInDays", kept));
    let role = read::get(logging, "roleArn").or_else(|| read::get(logging, "loggingRoleArn"));
    let role = role.unwrap_or_else(|| {
        let id = told(service.build, format_args!("{group}Role"));
        let writes = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
        let statement = make.allow(&writes, make.list(&[make.att(group, "Arn")]));
        stack.add(service_role(make, id, cause, &[statement]));
        make.att(id, "Arn")
    });
    let mut entries = vec![("CloudWatchLogsRoleArn", role)];
    entries.extend(read::get(logging, "level").map(|v| ("FieldLogLevel", v)));
    entries.extend(read::get(logging, "excludeVerboseContent").map(|v| ("ExcludeVerboseContent", v)));
    make.map(&entries)
}

/// The data sources, and their roles.
fn data_sources<'a>(service: &Service<'a>, stack: &mut Stack<'a>, api: &'a str, sources: Value<'a>) {
    for item in read::items(sources) {
        let item = read::settle(item);
        // A list has one source to an item in version 1, and maps of them in version 2.
        if let Some(name) = read::text(item, "name").filter(|_| read::get(item, "type").is_some()) {
            data_source(service, stack, api, name, item);
            continue;
        }
        for Entry { key, value, .. } in item.entries() {
            data_source(service, stack, api, key, read::settle(*value));
        }
    }
}

fn data_source<'a>(service: &Service<'a>, stack: &mut Stack<'a>, api: &'a str, name: &str, source: Value<'a>) {
    let Some(kind) = read::get(source, "type") else { return };
    let config = read::get(source, "config").map(read::settle);
    let given = |key: &str| config.and_then(|config| read::given(config, key));
    if let Some(config) = config.filter(|config| read::get(*config, "function").is_some()) {
        stack.unknown.push((config.origin, "a function that is described in a data source is not looked at"));
    }
    let own = config.and_then(|config| read::entry(config, "iamRoleStatements"));
    let made_by = "the Serverless Framework makes this role for a data source";
    let origin = service.build.derived(own.map_or(kind.origin, |own| own.key_origin), made_by, None);
    let cause = Cause { written_id: "appSync", origin, made_by, guard: None };
    let make = service.make(origin);
    let source_id = told(service.build, format_args!("{api}Ds{}", naming::normal(name)));
    let role = given("serviceRoleArn").or_else(|| {
        let statements = match own {
            Some(own) => super::role::statements(make, own.value),
            None => needs(service, make, kind.as_text().unwrap_or(""), &given),
        };
        if statements.is_empty() {
            return None;
        }
        let id = told(service.build, format_args!("{source_id}Role"));
        stack.add(service_role(make, id, cause, &statements));
        Some(make.att(id, "Arn"))
    });
    let made_by = "the Serverless Framework makes this data source";
    let cause = Cause { origin: service.build.derived(kind.origin, made_by, None), made_by, ..cause };
    let make = service.make(cause.origin);
    let http = given("endpoint").filter(|_| kind.as_text() == Some("HTTP"));
    let function = functions(service, make, &given);
    stack.add(
        Draft::new(source_id, "AWS::AppSync::DataSource", cause)
            .set("ApiId", make.att(api, "ApiId"))
            .set("Name", make.made(name))
            .set("Type", kind)
            .maybe("HttpConfig", http.map(|endpoint| make.at(endpoint.origin).map(&[("Endpoint", endpoint)])))
            .maybe("LambdaConfig", function.map(|arn| make.map(&[("LambdaFunctionArn", arn)])))
            .maybe("ServiceRoleArn", role),
    );
}

/// The function of a data source, by its ARN or by its key in this service.
fn functions<'a>(
    service: &Service<'a>,
    make: Make<'a>,
    given: &dyn Fn(&str) -> Option<Value<'a>>,
) -> Option<Value<'a>> {
    let named = given("functionName").or_else(|| given("lambdaFunctionName"));
    given("functionArn").or_else(|| given("lambdaFunctionArn")).or_else(|| {
        let named = named?;
        let function = service.functions.iter().find(|f| named.as_text() == Some(f.key));
        Some(match function {
            Some(function) => make.att(function.id, "Arn"),
            None => make.arn("lambda", &[make.text("function:"), named]),
        })
    })
}

/// What the plugin lets the role of a data source do.
fn needs<'a>(
    service: &Service<'a>,
    make: Make<'a>,
    kind: &str,
    given: &dyn Fn(&str) -> Option<Value<'a>>,
) -> Vec<Value<'a>> {
    let unknown = |what: &'static str| service.build.unknown(what, make.origin);
    match kind {
        "AWS_LAMBDA" => {
            let Some(arn) = functions(service, make, given) else { return Vec::new() };
            let versions = make.join(":", &[arn, make.text("*")]);
            vec![make.allow(&["lambda:InvokeFunction"], make.list(&[arn, versions]))]
        }
        "AMAZON_DYNAMODB" => {
            let table = given("tableName").unwrap_or_else(|| unknown("the table of this data source"));
            let arn = make.arn("dynamodb", &[make.text("table/"), table]);
            let indexes = make.join("/", &[arn, make.text("*")]);
            let actions = [
                "dynamodb:DeleteItem",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:Scan",
                "dynamodb:UpdateItem",
                "dynamodb:BatchGetItem",
                "dynamodb:BatchWriteItem",
                "dynamodb:ConditionCheckItem",
            ];
            vec![make.allow(&actions, make.list(&[arn, indexes]))]
        }
        "AMAZON_EVENTBRIDGE" => {
            let bus = given("eventBusArn").unwrap_or_else(|| unknown("the bus of this data source"));
            vec![make.allow(&["events:PutEvents"], make.list(&[bus]))]
        }
        "RELATIONAL_DATABASE" => {
            let cluster = given("dbClusterIdentifier").unwrap_or_else(|| unknown("the database of this data source"));
            let arn = make.arn("rds", &[make.text("cluster:"), cluster]);
            let actions = [
                "rds-data:DeleteItems",
                "rds-data:ExecuteSql",
                "rds-data:ExecuteStatement",
                "rds-data:GetItems",
                "rds-data:InsertItems",
                "rds-data:UpdateItems",
            ];
            let mut statements = vec![make.allow(&actions, make.list(&[arn, make.join(":", &[arn, make.text("*")])]))];
            if let Some(secret) = given("awsSecretStoreArn") {
                let versions = make.join(":", &[secret, make.text("*")]);
                statements.push(make.allow(&["secretsmanager:GetSecretValue"], make.list(&[secret, versions])));
            }
            statements
        }
        "AMAZON_OPENSEARCH_SERVICE" | "AMAZON_ELASTICSEARCH" => {
            let domain = given("domain").unwrap_or_else(|| unknown("the domain of this data source"));
            let actions =
                ["es:ESHttpDelete", "es:ESHttpGet", "es:ESHttpHead", "es:ESHttpPost", "es:ESHttpPut", "es:ESHttpPatch"];
            vec![make.allow(&actions, make.list(&[make.arn("es", &[make.text("domain/"), domain, make.text("/*")])]))]
        }
        _ => Vec::new(),
    }
}

/// The role of a policy of its own that AppSync takes on.
fn service_role<'a>(make: Make<'a>, id: &'a str, cause: Cause<'a>, statements: &[Value<'a>]) -> Draft<'a> {
    let policy = make.map(&[("PolicyName", make.text(id)), ("PolicyDocument", make.policy(statements))]);
    Draft::new(id, "AWS::IAM::Role", cause)
        .set("AssumeRolePolicyDocument", make.trust(make.texts(&["appsync.amazonaws.com"])))
        .set("Policies", make.list(&[policy]))
}
