//! What the template shows to be meant is offered as a fix: the result says exactly that, and the finding is gone.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::finding::{Finding, Fix, Safety};
use portcullis::fix;
use portcullis::scan::scan;
use portcullis::source::{NoFiles, Source};

use crate::only::only;

/// What one rule finds in a text.
fn found(rule: &str, text: &str) -> Vec<Finding> {
    let outcome = scan(&Arc::new(Source::new("template", text.to_owned())), &only(rule), &NoFiles, &BTreeMap::new());
    assert!(outcome.failures.is_empty(), "{:?}\n{text}", outcome.failures);
    outcome.findings
}

/// The one fix of the one finding, and the text after it, which the rule has nothing more to say about.
fn mended(rule: &str, text: &str) -> (Fix, String) {
    let findings = found(rule, text);
    let [finding] = &findings[..] else { panic!("one finding is due: {findings:?}") };
    let [fix] = &finding.fixes[..] else { panic!("one fix is due: {finding:?}") };
    let changes: Vec<fix::Change> = fix.edits.iter().map(|e| (e.place.start..e.place.end, e.text.clone())).collect();
    let after = fix::verify(text, &changes).expect("the result can be read, and nothing else has changed");
    assert!(found(rule, &after).is_empty(), "the finding is gone:\n{after}");
    (fix.clone(), after)
}

/// The lines that a fix makes of the text, without blanks around them.
fn changed(before: &str, after: &str) -> Vec<String> {
    let old: Vec<&str> = before.lines().map(str::trim).collect();
    after.lines().map(str::trim).filter(|line| !old.contains(line)).map(str::to_owned).collect()
}

fn function(actions: &str, variables: &str) -> String {
    format!(
        r#"Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{}}
      Policies:
        - PolicyName: own
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: {actions}
                Resource: "*"
  Fn:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Role.Arn
      Environment: {{Variables: {{{variables}}}}}
  Orders: {{Type: AWS::DynamoDB::Table}}
  Customers: {{Type: AWS::DynamoDB::Table}}
  Receipts: {{Type: AWS::S3::Bucket}}
  Jobs: {{Type: AWS::SQS::Queue}}
"#
    )
}

/// A function that names one table means that one; who queries it needs its indexes as well.
#[test]
fn the_table_that_a_function_names() {
    let text = function("dynamodb:GetItem", "TABLE: !Ref Orders");
    let (fix, after) = mended("iam-wildcard-resource", &text);
    assert_eq!((fix.safety, &*fix.title), (Safety::Unsafe, "limit it to `Orders`"));
    assert_eq!(changed(&text, &after), ["Resource: !GetAtt Orders.Arn"]);
    let text = function("[dynamodb:GetItem, dynamodb:Query]", "TABLE: !Ref Orders");
    let (_, after) = mended("iam-wildcard-resource", &text);
    assert_eq!(changed(&text, &after), ["Resource:", "- !GetAtt Orders.Arn", "- !Sub \"${Orders.Arn}/index/*\""]);
    let text = function("dynamodb:*", "TABLE: !Ref Orders");
    let (_, after) = mended("iam-write-any-resource", &text);
    assert_eq!(changed(&text, &after), ["Resource:", "- !GetAtt Orders.Arn", "- !Sub \"${Orders.Arn}/index/*\""]);
}

/// Objects are below a bucket, and what acts on both is given both; two tables are two ARNs.
#[test]
fn buckets_objects_and_several() {
    let text = function("s3:GetObject", "BUCKET: !Ref Receipts");
    let (_, after) = mended("iam-wildcard-resource", &text);
    assert_eq!(changed(&text, &after), ["Resource: !Sub ${Receipts.Arn}/*"]);
    let text = function("[s3:ListBucket, s3:PutObject, sqs:SendMessage]", "Q: !Ref Jobs");
    let (fix, after) = mended("iam-wildcard-resource", &text);
    // The only bucket that there is.
    assert_eq!(fix.title, "limit it to `Receipts` and `Jobs`");
    assert_eq!(
        changed(&text, &after),
        ["Resource:", "- !GetAtt Receipts.Arn", "- !Sub \"${Receipts.Arn}/*\"", "- !GetAtt Jobs.Arn"]
    );
    let text = function("dynamodb:PutItem", "A: !Ref Orders, B: !Ref Customers");
    let (_, after) = mended("iam-wildcard-resource", &text);
    assert_eq!(changed(&text, &after), ["Resource:", "- !GetAtt Orders.Arn", "- !GetAtt Customers.Arn"]);
}

