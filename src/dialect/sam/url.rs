//! Function URLs, and the permissions that make one public.

use super::expansion::{Expansion, filled};
use crate::template::{Entry, Map, Resource, Value};

/// Makes the URL of a function and, without authentication, what opens it to everyone.
pub(super) fn expand<'a>(expansion: &mut Expansion<'a>, function: &Resource<'a>, target: Value<'a>) {
    let Some(config) = filled(function.properties, "FunctionUrlConfig") else { return };
    let make = expansion.cause(function, "this function URL", config.key_origin);
    let written = config.value.as_map().unwrap_or(Map::EMPTY);
    let mut properties =
        vec![Entry { value: target.with_origin(make.origin), ..make.entry("TargetFunctionArn", target) }];
    let known = |e: &&Entry<'a>| matches!(e.key, "AuthType" | "Cors" | "InvokeMode") && !e.value.is_null();
    properties.extend(written.entries.iter().filter(known).copied());
    let id = expansion.id(&[function.id, "Url"]);
    let value = make.at(config.value.origin).entries(&properties);
    expansion.emit(function, id, "AWS::Lambda::Url", "this function URL", config.key_origin, value);

    let Some(auth) = written.get("AuthType").filter(|e| e.value.as_text() == Some("NONE")) else { return };
    let what = "this public permission";
    let make = expansion.cause(function, what, auth.value.origin);
    let open = [
        ("UrlPublicPermissions", "lambda:InvokeFunctionUrl", ("FunctionUrlAuthType", auth.value)),
        ("URLInvokeAllowPublicAccess", "lambda:InvokeFunction", ("InvokedViaFunctionUrl", make.bool(true))),
    ];
    for (suffix, action, extra) in open {
        let id = expansion.id(&[function.id, suffix]);
        let properties = make.map(&[
            ("Action", make.text(action)),
            ("FunctionName", target.with_origin(make.origin)),
            ("Principal", make.text("*")),
            extra,
        ]);
        expansion.emit(function, id, "AWS::Lambda::Permission", what, auth.value.origin, properties);
    }
}
