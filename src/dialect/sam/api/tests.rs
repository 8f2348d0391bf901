//! APIs as people write them, and who may call what of them.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::dialect::{self, Input, Options};
use crate::source::{Arena, FileId, NoFiles, Source, Sources};
use crate::syntax;
use crate::template::{self, Template};

const FUNCTION: &str = "Type: AWS::Serverless::Function, Properties: {Handler: a.b, Runtime: python3.12, InlineCode: x";

fn lowered(text: &str) -> Template<'static> {
    let arena: &'static Arena = Box::leak(Box::new(Arena::new()));
    let sources = Sources::new(Arc::new(Source::new("template.yaml", text)));
    let sources: &'static Sources = Box::leak(Box::new(sources));
    let document = syntax::parse(arena, FileId(0), sources.get(FileId(0)).text());
    let options = Options::default();
    let input = Input { arena, sources, loader: &NoFiles, options: &options };
    dialect::lower(&document, &input).expect("the test's text is a SAM template")
}

fn json(text: &str) -> Json {
    template::to_json(&lowered(text))["Resources"].clone()
}

fn with(resources: &str) -> Json {
    json(&format!("Transform: AWS::Serverless-2016-10-31\nResources:\n{resources}"))
}

/// Events without an API make one, whose deployment brings a stage that nobody asked for.
#[test]
fn implicit_api() {
    let all =
        with(&format!("  F: {{{FUNCTION}, Events: {{E: {{Type: Api, Properties: {{Path: /a, Method: GET}}}}}}}}}}"));
    let route = &all["ServerlessRestApi"]["Properties"]["Body"]["paths"]["/a"]["get"];
    assert_eq!(route["x-amazon-apigateway-integration"]["type"], "aws_proxy");
    assert_eq!(route["security"], Json::Null);
    assert_eq!(all["ServerlessRestApiDeployment"]["Properties"]["StageName"], "Stage");
    assert_eq!(all["ServerlessRestApiProdStage"]["Properties"]["StageName"], "Prod");
    assert_eq!(all["FEPermissionProd"]["Properties"]["Principal"], "apigateway.amazonaws.com");
}

/// The default authorizer guards every method but the one that says nobody needs to ask, and browsers' questions too.
#[test]
fn default_authorizer() {
    let all = with(&format!(
        "  A:
    Type: AWS::Serverless::Api
    Properties:
      StageName: s
      Cors: \"'*'\"
      Auth: {{DefaultAuthorizer: C, Authorizers: {{C: {{UserPoolArn: arn}}}}}}
  F: {{{FUNCTION}, Events: {{
    E: {{Type: Api, Properties: {{Path: /a, Method: get, RestApiId: !Ref A}}}},
    O: {{Type: Api, Properties: {{Path: /b, Method: get, RestApiId: !Ref A, Auth: {{Authorizer: NONE}}}}}}}}}}}}"
    ));
    let paths = &all["A"]["Properties"]["Body"]["paths"];
    assert_eq!(paths["/a"]["get"]["security"], json!([{"C": []}]));
    assert_eq!(paths["/a"]["options"]["security"], json!([{"C": []}]));
    assert_eq!(paths["/b"]["get"]["security"], json!([{"NONE": []}]));
    assert_eq!(all["A"]["Properties"]["Body"]["securityDefinitions"]["C"]["type"], "apiKey");
}

/// An event says that its method needs no key although the API asks for one.
#[test]
fn keys() {
    let all = with(&format!(
        "  A: {{Type: AWS::Serverless::Api, Properties: {{StageName: s, Auth: {{ApiKeyRequired: true}}}}}}
  F: {{{FUNCTION}, Events: {{
    E: {{Type: Api, Properties: {{Path: /a, Method: get, RestApiId: !Ref A}}}},
    O: {{Type: Api, Properties: {{Path: /b, Method: get, RestApiId: !Ref A, Auth: {{ApiKeyRequired: false}}}}}}}}}}}}"
    ));
    let paths = &all["A"]["Properties"]["Body"]["paths"];
    assert_eq!(paths["/a"]["get"]["security"], json!([{"api_key": []}]));
    assert_eq!(paths["/b"]["get"]["security"], json!([]));
}

/// The user's own definition is not extended by events of a REST API: only the permission is made.
#[test]
fn own_definition() {
    let all = with(&format!(
        "  A: {{Type: AWS::Serverless::Api, Properties: {{StageName: s, DefinitionBody: {{swagger: '2.0', paths: {{}}}}}}}}
  F: {{{FUNCTION}, Events: {{E: {{Type: Api, Properties: {{Path: /a, Method: get, RestApiId: !Ref A}}}}}}}}}}"
    ));
    assert_eq!(all["A"]["Properties"]["Body"]["paths"], json!({}));
    assert_eq!(all["FEPermissions"]["Type"], "AWS::Lambda::Permission");
}

