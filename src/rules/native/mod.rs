//! Rules that YAML cannot say: one paragraph of Rust each, named as its card.

use super::{Context, Rule, Sink};

/// What a native rule is: it looks, and reports.
type Check = for<'a> fn(&Rule, &Context<'_, 'a>, &mut Sink<'a>);

/// Declares the native rules: the list is the modules, and their names are the cards' names.
macro_rules! natives {
    ($($module:ident = $name:literal),* $(,)?) => {
        $(mod $module;)*
        /// Every native rule, by its card's name.
        const NATIVES: &[(&str, Check)] = &[$(($name, $module::check)),*];
    };
}

natives! {
    iam_access_key_in_template = "iam-access-key-in-template",
    iam_group_without_mfa = "iam-group-without-mfa",
    iam_partial_wildcard_action = "iam-partial-wildcard-action",
    iam_partial_wildcard_resource = "iam-partial-wildcard-resource",
    iam_policy_complex = "iam-policy-complex",
    iam_privilege_escalation = "iam-privilege-escalation",
    iam_sensitive_resource_access = "iam-sensitive-resource-access",
    iam_trust_oidc_any_subject = "iam-trust-oidc-any-subject",
}

/// Runs a native rule; one without Rust is caught by a test.
pub(super) fn run<'a>(rule: &Rule, context: &Context<'_, 'a>, sink: &mut Sink<'a>) {
    if let Some((_, check)) = NATIVES.iter().find(|(name, _)| *name == rule.head.name) {
        check(rule, context, sink);
    }
}

/// The names of the native rules, for the test that holds cards and natives one to one.
#[must_use]
pub fn names() -> Vec<&'static str> {
    NATIVES.iter().map(|(name, _)| *name).collect()
}
