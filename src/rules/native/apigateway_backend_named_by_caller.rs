//! Integrations whose host, bucket, queue or state machine the caller says.

use super::{Context, Rule, Sink};
use crate::analysis::walk::at_path;
use crate::resolve::{Case, Text};
use crate::rulebook::Severity;
use crate::rules::{Hit, Spot};
use crate::template::Resource;

/// What the calls of HTTP APIs to other services are about: the parameter that names it.
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-aws-services-reference.html>
const NAMED: &[(&str, &str)] = &[
    ("EventBusName", "event bus"),
    ("QueueUrl", "queue"),
    ("StateMachineArn", "state machine"),
    ("StreamName", "stream"),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for method in cx.resources("AWS::ApiGateway::Method") {
        for integration in cx.resolver.property(method, &["Integration"]) {
            judge(cx, method, &integration, ["Uri", "RequestParameters"], out);
        }
    }
    for api in cx.resources("AWS::ApiGateway::RestApi") {
        for integration in at_path(cx.resolver, api, "Body.paths.*.*.x-amazon-apigateway-integration") {
            judge(cx, api, &integration, ["uri", "requestParameters"], out);
        }
    }
    for integration in cx.resources("AWS::ApiGatewayV2::Integration") {
        for parameters in cx.resolver.property(integration, &["RequestParameters"]) {
            judge_call(cx, integration, &parameters, out);
        }
    }
    for api in cx.resources("AWS::ApiGatewayV2::Api") {
        for parameters in at_path(cx.resolver, api, "Body.paths.*.*.x-amazon-apigateway-integration.requestParameters")
        {
            judge_call(cx, api, &parameters, out);
        }
    }
}

/// A call of another service, with what the request is turned into.
fn judge_call<'a>(cx: &Context<'_, 'a>, of: &Resource<'a>, parameters: &Case<'a>, out: &mut Sink<'a>) {
    let Some(map) = parameters.present() else { return };
    for (parameter, what) in NAMED {
        for case in cx.resolver.get(&map, parameter, &parameters.under) {
            let Some(from) = case.text() else { continue };
            if from.starts_with("$request.") || from.starts_with("${request.") {
                out.report(told(of, &case, &from, what).under(&case.under).severity(Severity::Medium));
            }
        }
    }
}

fn judge<'a>(cx: &Context<'_, 'a>, of: &Resource<'a>, integration: &Case<'a>, keys: [&str; 2], out: &mut Sink<'a>) {
    let Some(value) = integration.present() else { return };
    let [uri, sources] = keys;
    for case in cx.resolver.get(&value, uri, &integration.under) {
        let Some(address) = case.present() else { continue };
        let text = Text::of(&address).pattern();
        let (name, what, severity) = match (name_in_host(&text), name_of_bucket(&text)) {
            (Some(name), _) => (name, "host", Severity::High),
            (None, Some(name)) => (name, "bucket", Severity::Medium),
            (None, None) => continue,
        };
        let key = format!("integration.request.path.{name}");
        for source in cx.resolver.at(&value, &[sources, &key], &case.under) {
            if let Some(from) = source.text().filter(|from| from.starts_with("method.request.")) {
                out.report(told(of, &case, &from, what).under(&source.under).severity(severity));
            }
        }
    }
}

/// That what is asked is named by a part of the request.
fn told<'a>(of: &Resource<'a>, named: &Case<'a>, from: &str, what: &str) -> Hit<'a> {
    Hit::new(Spot::of(named)).of(of).message(format!("the caller says in `{from}` which {what} the API asks"))
}

/// `host` of `https://{host}.example.com/orders`; a variable of the stage, `${stageVariables.host}`, is the owner's.
fn name_in_host(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once("://")?;
    let host = rest
        .split('/')
        .next()
        .filter(|_| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))?;
    // A name below a domain that is said stays in it; whose domain it is, its end says.
    let host = host.rsplit_once(':').filter(|(_, port)| !port.contains('.')).map_or(host, |(host, _)| host);
    let (before, name) = host.rsplit_once('{')?;
    let (name, behind) = name.split_once('}')?;
    let open = !behind.contains('.');
    (!before.ends_with('$') && open).then_some(name)
}

/// `bucket` of `arn:aws:apigateway:eu-central-1:s3:path/{bucket}/{key}`.
fn name_of_bucket(uri: &str) -> Option<&str> {
    let (_, path) = uri.split_once(":s3:path/")?;
    path.split('/').next()?.strip_prefix('{')?.strip_suffix('}')
}
