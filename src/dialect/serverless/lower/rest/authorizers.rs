//! Who may call a route of a REST API.

use super::super::make::{Make, told};
use super::super::naming;
use super::super::read;
use super::super::service::{Cause, Service};
use super::super::stack::{Draft, Stack};
use super::{Http, api_id};
use crate::template::{Kind, Value};

/// An authorizer, read.
pub(super) struct Authorizer<'a> {
    /// Its type as written.
    pub kind: Option<Value<'a>>,
    /// Its name.
    pub name: &'a str,
    /// The function or user pool that decides.
    pub arn: Option<Value<'a>>,
    /// An authorizer that exists already.
    pub id: Option<Value<'a>>,
    /// The alias of the function that decides.
    pub alias: Option<&'a str>,
    /// True when somebody else permits the call.
    pub external: bool,
    /// The setting that decides.
    pub written: Value<'a>,
    /// The whole setting, choices included.
    pub whole: Value<'a>,
}

impl<'a> Authorizer<'a> {
    /// Its type, upper-case.
    pub(super) fn kind(&self) -> String {
        self.kind.and_then(|k| k.as_text()).unwrap_or("").to_uppercase()
    }

    /// True when a user pool decides.
    pub(super) fn cognito(&self) -> bool {
        let pool = |arn: &str| arn.starts_with("arn:") && arn.split(':').nth(2) == Some("cognito-idp");
        self.kind() == "COGNITO_USER_POOLS" || self.arn.and_then(|a| a.as_text()).is_some_and(pool)
    }

    /// A field of the setting.
    fn field(&self, key: &str) -> Option<Value<'a>> {
        read::get(self.written, key)
    }
}

/// Reads an `authorizer` setting.
pub(super) fn read<'a>(service: &Service<'a>, whole: Value<'a>) -> Option<Authorizer<'a>> {
    let written = read::chosen(whole);
    if !read::truthy(&written) {
        return None;
    }
    let mut authorizer =
        Authorizer { kind: None, name: "", arn: None, id: None, alias: None, external: false, written, whole };
    if read::is_open(&written) {
        return Some(authorizer);
    }
    let mut function = None;
    if written.as_map().is_none() {
        let text = read::plain(service.build, written);
        if text.eq_ignore_ascii_case("aws_iam") {
            authorizer.kind = Some(service.make(written.origin).text("AWS_IAM"));
        } else if matches!(written.kind, Kind::Text(_)) && !text.contains(':') {
            function = Some(text);
        } else {
            authorizer.arn = Some(written);
            authorizer.name = name_of(text);
        }
    } else {
        authorizer.kind = read::given(written, "type");
        authorizer.external = read::flag(written, "managedExternally");
        authorizer.id = read::given(written, "authorizerId");
        let name = read::text(written, "name");
        if authorizer.kind.is_some() && authorizer.id.is_some() {
            authorizer.name = name.unwrap_or("");
        } else if authorizer.kind() == "AWS_IAM" {
            authorizer.id = None;
        } else if let Some(arn) = read::given(written, "arn") {
            authorizer.arn = Some(arn);
            authorizer.name = name.unwrap_or_else(|| name_of(read::plain(service.build, arn)));
        } else {
            function = Some(name?);
        }
    }
    if let Some(key) = function {
        authorizer.name = key;
        let make = service.make(written.origin);
        match service.find(key) {
            Some(function) => {
                authorizer.arn = Some(function.target(make));
                authorizer.alias = function.alias.map(|(_, id)| id);
            }
            None => {
                authorizer.arn =
                    Some(make.att(told(service.build, format_args!("{}LambdaFunction", naming::normal(key))), "Arn"))
            }
        }
    }
    Some(authorizer)
}

/// Makes the authorizers.
pub(super) fn authorizers<'a>(service: &Service<'a>, stack: &mut Stack<'a>, events: &[Http<'_, 'a>]) {
    for http in events {
        let Some(authorizer) = &http.authorizer else { continue };
        let cause = http.function.cause_at(service.build, "authorizer", authorizer.written.origin, http.event.guard);
        make(service, stack, authorizer, cause);
    }
}

/// Makes one authorizer, unless it exists already.
pub(super) fn make<'a>(service: &Service<'a>, stack: &mut Stack<'a>, authorizer: &Authorizer<'a>, cause: Cause<'a>) {
    let Some(arn) = authorizer.arn else { return };
    let id = id(service, authorizer);
    let make = service.make(cause.origin);
    let map = authorizer.written.as_map().is_some();
    let ttl = authorizer.field("resultTtlInSeconds").or_else(|| map.then(|| make.number(300)));
    let uncached = authorizer.kind() == "REQUEST" && ttl.and_then(|t| t.as_number()) == Some(0.0);
    let identity = authorizer
        .field("identitySource")
        .filter(read::truthy)
        .or_else(|| (!uncached).then(|| make.text("method.request.header.Authorization")));
    let mut draft = Draft::new(id, "AWS::ApiGateway::Authorizer", cause)
        .maybe("AuthorizerResultTtlInSeconds", ttl)
        .maybe("IdentitySource", identity)
        .set("Name", make.text(authorizer.name))
        .set("RestApiId", api_id(service, make))
        .maybe("IdentityValidationExpression", authorizer.field("identityValidationExpression"));
    if authorizer.cognito() {
        draft = draft.set("Type", make.text("COGNITO_USER_POOLS")).set("ProviderARNs", make.list(&[arn]));
    } else {
        let kind = authorizer.kind();
        let kind = if kind.is_empty() { make.text("TOKEN") } else { make.made(&kind) };
        draft = draft.set("AuthorizerUri", invocation(make, arn)).set("Type", kind);
    }
    if let Some(alias) = authorizer.alias {
        draft = draft.after(&[make.text(alias)]);
    }
    stack.add(draft);
}

/// The logical id of an authorizer.
pub(super) fn id<'a>(service: &Service<'a>, authorizer: &Authorizer<'a>) -> &'a str {
    told(service.build, format_args!("{}ApiGatewayAuthorizer", naming::normal(authorizer.name)))
}

/// The address at which API Gateway calls a function.
pub(in super::super) fn invocation<'a>(make: Make<'a>, function: Value<'a>) -> Value<'a> {
    make.partition_arn(&[
        make.text(":apigateway:"),
        make.reference("AWS::Region"),
        make.text(":lambda:path/2015-03-31/functions/"),
        function,
        make.text("/invocations"),
    ])
}

/// The name that an ARN ends with: after the last colon, and there after the last dash.
fn name_of(arn: &str) -> &str {
    let last = arn.rsplit(':').next().unwrap_or(arn);
    last.rsplit('-').next().unwrap_or(last)
}
