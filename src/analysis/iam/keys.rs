//! What the condition keys that every service knows hold: of which sort their values are, and which they never have.

use std::net::IpAddr;

use super::arn::{is_account_id, is_region};

/// What the values of a key are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Texts, ARNs among them.
    Text,
    /// Numbers.
    Number,
    /// Days and times, some of which are asked for as numbers, too.
    Date,
    /// `true` or `false`.
    Truth,
    /// Addresses.
    Address,
}

impl Sort {
    /// What it is called in a message.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Date => "a date",
            Self::Truth => "`true` or `false`",
            Self::Address => "an address",
        }
    }
}

/// Keys that every service knows. What stands behind `PrincipalTag/` and its kin is the name of a tag.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
pub const GLOBAL: &[&str] = &[
    "PrincipalArn",
    "PrincipalAccount",
    "PrincipalOrgPaths",
    "PrincipalOrgID",
    "PrincipalTag",
    "PrincipalIsAWSService",
    "PrincipalServiceName",
    "PrincipalServiceNamesList",
    "PrincipalType",
    "userid",
    "username",
    "AssumedRoot",
    "FederatedProvider",
    "TokenIssueTime",
    "SignInSessionArn",
    "MultiFactorAuthAge",
    "MultiFactorAuthPresent",
    "ChatbotSourceArn",
    "Ec2InstanceSourceVpc",
    "Ec2InstanceSourcePrivateIPv4",
    "SourceIdentity",
    "SourceIp",
    "SourceVpc",
    "SourceVpcArn",
    "SourceVpce",
    "VpceAccount",
    "VpceOrgID",
    "VpceOrgPaths",
    "VpcSourceIp",
    "ResourceAccount",
    "ResourceOrgID",
    "ResourceOrgPaths",
    "ResourceTag",
    "CalledVia",
    "CalledViaFirst",
    "CalledViaLast",
    "CalledViaAWSMCP",
    "ViaAWSService",
    "ViaAWSMCPService",
    "CurrentTime",
    "EpochTime",
    "referer",
    "RequestedRegion",
    "RequestTag",
    "TagKeys",
    "SecureTransport",
    "SourceAccount",
    "SourceArn",
    "SourceOrgID",
    "SourceOrgPaths",
    "UserAgent",
    "IsMcpServiceAction",
    // What SNS called the source's account.
    "SourceOwner",
];

/// Global keys whose sort is certain; tags are whatever their owners make of them.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
const SORTS: &[(Sort, &[&str])] = &[
    (
        Sort::Text,
        &[
            "calledvia",
            "calledviafirst",
            "calledvialast",
            "principalaccount",
            "principalorgid",
            "principalorgpaths",
            "principalservicename",
            "principaltype",
            "requestedregion",
            "resourceaccount",
            "resourceorgid",
            "resourceorgpaths",
            "sourceaccount",
            "sourceorgid",
            "sourceorgpaths",
            "sourcevpc",
            "sourcevpce",
            "tagkeys",
            "userid",
            "username",
        ],
    ),
    (Sort::Number, &["multifactorauthage"]),
    (Sort::Date, &["currenttime", "epochtime", "tokenissuetime"]),
    (Sort::Truth, &["multifactorauthpresent", "principalisawsservice", "securetransport", "viaawsservice"]),
    (Sort::Address, &["sourceip", "vpcsourceip"]),
];

/// Global keys that have several values at once.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>
const SEVERAL: &[&str] = &[
    "aws:calledvia",
    "aws:tagkeys",
    "aws:principalorgpaths",
    "aws:resourceorgpaths",
    "aws:sourceorgpaths",
    "aws:principalservicenameslist",
    "aws:vpceorgpaths",
];

/// What a global key holds, where that is certain.
#[must_use]
pub fn sort(key: &str) -> Option<Sort> {
    let name = global(key)?.to_ascii_lowercase();
    SORTS.iter().find(|(_, names)| names.contains(&name.as_str())).map(|(sort, _)| *sort)
}

/// True for global keys that have several values at once.
#[must_use]
pub fn several(key: &str) -> bool {
    SEVERAL.iter().any(|known| known.eq_ignore_ascii_case(key))
}

