//! What SAM makes of small templates, and where each piece says it came from.

use crate::dialect::{Input, Options, lower};
use crate::source::{Arena, FileId, NoFiles, Source, Sources};
use crate::syntax;
use crate::template::{Intrinsic, Kind, Resource, Template, Value, to_json};
use serde_json::{Value as Json, json};
use std::sync::Arc;

/// Lowers a text and looks at the template.
pub(super) fn with<R>(text: &str, look: impl FnOnce(&Template<'_>) -> R) -> R {
    let arena = Arena::new();
    let sources = Sources::new(Arc::new(Source::new("template.yaml", text)));
    let document = syntax::parse(&arena, FileId(0), sources.get(FileId(0)).text());
    let options = Options::default();
    let input = Input { arena: &arena, sources: &sources, loader: &NoFiles, options: &options };
    look(&lower(&document, &input).expect("a SAM template"))
}

/// The resources of a text, lowered.
pub(super) fn json(text: &str) -> Json {
    with(text, |t| to_json(t).get("Resources").cloned().expect("resources"))
}

fn written<'t>(text: &'t str, value: &Value<'_>) -> &'t str {
    &text[value.origin.span.range()]
}

/// A resource that must be there.
pub(super) fn resource<'t, 'a>(template: &'t Template<'a>, id: &str) -> &'t Resource<'a> {
    template
        .resource(id)
        .unwrap_or_else(|| panic!("no `{id}` in {:?}", template.resources.iter().map(|r| r.id).collect::<Vec<_>>()))
}

/// A function becomes a Lambda function and a role; the role says what made it and points at the function.
#[test]
fn function_and_role() {
    let text = "Transform: AWS::Serverless-2016-10-31\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: {Tracing: Active, Policies: [AmazonS3ReadOnlyAccess]}\n";
    with(text, |t| {
        assert!(t.transforms.is_empty());
        let role = resource(t, "FnRole");
        assert_eq!((role.written_id, role.made_by), ("Fn", Some("SAM makes this role for `Fn`")));
        assert_eq!(&text[role.key.span.range()], "Fn");
        assert!(!role.key.is_written());
        let arns = role.property("ManagedPolicyArns").map(|e| e.value.items()).expect("policies");
        let places: Vec<_> = arns.iter().map(|a| written(text, a)).collect();
        assert_eq!(places, ["Fn", "Active", "AmazonS3ReadOnlyAccess"]);
        let function = resource(t, "Fn");
        assert_eq!((function.kind, function.made_by), ("AWS::Lambda::Function", None));
        let mode = function.properties.at(&["TracingConfig", "Mode"]).expect("a mode");
        assert_eq!((mode.as_text(), written(text, &mode), mode.origin.is_written()), (Some("Active"), "Active", true));
        assert_eq!(t.declared.iter().map(|r| r.kind).collect::<Vec<_>>(), ["AWS::Serverless::Function"]);
        let order: Vec<_> = t.resources.iter().map(|r| r.id).collect();
        assert_eq!(order, ["Fn", "FnRole"]);
    });
}

/// Globals are merged: maps deeply, lists one after the other, `null` switches off; the value stays where it was written.
#[test]
fn globals() {
    let text = "Transform: AWS::Serverless-2016-10-31\nGlobals:\n  Function:\n    KmsKeyArn: key\n    Layers: [a]\n    Environment: {Variables: {A: '1', B: '2'}}\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      KmsKeyArn: null\n      Layers: [b]\n      Environment: {Variables: {B: '3'}}\n";
    let function = json(text)["Fn"]["Properties"].clone();
    assert_eq!(function["Environment"], json!({"Variables": {"A": "1", "B": "3"}}));
    assert_eq!(function["Layers"], json!(["a", "b"]));
    assert_eq!(function.get("KmsKeyArn"), None);
    with(text, |t| {
        let value = resource(t, "Fn").properties.at(&["Environment", "Variables", "A"]).expect("a variable");
        assert_eq!(written(text, &value), "'1'");
        let step = value.origin.step.expect("a step");
        assert_eq!(step.what, "inherited from Globals");
        assert_eq!(step.at.map(|s| &text[s.range()]), Some("Fn"));
    });
}

/// A given role means that no role is made and nothing is added to it.
#[test]
fn given_role() {
    let all = json(
        "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: {Role: arn:aws:iam::1:role/x, Policies: [AdministratorAccess]}\n",
    );
    assert_eq!(all["Fn"]["Properties"]["Role"], json!("arn:aws:iam::1:role/x"));
    assert_eq!(all.as_object().map(|o| o.len()), Some(1));
}

/// A role that is given under a condition is made under the other.
#[test]
fn role_under_a_condition() {
    let text = "Conditions: {C: !Equals [a, b]}\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: {Role: !If [C, arn:r, !Ref AWS::NoValue]}\n";
    with(text, |t| {
        assert_eq!(resource(t, "FnRole").condition.map(|c| c.0), Some("NOTC"));
        assert!(t.condition("NOTC").is_some());
        assert_eq!(
            to_json(t)["Resources"]["Fn"]["Properties"]["Role"],
            json!({"Fn::If": ["C", "arn:r", {"Fn::GetAtt": ["FnRole", "Arn"]}]})
        );
    });
}

/// Policy templates become statements that point at the parameter's value.
#[test]
fn policy_templates() {
    let text = "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      Policies:\n        - S3ReadPolicy: {BucketName: pictures}\n        - !If [C, {SQSPollerPolicy: {QueueName: !GetAtt Q.QueueName}}, !Ref AWS::NoValue]\n        - Statement: {Effect: Allow, Action: '*', Resource: '*'}\n";
    with(text, |t| {
        let policies = resource(t, "FnRole").property("Policies").map(|e| e.value.items()).expect("policies");
        let [read, poll, own] = policies.as_slice() else { panic!("three policies") };
        let statement = read.at(&["PolicyDocument", "Statement"]).map(|s| s.items()[0]).expect("a statement");
        let resource = statement.at(&["Resource"]).map(|r| r.items()[0]).expect("a resource");
        assert_eq!(written(text, &resource), "pictures");
        assert!(matches!(
            resource.kind,
            Kind::Intrinsic(crate::template::Intrinsic::Sub { template: "arn:${AWS::Partition}:s3:::pictures", .. })
        ));
        assert!(matches!(poll.kind, Kind::Intrinsic(crate::template::Intrinsic::If("C", ..))));
        assert_eq!(own.at(&["PolicyDocument", "Statement", "Action"]).and_then(|a| a.as_text()), Some("*"));
    });
}

/// A public function URL brings both permissions, which point at the authentication type.
#[test]
fn public_url() {
    let text = "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: {AutoPublishAlias: live, FunctionUrlConfig: {AuthType: NONE}}\n";
    with(text, |t| {
        let open = resource(t, "FnUrlPublicPermissions");
        assert_eq!(&text[open.kind_origin.span.range()], "NONE");
        let all = to_json(t)["Resources"].clone();
        assert_eq!(all["FnUrl"]["Properties"]["TargetFunctionArn"], json!({"Ref": "FnAliaslive"}));
        assert_eq!(all["FnURLInvokeAllowPublicAccess"]["Properties"]["InvokedViaFunctionUrl"], json!(true));
        assert_eq!(all["FnVersion"]["DeletionPolicy"], json!("Retain"));
    });
}

/// Events permit their services, and the function's condition is theirs.
#[test]
fn events() {
    let text = "Conditions: {C: !Equals [a, b]}\nResources:\n  B: {Type: AWS::S3::Bucket}\n  Fn:\n    Type: AWS::Serverless::Function\n    Condition: C\n    Properties:\n      Events:\n        S: {Type: Schedule, Properties: {Schedule: rate(1 day), DeadLetterConfig: {Type: SQS}}}\n        P: {Type: S3, Properties: {Bucket: !Ref B, Events: 's3:ObjectCreated:*'}}\n        Q: {Type: SQS, Properties: {Queue: arn:q}}\n";
    with(text, |t| {
        let all = to_json(t)["Resources"].clone();
        assert_eq!(all["FnSPermission"]["Properties"]["SourceArn"], json!({"Fn::GetAtt": ["FnS", "Arn"]}));
        assert_eq!(all["FnSQueuePolicy"]["Condition"], json!("C"));
        assert_eq!(all["FnPPermission"]["Properties"]["SourceAccount"], json!({"Ref": "AWS::AccountId"}));
        let told = &all["B"]["Properties"]["NotificationConfiguration"]["LambdaConfigurations"][0]["Fn::If"][1];
        assert_eq!(told["Event"], json!("s3:ObjectCreated:*"));
        assert_eq!(all["FnQ"]["Properties"]["EventSourceArn"], json!("arn:q"));
        let managed = all["FnRole"]["Properties"]["ManagedPolicyArns"].to_string();
        assert!(managed.contains("service-role/AWSLambdaSQSQueueExecutionRole"), "{managed}");
        let permission = resource(t, "FnPPermission");
        assert_eq!(&text[permission.kind_origin.span.range()], "P");
    });
}

/// References to the version and the alias lead to what was made.
#[test]
fn references() {
    let text = "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: {AutoPublishAlias: live}\nOutputs:\n  A: {Value: !Ref Fn.Alias}\n  B: {Value: !Sub 'x ${Fn.Version} ${Fn.Arn}'}\n  C: {Value: !GetAtt Fn.Version.Version}\n";
    let outputs = with(text, |t| to_json(t)["Outputs"].clone());
    assert_eq!(outputs["A"]["Value"], json!({"Ref": "FnAliaslive"}));
    assert_eq!(outputs["B"]["Value"], json!({"Fn::Sub": "x ${FnVersion} ${Fn.Arn}"}));
    assert_eq!(outputs["C"]["Value"], json!({"Fn::GetAtt": ["FnVersion", "Version"]}));
}

/// Whatever is written where SAM wants something else, the rest is lowered.
#[test]
fn nonsense_is_survived() {
    for properties in [
        "7",
        "[a]",
        "{Events: [1], Policies: {a: 1, b: 2}, Role: []}",
        "{Events: {E: {Type: SQS}, F: 1, G: {Type: Api}, H: {Type: S3, Properties: {Bucket: 1}}}}",
        "{Events: {E: {Type: SNS}, F: {Type: Cognito}, G: {Type: MQ, Properties: {SourceAccessConfigurations: 1}}}}",
        "{AutoPublishAlias: [], DeploymentPreference: 1, FunctionUrlConfig: x, EventInvokeConfig: {DestinationConfig: {OnFailure: 1}}}",
        "{CodeUri: 's3://', Tags: 1, Tracing: {}, DeadLetterQueue: x, VpcConfig: 1, CapacityProviderConfig: []}",
    ] {
        let text = format!("Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: {properties}\n");
        with(&text, |t| assert_eq!(resource(t, "Fn").kind, "AWS::Lambda::Function"));
    }
}

/// Shared anchors are rewritten once, not once for each of their uses.
#[test]
fn anchors_do_not_multiply() {
    let mut text = String::from(
        "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      AutoPublishAlias: live\n      A0: &a0 [!Ref Fn.Alias]\n",
    );
    for n in 1..40 {
        let before = n - 1;
        text.push_str(&format!("      A{n}: &a{n} [*a{before}, *a{before}, *a{before}]\n"));
    }
    with(&text, |t| assert!(resource(t, "Fn").property("A39").is_some()));
}

/// A connector puts what it grants into a policy of the source's role; standing on a resource it leaves it again.
#[test]
fn connectors() {
    let all = json(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Connectors: {ToQ: {Properties: {Destination: {Id: Q}, Permissions: [Write]}}}\n  Q: {Type: AWS::SQS::Queue}\n  T: {Type: AWS::SNS::Topic}\n  C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: T}, Destination: {Id: Q}, Permissions: [Write]}}\n",
    );
    assert_eq!(all["Fn"]["Connectors"], Json::Null);
    assert_eq!(all["FnToQPolicy"]["Properties"]["Roles"], json!([{"Ref": "FnRole"}]));
    let statement = &all["FnToQPolicy"]["Properties"]["PolicyDocument"]["Statement"][0];
    assert_eq!(statement["Resource"], json!([{"Fn::GetAtt": ["Q", "Arn"]}]));
    let policy = &all["CQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"][0];
    assert_eq!(policy["Condition"], json!({"ArnEquals": {"aws:SourceArn": {"Ref": "T"}}}));
}

