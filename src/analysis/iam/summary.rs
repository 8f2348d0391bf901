//! What a set of actions amounts to, in half a sentence.

use std::cmp::Reverse;
use std::fmt;

use foldhash::{HashSet, HashSetExt};

use super::actions::{Action, Level};

/// A count of actions by level; prints as "78 actions, 31 of them write or permissions management, among
/// them `DeleteTable`".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many there are, each once.
    pub total: usize,
    /// How many of each level, in the order of [`Level::ALL`].
    pub by_level: [usize; 5],
    /// How many that change something cannot be scoped to a resource.
    pub unscopable: usize,
    /// The one to name: what would hurt most, in words that people know.
    pub example: Option<&'static Action>,
    services: usize,
}

impl Summary {
    /// Counts actions; those that come twice count once.
    #[must_use]
    pub fn of(actions: impl IntoIterator<Item = &'static Action>) -> Self {
        let mut summary = Self::default();
        // The table is one for all, so an action is known by where it lies.
        let (mut seen, mut services) = (HashSet::new(), HashSet::new());
        let (mut changing, mut last) = (Vec::new(), None);
        for action in actions {
            if !seen.insert(std::ptr::from_ref(action)) {
                continue;
            }
            let service = std::ptr::from_ref(action.service);
            if last != Some(service) {
                services.insert(service);
                last = Some(service);
            }
            summary.total += 1;
            for (count, level) in summary.by_level.iter_mut().zip(Level::ALL) {
                *count += usize::from(level == action.level);
            }
            if action.level.changes() {
                summary.unscopable += usize::from(!action.scopable());
                changing.push(action);
            }
        }
        summary.example = worst(changing.iter().copied());
        summary.services = services.len();
        summary
    }

    /// How many write or change permissions.
    #[must_use]
    pub fn changing(&self) -> usize {
        self.by_level.iter().zip(Level::ALL).filter(|(_, level)| level.changes()).map(|(n, _)| n).sum()
    }

    /// How many are of a level.
    #[must_use]
    pub fn level(&self, level: Level) -> usize {
        self.by_level.iter().zip(Level::ALL).find(|(_, l)| *l == level).map_or(0, |(n, _)| *n)
    }
}

/// `a, b and 3 more`, each of the shown ones called by its name.
pub fn enumerate(items: &[String], at_most: usize, name: impl Fn(&str) -> String) -> String {
    let (first, rest) = items.split_at(items.len().min(at_most));
    let names: Vec<String> = first.iter().map(|item| name(item)).collect();
    match (names.as_slice(), rest.len()) {
        ([one], 0) => one.clone(),
        ([all @ .., last], 0) => format!("{} and {last}", all.join(", ")),
        (all, more) => format!("{} and {more} more", all.join(", ")),
    }
}

/// What `*` amounts to: counting it would read the whole table, and most templates with a wildcard have this one.
pub const EVERYTHING: &str =
    "22,356 actions, 11,944 of them write or permissions management, among them `iam:AttachRolePolicy`";

// What people know to fear, the worst first. The order between services is arbitrary.
const NOTORIOUS: [&str; 52] = [
    "iam:AttachRolePolicy",
    "iam:CreateAccessKey",
    "iam:PassRole",
    "sts:AssumeRole",
    "kms:ScheduleKeyDeletion",
    "s3:DeleteBucket",
    "s3:PutBucketPolicy",
    "s3:DeleteObject",
    "dynamodb:DeleteTable",
    "dynamodb:DeleteItem",
    "rds:DeleteDBCluster",
    "rds:DeleteDBInstance",
    "secretsmanager:DeleteSecret",
    "ec2:TerminateInstances",
    "ec2:AuthorizeSecurityGroupIngress",
    "lambda:UpdateFunctionCode",
    "lambda:DeleteFunction",
    "lambda:InvokeFunction",
    "cloudformation:DeleteStack",
    "organizations:LeaveOrganization",
    "cloudtrail:StopLogging",
    "cloudtrail:DeleteTrail",
    "logs:DeleteLogGroup",
    "ssm:SendCommand",
    "ssm:DeleteParameter",
    "sqs:DeleteQueue",
    "sqs:PurgeQueue",
    "sns:DeleteTopic",
    "events:DeleteRule",
    "events:PutTargets",
    "states:DeleteStateMachine",
    "kinesis:DeleteStream",
    "firehose:DeleteDeliveryStream",
    "cognito-idp:DeleteUserPool",
    "cognito-idp:AdminCreateUser",
    "apigateway:DELETE",
    "es:DeleteDomain",
    "ecr:DeleteRepository",
    "ecs:DeleteCluster",
    "eks:DeleteCluster",
    "ses:SendRawEmail",
    "redshift:DeleteCluster",
    "route53:ChangeResourceRecordSets",
    "kms:CreateGrant",
    "iot:DeleteThing",
    "codebuild:DeleteProject",
    "glue:DeleteTable",
    "rekognition:DeleteCollection",
    "codepipeline:DeletePipeline",
    "appsync:DeleteGraphqlApi",
    "elasticache:DeleteCacheCluster",
    "elasticfilesystem:DeleteFileSystem",
];

