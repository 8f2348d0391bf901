//! What the TLS policies of AWS's services accept.

use super::rows;

static TEXT: &str = include_str!("tls.txt");

/// A version of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// SSL 3.0.
    Ssl3,
    /// TLS 1.0.
    Tls10,
    /// TLS 1.1.
    Tls11,
    /// TLS 1.2.
    Tls12,
    /// TLS 1.3.
    Tls13,
}

impl Version {
    /// Its name: `TLS 1.2`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ssl3 => "SSL 3.0",
            Self::Tls10 => "TLS 1.0",
            Self::Tls11 => "TLS 1.1",
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Some(match word {
            "ssl3" => Self::Ssl3,
            "1.0" => Self::Tls10,
            "1.1" => Self::Tls11,
            "1.2" => Self::Tls12,
            "1.3" => Self::Tls13,
            _ => return None,
        })
    }
}

/// A named set of protocols and ciphers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TlsPolicy {
    /// `elb` (classic and new), `apigateway`, `cloudfront`, `cognito`, `opensearch`.
    pub service: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The oldest version it accepts.
    pub minimum: Version,
    /// Whether all its ciphers have forward secrecy.
    pub forward_secrecy: bool,
}

/// The policy of a service by name. `None` when we do not know it, which is no reason to call it weak.
#[must_use]
pub fn policy(service: &str, name: &str) -> Option<TlsPolicy> {
    policies().find(|policy| policy.service == service && policy.name == name)
}

/// Every policy we know.
pub fn policies() -> impl Iterator<Item = TlsPolicy> {
    rows(TEXT).filter_map(|line| {
        let mut words = line.split(' ');
        let (service, name, minimum) = (words.next()?, words.next()?, Version::of(words.next()?)?);
        Some(TlsPolicy { service, name, minimum, forward_secrecy: words.next()? == "yes" })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Old policies accept old versions.
    #[test]
    fn knows_the_oldest_version() {
        let minimum = |service, name| policy(service, name).map(|p| p.minimum);
        assert_eq!(minimum("elb", "ELBSecurityPolicy-2016-08"), Some(Version::Tls10));
        assert_eq!(minimum("elb", "ELBSecurityPolicy-TLS13-1-2-2021-06"), Some(Version::Tls12));
        assert_eq!(minimum("cloudfront", "TLSv1.2_2021"), Some(Version::Tls12));
        assert_eq!(minimum("apigateway", "TLS_1_0"), Some(Version::Tls10));
        assert_eq!(minimum("elb", "TLS_1_0"), None);
        assert!(Version::Tls11 < Version::Tls12);
    }

    /// Every row is read, and names say the same as the table where they say a version.
    #[test]
    fn the_table_holds() {
        assert_eq!(policies().count(), rows(TEXT).count());
        for known in policies() {
            for (mark, version) in [("-1-0-", Version::Tls10), ("-1-1-", Version::Tls11), ("-1-2-", Version::Tls12)] {
                assert!(!known.name.contains(mark) || known.minimum == version, "{known:?}");
            }
        }
    }
}