/// A state machine's role may do what `Policies` say; what starts it gets a role that may only start it.
#[test]
fn state_machines() {
    let all = json(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      Definition: {StartAt: A}\n      Policies: [AWSLambdaRole]\n      Tracing: {Enabled: true}\n      PermissionsBoundary: arn:b\n      Events: {S: {Type: Schedule, Properties: {Schedule: rate(1 day)}}, V: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}}\n",
    );
    assert_eq!(all["MRole"]["Properties"]["ManagedPolicyArns"].as_array().map(Vec::len), Some(2));
    let start = &all["MSRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0];
    assert_eq!((&start["Action"], &start["Resource"]), (&json!(["states:StartExecution"]), &json!({"Ref": "M"})));
    // The boundary of the machine holds for a rule's role, but a schedule's role has only its own.
    assert_eq!(all["MSRole"]["Properties"]["PermissionsBoundary"], "arn:b");
    assert_eq!(all["MVRole"]["Properties"]["PermissionsBoundary"], Json::Null);
}

/// A GraphQL API logs everything unless told otherwise, and reads its tables with a role of their own.
#[test]
fn graphql() {
    let all = json(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  G:\n    Type: AWS::Serverless::GraphQLApi\n    Properties:\n      SchemaInline: x\n      Auth: {Type: AWS_IAM}\n      DataSources: {DynamoDb: {T: {TableName: t, TableArn: arn:t, Permissions: [Read]}}}\n  Quiet: {Type: AWS::Serverless::GraphQLApi, Properties: {SchemaInline: x, Auth: {Type: API_KEY}, Logging: false}}\n",
    );
    assert_eq!(all["G"]["Properties"]["LogConfig"]["FieldLogLevel"], "ALL");
    assert_eq!(all["Quiet"]["Properties"]["LogConfig"], Json::Null);
    let policy = &all["GTDynamoDBDataSourceToTableConnectorPolicy"]["Properties"];
    assert_eq!(policy["Roles"], json!([{"Ref": "GTDynamoDBDataSourceRole"}]));
    assert_eq!(policy["PolicyDocument"]["Statement"].as_array().map(Vec::len), Some(1));
}

