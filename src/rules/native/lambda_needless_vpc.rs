//! A function in a VPC that nothing in its template needs.

use crate::analysis::network::{Need, data_api, need};
use crate::resolve::{Case, Hole, Known, Text};
use crate::rulebook::{Confidence, Severity};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    // A NAT gateway with an address of its own may be there because somebody lets only that address in.
    let fixed_address = cx.resources("AWS::EC2::NatGateway").next().is_some();
    // Where the CDK's own functions run is not for the user to say.
    for (at, function) in facts.functions().filter(|(_, function)| !function.is_cdks_own()) {
        for list in cx.resolver.property(function, &["VpcConfig", "SubnetIds"]) {
            let empty = list.present().is_some_and(|list| list.as_list().is_some_and(<[_]>::is_empty));
            if list.is_nothing() || (empty && list.parameter.is_none()) {
                continue;
            }
            // An empty default is what a parameter has until somebody chooses.
            let asks = empty || cx.resolver.needs_other_than_defaults(&list.under);
            let key = function.property("VpcConfig").map_or(list.place, |e| e.key_origin);
            let configs = cx.resolver.at(&function.properties, &["VpcConfig"], &list.under);
            let Some(config) = configs.first().and_then(Case::present) else { continue };
            let hit = Hit::new(Spot { origin: key, value: Some(config), item: None }).of(function).under(&list.under);
            let chosen = list.parameter.is_some() || list.present().is_none_or(|v| v.as_list().is_none());
            match need(&facts, at) {
                Need::Yes(_) => {}
                Need::Perhaps(why) => out.report(hit.message(format!("function may need its VPC: {why}")).open()),
                // Whoever deploys it chooses whether there is a VPC, and knows why.
                Need::No if asks || (chosen && !(list.under.is_always() && cx.resolver.supposed().is_always())) => {
                    out.report(hit.message("function is attached to a VPC when parameters say so").open());
                }
                Need::No => {
                    let looked = "databases, caches, file systems, brokers and private endpoints among its references, variables, event sources, policies and security group rules";
                    let (why, doubtful) = if data_api(&facts, function) {
                        (": its database is reached through the Data API, which has a public address".to_owned(), false)
                    } else if cx.resources("AWS::EC2::VPCEndpoint").next().is_some() {
                        // Somebody may want it to have no other way out.
                        (": the endpoints here lead to services that have public addresses, too".to_owned(), true)
                    } else {
                        (format!(": looked for {looked}, and found none"), false)
                    };
                    let message = format!("function is attached to a VPC that nothing here needs{why}");
                    let mut hit = hit.message(message).label("attached to a VPC");
                    // A VPC that somebody else made has more in it than this template says: worth a word, and no failed build.
                    if fixed_address || doubtful || elsewhere(cx, &list) {
                        hit = hit.confidence(Confidence::Low).severity(Severity::Info);
                    }
                    out.report(hit);
                }
            }
        }
    }
}

/// Whether one of the subnets comes from another stack or from whoever deploys.
fn elsewhere<'a>(cx: &Context<'_, 'a>, subnets: &Case<'a>) -> bool {
    let given = |case: &Case<'a>| match case.value {
        Known::Absent => false,
        Known::Unknown(_) => true,
        Known::Present(value) => {
            case.parameter.is_some()
                || Text::of(&value).holes().any(|hole| match hole {
                    Hole::Resource(name) => cx.template.parameter(name).is_some(),
                    Hole::Pseudo(_) | Hole::Attribute(..) => false,
                    Hole::Parameter { .. }
                    | Hole::Import(_)
                    | Hole::Dynamic { .. }
                    | Hole::External(_)
                    | Hole::Other => true,
                })
        }
    };
    match subnets.present().filter(|value| value.as_list().is_some() && subnets.parameter.is_none()) {
        Some(list) => cx.resolver.items(&list, &subnets.under).iter().any(given),
        None => given(subnets),
    }
}
