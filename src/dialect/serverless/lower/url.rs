//! A function's URL.

use super::super::config::Version;
use super::make::Make;
use super::read;
use super::service::{Function, Service};
use super::stack::{Draft, Stack};
use crate::template::{Entry, Intrinsic, Kind, Value};

const HEADERS: [&str; 6] =
    ["Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token", "X-Amzn-Trace-Id"];

/// Makes the URL of a function, and what lets the world use it.
pub(super) fn url<'a>(service: &Service<'a>, stack: &mut Stack<'a>, function: &Function<'a>) {
    let Some(setting) = read::entry(function.body, "url").filter(|e| read::truthy(&read::settle(e.value))) else {
        return;
    };
    let url = read::settle(setting.value);
    let build = service.build;
    let cause = function.cause_at(build, "function URL", setting.key_origin, function.guard);
    let make = service.make(cause.origin);
    let auth = read::entry(url, "authorizer").map_or_else(|| make.text("NONE"), |a| who(make, a.value));
    let id = function.owned(build, "LambdaFunctionUrl");
    stack.add(
        Draft::new(id, "AWS::Lambda::Url", cause)
            .set("AuthType", auth)
            .set("TargetFunctionArn", function.target(make))
            .maybe("Cors", cors(make, url))
            .maybe("InvokeMode", read::given(url, "invokeMode").filter(|m| m.as_text() == Some("RESPONSE_STREAM")))
            .after_alias(make, function),
    );
    stack.output(service, make, id, make.att(id, "FunctionUrl"));
    // What the world may use in one stage only, the world may use under that stage's condition.
    let guard = match auth.kind {
        Kind::Text("NONE") => function.guard,
        Kind::Intrinsic(Intrinsic::If(condition, then, _)) if then.as_text() == Some("NONE") => Some(*condition),
        Kind::Text(_)
        | Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => return,
    };
    let cause = function.cause_at(build, "permission", setting.key_origin, guard);
    let permission = |id: &'a str, action: &'a str, more: (&'a str, Value<'a>)| {
        Draft::new(id, "AWS::Lambda::Permission", cause)
            .set("FunctionName", function.target(make))
            .set("Action", make.text(action))
            .set("Principal", make.text("*"))
            .set(more.0, more.1)
            .after_alias(make, function)
    };
    let open = ("FunctionUrlAuthType", make.text("NONE"));
    stack.add(permission(function.owned(build, "LambdaPermissionFnUrl"), "lambda:InvokeFunctionUrl", open));
    if service.version == Version::V4 {
        let via = ("InvokedViaFunctionUrl", make.bool(true));
        stack.add(permission(function.owned(build, "LambdaPermissionFnInvoke"), "lambda:InvokeFunction", via));
    }
}

/// `AuthType` of what is written as the authorizer.
fn who<'a>(make: Make<'a>, authorizer: Value<'a>) -> Value<'a> {
    let at = make.at(authorizer.origin);
    match authorizer.kind {
        Kind::Text("aws_iam") => at.text("AWS_IAM"),
        Kind::Intrinsic(Intrinsic::If(condition, then, otherwise)) => {
            at.intrinsic(Intrinsic::If(condition, who(make, *then), who(make, *otherwise)))
        }
        Kind::Unknown(_) | Kind::Intrinsic(Intrinsic::External(_)) => authorizer,
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_) => make.text("NONE"),
    }
}

/// What other origins may do; a key that is `null` takes the default away.
fn cors<'a>(make: Make<'a>, url: Value<'a>) -> Option<Value<'a>> {
    let cors = read::given(url, "cors")?;
    let make = make.at(cors.origin);
    let mut out: Vec<Entry<'a>> = Vec::new();
    let mut put = |key, value: Value<'a>| out.push(make.at(value.origin).entry(key, value));
    let settings = read::settle(cors);
    let mut list = |key: &str, name, default: &[&'a str]| {
        let value = match read::entry(settings, key).map(|e| e.value) {
            Some(value) if matches!(value.kind, Kind::Null) => return,
            Some(value) => make.at(value.origin).list(&read::items(value)),
            None if default.is_empty() => return,
            None => make.texts(default),
        };
        put(name, value);
    };
    list("allowedHeaders", "AllowHeaders", &HEADERS);
    list("allowedMethods", "AllowMethods", &["*"]);
    list("allowedOrigins", "AllowOrigins", &["*"]);
    list("exposedResponseHeaders", "ExposeHeaders", &[]);
    if let Some(value) = read::given(settings, "allowCredentials") {
        put("AllowCredentials", value);
    }
    if let Some(value) = read::get(settings, "maxAge") {
        put("MaxAge", value);
    }
    Some(make.entries(&out))
}
