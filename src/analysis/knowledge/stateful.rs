//! Resource types that hold data which is lost when the resource is.

use super::rows;

static TEXT: &str = include_str!("stateful.txt");

/// What becomes of the data when CloudFormation deletes the resource and nothing else is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It is gone.
    Lost,
    /// It is gone, but CloudFormation can be told to take a snapshot first.
    Snapshot,
    /// The service refuses to delete what is not empty.
    Refused,
}

/// What becomes of a resource type's data; `None` when it holds none.
#[must_use]
pub fn fate(kind: &str) -> Option<Fate> {
    match rows(TEXT).find_map(|line| line.strip_prefix(kind)?.strip_prefix(' '))? {
        "lost" => Some(Fate::Lost),
        "snapshot" => Some(Fate::Snapshot),
        "refused" => Some(Fate::Refused),
        _ => None,
    }
}

/// Every resource type that holds data.
pub fn kinds() -> impl Iterator<Item = &'static str> {
    rows(TEXT).filter_map(|line| Some(line.split_once(' ')?.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables are lost, databases can be saved, full buckets stay.
    #[test]
    fn fates() {
        assert_eq!(fate("AWS::DynamoDB::Table"), Some(Fate::Lost));
        assert_eq!(fate("AWS::RDS::DBInstance"), Some(Fate::Snapshot));
        assert_eq!(fate("AWS::S3::Bucket"), Some(Fate::Refused));
        assert_eq!(fate("AWS::Lambda::Function"), None);
        assert!(rows(TEXT).all(|line| line.split_once(' ').is_some_and(|(kind, _)| fate(kind).is_some())));
    }
}
