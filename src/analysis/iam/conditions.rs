//! Which conditions make a grant narrower, and which only look as if they did.

use std::sync::LazyLock;

use super::wildcard::{self, Case};

static TEXT: &str = include_str!("conditions.txt");

/// What a condition narrows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Narrows {
    /// Who asks: an account, an organisation, an external id.
    Principal,
    /// What a service asks for: the resource or account behind it.
    Source,
    /// From where it is asked.
    Network,
    /// Which service it is for.
    Service,
    /// That a service of AWS asks, or which one: not for whom.
    Agent,
    /// By which way it is asked, which is open to strangers too: through a service of AWS, from a private address.
    Way,
    /// What whoever asks says of itself: tags, a session's name. Strangers say what they like.
    Claim,
    /// Which identity a provider vouches for.
    Identity,
    /// Which resource it is asked of.
    Resource,
    /// What is asked.
    Request,
}

impl Narrows {
    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "principal" => Self::Principal,
            "source" => Self::Source,
            "network" => Self::Network,
            "service" => Self::Service,
            "agent" => Self::Agent,
            "way" => Self::Way,
            "claim" => Self::Claim,
            "identity" => Self::Identity,
            "resource" => Self::Resource,
            "request" => Self::Request,
            _ => return None,
        })
    }

    /// True when the condition keeps strangers out of a grant to everyone, or to a service.
    #[must_use]
    pub const fn keeps_strangers_out(self) -> bool {
        match self {
            Self::Principal | Self::Source | Self::Network | Self::Service | Self::Agent | Self::Identity => true,
            Self::Resource | Self::Request | Self::Way | Self::Claim => false,
        }
    }
}

/// What an entry of an `Allow`'s `Condition` narrows; `None` when it lets everything through, or when it
/// is about something else (`aws:SecureTransport`).
///
/// Operators that hold when the key is missing (`…IfExists`, `ForAllValues:`), that exclude instead of
/// name (`StringNotEquals`), and values that match everything (`*`, `0.0.0.0/0`) narrow nothing. Values
/// that are not known count as narrow: pass only those that are.
#[must_use]
pub fn narrows<'v>(operator: &str, key: &str, values: impl IntoIterator<Item = &'v str>) -> Option<Narrows> {
    let sort = key_narrows(key)?;
    let operator = operator.to_ascii_lowercase();
    let operator = operator.strip_prefix("foranyvalue:").unwrap_or(&operator);
    let lower = key.to_ascii_lowercase();
    // Whoever passes a role passes it to something: the key is never missing.
    let operator = if lower == "iam:passedtoservice" { operator.trim_end_matches("ifexists") } else { operator };
    // Several items may be asked for at once, and calls that name no key have a rule of their own.
    let operator =
        if lower == "dynamodb:leadingkeys" { operator.trim_start_matches("forallvalues:") } else { operator };
    // Whatever has no tag of that name is left out, in both ways of saying so.
    let tag = sort == Narrows::Resource && lower.contains("tag/");
    if tag && operator == "null" {
        let mut values = values.into_iter().peekable();
        return (values.peek().is_some() && values.all(|value| value.eq_ignore_ascii_case("false"))).then_some(sort);
    }
    // What lies in any account but one's own is not all that there is in it.
    if operator == "stringnotequals" && lower.ends_with(":resourceaccount") {
        return Some(sort);
    }
    let wild = match operator {
        "stringlike" | "arnlike" | "arnequals" => true,
        "stringequals" | "stringequalsignorecase" | "ipaddress" | "bool" | "binaryequals" | "numericequals" => false,
        _ => return None,
    };
    let itself = |value: &str| {
        let inside = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        !tag && inside.is_some_and(|inside| inside.trim().eq_ignore_ascii_case(key))
    };
    let open = |value: &str| match operator {
        // `aws:PrincipalOrgID` of whoever asks is always that of whoever asks.
        _ if itself(value) => true,
        "ipaddress" => is_nearly_any_address(value.trim()),
        "bool" => value.eq_ignore_ascii_case("false"),
        _ if tag => false,
        _ if lower == "iam:passedtoservice" => wild && is_any_service(value),
        // Whoever may attach one of the strongest policies there are need not attach another.
        _ if lower == "iam:policyarn" => makes_administrator(value, wild),
        _ => (wild && (lets_all_through(value) || names_nobody(&lower, value))) || serves_everyone(&lower, value),
    };
    (!values.into_iter().any(open)).then_some(sort)
}

