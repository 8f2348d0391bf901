//! `Auth.ResourcePolicy`: which accounts, addresses and networks may call a REST API.

use foldhash::HashSet;

use super::super::make::Make;
use super::super::read::print;
use super::definition::{Definition, normal};
use super::routes::{ANY, Protocol, starred};
use super::tree::{Open, Part};
use crate::template::Value;

const POLICY: &str = "x-amazon-apigateway-policy";

/// Adds what a resource policy says about one path.
pub(super) fn of_path<'a>(
    make: Make<'a>,
    definition: &mut Definition<'a>,
    policy: Value<'a>,
    path: &str,
    stage: Value<'a>,
) {
    let resources = resources(make, &definition.items(path), path, stage);
    add(make, definition, &statements(make, policy, resources));
}

/// Adds what a resource policy says about every path.
pub(super) fn of_all<'a>(make: Make<'a>, definition: &mut Definition<'a>, policy: Value<'a>, stage: Value<'a>) {
    let of = |(path, items): (&str, Vec<&Open<'a>>)| statements(make, policy, resources(make, &items, path, stage));
    let all: Vec<_> = definition.each().into_iter().flat_map(of).collect();
    add(make, definition, &all);
}

/// The statements of a policy about some methods, each with whether it is there only once.
fn statements<'a>(make: Make<'a>, policy: Value<'a>, resources: Value<'a>) -> Vec<(Value<'a>, bool)> {
    let field = |key: &str| policy.get(key).map(|e| e.value).filter(|v| !v.is_null());
    let mut statements = Vec::new();
    for (key, effect) in [("AwsAccountWhitelist", "Allow"), ("AwsAccountBlacklist", "Deny")] {
        if let Some(accounts) = field(key).map(|v| v.items()).filter(|v| !v.is_empty()) {
            let make = make.because(policy.get(key).map_or(make.origin, |e| e.value.origin));
            let principal = make.map(&[("AWS", make.list(&accounts))]);
            statements.push((statement(make, effect, resources, principal, None), false));
        }
    }
    for (key, operator) in [("IpRangeWhitelist", "NotIpAddress"), ("IpRangeBlacklist", "IpAddress")] {
        if let Some(ranges) = field(key).map(|v| v.items()).filter(|v| !v.is_empty()) {
            let make = make.because(policy.get(key).map_or(make.origin, |e| e.value.origin));
            let condition = make.map(&[("aws:SourceIp", make.list(&ranges))]);
            statements.extend(except(make, resources, operator, condition));
        }
    }
    for (side, operator) in [("Blacklist", "StringEquals"), ("Whitelist", "StringNotEquals")] {
        let key = |name: &str| policy.get(&format!("{name}{side}")).filter(|e| !e.value.is_null());
        let items = |name: &str| key(name).map_or_else(Vec::new, |e| e.value.items());
        let begins = |v: &Value<'a>, with: &str| v.as_text().is_some_and(|t| t.starts_with(with));
        let plain = items("SourceVpc");
        let mut networks: Vec<_> = plain.iter().copied().filter(|v| begins(v, "vpc-")).collect();
        let mut endpoints: Vec<_> = plain.iter().copied().filter(|v| begins(v, "vpce-")).collect();
        networks.extend(items("IntrinsicVpc"));
        endpoints.extend(items("IntrinsicVpce"));
        if networks.is_empty() && endpoints.is_empty() {
            continue;
        }
        let first = ["SourceVpc", "IntrinsicVpc", "IntrinsicVpce"].into_iter().find_map(key);
        let make = make.because(first.map_or(make.origin, |e| e.value.origin));
        let listed = |values: &[Value<'a>]| Some(make.list(values)).filter(|_| !values.is_empty());
        let condition = make.some(&[("aws:SourceVpc", listed(&networks)), ("aws:SourceVpce", listed(&endpoints))]);
        statements.extend(except(make, resources, operator, condition));
    }
    statements
}

/// Adds the statements that the user wrote out.
pub(super) fn custom<'a>(make: Make<'a>, definition: &mut Definition<'a>, policy: Value<'a>) {
    let Some(written) = policy.get("CustomStatements").map(|e| e.value).filter(|v| !v.is_null()) else { return };
    let statements: Vec<_> = written.items().into_iter().map(|s| (s, true)).collect();
    add(make.because(written.origin), definition, &statements);
}

/// Appends statements; those marked are left out when the same one is there already.
fn add<'a>(make: Make<'a>, definition: &mut Definition<'a>, statements: &[(Value<'a>, bool)]) {
    if statements.is_empty() {
        return;
    }
    for policy in definition.root().make(POLICY, make.origin).maps_mut() {
        let before = policy.take("Statement").map(|p| p.close(make.build));
        let mut all = before.map_or_else(Vec::new, |v| v.items());
        let mut seen: HashSet<String> = all.iter().filter_map(|s| print(*s)).collect();
        for (statement, once) in statements {
            let new = print(*statement).is_none_or(|text| seen.insert(text));
            if new || !once {
                all.push(*statement);
            }
        }
        policy.put("Version", make.origin, Part::Leaf(make.text("2012-10-17")));
        policy.put("Statement", make.origin, Part::Leaf(make.list(&all)));
    }
}

/// Everybody may, and then those who meet the condition may not.
fn except<'a>(make: Make<'a>, resources: Value<'a>, operator: &'a str, condition: Value<'a>) -> [(Value<'a>, bool); 2] {
    let everybody = make.text("*");
    let condition = make.map(&[(operator, condition)]);
    [
        (statement(make, "Allow", resources, everybody, None), true),
        (statement(make, "Deny", resources, everybody, Some(condition)), true),
    ]
}

fn statement<'a>(
    make: Make<'a>,
    effect: &'a str,
    resources: Value<'a>,
    principal: Value<'a>,
    condition: Option<Value<'a>>,
) -> Value<'a> {
    make.some(&[
        ("Effect", Some(make.text(effect))),
        ("Action", Some(make.text("execute-api:Invoke"))),
        ("Resource", Some(resources)),
        ("Principal", Some(principal)),
        ("Condition", condition),
    ])
}

/// The methods of a path, as resources of the policy.
fn resources<'a>(make: Make<'a>, items: &[&Open<'a>], path: &str, stage: Value<'a>) -> Value<'a> {
    let pattern = starred(path, Protocol::Rest);
    let keys = items.iter().flat_map(|item| item.entries.iter().map(|(key, ..)| *key));
    let resources: Vec<_> = keys
        .map(|key| {
            let verb = if normal(key) == ANY { "*".to_owned() } else { key.to_ascii_uppercase() };
            make.sub_with(&format!("execute-api:/${{__Stage__}}/{verb}{pattern}"), &[("__Stage__", stage)])
        })
        .collect();
    make.list(&resources)
}