/// What the values of a global key look like, when this text, which has no wildcard, is none that it can have.
#[must_use]
pub fn never(key: &str, text: &str) -> Option<&'static str> {
    // Whoever fills in a template by other means writes `<ACCOUNT>` or `{{vpc}}`.
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    if !plain || text.is_empty() {
        return None;
    }
    match global(key)?.to_ascii_lowercase().as_str() {
        "sourcevpc" => (!text.starts_with("vpc-")).then_some("ids such as `vpc-0a1b2c3d`"),
        "sourcevpce" => (!text.starts_with("vpce-")).then_some("ids such as `vpce-0a1b2c3d`"),
        "principalorgid" | "resourceorgid" | "sourceorgid" => {
            (!text.starts_with("o-")).then_some("ids such as `o-a1b2c3d4e5`")
        }
        "principalaccount" | "resourceaccount" | "sourceaccount" => {
            let digits = text.bytes().all(|b| b.is_ascii_digit());
            (digits && !is_account_id(text)).then_some("accounts of twelve digits")
        }
        "requestedregion" => {
            let meant = text.contains('-') && !text.starts_with("aws");
            (meant && !is_region(text)).then_some("regions such as `eu-central-1`")
        }
        _ => None,
    }
}

/// True for an address, or a range, that nobody has on the internet.
/// <https://www.rfc-editor.org/rfc/rfc1918>
#[must_use]
pub fn is_private(range: &str) -> bool {
    let (address, bits) = range.split_once('/').unwrap_or((range, "128"));
    let Ok(bits) = bits.parse::<u8>() else { return false };
    match address.parse() {
        Ok(IpAddr::V4(address)) => match address.octets() {
            [10, ..] => bits >= 8,
            [172, second, ..] => second & 0xf0 == 16 && bits >= 12,
            [192, 168, ..] => bits >= 16,
            _ => false,
        },
        Ok(IpAddr::V6(address)) => address.is_unique_local() && bits >= 7,
        Err(_) => false,
    }
}

fn global(key: &str) -> Option<&str> {
    key.split_once(':').filter(|(prefix, _)| prefix.eq_ignore_ascii_case("aws")).map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys of services, and tags, hold whatever they hold.
    #[test]
    fn only_global_keys_have_a_sort() {
        assert_eq!(sort("AWS:sourceip"), Some(Sort::Address));
        assert_eq!(sort("aws:PrincipalOrgID"), Some(Sort::Text));
        for key in ["s3:sourceip", "aws:PrincipalTag/sourceip", "sourceip", "aws:Weather"] {
            assert_eq!(sort(key), None, "{key}");
        }
        assert!(several("aws:TagKeys") && !several("aws:SourceIp"));
    }

    /// A value is told only where the key never has such a one, and somebody meant it.
    #[test]
    fn values_that_never_are() {
        for (key, text) in [
            ("aws:SourceVpc", "main"),
            ("aws:SourceVpce", "vpc-0a1b2c3d"),
            ("aws:PrincipalOrgID", "ou-ab12-11111111"),
            ("aws:SourceAccount", "11112222333"),
            ("aws:RequestedRegion", "eu-centrall-1"),
        ] {
            assert!(never(key, text).is_some(), "{key} {text}");
        }
        for (key, text) in [
            ("aws:SourceVpc", "vpc-1"),
            ("aws:SourceVpc", "{{vpc}}"),
            ("aws:SourceAccount", "<ACCOUNT>"),
            ("aws:SourceAccount", "anonymous"),
            ("aws:RequestedRegion", "us-gov-west-1"),
            ("aws:RequestedRegion", "aws-global"),
            ("s3:SourceVpc", "main"),
            ("aws:PrincipalTag/SourceVpc", "main"),
        ] {
            assert!(never(key, text).is_none(), "{key} {text}");
        }
    }

    /// Ranges that reach beyond the private ones are not private.
    #[test]
    fn private_ranges() {
        for range in ["10.0.0.0/8", "10.1.2.3", "172.31.0.0/16", "192.168.1.0/24", "fd00::/8"] {
            assert!(is_private(range), "{range}");
        }
        for range in ["10.0.0.0/7", "172.16.0.0/8", "172.32.0.0/16", "192.0.2.0/24", "2001:db8::/32", "home"] {
            assert!(!is_private(range), "{range}");
        }
    }
}
