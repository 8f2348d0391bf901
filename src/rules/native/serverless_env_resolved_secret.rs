//! A secret that the framework reads while packaging lands in the template that it uploads.

use crate::analysis::secrets::secret_name;
use crate::resolve::{Hole, Text};
use crate::rules::{Context, Hit, Rule, Sink, Spot};
use crate::template::{External, ExternalKind};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let facts = cx.facts();
    for (_, function) in facts.functions() {
        for variable in facts.environment(function) {
            let Some(value) = variable.case.present() else { continue };
            for hole in Text::of(&value).holes() {
                let Hole::External(external) = hole else { continue };
                if !secret(variable.name, external) {
                    continue;
                }
                let message = format!(
                    "`{}` is read while packaging, and variable `{}` holds it in plain text from then on",
                    external.written, variable.name
                );
                let spot = Spot { origin: variable.case.place, value: None, item: None };
                out.report(
                    Hit::new(spot)
                        .of(function)
                        .under(&variable.case.under)
                        .message(message)
                        .label("resolved while packaging"),
                );
            }
        }
    }
}

/// Whether what is read is a secret: some sources hold nothing else, others are told by the names.
fn secret(variable: &str, external: External<'_>) -> bool {
    let named = || secret_name(variable) || external.key.split(['/', '.', ':', ',']).any(secret_name);
    match external.kind {
        ExternalKind::Ssm => {
            external.key.contains("/aws/reference/secretsmanager/") || external.written.contains("~true") || named()
        }
        ExternalKind::Other => {
            ["vault", "doppler", "secret", "infisical", "1password", "op:"].iter().any(|s| external.written.contains(s))
                || named()
        }
        ExternalKind::Environment
        | ExternalKind::Option
        | ExternalKind::File
        | ExternalKind::S3
        | ExternalKind::Stack => named(),
        ExternalKind::Aws => false,
    }
}
