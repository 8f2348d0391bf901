//! A function or layer that another account may use.

use crate::resolve::Text;
use crate::rules::{Context, Hit, Rule, Sink, Spot};

pub(super) fn check<'a>(rule: &Rule, cx: &Context<'_, 'a>, out: &mut Sink<'a>) {
    let trusted = cx.trusted_accounts(rule);
    for kind in ["AWS::Lambda::Permission", "AWS::Lambda::LayerVersionPermission"] {
        for permission in cx.resources(kind) {
            // Limited to an organisation that the user names.
            if permission.property("PrincipalOrgID").is_some() || permission.property("OrganizationId").is_some() {
                continue;
            }
            for case in cx.resolver.property(permission, &["Principal"]) {
                let Some(value) = case.present() else { continue };
                let Some(text) = Text::of(&value).known() else { continue };
                let account = if text.len() == 12 {
                    Some(text.as_ref())
                } else {
                    text.strip_prefix("arn:").and_then(|arn| arn.split(':').nth(3))
                };
                let Some(account) = account.filter(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit())) else {
                    continue;
                };
                if !trusted.iter().any(|t| t == account) {
                    let message = format!(
                        "account {account} may {}",
                        if kind.contains("Layer") { "use the layer" } else { "invoke the function" }
                    );
                    out.report(Hit::new(Spot::at(value)).of(permission).under(&case.under).message(message));
                }
            }
        }
    }
}
