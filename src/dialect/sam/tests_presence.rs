//! Where SAM only asks whether something stands there, and what it passes on or leaves behind.

use super::tests::{json, resource, with};
use crate::template::to_json;
use serde_json::{Value as Json, json};

const HEAD: &str = "Transform: AWS::Serverless-2016-10-31\nParameters: {P: {Type: String, Default: known}}\nConditions: {C: !Equals [a, b], D: !Equals [a, c]}\n";

/// The resources of functions `F`, each with the properties given.
fn functions(each: &[&str]) -> Json {
    let bodies =
        each.iter().enumerate().map(|(at, body)| format!("  F{at}: {{Type: AWS::Serverless::Function, {body}}}\n"));
    json(&format!("{HEAD}Resources:\n{}", bodies.collect::<String>()))
}

/// `AWS::NoValue` counts as a role, as tracing and as a destination: SAM asks for presence, not for what it means.
#[test]
fn no_value_is_something() {
    let all = functions(&[
        "Properties: {Role: !Ref AWS::NoValue}",
        "Properties: {Tracing: !Ref AWS::NoValue}",
        "Properties: {EventInvokeConfig: {DestinationConfig: {OnFailure: {Type: SQS, Destination: !Ref AWS::NoValue}}}}",
        "Properties: {Events: {E: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day), RoleArn: !Ref AWS::NoValue}}}}",
    ]);
    assert_eq!(all.get("F0Role"), None);
    assert_eq!(all["F1Role"]["Properties"]["ManagedPolicyArns"].as_array().map(Vec::len), Some(2));
    assert_eq!(all.get("F2EventInvokeConfigOnFailureQueue"), None);
    assert_eq!(all.get("F3ERole"), None);
}

/// Parameters are put in where SAM looks inside of a function, and stay where it does not.
#[test]
fn parameters_inside() {
    let all = functions(&[
        "Properties: {Role: !If [C, !Ref P, !Ref AWS::NoValue], Tracing: !If [C, !Ref P, Active]}",
        "Properties: {Role: !If [C, !Sub '${P}/x', b], Tracing: !Ref P}",
    ]);
    let (first, second) = (&all["F0"]["Properties"], &all["F1"]["Properties"]);
    assert_eq!(first["Role"], json!({"Fn::If": ["C", "known", {"Fn::GetAtt": ["F0Role", "Arn"]}]}));
    assert_eq!(first["TracingConfig"]["Mode"], json!({"Fn::If": ["C", "known", "Active"]}));
    assert_eq!(second["Role"], json!({"Fn::If": ["C", {"Fn::Sub": "known/x"}, "b"]}));
    assert_eq!(second["TracingConfig"]["Mode"], json!({"Ref": "P"}));
}

/// What CodeDeploy needs is conditional only when every preference passes its function's condition on.
#[test]
fn conditions_of_deployments() {
    let preference = |more: &str| {
        format!("Properties: {{AutoPublishAlias: live, DeploymentPreference: {{Type: AllAtOnce, Alarms: []{more}}}}}")
    };
    let passing = preference(", PassthroughCondition: true");
    let all = functions(&[&format!("Condition: C, {passing}"), &format!("Condition: D, {passing}")]);
    assert_eq!(all["ServerlessDeploymentApplication"]["Condition"], json!("ServerlessCodeDeployCondition"));
    assert_eq!(all["F1DeploymentGroup"]["Condition"], json!("D"));
    assert_eq!(all["F1DeploymentGroup"]["Properties"].get("AlarmConfiguration"), None);
    let all = functions(&[&format!("Condition: C, DeletionPolicy: Retain, {}", preference(""))]);
    assert_eq!(all["CodeDeployServiceRole"].get("Condition"), None);
    assert_eq!(
        (all["F0DeploymentGroup"].get("Condition"), all["F0DeploymentGroup"].get("DeletionPolicy")),
        (None, None)
    );
    assert_eq!(all["F0Version"]["DeletionPolicy"], json!("Retain"));
}

/// With `PropagateTags` all that can carry tags carries the function's own, and not SAM's.
#[test]
fn tags_passed_on() {
    let all = functions(&[
        "Properties: {PropagateTags: true, Tags: {a: b, c: null}, AutoPublishAlias: live, DeploymentPreference: {Type: AllAtOnce}, Events: {S: {Type: SNS, Properties: {Topic: t, SqsSubscription: true}}}}",
        "Properties: {PropagateTags: true, Tags: {}}",
    ]);
    let own = json!([{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}]);
    for id in
        ["F0", "F0Role", "F0SQueue", "F0DeploymentGroup", "ServerlessDeploymentApplication", "CodeDeployServiceRole"]
    {
        assert_eq!(all[id]["Properties"]["Tags"], own, "{id}");
    }
    assert_eq!(all["F1"]["Properties"]["Tags"], json!([{"Key": "lambda:createdBy", "Value": "SAM"}]));
}

