//! Where the code of a template comes from, and what that says.

use crate::resolve::{Resolver, Text};
use crate::template::Template;

/// The accounts that a template is made for, as far as CDK says: it puts the code of functions into a bucket of the account that
/// the template is deployed to, and that bucket has the account's number in its name.
#[must_use]
pub fn own_accounts<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>) -> Vec<String> {
    let mut all = Vec::new();
    for resource in &template.resources {
        let path: &[&str] = match resource.kind {
            "AWS::Lambda::Function" => &["Code", "S3Bucket"],
            "AWS::Lambda::LayerVersion" => &["Content", "S3Bucket"],
            _ => continue,
        };
        for case in resolver.property(resource, path) {
            let text = case.present().and_then(|value| Text::of(&value).known());
            let account = text.as_deref().and_then(of_assets).map(str::to_owned);
            all.extend(account.filter(|account| !all.contains(account)));
        }
    }
    all
}

/// The account in the name of a bucket for CDK's assets: `cdk-hnb659fds-assets-111122223333-eu-central-1`.
fn of_assets(bucket: &str) -> Option<&str> {
    let (_, rest) = bucket.strip_prefix("cdk-")?.split_once("-assets-")?;
    let (account, _) = rest.split_once('-')?;
    (account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name of the bucket says the account; other buckets and unknown accounts say nothing.
    #[test]
    fn accounts_of_buckets() {
        assert_eq!(of_assets("cdk-hnb659fds-assets-111122223333-eu-central-1"), Some("111122223333"));
        assert_eq!(of_assets("cdk-hnb659fds-assets-1111-eu-central-1"), None);
        assert_eq!(of_assets("my-assets-111122223333-eu-central-1"), None);
        assert_eq!(of_assets("cdk-hnb659fds-assets-111122223333"), None);
    }
}
