//! `AWS::Serverless::CapacityProvider`: instances that functions run on, and the role that manages them.

use super::expansion::Expansion;
use super::make::Make;
use super::read::{field, truthy};
use crate::template::{Resource, Value};

/// Expands a capacity provider.
pub(super) fn expand<'a>(x: &mut Expansion<'a>, provider: &Resource<'a>) {
    let make = x.cause(provider, "this capacity provider", provider.key);
    let given = |key: &str| field(provider.properties, key);
    let tags = Some(make.pairs(given("Tags"), Some(("lambda:createdBy", "SAM"))));
    let managed = given("ManagedResourceTags").map(|m| {
        let make = make.because(m.origin);
        let tags = field(m, "Tags").map(|t| make.pairs(Some(t), None));
        make.some(&[("Mode", Some(make.text("Explicit"))), ("ExplicitTags", tags)])
    });
    let logging = given("LoggingConfig").map(|l| make.because(l.origin).map(&[("LoggingConfig", l)]));
    let own = x.id(&[provider.id, "OperatorRole"]);
    let written = given("OperatorRole");
    let role = written.unwrap_or_else(|| make.att(own, "Arn"));
    let vpc = given("VpcConfig").map(|v| {
        let make = make.because(v.origin);
        make.some(&[("SubnetIds", field(v, "SubnetIds")), ("SecurityGroupIds", field(v, "SecurityGroupIds"))])
    });
    let properties = make.some(&[
        ("CapacityProviderName", given("CapacityProviderName")),
        ("VpcConfig", vpc),
        ("PermissionsConfig", Some(make.map(&[("CapacityProviderOperatorRoleArn", role)]))),
        ("Tags", tags),
        ("InstanceRequirements", given("InstanceRequirements").map(|r| requirements(make.because(r.origin), r))),
        ("CapacityProviderScalingConfig", given("ScalingConfig").map(|s| scaling(make.because(s.origin), s))),
        ("KmsKeyArn", given("KmsKeyArn")),
        ("PropagateTags", managed),
        ("TelemetryConfig", logging),
    ]);
    x.become_kind(provider, "AWS::Lambda::CapacityProvider", properties);
    if written.is_none() {
        let make = x.cause(provider, "this role", provider.key);
        let passed = given("PropagateTags").filter(|p| truthy(*p)).and(given("Tags"));
        let properties = make.map(&[
            ("AssumeRolePolicyDocument", make.trust(make.texts(&["lambda.amazonaws.com"]))),
            ("ManagedPolicyArns", make.list(&[make.managed("AWSLambdaManagedEC2ResourceOperator")])),
            ("Tags", make.pairs(passed, Some(("lambda:createdBy", "SAM")))),
        ]);
        x.emit(provider, own, "AWS::IAM::Role", "this role", provider.key, properties);
    }
}

fn requirements<'a>(make: Make<'a>, written: Value<'a>) -> Value<'a> {
    make.some(&[
        ("Architectures", field(written, "Architectures")),
        ("AllowedInstanceTypes", field(written, "AllowedTypes")),
        ("ExcludedInstanceTypes", field(written, "ExcludedTypes")),
    ])
}

fn scaling<'a>(make: Make<'a>, written: Value<'a>) -> Value<'a> {
    let policies = field(written, "AverageCPUUtilization").map(|target| {
        let make = make.because(target.origin);
        let metric = make.text("LambdaCapacityProviderAverageCPUUtilization");
        make.list(&[make.map(&[("PredefinedMetricType", metric), ("TargetValue", target)])])
    });
    make.some(&[
        ("MaxVCpuCount", field(written, "MaxVCpuCount")),
        ("ScalingMode", Some(make.text(if policies.is_some() { "Manual" } else { "Auto" }))),
        ("ScalingPolicies", policies),
    ])
}