/// Whether a value names a policy of AWS's whose holder may do everything, or make that so; by a pattern where the operator takes
/// one.
fn makes_administrator(value: &str, wild: bool) -> bool {
    ["AdministratorAccess", "IAMFullAccess"].iter().any(|name| {
        let end = format!(":iam::aws:policy/{name}");
        if wild { wildcard::matches(value, &format!("arn:aws{end}"), Case::Exact) } else { value.ends_with(&end) }
    })
}

/// `*`, `*.amazonaws.com`, and what means the same.
fn is_any_service(value: &str) -> bool {
    let others = ["ec2.amazonaws.com", "lambda.amazonaws.com", "states.eu-west-1.amazonaws.com"];
    others.iter().all(|host| wildcard::matches(value, host, Case::Ignored))
}

/// `0.0.0.0/0`, `::/0`, what means the same, and networks so large that strangers live in them: S3 takes what is wider
/// than /8, or than /32 of IPv6, for public. Private addresses of IPv6 belong to nobody outside.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>
fn is_nearly_any_address(value: &str) -> bool {
    let Some((address, bits)) = value.rsplit_once('/') else { return false };
    let Ok(bits) = bits.parse::<u8>() else { return false };
    let private =
        address.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("fc") || start.eq_ignore_ascii_case("fd"));
    if address.contains(':') { bits < 32 && (bits < 7 || !private) } else { bits < 8 }
}

/// Identity providers in which everybody may have an identity.
const PROVIDERS_OF_ALL: &[&str] =
    &["cognito-identity.amazonaws.com", "accounts.google.com", "graph.facebook.com", "www.amazon.com"];

/// Whether a value names what everybody has: an identity of a provider that is open to all.
fn serves_everyone(key: &str, value: &str) -> bool {
    key == "aws:federatedprovider" && PROVIDERS_OF_ALL.contains(&value.to_ascii_lowercase().as_str())
}

/// Whether a pattern of a principal's ARN holds for those of one account only: whoever has an account gives roles and
/// sessions the names that he likes, but none with a colon, which is what stands beside the account.
fn pins_account(value: &str) -> bool {
    let bytes = value.as_bytes();
    let colon = |at: Option<usize>| at.and_then(|at| bytes.get(at)) == Some(&b':');
    let twelve = |from: usize| bytes.get(from..from + 12).is_some_and(|some| some.iter().all(u8::is_ascii_digit));
    (0..bytes.len()).any(|from| twelve(from) && (colon(from.checked_sub(1)) || colon(Some(from + 12))))
}

/// Services whose resources are addressed by names that everybody may give in an account of their own.
const NAMED_BY_OWNERS: &[&str] = &[
    "iam",
    "sts",
    "sns",
    "sqs",
    "lambda",
    "events",
    "states",
    "logs",
    "kinesis",
    "dynamodb",
    "codebuild",
    "codepipeline",
    "firehose",
    "scheduler",
    "backup",
    "ecs",
    "rds",
    "secretsmanager",
    "ssm",
    "glue",
    "airflow",
    "athena",
    "autoscaling",
    "batch",
    "budgets",
    "cloudformation",
    "cloudtrail",
    "cloudwatch",
    "codecommit",
    "codedeploy",
    "dms",
    "ecr",
    "elasticache",
    "elasticbeanstalk",
    "elasticloadbalancing",
    "es",
    "imagebuilder",
    "iot",
    "kafka",
    "lex",
    "mediaconvert",
    "mq",
    "pipes",
    "redshift",
    "sagemaker",
    "*",
];

