//! The policies that AWS manages: every name, and what those that templates attach allow.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use memchr::memmem;

use super::{Summary, actions, enumerate};
use crate::analysis::memo::Memo;

static TEXT: &str = include_str!("managed.txt");

/// What a policy begins with.
const BLOCK: &[u8] = b"\n@";

/// What each amounts to: made by [`Policy::summarise`], since counting the actions of one takes longer than a scan.
static SUMMARIES: &str = include_str!("managed-summaries.txt");

/// A policy that AWS manages.
#[derive(Debug)]
pub struct Policy {
    /// Its name: `AWSLambdaBasicExecutionRole`.
    pub name: &'static str,
    /// Its path without slashes: empty, `service-role`, `job-function`, `aws-service-role`.
    pub path: &'static str,
    body: &'static str,
    /// Read at the first question: many roles have the same few.
    statements: OnceLock<Option<Vec<Statement>>>,
}

/// A statement of such a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// False for `Deny`.
    pub allows: bool,
    /// The actions, or with `except` those that are left out.
    pub actions: Vec<String>,
    /// True for `NotAction`.
    pub except: bool,
    /// The resources.
    pub resources: Vec<&'static str>,
    /// True for `NotResource`.
    pub elsewhere: bool,
    /// `Condition` as JSON, when there is one.
    pub condition: Option<&'static str>,
}

impl Statement {
    /// The services that roles may be passed to, by their hosts, and whether its condition says no more than that; `None`
    /// when it does not say so.
    #[must_use]
    pub fn passed_to(&self) -> Option<(Vec<String>, bool)> {
        // Most conditions are about something else, and reading them takes time.
        let condition = self.condition.filter(|condition| condition.contains("iam:PassedToService"))?;
        let operators: BTreeMap<String, BTreeMap<String, OneOrMore>> = serde_json::from_str(condition).ok()?;
        let alone = operators.len() == 1 && operators.values().all(|keys| keys.len() == 1);
        let (operator, services) = operators
            .into_iter()
            .find_map(|(operator, mut keys)| Some((operator, keys.remove("iam:PassedToService")?)))?;
        let hosts = match services {
            OneOrMore::One(host) => vec![host],
            OneOrMore::More(hosts) => hosts,
        };
        Some((hosts, alone && matches!(operator.as_str(), "StringEquals" | "StringLike")))
    }
}

/// What a condition compares a key with.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// The policy of an ARN such as `arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole`; the
/// partition may be anything, the path must be right.
#[must_use]
pub fn of_arn(arn: &str) -> Option<&'static Policy> {
    let (_, rest) = arn.split_once(":iam::aws:policy/")?;
    let (path, name) = rest.rsplit_once('/').unwrap_or(("", rest));
    named(name).filter(|policy| policy.path == path)
}

/// The policy of a name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Policy> {
    // A program asks for a few of the hundreds, and what was read of one stays.
    static READ: Memo<usize, Option<&'static Policy>> = Memo::new(1 << 12);
    // The table is sorted whatever the case of letters.
    let found = starts().binary_search_by(|at| small(name_at(*at)).cmp(small(name))).ok()?;
    let at = starts().get(found).filter(|at| name_at(**at) == name)?;
    let end = starts().get(found + 1).map_or(TEXT.len(), |next| next - BLOCK.len());
    READ.answer(at, |_| 1, || Policy::of(TEXT.get(*at..end)?).map(|policy| &*Box::leak(Box::new(policy))))
}

/// Every policy, in the order of the table.
pub fn policies() -> impl Iterator<Item = &'static Policy> {
    starts().iter().filter_map(|at| named(name_at(*at)))
}

/// Where each policy begins in the table: reading all of them takes longer than judging a template.
fn starts() -> &'static [usize] {
    static ALL: LazyLock<Vec<usize>> =
        LazyLock::new(|| memmem::find_iter(TEXT.as_bytes(), BLOCK).map(|at| at + BLOCK.len()).collect());
    &ALL
}

