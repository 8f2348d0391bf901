//! Rules that YAML cannot say: one paragraph of Rust each, named as its card.

use super::{Context, Rule, Sink};

/// What a native rule is: it looks, and reports.
pub(super) type Check = for<'a> fn(&Rule, &Context<'_, 'a>, &mut Sink<'a>);

/// Declares the native rules: the list is the modules, and their names are the cards' names.
macro_rules! natives {
    ($($module:ident = $name:literal),* $(,)?) => {
        $(mod $module;)*
        /// Every native rule, by its card's name.
        const NATIVES: &[(&str, Check)] = &[$(($name, $module::check)),*];
    };
}

natives! {
    gamelift_port_range = "gamelift-port-range",
    apigateway_authorizer_cache_reuse = "apigateway-authorizer-cache-reuse",
    apigateway_authorizer_mismatch = "apigateway-authorizer-mismatch",
    apigateway_backend_named_by_caller = "apigateway-backend-named-by-caller",
    apigateway_route_key_only = "apigateway-route-key-only",
    apigateway_route_without_auth = "apigateway-route-without-auth",
    cloudtrail_files_can_be_deleted = "cloudtrail-files-can-be-deleted",
    cloudtrail_no_alarms = "cloudtrail-no-alarms",
    cognito_users_choose_own_role = "cognito-users-choose-own-role",
    ec2_image_retired = "ec2-image-retired",
    elb_listener_old_tls = "elb-listener-old-tls",
    iam_access_key_in_template = "iam-access-key-in-template",
    iam_action_resource_mismatch = "iam-action-resource-mismatch",
    iam_boundary_can_be_taken_off = "iam-boundary-can-be-taken-off",
    iam_condition_invalid = "iam-condition-invalid",
    iam_condition_true_when_missing = "iam-condition-true-when-missing",
    iam_group_without_mfa = "iam-group-without-mfa",
    iam_guarding_tag_can_be_set = "iam-guarding-tag-can-be-set",
    iam_invoke_any_function = "iam-invoke-any-function",
    iam_partial_wildcard_action = "iam-partial-wildcard-action",
    iam_partial_wildcard_resource = "iam-partial-wildcard-resource",
    iam_policy_complex = "iam-policy-complex",
    iam_policy_malformed = "iam-policy-malformed",
    iam_policy_old_version = "iam-policy-old-version",
    iam_policy_rewrite = "iam-policy-rewrite",
    iam_privilege_escalation = "iam-privilege-escalation",
    iam_ref_to_role_with_path = "iam-ref-to-role-with-path",
    iam_resource_no_arn = "iam-resource-no-arn",
    iam_sensitive_resource_access = "iam-sensitive-resource-access",
    iam_trust_oidc_any_branch = "iam-trust-oidc-any-branch",
    iam_trust_oidc_any_subject = "iam-trust-oidc-any-subject",
    iam_unknown_action = "iam-unknown-action",
    iam_unknown_principal = "iam-unknown-principal",
    iam_variable_never_replaced = "iam-variable-never-replaced",
    lambda_async_no_failure_destination = "lambda-async-no-failure-destination",
    lambda_database_unguarded = "lambda-database-unguarded",
    lambda_deprecated_runtime = "lambda-deprecated-runtime",
    lambda_env_guessable_secret = "lambda-env-guessable-secret",
    lambda_env_resolved_secret = "lambda-env-resolved-secret",
    lambda_env_too_large = "lambda-env-too-large",
    lambda_layer_foreign_account = "lambda-layer-foreign-account",
    lambda_log_group_no_retention = "lambda-log-group-no-retention",
    lambda_needless_vpc = "lambda-needless-vpc",
    lambda_no_dlq = "lambda-no-dlq",
    lambda_no_logs_permission = "lambda-no-logs-permission",
    lambda_permission_foreign_account = "lambda-permission-foreign-account",
    lambda_permission_many_principals = "lambda-permission-many-principals",
    lambda_permission_orphaned = "lambda-permission-orphaned",
    lambda_permission_wildcard_source = "lambda-permission-wildcard-source",
    lambda_permission_wrong_principal = "lambda-permission-wrong-principal",
    lambda_role_can_pass_stronger_role = "lambda-role-can-pass-stronger-role",
    lambda_role_from_elsewhere = "lambda-role-from-elsewhere",
    lambda_role_unused_grant = "lambda-role-unused-grant",
    lambda_runtime_not_latest = "lambda-runtime-not-latest",
    lambda_self_triggering_write = "lambda-self-triggering-write",
    lambda_shared_role = "lambda-shared-role",
    lambda_sqs_visibility_timeout = "lambda-sqs-visibility-timeout",
    lambda_timeout_beyond_api = "lambda-timeout-beyond-api",
    lambda_vpc_no_way_out = "lambda-vpc-no-way-out",
    lambda_vpc_single_zone = "lambda-vpc-single-zone",
    nacl_duplicate_rule_number = "nacl-duplicate-rule-number",
    nacl_overlapping_ports = "nacl-overlapping-ports",
    parameter_secret_default = "parameter-secret-default",
    parameter_secret_shown = "parameter-secret-shown",
    public_privileged_function = "public-privileged-function",
    resource_environment_disables_security = "resource-environment-disables-security",
    resource_shared_with_foreign_account = "resource-shared-with-foreign-account",
    s3_plain_http_partly_denied = "s3-plain-http-partly-denied",
    sam_api_no_default_authorizer = "sam-api-no-default-authorizer",
    secret_copied_at_deployment = "secret-copied-at-deployment",
    secret_property_from_parameter = "secret-property-from-parameter",
    secret_property_plaintext = "secret-property-plaintext",
    secret_reference_misplaced = "secret-reference-misplaced",
    secret_resolved_in_the_open = "secret-resolved-in-the-open",
    serverless_env_resolved_secret = "serverless-env-resolved-secret",
    serverless_package_includes_secrets = "serverless-package-includes-secrets",
    serverless_property_resolved_secret = "serverless-property-resolved-secret",
    serverless_shared_provider_role = "serverless-shared-provider-role",
    sg_egress_port_range = "sg-egress-port-range",
    sg_internet_in_parts = "sg-internet-in-parts",
    sg_ingress_port_range = "sg-ingress-port-range",
    sg_lets_out_elsewhere = "sg-lets-out-elsewhere",
    sg_wide_ports_elsewhere = "sg-wide-ports-elsewhere",
    sqs_dlq_short_retention = "sqs-dlq-short-retention",
    ssm_command_injection = "ssm-command-injection",
    ssm_parameter_plaintext_secret = "ssm-parameter-plaintext-secret",
    template_ami_parameter_type = "template-ami-parameter-type",
    template_depends_on_redundant = "template-depends-on-redundant",
    template_depends_on_unknown = "template-depends-on-unknown",
    template_explicit_name = "template-explicit-name",
    template_foreign_source = "template-foreign-source",
    template_hardcoded_arn = "template-hardcoded-arn",
    template_hardcoded_az = "template-hardcoded-az",
    template_ignored_sam_attribute = "template-ignored-sam-attribute",
    template_missing_sam_transform = "template-missing-sam-transform",
    template_output_exposes_secret = "template-output-exposes-secret",
    template_plaintext_secret = "template-plaintext-secret",
    template_required_tag_missing = "template-required-tag-missing",
    template_retired_service = "template-retired-service",
    template_service_in_maintenance = "template-service-in-maintenance",
    template_service_not_allowed = "template-service-not-allowed",
    template_unsigned_package = "template-unsigned-package",
    template_unverified_download = "template-unverified-download",
    template_unresolved_variable = "template-unresolved-variable",
}

/// Runs a native rule; one without Rust is caught by a test.
pub(super) fn run<'a>(rule: &Rule, context: &Context<'_, 'a>, sink: &mut Sink<'a>) {
    let find = || NATIVES.iter().find(|(name, _)| rule.head.name == **name).map(|(_, check)| *check);
    if let Some(check) = rule.native.get_or_init(find) {
        check(rule, context, sink);
    }
}

/// The names of the native rules, for the test that holds cards and natives one to one.
#[must_use]
pub fn names() -> Vec<&'static str> {
    NATIVES.iter().map(|(name, _)| *name).collect()
}
