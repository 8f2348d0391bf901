//! What a state machine's role must allow: read off the tasks of its definition.

use super::super::make::Make;
use super::super::read;
use super::super::role;
use super::super::service::Service;
use super::super::stack::{Stack, is_empty};
use super::{Machine, substituted, translated};
use crate::template::{Entry, Intrinsic, Kind, Value};

/// Actions that go together, and what they may be used on.
struct Permission<'a> {
    actions: &'static [&'static str],
    resources: Vec<Value<'a>>,
}

/// Actions on rules, which every task that waits for the end of its work needs.
const RULES: &[&str] = &["events:PutTargets", "events:PutRule", "events:DescribeRule"];

/// Tasks that need the same whatever they are given: actions on everything, and the rule they wait with.
const FIXED: [(&str, &[&str], Option<&str>); 5] = [
    (
        "batch:submitJob",
        &["batch:SubmitJob", "batch:DescribeJobs", "batch:TerminateJob"],
        Some("StepFunctionsGetEventsForBatchJobsRule"),
    ),
    ("glue:startJobRun", &["glue:StartJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:BatchStopJobRun"], None),
    (
        "ecs:runTask",
        &["ecs:RunTask", "ecs:StopTask", "ecs:DescribeTasks", "ecs:TagResource", "iam:PassRole"],
        Some("StepFunctionsGetEventsForECSTaskRule"),
    ),
    ("aws-sdk:sesv2:sendEmail", &["ses:SendEmail"], None),
    ("aws-sdk:redshiftdata:cancelStatement", &["redshift-data:CancelStatement"], None),
];

/// Tasks on one table.
const TABLES: [(&str, &[&str]); 9] = [
    ("dynamodb:updateItem", &["dynamodb:UpdateItem"]),
    ("dynamodb:putItem", &["dynamodb:PutItem"]),
    ("dynamodb:getItem", &["dynamodb:GetItem"]),
    ("dynamodb:deleteItem", &["dynamodb:DeleteItem"]),
    ("dynamodb:updateTable", &["dynamodb:UpdateTable"]),
    ("dynamodb:query", &["dynamodb:Query"]),
    ("dynamodb:scan", &["dynamodb:Scan"]),
    ("dynamodb:batchGetItem", &["dynamodb:BatchGetItem"]),
    ("dynamodb:batchWriteItem", &["dynamodb:BatchWriteItem"]),
];

/// The statements of a state machine's role; a machine that does nothing is denied everything.
pub(super) fn statements<'a>(
    service: &Service<'a>,
    stack: &Stack<'a>,
    make: Make<'a>,
    machine: &Machine<'a>,
) -> Vec<Value<'a>> {
    let mut found: Vec<Permission<'a>> = Vec::new();
    let definition = read::given(machine.body, "definition");
    if definition.is_some_and(|d| read::settle(d).as_map().is_none()) {
        found.push(Permission { actions: &[], resources: Vec::new() });
    }
    let mut reader = Tasks { service, stack, machine, found: Vec::new() };
    if let Some(states) = definition.and_then(|d| read::get(d, "States")) {
        reader.states(states);
    }
    found.append(&mut reader.found);
    let mut always = |key: &str, actions| {
        if let Some(setting) = read::given(machine.body, key) {
            found.push(Permission { actions, resources: vec![make.at(setting.origin).text("*")] });
        }
    };
    always(
        "loggingConfig",
        &[
            "logs:CreateLogDelivery",
            "logs:GetLogDelivery",
            "logs:UpdateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:DescribeResourcePolicies",
            "logs:DescribeLogGroups",
        ],
    );
    always(
        "tracingConfig",
        &["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"],
    );
    if let Some(key) = read::at(machine.body, &["encryptionConfig", "KmsKeyId"]) {
        found.push(Permission { actions: &["kms:Decrypt", "kms:Encrypt"], resources: vec![substituted(service, key)] });
    }
    let own = read::given(machine.body, "iamRoleStatements").filter(|s| !is_empty(s));
    if found.is_empty() && own.is_none() {
        let deny = [("Effect", make.text("Deny")), ("Action", make.text("*")), ("Resource", make.text("*"))];
        return vec![make.map(&deny)];
    }
    let mut out: Vec<Value<'a>> = together(found).iter().map(|p| statement(service, make, p)).collect();
    out.extend(own.map(|list| role::statements(make, list)).unwrap_or_default());
    out
}

