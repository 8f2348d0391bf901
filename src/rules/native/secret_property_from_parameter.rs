//! A secret that is handed to the deployment by a person, although AWS could fetch it.

use crate::resolve::{Hole, Piece, Text, reference_in};
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    // A parameter is how a secret gets into Secrets Manager.
    for (resource, _, case) in cx.secret_properties().filter(|(r, ..)| r.kind != "AWS::SecretsManager::Secret") {
        let Some(value) = case.present() else { continue };
        let text = Text::of(&value);
        // Whoever names what CloudFormation fetches types no secret.
        if text.pieces.iter().any(|piece| match piece {
            Piece::Hole(hole) => matches!(hole, Hole::Dynamic { .. }),
            Piece::Literal(literal) => reference_in(literal).is_some(),
        }) {
            continue;
        }
        let hole = text.holes().find_map(|hole| match hole {
            Hole::Parameter { name } => Some(name),
            Hole::Pseudo(_)
            | Hole::Resource(_)
            | Hole::Attribute(..)
            | Hole::Import(_)
            | Hole::Dynamic { .. }
            | Hole::External(_)
            | Hole::Other => None,
        });
        let Some(name) = case.parameter.or(hole) else { continue };
        // What CloudFormation looks up nobody types; that it is no secret there is told as what it is.
        if cx.template.parameter(name).is_some_and(|p| p.kind.starts_with("AWS::SSM::Parameter::Value")) {
            continue;
        }
        let spot = Spot { origin: case.place, value: None, item: None };
        let message = format!("the secret comes from parameter `{name}`, so somebody types it at every deployment");
        out.report(Hit::new(spot).of(resource).under(&case.under).message(message));
    }
}
