//! Known ways to become more than one is, and actions that are known for one bad thing.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use foldhash::HashSet;

use super::actions::{self, Action, Level};

static ESCALATION: &str = include_str!("escalation.txt");
static NOTORIOUS: &str = include_str!("notorious.txt");

/// Actions that, held together, make their holder stronger.
#[derive(Clone, Debug)]
pub struct Escalation {
    /// Its name: `new-function-invoke`.
    pub name: &'static str,
    /// How it is done: "run own code as the role".
    pub how: &'static str,
    /// What the actions are called, all of which are needed: `iam:PassRole`.
    pub names: Vec<&'static str>,
    /// The services of those, by their prefixes, each once.
    pub services: Vec<&'static str>,
    /// The same as bits: a service's place among the first sixty-four of [`services`].
    pub bits: u64,
    /// Of what the actions must be allowed.
    pub target: Target,
    /// The service that a role is passed to, when it is not that of the second action.
    receiver: Option<&'static str>,
    actions: OnceLock<Vec<&'static Action>>,
}

/// Of what the actions of a way must be allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The first of every resource: who may do it to one is as strong as that one.
    Every,
    /// The same, where a statement names several sorts, of each of those: the tasks of one cluster are not every one.
    EverySort,
    /// All of one and the same: it becomes as strong as one likes.
    One,
    /// The same of one that the way makes, under a name that is chosen.
    Made,
    /// The first of the identity itself, or of a policy that it has.
    Itself,
}

impl Escalation {
    /// The actions. Looking them up reads the tables of their services: ask for their names first.
    pub fn actions(&self) -> &[&'static Action] {
        self.actions.get_or_init(|| self.names.iter().filter_map(|name| actions::lookup(name)).collect())
    }

    /// The service that a role is passed to, by its prefix, when the way begins with passing one.
    #[must_use]
    pub fn receiver(&self) -> Option<&'static str> {
        let passes = self.names.first() == Some(&"iam:PassRole");
        let next = || self.names.get(1)?.split_once(':').map(|(service, _)| service);
        self.receiver.or_else(next).filter(|_| passes)
    }
}

/// Every known way, single actions first.
pub fn escalations() -> &'static [Escalation] {
    static ALL: OnceLock<Vec<Escalation>> = OnceLock::new();
    ALL.get_or_init(|| {
        let rows = ESCALATION.lines().filter(|line| !line.starts_with('#'));
        let mut all: Vec<Escalation> = rows
            .filter_map(|line| {
                let (left, how) = line.split_once('|')?;
                let mut words = left.split(' ');
                let name = words.next()?;
                let marks = [('&', Target::EverySort), ('~', Target::One), ('+', Target::Made), ('=', Target::Itself)];
                let marked = marks.into_iter().find_map(|(mark, target)| Some((name.strip_prefix(mark)?, target)));
                let (name, target) = marked.unwrap_or((name, Target::Every));
                let receiver = left.split_once('>').and_then(|(_, rest)| rest.split(' ').next());
                let names: Vec<_> = words.map(|word| word.split_once('>').map_or(word, |(action, _)| action)).collect();
                let mut services: Vec<_> = names.iter().filter_map(|n| Some(n.split_once(':')?.0)).collect();
                services.sort_unstable();
                services.dedup();
                Some(Escalation { name, how, names, services, bits: 0, target, receiver, actions: OnceLock::new() })
            })
            .collect();
        let known = services_of(&all);
        for way in &mut all {
            way.bits = bits(&known, |service| way.services.contains(&service));
        }
        // What is open to whoever reaches everything is told first.
        // Those that need as many actions stay in the order of the file: what is usual comes first.
        all.sort_by_key(|e| (e.names.len(), e.target == Target::Itself));
        all
    })
}

/// The services that any way needs an action of.
pub fn services() -> &'static [&'static str] {
    static ALL: OnceLock<Vec<&'static str>> = OnceLock::new();
    ALL.get_or_init(|| services_of(escalations()))
}

fn services_of(ways: &[Escalation]) -> Vec<&'static str> {
    let all: BTreeSet<_> = ways.iter().flat_map(|way| way.services.iter().copied()).collect();
    all.into_iter().collect()
}

/// Those of some services of which something holds, as bits; what is behind the sixty-fourth has none.
pub fn bits(services: &[&'static str], holds: impl Fn(&'static str) -> bool) -> u64 {
    services.iter().take(64).rev().fold(0, |bits, service| bits << 1 | u64::from(holds(service)))
}

/// True when the action returns keys, tokens or passwords. Logging in to a container registry is no
/// exposure: its token opens nothing that the caller could not open before.
#[must_use]
pub fn returns_credentials(action: &Action) -> bool {
    is_notorious("credentials", action)
}

/// True when the action reads or copies data in bulk.
#[must_use]
pub fn exfiltrates(action: &Action) -> bool {
    is_notorious("exfiltration", action)
}

