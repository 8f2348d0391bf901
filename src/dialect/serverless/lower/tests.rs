//! What the framework makes of small services.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::dialect::{self, Input, Options};
use crate::source::{Arena, FileId, NoFiles, Source, Sources};
use crate::syntax;
use crate::template::{Template, to_json};

mod packaged;

/// Lowers a service and hands its template to a question.
fn with<T>(text: &str, ask: impl FnOnce(&Template<'_>, &str) -> T) -> T {
    let arena = Arena::new();
    let sources = Sources::new(Arc::new(Source::new("serverless.yml", text)));
    let document = syntax::parse(&arena, FileId(0), sources.get(FileId(0)).text());
    let options = Options::default();
    let input = Input { arena: &arena, sources: &sources, loader: &NoFiles, options: &options };
    let template = dialect::lower(&document, &input).expect("the text is a service");
    ask(&template, text)
}

/// The resources of a service in JSON.
fn resources(body: &str) -> Json {
    let text = format!("service: svc\nprovider: {{name: aws, runtime: nodejs18.x}}\n{body}");
    whole(&text)
}

fn whole(text: &str) -> Json {
    with(text, |template, _| to_json(template)["Resources"].take())
}

/// The statements of a role's inline policy.
fn statements(resources: &Json, role: &str) -> Vec<Json> {
    let policy = &resources[role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"];
    policy.as_array().cloned().unwrap_or_default()
}

fn actions(statements: &[Json]) -> Vec<String> {
    let one = |s: &Json| match &s["Action"] {
        Json::Array(all) => all.iter().filter_map(|a| a.as_str().map(str::to_owned)).collect(),
        other => vec![other.as_str().unwrap_or("").to_owned()],
    };
    statements.iter().flat_map(one).collect()
}

/// A destination that several functions write as text is allowed once, one that is a map as often as it is written.
#[test]
fn same_destination() {
    let all = resources(
        "functions:\n  a: {handler: h, destinations: {onSuccess: b, onFailure: 'arn:aws:sns:us-east-1:1:t'}}\n  b: {handler: h, destinations: {onSuccess: b, onFailure: 'arn:aws:sns:us-east-1:1:t'}}\n  c: {handler: h, destinations: {onSuccess: {type: sqs, arn: q}, onFailure: {type: sqs, arn: q}}}\n",
    );
    let found = actions(&statements(&all, "IamRoleLambdaExecution"));
    let times = |action: &str| found.iter().filter(|a| *a == action).count();
    assert_eq!((times("lambda:InvokeFunction"), times("sns:Publish"), times("sqs:SendMessage")), (1, 1, 2));
}

/// A subscription names the region of its topic only where the ARN stands behind a key.
#[test]
fn region_of_a_topic() {
    let region = |event: &str| {
        let all = resources(&format!("functions: {{a: {{handler: h, events: [{{sns: {event}}}]}}}}\n"));
        all["ASnsSubscriptionT"]["Properties"]["Region"].clone()
    };
    assert_eq!(region("arn:aws:sns:eu-west-1:1:t"), Json::Null);
    assert_eq!(region("{arn: 'arn:aws:sns:eu-west-1:1:t'}"), "eu-west-1");
    assert_eq!(region("{arn: 'arn:aws:sns:us-east-1:1:t'}"), Json::Null);
}

/// Endpoints of a network count only beside a type of endpoint.
#[test]
fn endpoints_without_type() {
    let ids = |provider: &str| {
        let all = whole(&format!(
            "service: svc\nprovider: {{name: aws, vpcEndpointIds: [vpce-1]{provider}}}\nfunctions: {{a: {{handler: h, events: [{{http: GET /a}}]}}}}\n"
        ));
        all["ApiGatewayRestApi"]["Properties"]["EndpointConfiguration"]["VpcEndpointIds"].clone()
    };
    assert_eq!(ids(""), Json::Null);
    assert_eq!(ids(", endpointType: private"), json!(["vpce-1"]));
}

/// A function brings its log group, its version and the shared role, and inherits from the provider.
#[test]
fn function_and_shared_role() {
    let all = whole(
        "service: svc\nprovider:\n  name: aws\n  runtime: python3.12\n  timeout: 9\n  environment: {A: 1, B: x}\n  vpc: {securityGroupIds: [sg], subnetIds: [sn]}\n  tracing: {lambda: true}\nfunctions:\n  hello-world: {handler: h, environment: {B: y, C: true}}\n",
    );
    let function = &all["HelloDashworldLambdaFunction"]["Properties"];
    assert_eq!(function["FunctionName"], "svc-dev-hello-world");
    assert_eq!(function["Runtime"], "python3.12");
    assert_eq!(function["Timeout"], 9);
    assert_eq!(function["MemorySize"], 1024);
    assert_eq!(function["Environment"]["Variables"], json!({"A": "1", "B": "y", "C": "true"}));
    assert_eq!(function["VpcConfig"], json!({"SecurityGroupIds": ["sg"], "SubnetIds": ["sn"]}));
    assert_eq!(function["TracingConfig"]["Mode"], "Active");
    assert_eq!(function["Role"], json!({"Fn::GetAtt": ["IamRoleLambdaExecution", "Arn"]}));
    assert_eq!(all["HelloDashworldLogGroup"]["Properties"], json!({"LogGroupName": "/aws/lambda/svc-dev-hello-world"}));
    assert_eq!(all["HelloDashworldLambdaVersion"]["DeletionPolicy"], "Retain");
    assert!(all["IamRoleLambdaExecution"]["Properties"]["ManagedPolicyArns"][0].is_object());
    assert!(actions(&statements(&all, "IamRoleLambdaExecution")).contains(&"xray:PutTraceSegments".to_owned()));
}

/// `vpc: null` takes a function out of the provider's network, and `tracing: false` does not switch tracing off.
#[test]
fn opting_out() {
    let all = whole(
        "service: svc\nprovider: {name: aws, vpc: {securityGroupIds: [sg], subnetIds: [sn]}, tracing: {lambda: PassThrough}}\nfunctions: {a: {handler: h, vpc: null, tracing: false}}\n",
    );
    assert_eq!(all["ALambdaFunction"]["Properties"]["VpcConfig"], Json::Null);
    assert_eq!(all["ALambdaFunction"]["Properties"]["TracingConfig"]["Mode"], "PassThrough");
}

/// Only a text gets a grant for `onError` and for keys; an intrinsic gets none.
#[test]
fn grants_for_texts_only() {
    let all = resources(
        "functions:\n  a: {handler: h, onError: 'arn:aws:sns:us-east-1:1:t', kmsKeyArn: !GetAtt K.Arn}\n  b: {handler: h, onError: !Ref T, kmsKeyArn: 'arn:aws:kms:us-east-1:1:key/k'}\n",
    );
    let found = actions(&statements(&all, "IamRoleLambdaExecution"));
    assert_eq!(found.iter().filter(|a| *a == "sns:Publish").count(), 1);
    assert_eq!(found.iter().filter(|a| *a == "kms:Decrypt").count(), 1);
}

/// The old list of statements only counts when there is no new one, even an empty one.
#[test]
fn old_and_new_statements() {
    let of = |iam: &str| {
        let text = format!(
            "service: svc\nprovider:\n  name: aws\n  iamRoleStatements: [{{Effect: Allow, Action: s3:GetObject, Resource: '*'}}]\n{iam}functions: {{a: {{handler: h}}}}\n"
        );
        actions(&statements(&whole(&text), "IamRoleLambdaExecution"))
    };
    assert!(of("").contains(&"s3:GetObject".to_owned()));
    assert!(!of("  iam: {role: {statements: []}}\n").contains(&"s3:GetObject".to_owned()));
    assert!(of("  iam: {role: {path: /x/}}\n").contains(&"s3:GetObject".to_owned()));
}

/// Roles given as a logical id, an ARN or an import are handed on, and no shared role is made when all have one.
#[test]
fn given_roles() {
    let all = resources(
        "functions:\n  a: {handler: h, role: MyRole}\n  b: {handler: h, role: 'arn:aws:iam::1:role/x'}\n  c: {handler: h, role: !ImportValue r}\n",
    );
    assert_eq!(all["ALambdaFunction"]["Properties"]["Role"], json!({"Fn::GetAtt": ["MyRole", "Arn"]}));
    assert_eq!(all["ALambdaFunction"]["DependsOn"], json!(["ALogGroup", "MyRole"]));
    assert_eq!(all["BLambdaFunction"]["Properties"]["Role"], "arn:aws:iam::1:role/x");
    assert_eq!(all["CLambdaFunction"]["Properties"]["Role"], json!({"Fn::ImportValue": "r"}));
    assert_eq!(all["IamRoleLambdaExecution"], Json::Null);
}

/// Of functions in files that nobody may read there is one at least, and it has what the provider gives to all.
#[test]
fn unread_functions() {
    let provider = "provider: {name: aws, environment: {A: b}, iam: {role: {statements: [{Effect: Allow, Action: '*', Resource: '*'}]}}}\n";
    for functions in ["functions: ${file(f.js)}\n", "functions:\n  - ${file(f.yml)}\n  - ${file(g.yml)}\n"] {
        let all = resources(&format!("{provider}{functions}"));
        assert!(actions(&statements(&all, "IamRoleLambdaExecution")).contains(&"*".to_owned()), "{functions}");
        let properties = &all["FunctionsLambdaFunction"]["Properties"];
        assert_eq!(properties["Environment"]["Variables"]["A"], "b", "{functions}");
        assert_ne!(properties["Runtime"], "nodejs16.x", "{functions}");
    }
    assert_eq!(resources(provider)["IamRoleLambdaExecution"], Json::Null);
}

/// Two events of one queue make one mapping, which has what either says; the later counts where both do.
#[test]
fn events_of_one_queue() {
    let all = resources(
        "functions:\n  a:\n    handler: h\n    events:\n      - sqs: {arn: 'arn:aws:sqs:us-east-1:1:q', batchSize: 3, maximumConcurrency: 5}\n      - sqs: {arn: 'arn:aws:sqs:us-east-1:1:q', batchSize: 7}\n",
    );
    let mapping = &all["AEventSourceMappingSQSQ"]["Properties"];
    assert_eq!((&mapping["BatchSize"], &mapping["ScalingConfig"]["MaximumConcurrency"]), (&json!(7), &json!(5)));
}

/// Browsers' preliminary question is answered with their own origin where that is one of several.
#[test]
fn origins_are_compared() {
    let all = resources(
        "functions:\n  a:\n    handler: h\n    events: [{http: {path: a, method: get, cors: {origins: ['https://*.example.com', 'https://b.org']}}}]\n",
    );
    let answer = &all["ApiGatewayMethodAOptions"]["Properties"]["Integration"]["IntegrationResponses"][0];
    let template = answer["ResponseTemplates"]["application/json"].as_str().expect("a text");
    let compared = "#if($origin.matches(\"https://.+[.]example[.]com\") || $origin.matches(\"https://b[.]org\")) #set(";
    assert!(template.contains(compared), "{template}");
    assert_eq!(
        answer["ResponseParameters"]["method.response.header.Access-Control-Allow-Origin"],
        "'https://*.example.com'"
    );
}

/// The plugin gives a function a role of its own, and only what the plugin copies.
#[test]
fn roles_per_function() {
    let body = "functions:\n  a:\n    handler: h\n    onError: !Ref T\n    tracing: true\n    iamRoleStatements: [{Effect: Allow, Action: s3:GetObject, Resource: '*'}]\n    events: [{sqs: 'arn:aws:sqs:us-east-1:1:q'}]\n  b: {handler: h}\n";
    let without = resources(body);
    assert_eq!(without["AIamRoleLambdaExecution"], Json::Null);
    let with = resources(&format!("plugins: [serverless-iam-roles-per-function]\n{body}"));
    let own = actions(&statements(&with, "AIamRoleLambdaExecution"));
    assert!(own.contains(&"s3:GetObject".to_owned()) && own.contains(&"sns:Publish".to_owned()));
    assert!(own.contains(&"sqs:ReceiveMessage".to_owned()) && !own.contains(&"xray:PutTraceSegments".to_owned()));
    assert_eq!(
        with["ALambdaFunction"]["Properties"]["Role"],
        json!({"Fn::GetAtt": ["AIamRoleLambdaExecution", "Arn"]})
    );
    assert!(!actions(&statements(&with, "IamRoleLambdaExecution")).contains(&"s3:GetObject".to_owned()));
}

/// Version 4 makes one role for each function when asked, and no shared one.
#[test]
fn version_4_roles() {
    let all = whole(
        "service: svc\nframeworkVersion: '4'\nprovider:\n  name: aws\n  tracing: {lambda: true}\n  iam: {role: {mode: perFunction, statements: [{Effect: Allow, Action: s3:GetObject, Resource: '*'}]}}\nfunctions:\n  a: {handler: h, iam: {role: {statements: [{Effect: Allow, Action: s3:PutObject, Resource: '*'}]}}}\n  b: {handler: h, iam: {inheritStatements: false}}\n",
    );
    assert_eq!(all["IamRoleLambdaExecution"], Json::Null);
    assert_eq!(all["ServerlessDeploymentBucket"], Json::Null);
    let (a, b) =
        (actions(&statements(&all, "AIamRoleLambdaExecution")), actions(&statements(&all, "BIamRoleLambdaExecution")));
    assert!(a.contains(&"s3:GetObject".to_owned()) && a.contains(&"s3:PutObject".to_owned()));
    assert!(!b.contains(&"s3:GetObject".to_owned()) && b.contains(&"xray:PutTraceSegments".to_owned()));
}

/// Who gives functions roles in the framework's own words writes for version 4: the versions before stop at them.
#[test]
fn own_roles_name_version_4() {
    let each = "functions:\n  a: {handler: h, iam: {role: {statements: [{Effect: Allow, Action: s3:PutObject, Resource: '*'}]}}}\n";
    for provider in ["{name: aws, iam: {role: {mode: perFunction}}}", "{name: aws}"] {
        let all = whole(&format!("service: svc\nprovider: {provider}\n{each}"));
        assert!(actions(&statements(&all, "AIamRoleLambdaExecution")).contains(&"s3:PutObject".to_owned()));
    }
    let older = whole(&format!("service: svc\nframeworkVersion: '3'\nprovider: {{name: aws}}\n{each}"));
    assert_eq!(older["AIamRoleLambdaExecution"], Json::Null);
}

/// A URL is open to the world unless it asks for IAM; version 4 permits the call itself as well.
#[test]
fn urls() {
    let open = resources("functions: {a: {handler: h, url: true}, b: {handler: h, url: {authorizer: aws_iam}}}\n");
    assert_eq!(open["ALambdaFunctionUrl"]["Properties"]["AuthType"], "NONE");
    assert_eq!(open["ALambdaPermissionFnUrl"]["Properties"]["Principal"], "*");
    assert_eq!(open["BLambdaFunctionUrl"]["Properties"]["AuthType"], "AWS_IAM");
    assert_eq!(open["BLambdaPermissionFnUrl"], Json::Null);
    let new = whole(
        "service: svc\nframeworkVersion: '4'\nprovider: {name: aws}\nfunctions: {a: {handler: h, url: {cors: {allowedHeaders: null}}}}\n",
    );
    let permissions = new.as_object().expect("a map").values().filter(|r| r["Properties"]["Principal"] == "*").count();
    assert_eq!(permissions, 2);
    let cors = &new["ALambdaFunctionUrl"]["Properties"]["Cors"];
    assert_eq!(cors["AllowOrigins"], json!(["*"]));
    assert_eq!(cors["AllowHeaders"], Json::Null);
}

/// Provisioned concurrency makes an alias, and what calls the function calls the alias.
#[test]
fn aliases() {
    let all = resources("functions: {a: {handler: h, provisionedConcurrency: 2, events: [{sns: topic}]}}\n");
    assert_eq!(all["AProvConcLambdaAlias"]["Properties"]["Name"], "provisioned");
    let target = &all["ALambdaPermissionTopicSNS"]["Properties"]["FunctionName"];
    assert_eq!(*target, json!({"Fn::Join": [":", [{"Fn::GetAtt": ["ALambdaFunction", "Arn"]}, "provisioned"]]}));
}

/// Routes of a REST API carry the authorization that the event asks for.
#[test]
fn rest_authorization() {
    let all = resources(
        "functions:\n  a:\n    handler: h\n    events:\n      - http: GET /open\n      - http: {path: iam/x, method: post, authorizer: aws_iam, private: true}\n      - http: {path: own, method: get, authorizer: check, cors: true}\n      - http: {path: pool, method: get, authorizer: {arn: 'arn:aws:cognito-idp:us-east-1:1:userpool/p', name: pool}}\n      - http: {path: far, method: get, authorizer: {type: TOKEN, authorizerId: abc}}\n  check: {handler: h}\n",
    );
    let auth = |id: &str| all[id]["Properties"]["AuthorizationType"].clone();
    assert_eq!(auth("ApiGatewayMethodOpenGet"), "NONE");
    assert_eq!(auth("ApiGatewayMethodIamXPost"), "AWS_IAM");
    assert_eq!(all["ApiGatewayMethodIamXPost"]["Properties"]["ApiKeyRequired"], true);
    assert_eq!(auth("ApiGatewayMethodOwnGet"), "CUSTOM");
    assert_eq!(auth("ApiGatewayMethodOwnOptions"), "NONE");
    assert_eq!(auth("ApiGatewayMethodPoolGet"), "COGNITO_USER_POOLS");
    assert_eq!(auth("ApiGatewayMethodFarGet"), "CUSTOM");
    assert_eq!(all["CheckApiGatewayAuthorizer"]["Properties"]["Type"], "TOKEN");
    assert_eq!(all["CheckLambdaPermissionApiGateway"]["Properties"]["Principal"], "apigateway.amazonaws.com");
    assert_eq!(all["PoolApiGatewayAuthorizer"]["Properties"]["Type"], "COGNITO_USER_POOLS");
    assert_eq!(all["PoolLambdaPermissionApiGateway"], Json::Null);
    assert_eq!(all["ApiGatewayResourceIamX"]["Properties"]["ParentId"], json!({"Ref": "ApiGatewayResourceIam"}));
}

/// Routes of an HTTP API: open, with a token, with a function, with IAM.
#[test]
fn http_api() {
    let all = whole(
        "service: svc\nprovider:\n  name: aws\n  httpApi:\n    cors: true\n    authorizers:\n      jwt: {identitySource: $request.header.Authorization, issuerUrl: i, audience: [a]}\n      own: {type: request, functionName: check}\nfunctions:\n  a:\n    handler: h\n    events:\n      - httpApi: '*'\n      - httpApi: {method: get, path: /t, authorizer: jwt}\n      - httpApi: {method: get, path: /r, authorizer: {name: own}}\n      - httpApi: {method: get, path: /i, authorizer: {type: aws_iam}}\n  check: {handler: h}\n",
    );
    let auth = |id: &str| all[id]["Properties"]["AuthorizationType"].clone();
    assert_eq!(all["HttpApiRouteDefault"]["Properties"]["RouteKey"], "$default");
    assert_eq!(auth("HttpApiRouteDefault"), Json::Null);
    assert_eq!(auth("HttpApiRouteGetT"), "JWT");
    assert_eq!(auth("HttpApiRouteGetR"), "CUSTOM");
    assert_eq!(auth("HttpApiRouteGetI"), "AWS_IAM");
    assert_eq!(
        all["OwnLambdaAuthorizerPermissionHttpApi"]["Properties"]["FunctionName"],
        json!({"Fn::GetAtt": ["CheckLambdaFunction", "Arn"]})
    );
    assert_eq!(all["HttpApi"]["Properties"]["CorsConfiguration"]["AllowOrigins"], json!(["*"]));
}

/// A load balancer's two permissions differ in that one of them names no source.
#[test]
fn load_balancer() {
    let listener = "arn:aws:elasticloadbalancing:us-east-1:1:listener/app/lb/50dc6c495c0c9188/f2f7dc8efc522ab2";
    let all = resources(&format!(
        "functions: {{a: {{handler: h, events: [{{alb: {{listenerArn: '{listener}', priority: 1, conditions: {{path: /x}}}}}}]}}}}\n"
    ));
    assert_eq!(
        all["AAlbListenerRule1"]["Properties"]["Actions"][0]["TargetGroupArn"],
        json!({"Ref": "AAlbTargetGroup50dc6c495c0c9188"})
    );
    assert_eq!(
        all["ALambdaPermissionAlb"]["Properties"]["SourceArn"],
        json!({"Ref": "AAlbTargetGroup50dc6c495c0c9188"})
    );
    assert_eq!(all["ALambdaPermissionRegisterTarget"]["Properties"]["SourceArn"], Json::Null);
}

/// A function at the edge loses its environment, and its role trusts the edge.
#[test]
fn edge() {
    let all = resources(
        "functions: {a: {handler: h, environment: {A: b}, events: [{cloudFront: {eventType: viewer-request, origin: 's3://b.s3.amazonaws.com/x'}}]}}\n",
    );
    let function = &all["ALambdaFunction"];
    assert_eq!(function["Properties"]["Environment"], Json::Null);
    assert_eq!((&function["Properties"]["MemorySize"], &function["Properties"]["Timeout"]), (&json!(128), &json!(5)));
    let config = &all["CloudFrontDistribution"]["Properties"]["DistributionConfig"];
    assert_eq!(config["DefaultCacheBehavior"]["ViewerProtocolPolicy"], "allow-all");
    assert_eq!(config["Origins"][0]["Id"], "s3/b.s3.amazonaws.com/x");
    let trust = &all["IamRoleLambdaExecution"]["Properties"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["Service"];
    assert_eq!(*trust, json!(["lambda.amazonaws.com", "edgelambda.amazonaws.com"]));
}

/// A bucket that exists already brings the framework's helper with its powerful role.
#[test]
fn helpers() {
    let all = resources("functions: {a: {handler: h, events: [{s3: {bucket: b, existing: true}}]}}\n");
    assert_eq!(all["ACustomS31"]["Type"], "Custom::S3");
    assert_eq!(
        all["CustomDashresourceDashexistingDashs3LambdaFunction"]["Properties"]["FunctionName"],
        "svc-dev-custom-resource-existing-s3"
    );
    let found = actions(&statements(&all, "IamRoleCustomResourcesLambdaExecution"));
    assert!(found.contains(&"lambda:AddPermission".to_owned()));
    assert_eq!(all["ALambdaPermissionBS3"], Json::Null);
}

/// Buckets that the framework makes take their settings from the provider, with CloudFormation's capitals.
#[test]
fn new_buckets() {
    let all = whole(
        "service: svc\nprovider:\n  name: aws\n  s3: {up: {name: my-bucket, versioningConfiguration: {Status: Enabled}}}\nfunctions: {a: {handler: h, events: [{s3: {bucket: up, event: 's3:ObjectRemoved:*', rules: [{prefix: x/}]}}]}}\n",
    );
    let bucket = &all["S3BucketUp"]["Properties"];
    assert_eq!(bucket["BucketName"], "my-bucket");
    assert_eq!(bucket["VersioningConfiguration"], json!({"Status": "Enabled"}));
    let rules = &bucket["NotificationConfiguration"]["LambdaConfigurations"][0]["Filter"]["S3Key"]["Rules"];
    assert_eq!(*rules, json!([{"Name": "prefix", "Value": "x/"}]));
    assert_eq!(all["ALambdaPermissionUpS3"]["Properties"]["SourceAccount"], json!({"Ref": "AWS::AccountId"}));
}

/// `resources` merge over what the framework makes: maps by key, lists by position; nulls go.
#[test]
fn merging() {
    let all = resources(
        "functions: {a: {handler: h, vpc: {}}}\nresources:\n  Resources:\n    IamRoleLambdaExecution:\n      Properties:\n        ManagedPolicyArns: [mine]\n        Policies: [{PolicyName: over}]\n    ALambdaFunction: {Properties: {MemorySize: null, Tags: [{Key: k, Value: null}]}}\n    B: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}\n  extensions:\n    ALogGroup: {Properties: {RetentionInDays: 7}, DeletionPolicy: Retain}\n",
    );
    let role = &all["IamRoleLambdaExecution"]["Properties"];
    assert_eq!(role["ManagedPolicyArns"], json!(["mine"]));
    assert_eq!(role["Policies"][0]["PolicyName"], "over");
    assert!(role["Policies"][0]["PolicyDocument"]["Statement"].is_array());
    assert_eq!(all["ALambdaFunction"]["Properties"]["MemorySize"], Json::Null);
    assert_eq!(all["ALambdaFunction"]["Properties"]["Tags"], json!([{"Key": "k"}]));
    assert_eq!(all["ALogGroup"]["Properties"]["RetentionInDays"], 7);
    assert_eq!(all["ALogGroup"]["DeletionPolicy"], "Retain");
    assert_eq!(all["B"]["DeletionPolicy"], "Retain");
}

/// A resource without `Resources` around it is checked as the resource that it was meant to be.
#[test]
fn bare_resources() {
    let all = resources(
        "functions: {}\nresources:\n  Bucket: {Type: AWS::S3::Bucket, Properties: {AccessControl: PublicRead}}\n",
    );
    assert_eq!(all["Bucket"]["Properties"]["AccessControl"], "PublicRead");
}

/// A bucket that the user brings means that the framework makes none.
#[test]
fn deployment_buckets() {
    let of = |bucket: &str| {
        whole(&format!(
            "service: svc\nprovider: {{name: aws, deploymentBucket: {bucket}}}\nfunctions: {{a: {{handler: h}}}}\n"
        ))
    };
    assert_eq!(of("mine")["ServerlessDeploymentBucket"], Json::Null);
    assert_eq!(of("{name: mine}")["ServerlessDeploymentBucketPolicy"], Json::Null);
    let own = of("{blockPublicAccess: true, skipPolicySetup: true}");
    assert_eq!(
        own["ServerlessDeploymentBucket"]["Properties"]["PublicAccessBlockConfiguration"]["BlockPublicAcls"],
        true
    );
    assert_eq!(own["ServerlessDeploymentBucketPolicy"], Json::Null);
}

/// What a rule points at is what the user wrote: the function's key, the event's key, the role's settings.
#[test]
fn places() {
    let text = "service: svc\nprovider:\n  name: aws\n  iam:\n    role: {statements: []}\nfunctions:\n  hello:\n    handler: h\n    events:\n      - sns: topic\nresources:\n  Resources:\n    Mine: {Type: AWS::SNS::Topic}\n";
    with(text, |template, text| {
        let place = |id: &str| {
            let resource = template.resource(id).expect("it is made");
            (resource.written_id, &text[resource.key.span.range()], resource.made_by.is_some())
        };
        assert_eq!(place("HelloLambdaFunction"), ("hello", "hello", true));
        assert_eq!(place("HelloLambdaPermissionTopicSNS"), ("hello", "sns", true));
        assert_eq!(place("IamRoleLambdaExecution"), ("provider", "statements", true));
        assert_eq!(place("Mine"), ("Mine", "Mine", false));
    });
}

/// What CloudFormation never sees is declared: the service as it stands, and functions with what they inherit.
#[test]
fn declared() {
    let text = "service: svc\nprovider: {name: aws, runtime: nodejs18.x, environment: {A: b}, logs: {restApi: true}}\nfunctions: {a: {handler: h, environment: {C: d}}}\n";
    with(text, |template, _| {
        let [service, function] = template.declared.as_slice() else { panic!("two declarations") };
        assert_eq!((service.id, service.written_id, service.kind), ("service", "svc", "Serverless::Service"));
        assert_eq!(service.properties.at(&["provider", "logs", "restApi"]).and_then(|v| v.as_bool()), Some(true));
        assert_eq!(function.kind, "Serverless::Function");
        assert_eq!(function.properties.at(&["runtime"]).and_then(|v| v.as_text()), Some("nodejs18.x"));
        assert_eq!(function.properties.at(&["environment", "A"]).and_then(|v| v.as_text()), Some("b"));
        assert_eq!(function.properties.at(&["environment", "C"]).and_then(|v| v.as_text()), Some("d"));
    });
}

/// A statement that only one stage has stands under that stage's condition.
#[test]
fn stages() {
    let text = "service: svc\nprovider:\n  name: aws\n  stage: ${opt:stage, 'dev'}\n  environment: {LEVEL: \"${self:custom.level.${sls:stage}}\"}\ncustom: {level: {dev: debug, prod: info}}\nfunctions: {a: {handler: h}}\n";
    let level = &whole(text)["ALambdaFunction"]["Properties"]["Environment"]["Variables"]["LEVEL"];
    assert!(level["Fn::If"].is_array(), "{level}");
}

/// An event that only one stage has is there under a condition; what it shares with others is not.
#[test]
fn events_of_one_stage() {
    let text = "service: svc\nprovider: {name: aws, stage: \"${opt:stage, 'dev'}\"}\ncustom: {more: {dev: [], prod: [{http: GET /x/y}]}}\nfunctions:\n  a: {handler: h, events: \"${self:custom.more.${sls:stage}}\"}\n  b: {handler: h, events: [{http: GET /x}]}\n";
    let all = whole(text);
    assert!(all["ApiGatewayMethodXYGet"]["Condition"].is_string());
    assert!(all["ALambdaPermissionApiGateway"]["Condition"].is_string());
    assert_eq!(all["ApiGatewayResourceX"]["Condition"], Json::Null);
    assert_eq!(all["ApiGatewayMethodXGet"]["Condition"], Json::Null);
}

/// An event whose keys are one step too far left has nothing behind its name, and the framework makes nothing of it.
#[test]
fn events_of_nothing() {
    let all = resources(
        "functions:\n  a:\n    handler: x\n    events:\n      - http:\n        path: x\n        method: get\n      - httpApi:\n        path: /x\n      - websocket:\n        route: $connect\n      - schedule:\n        rate: rate(1 day)\n      - sqs:\n        arn: arn:aws:sqs:eu-west-1:111122223333:q\n      - s3:\n        bucket: b\n      - alb: false\n      - sns: ''\n",
    );
    let kinds: Vec<_> = all.as_object().expect("a map").values().filter_map(|r| r["Type"].as_str()).collect();
    let made =
        ["AWS::ApiGateway", "AWS::Events", "AWS::Lambda::EventSourceMapping", "AWS::SNS", "AWS::Lambda::Permission"];
    assert!(!kinds.iter().any(|kind| made.iter().any(|start| kind.starts_with(start))), "{kinds:?}");
    assert_eq!(kinds.iter().filter(|kind| **kind == "AWS::S3::Bucket").count(), 1, "that of the deployments alone");
    let machines = resources(
        "plugins: [serverless-step-functions]\nstepFunctions:\n  stateMachines:\n    m:\n      events:\n        - http:\n          path: x\n      definition: {StartAt: A, States: {A: {Type: Pass, End: true}}}\n",
    );
    let methods = machines.as_object().expect("a map").values().filter(|r| r["Type"] == "AWS::ApiGateway::Method");
    assert_eq!(methods.count(), 0);
    assert!(machines.as_object().expect("a map").values().any(|r| r["Type"] == "AWS::StepFunctions::StateMachine"));
}

/// Services of nonsense are lowered without a panic.
#[test]
fn nonsense() {
    for functions in [
        "[]",
        "7",
        "{a: 7}",
        "{a: {events: {}}}",
        "{a: {events: [{http: 7}, {sqs: {}}, {s3: null}, 3, {httpApi: {}}]}}",
    ] {
        let _ = resources(&format!("functions: {functions}\nresources: [1, {{Resources: 3}}]\nlayers: 3\n"));
    }
    for provider in
        ["{name: aws, iam: 3, vpc: 4, logs: 5, apiGateway: 6, httpApi: 7, tags: 8, environment: 9, s3: 1}", "aws"]
    {
        let _ = whole(&format!(
            "service: {{x: 1}}\nprovider: {provider}\nfunctions: {{'': {{events: [http: GET //, httpApi: x, websocket: {{}}, alb: {{}}, cloudFront: {{}}]}}}}\n"
        ));
    }
}

/// Who may call may depend on the stage, or be left to code: neither is decided here.
#[test]
fn authorizers_by_stage() {
    let all = whole(
        "service: svc\nprovider: {name: aws, httpApi: {authorizers: {j: {type: jwt}}}}\nfunctions:\n  f:\n    handler: h\n    url: {authorizer: '${self:custom.url.${sls:stage}}'}\n    events:\n      - http: {path: a, method: get, authorizer: '${self:custom.rest.${sls:stage}}'}\n      - http: {path: b, method: get, authorizer: '${file(x.js):auth}'}\n      - httpApi: {path: /c, method: get, authorizer: '${self:custom.http.${sls:stage}}'}\ncustom:\n  url: {dev: null, prod: aws_iam}\n  rest: {dev: aws_iam, prod: null}\n  http: {dev: null, prod: {name: j}}\n",
    );
    let when = |dev: &str, prod: &str| json!({"Fn::If": ["stage is dev", dev, prod]});
    assert_eq!(all["FLambdaFunctionUrl"]["Properties"]["AuthType"], when("NONE", "AWS_IAM"));
    assert_eq!(all["FLambdaPermissionFnUrl"]["Condition"], "stage is dev");
    assert_eq!(all["ApiGatewayMethodAGet"]["Properties"]["AuthorizationType"], when("AWS_IAM", "NONE"));
    assert_eq!(all["ApiGatewayMethodBGet"]["Properties"]["AuthorizationType"]["Fn::Unknown"], "${file(x.js):auth}");
    assert_eq!(all["HttpApiRouteGetC"]["Properties"]["AuthorizationType"], when("NONE", "JWT"));
    assert_eq!(all["HttpApiRouteGetC"]["Properties"]["AuthorizerId"], json!({"Ref": "HttpApiAuthorizerJ"}));
}

/// What is written over a list is merged into it item by item; a map or a function is lost.
#[test]
fn lists_stay_lists() {
    let all = resources(
        "functions: {a: {handler: h}}\nresources:\n  Resources:\n    ServerlessDeploymentBucketPolicy:\n      Properties: {PolicyDocument: {Statement: [{Resource: {Fn::Sub: other}}]}}\n",
    );
    let resource = &all["ServerlessDeploymentBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"][0]["Resource"];
    assert_eq!(resource.as_array().map(Vec::len), Some(2), "{resource}");
}

/// A condition on what is given while deploying is open, although the variable falls back to something.
#[test]
fn conditions_on_what_is_given() {
    let text = "service: svc\nprovider: aws\ncustom: {zone: \"${self:custom.given}\", given: \"${env:ZONE, ''}\", fixed: ''}\nresources:\n  Conditions:\n    A: {Fn::Not: [{Fn::Equals: ['', \"${self:custom.zone}\"]}]}\n    B: {Fn::Equals: ['', \"${self:custom.fixed}\"]}\n    C: {Fn::Equals: [\"x-${opt:size, 'small'}\", x-large]}\n";
    let conditions = with(text, |template, _| to_json(template)["Conditions"].take());
    assert_eq!(conditions["A"], json!({"Fn::Not": [{"Fn::Equals": ["", {"Fn::Unknown": "${env:ZONE}"}]}]}));
    assert_eq!(conditions["B"], json!({"Fn::Equals": ["", ""]}));
    assert_eq!(conditions["C"], json!({"Fn::Equals": [{"Fn::Unknown": "${opt:size}"}, "x-large"]}));
}

/// A provider in a file that is not read may say anything, and is no reason to pass the service over.
#[test]
fn provider_elsewhere() {
    let all = whole(
        "service: svc\nprovider: ${file(../common.js):provider}\nfunctions: {a: {handler: h, events: [http: GET /x]}}\n",
    );
    let function = &all["ALambdaFunction"]["Properties"];
    assert!(function["Runtime"]["Fn::Unknown"].is_string(), "{function}");
    assert!(function["Environment"]["Variables"]["Fn::Unknown"].is_string(), "{function}");
    assert_eq!(all["ApiGatewayMethodXGet"]["Properties"]["AuthorizationType"], "NONE");
}

/// GraphQL APIs are made where version 4 or the plugin reads them, with who may call them and what the user's own
/// statements grant.
#[test]
fn graphql_apis() {
    let own = "appSync:\n  name: shop\n  authentication: {type: API_KEY}\n  introspection: false\n  logging: {level: ERROR, retentionInDays: 7}\n  waf: {arn: acl}\n  dataSources: {db: {type: AMAZON_DYNAMODB, config: {tableName: t, iamRoleStatements: [{Effect: Allow, Action: 'dynamodb:*', Resource: '*'}]}}}\n";
    let none = resources(own);
    assert!(none["GraphQlApi"].is_null(), "{none}");
    let all = resources(&format!("plugins: [serverless-appsync-plugin]\n{own}"));
    let api = &all["GraphQlApi"]["Properties"];
    assert_eq!(api["AuthenticationType"], "API_KEY");
    assert_eq!(api["IntrospectionConfig"], "DISABLED");
    assert_eq!(api["LogConfig"]["CloudWatchLogsRoleArn"]["Fn::GetAtt"][0], "GraphQlApiLogGroupRole");
    assert_eq!(all["GraphQlApiLogGroup"]["Properties"]["RetentionInDays"], 7);
    assert_eq!(all["GraphQlApiWafAssociation"]["Properties"]["WebACLArn"], "acl");
    assert_eq!(actions(&statements(&all, "GraphQlApiDsDbRole")), ["dynamodb:*"]);
    assert_eq!(all["GraphQlApiDsDb"]["Properties"]["ServiceRoleArn"]["Fn::GetAtt"][0], "GraphQlApiDsDbRole");
    let sources = resources(
        "plugins: [serverless-appsync-plugin]\nappSync:\n  name: shop\n  dataSources:\n    fn: {type: AWS_LAMBDA, config: {functionName: a}}\n    web: {type: HTTP, config: {endpoint: 'http://example.com'}}\n    mine: {type: AMAZON_DYNAMODB, config: {tableName: t, serviceRoleArn: r}}\n    none: {type: NONE}\nfunctions: {a: {handler: h}}\n",
    );
    assert_eq!(actions(&statements(&sources, "GraphQlApiDsFnRole")), ["lambda:InvokeFunction"]);
    let function = &sources["GraphQlApiDsFn"]["Properties"]["LambdaConfig"]["LambdaFunctionArn"];
    assert_eq!(function["Fn::GetAtt"][0], "ALambdaFunction");
    assert_eq!(sources["GraphQlApiDsWeb"]["Properties"]["HttpConfig"]["Endpoint"], "http://example.com");
    assert_eq!(sources["GraphQlApiDsMine"]["Properties"]["ServiceRoleArn"], "r");
    assert!(sources["GraphQlApiDsMineRole"].is_null() && sources["GraphQlApiDsNoneRole"].is_null(), "{sources}");
    let four = whole(&format!("service: svc\nframeworkVersion: '4'\nprovider: aws\n{own}"));
    assert_eq!(four["GraphQlApi"]["Properties"]["AuthenticationType"], "API_KEY");
    let there = resources("plugins: [serverless-appsync-plugin]\nappSync: {apiId: x, name: shop}\n");
    assert!(there["GraphQlApi"].is_null(), "{there}");
    let first = resources(
        "plugins: [serverless-appsync-plugin]\ncustom:\n  appSync:\n    - {name: a, authenticationType: AWS_IAM, logConfig: {loggingRoleArn: r, level: ALL}}\n    - {name: b, authenticationType: OPENID_CONNECT, additionalAuthenticationProviders: [{authenticationType: API_KEY}]}\n",
    );
    assert_eq!(first["GraphQlApi"]["Properties"]["LogConfig"]["CloudWatchLogsRoleArn"], "r");
    let second = &first["GraphQlApi1"]["Properties"];
    assert_eq!(second["AdditionalAuthenticationProviders"], json!([{"AuthenticationType": "API_KEY"}]));
}

/// Domains of serverless-domain-manager: of REST APIs by the older interface, of others by the newer one.
#[test]
fn custom_domains() {
    let functions = "functions: {a: {handler: h, events: [http: GET /x, httpApi: GET /y]}}\n";
    let own = "custom: {customDomain: {domainName: api.example.com, securityPolicy: tls_1_0, endpointType: regional, certificateArn: c, tlsTruststoreUri: 's3://b/k'}}\n";
    assert!(
        whole(&format!("service: s\nprovider: {{name: aws}}\n{own}{functions}"))["CustomDomainApiexamplecom"].is_null()
    );
    let plugged = |own: &str| {
        whole(&format!("service: s\nplugins: [serverless-domain-manager]\nprovider: {{name: aws}}\n{own}{functions}"))
    };
    let all = plugged(own);
    let domain = &all["CustomDomainApiexamplecom"];
    assert_eq!(domain["Type"], "AWS::ApiGateway::DomainName");
    assert_eq!(domain["Properties"]["SecurityPolicy"], "TLS_1_0");
    assert_eq!(domain["Properties"]["RegionalCertificateArn"], "c");
    assert_eq!(domain["Properties"]["MutualTlsAuthentication"]["TruststoreUri"], "s3://b/k");
    assert_eq!(all["CustomDomainApiexamplecomMapping"]["Properties"]["RestApiId"]["Ref"], "ApiGatewayRestApi");
    let all = plugged(
        "custom:\n  customDomains:\n    - http: {domainName: a.example.com, securityPolicy: TLS_1_0, endpointType: regional}\n      rest: {domainName: a.example.com}\n    - {domainName: b.example.com, enabled: 'false'}\n    - {domainName: c.example.com, basePath: a/b}\n",
    );
    let (rest, http) = (&all["CustomDomainAexamplecom"], &all["CustomDomainAexamplecom2"]);
    assert_eq!(rest["Properties"]["SecurityPolicy"], "TLS_1_2");
    assert_eq!(rest["Properties"]["EndpointConfiguration"]["Types"][0], "EDGE");
    assert_eq!(http["Type"], "AWS::ApiGatewayV2::DomainName");
    assert_eq!(http["Properties"]["DomainNameConfigurations"][0]["SecurityPolicy"], "TLS_1_0");
    assert_eq!(all["CustomDomainAexamplecom2Mapping"]["Properties"]["ApiId"]["Ref"], "HttpApi");
    assert!(all["CustomDomainBexamplecom"].is_null(), "{all}");
    assert_eq!(all["CustomDomainCexamplecom"]["Type"], "AWS::ApiGatewayV2::DomainName");
}

/// Services of other clouds are not ours, also when only a variable says so.
#[test]
fn other_providers() {
    for (provider, ours) in [("\"${self:custom.aws}\"", true), ("\"${self:custom.google}\"", false)] {
        let text = format!(
            "service: svc\nprovider: {provider}\ncustom: {{aws: {{name: aws}}, google: {{name: google}}}}\nfunctions: {{a: {{handler: h}}}}\n"
        );
        let arena = Arena::new();
        let sources = Sources::new(Arc::new(Source::new("serverless.yml", text.as_str())));
        let document = syntax::parse(&arena, FileId(0), sources.get(FileId(0)).text());
        let options = Options::default();
        let input = Input { arena: &arena, sources: &sources, loader: &NoFiles, options: &options };
        assert_eq!(dialect::lower(&document, &input).is_some(), ours, "{provider}");
    }
}
