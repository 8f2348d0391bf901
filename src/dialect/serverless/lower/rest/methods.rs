//! The methods of a REST API: who may call them and what they call.

use super::super::make::{Make, told};
use super::super::naming;
use super::super::read;
use super::super::service::{Cause, Service};
use super::super::stack::{Draft, Stack};
use super::authorizers::{self, Authorizer, invocation};
use super::paths::Tree;
use super::{Http, api_id};
use crate::template::{Kind, Value};

/// Makes the methods.
pub(super) fn methods<'a>(service: &Service<'a>, stack: &mut Stack<'a>, events: &[Http<'_, 'a>], tree: &Tree<'a>) {
    for http in events {
        let cause = http.function.event_cause(service.build, "API method", &http.event);
        let make = service.make(cause.origin);
        let parameters = parameters(make, http);
        let required: Vec<_> = parameters.iter().map(|(key, value)| (*key, required(make, *value))).collect();
        let key = read::get(http.event.value, "private").map(read::settle);
        let key = match key {
            Some(private) => make.at(private.origin).bool(read::truthy(&private)),
            None => make.bool(false),
        };
        let mut draft = Draft::new(http.id, "AWS::ApiGateway::Method", cause)
            .set("HttpMethod", make.made(&http.method.to_uppercase()))
            .set("RequestParameters", make.map(&required))
            .set("ResourceId", tree.resource(http.path))
            .set("RestApiId", api_id(service, make))
            .maybe("OperationName", read::get(http.event.value, "operationId"))
            .set("ApiKeyRequired", key)
            .set("Integration", integration(make, http, &parameters))
            .set("MethodResponses", make.list(&responses(make, http)))
            .after(&[make.text(http.function.owned(service.build, "LambdaPermissionApiGateway"))])
            .after_alias(make, http.function);
        draft = authorization(service, make, http.authorizer.as_ref(), draft);
        draft = validation(service, stack, http, cause, draft, &required);
        stack.add(draft);
    }
}

/// Who may call the method.
pub(super) fn authorization<'a>(
    service: &Service<'a>,
    make: Make<'a>,
    authorizer: Option<&Authorizer<'a>>,
    draft: Draft<'a>,
) -> Draft<'a> {
    let Some(authorizer) = authorizer else { return draft.set("AuthorizationType", make.text("NONE")) };
    if read::is_open(&authorizer.written) {
        return draft.set("AuthorizationType", authorizer.written);
    }
    let draft = authorized(service, make, authorizer, draft);
    if authorizer.whole.as_intrinsic().is_none() {
        return draft;
    }
    // Who may call depends on a condition: so does the type.
    let kind = read::each_branch(make, authorizer.whole, &|branch| {
        if read::is_open(&branch) {
            return branch;
        }
        let at = make.at(branch.origin);
        match authorizers::read(service, branch) {
            None => at.text("NONE"),
            Some(one) if one.kind() == "AWS_IAM" => at.text("AWS_IAM"),
            Some(one) if one.cognito() => at.text("COGNITO_USER_POOLS"),
            Some(_) => at.text("CUSTOM"),
        }
    });
    if kind.as_intrinsic().is_some() { draft.set("AuthorizationType", kind) } else { draft }
}

fn authorized<'a>(service: &Service<'a>, make: Make<'a>, authorizer: &Authorizer<'a>, draft: Draft<'a>) -> Draft<'a> {
    let make = make.at(authorizer.written.origin);
    let scopes = read::get(authorizer.written, "scopes").filter(|s| !super::super::stack::is_empty(s));
    let kind = authorizer.kind();
    if kind == "AWS_IAM" {
        return draft.set("AuthorizationType", make.text("AWS_IAM"));
    }
    if let (Some(written), Some(id)) = (authorizer.kind, authorizer.id) {
        let custom = kind == "TOKEN" || kind == "REQUEST";
        return draft
            .set("AuthorizationType", if custom { make.text("CUSTOM") } else { written })
            .set("AuthorizerId", id)
            .maybe("AuthorizationScopes", scopes.filter(|_| kind == "COGNITO_USER_POOLS"));
    }
    let id = authorizers::id(service, authorizer);
    let cognito = authorizer.cognito();
    draft
        .set("AuthorizationType", make.text(if cognito { "COGNITO_USER_POOLS" } else { "CUSTOM" }))
        .set("AuthorizerId", make.reference(id))
        .maybe("AuthorizationScopes", scopes.filter(|_| cognito))
        .first_after(make.text(id))
}