/// A layer is kept when it is replaced, and what refers to it finds it under its new name.
#[test]
fn layers() {
    let text = "Transform: AWS::Serverless-2016-10-31\nResources:\n  L: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: ./l}}\nOutputs: {O: {Value: !Ref L}}\n";
    with(text, |t| {
        let layer = t.resources.first().expect("the layer");
        assert_eq!((layer.kind, layer.written_id), ("AWS::Lambda::LayerVersion", "L"));
        assert_eq!(layer.attribute("DeletionPolicy").and_then(|e| e.value.as_text()), Some("Retain"));
        let output = t.outputs.first().expect("the output").value;
        assert!(matches!(output.as_intrinsic(), Some(crate::template::Intrinsic::Ref(id)) if *id == layer.id));
    });
}

/// Two managed policies whose texts differ only in what is put into them are two policies.
#[test]
fn alike_policies() {
    let text = "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties:\n      Policies:\n        - !Sub ['arn:aws:iam::1:policy/${x}', {x: !Ref A}]\n        - !Sub ['arn:aws:iam::1:policy/${x}', {x: !Ref B}]\n        - arn:aws:iam::1:policy/c\n        - arn:aws:iam::1:policy/c\n";
    let arns = json(text)["FnRole"]["Properties"]["ManagedPolicyArns"].clone();
    assert_eq!(arns.as_array().map(Vec::len), Some(4), "{arns}");
}