/// Permissions with the same actions are one; everything swallows the rest.
fn together(found: Vec<Permission<'_>>) -> Vec<Permission<'_>> {
    let mut out: Vec<Permission<'_>> = Vec::new();
    for mut permission in found {
        match out.iter_mut().find(|p| p.actions == permission.actions) {
            Some(old) => old.resources.append(&mut permission.resources),
            None => out.push(permission),
        }
    }
    for permission in &mut out {
        if let Some(all) = permission.resources.iter().find(|r| r.as_text() == Some("*")) {
            permission.resources = vec![*all];
        }
    }
    out
}

fn statement<'a>(service: &Service<'a>, make: Make<'a>, permission: &Permission<'a>) -> Value<'a> {
    let Some(first) = permission.resources.first() else {
        return service.build.unknown("the tasks of this state machine are not known", make.origin);
    };
    let make = make.at(first.origin);
    make.allow(permission.actions, make.list(&permission.resources))
}

struct Tasks<'s, 'a> {
    service: &'s Service<'a>,
    stack: &'s Stack<'a>,
    machine: &'s Machine<'a>,
    found: Vec<Permission<'a>>,
}

impl<'a> Tasks<'_, 'a> {
    fn put(&mut self, actions: &'static [&'static str], resources: Vec<Value<'a>>) {
        self.found.push(Permission { actions, resources });
    }

    /// Every task, those inside of branches and loops included. The definition's own depth is the bound.
    fn states(&mut self, states: Value<'a>) {
        for entry in read::settle(states).entries() {
            let state = entry.value;
            match read::text(state, "Type") {
                Some("Task") => self.task(state),
                Some("Parallel") => {
                    for branch in read::get(state, "Branches").map(read::items).unwrap_or_default() {
                        read::get(branch, "States").into_iter().for_each(|s| self.states(s));
                    }
                }
                Some("Map") => {
                    let inner = read::get(state, "ItemProcessor").or_else(|| read::get(state, "Iterator"));
                    if let Some(inner) = inner {
                        read::get(inner, "States").into_iter().for_each(|s| self.states(s));
                        if read::at(inner, &["ProcessorConfig", "Mode"]).and_then(|m| m.as_text())
                            == Some("DISTRIBUTED")
                        {
                            self.distributed(inner);
                        }
                    }
                    for key in ["ItemReader", "ResultWriter"] {
                        read::get(state, key).into_iter().for_each(|s| self.task(s));
                    }
                }
                Some(_) | None => {}
            }
        }
    }

    fn task(&mut self, state: Value<'a>) {
        let Some(resource) = read::get(state, "Resource") else { return };
        let make = self.service.make(resource.origin);
        let Some(text) = resource.as_text() else { return self.function(make, resource) };
        let service = text.split_once(":states:::").map(|(_, rest)| rest);
        let Some(task) = service.filter(|_| text.starts_with("arn:")) else {
            if text.starts_with("arn:") && text.split(':').nth(2) == Some("lambda") {
                self.function(make, resource);
            }
            return;
        };
        let call = task.split('.').next().unwrap_or(task);
        if let Some((_, actions, rule)) = FIXED.iter().find(|(name, ..)| *name == call) {
            self.put(actions, vec![make.text("*")]);
            rule.iter().for_each(|rule| self.rule(make, rule));
            return;
        }
        let table = call.strip_prefix("aws-sdk:").unwrap_or(call);
        if let Some((_, actions)) = TABLES.iter().find(|(name, _)| *name == table) {
            let tables = self.tables(make, state);
            return self.put(actions, tables);
        }
        match call {
            "sqs:sendMessage" => {
                let queue = parameter(state, "QueueUrl").map(|u| queue(make, u));
                self.put(&["sqs:SendMessage"], vec![queue.unwrap_or_else(|| make.text("*"))]);
            }
            "sns:publish" => {
                let topic = parameter(state, "TopicArn").unwrap_or_else(|| make.text("*"));
                self.put(&["sns:Publish"], vec![topic]);
            }
            "lambda:invoke" => match parameter(state, "FunctionName") {
                Some(name) => self.function(make, name),
                None => {
                    let allowed = parameter(state, "AllowedFunctions").map(read::items);
                    self.put(&["lambda:InvokeFunction"], allowed.unwrap_or_else(|| vec![make.text("*")]));
                }
            },
            "states:startExecution" => {
                self.execution(make, &["states:StartExecution"], parameter(state, "StateMachineArn"))
            }
            "aws-sdk:sfn:startSyncExecution" => {
                self.execution(make, &["states:StartSyncExecution"], parameter(state, "StateMachineArn"));
            }
            "events:putEvents" => self.buses(make, state),
            "http:invoke" => {
                let connection = parameter(state, "Authentication").and_then(|a| read::get(a, "ConnectionArn"));
                self.put(&["states:InvokeHTTPEndpoint"], vec![make.text("*")]);
                self.put(&["events:RetrieveConnectionCredentials"], vec![connection.unwrap_or_else(|| make.text("*"))]);
                let secrets = make.arn("secretsmanager", &[make.text("secret:events!connection/*")]);
                self.put(&["secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"], vec![secrets]);
            }
            "codebuild:startBuild" => {
                if let Some(project) = parameter(state, "ProjectName") {
                    let arn = make.arn("codebuild", &[make.text("project/"), project]);
                    self.put(&["codebuild:StartBuild", "codebuild:StopBuild", "codebuild:BatchGetBuilds"], vec![arn]);
                }
                self.rule(make, "StepFunctionsGetEventForCodeBuildStartBuildRule");
            }
            "bedrock:invokeModel" => {
                let Some(model) = parameter(state, "ModelId") else { return };
                let full = model.as_text().is_some_and(|m| m.starts_with("arn:"));
                let parts =
                    [make.text(":bedrock:"), make.reference("AWS::Region"), make.text("::foundation-model/"), model];
                self.put(&["bedrock:InvokeModel"], vec![if full { model } else { make.partition_arn(&parts) }]);
            }
            "aws-sdk:scheduler:createSchedule" => self.schedule(make, state, &["scheduler:CreateSchedule"]),
            "aws-sdk:scheduler:deleteSchedule" => self.schedule(make, state, &["scheduler:DeleteSchedule"]),
            "s3:getObject" | "aws-sdk:s3:getObject" => self.objects(make, state, &["s3:GetObject"]),
            "s3:putObject" | "aws-sdk:s3:putObject" => self.objects(make, state, &["s3:PutObject"]),
            "s3:listObjectsV2" | "aws-sdk:s3:listObjectsV2" => {
                let bucket = parameter(state, "Bucket").unwrap_or_else(|| make.text("*"));
                let arn = |tail| make.partition_arn(&[make.text(":s3:::"), bucket, make.text(tail)]);
                self.put(&["s3:Get*"], vec![arn(""), arn("/*")]);
                self.put(&["s3:List*"], vec![arn(""), arn("/*")]);
            }
            _ => {}
        }
    }

    fn rule(&mut self, make: Make<'a>, name: &'a str) {
        self.put(RULES, vec![make.arn("events", &[make.text("rule/"), make.text(name)])]);
    }

    /// A function by ARN, name or reference; its versions too.
    fn function(&mut self, make: Make<'a>, name: Value<'a>) {
        const INVOKE: &[&str] = &["lambda:InvokeFunction"];
        let function = translated(self.service, self.stack, name);
        let arns = match function.kind {
            Kind::Text(text) if text.starts_with("arn:") => {
                let mut parts: Vec<&str> = text.split(':').collect();
                // An alias is not part of what may be called: all versions may.
                parts.truncate(7);
                let arn = make.made(&parts.join(":"));
                vec![arn, make.concat(&[arn, make.text(":*")])]
            }
            Kind::Text(text) if text.split(':').count() == 3 && text.starts_with(|c: char| c.is_ascii_digit()) => {
                let parts = [make.text(":lambda:"), make.reference("AWS::Region"), make.text(":"), function];
                let arn = make.partition_arn(&parts);
                vec![arn, make.concat(&[arn, make.text(":*")])]
            }
            Kind::Text(_) | Kind::Intrinsic(Intrinsic::Ref(_)) => {
                let arn = make.arn("lambda", &[make.text("function:"), function]);
                vec![arn, make.concat(&[arn, make.text(":*")])]
            }
            Kind::Intrinsic(_) => vec![function, make.concat(&[function, make.text(":*")])],
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::List(_) | Kind::Map(_) | Kind::Unknown(_) => {
                vec![function]
            }
        };
        self.put(INVOKE, arns);
    }

    fn tables(&self, make: Make<'a>, state: Value<'a>) -> Vec<Value<'a>> {
        if let Some(items) = parameter(state, "RequestItems").and_then(|i| i.as_map()) {
            let name = |e: &Entry<'a>| make.at(e.key_origin).text(e.key.strip_suffix(".$").unwrap_or(e.key));
            return items.entries.iter().map(|e| table(make, name(e), None)).collect();
        }
        let Some(name) = parameter(state, "TableName") else { return vec![make.text("*")] };
        let computed = raw_parameter(state, "IndexName.$").is_some();
        let index = if computed { Some(make.text("*")) } else { raw_parameter(state, "IndexName") };
        vec![table(make, name, index)]
    }

    fn execution(&mut self, make: Make<'a>, actions: &'static [&'static str], machine: Option<Value<'a>>) {
        let machine = machine.map_or_else(|| make.text("*"), |m| translated(self.service, self.stack, m));
        let executions = match machine.kind {
            Kind::Text(text) if text != "*" => {
                make.written(format_args!("{}:*", text.replacen(":stateMachine:", ":execution:", 1)))
            }
            Kind::Intrinsic(Intrinsic::Sub { template, variables, .. }) => {
                let template = format!("{}:*", template.replacen(":stateMachine:", ":execution:", 1));
                self.service.build.sub_with(&template, *variables, machine.origin)
            }
            Kind::Text(_)
            | Kind::Null
            | Kind::Bool(_)
            | Kind::Number(_)
            | Kind::List(_)
            | Kind::Map(_)
            | Kind::Intrinsic(_)
            | Kind::Unknown(_) => make.text("*"),
        };
        self.put(actions, vec![machine]);
        self.put(&["states:DescribeExecution", "states:StopExecution"], vec![executions]);
        self.rule(make, "StepFunctionsGetEventsForStepFunctionsExecutionRule");
    }

    /// A distributed map starts executions of its own machine.
    fn distributed(&mut self, at: Value<'a>) {
        let make = self.service.make(at.origin);
        let name = read::given(self.machine.body, "name").unwrap_or_else(|| make.text(self.machine.key));
        let arn = |kind| make.arn("states", &[make.text(kind), name]);
        self.put(&["states:StartExecution"], vec![arn("stateMachine:")]);
        let executions = make.concat(&[arn("execution:"), make.text(":*")]);
        self.put(&["states:DescribeExecution", "states:StopExecution"], vec![executions]);
        self.rule(make, "StepFunctionsGetEventsForStepFunctionsExecutionRule");
    }

    fn buses(&mut self, make: Make<'a>, state: Value<'a>) {
        let entries = parameter(state, "Entries").map(read::items).unwrap_or_default();
        let mut arns = Vec::new();
        for entry in entries {
            let bus = read::given(entry, "EventBusName").unwrap_or_else(|| make.text("default"));
            arns.push(make.arn("events", &[make.text("event-bus/"), bus]));
        }
        if !arns.is_empty() {
            self.put(&["events:PutEvents"], arns);
        }
    }

    fn schedule(&mut self, make: Make<'a>, state: Value<'a>, actions: &'static [&'static str]) {
        let group = parameter(state, "GroupName").unwrap_or_else(|| make.text("default"));
        self.put(actions, vec![make.arn("scheduler", &[make.text("schedule/"), group, make.text("/*")])]);
        if let Some(role) = parameter(state, "Target").and_then(|t| read::given(t, "RoleArn")) {
            self.put(&["iam:PassRole"], vec![role]);
        }
    }

    fn objects(&mut self, make: Make<'a>, state: Value<'a>, actions: &'static [&'static str]) {
        let (bucket, key) = (parameter(state, "Bucket"), parameter(state, "Key"));
        let prefix = parameter(state, "Prefix");
        if bucket.is_none() && key.is_none() && prefix.is_none() {
            return self.put(actions, vec![make.text("*")]);
        }
        let all = make.text("*");
        let mut parts = vec![make.text(":s3:::"), bucket.unwrap_or(all), make.text("/")];
        parts.extend(prefix.into_iter().flat_map(|p| [p, make.text("/")]));
        parts.push(key.unwrap_or(all));
        self.put(actions, vec![make.partition_arn(&parts)]);
    }
}