/// `method.request.header.X` and so on, as written.
fn parameters<'a>(make: Make<'a>, http: &Http<'_, 'a>) -> Vec<(&'a str, Value<'a>)> {
    let mut out = Vec::new();
    let Some(written) = read::at(http.event.value, &["request", "parameters"]) else { return out };
    for (key, singular) in [("querystrings", "querystring"), ("paths", "path"), ("headers", "header")] {
        let map = read::get(written, key).map(read::settle).map(|m| m.entries()).unwrap_or_default();
        for entry in map {
            out.push((told(make.build, format_args!("method.request.{singular}.{}", entry.key)), entry.value));
        }
    }
    out
}

fn required<'a>(make: Make<'a>, value: Value<'a>) -> Value<'a> {
    match value.kind {
        Kind::Map(_) => read::get(value, "required").unwrap_or_else(|| make.at(value.origin).bool(true)),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::Text(_)
        | Kind::List(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => value,
    }
}

fn integration<'a>(make: Make<'a>, http: &Http<'_, 'a>, parameters: &[(&'a str, Value<'a>)]) -> Value<'a> {
    let kind = http.integration.as_str();
    let request = |key: &str| read::at(http.event.value, &["request", key]);
    let mut out = vec![("IntegrationHttpMethod", make.text("POST")), ("Type", make.made(kind))];
    match kind {
        "AWS" | "AWS_PROXY" => out.push(("Uri", invocation(make, http.function.target(make)))),
        "HTTP" | "HTTP_PROXY" => {
            out.extend(request("uri").map(|uri| ("Uri", uri)));
            let method =
                read::text(http.event.value, "request").or_else(|| request("method").and_then(|m| m.as_text()));
            out[0].1 = make.made(&method.unwrap_or(&http.method).to_uppercase());
            if let Some(connection) = read::text(http.event.value, "connectionType") {
                out.push(("ConnectionType", make.made(&connection.to_uppercase().replacen('-', "_", 1))));
                out.extend(read::get(http.event.value, "connectionId").map(|id| ("ConnectionId", id)));
            }
        }
        _ => {}
    }
    let custom = matches!(kind, "AWS" | "HTTP" | "MOCK");
    if custom {
        let pass = request("passThrough").filter(read::truthy).or_else(|| (kind == "AWS").then(|| make.text("NEVER")));
        out.extend(pass.map(|p| ("PassthroughBehavior", p)));
        out.extend(request("contentHandling").map(|c| ("ContentHandling", c)));
        out.extend(request("template").map(|t| ("RequestTemplates", t)));
        let codes = status_codes(make, http);
        let headers = super::cors::headers(make, http);
        if !codes.is_empty() {
            let codes: Vec<_> = codes
                .iter()
                .map(|(code, pattern)| {
                    let mut response = vec![("StatusCode", make.made(code)), ("SelectionPattern", *pattern)];
                    response.extend(headers.map(|h| ("ResponseParameters", h)));
                    make.map(&response)
                })
                .collect();
            out.push(("IntegrationResponses", make.list(&codes)));
        }
    }
    let asynchronous = read::flag(http.event.value, "async");
    if asynchronous || (matches!(kind, "AWS" | "HTTP" | "HTTP_PROXY") && !parameters.is_empty()) {
        let mut mapped: Vec<_> = parameters
            .iter()
            .map(|(key, value)| {
                let to = make.keep(&key.replacen("method.", "integration.", 1));
                (to, read::get(*value, "mappedValue").unwrap_or_else(|| make.text(key)))
            })
            .collect();
        if asynchronous {
            mapped.push(("integration.request.header.X-Amz-Invocation-Type", make.text("'Event'")));
        }
        out.push(("RequestParameters", make.map(&mapped)));
    }
    make.map(&out)
}

