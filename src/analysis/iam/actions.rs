//! Every action of AWS, what it can be scoped to and what it can be conditioned on.
//!
//! The table is text inside the binary (`actions.txt`, made by `refresh.py`). Nothing is read before the
//! first question, and then only the services that are asked about. A line's first character says what
//! it is: `@prefix title` begins a service, `&` is a condition key, `+` a set of them by number, `%` a
//! resource type (`name|shape|set`), and `L R W P T` an action of that level
//! (`name|resource types, ! when required|set|actions it depends on`). Numbers are in base 36.

use std::fmt;
use std::sync::{Arc, OnceLock};

use super::arn::Arn;
use super::wildcard::{self, Case, Glob};
use crate::analysis::memo::Memo;

static TEXT: &str = include_str!("actions.txt");
static RETIRED: &str = include_str!("retired.txt");

/// The action of a name such as `s3:getobject`, in any case.
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Action> {
    let (prefix, name) = name.split_once(':')?;
    service(prefix)?.action(name)
}

/// Every action that a pattern means, in order: `*`, `s3:*`, `s3:Get*`, `dynamodb:?etItem`, `*:*Secret*`.
///
/// Like IAM, `*` and `?` may stand anywhere, case does not matter, and a pattern without a colon means
/// nothing unless it is `*`.
pub fn expand(pattern: &str) -> impl Iterator<Item = &'static Action> + use<> {
    // A name without wildcards is one action: nothing else of its service need be looked at.
    let wild = pattern.contains(['*', '?']);
    let exact = (!wild).then(|| lookup(pattern)).flatten();
    let all = wild.then(|| MEANT.answer(pattern, |all| all.len(), || meant(pattern)));
    exact.into_iter().chain(all.into_iter().flat_map(|all| (0..all.len()).filter_map(move |at| all.get(at).copied())))
}

/// Whether a pattern means an action, as [`expand`] has it.
#[must_use]
pub fn means(pattern: &str, action: &Action) -> bool {
    let matches = |pattern, text| wildcard::matches(pattern, text, Case::Ignored);
    halves(pattern).is_some_and(|(prefix, name)| matches(prefix, action.service.prefix) && matches(name, action.name))
}

/// What a pattern says of services and of what their actions are called.
fn halves(pattern: &str) -> Option<(&str, &str)> {
    let all = !pattern.is_empty() && pattern.bytes().all(|b| b == b'*');
    pattern.split_once(':').or(all.then_some(("*", "*")))
}

/// What wildcards mean; `*` weighs as much as there are actions, some twenty thousand.
static MEANT: Memo<String, Arc<[&'static Action]>> = Memo::new(400_000);

fn meant(pattern: &str) -> Arc<[&'static Action]> {
    let Some((prefix, name)) = halves(pattern) else { return Arc::default() };
    let wanted = letters(name);
    let of = |service: &'static Service| {
        let all = service.actions().iter().filter(|action| action.letters & wanted == wanted);
        all.filter(|action| wildcard::matches(name, action.name, Case::Ignored))
    };
    services_like(prefix).flat_map(of).collect()
}

/// The letters and digits of a name, in any case, a bit for each: what a pattern has and a name has not, it cannot match.
fn letters(name: &str) -> u64 {
    name.bytes().fold(0, |all, byte| match byte {
        b'0'..=b'9' => all | 1 << (byte - b'0'),
        b'a'..=b'z' => all | 1 << (byte - b'a' + 10),
        b'A'..=b'Z' => all | 1 << (byte - b'A' + 10),
        _ => all,
    })
}

/// How many actions a pattern means; no list is made.
#[must_use]
pub fn count(pattern: &str) -> usize {
    expand(pattern).count()
}

/// Whether a resource other than `*` can be named for the action; `None` when there is no such action.
#[must_use]
pub fn scopable(name: &str) -> Option<bool> {
    lookup(name).map(Action::scopable)
}

/// True for an action, or a service, of an earlier edition of the reference: retired, but no typing mistake.
#[must_use]
pub fn retired(pattern: &str) -> bool {
    let Some((prefix, name)) = pattern.split_once(':') else { return false };
    RETIRED.lines().filter(|line| !line.starts_with('#')).any(|line| {
        let mut words = line.split(' ');
        words.next().is_some_and(|service| service.eq_ignore_ascii_case(prefix))
            && words.any(|known| wildcard::matches(name, known, Case::Ignored))
    })
}

