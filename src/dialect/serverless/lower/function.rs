//! A function of the service as `AWS::Lambda::Function`, with its version, alias and log group.

use super::super::config::Version;
use super::make::{Make, as_strings};
use super::read::{self, truthy};
use super::role;
use super::service::{Function, Service, is_string};
use super::stack::{Draft, Feature, Grant, Stack};
use crate::template::{Entry, Intrinsic, Kind, Origin, Value};

/// True when the function logs to a group that the framework makes.
fn has_log_group(service: &Service<'_>, function: &Function<'_>) -> bool {
    // Version 4 leaves it out when the function logs to a group of the user's.
    function.logs() && (service.version != Version::V4 || logging(service, function, "logGroup").is_none())
}

/// The function's log group.
pub(super) fn log_group<'a>(service: &Service<'a>, stack: &mut Stack<'a>, function: &Function<'a>) {
    if !has_log_group(service, function) {
        return;
    }
    let cause = function.cause(service.build, "log group");
    let make = service.make(cause.origin);
    let inherited = |key: &str| read::given(function.body, key).or_else(|| service.provided(key));
    stack.add(
        Draft::new(function.owned(service.build, "LogGroup"), "AWS::Logs::LogGroup", cause)
            .set("LogGroupName", make.concat(&[make.text("/aws/lambda/"), function.name]))
            .maybe("RetentionInDays", inherited("logRetentionInDays").or_else(|| kept_by_plugin(service)))
            .maybe("DataProtectionPolicy", inherited("logDataProtectionPolicy")),
    );
}

/// How long `serverless-plugin-log-retention` keeps the logs of functions that say nothing of their own.
/// <https://github.com/ArtificerEntertainment/serverless-plugin-log-retention>
fn kept_by_plugin<'a>(service: &Service<'a>) -> Option<Value<'a>> {
    let loaded = service.plugin("serverless-plugin-log-retention");
    read::at(service.root, &["custom", "logRetentionInDays"]).filter(|_| loaded)
}

/// What `serverless-plugin-lambda-dead-letter` makes the function's dead-letter target once the stack is there.
fn dead_letter_by_plugin<'a>(service: &Service<'a>, function: &Function<'a>) -> Option<Value<'a>> {
    let letters =
        read::given(function.body, "deadLetter").filter(|_| service.plugin("serverless-plugin-lambda-dead-letter"))?;
    let target = read::get(letters, "targetArn").filter(|target| target.as_text().is_some());
    target.or_else(|| {
        Some(Value::new(Kind::Unknown("serverless-plugin-lambda-dead-letter makes the target"), letters.origin))
    })
}

