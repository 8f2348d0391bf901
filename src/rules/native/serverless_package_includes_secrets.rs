//! Files with secrets that are packed into the code.

use std::sync::LazyLock;

use crate::resolve::Text;
use crate::rulebook::Expression;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    static SECRET: LazyLock<Expression> = LazyLock::new(|| {
        Expression::new(
            r"(?i)(?:^|/)(?:\.env(?:\*|\.\*|(?:\.(?:prod|dev|local|stag|test|uat|qa|live)\w*\*?)+)?|[^/]*\.(?:pem|key|p12|pfx|jks|keystore)|id_(?:rsa|ed25519|ecdsa)|credentials(?:\.json)?|\.npmrc|\.aws/.*|secrets?\.(?:ya?ml|json|env))$",
        )
    });
    for kind in ["Serverless::Service", "Serverless::Function"] {
        for subject in cx.resources(kind) {
            // A layer is unpacked beside the code.
            let layers = subject.property("layers").map(|layers| layers.value.entries()).unwrap_or_default();
            let packed = std::iter::once(subject.properties).chain(layers.iter().map(|layer| layer.value));
            for package in packed.filter_map(|of| of.at(&["package"])) {
                let lists = ["patterns", "include"].into_iter().filter_map(|key| package.get(key));
                for item in lists.flat_map(|list| list.value.items()) {
                    let Some(pattern) = Text::of(&item).known() else { continue };
                    if !pattern.starts_with('!') && SECRET.is_match(pattern.trim()) && !is_public(pattern.trim()) {
                        let message =
                            format!("`{pattern}` is packed into the code, for everyone who may read the function");
                        out.report(Hit::new(Spot::at(item)).of(subject).message(message));
                    }
                }
            }
        }
    }
}

/// Whether a PEM file is a certificate or a public key by its name: those of authorities are meant to be packed.
fn is_public(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let Some(stem) = name.strip_suffix(".pem") else { return false };
    let private = stem.contains("priv") || (stem.contains("key") && !stem.contains("pub"));
    let of_authority =
        || stem.split(['-', '_', '.']).any(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()) == "ca");
    let says = ["bundle", "cert", "chain", "public", "rootca"].iter().any(|word| stem.contains(word));
    !private && (says || of_authority())
}