/// The day of the table, `YYYY-MM-DD`, when it is half a year before another or more: a name that it has not may then be a new one.
#[must_use]
pub fn outdated(today: &str) -> Option<&'static str> {
    let made = TEXT.lines().find_map(|line| line.strip_prefix("# date: "))?;
    let (year, rest) = made.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let months = year.parse::<u32>().ok()? * 12 + month.parse::<u32>().ok()? + 5;
    (*today >= *format!("{:04}-{:02}-{day}", months / 12, months % 12 + 1)).then_some(made)
}

/// The service of a prefix such as `s3`, in any case.
#[must_use]
pub fn service(prefix: &str) -> Option<&'static Service> {
    let all = services();
    let at = all.binary_search_by(|s| cmp_ignore_case(s.prefix, prefix)).ok()?;
    all.get(at)
}

/// Every service, by prefix.
pub fn services() -> &'static [Service] {
    static SERVICES: OnceLock<Vec<Service>> = OnceLock::new();
    SERVICES.get_or_init(|| {
        // The text is long, and this is the first thing that a policy costs.
        let starts: Vec<usize> = memchr::memmem::find_iter(TEXT.as_bytes(), "\n@").map(|at| at + 2).collect();
        let ends = starts.iter().skip(1).map(|next| next - 2).chain([TEXT.len()]);
        let blocks = starts.iter().zip(ends).filter_map(|(start, end)| TEXT.get(*start..end));
        let mut services: Vec<Service> = blocks.filter_map(Service::of).collect();
        services.sort_by(|a, b| cmp_ignore_case(a.prefix, b.prefix));
        services.iter_mut().enumerate().for_each(|(at, service)| service.at = at);
        services
    })
}

/// The services whose prefixes a pattern means.
pub(super) fn services_like(prefix: &str) -> impl Iterator<Item = &'static Service> + use<> {
    // A prefix without wildcards is by far the most common: no need to try all services.
    let exact = !prefix.bytes().any(|b| b == b'*' || b == b'?');
    let one = if exact { service(prefix) } else { None };
    let prefix = prefix.to_owned();
    let rest = if exact { &[][..] } else { services() };
    one.into_iter().chain(rest.iter().filter(move |s| wildcard::matches(&prefix, s.prefix, Case::Ignored)))
}

// Asked about a dozen times for every action of every statement.
fn cmp_ignore_case(a: &str, b: &str) -> std::cmp::Ordering {
    let differ = a.bytes().zip(b.bytes()).find_map(|(a, b)| {
        let order =
            if a == b { std::cmp::Ordering::Equal } else { a.to_ascii_lowercase().cmp(&b.to_ascii_lowercase()) };
        order.is_ne().then_some(order)
    });
    differ.unwrap_or_else(|| a.len().cmp(&b.len()))
}

/// A service of AWS.
pub struct Service {
    /// What its actions begin with: `s3`.
    pub prefix: &'static str,
    /// Its name: `Amazon S3`.
    pub title: &'static str,
    /// Which one it is.
    at: usize,
    block: &'static str,
    parsed: OnceLock<Parsed>,
}

struct Parsed {
    keys: Vec<&'static str>,
    sets: Vec<&'static str>,
    resources: Vec<ResourceType>,
    actions: Vec<Action>,
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Service").field(&self.prefix).finish()
    }
}

impl Service {
    fn of(block: &'static str) -> Option<Self> {
        let (head, block) = block.split_once('\n').unwrap_or((block, ""));
        let (prefix, title) = head.split_once(' ')?;
        Some(Self { prefix, title, at: 0, block, parsed: OnceLock::new() })
    }

