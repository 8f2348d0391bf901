//! A secret that CloudFormation looks up once, so that its rotation does not reach the resource.

use std::collections::BTreeSet;

use crate::analysis::knowledge::secrets;
use crate::analysis::walk;
use crate::resolve::{Hole, Piece, Text};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

/// Names that stand beside a password in the same secret; rotation by turns changes them too.
const NAMES: &[(&str, &str)] = &[("AWS::RDS::DBInstance", "MasterUsername"), ("AWS::RDS::DBCluster", "MasterUsername")];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    // Rotation changes the password of what a secret is attached to.
    let attached: BTreeSet<&str> = cx
        .resources("AWS::SecretsManager::SecretTargetAttachment")
        .flat_map(|attachment| walk::at_path(cx.resolver, attachment, "TargetId"))
        .filter_map(|case| Some(cx.resolver.target(&case.present()?)?.id))
        .collect();
    for resource in cx.template.resources.iter().filter(|r| !attached.contains(r.id)) {
        let names = NAMES.iter().filter(|(kind, _)| *kind == resource.kind).map(|(_, path)| *path);
        for path in secrets::paths(resource.kind).chain(names) {
            for case in walk::at_path(cx.resolver, resource, path) {
                let Some(value) = case.present() else { continue };
                let looked_up = match Text::of(&value).pieces.first() {
                    Some(Piece::Hole(Hole::Dynamic { service, .. })) => {
                        matches!(*service, "secretsmanager" | "ssm-secure")
                    }
                    // `!Sub "{{resolve:secretsmanager:${Secret}…"` has its braces in pieces.
                    Some(Piece::Literal(text)) => text.starts_with("{{resolve:secretsmanager:"),
                    Some(Piece::Hole(_)) | None => false,
                };
                if looked_up {
                    let spot = Spot { origin: case.place, value: None, item: None };
                    out.report(Hit::new(spot).of(resource).under(&case.under).label("looked up once"));
                }
            }
        }
    }
}