/// A digest of the code that the user gives makes the version's id; unknown fields of a URL are left behind.
#[test]
fn versions_and_urls() {
    let all = functions(&[
        "Properties: {AutoPublishAlias: live, AutoPublishCodeSha256: 0123456789abcdef, FunctionUrlConfig: {AuthType: AWS_IAM, Else: x}}",
    ]);
    assert_eq!(
        all["F0Aliaslive"]["Properties"]["FunctionVersion"],
        json!({"Fn::GetAtt": ["F0Version0123456789", "Version"]})
    );
    assert_eq!(all["F0Url"]["Properties"].get("Else"), None);
}

/// Architectures of the function take the place of those in Globals; other lists are continued.
#[test]
fn architectures_are_replaced() {
    let text = "Globals: {Function: {Architectures: [arm64], Layers: [a]}}\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: {Architectures: [x86_64], Layers: [b]}\n";
    let function = json(&format!("Transform: AWS::Serverless-2016-10-31\n{text}"))["Fn"]["Properties"].clone();
    assert_eq!((&function["Architectures"], &function["Layers"]), (&json!(["x86_64"]), &json!(["a", "b"])));
}

/// What depends on a layer depends on the id under which the layer is deployed.
#[test]
fn dependencies_on_layers() {
    let text = "Resources:\n  L: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: s3://a/b}}\n  Q: {Type: AWS::SQS::Queue, DependsOn: [L, R]}\n  R: {Type: AWS::SQS::Queue, DependsOn: L}\n";
    with(&format!("Transform: AWS::Serverless-2016-10-31\n{text}"), |t| {
        let layer = t.resources.iter().find(|r| r.kind == "AWS::Lambda::LayerVersion").expect("a layer").id;
        let all = to_json(t)["Resources"].clone();
        assert_eq!((&all["Q"]["DependsOn"], &all["R"]["DependsOn"]), (&json!([layer, "R"]), &json!(layer)));
    });
}

/// A state machine's role is taken as it stands, choice or not.
#[test]
fn roles_of_machines() {
    let text = "Resources:\n  S: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: s3://a/b, Role: !If [C, a, !Ref AWS::NoValue]}}\n";
    let all = json(&format!("{HEAD}{text}"));
    assert_eq!(all.as_object().map(|o| o.len()), Some(1));
    assert_eq!(all["S"]["Properties"]["RoleArn"], json!({"Fn::If": ["C", "a", {"Ref": "AWS::NoValue"}]}));
}

/// Web functions, images and network connectors bring a role each, unless they are given one.
#[test]
fn youngest_types() {
    let text = "Resources:\n  W: {Type: AWS::Serverless::WebFunction, Properties: {Runtime: nodejs22.x, CodeUri: s3://a/b, AuthType: ApplicationManaged, EntryPoint: x.js}}\n  I: {Type: AWS::Serverless::MicrovmImage, Properties: {Name: n, CodeUri: s3://b/k, BaseImageArn: x, BaseImageVersion: '1'}}\n  N: {Type: AWS::Serverless::NetworkConnector, Properties: {VpcConfig: {SubnetIds: [a]}, OperatorRole: arn:r}}\n";
    with(&format!("{HEAD}{text}"), |t| {
        let all = to_json(t)["Resources"].clone();
        assert_eq!(all["WEndpoint"]["Properties"]["AuthType"], json!("ApplicationManaged"));
        assert!(resource(t, "WEndpoint").made_by.is_some());
        let service = &all["WRevision"]["Properties"]["ServiceConfig"];
        assert_eq!(service["ExecutionRoleArn"], json!({"Fn::GetAtt": ["WRole", "Arn"]}));
        assert_eq!(service["EnvironmentVariables"], json!({"AWS_LAMBDA_NODEJS_ENTRYPOINT": "x.js"}));
        let read = &all["IBuildRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0];
        assert_eq!(read["Resource"], json!({"Fn::Sub": "arn:${AWS::Partition}:s3:::b/*"}));
        let network = &all["N"]["Properties"]["Configuration"]["VpcEgressConfiguration"];
        assert_eq!(network["AssociatedComputeResourceTypes"], json!(["MicroVm"]));
        assert_eq!(all.get("NOperatorRole"), None);
    });
}

/// Numbers with a point lose the zeros behind it, as they do for everyone who reads YAML; account ids keep theirs.
#[test]
fn numbers() {
    let all = functions(&["Properties: {Environment: {Variables: {A: 1.50, B: 1.0, C: 012345678901, D: 3}}}"]);
    let variables = &all["F0"]["Properties"]["Environment"]["Variables"];
    assert_eq!(variables, &json!({"A": 1.5, "B": 1.0, "C": "012345678901", "D": 3}));
}
