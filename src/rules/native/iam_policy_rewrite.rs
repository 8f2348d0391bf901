//! Limits that their holder can lift, since it may rewrite the resource's own policy.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use super::{Context, Rule, Sink};
use crate::analysis::iam::actions::{self, Action};
use crate::analysis::iam::power::{Power, Reach};
use crate::analysis::{graph, identity};
use crate::rulebook::PolicyKind;
use crate::rules::{Hit, Spot};

/// What rewrites a policy, the use that is withheld, and in which words.
const REWRITES: &[(&str, &str, &str)] = &[
    ("s3:PutBucketPolicy", "s3:GetObject", "the bucket's objects"),
    ("kms:PutKeyPolicy", "kms:Decrypt", "the key"),
    ("kms:CreateGrant", "kms:Decrypt", "the key"),
    ("secretsmanager:PutResourcePolicy", "secretsmanager:GetSecretValue", "the secret"),
    ("sqs:AddPermission", "sqs:ReceiveMessage", "the queue's messages"),
    ("sqs:SetQueueAttributes", "sqs:ReceiveMessage", "the queue's messages"),
    ("sns:AddPermission", "sns:Subscribe", "the topic's messages"),
    ("ecr:SetRepositoryPolicy", "ecr:BatchGetImage", "the repository's images"),
    ("lambda:AddPermission", "lambda:InvokeFunction", "the function"),
    ("dynamodb:PutResourcePolicy", "dynamodb:GetItem", "the table's items"),
    ("kinesis:PutResourcePolicy", "kinesis:GetRecords", "the stream's records"),
];

fn rewrites() -> &'static [(&'static Action, &'static Action, &'static str)] {
    static ALL: OnceLock<Vec<(&'static Action, &'static Action, &'static str)>> = OnceLock::new();
    let action = actions::lookup;
    ALL.get_or_init(|| {
        REWRITES.iter().filter_map(|(new, old, what)| Some((action(new)?, action(old)?, *what))).collect()
    })
}

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let owners: BTreeSet<usize> =
        cx.statements().iter().filter(|s| s.kind == PolicyKind::Identity).map(|s| s.owner).collect();
    for at in owners {
        let Some(resource) = cx.template.resources.get(at) else { continue };
        let Some(under) = cx.under(resource) else { continue };
        let mut power = Power::default();
        let carried: BTreeSet<usize> = if graph::is_identity(resource) {
            graph::each_once(&graph::holders_of(cx.template, cx.resolver, cx.graph(), at)).collect()
        } else {
            BTreeSet::from([at])
        };
        carried.into_iter().for_each(|holder| power.carry(identity::deed(&cx.facts(), holder)));
        for (rewrite, withheld, what) in rewrites() {
            let Some(allowed) = power.allows(rewrite, Reach::Some, &under) else { continue };
            let (Some(origin), Some(source)) = (allowed.place, allowed.source) else { continue };
            if source.owner == at
                && let Some(under) = power.withholds(withheld, &allowed.under)
            {
                let hit =
                    Hit::new(Spot { origin, value: None, item: Some(source.statement) }).of(resource).under(&under);
                out.report(
                    hit.message(format!(
                        "`{withheld}` is withheld, yet `{rewrite}` lets the holder give itself {what}"
                    )),
                );
            }
        }
    }
}
