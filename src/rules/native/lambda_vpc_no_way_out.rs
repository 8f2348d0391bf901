//! A function in subnets from which nothing can be reached.

use crate::analysis::network::{WayOut, subnets, way_out};
use crate::rulebook::Confidence;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    let endpoints = cx.resources("AWS::EC2::VPCEndpoint").next().is_some();
    for (_, function) in facts.functions() {
        let (Some(under), Some(subnets)) = (cx.under(function), subnets(&facts, function)) else { continue };
        let key = function.property("VpcConfig").map_or(function.key, |e| e.key_origin);
        let hit = Hit::new(Spot::missing(key)).of(function).under(&under);
        // What its role may call, and cannot reach from in there.
        let grants = facts.grants_of_function(function);
        let calls = || {
            grants.services().into_iter().find(|s| {
                !matches!(
                    *s,
                    "logs" | "xray" | "ec2" | "rds-db" | "elasticfilesystem" | "cloudwatch" | "elasticache" | "*"
                )
            })
        };
        for at in subnets {
            let Some(subnet) = facts.at(at) else { continue };
            match way_out(&facts, at) {
                WayOut::Out | WayOut::Unknown => {}
                WayOut::InternetGateway(route) => {
                    let message = format!(
                        "function is in public subnet `{}`: it gets no public address there, so it reaches nothing outside the VPC",
                        subnet.id
                    );
                    let mut hit = hit
                        .message(message)
                        .related(route, "the internet gateway serves only what has a public address")
                        .related(subnet.key, "the subnet");
                    if endpoints {
                        hit = hit.confidence(Confidence::Medium);
                    }
                    out.report(hit);
                    break;
                }
                WayOut::None if endpoints => {}
                WayOut::None => {
                    let Some(service) = calls() else { continue };
                    let message = format!(
                        "function is in subnet `{}`, which has neither a NAT gateway nor a VPC endpoint: its calls to {service} will time out",
                        subnet.id
                    );
                    out.report(hit.message(message).related(subnet.key, "the subnet"));
                    break;
                }
            }
        }
    }
}