/// Whether a pattern that is not all wildcards holds for somebody in whatever account or organisation: `o-*`, `vpce-*`,
/// `arn:aws:iam::*:role/deploy`.
fn names_nobody(key: &str, value: &str) -> bool {
    let starts = |prefix: &str| value.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(['*', '?']));
    let open = |text: &str| text.bytes().all(|b| matches!(b, b'*' | b'?'));
    match key {
        "aws:principalaccount"
        | "aws:sourceaccount"
        | "aws:sourceowner"
        | "kms:calleraccount"
        | "s3:dataaccesspointaccount" => value.contains(['*', '?']),
        // Before the colon stands an id that AWS gives, of whose first letters all have the same, behind it a name that
        // whoever asks gives himself.
        "aws:userid" => value.find(['*', '?']).is_some_and(|at| at <= "AROA".len()),
        // The id of an identity begins with its region.
        "cognito-identity.amazonaws.com:sub" => value.split_once(':').is_some_and(|(_, id)| open(id)),
        "aws:principalarn" => value.contains(['*', '?']) && !pins_account(value),
        "aws:principalorgid" | "aws:sourceorgid" | "aws:vpceorgid" => starts("") || starts("o-"),
        "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => starts("") || starts("o-"),
        "aws:sourcevpc" => starts("") || starts("vpc-"),
        "aws:sourcevpce" => starts("") || starts("vpce-"),
        "aws:sourcearn" | "aws:sourcevpcarn" | "lambda:sourcefunctionarn" | "s3:dataaccesspointarn" => {
            let parts: Vec<&str> = value.splitn(6, ':').collect();
            let [_, _, service, _, account, resource] = parts.as_slice() else { return false };
            // Everything of a sort, in whatever account: `arn:aws:cloudfront::*:distribution/*`.
            let id = resource.split_once(['/', ':']).map_or(*resource, |(_, id)| id);
            let any = !id.is_empty() && id.split(['/', ':']).all(open);
            // Access points are named by their owners, buckets are not.
            let named = any || NAMED_BY_OWNERS.contains(service) || key == "s3:dataaccesspointarn";
            // A bucket's name is its owner's alone, but everybody may make another that fits a pattern.
            let bucket = *service == "s3" && key == "aws:sourcearn" && resource.contains(['*', '?']);
            (bucket || named && !account.is_empty()) && open(account)
        }
        _ => false,
    }
}

/// What a condition key narrows by its nature, in any case.
#[must_use]
pub fn key_narrows(key: &str) -> Option<Narrows> {
    static KEYS: LazyLock<Vec<(&str, Narrows)>> = LazyLock::new(|| {
        let lines = TEXT.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(' '));
        lines.filter_map(|(pattern, sort)| Some((pattern, Narrows::of(sort)?))).collect()
    });
    KEYS.iter().find(|(pattern, _)| wildcard::matches(pattern, key, Case::Ignored)).map(|(_, sort)| *sort)
}

