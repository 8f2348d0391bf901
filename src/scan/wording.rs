//! How a help names keys: rules speak CloudFormation, the user may not.

use std::sync::Arc;

use crate::analysis::knowledge::properties;
use crate::analysis::memo::Memo;
use crate::fix::in_json;
use crate::rules::Hit;
use crate::syntax::Notation;
use crate::template::{Resource, Step};

/// What the properties of a function are called in serverless.yml, where the value is written alike.
const FUNCTION: &[(&str, &str)] = &[
    ("Description", "description"),
    ("Handler", "handler"),
    ("KmsKeyArn", "kmsKeyArn"),
    ("Layers", "layers"),
    ("MemorySize", "memorySize"),
    ("ReservedConcurrentExecutions", "reservedConcurrency"),
    ("Runtime", "runtime"),
    ("Timeout", "timeout"),
];

/// A help in the words of the file that it is about: of what else the remedy says, and the path of the finding in that file.
pub(super) fn of_file(help: Arc<str>, remedy: &str, path: &str, resource: Option<&Resource<'_>>) -> Arc<str> {
    // What the user wrote in CloudFormation is called so; and who thought of serverless.yml has said it.
    if resource.is_some_and(|r| r.made_by.is_none()) || help.contains(FRAMEWORK) {
        return help;
    }
    let made = resource.filter(|r| r.made_by.is_some_and(|by| by.starts_with("the Serverless Framework makes")));
    let function = made.is_some_and(|r| r.kind == "AWS::Lambda::Function");
    let mut out = String::with_capacity(help.len());
    // A property for which serverless.yml has no word of its own, and whether something in it is meant.
    let mut foreign = None;
    for (at, part) in help.split('`').enumerate() {
        if at > 0 {
            out.push('`');
        }
        let (key, rest) = part.split_at(part.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(part.len()));
        // Between the first and the second backtick stands what is to be typed.
        if at % 2 == 0 || !key.starts_with(|c: char| c.is_ascii_uppercase()) {
            out.push_str(part);
            continue;
        }
        let same = |written: &&str| written.eq_ignore_ascii_case(key);
        let alike = FUNCTION.iter().find(|(name, _)| function && *name == key).map(|(_, own)| *own);
        let own = path.split(['.', '[', ']']).find(same).or(alike);
        if own.is_none() && made.is_some_and(|r| properties::has_property(r.kind, key)) {
            foreign = Some(foreign.unwrap_or_default() || rest.starts_with('.'));
        }
        out.push_str(own.unwrap_or(key));
        out.push_str(rest);
    }
    let (Some(resource), Some(inside)) = (made, foreign) else { return out.into() };
    let end = if out.ends_with('.') { "" } else { "." };
    if let Some(own) = own_words(remedy) {
        return format!("{out}{end} In {own}").into();
    }
    // What a plugin makes is not there to be extended, and the id of a deployment holds the hour.
    if resource.kind == "AWS::ApiGateway::Deployment" || resource.written_id == "appSync" {
        return out.into();
    }
    // An extension takes the place of a whole property; what stands under `Resources` is merged into it.
    let section = if inside { "Resources" } else { "extensions" };
    format!("{out}{end} In {FRAMEWORK}: under `resources.{section}.{}.Properties`.", resource.id).into()
}

/// A help in the notation of the file: what is to be typed into JSON is JSON, which knows no short forms.
pub(super) fn in_notation(help: Arc<str>, notation: Notation) -> Arc<str> {
    /// Rules repeat what they say.
    static KNOWN: Memo<String, Arc<str>> = Memo::new(1 << 20);
    match notation {
        Notation::Yaml | Notation::Script => help,
        Notation::Json => KNOWN.answer(&*help, |told| told.len(), || retold(&help)),
    }
}

fn retold(help: &str) -> Arc<str> {
    let typed = |at: usize, part: &str| if at % 2 == 1 { in_json(part) } else { None };
    let parts: Vec<_> =
        help.split('`').enumerate().map(|(at, part)| typed(at, part).unwrap_or_else(|| part.to_owned())).collect();
    parts.join("`").into()
}

