//! `alb`: rules of a load balancer's listener.

use super::super::make::Make;
use super::super::naming;
use super::super::read;
use super::super::service::{Event, Function, Service};
use super::super::stack::{Draft, Stack};
use crate::template::{Intrinsic, Kind, Value};

const PRINCIPAL: &str = "elasticloadbalancing.amazonaws.com";

/// Makes the target groups, rules and permissions of all functions.
pub(super) fn events<'a>(service: &Service<'a>, stack: &mut Stack<'a>) {
    for (_, function, event) in service.events("alb") {
        if event.value.as_map().is_some() {
            target(service, stack, function, event);
        }
    }
}

fn target<'a>(service: &Service<'a>, stack: &mut Stack<'a>, function: &Function<'a>, event: &Event<'a>) {
    let build = service.build;
    let cause = function.event_cause(build, "target group", event);
    let make = service.make(cause.origin);
    let field = |key: &str| read::get(event.value, key);
    let listener = field("listenerArn").unwrap_or(event.value);
    let balancer = balancer(listener);
    let multi = read::flag(event.value, "multiValueHeaders");
    let many = if multi { "MultiValue" } else { "" };
    let group = function.owned(build, &format!("Alb{many}TargetGroup{balancer}"));
    let register = function.owned(build, "LambdaPermissionRegisterTarget");
    let attribute = make.map(&[("Key", make.text("lambda.multi_value_headers.enabled")), ("Value", make.bool(multi))]);
    let tag =
        service.name.as_text().map(|s| make.written(format_args!("{s}-{}-{balancer}-{}", function.key, service.stage)));
    let name = read::given(event.value, "targetGroupName");
    let digested = service.name.as_text().map(|s| {
        let many = if multi { "multi-value-" } else { "" };
        let digest = super::super::md5::hex(&format!("{s}-{}-{balancer}-{many}{}", function.key, service.stage));
        let prefix = service.provider_at(&["alb", "targetGroupPrefix"]).and_then(|p| p.as_text()).unwrap_or("");
        make.made(&format!("{prefix}{digest}").chars().take(32).collect::<String>())
    });
    let name = name.or(digested).unwrap_or_else(|| build.unknown("the service has no name", make.origin));
    let mut draft = Draft::new(group, "AWS::ElasticLoadBalancingV2::TargetGroup", cause)
        .set("TargetType", make.text("lambda"))
        .set("Targets", make.list(&[make.map(&[("Id", function.target(make))])]))
        .set("Name", name)
        .maybe("Tags", tag.map(|t| make.list(&[make.map(&[("Key", make.text("Name")), ("Value", t)])])))
        .set("TargetGroupAttributes", make.list(&[attribute]))
        .after(&[make.text(register)])
        .after_alias(make, function);
    draft = health(make, draft, field("healthCheck"));
    stack.add(draft);

    let priority = field("priority").and_then(|p| p.as_text()).unwrap_or("");
    let cause = function.event_cause(build, "listener rule", event);
    stack.add(
        Draft::new(
            function.owned(build, &format!("AlbListenerRule{priority}")),
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            cause,
        )
        .set("Actions", actions(service, make, event, group))
        .set("Conditions", conditions(make, event))
        .set("ListenerArn", listener)
        .maybe("Priority", field("priority")),
    );
    let cause = function.event_cause(build, "permission", event);
    stack.permit(function.owned(build, "LambdaPermissionAlb"), cause, function, PRINCIPAL, Some(make.reference(group)));
    stack.permit(register, cause, function, PRINCIPAL, None);
}

/// The load balancer's id in the listener's ARN, or the listener's logical id.
fn balancer<'a>(listener: Value<'a>) -> &'a str {
    match listener.kind {
        Kind::Intrinsic(Intrinsic::Ref(id)) => id,
        Kind::Text(arn) => arn.rsplit('/').nth(1).unwrap_or(""),
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => "",
    }
}

