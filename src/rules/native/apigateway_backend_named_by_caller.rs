//! Integrations whose host the caller says.

use super::{Context, Rule, Sink};
use crate::analysis::walk::at_path;
use crate::resolve::{Case, Text};
use crate::rules::{Hit, Spot};
use crate::template::Resource;

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
}

fn judge<'a>(cx: &Context<'_, 'a>, of: &Resource<'a>, integration: &Case<'a>, keys: [&str; 2], out: &mut Sink<'a>) {
    let Some(value) = integration.present() else { return };
    let [uri, sources] = keys;
    for case in cx.resolver.get(&value, uri, &integration.under) {
        let Some(address) = case.present() else { continue };
        let text = Text::of(&address).pattern();
        let Some(name) = name_in_host(&text) else { continue };
        let key = format!("integration.request.path.{name}");
        for source in cx.resolver.at(&value, &[sources, &key], &case.under) {
            let from = source.present().and_then(|from| Text::of(&from).known());
            if let Some(from) = from.filter(|from| from.starts_with("method.request.")) {
                let spot = Spot::of(&case);
                let message = format!("the caller says in `{from}` which host the API asks");
                out.report(Hit::new(spot).of(of).under(&source.under).message(message));
            }
        }
    }
}

/// `host` of `https://{host}.example.com/orders`; a variable of the stage, `${stageVariables.host}`, is the owner's.
fn name_in_host(uri: &str) -> Option<&str> {
    let (scheme, rest) = uri.split_once("://")?;
    let host = rest
        .split('/')
        .next()
        .filter(|_| scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))?;
    let (before, name) = host.split_once('{')?;
    let (name, behind) = name.split_once('}')?;
    // A name below a domain that is said stays in it.
    let open = !behind.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit()).contains('.');
    (!before.ends_with('$') && open).then_some(name)
}
