//! Files with secrets that are packed into the code.

use std::sync::OnceLock;

use regex::bytes::{Regex, RegexBuilder};

use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    static SECRET: OnceLock<Option<Regex>> = OnceLock::new();
    // Names of files that matter here are ASCII, whose classes are many times cheaper to compile than Unicode's.
    let secret = || SECRET.get_or_init(|| RegexBuilder::new(r"(?i)(?:^|/)(?:\.env(?:\.(?:prod|production|dev|local|staging)\w*)?|[^/]*\.(?:pem|key|p12|pfx|jks|keystore)|id_(?:rsa|ed25519|ecdsa)|credentials(?:\.json)?|\.npmrc|\.aws/.*|secrets?\.(?:ya?ml|json|env))$").unicode(false).build().ok());
    for kind in ["Serverless::Service", "Serverless::Function"] {
        for subject in cx.resources(kind) {
            for keys in [["package", "patterns"], ["package", "include"]] {
                let items = subject.properties.at(&keys).map(|v| v.items()).unwrap_or_default();
                for item in items {
                    let Some(pattern) = Text::of(&item).known() else { continue };
                    if !pattern.starts_with('!') && secret().as_ref().is_some_and(|r| r.is_match(pattern.trim().as_bytes())) {
                        let message =
                            format!("`{pattern}` is packed into the code, for everyone who may read the function");
                        out.report(Hit::new(Spot::at(item)).of(subject).message(message));
                    }
                }
            }
        }
    }
}
