//! SAM's youngest types: web functions, micro VM images, and the network connectors both can use.

use super::expansion::Expansion;
use super::make::Make;
use super::read::{self, field, truthy};
use super::tags::passed_on;
use crate::template::{Entry, Kind, Resource, Value};

/// The tag of all that SAM makes for Lambda.
const MARKER: Option<(&str, &str)> = Some(("lambda:createdBy", "SAM"));

/// Expands a network connector: its subnets, and the role that manages its interfaces.
pub(super) fn connector<'a>(x: &mut Expansion<'a>, of: &Resource<'a>) {
    let make = x.cause(of, "this network connector", of.key);
    let given = |key: &str| field(of.properties, key);
    let own = x.id(&[of.id, "OperatorRole"]);
    let written = given("OperatorRole").filter(|r| truthy(*r));
    let vpc = given("VpcConfig").map(|v| {
        let make = make.because(v.origin);
        let used = given("ComputeTypes").filter(|t| truthy(*t)).unwrap_or_else(|| make.texts(&["MicroVm"]));
        let mut entries = v.as_map().map_or_else(Vec::new, |m| m.entries.to_vec());
        entries.push(make.entry("AssociatedComputeResourceTypes", used));
        make.map(&[("VpcEgressConfiguration", make.entries(&entries))])
    });
    let properties = make.some(&[
        ("Name", given("Name")),
        ("Configuration", vpc),
        ("OperatorRole", Some(written.unwrap_or_else(|| make.att(own, "Arn")))),
        ("Tags", Some(make.pairs(given("Tags"), MARKER))),
    ]);
    x.become_kind(of, "AWS::Lambda::NetworkConnector", properties);
    if written.is_none() {
        let managed = make.list(&[make.managed("AWSLambdaNetworkConnectorOperatorPolicy")]);
        role(x, of, own, ("ManagedPolicyArns", managed), passed_on(of));
    }
}

/// Expands an image: what it is built from, and the role that builds it.
pub(super) fn image<'a>(x: &mut Expansion<'a>, of: &Resource<'a>) {
    let make = x.cause(of, "this image", of.key);
    let given = |key: &str| field(of.properties, key);
    let own = x.id(&[of.id, "BuildRole"]);
    let written = given("BuildRoleArn").filter(|r| truthy(*r));
    let list = |key: &str| Some(given(key).unwrap_or_else(|| make.list(&[])));
    let map = |key: &str| Some(given(key).unwrap_or_else(|| make.map(&[])));
    let variables = given("EnvironmentVariables").map(|v| v.entries()).unwrap_or_default();
    let variable = |e: &Entry<'a>| {
        let make = make.because(e.key_origin);
        make.map(&[("Key", make.text(e.key)), ("Value", e.value)])
    };
    let properties = make.some(&[
        ("Name", given("Name")),
        ("CodeArtifact", given("CodeUri").map(|u| make.because(u.origin).map(&[("Uri", u)]))),
        ("BaseImageArn", given("BaseImageArn")),
        ("BuildRoleArn", Some(written.unwrap_or_else(|| make.att(own, "Arn")))),
        ("BaseImageVersion", given("BaseImageVersion")),
        ("Description", Some(given("Description").unwrap_or_else(|| make.text("")))),
        ("Tags", Some(make.pairs(given("Tags"), MARKER))),
        ("Logging", map("Logging")),
        ("EgressNetworkConnectors", list("EgressNetworkConnectors")),
        ("CpuConfigurations", list("CpuConfigurations")),
        ("Resources", list("Resources")),
        ("AdditionalOsCapabilities", list("AdditionalOsCapabilities")),
        ("Hooks", map("Hooks")),
        ("EnvironmentVariables", Some(make.list(&variables.iter().map(variable).collect::<Vec<_>>()))),
    ]);
    x.become_kind(of, "AWS::Lambda::MicrovmImage", properties);
    if written.is_none() {
        let logs = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"];
        let source =
            given("CodeUri").map(|uri| make.allow(&["s3:GetObject"], objects(x, make.because(uri.origin), uri)));
        let statements: Vec<_> = source.into_iter().chain([make.allow(&logs, make.text("*"))]).collect();
        let policy = make.inline("MicrovmImageBuildPolicy", make.policy(&statements));
        role(x, of, own, ("Policies", make.list(&[policy])), passed_on(of));
    }
}

/// The objects of the bucket that a location is in.
fn objects<'a>(x: &Expansion<'a>, make: Make<'a>, uri: Value<'a>) -> Value<'a> {
    let known = read::parameters(x, uri);
    if let Kind::Text(text) = known.kind
        && let Some(bucket) = text.strip_prefix("s3://").and_then(|rest| rest.split('/').next())
    {
        return make.sub(&format!("arn:${{AWS::Partition}}:s3:::{bucket}/*"));
    }
    let parts = make.build.intrinsic(crate::template::Intrinsic::Split(make.text("/"), uri), make.origin);
    let two = make.build.number(2, make.origin);
    let bucket = make.build.intrinsic(crate::template::Intrinsic::Select(two, parts), make.origin);
    make.sub_with("arn:${AWS::Partition}:s3:::${Bucket}/*", &[("Bucket", bucket)])
}

