//! Groups none of whose policies asks for a second factor.

use super::{Context, Rule, Sink};
use crate::analysis::graph;
use crate::rules::Hit;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for group in cx.resources("AWS::IAM::Group") {
        let (Some(under), Some(at)) = (cx.under(group), cx.graph().position(group.id)) else { continue };
        let mut holders = vec![at];
        // Policies that name the group, and those that it names.
        holders.extend(cx.graph().referred(at).filter(|p| {
            cx.template
                .resources
                .get(*p)
                .is_some_and(|r| r.kind.ends_with("Policy") && r.kind.starts_with("AWS::IAM::"))
        }));
        let arns = graph::managed_arns(cx.resolver, group);
        holders.extend(arns.iter().filter_map(|(v, _)| cx.graph().position(cx.resolver.target(v)?.id)));
        let elsewhere = arns.iter().any(|(v, _)| cx.resolver.target(v).is_none() && !is_aws(v));
        let own: Vec<_> = cx.statements().iter().filter(|s| holders.contains(&s.owner)).collect();
        let asks = own.iter().any(|s| {
            let (conditions, unknown) = s.asked(cx.resolver).conditions();
            unknown || conditions.iter().any(|c| c.key.to_ascii_lowercase().starts_with("aws:multifactorauth"))
        });
        if (!own.is_empty() || !arns.is_empty()) && !asks {
            let hit = Hit::resource(group).under(&under);
            out.report(if elsewhere { hit.open() } else { hit });
        }
    }
}

/// AWS's own policies never ask for a second factor.
fn is_aws(value: &crate::template::Value<'_>) -> bool {
    crate::resolve::Text::of(value).pattern().contains(":iam::aws:policy/")
}
