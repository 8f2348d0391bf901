//! A secret of a resource that the framework reads while packaging lands in the template that it uploads.

use super::serverless_env_resolved_secret::listed;
use crate::resolve::{Hole, Text};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::ExternalKind;

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let keys = cx.resources("AWS::ApiGateway::ApiKey");
    let keys = keys.flat_map(|key| cx.resolver.property(key, &["Value"]).into_iter().map(move |case| (key, case)));
    for (resource, case) in cx.secret_properties().map(|(resource, _, case)| (resource, case)).chain(keys) {
        let Some(value) = case.present() else { continue };
        let text = Text::of(&value);
        let read = text.holes().filter_map(|hole| match hole {
            Hole::External(external) => Some(external),
            Hole::Parameter { .. }
            | Hole::Pseudo(_)
            | Hole::Resource(_)
            | Hole::Attribute(..)
            | Hole::Import(_)
            | Hole::Dynamic { .. }
            | Hole::Other => None,
        });
        // Part of a reference's own text is a name, not the secret.
        let named = text.starts_with("{{resolve:").yes();
        // A literal to fall back to is told as the literal that it is.
        let unset = || value.origin.instead().filter(|_| text.is("").yes());
        let read = read.filter(|e| e.kind != ExternalKind::Aws).chain(unset());
        let read: Vec<&str> = read.map(|external| external.written).collect();
        if named || read.is_empty() {
            continue;
        }
        let message = format!(
            "{} read while packaging, and the template holds {} in plain text from then on: for everyone who may read the deployment bucket or the stack",
            listed(&read),
            if read.iter().any(|one| Some(one) != read.first()) { "them" } else { "it" }
        );
        let spot = Spot { origin: case.place, value: None, item: None };
        let hit = Hit::new(spot).of(resource).under(&case.under);
        out.report(hit.message(message).label("resolved while packaging"));
    }
}