/// The function itself.
pub(super) fn function<'a>(service: &Service<'a>, stack: &mut Stack<'a>, at: usize, function: &Function<'a>) {
    let body = function.body;
    let cause = function.cause(service.build, "function");
    let make = service.make(cause.origin);
    let own = |key: &str| read::given(body, key);
    let inherited = |key: &str| own(key).or_else(|| service.provided(key));
    let edge = |number: i64| if function.edge { Some(make.number(number)) } else { None };
    let otherwise = |number: i64| function.unread().unwrap_or_else(|| make.number(number));

    let mut draft = Draft::new(function.id, "AWS::Lambda::Function", cause);
    draft = code(service, function, make, draft)
        .set("FunctionName", function.name)
        .set(
            "MemorySize",
            own("memorySize")
                .or_else(|| edge(128))
                .or_else(|| service.provided("memorySize"))
                .unwrap_or_else(|| otherwise(1024)),
        )
        .set(
            "Timeout",
            own("timeout").or_else(|| edge(5)).or_else(|| service.provided("timeout")).unwrap_or_else(|| otherwise(6)),
        )
        .maybe("Architectures", inherited("architecture").map(|a| make.at(a.origin).list(&[a])))
        .maybe("Description", own("description"))
        .maybe("Tags", make.tags(&[service.provided("tags"), own("tags")]))
        .maybe("EphemeralStorage", own("ephemeralStorageSize").map(|s| make.at(s.origin).map(&[("Size", s)])))
        .maybe(
            "DeadLetterConfig",
            own("onError")
                .or_else(|| dead_letter_by_plugin(service, function))
                .map(|t| make.at(t.origin).map(&[("TargetArn", t)])),
        )
        .maybe("KmsKeyArn", key(service, function))
        .maybe(
            "TracingConfig",
            traced_by_plugin(service, function).or_else(|| tracing(service, function)).map(|t| tracing_config(make, t)),
        )
        .maybe("LoggingConfig", logging_config(service, function, make))
        .maybe(
            "SnapStart",
            own("snapStart").map(|s| {
                let make = make.at(s.origin);
                make.map(&[("ApplyOn", make.text("PublishedVersions"))])
            }),
        );
    if !function.edge {
        draft = draft
            .maybe("Environment", environment(service, function, make))
            .maybe("VpcConfig", vpc(service, function, make));
    } else {
        // Taken down with the stack, a function at the edge would break the distribution's replicas.
        draft = draft.attribute("DeletionPolicy", make.text("Retain"));
    }
    draft = draft.maybe("FileSystemConfigs", file_systems(function, make));
    if let Some(reserved) = read::get(body, "reservedConcurrency") {
        draft = draft.set("ReservedConcurrentExecutions", reserved);
    }
    draft = draft.maybe("Layers", inherited("layers"));
    if has_log_group(service, function) {
        draft = draft.after(&[make.text(function.owned(service.build, "LogGroup"))]);
    }
    if let Some(condition) = read::get(body, "condition")
        && let Some(name) = condition.as_text()
    {
        draft = draft.condition(name, condition.origin);
    }
    if let Some(after) = own("dependsOn") {
        draft = draft.after(&read::items(after));
    }
    // There may be more to it than we see.
    draft = draft.maybe("Fn::Transform", function.unread());
    let role = role::of_function(service, function, make);
    if let Some(id) = role.resource {
        draft = draft.after(&[make.text(id)]);
    }
    stack.add(draft.set("Role", role.value));
    grants(service, stack, at, function, make);
    version(service, stack, function, make);
}

/// What the function must be allowed because of its own settings.
fn grants<'a>(service: &Service<'a>, stack: &mut Stack<'a>, at: usize, function: &Function<'a>, make: Make<'a>) {
    let mut grant = |feature, value| stack.grants.push(Grant { function: at, feature, value, guard: function.guard });
    if let Some(target) = read::given(function.body, "onError") {
        let make = make.at(target.origin);
        grant(Feature::DeadLetter, make.allow(&["sns:Publish"], make.list(&[target])));
    }
    if let Some(key) = key(service, function)
        && is_string(&key)
    {
        let make = make.at(key.origin);
        grant(Feature::Key, make.allow(&["kms:Decrypt"], make.list(&[key])));
    }
    if let Some(tracing) = tracing(service, function) {
        let make = make.at(tracing.origin);
        let actions = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"];
        grant(Feature::Tracing, make.allow(&actions, make.texts(&["*"])));
    }
    for system in read::get(function.body, "fileSystemConfig").into_iter().flat_map(read::items) {
        if let Some(arn) = read::get(system, "arn") {
            let make = make.at(arn.origin);
            let actions = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"];
            grant(Feature::FileSystem, make.allow(&actions, make.list(&[arn])));
        }
    }
}