/// A parameter that is written out, not computed from the input.
fn parameter<'a>(state: Value<'a>, key: &str) -> Option<Value<'a>> {
    raw_parameter(state, key).filter(|v| !v.as_text().is_some_and(|t| t.trim_start().starts_with("{%")))
}

fn raw_parameter<'a>(state: Value<'a>, key: &str) -> Option<Value<'a>> {
    ["Parameters", "Arguments"].iter().find_map(|section| read::at(state, &[section, key]))
}

/// A queue's ARN from its URL.
fn queue<'a>(make: Make<'a>, url: Value<'a>) -> Value<'a> {
    let make = make.at(url.origin);
    match url.kind {
        Kind::Intrinsic(Intrinsic::Ref(id)) => make.att(id, "Arn"),
        Kind::Text(text) => {
            let rest = text.strip_prefix("https://sqs.").and_then(|r| r.split_once(".amazonaws.com/"));
            match rest.and_then(|(region, path)| Some((region, path.split_once('/')?))) {
                Some((region, (account, name))) => make.written(format_args!("arn:aws:sqs:{region}:{account}:{name}")),
                None => make.text("*"),
            }
        }
        Kind::Null
        | Kind::Bool(_)
        | Kind::Number(_)
        | Kind::List(_)
        | Kind::Map(_)
        | Kind::Intrinsic(_)
        | Kind::Unknown(_) => make.text("*"),
    }
}

fn table<'a>(make: Make<'a>, name: Value<'a>, index: Option<Value<'a>>) -> Value<'a> {
    let arn = match name.kind {
        Kind::Intrinsic(Intrinsic::Ref(id)) if index.is_none() => return make.at(name.origin).att(id, "Arn"),
        _ => make.arn("dynamodb", &[make.text("table/"), name]),
    };
    match index {
        Some(index) => make.concat(&[arn, make.text("/index/"), index]),
        None => arn,
    }
}
