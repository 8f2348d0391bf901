//! A function in subnets from which nothing can be reached.

use crate::analysis::network::{WayOut, endpoints, leads_to, subnets, way_out};
use crate::resolve::Under;
use crate::rulebook::Confidence;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    let endpoints = endpoints(cx.template);
    for (_, function) in facts.functions() {
        let subnets = subnets(&facts, function);
        if subnets.is_empty() {
            continue;
        }
        let key = function.property("VpcConfig").map_or(function.key, |e| e.key_origin);
        // What its role may call, and cannot reach from in there.
        let grants = facts.grants_of_function(function);
        let wanted: Vec<_> = grants.services().into_iter().filter(|service| !HOUSEKEEPING.contains(service)).collect();
        // Other services ask for the keys of what they keep, in the caller's name and by a way of their own.
        // https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
        let through_another = |service: &str| service == "kms" && wanted.len() > 1;
        let unreached = |service: &&&str| endpoints.as_ref().is_some_and(|all| !leads_to(all, service));
        let called = wanted.iter().find(|service| !through_another(service) && unreached(service)).copied();
        let stuck = |(at, under): &(usize, Under)| {
            let subnet = facts.at(*at)?;
            let hit = Hit::new(Spot::missing(key)).of(function).under(under);
            match (way_out(&facts, *at), called) {
                (WayOut::Out | WayOut::Unknown, _) | (WayOut::None, None) => None,
                (WayOut::InternetGateway(route), _) => {
                    let message = format!(
                        "function is in public subnet `{}`: it gets no public address there, so it reaches nothing outside the VPC",
                        subnet.id
                    );
                    let hit = hit
                        .message(message)
                        .related(route, "the internet gateway serves only what has a public address")
                        .related(subnet.key, "the subnet");
                    // There may be nothing outside that it wants.
                    Some(if called.is_none() { hit.confidence(Confidence::Medium) } else { hit })
                }
                (WayOut::None, Some(service)) => {
                    let message = format!(
                        "function is in subnet `{}`, which has neither a NAT gateway nor a VPC endpoint for {service}: its calls to {service} will time out",
                        subnet.id
                    );
                    Some(hit.message(message).related(subnet.key, "the subnet"))
                }
            }
        };
        // One subnet of a list says it for all of them.
        subnets.iter().filter_map(|list| list.iter().find_map(stuck)).for_each(|hit| out.report(hit));
    }
}

/// What Lambda itself does for the function, and what stays inside the VPC.
const HOUSEKEEPING: &[&str] = &[
    "logs",
    "xray",
    "ec2",
    "rds-db",
    "elasticfilesystem",
    "cloudwatch",
    "elasticache",
    "memorydb",
    "neptune-db",
    "kafka-cluster",
    "dax",
    "*",
];
