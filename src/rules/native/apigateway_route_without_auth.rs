//! Routes of an API that answer whoever calls.

use crate::analysis::routes::{Guard, Route, fenced, routes};
use crate::rulebook::Severity;
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::Dialect;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for route in routes(&facts) {
        let what = route.name.as_deref().map_or_else(|| "this method".to_owned(), |name| format!("`{name}`"));
        let inside = route.api.is_some_and(|api| fenced(&facts, &api));
        let message = match route.guard {
            Guard::Open if inside => format!("whoever gets to the API may call {what}"),
            Guard::Open => format!("anyone may call {what}"),
            Guard::Key | Guard::Asked => continue,
            Guard::Unknown => format!("it is not known who may call {what}"),
        };
        // `GET …/items`.
        let message =
            if what.contains('…') { format!("{message}; its path begins in another stack") } else { message };
        // The route as a whole: what is told of it elsewhere is told of the same.
        let spot = Spot { item: Some(route.place), ..Spot::missing(route.place) };
        let mut hit = Hit::new(spot).of(&route.resource).under(&route.under).message(message).help(help(cx, route));
        if route.guard == Guard::Unknown {
            hit = hit.open();
        }
        // Behind a mock there is nothing: API Gateway says what stands in the template.
        let mock = match route.operation {
            Some(operation) => {
                let sort = operation.at(&["x-amazon-apigateway-integration", "type"]).and_then(|sort| sort.as_text());
                sort.is_some_and(|sort| sort.eq_ignore_ascii_case("mock"))
            }
            None => cx.resolver.is(&route.resource, &["Integration", "Type"], "MOCK").yes(),
        };
        let name = route.name.as_deref();
        if inside || mock || name.is_some_and(open_by_nature) {
            hit = hit.severity(Severity::Low);
        } else if name.is_some_and(|name| reads(name) && !name.contains('{')) {
            // A site and its contents are read by everyone; what changes something is worse, and so is what gives out whichever of
            // many things the caller names.
            hit = hit.severity(Severity::Medium);
        }
        out.report(hit);
    }
}

/// What to type, in the words of whoever wrote the route.
fn help<'a>(cx: &Context<'_, 'a>, route: &Route<'a>) -> &'static str {
    let http = route.resource.kind.starts_with("AWS::ApiGatewayV2::");
    if route.operation.is_some_and(|operation| operation.origin.is_written()) {
        return if http {
            "Give the operation `security: [{NAME: []}]`, and NAME an `x-amazon-apigateway-authorizer` under `securitySchemes`."
        } else {
            "Give the operation `security: [{NAME: []}]` (that of the whole definition API Gateway does not read), and NAME an \
             `x-amazon-apigateway-authorizer` under `securitySchemes` (OpenAPI 2: `securityDefinitions`)."
        };
    }
    // Of a WebSocket API only this route can ask.
    let connects = route.name.as_deref() == Some("$connect");
    match cx.template.dialect {
        Dialect::Serverless if route.resource.made_by.is_some() && connects => {
            "Give the event, in its long form, an `authorizer:` with the name of a function."
        }
        Dialect::CloudFormation | Dialect::Sam | Dialect::Serverless if connects => {
            "Set `AuthorizationType: AWS_IAM`, or `CUSTOM` with an `AuthorizerId`."
        }
        Dialect::Sam if route.operation.is_some() && http => {
            "Set `Auth: {Authorizer: NAME}` for the event, or `Auth: {DefaultAuthorizer: NAME}` for the API (without one of your own, \
             under `Globals: HttpApi`). What NAME is stands under `Auth: Authorizers`."
        }
        Dialect::Sam if route.operation.is_some() => {
            "Set `Auth: {Authorizer: AWS_IAM}` for the event, or `Auth: {DefaultAuthorizer: ...}` for the API (without one of your own, \
             under `Globals: Api`)."
        }
        Dialect::Serverless if route.resource.made_by.is_some() && http => {
            "Give the event, in its long form, `authorizer: {type: aws_iam}`, or `authorizer: {name: NAME}` with NAME under \
             `provider.httpApi.authorizers`."
        }
        Dialect::Serverless if route.resource.made_by.is_some() => {
            "Give the event, in its long form, `authorizer: aws_iam`, or `authorizer:` with the name of a function or the ARN of a user \
             pool."
        }
        Dialect::CloudFormation | Dialect::Sam | Dialect::Serverless if http => {
            "Set `AuthorizationType: AWS_IAM`, or `JWT` or `CUSTOM` with an `AuthorizerId`."
        }
        Dialect::CloudFormation | Dialect::Sam | Dialect::Serverless => {
            "Set `AuthorizationType: AWS_IAM`, or `COGNITO_USER_POOLS` or `CUSTOM` with an `AuthorizerId`."
        }
    }
}

/// Where whoever has no login yet gets one, and where machines report by a signature of their own.
const ENTRANCES: &[&str] = &[
    "callback",
    "forgot-password",
    "login",
    "oauth",
    "oauth2",
    "refresh",
    "register",
    "reset-password",
    "signin",
    "sign-in",
    "signup",
    "sign-up",
    "token",
    "webhook",
    "webhooks",
];

/// The same of whoever says who they are: `POST /users/verify`, and not `POST /suppliers/verify`.
const PROOFS: [&str; 2] = ["confirm", "verify"];

/// What stands before that.
const PERSONS: &[&str] = &[
    "account", "accounts", "auth", "code", "email", "login", "me", "mfa", "otp", "password", "phone", "register",
    "session", "signin", "signup", "token", "user", "users",
];

/// What anybody may look at.
const NOTICES: &[&str] =
    &["health", "healthcheck", "healthz", "ping", "public", "robots.txt", "favicon.ico", "status", "version"];

/// Whether the path of a route says that it has to be open: `POST /auth/login`, `GET /health`.
pub(super) fn open_by_nature(name: &str) -> bool {
    let Some((verb, path)) = name.split_once(' ') else { return false };
    let path = path.to_ascii_lowercase();
    let parts = || path.split('/').filter(|part| !part.is_empty());
    let last = parts().rfind(|part| !part.starts_with('{')).unwrap_or_default();
    // Whose proof it is stands before it, or there is nothing else to prove here.
    let mut before = parts()
        .take_while(|part| *part != last)
        .skip_while(|part| *part == "api" || part.trim_start_matches('v').parse::<u8>().is_ok());
    let proves = PROOFS.contains(&last) && before.all(|part| PERSONS.contains(&part));
    // `POST /events/{id}/register` registers for something.
    let enters = matches!(verb, "GET" | "POST" | "ANY") && !path.contains('{') && (proves || ENTRANCES.contains(&last));
    enters || reads(name) && (NOTICES.contains(&last) || parts().any(|part| matches!(part, ".well-known" | "public")))
}

/// Whether a route only reads: `GET /orders`.
fn reads(name: &str) -> bool {
    name.split_once(' ').is_some_and(|(verb, _)| matches!(verb, "GET" | "HEAD"))
}