/// A role of Lambda's with one kind of grant.
fn role<'a>(x: &mut Expansion<'a>, of: &Resource<'a>, id: &'a str, grant: (&'a str, Value<'a>), tags: &[Entry<'a>]) {
    let make = x.cause(of, "this role", of.key);
    let properties = make.map(&[
        ("AssumeRolePolicyDocument", make.trust(make.texts(&["lambda.amazonaws.com"]))),
        grant,
        ("Tags", make.pairs(Some(make.entries(tags)), MARKER)),
    ]);
    x.emit(of, id, "AWS::IAM::Role", "this role", of.key, properties);
}

/// Expands a web function: the function, its revision, the endpoint that answers, and its role.
pub(super) fn web_function<'a>(x: &mut Expansion<'a>, of: &Resource<'a>) {
    let make = x.cause(of, "this web function", of.key);
    let given = |key: &str| field(of.properties, key);
    let name = given("FunctionName").unwrap_or_else(|| generated_name(make, of.id));
    let own = x.id(&[of.id, "Role"]);
    let written = given("ExecutionRoleArn");
    let tags = make.pairs(given("Tags"), MARKER);
    let properties = make.map(&[("FunctionName", name), ("Tags", tags)]);
    x.become_kind(of, "AWS::Lambda::WebFunction", properties);
    if written.is_none() {
        let managed = make.list(&[make.managed("service-role/AWSLambdaBasicExecutionRole")]);
        let tags = given("Tags").map(|t| t.entries()).unwrap_or_default();
        role(x, of, own, ("ManagedPolicyArns", managed), tags);
    }

    let what = "this revision";
    let make = x.cause(of, what, of.key);
    let revision = x.id(&[of.id, "Revision"]);
    let entry_point = given("EntryPoint").map(|e| Entry { key: "AWS_LAMBDA_NODEJS_ENTRYPOINT", ..make.entry("", e) });
    let variables = match (given("EnvironmentVariables"), entry_point) {
        (Some(written), Some(entry)) if written.as_map().is_some() => {
            let entries = written.entries();
            Some(make.because(written.origin).entries(&[entries, &[entry]].concat()))
        }
        (None, Some(entry)) => Some(make.entries(&[entry])),
        (written, _) => written,
    };
    let source = given("CodeUri").map(|uri| make.map(&[("S3Object", uri)]));
    let build = make.some(&[
        ("CodeConfig", source),
        ("RuntimeConfig", given("Runtime").map(|r| make.because(r.origin).map(&[("Runtime", r)]))),
    ]);
    let service = make.some(&[
        ("ExecutionRoleArn", Some(written.unwrap_or_else(|| make.att(own, "Arn")))),
        ("EnvironmentVariables", variables),
        ("TelemetryConfig", given("LoggingConfig").map(|l| make.because(l.origin).map(&[("LoggingConfig", l)]))),
        ("MaxConcurrencyPerEnvironment", given("MaxConcurrencyPerEnvironment")),
        ("EgressNetworkConnectorArn", given("EgressNetworkConnectorArn")),
        ("TimeoutSeconds", Some(given("Timeout").unwrap_or_else(|| make.build.number(30, make.origin)))),
    ]);
    let properties = make.some(&[
        ("FunctionName", Some(name)),
        ("Description", given("RevisionDescription")),
        ("KmsKeyArn", given("KmsKeyArn")),
        ("BuildConfig", Some(build)),
        ("ServiceConfig", Some(service)),
    ]);
    x.emit(of, revision, "AWS::Lambda::WebFunctionRevision", what, of.key, properties);

    let what = "this endpoint";
    let auth = given("AuthType");
    let make = x.cause(of, what, auth.map_or(of.key, |a| a.origin));
    let weight = |id: Value<'a>, weight: Value<'a>| make.map(&[("RevisionId", id), ("Weight", weight)]);
    let weights: Vec<_> = match given("RevisionWeights").and_then(|w| w.as_map()).filter(|m| !m.entries.is_empty()) {
        Some(map) => map.entries.iter().map(|e| weight(make.text(e.key), e.value)).collect(),
        None => vec![weight(make.att(revision, "RevisionId"), make.build.number(100, make.origin))],
    };
    let properties = make.some(&[
        ("FunctionName", Some(name)),
        ("EndpointName", Some(given("EndpointName").unwrap_or_else(|| make.text("prod")))),
        ("EndpointType", Some(given("EndpointType").unwrap_or_else(|| make.text("HomeRegion")))),
        ("AuthType", auth),
        ("RevisionWeights", Some(make.list(&weights))),
        ("Regions", given("ReplicaRegions").map(|r| field(r, "IncludeRegions").unwrap_or(r))),
        ("Description", given("EndpointDescription")),
        ("ScalingConfig", given("ScalingConfig")),
        ("ThrottleConfig", given("ThrottleConfig")),
    ]);
    x.emit(of, x.id(&[of.id, "Endpoint"]), "AWS::Lambda::WebFunctionEndpoint", what, make.origin, properties);
}

/// The name that SAM gives: the logical id and a part of the stack's.
fn generated_name<'a>(make: Make<'a>, id: &str) -> Value<'a> {
    use crate::template::Intrinsic::{Select, Split};
    let b = make.build;
    let number = |n: i64| b.number(n, make.origin);
    let split = |by: &'a str, text: Value<'a>| b.intrinsic(Split(make.text(by), text), make.origin);
    let select = |at: i64, list: Value<'a>| b.intrinsic(Select(number(at), list), make.origin);
    let stack = select(2, split("/", make.reference("AWS::StackId")));
    let text = format!("{}-${{StackIdSuffix}}", id.get(..55).unwrap_or(id));
    make.sub_with(&text, &[("StackIdSuffix", select(0, split("-", stack)))])
}
