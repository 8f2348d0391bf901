//! The policies that AWS manages, by name: SAM takes the bare name where CloudFormation wants the ARN.

use std::sync::OnceLock;

use foldhash::{HashMap, HashMapExt};

static TEXT: &str = include_str!("managed.txt");

/// The path and name of a policy: `service-role/AWSLambdaBasicExecutionRole` of its last part.
pub(super) fn path(name: &str) -> Option<String> {
    static ALL: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let mut all = HashMap::new();
        let mut path = "";
        for line in TEXT.lines().filter(|l| !l.starts_with('#')) {
            match line.strip_prefix('@') {
                Some(new) => path = new,
                None => {
                    all.insert(line, path);
                }
            }
        }
        all
    });
    let path = all.get(name)?;
    Some(if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") })
}

#[cfg(test)]
mod tests {
    use super::path;

    /// Names get the path their policy has; unknown names none.
    #[test]
    fn paths() {
        assert_eq!(path("AmazonS3ReadOnlyAccess").as_deref(), Some("AmazonS3ReadOnlyAccess"));
        assert_eq!(
            path("AWSLambdaSQSQueueExecutionRole").as_deref(),
            Some("service-role/AWSLambdaSQSQueueExecutionRole")
        );
        assert_eq!(path("Mine"), None);
    }
}
