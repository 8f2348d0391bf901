//! Rules that YAML cannot say: one paragraph of Rust each, named as its card.

use super::{Context, Rule, Sink};

mod apigateway_authorizer_cache_reuse;
mod apigateway_authorizer_mismatch;
mod apigateway_backend_named_by_caller;
mod apigateway_caller_writes_request;
mod apigateway_route_key_only;
mod apigateway_route_without_auth;
mod apigateway_stage_no_waf;
mod autoscaling_single_zone;
mod cloudtrail_files_can_be_deleted;
mod cloudtrail_no_alarms;
mod codebuild_pull_requests_unapproved;
mod cognito_users_choose_own_role;
mod docdb_single_instance;
mod ec2_image_retired;
mod elb_listener_old_tls;
mod gamelift_port_range;
mod iam_access_key_in_template;
mod iam_action_resource_mismatch;
mod iam_boundary_can_be_taken_off;
mod iam_condition_invalid;
mod iam_condition_true_when_missing;
mod iam_grant_by_wildcard;
mod iam_group_without_mfa;
mod iam_guarding_tag_can_be_set;
mod iam_invoke_any_function;
mod iam_partial_wildcard_action;
mod iam_partial_wildcard_resource;
mod iam_policy_complex;
mod iam_policy_malformed;
mod iam_policy_old_version;
mod iam_policy_rewrite;
mod iam_privilege_escalation;
mod iam_ref_to_role_with_path;
mod iam_resource_no_arn;
mod iam_role_shared_by_workloads;
mod iam_sensitive_resource_access;
mod iam_statement_names_nothing;
mod iam_trust_oidc_any_branch;
mod iam_trust_oidc_any_subject;
mod iam_unknown_action;
mod iam_unknown_principal;
mod iam_variable_never_replaced;
mod lambda_async_no_failure_destination;
mod lambda_database_unguarded;
mod lambda_deprecated_runtime;
mod lambda_env_guessable_secret;
mod lambda_env_resolved_secret;
mod lambda_env_too_large;
mod lambda_layer_foreign_account;
mod lambda_log_group_no_retention;
mod lambda_needless_vpc;
mod lambda_no_dlq;
mod lambda_no_logs_permission;
mod lambda_permission_foreign_account;
mod lambda_permission_many_principals;
mod lambda_permission_orphaned;
mod lambda_permission_wildcard_source;
mod lambda_permission_wrong_principal;
mod lambda_role_can_pass_stronger_role;
mod lambda_role_from_elsewhere;
mod lambda_role_unused_grant;
mod lambda_runtime_not_latest;
mod lambda_self_triggering_write;
mod lambda_shared_role;
mod lambda_sqs_visibility_timeout;
mod lambda_timeout_beyond_api;
mod lambda_vpc_no_way_out;
mod lambda_vpc_single_zone;
mod nacl_duplicate_rule_number;
mod nacl_open_admin_ports;
mod nacl_overlapping_ports;
mod neptune_single_instance;
mod parameter_secret_default;
mod parameter_secret_shown;
mod public_privileged_function;
mod rds_cluster_single_instance;
mod resource_environment_disables_security;
mod resource_policy_names_another;
mod resource_shared_with_foreign_account;
mod s3_plain_http_partly_denied;
mod sam_api_no_default_authorizer;
mod secret_copied_at_deployment;
mod secret_property_from_parameter;
mod secret_property_plaintext;
mod secret_reference_misplaced;
mod secret_resolved_in_the_open;
mod serverless_env_resolved_secret;
mod serverless_package_includes_secrets;
mod serverless_property_resolved_secret;
mod serverless_shared_provider_role;
mod sg_egress_port_range;
mod sg_ingress_port_range;
mod sg_internet_in_parts;
mod sg_lets_out_elsewhere;
mod sg_wide_ports_elsewhere;
mod sqs_dlq_short_retention;
mod ssm_command_injection;
mod ssm_parameter_plaintext_secret;
mod template_ami_parameter_type;
mod template_depends_on_redundant;
mod template_depends_on_unknown;
mod template_explicit_name;
mod template_foreign_source;
mod template_hardcoded_arn;
mod template_hardcoded_az;
mod template_ignored_sam_attribute;
mod template_missing_sam_transform;
mod template_output_exposes_secret;
mod template_plaintext_secret;
mod template_required_tag_missing;
mod template_retired_service;
mod template_service_in_maintenance;
mod template_service_not_allowed;
mod template_unresolved_variable;
mod template_unsigned_package;
mod template_unverified_download;

/// What a native rule is: it looks, and reports.
pub(super) type Check = for<'a> fn(&Rule, &Context<'_, 'a>, &mut Sink<'a>);

