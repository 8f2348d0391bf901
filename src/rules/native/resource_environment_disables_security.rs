//! Environment variables that tell a program to leave out a check it makes by itself.

use super::{Context, Rule, Sink};
use crate::analysis::environments::ENVIRONMENTS;
use crate::analysis::walk::at_path;
use crate::resolve::{Case, Text};
use crate::rules::{Hit, Spot};

const ON: &[&str] = &["1", "true", "yes", "on"];
const OFF: &[&str] = &["0", "false", "no", "off"];

/// The variable in small letters, the values that switch the check off (none: whatever there is), and what comes of it. From the
/// manuals of the programs and of their official images.
const SWITCHES: &[(&str, &[&str], &str)] = &[
    ("allow_anonymous_login", ON, "lets in whoever comes, without a password"),
    ("allow_empty_password", ON, "lets in whoever comes, without a password"),
    ("ansible_host_key_checking", OFF, "trusts whatever host answers"),
    ("bundle_ssl_verify_mode", &["0"], "trusts whoever answers a TLS connection"),
    ("conda_ssl_verify", OFF, "trusts whoever answers a TLS connection"),
    ("consul_http_ssl_verify", OFF, "trusts whoever answers a TLS connection"),
    ("disable_security_plugin", ON, "switches logins and TLS of OpenSearch off"),
    ("gf_auth_anonymous_enabled", ON, "lets in whoever comes, without a password"),
    // Git asks only whether it is there.
    ("git_ssl_no_verify", &[], "trusts whoever answers a TLS connection"),
    ("goinsecure", &[], "takes modules from whoever answers under that name"),
    ("mariadb_allow_empty_root_password", &[], "starts the database with a root user without a password"),
    ("mysql_allow_empty_password", &[], "starts the database with a root user without a password"),
    ("neo4j_auth", &["none"], "lets in whoever comes, without a password"),
    ("node_tls_reject_unauthorized", &["0"], "trusts whoever answers a TLS connection"),
    ("nomad_skip_verify", ON, "trusts whoever answers a TLS connection"),
    ("npm_config_strict_ssl", OFF, "trusts whoever answers a TLS connection"),
    ("pgsslmode", &["disable"], "speaks to the database without TLS"),
    ("pip_trusted_host", &[], "takes packages from whoever answers under that name"),
    ("plugins.security.disabled", ON, "switches logins and TLS of OpenSearch off"),
    ("postgres_host_auth_method", &["trust"], "lets in whoever comes, without a password"),
    ("uv_insecure_host", &[], "takes packages from whoever answers under that name"),
    ("vault_skip_verify", ON, "trusts whoever answers a TLS connection"),
    ("werkzeug_debug_pin", &["off"], "lets whoever sees an error page run code"),
    ("xpack.security.enabled", OFF, "switches logins and TLS of Elasticsearch off"),
    ("yarn_enable_strict_ssl", OFF, "trusts whoever answers a TLS connection"),
    ("yarn_strict_ssl", OFF, "trusts whoever answers a TLS connection"),
];

pub(super) fn check<'a>(_: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    for (kind, path) in ENVIRONMENTS {
        for resource in cx.resources(kind) {
            for environment in at_path(cx.resolver, resource, path) {
                for (name, case) in variables(cx, &environment) {
                    let Some(value) = case.present() else { continue };
                    let Some(what) = switched_off(&name, &value) else { continue };
                    let spot = Spot::of(&case);
                    out.report(Hit::new(spot).of(resource).under(&case.under).message(format!("`{name}` {what}")));
                }
            }
        }
    }
}

/// The variables of an environment: names and the cases of their values.
fn variables<'a>(cx: &Context<'_, 'a>, environment: &Case<'a>) -> Vec<(String, Case<'a>)> {
    let Some(all) = environment.present() else { return Vec::new() };
    if let Some(map) = all.as_map() {
        let known = map.entries.iter().filter(|entry| is_switch(entry.key));
        return known
            .flat_map(|entry| {
                cx.resolver
                    .get(&all, entry.key, &environment.under)
                    .into_iter()
                    .map(|case| (entry.key.to_owned(), case))
            })
            .collect();
    }
    let mut found = Vec::new();
    for item in cx.resolver.items(&all, &environment.under) {
        let Some(pair) = item.present() else { continue };
        let key = ["Name", "OptionName", "Variable", "Key"].iter().find(|key| pair.get(key).is_some());
        for name in key.map(|key| cx.resolver.get(&pair, key, &item.under)).unwrap_or_default() {
            let Some(text) = name.text() else { continue };
            if is_switch(&text) {
                found.extend(cx.resolver.get(&pair, "Value", &name.under).into_iter().map(|case| (text.clone(), case)));
            }
        }
    }
    found
}

fn is_switch(name: &str) -> bool {
    SWITCHES.iter().any(|(switch, ..)| name.eq_ignore_ascii_case(switch))
}

/// What a variable with this value brings about, if that is known to be bad.
fn switched_off(name: &str, value: &crate::template::Value<'_>) -> Option<&'static str> {
    let (_, values, what) = SWITCHES.iter().find(|(switch, ..)| name.eq_ignore_ascii_case(switch))?;
    let text = Text::of(value);
    let known = text.known()?;
    let known = known.trim();
    let off = if values.is_empty() { !known.is_empty() } else { values.iter().any(|v| known.eq_ignore_ascii_case(v)) };
    off.then_some(what)
}
