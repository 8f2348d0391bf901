//! Files with secrets that are packed into the code.

use std::sync::LazyLock;

use crate::resolve::Text;
use crate::rulebook::Expression;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    static SECRET: LazyLock<Expression> = LazyLock::new(|| {
        Expression::new(r"(?i)(?:^|/)(?:\.env(?:\.(?:prod|production|dev|local|staging)\w*)?|[^/]*\.(?:pem|key|p12|pfx|jks|keystore)|id_(?:rsa|ed25519|ecdsa)|credentials(?:\.json)?|\.npmrc|\.aws/.*|secrets?\.(?:ya?ml|json|env))$")
    });
    for kind in ["Serverless::Service", "Serverless::Function"] {
        for subject in cx.resources(kind) {
            for keys in [["package", "patterns"], ["package", "include"]] {
                let items = subject.properties.at(&keys).map(|v| v.items()).unwrap_or_default();
                for item in items {
                    let Some(pattern) = Text::of(&item).known() else { continue };
                    if !pattern.starts_with('!') && SECRET.is_match(pattern.trim()) {
                        let message =
                            format!("`{pattern}` is packed into the code, for everyone who may read the function");
                        out.report(Hit::new(Spot::at(item)).of(subject).message(message));
                    }
                }
            }
        }
    }
}
