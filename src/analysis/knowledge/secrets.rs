//! Properties that hold a secret itself: passwords, tokens, private keys.

use std::sync::OnceLock;

use super::rows;

static TEXT: &str = include_str!("secrets.txt");

/// Where a resource type keeps secrets: dotted paths under `Properties`, `[]` steps into a list.
pub fn paths(kind: &str) -> impl Iterator<Item = &'static str> {
    static ROWS: OnceLock<Vec<(&'static str, &'static str)>> = OnceLock::new();
    let all = ROWS.get_or_init(|| {
        let mut all: Vec<_> = rows(TEXT).filter_map(|line| line.split_once(' ')).collect();
        all.sort_unstable();
        all
    });
    let from = all.partition_point(|(known, _)| *known < kind);
    let count = all.iter().skip(from).take_while(|(known, _)| *known == kind).count();
    all.iter().skip(from).take(count).map(|(_, path)| *path)
}

/// Every resource type and path, for rules that are made for all of them.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(TEXT).filter_map(|line| line.split_once(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known secrets are found, their neighbours are not.
    #[test]
    fn finds_secrets() {
        let of = |kind| paths(kind).collect::<Vec<_>>();
        assert_eq!(of("AWS::RDS::DBCluster"), ["MasterUserPassword"]);
        assert!(of("AWS::AmazonMQ::Broker").contains(&"Users[].Password"));
        assert!(of("AWS::EMR::Cluster").contains(&"KerberosAttributes.KdcAdminPassword"));
        assert_eq!(of("AWS::S3::Bucket"), [""; 0]);
        assert_eq!(of("AWS::RDS"), [""; 0]);
        assert_eq!(of("AWS::Cognito::UserPoolClient"), [""; 0]);
        assert!(all().count() > 150);
    }
}