/// The image, by digest: a tag is looked up while packaging. It may also be described in the provider.
fn image_uri<'a>(service: &Service<'a>, image: Value<'a>) -> Value<'a> {
    let known = |uri: &Value<'a>| uri.as_text().is_some_and(|t| t.contains(['/', '.', ':']));
    let name = read::get(image, "name").unwrap_or(image);
    let described = || service.provider_at(&["ecr", "images", name.as_text()?]);
    let uri = read::get(image, "uri").or_else(|| Some(image).filter(known));
    let uri = uri.or_else(|| described().map(|d| read::get(d, "uri").unwrap_or(d)).filter(known));
    let Some(uri) = uri else { return service.build.unknown("the framework builds this image", image.origin) };
    let text = uri.as_text().unwrap_or("@");
    match text.rsplit_once(':') {
        Some((repository, tag)) if !text.contains('@') && !tag.contains('/') => {
            let digest = service.build.unknown("the digest that the tag has while packaging", uri.origin);
            let make = service.make(uri.origin);
            make.concat(&[make.written(format_args!("{repository}@")), digest])
        }
        Some(_) | None => uri,
    }
}

/// `Code`, and what depends on whether it is a file or an image.
fn code<'a>(service: &Service<'a>, function: &Function<'a>, make: Make<'a>, draft: Draft<'a>) -> Draft<'a> {
    let body = function.body;
    if let Some(image) = read::given(body, "image") {
        let make = make.at(image.origin);
        let uri = image_uri(service, image);
        let mut config = Vec::new();
        for (key, name) in
            [("command", "Command"), ("entryPoint", "EntryPoint"), ("workingDirectory", "WorkingDirectory")]
        {
            if let Some(value) = read::given(image, key) {
                config.push((name, value));
            }
        }
        return draft
            .set("Code", make.map(&[("ImageUri", uri)]))
            .set("PackageType", make.text("Image"))
            .maybe("ImageConfig", (!config.is_empty()).then(|| make.map(&config)));
    }
    let bucket = super::bucket::of_code(service, make);
    let archive =
        service.build.unknown("the framework names the archive after the time of the deployment", make.origin);
    let runtime = read::given(body, "runtime").or_else(|| service.provided("runtime"));
    draft
        .set("Code", make.map(&[("S3Bucket", bucket), ("S3Key", archive)]))
        .maybe("RuntimeManagementConfig", runtime_management(service, function, make))
        .maybe("Handler", read::given(body, "handler").or_else(|| function.unread()))
        .set(
            "Runtime",
            runtime.or_else(|| function.unread()).unwrap_or_else(|| make.text(default_runtime(service.version))),
        )
}

/// The runtime when none is written.
pub(super) const fn default_runtime(version: Version) -> &'static str {
    match version {
        Version::V1 | Version::V2 => "nodejs12.x",
        Version::V3 => "nodejs16.x",
        Version::V4 => "nodejs20.x",
    }
}

fn runtime_management<'a>(service: &Service<'a>, function: &Function<'a>, make: Make<'a>) -> Option<Value<'a>> {
    let setting = read::given(function.body, "runtimeManagement").or_else(|| service.provided("runtimeManagement"))?;
    let make = make.at(setting.origin);
    let mode = setting.as_text().or_else(|| read::text(setting, "mode"))?;
    let update = match mode {
        "onFunctionUpdate" => "FunctionUpdate",
        "manual" => "Manual",
        _ => return None,
    };
    let mut config = vec![("UpdateRuntimeOn", make.text(update))];
    config.extend(read::get(setting, "arn").map(|arn| ("RuntimeVersionArn", arn)));
    Some(make.map(&config))
}

/// The key that encrypts the function's environment.
fn key<'a>(service: &Service<'a>, function: &Function<'a>) -> Option<Value<'a>> {
    let own = |key: &str| read::given(function.body, key);
    // Before version 3 the key had another name, and stood on the service.
    let old = |value: Option<Value<'a>>| value.filter(|_| service.version <= Version::V2);
    own("kmsKeyArn")
        .or_else(|| old(own("awsKmsKeyArn")))
        .or_else(|| service.provided("kmsKeyArn"))
        .or_else(|| old(read::at(service.root, &["service", "awsKmsKeyArn"])))
}