/// Of the actions that change something the one that would hurt most, in words that people know.
///
/// Whoever means every action of AWS means the first of the notorious: that is found without weighing the others.
pub fn worst(actions: impl Iterator<Item = &'static Action>) -> Option<&'static Action> {
    let changing: Vec<_> = actions.filter(|action| action.level.changes()).collect();
    let notorious = NOTORIOUS.iter().find_map(|known| {
        let (prefix, name) = known.split_once(':')?;
        changing.iter().copied().find(|action| action.name == name && action.service.prefix == prefix)
    });
    notorious
        .or_else(|| changing.into_iter().min_by_key(|action| (Reverse(weight(action)), action.name.len(), action.name)))
}

// Where none of them is meant, deleting the thing that the service is about says most.
fn weight(action: &Action) -> usize {
    let verbs = ["Delete", "Terminate", "Put", "Update", "Create"];
    let Some((at, thing)) = verbs.iter().enumerate().find_map(|(at, v)| Some((at, action.name.strip_prefix(v)?)))
    else {
        return 0;
    };
    let own = action.resources().any(|r| r.name.eq_ignore_ascii_case(thing));
    verbs.len() - at + if own { 10 } else { 0 }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} action{}", thousands(self.total), if self.total == 1 { "" } else { "s" })?;
        let changing = self.changing();
        let Some(example) = self.example else { return Ok(()) };
        if changing == self.total {
            f.write_str(if changing == 1 { ", which is " } else { ", all of them " })?;
        } else {
            write!(f, ", {} of them ", thousands(changing))?;
        }
        f.write_str(match (self.level(Level::Write), self.level(Level::Permissions)) {
            (_, 0) => "write",
            (0, _) => "permissions management",
            _ => "write or permissions management",
        })?;
        if self.total == 1 {
            return Ok(());
        }
        if self.services == 1 {
            write!(f, ", among them `{}`", example.name)
        } else {
            write!(f, ", among them `{example}`")
        }
    }
}

fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + 2);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::actions::expand;
    use super::*;

    /// The sentence names a count, how many change something, and the one that people know.
    #[test]
    fn says_what_a_wildcard_allows() {
        let said = |pattern: &str| Summary::of(expand(pattern)).to_string();
        let tables = said("dynamodb:*");
        assert!(tables.ends_with(" of them write or permissions management, among them `DeleteTable`"), "{tables}");
        assert!(said("s3:*").ends_with("among them `DeleteBucket`"), "{}", said("s3:*"));
        assert!(said("sqs:*").ends_with("among them `DeleteQueue`"));
        assert_eq!(said("*"), EVERYTHING);
        assert!(EVERYTHING.ends_with("among them `iam:AttachRolePolicy`"));
        assert!(said("athena:*").ends_with("among them `DeleteWorkGroup`"), "{}", said("athena:*"));
        assert_eq!(said("dynamodb:GetItem"), "1 action");
        assert_eq!(said("dynamodb:PutItem"), "1 action, which is write");
        assert_eq!(said("no:Such"), "0 actions");
    }

    /// What is notorious exists and changes something.
    #[test]
    fn the_notorious_exist() {
        for name in NOTORIOUS {
            assert!(
                super::super::actions::lookup(name).is_some_and(|a| a.level.changes() || a.name == "AssumeRole"),
                "{name}"
            );
        }
    }

    /// Of actions alike the first is the example; what only reads is none.
    #[test]
    fn examples_are_the_first() {
        let example = |all: &[&str]| {
            let summary = Summary::of(all.iter().filter_map(|name| super::super::actions::lookup(name)));
            summary.example.map(ToString::to_string).unwrap_or_default()
        };
        assert_eq!(
            example(&["appconfig:CreateApplication", "kinesisanalytics:CreateApplication"]),
            "appconfig:CreateApplication"
        );
        assert_eq!(
            example(&["kinesisanalytics:CreateApplication", "appconfig:CreateApplication"]),
            "kinesisanalytics:CreateApplication"
        );
        assert_eq!(example(&["sqs:ListQueues"]), "");
    }

    /// An action that two patterns mean is counted once.
    #[test]
    fn counts_each_once() {
        let twice = Summary::of(expand("sqs:Send*").chain(expand("sqs:SendMessage")));
        assert_eq!(twice.total, 1);
        assert_eq!(twice.changing(), 1);
        assert_eq!(thousands(1_234_567), "1,234,567");
    }

    /// Services and levels are counted.
    #[test]
    fn services_and_levels() {
        let summary = Summary::of(expand("sqs:*Message").chain(expand("sns:Publish")).chain(expand("sqs:ListQueues")));
        assert_eq!((summary.total, summary.services, summary.changing()), (5, 2, 3));
        let levels = Level::ALL.map(|level| summary.level(level));
        assert_eq!((levels.iter().sum::<usize>(), summary.level(Level::Write), summary.level(Level::Read)), (5, 3, 2));
        assert_eq!((thousands(0), thousands(999), thousands(1000)), ("0".into(), "999".into(), "1,000".into()));
    }
}