    /// Its actions, by name.
    pub fn actions(&'static self) -> &'static [Action] {
        &self.parsed().actions
    }

    /// Its resource types, by name.
    pub fn resources(&'static self) -> &'static [ResourceType] {
        &self.parsed().resources
    }

    /// Its resource types all of which an ARN with wildcards names, behind the account.
    pub fn covered<'p, 'a>(
        &'static self,
        arn: &'p Arn<'a>,
    ) -> impl Iterator<Item = &'static ResourceType> + use<'p, 'a> {
        let start = arn.resource.to_text();
        let literal = start.find(['*', '?', '$']).unwrap_or(start.len());
        self.resources().iter().filter(move |kind| {
            // Comparing is slow; what begins otherwise is not covered, nor what goes on where a name may be any.
            let (begins, start) = (kind.begins(), &start[..literal]);
            let may = begins.starts_with(start) || (start.starts_with(begins) && kind.has_form());
            may && kind.is_all_in(&arn.resource)
        })
    }

    /// Every condition key that some action or resource type of it knows.
    pub fn condition_keys(&'static self) -> &'static [&'static str] {
        &self.parsed().keys
    }

    /// The action of a name without prefix, in any case.
    pub fn action(&'static self, name: &str) -> Option<&'static Action> {
        let all = self.actions();
        let at = all.binary_search_by(|a| cmp_ignore_case(a.name, name)).ok()?;
        all.get(at)
    }

    fn parsed(&'static self) -> &'static Parsed {
        self.parsed.get_or_init(|| {
            let mut parsed = Parsed { keys: Vec::new(), sets: Vec::new(), resources: Vec::new(), actions: Vec::new() };
            for line in self.block.lines() {
                let Some(mark) = line.chars().next() else { continue };
                let rest = line.get(mark.len_utf8()..).unwrap_or("");
                let mut fields = rest.split('|');
                let mut field = || fields.next().unwrap_or("");
                match mark {
                    '&' => parsed.keys.push(rest),
                    '+' => parsed.sets.push(rest),
                    '%' => parsed.resources.push(ResourceType {
                        service: self,
                        name: field(),
                        shape: field(),
                        keys: field(),
                        begins: OnceLock::new(),
                        parts: OnceLock::new(),
                        least: OnceLock::new(),
                    }),
                    mark => {
                        let Some(level) = Level::of(mark) else { continue };
                        let name = field();
                        parsed.actions.push(Action {
                            service: self,
                            at: parsed.actions.len(),
                            level,
                            name,
                            letters: letters(name),
                            resources: field(),
                            keys: field(),
                            depends: field(),
                        });
                    }
                }
            }
            parsed
        })
    }

    fn keys_of(&'static self, set: &'static str) -> impl Iterator<Item = &'static str> {
        let parsed = self.parsed();
        let numbers = number(set).and_then(|at| parsed.sets.get(at)).copied().unwrap_or("");
        numbers.split(',').filter_map(|n| parsed.keys.get(number(n)?).copied())
    }
}

fn number(text: &str) -> Option<usize> {
    usize::from_str_radix(text, 36).ok()
}

/// What an action does, in the words of the reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Names what is there.
    List,
    /// Reads content or settings.
    Read,
    /// Makes, changes or deletes.
    Write,
    /// Changes who may do what.
    Permissions,
    /// Only tags.
    Tagging,
}

impl Level {
    /// Every level, in the order of counts.
    pub const ALL: [Self; 5] = [Self::List, Self::Read, Self::Write, Self::Permissions, Self::Tagging];

    /// The word of the reference, in lower case.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Read => "read",
            Self::Write => "write",
            Self::Permissions => "permissions management",
            Self::Tagging => "tagging",
        }
    }

    /// True when something other than a tag changes.
    #[must_use]
    pub const fn changes(self) -> bool {
        matches!(self, Self::Write | Self::Permissions)
    }

    fn of(mark: char) -> Option<Self> {
        Some(match mark {
            'L' => Self::List,
            'R' => Self::Read,
            'W' => Self::Write,
            'P' => Self::Permissions,
            'T' => Self::Tagging,
            _ => return None,
        })
    }
}

/// An action, such as `s3:GetObject`; it prints as that.
#[derive(Clone, Copy)]
pub struct Action {
    /// Its service.
    pub service: &'static Service,
    /// Its name without prefix.
    pub name: &'static str,
    /// What it does.
    pub level: Level,
    /// Which of its service's it is.
    at: usize,
    letters: u64,
    resources: &'static str,
    keys: &'static str,
    depends: &'static str,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service.prefix, self.name)
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.service.prefix, self.name)
    }
}

impl PartialEq for Action {
    fn eq(&self, other: &Self) -> bool {
        self.service.prefix == other.service.prefix && self.name == other.name
    }
}

impl Eq for Action {}

