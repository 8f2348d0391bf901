//! What the framework's schema makes of values of another type: `'true'` is true, `"30"` is 30, one is a list of one.

use crate::template::{Build, Entry, Intrinsic, Kind, Map, Value};

/// The type that the schema wants at a place, and what it wants below it.
struct Want {
    this: Type,
    below: &'static [(&'static str, Want)],
}

/// Types that the schema turns scalars into.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Any,
    Bool,
    Number,
    List,
}

type Below = &'static [(&'static str, Want)];

const BOOL: Want = Want { this: Type::Bool, below: &[] };
const NUMBER: Want = Want { this: Type::Number, below: &[] };
const LIST: Want = Want { this: Type::List, below: &[] };

const fn map(below: Below) -> Want {
    Want { this: Type::Any, below }
}

/// Either a switch or a map of settings.
const fn switch(below: Below) -> Want {
    Want { this: Type::Bool, below }
}

/// As far as a value of another type would be understood differently; a number written as text mostly is not.
const SERVICE: Want = map(&[
    ("useDotenv", BOOL),
    ("provider", map(PROVIDER)),
    ("functions", map(&[("*", map(FUNCTION))])),
    (
        "layers",
        map(&[(
            "*",
            map(&[
                ("retain", BOOL),
                ("allowedAccounts", LIST),
                ("compatibleRuntimes", LIST),
                ("compatibleArchitectures", LIST),
            ]),
        )]),
    ),
]);

const VPC: Below = &[("securityGroupIds", LIST), ("subnetIds", LIST)];
const API_LOG: Below = &[("accessLogging", BOOL), ("executionLogging", BOOL), ("fullExecutionData", BOOL)];

const PROVIDER: Below = &[
    ("versionFunctions", BOOL),
    ("memorySize", NUMBER),
    ("timeout", NUMBER),
    ("logRetentionInDays", NUMBER),
    ("layers", LIST),
    ("vpc", map(VPC)),
    ("tracing", map(&[("lambda", BOOL), ("apiGateway", BOOL)])),
    ("iam", map(&[("role", map(&[("managedPolicies", LIST)]))])),
    ("iamManagedPolicies", LIST),
    ("vpcEndpointIds", LIST),
    (
        "logs",
        map(&[
            ("frameworkLambda", BOOL),
            ("httpApi", BOOL),
            ("restApi", switch(API_LOG)),
            ("websocket", switch(API_LOG)),
        ]),
    ),
    (
        "httpApi",
        map(&[("cors", switch(CORS)), ("disableDefaultEndpoint", BOOL), ("metrics", BOOL), ("useProviderTags", BOOL)]),
    ),
    (
        "apiGateway",
        map(&[
            ("disableDefaultEndpoint", BOOL),
            ("metrics", BOOL),
            ("shouldStartNameWithService", BOOL),
            ("binaryMediaTypes", LIST),
        ]),
    ),
    ("deploymentBucket", map(&[("blockPublicAccess", BOOL), ("versioning", BOOL), ("skipPolicySetup", BOOL)])),
    ("eventBridge", map(&[("useCloudFormation", BOOL)])),
];

const CORS: Below = &[
    ("allowCredentials", BOOL),
    ("allowedHeaders", LIST),
    ("allowedMethods", LIST),
    ("allowedOrigins", LIST),
    ("exposedResponseHeaders", LIST),
];

const FUNCTION: Below = &[
    ("disableLogs", BOOL),
    ("versionFunction", BOOL),
    ("tracing", BOOL),
    ("snapStart", BOOL),
    ("iamRoleStatementsInherit", BOOL),
    ("memorySize", NUMBER),
    ("timeout", NUMBER),
    ("logRetentionInDays", NUMBER),
    ("reservedConcurrency", NUMBER),
    ("provisionedConcurrency", NUMBER),
    ("ephemeralStorageSize", NUMBER),
    ("maximumRetryAttempts", NUMBER),
    ("maximumEventAge", NUMBER),
    ("layers", LIST),
    ("dependsOn", LIST),
    ("image", map(&[("command", LIST), ("entryPoint", LIST)])),
    ("vpc", map(VPC)),
    ("url", switch(&[("cors", switch(CORS))])),
    ("events", map(&[("*", map(EVENT))])),
];

const ENABLED: Want = map(&[("enabled", BOOL)]);

const EVENT: Below = &[
    (
        "http",
        map(&[
            ("private", BOOL),
            ("cors", switch(&[("allowCredentials", BOOL), ("headers", LIST), ("methods", LIST), ("origins", LIST)])),
            ("async", BOOL),
            ("authorizer", map(&[("scopes", LIST), ("claims", LIST), ("managedExternally", BOOL)])),
        ]),
    ),
    ("httpApi", map(&[("authorizer", map(&[("scopes", LIST)]))])),
    ("sqs", ENABLED),
    ("stream", map(&[("enabled", BOOL), ("bisectBatchOnFunctionError", BOOL)])),
    ("msk", ENABLED),
    ("kafka", map(&[("enabled", BOOL), ("bootstrapServers", LIST), ("accessConfigurations", map(&[("*", LIST)]))])),
    ("websocket", map(&[("authorizer", map(&[("identitySource", LIST)]))])),
    ("activemq", ENABLED),
    ("rabbitmq", ENABLED),
    ("schedule", map(&[("enabled", BOOL), ("rate", LIST)])),
    ("s3", map(&[("existing", BOOL), ("forceDeploy", BOOL)])),
    ("alexaSkill", ENABLED),
    ("alexaSmartHome", ENABLED),
    ("iot", ENABLED),
    ("cloudwatchEvent", ENABLED),
    ("eventBridge", ENABLED),
    ("cognitoUserPool", map(&[("existing", BOOL), ("forceDeploy", BOOL)])),
    ("alb", map(&[("multiValueHeaders", BOOL)])),
];