/// What is empty counts as left out, as it does for SAM.
#[test]
fn empty_properties() {
    let all = json(
        "Resources:\n  Fn:\n    Type: AWS::Serverless::Function\n    Properties: {VpcConfig: {}, Tracing: '', DeadLetterQueue: {}, EventInvokeConfig: {}, AutoPublishAlias: '', FunctionUrlConfig: {}, DeploymentPreference: {}}\n",
    );
    let ids: Vec<_> = all.as_object().expect("resources").keys().cloned().collect();
    assert_eq!(ids, ["Fn", "FnRole"]);
    assert_eq!(all["FnRole"]["Properties"]["ManagedPolicyArns"].as_array().map(Vec::len), Some(1));
    assert_eq!(all["Fn"]["Properties"].get("DeadLetterConfig"), None);
}

/// Every value of what SAM makes points at bytes that the user wrote, and what was made says so.
#[test]
fn every_value_has_a_place() {
    let text = r#"
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Handler: a.b, Runtime: python3.12, Tracing: Active, AutoPublishAlias: live, DeploymentPreference: {Type: AllAtOnce}, VpcConfig: {SubnetIds: [s]}}
  Api: {Auth: {DefaultAuthorizer: C, Authorizers: {C: {UserPoolArn: p}, T: {FunctionArn: !GetAtt Fn.Arn}}, ResourcePolicy: {IpRangeWhitelist: [1.2.3.4]}}, Cors: "'*'"}