/// What helps against a defect of what a framework made for itself, because of the setting at a path.
/// <https://www.serverless.com/framework/docs/providers/aws/guide/serverless.yml>
pub(super) fn of_own(path: &str) -> &'static str {
    let setting = |name: &str| path.split(['.', '[']).any(|key| key == name);
    if path.starts_with("provider.logs") {
        "Set `roleManagedExternally: true` there, and give API Gateway its role for logs once for the account: `AWS::ApiGateway::Account`."
    } else if setting("eventBridge") {
        "Set `provider.eventBridge: {useCloudFormation: true}`: then CloudFormation makes the rule, and no function does."
    } else if setting("s3") || setting("cognitoUserPool") {
        "Nothing can be written into it. Without `existing: true` there is none: make the bucket or the pool here, or the notification \
         where those are made. A role of your own for it is `provider.iam.deploymentRole`, and its runtime is the newer, the newer the framework."
    } else {
        "Nothing can be written into it: a newer version of the framework may do better, or leave out the setting that makes the \
         framework add it."
    }
}

/// The same for what the CDK's library adds to an app.
pub(super) fn of_cdk(resource: &Resource<'_>) -> &'static str {
    let step = |name: &str| resource.construct().is_some_and(|path| path.split('/').any(|step| step.starts_with(name)));
    if step("LogRetention") {
        "Give functions a `logGroup` in place of `logRetention`: then CloudFormation sets the retention, and no function does."
    } else if step("Custom::S3AutoDeleteObjects") {
        "Nothing can be written into it. Without `autoDeleteObjects: true` there is none."
    } else {
        "Nothing can be written into it: a newer `aws-cdk-lib` may do better, or leave out what makes the CDK add it."
    }
}

/// Whether a path leads into an event of SAM's: that says itself which API it belongs to, and the first function that has one is none
/// of its matter.
pub(super) fn is_of_event(path: &str) -> bool {
    path.contains(".Events.")
}

/// What helps against a statement that SAM wrote: it cannot be edited, only left out.
pub(super) fn of_sam(hit: &Hit<'_>) -> Option<&'static str> {
    let step = hit.spot.origin.step.filter(|_| hit.spot.item.is_some_and(|item| !item.is_written()))?;
    let resource = hit.resource?;
    let sam = resource.kind.starts_with("AWS::IAM::") && resource.made_by.is_some_and(|by| by.starts_with("SAM makes"));
    if step.is_of_policy_template() {
        return Some(
            "Nothing can be named in this policy template: write a statement of one's own in its place, under `Policies`.",
        );
    }
    // The name of a policy is the user's to replace.
    (sam && step.what != Step::LOOKED_UP).then_some(
        "SAM writes this statement for what stands here: only with a role of one's own, by `Role`, it is not there.",
    )
}

const FRAMEWORK: &str = "serverless.yml";

/// What a remedy says of serverless.yml, to the end of its sentence.
fn own_words(remedy: &str) -> Option<String> {
    let words = remedy.get(remedy.find(FRAMEWORK)?..)?;
    let mut typed = false;
    let mut end = None;
    for (at, c) in words.char_indices().skip(FRAMEWORK.len()) {
        typed ^= c == '`';
        let over = |rest: &str| rest.is_empty() || rest.starts_with(char::is_whitespace);
        if c == '.' && !typed && words.get(at + 1..).is_some_and(over) {
            end = Some(at + 1);
            break;
        }
    }
    Some(words.get(..end?)?.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use crate::rules::Catalogue;
    use crate::scan::examples::TODAY;
    use crate::scan::{Choice, Scanner, Settings, scan};
    use crate::source::{NoFiles, Source};

    fn help(rule: &str, text: &str) -> Vec<String> {
        help_in("serverless.yml", rule, text)
    }

    fn help_in(path: &str, rule: &str, text: &str) -> Vec<String> {
        let catalogue = Catalogue::builtin();
        let choice = Choice::only(&catalogue, rule);
        let settings = Settings::new(catalogue, choice, TODAY);
        let source = Arc::new(Source::new(path, text));
        let outcome = scan(&source, &Scanner::new(settings), &NoFiles, &BTreeMap::new());
        outcome.findings.into_iter().filter_map(|finding| Some(finding.help?.to_string())).collect()
    }

    /// What the framework made for itself is helped against where its setting stands.
    #[test]
    fn settings_of_the_framework() {
        let own = |provider: &str, events: &str| {
            let text = format!(
                "service: shop\nframeworkVersion: '3'\nprovider: {{name: aws, runtime: nodejs22.x{provider}}}\nfunctions: {{hello: {{handler: a.b, events: [{events}]}}}}\n"
            );
            help("lambda-deprecated-runtime", &text).concat()
        };
        assert!(own(", logs: {restApi: true}", "{http: GET /a}").contains("roleManagedExternally"));
        let event = "{eventBridge: {schedule: 'rate(1 day)'}}";
        assert!(own(", eventBridge: {useCloudFormation: false}", event).contains("useCloudFormation: true"));
        assert!(own("", "{s3: {bucket: b, existing: true}}").contains("deploymentRole"));
    }

    /// Who names a policy of AWS's under `Policies` can name something else; what SAM adds by itself stays.
    #[test]
    fn policies_of_sam() {
        let told = |more: &str| {
            let text = format!(
                "Transform: AWS::Serverless-2016-10-31\nResources: {{F: {{Type: AWS::Serverless::Function, Properties: {{Runtime: python3.13, Handler: a.b, CodeUri: src, {more}}}}}}}\n"
            );
            help_in("template.yaml", "iam-broad-policy-attached", &text).concat()
        };
        assert_eq!(
            told("Policies: AmazonS3FullAccess"),
            "Replace the policy by a statement with the actions and resources that are needed."
        );
    }

    /// Who opens a function through an event of serverless.yml closes it there.
    #[test]
    fn doors_of_events() {
        let text = "service: shop\nprovider: {name: aws, runtime: nodejs22.x, iamRoleStatements: [{Effect: Allow, Action: 'sqs:*', Resource: '*'}]}\nfunctions: {hello: {handler: a.b, events: [{http: GET /a}]}}\n";
        assert!(help("public-privileged-function", text).concat().contains("`authorizer: aws_iam`"));
    }

    /// What stands behind the place where a text cannot be read any more may be what is missing before it.
    #[test]
    fn unread_rest() {
        let text = "Resources:\n  Key:\n    Type: AWS::KMS::Key\n    Properties:\n      Description: mine\n";
        let told = |rest: &str| help_in("template.yaml", "kms-key-not-rotated", &format!("{text}{rest}")).len();
        assert_eq!(told(""), 1);
        assert_eq!(told("      {% if rotated %}\n      EnableKeyRotation: true\n"), 0);
        assert_eq!(told("  Other:\n    Type: AWS::SNS::Topic\n    {% if named %}\n"), 1);
    }

    /// What knows no resource is not to be limited with the rest.
    #[test]
    fn actions_without_resources() {
        let text = "Resources: {P: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Version: '2012-10-17', Statement: [{Effect: Allow, Action: ['ecr:GetAuthorizationToken', 'ecr:PutImage'], Resource: '*'}]}}}}\n";
        assert_eq!(
            help_in("template.yaml", "iam-wildcard-resource", text).concat(),
            "Name the resources, such as `Resource: arn:aws:ecr:*:*:repository/RepositoryName`; what the template makes, by its ARN. \
             `ecr:GetAuthorizationToken` takes none: leave it on `*`, in a statement of its own."
        );
    }

    /// What is to be typed into JSON is JSON.
    #[test]
    fn json_is_told_json() {
        let template =
            r#"{"Resources": {"Q": {"Type": "AWS::SQS::Queue", "Properties": {"KmsMasterKeyId": "alias/aws/sqs"}}}}"#;
        let told = |rule: &str, text: &str| help_in("template.json", rule, text).concat();
        assert_eq!(
            told("sqs-queue-no-dlq", template),
            r#"Add `"RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetters", "Arn"]}, "maxReceiveCount": 5}`."#
        );
        let function =
            r#"{"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "python3.7"}}}}"#;
        assert_eq!(told("lambda-deprecated-runtime", function), r#"Set `"Runtime": "python3.14"`"#);
    }

    /// A key is named as the file writes it, or would; what serverless.yml has no word for is said where it goes.
    #[test]
    fn keys_are_those_of_the_file() {
        let service = "service: shop\nprovider: {name: aws, runtime: python3.7}\nfunctions: {hello: {handler: a.b, events: [{http: GET /a}]}}\n";
        assert_eq!(help("lambda-deprecated-runtime", service), ["Set `runtime: python3.14`"]);
        assert_eq!(
            help("apigateway-edge-optimized", service),
            ["Set `EndpointConfiguration: {Types: [REGIONAL]}`. In serverless.yml `provider.endpointType: REGIONAL`."]
        );
        assert_eq!(
            help("apigateway-default-endpoint-old-tls", service),
            [
                "Set `SecurityPolicy: TLS_1_2`. In serverless.yml: under `resources.extensions.ApiGatewayRestApi.Properties`."
            ]
        );
        let tracing = help("lambda-no-tracing", service);
        assert_eq!(
            tracing,
            ["Set `TracingConfig: {Mode: Active}`. In serverless.yml: `provider.tracing.lambda: true`."]
        );
        let template = "Resources: {F: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.7}}}\n";
        assert_eq!(help("lambda-deprecated-runtime", template), ["Set `Runtime: python3.14`"]);
    }
}
