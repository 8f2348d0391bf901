//! Every known way to become more than one is: open in its bad example, closed in its good one.
//!
//! The examples are rows of `testdata/iam/escalation.tsv`; the templates are put together here.

use std::collections::BTreeMap;
use std::sync::Arc;

use portcullis::analysis::iam::escalation::escalations;
use portcullis::scan::scan;
use portcullis::source::{NoFiles, Source};
use serde_json::{Value, json};

use crate::only::only;

static ROWS: &str = include_str!("../../testdata/iam/escalation.tsv");
const RULE: &str = "iam-privilege-escalation";

struct Row<'r> {
    name: &'r str,
    bad: &'r str,
    /// What closes the way, and which actions it is about.
    good: (&'r str, Vec<&'r str>),
    told: Vec<&'r str>,
    actions: Vec<&'r str>,
}

fn rows() -> Vec<Row<'static>> {
    let row = |line: &'static str| {
        let columns: Vec<&str> = line.split('\t').collect();
        let [name, bad, good, told, actions] = columns[..] else { panic!("five columns: {line}") };
        let (how, about) = good.split_once(' ').expect("a way to close it, and an action");
        let words = |text: &'static str, by: char| text.split(by).collect();
        Row { name, bad, good: (how, words(about, '+')), told: words(told, ' '), actions: words(actions, ' ') }
    };
    ROWS.lines().filter(|line| !line.starts_with('#')).map(row).collect()
}

/// What the rule says of a template.
fn told(template: &Value) -> Vec<String> {
    let source = Arc::new(Source::new("template.json", template.to_string()));
    let outcome = scan(&source, &only(RULE), &NoFiles, &BTreeMap::new());
    assert!(outcome.failures.is_empty(), "{:?}", outcome.failures);
    outcome.findings.into_iter().map(|finding| finding.message).collect()
}

fn allow(action: &str, resource: &Value) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

/// A role with these policies, and what else the template holds.
struct Template {
    role: Value,
    others: serde_json::Map<String, Value>,
}

impl Template {
    /// Puts statements together as the row's bad example wants them.
    fn of(shape: &str, statements: Vec<Value>) -> Self {
        let role = json!({"AssumeRolePolicyDocument": {}});
        let mut template = Self { role, others: serde_json::Map::new() };
        let (first, rest) = statements.split_at(1);
        match shape {
            "one-statement" | "two-statements" | "wildcards" => template.inline(&statements),
            "two-policies" => {
                template.policy("First", "AWS::IAM::Policy", first);
                template.policy("Second", "AWS::IAM::Policy", rest);
            }
            "managed-and-inline" => {
                template.inline(first);
                template.policy("Managed", "AWS::IAM::ManagedPolicy", rest);
            }
            other => panic!("no such shape: {other}"),
        }
        template
    }

    fn inline(&mut self, statements: &[Value]) {
        self.role["Policies"] = json!([{"PolicyName": "own", "PolicyDocument": {"Statement": statements}}]);
    }

    fn policy(&mut self, id: &str, kind: &str, statements: &[Value]) {
        let properties =
            json!({"PolicyName": id, "Roles": [{"Ref": "Role"}], "PolicyDocument": {"Statement": statements}});
        self.others.insert(id.to_owned(), json!({"Type": kind, "Properties": properties}));
    }

    fn json(mut self) -> Value {
        self.others.insert("Role".to_owned(), json!({"Type": "AWS::IAM::Role", "Properties": self.role}));
        json!({"Resources": self.others})
    }
}

/// A wildcard that means the action and little else.
fn cut(action: &str) -> String {
    format!("{}*", &action[..action.len() - 1])
}

impl Row<'_> {
    fn statements(&self) -> Vec<Value> {
        let name = |action: &&str| if self.bad == "wildcards" { cut(action) } else { (*action).to_owned() };
        self.actions.iter().map(|action| allow(&name(action), &json!("*"))).collect()
    }

    fn bad(&self) -> Value {
        Template::of(self.bad, self.statements()).json()
    }

    /// The bad example, with one thing that closes the way.
    fn good(&self) -> Value {
        let (how, about) = &self.good;
        let mut statements = self.statements();
        let mut places = self.actions.iter().zip(statements.iter_mut());
        let mut about_it = || places.by_ref().find(|(action, _)| about.contains(action)).expect("its action").1;
        match *how {
            "without" => about_it()["Action"] = json!("sts:GetCallerIdentity"),
            "narrow" => about_it()["Resource"] = json!("arn:aws:iam::111122223333:role/one"),
            "condition" => about_it()["Condition"] = json!({"StringEquals": {"aws:ResourceTag/Team": "shop"}}),
            "passed-elsewhere" => {
                about_it()["Condition"] = json!({"StringEquals": {"iam:PassedToService": "rds.amazonaws.com"}});
            }
            "deny" | "boundary" => {}
            other => panic!("no such way to close it: {other}"),
        }
        let mut template = Template::of(self.bad, statements);
        if *how == "deny" {
            template.policy(
                "Denial",
                "AWS::IAM::ManagedPolicy",
                &[json!({"Effect": "Deny", "Action": about, "Resource": "*"})],
            );
        }
        if *how == "boundary" {
            let statement = json!({"Effect": "Allow", "NotAction": about, "Resource": "*"});
            let properties = json!({"PolicyDocument": {"Statement": [statement]}});
            let boundary = json!({"Type": "AWS::IAM::ManagedPolicy", "Properties": properties});
            template.others.insert("Boundary".to_owned(), boundary);
            template.role["PermissionsBoundary"] = json!({"Ref": "Boundary"});
        }
        template.json()
    }
}

/// Each of the known ways is told in its bad example, with all its actions; the shortest way is the one that is told.
#[test]
fn bad_examples_are_told() {
    let rows = rows();
    assert_eq!(rows.len(), 139);
    for row in &rows {
        let template = row.bad();
        let said = told(&template);
        let [message] = &said[..] else { panic!("{}: one finding is due, not {said:?}\n{template:#}", row.name) };
        let shortest = row.told.iter().filter_map(|name| rows.iter().find(|r| r.name == *name));
        let place = |name: &str| escalations().iter().position(|way| way.name == name);
        let first = shortest.min_by_key(|r| (r.actions.len(), place(r.name))).expect("a way that is told");
        let names: Vec<String> = first.actions.iter().map(|action| format!("`{action}`")).collect();
        assert!(message.contains(&format!("it allows {}", names.join(" and "))), "{}: {message}", row.name);
    }
}

/// Without one of its actions, with a denial, a boundary, a narrowing condition or a narrower resource there is no way.
#[test]
fn good_examples_are_silent() {
    for row in &rows() {
        let template = row.good();
        let said = told(&template);
        assert!(said.is_empty(), "{} ({}): {said:?}\n{template:#}", row.name, row.good.0);
    }
}