impl Action {
    /// Whether it is what a name such as `s3:GetObject` means, letter by letter.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        name.strip_prefix(self.service.prefix).and_then(|rest| rest.strip_prefix(':')) == Some(self.name)
    }

    /// Where its bit is in a set of actions: the service, the word of 64 bits, the bit.
    pub(super) const fn number(&self) -> (usize, usize, u64) {
        (self.service.at, self.at / 64, 1 << (self.at % 64))
    }

    /// True when a resource other than `*` can be named for it.
    #[must_use]
    pub const fn scopable(&self) -> bool {
        !self.resources.is_empty()
    }

    /// The resource types it can be scoped to.
    pub fn resources(&self) -> impl Iterator<Item = &'static ResourceType> {
        self.numbered(false)
    }

    /// Those of them that a statement must name for the action to be allowed.
    pub fn required(&self) -> impl Iterator<Item = &'static ResourceType> {
        self.numbered(true)
    }

    fn numbered(&self, only_required: bool) -> impl Iterator<Item = &'static ResourceType> + use<> {
        let all = self.service.resources();
        self.resources.split(',').filter_map(move |word| {
            let bare = word.trim_end_matches('!');
            if only_required && bare.len() == word.len() {
                return None;
            }
            all.get(number(bare)?)
        })
    }

    /// The condition keys it knows by itself or through its resource types, sorted; global keys that the
    /// reference does not repeat (`aws:SourceIp`) are not among them.
    #[must_use]
    pub fn condition_keys(&self) -> Vec<&'static str> {
        let mut keys: Vec<_> = self.service.keys_of(self.keys).collect();
        keys.extend(self.resources().flat_map(ResourceType::condition_keys));
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// Actions that the caller needs as well, such as `iam:PassRole` for `lambda:CreateFunction`.
    pub fn depends_on(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.depends.split(',').filter(|d| !d.is_empty())
    }
}

/// The forms of ids that AWS gives, by service and by what stands before them.
const IDS: [(&str, &str, &str); 17] = [
    ("ec2", "image/", "ami-?*"),
    // Of a host of one's own it is `mi-`, and no statement on instances is meant for those alone.
    ("ec2", "instance/", "i-?*"),
    ("ec2", "launch-template/", "lt-?*"),
    ("ec2", "network-interface/", "eni-?*"),
    ("ec2", "route-table/", "rtb-?*"),
    ("ec2", "security-group/", "sg-?*"),
    ("ec2", "snapshot/", "snap-?*"),
    ("ec2", "subnet/", "subnet-?*"),
    ("ec2", "volume/", "vol-?*"),
    ("ec2", "vpc/", "vpc-?*"),
    ("elasticfilesystem", "file-system/", "fs-?*"),
    // Keys of several regions are `mrk-`, and few.
    ("kms", "key/", "????????-????-????-????-????????????"),
    ("route53", "hostedzone/", "Z?*"),
    ("secretsmanager", "secret:", "?*-??????"),
    ("sso", "instance/", "ssoins-?*"),
    ("sso", "permissionSet/", "ssoins-?*/ps-?*"),
    ("ssm", "managed-instance/", "mi-?*"),
];

/// A type of resource that actions of a service can be scoped to.
pub struct ResourceType {
    service: &'static Service,
    /// Its name in the reference: `bucket`.
    pub name: &'static str,
    shape: &'static str,
    keys: &'static str,
    begins: OnceLock<&'static str>,
    parts: OnceLock<Option<Arn<'static>>>,
    least: OnceLock<Option<Glob<'static>>>,
}

impl fmt::Debug for ResourceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.service.prefix, self.name)
    }
}

impl ResourceType {
    /// Its ARN as the reference writes it: `arn:${Partition}:s3:::${BucketName}`.
    #[must_use]
    pub fn arn(&self) -> String {
        // The table leaves out what is common to most: see `shape` in refresh.py.
        format!("arn:${{Partition}}:{}", self.shape.replacen('~', ":${Region}:${Account}:", 1))
    }

    /// Its ARN with `*` for whatever differs from one to another: `arn:*:s3:::*`.
    #[must_use]
    pub fn pattern(&self) -> String {
        let arn = self.arn();
        let mut out = String::with_capacity(arn.len());
        let mut rest = arn.as_str();
        while let Some((before, after)) = rest.split_once("${") {
            out.push_str(before);
            out.push('*');
            rest = after.split_once('}').map_or("", |(_, rest)| rest);
        }
        out.push_str(rest);
        out
    }

