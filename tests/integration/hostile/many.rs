//! Files in which each of very many things is asked about each of very many others.

use serde_json::{Value, json};

use super::{Folder, one};

fn resources(all: impl IntoIterator<Item = (String, Value)>) -> String {
    json!({"Resources": all.into_iter().collect::<Value>()}).to_string()
}

fn role(statements: &Value) -> Value {
    let trust = json!({"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let policy = json!({"PolicyName": "p", "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}});
    json!({"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "Policies": [policy]}})
}

fn function(role: &str, more: (&str, Value)) -> Value {
    let mut function = json!({"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "nodejs22.x", "Handler": "a.b",
        "Role": {"Fn::GetAtt": [role, "Arn"]}, "Code": {"S3Bucket": "b", "S3Key": "k"}}});
    function["Properties"][more.0] = more.1;
    function
}

/// Functions that may pass roles, each with one of its own: what a role grants and whom it trusts is worked out once.
#[test]
fn functions_that_pass_roles() {
    let pass = json!([{"Effect": "Allow", "Action": ["iam:PassRole", "lambda:CreateFunction"], "Resource": "*"}]);
    let roles = (0..600).map(|i| (format!("R{i}"), role(&pass)));
    let functions = (0..600).map(|i| (format!("F{i}"), function(&format!("R{i}"), ("Timeout", json!(3)))));
    one("pass.json", resources(roles.chain(functions)), 1, ":1:", "lambda-");
}

/// Functions that are named and permitted by name, each with a log group: names are looked up.
#[test]
fn functions_by_name() {
    let read = json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"}]);
    let permission = |name: String| {
        json!({"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": name,
        "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"}})
    };
    let group = |name: String| json!({"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": name}});
    let all = (0..1_800).flat_map(|i| {
        let name = format!("n{i}");
        [
            (format!("F{i}"), function("R", ("FunctionName", json!(name)))),
            (format!("G{i}"), group(format!("/aws/lambda/{name}"))),
            (format!("P{i}"), permission(name)),
        ]
    });
    one("names.json", resources(all.chain([("R".to_owned(), role(&read))])), 1, ":1:", "lambda-");
}

/// One resource of which thousands of things are wrong: what stands around each is looked up.
#[test]
fn findings_of_one_resource() {
    let variables: Value = (0..22_000).map(|i| (format!("PASSWORD_{i}"), json!(format!("hunter2{i}x")))).collect();
    let all = [
        ("R".to_owned(), role(&json!([]))),
        ("F".to_owned(), function("R", ("Environment", json!({"Variables": variables})))),
    ];
    one("variables.json", resources(all), 1, ":1:", "lambda-");
}

/// Hundreds of variables that hundreds of functions inherit: each is told once, and what is inherited is bounded.
#[test]
fn variables_that_all_inherit() {
    let variables: Vec<String> = (0..700).map(|i| format!("PASSWORD_{i}: hunter2x{i}")).collect();
    let functions: String = (0..700).map(|i| format!("  f{i}: {{handler: a.b}}\n")).collect();
    let serverless = format!(
        "service: x\nprovider: {{name: aws, runtime: nodejs22.x, environment: {{{}}}}}\nfunctions:\n{functions}",
        variables.join(", ")
    );
    one("serverless.yml", serverless, 1, ":", "lambda-");
}

/// Statements of thousands of actions on thousands of resources are not taken apart into pairs.
#[test]
fn actions_and_resources() {
    let actions: Vec<String> = (0..2_500).map(|i| format!("s3:Get{i}")).collect();
    let on: Vec<String> = (0..2_500).map(|i| format!("arn:aws:s3:::b{i}/x")).collect();
    let all = [
        ("R".to_owned(), role(&json!([{"Effect": "Allow", "Action": actions, "Resource": on}]))),
        ("F".to_owned(), function("R", ("Timeout", json!(3)))),
    ];
    one("pairs.json", resources(all), 1, ":1:", "lambda-");
}

/// Thousands of suppressions of a whole file, and thousands of findings; thousands of names in one comment.
#[test]
fn suppressions_of_everything() {
    let ignores = "# portcullis: ignore-file[s3-bucket-accepts-plain-http] -- x\n".repeat(6_000);
    let buckets: String = (0..600).map(|i| format!("  B{i}: {{Type: AWS::S3::Bucket}}\n")).collect();
    let folder = Folder::with("files.yaml", format!("{ignores}Resources:\n{buckets}"));
    let names = "s3-bucket-accepts-plain-http,".repeat(30_000);
    let comment = format!("Resources:\n  # portcullis: ignore[{names}] -- x\n  B: {{Type: AWS::S3::Bucket}}\n");
    folder.write("names.yaml", comment);
    let told = folder.checked(1);
    told.says("files.yaml:", "s3-bucket-no-versioning");
    assert!(!told.out.lines().any(|l| l.starts_with("files.yaml:") && l.contains("s3-bucket-accepts-plain-http")));
}