/// Makes the table of native rules from their modules, which are called as their cards are.
macro_rules! natives {
    ($($module:ident),* $(,)?) => {
        /// Every native rule, by its module.
        const NATIVES: &[(&str, Check)] = &[$((stringify!($module), $module::check)),*];
    };
}

natives! {
    apigateway_authorizer_cache_reuse,
    apigateway_authorizer_mismatch,
    apigateway_backend_named_by_caller,
    apigateway_caller_writes_request,
    apigateway_route_key_only,
    apigateway_route_without_auth,
    apigateway_stage_no_waf,
    autoscaling_single_zone,
    cloudtrail_files_can_be_deleted,
    cloudtrail_no_alarms,
    codebuild_pull_requests_unapproved,
    cognito_users_choose_own_role,
    docdb_single_instance,
    ec2_image_retired,
    elb_listener_old_tls,
    gamelift_port_range,
    iam_access_key_in_template,
    iam_action_resource_mismatch,
    iam_boundary_can_be_taken_off,
    iam_condition_invalid,
    iam_condition_true_when_missing,
    iam_grant_by_wildcard,
    iam_group_without_mfa,
    iam_guarding_tag_can_be_set,
    iam_invoke_any_function,
    iam_partial_wildcard_action,
    iam_partial_wildcard_resource,
    iam_policy_complex,
    iam_policy_malformed,
    iam_policy_old_version,
    iam_policy_rewrite,
    iam_privilege_escalation,
    iam_ref_to_role_with_path,
    iam_resource_no_arn,
    iam_role_shared_by_workloads,
    iam_sensitive_resource_access,
    iam_statement_names_nothing,
    iam_trust_oidc_any_branch,
    iam_trust_oidc_any_subject,
    iam_unknown_action,
    iam_unknown_principal,
    iam_variable_never_replaced,
    lambda_async_no_failure_destination,
    lambda_database_unguarded,
    lambda_deprecated_runtime,
    lambda_env_guessable_secret,
    lambda_env_resolved_secret,
    lambda_env_too_large,
    lambda_layer_foreign_account,
    lambda_log_group_no_retention,
    lambda_needless_vpc,
    lambda_no_dlq,
    lambda_no_logs_permission,
    lambda_permission_foreign_account,
    lambda_permission_many_principals,
    lambda_permission_orphaned,
    lambda_permission_wildcard_source,
    lambda_permission_wrong_principal,
    lambda_role_can_pass_stronger_role,
    lambda_role_from_elsewhere,
    lambda_role_unused_grant,
    lambda_runtime_not_latest,
    lambda_self_triggering_write,
    lambda_shared_role,
    lambda_sqs_visibility_timeout,
    lambda_timeout_beyond_api,
    lambda_vpc_no_way_out,
    lambda_vpc_single_zone,
    nacl_duplicate_rule_number,
    nacl_open_admin_ports,
    nacl_overlapping_ports,
    neptune_single_instance,
    parameter_secret_default,
    parameter_secret_shown,
    public_privileged_function,
    rds_cluster_single_instance,
    resource_environment_disables_security,
    resource_policy_names_another,
    resource_shared_with_foreign_account,
    s3_plain_http_partly_denied,
    sam_api_no_default_authorizer,
    secret_copied_at_deployment,
    secret_property_from_parameter,
    secret_property_plaintext,
    secret_reference_misplaced,
    secret_resolved_in_the_open,
    serverless_env_resolved_secret,
    serverless_package_includes_secrets,
    serverless_property_resolved_secret,
    serverless_shared_provider_role,
    sg_egress_port_range,
    sg_ingress_port_range,
    sg_internet_in_parts,
    sg_lets_out_elsewhere,
    sg_wide_ports_elsewhere,
    sqs_dlq_short_retention,
    ssm_command_injection,
    ssm_parameter_plaintext_secret,
    template_ami_parameter_type,
    template_depends_on_redundant,
    template_depends_on_unknown,
    template_explicit_name,
    template_foreign_source,
    template_hardcoded_arn,
    template_hardcoded_az,
    template_ignored_sam_attribute,
    template_missing_sam_transform,
    template_output_exposes_secret,
    template_plaintext_secret,
    template_required_tag_missing,
    template_retired_service,
    template_service_in_maintenance,
    template_service_not_allowed,
    template_unresolved_variable,
    template_unsigned_package,
    template_unverified_download,
}

/// What a rule puts together that cannot ask for each assumption under which each of it stands.
#[derive(Debug, Clone, Copy)]
pub struct Joins {
    /// Beginnings of the types of resources.
    pub types: &'static [&'static str],
    /// The property without which it has nothing to say; empty where there is none.
    pub needs: &'static str,
}