fn small(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().map(|letter| letter.to_ascii_lowercase())
}

/// The name of the policy that begins at a place of the table.
fn name_at(at: usize) -> &'static str {
    TEXT.get(at..).and_then(head).map_or("", |(_, name)| name)
}

/// The path and the name that a policy of the table begins with.
fn head(text: &'static str) -> Option<(&'static str, &'static str)> {
    text.lines().next()?.split_once(' ')
}

impl Policy {
    fn of(text: &'static str) -> Option<Self> {
        let ((path, name), (_, body)) = (head(text)?, text.split_once('\n')?);
        Some(Self { name, path, body: body.trim_end_matches('\n'), statements: OnceLock::new() })
    }

    /// Its ARN in the public partition.
    #[must_use]
    pub fn arn(&self) -> String {
        let slash = if self.path.is_empty() { "" } else { "/" };
        format!("arn:aws:iam::aws:policy/{}{slash}{}", self.path, self.name)
    }

    /// What it says; `None` when the table has its name only.
    #[must_use]
    pub fn statements(&self) -> Option<&[Statement]> {
        let read = || (self.body != "?").then(|| self.body.lines().filter_map(statement).collect());
        self.statements.get_or_init(read).as_deref()
    }

    /// What it amounts to, in the words of messages: "78 actions, 31 of them …", "everything but `iam:*` …"; `None` when
    /// the table has its name only.
    #[must_use]
    pub fn summary(&self) -> Option<&'static str> {
        let key = format!("\n{}\t", self.name);
        let at = memmem::find(SUMMARIES.as_bytes(), key.as_bytes())?;
        SUMMARIES.get(at + key.len()..)?.lines().next()
    }

    /// The same, counted: what the table of summaries is made from.
    #[must_use]
    pub fn summarise(&self) -> Option<String> {
        let statements = self.statements()?;
        let left_out = statements.iter().filter(|s| s.allows && s.except).flat_map(|s| &s.actions);
        let left_out: Vec<String> = left_out.map(ToString::to_string).collect();
        if !left_out.is_empty() {
            return Some(format!("everything but {}", enumerate(&left_out, 3, |action| format!("`{action}`"))));
        }
        let allowed = statements.iter().filter(|s| s.allows && !s.except).flat_map(|s| &s.actions);
        Some(Summary::of(allowed.flat_map(|a| actions::expand(a))).to_string())
    }

    /// True when it allows every action on every resource.
    #[must_use]
    pub fn administrator(&self) -> bool {
        let all = |s: &Statement| {
            let plain = s.allows && !s.except && !s.elsewhere && s.condition.is_none();
            plain && s.resources == ["*"] && s.actions.iter().any(|a| a == "*")
        };
        self.statements().is_some_and(|s| s.iter().any(all))
    }
}

