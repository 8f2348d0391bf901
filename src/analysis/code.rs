//! Where the code of a template comes from, and what that says.

use super::policy::{Account, account_of};
use super::runners;
use crate::resolve::{Case, Resolver, Text};
use crate::template::Template;

/// The accounts that a template is made for, as far as it says. Nothing runs as a role of another account, so a role that is written
/// out is one of the template's own. CDK puts the code of functions into a bucket or a repository of the account, which has its
/// number in its name.
#[must_use]
pub fn own_accounts<'a>(template: &Template<'a>, resolver: &Resolver<'_, 'a>) -> Vec<String> {
    let mut all = Vec::new();
    for resource in &template.resources {
        let role = Some(runners::role_path(resource.kind)).filter(|path| !path.is_empty());
        let roles = role.map(|path| resolver.property(resource, path)).unwrap_or_default();
        // A parameter's default may be no more than an example.
        for role in roles.iter().filter(|case| case.parameter.is_none()).filter_map(Case::present) {
            match account_of(&Text::of(&role)) {
                Account::Number(account) if !all.contains(&account) => all.push(account),
                Account::Number(_) | Account::This | Account::Unknown | Account::None => {}
            }
        }
        let paths: &[&[&str]] = match resource.kind {
            "AWS::Lambda::Function" => &[&["Code", "S3Bucket"], &["Code", "ImageUri"]],
            "AWS::Lambda::LayerVersion" => &[&["Content", "S3Bucket"]],
            _ => continue,
        };
        for case in paths.iter().flat_map(|path| resolver.property(resource, path)) {
            let text = case.present().map(|value| Text::of(&value).pattern());
            let account = text.as_deref().and_then(of_assets).map(str::to_owned);
            all.extend(account.filter(|account| !all.contains(account)));
        }
    }
    all
}

/// The account in the name of a bucket or of an image's repository for CDK's assets: `cdk-hnb659fds-assets-111122223333-eu-central-1`.
fn of_assets(place: &str) -> Option<&str> {
    let (_, name) = place.rsplit_once('/').unwrap_or(("", place));
    let (_, rest) = name.strip_prefix("cdk-")?.split_once("-assets-")?;
    let (account, _) = rest.split_once('-')?;
    (account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit())).then_some(account)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The name of the bucket or repository says the account; others and unknown accounts say nothing.
    #[test]
    fn accounts_of_buckets() {
        assert_eq!(of_assets("cdk-hnb659fds-assets-111122223333-eu-central-1"), Some("111122223333"));
        let image = "111122223333.dkr.ecr.eu-central-1.*/cdk-hnb659fds-container-assets-111122223333-eu-central-1:0f1e";
        assert_eq!(of_assets(image), Some("111122223333"));
        assert_eq!(of_assets("cdk-hnb659fds-assets-1111-eu-central-1"), None);
        assert_eq!(of_assets("my-assets-111122223333-eu-central-1"), None);
        assert_eq!(of_assets("cdk-hnb659fds-assets-111122223333"), None);
    }
}