Conditions: {Yes: !Equals [a, b]}
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Condition: Yes
    Connectors: {Read: {Properties: {Destination: {Id: Table}, Permissions: [Read, Write]}}}
    Properties:
      CodeUri: .
      Tags: {a: b}
      DeadLetterQueue: {Type: SQS, TargetArn: arn}
      FunctionUrlConfig: {AuthType: NONE}
      EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS}, OnFailure: {Type: SNS, Destination: !If [Yes, x, !Ref AWS::NoValue]}}}
      Policies: [AmazonS3ReadOnlyAccess, {DynamoDBCrudPolicy: {TableName: !Ref Table}}, !If [Yes, {Statement: []}, !Ref AWS::NoValue]]
      Events:
        Get: {Type: Api, Properties: {Path: '/x/{id}', Method: get, Auth: {Authorizer: T, ApiKeyRequired: true}}}
        Any: {Type: HttpApi}
        Rate: {Type: Schedule, Properties: {Schedule: rate(1 day), DeadLetterConfig: {Type: SQS}}}
        Plan: {Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 day)}}
        Put: {Type: S3, Properties: {Bucket: !Ref Bucket, Events: 's3:ObjectCreated:*'}}
        Note: {Type: SNS, Properties: {Topic: !Ref Topic, SqsSubscription: true}}
        Sign: {Type: Cognito, Properties: {UserPool: !Ref Pool, Trigger: PreSignUp}}
        Log: {Type: CloudWatchLogs, Properties: {LogGroupName: g, FilterPattern: ''}}
        Thing: {Type: IoTRule, Properties: {Sql: s}}
        Queue: {Type: SQS, Properties: {Queue: arn}}
        Kafka: {Type: SelfManagedKafka, Properties: {KafkaBootstrapServers: [a], Topics: [t], SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: u}]}}
        Docs: {Type: DocumentDB, Properties: {Cluster: c, DatabaseName: d, SourceAccessConfigurations: [{Type: BASIC_AUTH, URI: u}], SecretsManagerKmsKeyId: k}}
  Rest: {Type: AWS::Serverless::Api, Properties: {StageName: p, Auth: {ApiKeyRequired: true, UsagePlan: {CreateUsagePlan: PER_API}}, Domain: {DomainName: d, CertificateArn: c, Route53: {HostedZoneId: z}}}}
  Sockets: {Type: AWS::Serverless::WebSocketApi, Properties: {RouteSelectionExpression: r, Auth: {AuthType: CUSTOM, AuthArn: a}, Routes: {$connect: {FunctionArn: f}}}}
  Machine: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {}, Events: {Rate: {Type: Schedule, Properties: {Schedule: s}}, Post: {Type: Api, Properties: {Path: /s, Method: post, RestApiId: !Ref Rest}}}}}
  Graph: {Type: AWS::Serverless::GraphQLApi, Properties: {SchemaInline: s, Auth: {Type: API_KEY}, ApiKeys: {k: {}}, DataSources: {DynamoDb: {T: {TableName: !Ref Table}}}}}
  Layer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: .}}
  Nested: {Type: AWS::Serverless::Application, Properties: {Location: app.yaml}}
  Capacity: {Type: AWS::Serverless::CapacityProvider, Properties: {VpcConfig: {SubnetIds: [s]}}}
  Table: {Type: AWS::Serverless::SimpleTable}
  Bucket: {Type: AWS::S3::Bucket}
  Topic: {Type: AWS::SNS::Topic}
  Pool: {Type: AWS::Cognito::UserPool}