/// Roles that all list one policy of hundreds of statements, of which many name roles to be passed: it is read once.
#[test]
fn roles_that_share_a_policy() {
    let statement = |i: usize| match i % 2 {
        0 => {
            json!({"Effect": "Allow", "Action": ["iam:PassRole", "s3:GetObject"], "Resource": {"Fn::GetAtt": [format!("R{}", i % 3), "Arn"]}})
        }
        _ => json!({"Effect": "Allow", "Action": "dynamodb:*", "Resource": format!("arn:aws:dynamodb:*:*:table/t{i}")}),
    };
    let document = json!({"Version": "2012-10-17", "Statement": (0..600).map(statement).collect::<Value>()});
    let policy = json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document}});
    let roles = (0..600).map(|i| {
        let mut role =
            role(&json!([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::b{i}/*")}]));
        role["Properties"]["ManagedPolicyArns"] = json!([{"Ref": "P"}]);
        (format!("R{i}"), role)
    });
    one("shared.json", resources(roles.chain([("P".to_owned(), policy)])), 1, ":1:", "iam-");
}

/// Functions that all run with one role of thousands of statements: what a rule says of the role is said once.
#[test]
fn functions_of_one_role() {
    let read = |i| json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::b{i}/*")});
    let role = role(&(0..3_000).map(read).collect());
    let functions = (0..600).map(|i| (format!("F{i}"), function("R", ("Timeout", json!(3)))));
    one("one-role.json", resources(functions.chain([("R".to_owned(), role)])), 1, ":1:", "lambda-");
}

/// Hundreds of denials beside hundreds of things that are allowed, to a role and by a queue: they are not taken in pairs.
#[test]
fn allowed_and_denied() {
    let say = |effect: &str, action: &str, i: usize| json!({"Effect": effect, "Action": [action], "Resource": format!("arn:aws:s3:::b{i}*")});
    let statements = (0..800).flat_map(|i| [say("Allow", "s3:*", i), say("Deny", "s3:Get*", i)]).collect();
    let open = json!({"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"});
    let queue = json!({"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Q"}],
        "PolicyDocument": {"Version": "2012-10-17", "Statement": vec![open; 2_000]}}});
    let all = [
        ("R".to_owned(), role(&statements)),
        ("Q".to_owned(), json!({"Type": "AWS::SQS::Queue"})),
        ("P".to_owned(), queue),
    ];
    one("denied.json", resources(all), 1, ":1:", "sqs-");
}

/// A report of thousands of secrets on one line: each is masked without a look at all the others.
#[test]
fn secrets_of_one_line() {
    let variables: Value = (0..3_000).map(|i| (format!("PASSWORD_{i}"), json!(format!("hunter2{i}x")))).collect();
    let all = [("F".to_owned(), function("R", ("Environment", json!({"Variables": variables}))))];
    let folder = Folder::with("secrets.json", resources(all));
    let told = folder.run(&["check", "--no-config", "--select", "secrets", "--format", "html", "secrets.json"]);
    assert_eq!(told.code, 1, "{}", told.err);
    assert!(!told.out.contains("hunter2") && told.out.contains("********"), "{}", told.head());
}

/// Who may do what, of hundreds of roles and what each of them may reach; beyond all bounds, who that was not told of.
#[test]
fn permissions_of_many_roles() {
    let read = |i| json!([{"Effect": "Allow", "Action": ["s3:GetObject", "dynamodb:*"], "Resource": format!("arn:aws:s3:::b{i}/*")}]);
    let roles = (0..500).map(|i| (format!("R{i}"), role(&read(i))));
    let functions = (0..500).map(|i| (format!("F{i}"), function(&format!("R{i}"), ("Timeout", json!(3)))));
    let folder = Folder::with("roles.json", resources(roles.chain(functions)));
    let told = folder.run(&["permissions", "roles.json"]);
    assert_eq!(told.code, 0, "{}", told.err);
    assert!(told.out.contains("F499") && !told.out.contains("not read"), "{}", told.head());
}
