//! What a keystroke costs in an editor: the time from the change to the diagnostics in a template of some 2,000
//! lines, and whether memory stays flat over many edits. `cargo bench --bench keystroke -- [EDITS]` (default 10,000).

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a program that measures, run by hand")]

use std::time::{Duration, Instant};

use portcullis::config::Layer;
use portcullis::lsp::{Connection, Message, Notification, Options, Request, serve};
use serde_json::{Value, json};

/// The budget for one keystroke.
const BUDGET: Duration = Duration::from_millis(30);

const ADDRESS: &str = "file:///nowhere/template.yaml";

fn main() {
    let edits: usize = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(10_000);
    let text = template();
    let (server, client) = Connection::memory();
    let thread = std::thread::spawn(move || serve(server, options()));
    let mut editor = Editor { client, version: 1 };
    let found = editor.open(&text);
    assert!(found > 10, "the template is read as one");
    println!("{} lines, {} bytes, {found} diagnostics", text.lines().count(), text.len());
    let mut times = Vec::with_capacity(edits);
    let mut memory = Vec::new();
    for edit in 0..edits {
        // A letter is typed at the end of a description and taken away again.
        let line = text.lines().position(|line| line.contains("Description: Q")).expect("it has one");
        let column = "      Description: Q".len();
        let (from, to, letter) = if edit % 2 == 0 { (column, column, "x") } else { (column, column + 1, "") };
        times.push(editor.change(line, from, to, letter));
        if (edit + 1) % (edits / 10).max(1) == 0 {
            memory.push(resident());
        }
    }
    editor.leave();
    let ended = thread.join().expect("the server lives").expect("threads can be started");
    times.sort();
    let at = |share: usize| times.get((times.len() * share / 100).min(times.len() - 1)).copied().unwrap_or_default();
    println!(
        "{edits} edits, each until its diagnostics: median {:.2?}, 95 % {:.2?}, worst {:.2?}",
        at(50),
        at(95),
        at(100)
    );
    println!(
        "processor time an edit, both ends of the conversation: {:.2} ms",
        processor() * 1e3 / edits.max(1) as f64
    );
    println!("budget {BUDGET:.0?}: {}", if at(95) <= BUDGET { "kept" } else { "broken" });
    println!("resident memory after each tenth, in MB: {memory:.1?} ({ended:?})");
}

fn options() -> Options {
    Options {
        config: None,
        no_config: true,
        layer: Layer::default(),
        today: || "2026-11-21".to_owned(),
        // What is measured is the server, not its patience.
        debounce: Duration::ZERO,
    }
}

struct Editor {
    client: Connection,
    version: i64,
}

impl Editor {
    fn open(&mut self, text: &str) -> usize {
        let params = json!({ "capabilities": {}, "rootUri": null });
        self.send(Request::new(1.into(), "initialize".to_owned(), params));
        self.client.receiver.recv().expect("an answer");
        self.tell("initialized", json!({}));
        let document = json!({ "uri": ADDRESS, "languageId": "yaml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", json!({ "textDocument": document }));
        self.diagnostics()
    }

    fn change(&mut self, line: usize, from: usize, to: usize, text: &str) -> Duration {
        self.version += 1;
        let range = json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } });
        let params = json!({
            "textDocument": { "uri": ADDRESS, "version": self.version },
            "contentChanges": [{ "range": range, "text": text }],
        });
        let start = Instant::now();
        self.tell("textDocument/didChange", params);
        self.diagnostics();
        start.elapsed()
    }

    /// Waits for the diagnostics of the present version; how many there are.
    fn diagnostics(&self) -> usize {
        loop {
            let Message::Notification(said) = self.client.receiver.recv().expect("the server lives") else { continue };
            if said.method == "textDocument/publishDiagnostics" && said.params["version"] == self.version {
                return said.params["diagnostics"].as_array().map_or(0, Vec::len);
            }
        }
    }

    fn leave(&self) {
        self.send(Request::new(2.into(), "shutdown".to_owned(), Value::Null));
        self.tell("exit", Value::Null);
    }

    fn tell(&self, method: &str, params: Value) {
        self.send(Notification::new(method.to_owned(), params));
    }

    fn send(&self, message: impl Into<Message>) {
        self.client.sender.send(message.into()).expect("the server lives");
    }
}

/// Megabytes in use, where the system says so.
fn resident() -> f64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<f64>().ok());
    pages.map_or(f64::NAN, |pages| pages * 4096.0 / 1e6)
}

/// Seconds of processor time of this process, where the system says so; unlike the clock on the wall they do not
/// depend on what else the machine does.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or("");
    let ticks: f64 = after.split_whitespace().skip(11).take(2).filter_map(|word| word.parse::<f64>().ok()).sum();
    ticks / 100.0
}

/// A template as large applications have them: functions with roles, queues, tables, buckets, alarms.
fn template() -> String {
    let mut text = String::from(
        "AWSTemplateFormatVersion: '2010-09-09'\nParameters:\n  Stage:\n    Type: String\n    Default: dev\n    AllowedValues: [dev, prod]\nConditions:\n  IsProd: !Equals [!Ref Stage, prod]\nResources:\n",
    );
    let mut at = 0;
    while text.lines().count() < 2_000 {
        text.push_str(&PART.replace('@', &at.to_string()));
        at += 1;
    }
    text
}

const PART: &str = "  Role@:
    Type: AWS::IAM::Role
    Properties:
      Description: Q
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Allow
            Principal: { Service: lambda.amazonaws.com }
            Action: sts:AssumeRole
      Policies:
        - PolicyName: work
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:PutItem]
                Resource: !GetAtt Table@.Arn
              - Effect: Allow
                Action: sqs:SendMessage
                Resource: !If [IsProd, !GetAtt Queue@.Arn, '*']
  Function@:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role@.Arn
      Code: { S3Bucket: artifacts, S3Key: !Sub 'function-@-${Stage}.zip' }
      Environment:
        Variables:
          TABLE: !Ref Table@
          QUEUE: !Ref Queue@
  Trigger@:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Queue@.Arn
      FunctionName: !Ref Function@
  Table@:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - { AttributeName: id, AttributeType: S }
      KeySchema:
        - { AttributeName: id, KeyType: HASH }
  Queue@:
    Type: AWS::SQS::Queue
    Properties:
      SqsManagedSseEnabled: true
      VisibilityTimeout: 60
  Bucket@:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: { SSEAlgorithm: AES256 }
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: true
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
  Policy@:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket@
      PolicyDocument:
        Version: '2012-10-17'
        Statement:
          - Effect: Deny
            Principal: '*'
            Action: s3:*
            Resource: [!GetAtt Bucket@.Arn, !Sub '${Bucket@.Arn}/*']
            Condition: { Bool: { 'aws:SecureTransport': 'false' } }
  Alarm@:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmDescription: too many errors
      Namespace: AWS/Lambda
      MetricName: Errors
      Dimensions: [{ Name: FunctionName, Value: !Ref Function@ }]
      Statistic: Sum
      Period: 60
      EvaluationPeriods: 1
      Threshold: 1
      ComparisonOperator: GreaterThanOrEqualToThreshold
";