/// How the function is traced when a plugin says it, which grants nothing.
fn traced_by_plugin<'a>(service: &Service<'a>, function: &Function<'a>) -> Option<Value<'a>> {
    if !service.plugin("serverless-plugin-tracing") {
        return None;
    }
    let written = read::get(function.body, "tracing").or_else(|| service.provided("tracing"));
    let make = service.make(written.map_or(function.origin, |v| v.origin));
    let on = written.is_some_and(|v| v.as_text() == Some("true"));
    Some(make.text(if on { "Active" } else { "PassThrough" }))
}

/// What switches tracing on. `false` on a function does not switch the provider's off.
fn tracing<'a>(service: &Service<'a>, function: &Function<'a>) -> Option<Value<'a>> {
    read::given(function.body, "tracing").or_else(|| service.provider_at(&["tracing", "lambda"]).filter(truthy))
}

fn tracing_config<'a>(make: Make<'a>, tracing: Value<'a>) -> Value<'a> {
    let make = make.at(tracing.origin);
    let mode = if matches!(tracing.kind, Kind::Bool(_)) { make.text("Active") } else { tracing };
    make.map(&[("Mode", mode)])
}

/// More than any service that CloudFormation would take: it allows 500 resources and 4 KB of variables for each function.
const MOST_INHERITED: usize = 200_000;

/// Where the service's own variables stand, when all functions together inherit more of them than we follow.
pub(super) fn too_much_inherited<'a>(service: &Service<'a>) -> Option<(Origin<'a>, &'static str)> {
    let inherited = service.provided("environment")?;
    let variables = inherited.as_map()?.entries.len();
    let all = variables.saturating_mul(service.functions.len());
    (all > MOST_INHERITED).then_some((inherited.origin, "more variables are inherited than we follow"))
}

fn environment<'a>(service: &Service<'a>, function: &Function<'a>, make: Make<'a>) -> Option<Value<'a>> {
    let inherited = service.provided("environment");
    if let Some((at, bound)) = too_much_inherited(service) {
        return Some(make.at(at).map(&[("Variables", service.build.unknown(bound, at))]));
    }
    let variables = make.assign(&[inherited, read::given(function.body, "environment")])?;
    Some(make.at(variables.origin).map(&[("Variables", as_strings(make, variables))]))
}

fn vpc<'a>(service: &Service<'a>, function: &Function<'a>, make: Make<'a>) -> Option<Value<'a>> {
    let own = read::entry(function.body, "vpc").map(|e| e.value);
    // `vpc: null` and `vpc: false` take the function out of the provider's network.
    if own.is_some_and(|v| matches!(v.kind, Kind::Null | Kind::Bool(false))) {
        return None;
    }
    let inherited = service.provided("vpc");
    // A network that is a choice or unknown as a whole is handed on as it is.
    if let Some(whole) = own.or(inherited)
        && !matches!(whole.kind, Kind::Map(_) | Kind::Bool(_) | Kind::Text(_) | Kind::Number(_))
    {
        return Some(whole_vpc(make, whole));
    }
    let field = |key: &str| {
        let value = own.and_then(|v| read::given(v, key)).or_else(|| inherited.and_then(|v| read::given(v, key)))?;
        // The schema makes a list of a single id.
        Some(if matches!(value.kind, Kind::Text(_)) { make.at(value.origin).list(&[value]) } else { value })
    };
    let (groups, subnets) = (field("securityGroupIds")?, field("subnetIds")?);
    let origin = own.or(inherited).map_or(groups.origin, |v| v.origin);
    let mut config = vec![("SecurityGroupIds", groups), ("SubnetIds", subnets)];
    config.extend(field("ipv6AllowedForDualStack").map(|v| ("Ipv6AllowedForDualStack", v)));
    Some(make.at(origin).map(&config))
}