// `*`, `arn:*`, `arn:aws:*:*:*:*` and the like: nothing is named but the partition and the service.
fn lets_all_through(value: &str) -> bool {
    let mut parts = value.split(':');
    let first = parts.next().unwrap_or("");
    let open = |part: &str| part.is_empty() || part.bytes().all(|b| b == b'*' || b == b'?');
    if first != "arn" {
        return value.bytes().all(|b| b == b'*' || b == b'?') && value.contains('*');
    }
    // Partition and service name nobody; `?` for each digit of an account does not either.
    parts.skip(2).all(open)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys that name somebody narrow, in any case and behind any provider.
    #[test]
    fn known_keys_narrow() {
        assert_eq!(narrows("StringEquals", "AWS:SourceAccount", ["111122223333"]), Some(Narrows::Source));
        assert_eq!(narrows("ArnLike", "aws:SourceArn", ["arn:aws:s3:::bucket"]), Some(Narrows::Source));
        assert_eq!(narrows("ArnLike", "aws:SourceArn", ["arn:aws:events:*:111122223333:*"]), Some(Narrows::Source));
        assert_eq!(narrows("StringEquals", "aws:PrincipalOrgID", ["o-1"]), Some(Narrows::Principal));
        assert_eq!(narrows("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", ["o-1/*"]), Some(Narrows::Principal));
        let github = "token.actions.githubusercontent.com:sub";
        assert_eq!(narrows("StringLike", github, ["repo:o/r:*"]), Some(Narrows::Identity));
        assert_eq!(narrows("Bool", "aws:ViaAWSService", ["true"]), Some(Narrows::Way));
        assert_eq!(narrows("Bool", "aws:PrincipalIsAWSService", ["true"]), Some(Narrows::Agent));
        assert_eq!(narrows("StringEquals", "s3:ExistingObjectTag/Public", ["yes"]), Some(Narrows::Resource));
        assert_eq!(narrows("StringEquals", "aws:PrincipalOrgID", ["${aws:ResourceOrgID}"]), Some(Narrows::Principal));
        let alarms = "arn:aws:cloudwatch:*:111122223333:alarm:too-many";
        assert_eq!(narrows("ArnLike", "aws:SourceArn", [alarms]), Some(Narrows::Source));
    }

    /// Strangers tag themselves, and come through services of AWS, as they like.
    #[test]
    fn what_strangers_can_arrange_keeps_none_out() {
        // Who has an account makes access points of their own for a bucket, in networks of their own.
        let point = "s3:AccessPointNetworkOrigin";
        for key in
            ["aws:PrincipalTag/team", "sts:RoleSessionName", "aws:username", "kms:ViaService", "aws:CalledVia", point]
        {
            let sort = narrows("StringEquals", key, ["x"]).expect("it narrows");
            assert!(!sort.keeps_strangers_out(), "{key}");
        }
        let delegated = narrows("StringEquals", "s3:DataAccessPointAccount", ["111122223333"]);
        assert!(delegated.is_some_and(Narrows::keeps_strangers_out));
    }

    /// What lets everything through narrows nothing.
    #[test]
    fn open_conditions_do_not_narrow() {
        for (operator, key, value) in [
            ("StringLike", "aws:PrincipalOrgID", "*"),
            ("StringNotEquals", "aws:SourceAccount", "111122223333"),
            ("StringEqualsIfExists", "aws:SourceAccount", "111122223333"),
            ("ForAllValues:StringEquals", "aws:PrincipalOrgID", "o-1"),
            ("IpAddress", "aws:SourceIp", "0.0.0.0/0"),
            ("IpAddress", "aws:SourceIp", "::/0"),
            ("ArnLike", "aws:SourceArn", "arn:aws:s3:::*"),
            ("ArnLike", "aws:SourceArn", "arn:aws:*:*:*:*"),
            ("Bool", "aws:SecureTransport", "true"),
            ("Bool", "aws:ViaAWSService", "false"),
            ("Null", "aws:SourceAccount", "false"),
            ("StringEquals", "aws:UserAgent", "x"),
            ("StringLike", "aws:PrincipalOrgID", "o-*"),
            ("StringLike", "aws:PrincipalAccount", "????????????"),
            ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "*/r-ab12/*"),
            ("StringLike", "aws:SourceVpce", "vpce-*"),
            ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/deploy"),
            ("ArnLike", "aws:SourceArn", "arn:aws:sns:*:*:topic"),
            ("ArnLike", "aws:SourceArn", "arn:aws:s3:::acme-*"),
            ("StringLike", "aws:SourceArn", "arn:aws:s3:*:*:acme-????"),
            ("ArnLike", "aws:SourceArn", "arn:aws:cloudfront::*:distribution/*"),
            ("IpAddress", "aws:SourceIp", "10.0.0.0/00"),
            ("IpAddress", "aws:SourceIp", "0.0.0.0/1"),
            ("IpAddress", "aws:SourceIp", "52.0.0.0/7"),
            ("IpAddress", "aws:SourceIp", "2600::/12"),
            ("StringLike", "aws:PrincipalArn", "*111122223333*"),
            ("StringLike", "aws:PrincipalArn", "*:role/deploy"),
            ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::1111*:role/deploy"),
            ("StringLike", "aws:PrincipalAccount", "1*"),
            ("StringLike", "aws:userid", "*:deploy"),
            ("StringLike", "aws:userid", "AROA*"),
            ("StringEquals", "aws:FederatedProvider", "cognito-identity.amazonaws.com"),
            ("ArnLike", "aws:SourceArn", "arn:aws:cloudwatch:*:*:alarm:too-many"),
            ("ArnLike", "aws:SourceArn", "arn:aws:iot:eu-west-1:*:rule/publish"),
            ("StringEquals", "aws:PrincipalOrgID", "${aws:principalOrgId}"),
            ("ArnLike", "aws:SourceVpcArn", "arn:aws:ec2:*:*:vpc/*"),
            ("StringLike", "cognito-identity.amazonaws.com:sub", "us-east-1:*"),
        ] {
            assert_eq!(narrows(operator, key, [value]), None, "{operator} {key} {value}");
        }
        assert_eq!(narrows("StringLike", "aws:PrincipalArn", ["arn:aws:iam::111122223333:role/x", "*"]), None);
        assert_eq!(narrows("IpAddress", "aws:SourceIp", ["0.0.0.0/1", "128.0.0.0/1"]), None);
        assert_eq!(narrows("IpAddress", "aws:SourceIp", ["fc00::/7", "2001:db8::/32"]), Some(Narrows::Network));
        assert_eq!(narrows("IpAddress", "aws:SourceIp", ["10.0.0.0/8", "198.51.100.7"]), Some(Narrows::Network));
        assert_eq!(narrows("ArnLike", "aws:SourceArn", ["arn:aws:s3:*:*:my-bucket"]), Some(Narrows::Source));
        let one = "arn:aws:cloudfront::*:distribution/E1A2B3C4D5E6F7";
        assert_eq!(narrows("ArnLike", "aws:SourceArn", [one]), Some(Narrows::Source));
        for (key, value) in [
            ("aws:PrincipalArn", "arn:aws:iam::111122223333:role/*"),
            ("aws:PrincipalArn", "arn:aws:iam::111122223333*"),
            ("aws:PrincipalArn", "*:111122223333:*"),
            ("aws:PrincipalArn", "*111122223333:role/deploy"),
            ("aws:userid", "AROAEXAMPLEID:*"),
            ("aws:userid", "AIDAEXAMPLEID"),
            ("aws:SourceVpcArn", "arn:aws:ec2:*:*:vpc/vpc-0a1b2c3d"),
            ("aws:FederatedProvider", "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"),
            ("cognito-identity.amazonaws.com:sub", "us-east-1:0a1b2c3d-*"),
        ] {
            assert!(narrows("StringLike", key, [value]).is_some_and(Narrows::keeps_strangers_out), "{key} {value}");
        }
        // What is tagged at all.
        let tag = "aws:ResourceTag/elbv2.k8s.aws/cluster";
        assert_eq!(narrows("Null", tag, ["false"]), Some(Narrows::Resource));
        assert_eq!(narrows("StringLike", tag, ["*"]), Some(Narrows::Resource));
        assert_eq!(narrows("Null", tag, ["true"]), None);
        assert_eq!(narrows("Null", tag, []), None);
        // Each of the items that are asked for has to be one's own.
        let own =
            narrows("ForAllValues:StringEquals", "dynamodb:LeadingKeys", ["${cognito-identity.amazonaws.com:sub}"]);
        assert_eq!(own, Some(Narrows::Resource));
        // Nobody passes a role to nothing.
        let passed = narrows("StringEqualsIfExists", "iam:PassedToService", ["ec2.amazonaws.com"]);
        assert_eq!(passed, Some(Narrows::Service));
    }
}