"#;
    with(text, |t| {
        for kind in
            ["AWS::IAM::Role", "AWS::IAM::ManagedPolicy", "AWS::ApiGateway::Stage", "AWS::CodeDeploy::DeploymentGroup"]
        {
            assert!(t.resources.iter().any(|r| r.kind == kind), "no {kind}");
        }
        for resource in &t.resources {
            assert_eq!(resource.made_by.is_none(), resource.key.is_written(), "{}", resource.id);
            assert!(!text[resource.key.span.range()].is_empty(), "{}", resource.id);
            let mut open = vec![resource.properties];
            open.extend(resource.attributes.entries.iter().map(|e| e.value));
            while let Some(value) = open.pop() {
                let place = text.get(value.origin.span.range());
                assert!(place.is_some_and(|p| !p.trim().is_empty()), "{}: {value:?}", resource.id);
                open.extend(children(&value));
            }
        }
    });
}

/// What a layer's property says of its fate wins over the attribute beside it.
#[test]
fn layer_kept_or_not() {
    let policy = |layer: &str| {
        let text = format!(
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  L: {{Type: AWS::Serverless::LayerVersion, {layer}}}\n"
        );
        with(&text, |t| {
            to_json(t)["Resources"]
                .as_object()
                .expect("resources")
                .values()
                .map(|r| r["DeletionPolicy"].clone())
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(policy("Properties: {ContentUri: ./l}"), ["Retain"]);
    assert_eq!(policy("DeletionPolicy: Delete, Properties: {ContentUri: ./l}"), ["Delete"]);
    assert_eq!(policy("DeletionPolicy: Retain, Properties: {ContentUri: ./l, RetentionPolicy: Delete}"), ["Delete"]);
    assert_eq!(policy("DeletionPolicy: Delete, Properties: {ContentUri: ./l, RetentionPolicy: Retain}"), ["Retain"]);
}

/// The policies of a schedule's role are named after the event, those of a rule's after the role.
#[test]
fn names_of_start_policies() {
    let all = json(
        "Resources:\n  M: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {}, Events: {S: {Type: Schedule, Properties: {Schedule: r}}, V: {Type: ScheduleV2, Properties: {ScheduleExpression: r, DeadLetterConfig: {Type: SQS}}}}}}\n",
    );
    let names = |role: &str| {
        let policies = all[role]["Properties"]["Policies"].as_array().expect("policies").clone();
        policies.into_iter().map(|p| p["PolicyName"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(names("MSRole"), ["MSRoleStartExecutionPolicy"]);
    assert_eq!(names("MVRole"), ["MVStartExecutionPolicy", "MVSQSPolicy"]);
}

/// Kafka's function may read the secret of the way in and the authority's certificate, each by its own ARN.
#[test]
fn secrets_of_kafka() {
    let all = json(
        "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Events: {K: {Type: SelfManagedKafka, Properties: {KafkaBootstrapServers: [a], Topics: [t], SourceAccessConfigurations: [{Type: SERVER_ROOT_CA_CERTIFICATE, URI: ca}, {Type: BASIC_AUTH, URI: way}]}}}}}\n",
    );
    let statements = &all["FRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
    let read: Vec<_> = statements.as_array().expect("statements").iter().map(|s| s["Resource"].clone()).collect();
    assert_eq!(read, ["way", "ca"]);
}

fn children<'a>(value: &Value<'a>) -> Vec<Value<'a>> {
    match value.kind {
        Kind::Map(map) => map.entries.iter().map(|e| e.value).collect(),
        Kind::List(items) => items.to_vec(),
        Kind::Intrinsic(Intrinsic::Sub { pieces, .. }) => pieces.to_vec(),
        Kind::Intrinsic(Intrinsic::If(_, then, otherwise)) => vec![*then, *otherwise],
        _ => Vec::new(),
    }
}