/// A lone item of a list is replaced by a list, several are left alone; a table is offered where it is always there, and
/// where it is whenever the statement is.
#[test]
fn items_and_conditions() {
    let text = function("dynamodb:GetItem", "TABLE: !Ref Orders").replace("Resource: \"*\"", "Resource: ['*']");
    let (_, after) = mended("iam-wildcard-resource", &text);
    assert_eq!(changed(&text, &after), ["Resource:", "- !GetAtt Orders.Arn"]);
    let two = text.replace("['*']", "['*', 'arn:aws:dynamodb:*:*:table/other']");
    assert!(found("iam-wildcard-resource", &two).iter().all(|f| f.fixes.is_empty()));
    let head = "Parameters: {Size: {Type: String}}\nConditions: {Big: !Equals [!Ref Size, big], Small: !Equals [!Ref Size, small]}\n";
    let table = |condition: &str| {
        let text = function("dynamodb:GetItem", "TABLE: !Ref Orders")
            .replace(
                "Orders: {Type: AWS::DynamoDB::Table}",
                &format!("Orders: {{Type: AWS::DynamoDB::Table, Condition: {condition}}}"),
            )
            .replace("    Type: AWS::IAM::Role\n", "    Type: AWS::IAM::Role\n    Condition: Big\n");
        found("iam-wildcard-resource", &format!("{head}{text}")).iter().map(|f| f.fixes.len()).sum::<usize>()
    };
    assert_eq!((table("Big"), table("Small")), (1, 0));
}

/// Where the template does not show what is meant, nothing is offered: several tables and no name, an action that
/// knows no resource, a bucket that needs the function first, a table that may not be there.
#[test]
fn nothing_is_guessed() {
    let none = |text: &str| {
        let findings = found("iam-wildcard-resource", text);
        assert!(!findings.is_empty() && findings.iter().all(|f| f.fixes.is_empty()), "{findings:?}");
    };
    none(&function("dynamodb:GetItem", ""));
    none(&function("[dynamodb:GetItem, dynamodb:ListTables]", "TABLE: !Ref Orders"));
    none(&function("[dynamodb:GetItem, rekognition:*]", "TABLE: !Ref Orders"));
    let text = function("s3:GetObject", "BUCKET: !Ref Receipts");
    let circle = "{Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {LambdaConfigurations: [{Event: 's3:ObjectCreated:*', Function: !GetAtt Fn.Arn}]}}}";
    none(&text.replace("Receipts: {Type: AWS::S3::Bucket}", &format!("Receipts: {circle}")));
    let text = function("dynamodb:GetItem", "TABLE: !Ref Orders")
        .replace("Orders: {Type: AWS::DynamoDB::Table}", "Orders: {Type: AWS::DynamoDB::Table, Condition: Big}");
    none(&format!("Parameters: {{Size: {{Type: String}}}}\nConditions: {{Big: !Equals [!Ref Size, big]}}\n{text}"));
}