const JOINING: &[(&str, Joins)] = &[
    ("apigateway-authorizer-cache-reuse", Joins { types: &["AWS::ApiGateway"], needs: "" }),
    ("apigateway-authorizer-mismatch", Joins { types: &["AWS::ApiGateway"], needs: "" }),
    ("apigateway-route-without-auth", Joins { types: &["AWS::ApiGateway", "AWS::Serverless::"], needs: "" }),
    (
        "autoscaling-single-zone",
        Joins { types: &["AWS::AutoScaling::", "AWS::EC2::Subnet"], needs: "VPCZoneIdentifier" },
    ),
    ("cloudtrail-files-can-be-deleted", Joins { types: &["AWS::CloudTrail::", "AWS::S3::"], needs: "" }),
    ("cloudtrail-no-alarms", Joins { types: &["AWS::CloudTrail::", "AWS::Logs::", "AWS::CloudWatch::"], needs: "" }),
    ("elb-listener-old-tls", Joins { types: &["AWS::ElasticLoadBalancing::"], needs: "" }),
    ("iam-group-without-mfa", Joins { types: &["AWS::IAM::"], needs: "" }),
    ("lambda-async-no-failure-destination", Joins { types: CALLED, needs: "" }),
    ("lambda-env-too-large", Joins { types: &["AWS::Lambda::"], needs: "Environment" }),
    (
        "lambda-log-group-no-retention",
        Joins { types: &["AWS::Lambda::Function", "AWS::Lambda::WebFunction", "AWS::Logs::LogGroup"], needs: "" },
    ),
    ("lambda-needless-vpc", Joins { types: &["AWS::Lambda::"], needs: "VpcConfig" }),
    ("lambda-no-dlq", Joins { types: CALLED, needs: "" }),
    ("lambda-no-logs-permission", Joins { types: &["AWS::Lambda::Function", "AWS::IAM::"], needs: "" }),
    ("lambda-permission-foreign-account", Joins { types: &["AWS::Lambda::"], needs: "" }),
    ("lambda-permission-orphaned", Joins { types: &["AWS::Lambda::", "AWS::SNS::", "AWS::Events::"], needs: "" }),
    ("lambda-self-triggering-write", Joins { types: &["AWS::Lambda::", "AWS::IAM::"], needs: "" }),
    ("lambda-shared-role", Joins { types: &["AWS::Lambda::"], needs: "" }),
    (
        "lambda-vpc-no-way-out",
        Joins { types: &["AWS::Lambda::Function", "AWS::EC2::", "AWS::IAM::"], needs: "VpcConfig" },
    ),
    ("lambda-vpc-single-zone", Joins { types: &["AWS::Lambda::", "AWS::EC2::Subnet"], needs: "" }),
    ("public-privileged-function", Joins { types: &["AWS::ApiGateway", "AWS::Lambda::", "AWS::IAM::"], needs: "" }),
    ("s3-plain-http-partly-denied", Joins { types: &["AWS::S3::BucketPolicy"], needs: "" }),
    ("secret-copied-at-deployment", Joins { types: &["AWS::SecretsManager::", "AWS::RDS::"], needs: "" }),
    ("sqs-dlq-short-retention", Joins { types: &["AWS::SQS::"], needs: "RedrivePolicy" }),
    ("ssm-command-injection", Joins { types: &["AWS::SSM::Document"], needs: "" }),
];

/// What calls functions, and what catches their failures.
const CALLED: &[&str] = &["AWS::Lambda::", "AWS::IAM::Role", "AWS::CloudFront::Distribution", "AWS::StepFunctions::"];

/// The rules that are asked again where a condition is true, and where it is false, by name.
pub fn joining() -> impl Iterator<Item = (&'static str, Joins)> {
    JOINING.iter().copied()
}

/// Runs a native rule; one without Rust is caught by a test.
pub(super) fn run<'a>(rule: &Rule, context: &Context<'_, 'a>, sink: &mut Sink<'a>) {
    let find = || NATIVES.iter().find(|(module, _)| is_called(module, &rule.head.name)).map(|(_, check)| *check);
    if let Some(check) = rule.native.get_or_init(find) {
        check(rule, context, sink);
    }
}

/// Whether a module is that of the rule of a name: what Rust takes for minus signs stands as underlines in it.
fn is_called(module: &str, name: &str) -> bool {
    let letter = |byte| if byte == b'-' { b'_' } else { byte };
    // Many begin alike; from their ends two of the same length differ at once.
    module.len() == name.len() && module.bytes().rev().eq(name.bytes().rev().map(letter))
}

/// The names of the native rules, for the test that holds cards and natives one to one.
#[must_use]
pub fn names() -> Vec<String> {
    NATIVES.iter().map(|(module, _)| module.replace('_', "-")).collect()
}