/// True when the action changes something that could have been named: without a named resource it is
/// allowed to change all of them.
#[must_use]
pub fn modifies_infrastructure(action: &Action) -> bool {
    action.scopable()
        && match action.level {
            Level::Write => true,
            // Who may change permissions has a sort of its own; a label changes nothing but itself.
            Level::List | Level::Read | Level::Permissions | Level::Tagging => false,
        }
}

fn is_notorious(sort: &'static str, action: &Action) -> bool {
    // Asked of every action of every wildcard: the table is read once.
    static ALL: OnceLock<HashSet<(&str, &str, &str)>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let row = |line: &'static str| {
            let (sort, known) = line.split_once(' ')?;
            known.split_once(':').map(|(service, name)| (sort, service, name))
        };
        NOTORIOUS.lines().filter_map(row).collect()
    });
    all.contains(&(sort, action.service.prefix, action.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::iam::actions::{expand, lookup};

    fn rows(sort: &'static str) -> impl Iterator<Item = &'static str> {
        NOTORIOUS.lines().filter_map(move |line| line.strip_prefix(sort)?.strip_prefix(' '))
    }

    /// The ways that are open to whoever is allowed these actions.
    ///
    /// A way that needs more than another one that is open already is left out: who may attach any policy
    /// need not make access keys as well.
    fn open_ways(allowed: impl Fn(&'static Action) -> bool) -> Vec<&'static Escalation> {
        let mut open: Vec<&'static Escalation> = Vec::new();
        for way in escalations() {
            let shorter = |known: &&Escalation| known.names.iter().all(|name| way.names.contains(name));
            if !open.iter().any(shorter) && way.actions().iter().all(|a| allowed(a)) {
                open.push(way);
            }
        }
        open
    }

    /// Every way is written with actions that exist, all of them.
    #[test]
    fn the_tables_name_real_actions() {
        assert_eq!(escalations().len(), 160);
        for line in ESCALATION.lines().filter(|line| !line.starts_with('#')) {
            let (left, how) = line.split_once('|').expect("a way says how");
            assert!(!how.is_empty());
            for name in left.split(' ').skip(1).map(|word| word.split('>').next().unwrap_or(word)) {
                assert!(lookup(name).is_some_and(|a| a.to_string() == name), "{name}");
            }
        }
        for name in rows("credentials").chain(rows("exfiltration")) {
            assert!(lookup(name).is_some_and(|a| a.to_string() == name) || KNOWN_ELSEWHERE.contains(&name), "{name}");
        }
        assert_eq!(rows("credentials").count(), 75);
    }

    // Not in the reference, but in the services' own pages.
    const KNOWN_ELSEWHERE: [&str; 2] = ["connect:GetFederationTokens", "sso:GetRoleCredentials"];

    fn open(patterns: &[&str]) -> Vec<&'static str> {
        let all: Vec<_> = patterns.iter().flat_map(|p| expand(p)).collect();
        open_ways(|a| all.contains(&a)).iter().map(|e| e.name).collect()
    }

    /// A way is open when all of its actions are allowed, and longer ones are not told again.
    #[test]
    fn finds_the_shortest_ways() {
        assert_eq!(open(&["iam:PassRole", "lambda:CreateFunction"]), [""; 0]);
        assert_eq!(open(&["iam:PassRole", "lambda:CreateFunction", "lambda:Invoke*"]), ["new-function-invoke"]);
        assert_eq!(open(&["lambda:*"]), ["update-function-code", "update-function-configuration", "microvm-shell"]);
        assert_eq!(open(&["iam:AttachUserPolicy", "iam:CreateAccessKey"]), ["create-access-key", "attach-user-policy"]);
        assert_eq!(open(&["s3:*"]), [""; 0]);
        // A cluster's role stays with EKS; whoever starts instances with a role reads its credentials there.
        assert_eq!(open(&["iam:PassRole", "eks:CreateCluster", "eks:DescribeCluster"]), [""; 0]);
        assert_eq!(open(&["iam:PassRole", "eks:CreateCluster", "ec2:RunInstances"]), ["new-instance"]);
        assert!(open(&["*"]).len() > 20);
    }

    /// A role is passed to the service of the next action, or to the one that really takes it.
    #[test]
    fn who_takes_the_role() {
        let receiver = |name: &str| escalations().iter().find(|e| e.name == name).and_then(Escalation::receiver);
        assert_eq!(receiver("new-state-machine"), Some("states"));
        assert_eq!(receiver("new-canary"), Some("lambda"));
        assert_eq!(receiver("update-stack"), None);
    }

    /// Bad things are known by name, harmless ones are not.
    #[test]
    fn knows_notorious_actions() {
        let is = |test: fn(&Action) -> bool, name| lookup(name).is_some_and(test);
        assert!(
            is(returns_credentials, "iam:CreateAccessKey") && !is(returns_credentials, "ecr:GetAuthorizationToken")
        );
        assert!(is(exfiltrates, "s3:GetObject") && !is(exfiltrates, "s3:ListBucket"));
        assert!(is(modifies_infrastructure, "dynamodb:PutItem") && !is(modifies_infrastructure, "dynamodb:GetItem"));
        assert!(!is(modifies_infrastructure, "xray:PutTraceSegments"));
    }
}