fn health<'a>(make: Make<'a>, mut draft: Draft<'a>, check: Option<Value<'a>>) -> Draft<'a> {
    let Some(check) = check.filter(read::truthy) else { return draft.set("HealthCheckEnabled", make.bool(false)) };
    let make = make.at(check.origin);
    let field = |key: &str| read::get(check, key);
    draft = draft
        .set("HealthCheckEnabled", make.bool(true))
        .set("HealthCheckPath", field("path").unwrap_or_else(|| make.text("/")));
    for (key, name, default) in [
        ("intervalSeconds", "HealthCheckIntervalSeconds", 35),
        ("timeoutSeconds", "HealthCheckTimeoutSeconds", 30),
        ("healthyThresholdCount", "HealthyThresholdCount", 5),
        ("unhealthyThresholdCount", "UnhealthyThresholdCount", 5),
    ] {
        draft = draft.set(name, field(key).unwrap_or_else(|| make.number(default)));
    }
    let code = read::at(check, &["matcher", "httpCode"]).unwrap_or_else(|| make.text("200"));
    draft.set("Matcher", make.map(&[("HttpCode", code)]))
}

/// The checks of who is calling, and then the function.
fn actions<'a>(service: &Service<'a>, make: Make<'a>, event: &Event<'a>, group: &'a str) -> Value<'a> {
    let mut actions = Vec::new();
    let names = read::given(event.value, "authorizer").map(read::items).unwrap_or_default();
    for name in names {
        let authorizer = name.as_text().and_then(|n| service.provider_at(&["alb", "authorizers", n]));
        let Some(authorizer) = authorizer else { continue };
        let make = make.at(authorizer.origin);
        let order = make.number(i64::try_from(actions.len()).unwrap_or(0) + 1);
        let cognito = read::text(authorizer, "type") == Some("cognito");
        let mut config = Vec::new();
        for entry in authorizer.entries() {
            match entry.key {
                "type" | "allowUnauthenticated" | "onUnauthenticatedRequest" => {}
                "requestExtraParams" => config.push(("AuthenticationRequestExtraParams", entry.value)),
                key => config.push((make.keep(&naming::upper_first(key)), entry.value)),
            }
        }
        let refused = read::given(authorizer, "onUnauthenticatedRequest").unwrap_or_else(|| make.text("deny"));
        config.push(("OnUnauthenticatedRequest", refused));
        if !cognito && read::given(authorizer, "clientSecret").is_none() {
            config.push(("UseExistingClientSecret", make.bool(true)));
        }
        let (kind, key) = if cognito {
            ("authenticate-cognito", "AuthenticateCognitoConfig")
        } else {
            ("authenticate-oidc", "AuthenticateOidcConfig")
        };
        actions.push(make.map(&[("Type", make.text(kind)), ("Order", order), (key, make.map(&config))]));
    }
    let mut forward = vec![("Type", make.text("forward")), ("TargetGroupArn", make.reference(group))];
    if !actions.is_empty() {
        forward.push(("Order", make.number(i64::try_from(actions.len()).unwrap_or(0) + 1)));
    }
    actions.push(make.map(&forward));
    make.list(&actions)
}

fn conditions<'a>(make: Make<'a>, event: &Event<'a>) -> Value<'a> {
    let Some(written) = read::get(event.value, "conditions") else { return make.list(&[]) };
    let field = |key: &str| read::given(written, key);
    let list = |value: Value<'a>| make.at(value.origin).list(&read::items(value));
    let mut out = Vec::new();
    let mut put = |name: &'a str, key: &'a str, value: Value<'a>| {
        let make = make.at(value.origin);
        out.push(make.map(&[("Field", make.text(name)), (key, value)]));
    };
    let values = |value: Value<'a>| make.at(value.origin).map(&[("Values", value)]);
    if let Some(path) = field("path") {
        put("path-pattern", "Values", list(path));
    }
    if let Some(host) = field("host") {
        put("host-header", "HostHeaderConfig", values(list(host)));
    }
    if let Some(method) = field("method") {
        put("http-request-method", "HttpRequestMethodConfig", values(list(method)));
    }
    for header in field("header").map(read::items).unwrap_or_default() {
        let name = read::get(header, "name").unwrap_or(header);
        let all = read::get(header, "values").unwrap_or(header);
        put(
            "http-header",
            "HttpHeaderConfig",
            make.at(header.origin).map(&[("HttpHeaderName", name), ("Values", all)]),
        );
    }
    if let Some(query) = field("query") {
        let pairs = make.tags(&[Some(query)]).unwrap_or(query);
        put("query-string", "QueryStringConfig", values(pairs));
    }
    if let Some(ip) = field("ip") {
        put("source-ip", "SourceIpConfig", values(list(ip)));
    }
    make.list(&out)
}