    /// What all of its ARNs begin with behind the account: `table/`.
    #[must_use]
    pub fn begins(&self) -> &'static str {
        self.begins.get_or_init(|| {
            let own = self.shape.split_once('~').map(|(_, own)| own).or_else(|| self.shape.splitn(4, ':').nth(3));
            own.and_then(|own| own.split(['$', '*']).next()).unwrap_or("")
        })
    }

    /// The same part by part; `None` when it has not all of the parts of an ARN.
    #[must_use]
    pub fn parts(&self) -> Option<&Arn<'static>> {
        self.parts.get_or_init(|| Arn::parse(&Glob::plain(&self.pattern()))).as_ref()
    }

    /// Whether a pattern of what stands behind the account names every one that there is: no name is empty, and ids have a form.
    #[must_use]
    pub fn is_all_in(&self, wide: &Glob<'_>) -> bool {
        let least = || Some(self.parts()?.resource.with_names(self.id().unwrap_or("?*")));
        let Some(least) = self.least.get_or_init(least) else { return false };
        let rest = self.begins_with_region().and_then(|mark| wide.behind_first(self.begins(), mark));
        rest.map_or_else(|| wide.surely_covers(least), |rest| rest.surely_covers(&Glob::plain("?*")))
    }

    /// Whether its names are ids of a form.
    fn has_form(&self) -> bool {
        self.id().is_some() || self.begins_with_region().is_some()
    }

    /// The form of its ids.
    fn id(&self) -> Option<&'static str> {
        let service = self.shape.split(['~', ':']).next()?;
        let own = self.begins();
        IDS.iter().find(|(known, begins, _)| *known == service && *begins == own).map(|(_, _, id)| *id)
    }

    /// What stands between the region that its ids begin with and the rest of them.
    fn begins_with_region(&self) -> Option<char> {
        match self.begins() {
            "userpool/" => Some('_'),
            "identitypool/" => Some(':'),
            _ => None,
        }
    }

    /// The condition keys of the resource.
    pub fn condition_keys(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.service.keys_of(self.keys)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table is old half a year after its day, to the day.
    #[test]
    fn the_table_grows_old() {
        let made = outdated("9999-12-31").expect("it is old by then");
        let later = |months: u32| {
            let (year, month) =
                (made[..4].parse::<u32>().expect("a year"), made[5..7].parse::<u32>().expect("a month"));
            let all = year * 12 + month - 1 + months;
            format!("{:04}-{:02}-{}", all / 12, all % 12 + 1, &made[8..])
        };
        assert_eq!((outdated(made), outdated(&later(5)), outdated(&later(6))), (None, None, Some(made)));
    }

    fn names(pattern: &str) -> Vec<String> {
        expand(pattern).map(ToString::to_string).collect()
    }

    /// Patterns expand to what two other implementations say they do.
    #[test]
    fn expands_as_others_do() {
        let drawn = include_str!("../../../testdata/iam/expansion.tsv");
        let written = include_str!("../../../testdata/iam/written.tsv");
        let mut tried = 0;
        for line in drawn.lines().chain(written.lines()).filter(|l| !l.starts_with('#')) {
            let [pattern, total, levels, first, last] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("five columns: {line}");
            };
            let found: Vec<_> = expand(pattern).collect();
            assert_eq!(found.len().to_string(), total, "{pattern}");
            let by_level = Level::ALL.map(|level| found.iter().filter(|a| a.level == level).count().to_string());
            assert_eq!(by_level.join(" "), levels, "{pattern}");
            let mut sorted: Vec<_> = found.iter().map(|a| a.to_string()).collect();
            sorted.sort_by_key(|name| name.to_lowercase());
            assert_eq!(sorted.first().map_or("-", |s| s), first, "{pattern}");
            assert_eq!(sorted.last().map_or("-", |s| s), last, "{pattern}");
            tried += 1;
        }
        assert!(tried >= 1100, "{tried}");
    }

    /// A name is found in any case, and prints in AWS's own.
    #[test]
    fn looks_up_in_any_case() {
        assert_eq!(lookup("S3:getobject").map(ToString::to_string).as_deref(), Some("s3:GetObject"));
        assert!(lookup("s3:GetObjekt").is_none());
        assert!(lookup("GetObject").is_none());
        assert!(service("nope").is_none());
    }

    /// Every action is found by its own name, so the table is in order.
    #[test]
    fn every_action_is_found() {
        for action in expand("*") {
            assert_eq!(lookup(&action.to_string()), Some(action));
        }
        assert!(count("*") > 20_000);
    }

    /// A pattern without a colon means nothing, as in IAM.
    #[test]
    fn a_pattern_without_colon_means_nothing() {
        for pattern in ["", "s3", "s3*", "?", "*Get*", ":", ":*"] {
            assert_eq!(names(pattern), Vec::<String>::new(), "{pattern}");
        }
    }

    /// What can be scoped says to what, and what cannot says so.
    #[test]
    fn knows_what_can_be_scoped() {
        assert_eq!(scopable("dynamodb:PutItem"), Some(true));
        assert_eq!(scopable("xray:PutTraceSegments"), Some(false));
        assert_eq!(scopable("ec2:DescribeInstances"), Some(false));
        assert_eq!(scopable("no:Such"), None);
        let send = lookup("sqs:SendMessage").expect("an action");
        let queue = send.required().next().expect("a queue");
        assert_eq!(queue.arn(), "arn:${Partition}:sqs:${Region}:${Account}:${QueueName}");
        assert_eq!(queue.pattern(), "arn:*:sqs:*:*:*");
        assert_eq!(queue.begins(), "");
        let get = lookup("s3:GetObject").expect("an action");
        assert!(get.resources().any(|r| r.pattern() == "arn:*:s3:::*/*"));
        assert_eq!(get.required().count(), 0);
    }

    /// What an ARN begins with behind the account is what its pattern begins with there.
    #[test]
    fn knows_how_arns_begin() {
        assert!(lookup("dynamodb:PutItem").is_some_and(|a| a.resources().any(|r| r.begins() == "table/")));
        for kind in services().iter().flat_map(Service::resources) {
            let pattern = kind.pattern();
            let own = pattern.splitn(6, ':').nth(5).unwrap_or("");
            assert!(own.starts_with(kind.begins()), "{kind:?}: {own} and {}", kind.begins());
        }
    }

    /// Condition keys are those of the action and of its resources; dependent actions are named.
    #[test]
    fn knows_conditions_and_dependents() {
        let pass = lookup("iam:PassRole").expect("an action");
        assert_eq!(pass.level, Level::Permissions);
        assert!(pass.condition_keys().contains(&"iam:PassedToService"));
        assert!(lookup("lambda:CreateFunction").is_some_and(|a| a.depends_on().any(|d| d == "iam:PassRole")));
    }

    /// Actions of retired services are known as such.
    #[test]
    fn knows_what_is_retired() {
        assert!(retired("deeplens:*"));
        assert!(retired("DeepLens:CreateModel"));
        assert!(!retired("s3:GetObjekt"));
        assert!(!retired("s3"));
    }

    /// An ARN with wildcards covers the types all of which it names, and no others that begin alike.
    #[test]
    fn types_that_an_arn_covers() {
        use crate::analysis::iam::wildcard::Glob;
        let covered = |arn: &str| {
            let arn = Arn::parse(&Glob::resource(arn)).expect("an ARN");
            let kinds =
                service("dynamodb").map(|service| service.covered(&arn).map(|kind| kind.name).collect::<Vec<_>>());
            kinds.unwrap_or_default()
        };
        assert_eq!(covered("arn:aws:dynamodb:*:*:table/*/stream/*"), ["stream"]);
        assert_eq!(covered("arn:aws:dynamodb:*:*:table/x*"), [""; 0]);
        assert!(covered("arn:aws:dynamodb:*:*:table/*").contains(&"index"));
    }

    /// What is retired is so of its service only.
    #[test]
    fn retired_actions() {
        let mut lines = RETIRED.lines().filter(|line| !line.starts_with('#'));
        let (service, names) = lines.find_map(|line| line.split_once(' ')).expect("something is retired");
        for name in names.split(' ').take(5) {
            assert!(retired(&format!("{service}:{name}")), "{service}:{name}");
            assert!(!retired(&format!("no-{service}:{name}")) && !retired(&format!("{service}:No{name}")), "{name}");
        }
        assert!(!retired("s3:GetObject") && !retired(service));
    }
}