/// The service as the framework sees it once it has checked it.
pub(super) fn coerced<'a>(build: Build<'a>, root: Value<'a>) -> Value<'a> {
    coerce(build, root, &SERVICE).unwrap_or(root)
}

/// `None` when a value is as the schema wants it, or of a sort that it does not turn into another.
fn coerce<'a>(build: Build<'a>, value: Value<'a>, want: &Want) -> Option<Value<'a>> {
    match value.kind {
        Kind::Map(map) if !want.below.is_empty() => {
            let entries = changed(map.entries, |e| {
                let below = want.below.iter().find(|(key, _)| *key == e.key || *key == "*")?;
                Some(Entry { value: coerce(build, e.value, &below.1)?, ..*e })
            })?;
            let entries = build.arena.alloc_slice_copy(&entries);
            Some(Value::new(Kind::Map(Map { entries }), value.origin))
        }
        Kind::List(items) => {
            let (_, below) = want.below.first().filter(|(key, _)| *key == "*")?;
            let items = changed(items, |item| coerce(build, *item, below))?;
            Some(Value::new(Kind::List(build.arena.alloc_slice_copy(&items)), value.origin))
        }
        Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)) => {
            let (new, other) = (coerce(build, *then, want), coerce(build, *otherwise, want));
            (new.is_some() || other.is_some()).then(|| {
                let choice = Intrinsic::If(condition, new.unwrap_or(*then), other.unwrap_or(*otherwise));
                build.intrinsic(choice, value.origin)
            })
        }
        Kind::Text(text) => match (want.this, text) {
            (Type::Bool, "true") => Some(Value::new(Kind::Bool(true), value.origin)),
            (Type::Bool, "false") => Some(Value::new(Kind::Bool(false), value.origin)),
            (Type::Number, _) => {
                let number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                number.then(|| Value::new(Kind::Number(text), value.origin))
            }
            (Type::List, _) => Some(list(build, value)),
            (Type::Any | Type::Bool, _) => None,
        },
        Kind::Number(text) => match (want.this, text) {
            (Type::Bool, "1") => Some(Value::new(Kind::Bool(true), value.origin)),
            (Type::Bool, "0") => Some(Value::new(Kind::Bool(false), value.origin)),
            (Type::List, _) => Some(list(build, value)),
            (Type::Any | Type::Bool | Type::Number, _) => None,
        },
        Kind::Map(_) | Kind::Null | Kind::Bool(_) | Kind::Intrinsic(_) | Kind::Unknown(_) => None,
    }
}

fn list<'a>(build: Build<'a>, value: Value<'a>) -> Value<'a> {
    build.list([value], value.origin)
}

/// The items with those that `new` has something else for; `None` when it has for none.
fn changed<T: Copy>(items: &[T], mut new: impl FnMut(&T) -> Option<T>) -> Option<Vec<T>> {
    let mut out: Option<Vec<T>> = None;
    for (at, item) in items.iter().enumerate() {
        if let Some(other) = new(item) {
            let copy = out.get_or_insert_with(|| items.to_vec());
            if let Some(slot) = copy.get_mut(at) {
                *slot = other;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::*;
    use crate::source::{Arena, FileId, Source, Sources};
    use crate::syntax;
    use crate::template::{Reader, Schema};

    /// Scalars become what the schema wants, in both branches of a choice; all else stays as it is.
    #[test]
    fn scalars_become_what_the_schema_wants() {
        let text = "provider: {layers: l, versionFunctions: 'false', timeout: '30', stage: 'true', tracing: {lambda: 1}}\nfunctions:\n  f:\n    disableLogs: {'Fn::If': [C, 'true', 'x']}\n    provisionedConcurrency: '0'\n    url: 'true'\n    events:\n      - sqs: {enabled: 'false', arn: 'false'}\n      - http: {private: 'true', authorizer: {scopes: s}}\n";
        let arena = Arena::new();
        let sources = Sources::new(Arc::new(Source::new("serverless.yml", text)));
        let document = syntax::parse(&arena, FileId(0), sources.get(FileId(0)).text());
        let given = BTreeMap::new();
        let mut reader = Reader::new(&arena, &sources, Schema::Core12, &given);
        let root = reader.value(document.root().expect("a document"));
        let root = coerced(Build::new(&arena), root);
        let at = |path: &str| {
            path.split('.').try_fold(root, |value, key| match key.parse::<usize>() {
                Ok(at) => value.as_list()?.get(at).copied(),
                Err(_) => value.get(key).map(|e| e.value),
            })
        };
        let is = |path: &str, kind: Kind<'_>| {
            let found = at(path).expect(path).kind;
            assert_eq!(format!("{found:?}"), format!("{kind:?}"), "{path}");
        };
        is("provider.layers.0", Kind::Text("l"));
        is("provider.versionFunctions", Kind::Bool(false));
        is("provider.timeout", Kind::Number("30"));
        is("provider.stage", Kind::Text("true"));
        is("provider.tracing.lambda", Kind::Bool(true));
        is("functions.f.provisionedConcurrency", Kind::Number("0"));
        is("functions.f.url", Kind::Bool(true));
        is("functions.f.events.0.sqs.enabled", Kind::Bool(false));
        is("functions.f.events.0.sqs.arn", Kind::Text("false"));
        is("functions.f.events.1.http.authorizer.scopes.0", Kind::Text("s"));
        let choice = at("functions.f.disableLogs").and_then(|v| v.as_intrinsic());
        let Some(Intrinsic::If(_, then, otherwise)) = choice else { panic!("{choice:?}") };
        assert!(matches!((then.kind, otherwise.kind), (Kind::Bool(true), Kind::Text("x"))));
    }
}