/// A list of addresses becomes a statement that lets everybody in and one that keeps the others out.
#[test]
fn addresses() {
    let all = with(&format!(
        "  A: {{Type: AWS::Serverless::Api, Properties: {{StageName: s, Auth: {{ResourcePolicy: {{IpRangeWhitelist: [10.0.0.0/8]}}}}}}}}
  F: {{{FUNCTION}, Events: {{E: {{Type: Api, Properties: {{Path: /a, Method: get, RestApiId: !Ref A}}}}}}}}}}"
    ));
    let statements = &all["A"]["Properties"]["Body"]["x-amazon-apigateway-policy"]["Statement"];
    assert_eq!((&statements[0]["Effect"], &statements[0]["Principal"]), (&json!("Allow"), &json!("*")));
    assert_eq!(statements[1]["Condition"], json!({"NotIpAddress": {"aws:SourceIp": ["10.0.0.0/8"]}}));
}

/// The default authorizer of an HTTP API leaves browsers' questions free, and the route that takes everything
/// needs one permission for all.
#[test]
fn http_api() {
    let all = with(&format!(
        "  A:
    Type: AWS::Serverless::HttpApi
    Properties: {{Auth: {{EnableIamAuthorizer: true, DefaultAuthorizer: AWS_IAM}}}}
  F: {{{FUNCTION}, Events: {{
    E: {{Type: HttpApi, Properties: {{Path: /a, Method: options, ApiId: !Ref A}}}},
    D: {{Type: HttpApi, Properties: {{ApiId: !Ref A}}}}}}}}}}"
    ));
    let paths = &all["A"]["Properties"]["Body"]["paths"];
    assert_eq!(paths["/a"]["options"]["security"], Json::Null);
    assert_eq!(paths["$default"]["x-amazon-apigateway-any-method"]["security"], json!([{"AWS_IAM": []}]));
    assert_eq!(all["FEPermission"], Json::Null);
    assert_eq!(all["FDPermission"]["Type"], "AWS::Lambda::Permission");
}

/// Only connecting is guarded by what a WebSocket API says about callers.
#[test]
fn web_socket_api() {
    let all = with(
        "  W:
    Type: AWS::Serverless::WebSocketApi
    Properties:
      RouteSelectionExpression: $request.body.action
      Auth: {AuthType: AWS_IAM}
      Routes: {$connect: {FunctionArn: a}, send: {FunctionArn: a}}",
    );
    assert_eq!(all["WConnectRoute"]["Properties"]["AuthorizationType"], "AWS_IAM");
    assert_eq!(all["WSendRoute"]["Properties"]["AuthorizationType"], Json::Null);
    assert_eq!(all["WDefaultStage"]["Properties"]["AutoDeploy"], true);
}

/// Everything that an event makes points at bytes of the event, and says what made it.
#[test]
fn origins() {
    let text = format!(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n  F: {{{FUNCTION}, Events: {{E: {{Type: Api, Properties: {{Path: /a, Method: GET}}}}}}}}}}"
    );
    let template = lowered(&text);
    let api = template.resource("ServerlessRestApi").expect("it is made");
    assert_eq!((api.written_id, api.made_by.is_some()), ("F", true));
    let paths = api.properties.at(&["Body", "paths"]).expect("it has paths");
    let route = paths.get("/a").expect("it has the path");
    let written = &text[route.key_origin.span.start as usize..route.key_origin.span.end as usize];
    assert_eq!((written, route.key_origin.is_written()), ("/a", false));
}

/// What an event wants checked of a request is named at the method and declared beside the paths.
#[test]
fn request_validators() {
    let all = with(&format!(
        "  A: {{Type: AWS::Serverless::Api, Properties: {{StageName: p, Models: {{User: {{type: object}}}}}}}}
  F: {{{FUNCTION}, Events: {{
    E: {{Type: Api, Properties: {{Path: /a, Method: post, RestApiId: !Ref A, RequestModel: {{Model: User, ValidateBody: true}}}}}},
    D: {{Type: Api, Properties: {{Path: /b, Method: post, RestApiId: !Ref A, RequestModel: {{Model: User}}}}}}}}}}"
    ));
    let body = &all["A"]["Properties"]["Body"];
    let validator = |path: &str| body["paths"][path]["post"]["x-amazon-apigateway-request-validator"].clone();
    assert_eq!((validator("/a"), validator("/b")), (json!("body-only"), Json::Null));
    let declared = json!({"body-only": {"validateRequestBody": true, "validateRequestParameters": false}});
    assert_eq!(body["x-amazon-apigateway-request-validators"], declared);
}