// `+s3:Get*,List*;logs:*` TAB resources TAB condition: see `managed` in refresh.py.
fn statement(line: &'static str) -> Option<Statement> {
    let mut fields = line.split('\t');
    let (grants, resources, condition) = (fields.next()?, fields.next().unwrap_or("*"), fields.next());
    let allows = grants.starts_with('+');
    let grants = grants.get(1..)?;
    let (except, grants) = grants.strip_prefix('!').map_or((false, grants), |g| (true, g));
    let (elsewhere, resources) = resources.strip_prefix('!').map_or((false, resources), |r| (true, r));
    let mut actions = Vec::new();
    for group in grants.split(';') {
        match group.split_once(':') {
            Some((prefix, names)) => actions.extend(names.split(',').map(|name| format!("{prefix}:{name}"))),
            None => actions.push(group.to_owned()),
        }
    }
    Some(Statement { allows, actions, except, resources: resources.split(' ').collect(), elsewhere, condition })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ARNs lead to policies, with the right path only.
    #[test]
    fn finds_policies() {
        let basic = of_arn("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole").expect("a policy");
        assert_eq!(basic.arn(), "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole");
        assert!(of_arn("arn:aws-cn:iam::aws:policy/AdministratorAccess").is_some_and(|p| p.administrator()));
        assert!(of_arn("arn:aws:iam::aws:policy/AWSLambdaBasicExecutionRole").is_none());
        assert!(of_arn("arn:aws:iam::111122223333:policy/Own").is_none());
        let told = |name: &str| named(name).and_then(|policy| policy.summary());
        assert!(told("PowerUserAccess").is_some_and(|told| told.starts_with("everything but ")));
        assert_eq!(told("AccessAnalyzerServiceRolePolicy"), None);
    }

    /// Statements come back as they were, groups of actions taken apart.
    #[test]
    fn reads_statements() {
        let logs = named("AWSLambdaBasicExecutionRole").and_then(|p| p.statements()).expect("statements");
        let [only] = logs else { panic!("one statement: {logs:?}") };
        assert!(only.allows && !only.except && only.condition.is_none());
        assert_eq!(only.actions, ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]);
        assert_eq!(only.resources, ["*"]);
        let power = named("PowerUserAccess").and_then(|p| p.statements()).expect("statements");
        assert!(power.iter().any(|s| s.except && s.actions.iter().any(|a| a == "iam:*")));
        assert!(!named("PowerUserAccess").is_some_and(|p| p.administrator()));
    }

    /// An administrator may do everything, everywhere, whatever the circumstances.
    #[test]
    fn administrators() {
        let administrator =
            |body: &'static str| Policy { name: "Own", path: "", body, statements: OnceLock::new() }.administrator();
        assert!(administrator("+*") && administrator("+*\t*") && administrator("+s3:*;*\t*"));
        assert!(administrator("+s3:Get*\n+*"));
        for less in
            ["-*\t*", "+!iam:*\t*", "+!*\t*", "+s3:*\t*", "+*\t!*", "+*\tarn:aws:s3:::*", "+*\t* *", "+*\t*\t{}", "?"]
        {
            assert!(!administrator(less), "{less}");
        }
    }

    /// Every policy of the table is found by its name, and nothing else is.
    #[test]
    fn finds_all() {
        assert_eq!(policies().count(), TEXT.matches("\n@").count());
        assert!(policies().count() > 1500);
        for policy in policies() {
            let name = policy.name;
            assert!(named(name).is_some_and(|again| std::ptr::eq(policy, again)), "{name} is read once");
            for other in [name.to_lowercase(), format!("{name}0"), format!("0{name}")] {
                assert!(named(&other).is_none_or(|found| found.name == other), "{other}");
            }
        }
        for other in ["", "A", "zzz", "\n@", "?", " ", "é"] {
            assert!(named(other).is_none(), "{other}");
        }
    }

    /// Every statement of every policy can be read, and its condition is JSON.
    #[test]
    fn reads_all() {
        let mut read = 0;
        for policy in policies() {
            for statement in policy.statements().unwrap_or_default() {
                assert!(!statement.actions.is_empty() && !statement.resources.is_empty(), "{policy:?}");
                assert!(statement.actions.iter().all(|a| a == "*" || a.contains(':')), "{statement:?}");
                if let Some(condition) = statement.condition {
                    let passes = condition.contains("iam:PassedToService");
                    let hosts = statement.passed_to().map(|(hosts, _)| hosts).unwrap_or_default();
                    assert_eq!(passes, hosts.iter().any(|host| host.contains(".amazonaws.com")), "{condition}");
                    let json: Result<serde_json::Value, _> = serde_json::from_str(condition);
                    assert!(json.is_ok_and(|j| j.is_object()), "{condition}");
                }
            }
            read += usize::from(policy.statements().is_some());
        }
        assert!(read > 400, "{read}");
    }
}