/// The keys of a network, under every branch of a choice.
fn whole_vpc<'a>(make: Make<'a>, value: Value<'a>) -> Value<'a> {
    match value.kind {
        Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)) => {
            let (then, otherwise) = (whole_vpc(make, *then), whole_vpc(make, *otherwise));
            make.at(value.origin).intrinsic(Intrinsic::If(condition, then, otherwise))
        }
        Kind::Map(map) => {
            let entries: Vec<Entry<'a>> = map
                .entries
                .iter()
                .map(|e| Entry { key: make.keep(&super::naming::upper_first(e.key)), ..*e })
                .collect();
            make.at(value.origin).entries(&entries)
        }
        Kind::Null => make.at(value.origin).reference("AWS::NoValue"),
        Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::List(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => {
            value
        }
    }
}

fn file_systems<'a>(function: &Function<'a>, make: Make<'a>) -> Option<Value<'a>> {
    let config = read::given(function.body, "fileSystemConfig")?;
    let make = make.at(config.origin);
    let systems: Vec<_> =
        read::items(config)
            .into_iter()
            .filter_map(|system| {
                let make = make.at(system.origin);
                Some(make.map(&[
                    ("Arn", read::get(system, "arn")?),
                    ("LocalMountPath", read::get(system, "localMountPath")?),
                ]))
            })
            .collect();
    Some(make.list(&systems))
}

/// A setting of version 4's `logs`, the function's before the provider's.
fn logging<'a>(service: &Service<'a>, function: &Function<'a>, key: &str) -> Option<Value<'a>> {
    read::at(function.body, &["logs", key]).or_else(|| service.provider_at(&["logs", "lambda", key]))
}

fn logging_config<'a>(service: &Service<'a>, function: &Function<'a>, make: Make<'a>) -> Option<Value<'a>> {
    if service.version != Version::V4 {
        return None;
    }
    let keys = [
        ("applicationLogLevel", "ApplicationLogLevel"),
        ("logFormat", "LogFormat"),
        ("logGroup", "LogGroup"),
        ("systemLogLevel", "SystemLogLevel"),
    ];
    let config: Vec<_> =
        keys.iter().filter_map(|(key, name)| Some((*name, logging(service, function, key)?))).collect();
    config.first().map(|(_, first)| make.at(first.origin).map(&config))
}

/// The version that every deployment publishes, and the alias that points at it.
fn version<'a>(service: &Service<'a>, stack: &mut Stack<'a>, function: &Function<'a>, make: Make<'a>) {
    let own = read::boolean(function.body, "versionFunction");
    let wanted = own.or_else(|| read::boolean(service.provider, "versionFunctions")).unwrap_or(true) || function.edge;
    if !wanted && function.alias.is_none() {
        return;
    }
    let build = service.build;
    // The framework adds a hash of the code, which nobody can know from here.
    let id = function.owned(build, "LambdaVersion");
    let cause = function.cause(build, "version");
    let hash = build.unknown("the hash of the code", make.origin);
    let mut draft = Draft::new(id, "AWS::Lambda::Version", cause)
        .set("FunctionName", make.reference(function.id))
        .set("CodeSha256", hash)
        .maybe("Description", read::given(function.body, "description"));
    if wanted {
        draft = draft.attribute("DeletionPolicy", make.text("Retain"));
    }
    stack.add(draft);
    stack.output(service, make, function.owned(build, "LambdaFunctionQualifiedArn"), make.reference(id));
    let Some((name, alias)) = function.alias else { return };
    let cause = function.cause(build, "alias");
    let provisioned = read::given(function.body, "provisionedConcurrency").map(|n| {
        let make = make.at(n.origin);
        let count = read::get(n, "executions").unwrap_or(n);
        make.map(&[("ProvisionedConcurrentExecutions", count)])
    });
    stack.add(
        Draft::new(alias, "AWS::Lambda::Alias", cause)
            .set("FunctionName", make.reference(function.id))
            .set("FunctionVersion", make.att(id, "Version"))
            .set("Name", make.text(name))
            .maybe("ProvisionedConcurrencyConfig", provisioned)
            .after(&[make.text(function.id)]),
    );
}