/// JSON has the long forms.
#[test]
fn json_has_long_forms() {
    let text = r#"{
  "Resources": {
    "Role": {
      "Type": "AWS::IAM::Role",
      "Properties": {
        "AssumeRolePolicyDocument": {},
        "Policies": [
          {
            "PolicyName": "own",
            "PolicyDocument": {
              "Statement": [
                {
                  "Effect": "Allow",
                  "Action": "s3:PutObject",
                  "Resource": "*"
                }
              ]
            }
          }
        ]
      }
    },
    "Fn": {
      "Type": "AWS::Lambda::Function",
      "Properties": {
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Environment": {"Variables": {"BUCKET": {"Ref": "Receipts"}}}
      }
    },
    "Receipts": {"Type": "AWS::S3::Bucket"}
  }
}
"#;
    let (_, after) = mended("iam-wildcard-resource", text);
    assert_eq!(changed(text, &after), [r#""Resource": {"Fn::Sub": "${Receipts.Arn}/*"}"#]);
    let text = text.replace("s3:PutObject", "s3:ListBucket");
    let (_, after) = mended("iam-wildcard-resource", &text);
    assert_eq!(changed(&text, &after), [r#""Resource": {"Fn::GetAtt": ["Receipts", "Arn"]}"#]);
}

/// SAM's statements are written in the function.
#[test]
fn sam_statements() {
    let text = r#"Transform: AWS::Serverless-2016-10-31
Resources:
  Fn:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: python3.13
      Handler: app.handler
      CodeUri: src/
      Environment:
        Variables:
          TABLE: !Ref Orders
      Policies:
        - Statement:
            - Effect: Allow
              Action: dynamodb:Query
              Resource: '*'
  Orders:
    Type: AWS::DynamoDB::Table
"#;
    let (_, after) = mended("iam-wildcard-resource", text);
    assert_eq!(changed(text, &after), ["Resource:", "- !GetAtt Orders.Arn", "- !Sub '${Orders.Arn}/index/*'"]);
}

/// The Serverless Framework reads `${…}` itself, so there is none in what is written.
#[test]
fn serverless_statements() {
    let text = r#"service: shop
provider:
  name: aws
  runtime: nodejs22.x
  iam:
    role:
      statements:
        - Effect: Allow
          Action:
            - s3:GetObject
          Resource: '*'
functions:
  hello:
    handler: index.handler
    environment:
      BUCKET: !Ref Receipts
resources:
  Resources:
    Receipts:
      Type: AWS::S3::Bucket
"#;
    let (_, after) = mended("iam-wildcard-resource", text);
    assert_eq!(changed(text, &after), ["Resource: !Join ['', [!GetAtt Receipts.Arn, /*]]"]);
    let text = text.replace("s3:GetObject", "s3:ListBucket");
    let (_, after) = mended("iam-wildcard-resource", &text);
    assert_eq!(changed(&text, &after), ["Resource: !GetAtt Receipts.Arn"]);
}

/// A function that only reads a queue's events needs no more than its poller does.
#[test]
fn actions_of_a_poller() {
    let polled = "  Map: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref Fn, EventSourceArn: !GetAtt Jobs.Arn}}\n";
    let text = function("sqs:*", "").replace("Resource: \"*\"", "Resource: !GetAtt Jobs.Arn") + polled;
    let (fix, after) = mended("iam-wildcard-action", &text);
    assert_eq!((fix.safety, &*fix.title), (Safety::Unsafe, "allow what reading events of `Jobs` needs"));
    let added = ["Action:", "- sqs:ReceiveMessage", "- sqs:DeleteMessage", "- sqs:GetQueueAttributes"];
    assert_eq!(changed(&text, &after), added);
    // One that also names a queue does something with it.
    let text = function("sqs:*", "QUEUE: !Ref Jobs") + polled;
    assert!(found("iam-wildcard-action", &text).iter().all(|f| f.fixes.is_empty()));
}

/// A wildcard that means a few actions is the same as these, so writing them out is safe.
#[test]
fn few_actions_are_written_out() {
    let text = function("dynamodb:BatchG*", "");
    let (fix, after) = mended("iam-partial-wildcard-action", &text);
    assert_eq!(fix.safety, Safety::Safe);
    assert_eq!(changed(&text, &after), ["Action: dynamodb:BatchGetItem"]);
    let text = function("[sqs:GetQueueUrl, 'dynamodb:Batch*Item']", "");
    let (_, after) = mended("iam-partial-wildcard-action", &text);
    assert_eq!(changed(&text, &after), ["Action: [sqs:GetQueueUrl, 'dynamodb:BatchGetItem', dynamodb:BatchWriteItem]"]);
}

/// A switch that the framework throws by itself is written nowhere: what stands for it, a map or the switch of all logs,
/// is not replaced.
#[test]
fn what_nobody_wrote_is_not_replaced() {
    let service = |logs: &str| {
        format!(
            "service: chat\nprovider:\n  name: aws\n  runtime: nodejs22.x\n  logs:\n    websocket: {logs}\nfunctions:\n  hello:\n    handler: index.handler\n    events: [{{websocket: $connect}}]\n"
        )
    };
    for logs in ["true", "{level: ERROR}", "\n      level: ERROR"] {
        let findings = found("apigateway-logs-whole-requests", &service(logs));
        let [finding] = &findings[..] else { panic!("one finding is due: {findings:?}") };
        assert!(finding.fixes.is_empty(), "{logs}: {finding:?}");
    }
    let (fix, after) = mended("apigateway-logs-whole-requests", &service("{fullExecutionData: true}"));
    assert_eq!((fix.safety, after), (Safety::Safe, service("{fullExecutionData: false}")));
}

/// What SAM drops is removed where it can only be a mistake; a property in the wrong place is for people to move.
#[test]
fn misplaced_properties_are_not_removed() {
    let table = |line: &str| {
        format!(
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  Table:\n    Type: AWS::Serverless::SimpleTable\n{line}    Properties: {{PrimaryKey: {{Name: id, Type: String}}}}\n"
        )
    };
    let findings = found("template-ignored-sam-attribute", &table("    SSESpecification: {SSEEnabled: true}\n"));
    let [finding] = &findings[..] else { panic!("one finding is due: {findings:?}") };
    assert!(finding.fixes.is_empty(), "{finding:?}");
    let (fix, after) =
        mended("template-ignored-sam-attribute", &table("    UpdatePolicy: {UseOnlineResharding: true}\n"));
    assert_eq!((fix.safety, after), (Safety::Safe, table("")));
}

/// The version of a policy is written first, as people do.
#[test]
fn the_version_comes_first() {
    let policy = |version: &str| {
        format!(
            "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n{version}        Statement:\n          - {{Effect: Allow, Action: s3:GetObject, Resource: arn:aws:s3:::b/*}}\n"
        )
    };
    let (_, after) = mended("iam-policy-old-version", &policy(""));
    assert_eq!(after, policy("        Version: \"2012-10-17\"\n"));
}

/// A function at the edges of CloudFront cannot send traces.
#[test]
fn functions_at_the_edges_are_not_traced() {
    let text = |service: &str| {
        format!(
            "Resources:\n  Fn:\n    Type: AWS::Lambda::Function\n    Properties: {{Role: !GetAtt Role.Arn}}\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{Service: [lambda.amazonaws.com, {service}]}}, Action: \"sts:AssumeRole\"}}]}}\n      ManagedPolicyArns: [arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess]\n"
        )
    };
    let fixes = |service: &str| found("lambda-no-tracing", &text(service)).iter().map(|f| f.fixes.len()).sum::<usize>();
    assert_eq!((fixes("edgelambda.amazonaws.com"), fixes("scheduler.amazonaws.com")), (0, 1));
}