/// What API Gateway answers by itself and the models stand in the definition, where its version wants them.
#[test]
fn gateway_responses_and_models() {
    let api = |more: &str| {
        let all = with(&format!(
            "  A:
    Type: AWS::Serverless::Api
    Properties:
      StageName: p
      Models: {{User: {{type: object}}}}
      GatewayResponses: {{DEFAULT_4XX: {{StatusCode: 400, ResponseParameters: {{Headers: {{Origin: \"'*'\"}}, Paths: {{P: x}}}}}}}}
{more}  F: {{{FUNCTION}, Events: {{E: {{Type: Api, Properties: {{Path: /a, Method: post, RestApiId: !Ref A}}}}}}}}}}"
        ));
        all["A"]["Properties"]["Body"].clone()
    };
    let body = api("");
    let answer = json!({"DEFAULT_4XX": {
        "responseParameters": {"gatewayresponse.header.Origin": "'*'", "gatewayresponse.path.P": "x"},
        "responseTemplates": {},
        "statusCode": 400,
    }});
    assert_eq!(body["x-amazon-apigateway-gateway-responses"], answer);
    let models = json!({"user": {"type": "object"}});
    assert_eq!((&body["definitions"], body.get("components")), (&models, None));
    let body = api("      OpenApiVersion: 3.0.1\n");
    assert_eq!((&body["components"]["schemas"], body.get("definitions")), (&models, None));
}

/// SAM puts parameters into the authorizers of a REST API, and leaves them in those of an HTTP API.
#[test]
fn parameters_in_authorizers() {
    let all = json(
        "Transform: AWS::Serverless-2016-10-31\nParameters: {P: {Type: String, Default: arn}}\nResources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: p, Auth: {Authorizers: {C: {UserPoolArn: !Ref P}}}}}\n  H: {Type: AWS::Serverless::HttpApi, Properties: {Auth: {Authorizers: {J: {IdentitySource: s, JwtConfiguration: {issuer: !Ref P, audience: [!Ref P]}}}}}}\n",
    );
    let rest = &all["A"]["Properties"]["Body"]["securityDefinitions"]["C"]["x-amazon-apigateway-authorizer"];
    assert_eq!(rest["providerARNs"], json!(["arn"]));
    let http = &all["H"]["Properties"]["Body"]["components"]["securitySchemes"]["J"]["x-amazon-apigateway-authorizer"];
    let parameter = json!({"Ref": "P"});
    assert_eq!(
        (&http["jwtConfiguration"]["issuer"], &http["jwtConfiguration"]["audience"][0]),
        (&parameter, &parameter)
    );
}

/// Into a definition that the user wrote go, where asked, the routes of functions and never those of state machines.
#[test]
fn merged_routes() {
    let machine = "Type: AWS::Serverless::StateMachine, Properties: {Definition: {StartAt: A}";
    let all = with(&format!(
        "  A:
    Type: AWS::Serverless::Api
    Properties:
      StageName: p
      MergeDefinitions: true
      PropagateTags: true
      Tags: {{k: v}}
      Domain: {{DomainName: d, CertificateArn: c, EndpointConfiguration: PRIVATE}}
      DefinitionBody: {{openapi: 3.0.1, paths: {{}}}}
  F: {{{FUNCTION}, Events: {{E: {{Type: Api, Properties: {{Path: /f, Method: get, RestApiId: !Ref A}}}}}}}}}}
  M: {{{machine}, Events: {{E: {{Type: Api, Properties: {{Path: /m, Method: get, RestApiId: !Ref A}}}}}}}}}}"
    ));
    let paths = all["A"]["Properties"]["Body"]["paths"].as_object().expect("paths");
    assert_eq!(paths.keys().collect::<Vec<_>>(), ["/f"]);
    let domain = all.as_object().expect("resources").values().find(|r| r["Type"] == "AWS::ApiGateway::DomainNameV2");
    assert_eq!(domain.expect("a domain")["Properties"]["Tags"], json!([{"Key": "k", "Value": "v"}]));
}

/// A default authorizer without any authorizers is passed over in silence: the route is open.
#[test]
fn default_of_nothing() {
    let all = with(&format!(
        "  A: {{Type: AWS::Serverless::Api, Properties: {{StageName: p, Auth: {{DefaultAuthorizer: Typo}}, EndpointConfiguration: {{}}}}}}\n  F: {{{FUNCTION}, Events: {{E: {{Type: Api, Properties: {{Path: /a, Method: GET, RestApiId: !Ref A}}}}}}}}}}"
    ));
    assert_eq!(all["A"]["Properties"]["Body"]["paths"]["/a"]["get"].get("security"), None);
    assert_eq!(all["A"]["Properties"].get("EndpointConfiguration"), None);
}

/// A method with an empty integration calls nothing, and is given no authorizer.
#[test]
fn empty_integration() {
    let all = with(
        "  A: {Type: AWS::Serverless::Api, Properties: {StageName: p, Auth: {DefaultAuthorizer: AWS_IAM}, DefinitionBody: {swagger: '2.0', paths: {/a: {get: {x-amazon-apigateway-integration: {}}, put: {x-amazon-apigateway-integration: {type: mock}}}}}}}",
    );
    let path = &all["A"]["Properties"]["Body"]["paths"]["/a"];
    assert_eq!((path["get"].get("security"), &path["put"]["security"]), (None, &json!([{"AWS_IAM": []}])));
}

/// Parameters in the texts of `Auth` are put in; only a plain `true` lets browsers send credentials.
#[test]
fn parameters_and_credentials() {
    let all = json(
        "Transform: AWS::Serverless-2016-10-31\nParameters: {P: {Type: String, Default: prod}, T: {Type: String, Default: 'true'}}\nResources:\n  A: {Type: AWS::Serverless::Api, Properties: {StageName: p, Auth: {ResourcePolicy: {CustomStatements: [{Effect: Allow, Principal: '*', Action: execute-api:Invoke, Resource: !Sub 'execute-api:/${P}/${AWS::Region}'}]}}}}\n  H: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: {AllowOrigins: [a], AllowCredentials: !Ref T}}}\n",
    );
    let policy = all["A"]["Properties"]["Body"]["x-amazon-apigateway-policy"].to_string();
    assert!(policy.contains("execute-api:/prod/${AWS::Region}"), "{policy}");
    let cors = &all["H"]["Properties"]["Body"]["x-amazon-apigateway-cors"];
    assert_eq!(cors, &json!({"allowOrigins": ["a"]}));
}

/// The rules of a route keep their parameters, as SAM leaves them there; those of an API lose them.
#[test]
fn parameters_of_a_routes_policy() {
    let all = json(&format!(
        "Transform: AWS::Serverless-2016-10-31\nParameters: {{R: {{Type: String, Default: 10.0.0.0/8}}}}\nResources:\n  A: {{Type: AWS::Serverless::Api, Properties: {{StageName: p}}}}\n  B: {{Type: AWS::Serverless::Api, Properties: {{StageName: p, Auth: {{ResourcePolicy: {{IpRangeWhitelist: [!Ref R]}}}}}}}}\n  F: {{{FUNCTION}, Events: {{E: {{Type: Api, Properties: {{Path: /a, Method: get, RestApiId: !Ref A, Auth: {{ResourcePolicy: {{IpRangeWhitelist: [!Ref R]}}}}}}}}, G: {{Type: Api, Properties: {{Path: /b, Method: get, RestApiId: !Ref B}}}}}}}}}}\n"
    ));
    let addresses = |api: &str| {
        all[api]["Properties"]["Body"]["x-amazon-apigateway-policy"]["Statement"][1]["Condition"]["NotIpAddress"]["aws:SourceIp"].clone()
    };
    assert_eq!(addresses("A"), json!([{"Ref": "R"}]));
    assert_eq!(addresses("B"), json!(["10.0.0.0/8"]));
}

/// A WebSocket API loses its condition, and the parameter that says who may connect counts.
#[test]
fn websocket_authorization() {
    let all = json(
        "Transform: AWS::Serverless-2016-10-31\nParameters: {P: {Type: String, Default: AWS_IAM}}\nConditions: {C: !Equals [a, b]}\nResources:\n  W: {Type: AWS::Serverless::WebSocketApi, Condition: C, DependsOn: Q, Properties: {RouteSelectionExpression: x, Routes: {$connect: {FunctionArn: arn:f}}, Auth: {AuthType: !Ref P}}}\n  Q: {Type: AWS::SQS::Queue}\n",
    );
    assert_eq!(all["WConnectRoute"]["Properties"]["AuthorizationType"], "AWS_IAM");
    assert_eq!((all["W"].get("Condition"), &all["W"]["DependsOn"]), (None, &json!("Q")));
    assert_eq!(all["WConnectPermission"].get("Condition"), None);
}