/// The status codes of an integration that is not a proxy, and which errors they stand for.
fn status_codes<'a>(make: Make<'a>, http: &Http<'_, 'a>) -> Vec<(String, Value<'a>)> {
    let written = read::at(http.event.value, &["response", "statusCodes"]).map(read::settle).and_then(|c| c.as_map());
    if let Some(map) = written {
        let mut codes: Vec<_> = map
            .entries
            .iter()
            .map(|e| {
                (e.key.to_owned(), read::get(e.value, "pattern").unwrap_or_else(|| make.at(e.key_origin).text("")))
            })
            .collect();
        if !codes.iter().any(|(_, pattern)| pattern.as_text() == Some("")) {
            codes.push(("200".to_owned(), make.text("")));
        }
        return codes;
    }
    if http.integration != "AWS" && read::get(http.event.value, "response").is_none() {
        return Vec::new();
    }
    let mut codes = vec![("200".to_owned(), make.text(""))];
    for code in [400, 401, 403, 404, 422] {
        codes.push((code.to_string(), make.written(format_args!("[\\s\\S]*\\[{code}\\][\\s\\S]*"))));
    }
    codes.push((
        "500".to_owned(),
        make.text("[\\s\\S]*(Process\\s?exited\\s?before\\s?completing\\s?request|\\[500\\])[\\s\\S]*"),
    ));
    codes.push(("502".to_owned(), make.text("[\\s\\S]*\\[502\\][\\s\\S]*")));
    codes.push((
        "504".to_owned(),
        make.text("([\\s\\S]*\\[504\\][\\s\\S]*)|(.*Task timed out after \\d+\\.\\d+ seconds$)"),
    ));
    codes
}

fn responses<'a>(make: Make<'a>, http: &Http<'_, 'a>) -> Vec<Value<'a>> {
    if !matches!(http.integration.as_str(), "AWS" | "HTTP" | "MOCK") {
        return Vec::new();
    }
    let codes = status_codes(make, http);
    codes.iter().map(|(code, _)| make.map(&[("StatusCode", make.made(code))])).collect()
}

/// The validator that required parameters and schemas bring.
fn validation<'a>(
    service: &Service<'a>,
    stack: &mut Stack<'a>,
    http: &Http<'_, 'a>,
    cause: Cause<'a>,
    mut draft: Draft<'a>,
    required: &[(&'a str, Value<'a>)],
) -> Draft<'a> {
    let make = service.make(cause.origin);
    let schemas = ["schemas", "schema"]
        .iter()
        .find_map(|key| read::at(http.event.value, &["request", key]))
        .map(read::settle)
        .and_then(|s| s.as_map());
    let any = required.iter().any(|(_, value)| read::truthy(value));
    if !any && schemas.is_none() {
        return draft;
    }
    let service_name = service.name.as_text().unwrap_or("");
    let id = told(service.build, format_args!("ApiGateway{}RequestValidator", naming::alnum(service_name)));
    if !stack.has(id) {
        let name = make.concat(&[
            service.named(make.origin, ""),
            make.text(" | Validate request body and querystring parameters"),
        ]);
        let cause = http.function.event_cause(service.build, "request validator", &http.event);
        stack.add(
            Draft::new(id, "AWS::ApiGateway::RequestValidator", cause)
                .set("RestApiId", api_id(service, make))
                .set("ValidateRequestBody", make.bool(true))
                .set("ValidateRequestParameters", make.bool(true))
                .set("Name", name),
        );
    }
    draft = draft.set("RequestValidatorId", make.reference(id));
    let mut models = Vec::new();
    for entry in schemas.map(|s| s.entries).unwrap_or_default() {
        let shared = entry
            .value
            .as_text()
            .and_then(|name| Some((name, service.provider_at(&["apiGateway", "request", "schemas", name])?)));
        let (model, setting, kind) = match shared {
            Some((name, setting)) => {
                (format!("ApiGateway{}Model", naming::start_case(name)), setting, "application/json")
            }
            None => (format!("{}{}Model", http.id, naming::start_case(entry.key)), entry.value, entry.key),
        };
        let model = service.build.str(&model);
        let cause = http.function.cause_at(service.build, "model", entry.key_origin, http.event.guard);
        let schema = read::get(setting, "schema");
        stack.add(
            Draft::new(model, "AWS::ApiGateway::Model", cause)
                .set("RestApiId", api_id(service, make))
                .set("ContentType", make.text(kind))
                .set("Schema", schema.unwrap_or(setting))
                .maybe("Name", schema.and_then(|_| read::get(setting, "name")))
                .maybe("Description", schema.and_then(|_| read::get(setting, "description"))),
        );
        models.push((entry.key, make.at(entry.key_origin).reference(model)));
    }
    if models.is_empty() { draft } else { draft.set("RequestModels", make.map(&models)) }
}
