//! The functions that load balancers on the internet call, whoever it is that asks.

use std::collections::BTreeMap;

use super::functions::Facts;
use super::graph::function_of;
use super::walk::{at_path, at_path_in};
use crate::resolve::{Case, Known, Text, Truth, Under};
use crate::template::{Origin, Resource};

/// What forwards to a function.
#[derive(Debug)]
pub(super) struct Forward<'a> {
    /// The function, by its position, in this case.
    pub function: (usize, Under),
    /// The action.
    pub place: Origin<'a>,
    /// The listener or its rule.
    pub by: Resource<'a>,
}

/// What listeners on the internet, and their rules, hand to functions without a login.
pub(super) fn forwards<'a>(facts: &Facts<'_, '_, 'a>) -> Vec<Forward<'a>> {
    let mut open: BTreeMap<&'a str, Option<Under>> = BTreeMap::new();
    let mut all = Vec::new();
    for entry in &facts.template.resources {
        let actions = match entry.kind {
            "AWS::ElasticLoadBalancingV2::Listener" => "DefaultActions",
            "AWS::ElasticLoadBalancingV2::ListenerRule" if !asks_for_something(facts, entry) => "Actions",
            _ => continue,
        };
        let Some(balancer) = balancer(facts, entry) else { continue };
        let Some(open) = open.entry(balancer.id).or_insert_with(|| opened(facts, balancer)).clone() else { continue };
        for list in facts.resolver.property(entry, &[actions]) {
            let Some(value) = list.present() else { continue };
            let steps = facts.resolver.items(&value, &list.under);
            // A login comes before what it lets in; what is not known may be one.
            if steps.iter().any(|step| !says(facts, step, "Type", "forward")) {
                continue;
            }
            for (group, step) in steps.iter().flat_map(|step| groups(facts, step)) {
                let functions = functions(facts, group).into_iter();
                let functions = functions.filter_map(|(at, under)| Some((at, under.and(&step.under)?.and(&open)?)));
                all.extend(functions.map(|function| Forward { function, place: step.place, by: *entry }));
            }
        }
    }
    all
}

/// Whether a rule of a listener looks for more than paths and hosts: an address, or a header that not everybody knows.
fn asks_for_something<'a>(facts: &Facts<'_, '_, 'a>, rule: &Resource<'a>) -> bool {
    at_path(facts.resolver, rule, "Conditions[]").iter().any(|condition| {
        let plain = ["path-pattern", "host-header", "http-request-method", "query-string"];
        !plain.iter().any(|field| says(facts, condition, "Field", field))
    })
}

/// Whether a part of what a case holds certainly is a text.
fn says<'a>(facts: &Facts<'_, '_, 'a>, case: &Case<'a>, key: &str, wanted: &str) -> bool {
    let Some(value) = case.present() else { return false };
    let cases = facts.resolver.get(&value, key, &case.under);
    !cases.is_empty() && cases.iter().all(|case| case.present().is_some_and(|v| Text::of(&v).is(wanted) == Truth::Yes))
}

/// The balancer of a listener, or of the listener of a rule.
fn balancer<'t, 'a>(facts: &Facts<'_, 't, 'a>, entry: &Resource<'a>) -> Option<&'t Resource<'a>> {
    let target = |resource: &Resource<'a>, property: &str| {
        facts.resolver.property(resource, &[property]).iter().find_map(|case| facts.resolver.target(&case.present()?))
    };
    let listener = target(entry, "ListenerArn");
    let balancer = target(listener.unwrap_or(entry), "LoadBalancerArn")?;
    (balancer.kind == "AWS::ElasticLoadBalancingV2::LoadBalancer").then_some(balancer)
}

/// When everybody reaches a balancer: it has a public address, and one of its groups lets all in.
fn opened<'a>(facts: &Facts<'_, '_, 'a>, balancer: &Resource<'a>) -> Option<Under> {
    let schemes = facts.resolver.property(balancer, &["Scheme"]);
    let public = schemes.into_iter().filter(|case| match case.value {
        Known::Present(value) => Text::of(&value).is("internet-facing") == Truth::Yes,
        // That is what AWS makes of none.
        Known::Absent => true,
        Known::Unknown(_) => false,
    });
    let public: Vec<Under> = public.map(|case| case.under).collect();
    at_path(facts.resolver, balancer, "SecurityGroups[]").into_iter().find_map(|case| {
        let group = facts.resolver.target(&case.present()?)?;
        let let_in = everybody_in(facts, group)?.and(&case.under)?;
        public.iter().find_map(|under| under.and(&let_in))
    })
}

/// When a security group lets the whole internet in somewhere.
fn everybody_in<'a>(facts: &Facts<'_, '_, 'a>, group: &Resource<'a>) -> Option<Under> {
    let everywhere =
        |rule: &Case<'a>| says(facts, rule, "CidrIp", "0.0.0.0/0") || says(facts, rule, "CidrIpv6", "::/0");
    let own = at_path(facts.resolver, group, "SecurityGroupIngress[]").into_iter();
    let apart = facts.template.resources.iter().filter(|r| r.kind == "AWS::EC2::SecurityGroupIngress");
    let of_it = apart.filter(|rule| {
        let ids = facts.resolver.property(rule, &["GroupId"]);
        ids.iter().any(|case| case.present().and_then(|v| facts.resolver.target(&v)).is_some_and(|r| r.id == group.id))
    });
    let of_it = of_it.flat_map(|rule| facts.resolver.property(rule, &[]));
    own.chain(of_it).find(everywhere).map(|rule| rule.under)
}

/// The target groups that an action forwards to, each with the case in which it does.
fn groups<'t, 'a>(facts: &Facts<'_, 't, 'a>, step: &Case<'a>) -> Vec<(&'t Resource<'a>, Case<'a>)> {
    let Some(action) = step.present() else { return Vec::new() };
    let mut cases = facts.resolver.get(&action, "TargetGroupArn", &step.under);
    let several = "ForwardConfig.TargetGroups[].TargetGroupArn";
    cases.extend(at_path_in(facts.resolver, &action, step.under.clone(), several));
    cases.into_iter().filter_map(|case| Some((facts.resolver.target(&case.present()?)?, case))).collect()
}

/// The functions among the targets of a group.
fn functions<'a>(facts: &Facts<'_, '_, 'a>, group: &Resource<'a>) -> Vec<(usize, Under)> {
    if !facts.resolver.is(group, &["TargetType"], "lambda").yes() {
        return Vec::new();
    }
    let function = |case: Case<'a>| {
        let at = function_of(facts.template, facts.resolver, facts.graph, &case.present()?)?;
        Some((at, case.under))
    };
    at_path(facts.resolver, group, "Targets[].Id").into_iter().filter_map(function).collect()
}
